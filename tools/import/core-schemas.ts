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
  'io.k8s.api.rbac.v1.RoleRef': ['apiGroup'],
  'io.k8s.api.scheduling.v1.PriorityClass': ['value'],
  'io.k8s.api.storage.v1.CSIDriver': ['spec'],
  'io.k8s.api.storage.v1.CSINode': ['spec'],
};

/** The API server fills these in before it compares the keys of a list. */
const keyDefaults: Readonly<Record<string, Json>> = { protocol: 'TCP' };

/**
 * The JSON schemas of Kubernetes' own kinds, from the definitions of its OpenAPI (v2) file.
 * Unknown fields are refused; null stands for unset, as does the empty text of an enum, as in the Go types behind these kinds; `status` is not looked at.
 *
 * @throws UserError when a wanted kind is not in the file.
 */
export function coreSchemas(source: JsonObject, wanted: readonly WantedCoreKind[]): SchemaModule {
  const definitions: Record<string, JsonObject> = {
    LabelNameMeta: objectMeta('label'),
    PathSegmentNameMeta: objectMeta('path-segment'),
    SubdomainNameMeta: objectMeta('subdomain'),
  };
  const roots = wanted.map((want) => ({ ...want, name: definitionOf(source, want) }));
  // A kind that is a part of another one (a PersistentVolumeClaim of a StatefulSet) need not say what it is.
  const partName = (name: string) => (roots.some((root) => root.name === name) ? `${shortName(name)}.part` : shortName(name));
  const pending: string[] = [];
  const reach = (name: string) => {
    if (!pending.includes(name)) pending.push(name);
    return { $ref: `#/definitions/${partName(name)}` };
  };
  const kinds = roots.map(({ apiVersion, kind, name }) => {
    const definition = shortName(name);
    definitions[definition] = rootOf(convert(definitionAt(source, name), name, reach), { apiVersion, kind });
    return { apiVersions: [apiVersion], kind, definition };
  });
  // Grows while it is read: what a definition refers to comes after it.
  for (const name of pending) {
    definitions[partName(name)] = special[name] ?? convert(definitionAt(source, name), name, reach);
  }
  return { name: 'kubernetes', definitions, kinds };
}

/** What the API server wants of names; most are DNS subdomains. */
function metaOf({ apiVersion, kind }: WantedCoreKind): string {
  if (apiVersion.startsWith('rbac.authorization.k8s.io/') || kind === 'IPAddress') return 'PathSegmentNameMeta';
  return kind === 'Namespace' || kind === 'Service' ? 'LabelNameMeta' : 'SubdomainNameMeta';
}

function rootOf(schema: JsonObject, want: WantedCoreKind): JsonObject {
  const required = ['apiVersion', 'kind', ...(Array.isArray(schema.required) ? schema.required.map(String) : [])];
  return {
    ...schema,
    type: 'object',
    required: [...new Set(required)].sort(byCodeUnit),
    properties: {
      ...(isObject(schema.properties) ? schema.properties : {}),
      apiVersion: { enum: [want.apiVersion] },
      kind: { enum: [want.kind] },
      metadata: { $ref: `#/definitions/${metaOf(want)}` },
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
  if (Array.isArray(schema.enum)) rules.enum = [...new Set([...schema.enum, '', null])];
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
      .map(([name, property]) => {
        if (name === 'status') return [name, {}];
        const rule = convert(property, `${where}.${name}`, reach);
        return [name, required.includes(name) ? notNull(rule) : rule];
      }),
  );
  return rules;
}

/** Null stands for unset, so it does not do where a value is required. */
function notNull(rule: JsonObject): JsonObject {
  return Array.isArray(rule.type) ? { ...rule, type: rule.type.filter((type) => type !== 'null') } : rule;
}
