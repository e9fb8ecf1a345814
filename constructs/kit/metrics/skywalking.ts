import type { Metrics } from './metric.ts';

/** The SkyWalking OAP's own metrics (10.4, telemetry prometheus; the names that its otel-rules/oap.yaml reads). */
export const skywalking = {
  trace_in_latency: { type: 'histogram', labels: ['protocol'] },
  // 10.2 gave its histograms this suffix.
  trace_in_latency_seconds: { type: 'histogram', labels: ['protocol'] },
  otel_spans_latency: { type: 'histogram', labels: [] },
  otel_spans_latency_seconds: { type: 'histogram', labels: [] },
  trace_analysis_error_count: { type: 'counter', labels: ['protocol'] },
  persistence_timer_bulk_execute_latency: { type: 'histogram', labels: [] },
  persistence_timer_bulk_execute_latency_seconds: { type: 'histogram', labels: [] },
  persistence_timer_bulk_prepare_latency: { type: 'histogram', labels: [] },
  persistence_timer_bulk_prepare_latency_seconds: { type: 'histogram', labels: [] },
  persistence_timer_bulk_error_count: { type: 'counter', labels: [] },
  graphql_query_latency: { type: 'histogram', labels: [] },
  graphql_query_latency_seconds: { type: 'histogram', labels: [] },
  graphql_query_error_count: { type: 'counter', labels: [] },
  metrics_aggregation: { type: 'counter', labels: ['metricName', 'level', 'dimensionality'] },
  watermark_circuit_breaker_break_count: { type: 'counter', labels: ['listener', 'event'] },
  jvm_memory_bytes_used: { type: 'gauge', labels: ['area'] },
  jvm_memory_bytes_max: { type: 'gauge', labels: ['area'] },
  jvm_gc_collection_seconds_sum: { type: 'counter', labels: ['gc'] },
} as const satisfies Metrics;
