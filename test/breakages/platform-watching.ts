import { ADDED, add, type Breakage, drop, push, row, set } from '../support/breakage.ts';

const kube = 'HelmRelease/monitoring/kube-prometheus-stack';
const tempo = 'HelmRelease/monitoring/tempo';
const collector = 'OpenTelemetryCollector/otel-system/otel';
const monitor = (kind: string, name: string) => `${kind}/istio-system/${name}`;
const policy = (namespace: string, spec: string) =>
  add(`{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: more, namespace: ${namespace}}, spec: ${spec}}`);

/** Monitors, and policies of the network that stop them and the spans. */
export function monitorBreakages(): Breakage[] {
  const envoy = monitor('PodMonitor', 'envoy-stats-monitor');
  const istiod = monitor('ServiceMonitor', 'istio-component-monitor');
  const traces = monitor('ServiceMonitor', 'monitoring-tempo');
  const spans = monitor('ServiceMonitor', 'otel-system-otel');
  const at = 'monitors/monitors';
  // biome-ignore format: one line each
  return [
    row('TRC090', `${at}/istio-component-monitor-of-service`, 'istiod’s monitor selects a misspelt label', set(istiod, 'spec.selector.matchLabels.istio', 'pilto')),
    row('TRC090', `${at}/monitoring-tempo-of-service`, 'Tempo’s monitor selects a misspelt label', set(traces, 'spec.selector.matchLabels."app.kubernetes.io/name"', 'temop')),
    row('TRC090', `${at}/otel-system-otel-of-service`, 'the collector’s monitor selects the label of its pods', set(spans, 'spec.selector.matchLabels."app.kubernetes.io/name"', 'otel-colector-monitoring')),
    row('TRC091', `${at}/istio-component-monitor-of-service`, 'istiod’s monitor names a port of old', set(istiod, 'spec.endpoints[0].port', 'http-monitor')),
    row('TRC091', `${at}/monitoring-tempo-of-service`, 'Tempo’s monitor names a port that is none', set(traces, 'spec.endpoints[0].port', 'http-metrics')),
    row('TRC091', `${at}/otel-system-otel-of-service`, 'the collector’s monitor names a port that is none', set(spans, 'spec.endpoints[0].port', 'metrics')),
    row('TRC078', 'monitors', 'Prometheus selects monitors by a label of its release', drop(kube, 'spec.values.prometheus.prometheusSpec.serviceMonitorSelectorNilUsesHelmValues')),
    row('TRC078', `${at}/envoy-stats-monitor-of-pods`, 'Prometheus selects the proxies’ monitor by a label of its release', set(kube, 'spec.values.prometheus.prometheusSpec.podMonitorSelectorNilUsesHelmValues', true)),
    row('TRC092', ADDED, 'a monitor scrapes pods that take mutual TLS alone', add('{apiVersion: security.istio.io/v1, kind: PeerAuthentication, metadata: {name: details, namespace: apps}, spec: {selector: {matchLabels: {app: details}}, mtls: {mode: STRICT}}}\n---\n{apiVersion: monitoring.coreos.com/v1, kind: ServiceMonitor, metadata: {name: details, namespace: apps}, spec: {selector: {matchLabels: {app: details}}, endpoints: [{port: http}]}}')),
    row('OBJ003', `${at}/envoy-stats-monitor-of-pods`, 'a monitor without a selector', drop(envoy, 'spec.selector')),
    row('OBJ005', `${at}/envoy-stats-monitor-of-pods`, 'a monitor’s interval has no unit', set(envoy, 'spec.podMetricsEndpoints[0].interval', '15')),
    row('OBJ002', `${at}/envoy-stats-monitor-of-pods`, 'a monitor’s endpoints are those of another kind', set(envoy, 'spec.endpoints', [{ port: 'http-envoy-prom' }])),
    row('TRC049', ADDED, 'nobody lets Prometheus scrape the collector', policy('otel-system', '{podSelector: {matchLabels: {app.kubernetes.io/name: otel-collector}}, policyTypes: [Ingress], ingress: [{ports: [{port: 9411}]}]}')),
    row('TRC049', ADDED, 'nobody lets Prometheus scrape Tempo', policy('monitoring', '{podSelector: {matchLabels: {app.kubernetes.io/name: tempo}}, policyTypes: [Ingress], ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: otel-system}}}]}]}')),
    row('TRC049', ADDED, 'nobody lets the gateway reach the apps', policy('apps', '{podSelector: {}, policyTypes: [Ingress], ingress: [{from: [{podSelector: {}}, {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}}, {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: monitoring}}}]}]}')),
    row('TRC049', ADDED, 'nobody lets the proxies reach the collector', policy('otel-system', '{podSelector: {matchLabels: {app.kubernetes.io/name: otel-collector}}, policyTypes: [Ingress], ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: monitoring}}}]}]}')),
    row('TRC049', ADDED, 'nobody lets the collector reach Tempo', policy('monitoring', '{podSelector: {matchLabels: {app.kubernetes.io/name: tempo}}, policyTypes: [Ingress], ingress: [{from: [{podSelector: {}}, {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: istio-system}}}]}]}')),
    row('TRC050', ADDED, 'the collector may not leave its namespace', policy('otel-system', '{podSelector: {matchLabels: {app.kubernetes.io/name: otel-collector}}, policyTypes: [Egress], egress: [{to: [{podSelector: {}}]}, {ports: [{port: 53, protocol: UDP}]}]}')),
    row('TRC050', ADDED, 'the apps may not reach the collector', policy('apps', '{podSelector: {}, policyTypes: [Egress], egress: [{to: [{podSelector: {}}, {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: istio-system}}}]}, {ports: [{port: 53, protocol: UDP}]}]}')),
    row('EXP023', ADDED, 'nobody lets the API server reach istiod’s webhook', policy('istio-system', '{podSelector: {matchLabels: {app: istiod}}, policyTypes: [Ingress], ingress: [{from: [{podSelector: {}}]}]}')),
  ];
}

