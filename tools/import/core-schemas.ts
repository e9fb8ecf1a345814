import { byCodeUnit, isObject, type Json, type JsonObject } from '../../constructs/kit/json.ts';
import { UserError } from '../../constructs/kit/user-error.ts';
import type { WantedCoreKind } from './kinds.ts';
import { objectMeta } from './object-meta.ts';
import { structureOf } from './structure.ts';
import type { SchemaModule } from './validators.ts';
import { valueRules } from './value-rules.ts';

/** Definitions that say less in OpenAPI than the API server checks, or that are open by nature. */
const special: Readonly<Record<string, JsonObject>> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': {
    title: 'a quantity such as 100m, 0.5 or 1Gi',
    type: ['string', 'number', 'null'],
    pattern: '^[+-]?(\\d+(\\.\\d*)?|\\.\\d+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?\\d+)?$',
  },
  'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1': {},
  'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta': objectMeta('subdomain'),
  'io.k8s.apimachinery.pkg.runtime.RawExtension': {},
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': { type: ['integer', 'string', 'null'] },
};

/** Fields that OpenAPI calls required, though the API server takes the zero value when they are left out (Kubernetes 1.33). */
const zeroIsFine: Readonly<Record<string, readonly string[]>> = {
  'io.k8s.api.apps.v1.ControllerRevision': ['revision'],
  'io.k8s.api.core.v1.LimitRangeSpec': ['limits'],
  'io.k8s.api.discovery.v1.EndpointSlice': ['endpoints'],
  'io.k8s.api.networking.v1.NetworkPolicySpec': ['podSelector'],
  'io.k8s.api.scheduling.v1.PriorityClass': ['value'],
};

/** The API server fills these in before it compares the keys of a list. */
const keyDefaults: Readonly<Record<string, Json>> = { protocol: 'TCP' };

const objectMetaName = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

/**
 * The JSON schemas of Kubernetes' own kinds, from the definitions of its OpenAPI (v2) file.
 * Unknown fields are refused; null stands for unset everywhere, as in the Go types behind these kinds; `status` is not looked at.
 *
 * @throws UserError when a wanted kind is not in the file.
 */
export function coreSchemas(source: JsonObject, wanted: readonly WantedCoreKind[]): SchemaModule {
  const definitions: Record<string, JsonObject> = { PathSegmentMeta: objectMeta('path-segment') };
  const pending: string[] = [];
  const reach = (name: string) => {
    if (!pending.includes(name)) pending.push(name);
    return { $ref: `#/definitions/${shortName(name)}` };
  };
  const roots = new Map(wanted.map((want) => [definitionOf(source, want), want]));
  for (const name of roots.keys()) reach(name);
  // Grows while it is read: what a definition refers to comes after it.
  for (const name of pending) {
    const schema = definitionAt(source, name);
    const root = roots.get(name);
    definitions[shortName(name)] = special[name] ?? convert(root ? withoutStatus(schema) : schema, name, reach);
    if (root) definitions[shortName(name)] = rootOf(definitions[shortName(name)] ?? {}, root);
  }
  const kinds = [...roots].map(([name, { apiVersion, kind }]) => ({
    apiVersions: [apiVersion],
    kind,
    definition: shortName(name),
  }));
  return { name: 'kubernetes', definitions, kinds };
}

function withoutStatus(schema: JsonObject): JsonObject {
  if (!isObject(schema.properties)) return schema;
  const { status: _, ...properties } = schema.properties;
  return { ...schema, properties };
}

function rootOf(schema: JsonObject, { apiVersion, kind }: WantedCoreKind): JsonObject {
  const anyName = apiVersion.startsWith('rbac.authorization.k8s.io/') || kind === 'IPAddress';
  const required = ['apiVersion', 'kind', ...(Array.isArray(schema.required) ? schema.required.map(String) : [])];
  return {
    ...schema,
    type: 'object',
    required: [...new Set(required)].sort(byCodeUnit),
    properties: {
      ...(isObject(schema.properties) ? schema.properties : {}),
      apiVersion: { enum: [apiVersion] },
      kind: { enum: [kind] },
      metadata: { $ref: `#/definitions/${anyName ? 'PathSegmentMeta' : shortName(objectMetaName)}` },
      status: {},
    },
  };
}

function definitionOf(source: JsonObject, { apiVersion, kind }: WantedCoreKind): string {
  const [version, group = ''] = apiVersion.split('/').reverse();
  const hit = Object.entries(source).find(([, schema]) => {
    const served = isObject(schema) ? schema['x-kubernetes-group-version-kind'] : undefined;
    if (!Array.isArray(served) || served.length !== 1) return false;
    const [only] = served;
    return isObject(only) && only.group === group && only.version === version && only.kind === kind;
  });
  if (hit) return hit[0];
  throw new UserError(
    `the Kubernetes OpenAPI file has no ${kind} (${apiVersion}): use another file, or take it off the list of wanted kinds`,
  );
}

function definitionAt(source: JsonObject, name: string): JsonObject {
  const schema = source[name];
  if (isObject(schema)) return structureOf(schema, name);
  throw new UserError(`the Kubernetes OpenAPI file has no definition ${name}, so it is cut off: read it again`);
}

/** `io.k8s.api.core.v1.PodSpec` -> `core.v1.PodSpec`. */
function shortName(name: string): string {
  return name.replace(/^io\.k8s\.(api\.|apimachinery\.pkg\.(apis\.|api\.|util\.)?)/, '');
}

function convert(schema: JsonObject, where: string, reach: (name: string) => JsonObject): JsonObject {
  if (typeof schema.$ref === 'string') return reach(schema.$ref.replace('#/definitions/', ''));
  const rules: Record<string, Json> = { ...valueRules(schema, where) };
  if (typeof schema.type === 'string') rules.type = [schema.type, 'null'];
  if (Array.isArray(schema.enum)) rules.enum = [...schema.enum, null];
  if (Array.isArray(rules.uniqueBy)) {
    rules.uniqueBy = Object.fromEntries(rules.uniqueBy.map((key) => [String(key), keyDefaults[String(key)] ?? null]));
  }
  if (isObject(schema.items)) rules.items = convert(schema.items, where, reach);
  if (isObject(schema.additionalProperties)) rules.additionalProperties = convert(schema.additionalProperties, where, reach);
  if (!isObject(schema.properties)) return rules;
  const required = Array.isArray(schema.required)
    ? schema.required.filter((name) => !zeroIsFine[where]?.includes(String(name)))
    : [];
  if (required.length > 0) rules.required = required;
  rules.additionalProperties = false;
  rules.properties = Object.fromEntries(
    Object.entries(schema.properties)
      .filter((entry): entry is [string, JsonObject] => isObject(entry[1]))
      .map(([name, property]) => [name, convert(property, `${where}.${name}`, reach)]),
  );
  return rules;
}
