import type { Metrics } from './metric.ts';

const transport = ['transport'] as const;

/** Zipkin's own metrics (3.6, /prometheus: its collector's counters, requests to its API, the JVM by micrometer). */
export const zipkin = {
  zipkin_collector_messages_total: { type: 'counter', labels: transport },
  zipkin_collector_messages_dropped_total: { type: 'counter', labels: transport },
  zipkin_collector_bytes_total: { type: 'counter', labels: transport },
  zipkin_collector_spans_total: { type: 'counter', labels: transport },
  zipkin_collector_spans_dropped_total: { type: 'counter', labels: transport },
  http_server_requests_seconds: { type: 'histogram', labels: ['method', 'status', 'uri'] },
  jvm_memory_used_bytes: { type: 'gauge', labels: ['area', 'id'] },
  jvm_memory_max_bytes: { type: 'gauge', labels: ['area', 'id'] },
  jvm_gc_pause_seconds_sum: { type: 'counter', labels: ['action', 'cause'] },
} as const satisfies Metrics;
