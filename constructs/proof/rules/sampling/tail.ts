import { type Pipelines, typeOf } from '../../model/spans/components.ts';
import type { Spot } from '../../types.ts';

const SAMPLERS = new Set(['tail_sampling', 'probabilistic_sampler']);

/** Where a collector drops traces as a whole: the first use of such a processor in a pipeline of traces. */
export function tailSampling(
  { pipelines }: Pipelines,
  types: ReadonlySet<string> = new Set(['tail_sampling']),
): Spot | undefined {
  for (const { signal, processors } of pipelines.values()) {
    const found = signal === 'traces' ? processors.find(({ id }) => types.has(typeOf(id))) : undefined;
    if (found) return found.at;
  }
  return undefined;
}

/** As {@link tailSampling}; one that keeps a share without looking counts too. */
export function anySampling(pipelines: Pipelines): Spot | undefined {
  return tailSampling(pipelines, SAMPLERS);
}
