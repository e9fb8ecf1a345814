import { describe, expect, it } from 'vitest';
import { findingsOf, goodMesh, type Mutation, replaced } from './proof-world.ts';

const HTTP = '  http:\n  - route:\n    - {destination: {host: reviews, subset: v1, port: {number: 9080}}, weight: 90}';
const rule = (text: string) =>
  `  http:\n${text}\n  - route:\n    - {destination: {host: reviews, subset: v1, port: {number: 9080}}, weight: 90}`;
const to = 'route: [{destination: {host: reviews, subset: v1}}]';
const shop = { object: 'VirtualService/shop/shop', part: HTTP };
const END = 'sniHosts: [api.payments.test]}], route: [{destination: {host: api.payments.test}}]}]\n';
const more = (yaml: string) => ({ part: END, by: `${END}---\n${yaml}\n` });
const istio = (kind: string, name: string, spec: string) =>
  `apiVersion: ${kind.endsWith('Policy') || kind.endsWith('Authentication') ? 'security' : 'networking'}.istio.io/v1\nkind: ${kind}\nmetadata: {name: ${name}, namespace: shop}\nspec: ${spec}`;
const httpRoute = (name: string, spec: string, namespace = 'shop') =>
  `apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec: ${spec}`;
const edge = (listeners: string) =>
  `apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: edge, namespace: shop}\nspec: {gatewayClassName: istio, listeners: [${listeners}]}\n---\n`;
const HTTP_LISTENER = '{name: http, port: 80, protocol: HTTP}';
const HTTPS_LISTENER = '{name: https, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: cert}]}}';
const WAYPOINT =
  'apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: waypoint, namespace: shop}\nspec: {gatewayClassName: istio-waypoint, listeners: [{name: mesh, port: 15008, protocol: HBONE}]}\n---\n';
const gatewayRef = (name: string) => `{group: gateway.networking.k8s.io, kind: Gateway, name: ${name}}`;
const backend = 'backendRefs: [{name: reviews, port: 9080}]';

