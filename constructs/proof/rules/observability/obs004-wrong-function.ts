import { remember } from '../../../kit/remember.ts';
import { seriesOf } from '../../model/promql/known.ts';
import type { Parsed } from '../../model/promql/parse.ts';
import { parsedOf, queriesOf } from '../../model/promql/queries.ts';
import type { Call } from '../../model/promql/uses.ts';
import type { Rule } from '../../rule.ts';

export const wrongFunction: Rule = {
  code: 'OBS004',
  title: 'a function over a metric of another kind',
  severity: 'warning',
  run: (model) =>
    queriesOf(model).flatMap((query) =>
      wrongCalls(parsedOf(query)).map(({ says, hint }) => ({ at: query.at, message: `${query.where} ${says}`, hint })),
    ),
  docs: {
    cause:
      'rate(), irate() and increase() are for counters: over a gauge each fall counts as a restart, and the figure means nothing. histogram_quantile() needs the buckets and their label `le`: where an aggregation inside takes `le` away, or the series is no bucket, it answers with nothing.',
    fix: 'Take deriv() or delta() for a gauge; sum the buckets by (le, ...) and hand over those.',
    example:
      'expr: histogram_quantile(0.99, sum by (destination_service) (rate(istio_request_duration_milliseconds_bucket[5m])))',
  },
};

interface Wrong {
  /** What the query does. */
  readonly says: string;
  readonly hint: string;
}

const wrongCalls = remember(({ calls }: Parsed): readonly Wrong[] => {
  const wrong = new Map(calls.flatMap(wrongCall).map((one) => [one.says, one]));
  return [...wrong.values()];
});

/** Of kube-state-metrics: 1 while something is so. That it came to be so is an increase, and meant as one. */
const STATES = /^kube_\w+_(reason|phase|condition|ready)$/;

function wrongCall({ name, of }: Call): Wrong[] {
  if (of.open || of.metrics.length === 0) return [];
  const metrics = [...new Set(of.metrics)];
  if (name !== 'histogram_quantile') {
    const gauge = metrics.find((metric) => seriesOf(metric)?.type === 'gauge' && !STATES.test(metric));
    if (gauge === undefined) return [];
    return [{ says: `takes ${name}() of ${gauge}, which is a gauge`, hint: 'use it as it is, or take deriv() or delta()' }];
  }
  const buckets = metrics.every((metric) => metric.endsWith('_bucket'));
  if (buckets && !of.made.has('le') && (of.dropped.has('le') || (of.kept !== undefined && !of.kept.has('le'))))
    return [
      {
        says: `takes a quantile of ${metrics.join(', ')} after an aggregation without the label le`,
        hint: 'sum by (le, ...)',
      },
    ];
  const other = metrics.find((metric) => {
    const series = seriesOf(metric);
    return series !== undefined && series.type !== 'histogram' && !metric.endsWith('_bucket');
  });
  if (other === undefined) return [];
  const bucket = other.replace(/_(sum|count)$/, '_bucket');
  return [
    {
      says: `takes a quantile of ${other}, which has no buckets`,
      hint: seriesOf(bucket) && bucket !== other ? `did you mean "${bucket}"?` : 'take a series that ends in _bucket',
    },
  ];
}
