/** Keys of a chart's values, as paths: 'controller.image.repository'. */
export type ImageKeys =
  /** A name in up to three parts. Without `registry`, the registry is part of `repository`. */
  | {
      /** Takes the name, without tag and digest. */
      readonly repository: string;
      /** Takes the registry's host alone. */
      readonly registry?: string;
      /** Without it the chart alone says which tag. */
      readonly tag?: string;
      /** Takes `sha256:…`. Without it and `sha`, a digest is written behind the tag. */
      readonly digest?: string;
      /** Takes the digest's hexadecimal digits alone. */
      readonly sha?: string;
    }
  /** The whole name in one value. */
  | { readonly whole: string }
  /** An environment variable in a list of `{ name, value }`, which takes the whole name. */
  | { readonly env: string; readonly variable: string }
  /** Istio's form: `HUB/NAME:TAG-VARIANT`, or the whole name in `whole`. */
  | { readonly hub: string; readonly whole: string; readonly tag: string; readonly variant: string };

/** One image that a chart pulls by default. */
export interface ChartImage {
  /** Its name with tag; `{version}` stands for the chart's version without a leading `v`. */
  readonly image: string;
  /** Which values say so. */
  readonly keys: ImageKeys;
  /** It is pulled only where this value is set, to something other than `false`. @default always */
  readonly when?: string;
  /** It is not pulled where this value is `false`. @default always pulled */
  readonly unless?: string;
  /** Values that pin the public registry's own digest: emptied, so that the mirror's tag counts. @default none */
  readonly unpin?: readonly string[];
}

/** All that must be told a chart so that its pods come up from another registry. */
export interface ChartImages {
  /** Everything that it pulls by default. */
  readonly images: readonly ChartImage[];
  /** One value that stands in for the registry of every image, with or without a project behind it. @default there is none */
  readonly globalRegistry?: string;
  /** Where it takes names of Secrets to pull with: as a list of names, or of `{ name }`. @default it takes none */
  readonly pullSecrets?: readonly { readonly key: string; readonly as: 'names' | 'objects' }[];
}

/** Keys that stand together: `repository` and `tag` below one key. */
const parts = (at: string): ImageKeys => ({ repository: `${at}.repository`, tag: `${at}.tag` });
const partsWithDigest = (at: string): ImageKeys => ({ ...parts(at), repository: `${at}.repository`, digest: `${at}.digest` });
const partsWithSha = (at: string): ImageKeys => ({
  registry: `${at}.registry`,
  repository: `${at}.repository`,
  tag: `${at}.tag`,
  sha: `${at}.sha`,
});
const objects = (key: string) => [{ key, as: 'objects' } as const];
const names = (key: string) => [{ key, as: 'names' } as const];

const istioImage = (name: string, whole: string): ChartImage => ({
  image: `registry.istio.io/release/${name}:{version}`,
  keys: { hub: 'global.hub', whole, tag: 'global.tag', variant: 'global.variant' },
});
const ingressNginxImage = (image: string, at: string): ChartImage => ({
  image,
  keys: { registry: `${at}.registry`, repository: `${at}.image`, tag: `${at}.tag`, digest: `${at}.digest` },
  unpin: [`${at}.digest`],
});
/** The chart puts the registry before the name whenever one is said (chart loki 14). */
const lokiImage = (image: string, at: string): ChartImage => ({
  image,
  keys: { registry: `${at}.image.registry`, repository: `${at}.image.repository`, tag: `${at}.image.tag` },
});
const certManagerImage = (name: string, at: string): ChartImage => ({
  image: `quay.io/jetstack/cert-manager-${name}:v{version}`,
  keys: partsWithDigest(at),
});
const instrumentation = (name: string, tag: string, key: string): ChartImage => ({
  image: `ghcr.io/open-telemetry/opentelemetry-operator/autoinstrumentation-${name}:${tag}`,
  keys: parts(`manager.autoInstrumentationImage.${key}`),
});

/**
 * What the charts of the catalog pull at the catalog's versions, and where in their values they take it from. Data only.
 *
 * Sources: each chart's values.yaml and templates. Tags that no values file of that very version says are taken from: kube-prometheus-stack
 * 88.5.4 (the same operator 0.93.1), opentelemetry-operator's agents of 0.159; loki's helpers, which `LokiRelease` leaves out, are of an older chart. Sidecars and gateways get their image from istiod's chart.
 */
