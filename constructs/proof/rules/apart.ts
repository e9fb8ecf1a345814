import { dirname } from 'node:path';
import type { ProofObject } from '../types.ts';

/** The folder of a plain file's object; undefined for an object of a synth or a stack, which is applied as one with the others. */
function folderOf({ origin }: ProofObject): string | undefined {
  return origin.construct === null && origin.file !== null ? dirname(origin.file) : undefined;
}

/** Whether plain files of different folders state objects: most likely two environments, which never meet in one cluster. */
export function liveApart(a: ProofObject, b: ProofObject): boolean {
  const [one, other] = [folderOf(a), folderOf(b)];
  return one !== undefined && other !== undefined && one !== other;
}

/** The cause that all clashes of the same folders have in common. */
export function apartCause(objects: readonly ProofObject[]): string {
  return `folders ${[...new Set(objects.map(folderOf))].sort().join(' and ')}`;
}

/** What to do about a clash of objects that live apart. */
export const APART = 'two environments? check each folder by itself';
