import { isObject, type Json, type JsonObject } from '../../../../constructs/kit/json.ts';
import { at, fields, items, text } from '../../../../constructs/proof/json-path.ts';
import type { EnvoyDump } from './dump.ts';
import { chainFor, filterOf } from './listener.ts';
import { type EnvoyRequest, matchesHeader, matchesString } from './match.ts';

/** A request as the proxy of a destination receives it. */
export interface Arrival {
  readonly request: EnvoyRequest;
  readonly port: number;
  /** `spiffe://...` of the sender's certificate; undefined: it came in plain text. */
  readonly principal: string | undefined;
}

/** Whether the proxy of a destination takes a connection at all, and lets the request pass; `unknown` where a rule asks for what is not read here. */
export function admits(dump: EnvoyDump, arrival: Arrival): boolean | 'unknown' | 'refused' {
  const listener = dump.listeners.get('virtualInbound');
  if (!listener) return 'unknown';
  const { port, principal } = arrival;
  const secured = principal !== undefined;
  const chain = chainFor(listener, {
    ...{ address: '0.0.0.0', port, ...(secured && { sni: 'outbound' }) },
    protocols: secured ? ['istio-peer-exchange', 'istio', 'istio-http/1.1'] : ['http/1.1'],
  });
  if (!chain) return 'refused';
  const http = filterOf(chain, 'envoy.filters.network.http_connection_manager');
  const http_filters = items(http, 'httpFilters').filter((one) => text(one, 'name')?.startsWith('envoy.filters.http.rbac'));
  const network = items(chain, 'filters').filter((one) => text(one, 'name') === 'envoy.filters.network.rbac');
  for (const filter of http ? http_filters : network) {
    const passes = passesRules(fields(filter, 'typedConfig', 'rules'), at(filter, 'typedConfig', 'rules') !== undefined, arrival);
    if (passes !== true) return passes;
  }
  return true;
}

function passesRules(rules: JsonObject, enforced: boolean, arrival: Arrival): boolean | 'unknown' {
  // Only shadow rules: a dry run.
  if (!enforced) return true;
  const verdicts = Object.values(fields(rules, 'policies')).map((policy) =>
    and([
      or(items(policy, 'permissions').map((one) => permits(fields(one), arrival))),
      or(items(policy, 'principals').map((one) => isPrincipal(fields(one), arrival))),
    ]),
  );
  const matched = or(verdicts);
  return rules.action === 'DENY' ? not(matched) : matched;
}

type Verdict = boolean | 'unknown';

function and(all: readonly Verdict[]): Verdict {
  return all.includes(false) ? false : all.includes('unknown') ? 'unknown' : true;
}

function or(all: readonly Verdict[]): Verdict {
  return all.includes(true) ? true : all.includes('unknown') ? 'unknown' : false;
}

function not(one: Verdict): Verdict {
  return one === 'unknown' ? one : !one;
}

/** rbac.v3.Permission. */
function permits(rule: JsonObject, arrival: Arrival): Verdict {
  const each = (list: Json | undefined) => items(list, 'rules').map((one) => permits(fields(one), arrival));
  if (rule.any === true) return true;
  if (isObject(rule.andRules)) return and(each(rule.andRules));
  if (isObject(rule.orRules)) return or(each(rule.orRules));
  if (isObject(rule.notRule)) return not(permits(rule.notRule, arrival));
  if (isObject(rule.header)) return matchesHeader(rule.header, arrival.request);
  if (isObject(rule.urlPath)) return matchesPath(rule.urlPath, arrival);
  if (typeof rule.destinationPort === 'number') return rule.destinationPort === arrival.port;
  if (isObject(rule.uriTemplate)) return matchesTemplate(text(rule.uriTemplate, 'typedConfig', 'pathTemplate') ?? '', arrival);
  return 'unknown';
}

/** rbac.v3.Principal. */
function isPrincipal(id: JsonObject, arrival: Arrival): Verdict {
  const each = (list: Json | undefined) => items(list, 'ids').map((one) => isPrincipal(fields(one), arrival));
  if (id.any === true) return true;
  if (isObject(id.andIds)) return and(each(id.andIds));
  if (isObject(id.orIds)) return or(each(id.orIds));
  if (isObject(id.notId)) return not(isPrincipal(id.notId, arrival));
  if (isObject(id.header)) return matchesHeader(id.header, arrival.request);
  if (isObject(id.urlPath)) return matchesPath(id.urlPath, arrival);
  if (isObject(id.authenticated)) {
    const { principal } = arrival;
    if (principal === undefined) return false;
    return !isObject(id.authenticated.principalName) || matchesString(id.authenticated.principalName, principal);
  }
  if (isObject(id.filterState)) {
    const { principal } = arrival;
    const wanted = fields(id.filterState, 'stringMatch');
    return text(id.filterState, 'key') === 'io.istio.peer_principal'
      ? principal !== undefined && matchesString(wanted, principal)
      : 'unknown';
  }
  return 'unknown';
}

function matchesPath(matcher: JsonObject, { request }: Arrival): boolean {
  return matchesString(fields(matcher, 'path'), request.path);
}

/** Istio's `{*}` is one segment, `{**}` any number of them. */
function matchesTemplate(template: string, { request }: Arrival): boolean {
  const pattern = template
    .split(/(\{\*\*\}|\{\*\}|\*\*|\*)/)
    .map((part) =>
      part === '{**}' || part === '**'
        ? '.*'
        : part === '{*}' || part === '*'
          ? '[^/]+'
          : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'),
    )
    .join('');
  return new RegExp(`^${pattern}$`).test(request.path);
}
