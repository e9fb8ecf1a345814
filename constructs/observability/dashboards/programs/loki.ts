import { quantile, rate, sum } from '../../promql/queries.ts';
import { dashboard } from '../layout.ts';
import { uids } from '../links.ts';
import type { Dashboard } from '../model.ts';
import { graph, number } from '../panels.ts';
import { chosen, ownNeeds, type Programs, programVariables } from '../program.ts';

const asked = { ...chosen, route: '=~"loki_api_v1_(query|query_range|labels|label_name_values|series|index_stats)"' };

/** Loki: do lines arrive, are they stored, does it answer. */
export function lokiDashboard(programs: Programs): Dashboard {
  return dashboard({
    uid: uids.loki,
    title: 'Loki',
    description: 'Whether log lines arrive and are stored, and how fast questions are answered.',
    variables: programVariables('loki_build_info', programs),
    sections: [
      {
        title: 'Is it well',
        height: 4,
        panels: [
          number({
            title: 'Received',
            description: 'Lines a second that arrive.',
            unit: 'cps',
            expr: rate('loki_distributor_lines_received_total', chosen),
            nothing: 'no lines',
          }),
          number({
            title: 'Discarded',
            description: 'Lines a second thrown away: a limit is reached, or they are too old. Which, is told below.',
            unit: 'cps',
            expr: rate('loki_discarded_samples_total', chosen),
            steps: [{ value: 0.001, color: 'red' }],
            nothing: 'none',
          }),
          number({
            title: 'Not stored',
            description: 'Chunks a second that its storage did not take.',
            unit: 'cps',
            expr: rate('loki_ingester_chunks_flush_failures_total', chosen),
            steps: [{ value: 0.001, color: 'red' }],
            nothing: 'none',
          }),
          number({
            title: 'Failed questions',
            description: 'Questions a second that ended in an error.',
            unit: 'reqps',
            expr: rate('loki_request_duration_seconds_count', { ...asked, status_code: '=~"5.."' }),
            steps: [{ value: 0.001, color: 'red' }],
            nothing: 'none',
          }),
          number({
            title: 'Slowest 5 %',
            description: 'How long the slowest 5 % of the questions take at least.',
            unit: 's',
            expr: quantile(0.95, 'loki_request_duration_seconds', asked),
            nothing: 'no question',
          }),
        ],
      },
      {
        title: 'Lines',
        panels: [
          graph({
            title: 'Bytes received',
            description: 'Bytes a second of log lines that arrive.',
            unit: 'Bps',
            lines: [{ expr: rate('loki_distributor_bytes_received_total', chosen, ['pod']), legend: '{{pod}}' }],
          }),
          graph({
            title: 'Discarded, and why',
            description: 'Lines a second by reason: rate_limited, stream_limit and line_too_long are limits that can be raised.',
            unit: 'cps',
            lines: [{ expr: rate('loki_discarded_samples_total', chosen, ['reason']), legend: '{{reason}}' }],
          }),
          graph({
            title: 'Streams',
            description: 'Streams in memory, one for each set of labels. A label that takes many values makes too many.',
            unit: 'short',
            lines: [{ expr: sum('loki_ingester_memory_streams', chosen, ['pod']), legend: '{{pod}}' }],
          }),
        ],
      },
      {
        title: 'Storage',
        panels: [
          graph({
            title: 'Bytes stored',
            description: 'Bytes a second of compressed chunks that go to the storage.',
            unit: 'Bps',
            lines: [{ expr: rate('loki_ingester_chunk_stored_bytes_total', chosen, ['pod']), legend: '{{pod}}' }],
          }),
          graph({
            title: 'Chunks in memory',
            description:
              'Chunks that are not stored yet, and those that wait to be. Waiting ones that only grow: the storage is slow or away.',
            unit: 'short',
            lines: [
              { expr: sum('loki_ingester_memory_chunks', chosen, ['pod']), legend: '{{pod}}' },
              { expr: sum('loki_ingester_flush_queue_length', chosen, ['pod']), legend: 'waiting {{pod}}' },
            ],
          }),
          graph({
            title: 'Errors of the storage',
            description: 'Chunks a second not taken, and writes that found the disk full.',
            unit: 'cps',
            lines: [
              { expr: rate('loki_ingester_chunks_flush_failures_total', chosen, ['pod']), legend: 'not taken {{pod}}' },
              { expr: rate('loki_ingester_wal_disk_full_failures_total', chosen, ['pod']), legend: 'disk full {{pod}}' },
            ],
          }),
        ],
      },
      {
        title: 'Questions',
        panels: [
          graph({
            title: 'Questions by kind',
            description: 'Questions a second by route and answer.',
            unit: 'reqps',
            lines: [
              {
                expr: rate('loki_request_duration_seconds_count', asked, ['route', 'status_code']),
                legend: '{{route}} {{status_code}}',
              },
            ],
          }),
          graph({
            title: 'How long an answer takes',
            description: 'How long the slowest 5 % take at least, by route.',
            unit: 's',
            lines: [{ expr: quantile(0.95, 'loki_request_duration_seconds', asked, ['route']), legend: '{{route}}' }],
          }),
        ],
      },
      ownNeeds(programs, 'disk'),
    ],
  });
}
