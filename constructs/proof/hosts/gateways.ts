import type { Json } from '../../kit/json.ts';
import { remember, rememberText } from '../../kit/remember.ts';
import { groupBy } from '../group-by.ts';
import { at, items, strings, text } from '../json-path.ts';
import type { Gateway } from '../model/gateways.ts';
import { matchesWildcard, readHost } from '../model/hosts.ts';
import type { Model } from '../model/model.ts';
import type { Route } from '../model/routes.ts';
import { type Spot, spotOf } from '../types.ts';
import { annotated, podAddresses, serviceAddresses } from './addresses.ts';
import type { HostClaim } from './hosts.ts';

/** Hosts that Gateways of Istio let in: those of the VirtualServices bound to them, else their own. */
export function istioHosts(model: Model): HostClaim[] {
  const routes = boundRoutes(model, 'istio');
  const outside = new Set(model.kind('ServiceEntry').flatMap(({ json }) => texts(json, 'spec', 'hosts')));
  return model.gateways.all
    .filter((one) => one.api === 'istio' && !leadsOut(one))
    .flatMap((gateway) => {
      const { object } = gateway;
      const own = annotated(strings(object.json, 'metadata', 'annotations'));
      const addresses = own.length > 0 ? own : podAddresses(model, gateway.selector);
      const servers = serversOf(gateway);
      const bound = (routes.get(keyOf(gateway)) ?? []).flatMap(boundHosts(gateway));
      // A server's own name that no VirtualService takes is claimed as well.
      const unbound = servers.filter((server) => !bound.some((one) => narrower(server.host, one.host) !== undefined));
      return [...bound, ...unbound]
        .filter(({ host }) => isPublic(host) && !outside.has(host))
        .map((one): HostClaim => ({ ...one, addresses, by: 'istio-gateway' }));
    });
}

/** The hosts of the servers of a Gateway of Istio. */
const serversOf = remember(({ object }: Gateway): readonly HostAt[] =>
  items(object.json, 'spec', 'servers').flatMap((server, i) =>
    items(server, 'hosts').flatMap((host, j) =>
      typeof host === 'string'
        ? [{ host: host.slice(host.indexOf('/') + 1), at: spotOf(object, ['spec', 'servers', i, 'hosts', j]) }]
        : [],
    ),
  ),
);

/** The hosts of a VirtualService that a Gateway lets in: a stack and its variants share most pairs of them. */
const boundHosts = remember((gateway: Gateway) =>
  remember(({ object }: Route): readonly HostAt[] =>
    items(object.json, 'spec', 'hosts').flatMap((host, i) => {
      if (typeof host !== 'string') return [];
      const shared = serversOf(gateway).flatMap((server) => narrower(server.host, host) ?? []);
      return [...new Set(shared)].map((one) => ({ host: one, at: spotOf(object, ['spec', 'hosts', i]) }));
    }),
  ),
);

interface HostAt {
  readonly host: string;
  readonly at: Spot;
}

/** Hosts that Gateways of the Gateway API let in: those of the routes that hang on them, else of their listeners. */
export function gatewayApiHosts(model: Model): HostClaim[] {
  const routes = boundRoutes(model, 'gateway-api');
  return model.gateways.all
    .filter((one) => one.api === 'gateway-api' && !text(one.object.json, 'spec', 'gatewayClassName')?.includes('waypoint'))
    .flatMap((gateway) => {
      const { object } = gateway;
      const addresses = gatewayAddresses(model, gateway);
      const listeners = items(object.json, 'spec', 'listeners').map((one, i) => ({
        section: text(one, 'name'),
        host: text(one, 'hostname') ?? '*',
        at: spotOf(object, ['spec', 'listeners', i, 'hostname']),
      }));
      const bound = (routes.get(keyOf(gateway)) ?? []).flatMap((route) => {
        const sections = route.gateways.filter((one) => keyOf(one) === keyOf(gateway)).map((one) => one.section);
        const open = listeners.filter((one) => sections.some((section) => section === undefined || section === one.section));
        const names = texts(route.object.json, 'spec', 'hostnames');
        const hosts = (names.length > 0 ? names : ['*']).flatMap((name, i) =>
          open.flatMap((one) => {
            const host = narrower(one.host, name);
            const at = names.length > 0 ? spotOf(route.object, ['spec', 'hostnames', i]) : spotOf(route.object, ['spec']);
            return host === undefined ? [] : [{ host, at }];
          }),
        );
        return [...groupBy(hosts, ({ host }) => host).values()].flatMap((same) => same[0] ?? []);
      });
      const unbound = listeners.filter(
        ({ host }) => host !== '*' && !bound.some((one) => narrower(host, one.host) !== undefined),
      );
      return [...bound, ...unbound]
        .filter(({ host }) => isPublic(host))
        .map(({ host, at }): HostClaim => ({ host, at, addresses, by: 'gateway-api' }));
    });
}

function gatewayAddresses(model: Model, { object, namespace }: Gateway): readonly string[] {
  const { json } = object;
  // Istio 1.30 puts the annotations of `infrastructure` on the Service that it makes; without any, the Gateway's own.
  const passed = at(json, 'spec', 'infrastructure') === undefined ? strings(json, 'metadata', 'annotations') : undefined;
  const asked = annotated(passed ?? strings(json, 'spec', 'infrastructure', 'annotations'));
  if (asked.length > 0) return asked;
  return items(json, 'spec', 'addresses').flatMap((one) => {
    const value = text(one, 'value');
    if (value === undefined) return [];
    if ((text(one, 'type') ?? 'IPAddress') === 'IPAddress') return [value];
    // A host's name is that of a Service whose pods were made by hand.
    const found = model.services.find(value, namespace);
    return found.is === 'service' ? serviceAddresses(found.service) : [];
  });
}

/** Routes by the Gateway that they hang on. */
function boundRoutes(model: Model, api: Gateway['api']): ReadonlyMap<string, readonly Route[]> {
  const pairs = model.routes.flatMap((route) => {
    const keys = new Set(route.gateways.filter((one) => one.api === api).map(keyOf));
    return [...keys].map((key) => ({ key, route }));
  });
  return new Map([...groupBy(pairs, ({ key }) => key)].map(([key, all]) => [key, all.map(({ route }) => route)]));
}

function keyOf({ api, namespace, name }: Pick<Gateway, 'api' | 'namespace' | 'name'>): string {
  return `${api}/${namespace}/${name}`;
}

/** Gateways at which the mesh is left, and through which meshes talk: nobody types a name to get there. */
function leadsOut({ selector, object }: Gateway): boolean {
  if ([...selector.values()].some((value) => /egress/.test(value))) return true;
  return items(object.json, 'spec', 'servers').some((one) => text(one, 'tls', 'mode') === 'AUTO_PASSTHROUGH');
}

/** What two patterns have in common; undefined for nothing. */
function narrower(a: string, b: string): string | undefined {
  if (a === b || matchesWildcard(a, b)) return b;
  return matchesWildcard(b, a) ? a : undefined;
}

/** Whether people may type it: a name of the cluster's own is for its pods. */
const isPublic = rememberText((host: string): boolean => {
  if (host.endsWith('.local')) return false;
  const read = readHost(host, '');
  return read.is === 'open' ? !/[$%{}]/.test(host) : host.includes('.');
});

function texts(json: Json, ...path: string[]): readonly string[] {
  return items(json, ...path).flatMap((one) => (typeof one === 'string' ? [one] : []));
}
