import { type Candidate, candidates, type RuleReader } from './http/match.ts';
import { domainTakes, isWildcard, mostSpecific } from './registry/hosts.ts';
import { type MeshRegistry, type MeshService, portOf } from './registry/registry.ts';
import type { Scope } from './registry/scope.ts';
import type { RouteTable } from './routes/route-table.ts';
import { byTableAge } from './routes/route-table.ts';
import type { RouteTables } from './routes/tables.ts';

/** What a sidecar does with requests for a host at a port: the rules of a table, or what a Service has by itself. */
export type VirtualHost =
  | { readonly is: 'table'; readonly table: RouteTable; readonly rules: readonly Candidate[]; readonly domain: string }
  | { readonly is: 'service'; readonly service: MeshService; readonly domain: string };

/** All that is needed to say what a sidecar has at a port. */
export interface SidecarPort {
  readonly scope: Scope;
  readonly registry: MeshRegistry;
  readonly tables: RouteTables;
  readonly reader: RuleReader;
}

/** A table that has a virtual host at the port. */
interface Held {
  readonly table: RouteTable;
  readonly rules: readonly Candidate[];
  /** Its hosts that are no Service there. */
  readonly others: readonly string[];
  readonly services: readonly MeshService[];
}

/**
 * Finds the virtual host of a sidecar for a host name (pilot/pkg/networking/core/httproute.go, Istio 1.30): tables in their order, then
 * Services that no table has; a name belongs to the first that claims it. Envoy takes the name itself before wildcards, the longest first.
 */
export function virtualHost(host: string, at: SidecarPort): VirtualHost | undefined {
  const services = [...servicesNamed(host, at), ...wildServices(host, at)];
  const held = tablesFor(host, services, at);
  const exact = claim(host, host, services, held, at);
  if (exact) return exact;
  const domains = new Set<string>();
  for (const { others } of held) for (const other of others) if (domainTakes(other, host)) domains.add(other);
  for (const service of services)
    for (const domain of domainsOf(service, at)) if (isWildcard(domain) && domainTakes(domain, host)) domains.add(domain);
  for (const domain of [...domains].sort((a, b) => b.length - a.length)) {
    const found = claim(domain, host, services, held, at);
    if (found) return found;
  }
  return undefined;
}

/** The host of the registry that a name means to a client, whatever the port: as DNS and its search domains tell. */
export function namedBy(host: string, port: number, { scope, registry }: SidecarPort): MeshService | undefined {
  const own = scope.namespace;
  const [name = '', second, third] = host.split('.');
  const spellings = [host.replace(/\.$/, '')];
  if (second === undefined) spellings.push(`${name}.${own}.svc.cluster.local`);
  else if (third === undefined || (third === 'svc' && host.split('.').length === 3))
    spellings.push(`${name}.${second}.svc.cluster.local`);
  for (const spelling of spellings) {
    const found = scope.service(spelling, port);
    if (found) return found;
  }
  if (isAddress(host)) return scope.onPort(port).find((one) => one.addresses.includes(host));
  const headless = second === undefined ? undefined : headlessNamed(host.slice(name.length + 1), port, scope);
  if (headless) return headless;
  const wildcard = mostSpecific(
    host,
    registry.wildcards.map((one) => one.host),
  );
  return wildcard === undefined ? undefined : scope.service(wildcard, port);
}

function headlessNamed(rest: string, port: number, scope: Scope): MeshService | undefined {
  const [name = '', namespace = scope.namespace, svc] = rest.split('.');
  if (svc !== undefined && svc !== 'svc') return undefined;
  const found = scope.service(`${name}.${namespace}.svc.cluster.local`, port);
  return found?.headless === true && found.service ? found : undefined;
}

/** The Services at the port that have a name among their own. A host of that very name stands before the short names of others. */
function servicesNamed(host: string, at: SidecarPort): MeshService[] {
  const { scope, reader } = at;
  const here = (name: string) => {
    const found = scope.service(name, reader.port);
    return found && isHttp(found, reader.port) ? found : undefined;
  };
  const itself = here(host);
  if (itself) return [aliased(itself, at) ?? itself];
  const meant = namedBy(host, reader.port, at);
  if (!meant) return [];
  const target = aliased(meant, at) ?? meant;
  return here(target.host) === target ? [target] : [];
}

function isAddress(host: string): boolean {
  return /^\d+(\.\d+){3}$/.test(host) || host.includes(':');
}

function aliased(service: MeshService, { scope, reader }: SidecarPort): MeshService | undefined {
  return service.aliasOf === undefined ? undefined : scope.service(service.aliasOf, reader.port);
}

function wildServices(host: string, { scope, registry, reader }: SidecarPort): MeshService[] {
  return registry.wildcards.filter(
    (one) => domainTakes(one.host, host) && scope.service(one.host, reader.port) === one && isHttp(one, reader.port),
  );
}

function isHttp(service: MeshService, port: number): boolean {
  const found = portOf(service, port);
  return found?.speaks === 'http' || found?.speaks === 'auto';
}

