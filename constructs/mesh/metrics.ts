import type {
  TelemetrySpecMetrics,
  TelemetrySpecMetricsOverrides,
  TelemetrySpecMetricsOverridesMatchMetric,
  TelemetrySpecMetricsOverridesMatchMode,
  TelemetrySpecMetricsOverridesTagOverrides,
  TelemetrySpecMetricsOverridesTagOverridesOperation,
} from '../../imports/telemetry.istio.io.ts';
import { UserError } from '../kit/index.ts';
import { checkCel, type Reporter, reporterMode } from './expressions.ts';

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

/** A change to one of Istio's standard metrics, or to one of your own (made by a proxy's filter), by its name without `istio_`. */
export type MetricOverride = (
  | { readonly metric: IstioMetric; readonly customMetric?: never }
  | { readonly customMetric: string; readonly metric?: never }
) & {
  /** Only as the sending (`client`) or the taking (`server`) proxy reports it. @default both */
  readonly reporter?: Reporter;
} & (
    | { /** The metric is not produced. */ readonly off: true; readonly tags?: never }
    | {
        /** Tag to a CEL expression that gives its value, or `'remove'`. */
        readonly tags: Readonly<Record<string, { readonly value: string } | 'remove'>>;
        readonly off?: never;
      }
  );

/**
 * The `metrics` of a Telemetry, or nothing.
 *
 * @throws UserError when an expression is none, a tag's name is none, or the interval is not a whole number of seconds
 *
 * @internal
 */
export function metricsOf(
  overrides: readonly MetricOverride[] | undefined,
  intervalSeconds: number | undefined,
  where: string,
): { metrics?: TelemetrySpecMetrics[] } {
  if (!overrides?.length && intervalSeconds === undefined) return {};
  if (intervalSeconds !== undefined && !(Number.isInteger(intervalSeconds) && intervalSeconds >= 1)) {
    throw new UserError(`reportingIntervalSeconds of '${where}' is ${intervalSeconds}: allowed are whole seconds from 1`);
  }
  return {
    metrics: [
      {
        providers: [{ name: 'prometheus' }],
        ...(overrides?.length ? { overrides: overrides.map((one) => override(one, where)) } : {}),
        ...(intervalSeconds === undefined ? {} : { reportingInterval: `${intervalSeconds}s` }),
      },
    ],
  };
}

function override(one: MetricOverride, where: string): TelemetrySpecMetricsOverrides {
  const { metric, customMetric, reporter } = one;
  const match = {
    // The generated enums hold exactly these strings under unreadable names.
    ...(metric ? { metric: metric as TelemetrySpecMetricsOverridesMatchMetric } : {}),
    ...(customMetric === undefined ? {} : { customMetric }),
    ...(reporter ? { mode: reporterMode(reporter) as TelemetrySpecMetricsOverridesMatchMode } : {}),
  };
  if (one.off) return { match, disabled: true };
  const tags = Object.entries(one.tags).map(([tag, change]) => [tag, tagOverride(tag, change, metric ?? customMetric, where)]);
  return { match, tagOverrides: Object.fromEntries(tags) };
}

function tagOverride(
  tag: string,
  change: { readonly value: string } | 'remove',
  metric: string | undefined,
  where: string,
): TelemetrySpecMetricsOverridesTagOverrides {
  const operation = (name: 'UPSERT' | 'REMOVE') => name as TelemetrySpecMetricsOverridesTagOverridesOperation;
  const what = `tag ${JSON.stringify(tag)} of metric ${metric} of '${where}'`;
  // It becomes a label of Prometheus.
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(tag))
    throw new UserError(`${what} is no name of a label: allowed are letters, digits and '_', not a digit first`);
  if (change === 'remove') return { operation: operation('REMOVE') };
  checkCel(change.value, 'metric', what);
  return { operation: operation('UPSERT'), value: change.value };
}
