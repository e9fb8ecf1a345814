import type { Destination, DestinationVersion } from '../../../kit/destination.ts';
import { UserError } from '../../../kit/user-error.ts';
import { shownTarget } from '../names.ts';

const checked = Symbol.for('meshwright.Split');

/** One share of a {@link Split}. */
export interface SplitLeg {
  readonly to: Destination | DestinationVersion;
  /** Whole, 1 to 100. */
  readonly percent: number;
}

/** Shares of requests by destination or version, which make 100: made by {@link split}. */
export interface Split {
  readonly [checked]: true;
  readonly legs: readonly SplitLeg[];
}

/** Whether something is a {@link Split}. */
export function isSplit(to: Destination | DestinationVersion | Split): to is Split {
  return checked in to;
}

/**
 * Shares requests among versions or destinations: `split([reviews.v1, 90], [reviews.v3, 10])`.
 *
 * @param shares each with its whole percent; those of 0 are left out
 * @throws UserError when the percents are not whole, do not make 100, or one is named twice
 */
export function split(...shares: readonly (readonly [to: Destination | DestinationVersion, percent: number])[]): Split {
  const list = shares.map(([to, percent]) => `${shownTarget(to)}: ${percent}`).join(', ');
  const total = shares.reduce((sum, [, percent]) => sum + percent, 0);
  if (total !== 100 || shares.some(([, percent]) => !Number.isInteger(percent) || percent < 0 || percent > 100))
    throw new UserError(`split of { ${list} } makes ${total}: allowed are whole percents from 0 to 100 that make 100 together`);
  const twice = shares.find(([to], i) => shares.slice(0, i).some(([other]) => shownTarget(other) === shownTarget(to)));
  if (twice) throw new UserError(`split of { ${list} } names ${shownTarget(twice[0])} twice: add its shares up`);
  return { [checked]: true, legs: shares.filter(([, percent]) => percent > 0).map(([to, percent]) => ({ to, percent })) };
}
