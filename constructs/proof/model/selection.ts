import { rememberList } from '../../kit/remember.ts';
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
  let index: ReadonlyMap<string, readonly number[]> | undefined;
  return (namespace, selector) => {
    index ??= placesOf(all);
    const places = index;
    const [first, ...others] = [...selector]
      .map(([key, value]) => places.get(`${namespace} ${key}=${value}`) ?? [])
      .sort((a, b) => a.length - b.length);
    if (others.some((one) => one.length === 0)) return [];
    return (first ?? []).flatMap((place) => all[place] ?? []).filter((one) => selects(selector, one.labels));
  };
}

/** The places in a list of what has a label, by namespace and label. */
const placesOf = rememberList((all: readonly Labelled[]): ReadonlyMap<string, readonly number[]> => {
  const places = new Map<string, number[]>();
  for (const [place, { namespace, labels }] of all.entries()) {
    for (const [key, value] of labels) {
      const at = `${namespace} ${key}=${value}`;
      const found = places.get(at);
      if (found) found.push(place);
      else places.set(at, [place]);
    }
  }
  return places;
});
