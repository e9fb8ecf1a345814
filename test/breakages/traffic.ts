import { ADDED, add, type Breakage, drop, type Edit, push, row, set, withVariant, without } from '../support/breakage.ts';

const reviews = 'VirtualService/bookinfo/reviews';
const ratings = 'VirtualService/bookinfo/ratings';
const bookinfo = (service: string) => `${service}.bookinfo.svc.cluster.local`;
const demos = (service: string) => `${service}.demos.svc.cluster.local`;
const to = (subset: string, weight?: number) => ({
  destination: { host: bookinfo('reviews'), port: { number: 9080 }, subset },
  ...(weight === undefined ? {} : { weight }),
});
const host = 'route[0].destination.host';
const jason = { headers: { 'end-user': { exact: 'jason' } } };

/** An object more, of a kind of Istio's. */
const more = (api: string, kind: string, namespace: string, name: string, spec: string): Edit =>
  add(`apiVersion: ${api}/v1\nkind: ${kind}\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec: ${spec}`);

/** Routes inside the mesh: hosts, subsets, ports, weights, matches, what happens to a request on the way. */
function routing(): Breakage[] {
  const canaries = ['90-10', '80-20', '50-50', '20-80'].map((step) => `canary-${step}`);
  const http = (rest: string) => `spec.http${rest}`;
  const jasonRoute = 'jason-v2/reviews';
  // biome-ignore format: one line each
  return [
    ...['all-v1', 'all-v3', 'canary-0-100', ...canaries].flatMap((variant) =>
      withVariant(
        variant,
        row('REF001', `${variant}/reviews`, `${variant}: a host typed wrong`, set(reviews, http(`[0].${host}`), bookinfo('review'))),
        row('REF002', `${variant}/reviews`, `${variant}: a subset that nobody has`, set(reviews, http('[0].route[0].destination.subset'), 'v4')),
      ),
    ),
    ...canaries.flatMap((variant) =>
      withVariant(variant, row('RTE003', `${variant}/reviews`, `${variant}: weights 90 + 40`, set(reviews, http('[0].route[0].weight'), 90), set(reviews, http('[0].route[1].weight'), 40))),
    ),
    ...withVariant(
      'all-v1',
      row('REF004', 'all-v1/reviews', 'all-v1: a port that reviews does not have', set(reviews, http('[0].route[0].destination.port.number'), 9081)),
      row('REF001', 'all-v1/reviews', 'all-v1: the short name of a Service in another namespace', set(reviews, http(`[0].${host}`), 'httpbin'), drop(reviews, http('[0].route[0].destination.subset'))),
      row('REF001', 'all-v1/reviews', 'all-v1: routes for a host that is not there', set(reviews, 'spec.hosts[0]', bookinfo('revews'))),
      row('REF002', 'all-v1/reviews', 'all-v1: the DestinationRule of the versions is gone', without('DestinationRule/bookinfo/reviews')),
      row('REF003', 'all-v1/reviews', 'all-v1: bound to a Gateway that is not there', set(reviews, 'spec.gateways', ['mesh', 'istio-system/bookinfo-gatway'])),
      row('REF006', 'apps/bookinfo/reviews', 'all-v1: the subset’s label is one that no pod has', set('DestinationRule/bookinfo/reviews', 'spec.subsets[name=v1].labels.version', 'one')),
      row('RTE001', 'all-v1/reviews', 'all-v1: two default rules', push(reviews, 'spec.http', { route: [to('v3')] })),
      row('RTE001', 'all-v1/reviews', 'all-v1: a rule for jason behind the default', push(reviews, 'spec.http', { match: [jason], route: [to('v2')] })),
      row('RTE004', ADDED, 'all-v1: a second VirtualService for reviews', more('networking.istio.io', 'VirtualService', 'bookinfo', 'reviews-2', `{hosts: [reviews], http: [{route: [{destination: {host: reviews, subset: v2}}]}]}`)),
      row('RTE014', 'all-v1/reviews', 'all-v1: the Service’s port is for TCP', set('Service/bookinfo/reviews', 'spec.ports[0].appProtocol', 'tcp')),
      row('OBJ002', 'all-v1/reviews', 'all-v1: a field misspelt', set(reviews, http('[0].timout'), '1s')),
      row('OBJ004', 'all-v1/reviews', 'all-v1: a port that is a text', set(reviews, http('[0].route[0].destination.port.number'), '9080')),
    ),
    ...withVariant(
      'canary-90-10',
      row('REF010', 'canary-90-10/reviews', 'canary: weights that make nothing', set(reviews, http('[0].route[0].weight'), 0), set(reviews, http('[0].route[1].weight'), 0)),
      row('REF010', 'canary-90-10/reviews', 'canary: a weight below 0', set(reviews, http('[0].route[0].weight'), -90)),
      row('REF010', 'canary-90-10/reviews', 'canary: one of two has a weight', drop(reviews, http('[0].route[0].weight')), drop(reviews, http('[0].route[1].weight'))),
    ),
    ...withVariant(
      'jason-v2',
      row('RTE001', jasonRoute, 'jason: the default stands before the rule for jason', { object: reviews, change: (json) => reversed(json) }),
      row('RTE002', jasonRoute, 'jason: an empty match beside the header', push(reviews, http('[0].match'), {})),
      row('RTE001', jasonRoute, 'jason: the same rule twice', push(reviews, 'spec.http', { route: [to('v1')] })),
      row('RTE007', jasonRoute, 'jason: a regular expression that RE2 does not know', set(reviews, http('[0].match[0].headers.end-user'), { regex: '^(?=jason)' })),
      row('RTE007', jasonRoute, 'jason: a regular expression with an open bracket', set(reviews, http('[0].match[0].headers.end-user'), { regex: 'jas[on' })),
      row('REF002', jasonRoute, 'jason: his subset is misspelt', set(reviews, http('[0].route[0].destination.subset'), 'v22')),
      row('REF001', jasonRoute, 'jason: the default’s host is misspelt', set(reviews, http(`[1].${host}`), bookinfo('reveiws'))),
      row('OBJ002', jasonRoute, 'jason: a match by a word that Istio does not have', set(reviews, http('[0].match[0].headers.end-user'), { equals: 'jason' })),
      row('REF003', jasonRoute, 'jason: a match at a Gateway that is not there', set(reviews, http('[0].match[0].gateways'), ['istio-system/front'])),
      row('RTE011', jasonRoute, 'jason: a match for senders whom no pod is', set(reviews, http('[0].match[0].sourceLabels'), { app: 'productpag' })),
    ),
    ...withVariant(
      'retries',
      row('RTE008', 'retries/httpbin', 'retries: a timeout shorter than the tries need', set('VirtualService/demos/httpbin', http('[0].timeout'), '3s')),
      row('RTE008', 'retries/httpbin', 'retries: a try that takes longer than all may', set('VirtualService/demos/httpbin', http('[0].retries.perTryTimeout'), '12s')),
      row('REF004', 'retries/httpbin', 'retries: the port of the pods, not of the Service', set('VirtualService/demos/httpbin', http('[0].route[0].destination.port.number'), 8080)),
      row('REF001', 'retries/httpbin', 'retries: the host of another namespace', set('VirtualService/demos/httpbin', http(`[0].${host}`), bookinfo('httpbin'))),
      row('OBJ005', 'retries/httpbin', 'retries: a time without unit', set('VirtualService/demos/httpbin', http('[0].timeout'), '10')),
    ),
    ...withVariant(
      'timeout',
      row('REF002', 'timeout/reviews', 'timeout: a subset of nobody', set(reviews, http('[0].route[0].destination.subset'), 'v2a')),
      row('REF001', 'timeout/ratings', 'timeout: the delayed host is misspelt', set(ratings, http(`[0].${host}`), bookinfo('rating'))),
    ),
    ...withVariant(
      'fault-delay-jason',
      row('OBJ004', 'fault-delay-jason/ratings', 'delay: a share that is a text', set(ratings, http('[0].fault.delay.percentage.value'), '100')),
      row('REF002', 'fault-delay-jason/ratings', 'delay: ratings has no v2', set(ratings, http('[1].route[0].destination.subset'), 'v2')),
      row('OBJ005', 'fault-delay-jason/ratings', 'delay: a delay without unit', set(ratings, http('[0].fault.delay.fixedDelay'), '7')),
    ),
    ...withVariant(
      'fault-delay',
      row('REF001', 'fault-delay/go', 'delay: the Go service is misspelt', set('VirtualService/demos/service-go', http(`[0].${host}`), demos('service-golang'))),
      row('RTE017', 'fault-delay/go', 'delay: more than every request', set('VirtualService/demos/service-go', http('[0].fault.delay.percentage.value'), 150)),
    ),
    ...withVariant(
      'fault-abort-504',
      row('RTE017', 'fault-abort-504/python', 'abort: a status that is none', set('VirtualService/demos/service-python', http('[0].fault.abort.httpStatus'), 5040)),
      row('RTE017', 'fault-abort-504/python', 'abort: no status', drop('VirtualService/demos/service-python', http('[0].fault.abort.httpStatus'))),
      row('REF004', 'fault-abort-504/python', 'abort: a port of nobody', set('VirtualService/demos/service-python', http('[0].route[0].destination.port.number'), 8080)),
    ),
    ...withVariant(
      'mirror',
      row('REF001', 'mirror/helloworld', 'mirror: to a host that is not there', set('VirtualService/demos/helloworld', http('[0].mirror.host'), demos('helloword'))),
      row('REF002', 'mirror/helloworld', 'mirror: to a subset that is not there', set('VirtualService/demos/helloworld', http('[0].mirror.subset'), 'v3')),
      row('REF004', 'mirror/helloworld', 'mirror: to a port of nobody', set('VirtualService/demos/helloworld', http('[0].mirror.port.number'), 80)),
      row('RTE017', 'mirror/helloworld', 'mirror: more than every request', set('VirtualService/demos/helloworld', http('[0].mirrorPercentage.value'), 500)),
    ),
    ...withVariant(
      'all-v3-httproute',
      row('REF001', 'all-v3-httproute/reviews', 'HTTPRoute: a backend that is not there', set('HTTPRoute/bookinfo/reviews', 'spec.rules[0].backendRefs[0].name', 'reviews-v4')),
      row('REF004', 'all-v3-httproute/reviews', 'HTTPRoute: a port that the backend does not have', set('HTTPRoute/bookinfo/reviews', 'spec.rules[0].backendRefs[0].port', 80)),
      row('REF001', 'all-v3-httproute/reviews', 'HTTPRoute: a parent Service that is not there', set('HTTPRoute/bookinfo/reviews', 'spec.parentRefs[0].name', 'review')),
      row('REF004', 'all-v3-httproute/reviews', 'HTTPRoute: a port that the parent does not have', set('HTTPRoute/bookinfo/reviews', 'spec.parentRefs[0].port', 8080)),
      row('REF012', 'all-v3-httproute/version-service-reviews-v3', 'HTTPRoute: the version’s Service selects no pods', set('Service/bookinfo/reviews-v3', 'spec.selector.version', 'v33')),
      row('RTE013', 'all-v3-httproute/reviews', 'HTTPRoute: a backend in another namespace without a grant', set('HTTPRoute/bookinfo/reviews', 'spec.rules[0].backendRefs[0]', { name: 'httpbin', namespace: 'demos', port: 8000 })),
      row('OBJ005', 'all-v3-httproute/reviews', 'HTTPRoute: a weight below 0', set('HTTPRoute/bookinfo/reviews', 'spec.rules[0].backendRefs[0].weight', -1)),
    ),
  ];
}

