import { createHash } from 'node:crypto';
import { isObject, type Json } from '../../../kit/json.ts';
import { groupBy } from '../../group-by.ts';
import { at, items, number, text } from '../../json-path.ts';
import { chartReleases } from '../../read/charts.ts';
import type { Config } from '../../read/config.ts';
import { type Path, type ProofObject, type Spot, spotOf } from '../../types.ts';
import type { Workload } from '../workloads.ts';
import { type GrafanaReader, grafanaReaders } from './grafana-readers.ts';

/** A data source of a Grafana. */
export interface GrafanaSource {
  readonly name: string;
  /** The plugin: `prometheus`, `tempo`. */
  readonly type: string;
  /** Stated, or as Grafana makes it from the name; undefined where somebody else makes one up. */
  readonly uid: string | undefined;
  /** What Grafana's server calls; undefined when a browser calls, or when a chart fills it in. */
  readonly url: string | undefined;
  readonly isDefault: boolean;
  readonly org: number;
  readonly json: Json;
  readonly object: ProofObject;
  /** Namespace of the Grafana: what a short host name means. */
  readonly namespace: string;
  readonly reader: GrafanaReader;
  /** Written in a provisioning file, in which `$NAME` is an environment variable. */
  readonly inFile: boolean;
  /** Not stated: a chart adds it. */
  readonly implied: boolean;
  spot(path: Path): Spot;
}

/** What a data source is asked for. */
export type SourceKind = 'metrics' | 'traces' | 'logs' | 'profiles';

/** Something that names a data source by its uid. */
export interface SourceLink {
  /** Who: `serviceMap of data source "Tempo"`. */
  readonly what: string;
  readonly uid: string;
  /** What it must be; undefined when anything will do. */
  readonly wants: SourceKind | undefined;
  readonly at: Spot;
}

/** The Grafanas of a world. */
export interface Grafana {
  readonly sources: readonly GrafanaSource[];
  readonly links: readonly SourceLink[];
  /** The sources that a reference means, by uid or by name as Grafana looks it up. */
  find(uidOrName: string): readonly GrafanaSource[];
  /** Whether the input shows every data source that there is, so that what is not there is missing. */
  readonly whole: boolean;
}

/** Reads all data sources: provisioning files in ConfigMaps and chart values, GrafanaDatasource objects, and what kube-prometheus-stack adds. */
export function grafanaOf(objects: readonly ProofObject[], configs: readonly Config[], workloads: readonly Workload[]): Grafana {
  const readers = grafanaReaders(objects, workloads);
  const provisioned = configs
    .filter((config) => config.kind === 'datasources')
    .flatMap((config) =>
      items(config.value, 'datasources').flatMap((json, i) =>
        source(json, config.object, readers.of(config.object), (path) => config.spot(['datasources', i, ...path])),
      ),
    );
  const sources = [...provisioned, ...fromCharts(objects, readers.of), ...fromResources(objects, readers.of)];
  const byUid = groupBy(sources, (one) => one.uid);
  const byName = groupBy(sources, (one) => one.name);
  return {
    sources,
    links: sources.flatMap(linksOf),
    find: (key) => byUid.get(key) ?? byName.get(key) ?? [],
    whole: sources.length > 0 && sources.every((one) => one.reader.whole),
  };
}

/** What a data source of a type holds; undefined for types that are not known here. */
export function kindOf(type: string): SourceKind | undefined {
  return KINDS.get(type);
}

const KINDS: ReadonlyMap<string, SourceKind> = new Map([
  ['prometheus', 'metrics'],
  ['loki', 'logs'],
  ['jaeger', 'traces'],
  ['tempo', 'traces'],
  ['zipkin', 'traces'],
  ['grafana-pyroscope-datasource', 'profiles'],
  ['phlare', 'profiles'],
]);

/** The uid that Grafana gives to a provisioned source without one (Grafana 13, provisioning/datasources). */
export function derivedUid(name: string): string {
  return `P${createHash('sha256').update(name).digest('hex').slice(0, 16).toUpperCase()}`;
}

function source(
  json: Json,
  object: ProofObject,
  reader: GrafanaReader,
  spot: (path: Path) => Spot,
  how: { uid?: string | undefined; inFile?: boolean; namespace?: string } = {},
): GrafanaSource[] {
  if (!isObject(json)) return [];
  const { inFile = true, namespace = object.namespace } = how;
  const name = text(json, 'name') ?? '';
  const org = number(json, 'orgId') ?? 1;
  return [
    {
      name,
      type: text(json, 'type') ?? '',
      uid: how.uid ?? text(json, 'uid') ?? (inFile ? derivedUid(name) : undefined),
      url: text(json, 'access') === 'direct' ? undefined : text(json, 'url'),
      isDefault: at(json, 'isDefault') === true,
      org: org === 0 ? 1 : org,
      ...{ json, object, namespace, reader, inFile, implied: false, spot },
    },
  ];
}

