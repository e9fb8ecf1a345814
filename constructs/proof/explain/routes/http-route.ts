import { isObject, type Json, type JsonObject } from '../../../kit/json.ts';
import { at, items, number, text } from '../../json-path.ts';
import type { ProofObject } from '../../types.ts';
import { type BackendReader, destinationOf, weightedRoute } from './backend-refs.ts';
import type { HttpRule } from './route-table.ts';

/**
 * The rules of an HTTPRoute or GRPCRoute as those of a VirtualService, one for each of their matches (pilot/pkg/config/kube/gateway,
 * Istio 1.30). None for a route with a part that istiod cannot read: it then leaves out all of it.
 */
export function routeRules(object: ProofObject, backends: BackendReader): HttpRule[] {
  const rules: HttpRule[] = [];
  for (const [i, rule] of items(object.json, 'spec', 'rules').entries()) {
    const stated = items(rule, 'matches');
    // The API server gives an HTTPRoute without matches one for every path.
    const matches = stated.length > 0 ? stated : object.kind === 'HTTPRoute' ? [{}] : [undefined];
    for (const match of matches) {
      const faults: string[] = [];
      const spec = ruleSpec(object, rule, match, { ...backends, faults });
      if (!spec) return [];
      rules.push({ spec, object, name: text(rule, 'name') ?? `rules[${i}]`, faults });
    }
  }
  return rules;
}

function ruleSpec(object: ProofObject, rule: Json, match: Json | undefined, backends: BackendReader): JsonObject | undefined {
  const spec: { [key: string]: Json } = {};
  if (match !== undefined) spec.match = [object.kind === 'GRPCRoute' ? grpcMatch(match) : httpMatch(match)];
  const mirrors: Json[] = [];
  for (const filter of items(rule, 'filters')) {
    switch (text(filter, 'type')) {
      case 'RequestHeaderModifier':
        spec.headers = { request: headerChanges(at(filter, 'requestHeaderModifier')) };
        break;
      case 'RequestRedirect':
        spec.redirect = redirect(at(filter, 'requestRedirect'));
        break;
      case 'RequestMirror': {
        const mirror = mirrorOf(at(filter, 'requestMirror'), backends);
        if (mirror) mirrors.push(mirror);
        break;
      }
      case 'URLRewrite': {
        const rewritten = rewrite(at(filter, 'urlRewrite'));
        if (rewritten) spec.rewrite = rewritten;
        break;
      }
      case 'ResponseHeaderModifier':
      case 'CORS':
        break;
      default:
        return undefined;
    }
  }
  if (mirrors.length > 0) spec.mirrors = mirrors;
  addTimes(spec, rule);
  const route = weightedRoute(items(rule, 'backendRefs'), backends, headerChanges);
  if (route === 'invalid') return undefined;
  if (route.total === 0 && spec.redirect === undefined) spec.directResponse = { status: 500 };
  else spec.route = route.legs;
  return spec;
}

function addTimes(spec: { [key: string]: Json }, rule: Json): void {
  const retry = at(rule, 'retry');
  const codes = items(retry, 'codes').flatMap((code) => (typeof code === 'number' ? [`${code}`] : []));
  const isTime = (value: string | undefined): value is string => value !== undefined && /[1-9]/.test(value);
  const request = text(rule, 'timeouts', 'request');
  const backend = text(rule, 'timeouts', 'backendRequest');
  if (isTime(request)) spec.timeout = request;
  if (retry !== undefined) {
    const retryOn = ['connect-failure', 'refused-stream', 'unavailable', 'cancelled', ...codes].join(',');
    spec.retries = {
      attempts: number(retry, 'attempts') ?? 2,
      retryOn,
      ...(isTime(backend) ? { perTryTimeout: backend } : {}),
    };
  } else if (isTime(backend)) spec.timeout = backend;
}

function httpMatch(match: Json): JsonObject {
  const type = text(match, 'path', 'type') ?? 'PathPrefix';
  const value = text(match, 'path', 'value') ?? '/';
  const uri: JsonObject =
    type === 'Exact'
      ? { exact: value }
      : type === 'RegularExpression'
        ? { regex: value }
        : { prefix: value === '/' ? value : value.replace(/\/$/, '') };
  const method = text(match, 'method');
  return {
    uri,
    ...valuesOf('headers', items(match, 'headers')),
    ...valuesOf('queryParams', items(match, 'queryParams')),
    ...(method === undefined ? {} : { method: { exact: method } }),
  };
}

