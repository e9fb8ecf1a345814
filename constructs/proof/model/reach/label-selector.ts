import type { Json } from '../../../kit/json.ts';
import { groupBy } from '../../group-by.ts';
import { at, items, strings, text } from '../../json-path.ts';

/** Whether something holds, as far as the input shows: `maybe` where it depends on what the input does not hold. */
export type Match = 'yes' | 'no' | 'maybe';

/** Labels of pods or of a namespace. */
export interface Labels {
  readonly values: ReadonlyMap<string, string>;
  /** There are no others, but for those that controllers and the injector add. */
  readonly complete: boolean;
}

/** All of several conditions. */
export function allOf(matches: Iterable<Match>): Match {
  let result: Match = 'yes';
  for (const one of matches) {
    if (one === 'no') return 'no';
    if (one === 'maybe') result = 'maybe';
  }
  return result;
}

/** At least one of several conditions. */
export function anyOf(matches: Iterable<Match>): Match {
  let result: Match = 'no';
  for (const one of matches) {
    if (one === 'yes') return 'yes';
    if (one === 'maybe') result = 'maybe';
  }
  return result;
}

/** Whether a Kubernetes label selector (`matchLabels`, `matchExpressions`) takes these labels in; an absent or empty one takes all. */
export function matchesSelector(selector: Json | undefined, labels: Labels): Match {
  const equal = [...strings(selector, 'matchLabels')].map(([key, value]) => is(labels, key, [value]));
  const expressions = items(selector, 'matchExpressions').map((one) => {
    const key = text(one, 'key') ?? '';
    const values = items(one, 'values').flatMap((value) => (typeof value === 'string' ? [value] : []));
    switch (at(one, 'operator')) {
      case 'In':
        return is(labels, key, values);
      case 'NotIn':
        return not(is(labels, key, values));
      case 'Exists':
        return has(labels, key);
      case 'DoesNotExist':
        return not(has(labels, key));
      default:
        return 'maybe';
    }
  });
  return allOf([...equal, ...expressions]);
}

/** The opposite. */
export function not(match: Match): Match {
  if (match === 'maybe') return 'maybe';
  return match === 'yes' ? 'no' : 'yes';
}

// Labels that nobody writes down: of controllers (pod-template-hash) and of Istio's injector (service.istio.io/canonical-name).
const ADDED =
  /(^|-|\/)(pod-template-hash|controller-revision-hash|pod-template-generation|pod-name|pod-index|job-name)$|istio\.io\//;

function has(labels: Labels, key: string): Match {
  if (labels.values.has(key)) return 'yes';
  return labels.complete && !ADDED.test(key) ? 'no' : 'maybe';
}

function is(labels: Labels, key: string, values: readonly string[]): Match {
  const value = labels.values.get(key);
  if (value === undefined) return has(labels, key);
  return values.includes(value) ? 'yes' : 'no';
}

/**
 * Indexes things by the first of the labels they want, so that pods need not be held against all of them.
 *
 * @param wanted the `matchLabels` of one thing
 * @returns all things that may select pods of these labels, in their order; more than those that do
 */
export function candidates<T>(
  all: readonly T[],
  wanted: (one: T) => ReadonlyMap<string, string>,
): (labels: Labels) => readonly T[] {
  const byLabel = groupBy(
    all.map((one, order) => ({ one, order })),
    ({ one }) => {
      const [first] = wanted(one);
      return first && !ADDED.test(first[0]) ? `${first[0]}=${first[1]}` : '';
    },
  );
  return (labels) => {
    if (!labels.complete || byLabel.size < 2) return all;
    const keys = ['', ...[...labels.values].map(([key, value]) => `${key}=${value}`)];
    const found = keys.flatMap((key) => byLabel.get(key) ?? []);
    return found.sort((a, b) => a.order - b.order).map(({ one }) => one);
  };
}

/** {@link candidates} within each namespace. */
export function candidatesByNamespace<T extends { readonly namespace: string }>(
  all: readonly T[],
  wanted: (one: T) => ReadonlyMap<string, string>,
): (namespace: string, labels: Labels) => readonly T[] {
  const indexes = new Map(
    [...groupBy(all, (one) => one.namespace)].map(([namespace, own]) => [namespace, candidates(own, wanted)]),
  );
  return (namespace, labels) => indexes.get(namespace)?.(labels) ?? [];
}
