import type { Json } from '../../../kit/json.ts';
import { remember } from '../../../kit/remember.ts';
import type { Path, ProofObject } from '../../types.ts';

/** A text of an object that may hold a credential by its looks. */
export interface Text {
  readonly path: Path;
  readonly value: string;
}

/** The texts of an object that hold a key or an address with a login: found by two words, so that most are passed over. */
export const suspectsIn: (object: ProofObject) => readonly Text[] = remember(({ json, kind }) =>
  kind === 'CustomResourceDefinition' || kind === 'Secret' || kind === 'SealedSecret' ? [] : textsIn(json),
);

/** Paths are put together from the end: most nodes hold nothing. */
function textsIn(node: Json): readonly Text[] {
  if (typeof node === 'string') return isSuspect(node) ? [{ path: [], value: node }] : NONE;
  if (typeof node !== 'object' || node === null) return NONE;
  const found: Text[] = [];
  for (const [key, value] of Array.isArray(node) ? node.entries() : Object.entries(node))
    for (const one of textsIn(value)) found.push({ path: [key, ...one.path], value: one.value });
  return found;
}

const NONE: readonly Text[] = [];

function isSuspect(value: string): boolean {
  return value.includes('PRIVATE KEY') || (value.includes('://') && (value.includes('@') || value.includes('hooks.slack')));
}

/** The line of a place within a text, counted from 1. */
export function lineOf(value: string, index: number): number {
  return value.slice(0, index).split('\n').length;
}
