import { remember } from '../../../kit/remember.ts';
import { at, items, number, strings, text } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import { selects } from '../../model/workloads.ts';
import type { ProofObject } from '../../types.ts';
import type { RouteTable } from '../routes/route-table.ts';
import { isWildcard, overlaps, within } from './hosts.ts';
import { byAge, isVisible, type MeshRegistry, type MeshService, portOf } from './registry.ts';

/** What a proxy may know of the mesh: everything that is exported to its namespace, less what a Sidecar resource leaves out. */
export interface Scope {
  readonly namespace: string;
  /** The Sidecar resource. */
  readonly sidecar: ProofObject | undefined;
  /** Whether it has a listener at all for a port. */
  listens(port: number): boolean;
  /** The host of the registry that it knows under a name, for requests to a port. */
  service(host: string, port: number): MeshService | undefined;
  /** All that it knows with a port. */
  onPort(port: number): readonly MeshService[];
  /** Where a route may lead: also to hosts that only a route names. */
  destination(host: string): MeshService | undefined;
  /** Whether it gets a table of routes for a port. */
  sees(table: RouteTable, port: number): boolean;
  readonly registryOnly: boolean;
}

/** The hosts of one egress listener, by namespace. */
interface Egress {
  readonly port: number | undefined;
  readonly hosts: readonly { readonly namespace: string; readonly host: string; readonly excluded: boolean }[];
}

const EVERYTHING: Egress = { port: undefined, hosts: [{ namespace: '*', host: '*', excluded: false }] };

/** The scope of the sidecars of a namespace; `labels` are those of the pod. Gateways have none of their own: `gateway` leaves Sidecar resources out. */
export function scopeOf(
  model: Model,
  registry: MeshRegistry,
  namespace: string,
  labels: ReadonlyMap<string, string>,
  gateway = false,
): Scope {
  const sidecar = gateway ? undefined : sidecarOf(model, namespace, labels);
  const stated = items(sidecar?.json, 'spec', 'egress').map((one) => egress(one, namespace));
  const listeners = stated.length === 0 ? [EVERYTHING] : stated;
  const listenerFor = (port: number) => listeners.find((one) => one.port === undefined || one.port === port);
  const known = (one: MeshService, by: Egress) =>
    isVisible(one, namespace) &&
    takes(by, one.namespace, (host) => within(one.host, host)) &&
    (by.port === undefined || portOf(one, by.port) !== undefined);
  const pick = (found: readonly MeshService[]) =>
    found.find((one) => one.namespace === namespace) ?? found.find((one) => one.service !== undefined) ?? found[0];
  const chosen = (host: string, by: Egress) => pick(registry.named(host).filter((one) => known(one, by)));
  const policy = at(sidecar?.json, 'spec', 'outboundTrafficPolicy');
  const mesh = model.meshConfigs.map((one) => at(one.value, 'outboundTrafficPolicy', 'mode')).find((mode) => mode !== undefined);
  return {
    namespace,
    sidecar,
    listens: (port) => listenerFor(port) !== undefined,
    service: (host, port) => {
      const by = listenerFor(port);
      return by ? chosen(host, by) : undefined;
    },
    onPort: (port) => {
      const by = listenerFor(port);
      return by ? registry.onPort(port).filter((one) => known(one, by) && chosen(one.host, by) === one) : [];
    },
    destination: (host) => {
      for (const by of listeners) {
        const found = chosen(host, by);
        if (found) return found;
      }
      const all = registry.named(host);
      return all.find((one) => one.namespace === namespace) ?? pick(all.filter((one) => isVisible(one, namespace)));
    },
    sees: (table, port) => {
      const by = listenerFor(port);
      if (!by || !isVisible(table, namespace)) return false;
      const meets = table.semantics === 'gateway-api' ? within : overlaps;
      return table.hosts.some((host) =>
        takes(
          by,
          table.namespace,
          (imported) => (isWildcard(imported) || isWildcard(host) ? meets(host, imported) : host === imported),
          (out) => within(host, out),
        ),
      );
    },
    // A policy without a mode means its first value, REGISTRY_ONLY.
    registryOnly: policy === undefined ? mesh === 'REGISTRY_ONLY' : text(policy, 'mode') !== 'ALLOW_ANY',
  };
}

function takes(
  { hosts }: Egress,
  namespace: string,
  meets: (host: string) => boolean,
  excludes: (host: string) => boolean = meets,
): boolean {
  const ours = hosts.filter((one) => one.namespace === namespace || one.namespace === '*');
  if (ours.some((one) => one.excluded && excludes(one.host))) return false;
  return ours.some((one) => !one.excluded && meets(one.host));
}

function egress(json: Parameters<typeof items>[0], namespace: string): Egress {
  const hosts = items(json, 'hosts').flatMap((entry) => {
    if (typeof entry !== 'string') return [];
    const [from = '', host] = entry.split('/');
    if (host === undefined) return [];
    const excluded = from.startsWith('~');
    const of = excluded ? from.slice(1) || '*' : from;
    return [{ namespace: of === '.' ? namespace : of, host, excluded }];
  });
  return { port: number(json, 'port', 'number'), hosts };
}

const sidecars = remember((model: Model) =>
  model
    .kind('Sidecar')
    .filter((object) => object.group === 'networking.istio.io')
    .sort(byAge),
);

/** The Sidecar resource of a pod: the oldest that selects it, else that of its namespace, else that of the root namespace. */
function sidecarOf(model: Model, namespace: string, labels: ReadonlyMap<string, string>): ProofObject | undefined {
  const narrow = (object: ProofObject) => at(object.json, 'spec', 'workloadSelector') !== undefined;
  const all = sidecars(model);
  const own = all.filter((object) => object.namespace === namespace);
  const root = model.meshConfigs[0]?.rootNamespace ?? 'istio-system';
  return (
    own.find((one) => narrow(one) && selects(strings(one.json, 'spec', 'workloadSelector', 'labels'), labels)) ??
    own.find((one) => !narrow(one)) ??
    all.find((one) => one.namespace === root && !narrow(one))
  );
}
