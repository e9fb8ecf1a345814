import { Construct } from 'constructs';
import { GrpcRoute } from '../../../../imports/gateway.networking.k8s.io.ts';
import { UserError } from '../../../kit/user-error.ts';
import { checkedRules } from './checks/checked-rules.ts';
import { checkPrecedence } from './checks/precedence.ts';
import { quoted } from './checks/regex.ts';
import type { HttpMatch, HttpPath, TextMatch } from './http-match.ts';
import { checkRouteSize, makeVirtualService } from './http-routes.ts';
import type { ForwardRule } from './http-rule.ts';
import { placeOf, type RoutesOf } from './place.ts';
import { grpcRouteSpec } from './render/grpc-route.ts';
import type { IstioOnly, RouteApi } from './route-api.ts';

/** Which calls a rule is for: all that is said must hold together. */
export interface GrpcMatch<A extends RouteApi = 'istio'> {
  /** With its package: 'shop.v1.Catalog'. */
  readonly service?: string;
  /** 'GetItem' */
  readonly method?: string;
  /** Metadata by name, in any case. */
  readonly headers?: Readonly<Record<string, TextMatch<A>>>;
}

/** Where which calls go. The first rule that matches decides. */
export interface GrpcRule<A extends RouteApi = 'istio'>
  extends Pick<ForwardRule<A>, 'name' | 'to' | 'port' | 'retries' | 'fault' | 'mirror' | 'headers'> {
  /** One match, or any of several. @default all calls; only the last rule can leave it out */
  readonly when?: GrpcMatch<A> | readonly [GrpcMatch<A>, ...GrpcMatch<A>[]];
  /** How long the answer may take, streams included; whole milliseconds. Not in a GRPCRoute. @default no limit */
  readonly timeoutSeconds?: IstioOnly<A, number>;
}

/** Options of {@link GrpcRoutes}. */
export type GrpcRoutesProps<A extends RouteApi = RouteApi> = RoutesOf<A> & {
  /** The object's name. @default the Service's name; at an entrance, the construct's id */
  readonly name?: string;
  /** The first that matches decides; a call that none matches gets UNIMPLEMENTED. */
  readonly rules: readonly [GrpcRule<A>, ...GrpcRule<A>[]];
};

/** A rule of either API. */
type AnyGrpcRule = GrpcRule<'istio'> | GrpcRule<'gateway-api'>;
type AnyGrpcMatch = GrpcMatch<'istio'> | GrpcMatch<'gateway-api'>;

/**
 * Where gRPC calls go: by service, method and metadata; by share.
 *
 * Makes one VirtualService, which sees calls as requests for `/SERVICE/METHOD`, or with `as: 'gateway-api'` (or at an entrance of the
 * Gateway API) one GRPCRoute. What only Istio can say does not compile there: timeout, fault, retries, prefixes.
 */
export class GrpcRoutes<A extends RouteApi = RouteApi> extends Construct {
  /** The name of its object. */
  readonly name: string;

  /** @throws UserError when rules contradict each other, name what is not there, or cannot be said in the API */
  constructor(scope: Construct, id: string, props: GrpcRoutesProps<A>) {
    super(scope, id);
    const place = placeOf(this, 'grpc', props);
    // The compiler does not look into GrpcRule<A> while A is open.
    const given = props.rules as readonly AnyGrpcRule[];
    const path = this.node.path;
    const rules = checkedRules(
      given.map((rule) => asHttp(rule, path)),
      place,
      path,
    );
    this.name = place.metadata.name;
    if (place.api === 'istio') {
      makeVirtualService(this, rules, place);
      return;
    }
    const spec = grpcRouteSpec(
      this,
      rules.map((rule, i) => ({ rule, matches: matchesOf(given[i]?.when) })),
      place,
    );
    checkRouteSize(rules, path);
    checkPrecedence(rules, 'last');
    new GrpcRoute(this, 'grpc-route', { metadata: place.metadata, spec });
  }
}

function matchesOf(when: AnyGrpcRule['when']): readonly AnyGrpcMatch[] {
  return when === undefined ? [] : isList(when) ? when : [when];
}

function isList(when: AnyGrpcMatch | readonly AnyGrpcMatch[]): when is readonly AnyGrpcMatch[] {
  return Array.isArray(when);
}

function asHttp({ when, ...rule }: AnyGrpcRule, path: string): ForwardRule<'istio'> {
  if (when === undefined) return rule;
  const [first, ...others] = matchesOf(when).map((match) => matchAsHttp(match, path));
  if (!first) throw new UserError(`a rule of '${path}' has an empty list of matches: leave 'when' out to take every call`);
  return { ...rule, when: [first, ...others] };
}

function matchAsHttp({ service, method, headers }: AnyGrpcMatch, path: string): HttpMatch {
  const word = '[A-Za-z_][A-Za-z0-9_]*';
  if (service !== undefined && !new RegExp(`^${word}(\\.${word})*$`).test(service))
    throw new UserError(`service of '${path}' is ${JSON.stringify(service)}: allowed is its full name, 'shop.v1.Catalog'`);
  if (method !== undefined && !new RegExp(`^${word}$`).test(method))
    throw new UserError(`method of '${path}' is ${JSON.stringify(method)}: allowed is its name, 'GetItem'`);
  const uri = pathOf(service, method);
  return { ...(uri ? { path: uri } : {}), ...(headers ? { headers } : {}) };
}

/** As istiod reads a GRPCRoute (createGRPCURIMatch). */
function pathOf(service: string | undefined, method: string | undefined): HttpPath | undefined {
  if (service !== undefined) return method === undefined ? { prefix: `/${service}/` } : { exact: `/${service}/${method}` };
  return method === undefined ? undefined : { regex: `/[^/]+/${quoted(method)}` };
}
