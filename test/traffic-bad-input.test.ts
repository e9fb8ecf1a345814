import { App } from 'cdk8s';
import { describe, expect, it } from 'vitest';
import { Fortio, PolyglotDemo } from '../constructs/apps/index.ts';
import { GatewayApiGateway, IstioIngress } from '../constructs/exposure/index.ts';
import { Layer, MeshApp, Stack } from '../constructs/index.ts';
import { UserError } from '../constructs/kit/index.ts';
import {
  Authorization,
  canary,
  EgressGateway,
  ExternalService,
  GrpcRoutes,
  HttpRoutes,
  JwtAuthentication,
  Mesh,
  MutualTls,
  RateLimit,
  SidecarScope,
  split,
  TcpRoutes,
  TlsRoutes,
  TrafficExtension,
  TrafficPolicy,
  VirtualMachines,
  WasmExtension,
  Waypoint,
} from '../constructs/mesh/index.ts';
import { fromObjects, prove } from '../constructs/proof/index.ts';
import { gatewayEntrance, istioEntrance, shop } from './support/routes.ts';
import { type Loose, objects } from './support/synth.ts';

const { layer: base, reviews, many, mongo, catalog } = shop();
const { v1, v2 } = reviews.versions;
const stack = new Stack(new MeshApp(), 'lab');
const mesh = new Mesh(new Layer(stack, 'mesh', { namespace: 'istio-system' }), 'istio', {
  install: { by: 'istioctl', profile: 'demo' },
});
const outside = new ExternalService(base, 'outside', {
  host: 'api.vendor.example',
  ports: [
    { name: 'http', port: 80, appProtocol: 'http' },
    { name: 'tls', port: 443, appProtocol: 'tls' },
  ],
});

/** A constructor, and options that are right: every text, number and list of them is made wrong in turn. */
interface Case {
  readonly make: (layer: Layer, props: Loose) => unknown;
  readonly props: Loose;
}

const http = (rule: object): Case => ({
  make: (layer, props) => new HttpRoutes(layer, 'it', { of: reviews, rules: [props, { to: v2 }] }),
  props: { name: 'jason', when: { headers: { 'end-user': 'jason' } }, to: v1, ...rule },
});
const gatewayApi = (rule: object): Case => ({
  make: (layer, props) => new HttpRoutes(layer, 'it', { of: reviews, as: 'gateway-api', rules: [props] } as Loose),
  props: { name: 'jason', when: { headers: { 'end-user': 'jason' } }, to: v1, ...rule },
});
const policy = (props: object): Case => ({
  make: (layer, given) => new TrafficPolicy(layer, 'it', { of: reviews, ...given }),
  props,
});
const external = (props: object): Case => ({
  make: (layer, given) => new ExternalService(layer, 'it', given),
  props: { host: 'pay.vendor.example', ports: [{ name: 'http', port: 80, appProtocol: 'http' }], ...props },
});
const fortio = (props: object): Case => ({ make: (layer, given) => new Fortio(layer, 'it', { to: reviews, ...given }), props });
const authorization = (rule: object): Case => ({
  make: (layer, given) => new Authorization(layer, 'it', { to: reviews, action: 'allow', ...given }),
  props: { name: 'ours', trustDomain: 'cluster.local', rules: [rule] },
});

