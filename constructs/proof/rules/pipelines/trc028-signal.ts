import type { Component, Pipelines } from '../../model/spans/components.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';
import { componentCause } from './config-faults.ts';

export const signal: Rule = {
  code: 'TRC028',
  title: 'a pipeline names a component that does not handle its signal',
  severity: 'error',
  run: (model) => model.programs.pipelines.flatMap(signalFaults),
  docs: {
    cause:
      'A component handles certain signals only: zipkin and jaeger receivers, tail_sampling and jaeger_storage_exporter traces, prometheus exporters metrics. In a pipeline of another signal it keeps the collector from starting.',
    fix: 'Take it out of the pipeline; span metrics come by the connector span_metrics, through a metrics pipeline.',
    example: 'service:\n  pipelines:\n    traces: {receivers: [otlp], exporters: [prometheus]}   # prometheus takes metrics',
  },
};

// Collector and contrib 0.159, Jaeger 2.20. Components that are not here handle several signals, or are not known.
const HANDLES: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ...['jaeger', 'zipkin'].map((type) => [`receivers ${type}`, ['traces']] as const),
  ...['prometheus', 'host_metrics', 'kubelet_stats', 'k8s_cluster', 'statsd'].map(
    (type) => [`receivers ${type}`, ['metrics']] as const,
  ),
  ...['file_log', 'journald', 'syslog'].map((type) => [`receivers ${type}`, ['logs']] as const),
  ...['tail_sampling', 'groupbytrace', 'adaptive_sampling'].map((type) => [`processors ${type}`, ['traces']] as const),
  ['processors probabilistic_sampler', ['traces', 'logs']],
  ...['zipkin', 'jaeger', 'jaeger_storage_exporter'].map((type) => [`exporters ${type}`, ['traces']] as const),
  ...['prometheus', 'prometheus_remote_write'].map((type) => [`exporters ${type}`, ['metrics']] as const),
  ['exporters loki', ['logs']],
]);

/** The components that stand in a pipeline of a signal that they do not handle. */
export function signalFaults({ components, pipelines }: Pipelines): Fault[] {
  return [...pipelines.values()].flatMap((pipeline) =>
    (['receivers', 'processors', 'exporters'] as const).flatMap((section) =>
      pipeline[section].flatMap(({ id, at }): Fault[] => {
        const component: Component | undefined = components[section].get(id);
        const handles = component && HANDLES.get(`${section} ${component.type}`);
        if (!component || !handles || handles.includes(pipeline.signal)) return [];
        // A pipeline named after no signal is told by its shape.
        if (!['traces', 'metrics', 'logs', 'profiles'].includes(pipeline.signal)) return [];
        return [
          {
            at,
            message: `${section.slice(0, -1)} "${id}" handles ${handles.join(' and ')}, but pipeline ${pipeline.id} carries ${pipeline.signal}`,
            hint: `take it out of pipeline ${pipeline.id}`,
            cause: componentCause(component),
          },
        ];
      }),
    ),
  );
}
