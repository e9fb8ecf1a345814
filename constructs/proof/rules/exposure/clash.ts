import type { Fault, ProofObject } from '../../types.ts';
import { APART, apartCause, liveApart } from '../apart.ts';

/** The fault of two objects that claim the same thing: a warning where plain files of different folders state them. */
export function clash(first: ProofObject, second: ProofObject, fault: Fault): Fault {
  if (!liveApart(first, second)) return fault;
  return { ...fault, hint: APART, severity: 'warning', cause: apartCause([first, second]) };
}
