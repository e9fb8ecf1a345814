import { isObject, type Json } from '../../../kit/json.ts';
import { rememberText } from '../../../kit/remember.ts';
import { at, items, text } from '../../json-path.ts';
import { readJson } from '../../read/json.ts';

/** A dashboard's reference to a data source: its uid or name, or a variable; undefined means Grafana's default. */
export interface SourceName {
  readonly uid: string | undefined;
  readonly type: string | undefined;
}

/** A query of a dashboard. */
export interface DashboardQuery {
  readonly expr: string;
  /** The label whose values are asked for: `label_values(metric, label)`. */
  readonly label: string | undefined;
  readonly source: SourceName;
  /** Where it is asked: `panel "Requests"`. */
  readonly where: string;
  /** Line of the text, counted from 1. */
  line(): number;
}

/** Every query of a dashboard or a library panel, in order. */
export const dashboardQueries: (source: string) => readonly DashboardQuery[] = rememberText((source) => {
  if (!source.includes('"expr"') && !source.includes('label_values') && !source.includes('query_result')) return [];
  const json = readJson(source);
  const offered = new Map(
    items(json, 'templating', 'list').flatMap((one) => {
      const name = text(one, 'name');
      const type = text(one, 'type') === 'datasource' ? text(one, 'query') : undefined;
      return name !== undefined && type !== undefined ? [[name, type] as const] : [];
    }),
  );
  const found: Omit<DashboardQuery, 'line'>[] = [];
  const named = (node: Json | undefined, outer: SourceName): SourceName => {
    if (node === undefined || node === null) return outer;
    const uid = typeof node === 'string' ? node : text(node, 'uid');
    const variable = /^(?:\$\{?|\[\[)(\w+)/.exec(uid ?? '')?.[1];
    return { uid, type: text(node, 'type') ?? (variable === undefined ? undefined : offered.get(variable)) };
  };
  const none: SourceName = { uid: undefined, type: undefined };
  const panel = (node: Json, outer: SourceName): void => {
    const source = named(at(node, 'datasource'), outer);
    const where = `panel "${text(node, 'title') ?? ''}"`;
    for (const target of items(node, 'targets')) {
      const expr = text(target, 'expr');
      if (expr?.trim()) found.push({ expr, label: undefined, source: named(at(target, 'datasource'), source), where });
    }
    for (const inner of items(node, 'panels')) panel(inner, none);
  };
  if (!isObject(json)) return [];
  for (const one of [...items(json, 'panels'), ...items(json, 'rows'), ...(json.targets === undefined ? [] : [json])])
    panel(one, none);
  for (const one of items(json, 'annotations', 'list')) {
    const expr = text(one, 'expr') ?? text(one, 'target', 'expr');
    const where = `annotation "${text(one, 'name') ?? ''}"`;
    if (expr !== undefined) found.push({ expr, label: undefined, source: named(at(one, 'datasource'), none), where });
  }
  for (const one of items(json, 'templating', 'list')) {
    const query = text(one, 'type') === 'query' ? (text(one, 'query') ?? text(one, 'query', 'query')) : undefined;
    const asked = query === undefined ? undefined : variableQuery(query);
    const where = `variable ${text(one, 'name') ?? ''}`;
    if (asked) found.push({ ...asked, source: named(at(one, 'datasource'), none), where });
  }
  const before = new Map<string, number>();
  return found.map((one) => {
    const earlier = before.get(one.expr) ?? 0;
    before.set(one.expr, earlier + 1);
    return { ...one, line: () => lineOf(source, one.expr, earlier) };
  });
});

/** What a variable of a dashboard asks a Prometheus for; undefined where that is no PromQL. */
function variableQuery(query: string): { expr: string; label: string | undefined } | undefined {
  const values = /^\s*label_values\(\s*(.*),\s*(\w+)\s*\)\s*$/s.exec(query);
  if (values?.[1] !== undefined) return { expr: values[1], label: values[2] };
  const result = /^\s*query_result\((.*)\)\s*$/s.exec(query);
  return result?.[1] === undefined ? undefined : { expr: result[1], label: undefined };
}

/** The line where a text stands in JSON, for the one after `earlier` others. */
function lineOf(source: string, found: string, earlier: number): number {
  const written = JSON.stringify(found).slice(1, -1);
  let index = -1;
  for (let i = 0; i <= earlier; i++) {
    const next = source.indexOf(written, index + 1);
    if (next < 0) break;
    index = next;
  }
  return source.slice(0, Math.max(0, index)).split('\n').length;
}
