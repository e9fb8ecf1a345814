import { ADDED, add, type Breakage, drop, push, replace, row, set, without } from '../support/breakage.ts';
import { type Collector, collectorBreakages } from './collector.ts';

const config = 'ConfigMap/observability/tempo';
const deployment = 'Deployment/observability/tempo';
const at = 'observability/tempo/config';
const key = (place: string) => `data."tempo.yaml".${place}`;
const receivers = (place: string) => key(`distributor.receivers.${place}`);
const container = (place: string) => `spec.template.spec.containers[0].${place}`;
const tempoImage = (tag: string) => set(deployment, container('image'), `docker.io/grafana/tempo:${tag}`);
const operator = 'IstioOperator/istio-system/mesh-default';
const provider = 'spec.meshConfig.extensionProviders[0]';
const mesh = 'mesh/istio/istio-operator';

/** Tempo by itself, of either line. */
export function tempoBreakages(version: 2 | 3): Breakage[] {
  // biome-ignore format: one line each
  return [
    row('TRC015', at, 'Tempo’s receiver listens on localhost', set(config, receivers('otlp.protocols.grpc.endpoint'), 'localhost:4317')),
    row('TRC015', at, 'Tempo’s receiver has no endpoint, which means localhost', set(config, receivers('otlp.protocols.grpc'), {})),
    row('TRC011', version === 3 ? 'observability/collector/config' : 'otel/otel/collector', 'Tempo takes no OTLP', drop(config, receivers('otlp'))),
    row('TRC011', 'observability/tempo', 'Tempo takes OTLP at another port', set(config, receivers('otlp.protocols.grpc.endpoint'), '0.0.0.0:55680')),
    row('TRC025', at, 'Tempo’s opencensus receiver', set(config, receivers('opencensus'), {})),
    row('TRC061', 'observability/tempo/tempo', 'Tempo answers at the port of Loki', set(config, key('server.http_listen_port'), 3100)),
    row('TRC062', 'observability/grafana/config', 'Tempo answers under a prefix', set(config, key('http_api_prefix'), '/tempo')),
    row('OBJ011', at, 'Tempo’s configuration is no YAML', replace(config, 'data."tempo.yaml"', 'usage_report:', 'usage_report')),
    row('REF011', 'observability/tempo/tempo', 'Tempo is started with a file that its ConfigMap does not hold', set(deployment, container('args[=-config.file=/etc/tempo/tempo.yaml]'), '-config.file=/etc/tempo/config.yaml')),
    row('REF011', 'observability/tempo/tempo', 'Tempo’s ConfigMap is gone', without(config)),
    row('TRC061', 'observability/grafana/config', 'Grafana asks Tempo at the gRPC port', replace('ConfigMap/observability/grafana', 'data."datasources.yaml"', ':3200', ':9095')),
    row('TRC061', 'observability/grafana/config', 'Grafana asks Tempo at the port for spans', replace('ConfigMap/observability/grafana', 'data."datasources.yaml"', ':3200', ':4317')),
    row('TRC062', 'observability/grafana/config', 'Grafana asks Tempo under a path of its API', replace('ConfigMap/observability/grafana', 'data."datasources.yaml"', ':3200', ':3200/api/search')),
    row('TRC063', 'observability/grafana/config', 'the service map’s data source is not there', set('ConfigMap/observability/grafana', 'data."datasources.yaml".datasources[uid=tempo].jsonData.serviceMap.datasourceUid', 'metrics')),
    row('TRC064', 'observability/grafana/config', 'the service map’s data source is Tempo', set('ConfigMap/observability/grafana', 'data."datasources.yaml".datasources[uid=tempo].jsonData.serviceMap.datasourceUid', 'tempo')),
    ...(version === 3
      ? [
          row('TRC025', at, 'the compactor of Tempo 2', set(config, key('compactor'), { compaction: { block_retention: '24h' } })),
          row('TRC025', at, 'the ingester of Tempo 2', set(config, key('ingester'), { max_block_duration: '5m' })),
          row('TRC025', at, 'the target of Tempo 2', set(config, key('target'), 'scalable-single-binary')),
        ]
      : [row('TRC025', at, 'the settings of Tempo 2 on the image of Tempo 3', tempoImage('3.0.3'))]),
  ];
}

