import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { byCodeUnit, isObject, type Json } from '../../constructs/kit/json.ts';
import { UserError } from '../../constructs/kit/user-error.ts';

/** One kind of a CustomResourceDefinition that is wanted. */
export interface WantedCustomKind {
  readonly group: string;
  readonly kind: string;
  /** The version that is imported. */
  readonly version: string;
  /** Other versions that a cluster serves with the same schema. */
  readonly sameAs: readonly string[];
}

/** One kind that Kubernetes itself serves. */
export interface WantedCoreKind {
  /** As written in a manifest: `v1`, `apps/v1`. */
  readonly apiVersion: string;
  readonly kind: string;
}

/** Everything the import takes from its sources, in a fixed order. */
export interface Wanted {
  readonly custom: readonly WantedCustomKind[];
  readonly core: readonly WantedCoreKind[];
}

/**
 * Reads the list of wanted kinds (tools/import/kinds.yaml).
 *
 * @throws UserError when the file is missing or is not of that shape.
 */
export function readKinds(file: string): Wanted {
  const content = readConfigFile(file);
  const custom: WantedCustomKind[] = [];
  for (const [group, kinds] of entries(content.customResources, `customResources in ${file}`)) {
    for (const [kind, versions] of entries(kinds, `customResources.${group} in ${file}`)) {
      const [version, ...sameAs] = strings(versions, `customResources.${group}.${kind} in ${file}`);
      if (version === undefined) throw new UserError(`customResources.${group}.${kind} in ${file} names no version`);
      custom.push({ group, kind, version, sameAs });
    }
  }
  const core = entries(content.kubernetes, `kubernetes in ${file}`).flatMap(([apiVersion, kinds]) =>
    [...strings(kinds, `kubernetes.${apiVersion} in ${file}`)].sort(byCodeUnit).map((kind) => ({ apiVersion, kind })),
  );
  if (custom.length === 0) throw new UserError(`${file} lists no customResources: nothing to import`);
  return { custom, core };
}

/**
 * The `imports` of a cdk8s.yaml: addresses of upstream files.
 *
 * @throws UserError when the file is missing or lists none.
 */
export function readImportUrls(file: string): readonly string[] {
  const urls = strings(readConfigFile(file).imports, `imports in ${file}`);
  if (urls.length === 0) throw new UserError(`${file} lists no imports: name the upstream files there, or use --from DIR`);
  return urls;
}

function readConfigFile(file: string): { readonly [key: string]: Json } {
  let content: unknown;
  try {
    content = parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UserError(`${file} cannot be read: ${error instanceof Error ? error.message.split('\n')[0] : error}`);
  }
  if (!isObject(content)) throw new UserError(`${file} must hold a YAML map`);
  return content;
}

function entries(value: Json | undefined, where: string): [string, Json][] {
  if (value === undefined) return [];
  if (!isObject(value)) throw new UserError(`${where} must be a map, got ${JSON.stringify(value)}`);
  return Object.entries(value).sort(([a], [b]) => byCodeUnit(a, b));
}

function strings(value: Json | undefined, where: string): readonly string[] {
  if (value === undefined) return [];
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) {
    throw new UserError(`${where} must be a list of strings, got ${JSON.stringify(value)}`);
  }
  return value;
}
