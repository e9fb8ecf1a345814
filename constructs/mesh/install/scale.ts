import { UserError } from '../../kit/index.ts';

/** How many pods run: a fixed number, or as many as their CPU wants between two bounds. */
export type Replicas = number | { readonly min: number; readonly max: number };

/** @throws UserError when a number is no whole one from 1 on, or the bounds are the wrong way round */
export function checkReplicas(replicas: Replicas, where: string): void {
  const [min, max] = typeof replicas === 'number' ? [replicas, replicas] : [replicas.min, replicas.max];
  if (Number.isInteger(min) && Number.isInteger(max) && min >= 1 && min <= max) return;
  throw new UserError(
    `replicas of '${where}' are ${JSON.stringify(replicas)}: allowed are a whole number from 1 on, and { min, max } with min not above max`,
  );
}
