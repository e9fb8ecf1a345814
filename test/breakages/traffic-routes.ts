import { ADDED, type Breakage, drop, push, row, set, without, withVariant } from '../support/breakage.ts';
import { bookinfo, demos, host, more } from './traffic-objects.ts';

const reviews = 'VirtualService/bookinfo/reviews';
const ratings = 'VirtualService/bookinfo/ratings';
const to = (subset: string, weight?: number) => ({
  destination: { host: bookinfo('reviews'), port: { number: 9080 }, subset },
  ...(weight === undefined ? {} : { weight }),
});
const jason = { headers: { 'end-user': { exact: 'jason' } } };

/** Routes inside the mesh: hosts, subsets, ports, weights, matches, what happens to a request on the way. */
export function trafficRouteBreakages(): Breakage[] {
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
      row('RTE001', jasonRoute, 'jason: the default stands before the rule for jason', set(reviews, 'spec.http', [{ route: [to('v3')] }, { match: [jason], route: [to('v2')] }])),
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
      row('RTE017', 'fault-abort-504/python', 'abort: no share at all', set('VirtualService/demos/service-python', http('[0].fault.abort.percentage.value'), -1)),
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
