import type { Json } from '../../../kit/json.ts';
import { groupBy } from '../../group-by.ts';
import { items, strings } from '../../json-path.ts';
import { loadBalancersOf } from '../../model/exposure/load-balancers.ts';
import { type Pool, poolsOf } from '../../model/exposure/pools.ts';
import type { Model } from '../../model/model.ts';
import { candidates, matchesSelector } from '../../model/reach/label-selector.ts';
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
    const byNamespace = groupBy(announcing, ({ namespace }) => namespace);
    const announced = new Map([...byNamespace].map(([namespace, own]) => [namespace, announcedBy(own)]));
    const missed = misses(model, announcing) ?? {};
    return poolsOf(model).all.flatMap((pool) => {
      if (announced.get(pool.namespace)?.(pool) || (!told && pool.object.origin.construct === null)) return [];
      return [
        {
          at: spotOf(pool.object, ['metadata', 'name']),
          message: `no L2Advertisement or BGPAdvertisement of namespace ${pool.namespace} selects it`,
          hint: `add an L2Advertisement with ipAddressPools: [${pool.name}]`,
          // A wrong name in an advertisement is the cause.
          ...missed,
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

/** Which pools of their namespace advertisements announce. */
function announcedBy(announcing: readonly ProofObject[]): (pool: Pool) => boolean {
  const all = announcing.map(({ json }) => ({
    names: items(json, 'spec', 'ipAddressPools'),
    selectors: items(json, 'spec', 'ipAddressPoolSelectors'),
  }));
  if (all.some(({ names, selectors }) => isOpen(names) || names.length + selectors.length === 0)) return () => true;
  const named = new Set(all.flatMap(({ names }) => names));
  const selecting = candidates(
    all.flatMap(({ selectors }) => selectors),
    (one: Json) => strings(one, 'matchLabels'),
  );
  return ({ name, labels: values }) => {
    const labels = { values, complete: true };
    return named.has(name) || selecting(labels).some((one) => matchesSelector(one, labels) !== 'no');
  };
}

function isOpen(names: readonly unknown[]): boolean {
  return names.some((name) => typeof name === 'string' && /[${}]/.test(name));
}

function misses(model: Model, announcing: readonly ProofObject[]): { readonly cause: string } | undefined {
  const { namesIn } = poolsOf(model);
  for (const { json, namespace } of announcing) {
    const here = namesIn(namespace);
    const lost = items(json, 'spec', 'ipAddressPools').find((name) => typeof name === 'string' && !here.has(name));
    if (typeof lost === 'string') return { cause: `pool ${lost}` };
  }
  return undefined;
}
