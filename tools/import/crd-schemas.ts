import { Ajv } from 'ajv';
import { byCodeUnit, isObject, type Json, type JsonObject } from '../../constructs/kit/json.ts';
import type { CutCrd } from './cut.ts';
import { objectMeta } from './object-meta.ts';
import type { SchemaModule } from './validators.ts';
import { valueRules } from './value-rules.ts';

const ajv = new Ajv({ strict: false });

/**
 * The JSON schemas of the kinds of one API group, which accept what an API server accepts under strict field validation:
 * unknown fields are refused except where the CRD preserves them, a field with a default may be left out or null, `status` is not looked at.
 * Every object with fields is a definition of its own, named by where it stands first; equal ones are one.
 */
export function crdSchemas(crds: readonly CutCrd[]): SchemaModule {
  const definitions: Record<string, JsonObject> = { ObjectMeta: objectMeta('subdomain') };
  const hoist = hoister(definitions);
  for (const { group, kind, version, sameAs, schema } of crds) {
    const required = listOf(schema.required).filter((name) => name !== 'status');
    const own = Object.entries(propertiesOf(schema)).filter(
      ([name]) => !['apiVersion', 'kind', 'metadata', 'status'].includes(name),
    );
    definitions[kind] = {
      type: 'object',
      additionalProperties: false,
      required: [...new Set(['apiVersion', 'kind', ...required])].sort(byCodeUnit),
      properties: {
        apiVersion: { enum: [version, ...sameAs].map((each) => `${group}/${each}`) },
        kind: { enum: [kind] },
        metadata: { $ref: '#/definitions/ObjectMeta' },
        ...Object.fromEntries(own.map(([name, property]) => [name, convert(property, `${kind}.${name}`, hoist)])),
        ...(isObject(schema.properties) && 'status' in schema.properties ? { status: {} } : {}),
      },
      ...composites(schema, schema, kind),
    };
  }
  const kinds = crds.map(({ group, kind, version, sameAs }) => ({
    apiVersions: [version, ...sameAs].map((each) => `${group}/${each}`),
    kind,
    definition: kind,
  }));
  return { name: crds[0]?.group ?? '', definitions, kinds };
}

type Hoist = (name: string, schema: JsonObject) => JsonObject;

/** Moves a schema into the definitions, or finds an equal one there, and gives the reference. */
function hoister(definitions: Record<string, JsonObject>): Hoist {
  const names = new Map<string, string>();
  return (path, schema) => {
    const text = JSON.stringify(schema);
    const known = names.get(text);
    if (known !== undefined) return { $ref: `#/definitions/${known}` };
    let name = path.replace(/[^\w.*-]/g, '_');
    while (name in definitions) name += '_';
    definitions[name] = schema;
    names.set(text, name);
    return { $ref: `#/definitions/${name}` };
  };
}

function convert(schema: JsonObject, path: string, hoist: Hoist): JsonObject {
  const rules: Record<string, Json> = { ...typeOf(schema), ...valueRules(schema, path), ...composites(schema, schema, path) };
  if (Array.isArray(rules.uniqueBy) && isObject(schema.items)) rules.uniqueBy = keyDefaults(rules.uniqueBy, schema.items);
  if (isObject(schema.items)) rules.items = convert(schema.items, path, hoist);
  if (schema.type !== 'object' || isObject(schema.additionalProperties)) {
    if (isObject(schema.additionalProperties))
      rules.additionalProperties = convert(schema.additionalProperties, `${path}.*`, hoist);
    return rules;
  }
  const properties = { ...embeddedFields(schema), ...propertiesOf(schema) };
  const required = listOf(schema.required).filter((name) => properties[name]?.default === undefined);
  if (required.length > 0) rules.required = required;
  if (schema['x-kubernetes-preserve-unknown-fields'] !== true && schema.additionalProperties !== true)
    rules.additionalProperties = false;
  const names = Object.entries(properties);
  if (names.length === 0) return rules;
  rules.properties = Object.fromEntries(names.map(([name, property]) => [name, convert(property, `${path}.${name}`, hoist)]));
  return hoist(path, rules);
}

