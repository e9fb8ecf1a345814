import { groupBy } from '../../group-by.ts';
import { items, strings } from '../../json-path.ts';
import { poolsOf } from '../../model/exposure/pools.ts';
import type { Model } from '../../model/model.ts';
import type { Rule } from '../../rule.ts';
import type { Fault, ProofObject } from '../../types.ts';
import { areApart } from './clash.ts';

// How exposures of this library say at which address of the nodes a host is reached.
const OWN = 'meshwright.dev/address';

export const addressInUse: Rule = {
  code: 'EXP007',
  title: 'a pool holds an address that something else has',
  severity: 'error',
  run: (model) => {
    const { holding } = poolsOf(model);
    const taken = [...annotated(model), ...nodes(model)];
    const held = taken.flatMap((other) => holding(other.address).map((pool) => ({ pool, other })));
    return [...groupBy(held, ({ pool }) => pool)].flatMap(([pool, [first]]) => {
      if (!first) return [];
      const { other } = first;
      const entry = pool.entries.find(({ range }) => range !== undefined);
      if (!entry) return [];
      const fault: Fault = {
        at: entry.at,
        message: `pool ${pool.name} holds ${other.address}, where ${other.object.id} ${other.what}`,
        ...(areApart(model, other.object, pool.object) ? { severity: 'warning' } : {}),
        hint: `take ${other.address} out of the pool: MetalLB gives away every address of it`,
      };
      return [fault];
    });
  },
  docs: {
    cause:
      'MetalLB gives away every address of its pools. One of them is already the address of a node, or that at which an ingress listens on the nodes’ own ports (annotation `meshwright.dev/address`): two machines then answer for it.',
    fix: 'Take the address out of the pool.',
    example:
      'kind: IPAddressPool\nspec: {addresses: [10.34.124.114-10.34.124.120]}   # the ingress of the nodes listens at 10.34.124.114',
  },
};

interface Taken {
  readonly object: ProofObject;
  readonly address: string;
  readonly what: string;
}

function annotated(model: Model): Taken[] {
  return model.kind('Ingress').flatMap((object) => {
    const listed = strings(object.json, 'metadata', 'annotations').get(OWN)?.split(',') ?? [];
    return listed.map((one) => ({ object, address: one.trim(), what: 'is reached at the nodes’ own ports' }));
  });
}

function nodes(model: Model): Taken[] {
  return model.kind('Node').flatMap((object) =>
    items(object.json, 'status', 'addresses').flatMap((one) => {
      const address = strings(one).get('address');
      return address === undefined ? [] : [{ object, address, what: 'has it' }];
    }),
  );
}
