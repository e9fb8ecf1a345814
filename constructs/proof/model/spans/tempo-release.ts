import { isOlder } from '../../../kit/collector-components.ts';
import { at, fields, strings, text } from '../../json-path.ts';
import type { ChartRelease } from '../../read/charts.ts';
import type { Config } from '../../read/config.ts';
import { isKnownTempo, tempoConfig } from '../../read/tempo-chart.ts';
import { spotOf } from '../../types.ts';
import { type Service, type ServicePort, service } from '../services.ts';
import type { Program } from './programs.ts';
import { receiversOf } from './receivers.ts';

/** The Tempo that runs in a release of its chart; undefined where nobody can say what its configuration is. */
export function tempoOfRelease(release: ChartRelease, config: Config): Program {
  const { object, namespace } = release;
  return {
    ...{ is: 'tempo', name: fullName(release), namespace, object, config, pipelines: undefined, whole: !config.partial },
    ...{ workload: undefined, container: undefined, image: undefined, labels: podLabels(release), exporters: [] },
    // Since Tempo 2.7 a receiver without an address listens on localhost.
    receivers: receiversOf(
      at(config.value, 'distributor', 'receivers'),
      { localByDefault: true, variable: () => undefined },
      () => undefined,
      (path) => config.spot(['distributor', 'receivers', ...path]),
    ),
    at: spotOf(object, ['spec', 'values', 'tempo']),
  };
}

// Chart tempo 1.22 to 2, templates/_ports.tpl: zipkin's and the old ports are there whether Tempo listens or not, those of others follow
// the receivers. By gRPC nobody can ask.
const FIXED: readonly (readonly [string, number])[] = [
  ['tempo-prom-metrics', 3200],
  ['tempo-zipkin', 9411],
  ['tempo-otlp-legacy', 55680],
  ['tempo-otlp-http-legacy', 55681],
];
const BY_RECEIVER: readonly (readonly [string, type: string, protocol: string])[] = [
  ['grpc-tempo-otlp', 'otlp', 'grpc'],
  ['tempo-otlp-http', 'otlp', 'http'],
  ['grpc-tempo-jaeger', 'jaeger', 'grpc'],
  ['tempo-jaeger-thrift-http', 'jaeger', 'thrift_http'],
  ['tempo-jaeger-thrift-compact', 'jaeger', 'thrift_compact'],
  ['tempo-jaeger-thrift-binary', 'jaeger', 'thrift_binary'],
];

/** The Service of a release of Tempo's chart. */
export function serviceOfTempo(release: ChartRelease): Service {
  const { object, namespace } = release;
  return { ...service(fullName(release), namespace, servicePorts(release), object), labels: ownLabels(release) };
}

function servicePorts(release: ChartRelease): readonly ServicePort[] | 'unknown' {
  const { object, partial, version = '' } = release;
  const config = tempoConfig(release);
  // Chart 3 makes the ports otherwise, and the query's own sidecar brings more.
  const told = isKnownTempo(release) && isOlder(version, '3.0.0') && !partial;
  if (!told || !config || at(object.json, 'spec', 'values', 'tempoQuery', 'enabled') === true) return 'unknown';
  const listening = BY_RECEIVER.flatMap(([name, type, protocol]): (readonly [string, number])[] => {
    const port = /:(\d+)$/.exec(
      text(config.value, 'distributor', 'receivers', type, 'protocols', protocol, 'endpoint') ?? '',
    )?.[1];
    return port === undefined ? [] : [[name, Number(port)]];
  });
  return [...FIXED, ...listening].map(([name, number]) => ({
    ...{ name, number, target: number, appProtocol: '' },
    protocol: /-(compact|binary)$/.test(name) ? 'UDP' : 'TCP',
  }));
}

// Chart tempo, templates/_helpers.tpl: tempo.fullname.
function fullName({ object, release }: ChartRelease): string {
  const values = fields(object.json, 'spec', 'values');
  const name = chartName(values);
  const full = text(values, 'fullnameOverride') ?? (release.includes(name) ? release : `${release}-${name}`);
  return full.slice(0, 63).replace(/-$/, '');
}

function ownLabels({ object, release }: ChartRelease): ReadonlyMap<string, string> {
  return new Map([
    ['app.kubernetes.io/name', chartName(fields(object.json, 'spec', 'values'))],
    ['app.kubernetes.io/instance', release],
  ]);
}

function podLabels(release: ChartRelease): ReadonlyMap<string, string> {
  return new Map([...ownLabels(release), ...strings(release.object.json, 'spec', 'values', 'podLabels')]);
}

function chartName(values: ReturnType<typeof fields>): string {
  return text(values, 'nameOverride') ?? 'tempo';
}
