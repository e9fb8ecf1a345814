import { text } from '../../json-path.ts';
import { isForeignGroup, isNamespaced } from '../../read/scope.ts';
import type { Rule } from '../../rule.ts';
import { spotOf } from '../../types.ts';

export const clusterScoped: Rule = {
  code: 'OBJ008',
  title: 'a cluster-scoped object with a namespace',
  severity: 'warning',
  run: (model) =>
    model.objects
      // The scope of a group that nobody here knows is a guess.
      .filter(({ group, kind }) => !isForeignGroup(group) && !isNamespaced(group, kind))
      .filter(({ json }) => text(json, 'metadata', 'namespace') !== undefined)
      .map((object) => ({
        at: spotOf(object, ['metadata', 'namespace']),
        message: `a ${object.kind} lives in no namespace, but "${text(object.json, 'metadata', 'namespace')}" is stated`,
        hint: 'remove metadata.namespace',
      })),
  docs: {
    cause:
      'Namespace, ClusterRole, GatewayClass and the like live in no namespace. The API server refuses or ignores the field, and tools that compare files with the cluster see a difference for ever.',
    fix: 'Remove the field.',
    example: 'kind: ClusterRole\nmetadata: {name: kiali, namespace: istio-system}',
  },
};
