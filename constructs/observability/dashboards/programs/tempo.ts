import { quantile, rate, sum } from '../../promql/queries.ts';
import { dashboard } from '../layout.ts';
import { uids } from '../links.ts';
import type { Dashboard } from '../model.ts';
import { graph, number } from '../panels.ts';
import { chosen, ownNeeds, type Programs, programVariables } from '../program.ts';

/** What people ask, not what spans come in by: the HTTP API. */
const asked = { ...chosen, route: '=~"api_.*"' };
/** Where blocks lie: those that await deletion do not count. */
const kept = { ...chosen, status: '="live"' };

/** Tempo, 2.10 and 3.0: the one has ingesters, the other live stores. */
export function tempoDashboard(programs: Programs): Dashboard {
  return dashboard({
    uid: uids.tempo,
    title: 'Tempo',
    description: 'Whether spans arrive and are kept, how much is kept, and how fast searches are answered.',
    variables: programVariables('tempo_build_info', programs),
    sections: [
      {
        title: 'Is it well',
        height: 4,
        panels: [
          number({
            title: 'Received',
            description: 'Spans a second that arrive.',
            unit: 'cps',
            expr: rate('tempo_distributor_spans_received_total', chosen),
            nothing: 'no spans',
          }),
          number({
            title: 'Discarded',
            description: 'Spans a second thrown away: a limit is reached. Which, is told below.',
            unit: 'cps',
            expr: rate('tempo_discarded_spans_total', chosen),
            steps: [{ value: 0.001, color: 'red' }],
            nothing: 'none',
          }),
          number({
            title: 'Kept',
            description: 'Bytes of traces in the storage, without what awaits deletion.',
            unit: 'bytes',
            expr: sum('tempodb_backend_bytes_total', kept),
            nothing: 'none yet',
          }),
          number({
            title: 'Failed questions',
            description: 'Searches and traces asked for a second that ended in an error.',
            unit: 'reqps',
            expr: rate('tempo_request_duration_seconds_count', { ...asked, status_code: '=~"5.."' }),
            steps: [{ value: 0.001, color: 'red' }],
            nothing: 'none',
          }),
          number({
            title: 'Slowest 5 %',
            description: 'How long the slowest 5 % of the questions take at least.',
            unit: 's',
            expr: quantile(0.95, 'tempo_request_duration_seconds', asked),
            nothing: 'no question',
          }),
        ],
      },
      {
        title: 'Spans',
        panels: [
          graph({
            title: 'Received and refused',
            description: 'Spans a second by way in; refused ones are lost unless the sender tries again.',
            unit: 'cps',
            lines: [
              {
                expr: rate('tempo_receiver_accepted_spans', chosen, ['receiver', 'transport']),
                legend: '{{receiver}} {{transport}}',
              },
              { expr: rate('tempo_receiver_refused_spans', chosen, ['receiver']), legend: 'refused {{receiver}}' },
            ],
          }),
          graph({
            title: 'Discarded, and why',
            description:
              'Spans a second by reason: rate_limited, trace_too_large, live_traces_exceeded are limits that can be raised.',
            unit: 'cps',
            lines: [{ expr: rate('tempo_discarded_spans_total', chosen, ['reason']), legend: '{{reason}}' }],
          }),
          graph({
            title: 'Traces in the making',
            description: 'Traces held in memory until they are whole: the ingester’s (Tempo 2) or the live store’s (Tempo 3).',
            unit: 'short',
            lines: [
              { expr: sum('tempo_ingester_live_traces', chosen, ['pod']), legend: '{{pod}}' },
              { expr: sum('tempo_live_store_live_traces', chosen, ['pod']), legend: 'live store {{pod}}' },
            ],
          }),
        ],
      },
      {
        title: 'Storage',
        panels: [
          graph({
            title: 'Bytes kept',
            description: 'It climbs until the retention is reached, then stays. Climbing on, nothing deletes.',
            unit: 'bytes',
            lines: [{ expr: sum('tempodb_backend_bytes_total', kept, ['pod']), legend: '{{pod}}' }],
          }),
          graph({
            title: 'Blocks',
            description: 'Blocks that a search has to look at: they grow when compaction does not keep up.',
            unit: 'short',
            lines: [{ expr: sum('tempodb_blocklist_length', chosen, ['pod']), legend: '{{pod}}' }],
          }),
          graph({
            title: 'Errors of the storage',
            description:
              'Errors a second of the storage’s answers, of compaction, of flushes, and of reading the list of blocks.',
            unit: 'cps',
            lines: [
              {
                expr: rate('tempodb_backend_request_duration_seconds_count', { ...chosen, status_code: '=~"5.."' }, [
                  'operation',
                ]),
                legend: '{{operation}}',
              },
              { expr: rate('tempodb_compaction_errors_total', chosen), legend: 'compaction' },
              { expr: rate('tempo_ingester_failed_flushes_total', chosen), legend: 'flush' },
              { expr: rate('tempodb_blocklist_poll_errors_total', chosen), legend: 'list of blocks' },
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
                expr: rate('tempo_request_duration_seconds_count', asked, ['route', 'status_code']),
                legend: '{{route}} {{status_code}}',
              },
            ],
          }),
          graph({
            title: 'How long an answer takes',
            description: 'How long the slowest 5 % take at least, by route.',
            unit: 's',
            lines: [{ expr: quantile(0.95, 'tempo_request_duration_seconds', asked, ['route']), legend: '{{route}}' }],
          }),
          graph({
            title: 'Spans made into metrics',
            description: 'Spans a second that its metrics generator reads, where it runs.',
            unit: 'cps',
            lines: [{ expr: rate('tempo_metrics_generator_spans_received_total', chosen), legend: 'spans' }],
          }),
        ],
      },
      ownNeeds(programs, 'disk'),
    ],
  });
}
