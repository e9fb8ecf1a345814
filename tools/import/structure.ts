import { byCodeUnit, isObject, type Json, type JsonObject } from '../../constructs/kit/json.ts';
import { UserError } from '../../constructs/kit/user-error.ts';

/** Keywords that hold one schema, a list of schemas, or schemas by name. */
const one = new Set(['items', 'additionalProperties', 'not']);
const many = new Set(['allOf', 'anyOf', 'oneOf']);
const named = new Set(['properties']);

/** Keywords that people read, or that (the CEL rules) no validator here reads. */
const prose = new Set(['description', 'title', 'example', 'externalDocs', 'x-kubernetes-validations']);

const types = new Set(['array', 'boolean', 'integer', 'number', 'object', 'string']);

/**
 * A schema (OpenAPI v3 of a CRD, or v2 of Kubernetes) without prose, its keywords in a fixed order.
 * A property that is named `description` stays.
 *
 * @param where names the schema in an error.
 * @throws UserError when a part of it is no schema, as in a file that was cut off.
 */
export function structureOf(schema: JsonObject, where: string): JsonObject {
  const kept: [string, Json][] = [];
  for (const keyword of Object.keys(schema).sort(byCodeUnit)) {
    const value = schema[keyword];
    if (value === undefined || prose.has(keyword)) continue;
    kept.push([keyword, keywordOf(keyword, value, where)]);
  }
  return Object.fromEntries(kept);
}

function keywordOf(keyword: string, value: Json, where: string): Json {
  if (one.has(keyword)) return typeof value === 'boolean' ? value : schemaAt(value, `${where}, ${keyword}`);
  if (many.has(keyword) && Array.isArray(value))
    return value.map((item, index) => schemaAt(item, `${where}, ${keyword} ${index}`));
  if (named.has(keyword) && isObject(value)) {
    const names = Object.keys(value).sort(byCodeUnit);
    return Object.fromEntries(names.map((name) => [name, schemaAt(value[name] ?? null, `${where}, ${name}`)]));
  }
  if (keyword === 'type' && !types.has(String(value))) return broken(where, `type ${JSON.stringify(value)}`);
  if (keyword === 'required' && Array.isArray(value)) return [...value].sort((a, b) => byCodeUnit(String(a), String(b)));
  if (many.has(keyword) || named.has(keyword)) return broken(where, `${keyword} ${JSON.stringify(value)}`);
  return value;
}

function schemaAt(value: Json, where: string): JsonObject {
  return isObject(value) ? structureOf(value, where) : broken(where, JSON.stringify(value));
}

function broken(where: string, given: string): never {
  throw new UserError(`${where}: ${given} is no schema, so the file is cut off or damaged: read it again`);
}
