import { named, pod, type RuleCase } from './case.ts';

const collector = pod('collector-6f7c8d9b54-x7x9k');
const of = (metric: string, more: Readonly<Record<string, string>> = {}) => named(metric, { ...collector, ...more });
const queue = (size: string) => ({
  [of('otelcol_exporter_queue_size', { exporter: 'otlp_grpc/tempo', data_type: 'traces' })]: size,
  [of('otelcol_exporter_queue_capacity', { exporter: 'otlp_grpc/tempo', data_type: 'traces' })]: '1000x60',
});
const memory = (used: string, limit: string) => ({
  [of('container_memory_working_set_bytes', { container: 'collector', id: '/a' })]: used,
  [of('container_spec_memory_limit_bytes', { container: 'collector', id: '/a' })]: limit,
  // The pod as a whole, which is no container.
  [of('container_memory_working_set_bytes', { container: '', id: '/' })]: '999x60',
});
/** As kube-prometheus-stack has it: it drops what the kubelet tells of limits. */
const limitOfKubeStateMetrics = {
  [of('container_memory_working_set_bytes', { container: 'collector', id: '/a' })]: '970x60',
  [of('kube_pod_container_resource_limits', { container: 'collector', resource: 'memory', unit: 'byte' })]: '1000x60',
  [of('kube_pod_container_resource_limits', { container: 'collector', resource: 'cpu', unit: 'core' })]: '4x60',
};
const volume = (claim: string, available: string) => ({
  [named('kubelet_volume_stats_available_bytes', { namespace: 'observability', persistentvolumeclaim: claim })]: available,
  [named('kubelet_volume_stats_capacity_bytes', { namespace: 'observability', persistentvolumeclaim: claim })]: '1000x60',
});