/** A Prometheus of the operator beside ours, and a monitor that it does not select. */
const monitored = `apiVersion: monitoring.coreos.com/v1
kind: Prometheus
metadata: {name: operated, namespace: observability}
spec: {podMonitorSelector: {matchLabels: {release: stack}}}
---
apiVersion: monitoring.coreos.com/v1
kind: PodMonitor
metadata: {name: envoy-stats, namespace: observability, labels: {release: istio}}
spec: {selector: {matchExpressions: [{key: istio-prometheus-ignore, operator: DoesNotExist}]}, namespaceSelector: {any: true}, podMetricsEndpoints: [{path: /stats/prometheus}]}`;

/** The stack whose collector is a plain workload. */
export function tempoStack(): Breakage[] {
  const collector: Collector = {
    object: 'ConfigMap/observability/otel-collector',
    key: 'data."config.yaml"',
    at: 'observability/collector/config',
    receiver: 'otlp',
    host: 'otel-collector.observability.svc.cluster.local',
    image: ['Deployment/observability/otel-collector', container('image')],
    replicas: ['Deployment/observability/otel-collector', 'spec.replicas'],
  };
  const { object, key: prefix, at: where } = collector;
  const pipelines = (place: string) => `${prefix}.service.pipelines.${place}`;
  const otlp = (place: string) => `${provider}.opentelemetry.${place}`;
  // biome-ignore format: one line each
  return [
    ...collectorBreakages(collector),
    ...tempoBreakages(3),
    row('TRC015', where, 'the receiver has no endpoint, which means localhost', set(object, `${prefix}.receivers.otlp.protocols.grpc`, {})),
    row('TRC023', 'observability/collector/workload', 'span metrics in the core image', set(...collector.image, 'docker.io/otel/opentelemetry-collector:0.159.0')),
    row('TRC023', 'observability/collector/workload', 'names of today on an image of yesterday', set(...collector.image, 'docker.io/otel/opentelemetry-collector-contrib:0.100.0')),
    row('TRC020', where, 'no pipeline receives the span metrics', drop(object, pipelines('metrics/spans.receivers[=span_metrics]'))),
    row('TRC035', where, 'span metrics go to the log', set(object, `${prefix}.exporters.debug`, {}), set(object, pipelines('metrics/spans.exporters'), ['debug']), drop(object, `${prefix}.exporters.prometheus`)),
    row('TRC077', where, 'nobody scrapes the span metrics', drop('ConfigMap/observability/prometheus', 'data."prometheus.yml".scrape_configs[job_name=observability/otel-collector-from-spans]')),
    row('TRC069', 'observability/prometheus', 'span metrics are pushed to a Prometheus that takes none', set(object, `${prefix}.exporters.prometheus_remote_write`, { endpoint: 'http://prometheus.observability:9090/api/v1/write' }), push(object, pipelines('metrics/spans.exporters'), 'prometheus_remote_write')),
    row('TRC067', 'observability/grafana/config', 'nobody makes the service map', drop(object, `${prefix}.connectors.service_graph`), drop(object, pipelines('traces.exporters[=service_graph]')), drop(object, pipelines('metrics/spans.receivers[=service_graph]'))),
    row('OBJ011', where, 'the configuration is no YAML', replace(object, 'data."config.yaml"', 'connectors:', 'connectors')),
    row('REF011', 'observability/collector/workload', 'the configuration is of another file', set('Deployment/observability/otel-collector', 'spec.template.spec.volumes[name=config-otel-collector].configMap.name', 'otel-collector-conf')),
    row('TRC012', mesh, 'OTLP by HTTP to the port of gRPC, by the mesh', set(operator, otlp('http'), { path: '/v1/traces' })),
    row('TRC012', mesh, 'OTLP by gRPC to the port of HTTP, by the mesh', set(operator, otlp('port'), 4318)),
    row('TRC011', mesh, 'spans go to the collector’s own metrics', set(operator, otlp('port'), 8888)),
    row('TRC012', mesh, 'Zipkin to a collector that takes none', set(operator, provider, { name: 'otel', zipkin: { service: 'otel-collector.observability.svc.cluster.local', port: 4317 } })),
    row('TRC046', where, 'a collector in the mesh may not leave it', set('Namespace/observability', 'metadata.labels.istio-injection', 'enabled'), set('Deployment/observability/otel-collector', 'spec.template.metadata.labels."sidecar.istio.io/inject"', 'true'), drop('Deployment/observability/otel-collector', 'spec.template.metadata.labels."istio.io/dataplane-mode"'), set(operator, 'spec.meshConfig.outboundTrafficPolicy', { mode: 'REGISTRY_ONLY' }), set(object, `${prefix}.exporters.otlp_grpc/tempo`, { endpoint: 'otlp.vendor.example.com:443' })),
    row('TRC041', where, 'Tempo is in the mesh under STRICT, and its callers are not', set('Namespace/observability', 'metadata.labels.istio-injection', 'enabled'), set(deployment, 'spec.template.metadata.labels."sidecar.istio.io/inject"', 'true'), drop(deployment, 'spec.template.metadata.labels."istio.io/dataplane-mode"'), add('apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: tempo, namespace: observability}\nspec: {selector: {matchLabels: {app: tempo}}, mtls: {mode: PERMISSIVE}, portLevelMtls: {"4317": {mode: STRICT}}}')),
    row('TRC068', at, 'Tempo’s metrics generator has processors and nowhere to write', set(config, key('overrides'), { defaults: { metrics_generator: { processors: ['service-graphs'] } } })),
    row('TRC078', ADDED, 'a monitor of the proxies that no Prometheus selects', add(monitored)),
    row('TRC024', ADDED, 'an old collector by a ConfigMap more', add('apiVersion: v1\nkind: ConfigMap\nmetadata: {name: old, namespace: observability}\ndata: {config.yaml: "receivers: {otlp: {protocols: {grpc: {}}}}\\nexporters: {logging: {}}\\nservice: {pipelines: {traces: {receivers: [otlp], exporters: [logging]}}}"}')),
  ];
}

