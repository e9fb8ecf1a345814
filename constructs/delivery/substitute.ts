import { isObject, type Json, type JsonObject } from '../kit/json.ts';

const annotation = 'kustomize.toolkit.fluxcd.io/substitute';

/**
 * The object, kept from Flux's variable substitution when a string in it (key or value) holds `${`, as Grafana's variables do, or `$$`, its escape
 * for them.
 *
 * Flux 2.9 fails on a variable that is not set and makes `$` of `$$`, and the escape `$${` would reach the cluster as it is under plain kubectl; so the
 * object gets the annotation `kustomize.toolkit.fluxcd.io/substitute: disabled`. A value that the user gave that annotation stays.
 * Returns the object itself when there is nothing to guard.
 */
export function guardSubstitution(object: JsonObject): JsonObject {
  if (!holdsVariable(object)) return object;
  const metadata = isObject(object.metadata) ? object.metadata : {};
  const annotations = isObject(metadata.annotations) ? metadata.annotations : {};
  if (annotation in annotations) return object;
  return { ...object, metadata: { ...metadata, annotations: { ...annotations, [annotation]: 'disabled' } } };
}

/** What the substitution changes (fluxcd/pkg/envsubst). */
const touched = /\$[{$]/;

function holdsVariable(value: Json): boolean {
  if (typeof value === 'string') return touched.test(value);
  if (value === null || typeof value !== 'object') return false;
  if (!isObject(value)) return value.some(holdsVariable);
  for (const key in value) if (touched.test(key) || holdsVariable(value[key] ?? null)) return true;
  return false;
}
