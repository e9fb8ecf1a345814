import type { Rule } from '../../rule.ts';
import { spotOf } from '../../types.ts';
import { isPrepared, wantingResources } from './custom-resources.ts';

export const crdInStep: Rule = {
  code: 'FLX004',
  title: 'a custom resource in one Flux step with the release that brings its kind',
  severity: 'error',
  run: (model) =>
    wantingResources(model)
      .filter((one) => one.is === 'beside')
      .map(({ step, resource, provider }) => ({
        at: spotOf(resource, ['apiVersion']),
        ...(isPrepared(model) ? { severity: 'warning' as const } : {}),
        message: `the kind comes with ${provider.object.id}, which the same ${step.object.id} applies: Flux checks the whole step first, finds no such kind and applies none of it`,
        hint: `put it into a step of its own that depends on ${step.object.name}`,
        cause: `crds ${provider.object.id} in ${step.object.id}`,
      })),
  docs: {
    cause:
      'A HelmRelease and a custom resource of a kind that its chart installs lie under the path of one Flux Kustomization. Flux asks the API server to check all objects of a step before it applies any; in a cluster that does not have the kind yet this fails (`no matches for kind`), so the release is never made. CRDs as files of their own are fine: Flux applies those first. It is a warning where the repository also holds a bootstrap folder or a helmfile, which may bring the kinds beforehand.',
    fix: 'Put custom resources into a second Kustomization that depends on the first, which has `wait: true`.',
    example:
      '# ./infrastructure, one Flux Kustomization\nkind: HelmRelease\nmetadata: {name: metallb, namespace: metallb-system}\n---\napiVersion: metallb.io/v1beta1\nkind: IPAddressPool',
  },
};
