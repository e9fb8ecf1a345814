import type { Metrics } from './metric.ts';

const storage = ['kind', 'name', 'operation', 'result', 'role'] as const;

/**
 * What Jaeger 2 tells of its storage at port 8888, beside what every collector tells. Without suffixes, as the collector it is built on
 * names them since 0.152; with the reader's `without_type_suffix: false`, `without_units: false` it is `jaeger_storage_requests_total`.
 */
export const jaeger = {
  jaeger_storage_requests: { type: 'counter', labels: storage },
  jaeger_storage_responses: { type: 'counter', labels: ['kind', 'name', 'operation', 'role'] },
  jaeger_storage_latency: { type: 'histogram', labels: storage },
} as const satisfies Metrics;
