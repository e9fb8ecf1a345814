import type { Metrics } from './metric.ts';

const pushed = ['tenant', 'format', 'is_internal_stream', 'policy'] as const;

/** Loki's own metrics (3.7, read from a running one, and as its source registers those of what had not happened there). */
export const loki = {
  loki_build_info: { type: 'gauge', labels: ['version', 'revision', 'branch', 'goversion', 'goos', 'goarch', 'tags'] },
  loki_distributor_lines_received_total: { type: 'counter', labels: pushed },
  loki_distributor_bytes_received_total: { type: 'counter', labels: [...pushed, 'retention_hours'] },
  loki_discarded_samples_total: { type: 'counter', labels: ['reason', 'tenant'] },
  loki_discarded_bytes_total: { type: 'counter', labels: ['reason', 'tenant'] },
  loki_request_duration_seconds: { type: 'histogram', labels: ['method', 'route', 'status_code', 'ws'] },
  loki_ingester_memory_streams: { type: 'gauge', labels: ['tenant'] },
  loki_ingester_memory_chunks: { type: 'gauge', labels: [] },
  loki_ingester_chunks_flushed_total: { type: 'counter', labels: ['reason'] },
  loki_ingester_chunks_flush_failures_total: { type: 'counter', labels: [] },
  loki_ingester_chunk_stored_bytes_total: { type: 'counter', labels: ['tenant'] },
  loki_ingester_flush_queue_length: { type: 'gauge', labels: [] },
  loki_ingester_wal_disk_full_failures_total: { type: 'counter', labels: [] },
  loki_panic_total: { type: 'counter', labels: [] },
} as const satisfies Metrics;
