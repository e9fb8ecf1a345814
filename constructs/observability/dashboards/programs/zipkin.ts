import { quantile, rate, sum } from '../../promql/queries.ts';
import { dashboard } from '../layout.ts';
import { uids } from '../links.ts';
import type { Dashboard } from '../model.ts';
import { graph, number } from '../panels.ts';
import { chosen, ownNeeds, type Programs, programVariables } from '../program.ts';

/** Questions of its page and of Grafana; spans come in by POST at the same port. */
const asked = { ...chosen, method: '="GET"' };
const heap = { ...chosen, area: '="heap"' };

/** Zipkin: do spans arrive, are they stored, does it answer. */
export function zipkinDashboard(programs: Programs): Dashboard {
  return dashboard({
    uid: uids.zipkin,
    title: 'Zipkin',
    description: 'Whether spans arrive and are stored, and how fast questions are answered.',
    variables: programVariables('zipkin_collector_messages_total', programs),
    sections: [
      {
        title: 'Is it well',
        height: 4,
        panels: [
          number({
            title: 'Received',
            description: 'Spans a second that arrive.',
            unit: 'cps',
            expr: rate('zipkin_collector_spans_total', chosen),
            nothing: 'no spans',
          }),
          number({
            title: 'Dropped',
            description: 'Spans a second that it did not store: sampled away by its own setting, or the storage failed.',
            unit: 'cps',
            expr: rate('zipkin_collector_spans_dropped_total', chosen),
            steps: [{ value: 0.001, color: 'red' }],
            nothing: 'none',
          }),
          number({
            title: 'Broken messages',
            description: 'Messages a second that it could not read, or whose sender hung up.',
            unit: 'cps',
            expr: rate('zipkin_collector_messages_dropped_total', chosen),
            steps: [{ value: 0.001, color: 'red' }],
            nothing: 'none',
          }),
          number({
            title: 'Slowest 5 %',
            description: 'How long the slowest 5 % of the questions take at least.',
            unit: 's',
            expr: quantile(0.95, 'http_server_requests_seconds', asked),
            nothing: 'no question',
          }),
          number({
            title: 'Heap',
            description:
              'The share of Java’s heap that is in use. In memory it keeps traces there, and the oldest go when it is full.',
            unit: 'percentunit',
            expr: `${sum('jvm_memory_used_bytes', heap)} / ${sum('jvm_memory_max_bytes', heap)}`,
            steps: [{ value: 0.9, color: 'orange' }],
            nothing: 'unknown',
          }),
        ],
      },
      {
        title: 'Spans',
        panels: [
          graph({
            title: 'Spans by way in',
            description: 'Spans a second, by transport.',
            unit: 'cps',
            lines: [{ expr: rate('zipkin_collector_spans_total', chosen, ['transport']), legend: '{{transport}}' }],
          }),
          graph({
            title: 'Lost',
            description: 'Spans a second that were not stored, and messages that could not be read.',
            unit: 'cps',
            lines: [
              { expr: rate('zipkin_collector_spans_dropped_total', chosen, ['transport']), legend: 'spans {{transport}}' },
              { expr: rate('zipkin_collector_messages_dropped_total', chosen, ['transport']), legend: 'messages {{transport}}' },
            ],
          }),
          graph({
            title: 'Bytes',
            description: 'Bytes a second of the messages.',
            unit: 'Bps',
            lines: [{ expr: rate('zipkin_collector_bytes_total', chosen, ['transport']), legend: '{{transport}}' }],
          }),
        ],
      },
      {
        title: 'Questions',
        panels: [
          graph({
            title: 'Questions by kind',
            description: 'Questions a second by path and answer.',
            unit: 'reqps',
            lines: [{ expr: rate('http_server_requests_seconds_count', asked, ['uri', 'status']), legend: '{{uri}} {{status}}' }],
          }),
          graph({
            title: 'How long an answer takes',
            description: 'How long the slowest 5 % take at least, by path.',
            unit: 's',
            lines: [{ expr: quantile(0.95, 'http_server_requests_seconds', asked, ['uri']), legend: '{{uri}}' }],
          }),
          graph({
            title: 'Java’s memory',
            description: 'Heap in use, and what it may grow to.',
            unit: 'bytes',
            lines: [
              { expr: sum('jvm_memory_used_bytes', heap, ['pod']), legend: '{{pod}}' },
              { expr: sum('jvm_memory_max_bytes', heap, ['pod']), legend: 'limit of {{pod}}' },
            ],
          }),
        ],
      },
      ownNeeds(programs),
    ],
  });
}
