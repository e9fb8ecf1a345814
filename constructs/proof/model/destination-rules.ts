import { remember } from '../../kit/remember.ts';
import { groupBy } from '../group-by.ts';
import { items, number, strings, text } from '../json-path.ts';
import { type ProofObject, type Spot, spotOf } from '../types.ts';
import { matchesWildcard, readHost } from './hosts.ts';

/** A named share of a host's pods. */
export interface Subset {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly at: Spot;
}

/** A DestinationRule: what holds for traffic to one host. */
export interface DestinationRule {
  readonly object: ProofObject;
  readonly host: string;
  readonly hostAt: Spot;
  readonly subsets: readonly Subset[];
  /** Ports that portLevelSettings name. */
  readonly ports: readonly { readonly number: number; readonly at: Spot }[];
}

/** The DestinationRules of a world. */
export interface DestinationRules {
  readonly all: readonly DestinationRule[];
  /** All rules for a host, as something in `namespace` names it; wildcard rules included. */
  of(host: string, namespace: string): readonly DestinationRule[];
}

/** Reads and indexes every DestinationRule. */
export function destinationRuleIndex(objects: readonly ProofObject[]): DestinationRules {
  const all = objects
    .filter(({ kind, group }) => kind === 'DestinationRule' && group === 'networking.istio.io')
    .flatMap(destinationRule);
  const byHost = groupBy(all, (rule) => hostKey(rule.host, rule.object.namespace));
  const wildcards = all.filter((rule) => rule.host.startsWith('*'));
  return {
    all,
    of: (host, namespace) => {
      const key = hostKey(host, namespace);
      return [...(byHost.get(key) ?? []), ...wildcards.filter((rule) => matchesWildcard(rule.host, key))];
    },
  };
}

/** One spelling for all spellings of a host. */
export function hostKey(host: string, namespace: string): string {
  const read = readHost(host, namespace);
  return read.is === 'service' ? `${read.name}.${read.namespace}.svc.cluster.local` : host;
}

const destinationRule = remember((object: ProofObject): readonly DestinationRule[] => {
  const host = text(object.json, 'spec', 'host');
  if (host === undefined) return [];
  const subsets = items(object.json, 'spec', 'subsets').flatMap((subset, i) => {
    const name = text(subset, 'name');
    return name === undefined
      ? []
      : [{ name, labels: strings(subset, 'labels'), at: spotOf(object, ['spec', 'subsets', i, 'name']) }];
  });
  const settings = ['spec', 'trafficPolicy', 'portLevelSettings'];
  const ports = items(object.json, ...settings).flatMap((setting, i) => {
    const port = number(setting, 'port', 'number');
    return port === undefined ? [] : [{ number: port, at: spotOf(object, [...settings, i, 'port', 'number']) }];
  });
  return [{ object, host, hostAt: spotOf(object, ['spec', 'host']), subsets, ports }];
});
