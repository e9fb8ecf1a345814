import { nearest } from '../../../kit/nearest.ts';
import { strings } from '../../json-path.ts';
import { selectionIndex } from '../../model/selection.ts';
import { labelText, selects, type Workload } from '../../model/workloads.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, spotOf } from '../../types.ts';

export const servicePods: Rule = {
  code: 'REF012',
  title: 'a Service selects no pods',
  severity: 'warning',
  run: (model) => {
    const selected = selectionIndex(model.workloads);
    const takesSpans = new Set(model.hops.all.flatMap(({ service }) => service ?? []));
    return model.services.all.flatMap((service): Fault[] => {
      const { object, created, selector, namespace, id } = service;
      if (created || selector.size === 0 || !model.isKnown(namespace) || selected(namespace, selector).length > 0) return [];
      const workloads = model.workloadsIn(namespace).filter((workload) => workload.podSpec !== undefined);
      if (workloads.length === 0 || workloads.some((one) => isSelected(selector, one)) || isOperatorsOwn(selector)) return [];
      // An operator makes pods from such an object, under labels that hold its name.
      const owners = model.services.inNamespace(namespace).flatMap((service) => (service.created ? [service.object] : []));
      const makers = [...owners, ...model.makersIn(namespace)];
      if (makers.some((maker) => [...selector.values()].some((value) => value.includes(maker.name)))) return [];
      const values = [...selector].flatMap(([key, value]) => {
        const known = workloads.flatMap((workload) => workload.labels.get(key) ?? []);
        const near = known.includes(value) ? undefined : nearest(value, known);
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

/** By the labels of the template alone: where the selector of the workload differs, that is a fault of its own (OBJ010). */
function isSelected(selector: ReadonlyMap<string, string>, { object, podSpec }: Workload): boolean {
  return podSpec !== undefined && selects(selector, strings(object.json, ...podSpec.slice(0, -1), 'metadata', 'labels'));
}

/** Pods of an operator's or installer's making, which the input does not hold. */
function isOperatorsOwn(selector: ReadonlyMap<string, string>): boolean {
  if (selector.has('app.kubernetes.io/managed-by') || selector.has('gateway.networking.k8s.io/gateway-name')) return true;
  return ['app', 'istio'].some((key) =>
    /^(istiod|pilot|istio-.*|(in|e)gressgateway|eastwestgateway)$/.test(selector.get(key) ?? ''),
  );
}
