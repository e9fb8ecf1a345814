import { isDialect } from '../../model/promql/dialect.ts';
import { parsedOf, queriesOf } from '../../model/promql/queries.ts';
import type { Rule } from '../../rule.ts';

export const querySyntax: Rule = {
  code: 'OBS001',
  title: 'a query cannot be parsed',
  severity: 'error',
  run: (model) =>
    queriesOf(model).flatMap((query) => {
      const { expr, where, at } = query;
      const { text, fault, open } = parsedOf(query);
      if (fault === undefined || open || isDialect(model, expr)) return [];
      return [
        {
          at,
          message: `${where} asks "${shortened(expr)}", which is no PromQL`,
          hint:
            fault >= text.trimEnd().length
              ? 'it ends too early: close what is open'
              : `mend it before "${text.slice(fault).split('\n')[0]?.slice(0, 40)}"`,
        },
      ];
    }),
  docs: {
    cause:
      'A panel, an alert or a rule asks Prometheus something that is no PromQL (Prometheus 3): a bracket is missing, an operator stands alone. A panel stays empty; a Prometheus refuses the whole file of rules and, at a start, does not come up. Variables of Grafana may stand anywhere.',
    fix: 'Mend the query; the hint tells where the parser gave up.',
    example: 'expr: sum(rate(istio_requests_total{reporter="source"}[5m]) by (destination_service)   # a bracket is missing',
  },
};

function shortened(query: string): string {
  const line = query.replace(/\s+/g, ' ').trim();
  return line.length > 100 ? `${line.slice(0, 99)}…` : line;
}
