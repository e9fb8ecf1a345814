import { describe, expect, it } from 'vitest';
import { Endpoint, versions } from '../constructs/kit/index.ts';
import { Mesh } from '../constructs/mesh/index.ts';
import {
  SkyWalking,
  type SkyWalkingProps,
  type SkyWalkingReceives,
  type SkyWalkingStorage,
} from '../constructs/tracing/index.ts';
import { type Loose, layer, object, objects } from './support/synth.ts';

const everyOption: Required<SkyWalkingProps> = {
  receive: ['otlp-grpc', 'skywalking', 'zipkin'],
  storage: { type: 'banyandb', disk: { size: '10Gi', storageClass: 'fast' }, version: '0.9.0' },
  retention: '2w',
  version: '10.3.0',
  images: { oap: 'mirror.test/oap', ui: 'mirror.test/ui', banyandb: 'mirror.test/banyandb' },
  resources: { cpu: '1', memory: '2Gi', memoryLimit: '4Gi' },
};

function skywalking<R extends SkyWalkingReceives = 'skywalking'>(props?: SkyWalkingProps<R>) {
  const chart = layer();
  const made = new SkyWalking(chart, 'skywalking', props);
  const container = (name: string) => object(chart, 'Deployment', name).spec.template.spec.containers[0];
  const env = (name: string): Record<string, Loose> =>
    Object.fromEntries(container(name).env.map((e: Loose) => [e.name, e.value ?? e.valueFrom.secretKeyRef]));
  return { chart, made, container, env };
}

const portsOf = (chart: Loose, name: string) =>
  object(chart, 'Service', name).spec.ports.map((p: Loose) => `${p.name} ${p.port} ${p.appProtocol}`);

describe('SkyWalking', () => {
  it('has the Services that others look up, and a page that istioctl finds', () => {
    const { chart, made } = skywalking();
    const native = ['grpc 11800 grpc', 'http-query 12800 http'];
    expect(portsOf(chart, 'tracing')).toEqual(native);
    expect(portsOf(chart, 'skywalking-oap')).toEqual(native);
    for (const name of ['skywalking-ui', 'tracing-ui']) {
      expect(portsOf(chart, name)).toEqual(['http 8080 http']);
      expect(object(chart, 'Service', name).spec.selector).toEqual({ app: 'skywalking-ui' });
    }
    expect(object(chart, 'Deployment', 'skywalking-ui').spec.template.metadata.labels.app).toBe('skywalking-ui');
    expect(made.page).toMatchObject({ name: 'tracing', path: '/', sidecar: 'never' });
    expect(made.page.endpoint.url).toBe('http://tracing-ui.istio-system.svc.cluster.local:8080');
    expect(made.query.url).toBe('http://tracing.istio-system.svc.cluster.local:12800/graphql');
  });

  it('takes what the mesh of the tutorial sends', () => {
    const { chart, made } = skywalking();
    const mesh = new Mesh(chart, 'mesh', { tracing: { to: made, via: 'skywalking' } });
    expect(mesh.samplingPercent).toBeDefined();
    expect(made.receiver('skywalking').authority).toBe('tracing.istio-system.svc.cluster.local:11800');
  });

  it('shows its page what its server holds', () => {
    const { env } = skywalking();
    expect(env('skywalking-ui').SW_OAP_ADDRESS).toBe('http://skywalking-oap.istio-system.svc.cluster.local:12800');
    expect(env('skywalking-ui')).not.toHaveProperty('SW_ZIPKIN_ADDRESS');
  });

  it('stands outside the mesh, and only its server is scraped, where its telemetry listens', () => {
    const { chart, env, made } = skywalking();
    for (const { metadata, spec } of objects(chart).filter((o) => o.kind === 'Deployment')) {
      expect([metadata.name, spec.template.metadata.labels['sidecar.istio.io/inject']]).toEqual([metadata.name, 'false']);
    }
    expect(object(chart, 'Deployment', 'skywalking-oap').spec.template.metadata.annotations).toMatchObject({
      'prometheus.io/scrape': 'true',
      'prometheus.io/port': '1234',
    });
    expect(env('skywalking-oap').SW_TELEMETRY).toBe('prometheus');
    const pods = { name: 'skywalking-oap', namespace: 'istio-system', labels: { app: 'skywalking-oap' } };
    expect(made.scrapeJobs).toEqual([{ by: 'pod-annotations', job: 'kubernetes-pods', pods }]);
  });

  it('keeps Java within the memory that the container has', () => {
    const { container, env } = skywalking();
    for (const name of ['skywalking-oap', 'skywalking-ui']) {
      expect(container(name).resources.limits.memory).toBeDefined();
      const [, percent] = /-XX:MaxRAMPercentage=(\d+)/.exec(env(name).JAVA_OPTS) ?? [];
      expect(Number(percent)).toBeLessThanOrEqual(75);
    }
  });

  it('is ready when its health check says so', () => {
    const { container, env } = skywalking();
    expect(env('skywalking-oap').SW_HEALTH_CHECKER).toBe('default');
    const { readinessProbe, startupProbe } = container('skywalking-oap');
    expect(readinessProbe.httpGet).toEqual({ path: '/healthcheck', port: 12800 });
    // Tables are made at the first start.
    expect(startupProbe.periodSeconds * startupProbe.failureThreshold).toBeGreaterThanOrEqual(180);
    const old = skywalking({ storage: { type: 'memory' } }).container('skywalking-oap').readinessProbe;
    expect(old.exec.command).toEqual(['/skywalking/bin/swctl', 'health']);
  });

  it('writes to /tmp only', () => {
    const { container } = skywalking();
    for (const name of ['skywalking-oap', 'skywalking-ui']) {
      expect(container(name).securityContext.readOnlyRootFilesystem).toBe(true);
      expect(container(name).volumeMounts.map((m: Loose) => m.mountPath)).toEqual(['/tmp']);
    }
  });
});

