import { at, text } from '../../json-path.ts';
import type { ChartRelease } from '../../read/charts.ts';
import type { Path } from '../../types.ts';
import { fullName } from '../full-name.ts';
import { type Service, type ServicePort, service } from '../services.ts';
import { LOKI_GRPC, LOKI_HTTP } from './loki.ts';

/** Whether a release of Loki's chart runs all of it in one process, as the chart does since 10 unless it is told otherwise. */
export function isMonolithic({ object }: ChartRelease): boolean {
  const mode = text(object.json, 'spec', 'values', 'deploymentMode');
  return mode === undefined || mode === 'Monolithic' || mode === 'SingleBinary';
}

// The last is gRPC again, for clients that balance.
const PORTS: readonly ServicePort[] = [
  { name: 'http-metrics', number: LOKI_HTTP, target: LOKI_HTTP, protocol: 'TCP', appProtocol: '' },
  { name: 'grpc', number: LOKI_GRPC, target: LOKI_GRPC, protocol: 'TCP', appProtocol: '' },
  { name: 'grpclb', number: 9096, target: LOKI_GRPC, protocol: 'TCP', appProtocol: '' },
];

/** The Services of a release of Loki's chart in one process (chart 13 to 18, templates/_service.tpl). */
export function servicesOfLoki(release: ChartRelease): Service[] {
  const { object, partial } = release;
  const value = (...path: Path) => at(object.json, 'spec', 'values', ...path);
  const namespace = text(value('namespaceOverride')) ?? release.namespace;
  const name = fullName(release, 'loki');
  const ports: Service['ports'] = partial || !isMonolithic(release) ? 'unknown' : PORTS;
  const made = (suffix: string, known: Service['ports'] = 'unknown') => service(`${name}${suffix}`, namespace, known, object);
  const helper = (suffix: string, key: string) => (value(key, 'enabled') === false ? [] : [made(suffix)]);
  return [
    { ...made('', ports), labels: labelsOf(release) },
    made('-headless', ports),
    made('-memberlist'),
    ...helper('-gateway', 'gateway'),
    ...helper('-gateway-exporter', 'gateway'),
    ...helper('-canary', 'lokiCanary'),
    ...helper('-chunks-cache', 'chunksCache'),
    ...helper('-results-cache', 'resultsCache'),
  ];
}

function labelsOf({ object, release }: ChartRelease): ReadonlyMap<string, string> {
  return new Map([
    ['app.kubernetes.io/name', text(object.json, 'spec', 'values', 'nameOverride') ?? 'loki'],
    ['app.kubernetes.io/instance', release],
    ['app.kubernetes.io/component', 'single-binary'],
  ]);
}
