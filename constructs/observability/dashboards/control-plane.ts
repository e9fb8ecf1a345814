import { quantile, rate, series, sum } from '../promql/queries.ts';
import { dashboard, labelVariable } from './layout.ts';
import { uids } from './links.ts';
import type { Dashboard } from './model.ts';
import { graph, number } from './panels.ts';

const istiod = { namespace: '=~"$namespace"', pod: '=~"$pod"' };
const container = { ...istiod, container: '="discovery"' };

/** istiod: do proxies get their configuration, soon enough, and do they take it. */
export function controlPlaneDashboard(): Dashboard {
  return dashboard({
    uid: uids.controlPlane,
    title: 'Istio Control Plane Dashboard',
    description: 'istiod: whether proxies get their configuration and certificates, how long that takes, and what it costs.',
    variables: [
      labelVariable('namespace', 'Namespace', series('pilot_xds', {}), 'namespace', 'any'),
      labelVariable('pod', 'Pod', series('pilot_xds', { namespace: istiod.namespace }), 'pod', 'any'),
    ],
    sections: [
      {
        title: 'Is it well',
        height: 4,
        panels: [
          number({
            title: 'Proxies',
            description: 'Proxies that hold a connection to istiod. A drop means that they cannot reach it, or were deleted.',
            unit: 'short',
            expr: sum('pilot_xds', istiod),
            nothing: 'no istiod',
          }),
          number({
            title: 'Rejected',
            description: 'Configurations a second that proxies refused: they keep the old one. istiod logs which, and why.',
            unit: 'cps',
            expr: rate('pilot_total_xds_rejects', istiod),
            steps: [{ value: 0.001, color: 'red' }],
            nothing: 'none',
          }),
          number({
            title: 'Time to proxies',
            description:
              'From a change until the slowest 1 % of the proxies have it. Above some seconds new pods get traffic late.',
            unit: 's',
            expr: quantile(0.99, 'pilot_proxy_convergence_time', istiod),
            steps: [
              { value: 5, color: 'orange' },
              { value: 30, color: 'red' },
            ],
            nothing: 'no change',
          }),
          number({
            title: 'Internal errors',
            description: 'Errors a second inside istiod: its log tells them.',
            unit: 'cps',
            expr: rate('pilot_total_xds_internal_errors', istiod),
            steps: [{ value: 0.001, color: 'red' }],
            nothing: 'none',
          }),
          number({
            title: 'Root certificate lasts',
            description:
              'Seconds until the root certificate runs out, on the pod where it does so first. Nothing in the mesh talks after that.',
            unit: 's',
            expr: `min(${series('citadel_server_root_cert_expiry_timestamp', istiod)}) - time()`,
            base: 'red',
            steps: [
              { value: 7 * 24 * 3600, color: 'orange' },
              { value: 30 * 24 * 3600, color: 'green' },
            ],
            nothing: 'no CA',
          }),
        ],
      },
      {
        title: 'To the proxies',
        panels: [
          graph({
            title: 'Pushes',
            description: 'Configurations sent a second, by kind: cds services, eds endpoints, lds ports, rds routes.',
            unit: 'cps',
            lines: [{ expr: rate('pilot_xds_pushes', istiod, ['type']), legend: '{{type}}' }],
          }),
          graph({
            title: 'Why it pushes',
            description: 'What started the pushes, by the second. One that never rests is a controller that writes all the time.',
            unit: 'cps',
            lines: [{ expr: rate('pilot_push_triggers', istiod, ['type']), legend: '{{type}}' }],
          }),
          graph({
            title: 'How long a change takes',
            description:
              'Until proxies have a change, and how long of that they wait for their turn. Waiting means too little CPU.',
            unit: 's',
            lines: [
              { expr: quantile(0.5, 'pilot_proxy_convergence_time', istiod), legend: 'half have it' },
              { expr: quantile(0.99, 'pilot_proxy_convergence_time', istiod), legend: '99 % have it' },
              { expr: quantile(0.99, 'pilot_proxy_queue_time', istiod), legend: 'waiting, 99 %' },
            ],
          }),
        ],
      },
      {
        title: 'From Kubernetes',
        panels: [
          graph({
            title: 'Events',
            description: 'Changes a second of services, endpoints and pods, and of Istio’s own configuration.',
            unit: 'cps',
            lines: [
              { expr: rate('pilot_k8s_reg_events', istiod, ['type']), legend: '{{type}}' },
              { expr: rate('pilot_k8s_cfg_events', istiod, ['type']), legend: 'configuration {{type}}' },
            ],
          }),
          graph({
            title: 'Webhooks',
            description:
              'Pods given a sidecar and configurations looked at, by the second; what failed kept a pod or a change from being made.',
            unit: 'cps',
            lines: [
              { expr: rate('sidecar_injection_success_total', istiod), legend: 'injected' },
              { expr: rate('sidecar_injection_failure_total', istiod), legend: 'injection failed' },
              { expr: rate('galley_validation_passed', istiod), legend: 'valid' },
              { expr: rate('galley_validation_failed', istiod), legend: 'refused' },
            ],
          }),
          graph({
            title: 'Certificates',
            description: 'Certificates asked for and given out a second. Asked without given: proxies cannot prove who they are.',
            unit: 'cps',
            lines: [
              { expr: rate('citadel_server_csr_count', istiod), legend: 'asked for' },
              { expr: rate('citadel_server_success_cert_issuance_count', istiod), legend: 'given out' },
              { expr: rate('citadel_server_authentication_failure_count', istiod), legend: 'not let in' },
            ],
          }),
        ],
      },
      {
        title: 'What it costs',
        panels: [
          graph({
            title: 'Versions',
            description: 'Control planes by version: two at once during an upgrade by revision.',
            unit: 'short',
            lines: [{ expr: sum('istio_build', { component: '="pilot"' }, ['tag']), legend: '{{tag}}' }],
          }),
          graph({
            title: 'CPU',
            description: 'CPUs of each pod.',
            unit: 'short',
            lines: [{ expr: rate('container_cpu_usage_seconds_total', container, ['pod']), legend: '{{pod}}' }],
          }),
          graph({
            title: 'Memory',
            description: 'Memory of each pod, and how much of it Go’s heap takes.',
            unit: 'bytes',
            lines: [
              { expr: sum('container_memory_working_set_bytes', container, ['pod']), legend: '{{pod}}' },
              { expr: sum('go_memstats_heap_inuse_bytes', istiod, ['pod']), legend: 'heap of {{pod}}' },
            ],
          }),
          graph({
            title: 'Goroutines',
            description: 'Goroutines of each pod: they follow the number of proxies; growth without an end is a leak.',
            unit: 'short',
            lines: [{ expr: sum('go_goroutines', istiod, ['pod']), legend: '{{pod}}' }],
          }),
        ],
      },
    ],
  });
}
