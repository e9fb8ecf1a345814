import type { Metrics } from './metric.ts';

const tenant = ['tenant'] as const;

/**
 * Tempo's own metrics (2.10 and 3.0, as grafana/tempo registers them). `tempo_ingester_*` are those of 2.10, `tempo_live_store_*` those of 3.0,
 * which has no ingester.
 */
export const tempo = {
  tempo_build_info: { type: 'gauge', labels: ['version', 'revision', 'branch', 'goversion'] },
  tempo_distributor_spans_received_total: { type: 'counter', labels: tenant },
  tempo_distributor_bytes_received_total: { type: 'counter', labels: tenant },
  tempo_discarded_spans_total: { type: 'counter', labels: ['tenant', 'reason'] },
  tempo_receiver_accepted_spans: { type: 'counter', labels: ['tenant', 'receiver', 'transport'] },
  tempo_receiver_refused_spans: { type: 'counter', labels: ['tenant', 'receiver', 'transport'] },
  tempo_request_duration_seconds: { type: 'histogram', labels: ['method', 'route', 'status_code', 'ws'] },
  tempo_ingester_live_traces: { type: 'gauge', labels: tenant },
  tempo_ingester_failed_flushes_total: { type: 'counter', labels: [] },
  tempo_live_store_live_traces: { type: 'gauge', labels: tenant },
  tempo_metrics_generator_spans_received_total: { type: 'counter', labels: tenant },
  tempodb_backend_request_duration_seconds: { type: 'histogram', labels: ['operation', 'status_code'] },
  tempodb_backend_objects_total: { type: 'gauge', labels: ['tenant', 'status'] },
  tempodb_backend_bytes_total: { type: 'gauge', labels: ['tenant', 'status'] },
  tempodb_blocklist_length: { type: 'gauge', labels: tenant },
  tempodb_blocklist_poll_errors_total: { type: 'counter', labels: tenant },
  tempodb_compaction_errors_total: { type: 'counter', labels: [] },
} as const satisfies Metrics;
