import { nearest, suggest } from '../../kit/nearest.ts';
import { remember } from '../../kit/remember.ts';
import { fullHost } from '../model/hosts.ts';
import type { Model } from '../model/model.ts';
import type { Lookup, Service } from '../model/services.ts';
import type { Fault, Spot } from '../types.ts';

/** Where to look for a Service and who wants it. */
export interface Wanted {
  readonly host: string;
  readonly namespace: string;
  readonly at: Spot;
  /** Who names it, for the message: `destination`, `tracing provider "otel"`. */
  readonly what: string;
}

/** The fault of a host that leads to no Service. */
export function missingService(model: Model, wanted: Wanted, missing: Extract<Lookup, { is: 'missing' }>): Fault {
  const { name, namespace } = missing;
  return {
    at: wanted.at,
    message: `${wanted.what} names host "${wanted.host}", but there is no Service ${name} in namespace ${namespace}`,
    hint: nearService(model, name, namespace),
    cause: `service ${namespace}/${name}`,
  };
}

const serviceNames = remember((services: readonly Service[]) => services.map((service) => service.name));
const serviceNamespaces = remember((services: readonly Service[]) => new Set(services.map((service) => service.namespace)));

/** The Service that was most likely meant: a near name in the namespace, then the same name elsewhere, then a near name elsewhere. */
function nearService(model: Model, name: string, namespace: string): string {
  const here = serviceNames(model.services.inNamespace(namespace));
  if (nearest(name, here) !== undefined) return suggest(name, here, '');
  const elsewhere = model.services.named(name);
  const [other] = elsewhere;
  if (other) return `did you mean "${fullHost(other)}"?`;
  const place = nearest(namespace, serviceNamespaces(model.services.all));
  if (place !== undefined && model.services.get(place, name)) return `did you mean "${fullHost({ name, namespace: place })}"?`;
  return suggest(name, here, `name a Service of namespace ${namespace}, or add Service ${name}`);
}

/** The fault of a port that a Service does not have; undefined when it has it or its ports are not known. */
export function missingPort(
  service: Service,
  port: number | string,
  wanted: Omit<Wanted, 'host' | 'namespace'>,
): Fault | undefined {
  if (service.ports === 'unknown' || (service.created && typeof port === 'string')) return undefined;
  if (service.ports.some((one) => one.number === port || (one.name !== '' && one.name === port))) return undefined;
  return {
    at: wanted.at,
    message: `${wanted.what} names port ${port}, but ${service.id} has ${portList(service)}`,
    hint:
      service.ports.length === 1 ? `did you mean ${service.ports[0]?.number}?` : `name one of its ports: ${portList(service)}`,
    cause: `port ${service.id}:${port}`,
  };
}

/** The ports of a Service in words: `9411 (http-zipkin), 4317 (grpc-otlp)`. */
export function portList(service: Service): string {
  if (service.ports === 'unknown') return 'ports that are not known here';
  if (service.ports.length === 0) return 'no ports';
  return service.ports.map((port) => (port.name === '' ? `${port.number}` : `${port.number} (${port.name})`)).join(', ');
}
