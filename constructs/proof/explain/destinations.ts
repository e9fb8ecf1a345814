import { byCodeUnit, type Json } from '../../kit/json.ts';
import { at, items, number, text } from '../json-path.ts';
import type { Model } from '../model/model.ts';
import { labelText, selects } from '../model/workloads.ts';
import { type Client, destinationRules, type EffectiveRule, policyFor } from './policies/destination-rule.ts';
import { loadBalancing } from './policies/load-balancing.ts';
import { type Backend, backends } from './registry/pods-behind.ts';
import { type MeshService, portOf } from './registry/registry.ts';
import type { ExplainedDestination, Explanation } from './types.ts';

/** What a proxy finds behind the names of a route. */
export interface Finder {
  readonly model: Model;
  readonly client: Client;
  /** The Service of a host, for the port that a route leaves out. */
  portService(host: string): MeshService | undefined;
  /** The host among those that the proxy can reach. */
  reachable(host: string): MeshService | undefined;
  /** The port that the request came to. */
  readonly port: number;
  /** It is a gateway's, not a sidecar's. */
  readonly gateway: boolean;
}

/** One destination with all that was read to find it. */
export interface Leg {
  readonly to: ExplainedDestination;
  /** Undefined where the proxy knows no such host, port or subset. */
  readonly service: MeshService | undefined;
  readonly rule: EffectiveRule | undefined;
  readonly backends: readonly Backend[];
  /** How one of them is chosen. */
  readonly loadBalancing: string | undefined;
  /** Why it leads nowhere. */
  readonly fault: string | undefined;
}

/** The destinations of a rule's `route`, those of weight 0 left out; a single one takes everything, whatever its weight. */
export function legsOf(finder: Finder, route: readonly Json[]): Leg[] {
  const weightOf = (leg: Json) => number(leg, 'weight') ?? 0;
  const taken = route.length === 1 ? route : route.filter((leg) => weightOf(leg) > 0);
  const total = taken.reduce<number>((sum, leg) => sum + weightOf(leg), 0);
  return taken.map((leg) => {
    const percent = route.length === 1 || total === 0 ? 100 / taken.length : (weightOf(leg) * 100) / total;
    return legTo(finder, at(leg, 'destination'), percent);
  });
}

/** One destination: `host`, `subset`, `port` as a route names them (pilot/pkg/networking/core/route, GetDestinationCluster). */
function legTo(finder: Finder, destination: Json | undefined, percent: number): Leg {
  const written = text(destination, 'host') ?? '';
  const refused = text(destination, 'refused');
  if (refused !== undefined)
    return nowhere({ host: written, subset: null, port: number(destination, 'port', 'number') ?? finder.port, percent }, refused);
  const asked = finder.portService(written);
  const host = asked?.aliasOf ?? written;
  const single = asked?.ports.length === 1 ? asked.ports[0]?.number : undefined;
  const port = number(destination, 'port', 'number') ?? single ?? finder.port;
  return legAt(finder, host, text(destination, 'subset') ?? null, port, percent);
}

/** A host at a port. */
export function legAt(finder: Finder, host: string, subset: string | null, port: number, percent: number): Leg {
  const service = host === '' ? undefined : finder.reachable(host);
  const base = { host, subset, port, percent };
  if (!service)
    return nowhere(
      base,
      host === '' ? 'its backend is not valid' : `no Service or ServiceEntry that the proxy can see is called ${host}`,
    );
  if (!portOf(service, port)) return nowhere(base, `${service.object.id} has no port ${port}`);
  const rule = destinationRules(finder.model)(finder.client, service);
  const behind = backends(finder.model, service);
  const about = { service, rule, loadBalancing: loadBalancing(policyFor(rule, subset, port), service, finder.gateway) };
  if (subset === null) return { ...about, to: { ...base, workloads: ids(behind) }, backends: behind, fault: undefined };
  const found = rule?.subsets.find((one) => one.name === subset);
  if (!found) {
    const where = rule ? rule.objects.map((one) => one.id).join(' and ') : 'no DestinationRule';
    return nowhere(
      base,
      rule ? `${where} has no subset ${subset}` : `${where} defines the subset ${subset} of ${host} for this client`,
    );
  }
  const chosen = behind.filter((one) => selects(found.labels, one.labels));
  const fault =
    chosen.length === 0
      ? `no workload behind ${host} has the labels ${labelText(found.labels)} of its subset ${subset}`
      : undefined;
  return { ...about, to: { ...base, workloads: ids(chosen) }, backends: chosen, fault };
}

function nowhere(to: Omit<ExplainedDestination, 'workloads'>, fault: string): Leg {
  return { to: { ...to, workloads: [] }, service: undefined, rule: undefined, backends: [], loadBalancing: undefined, fault };
}

/** Where copies of the requests go. */
export function mirrorsOf(finder: Finder, rule: Json): Explanation['mirrors'] {
  const share = (json: Json | undefined) => {
    const value = number(json, 'value') ?? Number(text(json, 'value') ?? 0);
    return Number.isFinite(value) ? value : 0;
  };
  const whole = at(rule, 'mirrorPercentage');
  const old = at(rule, 'mirrorPercent');
  const percent = whole !== undefined ? share(whole) : old !== undefined ? (number(old) ?? 0) : 100;
  const single = at(rule, 'mirror');
  const all = [
    ...(single === undefined ? [] : [{ destination: single, percent }]),
    ...items(rule, 'mirrors').map((one) => ({
      destination: at(one, 'destination'),
      percent: at(one, 'percentage') === undefined ? 100 : share(at(one, 'percentage')),
    })),
  ];
  return all
    .filter((one) => one.percent > 0)
    .map(({ destination, percent: share }) => {
      const { host, subset, port } = legTo(finder, destination, share).to;
      return { host, subset, port, percent: share };
    });
}

function ids(backends: readonly Backend[]): string[] {
  return [...new Set(backends.map((one) => one.id))].sort(byCodeUnit);
}
