import { UserError } from '../../../../kit/user-error.ts';
import type { FlatMatch, Path, Text } from './flat-match.ts';
import { isUnder } from './redirect-loop.ts';

/** A rule as the Gateway API sees it. */
export interface Ranked {
  /** How messages name it. */
  readonly where: string;
  /** None for a rule that takes every request. */
  readonly matches: readonly FlatMatch[];
}

const root: Path = { is: 'under', value: '/' };
const everything: FlatMatch = { headers: [], query: [], without: [] };

/**
 * Checks that the rules mean the same in the Gateway API, where not the first match wins but the most specific one: an exact path,
 * then the longest path, then a regex; then a method, more headers, more query parameters (Istio 1.30, sortHTTPRoutes).
 *
 * @param unmatchedPath the rank of a match without a path: an HTTPRoute's gets '/' and below; a GRPCRoute's comes last
 * @throws UserError when a later rule would be tried before an earlier one that takes some of the same requests
 */
export function checkPrecedence(rules: readonly Ranked[], unmatchedPath: 'root' | 'last'): void {
  const all = rules.flatMap(({ where, matches }) =>
    (matches.length === 0 ? [everything] : matches).map((match) => ({ where, match })),
  );
  for (const [i, later] of all.entries()) {
    const earlier = all.slice(0, i).find((one) => {
      if (one.where === later.where) return false;
      return compare(later.match, one.match, unmatchedPath) < 0 && !disjoint(later.match, one.match);
    });
    if (!earlier) continue;
    throw new UserError(
      `${later.where} comes after ${earlier.where}, but the Gateway API tries it first, and both can match one request: ` +
        `there, exact paths come first, then longer ones, regexes last, then those with a method, more headers, more query parameters; ` +
        `put it first, make them exclude each other, or leave the routes to Istio ('as')`,
    );
  }
}

/** Negative when `a` is tried before `b`. */
function compare(a: FlatMatch, b: FlatMatch, unmatchedPath: 'root' | 'last'): number {
  const path = (match: FlatMatch) => match.path ?? (unmatchedPath === 'root' ? root : undefined);
  const rank = (match: FlatMatch) => {
    const is = path(match)?.is;
    return is === undefined ? -1 : is === 'exact' ? 3 : is === 'regex' ? 1 : 2;
  };
  const length = (match: FlatMatch) => path(match)?.value.length ?? 0;
  return (
    rank(b) - rank(a) ||
    length(b) - length(a) ||
    Number(b.method !== undefined) - Number(a.method !== undefined) ||
    b.headers.length - a.headers.length ||
    b.query.length - a.query.length
  );
}

/** Whether no request can match both; false where it cannot be told. */
function disjoint(a: FlatMatch, b: FlatMatch): boolean {
  if (a.method !== undefined && b.method !== undefined && a.method !== b.method) return true;
  return apart(a.headers, b.headers) || apart(a.query, b.query) || pathsApart(a.path ?? root, b.path ?? root);
}

function apart(a: readonly (readonly [string, Text])[], b: readonly (readonly [string, Text])[]): boolean {
  return a.some(([name, text]) => {
    const other = b.find(([same]) => same === name)?.[1];
    return text.is === 'exact' && other?.is === 'exact' && text.value !== other.value;
  });
}

function pathsApart(a: Path, b: Path): boolean {
  if (a.is === 'regex' || b.is === 'regex') return false;
  const takes = (path: Path, value: string) =>
    path.is === 'exact' ? path.value === value : path.is === 'under' ? isUnder(value, path.value) : value.startsWith(path.value);
  return !takes(a, b.value) && !takes(b, a.value);
}
