import { remember } from '../../../kit/remember.ts';
import { selects, type Workload } from '../../model/workloads.ts';

/** The labels of some workloads, the ways a misspelt selector asks for them. */
export interface LabelIndex {
  /** The values that a key has. */
  values(key: string): ReadonlySet<string>;
  /** The keys that have a value. */
  keys(value: string): ReadonlySet<string>;
  /** A workload that a selector selects, in whatever namespace. */
  having(selector: ReadonlyMap<string, string>): Workload | undefined;
}

const NONE: ReadonlySet<string> = new Set();

/** Indexes labels; a list of workloads is read once. */
export const labelIndex: (workloads: readonly Workload[]) => LabelIndex = remember((workloads: readonly Workload[]) => {
  const values = new Map<string, Set<string>>();
  const keys = new Map<string, Set<string>>();
  const having = new Map<string, Workload[]>();
  for (const workload of workloads) {
    for (const [key, value] of workload.labels) {
      add(values, key, value);
      add(keys, value, key);
      const found = having.get(`${key}=${value}`);
      if (found) found.push(workload);
      else having.set(`${key}=${value}`, [workload]);
    }
  }
  return {
    values: (key) => values.get(key) ?? NONE,
    keys: (value) => keys.get(value) ?? NONE,
    having: (selector) => {
      const [rarest] = [...selector]
        .map(([key, value]) => having.get(`${key}=${value}`) ?? [])
        .sort((a, b) => a.length - b.length);
      return rarest?.find((one) => selects(selector, one.labels));
    },
  };
});

function add(map: Map<string, Set<string>>, key: string, value: string): void {
  const found = map.get(key);
  if (found) found.add(value);
  else map.set(key, new Set([value]));
}
