import { byCodeUnit, type Json } from '../../../kit/json.ts';
import { remember } from '../../../kit/remember.ts';
import { groupBy } from '../../group-by.ts';
import { at, items, number, text } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import type { ProofObject } from '../../types.ts';
import { type Listener, listenersOf } from '../gateways/listeners.ts';
import { hostOf } from '../gateways/server.ts';
import { kubernetesHost, overlaps, within } from '../registry/hosts.ts';
import { ageOf } from '../registry/registry.ts';
import { weightedRoute } from './backend-refs.ts';
import { byPrecedence, routeRules } from './http-route.ts';
import type { HttpRule, RouteTable } from './route-table.ts';

const KINDS = new Set(['HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute']);

/** A route at one of its parents, for one host. */
interface Attached {
  /** Routes of one key are one table. */
  readonly key: string;
  readonly route: ProofObject;
  readonly host: string;
  readonly gateway: string;
  /** The port of the Service that the route names as its parent. */
  readonly port: number | undefined;
}

/** Reads the routes of the Gateway API: one table for all with a parent and a host in common (Istio 1.30, route_collections.go). */
export function gatewayApiTables(model: Model): RouteTable[] {
  const listeners = listenersOf(model);
  const routes = [...KINDS].flatMap((kind) => model.kind(kind)).filter((object) => object.group === 'gateway.networking.k8s.io');
  const attached = routes.flatMap((route) => attachments(model, route, listeners));
  const inMesh = remember((route: ProofObject) => routeRules(route, { model, object: route, grants: false, faults: [] }));
  const atGateway = remember((route: ProofObject) => routeRules(route, { model, object: route, grants: true, faults: [] }));
  return [...groupBy(attached, (one) => one.key)].flatMap(([key, found]): RouteTable[] => {
    const all = [...found].sort((a, b) => byRouteAge(a.route, b.route));
    const [first] = all;
    if (!first) return [];
    let http: readonly HttpRule[] | undefined;
    const read = ({ route, gateway, port }: Attached) => {
      if (!isHttpKind(route)) return [];
      const rules = gateway === 'mesh' ? inMesh(route) : atGateway(route);
      return port === undefined ? rules : rules.map((rule) => withPort(rule, port));
    };
    return [
      {
        object: first.route,
        name: key.replaceAll('/', '~'),
        namespace: first.route.namespace,
        age: ageOf(first.route),
        semantics: 'gateway-api',
        hosts: [first.host],
        gateways: [first.gateway],
        exportTo: undefined,
        http: () => {
          http ??= all.flatMap(read).sort(byPrecedence);
          return http;
        },
        tls: () => all.flatMap((one) => connectionRules(model, one, 'TLSRoute')),
        tcp: () => all.flatMap((one) => connectionRules(model, one, 'TCPRoute')),
      },
    ];
  });
}

function isHttpKind({ kind }: ProofObject): boolean {
  return kind === 'HTTPRoute' || kind === 'GRPCRoute';
}

/** Oldest first; of one age by namespace, then name: the Gateway API's own order. */
function byRouteAge(a: ProofObject, b: ProofObject): number {
  return byCodeUnit(ageOf(a), ageOf(b)) || byCodeUnit(a.namespace, b.namespace) || byCodeUnit(a.name, b.name);
}

function withPort(rule: HttpRule, port: number): HttpRule {
  const match = items(rule.spec, 'match');
  const narrowed = match.length === 0 ? [{ port }] : match.map((one) => ({ ...Object(one), port }));
  return { ...rule, spec: { ...rule.spec, match: narrowed } };
}

