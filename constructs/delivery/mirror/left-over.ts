import { isObject, type Json, type JsonObject } from '../../kit/json.ts';
import { publicName, publicRegistryPattern } from '../../kit/registries.ts';
import { isChartSource } from './releases.ts';
import { textAt } from './values.ts';

/** A public host that an object still names. */
export interface LeftOver {
  /** Where in the object: `data.config.yaml`, `spec.containers[0].args[2]`. */
  readonly field: string;
  readonly value: string;
}

/** A registry's host as a whole word: a longer name that ends or begins like it is another host. */
const registry = new RegExp(`(?<![\\w.-])${publicRegistryPattern}(?![\\w-]|\\.[\\w-])`);

/**
 * The first place where an object names a public registry of images, in any key or text; for a source of charts also the hosts that hold
 * charts alone, which elsewhere are sites with documentation. Schemas of resources are left out: what they describe is not pulled.
 */
export function leftOver(json: JsonObject): LeftOver | undefined {
  if (json.kind === 'CustomResourceDefinition') return undefined;
  const url = isChartSource(json) ? textAt(json, 'spec.url') : undefined;
  const host = url === undefined ? undefined : /^[a-z]+:\/\/([^/]+)/.exec(url)?.[1];
  if (url !== undefined && host !== undefined && publicName(host) !== undefined) return { field: 'spec.url', value: url };
  return search(json, '');
}

function search(value: Json, field: string): LeftOver | undefined {
  if (typeof value === 'string') return registry.test(value) ? { field, value: excerpt(value) } : undefined;
  if (value === null || typeof value !== 'object') return undefined;
  if (!isObject(value)) return first(value.map((item, i) => () => search(item, `${field}[${i}]`)));
  return first(
    Object.entries(value).map(([key, inner]) => () => {
      const inside = field === '' ? key : `${field}.${key}`;
      return registry.test(key) ? { field: inside, value: key } : search(inner, inside);
    }),
  );
}

function first(searches: readonly (() => LeftOver | undefined)[]): LeftOver | undefined {
  for (const one of searches) {
    const found = one();
    if (found) return found;
  }
  return undefined;
}

/** The line of a long text that names it. */
function excerpt(text: string): string {
  const line = text.split('\n').find((one) => registry.test(one)) ?? text;
  const at = line.search(registry);
  return line.length <= 120 ? line.trim() : line.slice(Math.max(0, at - 40), at + 80).trim();
}
