import type { Json } from '../../kit/json.ts';
import { remember } from '../../kit/remember.ts';
import { at, items, number, text } from '../json-path.ts';
import { type Path, type ProofObject, type Spot, spotOf } from '../types.ts';
import { fullHost } from './hosts.ts';

/** Where a route sends requests. */
export interface Destination {
  readonly host: string;
  readonly hostAt: Spot;
  /** By number, or by name in an Ingress. */
  readonly port: number | string | undefined;
  readonly portAt: Spot;
  readonly subset: string | undefined;
  readonly subsetAt: Spot;
}

/** A Gateway that a route names. */
export interface GatewayRef {
  readonly api: 'istio' | 'gateway-api';
  readonly name: string;
  readonly namespace: string;
  /** Listener of a Gateway API Gateway. */
  readonly section: string | undefined;
  readonly at: Spot;
}

/** A VirtualService, a route of the Gateway API, or an Ingress. */
export interface Route {
  readonly api: 'istio' | 'gateway-api' | 'ingress';
  readonly object: ProofObject;
  readonly destinations: readonly Destination[];
  /** Gateways it is bound to; the mesh itself is none. */
  readonly gateways: readonly GatewayRef[];
  /** Weights of each rule of a VirtualService; 0 where none is stated. */
  readonly splits: readonly { readonly weights: readonly number[]; readonly at: Spot }[];
}

const ROUTE_KINDS = new Set(['HTTPRoute', 'GRPCRoute', 'TCPRoute', 'TLSRoute', 'UDPRoute']);

/** Reads every route. */
export function routesOf(objects: readonly ProofObject[]): Route[] {
  return objects.flatMap(routeOf);
}

const routeOf = remember((object: ProofObject): readonly Route[] => {
  if (object.group === 'networking.istio.io' && object.kind === 'VirtualService') return [virtualService(object)];
  if (object.group === 'networking.k8s.io' && object.kind === 'Ingress') return [ingress(object)];
  if (object.group === 'gateway.networking.k8s.io' && ROUTE_KINDS.has(object.kind)) return [gatewayRoute(object)];
  return [];
});

function virtualService(object: ProofObject): Route {
  const { json } = object;
  const destinations: Destination[] = [];
  const splits: Route['splits'][number][] = [];
  const add = (path: Path) => {
    const host = text(json, ...path, 'host');
    if (host === undefined) return;
    destinations.push({
      host,
      hostAt: spotOf(object, [...path, 'host']),
      port: number(json, ...path, 'port', 'number'),
      portAt: spotOf(object, [...path, at(json, ...path, 'port') === undefined ? 'host' : 'port']),
      subset: text(json, ...path, 'subset'),
      subsetAt: spotOf(object, [...path, 'subset']),
    });
  };
  for (const protocol of ['http', 'tls', 'tcp']) {
    for (const [i, rule] of items(json, 'spec', protocol).entries()) {
      const base = ['spec', protocol, i];
      for (const j of items(rule, 'route').keys()) add([...base, 'route', j, 'destination']);
      const weights = items(rule, 'route').map((to) => number(to, 'weight') ?? 0);
      if (weights.length > 0) splits.push({ weights, at: spotOf(object, [...base, 'route']) });
      add([...base, 'mirror']);
      for (const j of items(rule, 'mirrors').keys()) add([...base, 'mirrors', j, 'destination']);
    }
  }
  return { api: 'istio', object, destinations, gateways: istioGateways(object), splits };
}

function istioGateways(object: ProofObject): GatewayRef[] {
  const lists: Path[] = [['spec', 'gateways']];
  for (const protocol of ['http', 'tls', 'tcp']) {
    for (const [i, rule] of items(object.json, 'spec', protocol).entries()) {
      for (const j of items(rule, 'match').keys()) lists.push(['spec', protocol, i, 'match', j, 'gateways']);
    }
  }
  return lists.flatMap((list) =>
    items(object.json, ...list).flatMap((ref, i) => {
      if (typeof ref !== 'string' || ref === 'mesh' || ref === '') return [];
      const [first = '', second] = ref.split('/');
      const named =
        second === undefined
          ? dotted(first, object.namespace)
          : { namespace: first === '.' ? object.namespace : first, name: second };
      return [{ api: 'istio' as const, ...named, section: undefined, at: spotOf(object, [...list, i]) }];
    }),
  );
}

