import type { Json, JsonObject } from '../../constructs/kit/json.ts';
import { fromRe2 } from './re2.ts';

const copied = [
  ...['minimum', 'maximum', 'multipleOf', 'minLength', 'maxLength'],
  ...['minItems', 'maxItems', 'minProperties', 'maxProperties', 'uniqueItems'],
];

/** Formats an API server checks, as patterns and bounds. RFC 3339 times; base64; addresses just closely enough to tell v4 from v6. */
const formats: Readonly<Record<string, JsonObject>> = {
  int32: { minimum: -(2 ** 31), maximum: 2 ** 31 - 1 },
  byte: { title: 'base64', pattern: '^([A-Za-z0-9+/]{4}|[\\r\\n])*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?[\\r\\n]*$' },
  'date-time': {
    title: 'a time such as 2006-01-02T15:04:05Z',
    pattern: '^\\d{4}-\\d\\d-\\d\\d[Tt]\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?([Zz]|[+-]\\d\\d:\\d\\d)$',
  },
  ipv4: { title: 'an IPv4 address', pattern: '^\\d{1,3}(\\.\\d{1,3}){3}$' },
  ipv6: { title: 'an IPv6 address', pattern: '^[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*$' },
};

/**
 * What a schema says about one value, in JSON Schema (draft 7): bounds, lengths, pattern, format, list types.
 * A bound that the schema gives itself goes before that of its format.
 *
 * @param where names the schema in an error.
 */
export function valueRules(schema: JsonObject, where: string): JsonObject {
  const rules: Record<string, Json> = { ...(typeof schema.format === 'string' ? formats[schema.format] : undefined) };
  for (const keyword of copied) {
    const value = schema[keyword];
    if (value !== undefined) rules[keyword] = value;
  }
  if (typeof schema.pattern === 'string') rules.pattern = fromRe2(schema.pattern, where);
  exclude(rules, schema, 'minimum', 'exclusiveMinimum');
  exclude(rules, schema, 'maximum', 'exclusiveMaximum');
  if (schema['x-kubernetes-list-type'] === 'set') rules.uniqueItems = true;
  const keys = schema['x-kubernetes-list-map-keys'];
  if (schema['x-kubernetes-list-type'] === 'map' && Array.isArray(keys)) rules.uniqueBy = keys;
  return rules;
}

/** OpenAPI 3.0 says "exclusive" with a flag beside the bound, JSON Schema with the bound itself. */
function exclude(rules: Record<string, Json>, schema: JsonObject, bound: string, exclusive: string): void {
  const limit = schema[bound];
  if (schema[exclusive] !== true || limit === undefined) return;
  delete rules[bound];
  rules[exclusive] = limit;
}
