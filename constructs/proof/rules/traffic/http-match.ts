import { isObject, type Json } from '../../../kit/json.ts';
import { at, fields, items, text } from '../../json-path.ts';

/** How an entry of a VirtualService's `http[].match` wants a text: the three forms of Istio's StringMatch. */
export interface TextMatch {
  readonly how: 'exact' | 'prefix' | 'regex';
  readonly value: string;
}

/** Reads a StringMatch; undefined for one that is empty, and matches everything that is there. */
export function textMatch(json: Json | undefined): TextMatch | undefined {
  for (const how of ['exact', 'prefix', 'regex'] as const) {
    const value = text(json, how);
    if (value !== undefined) return { how, value };
  }
  return undefined;
}

// What says which requests an entry takes; `name` and `statPrefix` only name it.
const NAMES = new Set(['name', 'statPrefix']);
const KNOWN = new Set([
  ...['uri', 'scheme', 'method', 'authority', 'headers', 'withoutHeaders', 'queryParams', 'ignoreUriCase'],
  ...['port', 'sourceLabels', 'sourceNamespace', 'gateways', ...NAMES],
]);

/** Whether an entry takes every request: it is empty, or wants a path that begins with `/`. */
export function takesAll(match: Json): boolean {
  const wanted = Object.keys(fields(match)).filter((key) => !NAMES.has(key) && key !== 'uri' && key !== 'ignoreUriCase');
  return wanted.every((key) => isEmpty(at(match, key))) && isAnyPath(textMatch(at(match, 'uri')));
}

/** Whether every path fits (Istio's own test of a catch-all, pilot/pkg/networking/core/route). */
export function isAnyPath(uri: TextMatch | undefined): boolean {
  if (!uri) return true;
  return (uri.how === 'prefix' && uri.value === '/') || (uri.how === 'regex' && /^\/?\.\*$/.test(uri.value));
}

/**
 * Whether one entry of a VirtualService takes every request that another takes, beyond doubt: of two regular expressions only when
 * they are the same.
 *
 * @param bound the gateways of the VirtualService, which hold where an entry names none
 */
export function covers(wide: Json, narrow: Json, bound: readonly string[]): boolean {
  if (Object.keys(fields(wide)).some((key) => !KNOWN.has(key))) return false;
  return (
    pathCovers(wide, narrow) &&
    ['scheme', 'method', 'authority'].every((key) => textCovers(at(wide, key), at(narrow, key))) &&
    mapCovers(fields(wide, 'headers'), lowerKeys(fields(narrow, 'headers'))) &&
    mapCovers(fields(wide, 'queryParams'), fields(narrow, 'queryParams')) &&
    Object.entries(fields(wide, 'withoutHeaders')).every(([name, one]) =>
      same(one, lowerKeys(fields(narrow, 'withoutHeaders'))[name.toLowerCase()] ?? null),
    ) &&
    ['port', 'sourceNamespace'].every((key) => isEmpty(at(wide, key)) || same(at(wide, key) ?? null, at(narrow, key) ?? null)) &&
    Object.entries(fields(wide, 'sourceLabels')).every(([key, value]) => at(narrow, 'sourceLabels', key) === value) &&
    gatewaysCover(wide, narrow, bound)
  );
}

function pathCovers(wide: Json, narrow: Json): boolean {
  const [a, b] = [textMatch(at(wide, 'uri')), textMatch(at(narrow, 'uri'))];
  if (isAnyPath(a)) return true;
  if (!a || !b) return false;
  const [loose, free] = [at(wide, 'ignoreUriCase') === true, at(narrow, 'ignoreUriCase') === true];
  // An entry that minds the case takes less than one that does not.
  if (free && !loose) return false;
  return loose && a.how !== 'regex' && b.how !== 'regex' ? valueCovers(lower(a), lower(b)) : valueCovers(a, b);
}

function lower({ how, value }: TextMatch): TextMatch {
  return { how, value: value.toLowerCase() };
}

function textCovers(wide: Json | undefined, narrow: Json | undefined): boolean {
  if (wide === undefined) return true;
  const [a, b] = [textMatch(wide), textMatch(narrow)];
  if (!a) return narrow !== undefined;
  return b !== undefined && ((a.how === 'regex' && a.value === '.*') || valueCovers(a, b));
}

function valueCovers(a: TextMatch, b: TextMatch): boolean {
  if (a.how === 'prefix') return b.how !== 'regex' && b.value.startsWith(a.value);
  return a.how === b.how && a.value === b.value;
}

/** Headers without regard to case, query parameters as they are: each that the wide entry wants, the narrow one wants at least as much. */
function mapCovers(wide: Readonly<Record<string, Json>>, narrow: Readonly<Record<string, Json>>): boolean {
  return Object.entries(wide).every(([name, one]) => textCovers(one, narrow[name] ?? narrow[name.toLowerCase()]));
}

function gatewaysCover(wide: Json, narrow: Json, bound: readonly string[]): boolean {
  const own = items(wide, 'gateways');
  const others = items(narrow, 'gateways');
  return own.length === 0 || (others.length > 0 ? others : bound).every((one) => own.includes(one));
}

function lowerKeys(map: Readonly<Record<string, Json>>): Readonly<Record<string, Json>> {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key.toLowerCase(), value]));
}

/** Whether a field says nothing. */
export function isEmpty(json: Json | undefined): boolean {
  return json === undefined || json === null || json === '' || (typeof json === 'object' && Object.keys(json).length === 0);
}

function same(a: Json, b: Json): boolean {
  return sorted(a) === sorted(b);
}

/** One spelling of an entry for all orders of its keys, without what only names it or says nothing. */
export function canonical(json: Json): string {
  const said = Object.entries(fields(json)).filter(([key, value]) => !NAMES.has(key) && !isEmpty(value));
  return sorted(Object.fromEntries(said));
}

function sorted(json: Json): string {
  if (Array.isArray(json)) return `[${json.map(sorted).join()}]`;
  if (!isObject(json)) return JSON.stringify(json);
  const keys = Object.keys(json).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${sorted(json[key] ?? null)}`).join()}}`;
}
