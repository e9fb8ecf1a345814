import { at, items } from '../../json-path.ts';
import { loadBalancersOf } from '../../model/exposure/load-balancers.ts';
import { type Pool, poolsOf } from '../../model/exposure/pools.ts';
import type { Model } from '../../model/model.ts';
import { matchesSelector } from '../../model/reach/label-selector.ts';
import type { Rule } from '../../rule.ts';
import { type ProofObject, spotOf } from '../../types.ts';

export const notAnnounced: Rule = {
  code: 'EXP008',
  title: 'a pool that nothing announces',
  severity: 'warning',
  run: (model) => {
    const announcing = ['L2Advertisement', 'BGPAdvertisement']
      .flatMap((kind) => model.kind(kind))
      .filter(({ group }) => group === 'metallb.io');
    // A file with nothing but pools leaves the rest to others.
    const told = announcing.length > 0 || loadBalancersOf(model).length > 0;
    return poolsOf(model).all.flatMap((pool) => {
      if (announcing.some((one) => announces(one, pool)) || (!told && pool.object.origin.construct === null)) return [];
      return [
        {
          at: spotOf(pool.object, ['metadata', 'name']),
          message: `no L2Advertisement or BGPAdvertisement of namespace ${pool.namespace} selects it`,
          hint: `add an L2Advertisement with ipAddressPools: [${pool.name}]`,
          // A wrong name in an advertisement is the cause.
          ...(misses(model, announcing) ?? {}),
        },
      ];
    });
  },
  docs: {
    cause:
      'MetalLB gives away the addresses of the pool, but nobody is told where they are: the Service has its external address, and nothing reaches it. Since MetalLB 0.13 an advertisement is needed; one without pools and selectors announces all pools of its namespace.',
    fix: 'Add an L2Advertisement or BGPAdvertisement for the pool.',
    example: 'kind: IPAddressPool\nmetadata: {name: ip-pool, namespace: metallb-system}   # and no L2Advertisement',
  },
};

function announces({ json, namespace }: ProofObject, pool: Pool): boolean {
  if (namespace !== pool.namespace) return false;
  const names = items(json, 'spec', 'ipAddressPools');
  const selectors = items(json, 'spec', 'ipAddressPoolSelectors');
  if (names.length === 0 && selectors.length === 0) return true;
  const labels = { values: pool.labels, complete: true };
  return names.includes(pool.name) || selectors.some((one) => matchesSelector(one, labels) !== 'no') || isOpen(names);
}

function isOpen(names: readonly unknown[]): boolean {
  return names.some((name) => typeof name === 'string' && /[${}]/.test(name));
}

function misses(model: Model, announcing: readonly ProofObject[]): { readonly cause: string } | undefined {
  const pools = poolsOf(model).all;
  for (const { json, namespace } of announcing) {
    const here = new Set(pools.filter((one) => one.namespace === namespace).map(({ name }) => name));
    const lost = items(at(json, 'spec'), 'ipAddressPools').find((name) => typeof name === 'string' && !here.has(name));
    if (typeof lost === 'string') return { cause: `pool ${lost}` };
  }
  return undefined;
}
