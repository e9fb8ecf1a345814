import { isObject, type Json, type JsonObject } from '../../../constructs/kit/json.ts';

/** How a mesh config that somebody rendered stands to the one that was meant. */
export interface MeshConfigDifference {
  /** Paths that are not there, or have another value. */
  readonly lost: readonly string[];
  /** Paths that only the rendered one has. */
  readonly added: readonly string[];
}

/** Compares key by key; the order of keys says nothing, that of lists does. */
export function compareMeshConfigs(meant: JsonObject, rendered: JsonObject): MeshConfigDifference {
  const lost: string[] = [];
  const added: string[] = [];
  const visit = (a: Json | undefined, b: Json | undefined, path: string): void => {
    if (isObject(a) && isObject(b)) {
      for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) visit(a[key], b[key], path ? `${path}.${key}` : key);
    } else if (Array.isArray(a) && Array.isArray(b) && a.length === b.length) {
      for (const [i, one] of a.entries()) visit(one, b[i], `${path}[${i}]`);
    } else if (a === undefined) added.push(path);
    else if (a !== b) lost.push(`${path} is ${b === undefined ? 'not there' : JSON.stringify(b)}, not ${JSON.stringify(a)}`);
  };
  visit(meant, rendered, '');
  return { lost, added };
}
