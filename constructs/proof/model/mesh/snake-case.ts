import { isObject, type Json, type JsonObject } from '../../../kit/json.ts';
import type { Path } from '../../types.ts';

// Maps whose keys are the user's own words.
const FREE_FORM = new Set(['proxyMetadata', 'runtimeValues', 'customTags', 'matchLabels', 'labels', 'initialMetadata']);

/**
 * Rewrites snake_case keys as camelCase: Istio reads a mesh config as protobuf JSON, which takes both (`extension_providers` is
 * `extensionProviders`). Maps with free keys stay as they are.
 */
export function camelKeys(value: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const name = camel(key);
      return [name, FREE_FORM.has(name) ? inner : camelJson(inner)];
    }),
  );
}

/** The path of a node before {@link camelKeys}, from its path after. */
export function originalPath(original: JsonObject, path: Path): Path {
  let node: Json | undefined = original;
  return path.map((step) => {
    if (typeof step === 'number') {
      node = Array.isArray(node) ? node[step] : undefined;
      return step;
    }
    const map: JsonObject = isObject(node) ? node : {};
    const key = Object.hasOwn(map, step) ? step : (Object.keys(map).find((candidate) => camel(candidate) === step) ?? step);
    node = map[key];
    return key;
  });
}

function camelJson(value: Json): Json {
  if (isObject(value)) return camelKeys(value);
  return Array.isArray(value) ? value.map(camelJson) : value;
}

function camel(key: string): string {
  return key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
