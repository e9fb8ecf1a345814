import { describe, expect, it } from 'vitest';
import { findingsOf, goodMesh } from './proof-world.ts';

const to = 'route: [{destination: {host: reviews, subset: v1}}]';
const istio = (kind: string, name: string, spec: string, namespace = 'shop') =>
  `apiVersion: ${kind.endsWith('Policy') || kind.endsWith('Authentication') ? 'security' : 'networking'}.istio.io/v1\nkind: ${kind}\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec: ${spec}`;
const service = (port: string) =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: cart, namespace: shop}\nspec: {selector: {app: reviews}, ports: [${port}]}`;
const virtual = (http: string, hosts = '[cart.test]', name = 'cart', more = '') =>
  istio('VirtualService', name, `{hosts: ${hosts}, ${more}http: [${http}]}`);
const httpRoute = (name: string, spec: string, namespace = 'shop') =>
  `apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec: ${spec}`;
const edge = (listeners: string) =>
  `apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: edge, namespace: shop}\nspec: {gatewayClassName: istio, listeners: [${listeners}]}`;
const backend = 'backendRefs: [{name: reviews, port: 9080}]';
const all = (...objects: readonly string[]) => objects.join('\n---\n');
const match = (entry: string) => `{match: [${entry}], ${to}}`;
const fallback = `{${to}}`;
const weighted = (one: number, other: number) =>
  `{route: [{destination: {host: reviews, subset: v1}, weight: ${one}}, {destination: {host: reviews, subset: v2}, weight: ${other}}]}`;
const STRICT = istio('PeerAuthentication', 'default', '{mtls: {mode: STRICT}}');
const rule = (policy: string) => istio('DestinationRule', 'cart', `{host: cart, trafficPolicy: ${policy}}`);
const grant = (kind: string) =>
  `apiVersion: gateway.networking.k8s.io/v1beta1\nkind: ReferenceGrant\nmetadata: {name: shop, namespace: observability}\nspec: {from: [{group: gateway.networking.k8s.io, kind: ${kind}, namespace: shop}], to: [{group: '', kind: Service}]}`;
const abroad = httpRoute(
  'door',
  '{parentRefs: [{name: edge}], rules: [{backendRefs: [{name: tracing, namespace: observability, port: 80}]}]}',
);
const HTTP_LISTENER = '{name: http, port: 80, protocol: HTTP}';
const policy = (source: string) => istio('AuthorizationPolicy', 'cart', `{rules: [{from: [{source: ${source}}]}]}`);
const forTargets = (...targets: readonly (readonly [group: string, kind: string, name: string])[]) =>
  istio(
    'AuthorizationPolicy',
    'cart',
    `{targetRefs: [${targets.map(([group, kind, name]) => `{group: '${group}', kind: ${kind}, name: ${name}}`).join()}], rules: [{}]}`,
  );

/** Correct objects beside the good mesh. */
const worlds: readonly (readonly [what: string, yaml: string])[] = [
  ['the narrow rule first', virtual([match('{uri: {exact: /a}}'), match('{uri: {prefix: /}}')].join())],
  ['a longer prefix first', virtual([match('{uri: {prefix: /a/b}}'), match('{uri: {prefix: /a}}'), fallback].join())],
  [
    'a header first, the path of all after it',
    virtual([match('{headers: {u: {exact: j}}}'), match('{uri: {prefix: /a}}'), fallback].join()),
  ],
  ['another header', virtual([match('{headers: {u: {exact: j}}}'), match('{headers: {u: {exact: k}}}')].join())],
  [
    'the same header by a longer prefix first',
    virtual([match('{headers: {u: {prefix: ab}}}'), match('{headers: {u: {prefix: a}}}')].join()),
  ],
  ['two regular expressions', virtual([match("{uri: {regex: '/a.*'}}"), match("{uri: {regex: '/ab.*'}}")].join())],
  [
    'a path without regard to case',
    virtual([match('{uri: {prefix: /a}}'), match('{uri: {prefix: /A}, ignoreUriCase: true}')].join()),
  ],
  [
    'a header that must not be there',
    virtual([match('{withoutHeaders: {u: {exact: j}}}'), match('{headers: {u: {exact: j}}}')].join()),
  ],
  ['rules for ports', virtual([match('{port: 80}'), match('{port: 81}'), fallback].join())],
  [
    'rules for clients',
    virtual([match('{sourceLabels: {app: a}}'), match('{sourceLabels: {app: b}}'), match('{sourceNamespace: x}')].join()),
  ],
  ['an empty match alone', virtual([match('{uri: {prefix: /a}}'), match('{}')].join())],
  [
    'a header that has to be there',
    virtual([match('{headers: {u: {regex: .*}}}'), match('{headers: {v: {exact: j}}}'), fallback].join()),
  ],
  [
    'delegates by path',
    all(
      virtual([`{match: [{uri: {prefix: /a}}], delegate: {name: part}}`, `{match: [{uri: {prefix: /a/b}}], ${to}}`].join()),
      istio('VirtualService', 'part', `{http: [${match('{uri: {exact: /a/c}}')}]}`),
    ),
  ],
  ['a delegate of a namespace that is not in the input', virtual(`{delegate: {name: part, namespace: elsewhere}}`)],
  [
    'TCP rules for two ports',
    istio('VirtualService', 'cart', `{hosts: [cart.test], tcp: [{match: [{port: 1}], ${to}}, {match: [{port: 2}], ${to}}]}`),
  ],
  ['equal thirds', virtual(weighted(33, 33))],
  ['a ratio', virtual(weighted(3, 1))],
  ['parts of a thousand', virtual(weighted(950, 50))],
  ['all to one', virtual(weighted(0, 100))],
  ['a rounding', virtual(weighted(66, 33))],
  [
    'two VirtualServices for ports of one host',
    all(virtual(match('{port: 80}')), virtual(match('{port: 81}'), '[cart.test]', 'other')),
  ],
  [
    'two VirtualServices for two namespaces',
    all(
      virtual(fallback, '[cart.test]', 'cart', 'exportTo: ["."], '),
      virtual(fallback, '[cart.test]', 'other', 'exportTo: [observability], '),
    ),
  ],
  [
    'one for the mesh, one for the gateway',
    all(
      virtual(fallback, '[shop.mesh.test]', 'door', 'gateways: [front], ').replace(
        `[${fallback}]`,
        `[${match('{uri: {prefix: /door}}')}]`,
      ),
    ),
  ],
  [
    'two VirtualServices with paths of their own at one Gateway',
    all(
      virtual(match('{uri: {prefix: /a}}'), '[shop.mesh.test]', 'a', 'gateways: [front], '),
      virtual(match('{uri: {prefix: /b}}'), '[shop.mesh.test]', 'b', 'gateways: [front], '),
    ),
  ],
  [
    'expressions of RE2',
    virtual([match("{uri: {regex: '(?i)/a[[:alpha:]]+\\\\d{2}'}}"), match("{headers: {u: {regex: '^(?P<name>a|b)$'}}}")].join()),
  ],
  ['a header that is not there, as Istio writes it', virtual([match("{withoutHeaders: {u: {regex: '*'}}}")].join())],
  ['time for all tries', virtual(`{timeout: 6s, retries: {attempts: 3, perTryTimeout: 2s}, ${to}}`)],
  ['tries without a limit of their own', virtual(`{timeout: 1s, retries: {attempts: 5}, ${to}}`)],
  ['no timeout', virtual(`{retries: {attempts: 5, perTryTimeout: 20s}, ${to}}`)],
  [
    'a delay longer than the timeout, as in the tour',
    virtual(`{fault: {delay: {fixedDelay: 7s, percentage: {value: 100}}}, timeout: 3s, ${to}}`),
  ],
  ['a redirect to another path', virtual(`{match: [{uri: {exact: /}}], redirect: {uri: /home}}, ${fallback}`)],
  ['a redirect to another host', virtual('{redirect: {authority: other.test}}')],
  ['a redirect to https at a plain server', virtual('{redirect: {scheme: https}}')],
  [
    'a redirect whose new address an earlier rule takes',
    virtual(`{match: [{uri: {prefix: /home}}], ${to}}, {redirect: {uri: /home}}`),
  ],
  [
    'a redirect to https at the plain listener',
    all(
      edge(`${HTTP_LISTENER}, {name: https, port: 443, protocol: HTTPS}`),
      httpRoute(
        'secure',
        '{parentRefs: [{name: edge, sectionName: http}], rules: [{filters: [{type: RequestRedirect, requestRedirect: {scheme: https}}]}]}',
      ),
      httpRoute('door', `{parentRefs: [{name: edge, sectionName: https}], rules: [{${backend}}]}`),
    ),
  ],
  ['mutual TLS where it is asked for', all(STRICT, service('{name: http, port: 80}'), rule('{tls: {mode: ISTIO_MUTUAL}}'))],
  ['plain text where it is allowed', all(service('{name: http, port: 80}'), rule('{tls: {mode: DISABLE}}'))],
  [
    'TLS to a host outside',
    all(STRICT, istio('DestinationRule', 'pay', '{host: api.payments.test, trafficPolicy: {tls: {mode: SIMPLE}}}')),
  ],
  [
    'a port that takes plain text',
    all(
      istio(
        'PeerAuthentication',
        'cart',
        '{selector: {matchLabels: {app: reviews}}, mtls: {mode: STRICT}, portLevelMtls: {80: {mode: PERMISSIVE}}}',
      ),
      service('{name: http, port: 80}'),
      rule('{portLevelSettings: [{port: {number: 80}, tls: {mode: DISABLE}}]}'),
    ),
  ],
  [
    'a policy for pods of a waypoint',
    istio('AuthorizationPolicy', 'w', '{selector: {matchLabels: {gateway.networking.k8s.io/gateway-name: waypoint}}}'),
  ],
  ['a policy for all', istio('AuthorizationPolicy', 'none', '{}')],
  [
    'a policy of the root namespace for pods elsewhere',
    istio('AuthorizationPolicy', 'r', '{selector: {matchLabels: {app: reviews}}, rules: [{}]}', 'istio-system'),
  ],
  [
    'a setting for a workload that may be applied apart',
    istio('EnvoyFilter', 'limit', '{workloadSelector: {labels: {app: checkout}}}').replace('io/v1\n', 'io/v1alpha3\n'),
  ],
  [
    'a policy in a namespace that is not in the input',
    istio('AuthorizationPolicy', 'r', '{selector: {matchLabels: {app: x}}}', 'elsewhere'),
  ],
  [
    'a listener for all namespaces',
    all(
      edge('{name: http, port: 80, protocol: HTTP, allowedRoutes: {namespaces: {from: All}}}'),
      httpRoute(
        'door',
        '{parentRefs: [{name: edge, namespace: shop}], rules: [{backendRefs: [{name: tracing, port: 80}]}]}',
        'observability',
      ),
    ),
  ],
  [
    'a listener for namespaces whose labels are not in the input',
    all(
      edge(
        '{name: http, port: 80, protocol: HTTP, allowedRoutes: {namespaces: {from: Selector, selector: {matchLabels: {team: a}}}}}',
      ),
      httpRoute(
        'door',
        '{parentRefs: [{name: edge, namespace: shop}], rules: [{backendRefs: [{name: tracing, port: 80}]}]}',
        'observability',
      ),
    ),
  ],
  [
    'a hostname under the wildcard of a listener',
    all(
      edge("{name: http, port: 80, protocol: HTTP, hostname: '*.mesh.test'}"),
      httpRoute('door', `{parentRefs: [{name: edge, port: 80}], hostnames: [shop.test, a.mesh.test], rules: [{${backend}}]}`),
    ),
  ],
  [
    'routes without hostname at listeners for one namespace each',
    all(
      edge(
        ['shop', 'observability']
          .map(
            (one) =>
              `{name: ${one}, port: 80, protocol: HTTP, hostname: ${one}.test, allowedRoutes: {namespaces: {from: Selector, selector: {matchLabels: {kubernetes.io/metadata.name: ${one}}}}}}`,
          )
          .join(),
      ),
      httpRoute('door', `{parentRefs: [{name: edge}], rules: [{${backend}}]}`),
      httpRoute(
        'door',
        '{parentRefs: [{name: edge, namespace: shop}], rules: [{backendRefs: [{name: tracing, port: 80}]}]}',
        'observability',
      ),
    ),
  ],
  [
    'routes for hostnames of their own',
    all(
      edge(HTTP_LISTENER),
      ...['a', 'b'].map((one) => httpRoute(one, `{parentRefs: [{name: edge}], hostnames: [${one}.test], rules: [{${backend}}]}`)),
    ),
  ],
  ['a grant', all(edge(HTTP_LISTENER), abroad, grant('HTTPRoute'))],
  [
    'a backend of a namespace that is not in the input',
    all(edge(HTTP_LISTENER), abroad.replace('namespace: observability', 'namespace: elsewhere')),
  ],
  ['a port that Envoy looks into', all(service('{name: web, port: 80}'), virtual(fallback, '[cart]'))],
  ['a port without a name', all(service('{port: 80}'), virtual(fallback, '[cart]'))],
  ['appProtocol before the name', all(service('{name: tcp-web, port: 80, appProtocol: http}'), virtual(fallback, '[cart]'))],
  [
    'a second port that is HTTP',
    all(
      service('{name: tcp-db, port: 81}, {name: http-web, port: 80}'),
      virtual(`{match: [{port: 80}], route: [{destination: {host: cart, port: {number: 80}}}]}`, '[cart]'),
    ),
  ],
  [
    'TCP rules for TLS',
    all(
      service('{name: tls-db, port: 81}'),
      istio('VirtualService', 'cart', '{hosts: [cart], tcp: [{route: [{destination: {host: cart}}]}]}'),
    ),
  ],
  [
    'failover with outlier detection',
    all(
      service('{name: http, port: 80}'),
      rule('{loadBalancer: {localityLbSetting: {failover: [{from: eu, to: us}]}}, outlierDetection: {interval: 5s}}'),
    ),
  ],
  [
    'shares by locality',
    all(
      service('{name: http, port: 80}'),
      rule("{loadBalancer: {localityLbSetting: {distribute: [{from: 'eu/*', to: {'eu/*': 100}}]}}}"),
    ),
  ],
  [
    'a policy for a waypoint, and for a Service that uses it',
    all(
      edge('{name: mesh, port: 15008, protocol: HBONE}').replace('gatewayClassName: istio,', 'gatewayClassName: istio-waypoint,'),
      service('{name: http, port: 80, targetPort: 9080}').replace(
        'namespace: shop',
        'namespace: shop, labels: {istio.io/use-waypoint: edge}',
      ),
      forTargets(['gateway.networking.k8s.io', 'Gateway', 'edge'], ['', 'Service', 'cart'], ['core', 'Service', 'cart']),
    ),
  ],
  ['a policy for a waypoint that is applied apart', forTargets(['gateway.networking.k8s.io', 'Gateway', 'edge'])],
  ['a policy for all waypoints', forTargets(['gateway.networking.k8s.io', 'GatewayClass', 'istio-waypoint'])],
  ['a policy for a host outside', forTargets(['networking.istio.io', 'ServiceEntry', 'payments'])],
  [
    'a policy in a namespace that is not shown',
    forTargets(['', 'Service', 'vault'], ['gateway.networking.k8s.io', 'Gateway', 'edge']).replace(
      'namespace: shop',
      'namespace: bank',
    ),
  ],
  ['a sender of the mesh', policy('{principals: [cluster.local/ns/shop/sa/reviews]}')],
  ['any sender of a namespace', policy("{principals: ['cluster.local/ns/shop/*']}")],
  ['the gateway', policy('{principals: [cluster.local/ns/istio-system/sa/istio-ingressgateway-service-account]}')],
  ['a sender that may be applied apart', policy('{principals: [cluster.local/ns/shop/sa/checkout, cluster.local/ns/bank/sa/x]}')],
  [
    'a Sidecar with full names',
    istio(
      'Sidecar',
      'some',
      "{workloadSelector: {labels: {app: reviews}}, egress: [{hosts: ['./reviews.shop.svc.cluster.local', '*/api.payments.test', 'observability/*', 'istio-system/*', './checkout.shop.svc.cluster.local']}]}",
    ),
  ],
  [
    'a wildcard as it is',
    istio('ServiceEntry', 'bank', "{hosts: ['*.bank.test'], ports: [{number: 443, name: tls, protocol: TLS}], resolution: NONE}"),
  ],
  [
    'tokens that somebody must have',
    all(istio('RequestAuthentication', 'jwt', '{jwtRules: [{issuer: idp.mesh.test}]}'), policy("{requestPrincipals: ['*']}")),
  ],
];

describe('routes and policies that are right draw nothing', () => {
  it.each(worlds)('%s', (_, yaml) => {
    const told = findingsOf(`${goodMesh}---\n${yaml}\n`);
    expect(told.map(({ code, object, message }) => `${code} ${object}: ${message}`)).toEqual([]);
  });
});
