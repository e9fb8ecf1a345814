import type { JsonObject } from '../../kit/index.ts';
import { type PodResources, resourceValues } from '../../kit/quantity.ts';
import { checkReplicas, type Replicas } from './scale.ts';

/** How many istiods run, and what each asks for. */
export interface IstiodSettings {
  /** A number, or bounds between which they are scaled by CPU. @default the chart's: { min: 1, max: 5 } */
  readonly replicas?: Replicas;
  /** What each asks for: a lab does with `{ cpu: '10m', memory: '128Mi' }`. @default the chart's: 500m CPU and 2Gi, no limit */
  readonly resources?: PodResources;
}

/**
 * The istiod chart's own values (Istio 1.30, istio-discovery): they stand at the top for Helm, under `pilot` for the Sail operator.
 *
 * @throws UserError when a number or quantity is out of range
 */
export function istiodValues(
  { replicas, resources }: IstiodSettings,
  env: Readonly<Record<string, string>> | undefined,
  where: string,
): JsonObject {
  if (replicas !== undefined) checkReplicas(replicas, where);
  return {
    ...(env ? { env: { ...env } } : {}),
    ...(replicas === undefined
      ? {}
      : typeof replicas === 'number'
        ? { autoscaleEnabled: false, replicaCount: replicas }
        : { autoscaleMin: replicas.min, autoscaleMax: replicas.max }),
    ...(resources ? { resources: resourceValues(resources, where) } : {}),
  };
}
