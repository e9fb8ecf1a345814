import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { Endpoint, versions } from '../constructs/kit/index.ts';
import { Prometheus } from '../constructs/observability/index.ts';
import { Tempo, type TempoMetricsGenerator, type TempoProps, type TempoStorage } from '../constructs/tracing/index.ts';
import { type Loose, layer, object, objects } from './support/synth.ts';

const remoteWrite = Endpoint.external({
  protocol: 'http',
  host: 'mimir.metrics.svc.cluster.local',
  port: 9009,
  path: '/api/v1/push',
});
const everyGenerator: Required<TempoMetricsGenerator> = {
  to: { acceptRemoteWrite: () => remoteWrite },
  processors: ['span-metrics'],
};
const s3: Required<TempoStorage & { type: 's3' }> = {
  type: 's3',
  server: Endpoint.external({ protocol: 's3', host: 'minio.storage.svc.cluster.local', port: 9000 }),
  bucket: 'traces',
  region: 'eu-central-1',
  accessKey: { secret: 'minio', key: 'access' },
  secretKey: { secret: 'minio', key: 'secret' },
  disk: { size: '5Gi', storageClass: 'fast' },
};
const everyOption: Required<TempoProps> = {
  storage: { type: 'local', disk: { size: '10Gi' } },
  retention: '7d',
  metricsGenerator: everyGenerator,
  version: versions.tempo2,
  image: 'harbor.site.example/tempo',
  resources: { cpu: '1', memory: '1Gi', memoryLimit: '4Gi' },
};

function tempo(props?: TempoProps) {
  const chart = layer();
  const made = new Tempo(chart, 'tempo', props);
  const deployment = object(chart, 'Deployment', 'tempo');
  return {
    chart,
    made,
    deployment,
    config: parse(object(chart, 'ConfigMap', 'tempo').data['tempo.yaml']),
    template: deployment.spec.template,
    container: deployment.spec.template.spec.containers[0],
  };
}

