import { isObject, type Json, type JsonObject } from '../../../kit/json.ts';
import { remember } from '../../../kit/remember.ts';
import { at, items, text } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import { exportedTo } from '../../model/reach/visibility.ts';
import type { ProofObject } from '../../types.ts';
import { fullName } from '../registry/hosts.ts';
import { ageOf } from '../registry/registry.ts';
import { mergeRule } from './delegates.ts';
import type { HttpRule, RouteTable } from './route-table.ts';

/** Reads the VirtualServices that have hosts; those without are delegates of others. */
export function virtualServices(model: Model): RouteTable[] {
  const setting = model.meshConfigs.map((mesh) => at(mesh.value, 'defaultVirtualServiceExportTo')).find(Array.isArray);
  const usual = listed(setting);
  const all = model.kind('VirtualService').filter((object) => object.group === 'networking.istio.io');
  const delegates = new Map<string, ProofObject>();
  for (const object of all)
    if (items(object.json, 'spec', 'hosts').length === 0) delegates.set(`${object.namespace}/${object.name}`, object);
  const exportOf = (object: ProofObject) => {
    const stated = listed(at(object.json, 'spec', 'exportTo'));
    return exportedTo(stated.length > 0 ? stated : usual, object.namespace);
  };
  const http = remember((object: ProofObject) => rulesOf(object, (key) => delegates.get(key), exportOf));
  return all
    .filter((object) => items(object.json, 'spec', 'hosts').length > 0)
    .map((object) => ({
      object,
      name: object.name,
      namespace: object.namespace,
      age: ageOf(object),
      semantics: 'istio',
      hosts: listed(at(object.json, 'spec', 'hosts')).map((host) => fullName(host, object.namespace)),
      gateways: gatewaysOf(object.json, 'spec', 'gateways').map((one) => gatewayName(one, object.namespace)),
      exportTo: exportOf(object),
      http: () => http(object),
      tls: () => items(object.json, 'spec', 'tls').map((rule) => inFull(rule, object.namespace)),
      tcp: () => items(object.json, 'spec', 'tcp').map((rule) => inFull(rule, object.namespace)),
    }));
}

function listed(json: Json | undefined): string[] {
  return Array.isArray(json) ? json.flatMap((one) => (typeof one === 'string' ? [one] : [])) : [];
}

function gatewaysOf(json: Json, ...path: string[]): string[] {
  const stated = listed(at(json, ...path));
  return stated.length === 0 ? ['mesh'] : stated;
}

/** A Gateway's name as `NAMESPACE/NAME`; `NAME.NAMESPACE[.svc...]` is its old spelling (pilot/pkg/model, resolveGatewayName). */
function gatewayName(name: string, namespace: string): string {
  if (name === 'mesh') return name;
  if (name.startsWith('./')) return `${namespace}/${name.slice(2)}`;
  if (name.includes('/')) return name;
  const [first = name, second, third] = name.split('.');
  return second !== undefined && (third === undefined || third === 'svc') ? `${second}/${first}` : `${namespace}/${name}`;
}

/** The rules of a VirtualService, those of its delegates in place of the rules that name them. */
function rulesOf(
  object: ProofObject,
  delegate: (key: string) => ProofObject | undefined,
  exportOf: (object: ProofObject) => readonly string[] | undefined,
): HttpRule[] {
  return items(object.json, 'spec', 'http').flatMap((written, i): HttpRule[] => {
    const root = inFull(written, object.namespace);
    const named = at(root, 'delegate');
    const name = text(root, 'name') ?? `http[${i}]`;
    if (named === undefined) return [{ spec: root, object, name }];
    const key = `${text(named, 'namespace') ?? object.namespace}/${text(named, 'name') ?? ''}`;
    const other = delegate(key);
    if (!other) return [];
    const to = exportOf(other);
    if (to !== undefined && !to.includes(object.namespace)) return [];
    return items(other.json, 'spec', 'http').flatMap((sub, j): HttpRule[] => {
      const merged = mergeRule(root, inFull(sub, other.namespace));
      const place = text(sub, 'name') ?? `http[${j}]`;
      return merged === undefined
        ? []
        : [{ spec: merged, object, name: text(merged, 'name') ?? name, via: `rule ${place} of its delegate ${other.id}` }];
    });
  });
}

/** A rule with the names of gateways and hosts in full. */
function inFull(rule: Json, namespace: string): JsonObject {
  if (!isObject(rule)) return {};
  const destination = (json: Json | undefined): JsonObject =>
    isObject(json) ? { ...json, host: fullName(text(json, 'host') ?? '', namespace) } : {};
  const legs = (list: readonly Json[]): Json[] =>
    list.map((leg) => (isObject(leg) ? { ...leg, destination: destination(at(leg, 'destination')) } : leg));
  const match = items(rule, 'match').map((one) =>
    isObject(one) && Array.isArray(one.gateways)
      ? { ...one, gateways: listed(one.gateways).map((name) => gatewayName(name, namespace)) }
      : one,
  );
  return {
    ...rule,
    ...(match.length > 0 ? { match } : {}),
    ...(Array.isArray(rule.route) ? { route: legs(items(rule, 'route')) } : {}),
    ...(isObject(rule.mirror) ? { mirror: destination(rule.mirror) } : {}),
    ...(Array.isArray(rule.mirrors) ? { mirrors: legs(items(rule, 'mirrors')) } : {}),
  };
}