const cases: Readonly<Record<string, Case>> = {
  'HttpRoutes, match': http({
    when: {
      headers: { 'end-user': { prefix: 'ja' } },
      path: { under: '/static' },
      method: ['GET', 'POST'],
      query: { page: { regex: 'a.*' } },
      without: { debug: 'on' },
      from: { namespace: 'shop' },
    },
  }),
  'HttpRoutes, action': http({
    port: 9080,
    timeoutSeconds: 10,
    retries: { attempts: 3, perTryTimeoutSeconds: 2, on: ['5xx', 503] },
    fault: { delay: { seconds: 1, percent: 50 }, abort: { status: 503, percent: 10 } },
    mirror: { to: v2, percent: 10 },
    rewrite: { host: 'shop.mesh.test', path: '/new' },
    headers: { request: { set: { 'x-a': '1' }, add: { 'x-b': '2' }, remove: ['x-c'] }, response: { set: { 'x-d': '3' } } },
    cors: {
      allowOrigins: ['https://shop.mesh.test'],
      allowMethods: ['GET'],
      allowHeaders: ['x-a'],
      exposeHeaders: ['x-b'],
      maxAgeSeconds: 60,
    },
  }),
  'HttpRoutes, redirect': http({ to: undefined, redirect: { host: 'new.mesh.test', path: '/new', scheme: 'https', port: 8443, code: 302 } }),
  'HttpRoutes, respond': http({ to: undefined, respond: { status: 404, body: 'gone' } }),
  'HttpRoutes, object': {
    make: (layer, props) => new HttpRoutes(layer, 'it', { of: many, ...props }),
    props: { name: 'many', port: 'http', rules: [{ to: many }] },
  },
  'HttpRoutes, entrance': {
    make: (layer, props) => new HttpRoutes(layer, 'it', { at: istioEntrance, ...props }),
    props: { name: 'door', rules: [{ when: { port: 80, path: { prefix: '/a' } }, to: v1, rewrite: { prefix: '/b' } }] },
  },
  'HttpRoutes, Gateway API': gatewayApi({
    when: { headers: { 'end-user': 'jason' }, path: { under: '/static' }, method: 'GET', query: { page: '1' } },
    timeoutSeconds: 10,
    mirror: { to: v2, percent: 10 },
    rewrite: { host: 'shop.mesh.test', prefix: '/new' },
    headers: { request: { set: { 'x-a': '1' }, add: { 'x-b': '2' }, remove: ['x-c'] } },
    cors: { allowOrigins: ['https://shop.mesh.test'], allowHeaders: ['x-a'], maxAgeSeconds: 60 },
  }),
  'HttpRoutes, Gateway API, entrance': {
    make: (layer, props) => new HttpRoutes(layer, 'it', { at: gatewayEntrance, ...props }),
    props: {
      name: 'door',
      rules: [
        { when: { path: { under: '/a' } }, redirect: { host: 'b.mesh.test', prefix: '/b', port: 8080, code: 302 } },
        { when: { path: { exact: '/c' } }, to: v1 },
      ],
    },
  },
  GrpcRoutes: {
    make: (layer, props) => new GrpcRoutes(layer, 'it', { of: catalog, ...props }),
    props: {
      name: 'catalog',
      port: 9000,
      rules: [{ when: { service: 'shop.Catalog', method: 'Get', headers: { a: 'b' } }, to: catalog.versions.v1, timeoutSeconds: 3 }],
    },
  },
  TcpRoutes: {
    make: (layer, props) => new TcpRoutes(layer, 'it', { of: mongo, to: mongo.versions.v4, ...props }),
    props: { name: 'mongo', port: 27017 },
  },
  TlsRoutes: {
    make: (layer, props) => new TlsRoutes(layer, 'it', { at: { ...istioEntrance, host: '*.mesh.test' }, ...props } as Loose),
    props: { name: 'tls', rules: [{ sniHosts: ['a.mesh.test', '*.b.mesh.test'], to: many, port: 'tls' }] },
  },
  split: {
    make: (layer, [a, b]) => new HttpRoutes(layer, 'it', { of: reviews, rules: [{ to: split([v1, a], [v2, b]) }] }),
    props: [90, 10],
  },
  canary: {
    make: (layer, { steps, at }) => new HttpRoutes(layer, 'it', { of: reviews, rules: [{ to: canary(v1, v2, { steps }).at(at).to }] }),
    props: { steps: [5, 100], at: 5 },
  },
  'TrafficPolicy, pools': policy({
    name: 'reviews',
    connections: {
      max: 10,
      connectTimeoutSeconds: 1,
      maxConnectionSeconds: 60,
      pendingRequests: 1,
      requests: 10,
      requestsPerConnection: 1,
      retries: 3,
      idleTimeoutSeconds: 60,
      http2: 'upgrade',
    },
    outliers: {
      consecutive5xx: 5,
      consecutiveGatewayErrors: 3,
      intervalSeconds: 1,
      ejectSeconds: 30,
      maxEjectionPercent: 50,
      minHealthPercent: 10,
    },
    loadBalancing: 'round-robin',
    warmupSeconds: 10,
    versions: { v1: { connections: { max: 1 } } },
    ports: { http: { connections: { max: 2 } } },
  }),
  'TrafficPolicy, cookie': policy({ loadBalancing: { consistentHash: { cookie: 'user', ttlSeconds: 60, path: '/' } } }),
  'TrafficPolicy, header': policy({ loadBalancing: { consistentHash: { header: 'end-user' } } }),
  'TrafficPolicy, query': policy({ loadBalancing: { consistentHash: { queryParameter: 'user' } } }),
  'TrafficPolicy, failover': policy({ outliers: { consecutive5xx: 5 }, locality: { failover: { 'eu-west': 'eu-central' } } }),
  'TrafficPolicy, priority': policy({ outliers: { consecutive5xx: 5 }, locality: { failoverPriority: ['version'] } }),
  'TrafficPolicy, distribute': policy({ locality: { distribute: { 'eu-west/*': { 'eu-west/*': 80, 'eu-central/*': 20 } } } }),
  'TrafficPolicy, TLS': policy({ tls: { simple: { sni: 'a.test', subjectAltNames: ['b.test'], trust: { secret: 'ca' } } } }),
  'TrafficPolicy, mutual TLS': policy({
    tls: { mutual: { certificate: '/etc/c.pem', privateKey: '/etc/k.pem', ca: '/etc/ca.pem', sni: 'a.test' } },
  }),
  ExternalService: external({
    name: 'pay',
    addresses: ['240.0.0.1', '10.0.0.0/24'],
    addressesFrom: 'endpoints',
    endpoints: [{ address: '10.0.0.1', ports: { http: 8080 }, locality: 'eu/a' }],
  }),
  'ExternalService, TLS': external({ originateTls: { port: 443, tls: { simple: { sni: 'pay.vendor.example' } } } }),
  'ExternalService, ports': external({ ports: [{ name: 'http', port: 80, targetPort: 8080, appProtocol: 'http' }] }),
  SidecarScope: {
    make: (layer, props) => new SidecarScope(layer, 'it', { mesh, reaches: [reviews, outside], for: v1, ...props }),
    props: { name: 'scope', outboundTraffic: 'registry-only' },
  },
  EgressGateway: {
    make: (layer, props) => new EgressGateway(layer, 'it', { to: outside, ...props }),
    props: {
      through: {
        namespace: 'istio-system',
        selector: { istio: 'egressgateway' },
        service: 'istio-egressgateway',
        serviceAccount: 'egress',
      },
      firstHop: 'plain',
    },
  },
  VirtualMachines: {
    make: (layer, props) => new VirtualMachines(layer, 'it', props),
    props: {
      name: 'legacy',
      version: 'v1',
      service: [{ name: 'http', port: 80, targetPort: 8080, appProtocol: 'http' }],
      serviceAccount: 'vm',
      addresses: [{ id: 'a', address: '10.0.0.1', locality: 'west/b', weight: 2 }],
      readiness: { get: '/healthz', port: 8080, delay: 1, period: 5, failures: 2 },
      network: 'site',
      locality: 'west/a',
      labels: { tier: 'old' },
    },
  },
  'VirtualMachines, commands': {
    make: (layer, props) => new VirtualMachines(layer, 'it', props),
    props: { name: 'legacy', version: 'v1', readiness: { run: ['true', '-x'] } },
  },
  RateLimit: {
    make: (layer, props) => new RateLimit(layer, 'it', { for: v1, ...props }),
    props: { name: 'limit', port: 9080, requests: 4, perSeconds: 60, responseHeader: { name: 'x-limit', value: 'true' } },
  },
  'RateLimit, paths': {
    make: (layer, props) => new RateLimit(layer, 'it', { for: v1, ...props }),
    props: { requests: 4, perSeconds: 60, paths: [{ prefix: '/api', requests: 2, perSeconds: 60 }] },
  },
  'WasmExtension, image': {
    make: (layer, props) => new WasmExtension(layer, 'it', { for: v1, ...props }),
    props: {
      name: 'wasm',
      image: 'registry.test/filter:1.0.0',
      registry: 'mirror.test',
      pullSecret: 'pull',
      pluginName: 'one',
      env: { LEVEL: { value: 'info' }, POD: 'host' },
      ports: [9080],
      priority: 10,
      config: { limit: 1 },
    },
  },
  'WasmExtension, download': {
    make: (layer, props) => new WasmExtension(layer, 'it', { for: v1, ...props }),
    props: { download: 'https://files.test/filter.wasm', sha256: 'a'.repeat(64) },
  },
  TrafficExtension: {
    make: (layer, props) => new TrafficExtension(layer, 'it', { for: v1, ...props }),
    props: { name: 'lua', lua: 'function envoy_on_request(handle) end', ports: [9080], priority: 10 },
  },
  MutualTls: {
    make: (layer, props) => new MutualTls(layer, 'it', { to: reviews, ...props }),
    props: { mode: 'strict', ports: { http: 'disable' } },
  },
  'Authorization, operation': authorization({
    from: [{ namespace: 'shop' }, { ipBlocks: ['10.0.0.0/8'] }, { token: { issuer: 'a', subject: 'b' } }],
    notFrom: [{ remoteIpBlocks: ['10.0.0.1'] }],
    paths: ['/a', '/b/*'],
    methods: ['GET'],
    hosts: ['*.mesh.test'],
    ports: [9080],
    not: { paths: ['/c'] },
    headers: { 'end-user': ['jason'] },
    claims: { group: ['admin'] },
  }),
  'Authorization, when': authorization({ when: [{ key: 'request.headers[x-a]', values: ['1'], notValues: ['2'] }] }),
  'Authorization, custom': {
    make: (layer, props) => new Authorization(layer, 'it', { to: reviews, ...props }),
    props: { action: { custom: 'oauth' }, rules: [{ paths: ['/a'] }] },
  },
  JwtAuthentication: {
    make: (layer, props) => new JwtAuthentication(layer, 'it', { to: reviews, required: 'token', ...props }),
    props: {
      name: 'jwt',
      ports: [9080],
      issuers: [
        {
          issuer: 'https://login.test',
          audiences: ['shop'],
          fromHeaders: [{ name: 'x-token', prefix: 'Bearer ' }],
          fromParams: ['token'],
          fromCookies: ['token'],
          outputClaimToHeaders: { 'x-user': 'sub' },
          timeoutSeconds: 5,
          jwksUri: 'https://login.test/jwks',
        },
      ],
    },
  },
  Waypoint: { make: (layer, props) => new Waypoint(layer, 'it', props), props: { name: 'way', revision: 'canary' } },
  GatewayApiGateway: {
    make: (layer, { host, ...props }) => new GatewayApiGateway(layer, 'it', { mesh, ...props }).publish(demo(layer), { host }),
    props: { name: 'door', port: 8080, host: 'a.mesh.test' },
  },
  IstioIngress: {
    make: (layer, { host, ...props }) => new IstioIngress(layer, 'it', { mesh, ...props }).publish(demo(layer), { host }),
    props: { ingressClass: 'edge', host: 'a.mesh.test' },
  },
  'Fortio, seconds': fortio({ name: 'load', version: '1.75.3', path: '/x', port: 'http', qps: 20, seconds: 100, connections: 4 }),
  'Fortio, requests': fortio({ qps: 'max', requests: 200, connections: 4, mesh: { samplingPercent: 10 } }),
  PolyglotDemo: {
    make: (layer, images) => new PolyglotDemo(layer, 'it', { images }),
    props: { python: 'a/python:3.13', lua: 'a/lua:1', node: 'a/node:22', go: 'a/go:1.25' },
  },
};

