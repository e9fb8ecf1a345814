import { memoryLimit, series, sum } from '../promql/queries.ts';
import type { Alert, AlertGroup } from './alert.ts';
import { oneOf, type Program, podMatchers } from './select.ts';

/** What is lost while a program is away. */
export interface Down {
  readonly name: string;
  readonly means: string;
  readonly act: string;
}

/** No pod of a program answers: one rule for each, as nothing is left that could carry a label. */
export function downAlerts(programs: readonly Program[], { name, means, act }: Down): readonly Alert[] {
  return programs.map((program) => ({
    name,
    severity: 'ticket',
    expr: `absent(${series('up', podMatchers([program]))} == 1)`,
    for: '5m',
    labels: { namespace: program.namespace, program: program.name },
    summary: `${program.name} in ${program.namespace} does not answer`,
    description: `Prometheus reached no pod of ${program.name} in the namespace ${program.namespace} for 5 minutes.`,
    page: {
      means,
      look: [
        '`kubectl get pods -n NAMESPACE`, and `kubectl describe` of the one that does not run: OOMKilled, no volume, no image?',
        '`kubectl logs -n NAMESPACE POD --previous`: a configuration that it refuses is named there.',
      ],
      act: [act],
    },
  }));
}

/** Memory and disks of the programs that handle spans and logs, as the kubelet measures them. */
export function capacityGroup(programs: readonly Program[]): AlertGroup {
  const container = { ...podMatchers(programs), container: '!=""' };
  const by = ['namespace', 'pod', 'container'] as const;
  const used = sum('container_memory_working_set_bytes', container, by);
  const limit = memoryLimit(container, by);
  const claims = {
    namespace: oneOf(programs.map((one) => one.namespace)),
    // A claim is called as its program, or the program's name with more before and behind it.
    persistentvolumeclaim: `=~"(.*-)?(${[...new Set(programs.map((one) => one.name))].join('|')})(-.*)?"`,
  };
  const available = series('kubelet_volume_stats_available_bytes', claims);
  const capacity = series('kubelet_volume_stats_capacity_bytes', claims);
  return {
    name: 'tracing-capacity',
    title: 'Memory and disks of what keeps traces and logs',
    alerts: [
      {
        name: 'TracingMemoryNearlyFull',
        severity: 'ticket',
        expr: `${used} / ${limit} > 0.95`,
        for: '15m',
        summary: '{{ $labels.pod }} is about to run out of memory',
        description:
          '{{ $labels.pod }} ({{ $labels.namespace }}) uses {{ $value | humanizePercentage }} of its memory limit for 15 minutes.',
        page: {
          means: 'At the limit the kernel ends it. What it keeps in memory, traces or spans on their way, is lost.',
          look: [
            'Its memory over a day: steps are load, a slope is a store in memory that fills.',
            'Its dashboard: how many spans come in?',
          ],
          act: [
            'Raise the memory limit, or keep less: fewer traces in memory, a shorter retention, less sampling.',
            'To keep traces for long, give the backend a disk or a database.',
          ],
        },
      },
      {
        name: 'TracingVolumeNearlyFull',
        severity: 'ticket',
        expr: `min by (namespace, persistentvolumeclaim) (${available} / ${capacity}) < 0.1`,
        for: '10m',
        summary: 'the volume {{ $labels.persistentvolumeclaim }} is nearly full',
        description:
          '{{ $value | humanizePercentage }} of the volume {{ $labels.persistentvolumeclaim }} ({{ $labels.namespace }}) is free.',
        page: {
          means: 'A backend whose disk is full takes no more spans or logs, and may not start again.',
          look: ['How fast does it fill? `kubelet_volume_stats_used_bytes` over a week.'],
          act: ['Enlarge the claim, where its storage class allows it; else shorten the retention or sample less.'],
        },
      },
    ],
  };
}
