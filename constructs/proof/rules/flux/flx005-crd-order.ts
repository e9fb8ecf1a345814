import { isPatched } from '../../model/flux/patched.ts';
import { dependencies } from '../../model/flux/references.ts';
import type { Model } from '../../model/model.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, spotOf } from '../../types.ts';
import { isPrepared, type Wanting, wantingResources } from './custom-resources.ts';
import { missingReference } from './missing.ts';

export const crdOrder: Rule = {
  code: 'FLX005',
  title: 'a Flux step does not wait for the kinds that it needs',
  severity: 'warning',
  run: (model) =>
    isPrepared(model)
      ? []
      : wantingResources(model).flatMap((one, _, all) => {
          if (one.is === 'unordered') return isConsequence(model, one, all) ? [] : [unordered(one)];
          return one.is === 'early' && !isPatched(model, one.home.object) ? [early(one)] : [];
        }),
  docs: {
    cause:
      'A Flux Kustomization applies custom resources of a kind that another one brings (as CRDs, or by a HelmRelease), and does not name it in `dependsOn`: until the kind is there each try fails, and with it all other objects of the step. It is an info where it does depend on the other, but that one is ready at once because it neither has `wait: true` nor health checks.',
    fix: 'Add the dependency, and `wait: true` to the Kustomization of the release.',
    example:
      'kind: Kustomization\nmetadata: {name: infra-configs, namespace: flux-system}   # ClusterIssuers; dependsOn: [{name: infra-controllers}] is missing\nspec: {path: ./infrastructure/configs}',
  },
};

/** Whether a step waits in vain for something that is not there (FLX001), or for another step that lacks the same order: one cause. */
function isConsequence(model: Model, { step, home }: Wanting, all: readonly Wanting[]): boolean {
  const awaited = [step.object, ...step.before];
  return (
    awaited.some((object) => dependencies(object).some((reference) => missingReference(model, reference) !== undefined)) ||
    all.some((other) => other.is === 'unordered' && other.home === home && step.before.has(other.step.object))
  );
}

function unordered({ step, resource, provider, home }: Wanting): Fault {
  return {
    at: spotOf(step.object, ['spec', 'dependsOn']),
    message: `applies ${resource.id}, whose kind comes with ${provider.object.id} of ${home.object.id}, and does not wait for it`,
    hint: `add dependsOn: [{name: ${home.object.name}}]`,
    cause: `crds ${provider.object.id} not awaited`,
  };
}

function early({ step, resource, provider, home }: Wanting): Fault {
  return {
    at: spotOf(home.object, ['spec', 'wait']),
    severity: 'info',
    message: `is ready before ${provider.object.id} is installed, and ${step.object.id} then applies ${resource.id}, whose kind comes with it`,
    hint: 'add wait: true',
    cause: `crds early ${home.object.id}`,
  };
}
