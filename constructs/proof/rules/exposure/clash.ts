import { rolloutOf } from '../../model/flux/steps.ts';
import type { Model } from '../../model/model.ts';
import type { Fault, ProofObject } from '../../types.ts';
import { APART, apartCause, liveApart } from '../apart.ts';

/** Whether two objects may be of two environments: plain files of different folders state them, and Flux does not apply both to one cluster. */
export function areApart(model: Model, a: ProofObject, b: ProofObject): boolean {
  if (!liveApart(a, b)) return false;
  const { applying, isBeside } = rolloutOf(model);
  const [one] = applying(a);
  const [other] = applying(b);
  return !one || !other || (one !== other && !isBeside(one, other));
}

/** The fault of two objects that claim the same thing: a warning where they may be of two environments. */
export function clash(model: Model, first: ProofObject, second: ProofObject, fault: Fault): Fault {
  if (!areApart(model, first, second)) return fault;
  return { ...fault, hint: APART, severity: 'warning', cause: apartCause([first, second]) };
}
