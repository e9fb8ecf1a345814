import { App } from 'cdk8s';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Destination,
  Layer,
  MeshService,
  UserError,
  VersionedApp,
  type VersionedAppProps,
  Workload,
} from '../constructs/kit/index.ts';
import {
  type ClientTls,
  type ConnectionLimits,
  ExternalService,
  type HashKey,
  type Locality,
  type OutlierEjection,
  TrafficPolicy,
  type TrafficPolicyProps,
  type TrafficSettings,
} from '../constructs/mesh/index.ts';
import { fromObjects, prove } from '../constructs/proof/index.ts';
import { validate } from '../constructs/proof/schemas.ts';
import { type Loose, objects } from './support/synth.ts';

const pod = { image: 'reviews:1', user: 1000 };
const ports: VersionedAppProps<'v1' | 'v2'>['ports'] = [
  { name: 'http', port: 9080, appProtocol: 'http' },
  { name: 'grpc', port: 9090, appProtocol: 'grpc' },
];

function shop() {
  const layer = new Layer(new App(), 'shop', { namespace: 'shop' });
  return { layer, reviews: new VersionedApp(layer, 'reviews', { name: 'reviews', ports, versions: { v1: pod, v2: pod } }) };
}

/** The spec of a policy for reviews. */
function spec(settings: Omit<TrafficPolicyProps<'v1' | 'v2'>, 'of'>): Loose {
  const { layer, reviews } = shop();
  return new TrafficPolicy(layer, 'policy', { of: reviews, ...settings }).toJson().spec;
}

const refused = (settings: Omit<TrafficPolicyProps<'v1' | 'v2'>, 'of'>) => expect(() => spec(settings));
const outliers: OutlierEjection = { consecutive5xx: 5 };

describe('TrafficPolicy', () => {
  it('makes a subset of each version, named as the Service', () => {
    const { layer, reviews } = shop();
    expect(new TrafficPolicy(layer, 'policy', { of: reviews }).toJson()).toEqual({
      apiVersion: 'networking.istio.io/v1',
      kind: 'DestinationRule',
      metadata: { name: 'reviews', namespace: 'shop' },
      spec: {
        host: 'reviews.shop.svc.cluster.local',
        subsets: [
          { name: 'v1', labels: { version: 'v1' } },
          { name: 'v2', labels: { version: 'v2' } },
        ],
      },
    });
  });

  it('is for a plain Service or an outer host as well', () => {
    const { layer } = shop();
    const cart = new MeshService(layer, 'cart', { name: 'cart', selector: { app: 'cart' }, ports });
    expect(new TrafficPolicy(layer, 'a', { of: cart, loadBalancing: 'random' }).toJson().spec).toEqual({
      host: 'cart.shop.svc.cluster.local',
      trafficPolicy: { loadBalancer: { simple: 'RANDOM' } },
    });
    const vendor = new ExternalService(layer, 'vendor', {
      host: '*.vendor.example',
      ports: [{ name: 'tls', port: 443, appProtocol: 'tls' }],
    });
    expect(new TrafficPolicy(layer, 'b', { of: vendor, connections: { max: 5 } }).name).toBe('any.vendor.example');
    expect(() => new TrafficPolicy(layer, 'c', { of: cart })).toThrow("'shop/c' says nothing of cart.shop.svc.cluster.local");
  });

  it('renders every option', () => {
    const { layer, reviews } = shop();
    const clients = new Workload(layer, 'cart', { name: 'cart', version: '1', image: 'cart:1', user: 1000 });
    const every: Required<TrafficPolicyProps<'v1' | 'v2'>> = {
      of: reviews,
      name: 'calls-of-cart',
      clients,
      loadBalancing: 'round-robin',
      locality: 'off',
      warmupSeconds: 60,
      connections: { max: 10 },
      outliers,
      tls: 'disable',
      ports: { grpc: { loadBalancing: 'least-request' }, 9080: { tls: 'istio-mutual' } },
      versions: { v2: { connections: { max: 1 }, ports: { http: { tls: 'disable' } } } },
    };
    expect(new TrafficPolicy(layer, 'policy', every).toJson()).toMatchObject({
      metadata: { name: 'calls-of-cart' },
      spec: {
        workloadSelector: { matchLabels: { app: 'cart' } },
        subsets: [
          { name: 'v1', labels: { version: 'v1' } },
          {
            name: 'v2',
            labels: { version: 'v2' },
            trafficPolicy: {
              connectionPool: { tcp: { maxConnections: 1 } },
              portLevelSettings: [{ port: { number: 9080 }, tls: { mode: 'DISABLE' } }],
            },
          },
        ],
        trafficPolicy: {
          loadBalancer: { simple: 'ROUND_ROBIN', localityLbSetting: { enabled: false }, warmup: { duration: '60s' } },
          connectionPool: { tcp: { maxConnections: 10 } },
          outlierDetection: { consecutive5xxErrors: 5 },
          tls: { mode: 'DISABLE' },
          portLevelSettings: [
            { port: { number: 9080 }, tls: { mode: 'ISTIO_MUTUAL' } },
            { port: { number: 9090 }, loadBalancer: { simple: 'LEAST_REQUEST' } },
          ],
        },
      },
    });
  });

  it('takes any version of a destination whose versions are not known to the compiler', () => {
    const { layer, reviews } = shop();
    const of: Destination = reviews;
    expect(() => new TrafficPolicy(layer, 'policy', { of, versions: { canary: { outliers } } })).toThrow('sets version "canary"');
  });

  it('names what it does not know, and the nearest that it does', () => {
    // @ts-expect-error reviews has no v4
    refused({ versions: { v4: { outliers } } }).toThrow(
      `'shop/policy' sets version "v4", reviews.shop.svc.cluster.local has v1, v2`,
    );
    refused({ ports: { gprc: { outliers } } }).toThrow('has http, grpc: did you mean "grpc"?');
    refused({ ports: { 8080: { outliers } } }).toThrow('sets port "8080"');
    refused({ ports: { grpc: {} } }).toThrow("port 'grpc' of 'shop/policy' sets nothing");
    refused({ versions: { v1: {} } }).toThrow("version 'v1' of 'shop/policy' sets nothing");
    refused({ ports: { http: { outliers }, 9080: { outliers } } }).toThrow('sets port 9080 by its name and by its number');
    refused({ clients: { namespace: 'till', selector: { app: 'till' } } }).toThrow(
      "'shop/policy' is for clients of 'till', but stands in 'shop'",
    );
  });
});

