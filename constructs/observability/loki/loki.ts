import { Construct } from 'constructs';
import {
  ConfigFiles,
  type DataSource,
  type DataSourceLinks,
  type Endpoint,
  type GrafanaSource,
  type LogSink,
  type PodResources,
  repositories,
  type Scraped,
  type ScrapeJob,
  type VolumeClaim,
  versions,
  type Watched,
  Workload,
} from '../../kit/index.ts';
import {
  checkIndexLabels,
  lokiConfig,
  lokiData,
  otlpLogsPath,
  lokiPorts as ports,
  retentionOf,
  usualIndexLabels,
} from './config.ts';
import { lokiDataSource } from './data-source.ts';

/** Options of {@link Loki}. */
export interface LokiProps {
  /** A disk of its own, which one pod can hold. @default an empty folder, for a lab: the logs go with the pod */
  readonly disk?: Omit<VolumeClaim, 'name'>;
  /** How long logs are kept: hours, days or weeks, '36h', '7d', '2w', a day at least. @default a day where there is no disk, else for ever, until it is full */
  readonly retention?: string;
  /**
   * Attributes of a log's resource that become index labels besides service.name, with '_' for every '.'; all others become structured
   * metadata. Take those with few values: each combination is a stream of its own.
   *
   * @default the service's namespace, and the namespace, deployment, container, cluster and environment it runs in
   */
  readonly indexLabels?: readonly string[];
  /** The image's tag, of Loki 3. @default the catalog's, `versions.loki` */
  readonly version?: string;
  /** The image without tag. @default docker.io/grafana/loki */
  readonly image?: string;
  /** Kubernetes quantities. @default 10m CPU, 256Mi memory requested, 1Gi limit */
  readonly resources?: PodResources;
}

/** A Loki that stands already. */
export interface ExistingLoki {
  /** Its HTTP API, port 3100; that of its gateway where it runs as several processes. */
  readonly query: Endpoint<'http'>;
  /** The uid of its data source in Grafana. @default 'loki' */
  readonly uid?: string;
  /** The name of its data source in Grafana. @default 'Loki' */
  readonly name?: string;
}

/**
 * Grafana Loki in one process: Service `loki`, queries and OTLP at port 3100.
 *
 * It has no page of its own: people read its logs in Grafana. It gets no sidecar, so that the mesh's access log never tells of its own
 * delivery.
 *
 * @example
 * const loki = new Loki(observability, 'loki', { retention: '7d' });
 * const collector = new Collector(observability, 'collector', { exportTo: [tempo], logsTo: [loki] });
 * new Mesh(mesh, 'istio', { tracing: { to: collector }, accessLog: { to: collector } });
 */
export class Loki extends Construct implements LogSink<'otlp-http'>, GrafanaSource, Scraped {
  /** Where queries go. */
  readonly query: Endpoint<'http'>;
  readonly logReceiver: Endpoint<'otlp-http'>;
  /** The Deployment and its Service. */
  readonly workload: Workload;

  /** @throws UserError when the retention is no such duration, or an index label no attribute */
  constructor(scope: Construct, id: string, props: LokiProps = {}) {
    super(scope, id);
    const { disk, retention, indexLabels = usualIndexLabels, version = versions.loki } = props;
    const where = this.node.path;
    checkIndexLabels(indexLabels, where);
    const config = new ConfigFiles(this, 'config', {
      name: 'loki',
      labels: { app: 'loki' },
      files: {
        'loki.yaml': lokiConfig({
          retentionPeriod: retentionOf(retention, disk, where),
          indexLabels,
        }),
      },
    });
    this.workload = new Workload(this, 'loki', {
      name: 'loki',
      version,
      image: `${props.image ?? repositories.loki}:${version}`,
      user: 10001,
      args: ['-config.file=/etc/loki/loki.yaml', '-target=all'],
      mounts: [
        { at: '/etc/loki', files: config },
        disk ? { at: lokiData, claim: { name: 'loki', ...disk } } : { at: lokiData, scratch: 'disk' },
        { at: '/tmp', scratch: 'disk' },
      ],
      ports: [
        { name: 'http', port: ports.http },
        { name: 'grpc', port: ports.grpc },
      ],
      service: [
        { name: 'http-metrics', port: ports.http, appProtocol: 'http' },
        { name: 'grpc', port: ports.grpc, appProtocol: 'grpc' },
      ],
      readiness: { get: '/ready', port: ports.http, period: 5 },
      // Not /ready: it also says no for the first 15 seconds, and while a part of Loki is joining or leaving.
      liveness: { get: '/metrics', port: ports.http, delay: 60 },
      resources: props.resources ?? { cpu: '10m', memory: '256Mi', memoryLimit: '1Gi' },
      sidecar: 'never',
      podAnnotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': `${ports.http}` },
      // What it holds in memory is written to the disk before it ends.
      ...(disk ? { graceSeconds: 60 } : {}),
    });
    this.query = this.workload.service.endpoint('http-metrics', 'http');
    this.logReceiver = this.query.as('otlp-http', otlpLogsPath);
  }

  /** A Loki that stands already, by its address. */
  static fromExisting({ query, uid = 'loki', name = 'Loki' }: ExistingLoki): LogSink<'otlp-http'> & GrafanaSource {
    return {
      logReceiver: query.as('otlp-http', `${query.path}${otlpLogsPath}`),
      toDataSource: (links) => lokiDataSource(query, { uid, name }, links),
    };
  }

  toDataSource(links?: DataSourceLinks): DataSource {
    return lokiDataSource(this.query, { uid: 'loki', name: 'Loki' }, links);
  }

  /** Its pods ask to be scraped by annotation. */
  get scrapeJobs(): readonly ScrapeJob[] {
    const { name, namespace, selector } = this.workload;
    return [{ by: 'pod-annotations', job: 'kubernetes-pods', pods: { name, namespace, labels: selector } }];
  }

  get watched(): readonly Watched[] {
    const { name, namespace } = this.workload;
    return [{ is: 'loki', name, namespace }];
  }
}