describe('what SkyWalking receives', () => {
  it('is its own protocol, unless it is told otherwise', () => {
    const { made, env } = skywalking();
    expect(made.accepts).toEqual(['skywalking']);
    expect(Object.keys(env('skywalking-oap')).filter((name) => /ZIPKIN(?!_TRACE_TTL)|OTEL/.test(name))).toEqual([]);
    expect(() => made.receiver('zipkin' as 'skywalking')).toThrow(
      "skywalking 'layer/skywalking' takes no zipkin, it takes: skywalking",
    );
  });

  it('can be zipkin, which its page then shows', () => {
    const { chart, made, env } = skywalking({ receive: ['zipkin'] });
    expect(made.receiver('zipkin').url).toBe('http://skywalking-oap.istio-system.svc.cluster.local:9411/api/v2/spans');
    expect(portsOf(chart, 'skywalking-oap')).toEqual(expect.arrayContaining(['http-zipkin 9411 http', 'http-lens 9412 http']));
    expect(env('skywalking-oap')).toMatchObject({ SW_RECEIVER_ZIPKIN: 'default', SW_QUERY_ZIPKIN: 'default' });
    expect(env('skywalking-oap')).not.toHaveProperty('SW_OTEL_RECEIVER');
    expect(env('skywalking-ui').SW_ZIPKIN_ADDRESS).toBe('http://skywalking-oap.istio-system.svc.cluster.local:9412');
  });

  it('can be OTLP at the port of its own protocol, kept as Zipkin traces', () => {
    const { made, env } = skywalking({ receive: ['skywalking', 'otlp-grpc'] });
    expect(made.accepts).toEqual(['skywalking', 'otlp-grpc']);
    expect(made.receiver('otlp-grpc').authority).toBe(made.receiver('skywalking').authority);
    expect(made.receiver('otlp-grpc').protocol).toBe('otlp-grpc');
    expect(env('skywalking-oap')).toMatchObject({
      SW_OTEL_RECEIVER: 'default',
      SW_OTEL_RECEIVER_ENABLED_HANDLERS: 'otlp-traces',
      SW_RECEIVER_ZIPKIN: 'default',
      SW_QUERY_ZIPKIN: 'default',
    });
  });
});

