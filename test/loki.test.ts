import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { Endpoint, repositories, versions } from '../constructs/kit/index.ts';
import { Grafana, Loki, type LokiProps, LokiRelease, type LokiReleaseProps } from '../constructs/observability/index.ts';
import { Tempo } from '../constructs/tracing/index.ts';
import { type Loose, layer, object, objects } from './support/synth.ts';

const make = (props?: LokiProps) => {
  const chart = layer('logs');
  const loki = new Loki(chart, 'backend', props);
  const deployment = object(chart, 'Deployment', 'loki');
  const pod = deployment.spec.template;
  const config = parse(object(chart, 'ConfigMap', 'loki').data['loki.yaml']);
  return { chart, loki, deployment, pod, container: pod.spec.containers[0], config };
};

const release = (props?: LokiReleaseProps) => {
  const chart = layer('logs');
  const loki = new LokiRelease(chart, 'backend', props);
  return {
    chart,
    loki,
    spec: object(chart, 'HelmRelease', 'loki').spec,
    values: object(chart, 'HelmRelease', 'loki').spec.values,
  };
};

const attributes = (limits: Loose): Loose => limits.otlp_config.resource_attributes;

describe('Loki', () => {
  it('is one process that keeps its logs below one folder, and calls nobody', () => {
    const { config, container, pod } = make();
    expect(config).toMatchObject({
      auth_enabled: false,
      server: { http_listen_port: 3100, grpc_listen_port: 9095 },
      common: { path_prefix: '/var/loki', replication_factor: 1, ring: { kvstore: { store: 'inmemory' } } },
      limits_config: { allow_structured_metadata: true },
      analytics: { reporting_enabled: false },
    });
    expect(config.schema_config.configs).toMatchObject([{ store: 'tsdb', object_store: 'filesystem', schema: 'v13' }]);
    // The node's disk would fill.
    expect(config.limits_config.retention_period).toBe('24h');
    expect(container.image).toBe(`${repositories.loki}:${versions.loki}`);
    expect(container.args).toEqual(['-config.file=/etc/loki/loki.yaml', '-target=all']);
    expect(container.readinessProbe.httpGet).toEqual({ path: '/ready', port: 3100 });
    expect(pod.spec.securityContext.runAsUser).toBe(10001);
    expect(container.securityContext.readOnlyRootFilesystem).toBe(true);
    const writable = container.volumeMounts.filter((m: Loose) => !m.readOnly).map((m: Loose) => m.mountPath);
    expect(writable).toEqual(['/var/loki', '/tmp']);
    expect(pod.spec.volumes).toContainEqual({ name: 'scratch-var-loki', emptyDir: {} });
    expect(pod.metadata.labels['sidecar.istio.io/inject']).toBe('false');
  });

  it('keeps logs on a disk of its own until that is full', () => {
    const { config } = make({ disk: { size: '1Gi' } });
    expect(config).not.toHaveProperty('compactor');
    expect(config.limits_config).not.toHaveProperty('retention_period');
  });

  it('takes OTLP and queries at its port, and is scraped there', () => {
    const { chart, loki, pod } = make();
    expect(loki.logReceiver.url).toBe('http://loki.logs.svc.cluster.local:3100/otlp/v1/logs');
    expect(loki.query.url).toBe('http://loki.logs.svc.cluster.local:3100');
    expect(object(chart, 'Service', 'loki').spec.ports.map((p: Loose) => [p.port, p.appProtocol])).toEqual([
      [3100, 'http'],
      [9095, 'grpc'],
    ]);
    expect(pod.metadata.annotations).toMatchObject({ 'prometheus.io/scrape': 'true', 'prometheus.io/port': '3100' });
    expect(loki.scrapeJobs).toMatchObject([{ by: 'pod-annotations', pods: { namespace: 'logs', labels: { app: 'loki' } } }]);
    expect(loki.watched).toEqual([{ is: 'loki', name: 'loki', namespace: 'logs' }]);
  });

  it('indexes the service always, and no attribute of which every pod has its own', () => {
    const { ignore_defaults, attributes_config } = attributes(make().config.limits_config);
    expect(ignore_defaults).toBe(true);
    const [{ action, attributes: indexed }] = attributes_config;
    expect(action).toBe('index_label');
    expect(indexed).toContain('service.name');
    expect(indexed).toContain('k8s.namespace.name');
    expect(indexed).not.toContain('k8s.pod.name');
  });

  // A new option without an expectation does not compile.
  const options: {
    readonly [K in keyof Required<LokiProps>]: readonly [Pick<LokiProps, K>, (made: ReturnType<typeof make>) => void];
  } = {
    disk: [
      { disk: { size: '10Gi', storageClass: 'fast' } },
      ({ chart, deployment, pod }) => {
        expect(object(chart, 'PersistentVolumeClaim', 'loki').spec).toMatchObject({
          storageClassName: 'fast',
          resources: { requests: { storage: '10Gi' } },
        });
        expect(deployment.spec.strategy).toEqual({ type: 'Recreate' });
        expect(pod.spec.volumes).toContainEqual({ name: 'claim-loki', persistentVolumeClaim: { claimName: 'loki' } });
      },
    ],
    retention: [
      { retention: '2w' },
      ({ config }) => {
        expect(config.limits_config.retention_period).toBe('336h');
        expect(config.compactor).toMatchObject({ retention_enabled: true, delete_request_store: 'filesystem' });
        expect(config.compactor.working_directory.startsWith('/var/loki/')).toBe(true);
      },
    ],
    indexLabels: [
      { indexLabels: ['team'] },
      ({ config }) =>
        expect(attributes(config.limits_config).attributes_config).toEqual([
          { action: 'index_label', attributes: ['service.name', 'team'] },
        ]),
    ],
    version: [{ version: '3.6.7' }, ({ container }) => expect(container.image).toBe('docker.io/grafana/loki:3.6.7')],
    image: [
      { image: 'harbor.site.example/loki' },
      ({ container }) => expect(container.image).toBe(`harbor.site.example/loki:${versions.loki}`),
    ],
    resources: [
      { resources: { cpu: '1', memory: '1Gi', memoryLimit: '4Gi' } },
      ({ container }) =>
        expect(container.resources).toMatchObject({ requests: { cpu: '1', memory: '1Gi' }, limits: { memory: '4Gi' } }),
    ],
  };

  it.each(Object.entries(options))('%s', (_, [given, shows]) => shows(make(given) as never));

  it('refuses what Loki would refuse', () => {
    for (const retention of ['1h', '23h', '90m', '0d', '1.5d', 'forever'])
      expect(() => make({ retention })).toThrow(`retention of 'layer/backend' is ${JSON.stringify(retention)}: allowed is`);
    expect(() => make({ retention: '24h' })).not.toThrow();
    for (const indexLabels of [['service.name'], ['a', 'a'], [''], ['a b']])
      expect(() => make({ indexLabels })).toThrow("indexLabels of 'layer/backend' has");
    const many = Array.from({ length: 15 }, (_, i) => `label${i}`);
    expect(() => make({ indexLabels: many })).toThrow('are 15: loki takes 14 besides service.name');
    expect(() => make({ indexLabels: many.slice(1) })).not.toThrow();
  });
});

