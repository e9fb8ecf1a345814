import { quantile, rate, sum } from '../../promql/queries.ts';
import { dashboard } from '../layout.ts';
import { uids } from '../links.ts';
import type { Dashboard } from '../model.ts';
import { graph, number } from '../panels.ts';
import { chosen, ownNeeds, type Programs, programVariables } from '../program.ts';

/** Histograms whose names got the suffix `_seconds` in 10.2, and not in every build since: whichever is there is read. */
type Timer =
  | 'trace_in_latency'
  | 'otel_spans_latency'
  | 'graphql_query_latency'
  | `persistence_timer_bulk_${'prepare' | 'execute'}_latency`;

const counted = (timer: Timer) => `(${rate(`${timer}_seconds_count`, chosen)} or ${rate(`${timer}_count`, chosen)})`;
const slowest = (timer: Timer) => `(${quantile(0.95, `${timer}_seconds`, chosen)} or ${quantile(0.95, timer, chosen)})`;
const protocol = ['protocol'] as const;
const perProtocol = {
  rate: `(${rate('trace_in_latency_seconds_count', chosen, protocol)} or ${rate('trace_in_latency_count', chosen, protocol)})`,
  slowest: `(${quantile(0.95, 'trace_in_latency_seconds', chosen, protocol)} or ${quantile(0.95, 'trace_in_latency', chosen, protocol)})`,
};

const heap = { ...chosen, area: '="heap"' };

/** SkyWalking's OAP: do segments arrive, are they analysed and stored, does it answer. */
export function skywalkingDashboard(programs: Programs): Dashboard {
  return dashboard({
    uid: uids.skywalking,
    title: 'SkyWalking',
    description:
      'Whether segments (the spans of one request in one program) arrive, are analysed and stored, and how fast it answers.',
    variables: programVariables('jvm_memory_bytes_used', programs),
    sections: [
      {
        title: 'Is it well',
        height: 4,
        panels: [
          number({
            title: 'Received',
            description: 'Segments a second that arrive.',
            unit: 'cps',
            expr: counted('trace_in_latency'),
            nothing: 'no segments',
          }),
          number({
            title: 'Not understood',
            description: 'Segments a second whose analysis failed: they are lost.',
            unit: 'cps',
            expr: rate('trace_analysis_error_count', chosen),
            steps: [{ value: 0.001, color: 'red' }],
            nothing: 'none',
          }),
          number({
            title: 'Not stored',
            description: 'Batches a second that the storage refused.',
            unit: 'cps',
            expr: rate('persistence_timer_bulk_error_count', chosen),
            steps: [{ value: 0.001, color: 'red' }],
            nothing: 'none',
          }),
          number({
            title: 'Failed questions',
            description: 'Questions of its page a second that ended in an error.',
            unit: 'cps',
            expr: rate('graphql_query_error_count', chosen),
            steps: [{ value: 0.001, color: 'red' }],
            nothing: 'none',
          }),
          number({
            title: 'Slowest 5 %',
            description: 'How long the slowest 5 % of the questions take at least.',
            unit: 's',
            expr: slowest('graphql_query_latency'),
            nothing: 'no question',
          }),
        ],
      },
      {
        title: 'Segments',
        panels: [
          graph({
            title: 'Segments by way in',
            description: 'Segments a second, by protocol.',
            unit: 'cps',
            lines: [
              { expr: perProtocol.rate, legend: '{{protocol}}' },
              { expr: counted('otel_spans_latency'), legend: 'OTLP, by the message' },
            ],
          }),
          graph({
            title: 'How long taking one takes',
            description: 'How long the slowest 5 % take at least: senders wait for it.',
            unit: 's',
            lines: [{ expr: perProtocol.slowest, legend: '{{protocol}}' }],
          }),
          graph({
            title: 'Metrics made',
            description: 'Metrics a second that it makes of them, in both of its steps. None with segments: the analysis stands.',
            unit: 'cps',
            lines: [{ expr: rate('metrics_aggregation', chosen, ['level']), legend: 'step {{level}}' }],
          }),
        ],
      },
      {
        title: 'Storage and questions',
        panels: [
          graph({
            title: 'How long storing takes',
            description:
              'How long the slowest 5 % of the batches take at least, to make ready and to write. Beyond the period of 25 s it falls behind.',
            unit: 's',
            lines: [
              { expr: slowest('persistence_timer_bulk_prepare_latency'), legend: 'make ready' },
              { expr: slowest('persistence_timer_bulk_execute_latency'), legend: 'write' },
            ],
          }),
          graph({
            title: 'Questions',
            description: 'Questions of its page a second, and those that failed.',
            unit: 'cps',
            lines: [
              { expr: counted('graphql_query_latency'), legend: 'asked' },
              { expr: rate('graphql_query_error_count', chosen), legend: 'failed' },
            ],
          }),
          graph({
            title: 'Java’s memory',
            description: 'Heap in use, by pod. Near the limit it stops taking segments in.',
            unit: 'bytes',
            lines: [{ expr: sum('jvm_memory_bytes_used', heap, ['pod']), legend: '{{pod}}' }],
          }),
        ],
      },
      ownNeeds(programs),
    ],
  });
}
