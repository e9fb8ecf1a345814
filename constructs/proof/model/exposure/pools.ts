import { remember } from '../../../kit/remember.ts';
import { groupBy } from '../../group-by.ts';
import { at, fields, items, strings, text } from '../../json-path.ts';
import { chartReleases } from '../../read/charts.ts';
import { type ProofObject, type Spot, spotOf } from '../../types.ts';
import type { Model } from '../model.ts';
import { type AddressRange, addressOf, addressRange, rangeIndex } from './addresses.ts';

/** One entry of a pool's addresses. */
export interface PoolEntry {
  readonly text: string;
  readonly at: Spot;
  /** Undefined when it cannot be read. */
  readonly range: AddressRange | undefined;
  /** It is filled in later. */
  readonly open: boolean;
}

/** An IPAddressPool of MetalLB. */
export interface Pool {
  readonly object: ProofObject;
  readonly name: string;
  readonly namespace: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly entries: readonly PoolEntry[];
  /** It gives addresses also to those that ask for nothing. */
  readonly givesToAny: boolean;
  /** Only some Services get an address of it (`serviceAllocation`). */
  readonly restricted: boolean;
  /** How many addresses it has, of the family of which it has more. */
  readonly size: number;
}

/** An entry that can be read, with its pool. */
export interface PoolRange extends PoolEntry {
  readonly range: AddressRange;
  readonly pool: Pool;
}

/** The pools of a world. */
export interface Pools {
  readonly all: readonly Pool[];
  /** The input shows all addresses that MetalLB may give: there are pools, and each can be read. */
  readonly whole: boolean;
  named(name: string): readonly Pool[];
  /** The names of the pools of a namespace. */
  namesIn(namespace: string): ReadonlySet<string>;
  /** The entries that can be read. */
  readonly ranges: readonly PoolRange[];
  /** Those that have an address in common with a range. */
  overlapping(range: AddressRange): readonly PoolRange[];
  /** The pools that have an address. */
  holding(address: string): readonly Pool[];
}

/** Reads the pools of a world. */
export const poolsOf: (model: Model) => Pools = remember((model) => {
  const all = model
    .kind('IPAddressPool')
    .filter(({ group }) => group === 'metallb.io')
    .map(pool);
  const readable = all.every(({ entries }) => entries.length > 0 && entries.every(({ range, open }) => range && !open));
  const byName = groupBy(all, ({ name }) => name);
  const byNamespace = groupBy(all, ({ namespace }) => namespace);
  const namesIn = new Map([...byNamespace].map(([namespace, own]) => [namespace, new Set(own.map(({ name }) => name))]));
  const ranges = all.flatMap((one) =>
    one.entries.flatMap(({ range, ...entry }): PoolRange[] => (range ? [{ ...entry, range, pool: one }] : [])),
  );
  const overlapping = rangeIndex(ranges);
  return {
    ...{ all, ranges, overlapping },
    whole: all.length > 0 && readable && !hasOlder(model),
    named: (name) => byName.get(name) ?? [],
    namesIn: (namespace) => namesIn.get(namespace) ?? NONE,
    holding: (address) => {
      const one = addressOf(address);
      const found = one ? overlapping({ family: one.family, from: one.value, to: one.value }) : [];
      return [...new Set(found.map(({ pool: holder }) => holder))];
    },
  };
});

const NONE: ReadonlySet<string> = new Set();

/** Addresses told in the ways of MetalLB before 0.13, and pools that charts of unknown kinds bring. */
function hasOlder(model: Model): boolean {
  return (
    model.kind('AddressPool').some(({ group }) => group === 'metallb.io') ||
    model.kind('ConfigMap').some(({ json }) => text(json, 'data', 'config')?.includes('address-pools') === true) ||
    chartReleases(model.objects).some(
      ({ chart, object }) => chart === 'metallb' && Object.hasOwn(fields(object.json, 'spec', 'values'), 'configInline'),
    )
  );
}

const pool = remember((object: ProofObject): Pool => {
  const { json, name, namespace } = object;
  const entries = items(json, 'spec', 'addresses').flatMap((one, i): PoolEntry[] =>
    typeof one === 'string'
      ? [
          {
            text: one,
            at: spotOf(object, ['spec', 'addresses', i]),
            range: addressRange(one.trim()),
            open: /[${}]|^ENC\[/.test(one),
          },
        ]
      : [],
  );
  const ranges = entries.flatMap(({ range }) => range ?? []);
  const buggy = at(json, 'spec', 'avoidBuggyIPs') === true;
  const sizes = [4, 6].map((family) =>
    ranges.filter((one) => one.family === family).reduce((sum, one) => sum + sizeOf(one, buggy && family === 4), 0),
  );
  return {
    ...{ object, name, namespace, entries },
    labels: strings(json, 'metadata', 'labels'),
    givesToAny: at(json, 'spec', 'autoAssign') !== false,
    restricted: Object.keys(fields(json, 'spec', 'serviceAllocation')).some((key) => key !== 'priority'),
    size: Math.max(...sizes),
  };
});

const MOST = 1024n;

/** As far as it matters: nobody runs out of a thousand. `avoidBuggyIPs` leaves out those that end in 0 and 255. */
function sizeOf({ from, to }: AddressRange, avoid: boolean): number {
  const size = to - from + 1n;
  if (size > MOST) return Number(MOST);
  const all = Array.from({ length: Number(size) }, (_, i) => from + BigInt(i));
  return all.filter((one) => !avoid || (one % 256n !== 0n && one % 256n !== 255n)).length;
}
