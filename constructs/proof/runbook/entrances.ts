import { byCodeUnit } from '../../kit/json.ts';
import { remember } from '../../kit/remember.ts';
import { groupBy } from '../group-by.ts';
import { type HostClaim, hostsOf } from '../hosts/index.ts';
import { at, fields, items, number, text } from '../json-path.ts';
import type { Gateway } from '../model/gateways.ts';
import { matchesWildcard } from '../model/hosts.ts';
import type { Model } from '../model/model.ts';
import type { Route } from '../model/routes.ts';
import type { Service } from '../model/services.ts';
import { type Door, gatewayApiDoor, ingressDoor, istioDoor, nodePortOf, onNodes, serviceDoor } from './doors.ts';
import { hostnames, targets } from './targets.ts';

/** One way to one page: a host, or a port of the nodes, that leads to a Service. */
export interface Entrance {
  readonly by: HostClaim['by'] | 'node-port';
  /** '*' for any name. */
  readonly host: string;
  readonly scheme: 'http' | 'https';
  /** Undefined where only the cluster knows it. */
  readonly port: number | undefined;
  /** A path that is let in. */
  readonly path: string;
  /** Empty where the stack does not say. */
  readonly addresses: readonly string[];
  readonly door: Door;
  readonly service: Service;
  readonly servicePort: number | undefined;
}

/** Every way in of a stack, each once, gateways of the mesh first. */
export const entrancesOf: (model: Model) => readonly Entrance[] = remember((model) => {
  const all = [...model.routes.flatMap((route) => routed(model, route)), ...byIngressValues(model), ...servicesOutside(model)];
  const same = groupBy(all, ({ by, host, service, servicePort }) => `${by} ${host} ${service.id} ${servicePort}`);
  return [...same.values()]
    .flatMap(([first]) => first ?? [])
    .sort((a, b) => ORDER.indexOf(a.by) - ORDER.indexOf(b.by) || byCodeUnit(a.host, b.host));
});

const ORDER: readonly Entrance['by'][] = ['istio-gateway', 'gateway-api', 'ingress', 'load-balancer', 'node-port'];

/** What people open, without the page's own path. A name that is none is that of the address. */
export function originOf({ scheme, host, port, addresses, by }: Entrance): string {
  const [address] = addresses;
  const outer = address?.includes(':') ? `[${address}]` : address;
  const name = host !== '*' ? host : (outer ?? (by === 'node-port' ? 'NODE' : 'ADDRESS'));
  const usual = scheme === 'https' ? 443 : 80;
  return `${scheme}://${name}${port === usual ? '' : `:${port ?? 'PORT'}`}`;
}

function routed(model: Model, route: Route): Entrance[] {
  const { object } = route;
  const by = route.api === 'istio' ? 'istio-gateway' : route.api;
  const { ofObject, ofHost } = claimsOf(model);
  const own = (ofObject.get(object) ?? []).filter((claim) => claim.by === by);
  const others = hostnames(route).flatMap((host) => ofHost.get(`${by} ${host}`)?.[0] ?? []);
  // Where two claim a host, the route's own address counts.
  const hosts = new Map([...others, ...own].map(({ host, addresses }) => [host, addresses]));
  return [...hosts].flatMap(([host, addresses]) => {
    const way = wayOf(model, route, host);
    if (!way) return [];
    return targets(route).flatMap(({ path, host: target, port: servicePort }): Entrance[] => {
      const found = model.services.find(target, object.namespace);
      if (found.is !== 'service') return [];
      return [{ by, host, addresses, ...way, path, service: found.service, servicePort }];
    });
  });
}

const claimsOf = remember((model: Model) => ({
  ofObject: groupBy(hostsOf(model), ({ at }) => at.object),
  ofHost: groupBy(hostsOf(model), ({ by, host }) => `${by} ${host}`),
}));

type Way = Pick<Entrance, 'scheme' | 'port' | 'door'>;

function wayOf(model: Model, route: Route, host: string): Way | undefined {
  const { object } = route;
  if (route.api === 'ingress') {
    const secured = items(object.json, 'spec', 'tls').some((one) => {
      const names = items(one, 'hosts');
      return (
        names.length === 0 || names.some((name) => typeof name === 'string' && (name === host || matchesWildcard(name, host)))
      );
    });
    return { scheme: secured ? 'https' : 'http', port: secured ? 443 : 80, door: ingressDoor(model, object) };
  }
  const gateways = route.gateways.flatMap((ref) => {
    const gateway = model.gateways.get(ref.api, ref.namespace, ref.name);
    return gateway ? [{ gateway, section: ref.section }] : [];
  });
  const servers = gateways.flatMap(({ gateway, section }) =>
    serversFor(gateway, host, section).map((one) => ({ gateway, ...one })),
  );
  const server = servers.find(({ scheme }) => scheme === 'https') ?? servers[0];
  if (!server) return undefined;
  const { gateway, scheme, port } = server;
  const door = gateway.api === 'istio' ? istioDoor(model, gateway) : gatewayApiDoor(model, gateway);
  const onNode = door.service && port !== undefined ? nodePortOf(door.service, port) : undefined;
  if (onNode) return { scheme, port: onNode.port, door: onNodes(door) };
  return { scheme, port: door.onNode ? undefined : port, door };
}