/** Two rules the other way round. */
const reversed: Extract<Edit, { object: string }>['change'] = (json) => {
  const { spec, ...rest } = json as { spec: { http: object[] } };
  return { ...rest, spec: { ...spec, http: spec.http.toReversed() } } as never;
};

/** All of them. */
export function trafficBreakages(): Breakage[] {
  return [...routing(), ...resilience(), ...egress(), ...security(), ...ingress(), ...demoApps()];
}

/** DestinationRules: TLS, load balancing, connection pools, subsets. */
function resilience(): Breakage[] {
  const rule = 'DestinationRule/demos/httpbin';
  const failover = 'DestinationRule/demos/helloworld';
  const job = 'Job/demos/fortio-30-b96e5f7e';
  // biome-ignore format: one line each
  return [
    ...withVariant(
      'circuit-breaker',
      row('REF005', 'circuit-breaker/httpbin', 'circuit breaker: for a host that is not there', set(rule, 'spec.host', demos('http-bin'))),
      row('RTE010', 'circuit-breaker/httpbin', 'circuit breaker: plain text to pods under STRICT mTLS', set(rule, 'spec.trafficPolicy.tls', { mode: 'DISABLE' }), more('security.istio.io', 'PeerAuthentication', 'demos', 'default', '{mtls: {mode: STRICT}}')),
      row('OBJ005', 'circuit-breaker/httpbin', 'circuit breaker: a load balancer of old', set(rule, 'spec.trafficPolicy.loadBalancer', { simple: 'FASTEST' })),
      row('OBJ005', 'circuit-breaker/httpbin', 'circuit breaker: an interval without unit', set(rule, 'spec.trafficPolicy.outlierDetection.interval', '1')),
      row('OBJ002', 'circuit-breaker/httpbin', 'circuit breaker: a limit that Istio does not have', set(rule, 'spec.trafficPolicy.connectionPool.http.maxPendingRequests', 1)),
      row('OBJ004', 'circuit-breaker/httpbin', 'circuit breaker: connections that are a text', set(rule, 'spec.trafficPolicy.connectionPool.tcp.maxConnections', '1')),
      row('REF006', 'circuit-breaker/httpbin', 'circuit breaker: a subset that no pod has', set(rule, 'spec.subsets', [{ name: 'v2', labels: { version: 'v2' } }])),
      row('REF011', 'circuit-breaker/fortio', 'Fortio: its ServiceAccount is gone', without('ServiceAccount/demos/fortio')),
      row('REF011', 'circuit-breaker/fortio', 'Fortio: runs as another account', set(job, 'spec.template.spec.serviceAccountName', 'fortio-job')),
      row('REF017', 'circuit-breaker/fortio', 'Fortio: calls a host that is not there', set(job, 'spec.template.spec.containers[0].args[9]', `http://${demos('htpbin')}:8000/get`)),
      row('REF017', 'circuit-breaker/fortio', 'Fortio: calls a port that is not there', set(job, 'spec.template.spec.containers[0].args[9]', `http://${demos('httpbin')}:80/get`)),
      row('OBJ012', 'circuit-breaker/fortio', 'Fortio: a Job that shall always run', set(job, 'spec.template.spec.restartPolicy', 'Always')),
    ),
    ...withVariant(
      'load-balancing',
      row('OBJ005', 'load-balancing/reviews', 'load balancing: a word that is none', set('DestinationRule/bookinfo/reviews', 'spec.trafficPolicy.loadBalancer.simple', 'RANDM')),
      row('OBJ005', 'load-balancing/reviews', 'load balancing: two ways at once', set('DestinationRule/bookinfo/reviews', 'spec.trafficPolicy.loadBalancer.consistentHash', { useSourceIp: true })),
      row('REF006', 'load-balancing/reviews', 'load balancing: a subset that no pod has', set('DestinationRule/bookinfo/reviews', 'spec.subsets[name=v2].labels.version', '2')),
      row('REF005', 'load-balancing/reviews', 'load balancing: for a host that is not there', set('DestinationRule/bookinfo/reviews', 'spec.host', bookinfo('reviewz'))),
    ),
    ...withVariant(
      'locality-failover',
      row('RTE015', 'locality-failover/helloworld', 'failover: nobody notices that a locality is gone', drop(failover, 'spec.trafficPolicy.outlierDetection')),
      row('REF006', 'locality-failover/helloworld', 'failover: a subset that no pod has', set(failover, 'spec.subsets[name=v2].labels.version', 'v0')),
      row('OBJ002', 'locality-failover/helloworld', 'failover: a field misspelt', set(failover, 'spec.trafficPolicy.loadBalancer.localityLbSetting.failOver', [])),
    ),
    ...withVariant(
      'rate-limit',
      row('RTE011', 'rate-limit/productpage', 'rate limit: for pods that are not there', set('EnvoyFilter/bookinfo/productpage', 'spec.workloadSelector.labels.version', 'v2')),
      row('OBJ005', 'rate-limit/productpage', 'rate limit: a place that Envoy does not have', set('EnvoyFilter/bookinfo/productpage', 'spec.configPatches[0].applyTo', 'HTTP_FILTERS')),
      row('OBJ005', 'rate-limit/productpage', 'rate limit: an operation that Istio does not have', set('EnvoyFilter/bookinfo/productpage', 'spec.configPatches[0].patch.operation', 'PREPEND')),
    ),
  ];
}

