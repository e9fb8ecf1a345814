import type { LabelOf, SeriesName } from '../../kit/metrics/index.ts';
import { podsOf } from '../promql/pods.ts';
import { type Matchers, memoryLimit, rate, series, sum } from '../promql/queries.ts';
import { labelVariable, type Section } from './layout.ts';
import type { Variable } from './model.ts';
import { graph } from './panels.ts';

/** The programs of one kind that a dashboard is for. */
export interface Programs {
  /** Where they run. */
  readonly namespaces: readonly string[];
  /** Their pods are named `NAME-...`. */
  readonly names: readonly string[];
}

/**
 * The pods that were chosen. The labels are there however the metrics were found: by the pods' annotations, a Service, a PodMonitor or a
 * ServiceMonitor. They tell a Jaeger, which is a collector itself, from a collector.
 */
export const chosen = { namespace: '=~"$namespace"', pod: '=~"$pod"' } as const;

/**
 * Where and which of them: all of one kind to begin with, and no others.
 *
 * @param name a series that each of them has
 */
export function programVariables<Series extends SeriesName>(name: Series, programs: Programs): Variable[] {
  const pods = podsOf(programs.names);
  const ours: { readonly [L in 'namespace' | 'pod']: string } = { namespace: chosen.namespace, pod: `=~"${pods}"` };
  const all: Matchers<Series> = withLabels<Series>({ pod: ours.pod });
  return [
    labelVariable('namespace', 'Namespace', series(name, all), 'namespace', 'any', [...new Set(programs.namespaces)].join('|')),
    labelVariable('pod', 'Pod', series(name, withLabels<Series>(ours)), 'pod', 'any', pods),
  ];
}

/**
 * What the pods use of what they may: the last thing to look at.
 *
 * @param volumes whether they keep anything on a disk
 */
export function ownNeeds(programs: Programs, volumes: 'disk' | 'memory' = 'memory'): Section {
  const container = { ...chosen, container: '!~"|POD|istio-proxy"' };
  const disk = {
    namespace: chosen.namespace,
    persistentvolumeclaim: `=~".*(${[...new Set(programs.names)].join('|')}).*"`,
  };
  return {
    title: 'What it needs itself',
    panels: [
      graph({
        title: 'CPU',
        description: 'CPUs of each pod.',
        unit: 'short',
        lines: [{ expr: rate('container_cpu_usage_seconds_total', container, ['pod']), legend: '{{pod}}' }],
      }),
      graph({
        title: 'Memory',
        description: 'Memory of each pod, and where Kubernetes kills it. A line that climbs to it and begins anew was killed.',
        unit: 'bytes',
        lines: [
          { expr: sum('container_memory_working_set_bytes', container, ['pod']), legend: '{{pod}}' },
          { expr: memoryLimit(container, ['pod']), legend: 'limit of {{pod}}' },
        ],
      }),
      ...(volumes === 'disk'
        ? [
            graph({
              title: 'Disk',
              description:
                'The share of its volume that is full, where it has one and the kubelet’s metrics are gathered. Full, it stores nothing.',
              unit: 'percentunit',
              lines: [
                {
                  expr: `${sum('kubelet_volume_stats_used_bytes', disk, ['persistentvolumeclaim'])} / ${sum('kubelet_volume_stats_capacity_bytes', disk, ['persistentvolumeclaim'])}`,
                  legend: '{{persistentvolumeclaim}}',
                },
              ],
            }),
          ]
        : []),
    ],
  };
}

/** Labels of a scrape fit every series; the compiler cannot see that for one that it does not know yet. */
function withLabels<Series extends SeriesName>(labels: { readonly [L in 'namespace' | 'pod']?: string }): Matchers<Series> {
  const matchers: { [Label in LabelOf<Series>]?: string } = {};
  return Object.assign(matchers, labels);
}