const rules: readonly Mutation[] = [
  {
    what: 'a second rule without a match',
    ...shop,
    by: rule(`  - ${to}`),
    ...{ code: 'RTE001', hint: 'keep one of them, or give the first a match', severity: 'warning' },
  },
  {
    what: 'a path under a prefix that an earlier rule takes',
    ...shop,
    by: rule(
      `  - {match: [{uri: {prefix: /api}}], ${to}}\n  - {match: [{uri: {exact: /api/v2}}, {uri: {prefix: /api/v3}}], ${to}}`,
    ),
    ...{ code: 'RTE001', hint: 'move it before http[0], or remove it', severity: 'warning' },
  },
  {
    what: 'a header that an earlier rule does not ask for',
    ...shop,
    by: rule(`  - {name: all, match: [{uri: {prefix: /}}], ${to}}\n  - {match: [{headers: {end-user: {exact: jason}}}], ${to}}`),
    ...{ code: 'RTE001', hint: 'move it before rule "all", or remove it', severity: 'warning' },
  },
  {
    what: 'the same regular expression twice',
    ...shop,
    by: rule(
      `  - {match: [{uri: {regex: '/v[12]/.*'}}], ${to}}\n  - {match: [{uri: {regex: '/v[12]/.*'}, method: {exact: GET}}], ${to}}`,
    ),
    ...{ code: 'RTE001', hint: 'move it before http[0], or remove it', severity: 'warning' },
  },
  {
    what: 'one of two matches that nobody reaches',
    ...shop,
    by: rule(`  - {match: [{uri: {prefix: /api}}], ${to}}\n  - {match: [{uri: {exact: /api/v2}}, {uri: {exact: /v2}}], ${to}}`),
    ...{ code: 'RTE001', hint: 'remove it, or move the rule up', severity: 'info' },
  },
  {
    what: 'two TLS rules for one name',
    part: '  tls: [{match: [{port: 443, sniHosts: [api.payments.test]}], route',
    by: '  tls: [{match: [{sniHosts: [api.payments.test], port: 443}], route: [{destination: {host: api.payments.test}}]}, {match: [{port: 443, sniHosts: [api.payments.test]}], route',
    ...{
      code: 'RTE001',
      object: 'VirtualService/shop/payments',
      hint: 'move it before tls[0], or remove it',
      severity: 'warning',
    },
  },
  {
    what: 'an empty match in a list, and the rules after it',
    ...shop,
    by: rule(`  - {match: [{uri: {prefix: /api}}, {}], ${to}}`),
    ...{
      code: 'RTE002',
      hint: 'remove the empty entry; conditions that must hold together belong into one entry',
      severity: 'warning',
    },
  },
  {
    what: 'percents that make more than 100',
    part: 'weight: 10}',
    by: 'weight: 40}',
    ...{
      code: 'RTE003',
      object: 'VirtualService/shop/shop',
      hint: 'let them make 100, so that each says its percent',
      severity: 'warning',
    },
  },
  {
    what: 'two VirtualServices for one Service',
    ...more(
      `${istio('VirtualService', 'one', `{hosts: [ratings.test], http: [{${to}}]}`)}\n---\n${istio('VirtualService', 'two', `{hosts: [ratings.test], http: [{match: [{uri: {prefix: /x}}], ${to}}]}`)}`,
    ),
    ...{ code: 'RTE004', object: 'VirtualService/shop/two', hint: 'put the rules of both into VirtualService/shop/one' },
  },
  {
    what: 'a VirtualService beside an HTTPRoute of the Service',
    ...more(istio('VirtualService', 'reviews', `{hosts: [reviews], http: [{${to}}]}`)),
    ...{ code: 'RTE004', object: 'HTTPRoute/shop/reviews', hint: 'put the rules of both into VirtualService/shop/reviews' },
  },
  {
    what: 'two VirtualServices with a default for one host of a Gateway',
    ...more(
      istio(
        'VirtualService',
        'two',
        `{hosts: [shop.mesh.test], gateways: [front], http: [{match: [{uri: {prefix: /}}], ${to}}]}`,
      ),
    ),
    ...{ code: 'RTE005', object: 'VirtualService/shop/two', hint: 'give each a host or a match of its own' },
  },
  {
    what: 'a delegate that does not exist',
    ...shop,
    by: rule('  - {match: [{uri: {prefix: /pay}}], delegate: {name: paymnts}}'),
    ...{ code: 'RTE006', hint: 'did you mean "payments"?' },
  },
  {
    what: 'a delegate with hosts',
    ...shop,
    by: rule('  - {match: [{uri: {prefix: /pay}}], delegate: {name: payments}}'),
    ...{ code: 'RTE006', hint: 'name a VirtualService without hosts' },
  },
  {
    what: 'a VirtualService that hands over to itself',
    ...shop,
    by: rule('  - {match: [{uri: {prefix: /pay}}], delegate: {name: shop}}'),
    ...{ code: 'RTE006', hint: 'name a VirtualService without hosts' },
  },
  {
    what: 'a lookahead',
    ...shop,
    by: rule(`  - {match: [{uri: {regex: '/(?!v1).*'}}], ${to}}`),
    ...{ code: 'RTE007', hint: 'RE2 has no lookahead and no lookbehind: use a rule before this one, or withoutHeaders' },
  },
  {
    what: 'a star alone in a header',
    ...shop,
    by: rule(`  - {match: [{headers: {x-user: {regex: '*jason'}}}], ${to}}`),
    ...{ code: 'RTE007', hint: 'did you mean ".*jason"?' },
  },
  {
    what: 'an open bracket in a rewrite',
    ...shop,
    by: rule(`  - {match: [{uri: {prefix: /x}}], rewrite: {uriRegexRewrite: {match: '/(x', rewrite: /}}, ${to}}`),
    ...{ code: 'RTE007', hint: 'correct it; the syntax is that of RE2 (Go’s regexp)' },
  },
  {
    what: 'a backreference in an HTTPRoute',
    part: 'rules: [{backendRefs: [{name: reviews',
    by: "rules: [{matches: [{path: {type: RegularExpression, value: '/(a)\\1'}}], backendRefs: [{name: reviews",
    ...{ code: 'RTE007', object: 'HTTPRoute/shop/reviews', hint: 'RE2 has no backreferences: write the alternatives out' },
  },
  {
    what: 'a timeout shorter than the retries',
    ...shop,
    by: rule(`  - {match: [{uri: {prefix: /x}}], timeout: 3s, retries: {attempts: 3, perTryTimeout: 2s}, ${to}}`),
    ...{ code: 'RTE008', hint: 'make the timeout at least 6s, or perTryTimeout at most 1s', severity: 'warning' },
  },
  {
    what: 'a try longer than the timeout',
    ...shop,
    by: rule(`  - {match: [{uri: {prefix: /x}}], timeout: 500ms, retries: {attempts: 1, perTryTimeout: 2s}, ${to}}`),
    ...{ code: 'RTE008', hint: 'make perTryTimeout shorter than 500ms, or the timeout at least 2s', severity: 'warning' },
  },
  {
    what: 'a redirect to itself',
    ...shop,
    by: '  http:\n  - {match: [{uri: {prefix: /home}}], redirect: {uri: /home/start}}\n  - route:\n    - {destination: {host: reviews, subset: v1, port: {number: 9080}}, weight: 90}',
    ...{ code: 'RTE009', hint: 'give the rule a match that the new address does not have' },
  },
  {
    what: 'an HTTPRoute that redirects https to https',
    ...more(
      edge(`${HTTP_LISTENER}, ${HTTPS_LISTENER}`) +
        httpRoute(
          'secure',
          '{parentRefs: [{name: edge}], rules: [{filters: [{type: RequestRedirect, requestRedirect: {scheme: https}}]}]}',
        ),
    ),
    ...{
      code: 'RTE009',
      object: 'HTTPRoute/shop/secure',
      hint: 'name the plain HTTP listener in parentRefs (sectionName)',
    },
  },
];

