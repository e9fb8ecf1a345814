import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../constructs/kit/index.ts';
import { Collector, type CollectorProps } from '../constructs/tracing/index.ts';
import { distribution, every, external, loki, type Made, make, store, tail, tempo } from './support/collector.ts';
import { type Loose, object, objects } from './support/synth.ts';

/** Every option, what it is set to, and what must come of it. An option without a line here does not compile. */
const options: {
  readonly [K in keyof Required<CollectorProps>]: readonly [
    given: Pick<Required<CollectorProps>, K> & Partial<CollectorProps>,
    shows: (made: Made) => void,
  ];
} = {
  exportTo: [
    { exportTo: [tempo] },
    ({ config }) =>
      expect(config.exporters).toEqual({
        'otlp_grpc/tempo': { endpoint: 'tempo.tempo.svc.cluster.local:4317', tls: { insecure: true } },
      }),
  ],
  logsTo: [
    { logsTo: [loki] },
    ({ config, collector }) => {
      expect(config.exporters['otlp_http/loki']).toEqual({ endpoint: 'http://loki.logs.svc.cluster.local:3100/otlp' });
      expect(config.service.pipelines.logs.exporters).toEqual(['otlp_http/loki']);
      expect(collector.logReceiver.authority).toBe('otel-collector.otel-system.svc.cluster.local:4317');
    },
  ],
  receive: [
    { receive: ['zipkin', 'otlp-http'] },
    ({ config, collector }) => {
      expect(config.receivers).toEqual({
        zipkin: { endpoint: '0.0.0.0:9411' },
        otlp: { protocols: { http: { endpoint: '0.0.0.0:4318' } } },
      });
      expect(collector.accepts).toEqual(['zipkin', 'otlp-http']);
    },
  ],
  runAs: [
    { runAs: 'operator' },
    ({ chart }) => expect(object(chart, 'OpenTelemetryCollector', 'otel').spec.mode).toBe('deployment'),
  ],
  name: [
    { name: 'spans' },
    ({ chart, collector }) => {
      expect(object(chart, 'Deployment', 'spans')).toBeDefined();
      expect(collector.receiver('otlp-grpc').host).toBe('spans.otel-system.svc.cluster.local');
    },
  ],
  k8sAttributes: [
    { k8sAttributes: { metadata: ['k8s.pod.name'], labels: { 'app.version': 'version' } } },
    (made) => {
      expect(made.config.processors.k8s_attributes.extract).toEqual({
        metadata: ['k8s.pod.name'],
        labels: [{ tag_name: 'app.version', key: 'version', from: 'pod' }],
      });
      const rules = object(made.chart, 'ClusterRole', 'otel-collector-otel-system').rules;
      expect(rules).toEqual([{ apiGroups: [''], resources: ['pods', 'namespaces'], verbs: ['get', 'list', 'watch'] }]);
      expect(made.pod.spec.automountServiceAccountToken).toBe(true);
      expect(distribution(made)).toBe('opentelemetry-collector-k8s:0.159.0');
    },
  ],
  filter: [
    { filter: ['attributes["url.path"] == "/healthz"'] },
    ({ config }) => expect(config.processors.filter.traces.span).toEqual(['attributes["url.path"] == "/healthz"']),
  ],
  resource: [
    { resource: { 'deployment.environment.name': 'lab' } },
    ({ config }) =>
      expect(config.processors.resource.attributes).toEqual([
        { key: 'deployment.environment.name', value: 'lab', action: 'upsert' },
      ]),
  ],
  transform: [
    { transform: ['replace_pattern(name, "/user/(.+)", "/user/$1")'] },
    // One '$' would begin a variable of the collector's.
    ({ config }) =>
      expect(config.processors.transform.trace_statements[0].statements).toEqual([
        'replace_pattern(name, "/user/(.+)", "/user/$$1")',
      ]),
  ],
  sampling: [{ sampling: tail }, ({ config }) => expect(config.processors.tail_sampling.policies).toHaveLength(2)],
  decisionWaitSeconds: [
    { decisionWaitSeconds: 5, sampling: tail },
    ({ config }) => expect(config.processors.tail_sampling.decision_wait).toBe('5s'),
  ],
  debug: [
    { debug: 'detailed' },
    ({ config }) => {
      expect(config.exporters.debug).toEqual({ verbosity: 'detailed' });
      expect(config.service.pipelines.traces.exporters).toEqual(['otlp_grpc/tempo', 'debug']);
    },
  ],
  spanMetrics: [
    { spanMetrics: { dimensions: ['http.method'], buckets: [5, 250.5], exemplars: true } },
    ({ config }) => {
      expect(config.connectors.span_metrics).toMatchObject({
        dimensions: [{ name: 'http.method' }],
        histogram: { explicit: { buckets: ['5ms', '250.5ms'] } },
        exemplars: { enabled: true },
      });
      // The text format of old has no place for exemplars.
      expect(config.exporters.prometheus).toEqual({ endpoint: '0.0.0.0:8889', enable_open_metrics: true });
    },
  ],
  serviceGraph: [
    { serviceGraph: { dimensions: ['http.method'], buckets: [5], waitSeconds: 10 } },
    (made) => {
      expect(made.config.connectors.service_graph).toMatchObject({
        dimensions: ['http.method'],
        latency_histogram_buckets: ['5ms'],
        store: { ttl: '10s' },
      });
      // Kubernetes' distribution has the connector, but no exporter for Prometheus.
      expect(distribution(made)).toBe('opentelemetry-collector-contrib:0.159.0');
    },
  ],
  metricsTo: [
    { metricsTo: store, spanMetrics: {} },
    ({ config, collector, pod }) => {
      expect(config.exporters.prometheus_remote_write.endpoint).toBe(
        'http://prometheus.metrics.svc.cluster.local:9090/api/v1/write',
      );
      expect(config.exporters.prometheus).toBeUndefined();
      expect(pod.spec.containers[0].env).toContainEqual({
        name: 'POD_NAME',
        valueFrom: { fieldRef: { fieldPath: 'metadata.name' } },
      });
      expect(collector.scrapeJobs).toHaveLength(1);
    },
  ],
  replicas: [{ replicas: 3 }, ({ chart }) => expect(object(chart, 'Deployment', 'otel-collector').spec.replicas).toBe(3)],
  loadBalancing: [
    { loadBalancing: { replicas: 4, resolver: 'k8s' } },
    ({ chart, config }) => {
      expect(object(chart, 'Deployment', 'otel-collector').spec.replicas).toBe(4);
      expect(config.exporters.load_balancing.resolver).toEqual({
        k8s: { service: 'otel-collector-sampler.otel-system', ports: [4317] },
      });
    },
  ],
  resources: [
    { resources: { cpu: '1', memory: '1Gi', memoryLimit: '2Gi' } },
    ({ pod }) => {
      expect(pod.spec.containers[0].resources).toEqual({ requests: { cpu: '1', memory: '1Gi' }, limits: { memory: '2Gi' } });
      expect(pod.spec.containers[0].env).toContainEqual({ name: 'GOMEMLIMIT', value: '1638MiB' });
    },
  ],
  env: [{ env: { TENANT: 'a' } }, ({ pod }) => expect(pod.spec.containers[0].env).toContainEqual({ name: 'TENANT', value: 'a' })],
  sidecar: [{ sidecar: 'always' }, ({ pod }) => expect(pod.metadata.labels['sidecar.istio.io/inject']).toBe('true')],
  distribution: [
    { distribution: 'contrib' },
    (made) => expect(distribution(made)).toBe('opentelemetry-collector-contrib:0.159.0'),
  ],
  version: [
    { version: '0.120.0', k8sAttributes: {} },
    (made) => {
      expect(distribution(made)).toBe('opentelemetry-collector-k8s:0.120.0');
      // It knows no other names.
      expect(made.config.service.pipelines.traces).toEqual({
        receivers: ['otlp'],
        processors: ['memory_limiter', 'k8sattributes', 'batch'],
        exporters: ['otlp/tempo'],
      });
      expect(Object.keys(made.config.exporters)).toEqual(['otlp/tempo']);
    },
  ],
  image: [
    { image: 'harbor.site.example/otel/collector' },
    ({ pod }) => expect(pod.spec.containers[0].image).toBe('harbor.site.example/otel/collector:0.159.0'),
  ],
  extra: [
    {
      extra: {
        receivers: { otlp: { protocols: { grpc: { max_recv_msg_size_mib: 16 } } }, loki: { protocols: { http: null } } },
        processors: { batch: { timeout: '1s' }, 'attributes/own': { actions: [{ key: 'secret', action: 'delete' }] } },
        exporters: { 'otlp_grpc/tempo': { compression: 'zstd' }, file: { path: '/tmp/spans' }, 'debug/logs': {} },
        extensions: { pprof: { endpoint: 'localhost:1777' } },
        pipelines: { logs: { receivers: ['loki'], exporters: ['debug/logs'] } },
      },
    },
    ({ config }) => {
      expect(config.receivers.otlp.protocols.grpc).toEqual({ endpoint: '0.0.0.0:4317', max_recv_msg_size_mib: 16 });
      expect(config.receivers.loki).toEqual({ protocols: { http: {} } });
      expect(config.processors.batch).toEqual({ timeout: '1s' });
      expect(config.exporters['otlp_grpc/tempo']).toMatchObject({ compression: 'zstd', tls: { insecure: true } });
      expect(config.service.extensions).toEqual(['health_check', 'pprof']);
      expect(config.service.pipelines).toEqual({
        traces: {
          receivers: ['otlp'],
          processors: ['memory_limiter', 'attributes/own', 'batch'],
          exporters: ['otlp_grpc/tempo', 'file'],
        },
        logs: { receivers: ['loki'], processors: [], exporters: ['debug/logs'] },
      });
    },
  ],
};

