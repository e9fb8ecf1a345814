import type { CounterSeries, LabelOf } from '../../kit/metrics/index.ts';
import { podsOf } from '../promql/pods.ts';
import { type Matchers, series } from '../promql/queries.ts';

/** Where a program runs: its pods are named `NAME-...`. */
export interface Program {
  readonly namespace: string;
  readonly name: string;
}

/** Labels that every scrape of a pod gives. */
export interface PodMatchers {
  readonly namespace: string;
  readonly pod: string;
}

/** Matches one of these texts and nothing else. Special characters stand in brackets: no backslash has to survive YAML and PromQL. */
export function oneOf(texts: readonly string[]): string {
  const [only, ...others] = [...new Set(texts)];
  if (only !== undefined && others.length === 0) return `="${only}"`;
  return `=~"${[...new Set(texts)].map(literal).join('|')}"`;
}

/** Matches none of these texts. */
export function noneOf(texts: readonly string[]): string {
  const [only, ...others] = texts;
  if (only !== undefined && others.length === 0) return `!="${only}"`;
  return `!~"${texts.map(literal).join('|')}"`;
}

/** The pods of some programs, of Deployments, StatefulSets and DaemonSets, and not those of a `NAME-other-...` beside them. */
export function podMatchers(programs: readonly Program[]): PodMatchers {
  const pod = podsOf(programs.map(({ name }) => literal(name)));
  return { namespace: oneOf(programs.map(({ namespace }) => namespace)), pod: `=~"${pod}"` };
}

/**
 * By how much a counter grew, the first time included: many counters appear only when something happens, and `increase` misses that one.
 * What a pod has counted before it was scraped for the first time is not taken for new: the pod must have been up before.
 */
export function grown<Series extends CounterSeries>(
  counter: Series,
  matchers: Matchers<Series>,
  by: readonly LabelOf<Series>[],
  window: string,
): string {
  const now = series(counter, matchers);
  const born = `${now} unless ${now} offset ${window} and on (namespace, pod) up offset ${window}`;
  return summed(`${born} or increase(${now}[${window}])`, by);
}

export function summed(vector: string, by: readonly string[]): string {
  return `sum${by.length > 0 ? ` by (${by.join(', ')}) ` : ''}(${vector})`;
}

function literal(text: string): string {
  return text.replaceAll(/[.*]/g, '[$&]');
}
