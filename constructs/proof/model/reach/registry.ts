import { groupBy } from '../../group-by.ts';
import { items } from '../../json-path.ts';
import type { ProofObject } from '../../types.ts';
import { matchesWildcard, readHost } from '../hosts.ts';
import type { Model } from '../model.ts';
import type { Service } from '../services.ts';
import type { RegistryHost } from './visibility.ts';

/** A host of the registry and, when the input holds it, the Service or ServiceEntry that puts it there. */
export interface Registered extends RegistryHost {
  readonly object: ProofObject | undefined;
  /** One that an operator makes is no object of the input. */
  readonly service?: Service;
}

/** Hosts as Istio's registry has them. */
export interface Registry {
  /** What a provider's `service` (`HOST` or `NAMESPACE/HOST`) stands for; undefined when it is not there, or cannot be told. */
  find(name: string, rootNamespace: string): Registered | undefined;
  /** The ServiceEntries of exactly this host. */
  entries(host: string): readonly ProofObject[];
  /** Whether some ServiceEntry, by wildcard or not, is for a host. */
  covers(host: string): boolean;
}

/** Reads the registry of a world: Services, and the hosts of ServiceEntries. */
export function registryOf(model: Model): Registry {
  const hosts = model
    .kind('ServiceEntry')
    .filter((object) => object.group === 'networking.istio.io')
    .flatMap((object) =>
      items(object.json, 'spec', 'hosts').flatMap((host) => (typeof host === 'string' ? [{ host, object }] : [])),
    );
  const exact = groupBy(hosts, (one) => one.host);
  const wildcards = hosts.filter((one) => one.host.startsWith('*'));
  const entries = (host: string) => (exact.get(host) ?? []).map((one) => one.object);
  return {
    entries,
    covers: (host) => exact.has(host) || wildcards.some((one) => matchesWildcard(one.host, host)),
    find: (name, rootNamespace) => {
      const [first = '', second] = name.split('/');
      const host = second ?? first;
      const found = model.services.find(host, rootNamespace);
      if (found.is === 'service') {
        const { service } = found;
        return { host, namespace: service.namespace, object: service.created ? undefined : service.object, service };
      }
      const entry = entries(host).find((one) => second === undefined || one.namespace === first);
      if (entry) return { host, namespace: entry.namespace, object: entry };
      const read = readHost(host, rootNamespace);
      return found.is === 'unknown' && read.is === 'service' && read.whole
        ? { host, namespace: read.namespace, object: undefined }
        : undefined;
    },
  };
}
