import { byCodeUnit } from '../../../kit/json.ts';
import { remember } from '../../../kit/remember.ts';
import { groupBy } from '../../group-by.ts';
import { at, items, number, text } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import { exportedTo, statedExport } from '../../model/reach/visibility.ts';
import type { Service, ServicePort } from '../../model/services.ts';
import type { ProofObject } from '../../types.ts';
import { isWildcard, kubernetesHost } from './hosts.ts';

/** How a proxy takes a port: by request, by connection (`tls` by the name in its handshake), or by looking (`auto`). */
export type Speaks = 'http' | 'tls' | 'tcp' | 'udp' | 'auto';

/** One port of a host of the registry. */
export interface MeshPort {
  readonly number: number;
  readonly speaks: Speaks;
}

/** A host as Istio's registry has it: a Service, or one host of a ServiceEntry. */
export interface MeshService {
  readonly host: string;
  readonly namespace: string;
  readonly ports: readonly MeshPort[];
  readonly object: ProofObject;
  /** The Service; absent for a ServiceEntry. */
  readonly service: Service | undefined;
  /** The namespaces that may know it; undefined for all. */
  readonly exportTo: readonly string[] | undefined;
  /** Its clients go to the addresses that they themselves look up: a headless Service, a ServiceEntry without resolution. */
  readonly headless: boolean;
  /** The other host that it is only a name for (ExternalName). */
  readonly aliasOf: string | undefined;
  readonly addresses: readonly string[];
}

/** The registry of a mesh. */
export interface MeshRegistry {
  readonly all: readonly MeshService[];
  /** All that have a host, in the order in which Istio has them. */
  named(host: string): readonly MeshService[];
  /** ServiceEntries of wildcard hosts. */
  readonly wildcards: readonly MeshService[];
  /** The names that stand for a host (ExternalName). */
  aliases(host: string): readonly MeshService[];
  onPort(port: number): readonly MeshService[];
}

/** Reads the registry of a model, once. */
export const registryOf: (model: Model) => MeshRegistry = remember((model) => {
  const setting = model.meshConfigs.map((mesh) => at(mesh.value, 'defaultServiceExportTo')).find(Array.isArray);
  const usual = (setting ?? []).flatMap((one) => (typeof one === 'string' ? [one] : []));
  const exportOf = (object: ProofObject, namespace: string) => {
    const stated = statedExport(object);
    return exportedTo(stated.length > 0 ? stated : usual, namespace);
  };
  const services = model.services.all.map((service) =>
    kubernetesService(service, exportOf(service.created ? NOBODY : service.object, service.namespace)),
  );
  const entries = model
    .kind('ServiceEntry')
    .filter((object) => object.group === 'networking.istio.io')
    .flatMap((object) => serviceEntry(object, exportOf(object, object.namespace)));
  const all = [...services, ...entries].sort((a, b) => byAge(a.object, b.object));
  const byHost = groupBy(all, (one) => one.host);
  const byAlias = groupBy(
    all.filter((one) => one.aliasOf !== undefined),
    (one) => one.aliasOf ?? '',
  );
  const byPort = new Map<number, MeshService[]>();
  for (const one of all) {
    for (const { number: port } of one.ports) {
      const there = byPort.get(port);
      if (there) there.push(one);
      else byPort.set(port, [one]);
    }
  }
  return {
    all,
    named: (host) => byHost.get(host) ?? [],
    wildcards: all.filter((one) => isWildcard(one.host)),
    aliases: (host) => byAlias.get(host) ?? [],
    onPort: (port) => byPort.get(port) ?? [],
  };
});

/** The port of that number. */
export function portOf(service: MeshService, port: number): MeshPort | undefined {
  const found = service.ports.find((one) => one.number === port);
  if (found || service.service?.ports !== 'unknown') return found;
  return { number: port, speaks: port === 80 ? 'http' : 'auto' };
}

/** Whether a port has no listener of its own: HTTP, or a port of unknown protocol without an address. */
export function isShared(service: MeshService, port: number): boolean {
  const found = portOf(service, port)?.speaks;
  return found === 'http' || (found === 'auto' && service.service === undefined && service.addresses.length === 0);
}

/** Whether a namespace may know a host. */
export function isVisible({ exportTo }: { readonly exportTo: readonly string[] | undefined }, namespace: string): boolean {
  return exportTo === undefined || exportTo.includes(namespace);
}

