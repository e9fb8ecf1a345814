import { items } from '../json-path.ts';
import type { Model } from '../model/model.ts';
import type { Pods } from '../model/reach/pods.ts';
import { ending, firstMatch, type Routed } from './answer.ts';
import { connected, tcpRule, tlsRule } from './connection-routes.ts';
import type { Finder } from './destinations.ts';
import { type GatewayProxy, gatewayProxy, serversAt } from './gateways/proxy.ts';
import { hostOf, isHttpServer, isPassthrough, isSecure, type Server } from './gateways/server.ts';
import { httpsRedirect } from './http/actions.ts';
import { type Candidate, candidates, type HttpRequest } from './http/match.ts';
import { domainTakes, hostsFor, intersection, overlaps, withoutPort } from './registry/hosts.ts';
import { isVisible, registryOf } from './registry/registry.ts';
import { scopeOf } from './registry/scope.ts';
import type { RouteTable } from './routes/route-table.ts';
import { routeTables } from './routes/tables.ts';

/** What a gateway does with a request from outside. */
export interface GatewayAnswer {
  readonly routed: Routed;
  readonly pods: Pods | undefined;
  /** The port of the pods at which it arrives. */
  readonly port: number;
}

/**
 * What a gateway does with a request (pilot/pkg/networking/core/gateway.go, Istio 1.30). A client of a TLS server is taken to speak TLS,
 * with the host as its SNI.
 *
 * @throws UserError when there is no such gateway
 */
export function atGateway(
  model: Model,
  gateway: { readonly namespace: string; readonly name: string },
  host: string,
  port: number,
  request: HttpRequest,
): GatewayAnswer {
  const proxy = gatewayProxy(model, gateway.namespace, gateway.name);
  const answer = (routed: Routed): GatewayAnswer => ({ routed, pods: proxy.pods, port: proxy.target(port) });
  const { kept, left } = serversAt(proxy, port);
  const reasons = left.map(
    (one) => `server ${one.name} of ${one.object.id} is left out: it does not go with another of port ${one.port}`,
  );
  const [first] = kept;
  if (!first)
    return answer(
      ending('nolistener', [...reasons, `no server of gateway ${gateway.namespace}/${gateway.name} is on port ${port}`]),
    );
  const finder = finderAt(model, proxy, first.port);
  if (!isSecure(first)) {
    if (first.speaks === 'http') return answer(byRequest(model, proxy, kept, finder, request, reasons));
    return answer(byConnection(model, proxy, first, host, finder, reasons));
  }
  const server = forName(model, proxy, kept, host);
  if (!server)
    return answer(
      ending('nolistener', [...reasons, `no TLS server of port ${port} is for ${host}, so the connection is closed`]),
    );
  const chosen = [...reasons, `server ${server.name} of ${server.object.id} takes TLS for ${host}`];
  const secure: HttpRequest = {
    ...request,
    scheme: 'https',
    authority: port === 443 ? withDefaultPort(request.authority) : request.authority,
  };
  const own = finderAt(model, proxy, server.port);
  return answer(
    isHttpServer(server)
      ? byRequest(model, proxy, [server], own, secure, chosen)
      : byConnection(model, proxy, server, host, own, chosen),
  );
}

function withDefaultPort(authority: string): string {
  return authority.replace(/:443$/, '');
}

function finderAt(model: Model, proxy: GatewayProxy, port: number): Finder {
  const scope = scopeOf(model, registryOf(model), proxy.namespace, proxy.labels, true);
  const client = { namespace: proxy.namespace, labels: proxy.labels };
  return { model, client, portService: scope.destination, reachable: scope.destination, port, gateway: true };
}

/** The tables that a gateway's proxies see for one of its servers: HTTPRoutes of the proxies' namespace first. */
function tablesAt(model: Model, proxy: GatewayProxy, gateway: string): RouteTable[] {
  const rank = (table: RouteTable) => {
    if (table.exportTo !== undefined) return table.namespace === proxy.namespace ? 0 : 1;
    return table.semantics === 'gateway-api' && table.namespace === proxy.namespace ? 2 : 3;
  };
  return routeTables(model)
    .at(gateway)
    .filter((table) => isVisible(table, proxy.namespace))
    .sort((a, b) => rank(a) - rank(b));
}

/** A virtual host of a gateway: what all tables for a name bring, in order. */
interface GatewayHost {
  readonly rules: Candidate[];
  /** The server that sends plain requests to https. */
  redirect: Server | undefined;
}

