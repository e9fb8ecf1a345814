import { at, items, text } from '../../json-path.ts';
import { HELM_GROUP, KUSTOMIZE_GROUP, objectsOf, referenceAt } from '../../model/flux/references.ts';
import type { Model } from '../../model/model.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, type ProofObject, spotOf } from '../../types.ts';
import { missingReference } from './missing.ts';

export const healthCheck: Rule = {
  code: 'FLX009',
  title: 'a health check of what is not there',
  severity: 'error',
  run: (model) =>
    objectsOf(model, { group: KUSTOMIZE_GROUP, kind: 'Kustomization' }).flatMap((object) => faultsOf(model, object)),
  docs: {
    cause:
      'A Flux Kustomization is ready when the objects in its `healthChecks` are. One of them is not there under that name and namespace, so the Kustomization times out again and again, and all that depend on it wait. With `wait: true` the list is not read.',
    fix: 'Correct the name or namespace, or replace the list by `wait: true`.',
    example:
      'spec:\n  healthChecks: [{apiVersion: apps/v1, kind: Deployment, name: istio, namespace: istio-system}]   # the Deployment is istiod',
  },
};

const WORKLOADS = new Set(['Deployment', 'StatefulSet', 'DaemonSet']);

function faultsOf(model: Model, object: ProofObject): Fault[] {
  if (at(object.json, 'spec', 'wait') === true) return [];
  return items(object.json, 'spec', 'healthChecks').flatMap((check, i): Fault[] => {
    const path = ['spec', 'healthChecks', i];
    const [kind = '', apiVersion = ''] = [text(check, 'kind'), text(check, 'apiVersion')];
    const group = [HELM_GROUP, KUSTOMIZE_GROUP].find((one) => apiVersion.startsWith(`${one}/`));
    const reference = group === undefined ? undefined : referenceAt(object, path, { group, kind });
    if (reference) return [missingReference(model, reference) ?? []].flat();
    return [missingWorkload(model, object, path, kind) ?? []].flat();
  });
}

/** A workload in a namespace that the input shows as a whole. */
function missingWorkload(model: Model, object: ProofObject, path: readonly (string | number)[], kind: string): Fault | undefined {
  const [name, namespace = ''] = [text(object.json, ...path, 'name'), text(object.json, ...path, 'namespace')];
  if (name === undefined || !WORKLOADS.has(kind) || !model.isKnown(namespace) || model.makersIn(namespace).length > 0)
    return undefined;
  const workloads = model.workloadsIn(namespace);
  if (workloads.some((one) => one.created) || workloads.some(({ object: one }) => one.kind === kind && one.name === name))
    return undefined;
  const same = workloads.find(({ object: one }) => one.name === name);
  return {
    at: spotOf(object, [...path, 'name']),
    severity: 'warning',
    message: `there is no ${kind} ${name} in namespace ${namespace}`,
    hint: same
      ? `did you mean kind ${same.object.kind}?`
      : `name one of ${workloads
          .map((one) => one.object.name)
          .slice(0, 5)
          .join(', ')}`,
  };
}
