import type { Metrics } from './metric.ts';

/** Labels of a call between two services, as both programs that pair spans set them; `failed` is the connector's. */
const edge = ['client', 'server', 'connection_type', 'failed', 'virtual_node'] as const;
/** Of a span, by the connector; further dimensions are its configuration. */
const span = ['service_name', 'span_name', 'span_kind', 'status_code', 'collector_instance_id'] as const;
/** Of a span, as Tempo's generator calls them. */
const generated = ['service', 'span_name', 'span_kind', 'status_code', 'status_message'] as const;

/**
 * Metrics made from spans: by a collector's service_graph and span_metrics connectors (contrib 0.159, read from running ones) and by Tempo's
 * metrics generator (2.10, 3.0), which names the edges alike and the spans otherwise.
 */
export const spans = {
  traces_service_graph_request_total: { type: 'counter', labels: edge },
  traces_service_graph_request_failed_total: { type: 'counter', labels: edge },
  traces_service_graph_request_server_seconds: { type: 'histogram', labels: edge },
  traces_service_graph_request_client_seconds: { type: 'histogram', labels: edge },
  traces_service_graph_request_messaging_system_seconds: { type: 'histogram', labels: edge },
  traces_service_graph_unpaired_spans_total: { type: 'counter', labels: edge },
  traces_service_graph_dropped_spans_total: { type: 'counter', labels: edge },
  traces_span_metrics_calls_total: { type: 'counter', labels: span },
  traces_span_metrics_duration_milliseconds: { type: 'histogram', labels: span },
  traces_span_metrics_duration_seconds: { type: 'histogram', labels: span },
  traces_span_metrics_events_total: { type: 'counter', labels: span },
  traces_spanmetrics_calls_total: { type: 'counter', labels: generated },
  traces_spanmetrics_latency: { type: 'histogram', labels: generated },
  traces_spanmetrics_size_total: { type: 'counter', labels: generated },
  traces_target_info: { type: 'gauge', labels: ['service'] },
} as const satisfies Metrics;
