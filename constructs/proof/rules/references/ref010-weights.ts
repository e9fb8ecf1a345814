import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';

export const weights: Rule = {
  code: 'REF010',
  title: 'weights of a route that Istio cannot divide by',
  severity: 'error',
  run: (model) =>
    model.routes.flatMap((route) =>
      route.splits.flatMap(({ weights, at }): Fault[] => {
        const negative = weights.find((weight) => weight < 0);
        if (negative !== undefined) return [{ at, message: `weight ${negative} is below 0`, hint: 'a weight is 0 or more' }];
        if (weights.length < 2 || weights.some((weight) => weight > 0)) return [];
        const message = `${weights.length} destinations and no weight above 0`;
        return [{ at, message, hint: 'give the destinations weights; they need not add up to 100' }];
      }),
    ),
  docs: {
    cause:
      'A weight of a VirtualService is negative, or a rule has several destinations whose weights are 0 or not stated: Istio’s admission refuses it.',
    fix: 'State the weights. Istio divides by their sum.',
    example:
      'route:\n- {destination: {host: reviews, subset: v1}}\n- {destination: {host: reviews, subset: v2}}   # weights: 90 and 10',
  },
};
