import { Construct } from 'constructs';
import { isOlder } from '../../kit/collector-components.ts';
import { releaseOptions } from '../../kit/helm/release-options.ts';
import {
  type DataSource,
  type DataSourceLinks,
  type Endpoint,
  type GrafanaSource,
  HelmRelease,
  type JsonObject,
  type LogSink,
  type PodResources,
  type ReleaseOptions,
  type Scraped,
  type ScrapeJob,
  UserError,
  type VolumeClaim,
  type Watched,
} from '../../kit/index.ts';
import { checkVolume } from '../../kit/mounts.ts';
import { resourceValues } from '../../kit/quantity.ts';
import {
  checkIndexLabels,
  lokiCompactor,
  lokiLimits,
  lokiSchema,
  otlpLogsPath,
  lokiPorts as ports,
  retentionOf,
  usualIndexLabels,
} from './config.ts';
import { lokiDataSource } from './data-source.ts';

/** Options of {@link LokiRelease}. */
export interface LokiReleaseProps extends ReleaseOptions {
  /** A disk of its own, which one pod can hold. @default an empty folder, for a lab: the logs go with the pod */
  readonly disk?: Omit<VolumeClaim, 'name'>;
  /** How long logs are kept: hours, days or weeks, '36h', '7d', '2w', a day at least. @default a day where there is no disk, else for ever, until it is full */
  readonly retention?: string;
  /** As for `Loki`. @default the service's namespace, and the namespace, deployment, container, cluster and environment it runs in */
  readonly indexLabels?: readonly string[];
  /** The chart's version, 13.0.0 or later: it decides Loki's own. @default the catalog's, `charts.loki`, with Loki 3.7.6 */
  readonly version?: string;
  /** Kubernetes quantities. @default 10m CPU, 256Mi memory requested, 1Gi limit */
  readonly resources?: PodResources;
}

/**
 * Grafana Loki in one process, by its chart (grafana-community, chart loki 18.11.0 with Loki 3.7.6, deployment mode `Monolithic`): a
 * StatefulSet and the Service `loki`, queries and OTLP at port 3100. One a namespace.
 *
 * The chart's caches, gateway, canary, tests and sidecar for rules are left out: one process needs none of them. It is to others what
 * `Loki` is.
 *
 * Values by the chart's README (upgrade notes up to 18), its templates and values.yaml of the versions around this one.
 */
export class LokiRelease extends Construct implements LogSink<'otlp-http'>, GrafanaSource, Scraped {
  /** Where queries go. */
  readonly query: Endpoint<'http'>;
  readonly logReceiver: Endpoint<'otlp-http'>;
  /** For a release that comes after this one. */
  readonly release: HelmRelease;

  /** @throws UserError when the chart's version is too old, the retention is no such duration, or an index label no attribute */
  constructor(scope: Construct, id: string, props: LokiReleaseProps = {}) {
    super(scope, id);
    const { version } = props;
    if (version !== undefined && isOlder(version, '13.0.0')) {
      throw new UserError(
        `chart version of '${this.node.path}' is ${JSON.stringify(version)}: it has no mode Monolithic, or another form of persistence; allowed are 13.0.0 and later`,
      );
    }
    this.release = new HelmRelease(this, 'release', {
      chart: 'loki',
      // The chart names its Service after the release when that holds its own name.
      name: 'loki',
      values: lokiValues(props, this.node.path),
      ...releaseOptions(props),
    });
    this.query = this.release.endpoint('loki', ports.http, 'http');
    this.logReceiver = this.release.endpoint('loki', ports.http, 'otlp-http', otlpLogsPath);
  }

  toDataSource(links?: DataSourceLinks): DataSource {
    return lokiDataSource(this.query, { uid: 'loki', name: 'Loki' }, links);
  }

  /** Its pods ask to be scraped by annotation: the chart's two Services differ in no label that a monitor could select by. */
  get scrapeJobs(): readonly ScrapeJob[] {
    return [
      {
        by: 'pod-annotations',
        job: 'kubernetes-pods',
        pods: {
          name: 'loki',
          namespace: this.release.namespace,
          labels: { 'app.kubernetes.io/name': 'loki', 'app.kubernetes.io/instance': this.release.release },
        },
      },
    ];
  }

  get watched(): readonly Watched[] {
    return [{ is: 'loki', name: 'loki', namespace: this.release.namespace }];
  }
}

function lokiValues(props: LokiReleaseProps, where: string): JsonObject {
  const { disk, retention, indexLabels = usualIndexLabels } = props;
  const { resources = { cpu: '10m', memory: '256Mi', memoryLimit: '1Gi' } } = props;
  checkIndexLabels(indexLabels, where);
  const kept = retentionOf(retention, disk, where);
  const none = { replicas: 0 };
  const off = { enabled: false };
  return {
    deploymentMode: 'Monolithic',
    loki: {
      auth_enabled: false,
      commonConfig: { replication_factor: 1 },
      storage: { type: 'filesystem' },
      schemaConfig: lokiSchema,
      limits_config: lokiLimits({ retentionPeriod: kept, indexLabels }),
      ...(kept === undefined ? {} : { compactor: lokiCompactor }),
      analytics: { reporting_enabled: false },
      // What the chart does not say itself of a pod under the restricted Pod Security Standard.
      podSecurityContext: { seccompProfile: { type: 'RuntimeDefault' } },
      podLabels: { 'sidecar.istio.io/inject': 'false', 'istio.io/dataplane-mode': 'none' },
      podAnnotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': `${ports.http}` },
    },
    singleBinary: {
      replicas: 1,
      resources: resourceValues(resources, where),
      persistence: disk ? persistence(disk, where) : off,
    },
    ...{ read: none, write: none, backend: none },
    ...{ chunksCache: off, resultsCache: off, gateway: off, lokiCanary: off, test: off },
    // Without the sidecar that looks for rules nothing talks to the API server.
    sidecar: { rules: off },
    serviceAccount: { automountServiceAccountToken: false },
  };
}

function persistence(disk: Omit<VolumeClaim, 'name'>, where: string): JsonObject {
  checkVolume(disk, `the disk of '${where}'`);
  const { size, storageClass } = disk;
  return { enabled: true, size, ...(storageClass === undefined ? {} : { storageClass }) };
}