function demo(layer: Layer): PolyglotDemo {
  return new PolyglotDemo(layer, 'demo');
}

const numbers = [Number.NaN, Number.POSITIVE_INFINITY, -1, 0, 0.1 + 0.2, 1e9, 1e21, 65536];
const texts = ['', ' ', 'a b', 'a\nb', 'Größe', '😀', '*', '-', '/', '..', '${X}', '[', '__proto__', 'A.B', 'x'.repeat(70), 'x'.repeat(5000)];

type Step = string | number;

/** Where texts, numbers and lists stand in plain options; constructs and what they hand out are left as they are. */
function leaves(node: Loose, path: readonly Step[] = []): { path: readonly Step[]; values: readonly unknown[]; key?: boolean }[] {
  if (typeof node === 'number') return [{ path, values: numbers }];
  if (typeof node === 'string') return [{ path, values: texts }];
  if (Array.isArray(node)) {
    const inner = node.flatMap((item, i) => leaves(item, [...path, i]));
    const lists = [[], [...node, ...node], Array.from({ length: 3000 }, () => node[0])];
    return path.length > 0 ? [{ path, values: lists }, ...inner] : inner;
  }
  if (typeof node !== 'object' || node === null || Object.getPrototypeOf(node) !== Object.prototype || 'of' in node) return [];
  return Object.entries(node).flatMap(([key, value]) => leaves(value, [...path, key]));
}

