import type { Model } from '../model/model.ts';
import { ending, firstMatch, ownRoute, type Routed, routed } from './answer.ts';
import { connectionTo } from './connection-routes.ts';
import { type Finder, legAt } from './destinations.ts';
import type { HttpRequest } from './http/match.ts';
import { withoutPort } from './registry/hosts.ts';
import { isShared, type MeshService, portOf, registryOf } from './registry/registry.ts';
import { scopeOf } from './registry/scope.ts';
import { byTableAge } from './routes/route-table.ts';
import { routeTables } from './routes/tables.ts';
import { namedBy, type SidecarPort, virtualHost } from './virtual-host.ts';

/** The pod that asks. */
export interface Sender {
  readonly namespace: string;
  readonly labels: ReadonlyMap<string, string>;
}

/** What the sidecar of a pod does with a request: `host` is the name that the client connects to. */
export function fromSidecar(model: Model, sender: Sender, host: string, port: number, request: HttpRequest): Routed {
  const registry = registryOf(model);
  const scope = scopeOf(model, registry, sender.namespace, sender.labels);
  const reader = { port, gateway: 'mesh', namespace: sender.namespace, labels: sender.labels };
  const side: SidecarPort = { scope, registry, tables: routeTables(model), reader };
  const trimmed = (name: string) => {
    const found = scope.service(name, port);
    // A sidecar writes routes of a port with only those Services at hand that have the port.
    const open = found === undefined ? undefined : portOf(found, port);
    return found && open ? { ...found, ports: [open] } : undefined;
  };
  const finder: Finder = { model, client: sender, portService: trimmed, reachable: scope.destination, port, gateway: false };
  const reasons = scope.sidecar ? [`${scope.sidecar.id} says what the pods of ${sender.namespace} know of the mesh`] : [];

  const target = namedBy(host, port, side);
  const meant = target?.aliasOf === undefined ? target : (scope.service(target.aliasOf, port) ?? target);
  const open = meant && portOf(meant, port);
  if (meant && open) {
    reasons.push(`${host} is ${meant.object.id}, port ${port}`);
    if (open.speaks !== 'http' && open.speaks !== 'auto') {
      reasons.push(`the port speaks ${open.speaks === 'tls' ? 'TLS' : open.speaks.toUpperCase()}, so routes of connections hold`);
      const tables = [...side.tables.inMesh(meant.host), ...side.tables.wildcards].filter((table) => scope.sees(table, port));
      const whole = { ...finder, portService: scope.destination };
      return connectionTo(meant, open.speaks, [...new Set(tables)].sort(byTableAge), reader, whole, reasons);
    }
  } else reasons.push(unknownReason(host, port, meant));
  const heard =
    open !== undefined ||
    (scope.listens(port) && registry.onPort(port).some((one) => isShared(one, port) && scope.service(one.host, port) === one));
  if (!heard)
    return outside(scope.registryOnly, [
      ...reasons,
      `no HTTP Service of the mesh has port ${port}, so the proxy has no routes there`,
    ]);
  // A port whose protocol is not named has a listener of its own, whatever the Host header says.
  const asked = meant && open && !isShared(meant, port) ? meant.host : withoutPort(request.authority);
  const found = virtualHost(asked, side);
  if (!found) return outside(scope.registryOnly, [...reasons, `no route of port ${port} is for ${asked}`]);
  if (found.is === 'service') return ownRoute(found.service, finder, reasons);
  const { table, rules } = found;
  reasons.push(`${table.object.id} has the routes for it${found.domain === asked ? '' : `, as ${found.domain}`}`);
  return firstMatch(rules, request, finder, reasons);
}

/** A pod without a sidecar: what is written for the mesh does not hold for it. */
export function fromOutside(model: Model, sender: Sender, host: string, port: number, reasons: readonly string[]): Routed {
  const registry = registryOf(model);
  const everything = scopeOf(model, registry, sender.namespace, new Map(), true);
  const side: SidecarPort = {
    scope: everything,
    registry,
    tables: routeTables(model),
    reader: { port, gateway: 'mesh', ...sender },
  };
  const service = namedBy(host, port, side);
  if (!service?.service || !portOf(service, port))
    return ending('passthrough', [...reasons, `${host} is no Service with a port ${port}`]);
  const finder: Finder = {
    model,
    client: sender,
    portService: everything.destination,
    reachable: everything.destination,
    port,
    gateway: false,
  };
  return routed(
    [legAt(finder, service.host, null, port, 100)],
    503,
    [...reasons, `it reaches ${service.object.id} as Kubernetes leads there`],
    {
      loadBalancing: null,
    },
  );
}

function unknownReason(host: string, port: number, known: MeshService | undefined): string {
  const ports = known?.ports.map((one) => one.number).join(', ');
  return known
    ? `${known.object.id} has no port ${port}${ports ? `: it has ${ports}` : ''}`
    : `${host} is no Service or ServiceEntry that the pod knows`;
}

function outside(registryOnly: boolean, reasons: readonly string[]): Routed {
  return registryOnly
    ? ending('blackhole', [...reasons, 'outboundTrafficPolicy is REGISTRY_ONLY: the proxy refuses what it does not know'])
    : ending('passthrough', [...reasons, 'the proxy passes on what it does not know (outboundTrafficPolicy ALLOW_ANY)']);
}