/** The way out: ServiceEntry, egress gateway, Sidecar. */
function egress(): Breakage[] {
  const entry = 'ServiceEntry/bookinfo/httpbin.org';
  const route = 'VirtualService/bookinfo/httpbin-org-egress';
  const gateway = 'Gateway/bookinfo/httpbin-org-egress';
  const rule = 'DestinationRule/bookinfo/httpbin-org-egress';
  const scope = 'Sidecar/bookinfo/scope';
  // biome-ignore format: one line each
  return withVariant(
    'egress',
    row('REF001', 'egress/gateway', 'egress: the egress gateway’s host is misspelt', set(route, `spec.http[0].${host}`, 'istio-egressgatway.istio-system.svc.cluster.local')),
    row('REF002', 'egress/gateway', 'egress: a subset that the rule does not have', set(route, 'spec.http[0].route[0].destination.subset', 'httpbin')),
    row('REF004', 'egress/gateway', 'egress: a port that the egress gateway does not have', set(route, 'spec.http[0].route[0].destination.port.number', 8081)),
    row('REF004', 'egress/gateway', 'egress: a port that the ServiceEntry does not have', set(route, 'spec.http[1].route[0].destination.port.number', 8080)),
    row('REF003', 'egress/gateway', 'egress: bound to a Gateway that is not there', without(gateway)),
    row('REF007', 'egress/gateway', 'egress: the Gateway selects no pods', set(gateway, 'spec.selector.istio', 'egress')),
    row('REF005', 'egress/gateway', 'egress: the rule is for a host that is not there', set(rule, 'spec.host', 'istio-egress.istio-system.svc.cluster.local')),
    row('REF006', 'egress/gateway', 'egress: the rule’s subset is of no pod', set(rule, 'spec.subsets[0].labels.istio', 'egressgatewy')),
    row('REF014', 'egress/gateway', 'egress: the Gateway takes another host', set(gateway, 'spec.servers[0].hosts', ['httpbin.com'])),
    row('OBJ005', 'egress/outside', 'egress: a resolution that Istio does not have', set(entry, 'spec.resolution', 'DNS_ALL')),
    row('RTE020', 'egress/outside', 'egress: a wildcard that DNS shall look up', set(entry, 'spec.hosts', ['httpbin.org', '*.httpbin.org'])),
    row('RTE020', ADDED, 'egress: a second ServiceEntry for the host', more('networking.istio.io', 'ServiceEntry', 'bookinfo', 'again', '{hosts: [httpbin.org], location: MESH_EXTERNAL, ports: [{number: 80, name: http, protocol: TCP}], resolution: NONE}')),
    row('RTE019', 'egress/scope', 'egress: the Sidecar imports a Service that is misspelt', set(scope, 'spec.egress[0].hosts[1]', 'bookinfo/prodctpage.bookinfo.svc.cluster.local')),
    row('TRC043', 'egress/scope', 'egress: the Sidecar hides the collector', set(scope, 'spec.egress[0].hosts', ['bookinfo/*', 'istio-system/istio-egressgateway.istio-system.svc.cluster.local'])),
    row('RTE019', 'egress/scope', 'egress: a host of the Sidecar without a namespace', set(scope, 'spec.egress[0].hosts[1]', 'httpbin.org')),
    row('RTE011', 'egress/scope', 'egress: the Sidecar is for pods that are not there', set(scope, 'spec.workloadSelector.labels.app', 'sleep')),
    row('OBJ005', 'egress/scope', 'egress: a traffic policy that Istio does not have', set(scope, 'spec.outboundTrafficPolicy.mode', 'REGISTRY')),
    row('RTE007', 'egress/gateway', 'egress: a regular expression that RE2 does not know', set(route, 'spec.http[0].match[0].uri', { regex: '(a' })),
    row('RTE017', 'egress/gateway', 'egress: a name of TLS that the hosts do not have', set(route, 'spec.tls[0].match[0].sniHosts', ['example.com'])),
  );
}

