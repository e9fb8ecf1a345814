import type { Json, JsonObject } from '../../../kit/json.ts';
import { at, fields, items, number, strings, text } from '../../json-path.ts';
import type { Explanation } from '../types.ts';
import { type Candidate, type HttpRequest, matchedPart, pathOf } from './match.ts';
import { replaceMatches } from './regex.ts';

/** Istio's own retries (pilot/pkg/networking/core/route/retry, Istio 1.30). */
const RETRY_ON = 'connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes';

/** A duration of Istio (`1.5s`, `200ms`, `1h30m`) in seconds; undefined for none and for what is no duration. */
export function seconds(duration: Json | undefined): number | undefined {
  if (typeof duration !== 'string') return undefined;
  let millis = 0;
  let rest = duration;
  while (rest !== '') {
    const part = /^(\d+(?:\.\d+)?)(ms|us|µs|ns|h|m|s)/.exec(rest);
    if (!part) return undefined;
    millis += Number(part[1]) * (UNITS.get(part[2] ?? '') ?? 0);
    rest = rest.slice(part[0].length);
  }
  return millis / 1000;
}

const UNITS = new Map(Object.entries({ h: 3_600_000, m: 60_000, s: 1000, ms: 1, us: 0.001, µs: 0.001, ns: 0.000001 }));

/** How often a failed request is tried again: as the rule says, else the mesh config (`defaultHttpRetryPolicy`), else Istio itself. */
export function retriesOf(stated: Json | undefined, mesh: Json | undefined): Explanation['retries'] {
  const policy = stated ?? mesh;
  if (policy === undefined) return { attempts: 2, perTryTimeout: null, retryOn: RETRY_ON };
  const attempts = number(policy, 'attempts') ?? 0;
  if (attempts <= 0) return null;
  const on = text(policy, 'retryOn');
  return {
    attempts,
    perTryTimeout: seconds(at(policy, 'perTryTimeout')) ?? null,
    retryOn: on === undefined ? RETRY_ON : retryOn(on),
  };
}

/** As Envoy gets it, with the status codes, which Istio tells it apart, at the end. */
function retryOn(stated: string): string {
  const parts = stated
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const codes = parts.filter((part) => /^[1-5]\d\d$/.test(part));
  const conditions = parts.filter((part) => !codes.includes(part));
  if (codes.length > 0 && !conditions.includes('retriable-status-codes')) conditions.push('retriable-status-codes');
  return [...conditions, ...codes].join(',');
}

/** Null for a time of 0: no limit. */
export function timeoutOf(rule: JsonObject): number | null {
  return seconds(rule.timeout) || null;
}

/** What a rule breaks on purpose; a share that is not stated is 0, as Envoy takes it. */
export function faultOf(rule: JsonObject): Explanation['fault'] {
  const share = (json: Json | undefined) => number(json, 'percentage', 'value') ?? fraction(json) ?? number(json, 'percent') ?? 0;
  const delay = at(rule, 'fault', 'delay');
  const abort = at(rule, 'fault', 'abort');
  const after = seconds(at(delay, 'fixedDelay'));
  const status = number(abort, 'httpStatus') ?? text(abort, 'grpcStatus');
  if (after === undefined && status === undefined) return null;
  return {
    delay: after === undefined ? null : { percent: share(delay), seconds: after },
    abort: status === undefined ? null : { percent: at(abort, 'percentage') === undefined ? 0 : share(abort), status },
  };
}

/** `number` reads whole numbers out of strings; a share may be 0.5. */
function fraction(json: Json | undefined): number | undefined {
  const value = Number(text(json, 'percentage', 'value'));
  return Number.isFinite(value) && value > 0 ? value : undefined;
}

/** What a rule changes of the request's headers, and the host that it sets by one. */
export function headersOf(rule: JsonObject): { readonly headers: Explanation['headers']; readonly host: string | undefined } {
  const legs = items(rule, 'route');
  const sources = [at(rule, 'headers', 'request'), ...(legs.length === 1 ? [at(legs[0], 'headers', 'request')] : [])];
  const set: Record<string, string> = {};
  const add: Record<string, string> = {};
  const remove: string[] = [];
  let host: string | undefined;
  for (const source of sources) {
    const named = hostIn(strings(source, 'set')) ?? hostIn(strings(source, 'add'));
    host ??= named;
    for (const [key, value] of strings(source, 'set')) if (!isInternal(key)) set[key] = value;
    for (const [key, value] of strings(source, 'add')) if (!isInternal(key)) add[key] = value;
    for (const key of items(source, 'remove')) if (typeof key === 'string' && !isInternal(key)) remove.push(key);
  }
  const none = Object.keys(set).length + Object.keys(add).length + remove.length === 0;
  return { headers: none ? null : { set, add, remove }, host };
}

