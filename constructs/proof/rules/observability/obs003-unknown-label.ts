import { scrapeLabels } from '../../../kit/metrics/index.ts';
import { remember } from '../../../kit/remember.ts';
import { addedLabels } from '../../model/promql/added-labels.ts';
import { isCommonLabel, nearName, seriesOf } from '../../model/promql/known.ts';
import type { Parsed } from '../../model/promql/parse.ts';
import { parsedOf, queriesOf } from '../../model/promql/queries.ts';
import type { LabelUse, Selector } from '../../model/promql/uses.ts';
import { STAND_IN } from '../../model/promql/variables.ts';
import type { Rule } from '../../rule.ts';

export const unknownLabel: Rule = {
  code: 'OBS003',
  title: 'a label that a metric does not carry',
  severity: 'error',
  run: (model) =>
    queriesOf(model).flatMap((query) => {
      const { label, where, at } = query;
      const parsed = parsedOf(query);
      const wrong = [...wrongLabels(parsed), ...(label === undefined ? [] : wrongLabel(valuesOf(label, parsed)))];
      return wrong.flatMap(({ name, says, hint }) =>
        addedLabels(model).has(name)
          ? []
          : [{ at, message: `${where} ${says}`, hint, cause: `${at.object.id} ${where} ${name}` }],
      );
    }),
  docs: {
    cause:
      'A query matches or groups by a label that differs by a slip from one that the metric carries, or by one that an aggregation inside has taken away. A matcher on such a label finds nothing, a grouping by it gives one nameless sum. Labels that relabeling, a Telemetry’s tags, external labels, the query itself or the pods’ labels may add are not looked at.',
    fix: 'Write the label as the metric has it; keep it in the inner `by (...)` when the outer one needs it.',
    example: 'expr: sum by (destination_sevice) (rate(istio_requests_total[5m]))   # destination_service',
  },
};

interface Wrong {
  readonly name: string;
  /** What the query does. */
  readonly says: string;
  readonly hint: string;
}

const wrongLabels = remember(({ labels }: Parsed): readonly Wrong[] => {
  const wrong = new Map(labels.flatMap(wrongLabel).map((one) => [one.says, one]));
  return [...wrong.values()];
});

/** `label_values(metric, label)`. */
function valuesOf(label: string, { selectors }: Parsed): LabelUse {
  const [only, second] = selectors;
  const metrics = second || !only ? [] : namesOf(only);
  const of = {
    metrics,
    kept: undefined,
    dropped: new Set<string>(),
    made: new Set<string>(),
  };
  return { label, as: 'grouping', of: { ...of, open: metrics.length === 0 } };
}

/** The metrics of a selector: its own name, or `{__name__=~"one|other"}`. */
function namesOf({ metric, matchers }: Selector): string[] {
  if (metric !== undefined) return [metric];
  const names = matchers.find(({ label, op }) => label === '__name__' && op === '=~')?.value.split('|') ?? [];
  return names.every((name) => /^[a-zA-Z_:][\w:]*$/.test(name) && !name.includes(STAND_IN)) ? names : [];
}

const SCRAPED: ReadonlySet<string> = new Set(scrapeLabels);

function wrongLabel({ label, as, of }: LabelUse): Wrong[] {
  if (of.open || of.made.has(label) || label.includes(STAND_IN)) return [];
  const series = of.metrics.flatMap((metric) => seriesOf(metric) ?? []);
  if (series.length === 0 || series.length < of.metrics.length) return [];
  const metrics = [...new Set(of.metrics)].join(', ');
  if (series.some((one) => one.labels.has(label)) || SCRAPED.has(label) || isCommonLabel(label)) {
    const gone = as === 'grouping' && (of.dropped.has(label) || (of.kept !== undefined && !of.kept.has(label)));
    return gone
      ? [
          {
            name: label,
            says: `groups by the label ${label}, which the aggregation inside has taken away from ${metrics}`,
            hint: `keep ${label} there too`,
          },
        ]
      : [];
  }
  const near = nearName(label, new Set([...series.flatMap((one) => [...one.labels]), ...SCRAPED]));
  if (near === undefined) return [];
  return [
    {
      name: label,
      says: `asks for the label ${label} of ${metrics}, which has no such label`,
      hint: `did you mean "${near}"?`,
    },
  ];
}
