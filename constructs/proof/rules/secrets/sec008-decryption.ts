import { at, items } from '../../json-path.ts';
import { isPatched } from '../../model/flux/patched.ts';
import { KUSTOMIZE_GROUP, objectsOf } from '../../model/flux/references.ts';
import { rolloutOf } from '../../model/flux/steps.ts';
import type { Model } from '../../model/model.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, spotOf } from '../../types.ts';
import { isEncrypted } from './sec001-plain-secret.ts';

export const decryption: Rule = {
  code: 'SEC008',
  title: 'an encrypted Secret that Flux does not decrypt',
  severity: 'error',
  run: (model) => {
    const encrypted = model.objects.filter(isEncrypted);
    if (encrypted.length === 0 || isHandedDown(model)) return [];
    const { steps } = rolloutOf(model);
    return encrypted.flatMap((object): Fault[] => {
      const delivering = steps.filter(({ objects }) => objects.includes(object));
      const [first] = delivering;
      if (!first) return [];
      if (delivering.some((step) => at(step.object.json, 'spec', 'decryption') !== undefined || isPatched(model, step.object)))
        return [];
      return [
        {
          at: spotOf(object, ['sops']),
          message: `is encrypted by SOPS, and ${first.object.id}, which delivers it, has no decryption`,
          hint: `add decryption: {provider: sops, secretRef: {name: ...}} to ${first.object.id}`,
          cause: `decryption of ${first.object.id} ${first.object.origin.file ?? ''}`,
        },
      ];
    });
  },
  docs: {
    cause:
      'A file that SOPS has encrypted lies in the folder of a Flux Kustomization without `decryption`: the API server gets `ENC[...]` and the field `sops`, and refuses it or makes a Secret of rubbish. Said only where the input holds the Kustomization.',
    fix: 'Add `decryption: {provider: sops, secretRef: {name: sops-age}}` to the Kustomization.',
    example: 'kind: Kustomization   # of Flux\nspec: {path: ./monitoring}   # ./monitoring/secret.yaml has the field sops',
  },
};

/** Whether a Flux Kustomization patches decryption into those that it applies. */
function isHandedDown(model: Model): boolean {
  return objectsOf(model, { group: KUSTOMIZE_GROUP, kind: 'Kustomization' }).some(({ json }) =>
    items(json, 'spec', 'patches').some((one) => JSON.stringify(one).includes('decryption')),
  );
}
