import type { Identity } from './destination.ts';
import type { Endpoint } from './endpoint.ts';
import type { JsonObject } from './json.ts';
import type { Sampling } from './sampling.ts';

/** What an Istio proxy can send (Istio 1.30, extensionProviders: opentelemetry, zipkin, skywalking, datadog). */
export type EnvoyTraceProtocol = 'otlp-grpc' | 'otlp-http' | 'zipkin' | 'skywalking' | 'datadog';

/** What a receiver of spans can take. */
export type TraceProtocol =
  | EnvoyTraceProtocol
  | 'jaeger-grpc'
  | 'jaeger-thrift-http'
  | 'jaeger-thrift-compact'
  | 'jaeger-thrift-binary';

/** Somewhere spans can be sent to with nothing but an address: a collector, a backend. */
export interface TraceSink<in P extends TraceProtocol> {
  /** Every protocol that it takes, the preferred one first. */
  readonly accepts: readonly TraceProtocol[];
  /**
   * The address that takes one protocol.
   *
   * @throws UserError when the sink does not take it
   */
  receiver<Q extends P>(protocol: Q): Endpoint<Q>;
  /** The sampling whose `tail` it applies, by itself or by a collector behind it. Left out where everything is kept, or nobody knows. */
  readonly tailSampling?: Pick<Sampling, 'tail'> | undefined;
  /** Never there: what wants more than an address is an {@link ExternalSink}. */
  readonly exporter?: never;
}

/** A sink that takes at least one of the protocols `P`. */
export type SinkOf<P extends TraceProtocol> = P extends P ? TraceSink<P> : never;

/** One key of an existing Secret. Its value never stands in the output. */
export interface SecretKey {
  /** The Secret's name, in the namespace of the pods that read it. */
  readonly secret: string;
  readonly key: string;
}

/** Whose certificates a client trusts: those signed by one CA (PEM, from a Secret), or, for a lab, any. */
export type Trust = { readonly ca: SecretKey } | { readonly insecureSkipVerify: true };

/** What a collector's exporter needs besides the address (collector 0.159, configgrpc, confighttp and configtls). */
export interface ExporterSettings {
  /** Header name to where its value lies: `{ 'api-key': { secret: 'vendor', key: 'token' } }`. @default none */
  readonly headers?: Readonly<Record<string, SecretKey>>;
  /** Only where the endpoint is reached by TLS. @default the public CAs that the image brings */
  readonly tls?: Trust;
}

/**
 * A sink that wants more than an address: a vendor's. Only a collector can send there: an Istio proxy cannot take a header's value from
 * a Secret. So it is no {@link TraceSink}, and handing it to a Mesh does not compile: put a collector between them.
 */
export interface ExternalSink<in P extends TraceProtocol> extends Omit<TraceSink<P>, 'exporter'> {
  readonly exporter: ExporterSettings;
}

/** What a collector can export to. */
export type ExportTarget<P extends TraceProtocol> = P extends P ? TraceSink<P> | ExternalSink<P> : never;

/** How logs are sent: what a collector takes (gRPC alone is what a proxy sends), what Loki takes (HTTP alone). */
export type LogProtocol = 'otlp-grpc' | 'otlp-http';

/**
 * Somewhere logs can be sent to with nothing but an address: Loki, a collector. Something that stands already is its address:
 * `{ logReceiver: Endpoint.external({ protocol: 'otlp-http', host, port, path: '/otlp/v1/logs' }) }`.
 */
export interface LogSink<P extends LogProtocol = LogProtocol> {
  /** By HTTP with the path that logs are posted to. */
  readonly logReceiver: Endpoint<P>;
}

/** A page that people open: what an exposure publishes. */
export interface Page {
  /** Names the exposure's objects: `NAME-gateway`. A DNS label. */
  readonly name: string;
  readonly endpoint: Endpoint<'http'>;
  /** Where the page begins: '/', '/kiali'. */
  readonly path: string;
  /** The only paths that are let in; all of them when left out. */
  readonly routes?: readonly PathMatch[];
  /**
   * Whether the pods behind it never get a sidecar (`never`: the addons) or by their namespace's enrolment.
   * Matters where mutual TLS is forced on the client's side.
   */
  readonly sidecar: 'never' | 'by-namespace';
}

