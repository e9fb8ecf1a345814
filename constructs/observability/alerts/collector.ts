import { rate, series } from '../promql/queries.ts';
import type { AlertGroup } from './alert.ts';
import { downAlerts } from './programs.ts';
import { type Program, podMatchers } from './select.ts';

/** Collectors: every way in which spans and logs get lost in them (collector 0.159, its own metrics). */
export function collectorGroup(programs: readonly Program[]): AlertGroup {
  const pods = podMatchers(programs);
  const queue = ['namespace', 'pod', 'exporter'] as const;
  return {
    name: 'collector',
    title: 'Collectors',
    alerts: [
      ...downAlerts(programs, {
        name: 'CollectorDown',
        means: 'Spans sent to it are lost: proxies do not keep them. Requests are not affected.',
        act: 'Undo the last change of its configuration, or raise its memory limit.',
      }),
      {
        name: 'CollectorRefusesSpans',
        severity: 'ticket',
        expr: `${rate('otelcol_receiver_refused_spans', pods, ['namespace', 'pod', 'receiver'], '5m')} > 0`,
        for: '10m',
        summary: '{{ $labels.pod }} refuses spans',
        description:
          '{{ $labels.pod }} ({{ $labels.namespace }}) refuses {{ $value | printf "%.2f" }} spans a second at {{ $labels.receiver }}.',
        page: {
          means: 'The memory limiter turns spans away, or a full queue behind it does. Proxies do not send them again.',
          look: [
            'Does `CollectorQueueFilling` or `CollectorExportsFailing` fire too? Then the backend is the cause.',
            'Its log: `data refused due to high memory usage`.',
          ],
          act: ['Mend the backend first. Otherwise more memory or replicas, or less sampling.'],
        },
      },
      {
        name: 'CollectorExportsFailing',
        severity: 'ticket',
        expr: `(${rate('otelcol_exporter_send_failed_spans', pods, queue, '5m')} > 0) or (${rate('otelcol_exporter_enqueue_failed_spans', pods, queue, '5m')} > 0)`,
        for: '10m',
        summary: '{{ $labels.pod }} loses spans at {{ $labels.exporter }}',
        description:
          '{{ $labels.pod }} ({{ $labels.namespace }}) gives up {{ $value | printf "%.2f" }} spans a second that {{ $labels.exporter }} should send.',
        page: {
          means: 'The backend refuses spans for good, or did not take them in five minutes of trying: they are lost.',
          look: [
            'The collector’s log names the exporter and the error: `connection refused`, `Unavailable`, `401`, `InvalidArgument`.',
            'Is the backend up, and are its own alerts quiet?',
          ],
          act: [
            'Bring the backend back; correct address, certificate or token of the exporter.',
            'Backend too slow: give it more, or sample less.',
          ],
        },
      },
      {
        name: 'CollectorLosesLogs',
        severity: 'ticket',
        expr: [
          rate('otelcol_exporter_send_failed_log_records', pods, queue, '5m'),
          rate('otelcol_exporter_enqueue_failed_log_records', pods, queue, '5m'),
          rate('otelcol_receiver_refused_log_records', pods, ['namespace', 'pod', 'receiver'], '5m'),
        ]
          .map((lost) => `(${lost} > 0)`)
          .join(' or '),
        for: '10m',
        summary: '{{ $labels.pod }} loses log entries at {{ $labels.exporter }}{{ $labels.receiver }}',
        description:
          '{{ $labels.pod }} ({{ $labels.namespace }}) loses {{ $value | printf "%.2f" }} log entries a second at {{ $labels.exporter }}{{ $labels.receiver }}.',
        page: {
          means:
            'Access logs get lost: whoever stores them refuses them, or did not take them in five minutes, or the collector is full.',
          look: [
            'The collector’s log names the exporter and the error: `429` (Loki’s limits), `400` (too old), `connection refused`.',
            'Does `LokiDown` or `LokiDiscardsLogs` fire too?',
          ],
          act: ['Bring Loki back, or raise its limits.', 'Too many entries: write fewer, by `accessLog.filter`.'],
        },
      },
      {
        name: 'CollectorQueueFilling',
        severity: 'ticket',
        expr: `max by (${queue.join(', ')}) (${series('otelcol_exporter_queue_size', pods)} / (${series('otelcol_exporter_queue_capacity', pods)} > 0)) > 0.8`,
        for: '5m',
        summary: 'the queue of {{ $labels.pod }} to {{ $labels.exporter }} is nearly full',
        description:
          'The queue of {{ $labels.exporter }} in {{ $labels.pod }} ({{ $labels.namespace }}) is {{ $value | humanizePercentage }} full.',
        page: {
          means: 'The backend takes spans more slowly than they come. When the queue is full, spans are lost.',
          look: ['The backend: CPU, disk, its own alerts.', 'Is there more traffic than usual, or more sampling?'],
          act: ['Help the backend: more resources, or fewer spans.'],
        },
      },
      {
        name: 'CollectorLosesTraces',
        severity: 'ticket',
        expr: `${rate('otelcol_processor_tail_sampling_sampling_trace_dropped_too_early', pods, ['namespace', 'pod'], '5m')} > 0`,
        for: '10m',
        summary: '{{ $labels.pod }} drops traces before it has decided',
        description:
          '{{ $labels.pod }} ({{ $labels.namespace }}) drops {{ $value | printf "%.2f" }} traces a second for which it has no room, whatever its policies say.',
        page: {
          means: 'Tail sampling holds each trace until it decides. There are more at once than it holds: errors get lost too.',
          look: ['New traces a second times the seconds that it waits: more than `num_traces` of the tail_sampling processor?'],
          act: ['Decide sooner (`decisionWaitSeconds`), sample less at the head, or add replicas with `loadBalancing`.'],
        },
      },
    ],
  };
}
