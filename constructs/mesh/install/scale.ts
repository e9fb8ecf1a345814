import { type JsonObject, UserError } from '../../kit/index.ts';
import { checkMemory } from '../../kit/quantity.ts';

/** How many pods run: a fixed number, or as many as their CPU wants between two bounds. */
export type Replicas = number | { readonly min: number; readonly max: number };

/** What one pod asks for, as Kubernetes quantities: '500m', '2Gi'. */
export interface PodResources {
  readonly cpu: string;
  readonly memory: string;
  readonly memoryLimit?: string;
}

/** @throws UserError when a number is no whole one from 1 on, or the bounds are the wrong way round */
export function checkReplicas(replicas: Replicas, where: string): void {
  const [min, max] = typeof replicas === 'number' ? [replicas, replicas] : [replicas.min, replicas.max];
  if (Number.isInteger(min) && Number.isInteger(max) && min >= 1 && min <= max) return;
  throw new UserError(
    `replicas of '${where}' are ${JSON.stringify(replicas)}: allowed are a whole number from 1 on, and { min, max } with min not above max`,
  );
}

/**
 * The value `resources` of Istio's charts.
 *
 * @param chartLimit the memory limit that the chart sets where nobody says one
 * @throws UserError when more memory is requested than the limit allows
 */
export function resourceValues({ cpu, memory, memoryLimit }: PodResources, where: string, chartLimit?: string): JsonObject {
  const limit = memoryLimit ?? chartLimit;
  checkMemory({ memory, ...(limit === undefined ? {} : { memoryLimit: limit }) }, where);
  return { requests: { cpu, memory }, ...(memoryLimit === undefined ? {} : { limits: { memory: memoryLimit } }) };
}
