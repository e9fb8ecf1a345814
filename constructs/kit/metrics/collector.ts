import type { Metrics } from './metric.ts';

const received = ['receiver', 'transport'] as const;
const processed = ['processor'] as const;
/** An HTTP exporter tells its address too, `level: detailed` the kind of error. */
const sent = ['exporter', 'server_address', 'server_port', 'url_path'] as const;
const failed = [...sent, 'error_type', 'error_permanent'] as const;
const queue = ['exporter', 'data_type'] as const;
const sampled = ['policy', 'sampled', 'decision'] as const;

/**
 * What a collector tells of itself at port 8888 (0.155, read from a running one). Counters have no `_total` and nothing its unit, unless
 * the reader says `without_type_suffix: false`, `without_units: false`: so of itself since 0.152, and before where it had no reader.
 */
export const collector = {
  otelcol_receiver_accepted_spans: { type: 'counter', labels: received },
  otelcol_receiver_refused_spans: { type: 'counter', labels: received },
  otelcol_receiver_failed_spans: { type: 'counter', labels: received },
  otelcol_receiver_accepted_log_records: { type: 'counter', labels: received },
  otelcol_receiver_refused_log_records: { type: 'counter', labels: received },
  otelcol_receiver_failed_log_records: { type: 'counter', labels: received },
  otelcol_receiver_accepted_metric_points: { type: 'counter', labels: received },
  otelcol_receiver_refused_metric_points: { type: 'counter', labels: received },
  otelcol_receiver_failed_metric_points: { type: 'counter', labels: received },
  otelcol_processor_incoming_items: { type: 'counter', labels: ['processor', 'otel_signal'] },
  otelcol_processor_outgoing_items: { type: 'counter', labels: ['processor', 'otel_signal'] },
  otelcol_processor_batch_batch_send_size: { type: 'histogram', labels: processed },
  otelcol_processor_batch_batch_send_size_bytes: { type: 'histogram', labels: processed },
  otelcol_processor_batch_batch_size_trigger_send: { type: 'counter', labels: processed },
  otelcol_processor_batch_timeout_trigger_send: { type: 'counter', labels: processed },
  otelcol_processor_batch_metadata_cardinality: { type: 'gauge', labels: processed },
  otelcol_processor_memory_limiter_accepted_spans: { type: 'counter', labels: processed },
  otelcol_processor_memory_limiter_refused_spans: { type: 'counter', labels: processed },
  otelcol_processor_filter_spans_filtered: { type: 'counter', labels: ['filter'] },
  otelcol_processor_probabilistic_sampler_count_traces_sampled: { type: 'counter', labels: ['policy', 'sampled'] },
  otelcol_processor_tail_sampling_count_traces_sampled: { type: 'counter', labels: sampled },
  otelcol_processor_tail_sampling_global_count_traces_sampled: { type: 'counter', labels: ['sampled', 'decision'] },
  otelcol_processor_tail_sampling_new_trace_id_received: { type: 'counter', labels: [] },
  otelcol_processor_tail_sampling_sampling_traces_on_memory: { type: 'gauge', labels: [] },
  otelcol_processor_tail_sampling_sampling_trace_dropped_too_early: { type: 'counter', labels: [] },
  otelcol_processor_tail_sampling_sampling_policy_evaluation_error: { type: 'counter', labels: [] },
  otelcol_processor_tail_sampling_sampling_decision_timer_latency: { type: 'histogram', labels: [] },
  otelcol_exporter_sent_spans: { type: 'counter', labels: sent },
  otelcol_exporter_send_failed_spans: { type: 'counter', labels: failed },
  otelcol_exporter_enqueue_failed_spans: { type: 'counter', labels: ['exporter', 'data_type'] },
  otelcol_exporter_sent_log_records: { type: 'counter', labels: sent },
  otelcol_exporter_send_failed_log_records: { type: 'counter', labels: failed },
  otelcol_exporter_enqueue_failed_log_records: { type: 'counter', labels: ['exporter', 'data_type'] },
  otelcol_exporter_sent_metric_points: { type: 'counter', labels: sent },
  otelcol_exporter_send_failed_metric_points: { type: 'counter', labels: failed },
  otelcol_exporter_enqueue_failed_metric_points: { type: 'counter', labels: ['exporter', 'data_type'] },
  otelcol_exporter_queue_size: { type: 'gauge', labels: queue },
  otelcol_exporter_queue_capacity: { type: 'gauge', labels: queue },
  otelcol_exporter_in_flight_requests: { type: 'gauge', labels: queue },
  otelcol_process_uptime: { type: 'counter', labels: [] },
  otelcol_process_cpu_seconds: { type: 'counter', labels: [] },
  otelcol_process_memory_rss: { type: 'gauge', labels: [] },
  otelcol_process_runtime_heap_alloc_bytes: { type: 'gauge', labels: [] },
  otelcol_process_runtime_total_alloc_bytes: { type: 'counter', labels: [] },
  otelcol_process_runtime_total_sys_memory_bytes: { type: 'gauge', labels: [] },
} as const satisfies Metrics;
