import { Construct } from 'constructs';
import {
  ConfigFiles,
  type DataSource,
  type Endpoint,
  type GrafanaSource,
  type JsonObject,
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
  Workload,
} from '../kit/index.ts';
import { protocolsOf, type Receivers, refuse } from './sink.ts';

/** What Jaeger takes (Jaeger 2, receivers otlp, zipkin, jaeger). */
export type JaegerReceives = 'otlp-grpc' | 'otlp-http' | 'zipkin' | 'jaeger-grpc' | 'jaeger-thrift-http';

/** Options of {@link Jaeger}. */
export interface JaegerProps {
  /** Where the page and the API begin; '/' for none. @default '/jaeger', where Kiali and `istioctl dashboard jaeger` look */
  readonly basePath?: string;
  /**
   * How many traces are kept in memory; the oldest go first, all go with the pod. Measured with Jaeger 2: about 36 KiB for a trace of
   * eight spans, so raise the memory limit with it.
   *
   * @default 10000, which fits the default limit of 1Gi
   */
  readonly maxTraces?: number;
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

const ports = {
  otlpGrpc: 4317,
  otlpHttp: 4318,
  zipkin: 9411,
  grpc: 14250,
  thriftHttp: 14268,
  query: 16686,
  grpcQuery: 16685,
  metrics: 8888,
  health: 13133,
};

/**
 * Jaeger 2 in one pod, traces in memory: for a lab.
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

  /** @throws UserError when the base path does not begin with '/', or maxTraces is not a positive whole number */
  constructor(scope: Construct, id: string, props: JaegerProps = {}) {
    super(scope, id);
    const { basePath = '/jaeger', maxTraces = 10_000, version = versions.jaeger, image = repositories.jaeger } = props;
    if (!/^\/([^/]+(\/[^/]+)*)?$/.test(basePath)) {
      throw new UserError(
        `basePath of '${this.node.path}' is ${JSON.stringify(basePath)}: it begins with '/' and does not end with one ('/' alone for none)`,
      );
    }
    if (!Number.isInteger(maxTraces) || maxTraces < 1) {
      throw new UserError(`maxTraces of '${this.node.path}' is ${maxTraces}: allowed are whole numbers from 1`);
    }
    const path = basePath === '/' ? '' : basePath;
    const config = new ConfigFiles(this, 'config', { name: 'jaeger', files: { 'config.yaml': serverConfig(path, maxTraces) } });
    this.workload = new Workload(this, 'jaeger', {
      name: 'jaeger',
      version,
      image: `${image}:${version}`,
      user: 10001,
      args: ['--config', '/etc/jaeger/config.yaml'],
      mounts: [
        { at: '/etc/jaeger', files: config },
        { at: '/tmp', scratch: 'disk' },
      ],
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
      toDataSource: () => dataSource(query),
      toKialiTracing: () => kialiTracing(query, grpcQuery),
    };
  }

  receiver<Q extends JaegerReceives>(protocol: Q): Endpoint<Q> {
    return this.receivers[protocol] ?? refuse(protocol, this.accepts, `jaeger '${this.node.path}'`);
  }

  toDataSource(): DataSource {
    return dataSource(this.query);
  }

  toKialiTracing(): KialiTracingConfig {
    return kialiTracing(this.query, this.grpcQuery);
  }

  /** Its pods ask to be scraped by annotation. */
  get scrapeJobs(): readonly ScrapeJob[] {
    return [{ by: 'pod-annotations', job: 'kubernetes-pods' }];
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

function dataSource(query: Endpoint<'http'>): DataSource {
  return { name: 'Jaeger', uid: 'jaeger', type: 'jaeger', url: query.url };
}

function kialiTracing(query: Endpoint<'http'>, grpcQuery: Endpoint<'grpc'> | undefined): KialiTracingConfig {
  return { provider: 'jaeger', internal: grpcQuery ?? query, useGrpc: grpcQuery !== undefined };
}

/** Jaeger 2.20's configuration: an OpenTelemetry collector's, with Jaeger's own extensions. */
function serverConfig(basePath: string, maxTraces: number): JsonObject {
  // Without a host the receivers listen on localhost only, and every span is lost.
  const at = (port: number) => ({ endpoint: `0.0.0.0:${port}` });
  return {
    service: {
      extensions: ['jaeger_storage', 'jaeger_query', 'healthcheckv2'],
      pipelines: {
        traces: { receivers: ['otlp', 'jaeger', 'zipkin'], processors: ['batch'], exporters: ['jaeger_storage_exporter'] },
      },
      telemetry: {
        metrics: {
          level: 'detailed',
          readers: [{ pull: { exporter: { prometheus: { host: '0.0.0.0', port: ports.metrics } } } }],
        },
      },
    },
    extensions: {
      healthcheckv2: { use_v2: true, http: at(ports.health) },
      jaeger_storage: { backends: { main: { memory: { max_traces: maxTraces } } } },
      jaeger_query: {
        ...(basePath ? { base_path: basePath } : {}),
        storage: { traces: 'main' },
        http: at(ports.query),
        grpc: at(ports.grpcQuery),
      },
    },
    receivers: {
      otlp: { protocols: { grpc: at(ports.otlpGrpc), http: at(ports.otlpHttp) } },
      jaeger: { protocols: { grpc: at(ports.grpc), thrift_http: at(ports.thriftHttp) } },
      zipkin: at(ports.zipkin),
    },
    processors: { batch: {} },
    exporters: { jaeger_storage_exporter: { trace_storage: 'main' } },
  };
}