/** A path that a route takes. */
export type PathMatch = { readonly exact: string } | { readonly prefix: string };

/** Something with a page. */
export interface Published {
  /** Where it is, and what an exposure must know to lead people there. */
  readonly page: Page;
}

/** A store of traces that can be asked. It need not have a page: people look at Tempo's traces in Grafana. */
export interface TraceStore {
  /** Where its query API listens. */
  readonly query: Endpoint<'http'>;
}

/** A store of traces with a page of its own: Jaeger, Zipkin, SkyWalking. */
export interface TraceBackend extends TraceStore, Published {}

/** A Grafana data source, as its provisioning files spell it (Grafana 13, provisioning/datasources). */
export interface DataSource {
  readonly name: string;
  /** What other data sources and dashboards refer to. */
  readonly uid: string;
  readonly type: 'prometheus' | 'jaeger' | 'tempo' | 'zipkin' | 'loki';
  readonly url: string;
  readonly jsonData?: JsonObject;
}

/** The other data sources of the same Grafana, by uid, the first of each kind: what links between them need. */
export interface DataSourceLinks {
  /** Prometheus: span metrics, exemplars. */
  readonly metrics?: string;
  /** Prometheus, where metrics of calls between services are made from spans, or may be for all that is known: service maps. */
  readonly serviceGraph?: string;
  /** Tempo, else Jaeger, else Zipkin. */
  readonly traces?: string;
  /** Loki. */
  readonly logs?: string;
}

/** What Grafana can read: Prometheus, Jaeger, Tempo, Zipkin, Loki. Not SkyWalking. */
export interface GrafanaSource {
  /** @param links the other sources that stand beside it; none when left out */
  toDataSource(links?: DataSourceLinks): DataSource;
  /** Of a store of metrics: whose metrics it holds, as far as is known when it is asked. Left out where nobody knows. */
  readonly watched?: readonly Watched[];
}

/** How Kiali reaches a tracing backend (Kiali 2.29, external_services.tracing). */
export type KialiTracingConfig =
  | {
      readonly provider: 'jaeger';
      /** Where Kiali's server asks. */
      readonly internal: Endpoint<'http' | 'grpc'>;
      /** Whether it asks by gRPC; the port must then be the gRPC one. */
      readonly useGrpc: boolean;
    }
  | {
      readonly provider: 'tempo';
      /** Where Kiali's server asks: always HTTP for the details of a trace. */
      readonly internal: Endpoint<'http'>;
      /** The streaming search, faster; by HTTP when left out. */
      readonly grpc?: Endpoint<'grpc'>;
      /** The uid of its data source in Grafana: Kiali's links to a trace lead there. */
      readonly dataSourceUid: string;
    };

/** What Kiali can read traces from: Jaeger and Tempo, nothing else. */
export interface KialiTracing {
  toKialiTracing(): KialiTracingConfig;
  /** Its page, where it has one: once that is published, Kiali's links to a trace lead there. */
  readonly page?: Page;
}

/** A store of metrics with the Prometheus query API. */
export interface MetricsBackend {
  /** Where Prometheus' query API answers. */
  readonly metrics: Endpoint<'http'>;
}

/** A store that takes metrics by Prometheus' remote write. */
export interface RemoteWriteReceiver {
  /** Switches its receiver on, and tells where it listens: `http://.../api/v1/write`. */
  acceptRemoteWrite(): Endpoint<'http'>;
}

/** How metrics are found. Kept as data, so that a plain Prometheus and an operator's monitors can be made from it. */
export type ScrapeJob =
  | {
      /** The pods behind one port of one Service. */
      readonly by: 'service';
      readonly job: string;
      readonly namespace: string;
      readonly service: string;
      /** The port's name. */
      readonly port: string;
      /** @default '/metrics' */
      readonly path?: string;
      /** The Service's labels that no other Service of its namespace has: what a ServiceMonitor selects by. @default it selects by the name */
      readonly labels?: Readonly<Record<string, string>>;
      /** The label of the Service whose value a ServiceMonitor's metrics carry as `job`. @default they carry the job's name */
      readonly jobLabel?: string;
      /** The name of its ServiceMonitor. @default made from the job's name */
      readonly monitor?: string;
    }
  | {
      /** Every pod that says `prometheus.io/scrape: "true"`, at the port and path it says: how injected proxies ask to be scraped. */
      readonly by: 'pod-annotations';
      readonly job: string;
      /** The pods that are meant, where they are no proxies: what a PodMonitor of their own selects. @default the proxies of every namespace */
      readonly pods?: {
        /** Names the PodMonitor. A DNS label. */
        readonly name: string;
        readonly namespace: string;
        readonly labels: Readonly<Record<string, string>>;
      };
    };

