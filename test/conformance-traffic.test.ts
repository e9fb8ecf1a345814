import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../constructs/kit/json.ts';
import type { Explanation } from '../constructs/proof/explain/types.ts';
import { commandLine, differences, type Found } from './conformance/traffic/compare.ts';
import { ask } from './conformance/traffic/envoy/answer.ts';
import { readDump } from './conformance/traffic/envoy/dump.ts';
import { virtualHostFor } from './conformance/traffic/envoy/match.ts';
import { admits } from './conformance/traffic/envoy/rbac.ts';
import { knownReason } from './conformance/traffic/known.ts';
import { requestsFor } from './conformance/traffic/requests.ts';
import { generateWorld } from './conformance/traffic/worlds/worlds.ts';

const cluster = (subset = '', host = 'reviews.shop.svc.cluster.local') => `outbound|9080|${subset}|${host}`;
const http = (name: string) => ({
  filters: [{ name: 'envoy.filters.network.http_connection_manager', typedConfig: { rds: { routeConfigName: name } } }],
});
const tcp = (config: JsonObject) => ({ filters: [{ name: 'envoy.filters.network.tcp_proxy', typedConfig: config }] });

interface Parts {
  readonly listeners?: readonly JsonObject[];
  readonly routes?: readonly JsonObject[];
  readonly domains?: readonly string[];
  readonly clusters?: readonly JsonObject[];
  readonly endpoints?: readonly JsonObject[];
}

/** A dump of one sidecar: port 9080 by name, the rest to where it wants. */
function dump({ listeners = [], routes = [], domains = ['reviews', 'reviews.shop'], clusters = [], endpoints = [] }: Parts) {
  const all = [
    { name: '0.0.0.0_9080', filterChains: [http('9080')] },
    { name: 'virtualOutbound', filterChains: [tcp({ cluster: 'PassthroughCluster' })] },
    ...listeners,
  ];
  const virtualHosts = [
    { name: 'reviews:9080', domains: [...domains], routes: [...routes] },
    { name: 'allow_any', domains: ['*'], routes: [{ match: { prefix: '/' }, route: { cluster: 'PassthroughCluster' } }] },
  ];
  return readDump({
    configs: [
      { dynamicListeners: all.map((listener) => ({ activeState: { listener } })) },
      { dynamicRouteConfigs: [{ routeConfig: { name: '9080', virtualHosts } }] },
      { dynamicActiveClusters: clusters.map((cluster) => ({ cluster })) },
      { dynamicEndpointConfigs: endpoints.map((endpointConfig) => ({ endpointConfig })) },
    ],
  });
}

const entry = { kind: 'sidecar', address: '10.0.0.1', port: 9080 } as const;
const reviews = { host: 'reviews', port: 9080 } as const;
const to = (name: string, match: JsonObject = { prefix: '/' }, more: JsonObject = {}) => ({
  match,
  route: { cluster: cluster(name), ...more },
});

/** The subset to which a request of these routes goes; the outcome when it goes nowhere. */
function reached(routes: readonly JsonObject[], request: { path?: string; method?: string; headers?: Record<string, string> }) {
  const { outcome, destinations } = ask(dump({ routes }), { ...reviews, ...request }, entry);
  return destinations[0]?.subset ?? outcome;
}

