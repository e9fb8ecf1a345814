import type { Construct } from 'constructs';
import {
  type HttpRouteSpec,
  type HttpRouteSpecRules,
  HttpRouteSpecRulesFiltersCorsAllowMethods,
  HttpRouteSpecRulesFiltersRequestRedirectPathType,
  HttpRouteSpecRulesFiltersRequestRedirectScheme,
  HttpRouteSpecRulesFiltersRequestRedirectStatusCode,
  HttpRouteSpecRulesFiltersType,
  HttpRouteSpecRulesFiltersUrlRewritePathType,
  HttpRouteSpecRulesMatchesHeadersType,
  HttpRouteSpecRulesMatchesMethod,
  HttpRouteSpecRulesMatchesPathType,
  HttpRouteSpecRulesMatchesQueryParamsType,
} from '../../../../../imports/gateway.networking.k8s.io.ts';
import { UserError } from '../../../../kit/user-error.ts';
import { gatewayDuration, milliseconds } from '../../checks.ts';
import type { CheckedRule } from '../checks/checked-rules.ts';
import type { FlatMatch, Path } from '../checks/flat-match.ts';
import type { AnyHttpRule, Cors, Redirect, Rewrite } from '../http-rule.ts';
import type { Place } from '../place.ts';
import { backendOf } from './backend.ts';
import { backendRefs, headerFilter, mirrorFilter, parentRef } from './gateway-api-parts.ts';

type Filter = NonNullable<HttpRouteSpecRules['filters']>[number];

/** The routes as an HTTPRoute says them. @internal */
export function httpRouteSpec(scope: Construct, rules: readonly CheckedRule[], place: Place): HttpRouteSpec {
  const hosts = place.at && place.at.host !== '*' ? [place.at.host] : undefined;
  return {
    parentRefs: [parentRef(place)],
    ...(hosts ? { hostnames: hosts } : {}),
    rules: rules.map((rule) => httpRouteRule(scope, rule)),
  };
}

function httpRouteRule(scope: Construct, checked: CheckedRule): HttpRouteSpecRules {
  const { rule, forward, matches, targets, where } = checked;
  refuse(checked);
  const filters: Filter[] = [
    ...headerFilters(checked),
    ...(rule.redirect ? [redirectFilter(rule.redirect)] : []),
    ...(forward?.rewrite ? [rewriteFilter(forward.rewrite)] : []),
    ...(checked.mirror
      ? [
          {
            type: HttpRouteSpecRulesFiltersType.REQUEST_MIRROR,
            requestMirror: mirrorFilter(backendOf(scope, checked.mirror, where), forward?.mirror?.percent),
          },
        ]
      : []),
    ...(forward?.cors ? [corsFilter(forward.cors)] : []),
  ];
  return {
    ...(rule.name === undefined ? {} : { name: rule.name }),
    ...(matches.length > 0 ? { matches: matches.map(matchOf) } : {}),
    ...(filters.length > 0 ? { filters } : {}),
    ...(targets.length > 0 ? { backendRefs: backendRefs(scope, targets, where) } : {}),
    ...(forward?.timeoutSeconds === undefined
      ? {}
      : { timeouts: { request: gatewayDuration(milliseconds(forward.timeoutSeconds, `timeoutSeconds of ${where}`)) } }),
  };
}

/** Types keep these out where they know the API; at an entrance of either API, they do not. */
function refuse({ rule, forward, matches, where }: CheckedRule): void {
  const prefix = forward?.rewrite?.prefix ?? rule.redirect?.prefix;
  const texts = matches.flatMap(({ headers, query }) => [...headers, ...query]);
  const refused = [
    [forward?.fault, 'fault'],
    [forward?.retries, 'retries'],
    [rule.respond, 'respond'],
    [matches.find(({ without }) => without.length > 0), 'without'],
    [matches.find(({ from }) => from), 'from'],
    [matches.find(({ port }) => port !== undefined), 'port'],
    [texts.find(([, text]) => text.is === 'prefix'), 'a prefix of a header or query parameter (a regex can)'],
    [matches.find(({ path }) => path?.is === 'prefix'), `a prefix of the path by characters (whole parts can: 'under')`],
    [forward?.cors?.allowOrigins.find((origin) => typeof origin !== 'string'), 'an origin as a pattern (a plain one can)'],
    [matches.length > 1 ? prefix : undefined, 'a prefix to replace and several matches (each in its own rule can)'],
    [matches.length > 64 || undefined, `more than 64 matches in a rule`],
    [matches.find(({ headers, query }) => headers.length > 16 || query.length > 16), 'more than 16 headers in a match'],
  ] as const;
  const [found] = refused.filter(([given]) => given !== undefined);
  if (found)
    throw new UserError(
      `${where} has ${found[1]}, which the Gateway API (1.6, standard channel) cannot say: leave the routes to Istio`,
    );
}

