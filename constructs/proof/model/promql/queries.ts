import type { Json } from '../../../kit/json.ts';
import { remember, rememberText } from '../../../kit/remember.ts';
import { at, fields, items, text } from '../../json-path.ts';
import { type ChartRelease, chartReleases } from '../../read/charts.ts';
import { isFault, readYaml } from '../../read/yaml.ts';
import { fieldName, type Path, type ProofObject, type Spot, spotOf } from '../../types.ts';
import type { Model } from '../model.ts';
import { chartDashboards, grafanaValues } from '../pages/chart-dashboards.ts';
import { dashboardQueries, type SourceName } from './dashboard-queries.ts';
import { type Parsed, parseQuery } from './parse.ts';

/** A PromQL query of the input. */
export interface Query {
  readonly expr: string;
  /** The label whose values are asked for: `label_values(metric, label)`. */
  readonly label: string | undefined;
  /** Who asks: `panel "Requests"`, `alert MeshErrors`. */
  readonly where: string;
  readonly at: Spot;
  /** The series that a recording rule makes of it. */
  readonly records: string | undefined;
}

/** A query, as long as nobody has looked up whose language it is in. */
interface Found extends Query {
  /** Whom Grafana asks; undefined for a rule of a Prometheus. */
  readonly source: SourceName | undefined;
}

/** What a query says, kept as long as its object: thousands of queries are more than parseQuery keeps in mind from one rule to the next. */
export const parsedOf: (query: Query) => Parsed = remember(({ expr }) => parseQuery(expr));

/** Every PromQL query of the input: dashboards, alerts and rules of Prometheus and Grafana, links from traces to metrics. */
export const queriesOf: (model: Model) => readonly Query[] = remember((model) => [
  ...[
    ...model.objects.flatMap(queriesIn),
    ...chartReleases(model.objects).flatMap(chartRules),
    ...chartDashboards(model.objects).flatMap(({ object, path }) =>
      inDashboard(object, path, text(object.json, ...path) ?? '', fieldName(path)),
    ),
  ].filter(({ expr, source }) => isPromql(model, expr, source)),
  ...model.grafana.sources.flatMap(({ json, inFile, name, spot }) =>
    items(json, 'jsonData', 'tracesToMetrics', 'queries').flatMap((one, i): Query[] => {
      const expr = text(one, 'query');
      const path = ['jsonData', 'tracesToMetrics', 'queries', i, 'query'];
      if (expr === undefined) return [];
      const where = `tracesToMetrics of data source "${name}"`;
      return [{ ...plain(inFile ? expr.replaceAll('$$', '$') : expr, where, spot(path)) }];
    }),
  ),
]);

function plain(expr: string, where: string, at: Spot): Query {
  return { expr, where, at, label: undefined, records: undefined };
}

const queriesIn = remember((object: ProofObject): readonly Found[] => {
  const { group, kind } = object;
  if (group === '' && kind === 'ConfigMap')
    return Object.entries(fields(object.json, 'data')).flatMap(([key, source]): readonly Found[] => {
      if (typeof source !== 'string') return [];
      if (key.endsWith('.json')) return inDashboard(object, ['data', key], source);
      return hasGroups(source) ? inFile(object, ['data', key], source) : [];
    });
  if (group === 'grafana.integreatly.org') {
    const source = text(object.json, 'spec', 'json');
    if ((kind === 'GrafanaDashboard' || kind === 'GrafanaLibraryPanel') && source !== undefined)
      return inDashboard(object, ['spec', 'json'], source);
    return kind === 'GrafanaAlertRuleGroup' ? inGroup(at(object.json, 'spec'), (path) => spotOf(object, ['spec', ...path])) : [];
  }
  if (group === 'monitoring.coreos.com' && kind === 'PrometheusRule')
    return inGroups(at(object.json, 'spec'), (path) => spotOf(object, ['spec', ...path]));
  return [];
});

