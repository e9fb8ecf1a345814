import type { Json, JsonObject } from '../../../kit/json.ts';
import { at, fields, items, number, strings, text } from '../../json-path.ts';
import type { HttpRule, RouteTable } from '../routes/route-table.ts';
import { matchesWhole } from './regex.ts';

/** One request, as a proxy sees it. */
export interface HttpRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  /** The `Host` header: with the port where it is not the usual one. */
  readonly authority: string;
  readonly scheme: 'http' | 'https';
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
}

/** Who asks for rules: what istiod knows of a proxy and its listener when it writes them down. */
export interface RuleReader {
  readonly port: number;
  /** `mesh`, or the gateway that the rules are written for. */
  readonly gateway: string;
  readonly namespace: string;
  readonly labels: ReadonlyMap<string, string>;
}

/** One rule under one of its conditions: a route of Envoy. */
export interface Candidate {
  readonly rule: HttpRule;
  readonly table: RouteTable;
  /** Undefined for a rule without condition. */
  readonly match: JsonObject | undefined;
  /** It takes every request of its virtual host. */
  readonly catchAll: boolean;
}

/**
 * The rules of a table that a proxy gets, in order: those whose port, gateway and source fit it, up to the first that takes everything
 * (pilot/pkg/networking/core/route, Istio 1.30). None, and the table is not there for the proxy.
 */
export function candidates(table: RouteTable, reader: RuleReader): Candidate[] {
  const found: Candidate[] = [];
  for (const rule of table.http()) {
    const matches = items(rule.spec, 'match');
    if (matches.length === 0) {
      found.push({ rule, table, match: undefined, catchAll: true });
      return found;
    }
    for (const one of matches) {
      const match = fields(one);
      if (!isFor(match, reader)) continue;
      const catchAll = takesAll(match);
      found.push({ rule, table, match, catchAll });
      if (catchAll) return found;
    }
  }
  return found;
}

function isFor(match: JsonObject, { port, gateway, namespace, labels }: RuleReader): boolean {
  const wanted = number(match, 'port') ?? 0;
  if (wanted !== 0 && wanted !== port) return false;
  const gateways = items(match, 'gateways');
  // Where it names gateways, what it says of sources is passed over.
  if (gateways.length > 0) return gateways.includes(gateway);
  for (const [key, value] of strings(match, 'sourceLabels')) if (labels.get(key) !== value) return false;
  const from = text(match, 'sourceNamespace');
  return from === undefined || from === namespace;
}

function takesAll(match: JsonObject): boolean {
  const uri = at(match, 'uri');
  const all = uri === undefined || isEmpty(uri) || at(uri, 'prefix') === '/' || at(uri, 'regex') === '.*';
  const others = ['method', 'authority', 'scheme'].every((key) => at(match, key) === undefined);
  return (
    all && others && ['headers', 'withoutHeaders', 'queryParams'].every((key) => Object.keys(fields(match, key)).length === 0)
  );
}

/** Why a request does not meet a condition, as a short phrase; undefined when it does. */
export function mismatch(match: JsonObject | undefined, request: HttpRequest, table: RouteTable): string | undefined {
  if (match === undefined) return undefined;
  const path = pathOf(request.path);
  const uri = at(match, 'uri');
  if (uri !== undefined && !isEmpty(uri) && !uriMatches(uri, path, match.ignoreUriCase === true, table))
    return `the path ${path} is not ${wish(uri)}`;
  for (const [key, value] of [
    ['method', request.method],
    ['authority', request.authority],
    ['scheme', request.scheme],
  ] as const) {
    const want = at(match, key);
    if (want !== undefined && !meets(want, value)) return `the ${key} ${value} is not ${wish(want)}`;
  }
  for (const [name, want] of Object.entries(fields(match, 'headers'))) {
    const value = headerOf(request, name);
    if (!meets(want, value)) return value === undefined ? `there is no header ${name}` : `header ${name} is not ${wish(want)}`;
  }
  for (const [name, want] of Object.entries(fields(match, 'withoutHeaders'))) {
    const value = headerOf(request, name);
    // An absent header counts as an empty one, unless it is only asked whether there is one.
    if (meets(want, isPresence(want) ? value : (value ?? ''))) return `header ${name} is ${wish(want)}`;
  }
  const query = queryOf(request.path);
  for (const [name, want] of Object.entries(fields(match, 'queryParams'))) {
    const value = query.get(name);
    if (!meets(want, value)) return value === undefined ? `there is no query ${name}` : `query ${name} is not ${wish(want)}`;
  }
  return undefined;
}

