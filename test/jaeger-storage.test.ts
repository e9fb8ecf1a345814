import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { guardSubstitution } from '../constructs/delivery/substitute.ts';
import { Endpoint } from '../constructs/kit/index.ts';
import { Jaeger, type JaegerStorage } from '../constructs/tracing/index.ts';
import { layer, object, objects } from './support/synth.ts';

type Of<T extends JaegerStorage['type']> = Extract<JaegerStorage, { type: T }>;

const at = <P extends string>(protocol: P, port: number, tls = true) =>
  Endpoint.external({ protocol, host: `${protocol}.data.svc.cluster.local`, port, tls });

const login = { username: { secret: 'storage', key: 'user' }, password: { secret: 'storage', key: 'pass' } };
const ca = { secret: 'storage-ca', key: 'tls.crt' };
const trustStore = { file: { secret: 'java', key: 'ca.p12' }, password: { secret: 'java', key: 'password' } };
const job = {
  schedule: '30 22 * * 1-5',
  trustStore,
  version: 'v0.7.9',
  image: 'harbor.site.example/spark',
  resources: { cpu: '1', memory: '2Gi', memoryLimit: '4Gi' },
};

// Every option of every storage: a new one without a test does not compile.
const every: { readonly [T in JaegerStorage['type']]: Required<Of<T>> } = {
  memory: { type: 'memory', maxTraces: 77 },
  badger: { type: 'badger', size: '50Gi', storageClass: 'fast', retention: '2w' },
  elasticsearch: {
    type: 'elasticsearch',
    servers: [at('http', 9200)],
    login,
    tls: { ca },
    indexPrefix: 'prod',
    dependencies: { ...job, elasticsearch: 9 },
  },
  opensearch: {
    type: 'opensearch',
    servers: [at('http', 9200)],
    login: { ...login, username: 'jaeger' },
    tls: { insecureSkipVerify: true },
    indexPrefix: 'prod',
    dependencies: job,
  },
  cassandra: {
    type: 'cassandra',
    servers: [at('cassandra', 9142)],
    keyspace: 'traces',
    datacenter: 'eu1',
    copies: 3,
    retention: '36h',
    login,
    tls: { ca },
    dependencies: job,
  },
  clickhouse: { type: 'clickhouse', servers: [at('clickhouse', 9000, false)], database: 'spans', login },
};

function jaeger(storage: JaegerStorage, version?: string) {
  const chart = layer();
  new Jaeger(chart, 'jaeger', { storage, ...(version ? { version } : {}) });
  const deployment = object(chart, 'Deployment', 'jaeger').spec;
  return {
    chart,
    backend: parse(object(chart, 'ConfigMap', 'jaeger').data['config.yaml']).extensions.jaeger_storage.backends.main,
    deployment,
    container: deployment.template.spec.containers[0],
  };
}

const secretEnv = [
  { name: 'STORAGE_USERNAME', valueFrom: { secretKeyRef: { name: 'storage', key: 'user' } } },
  { name: 'STORAGE_PASSWORD', valueFrom: { secretKeyRef: { name: 'storage', key: 'pass' } } },
];
// A variable alone would be read as YAML: a password of digits as a number.
const text = (variable: string) => `\${env:${variable}}\${env:EMPTY:-}`;
const basic = { basic: { username: text('STORAGE_USERNAME'), password: text('STORAGE_PASSWORD') } };