/** What people look at: Kiali, Grafana, and what they ask. */
export function pageBreakages(): Breakage[] {
  const kiali = 'Kiali/istio-system/kiali';
  const services = (rest: string) => `spec.external_services.${rest}`;
  const sources = (rest: string) => `spec.values.grafana.additionalDataSources${rest}`;
  const at = 'kiali/kiali';
  const chart = 'monitoring/kube-prometheus-stack';
  // biome-ignore format: one line each
  return [
    row('REF009', at, 'Kiali asks a Tempo that is not there', set(kiali, services('tracing.internal_url'), 'http://tempos.monitoring.svc.cluster.local:3200')),
    row('REF009', at, 'Kiali asks Tempo at the port of an older chart', set(kiali, services('tracing.internal_url'), 'http://tempo.monitoring.svc.cluster.local:3100')),
    row('TRC061', at, 'Kiali asks Tempo at the port for spans', set(kiali, services('tracing.internal_url'), 'http://tempo.monitoring.svc.cluster.local:4317')),
    row('TRC060', at, 'Kiali asks Tempo in Jaeger’s language', set(kiali, services('tracing.provider'), 'jaeger'), drop(kiali, services('tracing.tempo_config'))),
    row('TRC062', at, 'Kiali asks Tempo under a path', set(kiali, services('tracing.internal_url'), 'http://tempo.monitoring.svc.cluster.local:3200/tempo')),
    row('TRC060', at, 'Kiali asks Prometheus for traces', set(kiali, services('tracing.internal_url'), 'http://kube-prometheus-stack-prometheus.monitoring.svc.cluster.local:9090')),
    row('TRC073', at, 'Kiali asks for traces by gRPC at the port of HTTP', set(kiali, services('tracing.use_grpc'), true)),
    row('TRC063', at, 'Kiali’s link from a trace leads to no data source', set(kiali, services('tracing.tempo_config.datasource_uid'), 'temop')),
    row('REF009', at, 'Kiali asks a Prometheus by the name of another chart', set(kiali, services('prometheus.url'), 'http://prometheus-server.monitoring.svc.cluster.local:9090')),
    row('REF009', at, 'Kiali’s Prometheus is misspelt', set(kiali, services('prometheus.url'), 'http://kube-prometheus-stack-promtheus.monitoring.svc.cluster.local:9090')),
    row('REF009', at, 'Kiali asks Prometheus at another port', set(kiali, services('prometheus.url'), 'http://kube-prometheus-stack-prometheus.monitoring.svc.cluster.local:80')),
    row('REF009', at, 'Kiali asks Grafana at the container’s port', set(kiali, services('grafana.internal_url'), 'http://kube-prometheus-stack-grafana.monitoring.svc.cluster.local:3000')),
    row('TRC075', at, 'Kiali links to a dashboard that Grafana has not', set(kiali, services('grafana.dashboards[0].name'), 'Istio Mesh Dashbord')),
    row('OBJ002', at, 'a field of Kiali is misspelt', set(kiali, services('tracing.internal_ulr'), 'http://tempo.monitoring:3200')),
    row('HLM007', at, 'Kiali’s Secret for Grafana is misspelt', set(kiali, 'spec.external_services.grafana.auth.password', 'secret:grafana-admn:password')),
    row('OBJ005', at, 'Kiali’s login is of a kind that it has not', set(kiali, 'spec.auth.strategy', 'tokens')),
    row('REF008', chart, 'Grafana asks Tempo at another port', set(kube, sources('[uid=tempo].url'), 'http://tempo.monitoring.svc.cluster.local:3100')),
    row('REF008', chart, 'Grafana asks a Tempo that is not there', set(kube, sources('[uid=tempo].url'), 'http://tempo-query-frontend.monitoring.svc.cluster.local:3200')),
    row('TRC061', chart, 'Grafana asks Tempo at the port for spans', set(kube, sources('[uid=tempo].url'), 'http://tempo.monitoring.svc.cluster.local:4318')),
    row('TRC060', chart, 'Grafana asks Tempo in Jaeger’s language', set(kube, sources('[uid=tempo].type'), 'jaeger')),
    row('REF008', chart, 'Grafana’s Prometheus is misspelt', set(kube, sources('[uid=prometheus].url'), 'http://kube-prometheus-stack-promtheus.monitoring.svc.cluster.local:9090')),
    row('TRC060', chart, 'Grafana asks Tempo for metrics', set(kube, sources('[uid=prometheus].url'), 'http://tempo.monitoring.svc.cluster.local:3200')),
    row('TRC063', chart, 'exemplars lead to a data source that is not there', set(kube, sources('[uid=prometheus].jsonData.exemplarTraceIdDestinations[0].datasourceUid'), 'tempos')),
    row('TRC063', chart, 'the service map’s data source is not there', set(kube, sources('[uid=tempo].jsonData.serviceMap.datasourceUid'), 'promethus')),
    row('TRC064', chart, 'the service map’s data source is Tempo', set(kube, sources('[uid=tempo].jsonData.serviceMap.datasourceUid'), 'tempo')),
    row('TRC065', chart, 'two data sources are the default', set(kube, sources('[uid=tempo].isDefault'), true)),
    row('TRC065', chart, 'the chart’s own Prometheus is there as well', set(kube, 'spec.values.grafana.sidecar.datasources.defaultDatasourceEnabled', true)),
    row('TRC066', chart, 'a link’s variable has one dollar', set(kube, sources('[uid=tempo].jsonData.tracesToMetrics.queries[0].query'), 'sum(rate(istio_requests_total{$__tags}[5m]))')),
    row('TRC070', chart, 'Prometheus keeps no exemplars', drop(kube, 'spec.values.prometheus.prometheusSpec.enableFeatures')),
    row('TRC076', 'monitors/dashboards/dashboard-istio-mesh', 'a dashboard names a data source that is not there', set('ConfigMap/istio-system/grafana-dashboard-istio-mesh', 'data."istio-mesh.json".panels[1].datasource', { type: 'prometheus', uid: 'promtheus' })),
  ];
}