describe('SkyWalking’s storage', () => {
  const images = (storage?: SkyWalkingStorage, version?: string) => {
    const { container } = skywalking({ ...(storage ? { storage } : {}), ...(version ? { version } : {}) });
    return [container('skywalking-oap').image, container('skywalking-ui').image];
  };

  it('is BanyanDB of its own by default, in the version that it starts with', () => {
    const { chart, container, env, made } = skywalking();
    expect(env('skywalking-oap')).toMatchObject({
      SW_STORAGE: 'banyandb',
      SW_STORAGE_BANYANDB_TARGETS: 'skywalking-banyandb.istio-system.svc.cluster.local:17912',
    });
    expect(portsOf(chart, 'skywalking-banyandb')).toEqual(['grpc 17912 grpc', 'http 17913 http']);
    const database = container('skywalking-banyandb');
    expect(database).toMatchObject({
      image: `docker.io/apache/skywalking-banyandb:${versions.banyandb}`,
      args: ['standalone'],
      readinessProbe: { httpGet: { path: '/api/healthz', port: 17913 } },
    });
    expect(made.database?.name).toBe('skywalking-banyandb');
    // Whatever it keeps lies on the one volume, not in /tmp.
    const folders = Object.values(env('skywalking-banyandb'));
    expect(folders).toContain('/data/trace');
    expect(folders.every((folder) => folder.startsWith('/data/'))).toBe(true);
    expect(images()).toEqual([
      `docker.io/apache/skywalking-oap-server:${versions.skywalking}`,
      `docker.io/apache/skywalking-ui:${versions.skywalking}`,
    ]);
  });

  it('can have a disk', () => {
    const { chart } = skywalking({ storage: { type: 'banyandb', disk: { size: '10Gi' } } });
    expect(object(chart, 'PersistentVolumeClaim', 'skywalking-banyandb').spec.resources.requests.storage).toBe('10Gi');
    const { spec } = object(chart, 'Deployment', 'skywalking-banyandb');
    expect(spec.strategy).toEqual({ type: 'Recreate' });
    const mount = spec.template.spec.containers[0].volumeMounts.find((m: Loose) => m.mountPath === '/data');
    expect(spec.template.spec.volumes).toContainEqual({
      name: mount.name,
      persistentVolumeClaim: { claimName: 'skywalking-banyandb' },
    });
  });

  it('can be the pod’s memory, with the last SkyWalking that has it, and its page', () => {
    const { chart, env, made } = skywalking({ storage: { type: 'memory' } });
    expect(env('skywalking-oap').SW_STORAGE).toBe('h2');
    expect(images({ type: 'memory' })).toEqual([
      `docker.io/apache/skywalking-oap-server:${versions.skywalkingInMemory}`,
      `docker.io/apache/skywalking-ui:${versions.skywalkingInMemory}`,
    ]);
    expect(made.database).toBeUndefined();
    expect(objects(chart).filter((o) => o.metadata.name.includes('banyandb'))).toEqual([]);
  });

  const login = { username: { secret: 'db', key: 'user' }, password: { secret: 'db', key: 'password' } };

  it.each([
    [false, 'jdbc:postgresql://postgres.db.svc.cluster.local:5432/skywalking'],
    [true, 'jdbc:postgresql://postgres.db.svc.cluster.local:5432/skywalking?sslmode=require'],
  ])('can be PostgreSQL, by TLS: %s', (tls, url) => {
    const server = Endpoint.external({ protocol: 'postgresql', host: 'postgres.db.svc.cluster.local', port: 5432, tls });
    const { env } = skywalking({ storage: { type: 'postgresql', server, database: 'skywalking', login } });
    expect(env('skywalking-oap')).toMatchObject({
      SW_STORAGE: 'postgresql',
      SW_JDBC_URL: url,
      SW_DATA_SOURCE_USER: { name: 'db', key: 'user' },
      SW_DATA_SOURCE_PASSWORD: { name: 'db', key: 'password' },
    });
  });

  const elastic = (host: string, tls = false) => Endpoint.external({ protocol: 'http', host, port: 9200, tls });

  it('can be Elasticsearch', () => {
    const { env } = skywalking({ storage: { type: 'elasticsearch', servers: [elastic('es-0.es'), elastic('es-1.es')] } });
    expect(env('skywalking-oap')).toMatchObject({
      SW_STORAGE: 'elasticsearch',
      SW_STORAGE_ES_CLUSTER_NODES: 'es-0.es:9200,es-1.es:9200',
      SW_STORAGE_ES_HTTP_PROTOCOL: 'http',
    });
    expect(env('skywalking-oap')).not.toHaveProperty('SW_ES_USER');
  });

  it('can be an Elasticsearch with a login and certificates of one’s own', () => {
    const trustStore = { file: { secret: 'es-trust', key: 'store.p12' }, password: { secret: 'es-trust', key: 'password' } };
    const servers = [elastic('es.es', true)] as const;
    const storage: Required<Extract<SkyWalkingStorage, { type: 'elasticsearch' }>> = {
      type: 'elasticsearch',
      servers,
      login,
      trustStore,
    };
    const { chart, env, container } = skywalking({ storage });
    expect(env('skywalking-oap')).toMatchObject({
      SW_STORAGE_ES_HTTP_PROTOCOL: 'https',
      SW_ES_USER: { name: 'db', key: 'user' },
      SW_ES_PASSWORD: { name: 'db', key: 'password' },
      SW_STORAGE_ES_SSL_JKS_PASS: { name: 'es-trust', key: 'password' },
    });
    const mount = container('skywalking-oap').volumeMounts.find((m: Loose) => m.mountPath !== '/tmp');
    expect(env('skywalking-oap').SW_STORAGE_ES_SSL_JKS_PATH).toBe(`${mount.mountPath}/store`);
    expect(object(chart, 'Deployment', 'skywalking-oap').spec.template.spec.volumes).toContainEqual({
      name: mount.name,
      secret: { secretName: 'es-trust', items: [{ key: 'store.p12', path: 'store' }] },
    });
  });

  it.each([
    ['memory', 'SW_CORE_RECORD_DATA_TTL'],
    ['banyandb', 'SW_STORAGE_BANYANDB_TRACE_TTL_DAYS'],
    ['banyandb', 'SW_STORAGE_BANYANDB_ZIPKIN_TRACE_TTL_DAYS'],
  ] as const)('%s keeps traces for as long as it is told: %s', (type, name) => {
    expect(skywalking({ storage: { type } }).env('skywalking-oap')[name]).toBe('3');
    expect(skywalking({ storage: { type }, retention: '1w' }).env('skywalking-oap')[name]).toBe('7');
  });

  it('goes with the versions that have it', () => {
    const refuse = (props: SkyWalkingProps) => expect(() => skywalking(props));
    refuse({ storage: { type: 'memory' }, version: '10.4.0' }).toThrow('SkyWalking brings none since 10.2, use 9.7.0');
    refuse({ version: '11.0.0' }).toThrow(`version of 'layer/skywalking' is "11.0.0": allowed are 9 and 10`);
    refuse({ version: '10.3.0' }).toThrow('say the version of its BanyanDB too, in the storage');
    expect(images({ type: 'banyandb' }, '10.4.1')[0]).toMatch(/:10\.4\.1$/);
    expect(images({ type: 'memory' }, '10.1.0')[0]).toMatch(/:10\.1\.0$/);
  });

  it('is refused when it cannot be reached as it is told', () => {
    const refuse = (storage: SkyWalkingStorage) => expect(() => skywalking({ storage }));
    refuse({ type: 'elasticsearch', servers: [elastic('a.es'), elastic('b.es', true)] }).toThrow(
      "servers of 'layer/skywalking' are http://a.es:9200, https://b.es:9200: reach all of them by TLS, or none",
    );
    refuse({
      type: 'elasticsearch',
      servers: [elastic('a.es')],
      trustStore: { file: { secret: 's', key: 'f' }, password: { secret: 's', key: 'p' } },
    }).toThrow("trustStore of 'layer/skywalking' is set, but a.es:9200 is not reached by TLS");
    const server = Endpoint.external({ protocol: 'postgresql', host: 'db', port: 5432 });
    refuse({ type: 'postgresql', server, database: 'a b', login }).toThrow(`database of 'layer/skywalking' is "a b"`);
  });
});

it('SkyWalking takes every option', () => {
  const { chart, made, container, env } = skywalking(everyOption);
  expect(made.accepts).toEqual(['otlp-grpc', 'skywalking', 'zipkin']);
  expect(container('skywalking-oap')).toMatchObject({
    image: 'mirror.test/oap:10.3.0',
    resources: { requests: { cpu: '1', memory: '2Gi' }, limits: { memory: '4Gi' } },
  });
  expect(container('skywalking-ui').image).toBe('mirror.test/ui:10.3.0');
  expect(container('skywalking-banyandb').image).toBe('mirror.test/banyandb:0.9.0');
  expect(object(chart, 'PersistentVolumeClaim', 'skywalking-banyandb').spec.storageClassName).toBe('fast');
  expect(env('skywalking-oap').SW_STORAGE_BANYANDB_TRACE_TTL_DAYS).toBe('14');
});

it.each(['', '3', '36h', '0d'])('SkyWalking refuses the retention %j', (retention) => {
  expect(() => skywalking({ retention })).toThrow(`retention of 'layer/skywalking' is "${retention}"`);
});