describe('the listener', () => {
  const routes = [to('v1')];

  it('is the one of the address, then the one of the port, then the catch-all', () => {
    const listeners = [{ name: '10.0.0.9_9080', filterChains: [tcp({ cluster: cluster('', 'bytes') })] }];
    const told = dump({ routes, listeners });
    expect(ask(told, reviews, entry).outcome).toBe('route');
    expect(ask(told, reviews, { ...entry, address: '10.0.0.9' })).toMatchObject({
      outcome: 'tcp',
      destinations: [{ host: 'bytes' }],
    });
    expect(ask(told, reviews, { ...entry, port: 1 }).outcome).toBe('passthrough');
  });

  it('refuses unknown addresses when the mesh does', () => {
    const listeners = [{ name: 'virtualOutbound', filterChains: [tcp({ cluster: 'BlackHoleCluster' })] }];
    expect(ask(dump({ listeners }), reviews, { ...entry, port: 1 }).outcome).toBe('blackhole');
  });

  it('is missing at a port that a gateway does not open', () => {
    expect(ask(dump({ routes }), reviews, { ...entry, kind: 'gateway' }).outcome).toBe('route');
    expect(ask(dump({ routes }), reviews, { ...entry, kind: 'gateway', port: 1 }).outcome).toBe('nolistener');
  });

  it('is chosen by the name in the TLS greeting', () => {
    const chain = (name: string, subset: string) => ({
      ...tcp({ cluster: cluster(subset) }),
      filterChainMatch: { serverNames: [name] },
    });
    const listeners = [{ name: '0.0.0.0_443', filterChains: [chain('*.test', 'wild'), chain('a.test', 'exact')] }];
    const at = (host: string) => ask(dump({ listeners }), { host, port: 443 }, { ...entry, port: 443 });
    expect(at('a.test').destinations).toMatchObject([{ subset: 'exact' }]);
    expect(at('b.test').destinations).toMatchObject([{ subset: 'wild' }]);
    expect(at('b.example').outcome).toBe('nolistener');
  });
});

describe('the virtual host', () => {
  const named = (...domains: string[]) => ({ virtualHosts: domains.map((domain) => ({ name: domain, domains: [domain] })) });
  it.each([
    ['a.b.test', 'a.b.test'],
    ['A.B.test', 'a.b.test'],
    ['x.b.test', '*.b.test'],
    ['x.test', '*.test'],
    ['b.test', '*.test'],
    ['a.other', 'a.*'],
    ['other', '*'],
  ])('of %s is %s', (host, wanted) => {
    expect(virtualHostFor(named('*', '*.test', '*.b.test', 'a.b.test', 'a.*'), host)).toMatchObject({ name: wanted });
  });

  it('is none for a name that no domain takes: 404', () => {
    expect(virtualHostFor(named('*.test'), 'test')).toBeUndefined();
  });
});

describe('a route', () => {
  it.each<[string, JsonObject, string, boolean]>([
    ['prefix', { prefix: '/a' }, '/ab', true],
    ['prefix', { prefix: '/a' }, '/b', false],
    ['path', { path: '/a' }, '/a?b=c', true],
    ['path', { path: '/a' }, '/a/', false],
    ['path in another case', { path: '/a', caseSensitive: false }, '/A', true],
    ['path in another case', { path: '/a', caseSensitive: true }, '/A', false],
    ['separated prefix', { pathSeparatedPrefix: '/a' }, '/a/b', true],
    ['separated prefix', { pathSeparatedPrefix: '/a' }, '/ab', false],
    ['regex, which takes the whole', { safeRegex: { regex: '/a[0-9]' } }, '/a1', true],
    ['regex, which takes the whole', { safeRegex: { regex: '/a[0-9]' } }, '/a12', false],
    ['regex of RE2', { safeRegex: { regex: '(?i)/shop' } }, '/SHOP', true],
    ['query', { prefix: '/', queryParameters: [{ name: 'u', stringMatch: { exact: 'x' } }] }, '/?u=x', true],
    ['query', { prefix: '/', queryParameters: [{ name: 'u', stringMatch: { exact: 'x' } }] }, '/?u=y', false],
    ['query', { prefix: '/', queryParameters: [{ name: 'u', presentMatch: true }] }, '/', false],
  ])('matches by %s: %j, %s: %s', (_, match, path, matches) => {
    expect(reached([to('v1', match)], { path })).toBe(matches ? 'v1' : 'notfound');
  });

  const header = (more: JsonObject) => ({ prefix: '/', headers: [{ name: 'x-user', ...more }] });
  it.each<[JsonObject, string | undefined, boolean]>([
    [{ stringMatch: { exact: 'jason' } }, 'jason', true],
    [{ stringMatch: { exact: 'jason' } }, 'jasper', false],
    [{ stringMatch: { prefix: 'ja' } }, 'jasper', true],
    [{ stringMatch: { suffix: 'per' } }, 'jasper', true],
    [{ stringMatch: { contains: 'sp' } }, 'jasper', true],
    [{ stringMatch: { safeRegex: { regex: 'ja.*' } } }, 'jasper', true],
    [{ stringMatch: { safeRegex: { regex: 'ja' } } }, 'jasper', false],
    [{ stringMatch: { exact: 'jason' }, invertMatch: true }, 'jasper', true],
    // A missing header matches nothing, not even the inverse.
    [{ stringMatch: { exact: 'jason' }, invertMatch: true }, undefined, false],
    [{ stringMatch: { exact: 'jason' }, invertMatch: true, treatMissingHeaderAsEmpty: true }, undefined, true],
    [{ presentMatch: true }, 'x', true],
    [{ presentMatch: true }, undefined, false],
    [{ presentMatch: true, invertMatch: true }, undefined, true],
  ])('matches by header %j, value %s: %s', (more, value, matches) => {
    expect(reached([to('v1', header(more))], { headers: value === undefined ? {} : { 'X-User': value } })).toBe(
      matches ? 'v1' : 'notfound',
    );
  });

  it('matches by method', () => {
    const match = { prefix: '/', headers: [{ name: ':method', stringMatch: { exact: 'POST' } }] };
    expect([reached([to('v1', match)], {}), reached([to('v1', match)], { method: 'POST' })]).toEqual(['notfound', 'v1']);
  });

  it('is the first that matches', () => {
    expect(reached([to('v1', { path: '/a' }), to('v2'), to('v3', { path: '/b' })], { path: '/b' })).toBe('v2');
  });

  it('is not guessed at: what is not read is said', () => {
    expect(() => reached([to('v1', { connectMatcher: {} })], {})).toThrow('connectMatcher');
  });
});

