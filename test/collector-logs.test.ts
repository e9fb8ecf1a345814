import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { Endpoint, type LogSink } from '../constructs/kit/index.ts';
import { type AccessLogSink, accessLogFields, Mesh } from '../constructs/mesh/index.ts';
import { Loki } from '../constructs/observability/index.ts';
import { Collector, LogCollector, type LogCollectorProps, NodeLogs, type NodeLogsProps } from '../constructs/tracing/index.ts';
import { external, loki, make, tail, tempo } from './support/collector.ts';
import { type Loose, layer, object, objects } from './support/synth.ts';

const upstream: LogSink = { logReceiver: external('otlp-grpc', 'otel.platform.svc.cluster.local', 4317) };

describe('a collector of spans and logs', () => {
  it('takes both at the same ports, each in a pipeline of its own', () => {
    const { config, collector, pod } = make({ logsTo: [loki], receive: ['otlp-grpc', 'zipkin'] });
    expect(config.service.pipelines).toEqual({
      traces: { receivers: ['otlp', 'zipkin'], processors: ['memory_limiter', 'batch'], exporters: ['otlp_grpc/tempo'] },
      logs: { receivers: ['otlp'], processors: ['memory_limiter', 'transform/proxies', 'batch'], exporters: ['otlp_http/loki'] },
    });
    expect(collector.logReceiver).toEqual(collector.receiver('otlp-grpc'));
    expect(pod.spec.containers[0].image).toContain('opentelemetry-collector-k8s:');
  });

  it('is without logs what it was', () => {
    const { config, collector } = make();
    expect(Object.keys(config.service.pipelines)).toEqual(['traces']);
    expect(collector.logReceiver).toBeUndefined();
  });

  it('says of every record which proxy wrote it, where an index can find it', () => {
    const [{ context, statements }] = make({ logsTo: [loki] }).config.processors['transform/proxies'].log_statements;
    expect(context).toBe('log');
    for (const key of ['service.name', 'k8s.namespace.name', 'k8s.pod.name']) {
      expect(statements).toContain(`set(resource.attributes["${key}"], attributes["${key}"]) where attributes["${key}"] != nil`);
      expect(statements).toContain(`delete_key(attributes, "${key}")`);
    }
  });

  it('adds to logs what it adds to spans, and keeps all of them', () => {
    const { config } = make({
      ...{ logsTo: [loki], k8sAttributes: {}, resource: { site: 'north' }, sampling: tail, debug: 'basic' },
      ...{ filter: ['name == "a"'], transform: ['set(name, "b")'] },
    });
    expect(config.service.pipelines.logs).toEqual({
      receivers: ['otlp'],
      processors: ['memory_limiter', 'k8s_attributes', 'transform/proxies', 'resource', 'batch'],
      exporters: ['otlp_http/loki', 'debug'],
    });
  });

  it('sends to sinks of both protocols, under names that no sink of spans has', () => {
    const spans = { ...tempo, receiver: () => external('otlp-grpc', 'otel.platform.svc.cluster.local', 4317) } as typeof tempo;
    const elsewhere: LogSink = { logReceiver: external('otlp-http', 'logs.example', 443, '/in', true) };
    const { config } = make({ exportTo: [spans], logsTo: [upstream, loki, elsewhere] });
    expect(config.service.pipelines.logs.exporters).toEqual(['otlp_grpc/otel.platform', 'otlp_http/loki', 'otlp_http/logs']);
    expect(config.exporters['otlp_grpc/otel.platform']).toEqual({
      endpoint: 'otel.platform.svc.cluster.local:4317',
      tls: { insecure: true },
    });
    // Another path than OTLP's own is told apart: to an endpoint the exporter would append /v1/logs.
    expect(config.exporters['otlp_http/logs']).toEqual({ logs_endpoint: 'https://logs.example:443/in' });
  });

  it('sends logs from the tier in front: they need no pod of their own', () => {
    const { config, sampler } = make({ logsTo: [loki], loadBalancing: {}, sampling: tail });
    expect(config.service.pipelines.logs.exporters).toEqual(['otlp_http/loki']);
    expect(Object.keys(sampler.service.pipelines)).toEqual(['traces']);
  });

  it('is run by the operator likewise', () => {
    const { config, collector } = make({ logsTo: [loki], runAs: 'operator' });
    expect(config.service.pipelines.logs.receivers).toEqual(['otlp']);
    expect(collector.logReceiver.authority).toBe('otel-collector.otel-system.svc.cluster.local:4317');
  });

  it('refuses logs that cannot come, or go nowhere, or twice', () => {
    expect(() => make({ logsTo: [loki], receive: ['otlp-http'] })).toThrow('wants otlp-grpc among what it receives');
    expect(() => make({ logsTo: [] as unknown as [LogSink] })).toThrow("logsTo of 'layer/collector' is empty");
    expect(() => make({ logsTo: [loki, loki] })).toThrow(
      "logsTo of 'layer/collector' names http://loki.logs.svc.cluster.local:3100/otlp/v1/logs twice",
    );
  });
});

