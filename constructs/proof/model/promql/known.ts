import { distance } from 'fastest-levenshtein';
import { type Metric, metrics, programMetrics, scrapeLabels } from '../../../kit/metrics/index.ts';
import { nearest } from '../../../kit/nearest.ts';

/** What the catalogue says of a series. */
export interface Series {
  readonly type: Metric['type'];
  readonly labels: ReadonlySet<string>;
}

/** A series of the catalogue, as programs of another version or with other settings name it too; undefined for one that it does not hold. */
export function seriesOf(name: string): Series | undefined {
  return catalogue().get(name);
}

/** Beginnings of names of which the catalogue holds all that there are, as far as they resemble each other. */
const FAMILIES =
  /^(istio|pilot|citadel|galley|sidecar_injection|workload_manager|otelcol_(receiver|processor|exporter|process)|jaeger_storage|traces_(span_?metrics|service_graph))_/;

/** The metric that was meant by an unknown name; undefined where none resembles it, or where a program may well have such a one. */
export function nearMetric(name: string, recorded: ReadonlySet<string>): string | undefined {
  if (FAMILIES.test(name)) {
    const longer = ['_total', '_bucket'].map((suffix) => `${name}${suffix}`).find((one) => catalogue().has(one));
    const shorter = name.replace(/_(total|bucket|sum|count)$/, '');
    if (longer !== undefined) return longer;
    if (shorter !== name && catalogue().has(shorter)) return shorter;
  }
  return nearName(name, recorded) ?? nearName(name, families(), 4);
}

/**
 * The name that differs from this one by a slip in one of its words. Words that only look alike are no slip: `rate1m` and `rate5m`, and short
 * ones like `app` and `api`, which may be somebody's own.
 *
 * @param shortest how many letters a word must have in which a slip is seen
 */
export function nearName(name: string, known: ReadonlySet<string>, shortest = 5): string | undefined {
  const words = name.split(/[_:]/);
  const same: string[] = [];
  for (const candidate of known) {
    if (candidate === name || Math.abs(candidate.length - name.length) > 3) continue;
    const others = candidate.split(/[_:]/);
    if (others.length !== words.length) {
      if (candidate.replaceAll('_', '') === name.replaceAll('_', '')) same.push(candidate);
      continue;
    }
    const off = others.filter((other, i) => other !== words[i]);
    if (off.length === 1 && others.every((other, i) => other === words[i] || isSlip(words[i] ?? '', other, shortest)))
      same.push(candidate);
  }
  return nearest(name, same) ?? same[0];
}

/** One letter off, two in long words; two letters that changed places count as one. A word with a digit in it (`rate5m`) is meant as it is. */
function isSlip(word: string, other: string, shortest: number): boolean {
  if (Math.max(word.length, other.length) < shortest || /\d/.test(word) || /\d/.test(other)) return false;
  const swapped = [...word].sort().join() === [...other].sort().join();
  return distance(word, other) - (swapped ? 1 : 0) <= (word.length < 9 ? 1 : 2);
}

/** Labels that a metric has wherever it comes from: of Prometheus itself, of the ways to run it, of collectors. */
export function isCommonLabel(label: string): boolean {
  return COMMON.has(label) || /^(__|exported_|kubernetes_|k8s_|label_|annotation_|otel_|service_|net_|host_)/.test(label);
}

const COMMON: ReadonlySet<string> = new Set([
  ...scrapeLabels,
  ...['cluster', 'prometheus', 'prometheus_replica', 'replica', 'le', 'quantile', 'metrics_path', 'pod_name', 'container_name'],
  ...[
    'cluster_id',
    'cluster_name',
    'environment',
    'env',
    'region',
    'zone',
    'tenant',
    'version',
    'revision',
    'component',
    'mesh_id',
  ],
  ...['server_address', 'server_port', 'mode', 'host', 'hostname', 'workload', 'deployment', 'alertname', 'severity', 'device'],
]);

let all: ReadonlyMap<string, Series> | undefined;

function catalogue(): ReadonlyMap<string, Series> {
  all ??= new Map(
    Object.entries<Metric>(metrics).flatMap(([name, metric]) => spellings(name).flatMap((one) => stored(one, metric))),
  );
  return all;
}

let complete: ReadonlySet<string> | undefined;

function families(): ReadonlySet<string> {
  complete ??= new Set([...catalogue().keys()].filter((name) => FAMILIES.test(name)));
  return complete;
}

/** The names under which Prometheus stores a metric. A native histogram has the metric's own. */
function stored(name: string, { type, labels }: Metric): [string, Series][] {
  const own: Series = { type, labels: new Set(labels) };
  if (type === 'counter')
    return [
      [name, own],
      [`${name.replace(/_total$/, '')}_created`, { ...own, type: 'gauge' }],
    ];
  if (type === 'gauge') return [[name, own]];
  const part: Series = { ...own, type: 'counter' };
  return [
    [name, own],
    [`${name}_bucket`, { ...part, labels: new Set([...labels, 'le']) }],
    ...['sum', 'count'].map((one): [string, Series] => [`${name}_${one}`, part]),
  ];
}

const UNITS = ['seconds', 'milliseconds', 'bytes'] as const;

/**
 * A collector tells of itself with or without suffixes: it had them between 0.120 and 0.152 where a reader was set, and has them still
 * where the reader asks for them. The span_metrics connector's names come from its settings.
 */
function spellings(name: string): string[] {
  if (name in programMetrics.collector || name in programMetrics.jaeger) {
    const units = [name, ...UNITS.map((unit) => `${name}_${unit}`)];
    const older = /^otelcol_processor_memory_limiter_(\w+)_(spans)$/.exec(name);
    const processors = older ? ['accepted', 'refused', 'dropped'].map((one) => `otelcol_processor_${one}_${older[2]}`) : [];
    return [...units, ...processors].flatMap((one) => [one, `${one}_total`]);
  }
  return name.startsWith('traces_span_metrics_') ? [name, name.replace('span_metrics', 'spanmetrics')] : [name];
}
