import { dependencies, HELM_GROUP, KUSTOMIZE_GROUP, objectsOf } from '../../model/flux/references.ts';
import type { Rule } from '../../rule.ts';
import { missingReference } from './missing.ts';

/** The kinds of Flux that wait for each other. */
export const WAITING = [
  { group: KUSTOMIZE_GROUP, kind: 'Kustomization' },
  { group: HELM_GROUP, kind: 'HelmRelease' },
] as const;

export const dependsOn: Rule = {
  code: 'FLX001',
  title: 'Flux waits for what is not there',
  severity: 'error',
  run: (model) =>
    WAITING.flatMap((kind) => objectsOf(model, kind))
      .flatMap(dependencies)
      .flatMap((reference) => missingReference(model, reference) ?? []),
  docs: {
    cause:
      'A Flux Kustomization names another in `dependsOn`, or a HelmRelease another HelmRelease, and there is none of that name in that namespace (by default its own). Flux waits for it for ever and applies nothing. It is a warning where the name is unlike all others there, for it may be kept in another repository.',
    fix: 'Correct the name, or state the namespace.',
    example:
      'kind: Kustomization\nmetadata: {name: apps, namespace: flux-system}\nspec: {dependsOn: [{name: infra-config}]}   # it is infra-configs',
  },
};
