import { ADDED, add, type Breakage, drop, row, set, without, withVariant } from '../support/breakage.ts';
import { bookinfo, demos, host, more } from './traffic-objects.ts';
import { trafficRouteBreakages } from './traffic-routes.ts';

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
      row('RTE022', ADDED, 'load balancing: a second rule for the host', more('networking.istio.io', 'DestinationRule', 'bookinfo', 'again', '{host: reviews, trafficPolicy: {loadBalancer: {simple: ROUND_ROBIN}}}')),
      row('RTE022', ADDED, 'load balancing: a second rule with the same subset', more('networking.istio.io', 'DestinationRule', 'bookinfo', 'again', '{host: reviews, subsets: [{name: v1, labels: {version: v1}, trafficPolicy: {loadBalancer: {simple: ROUND_ROBIN}}}]}')),
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
    row('REF014', 'egress/gateway', 'egress: the Gateway takes another host', set(gateway, 'spec.servers[0].hosts', ['httpbin.com']), set(gateway, 'spec.servers[1].hosts', ['httpbin.com'])),
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

/** The base of the stack, and each of its tours. */
export function trafficBreakages(): Breakage[] {
  return [...trafficRouteBreakages(), ...resilience(), ...egress(), ...security(), ...ingress(), ...demoApps()];
}
