/** Plain data as JSON knows it. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;

/** A plain JSON object. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/** Whether a value is a plain object (not null, not an array). */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Orders strings by code unit: the same on every machine, whatever its locale. */
export function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