/** Something that exposes metrics. */
export interface Scraped {
  readonly scrapeJobs: readonly ScrapeJob[];
  /** What it is: dashboards and alerts come with it. Left out where nobody has made any for it. */
  readonly watched?: readonly Watched[];
}

/** A kind of program that dashboards show and alerts watch, with what they must know of this one. */
export type Watched =
  | {
      readonly is: 'mesh';
      /** Where istiod runs. */
      readonly namespace: string;
      readonly dataplane: 'sidecar' | 'ambient';
      /** Whether its proxies send spans. */
      readonly traced: boolean;
      /** The share of requests that leave a trace, mesh-wide, 0 to 100. Left out where nobody knows. */
      readonly samplingPercent?: number;
      /** Whether pods take plain text, mesh-wide. Left out where this program does not say. */
      readonly mtls?: 'strict' | 'permissive';
    }
  | {
      readonly is: WatchedProgram;
      readonly namespace: string;
      /** Its pods are named `NAME-...`. */
      readonly name: string;
      /** The metrics that it makes from spans, of others than itself. @default none */
      readonly makes?: readonly MadeFromSpans[];
    };

/** Metrics made from spans: of the calls between services, and of each service's spans. */
export type MadeFromSpans = 'service-graph' | 'span-metrics';

/** Programs of the trace path and of the logs that expose metrics of their own. */
export type WatchedProgram = 'collector' | 'jaeger' | 'tempo' | 'zipkin' | 'skywalking' | 'loki';

/** What addons and exposures need to know of a mesh. */
export interface MeshLike {
  /** Where istiod and the mesh's defaults live. */
  readonly rootNamespace: string;
  /**
   * Whether proxies need to be told not to use mutual TLS towards pods without a sidecar: true when auto mTLS is off.
   * With auto mTLS a proxy sends plain text to such pods by itself (Istio, task "mutual TLS migration").
   */
  readonly needsPlaintextRules: boolean;
  /** The gateway pods that let traffic in, when the install brings some. */
  readonly ingress: IngressPods | undefined;
  /** The share of requests that leave a trace, mesh-wide, 0 to 100; undefined when the mesh sends no spans. */
  readonly samplingPercent: number | undefined;
  /** Where its proxies send spans. Left out where nobody knows, or no span is sent. */
  readonly spansTo?: Endpoint<EnvoyTraceProtocol> | undefined;
}

/** Gateway pods, whoever runs them. */
export interface IngressPods {
  /** The labels that select them. */
  readonly selector: Readonly<Record<string, string>>;
  readonly namespace: string;
  /** Their Service: where traffic from inside the cluster enters. */
  readonly service: Endpoint<'http'>;
  /** Who they are to the rest of the mesh: what an AuthorizationPolicy lets in. Left out where nobody knows. */
  readonly identity?: Identity;
  /** Where they are reached from outside the cluster. Left out where nobody knows before the cluster does. */
  readonly address?: string | undefined;
}

/** A fixed address outside the cluster, out of a pool that somebody announces: what a Service of type LoadBalancer asks for. */
export interface LoadBalancerAddress {
  /** '10.34.124.115' */
  readonly ip: string;
  /** The annotations by which a Service asks for it. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** A page that is reachable from outside by a host's name: what an exposure's `publish` gives back. */
export interface Exposed {
  /** The name that people use: 'bookinfo.mesh.test', or '*' for any. */
  readonly host: string;
  readonly page: Page;
  /** The Gateway object that lets it in; undefined for an Ingress. */
  readonly gateway?: { readonly namespace: string; readonly name: string };
  /** The gateway's Service: where a client inside the cluster sends its request, with `host` as the Host header. */
  readonly entry: Endpoint<'http'>;
  /** What to open in a browser when the host's name leads to the gateway. */
  readonly url: string;
  /** Where the host's name must lead: an IP address. Undefined when nobody knows before the cluster does. */
  readonly address?: string | undefined;
}
