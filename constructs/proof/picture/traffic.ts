import { hostsOf } from '../hosts/index.ts';
import { text } from '../json-path.ts';
import { type AppCall, callsOf } from '../model/app-calls.ts';
import type { Model } from '../model/model.ts';
import { reachOf } from '../model/reach/reach.ts';
import { type Door, gatewayApiDoor, ingressDoor, istioDoor } from '../runbook/doors.ts';
import { type Entrance, entrancesOf } from '../runbook/entrances.ts';
import type { Draft } from './draft.ts';
import { namespaceGroup, type Place, type Places } from './places.ts';
import { protocolName } from './protocols.ts';
import { versionRows } from './versions.ts';

/** Adds the way of a request: clients, gateways with their hosts, services with their versions, calls between them. */
export function addTraffic(model: Model, places: Places, draft: Draft): void {
  for (const place of places.all) if (isStated(place)) addPlace(model, places, draft, place);
  for (const entrance of entrancesOf(model)) addEntrance(model, places, draft, entrance);
  addOtherHosts(model, places, draft);
  addOtherRoutes(model, places, draft);
  addCalls(model, places, draft);
}

/** The input states it; what charts and operators make is drawn where something leads to it. */
function isStated({ service, workloads }: Place): boolean {
  return service?.created === false || workloads.some(({ created }) => !created);
}

/** Adds a place with its versions; answers its id. */
export function addPlace(model: Model, places: Places, draft: Draft, place: Place): string {
  if (draft.has(place.id)) return place.id;
  const others = places.aliases(place);
  const lines = [...(place.lines ?? []), ...(others.length > 0 ? [`also as ${others.join(', ')}`] : [])];
  const id = draft.node({ ...place, lines });
  for (const row of versionRows(model, places, place)) draft.row(id, row);
  return id;
}

const CLIENTS = { id: 'clients', kind: 'client', title: 'Browsers, clients', lines: ['outside the cluster'] } as const;

function addEntrance(model: Model, places: Places, draft: Draft, entrance: Entrance): void {
  const { by, host, scheme, port, path, door, service, servicePort, addresses } = entrance;
  const to = addPlace(model, places, draft, places.ofService(service));
  const clients = draft.node(CLIENTS);
  const asked = `${scheme}${port === undefined ? '' : ` ${port}`}`;
  if (by === 'load-balancer' || by === 'node-port') {
    const name = host === '*' ? addresses[0] : host;
    draft.edge({ from: clients, to, kind: 'request', label: [name, asked].filter((one) => one !== undefined).join(' ') });
    return;
  }
  const gateway = addDoor(model, places, draft, door, addresses);
  const row = { id: `${host}${path}`, text: `${host === '*' ? 'any host' : host}${path === '/' ? '' : path}` };
  draft.row(gateway, row);
  draft.edge({ from: clients, to: gateway, kind: 'request', label: asked });
  const label = servicePort === undefined ? '' : `:${servicePort}`;
  draft.edge({ from: gateway, fromRow: row.id, to, kind: 'request', label });
}

function addDoor(
  model: Model,
  places: Places,
  draft: Draft,
  { proxy, service, words }: Door,
  addresses: readonly string[],
): string {
  const lines = addresses.length > 0 ? [addresses.join(', ')] : [];
  if (!proxy || !service) {
    const title = words.replaceAll('`', '');
    return draft.node({ id: `gateway/${title}`, kind: 'gateway', title, lines: ['outside the mesh', ...lines] });
  }
  const { namespace, name } = service;
  // One that the input does not show stands in for the usual one.
  const isShown = model.services.get(namespace, name) === service;
  const id = isShown ? places.ofService(service).id : `service/${namespace}/${name}`;
  return draft.node({ id, kind: 'gateway', title: proxy.deployment, lines, group: namespaceGroup(namespace) });
}

/** Hosts of which no HTTP route says where they lead: TLS, TCP, or nowhere. */
function addOtherHosts(model: Model, places: Places, draft: Draft): void {
  const shown = new Set(entrancesOf(model).map(({ host }) => host));
  for (const { host, by, at, addresses } of hostsOf(model)) {
    if (shown.has(host)) continue;
    const clients = draft.node(CLIENTS);
    const service = model.services.all.find(({ object }) => object === at.object);
    if (by === 'load-balancer' && service) {
      const to = addPlace(model, places, draft, places.ofService(service));
      draft.edge({ from: clients, to, kind: 'request', label: host });
      continue;
    }
    const door = doorOf(model, at.object) ?? ingressDoor(model, at.object.kind === 'Ingress' ? at.object : undefined);
    const gateway = addDoor(model, places, draft, door, addresses);
    draft.row(gateway, { id: host, text: host === '*' ? 'any host' : host });
    draft.edge({ from: clients, to: gateway, kind: 'request', label: '' });
  }
}

