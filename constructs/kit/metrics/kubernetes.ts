import type { Metrics } from './metric.ts';

/** What a kubelet tells of containers (cAdvisor). */
export const kubernetes = {
  container_cpu_usage_seconds_total: { type: 'counter', labels: ['id', 'image', 'name'] },
  container_memory_working_set_bytes: { type: 'gauge', labels: ['id', 'image', 'name'] },
} as const satisfies Metrics;
