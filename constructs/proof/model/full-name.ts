import { at, text } from '../json-path.ts';
import type { ChartRelease } from '../read/charts.ts';
import type { Path } from '../types.ts';

/**
 * The name that Helm's usual template `fullname` gives: `fullnameOverride`, or the release with the chart's name (or `nameOverride`)
 * behind it where the release does not hold that already.
 *
 * @param letters how many of it are kept
 * @param path where the values of a sub-chart stand: `['grafana']`
 */
export function fullName({ object, release }: ChartRelease, chart: string, letters = 63, path: Path = []): string {
  const values = at(object.json, 'spec', 'values', ...path);
  const short = text(values, 'nameOverride') ?? chart;
  const whole = text(values, 'fullnameOverride') ?? (release.includes(short) ? release : `${release}-${short}`);
  return whole.slice(0, letters).replace(/-$/, '');
}