/** The old spelling `NAME.NAMESPACE.svc.cluster.local`, which Istio still reads as NAMESPACE/NAME. */
function dotted(ref: string, namespace: string): { name: string; namespace: string } {
  const [name = ref, other, svc] = ref.split('.');
  return other !== undefined && (svc === undefined || svc === 'svc') ? { name, namespace: other } : { name: ref, namespace };
}

function gatewayRoute(object: ProofObject): Route {
  const { json, namespace } = object;
  const destinations: Destination[] = [];
  const gateways: GatewayRef[] = [];
  const add = (ref: Json | undefined, path: Path) => {
    const name = text(ref, 'name');
    const group = text(ref, 'group') ?? '';
    if (name === undefined) return;
    const kind = text(ref, 'kind') ?? 'Service';
    const istioHost = group === 'networking.istio.io' && kind === 'Hostname';
    if (!istioHost && (group !== '' || kind !== 'Service')) return;
    const host = istioHost ? name : fullHost({ name, namespace: text(ref, 'namespace') ?? namespace });
    const nameAt = spotOf(object, [...path, 'name']);
    const port = number(ref, 'port');
    destinations.push({
      host,
      hostAt: nameAt,
      port,
      portAt: spotOf(object, [...path, 'port']),
      subset: undefined,
      subsetAt: nameAt,
    });
  };
  for (const [i, rule] of items(json, 'spec', 'rules').entries()) {
    for (const [j, ref] of items(rule, 'backendRefs').entries()) {
      add(ref, ['spec', 'rules', i, 'backendRefs', j]);
      for (const [k, filter] of items(ref, 'filters').entries()) {
        add(at(filter, 'requestMirror', 'backendRef'), [
          'spec',
          'rules',
          i,
          'backendRefs',
          j,
          'filters',
          k,
          'requestMirror',
          'backendRef',
        ]);
      }
    }
    for (const [j, filter] of items(rule, 'filters').entries()) {
      add(at(filter, 'requestMirror', 'backendRef'), ['spec', 'rules', i, 'filters', j, 'requestMirror', 'backendRef']);
    }
  }
  for (const [i, ref] of items(json, 'spec', 'parentRefs').entries()) {
    const name = text(ref, 'name');
    const kind = text(ref, 'kind') ?? 'Gateway';
    if (name === undefined) continue;
    const path = ['spec', 'parentRefs', i];
    if (kind === 'Service') add(ref, path);
    if (kind !== 'Gateway') continue;
    const section = text(ref, 'sectionName');
    gateways.push({
      api: 'gateway-api',
      name,
      namespace: text(ref, 'namespace') ?? namespace,
      section,
      at: spotOf(object, [...path, 'name']),
    });
  }
  return { api: 'gateway-api', object, destinations, gateways, splits: [] };
}

function ingress(object: ProofObject): Route {
  const destinations: Destination[] = [];
  const add = (path: Path) => {
    const name = text(object.json, ...path, 'name');
    if (name === undefined) return;
    const hostAt = spotOf(object, [...path, 'name']);
    const port = number(object.json, ...path, 'port', 'number') ?? text(object.json, ...path, 'port', 'name');
    const host = fullHost({ name, namespace: object.namespace });
    destinations.push({ host, hostAt, port, portAt: spotOf(object, [...path, 'port']), subset: undefined, subsetAt: hostAt });
  };
  add(['spec', 'defaultBackend', 'service']);
  for (const [i, rule] of items(object.json, 'spec', 'rules').entries()) {
    for (const j of items(rule, 'http', 'paths').keys()) add(['spec', 'rules', i, 'http', 'paths', j, 'backend', 'service']);
  }
  return { api: 'ingress', object, destinations, gateways: [], splits: [] };
}