/** The names under which a Service is asked for, from a namespace. */
function domainsOf(service: MeshService, { scope, registry }: SidecarPort): string[] {
  const own = [service.host, ...registry.aliases(service.host).map((one) => one.host)];
  const names = own.flatMap((host) => [host, `${host}.`, ...shortNames(host, scope.namespace)]);
  const pods = service.headless && service.service ? names.map((name) => `*.${name}`) : [];
  return [...names, ...pods, ...service.addresses];
}

function shortNames(host: string, namespace: string): string[] {
  const match = /^([^.]+)\.([^.]+)\.svc\.cluster\.local$/.exec(host);
  if (!match) return [];
  const [, name = '', of = ''] = match;
  return [...(of === namespace ? [name] : []), `${name}.${of}`, `${name}.${of}.svc`];
}

/** The tables that may claim a name, in order, with what they hold at the port. */
function tablesFor(host: string, services: readonly MeshService[], at: SidecarPort): Held[] {
  const { scope, tables, reader } = at;
  const found = new Set<RouteTable>();
  for (const name of [host, ...services.map((one) => one.host)]) for (const table of tables.inMesh(name)) found.add(table);
  for (const table of tables.wildcards) {
    const wide = table.hosts.filter(isWildcard).map((one) => one.toLowerCase());
    if (wide.some((one) => domainTakes(one, host) || services.some((service) => mostSpecific(service.host, [one]))))
      found.add(table);
  }
  const ours = [...found].filter((table) => scope.sees(table, reader.port)).sort(byTableAge);
  return inOrder(ours, scope.namespace).flatMap((table) => {
    const rules = candidates(table, reader);
    return rules.length === 0 ? [] : (holds(table, rules, at) ?? []);
  });
}

/** Private tables, then those exported to the namespace by name, then public ones; in each, HTTPRoutes of the client's own namespace first. */
function inOrder(tables: readonly RouteTable[], namespace: string): RouteTable[] {
  const rank = (table: RouteTable) => {
    const own = table.semantics === 'gateway-api' && table.namespace === namespace ? 0 : 1;
    const exported = table.exportTo === undefined ? 2 : table.namespace === namespace ? 0 : 1;
    return 2 * exported + own;
  };
  return [...tables].sort((a, b) => rank(a) - rank(b));
}

function holds(table: RouteTable, rules: readonly Candidate[], at: SidecarPort): Held | undefined {
  const { scope, reader } = at;
  const others: string[] = [];
  const services: MeshService[] = [];
  for (const written of table.hosts) {
    const host = written.toLowerCase();
    if (!isWildcard(host)) {
      const service = scope.service(host, reader.port);
      if (service && portOf(service, reader.port)) services.push(service);
      else others.push(host);
    } else if (table.semantics === 'gateway-api') others.push(host);
    else {
      const taken = scope.onPort(reader.port).filter((one) => mostSpecific(one.host, [host]) !== undefined);
      services.push(...taken.filter((one) => ownerOf(one, at) === table));
      if (taken.length === 0) others.push(host);
    }
  }
  // A route of the Gateway API holds for clients of its own namespace and of the Service's.
  const allowed =
    table.semantics === 'gateway-api'
      ? services.filter((one) => one.namespace === table.namespace || scope.namespace === table.namespace)
      : services;
  if (table.semantics === 'gateway-api' && allowed.length === 0) return undefined;
  const http = allowed.filter((one) => isHttp(one, reader.port));
  return http.length > 0 || reader.port === 80 ? { table, rules, others, services: http } : undefined;
}

/** Of all tables with a host that takes a Service in, the one with the nearest. */
function ownerOf(service: MeshService, { scope, tables, reader }: SidecarPort): RouteTable | undefined {
  const seen = (list: readonly RouteTable[]) =>
    inOrder(
      list.filter((one) => scope.sees(one, reader.port)),
      scope.namespace,
    );
  const [exact] = seen(tables.inMesh(service.host));
  if (exact) return exact;
  const wide = seen(tables.wildcards);
  const nearest = mostSpecific(
    service.host,
    wide.flatMap((one) => one.hosts.filter(isWildcard)),
  );
  return nearest === undefined ? undefined : wide.find((one) => one.hosts.includes(nearest));
}

/** Who has a domain: the first table that claims it by a host or a Service of its own, else a Service that no table has. */
function claim(
  domain: string,
  host: string,
  services: readonly MeshService[],
  held: readonly Held[],
  at: SidecarPort,
): VirtualHost | undefined {
  const ours = services.filter((one) => domainsOf(one, at).includes(domain) || one.host === domain);
  for (const { table, rules, others, services: theirs } of held) {
    if (others.includes(domain) || ours.some((one) => theirs.includes(one))) return { is: 'table', table, rules, domain };
  }
  const taken = new Set(held.flatMap((one) => one.services));
  const [service] = ours.filter((one) => !taken.has(one));
  return service && (domain === host || isWildcard(domain)) ? { is: 'service', service, domain } : undefined;
}
