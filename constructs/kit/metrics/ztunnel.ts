import { tcp } from './istio.ts';
import type { Metrics } from './metric.ts';

const dns = ['request_query_type', 'request_protocol', 'source_canonical_service', 'source_canonical_revision'] as const;

/** ztunnel's own metrics, beside the mesh's TCP ones (Istio 1.30, ztunnel src/inpod, src/xds and src/dns; `_total` is OpenMetrics'). */
export const ztunnel = {
  workload_manager_active_proxy_count: { type: 'gauge', labels: [] },
  workload_manager_pending_proxy_count: { type: 'gauge', labels: [] },
  workload_manager_proxies_started_total: { type: 'counter', labels: [] },
  workload_manager_proxies_stopped_total: { type: 'counter', labels: [] },
  istio_xds_connection_terminations_total: { type: 'counter', labels: ['reason'] },
  istio_xds_message_total: { type: 'counter', labels: ['url'] },
  istio_xds_message_bytes_total: { type: 'counter', labels: ['url'] },
  istio_dns_requests_total: { type: 'counter', labels: dns },
  istio_dns_upstream_requests_total: { type: 'counter', labels: dns },
  istio_dns_upstream_failures_total: { type: 'counter', labels: dns },
  istio_dns_upstream_request_duration_seconds: { type: 'histogram', labels: dns },
  istio_tcp_connections_failed_total: { type: 'counter', labels: tcp },
  istio_tcp_sockets_open: { type: 'gauge', labels: [] },
} as const satisfies Metrics;
