import { isObject, type Json, type JsonObject } from '../../../kit/json.ts';
import { remember, rememberText } from '../../../kit/remember.ts';
import { at, fields, items, text } from '../../json-path.ts';
import { readJson } from '../../read/json.ts';
import { type Path, type ProofObject, type Spot, spotOf } from '../../types.ts';
import { chartDashboards } from './chart-dashboards.ts';

/** A dashboard's reference to a data source. */
export interface SourceRef {
  /** Uid or name, or a variable: `${datasource}`. */
  readonly uid: string;
  /** The data source's type; undefined when the dashboard does not say. */
  readonly type: string | undefined;
  readonly at: Spot;
}

/** A dashboard of Grafana, as JSON in a ConfigMap, a GrafanaDashboard, or the values of a chart. */
export interface Dashboard {
  readonly title: string;
  readonly object: ProofObject;
  /** Every data source it names, each once. */
  readonly refs: readonly SourceRef[];
  /** Names of its variables. */
  readonly variables: ReadonlySet<string>;
  /** Types of data source that its variables offer, e.g. `prometheus`. */
  readonly offers: readonly SourceRef[];
  /** Somebody fills in `${DS_...}` on the way: the Grafana operator. */
  readonly filledIn: boolean;
}

/** Reads every dashboard of the input. */
export function dashboardsOf(objects: readonly ProofObject[]): Dashboard[] {
  const filled = new Set(
    objects.flatMap(({ group, kind, json, namespace }) => {
      const from = text(json, 'spec', 'configMapRef', 'name');
      if (group !== 'grafana.integreatly.org' || kind !== 'GrafanaDashboard' || from === undefined) return [];
      return items(json, 'spec', 'datasources').length > 0 ? [`${namespace}/${from}`] : [];
    }),
  );
  const isFilled = ({ kind, namespace, name }: ProofObject) => kind === 'ConfigMap' && filled.has(`${namespace}/${name}`);
  const inValues = chartDashboards(objects).flatMap(({ object, path }) => read(object, path, text(object.json, ...path) ?? ''));
  const stated = objects.flatMap((object) =>
    isFilled(object) ? dashboardsIn(object).map((one) => ({ ...one, filledIn: true })) : dashboardsIn(object),
  );
  return [...stated, ...inValues];
}

const dashboardsIn = remember((object: ProofObject): readonly Dashboard[] => {
  if (object.kind === 'ConfigMap' && object.group === '')
    return Object.entries(fields(object.json, 'data')).flatMap(([key, source]) =>
      typeof source === 'string' && key.endsWith('.json') ? read(object, ['data', key], source) : [],
    );
  if (object.kind !== 'GrafanaDashboard' || object.group !== 'grafana.integreatly.org') return [];
  const source = text(object.json, 'spec', 'json');
  return source === undefined ? [] : read(object, ['spec', 'json'], source);
});

function read(object: ProofObject, path: Path, source: string): Dashboard[] {
  const content = contentOf(source);
  if (!content) return [];
  const spot = (needle: string): Spot => ({
    ...spotOf(object, path),
    field: `${path[path.length - 1]}`,
    line: () => object.origin.line(path, source.slice(0, Math.max(0, source.indexOf(needle))).split('\n').length),
  });
  const { title, variables } = content;
  return [
    {
      title,
      object,
      refs: [...content.refs].map(([uid, type]) => ({ uid, type, at: spot(JSON.stringify(uid)) })),
      variables: new Set(variables.flatMap((one) => text(one, 'name') ?? [])),
      offers: variables.flatMap((one) => {
        const query = text(one, 'type') === 'datasource' ? text(one, 'query') : undefined;
        return query === undefined ? [] : [{ uid: text(one, 'name') ?? '', type: query, at: spot(JSON.stringify(query)) }];
      }),
      filledIn: object.kind === 'GrafanaDashboard' && items(object.json, 'spec', 'datasources').length > 0,
    },
  ];
}

interface Content {
  readonly title: string;
  readonly refs: ReadonlyMap<string, string | undefined>;
  readonly variables: readonly Json[];
}

const contentOf = rememberText((source): Content | undefined => {
  if (!source.includes('"panels"')) return undefined;
  const json = readJson(source);
  const title = text(json, 'title');
  if (!isObject(json) || title === undefined || !Array.isArray(json.panels)) return undefined;
  return { title, refs: refsOf(json), variables: items(json, 'templating', 'list') };
});

/** All values of `datasource`, wherever they stand: `"name"`, or `{"type": ..., "uid": ...}`. */
function refsOf(dashboard: JsonObject): Map<string, string | undefined> {
  const found = new Map<string, string | undefined>();
  const open: Json[] = [dashboard];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (Array.isArray(node)) for (const item of node) open.push(item);
    if (!isObject(node)) continue;
    const ref = node.datasource;
    if (typeof ref === 'string' && ref !== '') found.set(ref, found.get(ref));
    const uid = text(ref, 'uid');
    if (uid !== undefined) found.set(uid, text(ref, 'type'));
    for (const [key, value] of Object.entries(node))
      if (
        key !== '__inputs' &&
        typeof value === 'object' &&
        value !== null &&
        (key !== 'datasource' || at(value, 'uid') === undefined)
      )
        open.push(value);
  }
  return found;
}
