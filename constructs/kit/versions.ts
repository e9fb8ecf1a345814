/**
 * The default catalog: every image with its version. Data only; a construct's `version` or `image` prop replaces one of them.
 *
 * Istio's tag is that of the imported CRDs. Sources: each project's releases up to August 2026.
 */
export const versions = {
  istio: '1.30.3',
  jaeger: '2.20.0',
  prometheus: 'v3.14.0',
  grafana: '13.2.0',
  kiali: 'v2.29',
  bookinfo: '1.20.3',
  curl: '8.16.0',
} as const;

/** Where Istio's images are pulled from (the default hub since 1.30). */
export const istioHub = 'registry.istio.io/release';

/** Image names without tag. */
export const repositories = {
  jaeger: 'docker.io/jaegertracing/jaeger',
  prometheus: 'docker.io/prom/prometheus',
  grafana: 'docker.io/grafana/grafana',
  kiali: 'quay.io/kiali/kiali',
  curl: 'docker.io/curlimages/curl',
} as const;
