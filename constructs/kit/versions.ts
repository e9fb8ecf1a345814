/**
 * The default catalog: every image with its version. Data only; a construct's `version` or `image` prop replaces one of them.
 *
 * Istio's tag is that of the imported CRDs. Sources: each project's releases up to August 2026.
 */
export const versions = {
  istio: '1.30.3',
  jaeger: '2.20.0',
  sparkDependencies: 'v0.7.2',
  prometheus: 'v3.14.0',
  grafana: '13.2.0',
  kiali: 'v2.29',
  bookinfo: '1.20.3',
  curl: '8.16.0',
  tempo: '3.0.3',
  tempo2: '2.10.8',
  loki: '3.7.6',
  zipkin: '3.6.1',
  skywalking: '10.4.0',
  skywalkingInMemory: '9.7.0',
  banyandb: '0.10.2',
  collector: '0.159.0',
  node: '22.20.0-alpine',
  python: '3.13.14-alpine3.24',
  golang: '1.25.8-alpine',
  openresty: '1.27.1.2-alpine',
  httpbin: 'v2.15.0',
  helloworld: '1.0',
  nginx: '1.29.4-alpine',
  hotrod: '2.20.0',
  fortio: '1.75.3',
} as const;

/** Where Istio's images are pulled from (the default hub since 1.30). */
export const istioHub = 'registry.istio.io/release';

/** Image names without tag. */
export const repositories = {
  jaeger: 'docker.io/jaegertracing/jaeger',
  sparkDependencies: 'ghcr.io/jaegertracing/spark-dependencies/spark-dependencies',
  prometheus: 'docker.io/prom/prometheus',
  grafana: 'docker.io/grafana/grafana',
  kiali: 'quay.io/kiali/kiali',
  curl: 'docker.io/curlimages/curl',
  tempo: 'docker.io/grafana/tempo',
  loki: 'docker.io/grafana/loki',
  zipkin: 'docker.io/openzipkin/zipkin',
  skywalkingOap: 'docker.io/apache/skywalking-oap-server',
  skywalkingUi: 'docker.io/apache/skywalking-ui',
  banyandb: 'docker.io/apache/skywalking-banyandb',
  collector: 'ghcr.io/open-telemetry/opentelemetry-collector-releases/opentelemetry-collector',
  node: 'docker.io/library/node',
  python: 'docker.io/library/python',
  golang: 'docker.io/library/golang',
  openresty: 'docker.io/openresty/openresty',
  httpbin: 'docker.io/mccutchen/go-httpbin',
  nginx: 'docker.io/nginxinc/nginx-unprivileged',
  hotrod: 'docker.io/jaegertracing/example-hotrod',
  fortio: 'docker.io/fortio/fortio',
} as const;
