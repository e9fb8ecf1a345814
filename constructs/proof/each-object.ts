import { remember } from '../kit/remember.ts';
import type { Model } from './model/model.ts';
import type { Fault, ProofObject } from './types.ts';

/** Judges each object by itself. A stack and its variants share most of their objects: what is said of one is said once and remembered. */
export function eachObject(judge: (object: ProofObject) => readonly Fault[]): (model: Model) => readonly Fault[] {
  const faultsOf = remember(judge);
  return (model) => model.objects.flatMap(faultsOf);
}
