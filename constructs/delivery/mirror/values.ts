import type { Json, JsonObject } from '../../kit/json.ts';
import { isObject } from '../../kit/json.ts';

/** What stands at a path of values: 'controller.image.tag'. */
export function valueAt(values: JsonObject, path: string): Json | undefined {
  let value: Json | undefined = values;
  for (const key of path.split('.')) value = isObject(value) ? value[key] : undefined;
  return value;
}

/** The text there; numbers are written as tags by some. */
export function textAt(values: JsonObject, path: string | undefined): string | undefined {
  const value = path === undefined ? undefined : valueAt(values, path);
  return typeof value === 'number' ? String(value) : typeof value === 'string' && value !== '' ? value : undefined;
}

/** The values with something else at a path. */
export function withValue(values: JsonObject, path: string, value: Json): JsonObject {
  const [key = '', ...rest] = path.split('.');
  if (rest.length === 0) return { ...values, [key]: value };
  const inner = values[key];
  return { ...values, [key]: withValue(isObject(inner) ? inner : {}, rest.join('.'), value) };
}

/** The values without what stands at a path. */
export function withoutValue(values: JsonObject, path: string): JsonObject {
  const [key = '', ...rest] = path.split('.');
  const inner = values[key];
  if (inner === undefined) return values;
  if (rest.length > 0) return isObject(inner) ? { ...values, [key]: withoutValue(inner, rest.join('.')) } : values;
  const { [key]: _, ...others } = values;
  return others;
}

/** The list there with the names that it lacks, as names or as `{ name }`. */
export function withNames(values: JsonObject, path: string, names: readonly string[], as: 'names' | 'objects'): JsonObject {
  const present = valueAt(values, path);
  const list = Array.isArray(present) ? present : [];
  const has = (name: string) => list.some((item: Json) => item === name || (isObject(item) && item.name === name));
  const missing = names.filter((name) => !has(name)).map((name) => (as === 'names' ? name : { name }));
  return missing.length === 0 ? values : withValue(values, path, [...list, ...missing]);
}

/** Whether something is switched on, or said at all, there. */
export function isSet(values: JsonObject, path: string): boolean {
  const value = valueAt(values, path);
  return value !== undefined && value !== null && value !== false && value !== '';
}