/** A field with a default is set to it when it is left out, and also when it is null. */
function typeOf(schema: JsonObject): JsonObject {
  const orNull = schema.nullable === true || schema.default !== undefined ? ['null'] : [];
  const types =
    schema['x-kubernetes-int-or-string'] === true
      ? ['integer', 'string']
      : schema.type === undefined
        ? []
        : [String(schema.type)];
  const all = [...types, ...orNull];
  return {
    ...(types.length === 0 ? {} : { type: all.length === 1 ? (all[0] ?? '') : all }),
    ...(Array.isArray(schema.enum) ? { enum: orNull.length > 0 ? [...schema.enum, null] : schema.enum } : {}),
  };
}

function embeddedFields(schema: JsonObject): Record<string, JsonObject> {
  if (schema['x-kubernetes-embedded-resource'] !== true) return {};
  const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  return { apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata: open };
}

/**
 * allOf, anyOf, oneOf and not, which in a CRD only say which values go together, so they close nothing.
 * The API server fills in defaults before it asks them, which is put into the conditions here.
 *
 * @param filled the schema whose fields, with their defaults, the conditions speak of.
 */
function composites(schema: JsonObject, filled: JsonObject, where: string): JsonObject {
  const rules: Record<string, Json> = {};
  for (const keyword of ['allOf', 'anyOf', 'oneOf']) {
    const alternatives = listOf<Json>(schema[keyword]).filter(isObject);
    if (alternatives.length === 0 || alternatives.every((each) => isIntOrString(each, schema))) continue;
    rules[keyword] = alternatives.map((each) => condition(each, filled, where));
  }
  if (isObject(schema.not)) rules.not = condition(schema.not, filled, where);
  return rules;
}

function isIntOrString(alternative: JsonObject, schema: JsonObject): boolean {
  if (schema['x-kubernetes-int-or-string'] !== true) return false;
  const type = alternative.type;
  return (
    type === 'integer' ||
    type === 'string' ||
    listOf<Json>(alternative.anyOf).some((each) => isObject(each) && isIntOrString(each, schema))
  );
}

function condition(schema: JsonObject, filled: JsonObject, where: string): JsonObject {
  const fields = propertiesOf(filled);
  const required = new Set(listOf(schema.required).filter((name) => fields[name]?.default === undefined));
  const properties = Object.entries(propertiesOf(schema)).map(([name, property]) => {
    const rule = condition(property, fields[name] ?? {}, where);
    const fallback = fields[name]?.default;
    if (fallback !== undefined && !ajv.validate({ ...rule }, fallback)) required.add(name);
    return [name, rule] as const;
  });
  return {
    ...(schema.type === undefined ? {} : { type: schema.type }),
    ...(schema.enum === undefined ? {} : { enum: schema.enum }),
    ...valueRules(schema, where),
    ...(required.size > 0 ? { required: [...required].sort(byCodeUnit) } : {}),
    ...(properties.length > 0 ? { properties: Object.fromEntries(properties) } : {}),
    ...(isObject(schema.items) ? { items: condition(schema.items, isObject(filled.items) ? filled.items : {}, where) } : {}),
    ...composites(schema, filled, where),
  };
}

function keyDefaults(keys: readonly Json[], items: JsonObject): JsonObject {
  const fields = propertiesOf(items);
  return Object.fromEntries(keys.map((key) => [String(key), fields[String(key)]?.default ?? null]));
}

function propertiesOf(schema: JsonObject): Record<string, JsonObject> {
  if (!isObject(schema.properties)) return {};
  return Object.fromEntries(
    Object.entries(schema.properties).filter((entry): entry is [string, JsonObject] => isObject(entry[1])),
  );
}

function listOf<T = string>(value: Json | undefined): readonly T[] {
  return Array.isArray(value) ? value : [];
}
