import { Construct } from 'constructs';
import { type HeadSampling, namespaceOf, UserError } from '../kit/index.ts';
import { checkOwnNamespace } from '../kit/layer.ts';
import type { AccessLog } from './access-log.ts';
import type { MetricOverride } from './metrics.ts';
import { checkHead, type SpanSettings } from './spans.ts';
import { namespaceTarget, sayOfTelemetry } from './telemetry-object.ts';

/** What a namespace or a workload may say about its telemetry. */
export interface TelemetrySettings {
  /** Spans of this scope: the share of requests, 0 to 100, or none at all. @default what the wider scope says */
  readonly tracing?: 'off' | { readonly samplingPercent: number };
  /** What the spans carry. @default what the wider scope says */
  readonly spans?: SpanSettings;
  /** @default what the wider scope says */
  readonly accessLog?: AccessLog;
  /** @default what the wider scope says */
  readonly metrics?: readonly MetricOverride[];
  /** How often metrics of open TCP connections are told, in whole seconds. @default what the wider scope says, Istio's 5 */
  readonly reportingIntervalSeconds?: number;
}

/** What a Telemetry needs to know of its mesh: a Mesh tells it all. */
export interface TelemetryMesh {
  readonly rootNamespace: string;
  /** The provider of spans; undefined without tracing, or with legacy tracing. */
  readonly tracingProvider: string | undefined;
  /** Where the access log goes by default. */
  readonly accessLogProvider: string;
}

/** Options of {@link Telemetry}. */
export interface TelemetryProps extends TelemetrySettings {
  readonly mesh: TelemetryMesh;
  /** The workload meant, or a {@link Waypoint}, of the same namespace. @default every workload of the namespace; of the whole mesh in the mesh's root namespace */
  readonly workload?: {
    readonly name: string;
    readonly selector: Readonly<Record<string, string>>;
    readonly namespace?: string;
  };
}

/**
 * Tracing, access log and metrics of a namespace (without `workload`) or of one workload, narrower than the mesh's.
 *
 * Istio reads mesh, then namespace, then workload, and the narrower one wins field by field (Istio 1.30, Telemetry API). Several of
 * these for one namespace, and the mesh's `sampling`, become one object: Istio would read one alone.
 */
export class Telemetry extends Construct {
  /** The object's name: `mesh-default` in the root namespace, `namespace-default`, or the workload's. */
  readonly name: string;

  /**
   * @throws UserError when tracing or spans are set although the mesh has no provider, nothing is set, something is out of range or no
   * CEL, it was set for this namespace or workload before, or the workload is of another namespace
   */
  constructor(scope: Construct, id: string, props: TelemetryProps) {
    super(scope, id);
    const { mesh, workload, tracing, spans, accessLog, metrics, reportingIntervalSeconds } = props;
    const head: HeadSampling | undefined = tracing === 'off' ? 'off' : tracing?.samplingPercent;
    checkHead(head, 'samplingPercent', this.node.path);
    if ((tracing || spans) && mesh.tracingProvider === undefined) {
      throw new UserError(
        `telemetry '${this.node.path}' sets tracing, but the mesh has no tracing provider: give the mesh 'tracing: { to: ... }' (a Telemetry would switch legacy tracing off)`,
      );
    }
    const namespace = namespaceOf(this);
    if (workload?.namespace !== undefined)
      checkOwnNamespace(`telemetry '${this.node.path}'`, namespace, `pods of '${workload.name}'`, workload.namespace);
    const target = workload
      ? { name: workload.name, namespace, selector: workload.selector }
      : namespaceTarget(this, mesh.rootNamespace);
    this.name = target.name;
    sayOfTelemetry(
      this,
      target,
      {
        tracing: head,
        spans,
        accessLog: accessLog && {
          log: accessLog,
          provider: (accessLog === 'off' ? undefined : accessLog.to?.accessLogProvider) ?? mesh.accessLogProvider,
        },
        metrics: metrics?.length ? metrics : undefined,
        reportingIntervalSeconds,
      },
      mesh.tracingProvider,
    );
  }
}
