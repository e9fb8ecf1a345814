/** What Prometheus stores of a metric. */
export interface Metric {
  /** A histogram is stored as three series: `NAME_bucket` with the label `le`, `NAME_sum`, `NAME_count`. */
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** The labels that the program itself sets; those of the scrape come on top ({@link scrapeLabels}). */
  readonly labels: readonly string[];
}

/** Metrics by name, as a program exposes them. */
export type Metrics = Readonly<Record<string, Metric>>;

/**
 * Labels that a scrape adds to every series: Prometheus' own two, and what our jobs and monitors copy from Kubernetes
 * (observability/scrape.ts and monitors; prometheus-operator adds `endpoint` and `container`).
 */
export const scrapeLabels = ['job', 'instance', 'namespace', 'pod', 'service', 'container', 'endpoint', 'node', 'app'] as const;