/** The door of a Gateway, or of the first Gateway of a route. */
function doorOf(model: Model, object: Model['objects'][number]): Door | undefined {
  const [ref] = model.routes.find((one) => one.object === object)?.gateways ?? [];
  const gateway = ref
    ? model.gateways.get(ref.api, ref.namespace, ref.name)
    : model.gateways.all.find((one) => one.object === object);
  if (!gateway) return undefined;
  return gateway.api === 'istio' ? istioDoor(model, gateway) : gatewayApiDoor(model, gateway);
}

/** Where routes lead that are no way in for browsers: TCP, TLS, a mirror, a route inside the mesh. */
function addOtherRoutes(model: Model, places: Places, draft: Draft): void {
  const linked = new Set(draft.edges().map(({ from, to }) => `${from} ${to}`));
  for (const route of model.routes) {
    for (const { host, port } of route.destinations) {
      const found = model.services.find(host, route.object.namespace);
      if (found.is !== 'service') continue;
      const to = addPlace(model, places, draft, places.ofService(found.service));
      const door = route.gateways.length > 0 ? doorOf(model, route.object) : undefined;
      if (!door) continue;
      const from = addDoor(model, places, draft, door, []);
      if (linked.has(`${from} ${to}`)) continue;
      draft.edge({ from, to, kind: 'request', label: port === undefined ? '' : `:${port}` });
    }
  }
}

/** Calls between apps; in a namespace with a waypoint, through it. Of what is no app only what other parts do not tell: pages that read, and stores. */
function addCalls(model: Model, places: Places, draft: Draft): void {
  for (const { from, to, host, port } of callsOf(model)) {
    const caller = places.ofWorkload(from);
    if (caller.kind !== 'app') {
      addOwnCall(model, places, draft, { caller, to, port });
      continue;
    }
    const row = caller.workloads.length > 1 ? { fromRow: from.name } : {};
    const label = port === undefined ? '' : `:${port}`;
    if (to.is === 'entry') {
      const outside = draft.node({ id: `external/${host}`, kind: 'external', title: host, lines: ['outside the cluster'] });
      draft.edge({ from: caller.id, ...row, to: outside, kind: 'request', label });
      continue;
    }
    const called = places.ofService(to.service);
    if (called === caller) continue;
    const target = addPlace(model, places, draft, called);
    const receiver = called.program?.receivers.find((one) => one.port === port);
    if (receiver) {
      draft.edge({ from: caller.id, ...row, to: target, kind: 'span', label: `${protocolName(receiver.protocol)} ${label}` });
      continue;
    }
    const waypoint = waypointOf(model, places, called.namespace);
    const meshed = waypoint !== undefined && inMesh(model, caller);
    draft.edge({ from: caller.id, ...row, to: meshed ? draft.node(waypoint) : target, kind: 'request', label });
    if (meshed) draft.edge({ from: waypoint.id, to: target, kind: 'request', label });
  }
}

function addOwnCall(
  model: Model,
  places: Places,
  draft: Draft,
  { caller, to, port }: Pick<AppCall, 'to' | 'port'> & { readonly caller: Place },
): void {
  if (to.is !== 'service' || !draft.has(caller.id)) return;
  const called = places.ofService(to.service);
  const kind = caller.kind === 'page' ? 'read' : caller.kind === 'backend' && called.kind === 'app' ? 'request' : undefined;
  if (!kind) return;
  draft.edge({ from: caller.id, to: addPlace(model, places, draft, called), kind, label: port === undefined ? '' : `:${port}` });
}

function inMesh(model: Model, { workloads }: Place): boolean {
  const { namespaces } = reachOf(model);
  return workloads.some((one) => ['sidecar', 'ambient'].includes(namespaces.pods(one).plane));
}

function waypointOf(model: Model, places: Places, namespace: string) {
  const labels = reachOf(model).namespaces.labels(namespace).values;
  const name = labels.get('istio.io/use-waypoint');
  const home = labels.get('istio.io/use-waypoint-namespace') ?? namespace;
  const gateway = name === undefined ? undefined : model.gateways.get('gateway-api', home, name);
  return gateway && isWaypoint(gateway.object) ? waypointNode(model, places, gateway) : undefined;
}

/** Whether a Gateway asks istiod for a waypoint. */
export function isWaypoint({ json }: Model['objects'][number]): boolean {
  return text(json, 'spec', 'gatewayClassName') === 'istio-waypoint';
}

/** The node of a waypoint. */
export function waypointNode(model: Model, places: Places, { object, namespace, name }: Model['gateways']['all'][number]) {
  const service = model.services.all.find((one) => one.created && one.object === object);
  const id = service ? places.ofService(service).id : `service/${namespace}/${name}`;
  return { id, kind: 'waypoint', title: name, lines: ['HTTP proxy of ambient mode'], group: namespaceGroup(namespace) } as const;
}
