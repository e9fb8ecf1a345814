import { agent } from './agent.ts';
import { collector } from './collector.ts';
import { envoy } from './envoy.ts';
import { istio } from './istio.ts';
import { istiod } from './istiod.ts';
import { jaeger } from './jaeger.ts';
import { kubernetes } from './kubernetes.ts';
import { loki } from './loki.ts';
import type { Metric, Metrics, scrapeLabels } from './metric.ts';
import { processes } from './process.ts';
import { prometheus } from './prometheus.ts';
import { skywalking } from './skywalking.ts';
import { spans } from './spans.ts';
import { tempo } from './tempo.ts';
import { zipkin } from './zipkin.ts';
import { ztunnel } from './ztunnel.ts';

export { type Metric, type Metrics, scrapeLabels } from './metric.ts';

/** The metrics of each program. Data only. */
export const programMetrics = {
  istio,
  agent,
  istiod,
  ztunnel,
  envoy,
  collector,
  jaeger,
  tempo,
  zipkin,
  skywalking,
  loki,
  spans,
  prometheus,
  processes,
  kubernetes,
} as const satisfies Readonly<Record<string, Metrics>>;

/** The catalogue: every metric that dashboards, alerts and the proof know, by the name under which the program exposes it. */
export const metrics = {
  ...istio,
  ...agent,
  ...istiod,
  ...ztunnel,
  ...envoy,
  ...collector,
  ...jaeger,
  ...tempo,
  ...zipkin,
  ...skywalking,
  ...loki,
  ...spans,
  ...prometheus,
  ...processes,
  ...kubernetes,
} as const satisfies Metrics;

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
