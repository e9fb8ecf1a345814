import { isObject, type Json } from '../../constructs/kit/json.ts';
import type { Edit } from '../support/breakage.ts';

/** One link of what is looked at, broken, and what must be said of it. */
export interface ObservabilityBreakage {
  readonly what: string;
  readonly code: string;
  /** Kind and name of the object that must be named. */
  readonly object: string;
  /** How the hint begins. */
  readonly hint: string;
  readonly edits: readonly Edit[];
}

export function seen(code: string, object: string, hint: string, what: string, ...edits: readonly Edit[]): ObservabilityBreakage {
  return { what, code, object, hint, edits };
}

/** Another text in the place of the first (or of every) one like it, in a key of a ConfigMap. */
export function first(object: string, key: string, part: string, by: string, all = false): Edit {
  const written = (text: string) => (key.endsWith('.json') ? JSON.stringify(text).slice(1, -1) : text);
  return {
    object,
    change: (json) => {
      const data = isObject(json) && isObject(json.data) ? json.data : {};
      const text = data[key];
      if (typeof text !== 'string' || !text.includes(written(part))) throw new Error(`${object} ${key}: no ${part}`);
      const changed = all ? text.replaceAll(written(part), () => written(by)) : text.replace(written(part), () => written(by));
      return isObject(json) ? { ...json, data: { ...data, [key]: changed } } : json;
    },
  };
}

/** Another text in the place of the first one like it, wherever it stands in an object. */
export function json(object: string, part: string, by: string): Edit {
  return {
    object,
    change: (node) => {
      const text = JSON.stringify(node);
      if (!text.includes(part)) throw new Error(`${object}: no ${part}`);
      const changed: Json = JSON.parse(text.replace(part, () => by));
      return changed;
    },
  };
}