describe('load balancing', () => {
  const balancer = (settings: TrafficSettings) => spec(settings).trafficPolicy.loadBalancer;

  it('hashes by each kind of key', () => {
    const keys: readonly (readonly [HashKey, Loose])[] = [
      ['source-address', { useSourceIp: true }],
      [{ header: 'x-user' }, { httpHeaderName: 'x-user' }],
      [{ queryParameter: 'user' }, { httpQueryParameterName: 'user' }],
      [{ cookie: 'basket' }, { httpCookie: { name: 'basket', ttl: '0s' } }],
      [{ cookie: 'basket', ttlSeconds: 3600, path: '/shop' }, { httpCookie: { name: 'basket', ttl: '3600s', path: '/shop' } }],
    ];
    for (const [consistentHash, expected] of keys)
      expect(balancer({ loadBalancing: { consistentHash } })).toEqual({ consistentHash: expected });
    refused({ loadBalancing: { consistentHash: { header: 'x user' } } }).toThrow(
      `consistentHash of 'shop/policy' names header "x user"`,
    );
    refused({ loadBalancing: { consistentHash: { cookie: '' } } }).toThrow('consistentHash.cookie');
    refused({ loadBalancing: { consistentHash: { queryParameter: '' } } }).toThrow('consistentHash.queryParameter');
  });

  it('knows localities', () => {
    const localities: readonly (readonly [Locality, Loose])[] = [
      ['off', { enabled: false }],
      [{ failover: { west: 'east' } }, { enabled: true, failover: [{ from: 'west', to: 'east' }] }],
      [
        { failoverPriority: ['topology.kubernetes.io/zone'] },
        { enabled: true, failoverPriority: ['topology.kubernetes.io/zone'] },
      ],
      [
        { distribute: { 'west/a/*': { 'west/a/*': 80, 'west/b': 20 } } },
        { enabled: true, distribute: [{ from: 'west/a/*', to: { 'west/a/*': 80, 'west/b': 20 } }] },
      ],
    ];
    for (const [locality, expected] of localities)
      expect(balancer({ locality, outliers })).toEqual({ localityLbSetting: expected });
  });

  it('refuses localities that Istio would not take, or that would do nothing', () => {
    refused({ locality: { failover: { west: 'east' } } }).toThrow('nothing finds failed pods: give it outliers');
    refused({ locality: { failoverPriority: ['version'] } }).toThrow('nothing finds failed pods');
    refused({ outliers, locality: { failover: {} } }).toThrow("locality.failover of 'shop/policy' is empty");
    refused({ outliers, locality: { failover: { west: 'west' } } }).toThrow("goes from 'west' to itself");
    refused({ outliers, locality: { failover: { 'west/a': 'east' } } }).toThrow('names "west/a": allowed are regions');
    refused({ locality: { distribute: {} } }).toThrow('is empty');
    refused({ locality: { distribute: { west: { west: 90, east: 40 } } } }).toThrow('makes 130 percent');
    refused({ locality: { distribute: { west: { west: 101 } } } }).toThrow(
      "to 'west' is 101: allowed is a whole number from 1 to 100",
    );
    refused({ locality: { distribute: { west: { '*/a': 100 } } } }).toThrow('names "*/a"');
    refused({ locality: { distribute: { west: { 'west/*': 50, 'west/a': 50 } } } }).toThrow('they overlap');
    refused({ locality: { distribute: { '*': { east: 100 }, west: { east: 100 } } } }).toThrow('they overlap');
    refused({ loadBalancing: { consistentHash: 'source-address' }, outliers, locality: { failover: { west: 'east' } } }).toThrow(
      'has consistentHash and locality',
    );
  });

  it('warms up where Istio can', () => {
    expect(balancer({ warmupSeconds: 0.5 })).toEqual({ warmup: { duration: '0.5s' } });
    refused({ warmupSeconds: 60, loadBalancing: 'random' }).toThrow("has warmupSeconds with 'random'");
    refused({ warmupSeconds: 60, loadBalancing: { consistentHash: 'source-address' } }).toThrow('with consistentHash');
    for (const warmupSeconds of [0, -1, 0.0001, 1.00005, Number.NaN, Number.POSITIVE_INFINITY, 1e9])
      refused({ warmupSeconds }).toThrow(
        `warmupSeconds of 'shop/policy' is ${warmupSeconds}: allowed are 0.001 to 31536000 seconds`,
      );
  });
});

