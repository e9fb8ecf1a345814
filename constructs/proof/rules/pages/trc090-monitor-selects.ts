import { nearest } from '../../../kit/nearest.ts';
import { fitsPods, fitsService, labelsOf, looksInto, type Monitor, monitorsOf } from '../../model/exposure/monitors.ts';
import type { Model } from '../../model/model.ts';
import { labelText } from '../../model/workloads.ts';
import { chartReleases } from '../../read/charts.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, spotOf } from '../../types.ts';

export const monitorSelects: Rule = {
  code: 'TRC090',
  title: 'a monitor that selects nothing',
  severity: 'warning',
  run: (model) => monitorsOf(model).flatMap((monitor) => faultOf(model, monitor) ?? []),
  docs: {
    cause:
      'A ServiceMonitor selects Services by their own labels (not by those of the pods), a PodMonitor pods, both in their own namespace unless `namespaceSelector` says otherwise. None of the input fits: nothing is scraped, and Prometheus says no word of it. Quiet where a chart or operator may make what is selected.',
    fix: 'Use labels of the Service, and name its namespace in `namespaceSelector.matchNames`.',
    example:
      'kind: ServiceMonitor\nmetadata: {namespace: monitoring}\nspec: {selector: {matchLabels: {app: web}}}   # the Service is in shop: namespaceSelector is missing',
  },
};

interface Target {
  readonly namespace: string;
  readonly labels: ReadonlyMap<string, string>;
  /** Of a chart or operator whose labels are known. */
  readonly made: boolean;
  readonly fits: 'yes' | 'no' | 'maybe';
}

function faultOf(model: Model, monitor: Monitor): Fault | undefined {
  const { object, is, labels, namespaces } = monitor;
  if ([...labels.values()].some((value) => /[${}]/.test(value))) return undefined;
  const all = targets(model, monitor);
  const here = all.filter(({ namespace }) => looksInto(monitor, namespace));
  if (here.some(({ fits }) => fits === 'yes')) return undefined;
  const what = is === 'ServiceMonitor' ? 'Service' : 'pod';
  const where = namespaces === 'any' ? 'any namespace' : `namespace ${namespaces.join(' or ')}`;
  const message = `no ${what} of ${where} has ${labelText(labels) || 'what it asks for'}`;
  const at = spotOf(object, ['spec', 'selector']);
  const cause = `selection of ${object.id}`;
  const slip = slipOf(labels, here);
  if (slip !== undefined) return { at, message, hint: slip, cause };
  if (here.some(({ fits }) => fits === 'maybe')) return undefined;
  if (mayBeMade(model, monitor)) return undefined;
  const near = nearLabel(labels, here);
  if (near !== undefined) return { at, message, hint: near, cause };
  const [elsewhere] = labels.size > 0 ? all.filter(({ fits }) => fits === 'yes') : [];
  if (elsewhere) return { at, message, hint: `add namespaceSelector: {matchNames: [${elsewhere.namespace}]}`, cause };
  // Without a hint it must be certain that nobody unseen has them.
  const closed = namespaces !== 'any' && namespaces.every((one) => model.isKnown(one) && model.makersIn(one).length === 0);
  const made = model.services.all.some((one) => one.created && looksInto(monitor, one.namespace));
  if (!closed || made || here.length === 0) return undefined;
  return { at, message, hint: `use the labels of a ${what} there`, cause };
}

function targets(model: Model, monitor: Monitor): Target[] {
  if (monitor.is === 'PodMonitor')
    return model.workloads.map((one) => ({
      ...{ namespace: one.namespace, labels: one.labels, made: false },
      fits: fitsPods(monitor, one),
    }));
  return model.services.all.map((one) => ({
    namespace: one.namespace,
    labels: labelsOf(one),
    made: one.created && one.labels !== undefined,
    fits: fitsService(monitor, one),
  }));
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
function slipOf(labels: ReadonlyMap<string, string>, all: readonly Target[]): string | undefined {
  for (const { labels: own } of all.filter(({ made }) => made)) {
    const differing = [...labels].filter(([key, value]) => own.get(key) !== value);
    const [first, second] = differing;
    if (first && !second && own.has(first[0])) return nearLabel(new Map([first]), all);
  }
  return undefined;
}

function nearLabel(labels: ReadonlyMap<string, string>, all: readonly Target[]): string | undefined {
  for (const [key, value] of labels) {
    const values = new Set(all.flatMap((one) => one.labels.get(key) ?? []));
    const near = values.has(value) ? undefined : nearest(value, values);
    if (near !== undefined) return `did you mean "${key}: ${near}"?`;
  }
  return undefined;
}
