import { isPatched } from '../../model/flux/patched.ts';
import { dependencies, resolve } from '../../model/flux/references.ts';
import { rolloutOf } from '../../model/flux/steps.ts';
import type { Model } from '../../model/model.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, type ProofObject, spotOf } from '../../types.ts';
import { istioReleases } from './releases.ts';

export const gatewayOrder: Rule = {
  code: 'HLM004',
  title: 'a gateway that may start before istiod',
  severity: 'warning',
  run: (model) => {
    const releases = istioReleases(model);
    const control = releases.filter(({ chart }) => chart === 'istiod');
    const [istiod] = control;
    if (!istiod || control.length > 1) return [];
    return releases
      .filter(({ chart }) => chart === 'gateway')
      .flatMap(({ object }) => (comesAfter(model, object, istiod.object) ? [] : [faultOf(object, istiod.object)]));
  },
  docs: {
    cause:
      'The pods of Istio’s gateway chart have the image `auto`, which istiod replaces when they are made. Those that are made before istiod runs never start (ImagePullBackOff), and the release fails.',
    fix: 'Let the gateway’s HelmRelease depend on istiod’s, or put it into a later step that waits for it.',
    example:
      'kind: HelmRelease   # of chart gateway, beside that of istiod\nmetadata: {name: istio-ingressgateway, namespace: istio-ingress}\nspec: {dependsOn: []}   # istiod is missing',
  },
};

function faultOf(gateway: ProofObject, istiod: ProofObject): Fault {
  const namespace = gateway.namespace === istiod.namespace ? '' : `, namespace: ${istiod.namespace}`;
  return {
    at: spotOf(gateway, ['spec', 'dependsOn']),
    message: `nothing makes it wait for ${istiod.id}: pods that are made before istiod runs never start`,
    hint: `add dependsOn: [{name: ${istiod.name}${namespace}}]`,
  };
}

/** Whether the one is known to be made after the other, or nothing is known of their order. */
function comesAfter(model: Model, gateway: ProofObject, istiod: ProofObject): boolean {
  if (waitsFor(model, gateway, istiod, new Set()) || isPatched(model, gateway)) return true;
  const { steps } = rolloutOf(model);
  const [own, home] = [gateway, istiod].map((one) => steps.filter(({ objects }) => objects.includes(one)));
  // Without steps, or in a step that is not in the input, the two may be applied by hand, one after the other.
  if (!own?.length || !home?.length) return gateway.origin.file === null || gateway.origin.file !== istiod.origin.file;
  return own.every((step) => !home.includes(step) && home.some(({ object }) => step.before.has(object)));
}

function waitsFor(model: Model, from: ProofObject, to: ProofObject, seen: Set<ProofObject>): boolean {
  if (seen.has(from)) return false;
  seen.add(from);
  return dependencies(from)
    .flatMap((reference) => resolve(model, reference))
    .some((one) => one === to || waitsFor(model, one, to, seen));
}
