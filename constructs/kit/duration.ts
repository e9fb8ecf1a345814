import { UserError } from './user-error.ts';

/**
 * Checks a span of time as Flux's CRDs take it.
 *
 * @param what whose it is, for messages
 * @throws UserError when it is none, or no time at all
 * @internal
 */
export function checkDuration(text: string, what: string): void {
  // Flux 2.9, pattern of interval, timeout and retryInterval: fewer units than Go's own durations, and no sign.
  if (/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text) && /[1-9]/.test(text)) return;
  throw new UserError(
    `${what} is ${JSON.stringify(text)}: allowed are durations of more than nothing in ms, s, m and h, such as '10m' and '1h30m'`,
  );
}
