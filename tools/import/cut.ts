import { isObject, type Json, type JsonObject } from '../../constructs/kit/json.ts';
import { UserError } from '../../constructs/kit/user-error.ts';
import type { Wanted, WantedCustomKind } from './kinds.ts';
import type { Source } from './sources.ts';
import { structureOf } from './structure.ts';

/** A CustomResourceDefinition cut to one version, without prose. */
export interface CutCrd extends WantedCustomKind {
  readonly plural: string;
  readonly scope: string;
  readonly schema: JsonObject;
}

interface Found {
  readonly crd: JsonObject;
  readonly source: Source;
}

/**
 * Finds the wanted CustomResourceDefinitions by group and kind and cuts them to the wanted version.
 *
 * @throws UserError for a kind that is missing or found twice, a group taken from two places, a version that is not there,
 *   or a definition that is cut off.
 */
export function cutCrds(sources: readonly Source[], wanted: Wanted): CutCrd[] {
  const found = indexCrds(sources, wanted);
  const origins = new Map<string, Source>();
  return wanted.custom.map((want) => {
    const hit = found.get(key(want.group, want.kind));
    if (!hit)
      throw new UserError(`no source holds the CustomResourceDefinition of ${want.kind} (${want.group}): ${askFor(sources)}`);
    const first = origins.get(want.group) ?? hit.source;
    if (first.origin !== hit.source.origin) {
      throw new UserError(
        `group ${want.group} is imported twice, from ${first.name} and from ${hit.source.name}: keep one of them`,
      );
    }
    origins.set(want.group, first);
    return cut(want, hit);
  });
}

/**
 * The definitions of Kubernetes' own kinds: the `definitions` of the OpenAPI file, found by its content.
 *
 * @throws UserError when no source or more than one is such a file.
 */
export function findOpenApi(sources: readonly Source[]): JsonObject {
  const files = sources.filter(({ documents }) => documents.some(isOpenApi));
  const [file, second] = files;
  if (!file) throw new UserError(`no source is the Kubernetes OpenAPI file (swagger.json): ${askFor(sources)}`);
  if (second)
    throw new UserError(`Kubernetes' own kinds are imported twice, from ${file.name} and from ${second.name}: keep one of them`);
  return file.documents.filter(isOpenApi).map((document) => objectAt(document, 'definitions'))[0] ?? {};
}

function isOpenApi(document: JsonObject): boolean {
  return document.swagger === '2.0' && isObject(document.definitions);
}

function askFor(sources: readonly Source[]): string {
  return `add it to the ${sources.length} sources, or take it off the list of wanted kinds`;
}

function indexCrds(sources: readonly Source[], wanted: Wanted): Map<string, Found> {
  const keys = new Set(wanted.custom.map(({ group, kind }) => key(group, kind)));
  const found = new Map<string, Found>();
  for (const source of sources) {
    for (const crd of source.documents.flatMap(flatten)) {
      if (crd.kind !== 'CustomResourceDefinition') continue;
      const spec = objectAt(crd, 'spec');
      const name = key(String(spec.group), String(objectAt(spec, 'names').kind));
      if (!keys.has(name)) continue;
      const first = found.get(name);
      if (first) {
        const [kind, group] = [objectAt(spec, 'names').kind, spec.group];
        throw new UserError(
          `${kind} (${group}) is imported twice, from ${first.source.name} and from ${source.name}: keep one of them`,
        );
      }
      found.set(name, { crd, source });
    }
  }
  return found;
}

function flatten(document: JsonObject): JsonObject[] {
  if (document.kind !== 'List' || !Array.isArray(document.items)) return [document];
  return document.items.filter(isObject);
}

function cut(want: WantedCustomKind, { crd, source }: Found): CutCrd {
  const where = `${want.kind} (${want.group}) in ${source.name}`;
  const spec = objectAt(crd, 'spec');
  const versions = Array.isArray(spec.versions) ? spec.versions.filter(isObject) : [];
  const version = versions.find(({ name }) => name === want.version);
  if (!version) {
    const has = versions.map(({ name }) => name).join(', ') || 'none';
    throw new UserError(`${where} has no version ${want.version}, it has ${has}: change the list of wanted kinds or the source`);
  }
  const schema = objectAt(version, 'schema').openAPIV3Schema;
  const plural = objectAt(spec, 'names').plural;
  const complete = typeof version.served === 'boolean' && typeof version.storage === 'boolean';
  if (!complete || !isObject(schema) || typeof plural !== 'string' || typeof spec.scope !== 'string') {
    throw new UserError(`${where} is not complete, so the file is cut off: read it again`);
  }
  return { ...want, plural, scope: spec.scope, schema: structureOf(schema, where) };
}

function objectAt(object: JsonObject, name: string): JsonObject {
  const value: Json | undefined = object[name];
  return isObject(value) ? value : {};
}

function key(group: string, kind: string): string {
  return `${group}/${kind}`;
}