/** Spans: the mesh, the collector, Tempo. */
export function spanBreakages(): Breakage[] {
  const istiod = 'HelmRelease/istio-system/istiod';
  const provider = 'spec.values.meshConfig.extensionProviders[0].zipkin';
  const mesh = 'istio/istiod';
  const otel = 'otel/otel';
  const exporter = 'spec.config.exporters.otlp_grpc/tempo';
  const traces = (rest: string) => `spec.config.service.pipelines.traces.${rest}`;
  const host = 'tempo.monitoring.svc.cluster.local';
  const generator = (rest: string) => `spec.values.tempo.metricsGenerator.${rest}`;
  // biome-ignore format: one line each
  return [
    row('TRC002', mesh, 'the provider’s host is misspelt', set(istiod, `${provider}.service`, 'otel-colector.otel-system.svc.cluster.local')),
    row('TRC002', mesh, 'the provider’s host has no namespace', set(istiod, `${provider}.service`, 'otel-collector')),
    row('TRC002', mesh, 'the provider’s host is the custom resource', set(istiod, `${provider}.service`, 'otel.otel-system.svc.cluster.local')),
    row('TRC003', mesh, 'the provider’s port is none', set(istiod, `${provider}.port`, 9412)),
    row('TRC012', mesh, 'Zipkin to the port of OTLP', set(istiod, `${provider}.port`, 4318)),
    row('TRC001', 'mesh/istio/telemetry', 'the Telemetry’s provider is misspelt', set('Telemetry/istio-system/mesh-default', 'spec.tracing[0].providers[0].name', 'zipkn')),
    row('TRC004', mesh, 'the default provider is misspelt', set(istiod, 'spec.values.meshConfig.defaultProviders.tracing[0]', 'otel')),
    row('OBJ005', 'mesh/istio/telemetry', 'more than all is sampled', set('Telemetry/istio-system/mesh-default', 'spec.tracing[0].randomSamplingPercentage', 110)),
    row('TRC085', '(mesh/istio/telemetry|istio/istiod)', 'tracing is switched off in the mesh config', set(istiod, 'spec.values.meshConfig.enableTracing', false)),
    row('TRC016', otel, 'Zipkin’s receiver is in no pipeline', drop(collector, traces('receivers[=zipkin]'))),
    row('TRC003', mesh, 'the collector takes no Zipkin', drop(collector, 'spec.config.receivers.zipkin'), drop(collector, traces('receivers[=zipkin]'))),
    row('TRC015', otel, 'Zipkin’s receiver listens on localhost', set(collector, 'spec.config.receivers.zipkin.endpoint', 'localhost:9411')),
    row('TRC018', otel, 'a processor is in no pipeline', drop(collector, traces('processors[=batch]')), drop(collector, 'spec.config.service.pipelines.logs.processors[=batch]')),
    row('TRC017', otel, 'a pipeline names an exporter by its type alone', set(collector, traces('exporters[0]'), 'otlp_grpc')),
    row('TRC027', otel, 'Tempo’s host is that of another chart', set(collector, `${exporter}.endpoint`, 'tempo-distributor.monitoring.svc.cluster.local:4317')),
    row('TRC011', otel, 'Tempo’s port is of old', set(collector, `${exporter}.endpoint`, `${host}:55680`)),
    row('TRC012', otel, 'OTLP by gRPC to the port of HTTP', set(collector, `${exporter}.endpoint`, `${host}:4318`)),
    row('TRC011', otel, 'spans go to the port for questions', set(collector, `${exporter}.endpoint`, `${host}:3200`)),
    row('TRC029', otel, 'TLS towards a Tempo without', drop(collector, `${exporter}.tls`)),
    row('TRC030', otel, 'the collector sends to itself', set(collector, 'spec.config.exporters.otlp_grpc/self', { endpoint: 'otel-collector.otel-system.svc.cluster.local:4317', tls: { insecure: true } }), push(collector, traces('exporters'), 'otlp_grpc/self')),
    row('TRC032', otel, 'the memory limiter stands last', set(collector, traces('processors'), ['batch', 'memory_limiter'])),
    row('TRC023', otel, 'SkyWalking’s protocol in the image for Kubernetes', set(collector, 'spec.config.receivers.skywalking', { protocols: { grpc: { endpoint: '0.0.0.0:11800' } } }), push(collector, traces('receivers'), 'skywalking')),
    row('TRC027', otel, 'Tempo takes OTLP by HTTP alone', set(tempo, 'spec.values.tempo.receivers.otlp.protocols.grpc', null)),
    row('TRC027', otel, 'Tempo takes no OTLP', set(tempo, 'spec.values.tempo.receivers.otlp', null)),
    row('TRC027', otel, 'Tempo takes OTLP at another port', set(tempo, 'spec.values.tempo.receivers.otlp.protocols.grpc.endpoint', '0.0.0.0:55680')),
    row('TRC068', 'tracing/tempo', 'Tempo’s generator has no processors', drop(tempo, 'spec.values.tempo.overrides')),
    row('TRC069', 'tracing/tempo', 'Tempo writes to a Prometheus that is not there', set(tempo, generator('storage.remote_write[0].url'), 'http://prometheus.monitoring.svc.cluster.local:9090/api/v1/write')),
    row('TRC069', 'tracing/tempo', 'Tempo writes to another path', set(tempo, generator('storage.remote_write[0].url'), 'http://kube-prometheus-stack-prometheus.monitoring.svc.cluster.local:9090/write')),
    row('TRC069', '(monitoring|tracing)', 'Prometheus takes no writes', drop(kube, 'spec.values.prometheus.prometheusSpec.enableRemoteWriteReceiver')),
    row('TRC067', 'monitoring/kube-prometheus-stack', 'Tempo’s generator makes no service map', set(tempo, 'spec.values.tempo.overrides.defaults.metrics_generator.processors', ['span-metrics'])),
  ];
}
