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
  type Page,
  repositories,
  type Scraped,
  type ScrapeJob,
  type TraceBackend,
  type TraceProtocol,
  type TraceSink,
  UserError,
  versions,
  type Watched,
  Workload,
} from '../../kit/index.ts';
import { traceLinks } from '../data-source-links.ts';
import { protocolsOf, type Receivers, refuse } from '../sink.ts';
import { jaegerConfig, jaegerPorts as ports } from './config.ts';
import { dependenciesJob } from './dependencies.ts';
import type { JaegerStorage } from './storage.ts';
import { planStorage } from './storage-plan.ts';

/** What Jaeger takes (Jaeger 2, receivers otlp, zipkin, jaeger). */
export type JaegerReceives = 'otlp-grpc' | 'otlp-http' | 'zipkin' | 'jaeger-grpc' | 'jaeger-thrift-http';

/** Options of {@link Jaeger}. */
export interface JaegerProps {
  /** Where the page and the API begin; '/' for none. @default '/jaeger', where Kiali and `istioctl dashboard jaeger` look */
  readonly basePath?: string;
  /**
   * Where traces are kept: in memory, on a disk of its own (`badger`), or in a database that stands already.
   *
   * @default { type: 'memory' }
   */
  readonly storage?: JaegerStorage;
  /** The image's tag. @default the catalog's */
  readonly version?: string;
  /** The image without tag. @default docker.io/jaegertracing/jaeger */
  readonly image?: string;
  /** Kubernetes quantities. @default 10m CPU, 256Mi memory requested, 1Gi limit */
  readonly resources?: { readonly cpu: string; readonly memory: string; readonly memoryLimit?: string };
}

/** A Jaeger that stands already. */
export interface ExistingJaeger<P extends TraceProtocol> {
  /** Its page and HTTP API, with the base path. */
  readonly query: Endpoint<'http'>;
  /** Its gRPC query port, which Kiali prefers. @default Kiali asks by HTTP */
  readonly grpcQuery?: Endpoint<'grpc'>;
  /** Protocol to address, the preferred one first. */
  readonly receivers: Receivers<P>;
}

/**
 * Jaeger 2 in one pod.
 *
 * With memory and Badger it computes the graph of services ("System Architecture") itself; Elasticsearch, OpenSearch and Cassandra need
 * `dependencies` in the storage for it; for ClickHouse there is no such job. The database's login stands in no object: the pod reads it
 * from a Secret.
 *
 * Its Services carry the names that others look up: `tracing` (page and query), `zipkin`, `jaeger-collector`; so one of a kind per
 * namespace. It gets no sidecar: a collector of spans inside the mesh loses the proxies' own spans under strict mutual TLS.
 */
export class Jaeger extends Construct implements TraceSink<JaegerReceives>, TraceBackend, GrafanaSource, KialiTracing, Scraped {
  readonly accepts: readonly JaegerReceives[];
  readonly query: Endpoint<'http'>;
  readonly page: Page;
  /** The Deployment and its Services. */
  readonly workload: Workload;
  private readonly grpcQuery: Endpoint<'grpc'>;
  private readonly receivers: Receivers<JaegerReceives>;

