import { isObject, type Json, type JsonObject } from '../kit/json.ts';
import type { Path } from './types.ts';

const NOTHING: JsonObject = {};

/** The node at a path, or undefined where the path leads nowhere. */
export function at(json: Json | undefined, ...path: Path): Json | undefined {
  let node = json;
  for (const step of path) {
    if (typeof step === 'number') node = Array.isArray(node) ? node[step] : undefined;
    else node = isObject(node) && Object.hasOwn(node, step) ? node[step] : undefined;
  }
  return node;
}

/** The string at a path; undefined when it is something else or empty. */
export function text(json: Json | undefined, ...path: Path): string | undefined {
  const node = at(json, ...path);
  return typeof node === 'string' && node !== '' ? node : undefined;
}

/** The number at a path; a string of digits counts, as it does for Istio's own reader. */
export function number(json: Json | undefined, ...path: Path): number | undefined {
  const node = at(json, ...path);
  if (typeof node === 'number') return node;
  return typeof node === 'string' && /^\d+$/.test(node) ? Number(node) : undefined;
}

/** The list at a path; empty when there is none. */
export function items(json: Json | undefined, ...path: Path): readonly Json[] {
  const node = at(json, ...path);
  return Array.isArray(node) ? node : [];
}

/** The object at a path; empty when there is none. */
export function fields(json: Json | undefined, ...path: Path): JsonObject {
  const node = at(json, ...path);
  return isObject(node) ? node : NOTHING;
}

/** The string values of the object at a path: labels, annotations, selectors. */
export function strings(json: Json | undefined, ...path: Path): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(fields(json, ...path))) if (typeof value === 'string') found.set(key, value);
  return found;
}