describe('LokiRelease', () => {
  it('is one release of the pinned chart with one pod, and nothing around it', () => {
    const { chart, spec, values } = release();
    expect(objects(chart).map((o) => `${o.kind} ${o.metadata.name}`)).toEqual([
      'Namespace logs',
      'OCIRepository loki',
      'HelmRelease loki',
    ]);
    expect(object(chart, 'OCIRepository', 'loki').spec).toMatchObject({
      url: 'oci://ghcr.io/grafana-community/helm-charts/loki',
      ref: { tag: '18.11.0' },
    });
    expect(spec.releaseName).toBe('loki');
    expect(values).toMatchObject({
      deploymentMode: 'Monolithic',
      loki: { auth_enabled: false, commonConfig: { replication_factor: 1 }, storage: { type: 'filesystem' } },
      singleBinary: { replicas: 1, persistence: { enabled: false } },
    });
    for (const part of ['read', 'write', 'backend']) expect(values[part]).toEqual({ replicas: 0 });
    for (const part of ['chunksCache', 'resultsCache', 'gateway', 'lokiCanary', 'test'])
      expect(values[part]).toEqual({ enabled: false });
    expect(values.sidecar).toEqual({ rules: { enabled: false } });
    expect(values.loki.limits_config.retention_period).toBe('24h');
  });

  it('is to others what Loki is', () => {
    const { loki, values } = release();
    const workload = make().loki;
    expect(loki.logReceiver).toEqual(workload.logReceiver);
    expect(loki.toDataSource({ traces: 'tempo' })).toEqual(workload.toDataSource({ traces: 'tempo' }));
    expect(loki.watched).toEqual(workload.watched);
    expect(values.loki.limits_config).toEqual(make().config.limits_config);
    expect(values.loki.podAnnotations).toEqual({ 'prometheus.io/scrape': 'true', 'prometheus.io/port': '3100' });
    expect(loki.scrapeJobs).toMatchObject([
      { by: 'pod-annotations', pods: { namespace: 'logs', labels: { 'app.kubernetes.io/instance': 'loki' } } },
    ]);
  });

  // A new option without an expectation does not compile.
  const options: { readonly [K in keyof Required<LokiReleaseProps>]: readonly [() => Pick<LokiReleaseProps, K>, object] } = {
    disk: [
      () => ({ disk: { size: '10Gi', storageClass: 'fast' } }),
      { values: { singleBinary: { persistence: { enabled: true, size: '10Gi', storageClass: 'fast' } } } },
    ],
    retention: [
      () => ({ retention: '7d' }),
      {
        values: {
          loki: {
            limits_config: { retention_period: '168h' },
            compactor: { retention_enabled: true, delete_request_store: 'filesystem' },
          },
        },
      },
    ],
    indexLabels: [
      () => ({ indexLabels: ['team'] }),
      {
        values: {
          loki: {
            limits_config: {
              otlp_config: { resource_attributes: { attributes_config: [{ attributes: ['service.name', 'team'] }] } },
            },
          },
        },
      },
    ],
    resources: [
      () => ({ resources: { cpu: '1', memory: '1Gi', memoryLimit: '4Gi' } }),
      { values: { singleBinary: { resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { memory: '4Gi' } } } } },
    ],
    version: [
      () => ({ version: '18.13.1', source: { kind: 'HelmRepository', name: 'site' } }),
      { chart: { spec: { version: '18.13.1' } } },
    ],
    source: [() => ({ source: { kind: 'HelmRepository', name: 'site' } }), { chart: { spec: { sourceRef: { name: 'site' } } } }],
    after: [
      () => ({ after: [new LokiRelease(layer('first'), 'first').release] }),
      { dependsOn: [{ name: 'loki', namespace: 'first' }] },
    ],
    timeout: [() => ({ timeout: '20m' }), { timeout: '20m' }],
  };

  it.each(Object.entries(options))('%s', (_, [given, expected]) => expect(release(given()).spec).toMatchObject(expected));

  it('refuses charts of another form, and what Loki refuses', () => {
    expect(() => release({ version: '12.0.0' })).toThrow('allowed are 13.0.0 and later');
    expect(() => release({ retention: '1h' })).toThrow("retention of 'layer/backend' is");
    expect(() => release({ indexLabels: ['service.name'] })).toThrow("indexLabels of 'layer/backend' has");
    expect(() => release({ disk: { size: '10' } })).toThrow("size of the disk of 'layer/backend'");
  });
});

