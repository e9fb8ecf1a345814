import { podsOf } from '../promql/pods.ts';
import { errors, quantile, rate, requests, success, sum, traffic } from '../promql/queries.ts';
import { dashboard, labelVariable, receivers, reporterVariable } from './layout.ts';
import { type DashboardLinks, labelOf, toDashboard, toKiali, uids } from './links.ts';
import type { Dashboard } from './model.ts';
import { graph, number, successSteps } from './panels.ts';
import { durations, requestPanels } from './requests.ts';

const chosen = { destination_workload_namespace: '=~"$namespace"', destination_workload: '=~"$workload"' };

/** What reaches the workload. */
const inbound = {
  reporter: '=~"$qrep"',
  ...chosen,
  source_workload_namespace: '=~"$srcns"',
  source_workload: '=~"$srcwl"',
};

/** What the workload asks of others: its own proxy counts that. */
const calls = { reporter: '=~"source|waypoint"', source_workload_namespace: '=~"$namespace"', source_workload: '=~"$workload"' };
const outbound = { ...calls, destination_service: '=~"$dstsvc"' };

const callers = ['source_workload', 'source_workload_namespace'] as const;
const caller = '{{source_workload}}.{{source_workload_namespace}}';
const services = ['destination_service'] as const;
const service = '{{destination_service}}';

const proxy = { namespace: '=~"$namespace"', pod: `=~"${podsOf(['$workload'])}"`, container: '="istio-proxy"' };

const toCaller = toDashboard('Caller', 'workload', {
  namespace: labelOf('source_workload_namespace'),
  workload: labelOf('source_workload'),
});
const toService = toDashboard('Service', 'service', { service: labelOf('destination_service') });

/** One workload: what reaches it, what it asks of others, what its sidecar costs. */
export function workloadDashboard(links: DashboardLinks, dataplane: 'sidecar' | 'ambient'): Dashboard {
  return dashboard({
    uid: uids.workload,
    title: 'Istio Workload Dashboard',
    description: 'One workload from both sides: when it is slow, see whether what it calls is slow too.',
    variables: [
      labelVariable('namespace', 'Namespace', traffic({}), 'destination_workload_namespace', 'one'),
      labelVariable(
        'workload',
        'Workload',
        traffic({ destination_workload_namespace: chosen.destination_workload_namespace }),
        'destination_workload',
        'one',
      ),
      reporterVariable(dataplane, 'destination'),
      labelVariable('srcns', 'Caller namespace', traffic(chosen), 'source_workload_namespace', 'any'),
      labelVariable(
        'srcwl',
        'Caller',
        traffic({ ...chosen, source_workload_namespace: inbound.source_workload_namespace }),
        'source_workload',
        'any',
      ),
      labelVariable('dstsvc', 'Called service', traffic(calls), 'destination_service', 'any'),
    ],
    links: toKiali(links, { of: 'workloads', namespace: '$namespace', name: '$workload' }),
    sections: [
      {
        title: '$workload in $namespace',
        height: 4,
        panels: [
          number({ title: 'Requests', description: 'Requests a second that reach it.', unit: 'reqps', expr: requests(inbound) }),
          number({
            title: 'Success',
            description: 'The share of these requests that did not fail, by a 5xx answer or a gRPC status like Unavailable.',
            unit: 'percentunit',
            expr: success(inbound),
            ...successSteps,
          }),
          number({
            title: 'Failed',
            description: 'Failed requests a second.',
            unit: 'reqps',
            expr: errors(inbound),
            steps: [{ value: 0.01, color: 'red' }],
          }),
          number({
            title: 'Slowest 5 %',
            description: 'How long the slowest 5 % of these requests take at least.',
            unit: 'ms',
            expr: quantile(0.95, 'istio_request_duration_milliseconds', inbound),
          }),
          number({
            title: 'Success of its calls',
            description:
              'The share of the requests it sends that did not fail, by a 5xx answer or a gRPC status like Unavailable.',
            unit: 'percentunit',
            expr: success(outbound),
            ...successSteps,
          }),
        ],
      },
      {
        title: 'What reaches it, by caller',
        panels: [
          ...requestPanels(inbound, callers, caller, [toCaller]),
          graph({
            title: 'Protection',
            description: 'Requests a second by mutual TLS or plain text, as who receives them counts: nobody else knows.',
            unit: 'reqps',
            lines: [
              {
                expr: requests({ ...inbound, reporter: receivers }, ['connection_security_policy', ...callers]),
                legend: `{{connection_security_policy}} ${caller}`,
              },
            ],
            links: [toCaller],
          }),
        ],
      },
      { title: 'What it calls, by service', panels: requestPanels(outbound, services, service, [toService]) },
      {
        title: 'Duration side by side',
        panels: [
          graph({
            title: 'Requests that reach it',
            description: 'Half of the requests, 95 % and 99 % are faster than this.',
            unit: 'ms',
            lines: durations(inbound),
          }),
          graph({
            title: 'Its own calls',
            description: 'The same for what it calls: as slow as the left side means that the cause lies further on.',
            unit: 'ms',
            lines: durations(outbound),
          }),
        ],
      },
      {
        title: 'TCP',
        panels: [
          graph({
            title: 'Bytes by caller',
            description: 'Bytes a second, received from and sent to each caller.',
            unit: 'Bps',
            lines: [
              { expr: rate('istio_tcp_received_bytes_total', inbound, callers), legend: `received ${caller}` },
              { expr: rate('istio_tcp_sent_bytes_total', inbound, callers), legend: `sent ${caller}` },
            ],
          }),
          graph({
            title: 'Bytes by called service',
            description: 'Bytes a second, sent to and received from each service it calls.',
            unit: 'Bps',
            lines: [
              { expr: rate('istio_tcp_sent_bytes_total', outbound, services), legend: `received ${service}` },
              { expr: rate('istio_tcp_received_bytes_total', outbound, services), legend: `sent ${service}` },
            ],
          }),
        ],
      },
      {
        title: 'Its sidecars',
        panels: [
          graph({
            title: 'CPU',
            description: 'CPUs used by the sidecars of all its pods.',
            unit: 'short',
            lines: [{ expr: rate('container_cpu_usage_seconds_total', proxy, ['pod']), legend: '{{pod}}' }],
          }),
          graph({
            title: 'Memory',
            description: 'Memory of the sidecars: it grows with the number of services a proxy is told of.',
            unit: 'bytes',
            lines: [{ expr: sum('container_memory_working_set_bytes', proxy, ['pod']), legend: '{{pod}}' }],
          }),
        ],
      },
    ],
  });
}