function attachments(model: Model, route: ProofObject, listeners: (gateway: string) => readonly Listener[]): Attached[] {
  const kind = isHttpKind(route) ? 'http' : route.kind;
  return items(route.json, 'spec', 'parentRefs').flatMap((ref): Attached[] => {
    const name = text(ref, 'name');
    const namespace = text(ref, 'namespace') ?? route.namespace;
    if (name === undefined) return [];
    const parent = parentKind(ref);
    const port = number(ref, 'port');
    if (parent === 'Service' || parent === 'ServiceEntry') {
      const key = `${route.namespace}${port === undefined ? '' : `/${port}`}`;
      return meshHosts(model, parent, name, namespace).map((host) => ({
        key: `${kind === 'http' ? '' : `${kind} ${route.name} `}${key}/${host}`,
        ...{ route, host, gateway: 'mesh', port },
      }));
    }
    if (parent !== 'Gateway') return [];
    const all = listeners(`${namespace}/${name}`);
    const section = text(ref, 'sectionName');
    return all
      .filter((one) => (port === undefined || one.port === port) && (section === undefined || one.section === section))
      .filter((one) => isAllowed(route, one))
      .flatMap((one) =>
        hostsOf(route)
          .filter((host) => isIsolated(host, one, all))
          .map((host) => ({
            key: `${kind === 'http' ? '' : `${kind} ${route.name} `}${one.server.gateway}/${host}`,
            ...{ route, host, gateway: one.server.gateway, port: undefined },
          })),
      );
  });
}

/** A Service is a parent only by its own group, which is the empty one and must be stated. */
function parentKind(ref: Json): 'Gateway' | 'Service' | 'ServiceEntry' | undefined {
  const group = at(ref, 'group') ?? 'gateway.networking.k8s.io';
  const kind = text(ref, 'kind') ?? 'Gateway';
  if (kind === 'Gateway' && group === 'gateway.networking.k8s.io') return kind;
  if (kind === 'Service' && group === '') return kind;
  return kind === 'ServiceEntry' && group === 'networking.istio.io' ? kind : undefined;
}

function hostsOf(route: ProofObject): string[] {
  const stated = items(route.json, 'spec', 'hostnames').flatMap((host) => (typeof host === 'string' ? [host] : []));
  return stated.length === 0 ? ['*'] : stated;
}

/** The hosts of a parent in the mesh; none when it is not there. */
function meshHosts(model: Model, kind: 'Service' | 'ServiceEntry', name: string, namespace: string): string[] {
  if (kind === 'Service') return model.services.get(namespace, name) ? [kubernetesHost(name, namespace)] : [];
  const entry = model.kind('ServiceEntry').find((one) => one.name === name && one.namespace === namespace);
  return items(entry?.json, 'spec', 'hosts').flatMap((host) => (typeof host === 'string' ? [host] : []));
}

/** Whether a listener takes a route of this kind, namespace and one of its hosts. */
function isAllowed(route: ProofObject, { server, kinds }: Listener): boolean {
  if (!kinds.includes(route.kind)) return false;
  return hostsOf(route).some((host) =>
    server.hosts.some((entry) => {
      const of = entry.includes('/') ? entry.slice(0, entry.indexOf('/')) : '*';
      return overlaps(hostOf(entry), host) && (of === '*' || of === route.namespace);
    }),
  );
}

/** A host goes to the listener with the nearest name only, of those on one port and protocol (hostnameAllowedByIsolation). */
function isIsolated(host: string, listener: Listener, all: readonly Listener[]): boolean {
  const own = listener.hostname;
  if (own !== '' && !own.startsWith('*')) return true;
  if (own !== '' && !overlaps(host, own)) return false;
  return !all.some(
    (other) =>
      other !== listener &&
      other.port === listener.port &&
      other.protocol === listener.protocol &&
      other.hostname !== own &&
      own.length <= other.hostname.length &&
      within(host, other.hostname),
  );
}

/** The rules of a TLSRoute or TCPRoute in the form of a VirtualService. */
function connectionRules(model: Model, { route, gateway, host, port }: Attached, kind: string): Json[] {
  if (route.kind !== kind) return [];
  const hosts = hostsOf(route);
  return items(route.json, 'spec', 'rules').flatMap((rule, i): Json[] => {
    const reader = { model, object: route, grants: gateway !== 'mesh', faults: [] };
    const found = weightedRoute(items(rule, 'backendRefs'), reader, () => ({}));
    if (found === 'invalid' || found.total === 0) return [];
    const name = text(rule, 'name') ?? `rules[${i}]`;
    const onPort = port === undefined ? {} : { port };
    const sni = gateway === 'mesh' && hosts[0] === '*' ? [host] : hosts;
    if (kind === 'TLSRoute') return [{ name, match: [{ sniHosts: sni, ...onPort }], route: found.legs }];
    return [{ name, ...(port === undefined ? {} : { match: [onPort] }), route: found.legs }];
  });
}
