import { ADDED, add, type Breakage, drop, push, row, set, without } from '../support/breakage.ts';

const kube = 'HelmRelease/monitoring/kube-prometheus-stack';
const tempo = 'HelmRelease/monitoring/tempo';
const kiali = 'Kiali/istio-system/kiali';
const collector = 'OpenTelemetryCollector/otel-system/otel';
const telemetry = 'Telemetry/istio-system/mesh-default';
const nginx = 'Deployment/apps/nginx';
const key = '-----BEGIN PRIVATE KEY-----\\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7\\n-----END PRIVATE KEY-----\\n';

/** Credentials in what is committed. */
export function secretBreakages(): Breakage[] {
  const chart = 'monitoring/kube-prometheus-stack';
  const grafana = (rest: string) => `spec.values.grafana.${rest}`;
  // biome-ignore format: one line each
  return [
    row('SEC001', ADDED, 'a Secret in plain text', add('{apiVersion: v1, kind: Secret, metadata: {name: login, namespace: apps}, stringData: {password: hunter2-of-the-site}}')),
    row('SEC001', ADDED, 'a Secret in base64', add('{apiVersion: v1, kind: Secret, metadata: {name: login, namespace: apps}, data: {password: aHVudGVyMi1vZi10aGUtc2l0ZQ==}}')),
    row('SEC001', ADDED, 'the login of the mirror as a Secret', add(`{apiVersion: v1, kind: Secret, type: kubernetes.io/dockerconfigjson, metadata: {name: pull, namespace: apps}, stringData: {.dockerconfigjson: '{"auths": {"harbor.site.example": {"username": "mesh", "password": "hunter2-of-the-site"}}}'}}`)),
    row('SEC002', chart, 'Grafana’s password is a value of the chart', set(kube, grafana('adminPassword'), 'hunter2-of-the-site')),
    row('SEC002', 'tracing/tempo', 'the store’s secret is a value of the chart', set(tempo, 'spec.values.tempo.storage.trace', { backend: 's3', s3: { bucket: 'traces', endpoint: 's3.site.example', access_key: 'AKIAEXAMPLE', secret_key: 'hunter2-of-the-site' } })),
    row('SEC003', 'kiali/kiali', 'Kiali’s password for Grafana is in the resource', set(kiali, 'spec.external_services.grafana.auth', { type: 'basic', username: 'kiali', password: 'hunter2-of-the-site' })),
    row('SEC003', 'otel/otel', 'the collector’s token is in its configuration', set(collector, 'spec.config.exporters.otlp_grpc/tempo.headers', { authorization: 'Bearer eyJhbGciOiJIUzI1NiJ9.hunter2' })),
    row('SEC004', ADDED, 'a private key in a ConfigMap', add(`{apiVersion: v1, kind: ConfigMap, metadata: {name: certs, namespace: apps}, data: {tls.key: "${key}"}}`)),
    row('SEC001', ADDED, 'a private key in a Secret', add(`{apiVersion: v1, kind: Secret, type: kubernetes.io/tls, metadata: {name: site-ca, namespace: cert-manager}, stringData: {tls.crt: x, tls.key: "${key}"}}`)),
    row('SEC005', 'kiali/kiali', 'Prometheus’ address holds a login', set(kiali, 'spec.external_services.prometheus.url', 'http://kiali:hunter2@kube-prometheus-stack-prometheus.monitoring.svc.cluster.local:9090')),
    row('PRD007', 'apps/nginx', 'a password in a variable of a container', push(nginx, 'spec.template.spec.containers[0].env', { name: 'DB_PASSWORD', value: 'hunter2-of-the-site' })),
    row('SEC008', ADDED, 'an encrypted Secret that Flux does not decrypt', add('{apiVersion: v1, kind: Secret, metadata: {name: login, namespace: apps}, stringData: {password: "ENC[AES256_GCM,data:abcd,iv:ef==,tag:gh==,type:str]"}, sops: {age: [{recipient: age1site, enc: x}], mac: "ENC[AES256_GCM,data:ab,iv:cd,tag:ef,type:str]", version: 3.9.0}}', 'apps')),
  ];
}

