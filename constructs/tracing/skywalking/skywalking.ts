import { Construct } from 'constructs';
import {
  type ContainerPort,
  type Endpoint,
  type EnvValue,
  type Page,
  type Probe,
  repositories,
  type Scraped,
  type ScrapeJob,
  type ServicePort,
  type TraceBackend,
  type TraceSink,
  UserError,
  type Watched,
  Workload,
} from '../../kit/index.ts';
import { refuse } from '../sink.ts';
import { hoursOf } from '../storage.ts';
import { makeBanyandb } from './banyandb.ts';
import { chooseVersions, isAtLeast, type SkyWalkingStorage, storageNeeds } from './storage.ts';

/** What SkyWalking's server takes (10.4, docs: backend receivers): its own protocol, zipkin, and OTLP by gRPC. */
export type SkyWalkingReceives = 'skywalking' | 'zipkin' | 'otlp-grpc';

/** Options of {@link SkyWalking}. */
export interface SkyWalkingProps<R extends SkyWalkingReceives = SkyWalkingReceives> {
  /**
   * What is sent to it, the preferred one first. Spans of zipkin and OTLP are kept as Zipkin traces: they stand in the page's Zipkin
   * view only, not in its services and topology.
   *
   * @default ['skywalking']
   */
  readonly receive?: readonly [R, ...R[]];
  /** @default { type: 'banyandb' }, in an empty folder: all goes with the database's pod */
  readonly storage?: SkyWalkingStorage;
  /** How long traces and logs are kept, in whole days or weeks: '7d', '2w'. @default '3d' */
  readonly retention?: string;
  /** The tag of the server's and the page's images, 9 or 10. @default the catalog's: 10, or with storage in memory 9 */
  readonly version?: string;
  /** The images without tag, for a mirror. @default those of docker.io/apache */
  readonly images?: { readonly oap?: string; readonly ui?: string; readonly banyandb?: string };
  /** The server's, as Kubernetes quantities. Half of the limit is for Java's heap. @default 100m CPU, 1Gi memory requested, 2Gi limit */
  readonly resources?: { readonly cpu: string; readonly memory: string; readonly memoryLimit: string };
}

const ports = { grpc: 11800, http: 12800, zipkin: 9411, zipkinQuery: 9412, metrics: 1234, ui: 8080 };

/** Java takes half of the container's limit for its heap; a server that is out of memory ends, and is started again. */
const javaOptions = '-XX:InitialRAMPercentage=25 -XX:MaxRAMPercentage=50 -XX:+ExitOnOutOfMemoryError';

/**
 * Apache SkyWalking: its server (OAP), its page, and with storage `banyandb` its database.
 *
 * Its Services carry the names that others look up: `tracing` and `skywalking-oap` (port 11800 for spans, 12800 for queries),
 * `tracing-ui` and `skywalking-ui` (8080); so one of a kind per namespace, and no Jaeger or Zipkin beside it. Neither Grafana nor Kiali
 * can read it. Its pods get no sidecar: a collector of spans inside the mesh loses the proxies' own spans under strict mutual TLS.
 */
