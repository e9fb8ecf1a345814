import { remember } from '../../../kit/remember.ts';
import { groupBy } from '../../group-by.ts';
import { strings } from '../../json-path.ts';
import type { Model } from '../model.ts';
import { type Match, matchesSelector } from '../reach/label-selector.ts';
import type { Service } from '../services.ts';
import type { Workload } from '../workloads.ts';
import type { Monitor } from './monitors.ts';

/** A Service or pods, with the labels that a monitor asks for. */
export interface Target<T> {
  readonly of: T;
  readonly labels: ReadonlyMap<string, string>;
  readonly fits: Match;
}

/** Services, or pods, that monitors look at. */
export interface Targets<T> {
  /** All where a monitor looks, whether they fit or not. */
  around(monitor: Monitor): readonly Omit<Target<T>, 'fits'>[];
  /** Those that fit it, or may. */
  of(monitor: Monitor): readonly Target<T>[];
}

/** The Services of a world: labels of those that somebody makes are not all known. */
export const serviceTargets: (model: Model) => Targets<Service> = remember((model) =>
  targets(model.services.all, ({ object, created, labels, selector }) =>
    created ? (labels ?? selector) : strings(object.json, 'metadata', 'labels'),
  ),
);

/** The pods of a world. */
export const podTargets: (model: Model) => Targets<Workload> = remember((model) =>
  targets(model.workloads, ({ labels }) => labels),
);

const EVERYWHERE = '';

/** Indexes by namespace and label, so that monitors need not be held against all. */
function targets<T extends { readonly namespace: string; readonly created: boolean }>(
  all: readonly T[],
  labelsOf: (one: T) => ReadonlyMap<string, string>,
): Targets<T> {
  const known = all.map((of, order) => ({ of, order, labels: labelsOf(of) }));
  const byHome = groupBy(known, ({ of }) => `/${of.namespace}`).set(EVERYWHERE, known);
  const byLabel = groupBy(
    [...byHome].flatMap(([home, own]) => own.flatMap((one) => keysOf(one).map((key) => ({ key: `${home} ${key}`, one })))),
    ({ key }) => key,
  );
  const having = (key: string) => byLabel.get(key) ?? [];
  const homes = ({ namespaces }: Monitor) =>
    namespaces === 'any' ? [EVERYWHERE] : [...new Set(namespaces)].map((one) => `/${one}`);
  const sorted = (found: typeof known) => found.sort((a, b) => a.order - b.order);
  return {
    around: (monitor) => sorted(homes(monitor).flatMap((home) => byHome.get(home) ?? [])),
    of: (monitor) => {
      const sure = [...monitor.labels].filter(isWritten);
      const found = homes(monitor).flatMap((home) => {
        const [rarest] = sure.map(([key, value]) => having(`${home} ${key}=${value}`)).sort((a, b) => a.length - b.length);
        return rarest ? [...rarest, ...having(`${home} ${MADE}`)].map(({ one }) => one) : (byHome.get(home) ?? []);
      });
      return sorted(found).flatMap(({ of, labels }) => {
        const fits = matchesSelector(monitor.selector, { values: labels, complete: !of.created });
        return fits === 'no' ? [] : [{ of, labels, fits }];
      });
    },
  };
}

const MADE = '?';

function keysOf({ of, labels }: { readonly of: { readonly created: boolean }; readonly labels: ReadonlyMap<string, string> }) {
  return of.created ? [MADE] : [...labels].map(([key, value]) => `${key}=${value}`);
}

/** Whether what lacks a label cannot have it all the same, from a controller or the injector. */
function isWritten([key, value]: readonly [string, string]): boolean {
  return matchesSelector({ matchLabels: { [key]: value } }, { values: new Map(), complete: true }) === 'no';
}