/** Each option with a value, what becomes of it, and a value out of range. */
type Table<T> = { readonly [K in keyof Required<T>]: readonly [given: Required<T>[K], becomes: Loose, wrong?: Required<T>[K]] };

describe('connections', () => {
  const table: Table<ConnectionLimits> = {
    max: [100, { tcp: { maxConnections: 100 } }, 0],
    connectTimeoutSeconds: [0.03, { tcp: { connectTimeout: '0.03s' } }, 0],
    maxConnectionSeconds: [600, { tcp: { maxConnectionDuration: '600s' } }, -1],
    pendingRequests: [1, { http: { http1MaxPendingRequests: 1 } }, 0],
    requests: [1, { http: { http2MaxRequests: 1 } }, 1.5],
    requestsPerConnection: [1, { http: { maxRequestsPerConnection: 1 } }, 2 ** 31],
    retries: [3, { http: { maxRetries: 3 } }, -1],
    idleTimeoutSeconds: [30, { http: { idleTimeout: '30s' } }, 1e9],
    http2: ['upgrade', { http: { h2UpgradePolicy: 'UPGRADE' } }],
  };

  it.each(Object.entries(table))('knows %s', (option, [given, becomes, wrong]) => {
    expect(spec({ connections: { [option]: given } }).trafficPolicy.connectionPool).toEqual(becomes);
    if (wrong !== undefined)
      refused({ connections: { [option]: wrong } }).toThrow(`connections.${option} of 'shop/policy' is ${wrong}`);
  });

  it('are at least one', () => {
    refused({ connections: {} }).toThrow("connections of 'shop/policy' is empty");
    expect(spec({ connections: { http2: 'never' } }).trafficPolicy.connectionPool.http.h2UpgradePolicy).toBe('DO_NOT_UPGRADE');
  });
});

