import { describe, expect, it } from 'vitest';
import { Endpoint, HelmRelease, Layer, MeshApp, Stack } from '../constructs/index.ts';
import { Mesh } from '../constructs/mesh/index.ts';
import { Grafana, Kiali, Prometheus } from '../constructs/observability/index.ts';
import { edges, prove, type World } from '../constructs/proof/index.ts';
import { renderStack } from '../constructs/render.ts';
import {
  Collector,
  OpenTelemetryOperator,
  Tempo,
  TempoRelease,
  type TempoReleaseProps,
  type TempoStorage,
} from '../constructs/tracing/index.ts';
import { worldsOf } from '../constructs/worlds.ts';
import { findingsOf, worldOf } from './proof-world.ts';
import { type Loose, layer, object, objects } from './support/synth.ts';

const make = (props?: TempoReleaseProps) => {
  const chart = layer('tracing');
  const tempo = new TempoRelease(chart, 'backend', props);
  const { spec } = object(chart, 'HelmRelease', 'tempo');
  return { chart, tempo, spec, values: spec.values };
};

const remoteWrite = Endpoint.external({
  protocol: 'http',
  host: 'mimir.metrics.svc.cluster.local',
  port: 9009,
  path: '/api/v1/push',
});
const s3: Required<TempoStorage & { type: 's3' }> = {
  type: 's3',
  server: Endpoint.external({ protocol: 's3', host: 'minio.storage.svc.cluster.local', port: 9000 }),
  bucket: 'traces',
  region: 'eu-central-1',
  accessKey: { secret: 'minio', key: 'access' },
  secretKey: { secret: 'minio', key: 'secret' },
  disk: { size: '5Gi', storageClass: 'fast' },
};

