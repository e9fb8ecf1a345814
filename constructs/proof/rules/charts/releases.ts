import { text } from '../../json-path.ts';
import { isPatched } from '../../model/flux/patched.ts';
import { referenceAt, resolve, SOURCE_GROUP } from '../../model/flux/references.ts';
import type { Model } from '../../model/model.ts';
import { type ChartRelease, chartReleases } from '../../read/charts.ts';
import type { ProofObject } from '../../types.ts';

/** The source that a HelmRelease takes its chart from, if the input holds it. */
export function sourceOfRelease(model: Model, object: ProofObject): ProofObject | undefined {
  const { json } = object;
  const path =
    text(json, 'spec', 'chartRef', 'kind') === undefined ? ['spec', 'chart', 'spec', 'sourceRef'] : ['spec', 'chartRef'];
  const kind = text(json, ...path, 'kind');
  const reference = kind === undefined ? undefined : referenceAt(object, path, { group: SOURCE_GROUP, kind });
  return reference && resolve(model, reference)[0];
}

/** The version of a release's chart, without `v`; undefined where it is a range, not told, or changed by a kustomization. */
export function versionOf(
  model: Model,
  { object }: ChartRelease,
): readonly [major: number, minor: number, patch: number] | undefined {
  const source = sourceOfRelease(model, object);
  const stated = text(object.json, 'spec', 'chart', 'spec', 'version') ?? text(source?.json, 'spec', 'ref', 'tag');
  const match = /^v?(\d+)\.(\d+)\.(\d+)([-+].*)?$/.exec(stated ?? '');
  if (!match || isPatched(model, object)) return undefined;
  const [major = 0, minor = 0, patch = 0] = match.slice(1, 4).map(Number);
  return [major, minor, patch];
}

const ISTIO_CHARTS = ['base', 'istiod', 'cni', 'ztunnel', 'gateway'];

/** The releases of Istio's charts: another project's chart of the same name is none, where its source tells. */
export function istioReleases(model: Model): ChartRelease[] {
  return chartReleases(model.objects).filter(({ chart, object }) => {
    if (!ISTIO_CHARTS.includes(chart ?? '')) return false;
    const source = sourceOfRelease(model, object);
    const url = text(source?.json, 'spec', 'url');
    return chart === 'istiod' || url === undefined || /istio/i.test(`${url} ${source?.name ?? ''}`);
  });
}
