import { remember } from '../../../kit/remember.ts';
import type { Model } from '../model.ts';
import { addressOf } from '../pages/backends.ts';
import { selectionIndex } from '../selection.ts';
import { containersOf } from '../spans/containers.ts';
import type { Workload } from '../workloads.ts';

/** A URL that leads to a Loki. */
export interface LokiAddress {
  readonly host: string;
  /** The URL's own. */
  readonly port: number;
  /** The port of Loki's container; the URL's where the input does not show it. */
  readonly containerPort: number;
  /** The path of the URL, without a slash at its end. */
  readonly path: string;
  /** Its pods; undefined where only name and port tell that it is Loki. */
  readonly workload: Workload | undefined;
}

/** Loki's ports, by its own configuration reference and every chart and addon: HTTP, gRPC. */
export const LOKI_HTTP = 3100;
export const LOKI_GRPC = 9095;

/** A URL as one of Loki's; undefined where it may lead to anything else, to a gateway before it, or holds variables. */
export function lokiAt(model: Model, url: string, namespace: string): LokiAddress | undefined {
  const address = url.includes('$') ? undefined : addressOf(url);
  if (!address) return undefined;
  const path = (/^(?:[a-z][a-z0-9+.-]*:\/\/)?[^/?#]*([^?#]*)/i.exec(url)?.[1] ?? '').replace(/\/+$/, '');
  const { host, port } = address;
  const found = model.services.find(host, namespace);
  if (found.is === 'missing' || found.is === 'entry') return undefined;
  if (found.is === 'service' && !found.service.created) {
    const pods = podsOf(model)(found.service.namespace, found.service.selector);
    const [first] = pods;
    if (first) {
      if (!pods.every(runsLoki)) return undefined;
      const ports = found.service.ports === 'unknown' ? [] : found.service.ports;
      const target = ports.find((one) => one.number === port)?.target;
      const named = first.ports.find((one) => one.name === target)?.number;
      const containerPort = typeof target === 'number' ? target : (named ?? port);
      return { host, port, containerPort, path, workload: first };
    }
  }
  const isNamed = /(^|-)loki(-|$)/.test(host.split('.')[0] ?? '');
  return isNamed && (port === LOKI_HTTP || port === LOKI_GRPC)
    ? { host, port, containerPort: port, path, workload: undefined }
    : undefined;
}

const podsOf = remember((model: Model) => selectionIndex(model.workloads.filter((one) => one.podSpec !== undefined)));

function runsLoki(workload: Workload): boolean {
  return containersOf(workload).some(({ image }) => /(^|\/)grafana\/loki$/.test(image?.repository ?? ''));
}
