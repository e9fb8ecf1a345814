import { crdProviders, releasesWithoutCrds } from '../../model/flux/crds.ts';
import { isPatched } from '../../model/flux/patched.ts';
import { KUSTOMIZE_GROUP, objectsOf } from '../../model/flux/references.ts';
import { sourceOf } from '../../model/flux/root.ts';
import { rolloutOf } from '../../model/flux/steps.ts';
import type { Model } from '../../model/model.ts';
import { chartReleases } from '../../read/charts.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, spotOf } from '../../types.ts';
import { isPrepared } from '../flux/custom-resources.ts';

export const noCrds: Rule = {
  code: 'HLM009',
  title: 'a chart without its CRDs, which nothing else brings',
  severity: 'warning',
  run: (model) => {
    const left = releasesWithoutCrds(model.objects);
    if (left.length === 0 || mayComeFromElsewhere(model)) return [];
    const brought = new Set(crdProviders(model.objects).flatMap(({ groups }) => groups));
    return left.flatMap(({ release, groups, value }): Fault[] => {
      const { object, chart, partial } = release;
      const wanting = model.objects.find(({ group }) => groups.includes(group) && !brought.has(group));
      if (!wanting || partial || isPatched(model, object)) return [];
      return [
        {
          at: spotOf(object, ['spec', 'values', ...value]),
          message: `chart ${chart} is told to leave out its CRDs, nothing here brings them, and ${wanting.id} is of one`,
          hint: `set it to true, or add the CRDs in an earlier step`,
        },
      ];
    });
  },
  docs: {
    cause:
      'The values of a HelmRelease keep its chart from installing CRDs (for cert-manager the default), no other release and no CRD of the input brings them, and custom resources of their kinds are applied: `no matches for kind`. Told only where the input shows the repository of the cluster, and takes in nothing from elsewhere.',
    fix: 'Let the chart install them (`crds: {enabled: true}`), or apply the CRDs in an earlier step.',
    example:
      'kind: HelmRelease   # of chart cert-manager; a ClusterIssuer is applied in a later step\nspec: {values: {crds: {enabled: false}}}',
  },
};

/** Whether the CRDs may come with what the input does not show: a URL in a kustomization, another repository, a chart of CRDs. */
function mayComeFromElsewhere(model: Model): boolean {
  const { root } = rolloutOf(model);
  if (!root || isPrepared(model)) return true;
  const taken = [...(model.world.tree?.kustomizations.values() ?? [])].flat();
  return (
    taken.some((path) => /https?:|github\.com|\?ref=|\.git\b/.test(path)) ||
    objectsOf(model, { group: KUSTOMIZE_GROUP, kind: 'Kustomization' }).some((one) => sourceOf(one) !== root.source) ||
    chartReleases(model.objects).some(({ chart }) => chart === undefined || chart.includes('crd'))
  );
}
