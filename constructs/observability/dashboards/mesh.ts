import { errors, quantile, rate, requests, success, sum } from '../promql/queries.ts';
import { dashboard } from './layout.ts';
import type { Dashboard } from './model.ts';
import { graph, number, successSteps, table } from './panels.ts';

/** Counted once: where the request leaves, or at a waypoint. */
const all = { reporter: '=~"source|waypoint"' };
const service = ['destination_service'] as const;
const workload = ['destination_workload', 'destination_workload_namespace'] as const;

/** The whole mesh on one page: is anything failing, and where. */
export function meshDashboard(): Dashboard {
  return dashboard({
    uid: 'istio-mesh',
    title: 'Istio Mesh Dashboard',
    description: 'All traffic of the mesh: begin here, then open the service or workload that stands out.',
    variables: [],
    sections: [
      {
        title: 'At a glance',
        height: 4,
        panels: [
          number({
            title: 'Requests',
            description: 'HTTP and gRPC requests a second in the whole mesh.',
            unit: 'reqps',
            expr: requests(all),
          }),
          number({
            title: 'Success',
            description: 'The share of requests that were not answered with 5xx.',
            unit: 'percentunit',
            expr: success(all),
            ...successSteps,
          }),
          number({
            title: '5xx',
            description: 'Failed requests a second: the server, or a proxy on the way, gave up.',
            unit: 'reqps',
            expr: errors(all),
            steps: [{ value: 0.01, color: 'red' }],
          }),
          number({
            title: '4xx',
            description: 'Refused requests a second: a wrong path, or a caller without permission.',
            unit: 'reqps',
            expr: `(${requests({ ...all, response_code: '=~"4.."' })} or 0 * ${requests(all)})`,
          }),
          number({
            title: 'Slowest 1 %',
            description: 'How long the slowest 1 % of all requests take at least.',
            unit: 'ms',
            expr: quantile(0.99, 'istio_request_duration_milliseconds', all),
          }),
          number({
            title: 'TCP',
            description: 'Bytes a second in both directions of connections that are neither HTTP nor gRPC.',
            unit: 'Bps',
            expr: `${rate('istio_tcp_sent_bytes_total', all)} + ${rate('istio_tcp_received_bytes_total', all)}`,
          }),
        ],
      },
      {
        title: 'HTTP and gRPC',
        height: 11,
        panels: [
          table({
            title: 'Services and the workloads behind them',
            description: 'Sorted by traffic. A success below 100 % with a high rate is where to look first.',
            labels: {
              destination_service: 'Service',
              destination_workload: 'Workload',
              destination_workload_namespace: 'Namespace',
            },
            columns: [
              { header: 'Requests', unit: 'reqps', expr: requests(all, [...service, ...workload]) },
              { header: 'Success', unit: 'percentunit', expr: success(all, [...service, ...workload]) },
              { header: 'p50', unit: 'ms', expr: latency(0.5) },
              { header: 'p90', unit: 'ms', expr: latency(0.9) },
              { header: 'p99', unit: 'ms', expr: latency(0.99) },
            ],
          }),
        ],
      },
      {
        title: 'Where it fails',
        panels: [
          graph({
            title: '5xx by service',
            description: 'Failed requests a second. Several services failing at once often share one that they all call.',
            unit: 'reqps',
            lines: [{ expr: `${errors(all, service)} > 0`, legend: '{{destination_service}}' }],
          }),
          graph({
            title: 'Requests by answer',
            description: 'Requests a second by status code; 0 means that no answer came at all.',
            unit: 'reqps',
            lines: [{ expr: requests(all, ['response_code']), legend: '{{response_code}}' }],
          }),
        ],
      },
      {
        title: 'TCP',
        panels: [
          table({
            title: 'TCP services and the workloads behind them',
            description: 'Databases and everything else whose protocol Istio does not read.',
            labels: {
              destination_service: 'Service',
              destination_workload: 'Workload',
              destination_workload_namespace: 'Namespace',
            },
            columns: [
              { header: 'Received', unit: 'Bps', expr: rate('istio_tcp_received_bytes_total', all, [...service, ...workload]) },
              { header: 'Sent', unit: 'Bps', expr: rate('istio_tcp_sent_bytes_total', all, [...service, ...workload]) },
            ],
          }),
        ],
      },
      {
        title: 'Istio itself',
        panels: [
          graph({
            title: 'Versions',
            description: 'How many proxies and control planes run which version: during an upgrade two lines cross.',
            unit: 'short',
            lines: [{ expr: sum('istio_build', {}, ['component', 'tag']), legend: '{{component}} {{tag}}' }],
          }),
          graph({
            title: 'Configuration sent to proxies',
            description: 'Pushes a second by kind, and rejects: a proxy that rejects keeps its old configuration.',
            unit: 'cps',
            lines: [
              { expr: rate('pilot_xds_pushes', {}, ['type']), legend: '{{type}}' },
              { expr: rate('pilot_total_xds_rejects', {}), legend: 'rejected' },
            ],
          }),
          graph({
            title: 'CPU',
            description: 'CPUs used by all sidecars together, and by the control plane.',
            unit: 'short',
            lines: [
              {
                expr: rate('container_cpu_usage_seconds_total', { container: '="istio-proxy"' }),
                legend: 'sidecars and gateways',
              },
              { expr: rate('container_cpu_usage_seconds_total', { container: '="discovery"' }), legend: 'istiod' },
            ],
          }),
          graph({
            title: 'Memory',
            description: 'Memory of all sidecars together, and of the control plane.',
            unit: 'bytes',
            lines: [
              {
                expr: sum('container_memory_working_set_bytes', { container: '="istio-proxy"' }),
                legend: 'sidecars and gateways',
              },
              { expr: sum('container_memory_working_set_bytes', { container: '="discovery"' }), legend: 'istiod' },
            ],
          }),
        ],
      },
    ],
  });
}

function latency(q: number): string {
  return quantile(q, 'istio_request_duration_milliseconds', all, [...service, ...workload]);
}
