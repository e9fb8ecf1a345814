import { Construct } from 'constructs';
import {
  Telemetry as TelemetryObject,
  type TelemetrySpecMetricsOverrides,
  type TelemetrySpecMetricsOverridesMatchMetric,
  type TelemetrySpecMetricsOverridesTagOverridesOperation,
} from '../../imports/telemetry.istio.io.ts';
import { namespaceOf, UserError } from '../kit/index.ts';
import { checkSampling } from './tracing.ts';

/** Istio's standard metrics (Istio 1.30, Telemetry API). */
export type IstioMetric =
  | 'ALL_METRICS'
  | 'REQUEST_COUNT'
  | 'REQUEST_DURATION'
  | 'REQUEST_SIZE'
  | 'RESPONSE_SIZE'
  | 'TCP_OPENED_CONNECTIONS'
  | 'TCP_CLOSED_CONNECTIONS'
  | 'TCP_SENT_BYTES'
  | 'TCP_RECEIVED_BYTES'
  | 'GRPC_REQUEST_MESSAGES'
  | 'GRPC_RESPONSE_MESSAGES';

/** A change to one of Istio's standard metrics. */
export type MetricOverride = { readonly metric: IstioMetric } & (
  | { /** The metric is not produced. */ readonly off: true; readonly tags?: never }
  | {
      /** Tag to a CEL expression that gives its value, or `'remove'`. */
      readonly tags: Readonly<Record<string, { readonly value: string } | 'remove'>>;
      readonly off?: never;
    }
);

/** Which requests the proxies write to their access log. */
export type AccessLog = 'off' | { /** A CEL expression; every request when left out. */ readonly filter?: string };

/** What a mesh, a namespace or a workload may say about its telemetry. */
export interface TelemetrySettings {
  /** Spans of this scope: the share of requests, 0 to 100, or none at all. */
  readonly tracing?: 'off' | { readonly samplingPercent: number };
  /** To the proxies' standard output, by Istio's built-in provider `envoy`. @default what the wider scope says */
  readonly accessLog?: AccessLog;
  /** @default what the wider scope says */
  readonly metrics?: readonly MetricOverride[];
}

/** Options of {@link Telemetry}. */
export interface TelemetryProps extends TelemetrySettings {
  /** The mesh whose tracing provider is used. */
  readonly mesh: { readonly tracingProvider: string | undefined };
  /** The workload meant. @default every workload of the namespace; of the whole mesh in the mesh's root namespace */
  readonly workload?: { readonly name: string; readonly selector: Readonly<Record<string, string>> };
}

/**
 * Tracing, access log and metrics of a namespace (without `workload`) or of one workload, narrower than the mesh's.
 *
 * Istio reads mesh, then namespace, then workload, and the narrower one wins field by field (Istio 1.30, Telemetry API).
 */
export class Telemetry extends Construct {
  /** The object's name: `mesh-default` in the root namespace, `namespace-default`, or the workload's. */
  readonly name: string;

  /** @throws UserError when tracing is set although the mesh has no provider, nothing is set, or the share is out of range */
  constructor(scope: Construct, id: string, props: TelemetryProps) {
    super(scope, id);
    const { mesh, workload, tracing } = props;
    if (tracing && tracing !== 'off') checkSampling(tracing.samplingPercent, this.node.path);
    if (tracing && mesh.tracingProvider === undefined) {
      throw new UserError(
        `telemetry '${this.node.path}' sets tracing, but the mesh has no tracing provider: give the mesh 'tracing: { to: ... }' (a Telemetry would switch legacy tracing off)`,
      );
    }
    this.name = workload?.name ?? 'namespace-default';
    telemetryObject(this, this.name, props, mesh.tracingProvider, workload?.selector);
  }
}

/**
 * Renders one Telemetry object. Its tracing always names the provider: an entry without one switches tracing off where no default
 * resolves (Istio 1.30).
 *
 * @internal
 */
export function telemetryObject(
  scope: Construct,
  name: string,
  settings: Omit<TelemetrySettings, 'tracing'> & { readonly tracing?: 'off' | { readonly samplingPercent?: number } },
  provider: string | undefined,
  selector?: Readonly<Record<string, string>>,
): void {
  const { tracing, accessLog, metrics } = settings;
  if (!tracing && !accessLog && !metrics?.length) {
    throw new UserError(`telemetry '${scope.node.path}' says nothing: set at least one of tracing, accessLog, metrics`);
  }
  new TelemetryObject(scope, 'telemetry', {
    metadata: { name, namespace: namespaceOf(scope) },
    spec: {
      ...(selector ? { selector: { matchLabels: { ...selector } } } : {}),
      ...(tracing && provider ? { tracing: [{ providers: [{ name: provider }], ...sampling(tracing) }] } : {}),
      ...(accessLog
        ? {
            accessLogging: [
              { providers: [{ name: 'envoy' }], ...(accessLog === 'off' ? { disabled: true } : filter(accessLog)) },
            ],
          }
        : {}),
      ...(metrics?.length ? { metrics: [{ providers: [{ name: 'prometheus' }], overrides: metrics.map(override) }] } : {}),
    },
  });
}

function sampling(tracing: 'off' | { readonly samplingPercent?: number }) {
  if (tracing === 'off') return { disableSpanReporting: true };
  return tracing.samplingPercent === undefined ? {} : { randomSamplingPercentage: tracing.samplingPercent };
}

function filter(log: { readonly filter?: string }) {
  return log.filter === undefined ? {} : { filter: { expression: log.filter } };
}

function override(o: MetricOverride): TelemetrySpecMetricsOverrides {
  // The generated enums hold exactly these strings under unreadable names.
  const match = { metric: o.metric as TelemetrySpecMetricsOverridesMatchMetric };
  if (o.off) return { match, disabled: true };
  const operation = (name: 'UPSERT' | 'REMOVE') => name as TelemetrySpecMetricsOverridesTagOverridesOperation;
  return {
    match,
    tagOverrides: Object.fromEntries(
      Object.entries(o.tags).map(([tag, change]) => [
        tag,
        change === 'remove' ? { operation: operation('REMOVE') } : { operation: operation('UPSERT'), value: change.value },
      ]),
    ),
  };
}