describe('TempoRelease', () => {
  it('is one release of the pinned chart, told how the tutorial told it', () => {
    const { chart, spec, values } = make();
    expect(objects(chart).map((o) => `${o.kind} ${o.metadata.name}`)).toEqual([
      'Namespace tracing',
      'OCIRepository tempo',
      'HelmRelease tempo',
    ]);
    expect(object(chart, 'OCIRepository', 'tempo').spec).toMatchObject({
      url: 'oci://ghcr.io/grafana-community/helm-charts/tempo',
      ref: { tag: '2.2.4' },
    });
    expect(spec.releaseName).toBe('tempo');
    expect(values.tempo).toMatchObject({ reportingEnabled: false, retention: '24h' });
    expect(values.tempo.storage).toEqual({
      trace: { backend: 'local', local: { path: '/var/tempo/traces' }, wal: { path: '/var/tempo/wal' } },
    });
    expect(values).not.toHaveProperty('persistence');
    expect(values.tempo).not.toHaveProperty('tag');
  });

  it('listens for everything that it accepts, beyond localhost', () => {
    const { tempo, values } = make();
    const { otlp, jaeger, zipkin } = values.tempo.receivers;
    expect([otlp.protocols.grpc, otlp.protocols.http, zipkin, jaeger.protocols.grpc, jaeger.protocols.thrift_http]).toEqual(
      tempo.accepts.map((protocol) => ({ endpoint: `0.0.0.0:${tempo.receiver(protocol).port}` })),
    );
  });

  it('keeps to its memory limit, whatever ballast the chart would give it', () => {
    expect(make().values.tempo).toMatchObject({ memBallastSizeMbs: 0, resources: { limits: { memory: '2Gi' } } });
    expect(make({ version: '3.1.1' }).values.tempo).not.toHaveProperty('memBallastSizeMbs');
  });

  it('stays out of the mesh, with no rights', () => {
    const { values } = make();
    expect(values.podLabels).toEqual({ 'sidecar.istio.io/inject': 'false', 'istio.io/dataplane-mode': 'none' });
    expect(values.serviceAccount).toEqual({ automountServiceAccountToken: false });
    expect(values.securityContext).toEqual({ seccompProfile: { type: 'RuntimeDefault' } });
    expect(values.tempo.securityContext).toEqual({ allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } });
  });

  it('is addressed, read and scraped at the Service that the chart makes', () => {
    const { tempo } = make();
    expect(tempo.receiver('otlp-grpc').service).toEqual({ name: 'tempo', namespace: 'tracing' });
    expect(tempo.receiver('zipkin').url).toBe('http://tempo.tracing.svc.cluster.local:9411/api/v2/spans');
    expect(tempo.query.url).toBe('http://tempo.tracing.svc.cluster.local:3200');
    expect(tempo.scrapeJobs).toMatchObject([
      {
        by: 'service',
        namespace: 'tracing',
        service: 'tempo',
        port: 'tempo-prom-metrics',
        labels: { 'app.kubernetes.io/instance': 'tempo' },
      },
    ]);
    // Types keep it out; a program in JavaScript can still ask.
    expect(() => tempo.receiver('skywalking' as 'zipkin')).toThrow(
      "tempo 'layer/backend' takes no skywalking, it takes: otlp-grpc",
    );
  });

  it('is to Grafana and Kiali what Tempo is, but for the gRPC port that the chart leaves out', () => {
    const { tempo } = make();
    const workload = new Tempo(layer('tracing'), 'tempo');
    const links = { metrics: 'prom', logs: 'loki' };
    expect(tempo.toDataSource(links)).toEqual(workload.toDataSource(links));
    const { grpc: _, ...byHttp } = workload.toKialiTracing() as Loose;
    expect(tempo.toKialiTracing()).toEqual(byHttp);
  });

  // A new option without an expectation does not compile.
  const table: Required<{ [K in keyof TempoReleaseProps]: readonly [() => TempoReleaseProps, object] }> = {
    storage: [
      () => ({ storage: { type: 'local', disk: { size: '10Gi' } } }),
      { values: { persistence: { enabled: true, accessModes: ['ReadWriteOnce'], size: '10Gi' } } },
    ],
    retention: [() => ({ retention: '2d' }), { values: { tempo: { retention: '48h' } } }],
    metricsGenerator: [
      () => ({ metricsGenerator: { to: { acceptRemoteWrite: () => remoteWrite }, processors: ['span-metrics'] } }),
      {
        values: {
          tempo: {
            metricsGenerator: {
              enabled: true,
              storage: { path: '/var/tempo/generator/wal', remote_write: [{ url: remoteWrite.url, send_exemplars: true }] },
            },
            overrides: { defaults: { metrics_generator: { processors: ['span-metrics'] } } },
          },
        },
      },
    ],
    version: [() => ({ version: '2.2.3' }), {}],
    resources: [
      () => ({ resources: { cpu: '1', memory: '1Gi', memoryLimit: '4Gi' } }),
      { values: { tempo: { resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { memory: '4Gi' } } } } },
    ],
    after: [
      () => ({ after: [new HelmRelease(layer('longhorn'), 'longhorn', { chart: 'metallb' })] }),
      { dependsOn: [{ name: 'longhorn', namespace: 'longhorn' }] },
    ],
    source: [
      () => ({ source: { kind: 'OCIRepository', name: 'site-tempo', namespace: 'flux-system' } }),
      { chartRef: { kind: 'OCIRepository', name: 'site-tempo', namespace: 'flux-system' } },
    ],
    timeout: [() => ({ timeout: '5m' }), { timeout: '5m' }],
  };
  it.each(Object.entries(table))('takes the option %s', (option, [props, expected]) => {
    if (option !== 'version') expect(make().spec).not.toMatchObject(expected);
    const { chart, spec } = make(props());
    expect(spec).toMatchObject(expected);
    if (option === 'version') expect(object(chart, 'OCIRepository', 'tempo').spec.ref).toEqual({ tag: '2.2.3' });
  });

  it('can keep traces in an object store, whose keys stand in no object', () => {
    const { values } = make({ storage: s3 });
    expect(values.tempo.storage.trace).toMatchObject({
      backend: 's3',
      s3: { endpoint: 'minio.storage.svc.cluster.local:9000', bucket: 'traces', region: 'eu-central-1', insecure: true },
    });
    expect(values.tempo.extraEnv).toEqual([
      { name: 'AWS_ACCESS_KEY_ID', valueFrom: { secretKeyRef: { name: 'minio', key: 'access' } } },
      { name: 'AWS_SECRET_ACCESS_KEY', valueFrom: { secretKeyRef: { name: 'minio', key: 'secret' } } },
    ]);
    expect(values.persistence).toMatchObject({ size: '5Gi', storageClassName: 'fast' });
  });

  it('refuses what would not start, or not keep its promise', () => {
    expect(() => make({ retention: 'one day' })).toThrow(`retention of 'layer/backend' is "one day"`);
    expect(() => make({ storage: { ...s3, bucket: 'Traces' } })).toThrow(`bucket of 'layer/backend' is "Traces"`);
    expect(() => make({ storage: { ...s3, accessKey: { secret: 'No Name', key: 'a' } } })).toThrow('AWS_ACCESS_KEY_ID');
    expect(() => make({ storage: { type: 'local', disk: { size: 'big' } } })).toThrow(
      `size of the disk of 'layer/backend' is "big"`,
    );
    expect(() => make({ resources: { cpu: '1', memory: '2Gi', memoryLimit: '1Gi' } })).toThrow('request 2Gi of memory');
    for (const version of ['1.24.4', '2.2.1', '3.0.0', '3.1.0'])
      expect(() => make({ version })).toThrow(`chart version of 'layer/backend' is "${version}"`);
    for (const version of ['2.2.2', '2.4.0', '3.1.1', '4.0.0']) expect(() => make({ version })).not.toThrow();
  });
});