/** What a lab may do, and production may not. */
export function careBreakages(): Breakage[] {
  const chart = 'monitoring/kube-prometheus-stack';
  // biome-ignore format: one line each
  return [
    row('PRD001', 'tracing/tempo', 'Tempo has no disk', set(tempo, 'spec.values.persistence.enabled', false)),
    row('PRD001', 'tracing/tempo', 'Tempo’s disk is left to the chart', drop(tempo, 'spec.values.persistence')),
    row('PRD001', 'tracing/tempo', 'traces lie beside the disk', set(tempo, 'spec.values.tempo.storage.trace.local.path', '/tmp/traces'), set(tempo, 'spec.values.tempo.storage.trace.wal.path', '/tmp/wal')),
    row('PRD002', 'mesh/istio/telemetry', 'every request leaves a trace', set(telemetry, 'spec.tracing[0].randomSamplingPercentage', 100)),
    row('PRD003', 'kiali/kiali', 'anybody opens Kiali', set(kiali, 'spec.auth.strategy', 'anonymous')),
    row('PRD003', chart, 'anybody opens Grafana', set(kube, 'spec.values.grafana.env.GF_AUTH_ANONYMOUS_ENABLED', 'true')),
    row('PRD003', chart, 'anybody opens Grafana, by its file', drop(kube, 'spec.values.grafana.env.GF_AUTH_ANONYMOUS_ENABLED'), set(kube, 'spec.values.grafana."grafana.ini"', { 'auth.anonymous': { enabled: true } })),
    row('PRD004', 'tracing/tempo', 'traces are kept for ever', set(tempo, 'spec.values.tempo.retention', '0s')),
    row('PRD006', 'apps/nginx', 'an image of today', set(nginx, 'spec.template.spec.containers[0].image', 'harbor.site.example/mesh/nginxinc/nginx-unprivileged:latest')),
    row('PRD006', 'apps/hotrod', 'an image without a tag', set('Deployment/apps/hotrod', 'spec.template.spec.containers[0].image', 'harbor.site.example/mesh/jaegertracing/example-hotrod')),
    row('PRD006', 'otel/otel', 'the collector’s image of today', set(collector, 'spec.image', 'harbor.site.example/mesh/open-telemetry/opentelemetry-collector-releases/opentelemetry-collector-k8s:latest')),
  ];
}

/** Who is in the mesh, and objects that clash. */
export function objectBreakages(dataplane: 'sidecar' | 'ambient'): Breakage[] {
  const namespace = 'Namespace/apps';
  const labels = (name: string) => `metadata.labels."${name}"`;
  // biome-ignore format: one line each
  return [
    row('TRC054', 'apps/namespace', 'both injection labels on a namespace', set(namespace, labels('istio.io/rev'), 'stable'), set(namespace, labels('istio-injection'), 'enabled')),
    row('TRC054', 'apps/namespace', 'a sidecar and ztunnel for one namespace', set(namespace, labels('istio-injection'), 'enabled'), set(namespace, labels('istio.io/dataplane-mode'), 'ambient')),
    ...(dataplane === 'sidecar' ? [
      row('TRC054', 'apps/namespace', 'the injection label’s value is none', set(namespace, labels('istio-injection'), 'true')),
      row('TRC053', 'apps/namespace', 'no app is in the mesh', drop(namespace, labels('istio-injection'))),
      row('RTE010', ADDED, 'a DestinationRule keeps mutual TLS from STRICT pods', add('{apiVersion: security.istio.io/v1, kind: PeerAuthentication, metadata: {name: reviews, namespace: apps}, spec: {selector: {matchLabels: {app: reviews}}, mtls: {mode: STRICT}}}\n---\n{apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: reviews-plain, namespace: istio-system}, spec: {host: reviews.apps.svc.cluster.local, trafficPolicy: {tls: {mode: DISABLE}}}}')),
    ] : []),
    row('OBJ001', ADDED, 'an account twice in two layers', add('{apiVersion: v1, kind: ServiceAccount, metadata: {name: nginx, namespace: apps}}', 'mesh')),
    row('OBJ001', ADDED, 'a Service twice in two layers', add('{apiVersion: v1, kind: Service, metadata: {name: nginx, namespace: apps}, spec: {selector: {app: nginx}, ports: [{name: http, port: 80, targetPort: 8080}]}}', 'exposure')),
    row('REF006', 'apps/bookinfo/reviews', 'a subset that no pod has', set('DestinationRule/apps/reviews', 'spec.subsets[name=v3].labels.version', 'v4')),
    row('REF005', 'apps/bookinfo/reviews', 'a DestinationRule’s host is misspelt', set('DestinationRule/apps/reviews', 'spec.host', 'review.apps.svc.cluster.local')),
    row('REF012', 'apps/hotrod', 'a Service selects no pods', set('Service/apps/hotrod', 'spec.selector.app', 'hot-rod')),
    row('REF011', 'apps/nginx', 'an app’s ServiceAccount is gone', without('ServiceAccount/apps/nginx')),
    row('REF017', 'apps/hotrod', 'hotrod sends its spans to a collector that is not there', set('Deployment/apps/hotrod', 'spec.template.spec.containers[0].env[name=OTEL_EXPORTER_OTLP_ENDPOINT].value', 'http://otel-colector.otel-system.svc.cluster.local:4318')),
    row('OBJ010', 'apps/nginx', 'a Deployment does not select its pods', set(nginx, 'spec.template.metadata.labels.app', 'ngnix')),
    row('OBJ002', 'apps/nginx', 'a field of a container is misspelt', set(nginx, 'spec.template.spec.containers[0].imagepullpolicy', 'Always')),
    row('TRC040', ADDED, 'a DestinationRule speaks mutual TLS to the collector', add('{apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: otel, namespace: istio-system}, spec: {host: otel-collector.otel-system.svc.cluster.local, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}}')),
    row('TRC080', ADDED, 'a second Telemetry for the whole mesh', add('{apiVersion: telemetry.istio.io/v1, kind: Telemetry, metadata: {name: more, namespace: istio-system}, spec: {tracing: [{providers: [{name: zipkin}], randomSamplingPercentage: 1}]}}')),
  ];
}
