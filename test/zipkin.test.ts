import { describe, expect, it } from 'vitest';
import { Endpoint } from '../constructs/kit/index.ts';
import { Mesh } from '../constructs/mesh/index.ts';
import { Zipkin, type ZipkinProps, type ZipkinStorage } from '../constructs/tracing/index.ts';
import { layer, object, objects } from './support/synth.ts';

const login = { username: 'zipkin', password: { secret: 'storage', key: 'pass' } };
const trustStore = { file: { secret: 'java', key: 'ca.p12' }, password: { secret: 'java', key: 'password' } };
const at = <P extends string>(protocol: P, port: number, tls = true) =>
  Endpoint.external({ protocol, host: `${protocol}.data.svc.cluster.local`, port, tls });

// Every option: a new one without a test does not compile.
const everyStorage: { readonly [T in ZipkinStorage['type']]: Required<Extract<ZipkinStorage, { type: T }>> } = {
  memory: { type: 'memory', maxSpans: 4000 },
  elasticsearch: { type: 'elasticsearch', servers: [at('http', 9200), at('http', 9201)], login, trustStore, index: 'mesh' },
  cassandra: { type: 'cassandra', servers: [at('cassandra', 9142)], datacenter: 'eu1', keyspace: 'traces', login, trustStore },
};
const everyOption: Required<ZipkinProps> = {
  storage: everyStorage.memory,
  version: '3.5.0',
  image: 'harbor.site.example/zipkin',
  resources: { cpu: '1', memory: '1Gi', memoryLimit: '2Gi' },
};

function zipkin(props?: ZipkinProps) {
  const chart = layer();
  const made = new Zipkin(chart, 'zipkin', props);
  const pod = object(chart, 'Deployment', 'zipkin').spec.template;
  const container = pod.spec.containers[0];
  return { chart, made, pod, container, env: envOf(container) };
}

function envOf({ env }: { env: { name: string; value?: string; valueFrom?: { secretKeyRef: object } }[] }) {
  return Object.fromEntries(env.map((e) => [e.name, e.value ?? e.valueFrom?.secretKeyRef]));
}

