import type { PodSet } from '../../../../kit/destination.ts';
import { checkPort } from '../../../../kit/endpoint.ts';
import { checkDnsLabel } from '../../../../kit/layer.ts';
import { UserError } from '../../../../kit/user-error.ts';
import { checkPath, headerName } from '../../checks.ts';
import type { HttpMatch, HttpMethod, HttpPath, TextMatch } from '../http-match.ts';
import { checkRegex } from './regex.ts';

/** A {@link TextMatch} with its kind said. */
export interface Text {
  readonly is: 'exact' | 'prefix' | 'regex';
  readonly value: string;
}

/** A {@link HttpPath} with its kind said. */
export interface Path {
  readonly is: 'exact' | 'under' | 'prefix' | 'regex';
  readonly value: string;
}

/** A checked match without alternatives: lower-case header names, one method. */
export interface FlatMatch {
  readonly headers: readonly (readonly [name: string, text: Text])[];
  readonly query: readonly (readonly [name: string, text: Text])[];
  readonly without: readonly (readonly [name: string, text: Text])[];
  readonly path?: Path;
  readonly method?: HttpMethod;
  readonly from?: { readonly namespace: string; readonly labels: Readonly<Record<string, string>> };
  readonly port?: number;
}

/** A match of either API. */
type Match = HttpMatch<'istio'> | HttpMatch<'gateway-api'>;

/**
 * The matches of a rule, checked, one for each combination; none for a rule that takes every request.
 *
 * @param where how messages name the rule
 * @throws UserError when a match says nothing, or something that no request can meet
 */
export function flatMatches(when: Match | readonly Match[] | undefined, where: string): FlatMatch[] {
  if (when === undefined) return [];
  const list = isList(when) ? when : [when];
  if (list.length === 0) throw new UserError(`${where} has an empty list of matches: leave 'when' out to take every request`);
  return list.flatMap((match) => flatten(match, where));
}

function isList(when: Match | readonly Match[]): when is readonly Match[] {
  return Array.isArray(when);
}

function flatten(match: Match, where: string): FlatMatch[] {
  const { headers = {}, query = {}, without = {}, path, method, from, port } = match;
  const flat: FlatMatch = {
    headers: texts(headers, `header match of ${where}`, headerName),
    query: texts(query, `query match of ${where}`, parameterName),
    without: texts(without, `'without' of ${where}`, headerName),
    ...(path === undefined ? {} : { path: checkedPath(path, `path of ${where}`) }),
    ...(from === undefined ? {} : { from: source(from, where) }),
    ...(port === undefined ? {} : { port }),
  };
  if (port !== undefined) checkPort(port, `match of ${where}`);
  const methods = method === undefined ? [] : typeof method === 'string' ? [method] : method;
  if (method !== undefined && methods.length === 0)
    throw new UserError(`${where} has an empty list of methods: leave 'method' out to take all`);
  const twice = methods.find((one, i) => methods.indexOf(one) !== i);
  if (twice !== undefined) throw new UserError(`${where} names method ${twice} twice`);
  const says = flat.headers.length + flat.query.length + flat.without.length + methods.length;
  if (says === 0 && !flat.path && !flat.from && flat.port === undefined)
    throw new UserError(`${where} has an empty match: say what to match, or leave 'when' out to take every request`);
  return methods.length === 0 ? [flat] : methods.map((one) => ({ ...flat, method: one }));
}

function source(from: PodSet | { readonly namespace: string }, where: string): NonNullable<FlatMatch['from']> {
  checkDnsLabel(from.namespace, `namespace of 'from' of ${where}`);
  return { namespace: from.namespace, labels: 'selector' in from ? from.selector : {} };
}

function texts(
  given: Readonly<Record<string, TextMatch>>,
  what: string,
  nameOf: (name: string, what: string) => string,
): [string, Text][] {
  const all = Object.entries(given).map(([name, text]): [string, Text] => {
    const said = nameOf(name, what);
    return [said, checkedText(text, `${what}, '${said}',`)];
  });
  const twice = all.find(([name], i) => all.findIndex(([other]) => other === name) !== i);
  if (twice) throw new UserError(`${what} names '${twice[0]}' twice: upper and lower case are the same in headers`);
  return all;
}

function parameterName(name: string, what: string): string {
  headerName(name, what);
  return name;
}

/** The one way in which a text or path must look. @throws UserError when there is none, or several */
function only<K extends string>(
  given: { readonly [key in K]?: string },
  kinds: readonly K[],
  what: string,
): { is: K; value: string } {
  const said = kinds.flatMap((is) => {
    const value = given[is];
    return value === undefined ? [] : [{ is, value }];
  });
  const [one] = said;
  if (!one || said.length > 1)
    throw new UserError(`${what} says ${said.map(({ is }) => is).join(' and ') || 'nothing'}: give one of ${kinds.join(', ')}`);
  return one;
}

/** @throws UserError when the text is empty or no regex that RE2 can read */
export function checkedText(given: TextMatch, what: string): Text {
  const text =
    typeof given === 'string' ? { is: 'exact' as const, value: given } : only(given, ['exact', 'prefix', 'regex'], what);
  if (text.value === '') throw new UserError(`${what} is empty: for any value, give { regex: '.*' }`);
  if (text.value.length > 4096) throw new UserError(`${what} has ${text.value.length} characters: allowed are 4096`);
  if (text.is === 'regex') checkRegex(text.value, what);
  return text;
}

function checkedPath(given: HttpPath, what: string): Path {
  const path = only(given, ['exact', 'under', 'prefix', 'regex'], what);
  if (path.is === 'regex') checkRegex(path.value, what);
  else checkPath(path.value, what);
  // A '/' at the end says nothing more: what is below it is meant anyway.
  if (path.is === 'under' && path.value !== '/') return { is: 'under', value: path.value.replace(/\/+$/, '') };
  return path;
}

/** Whether a match takes every request: its path is '/' and below, and nothing else is said. */
export function takesAll(match: FlatMatch): boolean {
  const { headers, query, without, path, method, from, port } = match;
  if (headers.length + query.length + without.length > 0 || method || from || port !== undefined) return false;
  return path === undefined || ((path.is === 'under' || path.is === 'prefix') && path.value === '/');
}