describe('a mesh that sends to a Tempo by its chart', () => {
  const platform = (): World => {
    const stack = new Stack(new MeshApp({ outdir: 'unused' }), 's');
    const istio = new Layer(stack, 'istio', { namespace: 'istio-system' });
    const operators = new Layer(stack, 'operators', { namespace: 'otel-operator' });
    const tracing = new Layer(stack, 'tracing', { namespace: 'tracing', after: [operators] });
    const otel = new Layer(stack, 'otel', { namespace: 'otel-system', after: [tracing] });
    const pages = new Layer(stack, 'pages', { namespace: 'monitoring', after: [otel] });
    new OpenTelemetryOperator(operators, 'operator');
    const prometheus = new Prometheus(pages, 'prometheus', {});
    const tempo = new TempoRelease(tracing, 'tempo', { metricsGenerator: { to: prometheus } });
    const collector = new Collector(otel, 'collector', {
      runAs: 'operator',
      receive: ['otlp-grpc', 'otlp-http', 'zipkin', 'jaeger-grpc', 'jaeger-thrift-http'],
      exportTo: [tempo],
    });
    const mesh = new Mesh(istio, 'mesh', { install: { by: 'existing' }, tracing: { to: collector, samplingPercent: 100 } });
    const grafana = new Grafana(pages, 'grafana', { sources: [prometheus, tempo] });
    new Kiali(pages, 'kiali', {
      mesh,
      metrics: prometheus,
      tracing: tempo,
      dashboards: grafana,
      links: { dashboards: 'https://grafana.mesh.test' },
    });
    prometheus.scrape(mesh, collector, tempo);
    return worldsOf(renderStack(stack))[0];
  };

  it('is without findings, and its whole path is known', () => {
    const world = platform();
    expect(prove(world)).toEqual([]);
    const found = edges(world).map(({ from, what, to }) => `${from} ${what} ${to}`);
    expect(found).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^Provider\/.* sends to Service\/otel-system\/otel-collector$/),
        'OpenTelemetryCollector/otel-system/otel sends to Service/tracing/tempo',
        'ConfigMap/monitoring/grafana reads Service/tracing/tempo',
        'ConfigMap/monitoring/kiali calls Service/tracing/tempo',
      ]),
    );
  });
});

