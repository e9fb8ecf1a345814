import type { Metrics } from './metric.ts';

/** Labels of every standard metric of the mesh (Istio 1.30, standard metrics). */
const standard = [
  'reporter',
  'source_workload',
  'source_workload_namespace',
  'source_principal',
  'source_app',
  'source_version',
  'source_canonical_service',
  'source_canonical_revision',
  'source_cluster',
  'destination_workload',
  'destination_workload_namespace',
  'destination_principal',
  'destination_app',
  'destination_version',
  'destination_canonical_service',
  'destination_canonical_revision',
  'destination_cluster',
  'destination_service',
  'destination_service_name',
  'destination_service_namespace',
  'request_protocol',
  'response_flags',
  'connection_security_policy',
] as const;
const http = [...standard, 'response_code', 'grpc_response_status'] as const;
/** ztunnel tells the localities too, where it was asked to. */
export const tcp = [...standard, 'source_region', 'source_zone', 'destination_region', 'destination_zone'] as const;

/** The mesh's standard metrics: proxies and waypoints count requests, ztunnel and proxies connections (Istio 1.30). */
export const istio = {
  istio_requests_total: { type: 'counter', labels: http },
  istio_request_duration_milliseconds: { type: 'histogram', labels: http },
  istio_request_bytes: { type: 'histogram', labels: http },
  istio_response_bytes: { type: 'histogram', labels: http },
  istio_request_messages_total: { type: 'counter', labels: http },
  istio_response_messages_total: { type: 'counter', labels: http },
  istio_tcp_sent_bytes_total: { type: 'counter', labels: tcp },
  istio_tcp_received_bytes_total: { type: 'counter', labels: tcp },
  istio_tcp_connections_opened_total: { type: 'counter', labels: tcp },
  istio_tcp_connections_closed_total: { type: 'counter', labels: tcp },
  istio_build: { type: 'gauge', labels: ['component', 'tag'] },
} as const satisfies Metrics;
