import { Fortio, PolyglotDemo } from '../../constructs/apps/index.ts';
import { GatewayApiGateway, IstioIngress } from '../../constructs/exposure/index.ts';
import type { Layer } from '../../constructs/index.ts';
import {
  Authorization,
  EgressGateway,
  ExternalService,
  JwtAuthentication,
  MutualTls,
  RateLimit,
  SidecarScope,
  TrafficExtension,
  VirtualMachines,
  WasmExtension,
  Waypoint,
} from '../../constructs/mesh/index.ts';
import { type Case, mesh, outside, reviews, v1 } from './careless-place.ts';

const external = (props: object): Case => ({
  make: (layer, given) => new ExternalService(layer, 'it', given),
  props: { host: 'pay.vendor.example', ports: [{ name: 'http', port: 80, appProtocol: 'http' }], ...props },
});
const fortio = (props: object): Case => ({ make: (layer, given) => new Fortio(layer, 'it', { to: reviews, ...given }), props });
const authorization = (rule: object): Case => ({
  make: (layer, given) => new Authorization(layer, 'it', { to: reviews, action: 'allow', ...given }),
  props: { name: 'ours', trustDomain: 'cluster.local', rules: [rule] },
});

/** Options of everything else about traffic, by what is made. */
export const otherCases: Readonly<Record<string, Case>> = {
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
    make: (layer, props) => new EgressGateway(layer, 'it', { to: outside, through: { ...mesh.egress, ...props } }),
    props: { namespace: 'istio-system', selector: { istio: 'egressgateway' } },
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
      config: { limit: 'one' },
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
    make: (layer, props) => new MutualTls(layer, 'it', { to: reviews, mode: 'strict', ports: { [props.port]: 'disable' } }),
    props: { port: 'http' },
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
  'Fortio, requests': fortio({ qps: 100, requests: 200, connections: 4, mesh: { samplingPercent: 10 } }),
  PolyglotDemo: {
    make: (layer, images) => new PolyglotDemo(layer, 'it', { images }),
    props: { python: 'a/python:3.13', lua: 'a/lua:1', node: 'a/node:22', go: 'a/go:1.25' },
  },
};

function demo(layer: Layer): PolyglotDemo {
  return new PolyglotDemo(layer, 'demo');
}
