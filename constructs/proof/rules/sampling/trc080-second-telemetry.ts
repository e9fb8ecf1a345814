import { groupBy } from '../../group-by.ts';
import { text } from '../../json-path.ts';
import type { Telemetry } from '../../model/mesh/telemetry.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, spotOf } from '../../types.ts';
import { APART, apartCause, liveApart } from '../apart.ts';
import { rootNamespaces } from './scopes.ts';

export const secondTelemetry: Rule = {
  code: 'TRC080',
  title: 'two Telemetry objects for one whole namespace',
  severity: 'error',
  run: (model) => {
    const roots = rootNamespaces(model);
    const wide = model.telemetries.filter((one) => one.wide);
    return [...groupBy(wide, ({ object, revision }) => `${object.namespace} ${revision}`).values()].flatMap((same) => {
      const distinct = [...new Map(same.map((one) => [one.object.id, one])).values()];
      return distinct.length > 1 ? clash(distinct, roots) : [];
    });
  },
  docs: {
    cause:
      'Of the Telemetry objects of a namespace that have neither a selector nor a target, Istio reads the oldest alone; the others do nothing, whatever they say (`istioctl analyze`: IST0160). Which one is the oldest, the files do not tell. Tracing and access log of a namespace go into one object.',
    fix: 'Merge their specs into one object.',
    example:
      'kind: Telemetry\nmetadata: {name: tracing, namespace: istio-system}\nspec: {tracing: [{providers: [{name: otel}]}]}\n---\nkind: Telemetry\nmetadata: {name: logging, namespace: istio-system}   # does nothing, or the first does\nspec: {accessLogging: [{providers: [{name: envoy}]}]}',
  },
};

function clash(same: readonly Telemetry[], roots: ReadonlySet<string>): Fault[] {
  const [first, second] = same.map((one) => one.object);
  if (!first || !second) return [];
  // Whoever applies them says where: most likely not all to the same namespace.
  if (same.some(({ object }) => text(object.json, 'metadata', 'namespace') === undefined)) return [];
  const { namespace } = first;
  const scope = roots.has(namespace) ? 'the whole mesh' : `all of namespace ${namespace}`;
  const names = same.map(({ object }) => object.id);
  const fault: Fault = {
    at: spotOf(second, ['metadata', 'name']),
    message: `${names.join(' and ')} are both for ${scope}: Istio reads the oldest alone`,
    hint: 'merge their specs into one object, or give them selectors',
  };
  if (!same.every(({ object }, i) => same.slice(i + 1).every((other) => liveApart(object, other.object)))) return [fault];
  return [{ ...fault, hint: APART, severity: 'warning', cause: apartCause([first, second]) }];
}
