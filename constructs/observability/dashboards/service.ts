import { errors, quantile, rate, requests, success, traffic } from '../promql/queries.ts';
import { dashboard, labelVariable, receivers, reporterVariable } from './layout.ts';
import { type DashboardLinks, labelOf, toDashboard, toFailedTraces, toKiali, uids, valueIn } from './links.ts';
import type { Dashboard } from './model.ts';
import { graph, number, successSteps } from './panels.ts';
import { durations, requestPanels } from './requests.ts';

/** The service that was chosen, whoever calls it and whichever workload answers. */
const chosenService = { destination_service: '=~"$service"' };
const chosen = { reporter: '=~"$qrep"', ...chosenService };

/** What the variables leave: some callers, some workloads. */
const matching = {
  ...chosen,
  source_workload_namespace: '=~"$srcns"',
  source_workload: '=~"$srcwl"',
  destination_workload_namespace: '=~"$dstns"',
  destination_workload: '=~"$dstwl"',
};

const callers = ['source_workload', 'source_workload_namespace'] as const;
const caller = '{{source_workload}}.{{source_workload_namespace}}';
const workloads = ['destination_workload', 'destination_workload_namespace'] as const;
const workload = '{{destination_workload}}.{{destination_workload_namespace}}';

/** One service: how it does, for whom, and on which of its workloads. */
export function serviceDashboard(links: DashboardLinks, dataplane: 'sidecar' | 'ambient'): Dashboard {
  const failed = toFailedTraces(links, { host: valueIn('service'), name: valueIn('svcname'), namespace: valueIn('svcns') });
  const named = labelVariable('svcname', 'Name', traffic(chosenService), 'destination_service_name', 'hidden');
  const housed = labelVariable('svcns', 'Its namespace', traffic(chosenService), 'destination_service_namespace', 'hidden');
  return dashboard({
    uid: uids.service,
    title: 'Istio Service Dashboard',
    description: 'One service as its callers see it, by caller and by the workloads (versions) that answer.',
    variables: [
      labelVariable('namespace', 'Namespace', traffic({}), 'destination_service_namespace', 'any'),
      labelVariable(
        'service',
        'Service',
        traffic({ destination_service_namespace: '=~"$namespace"' }),
        'destination_service',
        'one',
      ),
      ...(links.kiali !== undefined || failed.length > 0 ? [named, housed] : []),
      reporterVariable(dataplane, 'source'),
      labelVariable('srcns', 'Caller namespace', traffic(chosen), 'source_workload_namespace', 'any'),
      labelVariable(
        'srcwl',
        'Caller',
        traffic({ ...chosen, source_workload_namespace: matching.source_workload_namespace }),
        'source_workload',
        'any',
      ),
      labelVariable('dstns', 'Workload namespace', traffic(chosen), 'destination_workload_namespace', 'any'),
      labelVariable(
        'dstwl',
        'Workload',
        traffic({ ...chosen, destination_workload_namespace: matching.destination_workload_namespace }),
        'destination_workload',
        'any',
      ),
    ],
    links: toKiali(links, { of: 'services', namespace: '$svcns', name: '$svcname' }),
    sections: [
      {
        title: '$service',
        height: 4,
        panels: [
          number({ title: 'Requests', description: 'Requests a second.', unit: 'reqps', expr: requests(matching) }),
          number({
            title: 'Success',
            description: 'The share of requests that did not fail, by a 5xx answer or a gRPC status like Unavailable.',
            unit: 'percentunit',
            expr: success(matching),
            ...successSteps,
          }),
          number({
            title: 'Failed',
            description: 'Failed requests a second.',
            unit: 'reqps',
            expr: errors(matching),
            steps: [{ value: 0.01, color: 'red' }],
            links: failed,
          }),
          number({
            title: 'Slowest 5 %',
            description: 'How long the slowest 5 % of the requests take at least.',
            unit: 'ms',
            expr: quantile(0.95, 'istio_request_duration_milliseconds', matching),
          }),
          number({
            title: 'TCP received',
            description: 'Bytes a second that callers send, when the service is neither HTTP nor gRPC.',
            unit: 'Bps',
            expr: rate('istio_tcp_received_bytes_total', matching),
          }),
          number({
            title: 'TCP sent',
            description: 'Bytes a second that callers get back.',
            unit: 'Bps',
            expr: rate('istio_tcp_sent_bytes_total', matching),
          }),
        ],
      },
      {
        title: 'All callers together',
        panels: [
          graph({
            title: 'Requests by answer',
            description:
              'Requests a second by status code and gRPC status, with the flags by which a proxy says why it failed a request.',
            unit: 'reqps',
            lines: [
              {
                expr: requests(matching, ['response_code', 'grpc_response_status', 'response_flags']),
                legend: '{{response_code}} {{grpc_response_status}} {{response_flags}}',
              },
            ],
            links: failed,
          }),
          graph({
            title: 'Duration',
            description: 'Half of the requests, 95 % and 99 % are faster than this.',
            unit: 'ms',
            lines: durations(matching),
          }),
          graph({
            title: 'Protection',
            description: 'Requests a second by mutual TLS or plain text, as who receives them counts: nobody else knows.',
            unit: 'reqps',
            lines: [
              {
                expr: requests({ ...matching, reporter: receivers }, ['connection_security_policy']),
                legend: '{{connection_security_policy}}',
              },
            ],
          }),
        ],
      },
      { title: 'By caller', panels: requestPanels(matching, callers, caller, workloadLinks('source')) },
      { title: 'By workload', panels: requestPanels(matching, workloads, workload, workloadLinks('destination')) },
      {
        title: 'Sizes',
        panels: [
          graph({
            title: 'Request size',
            description: 'Bytes of a request: half of them, and 95 %, are smaller.',
            unit: 'bytes',
            lines: sizes('istio_request_bytes'),
          }),
          graph({
            title: 'Response size',
            description: 'Bytes of an answer: half of them, and 95 %, are smaller.',
            unit: 'bytes',
            lines: sizes('istio_response_bytes'),
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
              { expr: rate('istio_tcp_received_bytes_total', matching, callers), legend: `received ${caller}` },
              { expr: rate('istio_tcp_sent_bytes_total', matching, callers), legend: `sent ${caller}` },
            ],
          }),
          graph({
            title: 'Connections',
            description: 'Connections opened and closed a second: opened without closed piles up.',
            unit: 'cps',
            lines: [
              { expr: rate('istio_tcp_connections_opened_total', matching), legend: 'opened' },
              { expr: rate('istio_tcp_connections_closed_total', matching), legend: 'closed' },
            ],
          }),
        ],
      },
    ],
  });
}

function workloadLinks(side: 'source' | 'destination') {
  const [namespace, workload] = [labelOf(`${side}_workload_namespace`), labelOf(`${side}_workload`)];
  return [toDashboard('Workload', 'workload', { namespace, workload })];
}

function sizes(histogram: 'istio_request_bytes' | 'istio_response_bytes') {
  return [0.5, 0.95].map((q) => ({ expr: quantile(q, histogram, matching), legend: `p${q * 100}` }));
}