describe('Zipkin', () => {
  it('stands behind the Services that others look up', () => {
    const { chart } = zipkin();
    const ports = (name: string) => object(chart, 'Service', name).spec.ports;
    expect(ports('zipkin')).toEqual([{ name: 'http-zipkin', port: 9411, targetPort: 9411, appProtocol: 'http' }]);
    expect(ports('tracing')).toEqual([{ name: 'http-query', port: 80, targetPort: 9411, appProtocol: 'http' }]);
  });

  it('runs without rights, outside the mesh, and says where its metrics are', () => {
    const { pod, container, made } = zipkin();
    expect(pod.metadata.labels['sidecar.istio.io/inject']).toBe('false');
    expect(pod.metadata.annotations).toEqual({
      'prometheus.io/scrape': 'true',
      'prometheus.io/port': '9411',
      'prometheus.io/path': '/prometheus',
    });
    const pods = { name: 'zipkin', namespace: 'istio-system', labels: { app: 'zipkin' } };
    expect(made.scrapeJobs).toEqual([{ by: 'pod-annotations', job: 'kubernetes-pods', pods }]);
    expect(pod.spec.securityContext.runAsUser).toBe(1000);
    expect(container.securityContext.readOnlyRootFilesystem).toBe(true);
    expect(container.volumeMounts).toEqual([{ name: 'scratch-tmp', mountPath: '/tmp' }]);
    expect(container.readinessProbe.httpGet).toEqual({ path: '/health', port: 9411 });
    // A database that is away must not restart it.
    expect(container.livenessProbe.httpGet.path).not.toBe('/health');
  });

  it('hands out its addresses, and links when Grafana has more to link to', () => {
    const { made } = zipkin();
    expect(made.accepts).toEqual(['zipkin']);
    expect(made.receiver('zipkin').url).toBe('http://zipkin.istio-system.svc.cluster.local:9411/api/v2/spans');
    expect(made.toDataSource()).toEqual({
      name: 'Zipkin',
      uid: 'zipkin',
      type: 'zipkin',
      url: 'http://zipkin.istio-system.svc.cluster.local:9411',
    });
    expect(made.toDataSource({ logs: 'loki' }).jsonData).toMatchObject({ tracesToLogsV2: { datasourceUid: 'loki' } });
    expect(made.page).toMatchObject({ name: 'tracing', path: '/zipkin/', sidecar: 'never' });
    expect(made.page.endpoint.url).toBe('http://tracing.istio-system.svc.cluster.local:80');
    // Types keep it out; a program in JavaScript can still ask.
    expect(() => made.receiver('otlp-grpc' as 'zipkin')).toThrow("zipkin 'layer/zipkin' takes no otlp-grpc, it takes: zipkin");
  });

  it('is what proxies send zipkin to', () => {
    const chart = layer();
    new Mesh(chart, 'istio', { install: { by: 'existing' }, tracing: { to: new Zipkin(chart, 'zipkin') } });
    const telemetry = objects(chart).find((o) => o.kind === 'Telemetry');
    expect(telemetry.spec.tracing[0].providers).toEqual([{ name: 'zipkin' }]);
  });

  it('renders every option, and has a heap that fits its limit', () => {
    const { container, env } = zipkin(everyOption);
    expect(container).toMatchObject({
      image: 'harbor.site.example/zipkin:3.5.0',
      resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { memory: '2Gi' } },
    });
    expect(env).toEqual({
      STORAGE_TYPE: 'mem',
      MEM_MAX_SPANS: '4000',
      JAVA_OPTS: '-XX:MaxRAMPercentage=70 -XX:+ExitOnOutOfMemoryError',
    });
    const plain = zipkin();
    expect(plain.env.MEM_MAX_SPANS).toBe('100000');
    expect(plain.container.resources.limits).toEqual({ memory: '1Gi' });
    // Without a limit a share of the memory would be a share of the node's.
    expect(zipkin({ resources: { cpu: '1', memory: '1Gi' } }).env.JAVA_OPTS).toBeUndefined();
  });

  it('keeps spans in Elasticsearch or Cassandra, logged in from a Secret', () => {
    const java =
      '-XX:MaxRAMPercentage=70 -XX:+ExitOnOutOfMemoryError -Djavax.net.ssl.trustStore=/etc/trust/store -Djavax.net.ssl.trustStorePassword=$(TRUST_STORE_PASSWORD)';
    const elastic = zipkin({ storage: everyStorage.elasticsearch });
    expect(elastic.env).toEqual({
      STORAGE_TYPE: 'elasticsearch',
      ES_HOSTS: 'https://http.data.svc.cluster.local:9200,https://http.data.svc.cluster.local:9201',
      ES_INDEX: 'mesh',
      ES_USERNAME: 'zipkin',
      ES_PASSWORD: { name: 'storage', key: 'pass' },
      TRUST_STORE_PASSWORD: { name: 'java', key: 'password' },
      JAVA_OPTS: java,
    });
    expect(Object.keys(elastic.env).at(-1)).toBe('JAVA_OPTS');
    expect(elastic.container.volumeMounts).toContainEqual({
      name: 'secret-java-ca-p12',
      mountPath: '/etc/trust',
      readOnly: true,
    });
    expect(zipkin({ storage: everyStorage.cassandra }).env).toMatchObject({
      STORAGE_TYPE: 'cassandra3',
      CASSANDRA_CONTACT_POINTS: 'cassandra.data.svc.cluster.local:9142',
      CASSANDRA_LOCAL_DC: 'eu1',
      CASSANDRA_KEYSPACE: 'traces',
      CASSANDRA_USE_SSL: 'true',
      CASSANDRA_PASSWORD: { name: 'storage', key: 'pass' },
    });
    const plain = zipkin({ storage: { type: 'cassandra', servers: [at('cassandra', 9042, false)], datacenter: 'dc1' } });
    expect(plain.env.CASSANDRA_USE_SSL).toBeUndefined();
  });

  it('refuses numbers and names out of range', () => {
    expect(() => zipkin({ storage: { type: 'memory', maxSpans: 0 } })).toThrow("maxSpans of 'layer/zipkin' is 0");
    const servers = [at('cassandra', 9042)] as const;
    expect(() => zipkin({ storage: { type: 'cassandra', servers, datacenter: 'a b' } })).toThrow('datacenter');
    expect(() => zipkin({ storage: { type: 'cassandra', servers, datacenter: 'a', keyspace: '' } })).toThrow('keyspace');
    expect(() => zipkin({ storage: { type: 'elasticsearch', servers: [at('http', 9200)], index: 'a/b' } })).toThrow('index');
  });

  it('refuses TLS for some of the servers, and CAs where there is no TLS', () => {
    const elasticsearch = (...tls: [boolean, boolean]) =>
      zipkin({ storage: { ...everyStorage.elasticsearch, servers: [at('http', 9200, tls[0]), at('http', 9201, tls[1])] } });
    expect(() => elasticsearch(true, false)).toThrow('reach all of them by TLS, or none');
    expect(() => elasticsearch(false, false)).toThrow("trustStore of 'layer/zipkin' is set, but");
    expect(() => zipkin({ storage: { ...everyStorage.cassandra, servers: [at('cassandra', 9042, false)] } })).toThrow(
      'say tls: true in its endpoint, or leave out trustStore',
    );
  });

  it('can stand already', () => {
    const existing = Zipkin.fromExisting(
      Endpoint.external({ protocol: 'http', host: 'zipkin.tools.svc.cluster.local', port: 9411 }),
    );
    expect(existing.receiver('zipkin').url).toBe('http://zipkin.tools.svc.cluster.local:9411/api/v2/spans');
    expect(existing.toDataSource().url).toBe('http://zipkin.tools.svc.cluster.local:9411');
    expect(existing.page.path).toBe('/zipkin/');
    expect(() => existing.receiver('otlp-http' as 'zipkin')).toThrow('the existing zipkin takes no otlp-http');
  });
});
