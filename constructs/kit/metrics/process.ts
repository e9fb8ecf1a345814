import type { Metrics } from './metric.ts';

const none = [] as const;

/** What programs tell of their process, and those written in Go of their runtime (client_golang, Go and process collectors). */
export const processes = {
  process_cpu_seconds_total: { type: 'counter', labels: none },
  process_resident_memory_bytes: { type: 'gauge', labels: none },
  process_virtual_memory_bytes: { type: 'gauge', labels: none },
  process_open_fds: { type: 'gauge', labels: none },
  process_max_fds: { type: 'gauge', labels: none },
  process_start_time_seconds: { type: 'gauge', labels: none },
  process_network_receive_bytes_total: { type: 'counter', labels: none },
  process_network_transmit_bytes_total: { type: 'counter', labels: none },
  go_goroutines: { type: 'gauge', labels: none },
  go_threads: { type: 'gauge', labels: none },
  go_info: { type: 'gauge', labels: ['version'] },
  go_gc_duration_seconds_count: { type: 'counter', labels: none },
  go_gc_duration_seconds_sum: { type: 'counter', labels: none },
  go_memstats_alloc_bytes: { type: 'gauge', labels: none },
  go_memstats_heap_alloc_bytes: { type: 'gauge', labels: none },
  go_memstats_heap_inuse_bytes: { type: 'gauge', labels: none },
  go_memstats_stack_inuse_bytes: { type: 'gauge', labels: none },
  go_memstats_next_gc_bytes: { type: 'gauge', labels: none },
} as const satisfies Metrics;