export class SkyWalking<R extends SkyWalkingReceives = 'skywalking'>
  extends Construct
  implements TraceSink<R>, TraceBackend, Scraped
{
  readonly accepts: readonly R[];
  /** The GraphQL API. */
  readonly query: Endpoint<'http'>;
  readonly page: Page;
  /** The server's Deployment and its Services. */
  readonly workload: Workload;
  /** The page's Deployment and its Services. */
  readonly ui: Workload;
  /** The Deployment of BanyanDB and its Service, when it is the storage. */
  readonly database: Workload | undefined;
  private readonly endpoints: { readonly [P in SkyWalkingReceives]: Endpoint<P> | undefined };

  /** @throws UserError when the version and the storage do not go together, or an option is out of its range */
  constructor(scope: Construct, id: string, props: SkyWalkingProps<R> = {}) {
    super(scope, id);
    const { storage = { type: 'banyandb' }, images = {} } = props;
    const tags = chooseVersions(storage, props.version, this.node.path);
    this.accepts = props.receive ?? defaultReceive();
    const zipkin = this.accepts.some((protocol) => protocol !== 'skywalking');

    this.database =
      storage.type === 'banyandb'
        ? makeBanyandb(this, images.banyandb ?? repositories.banyandb, tags.banyandb, storage)
        : undefined;
    const needs = storageNeeds(
      storage,
      this.database?.service.endpoint('grpc', 'grpc'),
      daysOf(props.retention ?? '3d', this.node.path),
      this.node.path,
    );
    this.workload = new Workload(this, 'oap', {
      name: 'skywalking-oap',
      version: tags.oap,
      image: `${images.oap ?? repositories.skywalkingOap}:${tags.oap}`,
      // The image says no user. What it holds is open to all, and nothing but /tmp is written to, so that any number does.
      user: 1000,
      env: {
        ...needs.env,
        ...receiverEnv(this.accepts),
        JAVA_OPTS: [javaOptions, ...(needs.java ?? [])].join(' '),
        // The health check looks at what telemetry says.
        SW_HEALTH_CHECKER: 'default',
        SW_TELEMETRY: 'prometheus',
      },
      mounts: [{ at: '/tmp', scratch: 'disk' }, ...(needs.mounts ?? [])],
      ports: [
        { name: 'grpc', port: ports.grpc },
        { name: 'http', port: ports.http },
        { name: 'metrics', port: ports.metrics },
        ...(zipkin ? zipkinPorts.map(({ name, port }): ContainerPort => ({ name, port })) : []),
      ],
      service: [...nativePorts, ...(zipkin ? zipkinPorts : [])],
      // It makes its tables first. No liveness: the check is also red while the storage is away, which a restart does not mend.
      startup: { ...health(tags.oap), period: 5, failures: 60 },
      readiness: { ...health(tags.oap), period: 5 },
      resources: props.resources ?? { cpu: '100m', memory: '1Gi', memoryLimit: '2Gi' },
      sidecar: 'never',
      podAnnotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': `${ports.metrics}` },
    });
    const tracing = this.workload.addService('tracing', nativePorts);
    const oap = this.workload.service;
    this.query = tracing.endpoint('http-query', 'http', '/graphql');
    this.endpoints = {
      skywalking: tracing.endpoint('grpc', 'skywalking'),
      'otlp-grpc': zipkin ? tracing.endpoint('grpc', 'otlp-grpc') : undefined,
      zipkin: zipkin ? oap.endpoint('http-zipkin', 'zipkin', '/api/v2/spans') : undefined,
    };

    this.ui = new Workload(this, 'ui', {
      // `istioctl dashboard skywalking` finds it by this label.
      name: 'skywalking-ui',
      version: tags.oap,
      image: `${images.ui ?? repositories.skywalkingUi}:${tags.oap}`,
      user: 1000,
      env: {
        SW_OAP_ADDRESS: oap.endpoint('http-query', 'http').url,
        ...(zipkin ? { SW_ZIPKIN_ADDRESS: oap.endpoint('http-lens', 'http').url } : {}),
        JAVA_OPTS: javaOptions,
      },
      mounts: [{ at: '/tmp', scratch: 'disk' }],
      ports: [{ name: 'http', port: ports.ui }],
      service: [{ name: 'http', port: ports.ui, appProtocol: 'http' }],
      startup: { get: '/', port: ports.ui, period: 5, failures: 30 },
      readiness: { get: '/', port: ports.ui, period: 5 },
      resources: { cpu: '10m', memory: '256Mi', memoryLimit: '512Mi' },
      sidecar: 'never',
    });
    const page = this.ui.addService('tracing-ui', [{ name: 'http', port: ports.ui, appProtocol: 'http' }]);
    this.page = { name: 'tracing', endpoint: page.endpoint('http', 'http'), path: '/', sidecar: 'never' };
  }

  receiver<Q extends R>(protocol: Q): Endpoint<Q> {
    const endpoint = this.accepts.includes(protocol) ? this.endpoints[protocol] : undefined;
    return endpoint?.as(protocol) ?? refuse(protocol, this.accepts, `skywalking '${this.node.path}'`);
  }

  /** The server's pods ask to be scraped by annotation. */
  get scrapeJobs(): readonly ScrapeJob[] {
    const { name, namespace, selector } = this.workload;
    return [{ by: 'pod-annotations', job: 'kubernetes-pods', pods: { name, namespace, labels: selector } }];
  }

  get watched(): readonly Watched[] {
    const { name, namespace } = this.workload;
    return [{ is: 'skywalking', name, namespace }];
  }
}

/** Without `receive`, R is what its default says. */
function defaultReceive<R extends SkyWalkingReceives>(): readonly R[] {
  const native: readonly SkyWalkingReceives[] = ['skywalking'];
  return native as readonly R[];
}

const nativePorts: readonly [ServicePort, ...ServicePort[]] = [
  { name: 'grpc', port: ports.grpc, appProtocol: 'grpc' },
  { name: 'http-query', port: ports.http, appProtocol: 'http' },
];

/** `http-lens`: what the page's Zipkin view (Lens) asks. */
const zipkinPorts: readonly ServicePort[] = [
  { name: 'http-zipkin', port: ports.zipkin, appProtocol: 'http' },
  { name: 'http-lens', port: ports.zipkinQuery, appProtocol: 'http' },
];

/** OTLP comes in at the server's own gRPC port and is handed to the Zipkin receiver (docs: otlp-trace, zipkin-trace). */
function receiverEnv(accepts: readonly SkyWalkingReceives[]): Record<string, EnvValue> {
  if (accepts.every((protocol) => protocol === 'skywalking')) return {};
  return {
    SW_RECEIVER_ZIPKIN: 'default',
    SW_QUERY_ZIPKIN: 'default',
    SW_ZIPKIN_KAFKA_COLLECTOR_ENABLED: 'false',
    ...(accepts.includes('otlp-grpc') ? { SW_OTEL_RECEIVER: 'default', SW_OTEL_RECEIVER_ENABLED_HANDLERS: 'otlp-traces' } : {}),
  };
}

/** By HTTP since 10.1; before, by a program of the image. */
function health(version: string): Probe {
  if (isAtLeast(version, 10, 1)) return { get: '/healthcheck', port: ports.http };
  return { run: ['/skywalking/bin/swctl', 'health'] };
}

function daysOf(retention: string, path: string): number {
  const hours = hoursOf(retention, `retention of '${path}'`);
  if (hours % 24 === 0) return hours / 24;
  throw new UserError(`retention of '${path}' is ${JSON.stringify(retention)}: SkyWalking counts in whole days, e.g. '3d'`);
}
