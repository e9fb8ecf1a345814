import { istio } from './istio.ts';
import { istiod } from './istiod.ts';
import { kubernetes } from './kubernetes.ts';
import type { Metric, Metrics, scrapeLabels } from './metric.ts';

export { type Metric, type Metrics, scrapeLabels } from './metric.ts';

/**
 * The catalogue: every metric that dashboards, alerts and the proof know, by the name under which the program exposes it. Data only.
 */
export const metrics = { ...istio, ...istiod, ...kubernetes } as const satisfies Metrics;

type Catalogue = typeof metrics;
type NamesOf<Type extends Metric['type']> = {
  [Name in keyof Catalogue]: Catalogue[Name]['type'] extends Type ? Name : never;
}[keyof Catalogue];

/** Names of histograms, without `_bucket`, `_sum`, `_count`. */
export type HistogramName = NamesOf<'histogram'>;

/** Series that only grow: counters, and what a histogram counts. */
export type CounterSeries = NamesOf<'counter'> | `${HistogramName}_${'bucket' | 'sum' | 'count'}`;

/** Every series that Prometheus stores. */
export type SeriesName = CounterSeries | NamesOf<'gauge'>;

type MetricOf<Series extends SeriesName> = Series extends keyof Catalogue
  ? Series
  : Series extends `${infer Name extends HistogramName}_${'bucket' | 'sum' | 'count'}`
    ? Name
    : never;

/** A label that a series carries, from the program or from the scrape. */
export type LabelOf<Series extends SeriesName> =
  | Catalogue[MetricOf<Series>]['labels'][number]
  | (typeof scrapeLabels)[number]
  | (Series extends `${HistogramName}_bucket` ? 'le' : never);