function fromResources(objects: readonly ProofObject[], readerOf: (object: ProofObject) => GrafanaReader): GrafanaSource[] {
  return objects
    .filter((object) => object.group === 'grafana.integreatly.org' && object.kind === 'GrafanaDatasource')
    .flatMap((object) => {
      const path = ['spec', 'datasource'];
      const spot = (inner: Path) => spotOf(object, [...path, ...inner]);
      const json = at(object.json, ...path);
      return json === undefined
        ? []
        : source(json, object, readerOf(object), spot, { uid: text(object.json, 'spec', 'uid'), inFile: false });
    });
}

/** `additionalDataSources` of kube-prometheus-stack, and the two that it adds itself (chart 88). */
function fromCharts(objects: readonly ProofObject[], readerOf: (object: ProofObject) => GrafanaReader): GrafanaSource[] {
  return chartReleases(objects)
    .filter((release) => release.chart === 'kube-prometheus-stack')
    .flatMap(({ object, namespace, partial }) => {
      const grafana: Path = ['spec', 'values', 'grafana'];
      const setting = (...path: Path) => at(object.json, ...grafana, ...path);
      if (setting('enabled') === false) return [];
      const reader = readerOf(object);
      const own: Path = [...grafana, 'sidecar', 'datasources'];
      const added = items(object.json, ...grafana, 'additionalDataSources').flatMap((json, i) =>
        source(json, object, reader, (path) => spotOf(object, [...grafana, 'additionalDataSources', i, ...path]), { namespace }),
      );
      const off = ['enabled', 'defaultDatasourceEnabled'].some((key) => setting('sidecar', 'datasources', key) === false);
      if (off) return added;
      const prometheus = {
        name: text(object.json, ...own, 'name') ?? 'Prometheus',
        uid: text(object.json, ...own, 'uid') ?? 'prometheus',
        type: 'prometheus',
        isDefault: !partial && setting('sidecar', 'datasources', 'isDefaultDatasource') !== false,
      };
      const alerts = { name: 'Alertmanager', uid: 'alertmanager', type: 'alertmanager' };
      const implied = [prometheus, alerts].flatMap((json) =>
        source(json, object, reader, () => spotOf(object, own), { namespace }),
      );
      return [...implied.map((one) => ({ ...one, implied: true })), ...added];
    });
}

// Fields that hold the uid of another source (Grafana 13: data sources Tempo, Jaeger, Zipkin).
const LINKS: readonly (readonly [key: string, wants: SourceKind])[] = [
  ['serviceMap', 'metrics'],
  ['tracesToMetrics', 'metrics'],
  ['tracesToLogsV2', 'logs'],
  ['tracesToLogs', 'logs'],
  ['lokiSearch', 'logs'],
  ['tracesToProfiles', 'profiles'],
];

function linksOf(from: GrafanaSource): SourceLink[] {
  const link = (path: Path, field: string, wants: SourceKind | undefined): SourceLink[] => {
    const uid = text(from.json, ...path);
    // Variables are filled in when Grafana starts.
    if (uid === undefined || uid.includes('$')) return [];
    return [{ what: `${field} of data source "${from.name}"`, uid, wants, at: from.spot(path) }];
  };
  const list = (path: Path, key: string, field: string, wants: (json: Json) => SourceKind | undefined) =>
    items(from.json, ...path).flatMap((json, i) => link([...path, i, key], field, wants(json)));
  return [
    ...LINKS.flatMap(([key, wants]) => link(['jsonData', key, 'datasourceUid'], key, wants)),
    ...list(['jsonData', 'exemplarTraceIdDestinations'], 'datasourceUid', 'exemplarTraceIdDestinations', () => 'traces'),
    // A derived field may lead anywhere: only one that is named after a trace must lead to traces.
    ...list(['jsonData', 'derivedFields'], 'datasourceUid', 'derivedFields', (json) =>
      /^trace/i.test(text(json, 'name') ?? '') ? 'traces' : undefined,
    ),
    ...list(['correlations'], 'targetUID', 'correlations', () => undefined),
  ];
}
