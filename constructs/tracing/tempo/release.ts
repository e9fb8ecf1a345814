import { Construct } from 'constructs';
import { isOlder } from '../../kit/collector-components.ts';
import { releaseOptions } from '../../kit/helm/release-options.ts';
import {
  charts,
  type DataSource,
  type DataSourceLinks,
  type Endpoint,
  type GrafanaSource,
  HelmRelease,
  type JsonObject,
  type KialiTracing,
  type KialiTracingConfig,
  type ReleaseOptions,
  type Scraped,
  type ScrapeJob,
  type TraceSink,
  type TraceStore,
  UserError,
  type Watched,
} from '../../kit/index.ts';
import { bytesOf, type PodResources, resourceValues } from '../../kit/quantity.ts';
import { checkSecretKey } from '../../kit/secret-key.ts';
import { protocolsOf, type Receivers, refuse } from '../sink.ts';
import { hoursOf } from '../storage.ts';
import {
  checkStorage,
  madeBy,
  metricsGenerator,
  tempoPorts as ports,
  storageKeys,
  type TempoMetricsGenerator,
  type TempoStorage,
  tempoReceivers,
  tempoStorage,
} from './config.ts';
import { tempoDataSource, tempoKialiTracing } from './readers.ts';
import type { TempoReceives } from './tempo.ts';

/** Options of {@link TempoRelease}. */
export interface TempoReleaseProps extends ReleaseOptions {
  /** @default { type: 'local' }, in the container's file system: the traces go with the pod */
  readonly storage?: TempoStorage;
  /** How long traces are kept: hours, days or weeks, '36h', '7d', '2w'. @default '24h' */
  readonly retention?: string;
  /** Metrics made from the spans: what Grafana draws its service map from. @default none */
  readonly metricsGenerator?: TempoMetricsGenerator;
  /** The chart's version, 2.2.2 or later: it decides Tempo's own. @default the catalog's, `charts.tempo`, with Tempo 2.10 */
  readonly version?: string;
  /** Kubernetes quantities. @default 10m CPU, 256Mi memory requested, 2Gi limit */
  readonly resources?: PodResources;
}

/**
 * Grafana Tempo in one process, by its chart (grafana-community, chart tempo 2.2.4 with Tempo 2.10.8): a StatefulSet and the Service
 * `tempo`, query at port 3200, spans in the protocols of {@link TempoReceives}. One a namespace.
 *
 * It is to others what `Tempo` is, with two differences: the chart's Service leaves out Tempo's gRPC port, so Kiali asks by HTTP; and
 * Jaeger's receivers cannot be switched off, because the chart reads their ports when it writes its Service (grafana/helm-charts#3495).
 *
 * Values by the chart's values.yaml, of which the versions around this one were seen: 2.2.1 and 3.0.
 */
export class TempoRelease
  extends Construct
  implements TraceSink<TempoReceives>, TraceStore, GrafanaSource, KialiTracing, Scraped
{
  readonly accepts: readonly TempoReceives[];
  readonly query: Endpoint<'http'>;
  /** For a release that comes after this one. */
  readonly release: HelmRelease;
  private readonly receivers: Receivers<TempoReceives>;
  private readonly made: ReturnType<typeof madeBy>;

  /** @throws UserError when the chart's version is too old, the retention is no such duration, or the bucket's name cannot be one */
  constructor(scope: Construct, id: string, props: TempoReleaseProps = {}) {
    super(scope, id);
    const { version } = props;
    this.made = madeBy(props.metricsGenerator);
    if (version !== undefined) checkChart(version, this.node.path);
    this.release = new HelmRelease(this, 'release', {
      chart: 'tempo',
      // The chart names its Service after the release when that holds its own name.
      name: 'tempo',
      values: tempoValues(props, this.node.path),
      ...releaseOptions(props),
    });
    const at = <P extends string>(port: number, protocol: P, path?: string) =>
      this.release.endpoint('tempo', port, protocol, path);
    this.receivers = {
      'otlp-grpc': at(ports.otlpGrpc, 'otlp-grpc'),
      'otlp-http': at(ports.otlpHttp, 'otlp-http', '/v1/traces'),
      zipkin: at(ports.zipkin, 'zipkin', '/api/v2/spans'),
      'jaeger-grpc': at(ports.jaegerGrpc, 'jaeger-grpc'),
      'jaeger-thrift-http': at(ports.jaegerThriftHttp, 'jaeger-thrift-http', '/api/traces'),
    };
    this.accepts = protocolsOf(this.receivers);
    this.query = at(ports.http, 'http');
  }

  receiver<Q extends TempoReceives>(protocol: Q): Endpoint<Q> {
    return this.receivers[protocol] ?? refuse(protocol, this.accepts, `tempo '${this.node.path}'`);
  }

  toDataSource(links?: DataSourceLinks): DataSource {
    return tempoDataSource(this.query, { uid: 'tempo', name: 'Tempo' }, links);
  }

  toKialiTracing(): KialiTracingConfig {
    return tempoKialiTracing(this.query, undefined, 'tempo');
  }

  /** Its own metrics, at the port of its queries. */
  get scrapeJobs(): readonly ScrapeJob[] {
    const { namespace } = this.release;
    return [
      {
        by: 'service',
        job: `${namespace}/tempo`,
        namespace,
        service: 'tempo',
        port: 'tempo-prom-metrics',
        labels: { 'app.kubernetes.io/name': 'tempo', 'app.kubernetes.io/instance': 'tempo' },
      },
    ];
  }

  get watched(): readonly Watched[] {
    return [{ is: 'tempo', name: 'tempo', namespace: this.release.namespace, ...this.made }];
  }
}