describe('where Jaeger keeps traces', () => {
  it('memory', () => {
    expect(jaeger(every.memory).backend).toEqual({ memory: { max_traces: 77 } });
    expect(jaeger({ type: 'memory' }).backend).toEqual({ memory: { max_traces: 10_000 } });
    expect(jaeger({ type: 'memory' }).container.env).toBeUndefined();
  });

  it('badger: a disk that one pod holds and can write', () => {
    const { backend, deployment, container, chart } = jaeger(every.badger);
    expect(backend).toEqual({
      badger: { ephemeral: false, directories: { keys: '/badger/keys', values: '/badger/values' }, ttl: { spans: '336h' } },
    });
    expect(deployment.strategy).toEqual({ type: 'Recreate' });
    expect(deployment.template.spec.securityContext.fsGroup).toBe(10001);
    expect(container.volumeMounts).toContainEqual({ name: 'claim-jaeger', mountPath: '/badger' });
    expect(object(chart, 'PersistentVolumeClaim', 'jaeger').spec).toMatchObject({
      storageClassName: 'fast',
      resources: { requests: { storage: '50Gi' } },
    });
    const plain = jaeger({ type: 'badger' });
    expect(plain.backend.badger.ttl.spans).toBe('72h');
    expect(object(plain.chart, 'PersistentVolumeClaim', 'jaeger').spec.resources.requests.storage).toBe('10Gi');
  });

  it('elasticsearch and opensearch', () => {
    const elastic = jaeger(every.elasticsearch);
    expect(elastic.backend).toEqual({
      elasticsearch: {
        server_urls: ['https://http.data.svc.cluster.local:9200'],
        auth: basic,
        tls: { ca_file: '/etc/storage-ca/ca.crt' },
        indices: { index_prefix: 'prod' },
      },
    });
    expect(elastic.container.env).toEqual(secretEnv);
    expect(elastic.container.volumeMounts).toContainEqual({
      name: 'secret-storage-ca-tls-crt',
      mountPath: '/etc/storage-ca',
      readOnly: true,
    });
    expect(elastic.deployment.template.spec.volumes).toContainEqual({
      name: 'secret-storage-ca-tls-crt',
      secret: { secretName: 'storage-ca', items: [{ key: 'tls.crt', path: 'ca.crt' }] },
    });
    const open = jaeger(every.opensearch);
    expect(open.backend.opensearch.tls).toEqual({ insecure_skip_verify: true });
    expect(open.container.env[0]).toEqual({ name: 'STORAGE_USERNAME', value: 'jaeger' });
    expect(jaeger({ type: 'opensearch', servers: [at('http', 9200, false)] }).backend).toEqual({
      opensearch: { server_urls: ['http://http.data.svc.cluster.local:9200'] },
    });
  });

  it('cassandra', () => {
    const { backend, container } = jaeger(every.cassandra);
    expect(backend.cassandra).toEqual({
      schema: { create: true, keyspace: 'traces', datacenter: 'eu1', replication_factor: 3, trace_ttl: '36h' },
      connection: {
        servers: ['cassandra.data.svc.cluster.local:9142'],
        local_dc: 'eu1',
        auth: basic,
        tls: { ca_file: '/etc/storage-ca/ca.crt' },
      },
    });
    expect(container.env).toEqual(secretEnv);
    const plain = jaeger({ type: 'cassandra', servers: [at('cassandra', 9042, false)] });
    expect(plain.backend.cassandra.connection.tls).toEqual({ insecure: true });
    expect(plain.backend.cassandra.schema).toMatchObject({ keyspace: 'jaeger_v1_dc1', trace_ttl: '48h' });
    const trusted = jaeger({ type: 'cassandra', servers: [at('cassandra', 9142)] });
    expect(trusted.backend.cassandra.connection.tls).toEqual({ insecure: false });
  });

  it('clickhouse, with the gate of the versions that want one', () => {
    const { backend, container } = jaeger(every.clickhouse);
    expect(backend.clickhouse).toEqual({
      addresses: ['clickhouse.data.svc.cluster.local:9000'],
      database: 'spans',
      auth: basic,
      create_schema: true,
    });
    expect(container.args).toEqual(['--config', '/etc/jaeger/config.yaml', '--feature-gates=storage.clickhouse']);
    expect(jaeger(every.clickhouse, '2.21.0').container.args).toHaveLength(2);
    expect(jaeger(every.memory).container.args).toHaveLength(2);
  });

  it('puts no secret into an object, and keeps Flux from the placeholders', () => {
    for (const storage of Object.values(every)) {
      const { chart } = jaeger(storage);
      expect(objects(chart).map((o) => o.kind)).not.toContain('Secret');
      const config = guardSubstitution(object(chart, 'ConfigMap', 'jaeger'));
      const guarded = 'login' in storage;
      expect(JSON.stringify(config).includes('"kustomize.toolkit.fluxcd.io/substitute":"disabled"')).toBe(guarded);
    }
  });

  it('refuses what the database would', () => {
    const servers = [at('http', 9200)] as const;
    const refused: readonly (readonly [JaegerStorage, string])[] = [
      [{ type: 'memory', maxTraces: 0 }, "maxTraces of 'layer/jaeger' is 0: allowed are whole numbers from 1"],
      [{ type: 'memory', maxTraces: 1.5 }, 'is 1.5'],
      [
        { type: 'badger', retention: '7' },
        `retention of 'layer/jaeger' is "7": allowed is a whole number above 0 with the unit h, d or w`,
      ],
      [{ type: 'badger', retention: '0d' }, 'retention'],
      [{ type: 'badger', size: 'big' }, "size of volume claim 'jaeger'"],
      [{ type: 'elasticsearch', servers, indexPrefix: 'Prod' }, 'names of indices are lower case'],
      [{ type: 'elasticsearch', servers, indexPrefix: `\${X}` }, "indexPrefix of 'layer/jaeger' is"],
      [{ type: 'elasticsearch', servers: [at('http', 9200), at('http', 9201, false)] }, 'reach all of them by TLS, or none'],
      [
        { type: 'opensearch', servers: [at('http', 9200, false)], tls: { ca } },
        'is not reached by TLS: say tls: true in its endpoint',
      ],
      [{ type: 'cassandra', servers: [at('cassandra', 9042)], keyspace: 'a b' }, "keyspace of 'layer/jaeger' is"],
      [{ type: 'cassandra', servers: [at('cassandra', 9042)], datacenter: '' }, 'datacenter'],
      [{ type: 'cassandra', servers: [at('cassandra', 9042)], copies: 0 }, 'copies'],
      [{ type: 'clickhouse', servers: [at('clickhouse', 9440)] }, 'speaks no TLS to ClickHouse'],
      [{ type: 'clickhouse', servers: [at('clickhouse', 9000, false)], database: 'a;b' }, 'database'],
    ];
    for (const [storage, message] of refused) expect(() => jaeger(storage), message).toThrow(message);
  });
});

