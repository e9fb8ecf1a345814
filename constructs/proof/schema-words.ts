import { isObject, type Json } from '../kit/json.ts';
import { nearest } from '../kit/nearest.ts';

/** `spec.containers[0].env`, `metadata.labels["app.kubernetes.io/name"]`. */
export function pathText(path: readonly (string | number)[]): string {
  return path
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`;
      if (!/^[\w-]+$/.test(step)) return `[${JSON.stringify(step)}]`;
      return index === 0 ? step : `.${step}`;
    })
    .join('');
}

/** A value as a person would name it; long texts are cut. */
export function quote(value: Json | undefined): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (isObject(value)) return Object.keys(value).length === 0 ? 'an empty map' : 'a map';
  // JSON has no word for what YAML writes .nan and .inf.
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? 'unset');
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}

const words: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  integer: 'an integer',
  number: 'a number',
  object: 'a map',
  string: 'a string',
};

/** The types of a schema in words, null left out. */
export function typeText(types: Json | undefined): string {
  const known = [types].flat().flatMap((type) => words[String(type)] ?? []);
  return known.length === 0 ? 'of another type' : known.join(' or ');
}

/** The field or value that was most likely meant: the same but for case, `-` and `_`, else the nearest; undefined when none is near. */
export function intended(name: string, known: readonly string[]): string | undefined {
  return known.find((each) => plain(each) === plain(name)) ?? nearest(name, known);
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[-_]/g, '');
}