describe('an action', () => {
  const answer = (route: JsonObject, path = '/a/b?c=d') => ask(dump({ routes: [route] }), { ...reviews, path }, entry);

  it('shares by weight, of whatever sum', () => {
    const clusters = [
      { name: cluster('v1'), weight: 1 },
      { name: cluster('v2'), weight: 3 },
      { name: cluster('v3'), weight: 0 },
    ];
    const { destinations } = answer({ match: { prefix: '/' }, route: { weightedClusters: { clusters } } });
    expect(destinations).toMatchObject([
      { host: 'reviews.shop.svc.cluster.local', port: 9080, subset: 'v1', percent: 25 },
      { subset: 'v2', percent: 75 },
    ]);
  });

  it('has a timeout, retries, mirrors, a fault and headers', () => {
    const fraction = { numerator: 125_000, denominator: 'MILLION' };
    const found = answer({
      ...to(
        'v1',
        { prefix: '/' },
        {
          timeout: '2.5s',
          retryPolicy: { numRetries: 3, perTryTimeout: '0.5s', retryOn: '5xx' },
          requestMirrorPolicies: [{ cluster: cluster('v2'), runtimeFraction: { defaultValue: fraction } }],
        },
      ),
      requestHeadersToAdd: [
        { header: { key: 'a', value: 'b' }, appendAction: 'OVERWRITE_IF_EXISTS_OR_ADD' },
        { header: { key: 'c', value: 'd' } },
      ],
      requestHeadersToRemove: ['e'],
      typedPerFilterConfig: {
        'envoy.filters.http.fault': {
          delay: { fixedDelay: '7s', percentage: { numerator: 10 } },
          abort: { httpStatus: 504, percentage: fraction },
        },
      },
      metadata: { filterMetadata: { istio: { config: '/apis/networking.istio.io/v1/namespaces/shop/virtual-service/reviews' } } },
    });
    expect(found).toMatchObject({
      ...{ object: 'VirtualService/shop/reviews', timeout: 2.5, retries: { attempts: 3, perTryTimeout: 0.5, retryOn: '5xx' } },
      ...{ mirrors: [{ subset: 'v2', percent: 12.5 }], headers: { set: { a: 'b' }, add: { c: 'd' }, remove: ['e'] } },
      fault: { delay: { percent: 10, seconds: 7 }, abort: { percent: 12.5, status: 504 } },
    });
    expect(answer(to('v1', { prefix: '/' }, { timeout: '0s' }))).toMatchObject({
      timeout: null,
      retries: null,
      fault: null,
      headers: null,
      rewrite: null,
    });
  });

  it.each<[string, JsonObject, JsonObject, string]>([
    ['a prefix', { prefix: '/a/' }, { prefixRewrite: '/x/' }, '/x/b'],
    ['a whole path', { path: '/a/b' }, { prefixRewrite: '/x' }, '/x'],
    ['what a regex takes', { prefix: '/' }, { regexRewrite: { pattern: { regex: '^/a/(.*)' }, substitution: '/x/\\1' } }, '/x/b'],
  ])('rewrites %s', (_, match, more, path) => {
    expect(answer(to('v1', match, { ...more, hostRewriteLiteral: 'other' })).rewrite).toEqual({
      path: `${path}?c=d`,
      host: 'other',
    });
  });

  it.each<[JsonObject, string]>([
    [{ hostRedirect: 'other', responseCode: 'FOUND' }, '302 http://other/a/b?c=d'],
    [{ schemeRedirect: 'https', portRedirect: 8443 }, '301 https://reviews:8443/a/b?c=d'],
    [{ pathRedirect: '/x', stripQuery: true, responseCode: 'PERMANENT_REDIRECT' }, '308 http://reviews:9080/x'],
  ])('redirects: %j', (redirect, wanted) => {
    const { outcome, redirect: found } = answer({ match: { prefix: '/' }, redirect });
    expect([outcome, `${found?.status} ${found?.location}`]).toEqual(['redirect', wanted]);
  });

  it('answers by itself', () => {
    const found = answer({ match: { prefix: '/' }, directResponse: { status: 503, body: { inlineString: 'closed' } } });
    expect(found).toMatchObject({ outcome: 'direct', direct: { status: 503, body: 'closed' } });
  });
});

