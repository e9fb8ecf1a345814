import { isObject, type Json, type JsonObject } from '../../../kit/json.ts';
import { remember } from '../../../kit/remember.ts';
import { groupBy } from '../../group-by.ts';
import { at, fields, items, number, strings, text } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import { selects } from '../../model/workloads.ts';
import type { ProofObject } from '../../types.ts';
import { fullName, isWildcard, mostSpecific } from '../registry/hosts.ts';
import { byAge, type MeshService } from '../registry/registry.ts';

/** What holds for a client's traffic to a host: one DestinationRule, or several that istiod makes one. */
export interface EffectiveRule {
  readonly objects: readonly ProofObject[];
  readonly subsets: readonly EffectiveSubset[];
  readonly policy: JsonObject | undefined;
}

/** A subset, and the object that defines it. */
export interface EffectiveSubset {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly policy: JsonObject | undefined;
  readonly object: ProofObject;
}

/** Who sends. */
export interface Client {
  readonly namespace: string;
  readonly labels: ReadonlyMap<string, string>;
}

/** Rules that istiod merges: of one host and namespace, for the same clients. */
interface Merged extends EffectiveRule {
  readonly exportTo: readonly string[];
  readonly selector: ReadonlyMap<string, string> | undefined;
}

/** The rules of one namespace by host, in istiod's three indexes. */
interface Level {
  readonly hosts: ReadonlySet<string>;
  readonly rules: (host: string) => readonly Merged[];
}

/** Finds the rule for traffic to a host (pilot/pkg/model, destinationRule and SidecarScope.DestinationRule, Istio 1.30). */
export const destinationRules: (model: Model) => (client: Client, service: MeshService) => EffectiveRule | undefined = remember(
  (model) => {
    const root = model.meshConfigs[0]?.rootNamespace ?? 'istio-system';
    const isPrivate = (
      model.meshConfigs.map((one) => at(one.value, 'defaultDestinationRuleExportTo')).find(Array.isArray) ?? []
    ).includes('.');
    const all = model
      .kind('DestinationRule')
      .filter((object) => object.group === 'networking.istio.io' && text(object.json, 'spec', 'host') !== undefined)
      .sort((a, b) => Number(isNarrow(b)) - Number(isNarrow(a)) || byAge(a, b));
    const byNamespace = groupBy(all, (object) => object.namespace);
    const levels = (wanted: (object: ProofObject) => boolean) => {
      const read = new Map<string, Level>();
      return (namespace: string): Level => {
        const found = read.get(namespace) ?? levelOf((byNamespace.get(namespace) ?? []).filter(wanted));
        read.set(namespace, found);
        return found;
      };
    };
    const privateOnly = (object: ProofObject) => {
      const to = exportsOf(object);
      return to.length === 0 ? isPrivate : to.length === 1 && (to[0] === '.' || to[0] === object.namespace);
    };
    const local = levels((object) => {
      const to = exportsOf(object);
      return to.length === 0 || ['*', '.', object.namespace].some((one) => to.includes(one));
    });
    const rootLocal = levels(privateOnly);
    const exported = levels((object) => !privateOnly(object));
    return (client, service) => {
      const own = nearest(client.namespace === root ? rootLocal(root) : local(client.namespace), service.host);
      if (own) return chosen(own, client);
      for (const namespace of [service.namespace, root]) {
        const found = nearest(exported(namespace), service.host)?.filter(
          ({ exportTo: to }) => to.length === 0 || to.includes('*') || to.includes(client.namespace),
        );
        if (found && found.length > 0) return chosen(found, client);
      }
      return undefined;
    };
  },
);

/** The traffic policy for a port of a host or of one of its subsets: that of the port alone where there is one. */
export function policyFor(rule: EffectiveRule | undefined, subset: string | null, port: number): JsonObject {
  const own = rule?.subsets.find((one) => one.name === subset)?.policy;
  return { ...ofPort(rule?.policy, port), ...(own === undefined ? {} : ofPort(own, port)) };
}

