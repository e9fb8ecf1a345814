import type { Distribution } from '../../kit/collector-components.ts';
import type { EnvValue, ExportTarget, RemoteWriteReceiver, Sampling } from '../../kit/index.ts';
import type { CollectorPipeline, Components } from './config.ts';
import type { CollectorSends } from './exporters.ts';
import type { LogTargets } from './logs.ts';
import type { KubernetesAttributes } from './processors.ts';
import type { CollectorReceives } from './receivers.ts';
import type { ServiceGraph, SpanMetrics } from './span-metrics.ts';

/** Options of a {@link Collector}. */
export interface CollectorProps<R extends CollectorReceives = CollectorReceives, L extends LogTargets = LogTargets> {
  /**
   * Where spans go: backends, a vendor, other collectors; one at least. Each gets every span, in the first of its protocols that a
   * collector speaks: OTLP by gRPC or HTTP, zipkin. A list computed at run time is not known to have one: write `[first, ...others]`.
   */
  readonly exportTo: readonly [ExportTarget<CollectorSends>, ...ExportTarget<CollectorSends>[]];
  /**
   * Where logs go that it takes by OTLP, beside the spans: Loki, other collectors. Without sampling, filter and transform, which are for
   * spans; what a mesh's proxies say of themselves becomes attributes of the resource. Wants `otlp-grpc` among what it receives.
   *
   * @default it takes no logs: a proxy that sends some is refused
   */
  readonly logsTo?: L;
  /** What it takes, the preferred first: what a mesh sends when it does not say `via`. @default OTLP by gRPC (4317) and HTTP (4318) */
  readonly receive?: readonly R[];
  /**
   * Who makes the pods: `workload` writes Deployment, Service and ConfigMap; `operator` writes an OpenTelemetryCollector resource
   * (opentelemetry.io/v1beta1), from which the OpenTelemetry operator makes them.
   *
   * @default 'workload'
   */
  readonly runAs?: 'workload' | 'operator';
  /**
   * The Deployment's name, or the resource's; the operator appends `-collector`. A DNS label.
   *
   * @default 'otel-collector', and 'otel' for the operator: the Service is `otel-collector` either way
   */
  readonly name?: string;

  /** Tells of each span which pod sent it, and reads that at the API server. @default nothing is added, no rights are given */
  readonly k8sAttributes?: KubernetesAttributes;
  /** Conditions in OTTL about a span: one that meets any is dropped, `attributes["url.path"] == "/healthz"`. @default none */
  readonly filter?: readonly string[];
  /** Attributes of the resource, set on every span: `{ 'deployment.environment.name': 'lab' }`. @default none */
  readonly resource?: Readonly<Record<string, string>>;
  /** Statements in OTTL that change a span: `set(name, attributes["url.template"])`. @default none */
  readonly transform?: readonly string[];
  /**
   * Which finished traces are kept: its `tail`. Hand over the same object as to the Mesh. All spans of a trace must reach one pod, so
   * several `replicas` need `loadBalancing`.
   *
   * @default all
   */
  readonly sampling?: Sampling | Pick<Sampling, 'tail'>;
  /** How long tail sampling waits for a trace to be complete, in seconds. Spans wait in memory. @default the collector's 30 */
  readonly decisionWaitSeconds?: number;
  /** Prints spans to the pod's log as well: counts, one line each, or everything. @default nothing */
  readonly debug?: 'basic' | 'normal' | 'detailed';

  /** Counts requests, errors and durations from all spans, those that tail sampling drops too. @default no metrics */
  readonly spanMetrics?: SpanMetrics;
  /** Counts who calls whom: what Grafana's service graph shows. @default no metrics */
  readonly serviceGraph?: ServiceGraph;
  /** Where these metrics are written to by remote write. @default they are scraped at port 8889 */
  readonly metricsTo?: RemoteWriteReceiver;

  /** How many pods export, and sample. @default 1 */
  readonly replicas?: number;
  /**
   * A tier of collectors in front, which sends all spans of a trace to the same of the `replicas`: what tail sampling and the service
   * graph need to scale.
   *
   * @default none
   */
  readonly loadBalancing?: LoadBalancing;
  /** Kubernetes quantities, of each pod. The memory limit is what the memory limiter and the Go runtime keep to. @default 50m CPU, 128Mi memory requested, 512Mi limit */
  readonly resources?: CollectorResources;
  /** Environment variables, for `extra`'s `${env:NAME}`. @default none */
  readonly env?: Readonly<Record<string, EnvValue>>;
  /**
   * Whether the pods join the mesh. A collector inside it loses the proxies' own spans under strict mutual TLS.
   *
   * @default 'never'
   */
  readonly sidecar?: 'never' | 'always';

  /**
   * The released image; `own` is a build of your own at `image`, of which nothing is known.
   *
   * @default the smallest that holds every component in use
   */
  readonly distribution?: Distribution | 'own';
  /** The image's tag. Before 0.159 components are written by their older names. @default the catalog's, 0.159.0 */
  readonly version?: string;
  /** The image without tag, for a mirror or a build of your own; it is taken as it is. @default the distribution's at ghcr.io */
  readonly image?: string;
  /** What no option says, as the collector's configuration spells it. @default nothing */
  readonly extra?: ExtraConfig;
}

/** The tier in front: see {@link CollectorProps.loadBalancing}. */
export interface LoadBalancing {
  /** How many pods balance. @default 2 */
  readonly replicas?: number;
  /**
   * How they find the pods behind: by DNS every five seconds, or told by the API server at once, which takes the right to read
   * EndpointSlices.
   *
   * @default 'dns'
   */
  readonly resolver?: 'dns' | 'k8s';
}

/** Kubernetes quantities. */
export interface CollectorResources {
  readonly cpu: string;
  readonly memory: string;
  readonly memoryLimit: string;
}

/**
 * Parts of a collector's configuration, merged into the rest: settings of a component that is there already are laid over it, key by
 * key. A new one joins the traces pipeline, unless one of `pipelines` names it: receivers and exporters beside the others, processors
 * before sampling and batching. A lone `$` begins a variable here: `$$` stands for the character.
 */
export interface ExtraConfig {
  readonly receivers?: Components;
  readonly processors?: Components;
  readonly exporters?: Components;
  readonly connectors?: Components;
  readonly extensions?: Components;
  /** Pipelines by name: `logs`, `metrics/own`. */
  readonly pipelines?: Readonly<Record<string, Pick<CollectorPipeline, 'receivers' | 'exporters'> & Partial<CollectorPipeline>>>;
}
