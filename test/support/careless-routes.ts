import { canary, GrpcRoutes, HttpRoutes, split, TcpRoutes, TlsRoutes, TrafficPolicy } from '../../constructs/mesh/index.ts';
import { type Case, catalog, many, mongo, reviews, v1, v2 } from './careless-place.ts';
import { gatewayEntrance, istioEntrance } from './routes.ts';
import type { Loose } from './synth.ts';

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
/** Options of routes and of what clients do, by what is made. */
export const routeCases: Readonly<Record<string, Case>> = {
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
  'HttpRoutes, redirect': http({
    to: undefined,
    redirect: { host: 'new.mesh.test', path: '/new', scheme: 'https', port: 8443, code: 302 },
  }),
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
      rules: [
        { when: { service: 'shop.Catalog', method: 'Get', headers: { a: 'b' } }, to: catalog.versions.v1, timeoutSeconds: 3 },
      ],
    },
  },
  TcpRoutes: {
    make: (layer, props) => new TcpRoutes(layer, 'it', { of: mongo, to: mongo.versions.v4, ...props }),
    props: { name: 'mongo', port: 27017 },
  },
  TlsRoutes: {
    make: (layer, props) =>
      new TlsRoutes(layer, 'it', { at: { ...istioEntrance, host: '*.mesh.test', carries: 'tls' }, ...props } as Loose),
    props: { name: 'tls', rules: [{ sniHosts: ['a.mesh.test', '*.b.mesh.test'], to: many, port: 'tls' }] },
  },
  split: {
    make: (layer, [a, b]) => new HttpRoutes(layer, 'it', { of: reviews, rules: [{ to: split([v1, a], [v2, b]) }] }),
    props: [90, 10],
  },
  canary: {
    make: (layer, { steps, at }) =>
      new HttpRoutes(layer, 'it', { of: reviews, rules: [{ to: canary(v1, v2, { steps }).at(at).to }] }),
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
};
