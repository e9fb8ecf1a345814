import { nearest } from '../../../kit/nearest.ts';
import type { Telemetry } from '../../model/mesh/telemetry.ts';
import type { Model } from '../../model/model.ts';
import { selectionIndex } from '../../model/selection.ts';
import { labelText, selects } from '../../model/workloads.ts';
import type { Rule } from '../../rule.ts';
import { spotOf } from '../../types.ts';
import { rootNamespaces } from './scopes.ts';

export const selectsNothing: Rule = {
  code: 'TRC082',
  title: 'a Telemetry selects no workload of its namespace',
  severity: 'warning',
  run: (model) => {
    const roots = rootNamespaces(model);
    const selected = selectionIndex(model.workloads);
    return model.telemetries
      .filter((one) => isShown(model, one) && selected(one.object.namespace, one.selector).length === 0)
      .map(({ object, selector }) => ({
        at: spotOf(object, ['spec', 'selector', 'matchLabels']),
        message: `no workload of namespace ${object.namespace} has ${labelText(selector)}, so this Telemetry does nothing`,
        hint: hintOf(model, object.namespace, selector, roots),
      }));
  },
  docs: {
    cause:
      'Istio looks for the workloads of a selector in the Telemetry’s own namespace, also in the root namespace: there, only an object without a selector reaches other namespaces.',
    fix: 'Correct the labels, or move the object to the namespace of the workloads.',
    example:
      'metadata: {name: cart, namespace: istio-system}   # the workload cart is in namespace shop\nspec: {selector: {matchLabels: {app: cart}}}',
  },
};

/** Whether a selector that selects nothing can be told from one whose workloads the input does not show. */
function isShown(model: Model, { selector, object: { namespace } }: Telemetry): boolean {
  if (selector.size === 0 || !model.isKnown(namespace) || model.makersIn(namespace).length > 0) return false;
  // Pods of waypoints and gateways come from Gateway resources; Istio adds its own labels to pods.
  return ![...selector.keys()].some((key) => /istio\.io\/|gateway\.networking\.k8s\.io\//.test(key));
}

function hintOf(model: Model, namespace: string, selector: ReadonlyMap<string, string>, roots: ReadonlySet<string>): string {
  const elsewhere = model.workloads.find((one) => one.namespace !== namespace && selects(selector, one.labels));
  if (elsewhere) return `move it to namespace ${elsewhere.namespace}, where ${elsewhere.object.kind} ${elsewhere.name} has them`;
  for (const [key, value] of selector) {
    const values = model.workloadsIn(namespace).flatMap(({ labels }) => labels.get(key) ?? []);
    const near = nearest(value, new Set(values));
    if (near !== undefined) return `did you mean "${key}: ${near}"?`;
  }
  return roots.has(namespace)
    ? 'leave the selector out to reach the whole mesh, or move it to the namespace of the workloads'
    : 'use labels of a workload of the same namespace';
}