function matchOf({ headers, query, path, method }: FlatMatch): NonNullable<HttpRouteSpecRules['matches']>[number] {
  return {
    ...(path ? { path: pathOf(path) } : {}),
    ...(headers.length > 0
      ? {
          headers: headers.map(([name, { is, value }]) => ({
            name,
            value,
            ...(is === 'regex' ? { type: HttpRouteSpecRulesMatchesHeadersType.REGULAR_EXPRESSION } : {}),
          })),
        }
      : {}),
    ...(query.length > 0
      ? {
          queryParams: query.map(([name, { is, value }]) => ({
            name,
            value,
            ...(is === 'regex' ? { type: HttpRouteSpecRulesMatchesQueryParamsType.REGULAR_EXPRESSION } : {}),
          })),
        }
      : {}),
    ...(method ? { method: HttpRouteSpecRulesMatchesMethod[method] } : {}),
  };
}

function pathOf({ is, value }: Path) {
  const type = {
    exact: HttpRouteSpecRulesMatchesPathType.EXACT,
    under: HttpRouteSpecRulesMatchesPathType.PATH_PREFIX,
    prefix: HttpRouteSpecRulesMatchesPathType.PATH_PREFIX,
    regex: HttpRouteSpecRulesMatchesPathType.REGULAR_EXPRESSION,
  }[is];
  if (is !== 'regex' && /\/\/|%2f/i.test(value))
    throw new UserError(
      `path ${JSON.stringify(value)} has '//' or '%2F', which the Gateway API refuses: leave the routes to Istio`,
    );
  return { type, value };
}

function headerFilters({ headers: { request, response } }: CheckedRule): Filter[] {
  return [
    ...(request
      ? [{ type: HttpRouteSpecRulesFiltersType.REQUEST_HEADER_MODIFIER, requestHeaderModifier: headerFilter(request) }]
      : []),
    ...(response
      ? [{ type: HttpRouteSpecRulesFiltersType.RESPONSE_HEADER_MODIFIER, responseHeaderModifier: headerFilter(response) }]
      : []),
  ];
}

function redirectFilter(given: NonNullable<AnyHttpRule['redirect']>): Filter {
  const { host, scheme, port, code = 301 } = given;
  const path = redirectPath(given);
  return {
    type: HttpRouteSpecRulesFiltersType.REQUEST_REDIRECT,
    requestRedirect: {
      ...(host === undefined ? {} : { hostname: host }),
      ...(path ? { path } : {}),
      ...(scheme === undefined
        ? {}
        : {
            scheme:
              scheme === 'http'
                ? HttpRouteSpecRulesFiltersRequestRedirectScheme.HTTP
                : HttpRouteSpecRulesFiltersRequestRedirectScheme.HTTPS,
          }),
      ...(port === undefined ? {} : { port }),
      statusCode: HttpRouteSpecRulesFiltersRequestRedirectStatusCode[`VALUE_${code}`],
    },
  };
}

function redirectPath({ path, prefix }: Redirect<'istio'> | Redirect<'gateway-api'>) {
  const { REPLACE_FULL_PATH, REPLACE_PREFIX_MATCH } = HttpRouteSpecRulesFiltersRequestRedirectPathType;
  if (path !== undefined) return { type: REPLACE_FULL_PATH, replaceFullPath: path };
  return prefix === undefined ? undefined : { type: REPLACE_PREFIX_MATCH, replacePrefixMatch: prefix };
}

function rewriteFilter({ host, path, prefix }: Rewrite): Filter {
  const { REPLACE_FULL_PATH, REPLACE_PREFIX_MATCH } = HttpRouteSpecRulesFiltersUrlRewritePathType;
  return {
    type: HttpRouteSpecRulesFiltersType.URL_REWRITE,
    urlRewrite: {
      ...(host === undefined ? {} : { hostname: host }),
      ...(path === undefined ? {} : { path: { type: REPLACE_FULL_PATH, replaceFullPath: path } }),
      ...(prefix === undefined ? {} : { path: { type: REPLACE_PREFIX_MATCH, replacePrefixMatch: prefix } }),
    },
  };
}

function corsFilter(cors: Cors<'istio'> | Cors<'gateway-api'>): Filter {
  const { allowOrigins, allowMethods, allowHeaders, exposeHeaders, maxAgeSeconds, allowCredentials } = cors;
  return {
    type: HttpRouteSpecRulesFiltersType.CORS,
    cors: {
      allowOrigins: allowOrigins.flatMap((origin) => (typeof origin === 'string' ? [origin] : [])),
      ...(allowMethods ? { allowMethods: allowMethods.map((one) => HttpRouteSpecRulesFiltersCorsAllowMethods[one]) } : {}),
      ...(allowHeaders ? { allowHeaders: [...allowHeaders] } : {}),
      ...(exposeHeaders ? { exposeHeaders: [...exposeHeaders] } : {}),
      ...(maxAgeSeconds === undefined ? {} : { maxAge: maxAgeSeconds }),
      ...(allowCredentials === undefined ? {} : { allowCredentials }),
    },
  };
}
