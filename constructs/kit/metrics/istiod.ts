import type { Metrics } from './metric.ts';

/** istiod's own metrics (Istio 1.30). */
export const istiod = {
  pilot_xds_pushes: { type: 'counter', labels: ['type'] },
  pilot_total_xds_rejects: { type: 'counter', labels: ['type'] },
} as const satisfies Metrics;