/** The stack whose collector the OpenTelemetry operator runs. */
export function tempoOperatorStack(): Breakage[] {
  const object = 'OpenTelemetryCollector/otel-system/otel';
  const where = 'otel/otel/collector';
  const generator = (place: string) => key(`metrics_generator.${place}`);
  // biome-ignore format: one line each
  return [
    ...collectorBreakages({
      object,
      key: 'spec.config',
      at: where,
      receiver: 'zipkin',
      host: 'otel-collector.otel-system.svc.cluster.local',
      image: [object, 'spec.image'],
      replicas: [object, 'spec.replicas'],
    }),
    ...tempoBreakages(2),
    row('TRC023', where, 'tail sampling in the core image', set(object, 'spec.config.processors.tail_sampling', { policies: [{ name: 'all', type: 'always_sample' }] }), set(object, 'spec.config.service.pipelines.traces.processors', ['memory_limiter', 'tail_sampling', 'batch'])),
    row('OBJ005', where, 'the collector has a mode that is none', set(object, 'spec.mode', 'gateway')),
    row('OBJ003', where, 'the collector’s configuration is missing', drop(object, 'spec.config')),
    row('TRC003', mesh, 'the collector takes Zipkin at another port', set(object, 'spec.config.receivers.zipkin.endpoint', '0.0.0.0:9412')),
    row('TRC003', mesh, 'the collector takes no Zipkin', drop(object, 'spec.config.receivers.zipkin'), drop(object, 'spec.config.service.pipelines.traces.receivers[=zipkin]')),
    row('TRC012', mesh, 'Zipkin to the port of OTLP', set(operator, `${provider}.zipkin.port`, 4317)),
    row('TRC069', 'observability/prometheus', 'Prometheus takes no writes', drop('Deployment/observability/prometheus', container('args[=--web.enable-remote-write-receiver]'))),
    row('TRC069', at, 'Tempo writes to a Prometheus that is not there', set(config, generator('storage.remote_write[0].url'), 'http://prom.observability:9090/api/v1/write')),
    row('TRC069', at, 'Tempo writes to another path', set(config, generator('storage.remote_write[0].url'), 'http://prometheus.observability:9090/write')),
    row('TRC068', at, 'Tempo’s generator has nowhere to write', drop(config, generator('storage.remote_write'))),
    row('TRC068', at, 'Tempo’s generator has no processors', drop(config, key('overrides'))),
    row('TRC067', 'observability/grafana/config', 'Tempo’s generator makes no service map', set(config, key('overrides.defaults.metrics_generator.processors'), ['span-metrics'])),
  ];
}
