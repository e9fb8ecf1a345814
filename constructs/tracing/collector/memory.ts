import { UserError } from '../../kit/index.ts';
import { bytesOf } from '../../kit/quantity.ts';

/**
 * What the Go runtime keeps its heap under: four fifths of the container's limit, as `GOMEMLIMIT` spells it.
 *
 * @param limit a Kubernetes quantity: '512Mi', '1.5Gi'
 * @throws UserError when it is none, or less than 64 MiB, in which no collector starts
 */
export function goMemoryLimit(limit: string, where: string): string {
  const bytes = bytesOf(limit);
  if (bytes === undefined || bytes < 64 * 2 ** 20) {
    throw new UserError(
      `memoryLimit of '${where}' is ${JSON.stringify(limit)}: allowed is a Kubernetes quantity of 64Mi or more, such as "512Mi"`,
    );
  }
  return `${Math.floor((bytes * 0.8) / 2 ** 20)}MiB`;
}
