import { basename, dirname, normalize } from 'node:path';
import { rolloutOf, type Step } from '../../model/flux/steps.ts';
import type { Model } from '../../model/model.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, spotOf } from '../../types.ts';

export const notForKubectl: Rule = {
  code: 'FLX008',
  title: 'a file under a Flux path that is no object of a cluster',
  severity: 'error',
  run: (model) => rolloutOf(model).steps.flatMap((step) => [...operators(model, step), ...strangers(model, step)]),
  docs: {
    cause:
      'Flux applies every YAML file under the path of a Kustomization, or all that the kustomization.yaml there lists. An IstioOperator file is an input of `istioctl install` and has had no CRD since Istio 1.24 (`no matches for kind`); values of a chart and other files without kind cannot be built. Either makes the whole step fail.',
    fix: 'Move the file out of the path, or add a kustomization.yaml that lists only the objects.',
    example:
      '# ./mesh/istio-operator.yaml, and a Flux Kustomization with path: ./mesh\napiVersion: install.istio.io/v1alpha1\nkind: IstioOperator',
  },
};

function operators(model: Model, { object, objects }: Step): Fault[] {
  if (!model.world.tree) return [];
  return objects
    .filter((one) => one.group === 'install.istio.io' && one.kind === 'IstioOperator')
    .map((one) => ({
      at: spotOf(one, ['kind']),
      message: `${object.id} applies it, and no cluster knows the kind since Istio 1.24: it is an input of istioctl install`,
      hint: 'move the file out of that path, or list the other files in a kustomization.yaml there',
      cause: `not for kubectl ${one.origin.file}`,
    }));
}

function strangers(model: Model, step: Step): Fault[] {
  const { tree } = model.world;
  const holding = new Set(step.objects.map(({ origin }) => normalize(origin.file ?? '')));
  const found = [...step.files].filter((file) => tree?.strangers.has(file)).sort();
  const [first] = found;
  if (!tree || first === undefined) return [];
  // Without a kustomization a .sourceignore file may leave it out, and nobody reads that here.
  const isListed = [...tree.kustomizations.values()].some((taken) => taken.includes(first));
  const what = holding.has(first) ? 'a document without kind' : 'no Kubernetes object';
  return [
    {
      at: spotOf(step.object, ['spec', 'path']),
      ...(isListed ? {} : { severity: 'warning' as const }),
      message: `${basename(first)} in ${dirname(first)} holds ${what}, and the Kustomization takes it in: the build fails`,
      hint: isListed
        ? 'take it off the resources in kustomization.yaml'
        : 'move it out of that path, or add a kustomization.yaml that lists the other files',
      cause: `not for kubectl ${first}`,
    },
  ];
}
