import type { Json } from '../../kit/json.ts';
import { remember } from '../../kit/remember.ts';
import { groupBy } from '../group-by.ts';
import { at, items, number, strings, text } from '../json-path.ts';
import { type ProofObject, type Spot, spotOf } from '../types.ts';
import type { Workload } from './workloads.ts';

/** A Gateway, of Istio or of the Gateway API. */
export interface Gateway {
  readonly api: 'istio' | 'gateway-api';
  readonly name: string;
  readonly namespace: string;
  readonly object: ProofObject;
  /** Labels of the pods it is for; empty for the Gateway API, whose pods follow from the class. */
  readonly selector: ReadonlyMap<string, string>;
  readonly selectorAt: Spot;
  /** Port numbers of its servers or listeners. */
  readonly ports: readonly number[];
  /** Hosts of its servers (Istio), as written: `shop.mesh.test`, `*.mesh.test`, `shop/*`. */
  readonly hosts: readonly string[];
  /** Names of listeners (Gateway API). */
  readonly listeners: readonly string[];
  /** What its servers take over TLS (Istio): one entry for each host. */
  readonly secure: readonly SecureHost[];
}

/** A host that a Gateway of Istio takes over TLS. */
export interface SecureHost {
  readonly host: string;
  readonly port: number;
  /** The address it is bound to; empty for all. */
  readonly bind: string;
  readonly at: Spot;
}

/** The Gateways of a world, by API, namespace and name. */
export interface Gateways {
  readonly all: readonly Gateway[];
  get(api: Gateway['api'], namespace: string, name: string): Gateway | undefined;
  inNamespace(api: Gateway['api'], namespace: string): readonly Gateway[];
}

/** Reads every Gateway. */
export function gatewayIndex(objects: readonly ProofObject[]): Gateways {
  const all = objects.filter((object) => object.kind === 'Gateway').flatMap(gateway);
  const byId = new Map(all.map((one) => [`${one.api}/${one.namespace}/${one.name}`, one]));
  const byNamespace = groupBy(all, (one) => `${one.api}/${one.namespace}`);
  return {
    all,
    get: (api, namespace, name) => byId.get(`${api}/${namespace}/${name}`),
    inNamespace: (api, namespace) => byNamespace.get(`${api}/${namespace}`) ?? [],
  };
}

/** Workloads that are gateway pods: made by an installer, or stated with the gateway injection template, or with a proxy and nothing else. */
export function gatewayWorkloads(workloads: readonly Workload[]): readonly Workload[] {
  return workloads.filter(isGateway);
}

// What else the installers of Istio make.
const CONTROL = new Set(['istiod', 'ztunnel', 'istio-cni-node']);

const isGateway = remember(({ created, object, podSpec, labels }: Workload): boolean => {
  if (created) return !CONTROL.has(labels.get('app') ?? labels.get('k8s-app') ?? '');
  if (!podSpec) return false;
  const annotations = strings(object.json, ...podSpec.slice(0, -1), 'metadata', 'annotations');
  // Beside an app's container it is that pod's sidecar.
  const containers = items(object.json, ...podSpec, 'containers');
  const isProxy = (one: Json) => text(one, 'image') === 'auto' || /\/proxyv2[:@]/.test(text(one, 'image') ?? '');
  return (
    (containers.length > 0 && containers.every(isProxy)) ||
    annotations.get('inject.istio.io/templates')?.split(',').includes('gateway') === true
  );
});

const gateway = remember((object: ProofObject): readonly Gateway[] => {
  const { group, name, namespace, json } = object;
  const selectorAt = spotOf(object, ['spec', 'selector']);
  if (group === 'networking.istio.io') {
    const ports = items(json, 'spec', 'servers').flatMap((server) => number(server, 'port', 'number') ?? []);
    const hosts = items(json, 'spec', 'servers')
      .flatMap((server) => items(server, 'hosts'))
      .flatMap((host) => (typeof host === 'string' ? [host] : []));
    const about = { name, namespace, object, selector: strings(json, 'spec', 'selector'), selectorAt };
    return [{ api: 'istio', ...about, ports, hosts, listeners: [], secure: secureHosts(object) }];
  }
  if (group !== 'gateway.networking.k8s.io') return [];
  const listeners = items(json, 'spec', 'listeners');
  const ports = listeners.flatMap((listener) => number(listener, 'port') ?? []);
  const names = listeners.flatMap((listener) => text(listener, 'name') ?? []);
  const about = { name, namespace, object, selector: new Map<string, string>(), selectorAt };
  return [{ api: 'gateway-api', ...about, ports, hosts: [], listeners: names, secure: [] }];
});

/** Istio takes a server for TLS when it has `tls` and its protocol is not a plain one (pilot/pkg/config/gateway, Istio 1.30). */
function secureHosts(object: ProofObject): SecureHost[] {
  return items(object.json, 'spec', 'servers').flatMap((server, i) => {
    const port = number(server, 'port', 'number');
    const plain = /^(http|http2|grpc|grpc-web|http_proxy)$/i.test(text(server, 'port', 'protocol') ?? '');
    if (port === undefined || plain || at(server, 'tls') === undefined) return [];
    const bind = text(server, 'bind') ?? '';
    return items(server, 'hosts').flatMap((host, j) =>
      typeof host === 'string' ? [{ host, port, bind, at: spotOf(object, ['spec', 'servers', i, 'hosts', j]) }] : [],
    );
  });
}
