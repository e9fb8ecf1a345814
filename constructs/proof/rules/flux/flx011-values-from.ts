import { nearest } from '../../../kit/nearest.ts';
import { at, items, text } from '../../json-path.ts';
import { HELM_GROUP, KUSTOMIZE_GROUP, objectsOf } from '../../model/flux/references.ts';
import type { Model } from '../../model/model.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, type Path, type ProofObject, spotOf } from '../../types.ts';
import { namesLike } from './missing.ts';
import { secretNames } from './secrets.ts';

export const valuesFrom: Rule = {
  code: 'FLX011',
  title: 'values from a ConfigMap or Secret whose name is nearly right',
  severity: 'warning',
  run: (model) => [
    ...objectsOf(model, { group: HELM_GROUP, kind: 'HelmRelease' }).flatMap((object) =>
      faultsAt(model, object, ['spec', 'valuesFrom']),
    ),
    ...objectsOf(model, { group: KUSTOMIZE_GROUP, kind: 'Kustomization' }).flatMap((object) =>
      faultsAt(model, object, ['spec', 'postBuild', 'substituteFrom']),
    ),
  ],
  docs: {
    cause:
      'A HelmRelease takes values, or a Kustomization its variables, from a ConfigMap or Secret that the input does not hold, and the input holds one of nearly that name in the namespace. Flux does not go on without it, unless it is `optional`. Names unlike all others are not told: Secrets are often made elsewhere.',
    fix: 'Correct the name.',
    example:
      'kind: HelmRelease\nspec: {valuesFrom: [{kind: ConfigMap, name: monitoring-value}]}   # the ConfigMap is monitoring-values',
  },
};

function faultsAt(model: Model, object: ProofObject, path: Path): Fault[] {
  return items(object.json, ...path).flatMap((entry, i): Fault[] => {
    const [kind, name] = [text(entry, 'kind'), text(entry, 'name')];
    if (kind === undefined || name === undefined || name.includes('${') || at(entry, 'optional') === true) return [];
    const known = namesOf(model, kind, object.namespace);
    const near = known.includes(name) ? undefined : nearest(name, namesLike(name, known));
    if (near === undefined) return [];
    const message = `there is no ${kind} ${name} in namespace ${object.namespace}`;
    return [
      {
        at: spotOf(object, [...path, i, 'name']),
        message,
        hint: `did you mean "${near}"?`,
        cause: `flux ${kind} ${object.namespace}/${name}`,
      },
    ];
  });
}

/** The ConfigMaps or Secrets of a namespace, with those that others make. */
function namesOf(model: Model, kind: string, namespace: string): readonly string[] {
  if (kind === 'Secret') return secretNames(model, namespace);
  const stated = model.kind(kind).filter((object) => object.namespace === namespace);
  return [...stated.map(({ name }) => name), ...model.world.generated];
}
