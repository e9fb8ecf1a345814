import { quantile, rate, series } from '../promql/queries.ts';
import { dashboard, labelVariable } from './layout.ts';
import { type DashboardLinks, uids } from './links.ts';
import type { Dashboard } from './model.ts';
import { graph, nodeGraph, number, table } from './panels.ts';

/** Calls that the variables leave. A call is a pair of spans: one of the caller, one of the server. */
const calls = { client: '=~"$client"', server: '=~"$server"' };
const hop = ['client', 'server'] as const;
const arrow = '{{client}} → {{server}}';
const failed = rate('traces_service_graph_request_failed_total', calls, hop);
const share = `${failed} / ${rate('traces_service_graph_request_total', calls, hop)}`;

/** Who calls whom, counted from spans: where a collector or Tempo makes such metrics. */
export function serviceGraphDashboard({ traces }: DashboardLinks): Dashboard {
  return dashboard({
    uid: uids.serviceGraph,
    title: 'Trace Service Graph',
    description: 'Who calls whom, counted from spans: only what is sampled, but databases and apps outside the mesh too.',
    variables: [
      labelVariable('client', 'Caller', series('traces_service_graph_request_total', {}), 'client', 'any'),
      labelVariable('server', 'Server', series('traces_service_graph_request_total', { client: calls.client }), 'server', 'any'),
    ],
    sections: [
      {
        title: 'Is it well',
        height: 4,
        panels: [
          number({
            title: 'Calls',
            description: 'Calls a second of which both spans were seen.',
            unit: 'reqps',
            expr: rate('traces_service_graph_request_total', calls),
            nothing: 'no spans',
          }),
          number({
            title: 'Failed',
            description: 'The share of the calls in which a span has the status error.',
            unit: 'percentunit',
            expr: `${rate('traces_service_graph_request_failed_total', calls)} / ${rate('traces_service_graph_request_total', calls)}`,
            steps: [{ value: 0.01, color: 'red' }],
            nothing: 'none',
          }),
          number({
            title: 'Slowest 5 %',
            description: 'How long the slowest 5 % of the calls take at least, as the server sees them.',
            unit: 's',
            expr: quantile(0.95, 'traces_service_graph_request_server_seconds', calls),
            nothing: 'no spans',
          }),
        ],
      },
      ...(traces?.type === 'tempo'
        ? [
            {
              title: 'The map',
              height: 14,
              panels: [
                nodeGraph({
                  title: 'Service map',
                  description:
                    'Circles are services: the red part of a rim is what fails, the numbers are milliseconds and calls a second.',
                  source: traces.uid,
                }),
              ],
            } as const,
          ]
        : []),
      {
        title: 'Hop by hop',
        height: 10,
        panels: [
          table({
            title: 'Calls between services',
            description: 'Sorted by calls. Slow for the caller and not for the server: the time is lost in between.',
            labels: { client: 'Caller', server: 'Server' },
            columns: [
              { header: 'Calls', unit: 'reqps', expr: rate('traces_service_graph_request_total', calls, hop) },
              { header: 'Failed', unit: 'percentunit', expr: share },
              { header: 'Caller p95', unit: 's', expr: latency('client') },
              { header: 'Server p95', unit: 's', expr: latency('server') },
            ],
          }),
        ],
      },
      {
        title: 'Over time',
        panels: [
          graph({
            title: 'Failing hops',
            description: 'Failed calls a second.',
            unit: 'reqps',
            lines: [{ expr: `${failed} > 0`, legend: arrow }],
          }),
          graph({
            title: 'Slowest hops',
            description: 'The ten calls whose slowest 5 % take longest: the last slow one of a chain is the cause.',
            unit: 's',
            lines: [{ expr: `topk(10, ${latency('server')})`, legend: arrow }],
          }),
        ],
      },
    ],
  });
}

function latency(side: 'client' | 'server'): string {
  return quantile(0.95, `traces_service_graph_request_${side}_seconds`, calls, hop);
}