function ofPort(policy: JsonObject | undefined, port: number): JsonObject {
  const level = items(policy, 'portLevelSettings').find((one) => number(one, 'port', 'number') === port);
  if (level !== undefined)
    return { loadBalancer: {}, connectionPool: {}, ...fields(level), ...(at(level, 'tls') === undefined ? { tls: null } : {}) };
  return policy ?? {};
}

function isNarrow(object: ProofObject): boolean {
  return at(object.json, 'spec', 'workloadSelector') !== undefined;
}

/** A rule for chosen workloads never leaves its namespace. */
function exportsOf(object: ProofObject): readonly Json[] {
  return isNarrow(object) ? ['.'] : items(object.json, 'spec', 'exportTo');
}

function levelOf(objects: readonly ProofObject[]): Level {
  const byHost = groupBy(objects, (object) => fullName(text(object.json, 'spec', 'host') ?? '', object.namespace));
  const wildcards = new Set([...byHost.keys()].filter(isWildcard));
  return { hosts: wildcards, rules: remembered((host: string) => mergedRules(byHost.get(host) ?? [])) };
}

function remembered(read: (host: string) => readonly Merged[]): (host: string) => readonly Merged[] {
  const known = new Map<string, readonly Merged[]>();
  return (host) => {
    const found = known.get(host) ?? read(host);
    known.set(host, found);
    return found;
  };
}

function nearest(level: Level, host: string): readonly Merged[] | undefined {
  const exact = level.rules(host);
  if (exact.length > 0) return exact;
  const wildcard = mostSpecific(host, level.hosts);
  return wildcard === undefined ? undefined : level.rules(wildcard);
}

/** Rules of one host become one where they are for the same clients: subsets are added up, the first policy stays. */
function mergedRules(objects: readonly ProofObject[]): readonly Merged[] {
  const merged: Merged[] = [];
  for (const object of objects) {
    const one = single(object);
    const same = merged.findIndex((other) => sameList(other.exportTo, one.exportTo) && sameLabels(other.selector, one.selector));
    const other = merged[same];
    if (!other) merged.push(one);
    else {
      const added = one.subsets.filter((subset) => !other.subsets.some((known) => known.name === subset.name));
      const both = [...other.objects, object];
      merged[same] = { ...other, objects: both, subsets: [...other.subsets, ...added], policy: other.policy ?? one.policy };
    }
  }
  return merged;
}

function single(object: ProofObject): Merged {
  const policyOf = (json: Json | undefined) => (isObject(json) ? json : undefined);
  return {
    objects: [object],
    policy: policyOf(at(object.json, 'spec', 'trafficPolicy')),
    subsets: items(object.json, 'spec', 'subsets').flatMap((subset) => {
      const name = text(subset, 'name');
      return name === undefined
        ? []
        : [{ name, labels: strings(subset, 'labels'), policy: policyOf(at(subset, 'trafficPolicy')), object }];
    }),
    exportTo: exportsOf(object).flatMap((one) => (typeof one === 'string' ? [one] : [])),
    selector: isNarrow(object) ? strings(object.json, 'spec', 'workloadSelector', 'matchLabels') : undefined,
  };
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((one) => b.includes(one));
}

function sameLabels(a: ReadonlyMap<string, string> | undefined, b: ReadonlyMap<string, string> | undefined): boolean {
  if (!a || !b) return a === b;
  return a.size === b.size && selects(a, b);
}

/** A rule for the client's own workloads stands before one for all. */
function chosen(rules: readonly Merged[], { namespace, labels }: Client): EffectiveRule | undefined {
  const narrow = rules.find(
    (one) => one.selector !== undefined && one.objects[0]?.namespace === namespace && selects(one.selector, labels),
  );
  return narrow ?? rules.filter((one) => one.selector === undefined).at(-1);
}
