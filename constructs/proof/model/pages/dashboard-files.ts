import { isObject, type JsonObject } from '../../../kit/json.ts';
import { remember } from '../../../kit/remember.ts';
import { at, fields, items, text } from '../../json-path.ts';
import { readJson } from '../../read/json.ts';
import { fieldName, type Path, type ProofObject, type Spot, spotOf } from '../../types.ts';
import type { Model } from '../model.ts';
import { chartDashboards } from './chart-dashboards.ts';
import { dashboardSidecars, takes } from './dashboard-sidecars.ts';
import { grafanaPods } from './grafana-pods.ts';

/** A file that a Grafana loads as a dashboard. */
export interface DashboardFile {
  readonly object: ProofObject;
  readonly at: Spot;
  readonly source: string;
  /** Undefined where it is no JSON. */
  readonly json: JsonObject | undefined;
  /** As Grafana reads it: of the dashboard itself, in the new form too. */
  readonly title: string | undefined;
  readonly uid: string | undefined;
  /** Who loads it, each by a name that is the same for all its files; empty for files of which nobody is known to load them. */
  readonly readers: readonly string[];
  /** The place of a text in it. */
  spot(needle: string): Spot;
}

/** Every key of a ConfigMap that a Grafana of the input loads, every GrafanaDashboard with JSON of its own, and those in values of charts. */
export const dashboardFiles: (model: Model) => readonly DashboardFile[] = remember((model) => {
  const sidecars = dashboardSidecars(model).all;
  const mounted = new Map<string, string[]>();
  for (const { workload, files, providers } of grafanaPods(model)) {
    for (const { path, object, key } of files) {
      if (!providers.some((one) => path.startsWith(`${one.path}/`))) continue;
      const place = `${object.id} ${object.origin.file ?? ''} ${key}`;
      mounted.set(place, [...(mounted.get(place) ?? []), workload.object.id]);
    }
  }
  const inValues = chartDashboards(model.objects).flatMap(({ object, path }) => file(object, path, [object.id], undefined));
  const stated = model.objects.flatMap((object) => {
    if (object.kind === 'GrafanaDashboard' && object.group === 'grafana.integreatly.org') {
      const reader = JSON.stringify(fields(object.json, 'spec', 'instanceSelector'));
      // Unless it is told otherwise, the operator looks for Grafanas beside the dashboard.
      const place = at(object.json, 'spec', 'allowCrossNamespaceImport') === true ? '' : ` in ${object.namespace}`;
      return [...file(object, ['spec', 'json'], [`the Grafana of ${reader}${place}`], text(object.json, 'spec', 'uid'))];
    }
    if (object.kind !== 'ConfigMap' || object.group !== '') return [];
    const by = sidecars.filter((one) => takes(one, object)).map((one) => one.object.id);
    return Object.keys(fields(object.json, 'data')).flatMap((key) => {
      if (!key.endsWith('.json')) return [];
      const readers = [...by, ...(mounted.get(`${object.id} ${object.origin.file ?? ''} ${key}`) ?? [])];
      return file(object, ['data', key], readers, undefined);
    });
  });
  return [...stated, ...inValues];
});

function file(object: ProofObject, path: Path, readers: readonly string[], uid: string | undefined): DashboardFile[] {
  const source = text(object.json, ...path);
  if (source === undefined) return [];
  const read = readJson(source);
  const json = isObject(read) ? read : undefined;
  // The form of Grafana's new API: an object of Kubernetes' kind.
  const content = text(json, 'kind') === 'Dashboard' ? fields(json, 'spec') : json;
  return [
    {
      ...{ object, source, json, readers },
      at: { ...spotOf(object, path), field: fieldName(path) },
      title: text(content, 'title'),
      uid: uid ?? text(content, 'uid') ?? (content === json ? undefined : text(json, 'metadata', 'name')),
      spot: (needle) => ({
        ...spotOf(object, path),
        field: fieldName(path),
        line: () => object.origin.line(path, source.slice(0, Math.max(0, source.indexOf(needle))).split('\n').length),
      }),
    },
  ];
}

/** Whether a JSON is a dashboard by its looks: nobody says what a ConfigMap's file is for. */
export function looksLikeDashboard({ json, title }: DashboardFile): boolean {
  return (
    title !== undefined && (Array.isArray(json?.panels) || items(json, 'rows').length > 0 || text(json, 'kind') === 'Dashboard')
  );
}
