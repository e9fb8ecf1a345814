import { poolsOf } from '../../model/exposure/pools.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';
import { clash } from './clash.ts';

export const poolOverlap: Rule = {
  code: 'EXP003',
  title: 'pools that have addresses in common',
  severity: 'error',
  run: (model) => {
    const { ranges, overlapping } = poolsOf(model);
    return ranges.flatMap((one): Fault[] => {
      // One object in two files is told as such (OBJ001).
      const other = overlapping(one.range).find(({ pool }) => pool === one.pool || pool.object.id !== one.pool.object.id);
      // Each is told of the first before it.
      if (!other || other === one) return [];
      const whose = other.pool === one.pool ? 'the same pool' : `pool ${other.pool.name}`;
      const fault: Fault = {
        at: one.at,
        message: `${one.text} and ${other.text} of ${whose} have addresses in common`,
        hint: 'let each address be in one pool, once',
        cause: `overlap ${[other.pool.object.id, one.pool.object.id].join(' ')}`,
      };
      return [clash(model, other.pool.object, one.pool.object, fault)];
    });
  },
  docs: {
    cause:
      'MetalLB refuses pools whose addresses overlap (0.16, internal/config): the webhook rejects the second one, and where both are there already none of the configuration is used. In plain files of different folders it is a warning: they may be two clusters.',
    fix: 'Give each address to one pool.',
    example: 'kind: IPAddressPool   # beside a pool with 10.34.124.0/24\nspec: {addresses: [10.34.124.115/32]}',
  },
};