function tempoValues(props: TempoReleaseProps, path: string): JsonObject {
  const {
    storage = { type: 'local' },
    retention = '24h',
    resources = { cpu: '10m', memory: '256Mi', memoryLimit: '2Gi' },
  } = props;
  checkStorage(storage, path);
  return {
    tempo: {
      reportingEnabled: false,
      retention: `${hoursOf(retention, `retention of '${path}'`)}h`,
      receivers: tempoReceivers,
      storage: tempoStorage(storage),
      ...generatorValues(props.metricsGenerator),
      ...environment(storage, path),
      resources: resourceValues(resources, path),
      // Chart 2 gives Tempo 1 GiB of ballast: it would collect garbage too late for its memory limit. Chart 3 knows no ballast.
      ...(isOlder(props.version ?? charts.tempo.version, '3.0.0') ? { memBallastSizeMbs: 0 } : {}),
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
    },
    ...(storage.disk ? { persistence: persistence(storage.disk, path) } : {}),
    // What the chart does not say itself of a pod under the restricted Pod Security Standard.
    securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
    serviceAccount: { automountServiceAccountToken: false },
    // A collector of spans inside the mesh loses the proxies' own spans under strict mutual TLS.
    podLabels: { 'sidecar.istio.io/inject': 'false', 'istio.io/dataplane-mode': 'none' },
  };
}

/** The chart's `enabled` starts the generator; without a processor in the overrides it makes nothing. */
function generatorValues(props: TempoMetricsGenerator | undefined): JsonObject {
  if (!props) return {};
  const { metrics_generator, overrides } = metricsGenerator(props);
  return { metricsGenerator: { enabled: true, ...metrics_generator }, overrides };
}

function environment(storage: TempoStorage, path: string): JsonObject {
  const keys = Object.entries(storageKeys(storage));
  if (keys.length === 0) return {};
  for (const [name, value] of keys) checkSecretKey(value, `environment variable ${name} of '${path}'`);
  return { extraEnv: keys.map(([name, { secret, key }]) => ({ name, valueFrom: { secretKeyRef: { name: secret, key } } })) };
}

function persistence({ size, storageClass }: NonNullable<TempoStorage['disk']>, path: string): JsonObject {
  if (bytesOf(size) === undefined)
    throw new UserError(
      `size of the disk of '${path}' is ${JSON.stringify(size)}: allowed is a Kubernetes quantity, such as "10Gi"`,
    );
  return {
    enabled: true,
    accessModes: ['ReadWriteOnce'],
    size,
    ...(storageClass === undefined ? {} : { storageClassName: storageClass }),
  };
}

function checkChart(version: string, path: string): void {
  const refused = (why: string) => {
    throw new UserError(
      `chart version of '${path}' is ${JSON.stringify(version)}: ${why}; allowed are 2.2.2 to 2, and from 3.1.1`,
    );
  };
  // grafana-community/helm-charts#569.
  if (isOlder(version, '2.2.2')) refused('its Tempo stops at a receiver that the chart names, or listens at other ports');
  // The chart's README, "From Chart versions 3.0.0 through 3.1.0".
  if (!isOlder(version, '3.0.0') && isOlder(version, '3.1.1')) refused('it keeps traces for 14 days whatever it is told');
}