function hostIn(headers: ReadonlyMap<string, string>): string | undefined {
  for (const [key, value] of headers) if (/^(:authority|host)$/i.test(key)) return value;
  return undefined;
}

function isInternal(key: string): boolean {
  return key.startsWith(':') || key.toLowerCase() === 'host';
}

/** The path and host that arrive, where the rule changes them. */
export function rewriteOf({ rule, match, table }: Candidate, request: HttpRequest): Explanation['rewrite'] {
  const rewrite = at(rule.spec, 'rewrite');
  const host = text(rewrite, 'authority') ?? headersOf(rule.spec).host ?? null;
  const path = pathOf(request.path);
  const query = request.path.slice(path.length);
  const regex = at(rewrite, 'uriRegexRewrite');
  const uri = text(rewrite, 'uri');
  let to: string | null = null;
  if (regex !== undefined) to = replaceMatches(text(regex, 'match') ?? '', text(regex, 'rewrite') ?? '', path) + query;
  else if (uri !== undefined) {
    const part = matchedPart(match, path, table);
    if (table.semantics === 'gateway-api' && uri === '/') {
      // To replace a prefix by nothing leaves one slash.
      const rest = part === '/' ? path : path.slice(part.length);
      to = `/${rest.replace(/^\//, '')}${query}`;
    } else to = uri + path.slice(part.length) + query;
  }
  return to === null && host === null ? null : { path: to, host };
}

/** The answer of a redirect, as Envoy makes it of the request. Undefined for a status that is none (301, 302, 303, 307, 308). */
export function redirectOf(candidate: Candidate, request: HttpRequest, port: number): Explanation['redirect'] | undefined {
  const { rule, match, table } = candidate;
  const redirect = fields(rule.spec, 'redirect');
  const status = number(redirect, 'redirectCode') ?? 301;
  if (![0, 301, 302, 303, 307, 308].includes(status)) return undefined;
  const scheme = text(redirect, 'scheme') ?? request.scheme;
  const stated = text(redirect, 'derivePort') === 'FROM_REQUEST_PORT' ? port : (number(redirect, 'port') ?? 0);
  const usual = scheme === 'https' ? 443 : 80;
  const said = text(redirect, 'scheme') ?? request.scheme;
  const newPort = stated === usual && said === scheme ? 0 : stated;
  const host = text(redirect, 'authority') ?? hostFor(request, scheme, newPort > 0);
  const path = pathOf(request.path);
  const query = request.path.slice(path.length);
  const prefix = text(redirect, 'prefixRewrite');
  const uri = text(redirect, 'uri');
  const to =
    prefix !== undefined
      ? prefix + path.slice(matchedPart(match, path, table).length) + query
      : uri !== undefined
        ? uri.includes('?')
          ? uri
          : uri + query
        : request.path;
  return { status: status === 0 ? 301 : status, location: `${scheme}://${host}${newPort > 0 ? `:${newPort}` : ''}${to}` };
}

/** The redirect of a server with `httpsRedirect`. */
export function httpsRedirect(request: HttpRequest): NonNullable<Explanation['redirect']> {
  return { status: 301, location: `https://${hostFor(request, 'https', false)}${request.path}` };
}

/** The request's own host; its port goes where another is set, and where it is the usual one of a scheme that changes. */
function hostFor({ authority, scheme: asked }: HttpRequest, scheme: string, newPort: boolean): string {
  const port = /:(\d+)$/.exec(authority)?.[1];
  if (port === undefined) return authority;
  const usual = asked === 'https' ? '443' : '80';
  const gone = newPort || (scheme !== asked && port === usual);
  return gone ? authority.slice(0, -port.length - 1) : authority;
}

/** What the proxy answers by itself. */
export function directOf(rule: JsonObject): Explanation['direct'] {
  const direct = at(rule, 'directResponse');
  const bytes = text(direct, 'body', 'bytes');
  const body = text(direct, 'body', 'string') ?? (bytes === undefined ? null : Buffer.from(bytes, 'base64').toString());
  return { status: number(direct, 'status') ?? 200, body };
}
