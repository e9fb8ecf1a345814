import type { Explanation } from '../../../constructs/proof/explain/types.ts';
import type { Difference, Found } from './compare.ts';

/** A difference that is meant, with its reason. */
interface Known {
  readonly reason: string;
  is(real: Found, explained: Explanation, differences: readonly Difference[]): boolean;
}

/** All of them. A difference that none of these takes is a fault, of `explain` or of the reader of proxies. */
const known: readonly Known[] = [
  {
    // Istio 1.31, pilot/pkg/networking/core/route/route.go, GetDestinationCluster: a backend without ReferenceGrant has no host, and becomes
    // the cluster `UnknownService`, which nobody makes: 500.
    reason: 'backends that no ReferenceGrant lets through: istiod drops their name, explain tells it and that they get 500',
    is: (real, explained, differences) =>
      differences.length === 1 &&
      differences[0]?.field === 'destinations' &&
      percentOf(real.destinations, ({ host }) => host === 'UnknownService') > 0 &&
      percentOf(real.destinations, ({ host }) => host === 'UnknownService') ===
        percentOf(explained.destinations, ({ workloads }) => workloads.length === 0),
  },
];

function percentOf(all: Explanation['destinations'], which: (one: Explanation['destinations'][number]) => boolean): number {
  return all.filter(which).reduce((sum, { percent }) => sum + percent, 0);
}

/** Why a request may be told otherwise than istiod has it; undefined when there is no reason. */
export function knownReason(real: Found, explained: Explanation, differences: readonly Difference[]): string | undefined {
  return known.find((one) => one.is(real, explained, differences))?.reason;
}
