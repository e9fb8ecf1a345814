import { addressOf } from '../../model/exposure/addresses.ts';
import { loadBalancersOf } from '../../model/exposure/load-balancers.ts';
import { poolsOf } from '../../model/exposure/pools.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';

export const addressOutside: Rule = {
  code: 'EXP004',
  title: 'a load balancer asks for an address that no pool has',
  severity: 'error',
  run: (model) => {
    const { all, whole, named, holding } = poolsOf(model);
    if (!whole) return [];
    return loadBalancersOf(model).flatMap(({ addresses, pool }) =>
      addresses.flatMap(({ value, at }): Fault[] => {
        if (!addressOf(value))
          return [{ at, message: `"${value}" is no IP address`, hint: 'write one address, without a prefix' }];
        const asked = pool && named(pool.value);
        // A pool that is not there is told by itself.
        if (asked?.length === 0) return [];
        const holders = holding(value);
        const [holder] = holders;
        if (pool ? holders.some(({ name }) => name === pool.value) : holder) return [];
        const looked = asked ?? all;
        const ranges = looked.slice(0, 3).map((one) => `${one.name} (${one.entries.map(({ text }) => text).join(', ')})`);
        return [
          {
            at,
            message:
              asked && holder
                ? `${value} is in pool ${holder.name}, and pool ${pool?.value} is asked for`
                : `${value} is in no pool: ${ranges.join('; ')}${looked.length > 3 ? ` and ${looked.length - 3} more` : ''}`,
            hint: asked && holder ? `ask for pool ${holder.name}, or for none` : 'ask for an address of a pool, or add it to one',
          },
        ];
      }),
    );
  },
  docs: {
    cause:
      'A Service of type LoadBalancer, a Gateway or the values of a gateway’s chart ask for an address (`metallb.io/loadBalancerIPs`, `loadBalancerIP`, `spec.addresses`) that no IPAddressPool of the input has, or not the pool that is asked for. MetalLB gives it none: the external address stays pending. Said only where the input holds pools, and all of them can be read.',
    fix: 'Ask for an address of a pool, or add the address to a pool.',
    example:
      'kind: Service\nmetadata: {annotations: {metallb.io/loadBalancerIPs: 10.34.124.116}}   # the pool has 10.34.124.115/32\nspec: {type: LoadBalancer}',
  },
};