/** The servers or listeners of a Gateway that take a host. */
function serversFor(
  { api, object, secure }: Gateway,
  host: string,
  section: string | undefined,
): Pick<Entrance, 'scheme' | 'port'>[] {
  const takes = (pattern: string) => pattern === host || matchesWildcard(pattern, host) || matchesWildcard(host, pattern);
  if (api === 'istio') {
    const bare = (pattern: string) => pattern.slice(pattern.indexOf('/') + 1).toLowerCase();
    const safe = secure.filter((one) => takes(bare(one.host))).map(({ port }) => ({ scheme: 'https' as const, port }));
    const plain = items(object.json, 'spec', 'servers').flatMap((server) => {
      const port = number(server, 'port', 'number');
      const mine = items(server, 'hosts').some((one) => typeof one === 'string' && takes(bare(one)));
      return port !== undefined && mine && /^http/i.test(text(server, 'port', 'protocol') ?? '') && port !== safe[0]?.port
        ? [{ scheme: 'http' as const, port }]
        : [];
    });
    return [...safe, ...plain];
  }
  return items(object.json, 'spec', 'listeners').flatMap((listener) => {
    const port = number(listener, 'port');
    const mine =
      takes((text(listener, 'hostname') ?? '*').toLowerCase()) && (section ?? text(listener, 'name')) === text(listener, 'name');
    const protocol = text(listener, 'protocol');
    return port !== undefined && mine && (protocol === 'HTTPS' || protocol === 'HTTP')
      ? [{ scheme: protocol === 'HTTPS' ? ('https' as const) : ('http' as const), port }]
      : [];
  });
}

/** Ingresses that an operator or a chart makes: of Kiali, of kube-prometheus-stack. */
function byIngressValues(model: Model): Entrance[] {
  return hostsOf(model)
    .filter(({ by, at: { object } }) => by === 'ingress' && object.kind !== 'Ingress')
    .flatMap(({ host, addresses, at: { object, field } }): Entrance[] => {
      const made = model.services.all.filter((one) => one.object === object);
      // In the values of a chart with several pages the path names which: `spec.values.grafana.ingress.hosts[0]`.
      const part = object.kind === 'HelmRelease' ? (field.split('.')[2] ?? '') : '';
      const service = made.find(({ name }) => name.endsWith(part));
      if (!service) return [];
      const ingress =
        part === ''
          ? fields(object.json, 'spec', 'deployment', 'ingress', 'override_yaml', 'spec')
          : fields(object.json, 'spec', 'values', part, 'ingress');
      const secured = items(ingress, 'tls').length > 0;
      const [servicePort] = service.ports === 'unknown' ? [] : service.ports.map((one) => one.number);
      return [
        {
          by: 'ingress',
          host,
          addresses,
          scheme: secured ? 'https' : 'http',
          port: secured ? 443 : 80,
          path: '/',
          door: ingressDoor(model, undefined),
          service,
          servicePort,
        },
      ];
    });
}

/** Services with an address or ports of their own, past all gateways. */
function servicesOutside(model: Model): Entrance[] {
  const gateways = model.gateways.all.filter(({ api }) => api === 'istio');
  return model.services.all
    .filter(
      ({ created, selector }) =>
        !created &&
        !gateways.some((one) => one.selector.size > 0 && [...one.selector].every(([key, value]) => selector.get(key) === value)),
    )
    .flatMap((service): Entrance[] => {
      const { json } = service.object;
      const type = text(json, 'spec', 'type');
      if (type !== 'NodePort' && type !== 'LoadBalancer') return [];
      const claims = claimsOf(model).ofObject.get(service.object) ?? [];
      const addresses = claims[0]?.addresses ?? serviceDoor(service).addresses;
      const hosts = type === 'NodePort' || claims.length === 0 ? ['*'] : claims.map(({ host }) => host);
      return items(json, 'spec', 'ports').flatMap((one) => {
        const servicePort = number(one, 'port');
        const speaks = text(one, 'appProtocol') ?? text(one, 'name') ?? 'http';
        if (servicePort === undefined || at(one, 'protocol') === 'UDP' || !/^http/.test(speaks)) return [];
        const scheme = /^https/.test(speaks) ? ('https' as const) : ('http' as const);
        const { door } = serviceDoor(service);
        return hosts.map(
          (host): Entrance =>
            type === 'NodePort'
              ? {
                  by: 'node-port',
                  host,
                  scheme,
                  // 0 asks for any.
                  port: number(one, 'nodePort') || undefined,
                  path: '/',
                  addresses: [],
                  door: onNodes(door),
                  service,
                  servicePort,
                }
              : { by: 'load-balancer', host, scheme, port: servicePort, path: '/', addresses, door, service, servicePort },
        );
      });
    });
}
