import { UserError } from '../../../../kit/user-error.ts';
import type { HttpMethod } from '../http-match.ts';
import type { AnyHttpRule } from '../http-rule.ts';
import type { Place } from '../place.ts';
import type { FlatMatch, Path } from './flat-match.ts';

/**
 * Checks that a redirect does not lead back to its own rule.
 *
 * @param matches of the rule; none for a rule that takes every request
 * @throws UserError when the client would come back with the same host and a path that the rule takes
 */
export function checkRedirectLoop(
  redirect: NonNullable<AnyHttpRule['redirect']>,
  matches: readonly FlatMatch[],
  place: Place,
  where: string,
): void {
  const { host, path, prefix, scheme, port, code = 301 } = redirect;
  if (scheme !== undefined || (port !== undefined && port !== (place.at?.port ?? place.port?.port))) return;
  if (host !== undefined && !place.hosts.some((own) => isAsked(own, host, place))) return;
  // A path's own beginning replaced is another path, unless it is replaced by itself.
  const taken = (matches.length === 0 ? [undefined] : matches).some((match) => {
    if (match?.method !== undefined && changesMethod(match.method, code)) return false;
    const from = match?.path;
    if (path !== undefined) return covers(from, path);
    if (prefix !== undefined) return from === undefined || covers(from, prefix);
    return true;
  });
  if (!taken) return;
  const to = `${host ?? 'the same host'}${path ?? prefix ?? ' and path'}`;
  throw new UserError(`${where} redirects to ${to}, which it takes itself: clients would go round in circles`);
}

/** Clients come back with GET after a 303, and after a 301 or 302 for a POST (Fetch standard, HTTP-redirect fetch). */
function changesMethod(method: HttpMethod, code: number): boolean {
  if (code === 303) return method !== 'GET' && method !== 'HEAD';
  return (code === 301 || code === 302) && method === 'POST';
}

function isAsked(own: string, host: string, { of }: Place): boolean {
  if (own === '*' || own === host) return true;
  if (own.startsWith('*.')) return host.endsWith(own.slice(1));
  // Short names of a Service lead to it, too.
  return of?.selector !== undefined && own.startsWith(`${host}.`);
}

function covers(from: Path | undefined, path: string): boolean {
  if (!from) return true;
  if (from.is === 'exact') return from.value === path;
  if (from.is === 'prefix') return path.startsWith(from.value);
  if (from.is === 'under') return isUnder(path, from.value);
  return false;
}

/** Whether a path is another one, or below it. */
export function isUnder(path: string, parent: string): boolean {
  return parent === '/' || path === parent || path.startsWith(`${parent}/`);
}