/** Maps whose keys are the user's own words. */
const named = ['headers', 'query', 'without', 'set', 'add', 'labels', 'env', 'claims', 'failover', 'distribute', 'outputClaimToHeaders', 'ports', 'versions', 'selector'];

function keys(node: Loose, path: readonly Step[] = []): (readonly Step[])[] {
  if (typeof node !== 'object' || node === null || 'of' in node) return [];
  if (!Array.isArray(node) && Object.getPrototypeOf(node) !== Object.prototype) return [];
  return Object.entries(node).flatMap(([key, value]) => [
    ...(named.includes(String(path.at(-1))) && !Array.isArray(node) ? [[...path, key]] : []),
    ...keys(value, [...path, Array.isArray(node) ? Number(key) : key]),
  ]);
}

function changed(node: Loose, [step, ...rest]: readonly Step[], change: (value: unknown) => unknown): Loose {
  if (step === undefined) return change(node);
  const value = changed(node[step], rest, change);
  return Array.isArray(node) ? node.with(Number(step), value) : { ...node, [step]: value };
}

function renamed(node: Loose, path: readonly Step[], to: string): Loose {
  const last = String(path.at(-1));
  return changed(node, path.slice(0, -1), (map) =>
    Object.fromEntries(Object.entries(map as object).map(([key, value]) => [key === last ? to : key, value])),
  );
}

