import { groupBy } from '../../group-by.ts';
import { addressOf } from '../../model/exposure/addresses.ts';
import { type LoadBalancer, loadBalancersOf } from '../../model/exposure/load-balancers.ts';
import { type Pool, poolsOf } from '../../model/exposure/pools.ts';
import type { Model } from '../../model/model.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';
import { areApart } from './clash.ts';

export const poolTooSmall: Rule = {
  code: 'EXP006',
  title: 'more load balancers want an address of a pool than it has',
  severity: 'error',
  run: (model) => {
    const { all, whole, named, holding } = poolsOf(model);
    if (!whole) return [];
    const givers = all.filter(({ givesToAny }) => givesToAny);
    const only = givers.length === 1 ? givers.filter(({ restricted }) => !restricted) : [];
    const wanted = loadBalancersOf(model).flatMap((one) => {
      const held = new Set(one.addresses.flatMap(({ value }) => holding(value)));
      const pools = one.addresses.length > 0 ? [...held] : one.pool ? named(one.pool.value) : only;
      return pools.map((pool) => ({ pool, one }));
    });
    const wanting = groupBy(wanted, ({ pool }) => pool);
    return all.flatMap((pool) => {
      const own = wanting.get(pool) ?? [];
      return (
        faultOf(
          model,
          pool,
          own.map(({ one }) => one),
        ) ?? []
      );
    });
  },
  docs: {
    cause:
      'A pool with one address serves one load balancer. A second one that must take from it (it asks for the pool, or the input has no other) waits for its external address for ever; who comes first is chance, so the gateway may lose the address that its hosts are known by. In plain files of different folders it is a warning.',
    fix: 'Give the pool more addresses, let both share one (`metallb.io/allow-shared-ip`), or make one of them a ClusterIP.',
    example:
      'kind: IPAddressPool\nspec: {addresses: [10.34.124.115/32]}   # and the releases of the gateway and of ingress-nginx both make a LoadBalancer',
  },
};

function faultOf(model: Model, pool: Pool, wanting: readonly LoadBalancer[]): Fault | undefined {
  const claims = new Map<string, LoadBalancer>();
  for (const one of wanting) {
    const key = keyOf(one);
    if (!claims.has(key)) claims.set(key, one);
  }
  // Those that ask for one address together are told by themselves; those that ask for none come last.
  const distinct = [...claims.values()].sort((a, b) => b.addresses.length - a.addresses.length);
  const last = distinct.at(-1);
  if (!last || distinct.length <= pool.size || last.addresses.length > 0) return undefined;
  const others = distinct.slice(0, -1);
  const apart = others.some((one) => areApart(model, one.object, last.object)) || areApart(model, pool.object, last.object);
  return {
    at: last.at,
    message: `pool ${pool.name} has ${pool.size === 1 ? 'one address' : `${pool.size} addresses`}, and ${others
      .slice(0, 3)
      .map(({ id }) => id)
      .join(', ')}${others.length > 3 ? ` and ${others.length - 3} more` : ''} want${others.length === 1 ? 's' : ''} one as well`,
    hint: 'add addresses to the pool, share one by metallb.io/allow-shared-ip, or make it a ClusterIP',
    cause: `pool ${pool.name} of ${pool.namespace}`,
    ...(apart ? { severity: 'warning' } : {}),
  };
}

function keyOf({ addresses, sharing, id, at }: LoadBalancer): string {
  const [first] = addresses;
  if (first) return `address ${addressOf(first.value)?.value ?? first.value}`;
  return sharing === undefined ? `${id} ${at.field}` : `shared ${sharing}`;
}
