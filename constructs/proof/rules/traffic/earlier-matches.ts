import type { Json } from '../../../kit/json.ts';
import { at, fields, number } from '../../json-path.ts';
import { covers, isAnyPath, textMatch } from './http-match.ts';

/** The entries of earlier rules, found by what they want, so that a rule need not be held against all before it. */
export interface EarlierMatches {
  /** The first rule that takes all that an entry would. */
  coverOf(match: Json): number | undefined;
  add(match: Json, rule: number): void;
}

interface Entry {
  readonly match: Json;
  readonly rule: number;
}

/** No rules yet. `bound` are the gateways of the VirtualService. */
export function earlierMatches(bound: readonly string[]): EarlierMatches {
  const byKey = new Map<string, Entry[]>();
  const prefixLengths = new Set<number>();
  return {
    add: (match, rule) => {
      const [path = ''] = pathKeys(match, undefined);
      const uri = textMatch(at(match, 'uri'));
      if (uri?.how === 'prefix' && path !== '') prefixLengths.add(uri.value.length);
      const key = `${path} ${conditions(match)[0] ?? ''}`;
      const found = byKey.get(key);
      if (found) found.push({ match, rule });
      else byKey.set(key, [{ match, rule }]);
    },
    coverOf: (match) => {
      for (const path of pathKeys(match, prefixLengths)) {
        for (const condition of ['', ...conditions(match)]) {
          const found = byKey.get(`${path} ${condition}`)?.find((one) => covers(one.match, match, bound));
          if (found) return found.rule;
        }
      }
      return undefined;
    },
  };
}

/** The key of an entry's path; with the lengths of known prefixes, those of all entries that may cover it. */
function pathKeys(match: Json, prefixLengths: ReadonlySet<number> | undefined): string[] {
  const uri = textMatch(at(match, 'uri'));
  if (!uri || isAnyPath(uri)) return [''];
  const value = uri.value.toLowerCase();
  const own = `${uri.how} ${value}`;
  if (!prefixLengths) return [own];
  const lengths = uri.how === 'regex' ? [] : [...prefixLengths].filter((length) => length <= value.length);
  return ['', ...lengths.map((length) => `prefix ${value.slice(0, length)}`), own];
}

/** What an entry wants beside the path in so many words: one that covers it wants no more, and the first of its own is among these. */
function conditions(match: Json): string[] {
  const exact = (kind: string, json: Json | undefined) => {
    const wanted = textMatch(json);
    return wanted?.how === 'exact' ? [`${kind}=${wanted.value}`] : [];
  };
  const headers = Object.entries(fields(match, 'headers')).flatMap(([name, one]) => exact(`header ${name.toLowerCase()}`, one));
  const query = Object.entries(fields(match, 'queryParams')).flatMap(([name, one]) => exact(`query ${name}`, one));
  const labels = Object.entries(fields(match, 'sourceLabels')).map(([key, value]) => `label ${key}=${String(value)}`);
  const port = number(match, 'port');
  return [
    ...headers,
    ...query,
    ...exact('authority', at(match, 'authority')),
    ...exact('method', at(match, 'method')),
    ...labels,
    ...(port === undefined ? [] : [`port ${port}`]),
  ];
}