describe('Tempo', () => {
  it('takes spans on every port its Service shows, beyond localhost', () => {
    const { chart, config, container } = tempo();
    const { otlp, jaeger, zipkin } = config.distributor.receivers;
    const listening = [
      otlp.protocols.grpc.endpoint,
      otlp.protocols.http.endpoint,
      jaeger.protocols.grpc.endpoint,
      jaeger.protocols.thrift_http.endpoint,
      zipkin.endpoint,
      `0.0.0.0:${config.server.http_listen_port}`,
      `0.0.0.0:${config.server.grpc_listen_port}`,
    ];
    const { ports } = object(chart, 'Service', 'tempo').spec;
    expect(ports.map((p: Loose) => `0.0.0.0:${p.targetPort}`).sort()).toEqual(listening.sort());
    expect(ports.map((p: Loose) => `${p.port} ${p.appProtocol}`)).toEqual([
      '3200 http',
      '9095 grpc',
      '4317 grpc',
      '4318 http',
      '9411 http',
      '14250 grpc',
      '14268 http',
    ]);
    expect(container.ports.map((p: Loose) => p.containerPort)).toEqual(ports.map((p: Loose) => p.targetPort));
    expect(container.readinessProbe.httpGet).toEqual({ path: '/ready', port: 3200 });
  });

  it('starts with the configuration that is mounted, and may write where that says', () => {
    const { config, container, template } = tempo();
    const [file] = container.args.flatMap((a: string) => /^-config\.file=(.*)\/tempo\.yaml$/.exec(a)?.[1] ?? []);
    expect(container.volumeMounts).toContainEqual({ name: 'config-tempo', mountPath: file, readOnly: true });
    const { local, wal, backend } = config.storage.trace;
    expect([backend, local.path, wal.path]).toEqual(['local', '/var/tempo/traces', '/var/tempo/wal']);
    const mount = container.volumeMounts.find((m: Loose) => m.mountPath === '/var/tempo');
    expect(template.spec.volumes).toContainEqual({ name: mount.name, emptyDir: {} });
    expect(template.spec.securityContext).toMatchObject({ runAsUser: 10001, fsGroup: 10001 });
  });

  it('stands outside the mesh, reports to nobody, and asks to be scraped', () => {
    const { template, config, made } = tempo();
    expect(template.metadata.labels).toMatchObject({ app: 'tempo', 'sidecar.istio.io/inject': 'false' });
    expect(template.metadata.annotations).toMatchObject({ 'prometheus.io/scrape': 'true', 'prometheus.io/port': '3200' });
    expect(config.usage_report).toEqual({ reporting_enabled: false });
    expect(made.scrapeJobs).toMatchObject([
      { by: 'pod-annotations', job: 'kubernetes-pods', pods: { labels: { app: 'tempo' } } },
    ]);
  });

  it.each([
    [
      undefined,
      {
        backend_scheduler: { provider: { compaction: { compaction: { block_retention: '48h' } } } },
        backend_worker: { compaction: { block_retention: '48h' } },
      },
      ['compactor', 'ingester', 'ingester_client', 'metrics_generator_client'],
    ],
    [versions.tempo2, { compactor: { compaction: { block_retention: '48h' } } }, ['backend_scheduler', 'backend_worker']],
    ['v2.9.5', { compactor: { compaction: { block_retention: '48h' } } }, ['backend_scheduler', 'backend_worker']],
  ])('says how long traces are kept in the words of version %s, which knows no others', (version, said, unknown) => {
    const { config } = tempo({ retention: '2d', ...(version ? { version } : {}) });
    expect(config).toMatchObject(said);
    for (const key of unknown) expect(config).not.toHaveProperty(key);
  });

  it('keeps traces for a day unless it is told otherwise', () => {
    expect(tempo().config.backend_worker.compaction.block_retention).toBe('24h');
  });

  it('can have a disk of its own, which one pod holds at a time', () => {
    const { chart, deployment, container, template } = tempo({ storage: { type: 'local', disk: { size: '10Gi' } } });
    const { spec } = object(chart, 'PersistentVolumeClaim', 'tempo');
    expect(spec).toEqual({ accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '10Gi' } } });
    const mount = container.volumeMounts.find((m: Loose) => m.mountPath === '/var/tempo');
    expect(template.spec.volumes).toContainEqual({ name: mount.name, persistentVolumeClaim: { claimName: 'tempo' } });
    expect(deployment.spec).toMatchObject({ replicas: 1, strategy: { type: 'Recreate' } });
  });

  it('can keep traces in an object store, whose keys stand in no object', () => {
    const { chart, config, container } = tempo({ storage: s3 });
    expect(config.storage.trace).toEqual({
      backend: 's3',
      s3: {
        endpoint: 'minio.storage.svc.cluster.local:9000',
        bucket: 'traces',
        region: 'eu-central-1',
        insecure: true,
      },
      wal: { path: '/var/tempo/wal' },
    });
    expect(container.env).toEqual([
      { name: 'AWS_ACCESS_KEY_ID', valueFrom: { secretKeyRef: { name: 'minio', key: 'access' } } },
      { name: 'AWS_SECRET_ACCESS_KEY', valueFrom: { secretKeyRef: { name: 'minio', key: 'secret' } } },
    ]);
    expect(object(chart, 'PersistentVolumeClaim', 'tempo').spec).toMatchObject({ storageClassName: 'fast' });
  });

  it('reaches the object store by TLS when its endpoint says so', () => {
    const server = Endpoint.external({ protocol: 's3', host: 's3.eu-central-1.amazonaws.com', port: 443, tls: true });
    const { region: _, disk: __, ...least } = s3;
    const { config } = tempo({ storage: { ...least, server } });
    expect(config.storage.trace.s3).toMatchObject({ endpoint: 's3.eu-central-1.amazonaws.com:443', insecure: false });
    expect(config.storage.trace.s3).not.toHaveProperty('region');
  });

  describe('metrics from spans', () => {
    it('are written where the store takes them, with both processors', () => {
      const chart = layer();
      const prometheus = new Prometheus(chart, 'prometheus');
      new Tempo(chart, 'tempo', { metricsGenerator: { to: prometheus } });
      const { metrics_generator, overrides } = parse(object(chart, 'ConfigMap', 'tempo').data['tempo.yaml']);
      expect(metrics_generator.storage.remote_write).toEqual([
        { url: 'http://prometheus.istio-system.svc.cluster.local:9090/api/v1/write', send_exemplars: true },
      ]);
      expect(metrics_generator.storage.path).toMatch(/^\/var\/tempo\//);
      expect(overrides).toEqual({ defaults: { metrics_generator: { processors: ['service-graphs', 'span-metrics'] } } });
      const { args } = object(chart, 'Deployment', 'prometheus').spec.template.spec.containers[0];
      expect(args).toContain('--web.enable-remote-write-receiver');
    });

    it('are not made unless somebody takes them', () => {
      const { config } = tempo();
      expect(config).not.toHaveProperty('metrics_generator');
      expect(config).not.toHaveProperty('overrides');
    });

    it('take every option', () => {
      const { config } = tempo({ metricsGenerator: everyGenerator });
      expect(config.metrics_generator.storage.remote_write[0].url).toBe(remoteWrite.url);
      expect(config.overrides.defaults.metrics_generator.processors).toEqual(['span-metrics']);
    });
  });

  it('hands out its addresses', () => {
    const { made } = tempo();
    expect(made.accepts).toEqual(['otlp-grpc', 'otlp-http', 'zipkin', 'jaeger-grpc', 'jaeger-thrift-http']);
    expect(made.receiver('otlp-grpc').authority).toBe('tempo.istio-system.svc.cluster.local:4317');
    expect(made.receiver('zipkin').url).toBe('http://tempo.istio-system.svc.cluster.local:9411/api/v2/spans');
    const kiali = made.toKialiTracing();
    expect(kiali).toMatchObject({ provider: 'tempo', dataSourceUid: made.toDataSource().uid, grpc: { port: 9095 } });
    expect(kiali.internal.url).toBe('http://tempo.istio-system.svc.cluster.local:3200');
    // Types keep it out; a program in JavaScript can still ask.
    expect(() => made.receiver('skywalking' as 'zipkin')).toThrow("tempo 'layer/tempo' takes no skywalking, it takes: otlp-grpc");
  });

  it('is a data source that leads to its neighbours', () => {
    const { made } = tempo();
    expect(made.toDataSource()).toMatchObject({
      name: 'Tempo',
      uid: 'tempo',
      type: 'tempo',
      url: 'http://tempo.istio-system.svc.cluster.local:3200',
      jsonData: { nodeGraph: { enabled: true }, search: { hide: false }, streamingEnabled: { search: false, metrics: false } },
    });
    expect(made.toDataSource().jsonData).not.toHaveProperty('serviceMap');
    const { jsonData } = made.toDataSource({ metrics: 'prom', serviceGraph: 'prom', logs: 'loki', traces: 'tempo' });
    expect(jsonData).toMatchObject({
      serviceMap: { datasourceUid: 'prom' },
      tracesToMetrics: { datasourceUid: 'prom' },
      tracesToLogsV2: { datasourceUid: 'loki', customQuery: true },
    });
  });

  it('takes every option', () => {
    const { config, container, template } = tempo(everyOption);
    expect(config.compactor.compaction.block_retention).toBe('168h');
    expect(container).toMatchObject({
      image: `harbor.site.example/tempo:${versions.tempo2}`,
      resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { memory: '4Gi' } },
    });
    expect(template.metadata.labels.version).toBe(versions.tempo2);
  });

  it('rolls its pod when its configuration changes', () => {
    const hash = (props?: TempoProps) => tempo(props).template.metadata.annotations['meshwright.dev/config-hash'];
    expect(hash()).toBe(hash());
    expect(hash({ retention: '2d' })).not.toBe(hash());
  });

  it('refuses what Tempo would not start with', () => {
    for (const retention of ['', '24', 'one day', '0h', '1h30m'])
      expect(() => tempo({ retention })).toThrow(`retention of 'layer/tempo' is "${retention}"`);
    expect(() => tempo({ version: '1.5.0' })).toThrow(`version of 'layer/tempo' is "1.5.0": allowed are tags of Tempo 2 and 3`);
    for (const bucket of ['', 'Traces', 'a', 'http://minio/traces'])
      expect(() => tempo({ storage: { ...s3, bucket } })).toThrow(`bucket of 'layer/tempo' is "${bucket}"`);
  });
});

