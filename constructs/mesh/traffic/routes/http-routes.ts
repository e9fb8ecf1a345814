import { Construct } from 'constructs';
import { HttpRoute } from '../../../../imports/gateway.networking.k8s.io.ts';
import { VirtualService } from '../../../../imports/networking.istio.io.ts';
import { UserError } from '../../../kit/user-error.ts';
import { type CheckedRule, checkedRules } from './checks/checked-rules.ts';
import { checkPrecedence } from './checks/precedence.ts';
import type { AnyHttpRule, HttpRule } from './http-rule.ts';
import { type Place, placeOf, type RoutesOf } from './place.ts';
import { httpRouteSpec } from './render/http-route.ts';
import { virtualServiceHttp } from './render/virtual-service-http.ts';
import type { RouteApi } from './route-api.ts';

/** Options of {@link HttpRoutes}: calls of a destination, or requests at an entrance, and what becomes of them. */
export type HttpRoutesProps<A extends RouteApi = RouteApi> = RoutesOf<A> & {
  /** The object's name. @default the Service's name; at an entrance, the construct's id */
  readonly name?: string;
  /** The first that matches decides; a request that none matches gets 404. */
  readonly rules: readonly [HttpRule<A>, ...HttpRule<A>[]];
};

/**
 * Where HTTP requests go: by path, header, method, query parameter and sender; by share; redirected, answered, changed, delayed.
 *
 * Makes one VirtualService, or with `as: 'gateway-api'` (or at an entrance of the Gateway API) one HTTPRoute. Where the two differ, what
 * only Istio can say does not compile for the Gateway API: fault, retries (experimental there), respond, `from`, `without`, `port`, and
 * prefixes by characters. There, the most specific match wins, not the first: rules whose order would mean something else are refused.
 * A version is a subset to Istio (make a TrafficPolicy for the destination), and for the Gateway API a Service `NAME-VERSION`, made here.
 *
 * WebSocket needs nothing here: istiod lets HTTP connections be upgraded on every route (Istio 1.30, listener builder: upgrade type
 * `websocket`).
 */
export class HttpRoutes<A extends RouteApi = RouteApi> extends Construct {
  /** The name of its object. */
  readonly name: string;

  /** @throws UserError when rules contradict each other, name what is not there, or cannot be said in the API */
  constructor(scope: Construct, id: string, props: HttpRoutesProps<A>) {
    super(scope, id);
    const place = placeOf(this, 'http', props);
    // The compiler does not look into HttpRule<A> while A is open.
    const rules = checkedRules(props.rules as readonly AnyHttpRule[], place, this.node.path);
    this.name = place.metadata.name;
    if (place.api === 'istio') makeVirtualService(this, rules, place);
    else makeHttpRoute(this, rules, place);
  }
}

/** @internal */
export function makeVirtualService(
  scope: Construct,
  rules: readonly CheckedRule[],
  { metadata, hosts, gateways, ...place }: Place,
): void {
  new VirtualService(scope, 'virtual-service', {
    metadata,
    spec: {
      hosts: [...hosts],
      ...(gateways ? { gateways: [...gateways] } : {}),
      http: rules.map((rule) => virtualServiceHttp(rule, { metadata, hosts, gateways, ...place })),
    },
  });
}

function makeHttpRoute(scope: Construct, rules: readonly CheckedRule[], place: Place): void {
  const spec = httpRouteSpec(scope, rules, place);
  checkRouteSize(rules, scope.node.path);
  checkPrecedence(rules, 'root');
  new HttpRoute(scope, 'http-route', { metadata: place.metadata, spec });
}

/** Gateway API 1.6: at most 16 rules with 128 matches. @internal */
export function checkRouteSize(rules: readonly CheckedRule[], path: string): void {
  const matches = rules.reduce((sum, rule) => sum + Math.max(1, rule.matches.length), 0);
  if (rules.length > 16 || matches > 128) {
    throw new UserError(
      `routes '${path}' have ${rules.length} rules with ${matches} matches: the Gateway API allows 16 rules with 128 matches together`,
    );
  }
}
