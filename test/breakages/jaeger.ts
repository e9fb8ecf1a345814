import { type Breakage, drop, push, replace, row, set } from '../support/breakage.ts';

const config = 'ConfigMap/istio-system/jaeger';
const deployment = 'Deployment/istio-system/jaeger';
const operator = 'IstioOperator/istio-system/mesh-default';
const at = 'addons/jaeger/config';
const key = (place: string) => `data."config.yaml".${place}`;
const container = (place: string) => `spec.template.spec.containers[0].${place}`;
const pipeline = (place: string) => key(`service.pipelines.traces.${place}`);

/** Jaeger 2 by itself, whatever receiver the mesh sends to. */
export function jaegerBreakages(receiver: 'otlp' | 'zipkin'): Breakage[] {
  const [endpoint, port, type] =
    receiver === 'otlp' ? ['receivers.otlp.protocols.grpc', 4317, 'otlp'] : ['receivers.zipkin', 9411, 'zipkin'];
  // biome-ignore format: one line each
  return [
    row('TRC015', at, 'the receiver listens on localhost', set(config, key(`${endpoint}.endpoint`), `localhost:${port}`)),
    row('TRC015', at, 'the receiver listens on 127.0.0.1', set(config, key(`${endpoint}.endpoint`), `127.0.0.1:${port}`)),
    row('TRC015', at, 'the receiver has no endpoint, which means localhost', set(config, key(endpoint), {})),
    row('TRC011', 'addons/jaeger', 'the receiver listens at a port that no Service leads to', set(config, key(`${endpoint}.endpoint`), '0.0.0.0:55680')),
    row('TRC016', at, 'the receiver is in no pipeline', drop(config, pipeline(`receivers[=${type}]`))),
    row('TRC017', at, 'the pipeline misspells the exporter', set(config, pipeline('exporters'), ['jaeger_storage'])),
    row('TRC017', at, 'the pipeline names a processor that is not declared', push(config, pipeline('processors'), 'memory_limiter')),
    row('TRC017', at, 'the pipeline names a receiver that is not declared', push(config, pipeline('receivers'), 'kafka')),
    row('TRC017', at, 'an extension is started that is not declared', push(config, key('service.extensions'), 'remote_sampling')),
    row('TRC018', at, 'the page is declared and not started', drop(config, key('service.extensions[=jaeger_query]'))),
    row('TRC019', at, 'the pipeline of traces has the name of one trace', set(config, key('service.pipelines'), { trace: { receivers: [type], exporters: ['jaeger_storage_exporter'] } })),
    row('TRC019', at, 'the pipeline exports to nobody', set(config, pipeline('exporters'), [])),
    row('TRC019', at, 'the configuration has no pipelines', drop(config, key('service.pipelines'))),
    row('TRC022', at, 'OTLP without a protocol', set(config, key('receivers.otlp.protocols'), {})),
    row('TRC022', at, 'a memory limiter without a limit', set(config, key('processors.memory_limiter'), { check_interval: '1s' }), set(config, pipeline('processors'), ['memory_limiter', 'batch'])),
    row('TRC023', at, 'a receiver of a type that is misspelt', set(config, key('receivers.otpl'), { protocols: { grpc: { endpoint: '0.0.0.0:4320' } } }), push(config, pipeline('receivers'), 'otpl')),
    row('TRC023', at, 'an exporter that Jaeger does not hold', set(config, key('exporters.elasticsearch'), { endpoints: ['http://es:9200'] }), push(config, pipeline('exporters'), 'elasticsearch')),
    row('TRC024', at, 'a receiver that is gone', set(config, key('receivers.opencensus'), { endpoint: '0.0.0.0:55678' }), push(config, pipeline('receivers'), 'opencensus')),
    row('TRC025', 'addons/jaeger/jaeger', 'the storage of Jaeger 1', push(deployment, container('env'), { name: 'SPAN_STORAGE_TYPE', value: 'badger' })),
    row('TRC025', 'addons/jaeger/jaeger', 'the Zipkin switch of Jaeger 1', push(deployment, container('env'), { name: 'COLLECTOR_ZIPKIN_HOST_PORT', value: ':9411' })),
    row('TRC025', 'addons/jaeger/jaeger', 'the base path of Jaeger 1', push(deployment, container('env'), { name: 'QUERY_BASE_PATH', value: '/jaeger' })),
    row('TRC025', 'addons/jaeger/jaeger', 'a flag of Jaeger 1', push(deployment, container('args'), '--memory.max-traces=50000')),
    row('TRC026', at, 'spans go to a storage that is not defined', set(config, key('exporters.jaeger_storage_exporter.trace_storage'), 'primary')),
    row('TRC026', at, 'the page reads a storage that is not defined', set(config, key('extensions.jaeger_query.storage.traces'), 'primary')),
    row('TRC026', at, 'the storage is not started', drop(config, key('service.extensions[=jaeger_storage]'))),
    row('TRC026', at, 'the page reads another storage than spans go to', set(config, key('extensions.jaeger_storage.backends.old'), { memory: { max_traces: 10 } }), set(config, key('extensions.jaeger_query.storage.traces'), 'old')),
    row('TRC028', at, 'metrics go to a pipeline of traces', set(config, key('exporters.prometheus'), { endpoint: '0.0.0.0:8889' }), push(config, pipeline('exporters'), 'prometheus')),
    row('REF011', 'addons/jaeger/jaeger', 'Jaeger is started with a file that its ConfigMap does not hold', set(deployment, container('args[=/etc/jaeger/config.yaml]'), '/etc/jaeger/jaeger.yaml')),
    row('TRC034', at, 'spans go to the log alone', set(config, key('exporters.debug'), {}), set(config, pipeline('exporters'), ['debug']), drop(config, key('exporters.jaeger_storage_exporter'))),
    row('TRC030', at, 'spans go round in a circle', set(config, key('exporters.otlp'), { endpoint: 'jaeger-collector.istio-system:4317', tls: { insecure: true } }), push(config, pipeline('exporters'), 'otlp')),
    row('TRC032', at, 'the memory limiter stands last', set(config, key('processors.memory_limiter'), { check_interval: '1s', limit_mib: 400 }), push(config, pipeline('processors'), 'memory_limiter')),
    row('TRC032', at, 'batch stands before the sampler', set(config, key('processors.tail_sampling'), { policies: [{ name: 'all', type: 'always_sample' }] }), push(config, pipeline('processors'), 'tail_sampling')),
    row('TRC033', at, 'a tail sampler keeps more than all', set(config, key('processors.tail_sampling'), { policies: [{ name: 'some', type: 'probabilistic', probabilistic: { sampling_percentage: 500 } }] }), set(config, pipeline('processors'), ['tail_sampling', 'batch'])),
    row('OBJ011', at, 'the configuration is no YAML: a bracket', replace(config, 'data."config.yaml"', 'service:\n', 'service: [\n')),
    row('OBJ011', at, 'the configuration has a key twice', replace(config, 'data."config.yaml"', '  telemetry:', '  extensions: []\n  telemetry:')),
  ];
}