describe('a cluster', () => {
  const endpoint = (mutual: boolean, workload: string) => ({
    endpoint: { address: { socketAddress: { address: '10.0.0.2', portValue: 9080 } } },
    metadata: {
      filterMetadata: {
        ...(mutual && { 'envoy.transport_socket_match': { tlsMode: 'istio' } }),
        istio: { workload: `${workload};shop;a;v1;K` },
      },
    },
  });
  const found = (more: JsonObject, ...endpoints: JsonObject[]) =>
    ask(
      dump({
        routes: [to('')],
        clusters: [{ name: cluster(), ...more }],
        endpoints: [{ clusterName: cluster(), endpoints: [{ lbEndpoints: endpoints }] }],
      }),
      reviews,
      entry,
    );
  const byEndpoint = { transportSocketMatches: [{ name: 'tlsMode-istio' }] };
  const certificates = { commonTlsContext: { tlsCertificateSdsSecretConfigs: [{ name: 'default' }] } };

  it('tells the workloads', () => {
    expect(found({}, endpoint(true, 'b'), endpoint(true, 'a'), endpoint(true, 'b')).destinations).toMatchObject([
      { workloads: ['shop/a', 'shop/b'] },
    ]);
  });

  it('tells how an endpoint is chosen', () => {
    expect([{}, { lbPolicy: 'LEAST_REQUEST' }, { lbPolicy: 'RING_HASH' }].map((more) => found(more).loadBalancing)).toEqual([
      'ROUND_ROBIN',
      'LEAST_REQUEST',
      'consistent hash',
    ]);
  });

  it.each<[JsonObject, JsonObject[], Found['mtls']]>([
    [byEndpoint, [endpoint(true, 'a')], 'mutual'],
    [byEndpoint, [endpoint(false, 'a')], 'plain'],
    [byEndpoint, [endpoint(true, 'a'), endpoint(false, 'b')], 'mixed'],
    [byEndpoint, [], null],
    [{}, [endpoint(true, 'a')], 'plain'],
    [{ transportSocket: { typedConfig: certificates } }, [], 'mutual'],
    [{ transportSocket: { typedConfig: {} } }, [], 'tls'],
  ])('tells its TLS: %j', (more, endpoints, wanted) => expect(found(more, ...endpoints).mtls).toBe(wanted));
});

