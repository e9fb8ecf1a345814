import { remember } from '../../../kit/remember.ts';
import { nearMetric, seriesOf } from '../../model/promql/known.ts';
import type { Parsed } from '../../model/promql/parse.ts';
import { parsedOf, queriesOf } from '../../model/promql/queries.ts';
import type { Rule } from '../../rule.ts';

export const unknownMetric: Rule = {
  code: 'OBS002',
  title: 'a metric that nobody exposes',
  severity: 'error',
  run: (model) => {
    const queries = queriesOf(model);
    const recorded = new Set(queries.flatMap(({ records }) => records ?? []));
    return queries.flatMap((query) =>
      unknownNames(parsedOf(query)).flatMap((name) => {
        const { where, at } = query;
        const near = recorded.has(name) ? undefined : nearMetric(name, recorded);
        if (near === undefined) return [];
        return [
          {
            at,
            message: `${where} asks for the metric ${name}, which nobody exposes or records`,
            hint: `did you mean "${near}"?`,
            // Of a rule that records a misspelt name all suffer that ask for its series.
            cause: recorded.has(near) ? `recorded series ${name}` : `${at.object.id} ${where} ${name}`,
          },
        ];
      }),
    );
  },
  docs: {
    cause:
      'A query names a metric that neither Istio, ztunnel, a collector, Jaeger nor the metrics made of spans have, and no rule of the input records, but that differs by a slip from one of them. Prometheus answers with nothing: the panel says "No data", the alert never fires. Names that resemble none of them are taken for somebody’s own.',
    fix: 'Write the name as the program does; the hint has it.',
    example: 'expr: sum(rate(istio_request_total[5m]))   # istio_requests_total',
  },
};

const unknownNames = remember(({ selectors, labels }: Parsed): readonly string[] => {
  const names = new Set([...selectors.flatMap(({ metric }) => metric ?? []), ...labels.flatMap(({ of }) => of.metrics)]);
  return [...names].filter((name) => !seriesOf(name));
});