/** What the mesh says to Jaeger, in the stack whose provider is OTLP. */
export function jaegerProvider(): Breakage[] {
  const mesh = 'mesh/istio/istio-operator';
  const provider = 'spec.meshConfig.extensionProviders[0]';
  const otlp = (place: string) => `${provider}.opentelemetry.${place}`;
  const host = 'jaeger-collector.istio-system.svc.cluster.local';
  // biome-ignore format: one line each
  return [
    row('TRC012', mesh, 'OTLP by gRPC to the port of HTTP', set(operator, otlp('port'), 4318)),
    row('TRC012', mesh, 'OTLP to the port of Zipkin', set(operator, otlp('port'), 9411)),
    row('TRC012', mesh, 'OTLP to the port of Jaeger’s own gRPC', set(operator, otlp('port'), 14250)),
    row('TRC012', mesh, 'OTLP by HTTP to the port of gRPC', set(operator, otlp('http'), { path: '/v1/traces' })),
    row('OBJ003', mesh, 'OTLP by HTTP without a path', set(operator, otlp('port'), 4318), set(operator, otlp('http'), { timeout: '5s' })),
    row('TRC014', mesh, 'OTLP by HTTP to the path of the old Jaeger', set(operator, otlp('port'), 4318), set(operator, otlp('http'), { path: '/api/traces' })),
    row('TRC011', mesh, 'spans go to the Service of the page', set(operator, otlp('service'), 'tracing.istio-system.svc.cluster.local'), set(operator, otlp('port'), 80)),
    row('TRC012', mesh, 'Zipkin to the port of OTLP', set(operator, provider, { name: 'otel', zipkin: { service: host, port: 4317 } })),
    row('TRC012', mesh, 'SkyWalking to Jaeger', set(operator, provider, { name: 'otel', skywalking: { service: host, port: 4317 } })),
    row('TRC012', mesh, 'Datadog to Jaeger', set(operator, provider, { name: 'otel', datadog: { service: host, port: 4318 } })),
    row('TRC062', 'addons/grafana/config', 'the page’s base path is another than Grafana’s', set(config, key('extensions.jaeger_query.base_path'), '/traces')),
    row('TRC062', 'addons/grafana/config', 'the page has lost the base path', drop(config, key('extensions.jaeger_query.base_path'))),
    row('TRC062', 'addons/grafana/config', 'Grafana’s URL has lost the base path', replace('ConfigMap/istio-system/grafana', 'data."datasources.yaml"', ':80/jaeger', ':80')),
    row('TRC061', 'addons/grafana/config', 'Grafana asks at the gRPC port', replace('ConfigMap/istio-system/grafana', 'data."datasources.yaml"', ':80/jaeger', ':16685/jaeger')),
    row('TRC061', 'addons/grafana/config', 'Grafana asks at the port for spans', replace('ConfigMap/istio-system/grafana', 'data."datasources.yaml"', 'tracing.istio-system.svc.cluster.local:80/jaeger', 'jaeger-collector.istio-system:4317')),
    row('TRC073', 'addons/kiali/config', 'Kiali has the URL of the page, by gRPC', set('ConfigMap/istio-system/kiali', 'data."config.yaml".external_services.tracing', { enabled: true, provider: 'jaeger', internal_url: 'http://tracing.istio-system:80/jaeger', use_grpc: true })),
  ];
}
