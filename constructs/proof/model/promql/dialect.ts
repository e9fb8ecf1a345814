import { remember } from '../../../kit/remember.ts';
import { chartReleases } from '../../read/charts.ts';
import type { Model } from '../model.ts';
import { containersOf } from '../spans/containers.ts';

/** Whether a query that the parser refuses may be right for whoever is asked: VictoriaMetrics, an older Prometheus, Thanos, Helm before it. */
export function isDialect(model: Model, query: string): boolean {
  if (OTHERS.test(query) || asksVictoria(model)) return true;
  return METRICSQL.some((one) => one.test(query)) && !hasPrometheus(model);
}

// Unfilled templates; gone since Prometheus 3; Thanos' extended functions.
const OTHERS = /\{\{|\b(holt_winters|xrate|xincrease|xdelta)\s*\(/;

/** What MetricsQL has and PromQL does not: operators, durations, matchers with `or`, and its best known functions. */
const METRICSQL: readonly RegExp[] = [
  /\bkeep_metric_names\b|\bWITH\s*\(|[)\]}\w]\s+(default|if|ifnot)\s+[\w({-]|\blimit\s+\d+\s*$/,
  /\[[^\]]*\d(\.\d+[a-z]|i\b)|\{[^}]*["'`]\s+or\s+\w/,
  /\b(rollup(_\w+)?|(range|running|label|buckets|outliers|outlier|share|histogram|count)_(?!quantile|avg|sum|count|values|fraction|std|replace|join)\w+)\s*\(/,
  /\b((topk|bottomk)_\w+|(sum2|median|mode|zscore|increase|rate|distinct|hoeffding_bound_\w+|geomean|integrate|lag|lifetime|tmin|tmax|ascent|descent|decreases|increases)_\w+|median|any|alias|union|aggr_over_time|remove_resets|interpolate|quantiles(_over_time)?|prometheus_buckets|ru|smooth_exponential|limit_offset|sort_by_label_numeric\w*|drop_common_labels)\s*\(/,
];

/** Whether the input shows a VictoriaMetrics, or a data source that asks one: MetricsQL takes what PromQL takes, and more. */
export const asksVictoria = remember(
  (model: Model): boolean =>
    model.objects.some(({ group }) => group === 'operator.victoriametrics.com') ||
    chartReleases(model.objects).some(({ chart }) => chart?.startsWith('victoria-')) ||
    model.grafana.sources.some(({ url, name }) => isVictorias(url) || /victoria/i.test(name)) ||
    model.workloads.some((workload) =>
      containersOf(workload).some(({ image }) => /(^|\/)victoriametrics\//.test(image?.repository ?? '')),
    ),
);

function isVictorias(url: string | undefined): boolean {
  return url !== undefined && /victoria|\bvm(single|select|auth|cluster)|:(8427|8428|8481)\b/.test(url);
}

function hasPrometheus({ prometheuses, grafana }: Model): boolean {
  return prometheuses.all.length > 0 || grafana.sources.some(({ type }) => type === 'prometheus');
}
