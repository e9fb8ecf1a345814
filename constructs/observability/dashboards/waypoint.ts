import { errors, quantile, rate, requests, series, success, sum } from '../promql/queries.ts';
import { dashboard, labelVariable } from './layout.ts';
import { type DashboardLinks, labelOf, toDashboard, toFailedTraces, toKiali, uids } from './links.ts';
import type { Dashboard } from './model.ts';
import { graph, number, successSteps } from './panels.ts';
import { durations, requestPanels } from './requests.ts';

const counted = { reporter: '="waypoint"' };
const waypoint = { namespace: '=~"$namespace"', pod: '=~"$pod"' };
const passing = { ...counted, ...waypoint };
const proxy = { ...waypoint, container: '="istio-proxy"' };

const service = ['destination_service', 'destination_service_name', 'destination_service_namespace'] as const;
const callers = ['source_workload', 'source_workload_namespace'] as const;

/** The waypoints of an ambient mesh: the only proxies in it that read HTTP. */
export function waypointDashboard(links: DashboardLinks): Dashboard {
  const [name, namespace] = [labelOf('destination_service_name'), labelOf('destination_service_namespace')];
  const host = labelOf('destination_service');
  const leads = [
    toDashboard('Service', 'service', { service: host, qrep: 'waypoint' }),
    ...toKiali(links, { of: 'services', namespace, name }),
    ...toFailedTraces(links, { host, name, namespace }),
  ];
  return dashboard({
    uid: uids.waypoint,
    title: 'Istio Waypoint Dashboard',
    description:
      'What passes the waypoints: by service, by caller, what they refuse, and whether they have enough CPU and memory.',
    variables: [
      labelVariable('namespace', 'Namespace', series('istio_requests_total', counted), 'namespace', 'any'),
      labelVariable(
        'pod',
        'Waypoint pod',
        series('istio_requests_total', { ...counted, namespace: waypoint.namespace }),
        'pod',
        'any',
      ),
    ],
    sections: [
      {
        title: 'Is it well',
        height: 4,
        panels: [
          number({
            title: 'Requests',
            description: 'Requests a second through the chosen waypoints.',
            unit: 'reqps',
            expr: requests(passing),
          }),
          number({
            title: 'Success',
            description: 'The share of them that did not fail, by a 5xx answer or a gRPC status like Unavailable.',
            unit: 'percentunit',
            expr: success(passing),
            ...successSteps,
          }),
          number({
            title: 'Failed',
            description: 'Failed requests a second.',
            unit: 'reqps',
            expr: errors(passing),
            steps: [{ value: 0.01, color: 'red' }],
          }),
          number({
            title: 'Refused',
            description: 'Requests a second answered with 403: an AuthorizationPolicy says no, or the server does.',
            unit: 'reqps',
            expr: `(${requests({ ...passing, response_code: '="403"' })} or 0 * ${requests(passing)})`,
          }),
          number({
            title: 'Slowest 5 %',
            description: 'How long the slowest 5 % of the requests take at least.',
            unit: 'ms',
            expr: quantile(0.95, 'istio_request_duration_milliseconds', passing),
          }),
        ],
      },
      { title: 'By service', panels: requestPanels(passing, service, '{{destination_service}}', leads) },
      { title: 'By caller', panels: requestPanels(passing, callers, '{{source_workload}}.{{source_workload_namespace}}') },
      {
        title: 'Why',
        panels: [
          graph({
            title: 'Requests by answer',
            description:
              'Requests a second by status code and gRPC status, with the flags by which a waypoint says why it failed a request.',
            unit: 'reqps',
            lines: [
              {
                expr: requests(passing, ['response_code', 'grpc_response_status', 'response_flags']),
                legend: '{{response_code}} {{grpc_response_status}} {{response_flags}}',
              },
            ],
          }),
          graph({
            title: 'Duration',
            description: 'Half of the requests, 95 % and 99 % are faster than this.',
            unit: 'ms',
            lines: durations(passing),
          }),
          graph({
            title: 'CPU',
            description: 'CPUs of each waypoint: it serves a whole namespace, so that one replica is soon too few.',
            unit: 'short',
            lines: [{ expr: rate('container_cpu_usage_seconds_total', proxy, ['pod']), legend: '{{pod}}' }],
          }),
          graph({
            title: 'Memory',
            description: 'Memory of each waypoint.',
            unit: 'bytes',
            lines: [{ expr: sum('container_memory_working_set_bytes', proxy, ['pod']), legend: '{{pod}}' }],
          }),
        ],
      },
    ],
  });
}
