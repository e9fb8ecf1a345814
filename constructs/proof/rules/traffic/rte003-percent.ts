import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';

export const percent: Rule = {
  code: 'RTE003',
  title: 'weights that look like percents and do not make 100',
  severity: 'warning',
  run: (model) =>
    model.routes.flatMap((route) =>
      route.splits.flatMap(({ weights, at }): Fault[] => {
        const sum = weights.reduce((a, b) => a + b, 0);
        if (!areOddPercents(weights, sum)) return [];
        const shares = weights.map((weight) => `${weight} is ${Math.round((weight / sum) * 1000) / 10} %`);
        return [
          {
            at,
            message: `weights ${weights.join(' + ')} make ${sum}: Istio divides by that, so ${shares.join(', ')}`,
            hint: 'let them make 100, so that each says its percent',
          },
        ];
      }),
    ),
  docs: {
    cause:
      'Weights of a VirtualService need not make 100: Istio divides each by their sum. 90 and 40 are then 69.2 % and 30.8 %, which is seldom meant. Equal weights, small numbers (3 to 1), numbers above 100 and roundings (99, 101) are quiet.',
    fix: 'Let the weights make 100.',
    example:
      'route:\n- {destination: {host: reviews, subset: v1}, weight: 90}\n- {destination: {host: reviews, subset: v2}, weight: 40}   # 10 was meant',
  },
};

/** Whether weights were most likely meant as percents, and are none. */
function areOddPercents(weights: readonly number[], sum: number): boolean {
  const sent = weights.filter((weight) => weight !== 0);
  if (sent.length < 2 || sent.some((weight) => weight < 0 || weight > 100)) return false;
  return sum >= 50 && Math.abs(sum - 100) > 1 && new Set(sent).size > 1;
}
