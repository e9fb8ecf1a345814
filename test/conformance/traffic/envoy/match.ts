import { RE2JS } from 're2js';
import { isObject, type JsonObject } from '../../../../constructs/kit/json.ts';
import { at, fields, items, text } from '../../../../constructs/proof/json-path.ts';

/** A request as Envoy's router sees it. */
export interface EnvoyRequest {
  /** Without port. */
  readonly authority: string;
  /** The Host header: with the port where it is not the scheme's own. */
  readonly host: string;
  readonly method: string;
  /** Without query. */
  readonly path: string;
  /** Without '?'; empty when there is none. */
  readonly query: string;
  readonly scheme: 'http' | 'https';
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Whether an Envoy StringMatcher takes a value. */
export function matchesString(matcher: JsonObject, value: string): boolean {
  const fold = (one: string) => (matcher.ignoreCase === true ? one.toLowerCase() : one);
  const { exact, prefix, suffix, contains } = matcher;
  if (typeof exact === 'string') return fold(value) === fold(exact);
  if (typeof prefix === 'string') return fold(value).startsWith(fold(prefix));
  if (typeof suffix === 'string') return fold(value).endsWith(fold(suffix));
  if (typeof contains === 'string') return fold(value).includes(fold(contains));
  if (isObject(matcher.safeRegex)) return matchesRegex(matcher.safeRegex, value);
  // An exact match of nothing is left out of the JSON.
  return value === '';
}

/** Envoy's regexes match the whole. */
function matchesRegex(regex: JsonObject, value: string): boolean {
  return RE2JS.compile(text(regex, 'regex') ?? '').matches(value);
}

/** Whether a header is as an Envoy HeaderMatcher wants it (route.v3.HeaderMatcher: a missing header matches nothing, inverted or not). */
export function matchesHeader(matcher: JsonObject, request: EnvoyRequest): boolean {
  const value = headerOf(request, text(matcher, 'name') ?? '');
  const inverted = matcher.invertMatch === true;
  if (typeof matcher.presentMatch === 'boolean') return ((value !== undefined) === matcher.presentMatch) !== inverted;
  if (value === undefined && matcher.treatMissingHeaderAsEmpty !== true) return false;
  if (matcher.rangeMatch !== undefined) throw new Error('range_match of a header is not read');
  const wanted = isObject(matcher.stringMatch) ? matcher.stringMatch : undefined;
  // No kind of match at all means presence.
  if (!wanted) return (value !== undefined) !== inverted;
  return matchesString(wanted, value ?? '') !== inverted;
}

function headerOf(request: EnvoyRequest, name: string): string | undefined {
  const { method, path, query, scheme, headers } = request;
  const pseudo: Record<string, string> = {
    ':authority': request.host,
    ':method': method,
    ':path': query === '' ? path : `${path}?${query}`,
    ':scheme': scheme,
    host: request.host,
  };
  return pseudo[name.toLowerCase()] ?? headers[name.toLowerCase()];
}

/** Values are compared as they are written, not decoded; of several of one name the first counts. */
function matchesQuery(matcher: JsonObject, { query }: EnvoyRequest): boolean {
  const name = text(matcher, 'name') ?? '';
  const found = query.split('&').find((pair) => pair.split('=')[0] === name);
  if (found === undefined) return matcher.presentMatch === false;
  const value = found.slice(name.length + 1);
  return isObject(matcher.stringMatch) ? matchesString(matcher.stringMatch, value) : matcher.presentMatch !== false;
}

/** Whether a route of a virtual host takes the request (route.v3.RouteMatch). */
export function matchesRoute(match: JsonObject, request: EnvoyRequest): boolean {
  const fold = (one: string) => (match.caseSensitive === false ? one.toLowerCase() : one);
  const path = fold(request.path);
  const { prefix, pathSeparatedPrefix } = match;
  if (typeof match.path === 'string' && path !== fold(match.path)) return false;
  if (typeof prefix === 'string' && !path.startsWith(fold(prefix))) return false;
  if (typeof pathSeparatedPrefix === 'string') {
    const wanted = fold(pathSeparatedPrefix);
    if (path !== wanted && !path.startsWith(`${wanted}/`)) return false;
  }
  if (isObject(match.safeRegex) && !matchesRegex(match.safeRegex, request.path)) return false;
  for (const unread of ['connectMatcher', 'pathMatchPolicy', 'dynamicMetadata', 'tlsContext', 'runtimeFraction'])
    if (unread in match) throw new Error(`${unread} of a route is not read`);
  if ('grpc' in match && !request.headers['content-type']?.startsWith('application/grpc')) return false;
  return (
    items(match, 'headers').every((one) => matchesHeader(fields(one), request)) &&
    items(match, 'queryParameters').every((one) => matchesQuery(fields(one), request))
  );
}

/** The virtual host for a name: exact, then the longest `*.suffix`, then the longest `prefix.*`, then `*` (route.v3.VirtualHost, domains). */
export function virtualHostFor(routes: JsonObject, host: string): JsonObject | undefined {
  const wanted = host.toLowerCase();
  let best: { readonly rank: number; readonly virtualHost: JsonObject } | undefined;
  for (const one of items(routes, 'virtualHosts'))
    for (const domain of items(one, 'domains')) {
      const rank = domainRank(String(domain).toLowerCase(), wanted);
      if (rank > (best?.rank ?? 0)) best = { rank, virtualHost: fields(one) };
    }
  return best?.virtualHost;
}

function domainRank(domain: string, host: string): number {
  if (domain === host) return 1_000_000;
  if (domain === '*') return 1;
  // The star stands for at least one character.
  if (domain.startsWith('*') && host.length >= domain.length && host.endsWith(domain.slice(1))) return 10_000 + domain.length;
  if (domain.endsWith('*') && host.length >= domain.length && host.startsWith(domain.slice(0, -1))) return 100 + domain.length;
  return 0;
}

/** The path after Envoy's rewrite of it, without query; undefined when the action leaves it. */
export function rewrittenPath(action: JsonObject, match: JsonObject, path: string): string | undefined {
  const { prefixRewrite, pathRedirect } = action;
  if (typeof pathRedirect === 'string' && pathRedirect !== '') return pathRedirect;
  if (typeof prefixRewrite === 'string' && prefixRewrite !== '') {
    const prefix = match.prefix ?? match.pathSeparatedPrefix;
    return prefixRewrite + (typeof prefix === 'string' ? path.slice(prefix.length) : '');
  }
  const { regexRewrite } = action;
  if (!isObject(regexRewrite)) return undefined;
  const pattern = RE2JS.compile(text(regexRewrite, 'pattern', 'regex') ?? '');
  // Envoy writes groups as \1, re2js as $1.
  const substitution = String(at(regexRewrite, 'substitution') ?? '')
    .replaceAll('$', '\\$')
    .replaceAll(/\\(\d)/g, '$$$1');
  return pattern.matcher(path).replaceAll(substitution);
}