describe('outliers', () => {
  const table: Table<OutlierEjection> = {
    consecutive5xx: [0, { consecutive5xxErrors: 0 }, -1],
    consecutiveGatewayErrors: [3, { consecutiveGatewayErrors: 3 }, 0.5],
    intervalSeconds: [1, { interval: '1s' }, 0],
    ejectSeconds: [180, { baseEjectionTime: '180s' }, 0],
    maxEjectionPercent: [100, { maxEjectionPercent: 100 }, 101],
    minHealthPercent: [0, { minHealthPercent: 0 }, 101],
  };

  it.each(Object.entries(table))('know %s', (option, [given, becomes, wrong]) => {
    expect(spec({ outliers: { [option]: given } }).trafficPolicy.outlierDetection).toEqual(becomes);
    refused({ outliers: { [option]: wrong } }).toThrow(`outliers.${option} of 'shop/policy' is ${wrong}`);
  });

  it('are at least one, and gateway errors can come first', () => {
    refused({ outliers: {} }).toThrow("outliers of 'shop/policy' is empty");
    refused({ outliers: { consecutive5xx: 5, consecutiveGatewayErrors: 5 } }).toThrow(
      'the first never decides; make it less than 5',
    );
    expect(spec({ outliers: { consecutive5xx: 0, consecutiveGatewayErrors: 5 } }).trafficPolicy.outlierDetection).toEqual({
      consecutive5xxErrors: 0,
      consecutiveGatewayErrors: 5,
    });
  });
});

describe('tls', () => {
  it('has each form', () => {
    const forms: readonly (readonly [ClientTls, Loose])[] = [
      ['disable', { mode: 'DISABLE' }],
      ['istio-mutual', { mode: 'ISTIO_MUTUAL' }],
      [{ istioMutual: { sni: 'a.example' } }, { mode: 'ISTIO_MUTUAL', sni: 'a.example' }],
      [{ simple: {} }, { mode: 'SIMPLE', caCertificates: 'system' }],
      [{ simple: { trust: 'anybody', sni: 'a.example' } }, { mode: 'SIMPLE', insecureSkipVerify: true, sni: 'a.example' }],
      [{ simple: { trust: { file: '/etc/ca.pem' } } }, { mode: 'SIMPLE', caCertificates: '/etc/ca.pem' }],
      [
        { simple: { trust: { secret: 'vendor-ca' }, subjectAltNames: ['a.example'] } },
        { mode: 'SIMPLE', credentialName: 'vendor-ca', subjectAltNames: ['a.example'] },
      ],
      [{ mutual: { secret: 'vendor' } }, { mode: 'MUTUAL', credentialName: 'vendor' }],
      [
        { mutual: { certificate: '/etc/tls.crt', privateKey: '/etc/tls.key' } },
        { mode: 'MUTUAL', clientCertificate: '/etc/tls.crt', privateKey: '/etc/tls.key', caCertificates: 'system' },
      ],
      [
        { mutual: { certificate: '/a', privateKey: '/b', ca: '/c' } },
        { mode: 'MUTUAL', clientCertificate: '/a', privateKey: '/b', caCertificates: '/c' },
      ],
    ];
    for (const [tls, expected] of forms) expect(spec({ tls }).trafficPolicy.tls).toEqual(expected);
  });

  it('refuses what could not work', () => {
    refused({ tls: { simple: { trust: { file: 'ca.pem' } } } }).toThrow('allowed is an absolute path');
    refused({ tls: { mutual: { secret: 'A_b' } } }).toThrow('names the secret "A_b"');
    refused({ tls: { simple: { sni: '' } } }).toThrow('has an empty name');
    refused({ tls: { simple: { trust: 'anybody', subjectAltNames: ['a.example'] } } }).toThrow(
      'trusts anybody and names subjectAltNames',
    );
  });
});

