import { Construct } from 'constructs';
import {
  ConfigFiles,
  type DataSource,
  type DataSourceLinks,
  type Endpoint,
  type GrafanaSource,
  type KialiTracing,
  type KialiTracingConfig,
  type MeshService,
  repositories,
  type Scraped,
  type ScrapeJob,
  type TraceProtocol,
  type TraceSink,
  type TraceStore,
  UserError,
  versions,
  type Watched,
  Workload,
} from '../../kit/index.ts';
import { protocolsOf, type Receivers, refuse } from '../sink.ts';
import { hoursOf } from '../storage.ts';
import {
  checkStorage,
  madeBy,
  tempoPorts as ports,
  storageKeys,
  type TempoMetricsGenerator,
  type TempoStorage,
  tempoConfig,
  tempoData,
} from './config.ts';
import { tempoDataSource, tempoKialiTracing } from './readers.ts';

/** What Tempo takes (Tempo 3.0, receivers otlp, zipkin, jaeger). */
export type TempoReceives = 'otlp-grpc' | 'otlp-http' | 'zipkin' | 'jaeger-grpc' | 'jaeger-thrift-http';

/** Options of {@link Tempo}. */
export interface TempoProps {
  /** @default { type: 'local' }, in an empty folder: the traces go with the pod */
  readonly storage?: TempoStorage;
  /** How long traces are kept: hours, days or weeks, '36h', '7d', '2w'. @default '24h' */
  readonly retention?: string;
  /** Metrics made from the spans: what Grafana draws its service map from. @default none */
  readonly metricsGenerator?: TempoMetricsGenerator;
  /** The image's tag, of Tempo 2 or 3: each gets the configuration that it understands. @default the catalog's, `versions.tempo` */
  readonly version?: string;
  /** The image without tag. @default docker.io/grafana/tempo */
  readonly image?: string;
  /** Kubernetes quantities. @default 10m CPU, 256Mi memory requested, 2Gi limit */
  readonly resources?: { readonly cpu: string; readonly memory: string; readonly memoryLimit?: string };
}

/** A Tempo that stands already. */
export interface ExistingTempo<P extends TraceProtocol> {
  /** Its HTTP API, port 3200: the query frontend's when it runs as several processes. */
  readonly query: Endpoint<'http'>;
  /** Its gRPC port, 9095, at the same host: Kiali searches faster by it. @default Kiali asks by HTTP */
  readonly grpcQuery?: Endpoint<'grpc'>;
  /** Protocol to address, the preferred one first. */
  readonly receivers: Receivers<P>;
  /** The uid of its data source in Grafana. @default 'tempo' */
  readonly uid?: string;
  /** The name of its data source in Grafana. @default 'Tempo' */
  readonly name?: string;
}

/**
 * Grafana Tempo in one process: Service `tempo`, query at port 3200, spans in the protocols of {@link TempoReceives}.
 *
 * It has no page of its own: people look at its traces in Grafana, and Kiali's links lead there. It gets no sidecar: a collector of
 * spans inside the mesh loses the proxies' own spans under strict mutual TLS.
 */
export class Tempo extends Construct implements TraceSink<TempoReceives>, TraceStore, GrafanaSource, KialiTracing, Scraped {
  readonly accepts: readonly TempoReceives[];
  readonly query: Endpoint<'http'>;
  /** The Deployment and its Service. */
  readonly workload: Workload;
  private readonly grpcQuery: Endpoint<'grpc'>;
  private readonly receivers: Receivers<TempoReceives>;
  private readonly made: ReturnType<typeof madeBy>;

