import { isDeepStrictEqual } from 'node:util';
import { groupBy } from '../../group-by.ts';
import { at, text } from '../../json-path.ts';
import { foldersAbove } from '../../model/flux/folders.ts';
import { KUSTOMIZE_GROUP } from '../../model/flux/references.ts';
import { rolloutOf, type Step } from '../../model/flux/steps.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, spotOf } from '../../types.ts';

export const twoOwners: Rule = {
  code: 'FLX010',
  title: 'two Flux Kustomizations apply the same files',
  severity: 'warning',
  run: (model) => {
    const { steps, isBeside } = rolloutOf(model);
    const byFolder = groupBy(steps, ({ folder }) => folder);
    return steps.flatMap((inner) =>
      [...new Set([inner.folder, ...foldersAbove(inner.folder)])]
        .flatMap((folder) => byFolder.get(folder) ?? [])
        .filter((outer) => isBeside(inner, outer))
        .flatMap((outer) => faultOf(inner, outer) ?? []),
    );
  },
  docs: {
    cause:
      'The path of one Flux Kustomization lies inside of that of another, so both apply what is there: order and health checks of the inner one count for nothing, and with `prune: true` the one deletes what the other still wants once a file moves.',
    fix: 'Give each its own folder, or put a kustomization.yaml into the outer folder that leaves the inner one out.',
    example:
      '# two Kustomizations of one cluster\nmetadata: {name: flux-system}\nspec: {path: ./clusters/prod}\n---\nmetadata: {name: apps}\nspec: {path: ./clusters/prod/apps}',
  },
};

function faultOf(inner: Step, outer: Step): Fault | undefined {
  const same = inner.folder === outer.folder;
  if (same && (inner.object.id >= outer.object.id || !changesAlike(inner, outer))) return undefined;
  if ([inner, outer].some(({ object }) => text(object.json, 'spec', 'targetNamespace') !== undefined)) return undefined;
  const applied = new Set(outer.objects);
  // Kustomizations made twice alike do no harm: it is what they apply that has two owners.
  const first = inner.objects.find((object) => object.group !== KUSTOMIZE_GROUP && applied.has(object));
  if (!first) return undefined;
  const prunes = [inner, outer].every(({ object }) => at(object.json, 'spec', 'prune') === true);
  return {
    at: spotOf(inner.object, ['spec', 'path']),
    message: `${outer.object.id} applies the same files, ${first.id} for one${prunes ? ': with prune: true in both, each deletes what only the other still wants' : ''}`,
    hint: `give each a folder of its own, or leave this one out with a kustomization.yaml in ${outer.folder}`,
    cause: `two owners ${outer.object.id} ${outer.folder}`,
  };
}

/** Whether two steps of one folder make the same objects of it. */
function changesAlike(a: Step, b: Step): boolean {
  return ['postBuild', 'patches', 'namePrefix', 'nameSuffix', 'components', 'kubeConfig', 'images'].every((field) =>
    isDeepStrictEqual(at(a.object.json, 'spec', field), at(b.object.json, 'spec', field)),
  );
}
