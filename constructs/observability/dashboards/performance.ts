import { memoryLimit, quantile, rate, requests, series, sum } from '../promql/queries.ts';
import { dashboard, labelVariable } from './layout.ts';
import { uids } from './links.ts';
import type { Dashboard } from './model.ts';
import { graph, number, table } from './panels.ts';

/** Sidecars, gateways and waypoints, in the chosen namespaces. */
const proxies = { container: '="istio-proxy"', namespace: '=~"$namespace"' };
const istiod = { container: '="discovery"' };
/** Each request passes a proxy on either side: both are paid for. */
const handled = { reporter: '=~"source|destination|waypoint"' };

/** What the mesh costs, and whether the proxies have enough. */
export function performanceDashboard(): Dashboard {
  return dashboard({
    uid: uids.performance,
    title: 'Istio Performance Dashboard',
    description: 'What the mesh costs in CPU, memory and time, in all and for a thousand requests.',
    variables: [
      labelVariable(
        'namespace',
        'Namespace',
        series('container_memory_working_set_bytes', { container: '="istio-proxy"' }),
        'namespace',
        'any',
      ),
    ],
    sections: [
      {
        title: 'The whole bill',
        height: 4,
        panels: [
          number({
            title: 'CPUs of proxies',
            description: 'CPUs that all sidecars, gateways and waypoints of the chosen namespaces use together.',
            unit: 'short',
            expr: rate('container_cpu_usage_seconds_total', proxies),
            nothing: 'no proxy',
          }),
          number({
            title: 'Memory of proxies',
            description: 'Memory that they use together.',
            unit: 'bytes',
            expr: sum('container_memory_working_set_bytes', proxies),
            nothing: 'no proxy',
          }),
          number({
            title: 'Proxies',
            description: 'How many run in the chosen namespaces.',
            unit: 'short',
            expr: `count(${series('container_memory_working_set_bytes', proxies)})`,
            nothing: 'no proxy',
          }),
          number({
            title: 'CPUs of istiod',
            description: 'CPUs that the control plane uses.',
            unit: 'short',
            expr: rate('container_cpu_usage_seconds_total', istiod),
            nothing: 'no istiod',
          }),
          number({
            title: 'Memory of istiod',
            description: 'Memory that the control plane uses: it grows with services, endpoints and proxies.',
            unit: 'bytes',
            expr: sum('container_memory_working_set_bytes', istiod),
            nothing: 'no istiod',
          }),
        ],
      },
      {
        title: 'For the work done',
        panels: [
          graph({
            title: 'CPUs for 1,000 requests a second',
            description:
              'CPUs of all proxies of the mesh, divided by thousands of requests that they handle: it should not change with traffic.',
            unit: 'short',
            lines: [
              {
                expr: `${rate('container_cpu_usage_seconds_total', { container: '="istio-proxy"' })} / (${requests(handled)} / 1000)`,
                legend: 'CPUs',
              },
            ],
          }),
          graph({
            title: 'Bytes through the proxies',
            description: 'Bytes a second of requests and of answers, counted where requests leave.',
            unit: 'Bps',
            lines: [
              { expr: rate('istio_request_bytes_sum', { reporter: '="source"' }), legend: 'requests' },
              { expr: rate('istio_response_bytes_sum', { reporter: '="source"' }), legend: 'answers' },
            ],
          }),
          graph({
            title: 'Time between the two sides',
            description:
              'How much longer half of the requests take for the caller than for the server: network and both proxies.',
            unit: 'ms',
            lines: [
              {
                expr: `${half('source')} - ${half('destination')}`,
                legend: 'median',
              },
            ],
          }),
        ],
      },
      {
        title: 'Who uses it',
        height: 10,
        panels: [
          table({
            title: 'Proxies by pod',
            description: 'The hungriest proxies of the chosen namespaces. Near their limit they are slowed down or killed.',
            labels: { namespace: 'Namespace', pod: 'Pod' },
            columns: [
              {
                header: 'CPUs',
                unit: 'short',
                expr: `topk(50, ${rate('container_cpu_usage_seconds_total', proxies, ['namespace', 'pod'])})`,
              },
              { header: 'Memory', unit: 'bytes', expr: sum('container_memory_working_set_bytes', proxies, ['namespace', 'pod']) },
              { header: 'Limit', unit: 'bytes', expr: memoryLimit(proxies, ['namespace', 'pod']) },
            ],
          }),
        ],
      },
      {
        title: 'Over time',
        panels: [
          graph({
            title: 'CPUs by namespace',
            description: 'CPUs of the proxies of each namespace.',
            unit: 'short',
            lines: [{ expr: rate('container_cpu_usage_seconds_total', proxies, ['namespace']), legend: '{{namespace}}' }],
          }),
          graph({
            title: 'Memory by namespace',
            description:
              'Memory of the proxies of each namespace. A step after a deployment comes from more services to know: see Sidecar.',
            unit: 'bytes',
            lines: [{ expr: sum('container_memory_working_set_bytes', proxies, ['namespace']), legend: '{{namespace}}' }],
          }),
        ],
      },
    ],
  });
}

function half(reporter: 'source' | 'destination'): string {
  return quantile(0.5, 'istio_request_duration_milliseconds', { reporter: `="${reporter}"` });
}
