import { ADDED, add, type Breakage, drop, push, row, set } from '../support/breakage.ts';

/** A collector as a table sees it: where its configuration stands, and who it exports to. */
export interface Collector {
  readonly object: string;
  /** What stands before `receivers`: the key of a ConfigMap, or the field of a custom resource. */
  readonly key: string;
  /** Construct of its configuration. */
  readonly at: string;
  /** The receiver that the mesh sends to, its endpoint and port. */
  readonly receiver: 'otlp' | 'zipkin';
  /** Its own address. */
  readonly host: string;
  /** Place of its image, and of its number of replicas. */
  readonly image: readonly [string, string];
  readonly replicas: readonly [string, string];
}

/** A pipeline from the mesh to Tempo, whoever runs it. */
export function collectorBreakages({ object, key, at, receiver, host, image, replicas }: Collector): Breakage[] {
  const place = (rest: string) => `${key}.${rest}`;
  const [endpoint, port] = receiver === 'otlp' ? ['receivers.otlp.protocols.grpc', 4317] : ['receivers.zipkin', 9411];
  const traces = (rest: string) => place(`service.pipelines.traces.${rest}`);
  const tempo = (rest: string) => place(`exporters.otlp_grpc/tempo.${rest}`);
  const tempoHost = 'tempo.observability.svc.cluster.local';
  const more = (type: string, value: Parameters<typeof set>[2]) => [
    set(object, place(`exporters.${type}`), value),
    push(object, traces('exporters'), type),
  ];
  // biome-ignore format: one line each
  return [
    row('TRC015', at, 'the receiver listens on localhost', set(object, place(`${endpoint}.endpoint`), `localhost:${port}`)),
    row('TRC016', at, 'the receiver is in no pipeline', set(object, place('receivers.jaeger/two'), { protocols: { grpc: { endpoint: '0.0.0.0:14251' } } }), set(object, traces(`receivers[=${receiver}]`), 'jaeger/two')),
    row('TRC017', at, 'the pipeline names the exporter without its second name', set(object, traces('exporters[0]'), 'otlp_grpc')),
    row('TRC017', at, 'the pipeline names a processor that is not declared', push(object, traces('processors'), 'resource')),
    row('TRC017', at, 'the pipeline names a receiver that is not declared', push(object, traces('receivers'), 'skywalking')),
    row('TRC017', at, 'an extension is started that is not declared', push(object, place('service.extensions'), 'pprof')),
    row('TRC018', at, 'batch is declared and in no pipeline', set(object, place('processors.resource'), { attributes: [{ key: 'env', value: 'lab', action: 'upsert' }] })),
    row('TRC018', at, 'the health check is declared and not started', set(object, place('service.extensions'), [])),
    row('TRC019', at, 'the pipeline has no exporters', set(object, traces('exporters'), [])),
    row(object.startsWith('ConfigMap') ? 'TRC019' : 'OBJ004', at, 'the pipeline’s processors are one name', set(object, traces('processors'), 'batch')),
    row('TRC019', at, 'there is a pipeline of spans', set(object, place('service.pipelines.spans'), { receivers: ['otlp'], exporters: ['otlp_grpc/tempo'] })),
    row('TRC020', at, 'a connector that nothing receives from', set(object, place('connectors.forward'), {}), push(object, traces('exporters'), 'forward')),
    row('TRC021', at, 'a connector from traces to traces in a circle', set(object, place('connectors.forward'), {}), push(object, traces('exporters'), 'forward'), push(object, traces('receivers'), 'forward')),
    row('TRC022', at, 'the memory limiter has no limit', set(object, place('processors.memory_limiter'), { check_interval: '1s' })),
    row('TRC022', at, 'the exporter has no endpoint', drop(object, tempo('endpoint'))),
    row('TRC022', at, 'OTLP without a protocol', set(object, place('receivers.otlp.protocols'), {})),
    row('TRC023', at, 'a type is misspelt', set(object, place('processors.bach'), {}), push(object, traces('processors'), 'bach')),
    row('TRC024', at, 'the exporter logging, gone since 0.111', ...more('logging', { loglevel: 'info' })),
    row('TRC024', at, 'the exporter jaeger, gone since 0.86', ...more('jaeger', { endpoint: 'jaeger-collector.istio-system:14250', tls: { insecure: true } })),
    row('TRC024', at, 'the receiver opencensus, gone since 0.134', set(object, place('receivers.opencensus'), { endpoint: '0.0.0.0:55678' }), push(object, traces('receivers'), 'opencensus')),
    row('TRC024', at, 'the old address of its own metrics', set(object, place('service.telemetry.metrics'), { address: '0.0.0.0:8888' })),
    row('TRC027', at, 'the backend’s host is misspelt', set(object, tempo('endpoint'), 'tempoo.observability.svc.cluster.local:4317')),
    row('TRC027', at, 'the backend’s host is of the chart', set(object, tempo('endpoint'), 'tempo-distributor.observability:4317')),
    row('TRC027', at, 'the backend’s port is OTLP’s of old', set(object, tempo('endpoint'), `${tempoHost}:55680`)),
    row('TRC011', at, 'spans go to the port for questions', set(object, tempo('endpoint'), `${tempoHost}:3200`)),
    row('TRC012', at, 'OTLP to the port of Zipkin', set(object, tempo('endpoint'), `${tempoHost}:9411`)),
    row('TRC012', at, 'OTLP by gRPC to the port of HTTP', set(object, tempo('endpoint'), `${tempoHost}:4318`)),
    row('TRC012', at, 'OTLP by HTTP to the port of gRPC', ...more('otlp_http', { endpoint: `http://${tempoHost}:4317` })),
    row('TRC014', at, 'the path of OTLP twice', ...more('otlp_http', { endpoint: `http://${tempoHost}:4318/v1/traces` })),
    row('TRC014', at, 'Zipkin without its path', ...more('zipkin', { endpoint: `http://${tempoHost}:9411` })),
    row('TRC028', at, 'a pipeline of traces ends in metrics', ...more('prometheus/spans', { endpoint: '0.0.0.0:9090' })),
    row('TRC029', at, 'TLS towards a receiver without', set(object, tempo('tls'), { insecure: false })),
    row('TRC029', at, 'TLS by default', drop(object, tempo('tls'))),
    row('TRC029', at, 'TLS by the scheme', set(object, tempo('endpoint'), `https://${tempoHost}:4317`)),
    row('TRC030', at, 'the collector sends to itself', ...more('otlp_grpc/self', { endpoint: `${host}:4317`, tls: { insecure: true } })),
    row('TRC032', at, 'the memory limiter stands last', set(object, traces('processors'), ['batch', 'memory_limiter'])),
    row('TRC032', at, 'batch stands before a sampler', set(object, place('processors.probabilistic_sampler'), { sampling_percentage: 10 }), push(object, traces('processors'), 'probabilistic_sampler')),
    row('TRC033', at, 'a sampler keeps more than all', set(object, place('processors.probabilistic_sampler'), { sampling_percentage: 150 }), set(object, traces('processors'), ['memory_limiter', 'probabilistic_sampler', 'batch'])),
    row('TRC034', at, 'spans go to the log alone', drop(object, place('exporters.otlp_grpc/tempo')), set(object, place('exporters.debug/all'), {}), set(object, traces('exporters[=otlp_grpc/tempo]'), 'debug/all')),
    row('TRC049', ADDED, 'nobody lets the collector reach Tempo', add('apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: tempo, namespace: observability}\nspec: {podSelector: {matchLabels: {app: tempo}}, ingress: [{from: [{podSelector: {matchLabels: {app: grafana}}}, {podSelector: {matchLabels: {app: kiali}}}]}]}')),
    row('TRC031', at, 'several collectors sample whole traces', set(object, place('processors.tail_sampling'), { policies: [{ name: 'all', type: 'always_sample' }] }), set(object, traces('processors'), ['memory_limiter', 'tail_sampling', 'batch']), set(...replicas, 3), set(...image, 'docker.io/otel/opentelemetry-collector-contrib:0.159.0')),
  ];
}
