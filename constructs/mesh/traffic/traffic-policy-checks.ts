import { closest } from 'fastest-levenshtein';
import { UserError } from '../../kit/index.ts';

/** What an object's numbers are stored in: int32. */
const most = 2_147_483_647;

/** A year: more is a mistake of units. */
const longest = 31_536_000;

/**
 * Checks a count.
 *
 * @throws UserError when it is not a whole number from `least` to `greatest`
 */
export function whole<N extends number | undefined>(value: N, what: string, least = 1, greatest = most): N {
  if (value !== undefined && !(Number.isInteger(value) && value >= least && value <= greatest)) {
    throw new UserError(
      `${what} is ${value}: allowed is a whole number from ${least}${greatest === most ? '' : ` to ${greatest}`}`,
    );
  }
  return value;
}

/**
 * A duration as Istio spells it: '0.5s'.
 *
 * @param value seconds; whole milliseconds, from 0.001 to a year (Istio 1.30: a duration is 1 ms at least)
 * @throws UserError when it is none
 */
export function duration(value: number, what: string): string {
  const milliseconds = Math.round(value * 1000);
  if (!(milliseconds >= 1 && value <= longest) || Math.abs(value * 1000 - milliseconds) > 1e-6) {
    throw new UserError(
      `${what} is ${value} seconds: allowed are whole milliseconds from 0.001 to ${longest} seconds (a year), e.g. 0.5 or 30`,
    );
  }
  return `${milliseconds / 1000}s`;
}

/**
 * The nearest of the known names, as the end of a message.
 *
 * @returns `: did you mean "v2"? there is v1, v2`; without names `otherwise`
 */
export function hint(name: string, known: readonly string[], otherwise: string): string {
  if (known.length === 0) return `: ${otherwise}`;
  return `: did you mean "${closest(name, known)}"? there is ${known.join(', ')}`;
}

/** An object without the keys whose value is undefined. */
export function defined<T extends object>(fields: T): { readonly [K in keyof T]: Exclude<T[K], undefined> } {
  // Object.fromEntries forgets the keys' types.
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    readonly [K in keyof T]: Exclude<T[K], undefined>;
  };
}
