import { items } from '../../json-path.ts';
import { hostKey } from '../../model/destination-rules.ts';
import type { Model } from '../../model/model.ts';
import type { ProofObject } from '../../types.ts';

/** The VirtualServices of a world, in input order. */
export function virtualServices(model: Model): readonly ProofObject[] {
  return model.kind('VirtualService').filter(({ group }) => group === 'networking.istio.io');
}

/** The strings of a list. */
export function words(object: ProofObject, ...path: readonly string[]): string[] {
  return items(object.json, ...path).flatMap((one) => (typeof one === 'string' ? [one] : []));
}

/** The hosts that a VirtualService is for, as Istio reads them: it completes only names without a dot. */
export function hostsOf(object: ProofObject): string[] {
  return words(object, 'spec', 'hosts').map((host) =>
    (host.includes('.') || host === '*' ? host : hostKey(host, object.namespace)).toLowerCase(),
  );
}

/** Whether the proxies beside the workloads use it, rather than gateways alone. */
export function isOfMesh(object: ProofObject): boolean {
  const gateways = words(object, 'spec', 'gateways');
  return gateways.length === 0 || gateways.includes('mesh');
}
