import type { DataSourceLinks, JsonObject } from '../kit/index.ts';

/**
 * The links of a Grafana data source that shows traces: to the logs and the metrics of a span's service, and the node graph
 * (Grafana 13: the same keys for Jaeger, Tempo and Zipkin).
 *
 * @param links the other sources of the same Grafana, by uid
 */
export function traceLinks({ logs, metrics }: DataSourceLinks): JsonObject {
  return {
    ...(logs === undefined ? {} : { tracesToLogsV2: toLogs(logs) }),
    ...(metrics === undefined ? {} : { tracesToMetrics: toMetrics(metrics) }),
    nodeGraph: { enabled: true },
  };
}

/** A span is short, and what belongs to it was written a little before or after. */
const around = { spanStartTimeShift: '-5m', spanEndTimeShift: '5m' };

/** What the proxies of a mesh write on every span of theirs (Istio 1.30, default tags), and nobody else does. */
const service = 'istio.canonical_service';
const namespace = 'istio.namespace';

/**
 * All records with the trace's id. A query of our own, because Grafana's looks for the id in the line: records that come by OTLP carry
 * it as structured metadata. Every stream of Loki has a `service_name`: where nobody tells one, Loki says `unknown_service`.
 */
function toLogs(datasourceUid: string): JsonObject {
  return {
    datasourceUid,
    ...around,
    customQuery: true,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's variable
    query: '{service_name=~".+"} | trace_id="${__trace.traceId}"',
  };
}

/** What the span's service was asked, as its callers saw it. Grafana puts the matchers made of `tags` in the place of `$__tags`. */
function toMetrics(datasourceUid: string): JsonObject {
  const asked = 'reporter=~"source|waypoint"';
  const buckets = `rate(istio_request_duration_milliseconds_bucket{${asked}, $__tags}[5m])`;
  return {
    datasourceUid,
    ...around,
    tags: [
      { key: service, value: 'destination_canonical_service' },
      { key: namespace, value: 'destination_workload_namespace' },
    ],
    queries: [
      { name: 'Requests per second', query: `sum(rate(istio_requests_total{${asked}, $__tags}[5m]))` },
      {
        name: 'Errors per second',
        query: `sum(rate(istio_requests_total{${asked}, response_code=~"5..", $__tags}[5m]))`,
      },
      { name: 'Duration of 95 % of the requests', query: `histogram_quantile(0.95, sum by (le) (${buckets}))` },
    ],
  };
}