  /** @throws UserError when the base path does not begin with '/', or the storage is told something out of its range */
  constructor(scope: Construct, id: string, props: JaegerProps = {}) {
    super(scope, id);
    const { basePath = '/jaeger', version = versions.jaeger, image = repositories.jaeger } = props;
    const storage = props.storage ?? { type: 'memory' };
    if (!/^\/([^/]+(\/[^/]+)*)?$/.test(basePath)) {
      throw new UserError(
        `basePath of '${this.node.path}' is ${JSON.stringify(basePath)}: it begins with '/' and does not end with one ('/' alone for none)`,
      );
    }
    const path = basePath === '/' ? '' : basePath;
    const plan = planStorage(storage, this.node.path, version);
    const config = new ConfigFiles(this, 'config', {
      name: 'jaeger',
      files: { 'config.yaml': jaegerConfig(path, plan.backend) },
    });
    this.workload = new Workload(this, 'jaeger', {
      name: 'jaeger',
      version,
      image: `${image}:${version}`,
      user: 10001,
      args: ['--config', '/etc/jaeger/config.yaml', ...(plan.featureGates ?? []).map((gate) => `--feature-gates=${gate}`)],
      ...(plan.env ? { env: plan.env } : {}),
      mounts: [{ at: '/etc/jaeger', files: config }, { at: '/tmp', scratch: 'disk' }, ...(plan.mounts ?? [])],
      ports: [
        { name: 'query', port: ports.query },
        { name: 'grpc-query', port: ports.grpcQuery },
        { name: 'grpc-otlp', port: ports.otlpGrpc },
        { name: 'http-otlp', port: ports.otlpHttp },
        { name: 'zipkin', port: ports.zipkin },
        { name: 'grpc-jaeger', port: ports.grpc },
        { name: 'http-thrift', port: ports.thriftHttp },
        { name: 'metrics', port: ports.metrics },
      ],
      readiness: { get: '/status', port: ports.health, period: 5 },
      liveness: { get: '/status', port: ports.health, delay: 10 },
      resources: props.resources ?? { cpu: '10m', memory: '256Mi', memoryLimit: '1Gi' },
      sidecar: 'never',
      podAnnotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': `${ports.metrics}` },
    });
    if ('dependencies' in storage) dependenciesJob(this, storage);
    const tracing = this.workload.addService('tracing', [
      { name: 'http-query', port: 80, targetPort: ports.query, appProtocol: 'http' },
      { name: 'grpc-query', port: ports.grpcQuery, appProtocol: 'grpc' },
    ]);
    this.workload.addService('zipkin', [{ name: 'http-zipkin', port: ports.zipkin, appProtocol: 'http' }]);
    const collector = this.workload.addService('jaeger-collector', [
      { name: 'grpc-otlp', port: ports.otlpGrpc, appProtocol: 'grpc' },
      { name: 'http-otlp', port: ports.otlpHttp, appProtocol: 'http' },
      { name: 'http-zipkin', port: ports.zipkin, appProtocol: 'http' },
      { name: 'grpc-jaeger', port: ports.grpc, appProtocol: 'grpc' },
      { name: 'http-thrift', port: ports.thriftHttp, appProtocol: 'http' },
    ]);
    this.receivers = receiversOf(collector);
    this.accepts = protocolsOf(this.receivers);
    this.query = tracing.endpoint('http-query', 'http', path);
    this.grpcQuery = tracing.endpoint('grpc-query', 'grpc', path);
    this.page = { name: 'tracing', endpoint: tracing.endpoint('http-query', 'http'), path: basePath, sidecar: 'never' };
  }

  /** A Jaeger that stands already, by its addresses. */
  static fromExisting<P extends TraceProtocol>(
    existing: ExistingJaeger<P>,
  ): TraceSink<P> & TraceBackend & GrafanaSource & KialiTracing {
    const { query, grpcQuery, receivers } = existing;
    const accepts = protocolsOf(receivers);
    return {
      accepts,
      receiver: (protocol) => receivers[protocol] ?? refuse(protocol, accepts, 'the existing jaeger'),
      query,
      page: { name: 'tracing', endpoint: query.as('http', ''), path: query.path || '/', sidecar: 'never' },
      toDataSource: (links) => dataSource(query, links),
      toKialiTracing: () => kialiTracing(query, grpcQuery),
    };
  }

  receiver<Q extends JaegerReceives>(protocol: Q): Endpoint<Q> {
    return this.receivers[protocol] ?? refuse(protocol, this.accepts, `jaeger '${this.node.path}'`);
  }

  toDataSource(links?: DataSourceLinks): DataSource {
    return dataSource(this.query, links);
  }

  toKialiTracing(): KialiTracingConfig {
    return kialiTracing(this.query, this.grpcQuery);
  }

  /** Its pods ask to be scraped by annotation. */
  get scrapeJobs(): readonly ScrapeJob[] {
    const { name, namespace, selector } = this.workload;
    return [{ by: 'pod-annotations', job: 'kubernetes-pods', pods: { name, namespace, labels: selector } }];
  }

  get watched(): readonly Watched[] {
    const { name, namespace } = this.workload;
    return [{ is: 'jaeger', name, namespace }];
  }
}

function receiversOf(collector: MeshService): Receivers<JaegerReceives> {
  return {
    'otlp-grpc': collector.endpoint('grpc-otlp', 'otlp-grpc'),
    'otlp-http': collector.endpoint('http-otlp', 'otlp-http', '/v1/traces'),
    zipkin: collector.endpoint('http-zipkin', 'zipkin', '/api/v2/spans'),
    'jaeger-grpc': collector.endpoint('grpc-jaeger', 'jaeger-grpc'),
    'jaeger-thrift-http': collector.endpoint('http-thrift', 'jaeger-thrift-http', '/api/traces'),
  };
}

function dataSource(query: Endpoint<'http'>, links: DataSourceLinks | undefined): DataSource {
  return { name: 'Jaeger', uid: 'jaeger', type: 'jaeger', url: query.url, ...(links ? { jsonData: traceLinks(links) } : {}) };
}

function kialiTracing(query: Endpoint<'http'>, grpcQuery: Endpoint<'grpc'> | undefined): KialiTracingConfig {
  return { provider: 'jaeger', internal: grpcQuery ?? query, useGrpc: grpcQuery !== undefined };
}