describe("the job that computes Jaeger's graph of services", () => {
  const jobOf = (storage: JaegerStorage) => {
    const { spec } = object(jaeger(storage).chart, 'CronJob', 'jaeger-dependencies');
    const pod = spec.jobTemplate.spec.template.spec;
    const env = Object.fromEntries(
      pod.containers[0].env.map((e: { name: string; value?: string; valueFrom?: { secretKeyRef: object } }) => [
        e.name,
        e.value ?? e.valueFrom?.secretKeyRef,
      ]),
    );
    return { spec, pod, env, image: pod.containers[0].image, labels: spec.jobTemplate.spec.template.metadata.labels };
  };

  it('is there when asked for, and needed by these storages only', () => {
    const kinds = (storage: JaegerStorage) => objects(jaeger(storage).chart).map((o) => o.kind);
    for (const type of ['elasticsearch', 'opensearch', 'cassandra'] as const) expect(kinds(every[type])).toContain('CronJob');
    for (const type of ['memory', 'badger', 'clickhouse'] as const) expect(kinds(every[type])).not.toContain('CronJob');
    expect(kinds({ type: 'elasticsearch', servers: [at('http', 9200)] })).not.toContain('CronJob');
  });

  it('reads the same database as Jaeger', () => {
    const elastic = jobOf(every.elasticsearch);
    expect(elastic.env).toEqual({
      ES_NODES: 'https://http.data.svc.cluster.local:9200',
      ES_NODES_WAN_ONLY: 'true',
      ES_INDEX_PREFIX: 'prod',
      ES_USERNAME: { name: 'storage', key: 'user' },
      ES_PASSWORD: { name: 'storage', key: 'pass' },
      TRUST_STORE_PASSWORD: { name: 'java', key: 'password' },
      JAVA_OPTS:
        '-XX:MaxRAMPercentage=75 -Djavax.net.ssl.trustStore=/etc/trust/store -Djavax.net.ssl.trustStorePassword=$(TRUST_STORE_PASSWORD)',
    });
    // Kubernetes fills in only what stands before.
    expect(Object.keys(elastic.env).at(-1)).toBe('JAVA_OPTS');
    expect(jobOf(every.opensearch).env).toMatchObject({
      OS_NODES: 'https://http.data.svc.cluster.local:9200',
      OS_USERNAME: 'jaeger',
    });
    expect(jobOf(every.cassandra).env).toMatchObject({
      CASSANDRA_CONTACT_POINTS: 'cassandra.data.svc.cluster.local:9142',
      CASSANDRA_KEYSPACE: 'traces',
      CASSANDRA_LOCAL_DC: 'eu1',
      CASSANDRA_USE_SSL: 'true',
      CASSANDRA_PASSWORD: { name: 'storage', key: 'pass' },
    });
  });

  it('renders every option, and has defaults', () => {
    const told = jobOf(every.elasticsearch);
    expect(told.image).toBe('harbor.site.example/spark:v0.7.9-elasticsearch9');
    expect(told.spec).toMatchObject({ schedule: '30 22 * * 1-5', timeZone: 'Etc/UTC', concurrencyPolicy: 'Forbid' });
    expect(told.pod.containers[0].resources).toEqual({ requests: { cpu: '1', memory: '2Gi' }, limits: { memory: '4Gi' } });
    expect(told.pod.volumes).toContainEqual({
      name: 'secret-java-ca-p12',
      secret: { secretName: 'java', items: [{ key: 'ca.p12', path: 'store' }] },
    });
    const plain = jobOf({ type: 'elasticsearch', servers: [at('http', 9200, false)], dependencies: {} });
    expect(plain.spec.schedule).toBe('55 23 * * *');
    expect(plain.image).toBe('ghcr.io/jaegertracing/spark-dependencies/spark-dependencies:v0.7.2-elasticsearch8');
    expect(plain.env.JAVA_OPTS).toBe('-XX:MaxRAMPercentage=75');
    expect(plain.labels['sidecar.istio.io/inject']).toBe('false');
    expect(plain.pod).toMatchObject({
      restartPolicy: 'Never',
      serviceAccountName: 'jaeger-dependencies',
      securityContext: { runAsUser: 185, runAsGroup: 0 },
    });
    const image = (storage: JaegerStorage) => jobOf(storage).image.split(':')[1];
    expect(image({ type: 'opensearch', servers: [at('http', 9200)], dependencies: {} })).toBe('v0.7.2-opensearch');
    expect(image({ type: 'cassandra', servers: [at('cassandra', 9042)], dependencies: {} })).toBe('v0.7.2-cassandra');
  });

  it('is refused without certificates that it can read, and with a schedule that cron cannot', () => {
    const servers = [at('http', 9200)] as const;
    expect(() => jaeger({ type: 'elasticsearch', servers, tls: { ca }, dependencies: {} })).toThrow(
      "the dependencies job of 'layer/jaeger' cannot trust the storage's certificates: a Java program reads no PEM",
    );
    for (const schedule of ['daily', '55 23 * *', '55 23 * * * *'])
      expect(() => jaeger({ type: 'elasticsearch', servers, dependencies: { schedule } })).toThrow(
        `schedule of the dependencies job of 'layer/jaeger' is ${JSON.stringify(schedule)}`,
      );
  });
});
