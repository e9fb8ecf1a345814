import type { HelmChart } from '../../kit/helm/charts.ts';
import { isObject, type JsonObject } from '../../kit/json.ts';
import { objectName } from '../apply-order.ts';
import { mapChartValues } from './chart-values.ts';
import { type ImageVisitor, mapImages } from './image-refs.ts';
import { istioInstall } from './istio-installs.ts';
import { isChartSource, isRelease, releasedChart, type Sources } from './releases.ts';

/** What is known beside the objects themselves. */
export interface Surroundings {
  readonly sources: Sources;
  /** The chart that the construct of a release was given. */
  readonly told?: HelmChart;
}

/** An object with all its images as the visitor gives them; to one that reads texts also those of the charts and installers that it makes run. */
export function mapObject(json: JsonObject, visitor: ImageVisitor, { sources, told }: Surroundings): JsonObject {
  // The schema of a resource names images in its descriptions, and nobody pulls them.
  if (json.kind === 'CustomResourceDefinition' || isChartSource(json)) return json;
  const { mentioned } = visitor;
  const spec = isObject(json.spec) ? json.spec : {};
  const install = mentioned && istioInstall(json);
  if (install) return { ...json, spec: mapChartValues(spec, install, { ...visitor, image: mentioned }) };
  if (mentioned && isRelease(json)) {
    const chart = releasedChart(json, sources, told);
    const values = isObject(spec.values) ? spec.values : {};
    const brought = { ...visitor, image: mentioned };
    if (chart?.brings) {
      const mapped = mapChartValues(values, { version: chart.version, brings: chart.brings }, brought);
      return Object.keys(mapped).length === 0 ? json : { ...json, spec: { ...spec, values: mapped } };
    }
  }
  const mapped = mapImages(json, visitor);
  return isObject(mapped) ? mapped : json;
}

/** Who uses an image, for people: `Deployment/bookinfo/reviews-v1`. */
export function userOf(json: JsonObject): string {
  const { kind, namespace, name } = objectName(json);
  return [kind, namespace, name].filter(Boolean).join('/');
}
