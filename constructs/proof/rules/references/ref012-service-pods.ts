import { nearest } from '../../../kit/nearest.ts';
import { strings } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import { selectionIndex } from '../../model/selection.ts';
import { labelText } from '../../model/workloads.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, spotOf } from '../../types.ts';
import { labelIndex } from '../traffic/label-index.ts';

export const servicePods: Rule = {
  code: 'REF012',
  title: 'a Service selects no pods',
  severity: 'warning',
  run: (model) => {
    const selected = selectionIndex(model.workloads);
    const besides = new Map<string, Beside>();
    const takesSpans = new Set(model.hops.all.flatMap(({ service }) => service ?? []));
    return model.services.all.flatMap((service): Fault[] => {
      const { object, created, selector, namespace, id } = service;
      if (created || selector.size === 0 || !model.isKnown(namespace) || selected(namespace, selector).length > 0) return [];
      const beside = besides.get(namespace) ?? besideIn(model, namespace);
      besides.set(namespace, beside);
      if (beside.isEmpty || beside.isSelected(selector) || isOperatorsOwn(selector)) return [];
      // An operator makes pods from such an object, under labels that hold its name.
      if (beside.makers.some((maker) => [...selector.values()].some((value) => value.includes(maker)))) return [];
      const values = [...selector].flatMap(([key, value]) => {
        const known = beside.values(key);
        const near = known.has(value) ? undefined : nearest(value, known);
        return near === undefined ? [] : [`did you mean ${key}=${near}?`];
      });
      return [
        {
          at: spotOf(object, ['spec', 'selector']),
          message: `selector ${labelText(selector)} matches no pods of namespace ${namespace}`,
          hint: values[0] ?? 'use the labels of the pod template it is for',
          cause: `pods of ${id}`,
          ...(takesSpans.has(service) && values[0] !== undefined ? { severity: 'error' } : {}),
        },
      ];
    });
  },
  docs: {
    cause:
      'The selector of a Service matches no workload of its namespace, though the input shows workloads there. Requests get 503. An error where spans are sent to the Service and near labels exist: none arrives.',
    fix: 'Use the labels of the pod template.',
    example: 'spec:\n  selector: {app: review}   # pods have app: reviews',
  },
};

/** What a namespace shows beside a Service: read once, for one mistake may be made in all its Services. */
interface Beside {
  readonly isEmpty: boolean;
  /** By the labels of the template alone: where the selector of the workload differs, that is a fault of its own (OBJ010). */
  isSelected(selector: ReadonlyMap<string, string>): boolean;
  /** Names of the objects from which operators make pods. */
  readonly makers: readonly string[];
  /** The values that a label has. */
  values(key: string): ReadonlySet<string>;
}

function besideIn(model: Model, namespace: string): Beside {
  const workloads = model.workloadsIn(namespace).filter(({ podSpec }) => podSpec !== undefined);
  const templates = workloads.map(({ object, podSpec = [] }) => ({
    namespace,
    labels: strings(object.json, ...podSpec.slice(0, -1), 'metadata', 'labels'),
  }));
  const selected = selectionIndex(templates);
  const owners = model.services.inNamespace(namespace).flatMap(({ created, object }) => (created ? [object] : []));
  return {
    isEmpty: workloads.length === 0,
    isSelected: (selector) => selected(namespace, selector).length > 0,
    makers: [...new Set([...owners, ...model.makersIn(namespace)].map(({ name }) => name))],
    values: labelIndex(workloads).values,
  };
}

/** Pods of an operator's or installer's making, which the input does not hold. */
function isOperatorsOwn(selector: ReadonlyMap<string, string>): boolean {
  if (selector.has('app.kubernetes.io/managed-by') || selector.has('gateway.networking.k8s.io/gateway-name')) return true;
  return ['app', 'istio'].some((key) =>
    /^(istiod|pilot|istio-.*|(in|e)gressgateway|eastwestgateway)$/.test(selector.get(key) ?? ''),
  );
}