describe('LogCollector', () => {
  const alone = (props: Partial<LogCollectorProps> = {}) => {
    const chart = layer('logs');
    const collector = new LogCollector(chart, 'logs', { logsTo: [loki], ...props });
    const name = props.name ?? 'logs-collector';
    const deployment = objects(chart).find((o) => o.kind === 'Deployment');
    const config = deployment && parse(object(chart, 'ConfigMap', name).data['config.yaml']);
    return { chart, collector, config, pod: deployment?.spec.template.spec };
  };

  it('has one pipeline, of logs', () => {
    const { config, collector } = alone();
    expect(config.service.pipelines).toEqual({
      logs: { receivers: ['otlp'], processors: ['memory_limiter', 'transform/proxies', 'batch'], exporters: ['otlp_http/loki'] },
    });
    expect(collector.logReceiver.authority).toBe('logs-collector.logs.svc.cluster.local:4317');
    expect(collector.watched).toEqual([{ is: 'collector', name: 'logs-collector', namespace: 'logs' }]);
    expect(collector.scrapeJobs).toMatchObject([{ by: 'service', service: 'logs-collector', port: 'http-metrics' }]);
  });

  type Shows = (made: ReturnType<typeof alone>) => void;
  // A new option without an expectation does not compile.
  const options: { readonly [K in keyof Required<LogCollectorProps>]: readonly [Pick<LogCollectorProps, K>, Shows] } = {
    logsTo: [{ logsTo: [upstream] }, ({ config }) => expect(config.service.pipelines.logs.exporters).toEqual(['otlp_grpc/otel'])],
    name: [{ name: 'als' }, ({ collector }) => expect(collector.logReceiver.host).toBe('als.logs.svc.cluster.local')],
    runAs: [
      { runAs: 'operator' },
      ({ chart, collector }) => {
        expect(object(chart, 'OpenTelemetryCollector', 'logs').spec.config.service.pipelines.logs.receivers).toEqual(['otlp']);
        expect(collector.watched).toMatchObject([{ name: 'logs-collector' }]);
        expect(collector.logReceiver.host).toBe('logs-collector.logs.svc.cluster.local');
      },
    ],
    k8sAttributes: [
      { k8sAttributes: { metadata: ['k8s.pod.name'] } },
      ({ chart, config }) => {
        expect(config.service.pipelines.logs.processors[1]).toBe('k8s_attributes');
        expect(object(chart, 'ClusterRole', 'logs-collector-logs').rules).toHaveLength(1);
      },
    ],
    resource: [
      { resource: { site: 'north' } },
      ({ config }) => expect(config.processors.resource.attributes).toMatchObject([{ key: 'site', value: 'north' }]),
    ],
    debug: [
      { debug: 'detailed' },
      ({ config }) => expect(config.service.pipelines.logs.exporters).toEqual(['otlp_http/loki', 'debug']),
    ],
    replicas: [{ replicas: 2 }, ({ chart }) => expect(object(chart, 'Deployment', 'logs-collector').spec.replicas).toBe(2)],
    resources: [
      { resources: { cpu: '1', memory: '1Gi', memoryLimit: '2Gi' } },
      ({ pod }) => expect(pod.containers[0].resources.limits.memory).toBe('2Gi'),
    ],
    env: [
      { env: { ZONE: 'north' } },
      ({ pod }) => expect(pod.containers[0].env).toContainEqual({ name: 'ZONE', value: 'north' }),
    ],
    sidecar: [
      { sidecar: 'always' },
      ({ chart }) =>
        expect(object(chart, 'Deployment', 'logs-collector').spec.template.metadata.labels['sidecar.istio.io/inject']).toBe(
          'true',
        ),
    ],
    distribution: [
      { distribution: 'contrib' },
      ({ pod }) => expect(pod.containers[0].image).toContain('opentelemetry-collector-contrib:'),
    ],
    version: [{ version: '0.140.0' }, ({ config }) => expect(config.service.pipelines.logs.exporters).toEqual(['otlphttp/loki'])],
    image: [
      { image: 'harbor.site.example/otelcol' },
      ({ pod }) => expect(pod.containers[0].image).toMatch(/^harbor\.site\.example\/otelcol:/),
    ],
    extra: [
      { extra: { processors: { 'filter/health': { logs: { log_record: ['body == "x"'] } } } } },
      ({ config }) =>
        expect(config.service.pipelines.logs.processors).toEqual([
          'memory_limiter',
          'transform/proxies',
          'filter/health',
          'batch',
        ]),
    ],
  };

  it.each(Object.entries(options))('%s', (_, [given, shows]) => shows(alone(given)));

  it('refuses what no collector can be', () => {
    expect(() => alone({ replicas: 0 })).toThrow("replicas of 'layer/logs' is 0");
    expect(() => alone({ name: 'Logs' })).toThrow("name of collector 'layer/logs'");
    expect(() => alone({ logsTo: [] as unknown as [LogSink] })).toThrow("logsTo of 'layer/logs' is empty");
  });
});

