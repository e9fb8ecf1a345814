import { byCodeUnit } from '../../kit/json.ts';
import { text } from '../json-path.ts';
import { crdProviders } from '../model/flux/crds.ts';
import { templateOf } from '../model/workloads.ts';
import type { ProofObject } from '../types.ts';
import type { RunbookFacts } from './facts.ts';
import { code, listed } from './markdown.ts';

/** The section that takes the stack away again: layers in reverse, then Istio, data and CRDs last. Empty where the layers are not known. */
export function removalSection(facts: RunbookFacts): string {
  const { layers = [] } = facts.model.world;
  const steps = layers.filter(({ variantOf }) => variantOf === undefined).map(({ name }) => name);
  if (steps.length === 0) return '';
  const kustomizations = layerKustomizations(facts, steps);
  const way = kustomizations.length > 0 ? byFlux(facts, kustomizations) : byKubectl(facts, steps);
  return ['## Take it away again', ...dataFirst(facts), ...way, ...crds(facts)].join('\n\n');
}

/** The Flux Kustomizations that apply the layers, in the order of the rollout. */
export function layerKustomizations(
  { model, stack }: Pick<RunbookFacts, 'model' | 'stack'>,
  steps: readonly string[],
): ProofObject[] {
  const all = model.kind('Kustomization').filter(({ group }) => group === 'kustomize.toolkit.fluxcd.io');
  const folder = ({ json }: ProofObject) => (text(json, 'spec', 'path') ?? '').replace(/\/$/, '').split('/').slice(-2);
  return steps.flatMap((step) => {
    const found = all.find((one) => {
      const [above = '', last] = folder(one);
      // A source may begin inside the stack: then the path is the layer alone.
      return last === step && [stack, '.', ''].includes(above);
    });
    return found ?? [];
  });
}

function byFlux({ model, stack }: RunbookFacts, kustomizations: readonly ProofObject[]): string[] {
  const [first] = kustomizations;
  const namespace = first?.namespace ?? 'flux-system';
  const names = kustomizations.map(({ name }) => name).reverse();
  const kind = (text(first?.json, 'spec', 'sourceRef', 'kind') ?? 'GitRepository').toLowerCase();
  const source = text(first?.json, 'spec', 'sourceRef', 'name') ?? stack;
  const releases = model.kind('HelmRelease').length > 0;
  return [
    'Flux removes the objects of a layer when its Kustomization goes. Deleted all at once they keep no order, and resources whose operator is gone first stay for ever: so one by one, in reverse. Each command waits until all is gone.',
    code([
      `flux suspend kustomization ${stack}   # only if Flux itself applies dist/${stack}/flux: it would put the layers back`,
      'for layer in \\',
      ...chunks(names).map((line, i, all) => `  ${line}${i === all.length - 1 ? '; do' : ' \\'}`),
      ...(releases
        ? [
            '  kubectl delete helmrelease --all-namespaces -l "kustomize.toolkit.fluxcd.io/name=$layer"   # while its namespace still stands',
          ]
        : []),
      `  kubectl -n ${namespace} delete kustomization "$layer"`,
      'done',
    ]),
    `${releases ? 'Helm releases, Istio among them, go with their layers. ' : ''}When one hangs, \`flux events --for Kustomization/NAME\` names the object. Then the source:`,
    code([
      `kubectl -n ${namespace} delete ${kind} ${source}`,
      `flux delete kustomization ${stack}   # if Flux itself applied dist/${stack}/flux`,
    ]),
  ];
}

/** A few names on each line. */
function chunks(names: readonly string[]): string[] {
  const lines: string[] = [];
  for (let i = 0; i < names.length; i += 4) lines.push(names.slice(i, i + 4).join(' '));
  return lines;
}

function byKubectl({ model, stack }: RunbookFacts, steps: readonly string[]): string[] {
  const variants = (model.world.layers ?? []).some(({ variantOf }) => variantOf !== undefined);
  const remove = (layer: string) => `kubectl delete -k dist/${stack}/${layer} --ignore-not-found`;
  return [
    ...(variants ? ['A variant that lies on top goes first:', code([remove('VARIANT')])] : []),
    'Layer by layer, in reverse; each command waits until its objects are gone.',
    code([...steps].reverse().map(remove)),
    ...istio(model.objects, model.world.claim !== undefined),
  ];
}

/** How Istio goes, by how it came. */
function istio(objects: readonly ProofObject[], claimed: boolean): string[] {
  if (objects.some(({ kind, group }) => kind === 'IstioOperator' && group === 'install.istio.io'))
    return ['Then Istio, with its webhooks and cluster roles:', code(['istioctl uninstall --purge -y'])];
  return claimed ? ['Istio was there before this stack, and stays.'] : [];
}

/** What is lost on the way, said before anything is deleted. */
function dataFirst({ model }: RunbookFacts): string[] {
  const namespaces = model
    .kind('Namespace')
    .map(({ name }) => `\`${name}\``)
    .sort(byCodeUnit);
  const keeps = model.objects.some((one) => one.kind === 'PersistentVolumeClaim' || one.kind === 'HelmRelease' || claims(one));
  const gone =
    namespaces.length > 0
      ? `All that is in ${listed(namespaces)} goes with the layer that holds the Namespace, also what others put there.`
      : '';
  return [
    ...(gone === '' ? [] : [gone]),
    ...(keeps
      ? [
          'Data goes with it. To keep a volume, before you begin:',
          code([
            'kubectl get pvc --all-namespaces',
            `kubectl patch pv VOLUME -p '{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}'`,
          ]),
        ]
      : []),
  ];
}

function claims(object: ProofObject): boolean {
  return templateOf(object) !== undefined && JSON.stringify(object.json).includes('"volumeClaimTemplates"');
}

/** The definitions that no uninstall takes away. */
function crds({ model }: RunbookFacts): string[] {
  const operator = model.kind('IstioOperator').length > 0;
  const found = crdProviders(model.objects).flatMap(({ groups }) => groups);
  const groups = [...new Set([...(operator ? ['istio.io'] : []), ...found].map(family))].sort(byCodeUnit);
  if (groups.length === 0) return [];
  const pattern = `[.](${groups.map((one) => one.replaceAll('.', '[.]')).join('|')})$`;
  return [
    'The CRDs stay, so that a mistake costs nothing. Last, and only if nobody else in the cluster uses these kinds, for each takes every object of its kind with it:',
    code([
      `kubectl get crd -o name | grep -E '${pattern}'   # look first`,
      `kubectl get crd -o name | grep -E '${pattern}' | xargs kubectl delete`,
    ]),
  ];
}

/** The last two labels of a group stand for all groups of its kin: `istio.io`; of others' domains, the whole. */
function family(group: string): string {
  return /(^|\.)(istio|cert-manager)\.io$/.test(group) ? group.split('.').slice(-2).join('.') : group;
}
