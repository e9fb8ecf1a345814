import { nearest } from '../../kit/nearest.ts';
import type { Model } from '../model/model.ts';
import { addressOf, type BackendRef } from '../model/pages/backends.ts';
import type { Fault } from '../types.ts';
import { missingPort, missingService } from './lookup.ts';

/** The fault of an address that leads to no Service, or to a port the Service does not have. */
export function backendFault(model: Model, { what, url, at, namespace }: BackendRef): Fault | undefined {
  const address = addressOf(url);
  if (!address) return undefined;
  const found = model.services.find(address.host, namespace);
  if (found.is === 'missing') {
    const fault = missingService(model, { host: address.host, namespace, at, what }, found);
    // Upstream's Grafana comes with data sources for whatever may be installed beside it: a name unlike all others is most likely such a one.
    const names = model.services.inNamespace(found.namespace).map((service) => service.name);
    const known = nearest(found.name, names) !== undefined || model.services.named(found.name).length > 0;
    return known || at.object.origin.construct !== null ? fault : { ...fault, severity: 'warning' };
  }
  return found.is === 'service' ? missingPort(found.service, address.port, { at, what }) : undefined;
}
