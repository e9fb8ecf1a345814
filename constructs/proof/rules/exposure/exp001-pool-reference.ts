import { nearest, suggest } from '../../../kit/nearest.ts';
import { items } from '../../json-path.ts';
import { loadBalancersOf } from '../../model/exposure/load-balancers.ts';
import { poolsOf } from '../../model/exposure/pools.ts';
import type { Model } from '../../model/model.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, type ProofObject, type Spot, spotOf } from '../../types.ts';

export const poolReference: Rule = {
  code: 'EXP001',
  title: 'an address pool that does not exist is named',
  severity: 'error',
  run: (model) => [...advertisements(model), ...loadBalancers(model)],
  docs: {
    cause:
      'An L2Advertisement or BGPAdvertisement names an IPAddressPool that its namespace does not have: nobody learns where the addresses are. Or the annotation `metallb.io/address-pool` of a LoadBalancer names one: its external address stays pending. Said where the input holds other pools; a warning where no name is near.',
    fix: 'Correct the name, or add the pool to the namespace of MetalLB.',
    example: 'kind: L2Advertisement\nspec: {ipAddressPools: [ip-pol]}   # the pool is ip-pool',
  },
};

function advertisements(model: Model): Fault[] {
  const { namesIn } = poolsOf(model);
  return ['L2Advertisement', 'BGPAdvertisement'].flatMap((kind) =>
    model.kind(kind).flatMap((object) => {
      if (object.group !== 'metallb.io') return [];
      const here = namesIn(object.namespace);
      return items(object.json, 'spec', 'ipAddressPools').flatMap((name, i) =>
        typeof name === 'string' && !here.has(name)
          ? (missing(object, spotOf(object, ['spec', 'ipAddressPools', i]), { name, here, model }) ?? [])
          : [],
      );
    }),
  );
}

function loadBalancers(model: Model): Fault[] {
  const names = new Set(poolsOf(model).all.map((one) => one.name));
  return loadBalancersOf(model).flatMap(({ object, pool }) =>
    pool && !names.has(pool.value) ? (missing(object, pool.at, { name: pool.value, here: names, model }) ?? []) : [],
  );
}

function missing(
  object: ProofObject,
  at: Spot,
  { name, here, model }: { readonly name: string; readonly here: ReadonlySet<string>; readonly model: Model },
): Fault | undefined {
  const [elsewhere] = poolsOf(model).named(name);
  // Files without any pool leave them to others; a synth holds all.
  const told = here.size > 0 || elsewhere !== undefined || object.origin.construct !== null;
  if (!told || /[${}]/.test(name)) return undefined;
  const certain = nearest(name, here) !== undefined || elsewhere !== undefined || object.origin.construct !== null;
  return {
    at,
    message: elsewhere
      ? `IPAddressPool ${name} is in namespace ${elsewhere.namespace}, not in ${object.namespace}`
      : `there is no IPAddressPool ${name}`,
    hint: elsewhere
      ? `put both into namespace ${elsewhere.namespace}`
      : suggest(name, here, `name a pool, or add IPAddressPool ${name}`),
    cause: `pool ${name}`,
    ...(certain ? {} : { severity: 'warning' }),
  };
}