/** Istio's order: oldest first; of one age (or none) by name, then namespace. */
export function byAge(a: ProofObject, b: ProofObject): number {
  return byCodeUnit(ageOf(a), ageOf(b)) || byCodeUnit(a.name, b.name) || byCodeUnit(a.namespace, b.namespace);
}

/** When an object was made; empty for one that is not there yet. */
export function ageOf(object: ProofObject): string {
  return text(object.json, 'metadata', 'creationTimestamp') ?? '';
}

/** How Istio reads a protocol (pkg/config/protocol; pkg/config/kube for the names of a Service's ports). */
export function speaks(protocol: string): Speaks {
  switch (protocol.toLowerCase()) {
    case 'http':
    case 'http2':
    case 'http_proxy':
    case 'grpc':
    case 'grpc-web':
      return 'http';
    case 'https':
    case 'tls':
      return 'tls';
    case 'tcp':
    case 'mongo':
    case 'redis':
    case 'mysql':
      return 'tcp';
    case 'udp':
      return 'udp';
    default:
      return 'auto';
  }
}

// Stands in for the object of a Service that somebody makes: it says nothing of where it is exported to.
const NOBODY: ProofObject = {
  json: {},
  group: '',
  version: '',
  kind: '',
  name: '',
  namespace: '',
  id: '',
  origin: { file: null, construct: null, line: () => undefined },
};

function kubernetesService(service: Service, exportTo: readonly string[] | undefined): MeshService {
  const { object, created } = service;
  const address = created ? undefined : text(object.json, 'spec', 'clusterIP');
  const external = created ? undefined : text(object.json, 'spec', 'type') === 'ExternalName';
  return {
    host: kubernetesHost(service.name, service.namespace),
    namespace: service.namespace,
    ports: service.ports === 'unknown' ? [] : service.ports.map((port) => meshPort(port, service)),
    object,
    service,
    exportTo,
    headless: address === 'None',
    aliasOf: external === true ? text(object.json, 'spec', 'externalName') : undefined,
    addresses: address === undefined || address === 'None' ? [] : [address],
  };
}

// What Istio's gateways and istiod call their ports (Istio 1.30, charts); the objects that make them give the numbers only.
const MADE_PORTS: ReadonlyMap<number, Speaks> = new Map([
  [80, 'http'],
  [443, 'tls'],
  [15010, 'http'],
  [15012, 'tls'],
  [15014, 'http'],
  [15443, 'tls'],
  [31400, 'tcp'],
]);
// Servers speak first there: never looked at.
const WELL_KNOWN = new Set([25, 53, 3306, 27017]);

function meshPort(port: ServicePort, { created, object }: Service): MeshPort {
  const { number: found } = port;
  if (port.protocol === 'UDP') return { number: found, speaks: 'udp' };
  const name = port.appProtocol === '' ? port.name : port.appProtocol;
  if (created && name === '') {
    const listener = items(object.json, 'spec', 'listeners').find((one) => number(one, 'port') === found);
    const said = text(listener, 'protocol');
    return { number: found, speaks: said === undefined ? (MADE_PORTS.get(found) ?? 'auto') : speaks(said) };
  }
  return { number: found, speaks: protocolOf(name, found) };
}

function protocolOf(name: string, port: number): Speaks {
  if (name === 'kubernetes.io/h2c' || name === 'kubernetes.io/ws') return 'http';
  if (name === 'kubernetes.io/wss') return 'tls';
  if (/^grpc-web/i.test(name)) return 'http';
  const said = speaks(name.split('-')[0] ?? '');
  return said === 'auto' && WELL_KNOWN.has(port) ? 'tcp' : said;
}

function serviceEntry(object: ProofObject, exportTo: readonly string[] | undefined): MeshService[] {
  const ports = items(object.json, 'spec', 'ports').flatMap((port): MeshPort[] => {
    const found = number(port, 'number');
    return found === undefined ? [] : [{ number: found, speaks: speaks(text(port, 'protocol') ?? '') }];
  });
  const addresses = items(object.json, 'spec', 'addresses').flatMap((one) => (typeof one === 'string' ? [one] : []));
  return items(object.json, 'spec', 'hosts').flatMap((host) =>
    typeof host === 'string'
      ? [
          {
            host: host.toLowerCase(),
            namespace: object.namespace,
            ports,
            object,
            service: undefined,
            exportTo,
            headless: /^(none)?$/i.test(text(object.json, 'spec', 'resolution') ?? ''),
            aliasOf: undefined,
            addresses,
          },
        ]
      : [],
  );
}
