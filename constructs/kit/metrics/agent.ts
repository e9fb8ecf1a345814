import type { Metrics } from './metric.ts';

/** What the agent beside each Envoy tells, merged with the proxy's own (Istio 1.30, pkg/istio-agent/metrics; its server adds `istio_agent_`). */
export const agent = {
  istio_agent_istiod_connection_failures: { type: 'counter', labels: [] },
  istio_agent_istiod_connection_terminations: { type: 'counter', labels: ['type'] },
  istio_agent_num_failed_outgoing_requests: { type: 'counter', labels: ['request_type'] },
} as const satisfies Metrics;