describe('whatever is accepted', () => {
  /** Mostly right values, some wrong. */
  const mostly = <T>(right: fc.Arbitrary<T>, ...wrong: readonly T[]) =>
    fc.oneof({ weight: 30, arbitrary: right }, { weight: 1, arbitrary: fc.constantFrom(...wrong) });
  /** What excludes others comes seldom, or nothing would be accepted. */
  const seldom = <T>(value: fc.Arbitrary<T>) =>
    fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: value });
  const count = mostly(fc.integer({ min: 1, max: 1000 }), 0, -1, 0.5, 2 ** 31, Number.NaN);
  const time = mostly(
    fc.integer({ min: 1, max: 10_000 }).map((ms) => ms / 1000),
    0,
    -1,
    1e-4,
    1e12,
  );
  const percent = mostly(fc.integer({ min: 1, max: 100 }), -1, 101);
  const region = mostly(fc.constantFrom('west', 'east', 'north'), 'west/a', '*', '', '*/a');
  const some = <T extends object>(model: { readonly [K in keyof T]-?: fc.Arbitrary<T[K]> }) =>
    fc.option(fc.record<T, never>(model, { requiredKeys: [] }), { nil: undefined, freq: 1 });
  const word = mostly(fc.constantFrom('x-user', 'a'), '', 'x user');
  const settings = fc
    .record({
      loadBalancing: fc.constantFrom(undefined, 'random' as const, 'least-request' as const, 'round-robin' as const),
      hash: seldom(
        fc.oneof(
          fc.constant('source-address' as const),
          fc.record({ header: word }),
          fc.record({ queryParameter: word }),
          fc.record({ cookie: word, ttlSeconds: time }),
        ),
      ),
      locality: seldom(
        fc.oneof(
          fc.constant('off' as const),
          fc.record({ failover: fc.dictionary(region, region, { minKeys: 1, maxKeys: 2 }) }),
          fc
            .tuple(region, region, mostly(fc.integer({ min: 1, max: 99 }), 0, 100))
            .map(([from, to, share]) => ({ distribute: { [from]: { [to]: share, south: 100 - share } } })),
        ),
      ),
      warmupSeconds: seldom(time),
      connections: some<Pick<ConnectionLimits, 'max' | 'requests' | 'connectTimeoutSeconds' | 'idleTimeoutSeconds' | 'http2'>>({
        max: count,
        requests: count,
        connectTimeoutSeconds: time,
        idleTimeoutSeconds: time,
        http2: fc.constantFrom('upgrade' as const, 'never' as const),
      }),
      outliers: some<OutlierEjection>({
        consecutive5xx: count,
        consecutiveGatewayErrors: count,
        intervalSeconds: time,
        ejectSeconds: time,
        maxEjectionPercent: percent,
        minHealthPercent: percent,
      }),
      tls: fc.option(
        fc.oneof(
          fc.constant('disable' as const),
          fc.record({ simple: fc.record({ sni: mostly(fc.constantFrom('a.example'), '') }) }),
          fc.record({ mutual: fc.record({ secret: mostly(fc.constantFrom('vendor'), 'A_b') }) }),
        ),
      ),
    })
    .map(
      ({ loadBalancing, hash, locality, warmupSeconds, connections, outliers, tls }): TrafficSettings => ({
        ...(hash === null ? (loadBalancing ? { loadBalancing } : {}) : { loadBalancing: { consistentHash: hash } }),
        ...(locality === null ? {} : { locality }),
        ...(warmupSeconds === null ? {} : { warmupSeconds }),
        ...(connections ? { connections } : {}),
        ...(outliers ? { outliers } : {}),
        ...(tls === null ? {} : { tls }),
      }),
    );
  const policies = fc.record({
    own: settings,
    port: seldom(settings),
    version: seldom(settings),
  });

  it('passes the schema and the proof; what is refused is a UserError', () => {
    let accepted = 0;
    fc.assert(
      fc.property(policies, ({ own, port, version }) => {
        const { layer, reviews } = shop();
        try {
          new TrafficPolicy(layer, 'policy', {
            of: reviews,
            ...own,
            ...(port ? { ports: { grpc: port } } : {}),
            ...(version ? { versions: { v2: version } } : {}),
          });
        } catch (e) {
          expect(e).toBeInstanceOf(UserError);
          return;
        }
        accepted++;
        const made = objects(layer);
        expect(validate(made.find((o) => o.kind === 'DestinationRule'))).toEqual([]);
        const world = fromObjects(made.map((json) => ({ json, path: 'shop' })));
        expect(prove(world).filter(({ severity }) => severity === 'error')).toEqual([]);
      }),
      { seed: 5, numRuns: 600 },
    );
    expect(accepted).toBeGreaterThan(100);
  });
});