/** Who may call whom, and how. */
function security(): Breakage[] {
  const policy = (name: string) => `AuthorizationPolicy/bookinfo/${name}`;
  const principals = 'spec.rules[0].from[0].source.principals[0]';
  // biome-ignore format: one line each
  return [
    ...withVariant(
      'authorization',
      row('RTE011', 'authorization/deny/allow-details', 'authorization: for pods that are not there', set(policy('allow-details'), 'spec.selector.matchLabels.app', 'detail')),
      row('RTE018', 'authorization/deny/allow-ratings', 'authorization: a sender’s account is misspelt', set(policy('allow-ratings'), principals, 'cluster.local/ns/bookinfo/sa/bookinfo-review')),
      row('RTE018', 'authorization/deny/allow-ratings', 'authorization: a sender of a namespace that is none', set(policy('allow-ratings'), principals, 'cluster.local/ns/book-info/sa/bookinfo-reviews')),
      row('RTE018', 'authorization/deny/allow-ratings', 'authorization: a sender by the form of SPIFFE', set(policy('allow-ratings'), principals, 'spiffe://cluster.local/ns/bookinfo/sa/bookinfo-reviews')),
      row('OBJ005', 'authorization/deny/allow-ratings', 'authorization: an action that is none', set(policy('allow-ratings'), 'spec.action', 'PERMIT')),
      row('OBJ002', 'authorization/deny/allow-ratings', 'authorization: a field misspelt', set(policy('allow-ratings'), 'spec.rules[0].from[0].source.principal', ['x'])),
    ),
    ...withVariant(
      'mtls-strict',
      row('RTE010', ADDED, 'strict: a DestinationRule turns mutual TLS off', more('networking.istio.io', 'DestinationRule', 'demos', 'reviews-plain', `{host: ${bookinfo('reviews')}, trafficPolicy: {tls: {mode: DISABLE}}}`)),
      row('RTE011', 'mtls-strict/mtls', 'strict: for pods that are not there', set('PeerAuthentication/bookinfo/default', 'spec.selector', { matchLabels: { app: 'revews' } })),
      row('OBJ005', 'mtls-strict/mtls', 'strict: a mode that is none', set('PeerAuthentication/bookinfo/default', 'spec.mtls.mode', 'MUTUAL')),
      row('OBJ002', 'mtls-strict/mtls', 'strict: a field misspelt', set('PeerAuthentication/bookinfo/default', 'spec.mTLS', { mode: 'STRICT' })),
      row('OBJ005', 'mtls-strict/mtls', 'strict: an exception for a port without a selector', set('PeerAuthentication/bookinfo/default', 'spec.portLevelMtls', { 9080: { mode: 'DISABLE' } })),
    ),
    ...withVariant(
      'jwt',
      row('RTE011', 'jwt/jwt', 'jwt: the tokens of pods that are not there', set('RequestAuthentication/demos/jwt', 'spec.selector.matchLabels.app', 'httbin')),
      row('RTE011', 'jwt/jwt/require-token', 'jwt: wanted of pods that are not there', set('AuthorizationPolicy/demos/jwt-require-token', 'spec.selector.matchLabels.app', 'http-bin')),
      row('OBJ003', 'jwt/jwt', 'jwt: nobody says who issues the tokens', drop('RequestAuthentication/demos/jwt', 'spec.jwtRules[0].issuer')),
      row('OBJ005', 'jwt/jwt', 'jwt: the keys’ address is no address', set('RequestAuthentication/demos/jwt', 'spec.jwtRules[0].jwksUri', 'jwks.json')),
    ),
    row('TRC040', ADDED, 'a DestinationRule for the whole mesh asks for mutual TLS', more('networking.istio.io', 'DestinationRule', 'istio-system', 'all', '{host: "*.local", trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}')),
    row('TRC040', ADDED, 'a DestinationRule asks the collector for mutual TLS', more('networking.istio.io', 'DestinationRule', 'istio-system', 'collector', '{host: jaeger-collector, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}')),
    row('TRC043', ADDED, 'a Sidecar of the demos knows its own namespace alone', more('networking.istio.io', 'Sidecar', 'demos', 'default', '{egress: [{hosts: ["./*"]}]}')),
    row('RTE011', ADDED, 'a policy for a program that is not there', more('security.istio.io', 'AuthorizationPolicy', 'demos', 'ours', '{selector: {matchLabels: {app: service-ruby}}, action: DENY, rules: [{from: [{source: {namespaces: [bookinfo]}}]}]}')),
  ];
}

