import { quantile, rate } from '../../promql/queries.ts';
import { dashboard } from '../layout.ts';
import { uids } from '../links.ts';
import type { Dashboard } from '../model.ts';
import { graph, number } from '../panels.ts';
import { chosen, ownNeeds, type Programs, programVariables } from '../program.ts';

const failing = { ...chosen, result: '="err"' };

/** Jaeger 2: do spans arrive, are they stored, does it answer. */
export function jaegerDashboard(programs: Programs): Dashboard {
  return dashboard({
    uid: uids.jaeger,
    title: 'Jaeger',
    description: 'Whether spans arrive and are stored, and how fast questions are answered.',
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
            description: 'Spans a second that it did not take.',
            unit: 'cps',
            expr: rate('otelcol_receiver_refused_spans', chosen),
            steps: [{ value: 0.001, color: 'red' }],
            nothing: 'none',
          }),
          number({
            title: 'Stored',
            description: 'Spans a second that its storage took.',
            unit: 'cps',
            expr: rate('otelcol_exporter_sent_spans', chosen),
            nothing: 'no spans',
          }),
          number({
            title: 'Not stored',
            description: 'Spans a second that its storage refused: full, gone, or too slow.',
            unit: 'cps',
            expr: rate('otelcol_exporter_send_failed_spans', chosen),
            steps: [{ value: 0.001, color: 'red' }],
            nothing: 'none',
          }),
          number({
            title: 'Failed questions',
            description: 'Questions to the storage a second that ended in an error.',
            unit: 'cps',
            expr: rate('jaeger_storage_requests', failing),
            steps: [{ value: 0.001, color: 'red' }],
            nothing: 'none',
          }),
        ],
      },
      {
        title: 'Spans',
        panels: [
          graph({
            title: 'Received by way in',
            description: 'Spans accepted a second, by receiver and transport.',
            unit: 'cps',
            lines: [
              {
                expr: rate('otelcol_receiver_accepted_spans', chosen, ['receiver', 'transport']),
                legend: '{{receiver}} {{transport}}',
              },
            ],
          }),
          graph({
            title: 'Lost',
            description: 'Spans a second refused and failed at the way in, and not stored at the end.',
            unit: 'cps',
            lines: [
              { expr: rate('otelcol_receiver_refused_spans', chosen, ['pod']), legend: 'refused {{pod}}' },
              { expr: rate('otelcol_receiver_failed_spans', chosen, ['pod']), legend: 'failed {{pod}}' },
              { expr: rate('otelcol_exporter_send_failed_spans', chosen, ['pod']), legend: 'not stored {{pod}}' },
            ],
          }),
        ],
      },
      {
        title: 'Questions',
        panels: [
          graph({
            title: 'Asked of the storage',
            description: 'Questions a second by kind and result.',
            unit: 'cps',
            lines: [
              { expr: rate('jaeger_storage_requests', chosen, ['operation', 'result']), legend: '{{operation}} {{result}}' },
            ],
          }),
          graph({
            title: 'How long an answer takes',
            description:
              'How long the slowest 5 % take at least, by kind. Slow searches want a shorter time range or another storage.',
            unit: 's',
            lines: [{ expr: quantile(0.95, 'jaeger_storage_latency', chosen, ['operation']), legend: '{{operation}}' }],
          }),
        ],
      },
      ownNeeds(programs, 'disk'),
    ],
  });
}