function grpcMatch(match: Json): JsonObject {
  const service = text(match, 'method', 'service');
  const method = text(match, 'method', 'method');
  const regex = text(match, 'method', 'type') === 'RegularExpression';
  const headers = valuesOf('headers', items(match, 'headers'));
  if (service === undefined && method === undefined) return headers;
  if (method === undefined) return { uri: regex ? { regex: `/${service}/.+` } : { prefix: `/${service}/` }, ...headers };
  if (service === undefined) return { uri: { regex: `/[^/]+/${method}` }, ...headers };
  const path = `/${service}/${method}`;
  return { uri: regex ? { regex: path } : { exact: path }, ...headers };
}

/** Conditions by name; of two of one name the later stands, as in istiod. */
function valuesOf(key: string, list: readonly Json[]): JsonObject {
  const values = list.flatMap((one) => {
    const name = text(one, 'name');
    const value = at(one, 'value');
    if (name === undefined || typeof value !== 'string') return [];
    return [[name, text(one, 'type') === 'RegularExpression' ? { regex: value } : { exact: value }] as const];
  });
  return values.length === 0 ? {} : { [key]: Object.fromEntries(values) };
}

function headerChanges(json: Json | undefined): JsonObject {
  const byName = (list: readonly Json[]) => {
    const found: { [name: string]: Json } = {};
    for (const one of list) {
      const name = text(one, 'name')?.toLowerCase();
      if (name !== undefined && found[name] === undefined) found[name] = text(one, 'value') ?? '';
    }
    return found;
  };
  return { set: byName(items(json, 'set')), add: byName(items(json, 'add')), remove: items(json, 'remove') };
}

function redirect(json: Json | undefined): JsonObject {
  const scheme = text(json, 'scheme');
  const port = number(json, 'port');
  const authority = text(json, 'hostname');
  const type = text(json, 'path', 'type');
  return {
    redirectCode: number(json, 'statusCode') ?? 302,
    ...(authority === undefined ? {} : { authority }),
    ...(scheme === undefined ? {} : { scheme }),
    ...(port !== undefined ? { port } : scheme === undefined ? { derivePort: 'FROM_REQUEST_PORT' } : {}),
    ...(type === 'ReplaceFullPath' ? { uri: text(json, 'path', 'replaceFullPath') ?? '' } : {}),
    ...(type === 'ReplacePrefixMatch' ? { prefixRewrite: text(json, 'path', 'replacePrefixMatch') ?? '' } : {}),
  };
}

function rewrite(json: Json | undefined): JsonObject | undefined {
  const authority = text(json, 'hostname');
  const type = text(json, 'path', 'type');
  const prefix = text(json, 'path', 'replacePrefixMatch') ?? '';
  const changes: JsonObject = {
    ...(type === 'ReplacePrefixMatch' ? { uri: prefix.replace(/\/$/, '') || '/' } : {}),
    ...(type === 'ReplaceFullPath'
      ? { uriRegexRewrite: { match: '/.*', rewrite: text(json, 'path', 'replaceFullPath') ?? '' } }
      : {}),
    ...(authority === undefined ? {} : { authority }),
  };
  return Object.keys(changes).length === 0 ? undefined : changes;
}

/** A mirror to a backend that is not there, or not allowed, is left out. */
function mirrorOf(json: Json | undefined, backends: BackendReader): JsonObject | undefined {
  const ref = at(json, 'backendRef');
  const found = ref === undefined ? 'invalid' : destinationOf(ref, { ...backends, faults: [] });
  if (found === 'invalid' || found.fault !== undefined) return undefined;
  const part = number(json, 'fraction', 'numerator');
  const value = part === undefined ? number(json, 'percent') : (100 * part) / (number(json, 'fraction', 'denominator') ?? 100);
  return { destination: found.destination, ...(value === undefined ? {} : { percentage: { value } }) };
}

/** The order in which istiod puts rules: exact paths, then the longest prefix, then a method, then more headers, then more queries. */
export function byPrecedence(a: HttpRule, b: HttpRule): number {
  const [one] = items(a.spec, 'match');
  const [other] = items(b.spec, 'match');
  if (one === undefined || other === undefined) return Number(one === undefined) - Number(other === undefined);
  const count = (json: Json, key: string) => {
    const found = at(json, key);
    return isObject(found) ? Object.keys(found).length : 0;
  };
  return (
    rank(other) - rank(one) ||
    length(other) - length(one) ||
    Number(at(other, 'method') !== undefined) - Number(at(one, 'method') !== undefined) ||
    count(other, 'headers') - count(one, 'headers') ||
    count(other, 'queryParams') - count(one, 'queryParams')
  );
}

function rank(match: Json): number {
  const place = ['regex', 'prefix', 'exact'].findIndex((key) => at(match, 'uri', key) !== undefined);
  return place < 0 ? -1 : place + 1;
}

function length(match: Json): number {
  return (text(match, 'uri', 'exact') ?? text(match, 'uri', 'prefix') ?? text(match, 'uri', 'regex') ?? '').length;
}
