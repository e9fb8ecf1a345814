import { at, items, number, text } from '../../json-path.ts';
import { type Path, type Spot, spotOf } from '../../types.ts';
import type { DestinationRule, DestinationRules } from '../destination-rules.ts';

/** What a DestinationRule makes proxies do: TLS of the given mode, whatever the other side takes. */
export interface ClientTls {
  readonly mode: string;
  readonly rule: DestinationRule;
  readonly at: Spot;
}

/**
 * Finds the DestinationRule that sets TLS for what proxies of a namespace send to a Service, by Istio's order (1.30): rules of the
 * client's namespace, of the Service's, of the root namespace; in each the nearest host. Undefined where none sets it, and auto mTLS decides.
 */
export function clientTls(rules: DestinationRules, rootNamespace: string) {
  return (from: string, service: { readonly host: string; readonly namespace: string }, port: number): ClientTls | undefined => {
    const all = rules.of(service.host, service.namespace);
    const levels = [...(from === rootNamespace ? [] : [from]), service.namespace, rootNamespace];
    for (const namespace of levels) {
      const rule = nearest(
        all.filter((one) => one.object.namespace === namespace && isFor(one, from)),
        service.host,
      );
      if (rule) return tlsOf(rule, port);
    }
    return undefined;
  };
}

/** A rule for chosen workloads (`workloadSelector`) is left out: who they are would have to be asked of each. */
function isFor({ object }: DestinationRule, from: string): boolean {
  if (at(object.json, 'spec', 'workloadSelector') !== undefined) return false;
  const to = items(object.json, 'spec', 'exportTo');
  return object.namespace === from || to.length === 0 || to.includes('*') || to.includes(from);
}

function nearest(rules: readonly DestinationRule[], host: string): DestinationRule | undefined {
  const rank = (rule: DestinationRule) => (rule.host.startsWith('*') ? rule.host.length : host.length + 1000);
  return rules.reduce<DestinationRule | undefined>((best, one) => (best && rank(best) >= rank(one) ? best : one), undefined);
}

/** Settings of a port stand in for those of the whole rule, also where they leave TLS out. */
function tlsOf(rule: DestinationRule, port: number): ClientTls | undefined {
  const settings = ['spec', 'trafficPolicy', 'portLevelSettings'];
  const index = items(rule.object.json, ...settings).findIndex((one) => number(one, 'port', 'number') === port);
  const path: Path = index < 0 ? ['spec', 'trafficPolicy', 'tls', 'mode'] : [...settings, index, 'tls', 'mode'];
  const mode = text(rule.object.json, ...path);
  if (mode !== undefined) return { mode, rule, at: spotOf(rule.object, path) };
  // `tls: {}` means DISABLE, the first value of the enumeration.
  return at(rule.object.json, ...path.slice(0, -1)) === undefined
    ? undefined
    : { mode: 'DISABLE', rule, at: spotOf(rule.object, path.slice(0, -1)) };
}