function inDashboard(object: ProofObject, path: Path, source: string, field = `${path.at(-1)}`): Found[] {
  return dashboardQueries(source).map(({ line, ...query }) => ({
    ...query,
    records: undefined,
    at: {
      ...spotOf(object, path),
      field,
      line: () => object.origin.line(path, line()),
    },
  }));
}

const hasGroups = rememberText((source) => /^"?groups"?:/m.test(source) && /\b(expr|expression|data)"?:/.test(source));

/** A file of rules, of Prometheus or of Grafana's alerting. */
function inFile(object: ProofObject, path: Path, source: string): Found[] {
  const parsed = readYaml(source);
  if (isFault(parsed)) return [];
  return parsed.flatMap((document) =>
    inGroups(document.value, (inner) => ({
      ...spotOf(object, path),
      line: () => object.origin.line(path, document.line(inner) ?? 1),
    })),
  );
}

function inGroups(file: Json | undefined, spot: (path: Path) => Spot): Found[] {
  return items(file, 'groups').flatMap((group, i) => inGroup(group, (path) => spot(['groups', i, ...path])));
}

function inGroup(group: Json | undefined, spot: (path: Path) => Spot): Found[] {
  // Of VictoriaMetrics' vmalert, which asks others too.
  if (/^(graphite|vlogs)$/.test(text(group, 'type') ?? '')) return [];
  return items(group, 'rules').flatMap((rule, i): Found[] => {
    const expr = text(rule, 'expr');
    const records = text(rule, 'record');
    const where = records === undefined ? `alert ${text(rule, 'alert') ?? text(rule, 'title') ?? ''}` : `rule ${records}`;
    if (expr !== undefined) return [{ ...plain(expr, where, spot(['rules', i, 'expr'])), records, source: undefined }];
    return items(rule, 'data').flatMap((query, j): Found[] => {
      const asked = text(query, 'model', 'expr');
      const source = { uid: text(query, 'datasourceUid'), type: text(query, 'model', 'datasource', 'type') };
      return asked === undefined ? [] : [{ ...plain(asked, where, spot(['rules', i, 'data', j, 'model', 'expr'])), source }];
    });
  });
}

/** Rules in the values of charts: kube-prometheus-stack 88, prometheus 27, grafana 12. */
function chartRules(release: ChartRelease): Found[] {
  const { chart, object } = release;
  const grafana = grafanaValues(release);
  const maps: Path[] = [
    ...(chart === 'kube-prometheus-stack' ? [['spec', 'values', 'additionalPrometheusRulesMap']] : []),
    ...(chart === 'prometheus' ? [['spec', 'values', 'serverFiles']] : []),
    ...(grafana ? [[...grafana, 'alerting']] : []),
  ];
  const list = ['spec', 'values', 'additionalPrometheusRules'];
  return [
    ...maps.flatMap((path) => Object.keys(fields(object.json, ...path)).map((key) => [...path, key])),
    ...(chart === 'kube-prometheus-stack' ? items(object.json, ...list).map((_, i) => [...list, i]) : []),
  ].flatMap((path) => inGroups(at(object.json, ...path), (inner) => spotOf(object, [...path, ...inner])));
}

/** Whether a query is in PromQL, not in the language of logs or of traces. */
function isPromql(model: Model, expr: string, source: SourceName | undefined): boolean {
  if (!source) return !isLogql(expr);
  if (source.type !== undefined) return source.type === 'prometheus';
  const { uid } = source;
  const meant = uid === undefined ? model.grafana.sources.filter(({ isDefault }) => isDefault) : model.grafana.find(uid);
  return meant.length > 0 ? meant.every(({ type }) => type === 'prometheus') : uid !== undefined && /prom/i.test(uid);
}

/** Rules of Loki look like rules of Prometheus otherwise: no operator of PromQL has a bar in it, or stands between a selector and a text. */
function isLogql(expr: string): boolean {
  const bare = expr.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`|#[^\n]*/g, (part) => (part.startsWith('#') ? '' : '""'));
  return /\||\}\s*!(=|~)\s*""|\b(bytes_rate|bytes_over_time|rate_counter)\b/.test(bare);
}
