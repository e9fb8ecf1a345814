import { errors, quantile, rate, requests, success, sum } from '../promql/queries.ts';
import { dashboard } from './layout.ts';
import { type DashboardLinks, fieldOf, labelOf, toDashboard, toFailedTraces, toKiali, uids } from './links.ts';
import type { Dashboard } from './model.ts';
import { graph, number, successSteps, table } from './panels.ts';

/** Counted once: where the request leaves, or at a waypoint. */
const all = { reporter: '=~"source|waypoint"' };
/** The last two are for links: Kiali knows a service by them. */
const service = ['destination_service', 'destination_service_name', 'destination_service_namespace'] as const;
const workload = ['destination_workload', 'destination_workload_namespace'] as const;
const hop = ['source_workload', 'source_workload_namespace', ...service] as const;

/** The columns of the two tables that tell of services and workloads. */
const rows = {
  labels: {
    destination_service: 'Service',
    destination_workload: 'Workload',
    destination_workload_namespace: 'Namespace',
    destination_service_name: 'Name',
    destination_service_namespace: 'Home',
  },
  hidden: ['Name', 'Home'],
};

/** The whole mesh on one page: is anything failing, and where. */
export function meshDashboard(links: DashboardLinks): Dashboard {
  return dashboard({
    uid: uids.mesh,
    title: 'Istio Mesh Dashboard',
    description: 'All traffic of the mesh: begin here, then open the service or workload that stands out.',
    variables: [],
    links: toKiali(links, 'graph'),
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
            description: 'The share of requests that did not fail, by a 5xx answer or a gRPC status like Unavailable.',
            unit: 'percentunit',
            expr: success(all),
            ...successSteps,
          }),
          number({
            title: 'Failed',
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
            ...rows,
            cellLinks: rowLinks(links),
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
            title: 'Failed by service',
            description: 'Failed requests a second. Several services failing at once often share one that they all call.',
            unit: 'reqps',
            lines: [{ expr: `${errors(all, service)} > 0`, legend: '{{destination_service}}' }],
            links: serviceLinks(links, labelOf),
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
        title: 'Hop by hop',
        panels: [
          graph({
            title: 'Slowest hops',
            description:
              'The ten calls whose slowest 5 % take longest, from caller to service: the last slow one of a chain is the cause.',
            unit: 'ms',
            lines: [
              {
                expr: `topk(10, ${quantile(0.95, 'istio_request_duration_milliseconds', all, hop)})`,
                legend: '{{source_workload}} → {{destination_service}}',
              },
            ],
            links: serviceLinks(links, labelOf),
          }),
          graph({
            title: 'Failing hops',
            description:
              'Failed requests a second from caller to service: one caller alone points at the caller, all of them at the service.',
            unit: 'reqps',
            lines: [{ expr: `${errors(all, hop)} > 0`, legend: '{{source_workload}} → {{destination_service}}' }],
            links: serviceLinks(links, labelOf),
          }),
        ],
      },
      {
        title: 'TCP',
        panels: [
          table({
            title: 'TCP services and the workloads behind them',
            description: 'Databases and everything else whose protocol Istio does not read.',
            ...rows,
            cellLinks: rowLinks(links),
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

/** From a service that stands out: its dashboard, its page in Kiali, its failed traces. */
function serviceLinks(links: DashboardLinks, of: (label: (typeof service)[number]) => string) {
  const [host, name, namespace] = [
    of('destination_service'),
    of('destination_service_name'),
    of('destination_service_namespace'),
  ];
  return [
    toDashboard('Service', 'service', { service: host }),
    ...toKiali(links, { of: 'services', namespace, name }),
    ...toFailedTraces(links, { host, name, namespace }),
  ];
}

function rowLinks(links: DashboardLinks) {
  const [name, namespace] = [fieldOf('Workload'), fieldOf('Namespace')];
  return {
    Service: serviceLinks(links, (label) => fieldOf(rows.labels[label])),
    Workload: [
      toDashboard('Workload', 'workload', { namespace, workload: name }),
      ...toKiali(links, { of: 'workloads', namespace, name }),
    ],
  };
}

function latency(q: number): string {
  return quantile(q, 'istio_request_duration_milliseconds', all, [...service, ...workload]);
}
