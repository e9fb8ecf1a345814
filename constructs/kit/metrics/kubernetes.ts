import type { Metrics } from './metric.ts';

const container = ['id', 'image', 'name'] as const;
const volume = ['persistentvolumeclaim'] as const;
const pod = ['uid'] as const;

/** What a kubelet tells of containers (cAdvisor) and volumes, and kube-state-metrics 2 of the objects that dashboards and alerts ask for. */
export const kubernetes = {
  container_cpu_usage_seconds_total: { type: 'counter', labels: [...container, 'cpu'] },
  container_cpu_cfs_throttled_periods_total: { type: 'counter', labels: container },
  container_cpu_cfs_periods_total: { type: 'counter', labels: container },
  container_memory_working_set_bytes: { type: 'gauge', labels: container },
  container_memory_rss: { type: 'gauge', labels: container },
  container_spec_memory_limit_bytes: { type: 'gauge', labels: container },
  container_network_receive_bytes_total: { type: 'counter', labels: [...container, 'interface'] },
  container_network_transmit_bytes_total: { type: 'counter', labels: [...container, 'interface'] },
  kubelet_volume_stats_available_bytes: { type: 'gauge', labels: volume },
  kubelet_volume_stats_capacity_bytes: { type: 'gauge', labels: volume },
  kubelet_volume_stats_used_bytes: { type: 'gauge', labels: volume },
  kube_pod_info: { type: 'gauge', labels: [...pod, 'host_ip', 'pod_ip', 'created_by_kind', 'created_by_name', 'priority_class'] },
  kube_pod_status_phase: { type: 'gauge', labels: [...pod, 'phase'] },
  kube_pod_status_ready: { type: 'gauge', labels: [...pod, 'condition'] },
  kube_pod_container_status_restarts_total: { type: 'counter', labels: pod },
  kube_pod_container_status_waiting_reason: { type: 'gauge', labels: [...pod, 'reason'] },
  kube_pod_container_status_last_terminated_reason: { type: 'gauge', labels: [...pod, 'reason'] },
  kube_pod_container_resource_limits: { type: 'gauge', labels: [...pod, 'resource', 'unit'] },
  kube_pod_container_resource_requests: { type: 'gauge', labels: [...pod, 'resource', 'unit'] },
  kube_deployment_spec_replicas: { type: 'gauge', labels: ['deployment'] },
  kube_deployment_status_replicas_available: { type: 'gauge', labels: ['deployment'] },
  kube_statefulset_replicas: { type: 'gauge', labels: ['statefulset'] },
  kube_statefulset_status_replicas_ready: { type: 'gauge', labels: ['statefulset'] },
} as const satisfies Metrics;
