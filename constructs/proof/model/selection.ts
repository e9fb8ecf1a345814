import { groupBy } from '../group-by.ts';
import { selects } from './workloads.ts';

/** Something with labels in a namespace. */
interface Labelled {
  readonly namespace: string;
  readonly labels: ReadonlyMap<string, string>;
}

/** Indexes things by their labels, at the first question: what a selector selects is then found without looking at all of them. */
export function selectionIndex<T extends Labelled>(
  all: readonly T[],
): (namespace: string, selector: ReadonlyMap<string, string>) => readonly T[] {
  let index: ReadonlyMap<string, readonly T[]> | undefined;
  return (namespace, selector) => {
    index ??= labelIndex(all);
    const [first, ...others] = [...selector]
      .map(([key, value]) => index?.get(`${namespace} ${key}=${value}`) ?? [])
      .sort((a, b) => a.length - b.length);
    return others.some((one) => one.length === 0) ? [] : (first ?? []).filter((one) => selects(selector, one.labels));
  };
}

function labelIndex<T extends Labelled>(all: readonly T[]): ReadonlyMap<string, readonly T[]> {
  const entries = all.flatMap((one) => [...one.labels].map(([key, value]) => ({ at: `${one.namespace} ${key}=${value}`, one })));
  return new Map([...groupBy(entries, ({ at }) => at)].map(([at, found]) => [at, found.map(({ one }) => one)]));
}
