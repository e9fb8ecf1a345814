import { describe, expect, it } from 'vitest';
import { canary, type Split, split } from '../constructs/mesh/index.ts';
import { shop } from './support/routes.ts';

const { reviews, ratings } = shop();
const { v1, v2, v3 } = reviews.versions;
const shares = ({ legs }: Split) => legs.map(({ to, percent }) => ['version' in to ? to.version : to.host, percent]);

describe('split', () => {
  it('shares requests among versions, and leaves out those that get none', () => {
    expect(shares(split([v1, 90], [v3, 10]))).toEqual([
      ['v1', 90],
      ['v3', 10],
    ]);
    expect(shares(split([v1, 100], [v3, 0]))).toEqual([['v1', 100]]);
  });

  it('refuses shares that do not make 100, and says what was given', () => {
    expect(() => split([v1, 90], [v3, 40])).toThrow(
      'split of { reviews.shop v1: 90, reviews.shop v3: 40 } makes 130: allowed are whole percents from 0 to 100 that make 100 together',
    );
    for (const wrong of [() => split(), () => split([v1, 99.5], [v2, 0.5]), () => split([v1, 110], [v2, -10])])
      expect(wrong).toThrow('whole percents');
    expect(() => split([v1, 50], [v1, 50])).toThrow('names reviews.shop v1 twice');
  });
});

describe('canary', () => {
  it('moves from one version to the other in steps', () => {
    const all = [];
    let step = canary(v1, v2);
    for (; !step.done; step = step.next()) all.push(shares(step.to));
    all.push(shares(step.to));
    expect(all).toEqual([
      ...[10, 20, 50, 80].map((percent) => [
        ['v1', 100 - percent],
        ['v2', percent],
      ]),
      [['v2', 100]],
    ]);
    expect(() => step.next()).toThrow('canary from reviews.shop v1 to reviews.shop v2 is at 100 already');
  });

  it('is a value: a step taken does not change the one before', () => {
    const first = canary(v1, v2);
    first.next();
    expect([first.percent, first.at(80).percent, first.at(10).percent]).toEqual([10, 80, 10]);
  });

  it('takes own steps, and names them when asked for another', () => {
    const own = canary(reviews, ratings, { steps: [1, 100] });
    expect(shares(own.to)).toEqual([
      ['reviews.shop.svc.cluster.local', 99],
      ['ratings.shop.svc.cluster.local', 1],
    ]);
    expect(() => own.at(50)).toThrow('has no step 50, it has: 1, 100');
    for (const steps of [[50], [50, 20, 100], [0, 100], [33.3, 100], [100, 100]] as const)
      expect(() => canary(v1, v2, { steps }), steps.join()).toThrow(
        'allowed are whole percents above 0 that rise, the last one 100',
      );
    expect(() => canary(v2, v2)).toThrow('changes nothing');
  });
});