describe('Collector', () => {
  it.each(Object.entries(options))('renders the option %s', (_, [given, shows]) => shows(make(given)));

  it('takes spans on every port its Service shows, beyond localhost, in the traces pipeline', () => {
    const { chart, config, pod, collector } = make({ receive: every });
    const listening = Object.values(config.receivers)
      .flatMap((r: Loose) => (r.protocols ? Object.values<Loose>(r.protocols) : [r]))
      .map((p) => p.endpoint);
    const service = object(chart, 'Service', 'otel-collector').spec.ports;
    const spans = service.filter((p: Loose) => p.name !== 'http-metrics');
    expect(listening.sort()).toEqual(spans.map((p: Loose) => `0.0.0.0:${p.targetPort}`).sort());
    expect(config.service.pipelines.traces.receivers.sort()).toEqual(Object.keys(config.receivers).sort());
    // Istio speaks HTTP/1.1 to a gRPC port that does not say so.
    expect(spans.map((p: Loose) => `${p.port} ${p.appProtocol} ${p.protocol ?? 'TCP'}`)).toEqual([
      '4317 grpc TCP',
      '4318 http TCP',
      '9411 http TCP',
      '14250 grpc TCP',
      '14268 http TCP',
      '6831 udp UDP',
      '6832 udp UDP',
      '11800 grpc TCP',
    ]);
    const container = pod.spec.containers[0].ports.map((p: Loose) => `${p.containerPort} ${p.protocol ?? 'TCP'}`);
    for (const p of service) expect(container).toContain(`${p.targetPort} ${p.protocol ?? 'TCP'}`);
    expect(every.map((protocol) => collector.receiver(protocol).url.replace(/^.*:(?=\d)/, ''))).toEqual([
      '4317',
      '4318/v1/traces',
      '9411/api/v2/spans',
      '14250',
      '14268/api/traces',
      '6831',
      '6832',
      '11800',
    ]);
    expect(distribution(make({ receive: every }))).toMatch(/-contrib:/);
  });

  it('runs as the smallest image, with no rights, outside the mesh, and says when it is ready', () => {
    const made = make();
    expect(distribution(made)).toBe('opentelemetry-collector:0.159.0');
    expect(made.pod.spec.automountServiceAccountToken).toBe(false);
    expect(objects(made.chart).filter((o) => /Role/.test(o.kind))).toEqual([]);
    expect(made.pod.metadata.labels).toMatchObject({ 'sidecar.istio.io/inject': 'false', 'istio.io/dataplane-mode': 'none' });
    expect(made.pod.spec.securityContext.runAsUser).toBe(10001);
    const [, port] = made.config.extensions.health_check.endpoint.split(':');
    expect(made.pod.spec.containers[0].readinessProbe.httpGet).toEqual({ path: '/', port: Number(port) });
    expect(made.config.service.extensions).toEqual(['health_check']);
    expect(made.collector.accepts).toEqual(['otlp-grpc', 'otlp-http']);
  });

  it('limits memory first and batches last, after sampling', () => {
    const { config } = make({
      k8sAttributes: {},
      filter: ['name == "x"'],
      resource: { a: 'b' },
      transform: ['set(name, "y")'],
      sampling: tail,
    });
    expect(config.service.pipelines.traces.processors).toEqual([
      'memory_limiter',
      'k8s_attributes',
      'filter',
      'resource',
      'transform',
      'tail_sampling',
      'batch',
    ]);
    expect(Object.keys(config.processors).sort()).toEqual([...config.service.pipelines.traces.processors].sort());
    expect(config.processors.memory_limiter.limit_percentage).toBeLessThan(100);
  });

  it('has its own metrics scraped', () => {
    const { chart, config, collector } = make();
    const { host, port } = config.service.telemetry.metrics.readers[0].pull.exporter.prometheus;
    expect(host).toBe('0.0.0.0');
    const [job] = collector.scrapeJobs;
    expect(job).toEqual({
      by: 'service',
      job: 'otel-system/otel-collector',
      namespace: 'otel-system',
      service: 'otel-collector',
      port: 'http-metrics',
      labels: object(chart, 'Service', 'otel-collector').metadata.labels,
    });
    expect(object(chart, 'Service', 'otel-collector').spec.ports.find((p: Loose) => p.name === 'http-metrics').port).toBe(port);
  });

  it('stands already, by its addresses', () => {
    const sink = Collector.fromExisting({ zipkin: external('zipkin', 'otel.tools.svc.cluster.local', 9411) });
    expect(sink.receiver('zipkin').port).toBe(9411);
  });

  it('refuses a protocol that it was not told to take', () => {
    expect(() => make({ receive: ['zipkin'] }).collector.receiver('otlp-grpc')).toThrow(
      "collector 'layer/collector' takes no otlp-grpc, it takes: zipkin",
    );
  });
});

describe('every tail policy', () => {
  it('keeps what it says', () => {
    const { config } = make({
      sampling: {
        tail: [
          { keep: 'errors' },
          { keep: 'slower-than', milliseconds: 500 },
          { keep: 'share', percent: 2.5 },
          { keep: 'spans-per-second', limit: 50 },
          { keep: 'attribute', key: 'tenant', values: ['a', 'b$'] },
          { keep: 'all' },
        ],
      },
    });
    const settings = config.processors.tail_sampling.policies.map((p: JsonObject) => [p.type, p[String(p.type)]]);
    expect(settings).toEqual([
      ['status_code', { status_codes: ['ERROR'] }],
      ['latency', { threshold_ms: 500 }],
      ['probabilistic', { sampling_percentage: 2.5 }],
      ['rate_limiting', { spans_per_second: 50 }],
      ['string_attribute', { key: 'tenant', values: ['a', 'b$$'] }],
      ['always_sample', undefined],
    ]);
  });
});
