import type { Json } from '../../kit/json.ts';
import { at, items, number, strings, text } from '../json-path.ts';
import { selects } from '../model/workloads.ts';
import { type Routed, routed } from './answer.ts';
import { type Finder, legAt, legsOf } from './destinations.ts';
import type { RuleReader } from './http/match.ts';
import { domainTakes, overlaps } from './registry/hosts.ts';
import type { MeshService } from './registry/registry.ts';
import type { RouteTable } from './routes/route-table.ts';

/** A TCP or TLS rule that takes a connection. */
export interface ConnectionRule {
  readonly table: RouteTable;
  readonly name: string;
  readonly route: readonly Json[];
}

/** The TLS rule for a name in the handshake: the nearest SNI host wins, and of the same the first (filter chains of Envoy). */
export function tlsRule(tables: readonly RouteTable[], sni: string, reader: RuleReader): ConnectionRule | undefined {
  let best: { readonly sni: string; readonly rule: ConnectionRule } | undefined;
  for (const table of tables) {
    for (const [i, rule] of table.tls().entries()) {
      const route = items(rule, 'route');
      if (route.length === 0) continue;
      for (const match of items(rule, 'match')) {
        if (!isFor(match, reader)) continue;
        for (const host of items(match, 'sniHosts')) {
          if (typeof host !== 'string' || (host !== sni && !domainTakes(host, sni))) continue;
          if (!best || nearer(host, best.sni))
            best = { sni: host, rule: { table, name: text(rule, 'name') ?? `tls[${i}]`, route } };
        }
      }
    }
  }
  return best?.rule;
}

/** The first TCP rule whose conditions fit. */
export function tcpRule(tables: readonly RouteTable[], reader: RuleReader): ConnectionRule | undefined {
  for (const table of tables) {
    for (const [i, rule] of table.tcp().entries()) {
      const route = items(rule, 'route');
      const match = items(rule, 'match');
      if (route.length === 0) continue;
      if (match.length === 0 || match.some((one) => isFor(one, reader) && items(one, 'destinationSubnets').length === 0))
        return { table, name: text(rule, 'name') ?? `tcp[${i}]`, route };
    }
  }
  return undefined;
}

/** A connection by a rule. */
export function connected({ table, name, route }: ConnectionRule, finder: Finder, reasons: readonly string[]): Routed {
  return routed(legsOf(finder, route), 503, [...reasons, `rule ${name} of ${table.object.id} takes the connection`], {
    outcome: 'tcp',
    matched: { object: table.object.id, rule: name },
  });
}

/** A connection to a port of a Service that does not speak HTTP, from a sidecar. */
export function connectionTo(
  service: MeshService,
  speaks: 'tls' | 'tcp' | 'udp',
  tables: readonly RouteTable[],
  reader: RuleReader,
  finder: Finder,
  reasons: readonly string[],
): Routed {
  const ours = tables.filter((table) => table.hosts.some((host) => overlaps(host, service.host)));
  const rule = speaks === 'tls' ? tlsRule(ours, service.host, reader) : speaks === 'tcp' ? tcpRule(ours, reader) : undefined;
  if (rule) return connected(rule, finder, reasons);
  const single = service.ports.length === 1 ? (service.ports[0]?.number ?? finder.port) : finder.port;
  const leg = legAt(finder, service.host, null, single, 100);
  const why = `no route is written for it, so the connection goes to ${service.object.id} itself`;
  return routed([leg], 503, [...reasons, why], { outcome: 'tcp' });
}

function nearer(host: string, other: string): boolean {
  if (host.startsWith('*') !== other.startsWith('*')) return !host.startsWith('*');
  return host.length > other.length;
}

function isFor(match: Json, { port, gateway, namespace, labels }: RuleReader): boolean {
  const wanted = number(match, 'port') ?? 0;
  if (wanted !== 0 && wanted !== port) return false;
  const gateways = items(match, 'gateways');
  if (gateways.length > 0 && !gateways.includes(gateway)) return false;
  // A gateway asks for its port and name only.
  if (gateway !== 'mesh') return true;
  const from = text(match, 'sourceNamespace');
  return (
    selects(strings(match, 'sourceLabels'), labels) && (from === undefined || from === namespace) && at(match, 'port') !== null
  );
}