describe('NodeLogs', () => {
  const node = (props: Partial<NodeLogsProps> = {}) => {
    const chart = layer('logs');
    const agent = new NodeLogs(chart, 'files', { logsTo: [loki], ...props });
    const name = props.name ?? 'node-logs';
    const { spec, metadata } = object(chart, 'DaemonSet', name).spec.template;
    const config = parse(object(chart, 'ConfigMap', name).data['config.yaml']);
    return { chart, agent, config, spec, metadata, container: spec.containers[0] };
  };

  it('reads the proxies of its node, and remembers where it was', () => {
    const { config, spec, container } = node();
    const receiver = config.receivers.file_log;
    expect(receiver.include).toEqual(['/var/log/pods/*/istio-proxy/*.log']);
    expect(receiver.operators.map((one: Loose) => one.type)).toEqual(['container', 'json_parser', 'trace_parser', 'remove']);
    expect(receiver.storage).toBe('file_storage');
    expect(config.service.extensions).toContain('file_storage');
    expect(config.service.pipelines).toEqual({
      logs: { receivers: ['file_log'], processors: ['memory_limiter', 'transform/pods', 'batch'], exporters: ['otlp_http/loki'] },
    });
    expect(container.image).toContain('opentelemetry-collector-k8s:');
    const writable = container.volumeMounts.filter((m: Loose) => !m.readOnly).map((m: Loose) => m.mountPath);
    expect(writable).toEqual([config.extensions.file_storage.directory]);
    expect(spec.volumes).toContainEqual({ name: 'pods', hostPath: { path: '/var/log/pods' } });
  });

  it('runs on every node, as root that can do nothing, where that is allowed', () => {
    const { chart, spec, container, metadata, agent } = node();
    expect(spec.tolerations).toEqual([{ operator: 'Exists' }]);
    expect(spec.securityContext.runAsUser).toBe(0);
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: true,
    });
    expect(spec.automountServiceAccountToken).toBe(false);
    expect(object(chart, 'Namespace', 'logs').metadata.labels['pod-security.kubernetes.io/enforce']).toBe('privileged');
    expect(metadata.labels['sidecar.istio.io/inject']).toBe('false');
    expect(metadata.annotations).toMatchObject({ 'prometheus.io/scrape': 'true', 'prometheus.io/port': '8888' });
    expect(agent.watched).toEqual([{ is: 'collector', name: 'node-logs', namespace: 'logs' }]);
  });

  it('rolls with its configuration', () => {
    const hash = (props: Partial<NodeLogsProps>) => node(props).metadata.annotations['meshwright.dev/config-hash'];
    expect(hash({})).toBe(hash({}));
    expect(hash({ containers: 'all' })).not.toBe(hash({}));
  });

  it('calls a service as its pods are called, without their suffixes', () => {
    const [, statement] = node().config.processors['transform/pods'].log_statements[0].statements;
    const [, pattern = ''] = /^replace_pattern\(attributes\["service\.name"\], "(.*)", ""\)$/.exec(statement) ?? [];
    const regex = new RegExp(pattern.replaceAll('$$', '$'));
    for (const [pod, service] of [
      ['productpage-v1-5d4f8c7b9d-x2x4z', 'productpage-v1'],
      ['ztunnel-bq7kd', 'ztunnel'],
      ['cassandra-0', 'cassandra-0'],
      ['istio-ingressgateway-7b9c4d5f6-zzz22', 'istio-ingressgateway'],
    ] as const)
      expect(pod.replace(regex, '')).toBe(service);
  });

  type Shows = (made: ReturnType<typeof node>) => void;
  // A new option without an expectation does not compile.
  const options: { readonly [K in keyof Required<NodeLogsProps>]: readonly [Pick<NodeLogsProps, K>, Shows] } = {
    logsTo: [{ logsTo: [upstream] }, ({ config }) => expect(config.service.pipelines.logs.exporters).toEqual(['otlp_grpc/otel'])],
    containers: [
      { containers: 'all' },
      ({ config }) => {
        expect(config.receivers.file_log.include).toEqual(['/var/log/pods/*/*/*.log']);
        expect(config.receivers.file_log.exclude).toEqual(['/var/log/pods/logs_node-logs-*/*/*.log']);
      },
    ],
    name: [{ name: 'tail' }, ({ agent }) => expect(agent.scrapeJobs).toMatchObject([{ pods: { labels: { app: 'tail' } } }])],
    resource: [
      { resource: { site: 'north' } },
      ({ config }) => expect(config.service.pipelines.logs.processors).toContain('resource'),
    ],
    resources: [
      { resources: { cpu: '1', memory: '1Gi', memoryLimit: '2Gi' } },
      ({ container }) => expect(container.resources.limits.memory).toBe('2Gi'),
    ],
    version: [{ version: '0.140.0' }, ({ config }) => expect(Object.keys(config.receivers)).toEqual(['filelog'])],
    image: [
      { image: 'harbor.site.example/otelcol' },
      ({ container }) => expect(container.image).toMatch(/^harbor\.site\.example\/otelcol:/),
    ],
  };

  it.each(Object.entries(options))('%s', (_, [given, shows]) => shows(node(given)));

  it('refuses what cannot be', () => {
    expect(() => node({ name: 'Node' })).toThrow("name of 'layer/files'");
    expect(() => node({ logsTo: [] as unknown as [LogSink] })).toThrow("logsTo of 'layer/files' is empty");
    expect(() => node({ resources: { cpu: '1', memory: '2Gi', memoryLimit: '1Gi' } })).toThrow('raise memoryLimit');
  });
});

