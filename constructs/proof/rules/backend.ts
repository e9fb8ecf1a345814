import { addressOf, type BackendRef } from '../model/backends.ts';
import type { Model } from '../model/model.ts';
import type { Fault } from '../types.ts';
import { missingPort, missingService } from './lookup.ts';

/** The fault of an address that leads to no Service, or to a port the Service does not have. */
export function backendFault(model: Model, { what, url, at, namespace }: BackendRef): Fault | undefined {
  const address = addressOf(url);
  if (!address) return undefined;
  const found = model.services.find(address.host, namespace);
  if (found.is === 'missing') return missingService(model, { host: address.host, namespace, at, what }, found);
  return found.is === 'service' ? missingPort(found.service, address.port, { at, what }) : undefined;
}