describe('a Tempo that stands already', () => {
  const external = <P extends string>(protocol: P, port: number) =>
    Endpoint.external({ protocol, host: 'tempo-query-frontend.tempo.svc.cluster.local', port });

  it('is known by its addresses, and asked by HTTP when it has no gRPC port', () => {
    const existing = Tempo.fromExisting({
      query: external('http', 3200),
      receivers: { 'otlp-grpc': external('otlp-grpc', 4317) },
    });
    expect(existing.accepts).toEqual(['otlp-grpc']);
    expect(existing.receiver('otlp-grpc').port).toBe(4317);
    expect(existing.toDataSource({ metrics: 'prom', serviceGraph: 'prom' })).toMatchObject({
      uid: 'tempo',
      name: 'Tempo',
      url: 'http://tempo-query-frontend.tempo.svc.cluster.local:3200',
      jsonData: { serviceMap: { datasourceUid: 'prom' } },
    });
    expect(existing.toKialiTracing()).not.toHaveProperty('grpc');
  });

  it('can have another name in Grafana', () => {
    const existing = Tempo.fromExisting({
      query: external('http', 3200),
      grpcQuery: external('grpc', 9095),
      receivers: { zipkin: external('zipkin', 9411) },
      uid: 'traces',
      name: 'Traces',
    });
    expect(existing.toDataSource()).toMatchObject({ uid: 'traces', name: 'Traces' });
    expect(existing.toKialiTracing()).toMatchObject({ provider: 'tempo', dataSourceUid: 'traces', grpc: { port: 9095 } });
  });
});

it('Tempo makes no objects but its own', () => {
  expect(
    objects(tempo().chart)
      .map((o) => `${o.kind} ${o.metadata.name}`)
      .sort(),
  ).toEqual(['ConfigMap tempo', 'Deployment tempo', 'Namespace istio-system', 'Service tempo', 'ServiceAccount tempo']);
});
