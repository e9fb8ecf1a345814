import type { Destination, DestinationVersion } from '../../../kit/destination.ts';
import { UserError } from '../../../kit/user-error.ts';
import { shownTarget } from '../names.ts';
import { type Split, split } from './split.ts';

/** One step of a canary: a value that does not change. */
export interface Canary {
  /** The share of the new version at this step. */
  readonly percent: number;
  /** The shares of all steps. */
  readonly steps: readonly number[];
  /** What a rule sends to at this step. */
  readonly to: Split;
  /** Whether the new version gets everything. */
  readonly done: boolean;
  /** The next step. @throws UserError at the last one */
  next(): Canary;
  /** Another step by its share. @throws UserError when it is no step */
  at(percent: number): Canary;
}

/** The shares that the new version gets, step by step. */
const usualSteps = [10, 20, 50, 80, 100] as const;

/**
 * Moves requests from one version to another in steps, and begins at the first one:
 * `new HttpRoutes(layer, 'reviews', { of: reviews, rules: [{ to: canary(reviews.v1, reviews.v2).at(50).to }] })`.
 *
 * @param options.steps whole percents that rise to 100. @default 10, 20, 50, 80, 100
 * @throws UserError when both are the same, or the steps do not rise to 100
 */
export function canary(
  from: Destination | DestinationVersion,
  to: Destination | DestinationVersion,
  options: { readonly steps?: readonly [number, ...number[]] } = {},
): Canary {
  const steps: readonly number[] = options.steps ?? usualSteps;
  const what = `canary from ${shownTarget(from)} to ${shownTarget(to)}`;
  if (shownTarget(from) === shownTarget(to)) throw new UserError(`${what} changes nothing: name two versions`);
  if (steps.at(-1) !== 100 || steps.some((step, i) => !Number.isInteger(step) || step <= (steps[i - 1] ?? 0)))
    throw new UserError(`${what} has steps ${steps.join(', ')}: allowed are whole percents above 0 that rise, the last one 100`);

  const step = (percent: number): Canary => ({
    percent,
    steps,
    to: split([from, 100 - percent], [to, percent]),
    done: percent === 100,
    next() {
      const next = steps[steps.indexOf(percent) + 1];
      if (next === undefined) throw new UserError(`${what} is at 100 already: there is no next step`);
      return step(next);
    },
    at(other) {
      if (!steps.includes(other)) throw new UserError(`${what} has no step ${other}, it has: ${steps.join(', ')}`);
      return step(other);
    },
  });
  return step(steps[0] ?? 100);
}
