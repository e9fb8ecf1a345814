import { normalize } from 'node:path';
import { items } from '../../json-path.ts';
import type { ProofObject } from '../../types.ts';
import type { Model } from '../model.ts';
import { rolloutOf } from './steps.ts';

/** Whether a kustomization, or a patch of Flux, may change an object before it is applied. */
export function isPatched(model: Model, object: ProofObject): boolean {
  const { file } = object.origin;
  if (file === null) return false;
  const { folders, steps } = rolloutOf(model);
  const patching = model.world.tree?.patching ?? new Set();
  if ([...patching].some((folder) => folders.appliedFrom(folder).has(normalize(file)))) return true;
  return steps.some(
    (step) =>
      ['patches', 'components'].some((field) => items(step.object.json, 'spec', field).length > 0) &&
      step.objects.includes(object),
  );
}
