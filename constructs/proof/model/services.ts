import { remember } from '../../kit/remember.ts';
import { groupBy } from '../group-by.ts';
import { items, number, strings, text } from '../json-path.ts';
import type { ProofObject } from '../types.ts';
import { fullHost, matchesWildcard, readHost } from './hosts.ts';

/** One port of a Service. */
export interface ServicePort {
  readonly number: number;
  readonly name: string;
  readonly protocol: string;
  readonly appProtocol: string;
  /** Number or name of the container port it leads to. */
  readonly target: number | string;
}

/** A Service that the input states, or that an operator, chart or installer makes from an object of the input. */
export interface Service {
  readonly name: string;
  readonly namespace: string;
  readonly id: string;
  /** `unknown` where the maker decides: nothing is then said about ports. */
  readonly ports: readonly ServicePort[] | 'unknown';
  readonly selector: ReadonlyMap<string, string>;
  /** The object that states or causes it. */
  readonly object: ProofObject;
  /** Not stated in the input: somebody makes it from `object`. */
  readonly created: boolean;
  /** Labels of one that somebody makes, where these are known: not its pods'. */
  readonly labels?: ReadonlyMap<string, string>;
}

/** What a host leads to. */
export type Lookup =
  /** `whole` is false for a short name: fine for DNS, and for Istio only without any dot. */
  | { readonly is: 'service'; readonly service: Service; readonly whole: boolean }
  | { readonly is: 'entry'; readonly object: ProofObject }
  | { readonly is: 'missing'; readonly name: string; readonly namespace: string }
  /** The input does not show enough to tell. */
  | { readonly is: 'unknown' };

/** The Services of a world. */
export interface Services {
  readonly all: readonly Service[];
  get(namespace: string, name: string): Service | undefined;
  inNamespace(namespace: string): readonly Service[];
  named(name: string): readonly Service[];
  /** Looks a host up as something in `namespace` would. */
  find(host: string, namespace: string): Lookup;
}

/** The Services stated in the input. */
export function statedServices(objects: readonly ProofObject[]): Service[] {
  return objects.filter((object) => object.kind === 'Service' && object.group === '').map(statedService);
}

const statedService = remember((object: ProofObject): Service => {
  const ports = items(object.json, 'spec', 'ports').flatMap((port) => {
    const found = number(port, 'port');
    if (found === undefined) return [];
    const name = text(port, 'name') ?? '';
    const target = number(port, 'targetPort') ?? text(port, 'targetPort') ?? found;
    const protocol = text(port, 'protocol') ?? 'TCP';
    return [{ number: found, name, protocol, appProtocol: text(port, 'appProtocol') ?? '', target }];
  });
  // An ExternalName needs no ports: any port of the outer host is as good.
  const free = text(object.json, 'spec', 'type') === 'ExternalName' && ports.length === 0;
  return service(
    object.name,
    object.namespace,
    free ? 'unknown' : ports,
    object,
    strings(object.json, 'spec', 'selector'),
    false,
  );
});

/** A Service, stated or made. */
export function service(
  name: string,
  namespace: string,
  ports: readonly ServicePort[] | 'unknown',
  object: ProofObject,
  selector: ReadonlyMap<string, string> = new Map(),
  created = true,
): Service {
  return { name, namespace, id: `Service/${namespace}/${name}`, ports, selector, object, created };
}

/**
 * Indexes Services and the hosts of ServiceEntries.
 *
 * @param isKnown whether the input shows all of a namespace, so that what is not there is missing
 * @param mayExist whether somebody unseen may make a Service of this name
 */
export function serviceIndex(
  all: readonly Service[],
  objects: readonly ProofObject[],
  isKnown: (namespace: string) => boolean,
  mayExist: (namespace: string, name: string) => boolean,
): Services {
  const byId = new Map<string, Service>();
  for (const one of all) if (!byId.has(`${one.namespace}/${one.name}`)) byId.set(`${one.namespace}/${one.name}`, one);
  const byNamespace = groupBy(byId.values(), (one) => one.namespace);
  const byName = groupBy(byId.values(), (one) => one.name);
  const entries = entryHosts(objects);
  const find = (host: string, namespace: string): Lookup => {
    const read = readHost(host, namespace);
    if (read.is === 'open') return { is: 'unknown' };
    const found = read.is === 'service' ? byId.get(`${read.namespace}/${read.name}`) : undefined;
    if (found) return { is: 'service', service: found, whole: read.is === 'service' && read.whole };
    const entry = entries(read.is === 'service' ? fullHost(read) : host, namespace) ?? entries(host, namespace);
    if (entry) return { is: 'entry', object: entry };
    if (read.is !== 'service' || !isKnown(read.namespace) || mayExist(read.namespace, read.name)) return { is: 'unknown' };
    return { is: 'missing', name: read.name, namespace: read.namespace };
  };
  return {
    all: [...byId.values()],
    get: (namespace, name) => byId.get(`${namespace}/${name}`),
    inNamespace: (namespace) => byNamespace.get(namespace) ?? [],
    named: (name) => byName.get(name) ?? [],
    find,
  };
}

/** Finds the ServiceEntry that brings a host into the mesh, as far as it is exported to the namespace that asks. */
function entryHosts(objects: readonly ProofObject[]): (host: string, namespace: string) => ProofObject | undefined {
  const exact = new Map<string, ProofObject[]>();
  const wildcards: [string, ProofObject][] = [];
  for (const object of objects) {
    if (object.kind !== 'ServiceEntry' || object.group !== 'networking.istio.io') continue;
    for (const host of items(object.json, 'spec', 'hosts')) {
      if (typeof host !== 'string') continue;
      if (host.startsWith('*')) wildcards.push([host, object]);
      else exact.set(host, [...(exact.get(host) ?? []), object]);
    }
  }
  return (host, namespace) =>
    exact.get(host)?.find((object) => isExported(object, namespace)) ??
    wildcards.find(([pattern, object]) => matchesWildcard(pattern, host) && isExported(object, namespace))?.[1];
}

function isExported(object: ProofObject, namespace: string): boolean {
  const to = items(object.json, 'spec', 'exportTo');
  return to.length === 0 || to.includes('*') || to.includes(namespace) || (to.includes('.') && object.namespace === namespace);
}