/** The three ways in. */
function ingress(): Breakage[] {
  const shop = 'HTTPRoute/bookinfo/bookinfo';
  const shopGateway = 'Gateway/istio-system/shop';
  const at = 'ingress-gateway-api/shop';
  const hello = 'HTTPRoute/demos/hello-routes';
  const ingress = 'Ingress/bookinfo/bookinfo';
  const backend = 'spec.rules[0].http.paths[0].backend.service';
  // biome-ignore format: one line each
  return [
    ...withVariant(
      'ingress-gateway-api',
      row('REF003', at, 'Gateway API: a parent that is not there', set(shop, 'spec.parentRefs[0].name', 'shopp')),
      row('REF003', at, 'Gateway API: a parent in its own namespace', drop(shop, 'spec.parentRefs[0].namespace')),
      row('REF003', at, 'Gateway API: a listener that is not there', set(shop, 'spec.parentRefs[0].sectionName', 'https')),
      row('RTE012', at, 'Gateway API: a listener that takes its own namespace alone', set(shopGateway, 'spec.listeners[0].allowedRoutes.namespaces.from', 'Same')),
      row('RTE012', at, 'Gateway API: a listener for another hostname', set(shopGateway, 'spec.listeners[0].hostname', 'store.mesh.test')),
      row('RTE012', at, 'Gateway API: a port that no listener has', set(shop, 'spec.parentRefs[0].port', 8080)),
      row('REF001', at, 'Gateway API: a backend that is not there', set(shop, 'spec.rules[0].backendRefs[0].name', 'product-page')),
      row('REF004', at, 'Gateway API: a port that the backend does not have', set(shop, 'spec.rules[0].backendRefs[0].port', 80)),
      row('RTE013', at, 'Gateway API: a backend in another namespace without a grant', set(shop, 'spec.rules[0].backendRefs[0]', { name: 'httpbin', namespace: 'demos', port: 8000 })),
      row('OBJ005', at, 'Gateway API: a match by a word that is none', set(shop, 'spec.rules[0].matches[0].path.type', 'Prefix')),
      row('RTE007', at, 'Gateway API: a regular expression that RE2 does not know', set(shop, 'spec.rules[0].matches[0].path', { type: 'RegularExpression', value: '/(?<!a)b' })),
      row('RTE016', ADDED, 'Gateway API: a second route for the same requests', add('apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: more, namespace: bookinfo}\nspec: {parentRefs: [{name: shop, namespace: istio-system}], hostnames: [shop.mesh.test], rules: [{matches: [{path: {type: Exact, value: /productpage}}], backendRefs: [{name: details, port: 9080}]}]}')),
      row('OBJ003', at, 'Gateway API: a listener without a port', drop(shopGateway, 'spec.listeners[0].port')),
    ),
    ...withVariant(
      'ingress-routes',
      row('RTE009', 'ingress-routes/hello-routes', 'routes: a redirect to itself', set(hello, 'spec.rules[0].filters[0].requestRedirect.path.replaceFullPath', '/hi')),
      row('REF001', 'ingress-routes/hello-routes', 'routes: a backend that is not there', set(hello, 'spec.rules[1].backendRefs[0].name', 'hello-world')),
      row('REF003', 'ingress-routes/hello-routes', 'routes: a parent that is not there', without('Gateway/demos/hello')),
      row('OBJ005', 'ingress-routes/hello-routes', 'routes: a redirect and a backend', set(hello, 'spec.rules[0].backendRefs', [{ name: 'helloworld', port: 5000 }])),
      row('OBJ005', 'ingress-routes/hello-routes', 'routes: a status that is no redirect', set(hello, 'spec.rules[0].filters[0].requestRedirect.statusCode', 200)),
    ),
    ...withVariant(
      'ingress-kubernetes',
      row('REF001', 'ingress-kubernetes/shop', 'Ingress: a Service that is not there', set(ingress, `${backend}.name`, 'productpag')),
      row('REF004', 'ingress-kubernetes/shop', 'Ingress: a port that the Service does not have', set(ingress, `${backend}.port.number`, 80)),
      row('REF004', 'ingress-kubernetes/shop', 'Ingress: a port’s name that the Service does not have', set(ingress, `${backend}.port`, { name: 'web' })),
      row('REF003', 'ingress-kubernetes/shop', 'Ingress: a class that is not there', set(ingress, 'spec.ingressClassName', 'istioo')),
      row('OBJ005', 'ingress-kubernetes/shop', 'Ingress: a path by a word that is none', set(ingress, 'spec.rules[0].http.paths[0].pathType', 'Regex')),
      row('OBJ003', 'ingress-kubernetes/shop', 'Ingress: a path without a type', drop(ingress, 'spec.rules[0].http.paths[0].pathType')),
    ),
    row('RTE005', ADDED, 'a second VirtualService for a host of the gateway', more('networking.istio.io', 'VirtualService', 'demos', 'again', `{hosts: [httpbin.mesh.test], gateways: [istio-system/httpbin-gateway], http: [{route: [{destination: {host: ${demos('nginx')}}}]}]}`)),
    row('RTE009', 'exposure/gateway/httpbin', 'a host of the gateway redirects to itself', set('VirtualService/istio-system/httpbin', 'spec.http[0]', { redirect: { uri: '/x' }, match: [{ uri: { prefix: '/' } }] })),
    row('REF014', 'exposure/gateway/polyglot', 'a host that its Gateway does not take', set('VirtualService/istio-system/polyglot', 'spec.hosts[0]', 'polyglott.mesh.test')),
    row('REF003', 'exposure/gateway/nginx', 'a Gateway in another namespace', set('VirtualService/istio-system/nginx', 'spec.gateways[0]', 'demos/nginx-gateway')),
    row('REF007', 'exposure/gateway/hotrod', 'a Gateway that selects no pods', set('Gateway/istio-system/hotrod-gateway', 'spec.selector.istio', 'ingresgateway')),
    row('REF015', 'exposure/gateway/hotrod', 'a Gateway at a port that is not open', set('Gateway/istio-system/hotrod-gateway', 'spec.servers[0].port.number', 81)),
  ];
}