/** What part of a path a condition takes: what a rewrite stands in for. */
export function matchedPart(match: JsonObject | undefined, path: string, table: RouteTable): string {
  const uri = at(match, 'uri');
  if (uri === undefined || isEmpty(uri)) return '/';
  const prefix = at(uri, 'prefix');
  return typeof prefix === 'string' ? prefixOf(prefix, table).text : path;
}

/** A path without its query. */
export function pathOf(path: string): string {
  return path.split(/[?#]/, 1)[0] ?? path;
}

function uriMatches(uri: Json, path: string, ignoreCase: boolean, table: RouteTable): boolean {
  const fold = (value: string) => (ignoreCase ? value.toLowerCase() : value);
  const exact = at(uri, 'exact');
  if (typeof exact === 'string') return fold(path) === fold(exact);
  const regex = at(uri, 'regex');
  if (typeof regex === 'string') return matchesWhole(regex, path);
  const prefix = at(uri, 'prefix');
  if (typeof prefix !== 'string') return true;
  const { text: start, bySegment } = prefixOf(prefix, table);
  if (!fold(path).startsWith(fold(start))) return false;
  return !bySegment || path.length === start.length || path[start.length] === '/';
}

/** A prefix of an HTTPRoute or an Ingress means whole segments, that of a VirtualService characters. */
function prefixOf(prefix: string, { semantics }: RouteTable): { readonly text: string; readonly bySegment: boolean } {
  return semantics === 'istio' || prefix === '/'
    ? { text: prefix, bySegment: false }
    : { text: prefix.replace(/\/$/, ''), bySegment: true };
}

function isEmpty(want: Json): boolean {
  return ['exact', 'prefix', 'regex'].every((key) => typeof at(want, key) !== 'string');
}

/** `{}`, and Istio's `regex: "*"`, ask only whether something is there. */
function isPresence(want: Json): boolean {
  return isEmpty(want) || at(want, 'regex') === '*';
}

function meets(want: Json, value: string | undefined): boolean {
  if (value === undefined) return false;
  if (isPresence(want)) return true;
  const [exact, prefix, regex] = [at(want, 'exact'), at(want, 'prefix'), at(want, 'regex')];
  if (typeof exact === 'string') return value === exact;
  if (typeof prefix === 'string') return value.startsWith(prefix);
  return typeof regex === 'string' && matchesWhole(regex, value);
}

function headerOf(request: HttpRequest, name: string): string | undefined {
  switch (name.toLowerCase()) {
    case ':method':
      return request.method;
    case ':path':
      return request.path;
    case ':scheme':
      return request.scheme;
    case ':authority':
    case 'host':
      return request.authority;
    default:
      return request.headers.get(name.toLowerCase());
  }
}

/** The first value of each parameter, as it is written: Envoy decodes none. */
function queryOf(path: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const start = path.indexOf('?');
  if (start < 0) return found;
  for (const pair of (path.slice(start + 1).split('#', 1)[0] ?? '').split('&')) {
    const [name = '', ...value] = pair.split('=');
    if (name !== '' && !found.has(name)) found.set(name, value.join('='));
  }
  return found;
}

function wish(want: Json): string {
  if (isPresence(want)) return 'there';
  const exact = at(want, 'exact');
  if (typeof exact === 'string') return `"${exact}"`;
  const prefix = at(want, 'prefix');
  return typeof prefix === 'string' ? `at "${prefix}" or below` : `like ${String(at(want, 'regex'))}`;
}
