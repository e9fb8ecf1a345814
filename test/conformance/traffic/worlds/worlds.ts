import fc from 'fast-check';
import type { JsonObject } from '../../../../constructs/kit/json.ts';
import { corners } from './corners.ts';
import { routesOfGatewayApi } from './gateway-api.ts';
import { guards } from './guards.ts';
import { far, near, object, serviceName, workload } from './objects.ts';
import { httpRules } from './rules.ts';

/** How many Services of the world each have a generated VirtualService. */
const routed = 24;

const istio = 'networking.istio.io/v1';

/**
 * A world of small Services with generated routes of every kind: VirtualServices (their matches, actions, delegates, several of one host,
 * wildcards, exportTo), DestinationRules, a Sidecar, ServiceEntries, Gateways of both APIs, HTTPRoutes and GRPCRoutes.
 * The same seed makes the same objects.
 */
export function generateWorld(seed: number): { readonly base: JsonObject[]; readonly routes: JsonObject[] } {
  const services = Array.from({ length: routed }, (_, i) => serviceName(i));
  return {
    base: [
      ...[near, far].map(namespace),
      ...workloads(),
      ...services.map((name) => service(near, name)),
      ...others(),
      ...guards.base,
    ],
    routes: [
      ...destinationRules(services),
      ...virtualServices(seed, services),
      ...special(seed),
      ...gateways(),
      ...guards.policies,
      ...corners(),
      ...routesOfGatewayApi(seed),
    ].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)),
  };
}

// Istio orders by age, then by name: applied in the order of their names, both are the same.
function nameOf({ metadata }: JsonObject): string {
  return JSON.stringify(metadata);
}

function namespace(name: string): JsonObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { 'istio-injection': 'enabled' } } };
}

function workloads(): JsonObject[] {
  const pods = [
    [near, 'client', 'v1'],
    [near, 'scoped', 'v1'],
    [far, 'client', 'v1'],
    [far, 'backend', 'v1'],
    ...['v1', 'v2', 'v3'].map((version) => [near, 'backend', version] as const),
  ] as const;
  return pods.flatMap(([namespace, app, version]) => workload(namespace, app, version));
}

function service(
  namespace: string,
  name: string,
  ports: readonly JsonObject[] = [{ name: 'http', port: 8000, targetPort: 8080 }],
) {
  return object('v1', 'Service', namespace, name, { selector: { app: 'backend' }, ports: [...ports] });
}

function others(): JsonObject[] {
  const two = [
    { name: 'http', port: 8000, targetPort: 8080 },
    { name: 'http-admin', port: 8001, targetPort: 8080 },
  ];
  return [
    service(far, 'far'),
    service(far, 'private'),
    service(near, 'plain'),
    service(near, 'two-ports', two),
    service(near, 'bytes', [{ name: 'tcp', port: 7000, targetPort: 8080 }]),
    service(near, 'unnamed', [{ name: 'web', port: 8100, targetPort: 8080 }]),
    object('v1', 'Service', near, 'headless', {
      clusterIP: 'None',
      selector: { app: 'backend' },
      ports: [{ name: 'http', port: 8000, targetPort: 8080 }],
    }),
    object('v1', 'Service', near, 'alias', {
      type: 'ExternalName',
      externalName: `plain.${near}.svc.cluster.local`,
      ports: [{ name: 'http', port: 8000 }],
    }),
    service(near, 'calls', [{ name: 'grpc', port: 8000, targetPort: 8080 }]),
    ...['elsewhere', 'meshed-a', 'meshed-b', 'meshed-c'].map((name) => service(near, name)),
  ];
}

function destinationRules(services: readonly string[]): JsonObject[] {
  const subsets = ['v1', 'v2'].map((name) => ({ name, labels: { version: name } }));
  const policies: readonly JsonObject[] = [
    {},
    { trafficPolicy: { loadBalancer: { simple: 'RANDOM' } } },
    { trafficPolicy: { loadBalancer: { simple: 'ROUND_ROBIN' } } },
    { trafficPolicy: { loadBalancer: { consistentHash: { httpHeaderName: 'x-user' } } } },
    { trafficPolicy: { tls: { mode: 'DISABLE' } } },
    { trafficPolicy: { tls: { mode: 'ISTIO_MUTUAL' } } },
    { trafficPolicy: { portLevelSettings: [{ port: { number: 8000 }, loadBalancer: { simple: 'LEAST_REQUEST' } }] } },
  ];
  return services.map((name, i) =>
    object(istio, 'DestinationRule', near, name, {
      ...{
        host: i % 2 ? name : `${name}.${near}.svc.cluster.local`,
        subsets:
          i % 5 ? subsets : [{ ...subsets[0], trafficPolicy: { loadBalancer: { simple: 'RANDOM' } } }, ...subsets.slice(1)],
      },
      ...policies[i % policies.length],
    }),
  );
}

function virtualServices(seed: number, services: readonly string[]): JsonObject[] {
  return services.map((name, i) => {
    const [http = []] = fc.sample(httpRules({ to: [name, 'plain', `far.${far}.svc.cluster.local`], versioned: name }), {
      seed: seed + i,
      numRuns: 1,
    });
    const host = i % 3 === 0 ? `${name}.${near}.svc.cluster.local` : name;
    return object(istio, 'VirtualService', near, name, { hosts: [host], ...(i % 7 === 6 && { exportTo: ['.'] }), http });
  });
}

