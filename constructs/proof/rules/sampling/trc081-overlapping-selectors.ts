import { groupBy } from '../../group-by.ts';
import { text } from '../../json-path.ts';
import type { Telemetry } from '../../model/mesh/telemetry.ts';
import type { Model } from '../../model/model.ts';
import { selectionIndex } from '../../model/selection.ts';
import { labelText, type Workload } from '../../model/workloads.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, spotOf } from '../../types.ts';
import { liveApart } from '../apart.ts';

export const overlappingSelectors: Rule = {
  code: 'TRC081',
  title: 'two Telemetry objects select the same workload',
  severity: 'warning',
  run: (model) => {
    const selecting = model.telemetries.filter(
      ({ selector, object }) => selector.size > 0 && text(object.json, 'metadata', 'namespace') !== undefined,
    );
    return [...groupBy(selecting, ({ object, revision }) => `${object.namespace} ${revision}`).values()].flatMap((own) =>
      own.length > 1 ? clashes(model, own) : [],
    );
  },
  docs: {
    cause:
      'Of several Telemetry objects whose selectors match a workload, Istio takes the younger where both speak of the same, and older releases read the oldest alone; `istioctl analyze` calls it an error (IST0159). How old they are the files do not tell: applied anew in another order, the workload changes.',
    fix: 'Merge the two, or make their selectors exclude each other.',
    example:
      'spec: {selector: {matchLabels: {app: cart}}, tracing: [{randomSamplingPercentage: 50}]}\n---\nspec: {selector: {matchLabels: {app: cart, version: v2}}, accessLogging: [{disabled: true}]}   # both select cart v2',
  },
};

/** Each Telemetry is told once, with the first of those that it meets. */
function clashes(model: Model, own: readonly Telemetry[]): Fault[] {
  const workloads = selectionIndex(model.workloadsIn(own[0]?.object.namespace ?? ''));
  const selectors = selectionIndex(own.map((one) => ({ one, namespace: one.object.namespace, labels: one.selector })));
  const first = new Map<Workload, Telemetry>();
  const told = new Map<Telemetry, Fault>();
  const tell = (one: Telemetry, other: Telemetry, whom: string) => {
    if (one.object.id !== other.object.id && !told.has(other) && !liveApart(one.object, other.object))
      told.set(other, fault(one, other, whom));
  };
  for (const one of own) {
    for (const workload of workloads(one.object.namespace, one.selector)) {
      const earlier = first.get(workload);
      if (earlier) tell(earlier, one, `${workload.object.kind} ${workload.name}`);
      else first.set(workload, one);
    }
  }
  // Without workloads to look at: what a longer selector selects, the shorter one selects too.
  for (const one of own)
    for (const { one: longer } of selectors(one.object.namespace, one.selector))
      if (!told.has(one) || !told.has(longer)) tell(...inOrder(own, one, longer), `workloads with ${labelText(longer.selector)}`);
  return [...told.values()];
}

function inOrder(own: readonly Telemetry[], a: Telemetry, b: Telemetry): [Telemetry, Telemetry] {
  return own.indexOf(a) < own.indexOf(b) ? [a, b] : [b, a];
}

function fault({ object: a }: Telemetry, { object: b }: Telemetry, whom: string): Fault {
  return {
    at: spotOf(b, ['spec', 'selector', 'matchLabels']),
    message: `${a.id} and ${b.id} both select ${whom}: which of them counts depends on their age`,
    hint: 'merge them, or make their selectors exclude each other',
  };
}
