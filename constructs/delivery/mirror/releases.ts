import type { ChartImages } from '../../kit/helm/chart-images.ts';
import { chartImages } from '../../kit/helm/chart-images.ts';
import { charts, type HelmChart } from '../../kit/helm/charts.ts';
import { isObject, type JsonObject } from '../../kit/json.ts';
import { objectName } from '../apply-order.ts';
import { isPulled } from './chart-values.ts';
import { textAt, valueAt } from './values.ts';

/** What a HelmRelease installs, as far as it is known. */
export interface ReleasedChart {
  readonly chart: string;
  readonly version: string | undefined;
  /** URL of its HelmRepository or OCIRepository; undefined when that is not among the objects. */
  readonly source: string | undefined;
  /** What it pulls; undefined when no table knows the chart at this version. */
  readonly brings: ChartImages | undefined;
  /** Why its images are not known. */
  readonly unknown?: string;
}

/** Finds the sources that releases name: by kind, namespace and name. */
export type Sources = ReadonlyMap<string, JsonObject>;

/** The Flux sources of charts among some objects. */
export function sourcesOf(objects: readonly JsonObject[]): Sources {
  const found = objects.filter(isChartSource).map((json) => {
    const { kind, namespace, name } = objectName(json);
    return [sourceKey(kind, namespace, name), json] as const;
  });
  return new Map(found);
}

/** Whether an object is one that Flux may take charts from. */
export function isChartSource(json: JsonObject): boolean {
  const { apiVersion, kind } = objectName(json);
  return apiVersion.startsWith('source.toolkit.fluxcd.io/') && (kind === 'HelmRepository' || kind === 'OCIRepository');
}

/** Whether an object is a HelmRelease of Flux. */
export function isRelease(json: JsonObject): boolean {
  const { apiVersion, kind } = objectName(json);
  return kind === 'HelmRelease' && apiVersion.startsWith('helm.toolkit.fluxcd.io/');
}

/** The source that a release takes its chart from, as a key of {@link Sources}. */
export function sourceOf(release: JsonObject): string | undefined {
  const spec = isObject(release.spec) ? release.spec : {};
  const ref = valueAt(spec, 'chartRef') ?? valueAt(spec, 'chart.spec.sourceRef');
  if (!isObject(ref) || typeof ref.kind !== 'string' || typeof ref.name !== 'string') return undefined;
  return sourceKey(ref.kind, textAt(ref, 'namespace') ?? objectName(release).namespace, ref.name);
}

/** @param told the chart that a construct of this library was given */
export function releasedChart(release: JsonObject, sources: Sources, told?: HelmChart): ReleasedChart | undefined {
  const spec = isObject(release.spec) ? release.spec : {};
  const source = sources.get(sourceOf(release) ?? '');
  const url = source && textAt(source, 'spec.url');
  const name = told?.chart ?? lastPart(textAt(spec, 'chart.spec.chart')) ?? lastPart(url);
  if (name === undefined) return undefined;
  const version =
    told?.version ?? textAt(spec, 'chart.spec.version') ?? (source && textAt(source, 'spec.ref.tag'))?.replaceAll('_', '+');
  const known = Object.hasOwn(chartImages, name) ? chartImages[name] : undefined;
  const brings = told?.images ?? known;
  const values = isObject(spec.values) ? spec.values : {};
  const unknown =
    brings === undefined ? 'no table knows its images' : told?.images ? undefined : untagged(name, version, brings, values);
  return {
    chart: name,
    version,
    source: url,
    brings,
    ...(unknown === undefined ? {} : { unknown }),
  };
}

/** Why tags are not known: a chart of another version than the catalog's pulls other images, where they don't follow its own version. */
function untagged(name: string, version: string | undefined, { images }: ChartImages, values: JsonObject): string | undefined {
  const catalog = Object.values(charts).find(({ chart }) => chart === name)?.version;
  if (version === catalog) return undefined;
  const fixed = images.filter(
    (image) =>
      isPulled(image, values) &&
      !image.image.includes('{version}') &&
      !('repository' in image.keys && textAt(values, image.keys.tag) !== undefined),
  );
  return fixed.length === 0 ? undefined : `its images are known of version ${catalog} only`;
}

function sourceKey(kind: string, namespace: string | undefined, name: string): string {
  return `${kind}/${namespace ?? ''}/${name}`;
}

function lastPart(path: string | undefined): string | undefined {
  return path?.split('/').filter(Boolean).at(-1);
}