export const chartImages: Readonly<Record<string, ChartImages>> = {
  base: { images: [] },
  istiod: {
    images: [istioImage('pilot', 'image'), istioImage('proxyv2', 'global.proxy.image')],
    pullSecrets: names('global.imagePullSecrets'),
  },
  cni: { images: [istioImage('install-cni', 'image')], pullSecrets: names('global.imagePullSecrets') },
  // This chart reads `global` as if it stood at the top (templates/zzz_profile.yaml).
  ztunnel: { images: [istioImage('ztunnel', 'image')], pullSecrets: names('imagePullSecrets') },
  gateway: { images: [], pullSecrets: objects('imagePullSecrets') },
  // The operator pulls Istio's images from where the resources' `global.hub` says; its own digests hold only while none is said.
  'sail-operator': {
    images: [{ image: 'quay.io/sail-dev/sail-operator:{version}', keys: { whole: 'image' } }],
    pullSecrets: names('imagePullSecrets'),
  },
  'kiali-operator': {
    images: [
      { image: 'quay.io/kiali/kiali-operator:v{version}', keys: { repository: 'image.repo', tag: 'image.tag' } },
      // The server's default (kiali-operator, kiali-default-supported-images.yml: the operator's own version). The variable stands in for
      // it, so that no Kiali resource needs an image of its own, which the operator would refuse without allowAdHocKialiImage.
      { image: 'quay.io/kiali/kiali:v{version}', keys: { env: 'env', variable: 'RELATED_IMAGE_kiali_default' } },
    ],
    pullSecrets: names('image.pullSecrets'),
  },
  'opentelemetry-operator': {
    images: [
      { image: 'ghcr.io/open-telemetry/opentelemetry-operator/opentelemetry-operator:0.158.0', keys: parts('manager.image') },
      {
        image: 'ghcr.io/open-telemetry/opentelemetry-collector-releases/opentelemetry-collector-k8s:0.158.0',
        keys: parts('manager.collectorImage'),
      },
      {
        image: 'ghcr.io/open-telemetry/opentelemetry-operator/target-allocator:0.158.0',
        keys: parts('manager.targetAllocatorImage'),
      },
      {
        image: 'ghcr.io/open-telemetry/opentelemetry-operator/operator-opamp-bridge:0.158.0',
        keys: parts('manager.opampBridgeImage'),
      },
      instrumentation('java', '2.30.0', 'java'),
      instrumentation('nodejs', '0.78.0', 'nodejs'),
      instrumentation('python', '0.64b0', 'python'),
      instrumentation('dotnet', '1.16.0', 'dotnet'),
      instrumentation('apache-httpd', '1.0.4', 'apacheHttpd'),
      {
        image: 'ghcr.io/open-telemetry/opentelemetry-go-instrumentation/autoinstrumentation-go:v0.24.0',
        keys: parts('manager.autoInstrumentationImage.go'),
        when: 'manager.autoInstrumentation.go.enabled',
      },
    ],
    pullSecrets: objects('imagePullSecrets'),
  },
  'kube-prometheus-stack': {
    globalRegistry: 'global.imageRegistry',
    images: [
      { image: 'quay.io/prometheus-operator/prometheus-operator:v0.93.1', keys: partsWithSha('prometheusOperator.image') },
      {
        image: 'quay.io/prometheus-operator/prometheus-config-reloader:v0.93.1',
        keys: partsWithSha('prometheusOperator.prometheusConfigReloader.image'),
      },
      {
        image: 'ghcr.io/jkroepke/kube-webhook-certgen:1.8.5',
        keys: partsWithSha('prometheusOperator.admissionWebhooks.patch.image'),
        unless: 'prometheusOperator.admissionWebhooks.enabled',
      },
      { image: 'quay.io/prometheus/prometheus:v3.14.0-distroless', keys: partsWithSha('prometheus.prometheusSpec.image') },
      {
        image: 'quay.io/prometheus/alertmanager:v0.34.0',
        keys: partsWithSha('alertmanager.alertmanagerSpec.image'),
        unless: 'alertmanager.enabled',
      },
      {
        image: 'quay.io/thanos/thanos:v0.42.2',
        keys: partsWithSha('prometheusOperator.thanosImage'),
        when: 'prometheus.prometheusSpec.thanos',
      },
      { image: 'docker.io/grafana/grafana:13.2.0', keys: partsWithSha('grafana.image'), unless: 'grafana.enabled' },
      { image: 'quay.io/kiwigrid/k8s-sidecar:2.10.1', keys: partsWithSha('grafana.sidecar.image'), unless: 'grafana.enabled' },
      {
        image: 'docker.io/library/busybox:1.37.0',
        keys: partsWithSha('grafana.initChownData.image'),
        when: 'grafana.persistence.enabled',
        unless: 'grafana.initChownData.enabled',
      },
      {
        image: 'registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.20.0',
        keys: {
          registry: 'kube-state-metrics.image.registry',
          ...parts('kube-state-metrics.image'),
          repository: 'kube-state-metrics.image.repository',
          digest: 'kube-state-metrics.image.sha',
        },
        unless: 'kubeStateMetrics.enabled',
      },
      {
        image: 'quay.io/prometheus/node-exporter:v1.12.1-distroless',
        keys: {
          registry: 'prometheus-node-exporter.image.registry',
          ...parts('prometheus-node-exporter.image'),
          repository: 'prometheus-node-exporter.image.repository',
          digest: 'prometheus-node-exporter.image.digest',
        },
        unless: 'nodeExporter.enabled',
      },
    ],
    pullSecrets: objects('global.imagePullSecrets'),
  },
  tempo: {
    images: [
      {
        image: 'docker.io/grafana/tempo:2.10.8',
        keys: { registry: 'tempo.registry', repository: 'tempo.repository', tag: 'tempo.tag' },
      },
      { image: 'docker.io/grafana/tempo-query:2.10.8', keys: parts('tempoQuery'), when: 'tempoQuery.enabled' },
    ],
    pullSecrets: [{ key: 'tempo.pullSecrets', as: 'names' }],
  },
  loki: {
    globalRegistry: 'global.imageRegistry',
    images: [
      lokiImage('docker.io/grafana/loki:3.7.6', 'loki'),
      { ...lokiImage('docker.io/grafana/loki-canary:3.7.6', 'lokiCanary'), unless: 'lokiCanary.enabled' },
      // The chart pulls it from docker.io; it is the same there, and this is where other charts have it from: a mirror holds one of a name.
      { ...lokiImage('quay.io/kiwigrid/k8s-sidecar:2.5.0', 'sidecar'), unless: 'sidecar.rules.enabled' },
      { ...lokiImage('docker.io/nginxinc/nginx-unprivileged:1.29-alpine', 'gateway'), unless: 'gateway.enabled' },
      { ...lokiImage('ghcr.io/jkroepke/access-log-exporter:0.3.8', 'gateway.metrics'), unless: 'gateway.enabled' },
      ...['chunksCache.enabled', 'resultsCache.enabled'].flatMap((unless) => [
        { ...lokiImage('docker.io/library/memcached:1.6.41-alpine', 'memcached'), unless },
        { ...lokiImage('docker.io/prom/memcached-exporter:v0.15.5', 'memcachedExporter'), unless },
      ]),
    ],
    pullSecrets: objects('imagePullSecrets'),
  },
  metallb: {
    images: [
      { image: 'quay.io/metallb/controller:v{version}', keys: parts('controller.image') },
      { image: 'quay.io/metallb/speaker:v{version}', keys: parts('speaker.image') },
      { image: 'quay.io/metallb/frr-k8s:v0.0.25', keys: parts('frr-k8s.frrk8s.image'), unless: 'frrk8s.enabled' },
      { image: 'quay.io/frrouting/frr:10.4.3', keys: parts('frr-k8s.frrk8s.frr.image'), unless: 'frrk8s.enabled' },
      { image: 'quay.io/frrouting/frr:10.4.3', keys: parts('speaker.frr.image'), when: 'speaker.frr.enabled' },
    ],
    pullSecrets: [...objects('imagePullSecrets'), ...objects('frr-k8s.imagePullSecrets')],
  },
  'cert-manager': {
    images: [
      certManagerImage('controller', 'image'),
      certManagerImage('webhook', 'webhook.image'),
      certManagerImage('cainjector', 'cainjector.image'),
      certManagerImage('acmesolver', 'acmesolver.image'),
      { ...certManagerImage('startupapicheck', 'startupapicheck.image'), unless: 'startupapicheck.enabled' },
    ],
    pullSecrets: objects('global.imagePullSecrets'),
  },
  'ingress-nginx': {
    images: [
      {
        ...ingressNginxImage('registry.k8s.io/ingress-nginx/controller:v1.15.1', 'controller.image'),
        unpin: ['controller.image.digest', 'controller.image.digestChroot'],
      },
      {
        ...ingressNginxImage(
          'registry.k8s.io/ingress-nginx/kube-webhook-certgen:v1.6.9',
          'controller.admissionWebhooks.patch.image',
        ),
        unless: 'controller.admissionWebhooks.enabled',
      },
    ],
    pullSecrets: objects('imagePullSecrets'),
  },
  traefik: {
    images: [
      {
        image: 'docker.io/library/traefik:v3.6.0',
        keys: { registry: 'image.registry', repository: 'image.repository', tag: 'image.tag' },
      },
    ],
    pullSecrets: objects('deployment.imagePullSecrets'),
  },
};
