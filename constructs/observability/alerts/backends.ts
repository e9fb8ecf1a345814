import type { WatchedProgram } from '../../kit/index.ts';
import { rate } from '../promql/queries.ts';
import type { Alert, AlertGroup, AlertPage } from './alert.ts';
import { type Down, downAlerts } from './programs.ts';
import { type PodMatchers, type Program, podMatchers } from './select.ts';

/** A store of traces or logs. */
export type Backend = Exclude<WatchedProgram, 'collector'>;

/** The stores of one kind. */
export function backendGroup(kind: Backend, programs: readonly Program[]): AlertGroup {
  const { title, down, losses } = backends[kind];
  return { name: kind, title, alerts: [...downAlerts(programs, down), ...losses(podMatchers(programs))] };
}

interface BackendAlerts {
  readonly title: string;
  readonly down: Down;
  readonly losses: (pods: PodMatchers) => readonly Alert[];
}

const spansAreLost =
  'Spans that proxies send to it are lost; a collector keeps trying for five minutes. No trace can be looked at.';
const raise = 'Give it the memory, disk or database that it lacks, or undo its last change.';

const backends: { readonly [B in Backend]: BackendAlerts } = {
  jaeger: {
    title: 'Jaeger',
    down: { name: 'JaegerDown', means: spansAreLost, act: raise },
    losses: (pods) => [
      loss({
        name: 'JaegerLosesSpans',
        summary: '{{ $labels.pod }} loses spans',
        expr: `(${rate('otelcol_receiver_refused_spans', pods, pod, '5m')} > 0) or (${rate('otelcol_exporter_send_failed_spans', pods, pod, '5m')} > 0)`,
        does: 'loses {{ $value | printf "%.2f" }} spans a second',
        page: {
          means: 'Jaeger takes spans in, or writes them, more slowly than they come; or its storage refuses them.',
          look: [
            'Its log names the storage’s error.',
            'Elasticsearch, OpenSearch, Cassandra, ClickHouse: is it up, and has it room? Badger: is the volume full?',
          ],
          act: ['Mend or enlarge the storage; sample less.'],
        },
      }),
      loss({
        name: 'JaegerStorageFailing',
        summary: '{{ $labels.pod }} cannot ask its storage',
        expr: `${rate('jaeger_storage_requests', { ...pods, result: '="err"' }, [...pod, 'operation'], '5m')} > 0`,
        does: 'cannot ask its storage ({{ $labels.operation }}): {{ $value | printf "%.2f" }} failures a second',
        page: {
          means: 'Searching traces, or opening one, fails.',
          look: ['Its log, and the health of its database.'],
          act: ['Bring the database back; correct its address or login.'],
        },
      }),
    ],
  },
  tempo: {
    title: 'Tempo',
    down: { name: 'TempoDown', means: spansAreLost, act: raise },
    losses: (pods) => [
      loss({
        name: 'TempoDiscardsSpans',
        summary: 'Tempo discards spans: {{ $labels.reason }}',
        expr: `${rate('tempo_discarded_spans_total', pods, ['namespace', 'reason'], '5m')} > 0`,
        does: 'discards {{ $value | printf "%.2f" }} spans a second: {{ $labels.reason }}',
        who: 'Tempo in {{ $labels.namespace }}',
        page: {
          means: 'A limit is reached: spans are missing in traces, or whole traces are.',
          look: [
            'The reason: `rate_limited` (too many at once), `trace_too_large` (one trace without end), `live_traces_exceeded` (too many at a time).',
          ],
          act: [
            'Raise the limit under `overrides.defaults` of its configuration, or sample less.',
            'A trace that is too large: find the loop that makes it.',
          ],
        },
      }),
    ],
  },
  zipkin: {
    title: 'Zipkin',
    down: { name: 'ZipkinDown', means: spansAreLost, act: raise },
    losses: (pods) => [
      loss({
        name: 'ZipkinDropsSpans',
        summary: '{{ $labels.pod }} drops spans',
        expr: `(${rate('zipkin_collector_spans_dropped_total', pods, pod, '5m')} > 0) or (${rate('zipkin_collector_messages_dropped_total', pods, pod, '5m')} > 0)`,
        does: 'drops {{ $value | printf "%.2f" }} spans or messages a second',
        page: {
          means: 'Its storage does not take them, or it cannot read what it is sent.',
          look: ['Its log names the error.', 'Elasticsearch or Cassandra: is it up, and has it room?'],
          act: ['Mend or enlarge the storage; sample less.'],
        },
      }),
    ],
  },
  skywalking: {
    title: 'SkyWalking',
    down: { name: 'SkyWalkingDown', means: spansAreLost, act: raise },
    losses: (pods) => [
      loss({
        name: 'SkyWalkingLosesSpans',
        summary: '{{ $labels.pod }} loses spans',
        expr: `(${rate('trace_analysis_error_count', pods, pod, '5m')} > 0) or (${rate('persistence_timer_bulk_error_count', pods, pod, '5m')} > 0)`,
        does: 'fails to read or to store {{ $value | printf "%.2f" }} times a second',
        page: {
          means: 'It cannot read segments that it gets, or its storage does not take them: traces are missing.',
          look: ['Its log: which receiver, which storage error?', 'BanyanDB or the database: is it up, is its volume full?'],
          act: ['Mend or enlarge the storage.', 'What sends other things than it takes: change its protocol.'],
        },
      }),
    ],
  },
  loki: {
    title: 'Loki',
    down: {
      name: 'LokiDown',
      means: 'Log lines are lost once those who send them give up. No log can be searched.',
      act: raise,
    },
    losses: (pods) => [
      loss({
        name: 'LokiDiscardsLogs',
        summary: 'Loki discards log lines: {{ $labels.reason }}',
        expr: `${rate('loki_discarded_samples_total', pods, ['namespace', 'reason'], '5m')} > 0`,
        does: 'discards {{ $value | printf "%.2f" }} log lines a second: {{ $labels.reason }}',
        who: 'Loki in {{ $labels.namespace }}',
        page: {
          means: 'A limit is reached, or lines are not as Loki wants them.',
          look: [
            'The reason: `rate_limited`, `line_too_long`, `greater_than_max_sample_age`, `stream_limit` (too many different labels).',
          ],
          act: [
            'Log less, or raise that limit under `limits_config`.',
            '`stream_limit`: take the label that has many values out of the labels.',
          ],
        },
      }),
    ],
  },
};

const pod = ['namespace', 'pod'] as const;

function loss(of: {
  readonly name: string;
  readonly expr: string;
  /** What it does, short. */
  readonly summary: string;
  /** The same with figures, after its name. */
  readonly does: string;
  /** @default the pod */
  readonly who?: string;
  readonly page: AlertPage;
}): Alert {
  const { name, expr, summary, does, who = '{{ $labels.pod }} ({{ $labels.namespace }})', page } = of;
  return {
    name,
    severity: 'ticket',
    expr,
    for: '10m',
    summary,
    description: `${who} ${does}.`,
    page,
  };
}
