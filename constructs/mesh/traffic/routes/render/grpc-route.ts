import type { Construct } from 'constructs';
import {
  type GrpcRouteSpec,
  type GrpcRouteSpecRules,
  GrpcRouteSpecRulesFiltersType,
  GrpcRouteSpecRulesMatchesHeadersType,
} from '../../../../../imports/gateway.networking.k8s.io.ts';
import { UserError } from '../../../../kit/user-error.ts';
import type { CheckedRule } from '../checks/checked-rules.ts';
import type { FlatMatch } from '../checks/flat-match.ts';
import type { Place } from '../place.ts';
import { backendOf } from './backend.ts';
import { backendRefs, headerFilter, mirrorFilter, parentRef } from './gateway-api-parts.ts';

/** A checked rule with what its matches say of gRPC. */
interface GrpcRuleParts {
  readonly rule: CheckedRule;
  readonly matches: readonly { readonly service?: string; readonly method?: string }[];
}

/** The routes as a GRPCRoute says them. @internal */
export function grpcRouteSpec(scope: Construct, rules: readonly GrpcRuleParts[], place: Place): GrpcRouteSpec {
  const hosts = place.at && place.at.host !== '*' ? [place.at.host] : undefined;
  return {
    parentRefs: [parentRef(place)],
    ...(hosts ? { hostnames: hosts } : {}),
    rules: rules.map((rule) => grpcRouteRule(scope, rule)),
  };
}

function grpcRouteRule(scope: Construct, { rule: checked, matches }: GrpcRuleParts): GrpcRouteSpecRules {
  const { rule, forward, targets, where, mirror, headers } = checked;
  refuse(checked);
  const { REQUEST_HEADER_MODIFIER, RESPONSE_HEADER_MODIFIER, REQUEST_MIRROR } = GrpcRouteSpecRulesFiltersType;
  const filters = [
    ...(headers.request ? [{ type: REQUEST_HEADER_MODIFIER, requestHeaderModifier: headerFilter(headers.request) }] : []),
    ...(headers.response ? [{ type: RESPONSE_HEADER_MODIFIER, responseHeaderModifier: headerFilter(headers.response) }] : []),
    ...(mirror
      ? [{ type: REQUEST_MIRROR, requestMirror: mirrorFilter(backendOf(scope, mirror, where), forward?.mirror?.percent) }]
      : []),
  ];
  return {
    ...(rule.name === undefined ? {} : { name: rule.name }),
    ...(matches.length > 0 ? { matches: matches.map((match, i) => matchOf(match, checked.matches[i])) } : {}),
    ...(filters.length > 0 ? { filters } : {}),
    backendRefs: backendRefs(scope, targets, where),
  };
}

function matchOf({ service, method }: GrpcRuleParts['matches'][number], flat: FlatMatch | undefined) {
  const headers = flat?.headers ?? [];
  const named = { ...(service === undefined ? {} : { service }), ...(method === undefined ? {} : { method }) };
  return {
    ...(Object.keys(named).length > 0 ? { method: named } : {}),
    ...(headers.length > 0
      ? {
          headers: headers.map(([name, { is, value }]) => ({
            name,
            value,
            ...(is === 'regex' ? { type: GrpcRouteSpecRulesMatchesHeadersType.REGULAR_EXPRESSION } : {}),
          })),
        }
      : {}),
  };
}

/** Types keep these out where they know the API; at an entrance of either API, they do not. */
function refuse({ forward, matches, where }: CheckedRule): void {
  const refused = [
    [forward?.timeoutSeconds, 'timeoutSeconds'],
    [forward?.fault, 'fault'],
    [forward?.retries, 'retries'],
    [matches.find(({ headers }) => headers.some(([, text]) => text.is === 'prefix')), 'a prefix of a header (a regex can)'],
    [matches.length > 64 || undefined, 'more than 64 matches in a rule'],
    [matches.find(({ headers }) => headers.length > 16), 'more than 16 headers in a match'],
  ] as const;
  const [found] = refused.filter(([given]) => given !== undefined);
  if (found)
    throw new UserError(`${where} has ${found[1]}, which a GRPCRoute (Gateway API 1.6) cannot say: leave the routes to Istio`);
}
