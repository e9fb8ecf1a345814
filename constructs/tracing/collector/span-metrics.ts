import { type Endpoint, type EnvValue, type JsonObject, UserError } from '../../kit/index.ts';
import { type Components, literal } from './config.ts';

/** Requests, errors and durations counted from spans (contrib 0.159, span_metrics). */
export interface SpanMetrics {
  /** Span attributes that become labels besides service, span name, kind and status. Each value makes its own series. @default none */
  readonly dimensions?: readonly string[];
  /** Upper bounds of the histogram's buckets, in milliseconds, rising. @default the connector's: 2 ms to 15 s */
  readonly buckets?: readonly number[];
  /** Whether a bucket names traces as examples; Prometheus keeps them only with its exemplar storage on. @default false */
  readonly exemplars?: boolean;
}

/** Who calls whom, counted from pairs of spans (contrib 0.159, service_graph). */
export interface ServiceGraph {
  /** Span attributes that become labels besides client and server. @default none */
  readonly dimensions?: readonly string[];
  /** Upper bounds of the histogram's buckets, in milliseconds, rising. @default the connector's: 2 ms to 15 s */
  readonly buckets?: readonly number[];
  /** How long it waits for the other half of a pair, in seconds. @default the connector's 2 */
  readonly waitSeconds?: number;
}

/** Where metrics made from spans can be scraped: not the port of the collector's own metrics, 8888. */
export const spanMetricsPort = 8889;

/** As often as Prometheus asks: with the connectors' own 60 seconds, rates over a minute jump. */
const flushInterval = '15s';

/**
 * The connectors, by id.
 *
 * @throws UserError when buckets do not rise
 */
export function metricConnectors(
  made: { readonly spanMetrics: SpanMetrics | undefined; readonly serviceGraph: ServiceGraph | undefined },
  where: string,
): Components {
  const { spanMetrics, serviceGraph } = made;
  return {
    ...(spanMetrics ? { span_metrics: spanMetricsConnector(spanMetrics, where) } : {}),
    ...(serviceGraph ? { service_graph: serviceGraphConnector(serviceGraph, where) } : {}),
  };
}

function spanMetricsConnector({ dimensions = [], buckets, exemplars = false }: SpanMetrics, where: string): JsonObject {
  return {
    metrics_flush_interval: flushInterval,
    ...(buckets ? { histogram: { explicit: { buckets: durations(buckets, 'spanMetrics', where) } } } : {}),
    ...(dimensions.length > 0 ? { dimensions: dimensions.map((name) => ({ name: literal(name) })) } : {}),
    ...(exemplars ? { exemplars: { enabled: true } } : {}),
  };
}

function serviceGraphConnector({ dimensions = [], buckets, waitSeconds }: ServiceGraph, where: string): JsonObject {
  if (waitSeconds !== undefined && !(waitSeconds > 0)) {
    throw new UserError(`waitSeconds of serviceGraph of '${where}' is ${waitSeconds}: allowed are seconds above 0`);
  }
  return {
    metrics_flush_interval: flushInterval,
    ...(buckets ? { latency_histogram_buckets: durations(buckets, 'serviceGraph', where) } : {}),
    ...(dimensions.length > 0 ? { dimensions: dimensions.map(literal) } : {}),
    ...(waitSeconds === undefined ? {} : { store: { ttl: `${waitSeconds}s` } }),
  };
}

function durations(buckets: readonly number[], option: string, where: string): string[] {
  const rising = buckets.every((b, i) => b > (buckets[i - 1] ?? 0));
  if (buckets.length === 0 || !rising) {
    throw new UserError(
      `buckets of ${option} of '${where}' are ${JSON.stringify(buckets)}: allowed are milliseconds above 0, rising, one at least`,
    );
  }
  return buckets.map((b) => `${b}ms`);
}

/** How metrics made from spans leave the collector: asked for at a port, or written to a store. */
export interface MetricsExporter {
  readonly components: Components;
  readonly env: Readonly<Record<string, EnvValue>>;
}

/** @param store where they are written to; a port to be scraped when undefined */
export function metricsExporter(store: Endpoint<'http'> | undefined, exemplars: boolean): MetricsExporter {
  if (!store) {
    return {
      components: {
        prometheus: { endpoint: `0.0.0.0:${spanMetricsPort}`, ...(exemplars ? { enable_open_metrics: true } : {}) },
      },
      env: {},
    };
  }
  return {
    // Two pods count the same edge: without a label of their own, each would overwrite the other's series.
    components: { prometheus_remote_write: { endpoint: store.url, external_labels: { collector: `\${env:POD_NAME}` } } },
    env: { POD_NAME: { field: 'metadata.name' } },
  };
}