  /** @throws UserError when the version is older than 2, the retention is no such duration, or the bucket's name cannot be one */
  constructor(scope: Construct, id: string, props: TempoProps = {}) {
    super(scope, id);
    const { storage = { type: 'local' }, retention = '24h', metricsGenerator, version = versions.tempo } = props;
    checkStorage(storage, this.node.path);
    this.made = madeBy(metricsGenerator);
    const config = new ConfigFiles(this, 'config', {
      name: 'tempo',
      labels: { app: 'tempo' },
      files: {
        'tempo.yaml': tempoConfig({
          major: majorOf(version, this.node.path),
          storage,
          blockRetention: `${hoursOf(retention, `retention of '${this.node.path}'`)}h`,
          generator: metricsGenerator,
        }),
      },
    });
    this.workload = new Workload(this, 'tempo', {
      name: 'tempo',
      version,
      image: `${props.image ?? repositories.tempo}:${version}`,
      user: 10001,
      args: ['-config.file=/etc/tempo/tempo.yaml'],
      env: storageKeys(storage),
      mounts: [
        { at: '/etc/tempo', files: config },
        storage.disk ? { at: tempoData, claim: { name: 'tempo', ...storage.disk } } : { at: tempoData, scratch: 'disk' },
        { at: '/tmp', scratch: 'disk' },
      ],
      ports: [
        { name: 'http', port: ports.http },
        { name: 'grpc', port: ports.grpc },
        { name: 'grpc-otlp', port: ports.otlpGrpc },
        { name: 'http-otlp', port: ports.otlpHttp },
        { name: 'zipkin', port: ports.zipkin },
        { name: 'grpc-jaeger', port: ports.jaegerGrpc },
        { name: 'http-thrift', port: ports.jaegerThriftHttp },
      ],
      service: [
        { name: 'http-query', port: ports.http, appProtocol: 'http' },
        { name: 'grpc-query', port: ports.grpc, appProtocol: 'grpc' },
        { name: 'grpc-otlp', port: ports.otlpGrpc, appProtocol: 'grpc' },
        { name: 'http-otlp', port: ports.otlpHttp, appProtocol: 'http' },
        { name: 'http-zipkin', port: ports.zipkin, appProtocol: 'http' },
        { name: 'grpc-jaeger', port: ports.jaegerGrpc, appProtocol: 'grpc' },
        { name: 'http-thrift', port: ports.jaegerThriftHttp, appProtocol: 'http' },
      ],
      readiness: { get: '/ready', port: ports.http, period: 5 },
      // Not /ready: it also says no while a part of Tempo is joining or leaving.
      liveness: { get: '/api/echo', port: ports.http, delay: 60 },
      resources: props.resources ?? { cpu: '10m', memory: '256Mi', memoryLimit: '2Gi' },
      sidecar: 'never',
      podAnnotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': `${ports.http}` },
    });
    this.receivers = receiversOf(this.workload.service);
    this.accepts = protocolsOf(this.receivers);
    this.query = this.workload.service.endpoint('http-query', 'http');
    this.grpcQuery = this.workload.service.endpoint('grpc-query', 'grpc');
  }

  /** A Tempo that stands already, by its addresses. */
  static fromExisting<P extends TraceProtocol>(
    existing: ExistingTempo<P>,
  ): TraceSink<P> & TraceStore & GrafanaSource & KialiTracing {
    const { query, grpcQuery, receivers, uid = 'tempo', name = 'Tempo' } = existing;
    const accepts = protocolsOf(receivers);
    return {
      accepts,
      receiver: (protocol) => receivers[protocol] ?? refuse(protocol, accepts, 'the existing tempo'),
      query,
      toDataSource: (links) => tempoDataSource(query, { uid, name }, links),
      toKialiTracing: () => tempoKialiTracing(query, grpcQuery, uid),
    };
  }

  receiver<Q extends TempoReceives>(protocol: Q): Endpoint<Q> {
    return this.receivers[protocol] ?? refuse(protocol, this.accepts, `tempo '${this.node.path}'`);
  }

  toDataSource(links?: DataSourceLinks): DataSource {
    return tempoDataSource(this.query, { uid: 'tempo', name: 'Tempo' }, links);
  }

  toKialiTracing(): KialiTracingConfig {
    return tempoKialiTracing(this.query, this.grpcQuery, 'tempo');
  }

  /** Its pods ask to be scraped by annotation. */
  get scrapeJobs(): readonly ScrapeJob[] {
    const { name, namespace, selector } = this.workload;
    return [{ by: 'pod-annotations', job: 'kubernetes-pods', pods: { name, namespace, labels: selector } }];
  }

  get watched(): readonly Watched[] {
    const { name, namespace } = this.workload;
    return [{ is: 'tempo', name, namespace, ...this.made }];
  }
}

function receiversOf(service: MeshService): Receivers<TempoReceives> {
  return {
    'otlp-grpc': service.endpoint('grpc-otlp', 'otlp-grpc'),
    'otlp-http': service.endpoint('http-otlp', 'otlp-http', '/v1/traces'),
    zipkin: service.endpoint('http-zipkin', 'zipkin', '/api/v2/spans'),
    'jaeger-grpc': service.endpoint('grpc-jaeger', 'jaeger-grpc'),
    'jaeger-thrift-http': service.endpoint('http-thrift', 'jaeger-thrift-http', '/api/traces'),
  };
}

/** Tempo 3 is the rule; a tag that does not begin with a number is believed to be one. */
function majorOf(version: string, path: string): 2 | 3 {
  const major = Number(/^v?(\d+)\./.exec(version)?.[1] ?? 3);
  if (major < 2) throw new UserError(`version of '${path}' is ${JSON.stringify(version)}: allowed are tags of Tempo 2 and 3`);
  return major === 2 ? 2 : 3;
}
