import type { Metrics } from './metric.ts';

const cluster = ['cluster_name'] as const;
const listener = ['listener_address'] as const;
const connections = ['http_conn_manager_prefix'] as const;
const none = [] as const;

/**
 * Statistics of the proxies' own (Envoy, as Istio 1.30 labels them). A proxy shows only a few of them, such as those of the cluster
 * `xds-grpc`, unless `proxyStatsMatcher` asks for more; gateways and waypoints are no exception.
 */
export const envoy = {
  envoy_cluster_upstream_cx_active: { type: 'gauge', labels: cluster },
  envoy_cluster_upstream_cx_total: { type: 'counter', labels: cluster },
  envoy_cluster_upstream_cx_connect_fail: { type: 'counter', labels: cluster },
  envoy_cluster_upstream_cx_connect_timeout: { type: 'counter', labels: cluster },
  envoy_cluster_upstream_rq_active: { type: 'gauge', labels: cluster },
  envoy_cluster_upstream_rq_pending_active: { type: 'gauge', labels: cluster },
  envoy_cluster_upstream_rq_pending_overflow: { type: 'counter', labels: cluster },
  envoy_cluster_upstream_rq_total: { type: 'counter', labels: cluster },
  envoy_cluster_upstream_rq_retry: { type: 'counter', labels: cluster },
  envoy_cluster_upstream_rq_timeout: { type: 'counter', labels: cluster },
  envoy_cluster_upstream_rq_time: { type: 'histogram', labels: cluster },
  envoy_cluster_membership_total: { type: 'gauge', labels: cluster },
  envoy_cluster_membership_healthy: { type: 'gauge', labels: cluster },
  envoy_cluster_outlier_detection_ejections_active: { type: 'gauge', labels: cluster },
  envoy_cluster_ssl_connection_error: { type: 'counter', labels: cluster },
  envoy_cluster_ssl_handshake: { type: 'counter', labels: cluster },
  envoy_listener_downstream_cx_active: { type: 'gauge', labels: listener },
  envoy_listener_downstream_cx_total: { type: 'counter', labels: listener },
  envoy_listener_ssl_connection_error: { type: 'counter', labels: listener },
  envoy_http_downstream_cx_active: { type: 'gauge', labels: connections },
  envoy_http_downstream_rq_active: { type: 'gauge', labels: connections },
  envoy_http_downstream_rq_total: { type: 'counter', labels: connections },
  envoy_http_downstream_rq_time: { type: 'histogram', labels: connections },
  envoy_http_tracing_random_sampling: { type: 'counter', labels: connections },
  envoy_http_tracing_not_traceable: { type: 'counter', labels: connections },
  envoy_server_uptime: { type: 'gauge', labels: none },
  envoy_server_live: { type: 'gauge', labels: none },
  envoy_server_concurrency: { type: 'gauge', labels: none },
  envoy_server_total_connections: { type: 'gauge', labels: none },
  envoy_server_memory_allocated: { type: 'gauge', labels: none },
  envoy_server_memory_heap_size: { type: 'gauge', labels: none },
  envoy_server_days_until_first_cert_expiring: { type: 'gauge', labels: none },
} as const satisfies Metrics;
