import { poolsOf } from '../../model/exposure/pools.ts';
import type { Rule } from '../../rule.ts';

export const poolAddresses: Rule = {
  code: 'EXP002',
  title: 'addresses of a pool that cannot be read',
  severity: 'error',
  run: (model) =>
    poolsOf(model).all.flatMap(({ entries }) =>
      entries
        .filter(({ range, open }) => !range && !open)
        .map(({ text, at }) => ({
          at,
          message: `"${text}" is neither a CIDR nor a range from the lower address to the higher`,
          hint: /^[\d.]+$/.test(text)
            ? `for one address write ${text}/32`
            : 'write 10.34.124.115/32, or 10.34.124.115-10.34.124.120',
        })),
    ),
  docs: {
    cause:
      'MetalLB takes a CIDR (`10.34.124.115/32`) or a range with both ends (`10.34.124.115-10.34.124.120`). The schema of IPAddressPool takes any text; MetalLB’s webhook refuses others, and without the webhook none of the pools is used.',
    fix: 'Write a CIDR or a range; one address is a /32.',
    example: 'kind: IPAddressPool\nspec: {addresses: [10.34.124.115]}   # 10.34.124.115/32',
  },
};