describe('the proxy of a destination', () => {
  const principal = 'spiffe://cluster.local/ns/shop/sa/page';
  const rules = (action: string, permission: JsonObject, id: JsonObject) => ({
    action,
    policies: { one: { permissions: [permission], principals: [id] } },
  });
  const admitted = (filter: JsonObject, sender: string | undefined, strict = false) => {
    const manager = {
      name: 'envoy.filters.network.http_connection_manager',
      typedConfig: { httpFilters: [{ name: 'envoy.filters.http.rbac', typedConfig: filter }] },
    };
    const chain = (transportProtocol: string) => ({
      filterChainMatch: { destinationPort: 9080, transportProtocol },
      filters: [manager],
    });
    const chains = strict ? [chain('tls')] : [chain('tls'), chain('raw_buffer')];
    const request = {
      authority: 'reviews',
      host: 'reviews:9080',
      method: 'GET',
      path: '/a',
      query: '',
      scheme: 'http',
      headers: {},
    } as const;
    return admits(dump({ listeners: [{ name: 'virtualInbound', filterChains: chains }] }), {
      request,
      port: 9080,
      principal: sender,
    });
  };
  const anybody = { any: true };
  const page = { authenticated: { principalName: { exact: principal } } };
  const get = {
    andRules: {
      rules: [{ header: { name: ':method', stringMatch: { exact: 'GET' } } }, { urlPath: { path: { prefix: '/a' } } }],
    },
  };

  it.each<[string, JsonObject, string | undefined, boolean | string]>([
    ['a rule that allows', { rules: rules('ALLOW', get, page) }, principal, true],
    ['another sender', { rules: rules('ALLOW', get, page) }, `${principal}2`, false],
    ['no certificate', { rules: rules('ALLOW', get, page) }, undefined, false],
    ['a rule that denies', { rules: rules('DENY', get, page) }, principal, false],
    ['a denial of others', { rules: rules('DENY', get, { notId: page }) }, principal, true],
    ['another path', { rules: rules('ALLOW', { urlPath: { path: { exact: '/b' } } }, anybody) }, principal, false],
    ['no policy at all', { rules: {} }, principal, false],
    ['a dry run', {}, undefined, true],
    ['what is not read', { rules: rules('ALLOW', anybody, { metadata: {} }) }, principal, 'unknown'],
  ])('says what the rules say: %s', (_, filter, sender, wanted) => expect(admitted(filter, sender)).toBe(wanted));

  it('refuses plain text where it wants certificates', () => {
    expect([admitted({}, undefined, true), admitted({}, principal, true)]).toEqual(['refused', true]);
  });
});

describe('the comparison', () => {
  const real: Found = {
    ...ask(dump({ routes: [to('v1')] }), reviews, entry),
    mtls: 'mutual',
    loadBalancing: 'consistent hash',
    admitted: true,
  };
  const { object: _, admitted: __, workloadsKnown: ___, destinations, ...rest } = real;
  const agrees: Explanation = {
    ...rest,
    ...{ matched: null, allowed: true, mtls: 'mutual', loadBalancing: 'consistent hash of header x-user', reasons: [] },
    destinations: destinations.map(({ cluster: _, ...one }) => one),
  };

  it('finds nothing where both say the same', () => expect(differences(real, agrees)).toEqual([]));

  it('takes two routes to one place for their sum', () => {
    const halves = agrees.destinations.flatMap((one) => [
      { ...one, percent: 40 },
      { ...one, percent: 60 },
    ]);
    expect(differences(real, { ...agrees, destinations: halves })).toEqual([]);
  });

  it.each<[string, Partial<Explanation>]>([
    ['outcome', { outcome: 'passthrough' }],
    ['destinations', { destinations: agrees.destinations.map((one) => ({ ...one, subset: 'v2' })) }],
    ['destinations', { destinations: agrees.destinations.map((one) => ({ ...one, percent: 90 })) }],
    ['workloads', { destinations: agrees.destinations.map((one) => ({ ...one, workloads: ['Deployment/shop/a'] })) }],
    ['matched', { matched: { object: 'VirtualService/shop/other', rule: 'http[0]' } }],
    ['timeout', { timeout: 1 }],
    ['retries', { retries: { attempts: 1, perTryTimeout: null, retryOn: '' } }],
    ['fault', { fault: { delay: { percent: 1, seconds: 1 }, abort: null } }],
    ['mirrors', { mirrors: [{ host: 'a', subset: null, port: 1, percent: 100 }] }],
    ['rewrite', { rewrite: { path: '/', host: null } }],
    ['headers', { headers: { set: { a: 'b' }, add: {}, remove: [] } }],
    ['loadBalancing', { loadBalancing: 'RANDOM' }],
    ['mtls', { mtls: 'plain' }],
    ['allowed', { allowed: false }],
  ])('finds another %s', (field, change) => {
    expect(differences(real, { ...agrees, ...change }).map((one) => one.field)).toEqual([field]);
  });

  it('knows the difference that is meant, and no other', () => {
    const ungranted = {
      ...real,
      destinations: real.destinations.map((one) => ({ ...one, host: 'UnknownService', subset: null, port: 0 })),
    };
    const refused = { ...agrees, destinations: agrees.destinations.map((one) => ({ ...one, workloads: [] })) };
    expect(knownReason(ungranted, refused, differences(ungranted, refused))).toMatch('ReferenceGrant');
    const wrong = { ...refused, timeout: 1 };
    expect(knownReason(ungranted, wrong, differences(ungranted, wrong))).toBeUndefined();
    const misled = { ...refused, destinations: refused.destinations.map((one) => ({ ...one, subset: 'v2' })) };
    expect(knownReason(real, misled, differences(real, misled))).toBeUndefined();
  });

  it('writes a request as a command line', () => {
    const request = { ...reviews, path: '/?u=a b', headers: { cookie: "it's" }, from: { namespace: 'shop', app: 'page' } };
    expect(commandLine({ path: 'dist/shop', variant: 'canary' }, request)).toBe(
      `meshwright explain dist/shop --variant canary --host reviews --port 9080 --from shop/page --path '/?u=a b' --header 'cookie=it'\\''s'`,
    );
  });
});