export const collectorCases: readonly RuleCase[] = [
  {
    alert: 'CollectorDown',
    when: 'its only pod is down',
    series: { [of('up')]: '0x30' },
    at: '10m',
    fires: [
      {
        labels: { namespace: 'observability', program: 'collector', severity: 'ticket' },
        summary: 'collector in observability does not answer',
        description: 'Prometheus reached no pod of collector in the namespace observability for 5 minutes.',
      },
    ],
  },
  {
    alert: 'CollectorDown',
    when: 'only that of another tier is up',
    series: { [named('up', pod('collector-sampler-7d9f8c6b5-k2x4z'))]: '1x30' },
    at: '10m',
    fires: [
      {
        labels: { namespace: 'observability', program: 'collector', severity: 'ticket' },
        summary: 'collector in observability does not answer',
        description: 'Prometheus reached no pod of collector in the namespace observability for 5 minutes.',
      },
    ],
  },
  { alert: 'CollectorDown', when: 'it is up', series: { [of('up')]: '1x30' }, at: '10m', fires: [] },
  { alert: 'CollectorDown', when: 'it restarts', series: { [of('up')]: '1x10 0x3 1x20' }, at: '13m', fires: [] },
  {
    alert: 'CollectorRefusesSpans',
    when: 'its memory is full',
    series: { [of('otelcol_receiver_refused_spans', { receiver: 'otlp', transport: 'grpc' })]: '0+60x60' },
    at: '30m',
    fires: [
      {
        labels: { namespace: 'observability', pod: 'collector-6f7c8d9b54-x7x9k', receiver: 'otlp', severity: 'ticket' },
        summary: 'collector-6f7c8d9b54-x7x9k refuses spans',
        description: 'collector-6f7c8d9b54-x7x9k (observability) refuses 1.00 spans a second at otlp.',
      },
    ],
  },
  {
    alert: 'CollectorRefusesSpans',
    when: 'it was full, but no longer',
    series: { [of('otelcol_receiver_refused_spans', { receiver: 'otlp', transport: 'grpc' })]: '0+60x10 600x50' },
    at: '30m',
    fires: [],
  },
  {
    alert: 'CollectorExportsFailing',
    when: 'the backend refuses spans',
    series: {
      [of('otelcol_exporter_send_failed_spans', { exporter: 'otlp_grpc/tempo' })]: '0+60x60',
      [of('otelcol_exporter_enqueue_failed_spans', { exporter: 'otlp_grpc/tempo' })]: '0x60',
    },
    at: '30m',
    fires: [
      {
        labels: {
          exporter: 'otlp_grpc/tempo',
          namespace: 'observability',
          pod: 'collector-6f7c8d9b54-x7x9k',
          severity: 'ticket',
        },
        summary: 'collector-6f7c8d9b54-x7x9k loses spans at otlp_grpc/tempo',
        description: 'collector-6f7c8d9b54-x7x9k (observability) gives up 1.00 spans a second that otlp_grpc/tempo should send.',
      },
    ],
  },
  {
    alert: 'CollectorExportsFailing',
    when: 'the queue is full',
    series: {
      [of('otelcol_exporter_send_failed_spans', { exporter: 'otlp_grpc/tempo' })]: '0x60',
      [of('otelcol_exporter_enqueue_failed_spans', { exporter: 'otlp_grpc/tempo' })]: '0+6x60',
    },
    at: '30m',
    fires: [
      {
        labels: {
          exporter: 'otlp_grpc/tempo',
          namespace: 'observability',
          pod: 'collector-6f7c8d9b54-x7x9k',
          severity: 'ticket',
        },
        summary: 'collector-6f7c8d9b54-x7x9k loses spans at otlp_grpc/tempo',
        description: 'collector-6f7c8d9b54-x7x9k (observability) gives up 0.10 spans a second that otlp_grpc/tempo should send.',
      },
    ],
  },
  {
    alert: 'CollectorExportsFailing',
    when: 'everything is sent',
    series: {
      [of('otelcol_exporter_sent_spans', { exporter: 'otlp_grpc/tempo' })]: '0+60x60',
      [of('otelcol_exporter_send_failed_spans', { exporter: 'otlp_grpc/tempo' })]: '7x60',
    },
    at: '30m',
    fires: [],
  },
  {
    alert: 'CollectorLosesLogs',
    when: 'Loki refuses them',
    series: {
      [of('otelcol_exporter_send_failed_log_records', { exporter: 'otlp_http/loki' })]: '0+60x60',
      [of('otelcol_exporter_send_failed_spans', { exporter: 'otlp_grpc/tempo' })]: '0x60',
    },
    at: '30m',
    fires: [
      {
        labels: {
          exporter: 'otlp_http/loki',
          namespace: 'observability',
          pod: 'collector-6f7c8d9b54-x7x9k',
          severity: 'ticket',
        },
        summary: 'collector-6f7c8d9b54-x7x9k loses log entries at otlp_http/loki',
        description: 'collector-6f7c8d9b54-x7x9k (observability) loses 1.00 log entries a second at otlp_http/loki.',
      },
    ],
  },
  {
    alert: 'CollectorLosesLogs',
    when: 'its queue or its memory is full',
    series: {
      [of('otelcol_exporter_enqueue_failed_log_records', { exporter: 'otlp_http/loki', data_type: 'logs' })]: '0+60x60',
      [of('otelcol_receiver_refused_log_records', { receiver: 'otlp', transport: 'grpc' })]: '0+6x60',
    },
    at: '30m',
    fires: [
      {
        labels: {
          exporter: 'otlp_http/loki',
          namespace: 'observability',
          pod: 'collector-6f7c8d9b54-x7x9k',
          severity: 'ticket',
        },
        summary: 'collector-6f7c8d9b54-x7x9k loses log entries at otlp_http/loki',
        description: 'collector-6f7c8d9b54-x7x9k (observability) loses 1.00 log entries a second at otlp_http/loki.',
      },
      {
        labels: { namespace: 'observability', pod: 'collector-6f7c8d9b54-x7x9k', receiver: 'otlp', severity: 'ticket' },
        summary: 'collector-6f7c8d9b54-x7x9k loses log entries at otlp',
        description: 'collector-6f7c8d9b54-x7x9k (observability) loses 0.10 log entries a second at otlp.',
      },
    ],
  },
  {
    alert: 'CollectorLosesLogs',
    when: 'all are sent',
    series: {
      [of('otelcol_exporter_sent_log_records', { exporter: 'otlp_http/loki' })]: '0+60x60',
      [of('otelcol_exporter_send_failed_log_records', { exporter: 'otlp_http/loki' })]: '7x60',
    },
    at: '30m',
    fires: [],
  },
  {
    alert: 'CollectorQueueFilling',
    when: 'nine tenths are full',
    series: queue('900x60'),
    at: '30m',
    fires: [
      {
        labels: {
          exporter: 'otlp_grpc/tempo',
          namespace: 'observability',
          pod: 'collector-6f7c8d9b54-x7x9k',
          severity: 'ticket',
        },
        summary: 'the queue of collector-6f7c8d9b54-x7x9k to otlp_grpc/tempo is nearly full',
        description: 'The queue of otlp_grpc/tempo in collector-6f7c8d9b54-x7x9k (observability) is 90% full.',
      },
    ],
  },
  { alert: 'CollectorQueueFilling', when: 'half is full', series: queue('500x60'), at: '30m', fires: [] },
  { alert: 'CollectorQueueFilling', when: 'it is full for a moment', series: queue('0x20 900x2 0x40'), at: '22m', fires: [] },
  {
    alert: 'CollectorLosesTraces',
    when: 'it has no room for undecided traces',
    series: { [of('otelcol_processor_tail_sampling_sampling_trace_dropped_too_early')]: '0+6x60' },
    at: '30m',
    fires: [
      {
        labels: { namespace: 'observability', pod: 'collector-6f7c8d9b54-x7x9k', severity: 'ticket' },
        summary: 'collector-6f7c8d9b54-x7x9k drops traces before it has decided',
        description:
          'collector-6f7c8d9b54-x7x9k (observability) drops 0.10 traces a second for which it has no room, whatever its policies say.',
      },
    ],
  },
  {
    alert: 'CollectorLosesTraces',
    when: 'it has room',
    series: { [of('otelcol_processor_tail_sampling_sampling_trace_dropped_too_early')]: '6x60' },
    at: '30m',
    fires: [],
  },
  {
    alert: 'TracingMemoryNearlyFull',
    when: '97 % are used',
    series: memory('970x60', '1000x60'),
    at: '30m',
    fires: [
      {
        labels: { container: 'collector', namespace: 'observability', pod: 'collector-6f7c8d9b54-x7x9k', severity: 'ticket' },
        summary: 'collector-6f7c8d9b54-x7x9k is about to run out of memory',
        description: 'collector-6f7c8d9b54-x7x9k (observability) uses 97% of its memory limit for 15 minutes.',
      },
    ],
  },
  {
    alert: 'TracingMemoryNearlyFull',
    when: '97 % are used, and kube-state-metrics alone tells the limit',
    series: limitOfKubeStateMetrics,
    at: '30m',
    fires: [
      {
        labels: { container: 'collector', namespace: 'observability', pod: 'collector-6f7c8d9b54-x7x9k', severity: 'ticket' },
        summary: 'collector-6f7c8d9b54-x7x9k is about to run out of memory',
        description: 'collector-6f7c8d9b54-x7x9k (observability) uses 97% of its memory limit for 15 minutes.',
      },
    ],
  },
  { alert: 'TracingMemoryNearlyFull', when: '80 % are used', series: memory('800x60', '1000x60'), at: '30m', fires: [] },
  { alert: 'TracingMemoryNearlyFull', when: 'there is no limit', series: memory('970x60', '0x60'), at: '30m', fires: [] },
  {
    alert: 'TracingVolumeNearlyFull',
    when: '5 % are free',
    series: volume('storage-tempo-0', '50x60'),
    at: '30m',
    fires: [
      {
        labels: { namespace: 'observability', persistentvolumeclaim: 'storage-tempo-0', severity: 'ticket' },
        summary: 'the volume storage-tempo-0 is nearly full',
        description: '5% of the volume storage-tempo-0 (observability) is free.',
      },
    ],
  },
  {
    alert: 'TracingVolumeNearlyFull',
    when: '5 % are free of SkyWalking’s database',
    series: volume('skywalking-banyandb', '50x60'),
    at: '30m',
    fires: [
      {
        labels: { namespace: 'observability', persistentvolumeclaim: 'skywalking-banyandb', severity: 'ticket' },
        summary: 'the volume skywalking-banyandb is nearly full',
        description: '5% of the volume skywalking-banyandb (observability) is free.',
      },
    ],
  },
  {
    alert: 'TracingVolumeNearlyFull',
    when: 'half is free, and somebody else’s is full',
    series: { ...volume('tempo', '500x60'), ...volume('temporal', '10x60') },
    at: '30m',
    fires: [],
  },
];