it.each(['otlp-grpc', 'otlp-http', 'zipkin'] as const)('a mesh can send to it without a collector, by %s', (via) => {
  const stack = new Stack(new MeshApp({ outdir: 'unused' }), 's');
  const istio = new Layer(stack, 'istio', { namespace: 'istio-system' });
  const tempo = new TempoRelease(new Layer(stack, 'tracing', { namespace: 'tracing' }), 'tempo');
  new Mesh(istio, 'mesh', { install: { by: 'existing' }, tracing: { to: tempo, via, samplingPercent: 1 } });
  const world = worldsOf(renderStack(stack))[0];
  expect(prove(world)).toEqual([]);
  expect(edges(world)).toContainEqual(expect.objectContaining({ to: 'Service/tracing/tempo', what: 'sends to' }));
});

const release = (values: string, version = '"2.2.4"') => `
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: tempo, namespace: tracing}
spec:
  interval: 1h
  chart: {spec: {chart: tempo, version: ${version}, sourceRef: {kind: HelmRepository, name: grafana}}}
${values}
---
apiVersion: opentelemetry.io/v1beta1
kind: OpenTelemetryCollector
metadata: {name: otel, namespace: otel-system}
spec:
  config:
    receivers: {otlp: {protocols: {grpc: {endpoint: '0.0.0.0:4317'}}}}
    exporters:
      otlp_grpc: {endpoint: 'tempo.tracing:4317', tls: {insecure: true}}
      zipkin: {endpoint: 'http://tempo.tracing:9411/api/v2/spans'}
    service: {pipelines: {traces: {receivers: [otlp], exporters: [otlp_grpc, zipkin]}}}
`;
const zipkin = '  values: {tempo: {receivers: {zipkin: {endpoint: "0.0.0.0:9411"}}}}';

describe('the proof knows what the chart makes of values', () => {
  const codes = (yaml: string) => findingsOf(yaml).map(({ code, object: at }) => `${code} ${at}`);

  it('is quiet where everything fits, and where nobody can say', () => {
    expect(codes(release(zipkin))).toEqual([]);
    const said = '  values: {tempo: {receivers: {otlp: {protocols: {grpc: {endpoint: "localhost:4317"}}}}}}';
    expect(codes(release(said))).not.toEqual([]);
    expect(codes(release(''))).not.toEqual([]);
    for (const [values, version] of [
      [said, '2.x'],
      [said, '"1.0.0"'],
      ['  valuesFrom: [{kind: ConfigMap, name: more}]', undefined],
      [said.replace('{tempo: {', '{config: "{{ mine }}", tempo: {'), undefined],
    ] as const)
      expect(codes(release(values, version))).toEqual([]);
  });

  it.each([
    ['a protocol whose port the Service has, but Tempo does not take', '', 'zipkin'],
    [
      'a receiver at localhost',
      zipkin.replace('receivers: {', 'receivers: {otlp: {protocols: {grpc: {endpoint: "127.0.0.1:4317"}}}, '),
      'otlp',
    ],
  ])('tells of %s', (_, values, named) => {
    const [first, ...more] = findingsOf(release(values));
    expect(more).toEqual([]);
    expect(first?.message).toContain(named);
  });

  it('tells of a port that the Service has not', () => {
    const found = findingsOf(release(zipkin).replace('tempo.tracing:4317', 'tempo.tracing:4327'));
    expect(found.map(({ message }) => message)).toEqual([expect.stringContaining('4327')]);
  });

  it('names the Service after the release', () => {
    const named = (name: string) =>
      edges(worldOf(release(zipkin).replace('interval: 1h', `interval: 1h\n  releaseName: ${name}`))).map(({ to }) => to);
    expect(named('tempo')).toContain('Service/tracing/tempo');
    expect(named('traces')).toEqual([]);
    const full = release(zipkin).replaceAll('tempo.tracing', 'traces-tempo.tracing');
    expect(edges(worldOf(full.replace('interval: 1h', 'interval: 1h\n  releaseName: traces'))).map(({ to }) => to)).toEqual([
      'Service/tracing/traces-tempo',
    ]);
  });
});