const STRICT = istio('PeerAuthentication', 'default', '{mtls: {mode: STRICT}}');
const OFF = istio('PeerAuthentication', 'default', '{mtls: {mode: DISABLE}}');
const RULE = 'spec:\n  host: reviews\n';
const tls = (mode: string) => `spec:\n  host: reviews\n  trafficPolicy: {tls: {mode: ${mode}}}\n`;

const policies: readonly (Mutation & { readonly beside?: string })[] = [
  {
    what: 'plain text to pods that take mutual TLS only',
    part: RULE,
    by: tls('DISABLE'),
    beside: STRICT,
    ...{
      code: 'RTE010',
      object: 'DestinationRule/shop/reviews',
      hint: 'leave tls out: Istio then speaks mutual TLS where both sides can',
    },
  },
  {
    what: 'TLS of one’s own to pods that take mutual TLS only',
    part: '{name: v2, labels: {version: v2}}',
    by: '{name: v2, labels: {version: v2}, trafficPolicy: {tls: {mode: SIMPLE}}}',
    beside: STRICT,
    ...{
      code: 'RTE010',
      object: 'DestinationRule/shop/reviews',
      hint: 'leave tls out: Istio then speaks mutual TLS where both sides can',
    },
  },
  {
    what: 'mutual TLS to pods that have it disabled',
    part: RULE,
    by: tls('ISTIO_MUTUAL'),
    beside: OFF,
    ...{
      code: 'RTE010',
      object: 'DestinationRule/shop/reviews',
      hint: 'leave tls out: Istio then speaks mutual TLS where both sides can',
    },
  },
  {
    what: 'a policy for pods that are not there',
    ...more(istio('AuthorizationPolicy', 'reviews', '{selector: {matchLabels: {app: review}}}')),
    ...{ code: 'RTE011', object: 'AuthorizationPolicy/shop/reviews', hint: 'did you mean "app: reviews"?', severity: 'warning' },
  },
  {
    what: 'a policy in the wrong namespace',
    ...more(istio('PeerAuthentication', 'jaeger', '{selector: {matchLabels: {app: jaeger}}, mtls: {mode: STRICT}}')),
    ...{
      code: 'RTE011',
      object: 'PeerAuthentication/shop/jaeger',
      hint: 'move it to namespace observability, where Deployment jaeger has them',
      severity: 'warning',
    },
  },
  {
    what: 'an EnvoyFilter with a label of nobody',
    ...more(
      'apiVersion: networking.istio.io/v1alpha3\nkind: EnvoyFilter\nmetadata: {name: limit, namespace: shop}\nspec: {workloadSelector: {labels: {app: revews}}}',
    ),
    ...{ code: 'RTE011', object: 'EnvoyFilter/shop/limit', hint: 'did you mean "app: reviews"?', severity: 'warning' },
  },
  {
    what: 'a policy for a waypoint that is not there',
    ...more(WAYPOINT + istio('AuthorizationPolicy', 'reviews', `{targetRefs: [${gatewayRef('waipoint')}]}`)),
    ...{ code: 'RTE011', object: 'AuthorizationPolicy/shop/reviews', hint: 'did you mean "waypoint"?', severity: 'warning' },
  },
  {
    what: 'a policy for a Service that is not there, by the older targetRef',
    ...more(istio('AuthorizationPolicy', 'reviews', "{targetRef: {group: '', kind: Service, name: revews}}")),
    ...{ code: 'RTE011', object: 'AuthorizationPolicy/shop/reviews', hint: 'did you mean "reviews"?', severity: 'warning' },
  },
  {
    what: 'a policy for a Service that is behind no waypoint',
    ...more(istio('AuthorizationPolicy', 'reviews', "{targetRefs: [{group: '', kind: Service, name: reviews}]}")),
    ...{
      code: 'RTE011',
      object: 'AuthorizationPolicy/shop/reviews',
      hint: 'label the Service or its namespace istio.io/use-waypoint, or use a selector where its pods have sidecars',
      severity: 'warning',
    },
  },
  {
    what: 'a port that no listener has',
    ...more(edge(HTTP_LISTENER) + httpRoute('door', `{parentRefs: [{name: edge, port: 8080}], rules: [{${backend}}]}`)),
    ...{ code: 'RTE012', object: 'HTTPRoute/shop/door', hint: 'did you mean 80?' },
  },
  {
    what: 'a hostname that no listener takes',
    ...more(
      edge("{name: http, port: 80, protocol: HTTP, hostname: '*.mesh.test'}") +
        httpRoute('door', `{parentRefs: [{name: edge}], hostnames: [shop.test], rules: [{${backend}}]}`),
    ),
    ...{ code: 'RTE012', object: 'HTTPRoute/shop/door', hint: 'use a hostname that a listener takes, or add it to the Gateway' },
  },
  {
    what: 'a route of a namespace that the Gateway does not take',
    ...more(
      edge(HTTP_LISTENER) +
        httpRoute(
          'door',
          '{parentRefs: [{name: edge, namespace: shop}], rules: [{backendRefs: [{name: tracing, port: 80}]}]}',
          'observability',
        ),
    ),
    ...{
      code: 'RTE012',
      object: 'HTTPRoute/observability/door',
      hint: 'let a listener take them: allowedRoutes: {namespaces: {from: All}}, or put the route into namespace shop',
    },
  },
  {
    what: 'a TCPRoute at an HTTP listener',
    ...more(
      edge(HTTP_LISTENER) +
        httpRoute('door', `{parentRefs: [{name: edge}], rules: [{${backend}}]}`)
          .replace('kind: HTTPRoute', 'kind: TCPRoute')
          .replace('io/v1\n', 'io/v1alpha2\n'),
    ),
    ...{
      code: 'RTE012',
      object: 'TCPRoute/shop/door',
      hint: 'add a listener of a protocol for TCPRoute, or the kind to allowedRoutes.kinds',
    },
  },
  {
    what: 'a backend of another namespace without a grant',
    ...more(
      edge(HTTP_LISTENER) +
        httpRoute(
          'door',
          '{parentRefs: [{name: edge}], rules: [{backendRefs: [{name: tracing, namespace: observability, port: 80}]}]}',
        ),
    ),
    ...{
      code: 'RTE013',
      object: 'HTTPRoute/shop/door',
      hint: 'add a ReferenceGrant to namespace observability: from HTTPRoute in shop, to Service',
    },
  },
  {
    what: 'HTTP rules for a port that is named for TCP',
    part: 'ports: [{name: http, port: 9090}]',
    by: 'ports: [{name: tcp-web, port: 9090}]',
    ...{
      code: 'RTE014',
      object: 'VirtualService/shop/prometheus',
      hint: 'name the port of Service/observability/prometheus http-web, or put the rules under tcp',
    },
    beside: istio('VirtualService', 'prometheus', `{hosts: [prometheus.observability.svc.cluster.local], http: [{${to}}]}`),
  },
  {
    what: 'gRPC to a port that is named http',
    ...more(
      edge(HTTP_LISTENER) +
        httpRoute('door', `{parentRefs: [{name: edge}], rules: [{${backend}}]}`).replace('kind: HTTPRoute', 'kind: GRPCRoute'),
    ),
    ...{
      code: 'RTE014',
      object: 'GRPCRoute/shop/door',
      hint: 'name the port grpc, or state appProtocol: grpc',
      severity: 'warning',
    },
  },
  {
    what: 'failover without outlier detection',
    part: RULE,
    by: `${RULE}  trafficPolicy: {loadBalancer: {localityLbSetting: {failover: [{from: eu, to: us}]}}}\n`,
    ...{
      code: 'RTE015',
      object: 'DestinationRule/shop/reviews',
      hint: 'add outlierDetection beside loadBalancer, e.g. {consecutive5xxErrors: 5, interval: 30s}',
      severity: 'warning',
    },
  },
  {
    what: 'two defaults of HTTPRoutes at one Service',
    ...more(httpRoute('other', `{parentRefs: [{group: '', kind: Service, name: reviews, port: 9080}], rules: [{${backend}}]}`)),
    ...{ code: 'RTE016', object: 'HTTPRoute/shop/other', hint: 'give each a match or hostname of its own', severity: 'warning' },
  },
  {
    what: 'a rule that leads nowhere',
    ...shop,
    by: rule('  - {match: [{uri: {prefix: /x}}], timeout: 2s}'),
    ...{ code: 'RTE017', hint: 'add a route with a destination' },
  },
  {
    what: 'a route and a redirect',
    ...shop,
    by: rule(`  - {match: [{uri: {prefix: /x}}], redirect: {uri: /y}, ${to}}`),
    ...{ code: 'RTE017', hint: 'keep one of them' },
  },
  {
    what: 'a host for all in the mesh',
    ...more(istio('VirtualService', 'all', `{hosts: ['*'], http: [{${to}}]}`)),
    ...{ code: 'RTE017', object: 'VirtualService/shop/all', hint: 'name the Services, or a Gateway under gateways' },
  },
  {
    what: 'an account that nobody has',
    ...more(
      istio('AuthorizationPolicy', 'reviews', '{rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/review]}}]}]}'),
    ),
    ...{ code: 'RTE018', object: 'AuthorizationPolicy/shop/reviews', hint: 'did you mean "reviews"?' },
  },
  {
    what: 'a principal with a scheme',
    ...more(
      istio(
        'AuthorizationPolicy',
        'reviews',
        "{rules: [{from: [{source: {principals: ['spiffe://cluster.local/ns/shop/sa/reviews']}}]}]}",
      ),
    ),
    ...{ code: 'RTE018', object: 'AuthorizationPolicy/shop/reviews', hint: 'write "cluster.local/ns/shop/sa/reviews"' },
  },
  {
    what: 'a namespace that is almost right',
    ...more(istio('AuthorizationPolicy', 'reviews', '{rules: [{from: [{source: {namespaces: [observabilty]}}]}]}')),
    ...{
      code: 'RTE018',
      object: 'AuthorizationPolicy/shop/reviews',
      hint: 'did you mean "observability"?',
      severity: 'warning',
    },
  },
  {
    what: 'a Sidecar that imports a short name',
    ...more(
      istio(
        'Sidecar',
        'some',
        "{workloadSelector: {labels: {app: reviews}}, egress: [{hosts: ['./reviews', 'observability/*']}]}",
      ),
    ),
    ...{
      code: 'RTE019',
      object: 'Sidecar/shop/some',
      hint: 'write "./reviews.shop.svc.cluster.local"',
      severity: 'warning',
    },
  },
  {
    what: 'a Sidecar that imports a host that is almost right',
    ...more(
      istio(
        'Sidecar',
        'some',
        "{workloadSelector: {labels: {app: reviews}}, egress: [{hosts: ['./review.shop.svc.cluster.local', 'observability/*']}]}",
      ),
    ),
    ...{ code: 'RTE019', object: 'Sidecar/shop/some', hint: 'did you mean "reviews"?', severity: 'warning' },
  },
  {
    what: 'a Sidecar that imports from a namespace that is not there',
    ...more(istio('Sidecar', 'some', "{egress: [{hosts: ['./*', 'observability/*', 'observabilty/*']}]}")),
    ...{ code: 'RTE019', object: 'Sidecar/shop/some', hint: 'did you mean "observability/*"?', severity: 'warning' },
  },
  {
    what: 'a wildcard that DNS should look up',
    part: 'hosts: [api.payments.test], ports',
    by: "hosts: [api.payments.test, '*.bank.test'], ports",
    ...{ code: 'RTE020', object: 'ServiceEntry/shop/payments', hint: 'use resolution: NONE, or name the hosts' },
  },
  {
    what: 'two entries for a host that differ',
    ...more(
      istio(
        'ServiceEntry',
        'again',
        '{hosts: [api.payments.test], ports: [{number: 443, name: https, protocol: TLS}], resolution: NONE}',
      ),
    ),
    ...{ code: 'RTE020', object: 'ServiceEntry/shop/again', hint: 'use DNS in both, or put them into one', severity: 'warning' },
  },
  {
    what: 'tokens that nobody must have',
    ...more(istio('RequestAuthentication', 'jwt', '{jwtRules: [{issuer: idp.mesh.test}]}')),
    ...{
      code: 'RTE021',
      object: 'RequestAuthentication/shop/jwt',
      hint: 'add an AuthorizationPolicy that asks for one: from: [{source: {requestPrincipals: ["*"]}}]',
      severity: 'info',
    },
  },
];

const table: readonly (Mutation & { readonly beside?: string })[] = [...rules, ...policies];

describe('routes and policies: one fault gives one finding', () => {
  it.each(table)('$what', ({ part, by, code, object, hint, severity, beside }) => {
    const findings = findingsOf(`${replaced(goodMesh, part, by)}${beside === undefined ? '' : `---\n${beside}\n`}`);
    expect(findings.map((one) => [one.code, one.object, one.hint, one.severity])).toEqual([
      [code, object, hint, severity ?? 'error'],
    ]);
  });

  it('stands at the line of the fault', () => {
    const text = replaced(goodMesh, HTTP, rule(`  - {match: [{uri: {regex: '/(x'}}], ${to}}`));
    const [found] = findingsOf(text);
    expect(text.split('\n')[(found?.line ?? 0) - 1]).toContain('/(x');
    expect(found?.message).toContain('spec.http[0].match[0].uri.regex');
  });
});