// What the API server or istiod would refuse; that nobody is selected, or a host unknown, is another matter.
const REFUSED = /^(OBJ0(0[1-69]|12)|RTE0(02|06|07|17)|REF010)$/;
const baseObjects = objects(base).map((json) => ({ json, path: 'base' }));

/** What is wrong with what came of some options: undefined for a UserError, or for objects that nobody refuses. */
function fault({ make }: Case, props: unknown): string | undefined {
  const layer = new Layer(new App(), 'case', { namespace: 'shop' });
  try {
    make(layer, props);
  } catch (error) {
    if (!(error instanceof UserError)) return `${error}`;
    if (!error.message.includes('case') && !/split|canary/.test(error.message)) return `does not say where: ${error.message}`;
    return /\bundefined\b|\n|.{600}/.test(error.message) ? `unreadable: ${error.message.slice(0, 300)}` : undefined;
  }
  const made = objects(layer);
  const text = JSON.stringify(made, (_, value) => (typeof value === 'number' && !Number.isFinite(value) ? 'NaN' : value));
  if (/NaN|Infinity|undefined|e\+21/.test(text)) return `writes ${/.{30}(NaN|Infinity|undefined|e\+21).{10}/.exec(text)?.[0]}`;
  const world = fromObjects([...baseObjects, ...made.map((json) => ({ json, path: 'case' }))]);
  const found = prove(world).filter(({ code, path }) => REFUSED.test(code) && path?.startsWith('case'));
  return found[0] && `${found[0].code} ${found[0].message}`;
}

const shown = (value: unknown) => (typeof value === 'number' ? String(value) : (JSON.stringify(value)?.slice(0, 60) ?? 'undefined'));

describe('careless options', () => {
  it.each(Object.entries(cases))('of %s: nothing is refused as it stands', (_, one) => {
    const layer = new Layer(new App(), 'case', { namespace: 'shop' });
    one.make(layer, one.props);
    expect(fault(one, one.props)).toBeUndefined();
  });

  it.each(Object.entries(cases))('of %s make a message, or what the cluster takes', (_, one) => {
    const values = leaves(one.props).flatMap(({ path, values }) =>
      values.map((value) => [`${path.join('.')} = ${shown(value)}`, changed(one.props, path, () => value)] as const),
    );
    const names = keys(one.props).flatMap((path) =>
      texts.map((text) => [`${path.join('.')} renamed ${shown(text)}`, renamed(one.props, path, text)] as const),
    );
    const wrong = [...values, ...names].flatMap(([what, props]) => {
      const found = fault(one, props);
      return found === undefined ? [] : [`${what}: ${found}`];
    });
    expect(wrong).toEqual([]);
  });
});
