import { nearest } from '../../../kit/nearest.ts';
import { podTargets, serviceTargets, type Targets } from '../../model/exposure/monitor-targets.ts';
import { type Monitor, monitorsOf } from '../../model/exposure/monitors.ts';
import type { Model } from '../../model/model.ts';
import { labelText } from '../../model/workloads.ts';
import { chartReleases } from '../../read/charts.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, spotOf } from '../../types.ts';

export const monitorSelects: Rule = {
  code: 'TRC090',
  title: 'a monitor that selects nothing',
  severity: 'warning',
  run: (model) =>
    monitorsOf(model).flatMap((monitor) => {
      const fault =
        monitor.is === 'PodMonitor'
          ? faultOf(model, monitor, podTargets(model))
          : faultOf(model, monitor, serviceTargets(model), ({ created, labels }) => created && labels !== undefined);
      return fault ?? [];
    }),
  docs: {
    cause:
      'A ServiceMonitor selects Services by their own labels (not by those of the pods), a PodMonitor pods, both in their own namespace unless `namespaceSelector` says otherwise. None of the input fits: nothing is scraped, and Prometheus says no word of it. Quiet where a chart or operator may make what is selected.',
    fix: 'Use labels of the Service, and name its namespace in `namespaceSelector.matchNames`.',
    example:
      'kind: ServiceMonitor\nmetadata: {namespace: monitoring}\nspec: {selector: {matchLabels: {app: web}}}   # the Service is in shop: namespaceSelector is missing',
  },
};

interface Labelled {
  readonly labels: ReadonlyMap<string, string>;
}

/** @param isMade whether it is of a chart or operator whose labels are known */
function faultOf<T extends { readonly namespace: string }>(
  model: Model,
  monitor: Monitor,
  targets: Targets<T>,
  isMade: (one: T) => boolean = () => false,
): Fault | undefined {
  const { object, is, labels, namespaces } = monitor;
  if ([...labels.values()].some((value) => /[${}]/.test(value))) return undefined;
  const found = targets.of(monitor);
  if (found.some(({ fits }) => fits === 'yes')) return undefined;
  const here = targets.around(monitor);
  const what = is === 'ServiceMonitor' ? 'Service' : 'pod';
  const where = namespaces === 'any' ? 'any namespace' : `namespace ${namespaces.join(' or ')}`;
  const message = `no ${what} of ${where} has ${labelText(labels) || 'what it asks for'}`;
  const at = spotOf(object, ['spec', 'selector']);
  const cause = `selection of ${object.id}`;
  const made = here.filter(({ of }) => isMade(of));
  const slip = slipOf(labels, made, here);
  if (slip !== undefined) return { at, message, hint: slip, cause };
  if (found.length > 0 || mayBeMade(model, monitor)) return undefined;
  const near = nearLabel(labels, here);
  if (near !== undefined) return { at, message, hint: near, cause };
  const everywhere = labels.size > 0 ? targets.of({ ...monitor, namespaces: 'any' }) : [];
  const elsewhere = everywhere.find(({ fits }) => fits === 'yes');
  if (elsewhere) return { at, message, hint: `add namespaceSelector: {matchNames: [${elsewhere.of.namespace}]}`, cause };
  // Without a hint it must be certain that nobody unseen has them.
  const isClosed = (namespace: string) =>
    model.isKnown(namespace) &&
    model.makersIn(namespace).length === 0 &&
    !model.services.inNamespace(namespace).some(({ created }) => created);
  if (namespaces === 'any' || !namespaces.every(isClosed) || here.length === 0) return undefined;
  return { at, message, hint: `use the labels of a ${what} there`, cause };
}

/** Whether the labels name a release or an operator's object: it makes what is selected. */
function mayBeMade(model: Model, { labels, object, namespaces }: Monitor): boolean {
  const values = [...labels.values()];
  const releases = chartReleases(model.objects).filter(
    ({ namespace }) => namespaces === 'any' || namespaces.includes(namespace) || namespace === object.namespace,
  );
  const names = releases.flatMap(({ release, chart, object: one }) => [release, chart ?? '', one.name]);
  const makers = namespaces === 'any' ? [] : namespaces.flatMap((one) => model.makersIn(one));
  return [...names, ...makers.map(({ name }) => name)].some((name) => name !== '' && values.some((value) => alike(value, name)));
}

function alike(a: string, b: string): boolean {
  return a.includes(b) || b.includes(a);
}

/** A label that is nearly that of a Service which a known chart or operator makes, where all others are its: no other one is meant. */
function slipOf(labels: ReadonlyMap<string, string>, made: readonly Labelled[], all: readonly Labelled[]): string | undefined {
  for (const { labels: own } of made) {
    const differing = [...labels].filter(([key, value]) => own.get(key) !== value);
    const [first, second] = differing;
    if (first && !second && own.has(first[0])) return nearLabel(new Map([first]), all);
  }
  return undefined;
}

function nearLabel(labels: ReadonlyMap<string, string>, all: readonly Labelled[]): string | undefined {
  for (const [key, value] of labels) {
    const values = new Set(all.flatMap((one) => one.labels.get(key) ?? []));
    const near = values.has(value) ? undefined : nearest(value, values);
    if (near !== undefined) return `did you mean "${key}: ${near}"?`;
  }
  return undefined;
}
