import type { Json } from '../../../kit/json.ts';
import { at, items, number, text } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import { matchesSelector } from '../../model/reach/label-selector.ts';
import { reachOf } from '../../model/reach/reach.ts';
import type { ProofObject } from '../../types.ts';

/**
 * The listeners at which a route stands by one of its parentRefs, by their place in the Gateway, with the hostname of each.
 *
 * @returns undefined when the Gateway is not in the input
 */
export function standsAt(
  model: Model,
  route: ProofObject,
  ref: Json,
): { index: number; hostname: string | undefined }[] | undefined {
  const gateway = model.gateways.get('gateway-api', text(ref, 'namespace') ?? route.namespace, text(ref, 'name') ?? '');
  if (!gateway) return undefined;
  const [section, port] = [text(ref, 'sectionName'), number(ref, 'port')];
  return items(gateway.object.json, 'spec', 'listeners').flatMap((one, index) => {
    const named =
      (section === undefined || text(one, 'name') === section) && (port === undefined || number(one, 'port') === port);
    const takes = named && takesKind(one, route.kind) && takesNamespace(model, one, gateway.namespace, route.namespace);
    return takes ? [{ index, hostname: text(one, 'hostname') }] : [];
  });
}

const KINDS: Readonly<Record<string, readonly string[]>> = {
  HTTP: ['HTTPRoute', 'GRPCRoute'],
  HTTPS: ['HTTPRoute', 'GRPCRoute'],
  TLS: ['TLSRoute', 'TCPRoute'],
  TCP: ['TCPRoute'],
  UDP: ['UDPRoute'],
};

/** Whether a listener takes routes of a kind: those it states, else those of its protocol. */
export function takesKind(one: Json, kind: string): boolean {
  const stated = items(one, 'allowedRoutes', 'kinds');
  if (stated.length > 0) return stated.some((allowed) => text(allowed, 'kind') === kind);
  const byProtocol = KINDS[text(one, 'protocol') ?? ''];
  return byProtocol === undefined || byProtocol.includes(kind);
}

/** Whether a listener of a Gateway in namespace `own` takes routes of a namespace. What the input does not tell is taken for right. */
export function takesNamespace(model: Model, one: Json, own: string, namespace: string): boolean {
  const from = text(one, 'allowedRoutes', 'namespaces', 'from') ?? 'Same';
  if (from === 'Same') return own === namespace;
  if (from === 'None') return false;
  if (from !== 'Selector') return true;
  return (
    matchesSelector(at(one, 'allowedRoutes', 'namespaces', 'selector'), reachOf(model).namespaces.labels(namespace)) !== 'no'
  );
}

/** Whether a listener's hostname and a route's have a name in common. */
export function meet(of: string | undefined, host: string): boolean {
  if (of === undefined || of === '') return true;
  const [a, b] = [of.toLowerCase(), host.toLowerCase()];
  const within = (pattern: string, name: string) => pattern.startsWith('*.') && name.endsWith(pattern.slice(1));
  return a === b || within(a, b) || within(b, a);
}