/** The smaller apps: what they call, what they are called at. */
function demoApps(): Breakage[] {
  const env = (name: string) => `spec.template.spec.containers[0].env[name=${name}].value`;
  // biome-ignore format: one line each
  return [
    row('REF017', 'demos/hotrod', 'HotROD: sends its spans to a host that is not there', set('Deployment/demos/hotrod', env('OTEL_EXPORTER_OTLP_ENDPOINT'), 'http://jaeger.istio-system.svc.cluster.local:4318')),
    row('REF017', 'demos/hotrod', 'HotROD: sends its spans to a port that is not there', set('Deployment/demos/hotrod', env('OTEL_EXPORTER_OTLP_ENDPOINT'), 'http://jaeger-collector.istio-system.svc.cluster.local:55681')),
    row('REF004', 'exposure/gateway/hotrod', 'HotROD: its Service has lost a port', drop('Service/demos/hotrod', 'spec.ports[name=frontend]')),
    row('REF012', 'demos/nginx', 'nginx: the Service selects no pods', set('Service/demos/nginx', 'spec.selector.app', 'ngnix')),
    row('REF016', 'demos/nginx', 'nginx: the Service leads to a port of nobody', set('Service/demos/nginx', 'spec.ports[0].targetPort', 'web')),
    row('REF006', 'demos/helloworld-versions', 'helloworld: a subset that no pod has', set('DestinationRule/demos/helloworld', 'spec.subsets[name=v2].labels.version', 'v3')),
    row('REF005', 'demos/helloworld-versions', 'helloworld: versions of a host that is not there', set('DestinationRule/demos/helloworld', 'spec.host', demos('hello'))),
    row('REF011', 'demos/polyglot', 'polyglot: a program is gone', without('ConfigMap/demos/service-node')),
    row('REF011', 'demos/httpbin', 'httpbin: its account is gone', without('ServiceAccount/demos/httpbin')),
  ];
}