describe('the access log of a mesh, by OTLP', () => {
  const log = (accessLog: AccessLogSink): Loose => {
    const mesh = new Mesh(layer(), 'istio', { accessLog });
    const [provider] = mesh.config.extensionProviders as Loose[];
    return provider.envoyOtelAls;
  };
  const chart = layer('observability');
  const backend = new Loki(chart, 'loki');
  const collector = new Collector(chart, 'collector', { exportTo: [tempo], logsTo: [backend] });

  it('goes to the gRPC port of a collector, with its text, its fields, and whose proxy it was', () => {
    const { service, port, logFormat } = log({ to: collector });
    expect([service, port]).toEqual(['otel-collector.observability.svc.cluster.local', 4317]);
    expect(logFormat.text).toContain('trace_id=%TRACE_ID%');
    expect(logFormat.labels).toMatchObject({
      'service.name': '%ENVIRONMENT(ISTIO_META_WORKLOAD_NAME)%',
      'k8s.namespace.name': '%ENVIRONMENT(POD_NAMESPACE)%',
      'k8s.pod.name': '%ENVIRONMENT(POD_NAME)%',
      response_code: '%RESPONSE_CODE%',
    });
    // Envoy sets the record's own: Loki would keep two labels of one name.
    expect(logFormat.labels).not.toHaveProperty('trace_id');
    expect(logFormat.labels).not.toHaveProperty('start_time');
  });

  it('names in the collector what it names in the log', () => {
    const [{ statements }] = make({ logsTo: [loki] }).config.processors['transform/proxies'].log_statements;
    const { labels } = log({ to: collector }).logFormat;
    const moved = statements.flatMap((s: string) => /^delete_key\(attributes, "(.+)"\)$/.exec(s)?.[1] ?? []);
    expect(moved).toHaveLength(3);
    for (const key of moved) expect(labels).toHaveProperty([key]);
  });

  it('keeps whose proxy it was with a format of your own', () => {
    const identity = log({ to: collector, format: { text: '%PROTOCOL%' } }).logFormat;
    expect(identity.text).toBe('%PROTOCOL%');
    expect(Object.keys(identity.labels)).toEqual(['service.name', 'k8s.namespace.name', 'k8s.pod.name']);
    const own = log({
      to: collector,
      format: { json: { code: '%RESPONSE_CODE%', 'service.name': 'mesh', trace_id: '%TRACE_ID%' } },
    });
    expect(own.logFormat.labels).toEqual({
      'service.name': 'mesh',
      'k8s.namespace.name': '%ENVIRONMENT(POD_NAMESPACE)%',
      'k8s.pod.name': '%ENVIRONMENT(POD_NAME)%',
      code: '%RESPONSE_CODE%',
    });
  });

  it('goes to an address as it is told', () => {
    const to = Endpoint.external({ protocol: 'otlp-grpc', host: 'otel.site.svc.cluster.local', port: 4317 });
    expect(log({ to, logName: 'mesh' })).toEqual({ service: 'otel.site.svc.cluster.local', port: 4317, logName: 'mesh' });
    expect(log({ to, format: { text: '%PROTOCOL%' } }).logFormat).toEqual({ text: '%PROTOCOL%' });
  });

  it('goes nowhere else', () => {
    const without: unknown = new Collector(layer('a'), 'plain', { exportTo: [tempo] });
    expect(() => log({ to: without as typeof collector })).toThrow(
      "the access log of 'layer/istio' goes to something that takes no logs: name a collector with logsTo",
    );
    const byHttp: unknown = backend;
    expect(() => log({ to: byHttp as typeof collector })).toThrow('takes logs by otlp-http, proxies send otlp-grpc');
    expect(() => log({ to: collector, format: { json: { host: { name: '%HOSTNAME%' } } } })).toThrow(
      'has {"name":"%HOSTNAME%"} for "host": an attribute of a record is a text',
    );
    const tls = { logReceiver: external('otlp-grpc', 'otel.example', 443, '', true) } as const;
    expect(() => log({ to: tls })).toThrow('is reached by TLS');
  });

  it('tells the trace id on standard output too, with the fields as JSON', () => {
    const mesh = new Mesh(layer(), 'istio', { accessLog: { format: { json: accessLogFields } } });
    const [provider] = mesh.config.extensionProviders as Loose[];
    expect(provider.envoyFileAccessLog).toMatchObject({ path: '/dev/stdout', logFormat: { labels: { trace_id: '%TRACE_ID%' } } });
  });
});
