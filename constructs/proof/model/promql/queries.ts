import type { Json } from '../../../kit/json.ts';
import { remember, rememberText } from '../../../kit/remember.ts';
import { at, fields, items, text } from '../../json-path.ts';
import { chartReleases } from '../../read/charts.ts';
import { isFault, parseYaml } from '../../read/yaml.ts';
import { type Path, type ProofObject, type Spot, spotOf } from '../../types.ts';
import type { Model } from '../model.ts';
import { dashboardQueries, type SourceName } from './dashboard-queries.ts';

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

/** Every PromQL query of the input: dashboards, alerts and rules of Prometheus and Grafana, links from traces to metrics. */
export const queriesOf: (model: Model) => readonly Query[] = remember((model) => [
  ...model.objects.flatMap(queriesIn).filter(({ expr, source }) => isPromql(model, expr, source)),
  ...chartReleases(model.objects).flatMap(({ chart, object }) => (chart === 'kube-prometheus-stack' ? chartRules(object) : [])),
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

function inDashboard(object: ProofObject, path: Path, source: string): Found[] {
  return dashboardQueries(source).map(({ line, ...query }) => ({
    ...query,
    records: undefined,
    at: {
      ...spotOf(object, path),
      field: `${path.at(-1)}`,
      line: () => object.origin.line(path, line()),
    },
  }));
}

const hasGroups = rememberText((source) => /^"?groups"?:/m.test(source) && /\b(expr|expression|data)"?:/.test(source));
const readYaml = rememberText(parseYaml);

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

/** Rules in the values of kube-prometheus-stack (chart 88). */
function chartRules(object: ProofObject): Query[] {
  const path = ['spec', 'values', 'additionalPrometheusRulesMap'];
  return Object.entries(fields(object.json, ...path)).flatMap(([key, file]) =>
    inGroups(file, (inner) => spotOf(object, [...path, key, ...inner])),
  );
}

/** Whether a query is in PromQL, not in the language of logs or of traces. */
function isPromql(model: Model, expr: string, source: SourceName | undefined): boolean {
  // No operator of PromQL has a bar in it: rules of Loki look like rules of Prometheus otherwise.
  if (!source) return !/^[^"'`]*\|/.test(expr.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`/g, ''));
  if (source.type !== undefined) return source.type === 'prometheus';
  const { uid } = source;
  const meant = uid === undefined ? model.grafana.sources.filter(({ isDefault }) => isDefault) : model.grafana.find(uid);
  return meant.length > 0 ? meant.every(({ type }) => type === 'prometheus') : uid !== undefined && /prom/i.test(uid);
}
