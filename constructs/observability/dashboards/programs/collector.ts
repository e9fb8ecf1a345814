import { rate, sum } from '../../promql/queries.ts';
import { dashboard } from '../layout.ts';
import { uids } from '../links.ts';
import type { Dashboard } from '../model.ts';
import { graph, number } from '../panels.ts';
import { chosen, ownNeeds, type Programs, programVariables } from '../program.ts';

/** All collectors: does everything that comes in go out again. */
export function collectorDashboard(programs: Programs): Dashboard {
  return dashboard({
    uid: uids.collector,
    title: 'OpenTelemetry Collector',
    description: 'Spans that come in, go out, and get lost in between, of every collector.',
    variables: programVariables('otelcol_process_uptime', programs),
    sections: [
      {
        title: 'Is it well',
        height: 4,
        panels: [
          number({
            title: 'Received',
            description: 'Spans accepted a second.',
            unit: 'cps',
            expr: rate('otelcol_receiver_accepted_spans', chosen),
            nothing: 'no spans',
          }),
          number({
            title: 'Refused',
            description:
              'Spans a second that it did not take: the memory limit is reached, or the next step says no. Senders lose them.',
            unit: 'cps',
            expr: rate('otelcol_receiver_refused_spans', chosen),
            steps: [{ value: 0.001, color: 'red' }],
            nothing: 'none',
          }),
          number({
            title: 'Sent',
            description:
              'Spans a second that arrived where they should. Less than received: look below whether sampling or an error took them.',
            unit: 'cps',
            expr: rate('otelcol_exporter_sent_spans', chosen),
            nothing: 'no spans',
          }),
          number({
            title: 'Lost',
            description: 'Spans a second that could not be sent, or found the queue full.',
            unit: 'cps',
            // Each counter appears when it has something to count.
            expr: `(${rate('otelcol_exporter_send_failed_spans', chosen)} or vector(0)) + (${rate('otelcol_exporter_enqueue_failed_spans', chosen)} or vector(0))`,
            steps: [{ value: 0.001, color: 'red' }],
            nothing: 'none',
          }),
          number({
            title: 'Fullest queue',
            description: 'How full the fullest queue is. A full one drops what comes next.',
            unit: 'percentunit',
            expr: `max(${queue})`,
            steps: [
              { value: 0.5, color: 'orange' },
              { value: 0.8, color: 'red' },
            ],
            nothing: 'no queue',
          }),
        ],
      },
      {
        title: 'In',
        panels: [
          graph({
            title: 'Received by way in',
            description: 'Spans accepted a second, by receiver and transport. A way that falls to 0 has lost its senders.',
            unit: 'cps',
            lines: [
              {
                expr: rate('otelcol_receiver_accepted_spans', chosen, ['receiver', 'transport']),
                legend: '{{receiver}} {{transport}}',
              },
            ],
          }),
          graph({
            title: 'Not taken, by way in',
            description: 'Spans a second refused (told to come again) and failed (broken, or an error inside).',
            unit: 'cps',
            lines: [
              { expr: rate('otelcol_receiver_refused_spans', chosen, ['receiver']), legend: 'refused {{receiver}}' },
              { expr: rate('otelcol_receiver_failed_spans', chosen, ['receiver']), legend: 'failed {{receiver}}' },
            ],
          }),
        ],
      },
      {
        title: 'In between',
        panels: [
          graph({
            title: 'Into and out of each step',
            description:
              'Items a second that enter and leave a processor. What does not leave was filtered, sampled away, or refused.',
            unit: 'cps',
            lines: [
              { expr: rate('otelcol_processor_incoming_items', chosen, ['processor']), legend: 'into {{processor}}' },
              { expr: rate('otelcol_processor_outgoing_items', chosen, ['processor']), legend: 'out of {{processor}}' },
            ],
          }),
          graph({
            title: 'Decisions of tail sampling',
            description: 'Traces a second kept (true) and dropped (false), where it samples by whole traces.',
            unit: 'cps',
            lines: [
              {
                expr: rate('otelcol_processor_tail_sampling_global_count_traces_sampled', chosen, ['sampled']),
                legend: 'kept: {{sampled}}',
              },
              {
                expr: rate('otelcol_processor_tail_sampling_sampling_trace_dropped_too_early', chosen),
                legend: 'gone before the decision',
              },
            ],
          }),
        ],
      },
      {
        title: 'Out',
        panels: [
          graph({
            title: 'Sent by exporter',
            description: 'Spans a second that each target took.',
            unit: 'cps',
            lines: [{ expr: rate('otelcol_exporter_sent_spans', chosen, ['exporter']), legend: '{{exporter}}' }],
          }),
          graph({
            title: 'Lost by exporter',
            description: 'Spans a second that a target did not take, and that found the queue full. The log names the error.',
            unit: 'cps',
            lines: [
              { expr: rate('otelcol_exporter_send_failed_spans', chosen, ['exporter']), legend: 'not sent {{exporter}}' },
              { expr: rate('otelcol_exporter_enqueue_failed_spans', chosen, ['exporter']), legend: 'queue full {{exporter}}' },
            ],
          }),
          graph({
            title: 'Queues',
            description: 'How full each queue is: it fills while its target is slow or away.',
            unit: 'percentunit',
            lines: [{ expr: queue, legend: '{{exporter}} of {{pod}}' }],
          }),
        ],
      },
      ownNeeds(programs),
    ],
  });
}

const queue = `${sum('otelcol_exporter_queue_size', chosen, ['pod', 'exporter'])} / ${sum('otelcol_exporter_queue_capacity', chosen, ['pod', 'exporter'])}`;