/** What a table says better than a generator. */
function special(seed: number): JsonObject[] {
  const rules = (n: number, name: string) => fc.sample(httpRules({ to: [name] }), { seed: seed + 1000 + n, numRuns: 1 })[0] ?? [];
  const to = (host: string, more: JsonObject = {}) => [{ route: [{ destination: { host } }], ...more }];
  const vs = (name: string, spec: JsonObject, namespace: string = near) => object(istio, 'VirtualService', namespace, name, spec);
  const edge = { gateways: ['edge'] };
  return [
    // Of two for one host in the mesh the older counts; at a gateway their rules follow each other.
    vs('twice-a', { hosts: ['elsewhere'], http: to('plain', { timeout: '3s', match: [{ uri: { prefix: '/a' } }] }) }),
    vs('twice-b', { hosts: ['elsewhere'], http: to('plain', { timeout: '4s' }) }),
    vs('edge-a', { hosts: ['shop.edge.test'], ...edge, http: to('s00', { match: [{ uri: { prefix: '/a' } }], timeout: '1s' }) }),
    vs('edge-b', { hosts: ['shop.edge.test'], ...edge, http: to('s01', { match: [{ uri: { prefix: '/' } }], timeout: '2s' }) }),
    vs('edge-c', { hosts: ['shop.edge.test'], ...edge, http: to('s02', { match: [{ uri: { exact: '/c' } }] }) }),
    vs('edge-wild', { hosts: ['*.edge.test'], ...edge, http: rules(1, 'plain') }),
    vs('edge-both', { hosts: ['plain', 'both.edge.test'], gateways: ['edge', 'mesh'], http: rules(2, 'plain') }),
    // A root and its delegates: the root's match and the delegate's both hold.
    vs('root', {
      hosts: ['tree.edge.test'],
      ...edge,
      http: [
        { match: [{ uri: { prefix: '/one' } }], delegate: { name: 'leaf-one' } },
        {
          match: [{ uri: { prefix: '/two' }, headers: { tier: { exact: 'gold' } } }],
          delegate: { name: 'leaf-two', namespace: far },
        },
        { match: [{ uri: { prefix: '/gone' } }], delegate: { name: 'nobody' } },
        ...to('plain'),
      ],
    }),
    vs('leaf-one', { http: [...to('s01', { match: [{ uri: { exact: '/one/more' } }], timeout: '5s' }), ...to('s02')] }),
    vs('leaf-two', { http: to('far', { match: [{ method: { exact: 'POST' } }], retries: { attempts: 1 } }) }, far),
    // A VirtualService of another namespace than its host's.
    vs('of-far', { hosts: [`far.${far}.svc.cluster.local`], http: to(`far.${far}.svc.cluster.local`, { timeout: '6s' }) }),
    vs(
      'private',
      {
        hosts: [`two-ports.${near}.svc.cluster.local`],
        exportTo: ['.'],
        http: to(`two-ports.${near}.svc.cluster.local`, { timeout: '7s' }),
      },
      far,
    ),
    vs('two-ports', {
      hosts: ['two-ports'],
      http: [
        { match: [{ port: 8001 }], route: [{ destination: { host: 'two-ports', port: { number: 8000 } } }] },
        { match: [{ sourceLabels: { app: 'scoped' } }], directResponse: { status: 418 } },
        { route: [{ destination: { host: 'two-ports', subset: 'nobody', port: { number: 8001 } } }] },
      ],
    }),
    vs('calls', {
      hosts: ['calls'],
      http: to('calls', { match: [{ uri: { prefix: '/shop.Cart/' } }], retries: { attempts: 2, retryOn: 'unavailable' } }),
    }),
    vs('bytes', {
      hosts: ['bytes'],
      tcp: [
        {
          match: [{ port: 7000 }],
          route: [{ destination: { host: 'far.traffic-b.svc.cluster.local', port: { number: 8000 } } }],
        },
      ],
    }),
    object(istio, 'ServiceEntry', near, 'api', {
      hosts: ['api.out.test'],
      location: 'MESH_EXTERNAL',
      resolution: 'DNS',
      ports: [{ number: 80, name: 'http', protocol: 'HTTP' }],
    }),
    vs('api', { hosts: ['api.out.test'], http: to('api.out.test', { timeout: '8s' }) }),
    object(istio, 'ServiceEntry', near, 'wild', {
      hosts: ['*.wild.test'],
      location: 'MESH_EXTERNAL',
      resolution: 'NONE',
      ports: [{ number: 80, name: 'http', protocol: 'HTTP' }],
    }),
    object(istio, 'ServiceEntry', far, 'hidden', {
      hosts: ['hidden.out.test'],
      exportTo: ['.'],
      location: 'MESH_EXTERNAL',
      resolution: 'DNS',
      ports: [{ number: 80, name: 'http', protocol: 'HTTP' }],
    }),
    object(istio, 'ServiceEntry', near, 'secret', {
      hosts: ['secret.out.test'],
      location: 'MESH_EXTERNAL',
      resolution: 'DNS',
      ports: [{ number: 443, name: 'tls', protocol: 'TLS' }],
    }),
    object(istio, 'Sidecar', near, 'scoped', {
      workloadSelector: { labels: { app: 'scoped' } },
      egress: [{ hosts: ['./*'] }],
      outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' },
    }),
  ];
}

function gateways(): JsonObject[] {
  const http = { number: 80, name: 'http', protocol: 'HTTP' };
  return [
    object(istio, 'Gateway', near, 'edge', {
      selector: { istio: 'ingressgateway' },
      servers: [{ port: http, hosts: ['*.edge.test', 'edge.test'] }],
    }),
    object(istio, 'Gateway', near, 'moved', {
      selector: { istio: 'ingressgateway' },
      servers: [{ port: http, hosts: ['moved.test'], tls: { httpsRedirect: true } }],
    }),
  ];
}
