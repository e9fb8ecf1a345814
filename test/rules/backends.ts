import { named, pod, type RuleCase } from './case.ts';

/** What happens to each store: it is down, or it loses something; and the same counters when all is well. */
function store(
  name: string,
  title: string,
  losses: readonly {
    readonly alert: string;
    readonly metric: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly fires: RuleCase['fires'];
  }[],
): readonly RuleCase[] {
  const own = pod(`${name}-6f7c8d9b54-x7x9k`);
  return [
    {
      alert: `${title}Down`,
      when: 'its only pod is down',
      series: { [named('up', own)]: '0x30' },
      at: '10m',
      fires: [
        {
          labels: { namespace: 'observability', program: name, severity: 'ticket' },
          summary: `${name} in observability does not answer`,
          description: `Prometheus reached no pod of ${name} in the namespace observability for 5 minutes.`,
        },
      ],
    },
    { alert: `${title}Down`, when: 'it is up', series: { [named('up', own)]: '1x30' }, at: '10m', fires: [] },
    ...losses.flatMap(({ alert, metric, labels, fires }): RuleCase[] => {
      const series = named(metric, { ...own, ...labels });
      return [
        { alert, when: `${metric} grows`, series: { [series]: '0+60x60' }, at: '30m', fires },
        { alert, when: `${metric} does not grow`, series: { [series]: '60x60' }, at: '30m', fires: [] },
      ];
    }),
  ];
}

export const backendCases: readonly RuleCase[] = [
  ...store('jaeger', 'Jaeger', [
    {
      alert: 'JaegerLosesSpans',
      metric: 'otelcol_receiver_refused_spans',
      fires: [
        {
          labels: { namespace: 'observability', pod: 'jaeger-6f7c8d9b54-x7x9k', severity: 'ticket' },
          summary: 'jaeger-6f7c8d9b54-x7x9k loses spans',
          description: 'jaeger-6f7c8d9b54-x7x9k (observability) loses 1.00 spans a second.',
        },
      ],
    },
    {
      alert: 'JaegerLosesSpans',
      metric: 'otelcol_exporter_send_failed_spans',
      fires: [
        {
          labels: { namespace: 'observability', pod: 'jaeger-6f7c8d9b54-x7x9k', severity: 'ticket' },
          summary: 'jaeger-6f7c8d9b54-x7x9k loses spans',
          description: 'jaeger-6f7c8d9b54-x7x9k (observability) loses 1.00 spans a second.',
        },
      ],
    },
    {
      alert: 'JaegerStorageFailing',
      metric: 'jaeger_storage_requests',
      labels: { result: 'err', operation: 'find_traces' },
      fires: [
        {
          labels: { namespace: 'observability', operation: 'find_traces', pod: 'jaeger-6f7c8d9b54-x7x9k', severity: 'ticket' },
          summary: 'jaeger-6f7c8d9b54-x7x9k cannot ask its storage',
          description: 'jaeger-6f7c8d9b54-x7x9k (observability) cannot ask its storage (find_traces): 1.00 failures a second.',
        },
      ],
    },
  ]),
  ...store('tempo', 'Tempo', [
    {
      alert: 'TempoDiscardsSpans',
      metric: 'tempo_discarded_spans_total',
      labels: { reason: 'rate_limited' },
      fires: [
        {
          labels: { namespace: 'observability', reason: 'rate_limited', severity: 'ticket' },
          summary: 'Tempo discards spans: rate_limited',
          description: 'Tempo in observability discards 1.00 spans a second: rate_limited.',
        },
      ],
    },
  ]),
  ...store('zipkin', 'Zipkin', [
    {
      alert: 'ZipkinDropsSpans',
      metric: 'zipkin_collector_spans_dropped_total',
      fires: [
        {
          labels: { namespace: 'observability', pod: 'zipkin-6f7c8d9b54-x7x9k', severity: 'ticket' },
          summary: 'zipkin-6f7c8d9b54-x7x9k drops spans',
          description: 'zipkin-6f7c8d9b54-x7x9k (observability) drops 1.00 spans or messages a second.',
        },
      ],
    },
    {
      alert: 'ZipkinDropsSpans',
      metric: 'zipkin_collector_messages_dropped_total',
      fires: [
        {
          labels: { namespace: 'observability', pod: 'zipkin-6f7c8d9b54-x7x9k', severity: 'ticket' },
          summary: 'zipkin-6f7c8d9b54-x7x9k drops spans',
          description: 'zipkin-6f7c8d9b54-x7x9k (observability) drops 1.00 spans or messages a second.',
        },
      ],
    },
  ]),
  ...store('skywalking-oap', 'SkyWalking', [
    {
      alert: 'SkyWalkingLosesSpans',
      metric: 'trace_analysis_error_count',
      fires: [
        {
          labels: { namespace: 'observability', pod: 'skywalking-oap-6f7c8d9b54-x7x9k', severity: 'ticket' },
          summary: 'skywalking-oap-6f7c8d9b54-x7x9k loses spans',
          description: 'skywalking-oap-6f7c8d9b54-x7x9k (observability) fails to read or to store 1.00 times a second.',
        },
      ],
    },
    {
      alert: 'SkyWalkingLosesSpans',
      metric: 'persistence_timer_bulk_error_count',
      fires: [
        {
          labels: { namespace: 'observability', pod: 'skywalking-oap-6f7c8d9b54-x7x9k', severity: 'ticket' },
          summary: 'skywalking-oap-6f7c8d9b54-x7x9k loses spans',
          description: 'skywalking-oap-6f7c8d9b54-x7x9k (observability) fails to read or to store 1.00 times a second.',
        },
      ],
    },
  ]),
  ...store('loki', 'Loki', [
    {
      alert: 'LokiDiscardsLogs',
      metric: 'loki_discarded_samples_total',
      labels: { reason: 'rate_limited' },
      fires: [
        {
          labels: { namespace: 'observability', reason: 'rate_limited', severity: 'ticket' },
          summary: 'Loki discards log lines: rate_limited',
          description: 'Loki in observability discards 1.00 log lines a second: rate_limited.',
        },
      ],
    },
  ]),
];
