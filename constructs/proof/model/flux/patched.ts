import { normalize } from 'node:path';
import { remember } from '../../../kit/remember.ts';
import { items } from '../../json-path.ts';
import type { ProofObject } from '../../types.ts';
import type { Model } from '../model.ts';
import { rolloutOf } from './steps.ts';

/** Whether a kustomization, or a patch of Flux, may change an object before it is applied. */
export function isPatched(model: Model, object: ProofObject): boolean {
  const { file } = object.origin;
  if (file === null) return false;
  if (patchedFiles(model).has(normalize(file))) return true;
  return rolloutOf(model)
    .applying(object)
    .some((step) => ['patches', 'components'].some((field) => items(step.object.json, 'spec', field).length > 0));
}

/** The files to which some kustomization applies patches. */
const patchedFiles = remember((model: Model): ReadonlySet<string> => {
  const { folders } = rolloutOf(model);
  const patching = model.world.tree?.patching ?? new Set();
  return new Set([...patching].flatMap((folder) => [...folders.appliedFrom(folder)]));
});
