import { UserError } from '../../kit/index.ts';

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

/**
 * What the Go runtime keeps its heap under: four fifths of the container's limit, as `GOMEMLIMIT` spells it.
 *
 * @param limit a Kubernetes quantity: '512Mi', '1.5Gi'
 * @throws UserError when it is none, or less than 64 MiB, in which no collector starts
 */
export function goMemoryLimit(limit: string, where: string): string {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)(|k|M|G|T|Ki|Mi|Gi|Ti)$/.exec(limit) ?? [];
  const bytes = Number(number) * (units[unit] ?? Number.NaN);
  const mebibytes = Math.floor((bytes * 0.8) / 2 ** 20);
  if (number === '' || bytes < 64 * 2 ** 20) {
    throw new UserError(
      `memoryLimit of '${where}' is ${JSON.stringify(limit)}: allowed is a Kubernetes quantity of 64Mi or more, such as "512Mi"`,
    );
  }
  return `${mebibytes}MiB`;
}