describe('the generator', () => {
  const senders = [{ namespace: 'traffic-a', app: 'client' }];
  const all = ({ base, routes }: ReturnType<typeof generateWorld>) => [...base, ...routes];
  const world = all(generateWorld(7));

  it('makes the same world and the same requests of one seed, others of another', () => {
    expect(all(generateWorld(7))).toEqual(world);
    expect(all(generateWorld(8))).not.toEqual(world);
    expect(requestsFor(world, senders, 10_000)).toEqual(requestsFor(all(generateWorld(7)), senders, 10_000));
  });

  it('asks more than 500 different things, fewer when told', () => {
    const requests = requestsFor(world, senders, 10_000);
    expect(new Set(requests.map((one) => JSON.stringify(one))).size).toBe(requests.length);
    expect(requests.length).toBeGreaterThan(500);
    expect(requestsFor(world, senders, 50)).toHaveLength(50);
  });

  it('asks as every sender what a policy speaks of', () => {
    const meta = { name: 'one', namespace: 'traffic-a' };
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: meta,
      spec: { selector: { app: 'one' }, ports: [{ port: 8000 }] },
    };
    const operation = { paths: ['/a/*'], methods: ['POST'] };
    const spec = { selector: { matchLabels: { app: 'one' } }, rules: [{ to: [{ operation }] }] };
    const two = [...senders, { namespace: 'traffic-b', app: 'client' }];
    const asked = requestsFor([service, { kind: 'AuthorizationPolicy', metadata: meta, spec }], two, 1000);
    for (const from of two)
      expect(asked).toContainEqual({ host: 'one.traffic-a', port: 8000, method: 'POST', path: '/a/any', from });
  });

  it('stands at both sides of the borders of a match', () => {
    const match = [
      {
        uri: { exact: '/a' },
        method: { exact: 'POST' },
        headers: { 'end-user': { exact: 'jason' } },
        withoutHeaders: { cookie: {} },
      },
    ];
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'one', namespace: 'traffic-a' },
      spec: { ports: [{ port: 8000 }] },
    };
    const route = {
      kind: 'VirtualService',
      metadata: { name: 'one', namespace: 'traffic-a' },
      spec: { hosts: ['one'], http: [{ match }] },
    };
    const asked = requestsFor([service, route], senders, 1000).filter(({ host, port }) => host === 'one' && port === 8000);
    const base = { path: '/a', method: 'POST', headers: { 'end-user': 'jason' } };
    for (const wanted of [
      base,
      { ...base, method: 'GET' },
      { ...base, path: '/a/more' },
      { ...base, headers: {} },
      { ...base, headers: { 'end-user': 'other' } },
      { ...base, headers: { 'end-user': 'jason', cookie: 'anything' } },
    ])
      expect(asked).toContainEqual(expect.objectContaining(wanted));
  });
});
