import type { Workload } from '../../../constructs/proof/model/workloads.ts';

/** A name that a pod of a workload may have: Kubernetes makes up the ends of words with neither vowels nor 0, 1 and 3. */
export function podNameOf({ object: { kind }, name }: Pick<Workload, 'object' | 'name'>): string {
  switch (kind) {
    case 'Deployment':
      return `${name}-7d4b9c6f5d-x2k4q`;
    case 'StatefulSet':
      return `${name}-0`;
    default:
      return `${name}-x2k4q`;
  }
}
