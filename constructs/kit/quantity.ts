import type { JsonObject } from './json.ts';
import { UserError } from './user-error.ts';

/** What one pod asks for, as Kubernetes quantities: '500m', '2Gi'. */
export interface PodResources {
  readonly cpu: string;
  readonly memory: string;
  /** @default none of its own; a chart may have one */
  readonly memoryLimit?: string;
}

const units: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** A Kubernetes quantity of memory in bytes: '512Mi', '1.5Gi'; undefined when it is none. @internal */
export function bytesOf(quantity: string): number | undefined {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)([kMGT]|[KMGT]i)?$/.exec(quantity) ?? [];
  const factor = units[unit];
  return number === undefined || factor === undefined ? undefined : Number(number) * factor;
}

/**
 * Checks what a container requests against its limit: the API server takes no pod that requests more.
 *
 * @throws UserError when more is requested
 * @internal
 */
export function checkMemory({ memory, memoryLimit = '' }: { memory: string; memoryLimit?: string }, where: string): void {
  const [request, limit] = [bytesOf(memory), bytesOf(memoryLimit)];
  if (request !== undefined && limit !== undefined && request > limit) {
    throw new UserError(
      `resources of '${where}' request ${memory} of memory and limit it to ${memoryLimit}: raise memoryLimit, or request less`,
    );
  }
}

/**
 * A container's `resources`, as charts take them.
 *
 * @param chartLimit the memory limit that the chart sets where nobody says one
 * @throws UserError when more memory is requested than the limit allows
 * @internal
 */
export function resourceValues({ cpu, memory, memoryLimit }: PodResources, where: string, chartLimit?: string): JsonObject {
  const limit = memoryLimit ?? chartLimit;
  checkMemory({ memory, ...(limit === undefined ? {} : { memoryLimit: limit }) }, where);
  return { requests: { cpu, memory }, ...(memoryLimit === undefined ? {} : { limits: { memory: memoryLimit } }) };
}