describe('a Loki in Grafana', () => {
  it('leads from an entry to its trace, and from a trace to its entries', () => {
    const chart = layer('observability');
    const loki = new Loki(chart, 'loki');
    new Grafana(chart, 'grafana', { sources: [new Tempo(chart, 'tempo'), loki] });
    const { datasources } = parse(object(chart, 'ConfigMap', 'grafana').data['datasources.yaml']);
    const [tempo, logs] = datasources;
    expect(logs).toMatchObject({ uid: 'loki', type: 'loki', url: 'http://loki.observability.svc.cluster.local:3100' });
    const fields = logs.jsonData.derivedFields;
    // A single dollar sign would begin an environment variable of Grafana's.
    for (const field of fields) expect(field).toMatchObject({ datasourceUid: tempo.uid, url: '$${__value.raw}' });
    expect(fields).toContainEqual(expect.objectContaining({ matcherType: 'label', matcherRegex: 'trace_id' }));
    expect(tempo.jsonData.tracesToLogsV2).toMatchObject({
      datasourceUid: 'loki',
      customQuery: true,
      query: '{service_name=~".+"} | trace_id="$${__trace.traceId}"',
    });
  });

  it('finds a trace id in a line of JSON and in a line of text', () => {
    const fields = (make().loki.toDataSource({ traces: 't' }).jsonData as Loose).derivedFields;
    const regex = new RegExp(fields.find((f: Loose) => f.matcherType === 'regex').matcherRegex);
    const id = '5b8efff798038103d269b633813fc60c';
    for (const line of [
      `{"path":"/a","trace_id":"${id}"}`,
      `GET /a 200 trace_id=${id}`,
      `traceID: ${id}`,
      `{"traceId": "${id}"}`,
    ])
      expect(regex.exec(line)?.[1]).toBe(id);
    for (const line of ['GET /a 200 trace_id=-', `request_id=${id}`]) expect(regex.exec(line)).toBeNull();
  });

  it('leads nowhere without traces', () => {
    expect(make().loki.toDataSource()).not.toHaveProperty('jsonData');
  });

  it('can stand elsewhere', () => {
    const query = Endpoint.external({
      protocol: 'http',
      host: 'loki-gateway.logging.svc.cluster.local',
      port: 80,
      path: '/loki',
    });
    const existing = Loki.fromExisting({ query, uid: 'site', name: 'Site' });
    expect(existing.logReceiver.url).toBe('http://loki-gateway.logging.svc.cluster.local:80/loki/otlp/v1/logs');
    expect(existing.toDataSource()).toEqual({ uid: 'site', name: 'Site', type: 'loki', url: query.url });
    expect(Loki.fromExisting({ query }).toDataSource()).toMatchObject({ uid: 'loki', name: 'Loki' });
  });
});
