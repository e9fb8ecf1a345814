import { asksVictoria } from '../../model/promql/dialect.ts';
import { parsedOf, queriesOf } from '../../model/promql/queries.ts';
import type { RangeFault } from '../../model/promql/ranges.ts';
import type { Rule } from '../../rule.ts';

export const range: Rule = {
  code: 'OBS006',
  title: 'a function without the range it needs, or over one that it does not take',
  severity: 'error',
  run: (model) => {
    // Its language fills in ranges by itself.
    if (asksVictoria(model)) return [];
    return queriesOf(model).flatMap((query) => {
      const { where, at } = query;
      const { open, ranges } = parsedOf(query);
      const [first] = open ? [] : ranges;
      return first ? [{ at, message: `${where} ${said(first)}`, hint: hintOf(first) }] : [];
    });
  },
  docs: {
    cause:
      'rate(), increase(), avg_over_time() and their kind work on the samples of a time: `rate(x[5m])`. All others, sum() among them, take the value of a moment. Prometheus refuses the query (`expected type range vector in call to function "rate", got instant vector`): the panel shows the error, and a file of rules is not loaded.',
    fix: 'Write the range where the function needs one; put rate() between a range and an aggregation.',
    example: 'expr: sum(rate(istio_requests_total{reporter="source"}))   # rate(istio_requests_total{reporter="source"}[5m])',
  },
};

function said({ name, is, text }: RangeFault): string {
  const of = text.length > 80 ? `${text.slice(0, 79)}…` : text;
  return is === 'missing' ? `takes ${name}() of ${of}, which has no range` : `takes ${name}() of the range ${of}`;
}

function hintOf({ name, is, text }: RangeFault): string {
  if (is === 'unwanted') return 'put rate() or another function for ranges around it, or leave out the [...]';
  return /^[\w:]+$/.test(text) ? `write ${name}(${text}[5m])` : 'add a range: [5m]';
}
