import type { JsonObject } from '../../../../constructs/kit/json.ts';
import { far, near, object } from './objects.ts';

const istio = 'networking.istio.io/v1';
const api = 'gateway.networking.k8s.io/v1';

const vs = (name: string, spec: JsonObject, namespace: string = near) => object(istio, 'VirtualService', namespace, name, spec);
const to = (host: string, port?: number) => [{ destination: { host, ...(port !== undefined && { port: { number: port } }) } }];

/** Gateways that end TLS, pass it on, or take plain connections, and the routes at them. */
function secured(): JsonObject[] {
  const server = (number: number, protocol: string, hosts: readonly string[], tls?: JsonObject) => ({
    ...{ port: { number, name: `${protocol.toLowerCase()}-${number}-${hosts.length}`, protocol }, hosts: [...hosts] },
    ...(tls && { tls }),
  });
  return [
    object(istio, 'Gateway', near, 'safe', {
      selector: { istio: 'ingressgateway' },
      servers: [
        server(443, 'HTTPS', ['safe.test'], { mode: 'SIMPLE', credentialName: 'safe' }),
        server(443, 'TLS', ['sealed.test', '*.sealed.test'], { mode: 'PASSTHROUGH' }),
        server(80, 'HTTP', ['safe.test', `${near}/mine.test`, './mine.test']),
      ],
    }),
    object(istio, 'Gateway', far, 'other', {
      selector: { istio: 'ingressgateway' },
      servers: [server(80, 'HTTP', ['other.test'])],
    }),
    vs('safe', {
      hosts: ['safe.test'],
      gateways: ['safe'],
      http: [{ match: [{ scheme: { exact: 'https' } }], route: to('plain'), timeout: '9s' }, { redirect: { scheme: 'https' } }],
    }),
    vs('sealed', {
      hosts: ['sealed.test', 'deep.sealed.test'],
      gateways: ['safe'],
      tls: [
        { match: [{ port: 443, sniHosts: ['deep.sealed.test'] }], route: to('plain', 8000) },
        { match: [{ sniHosts: ['sealed.test'] }], route: to('s01', 8000) },
      ],
    }),
    // At the gateway of another namespace: the full name, and only who is let in.
    vs('other', {
      hosts: ['other.test'],
      gateways: [`${far}/other`],
      http: [{ match: [{ uri: { prefix: '/a' } }], route: to('plain') }],
    }),
    vs('mine', { hosts: ['mine.test'], gateways: ['safe'], http: [{ route: to('plain') }] }),
    vs('not-mine', { hosts: ['mine.test'], gateways: [`${near}/safe`], http: [{ route: to('far') }] }, far),
    vs('all', { hosts: ['*'], gateways: [`${far}/other`], http: [{ match: [{ uri: { prefix: '/all' } }], route: to('s02') }] }),
    vs('elsewise', {
      hosts: ['elsewise.test'],
      gateways: ['edge', 'mesh', `${far}/other`],
      http: [
        { match: [{ gateways: ['mesh'], uri: { prefix: '/' } }], directResponse: { status: 201 } },
        { match: [{ gateways: [`${near}/edge`] }], route: to('plain') },
      ],
    }),
  ];
}

/** Names outside, and who may know them. */
function outer(): JsonObject[] {
  const entry = (name: string, spec: JsonObject) =>
    object(istio, 'ServiceEntry', near, name, { location: 'MESH_EXTERNAL', resolution: 'DNS', ...spec });
  return [
    entry('several', {
      hosts: ['one.out.test', 'two.out.test'],
      ports: [
        { number: 80, name: 'http', protocol: 'HTTP' },
        { number: 8443, name: 'https', protocol: 'HTTPS' },
      ],
    }),
    entry('fixed', {
      hosts: ['fixed.out.test'],
      resolution: 'STATIC',
      addresses: ['203.0.113.7'],
      endpoints: [{ address: '203.0.113.8' }],
      ports: [{ number: 9000, name: 'tcp', protocol: 'TCP' }],
    }),
    object(istio, 'DestinationRule', near, 'one-out', {
      host: 'one.out.test',
      trafficPolicy: { tls: { mode: 'SIMPLE' }, loadBalancer: { simple: 'ROUND_ROBIN' } },
    }),
    vs('secret', {
      hosts: ['secret.out.test'],
      tls: [{ match: [{ port: 443, sniHosts: ['secret.out.test'] }], route: to('one.out.test', 8443) }],
    }),
    vs('wild', {
      hosts: ['*.wild.test'],
      http: [{ match: [{ uri: { prefix: '/a' } }], route: to('one.out.test', 80), timeout: '4s' }],
    }),
    vs('deep-wild', {
      hosts: ['deep.wild.test'],
      http: [{ route: to('two.out.test', 80), rewrite: { authority: 'two.out.test' } }],
    }),
    vs('invented', { hosts: ['nowhere.in.the.world.test'], http: [{ route: to('plain', 8000) }] }),
  ];
}