function byRequest(
  model: Model,
  proxy: GatewayProxy,
  servers: readonly Server[],
  finder: Finder,
  request: HttpRequest,
  reasons: readonly string[],
): Routed {
  const hosts = new Map<string, GatewayHost>();
  const hostFor = (name: string) => {
    const found = hosts.get(name) ?? { rules: [], redirect: undefined };
    hosts.set(name, found);
    return found;
  };
  // istiod writes a table's rules once for all servers of a Gateway, for the port of the first.
  const written = new Map<string, Candidate[]>();
  for (const server of servers) {
    for (const table of tablesAt(model, proxy, server.gateway)) {
      const names = intersection(hostsFor(server.hosts, table.namespace), table.hosts);
      if (names.length === 0) continue;
      const key = `${server.gateway} ${table.namespace}/${table.name}`;
      const reader = { port: server.port, gateway: server.gateway, namespace: proxy.namespace, labels: proxy.labels };
      const rules = written.get(key) ?? candidates(table, reader);
      written.set(key, rules);
      if (rules.length === 0) continue;
      for (const name of names) {
        const found = hostFor(name.toLowerCase());
        found.rules.push(...rules);
        if (server.tls?.httpsRedirect === true) found.redirect = server;
      }
    }
    if (server.tls?.httpsRedirect === true) for (const entry of server.hosts) hostFor(entry.toLowerCase()).redirect = server;
  }
  const asked = withoutPort(request.authority);
  const name = nearestName(asked, hosts.keys());
  const found = name === undefined ? undefined : hosts.get(name);
  if (!found) return ending('notfound', [...reasons, notFound(servers, asked)]);
  if (found.redirect && request.scheme === 'http') {
    const { redirect: server } = found;
    const told = `server ${server.name} of ${server.object.id} sends plain requests to https`;
    const matched = { object: server.object.id, rule: server.name };
    return ending('redirect', [...reasons, told], { matched, redirect: httpsRedirect(request) });
  }
  // Whatever takes every request goes to the end, in its order.
  const ordered = [...found.rules.filter((one) => !one.catchAll), ...found.rules.filter((one) => one.catchAll)];
  const tables = [...new Set(ordered.map((one) => one.table.object.id))];
  const told = tables.length === 0 ? [] : [`${tables.join(', ')} ${tables.length === 1 ? 'has' : 'have'} the routes for ${name}`];
  return firstMatch(ordered, request, { ...finder, port: servers[0]?.port ?? finder.port }, [...reasons, ...told]);
}

function notFound(servers: readonly Server[], asked: string): string {
  const covered = servers.some((one) => one.hosts.some((entry) => overlaps(hostOf(entry), asked)));
  return covered
    ? `no route of the gateway is for ${asked}, so it answers 404`
    : `no server of the gateway is for ${asked}, so it answers 404`;
}

function nearestName(host: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  for (const name of known) {
    if (name === host) return name;
    if (domainTakes(name, host) && (best === undefined || name.length > best.length)) best = name;
  }
  return best;
}

/** The TLS server for a name: by its own hosts, or where it passes TLS on by those of the routes. */
function forName(model: Model, proxy: GatewayProxy, servers: readonly Server[], host: string): Server | undefined {
  const names = new Map<string, Server>();
  for (const server of servers) {
    const hosts = isPassthrough(server) ? passedOn(model, proxy, server) : server.hosts.map(hostOf);
    for (const name of hosts) if (!names.has(name)) names.set(name, server);
  }
  const name = nearestName(host, names.keys());
  return name === undefined ? undefined : names.get(name);
}

function passedOn(model: Model, proxy: GatewayProxy, server: Server): string[] {
  const rules = tablesFor(model, proxy, server).flatMap((table) => table.tls());
  const hosts = rules.flatMap((rule) => items(rule, 'match')).flatMap((match) => items(match, 'sniHosts'));
  return hosts.flatMap((host) => (typeof host === 'string' ? [host] : []));
}

function tablesFor(model: Model, proxy: GatewayProxy, server: Server): RouteTable[] {
  return tablesAt(model, proxy, server.gateway).filter((table) =>
    hostsFor(server.hosts, table.namespace).some((ours) => table.hosts.some((theirs) => overlaps(ours, theirs))),
  );
}

function byConnection(
  model: Model,
  proxy: GatewayProxy,
  server: Server,
  host: string,
  finder: Finder,
  reasons: readonly string[],
): Routed {
  const tables = tablesFor(model, proxy, server);
  const reader = { port: server.port, gateway: server.gateway, namespace: proxy.namespace, labels: proxy.labels };
  const rule = isPassthrough(server) ? tlsRule(tables, host, reader) : (tcpRule(tables, reader) ?? tlsRule(tables, host, reader));
  if (rule) return connected(rule, finder, reasons);
  return ending('nolistener', [...reasons, `no route takes connections of port ${server.port} at ${server.object.id}`]);
}
