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

/** The cause that all clashes of the same environments have in common: the folders in which the paths part (`clusters/dev`, `clusters/prod`). */
export function apartCause(objects: readonly ProofObject[]): string {
  const paths = objects.map((object) => (folderOf(object) ?? '').split('/'));
  const [first = []] = paths;
  const shared = first.findIndex((step, i) => paths.some((path) => path[i] !== step));
  const depth = shared < 0 ? first.length + 1 : shared + 1;
  return `folders ${[...new Set(paths.map((path) => path.slice(0, depth).join('/')))].sort().join(' and ')}`;
}

/** What to do about a clash of objects that live apart. */
export const APART = 'two environments? check each folder by itself';