/** What policies say from elsewhere than the service's own namespace. */
function policies(): JsonObject[] {
  const rule = (name: string, namespace: string, spec: JsonObject) => object(istio, 'DestinationRule', namespace, name, spec);
  return [
    rule('far-for-far', far, { host: 'far', trafficPolicy: { loadBalancer: { simple: 'ROUND_ROBIN' } } }),
    rule('far-for-near', near, { host: `far.${far}.svc.cluster.local`, trafficPolicy: { loadBalancer: { simple: 'RANDOM' } } }),
    rule('private', far, { host: 'private', exportTo: ['.'], trafficPolicy: { loadBalancer: { simple: 'RANDOM' } } }),
    rule('wild-far', far, {
      host: `*.${far}.svc.cluster.local`,
      trafficPolicy: { outlierDetection: { consecutive5xxErrors: 3 }, loadBalancer: { consistentHash: { useSourceIp: true } } },
    }),
  ];
}

/** Gateway API: sections, names of listeners, grants, backends that are missing, prefixes that are replaced. */
function sections(): JsonObject[] {
  const route = (name: string, spec: JsonObject, namespace: string = near) => object(api, 'HTTPRoute', namespace, name, spec);
  const backend = (name: string, more: JsonObject = {}) => ({ name, port: 8000, ...more });
  const hall = (sectionName?: string) => [{ name: 'hall', namespace: near, ...(sectionName !== undefined && { sectionName }) }];
  const path = (value: string, type = 'PathPrefix') => [{ path: { type, value } }];
  const filter = (urlRewrite: JsonObject) => [{ type: 'URLRewrite', urlRewrite }];
  const redirect = (requestRedirect: JsonObject) => [{ type: 'RequestRedirect', requestRedirect }];
  return [
    object(api, 'Gateway', near, 'hall', {
      gatewayClassName: 'istio',
      listeners: [
        { name: 'wide', port: 80, protocol: 'HTTP', hostname: '*.hall.test', allowedRoutes: { namespaces: { from: 'All' } } },
        {
          name: 'narrow',
          port: 80,
          protocol: 'HTTP',
          hostname: 'own.hall.test',
          allowedRoutes: { namespaces: { from: 'Same' } },
        },
        { name: 'high', port: 8080, protocol: 'HTTP', allowedRoutes: { namespaces: { from: 'All' } } },
      ],
    }),
    route('hall-wide', {
      parentRefs: hall('wide'),
      hostnames: ['a.hall.test', 'b.hall.test'],
      rules: [{ matches: path('/a'), backendRefs: [backend('plain')] }],
    }),
    route('hall-narrow', {
      parentRefs: hall('narrow'),
      rules: [{ backendRefs: [backend('s03')], timeouts: { request: '2s', backendRequest: '1s' } }],
    }),
    route('hall-high', {
      parentRefs: hall('high'),
      rules: [{ matches: path('/'), backendRefs: [backend('plain', { weight: 0 }), backend('s03', { weight: 5 })] }],
    }),
    route('hall-any', {
      parentRefs: hall(),
      hostnames: ['*.hall.test'],
      rules: [{ matches: path('/any'), backendRefs: [backend('s04')] }],
    }),
    route('hall-off', {
      parentRefs: hall('wide'),
      hostnames: ['a.elsewhere.test'],
      rules: [{ backendRefs: [backend('plain')] }],
    }),
    // From the other namespace: with a grant for one Service and none for the other.
    route(
      'hall-far',
      {
        parentRefs: hall('wide'),
        hostnames: ['far.hall.test'],
        rules: [
          { matches: path('/own'), backendRefs: [backend('far')] },
          { matches: path('/granted'), backendRefs: [backend('plain', { namespace: near })] },
          { matches: path('/refused'), backendRefs: [backend('s03', { namespace: near })] },
        ],
      },
      far,
    ),
    object('gateway.networking.k8s.io/v1beta1', 'ReferenceGrant', near, 'plain-for-far', {
      from: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', namespace: far }],
      to: [{ group: '', kind: 'Service', name: 'plain' }],
    }),
    route('hall-edges', {
      parentRefs: hall('wide'),
      hostnames: ['edges.hall.test'],
      rules: [
        { matches: path('/none'), backendRefs: [] },
        { matches: path('/gone'), backendRefs: [backend('nobody')] },
        { matches: path('/half'), backendRefs: [backend('nobody', { weight: 1 }), backend('plain', { weight: 3 })] },
        { matches: path('/zero'), backendRefs: [backend('plain', { weight: 0 })] },
        {
          matches: path('/old'),
          filters: filter({ path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/new' } }),
          backendRefs: [backend('plain')],
        },
        {
          matches: path('/strip'),
          filters: filter({ path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/' } }),
          backendRefs: [backend('plain')],
        },
        {
          matches: path('/to'),
          filters: redirect({ path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/from' }, port: 8443 }),
        },
        { matches: path('/away'), filters: redirect({ scheme: 'https', hostname: 'away.test' }) },
        { matches: [...path('/exact', 'Exact'), ...path('/ex[a-z]+', 'RegularExpression')], backendRefs: [backend('s04')] },
        { matches: path('/exact'), backendRefs: [backend('s05')] },
      ],
    }),
  ];
}

/** A table of what a generator seldom finds. */
export function corners(): JsonObject[] {
  return [...secured(), ...outer(), ...policies(), ...sections()];
}
