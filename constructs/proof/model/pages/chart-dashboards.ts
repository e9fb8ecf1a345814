import { remember } from '../../../kit/remember.ts';
import { at, fields, text } from '../../json-path.ts';
import { type ChartRelease, chartReleases } from '../../read/charts.ts';
import type { Path, ProofObject } from '../../types.ts';

/** Where the values for a Grafana stand in a release of a chart that brings one; undefined where it brings none. */
export function grafanaValues({ chart, object }: ChartRelease): Path | undefined {
  if (chart !== 'grafana' && chart !== 'kube-prometheus-stack') return undefined;
  const path: Path = ['spec', 'values', ...(chart === 'grafana' ? [] : ['grafana'])];
  return at(object.json, ...path, 'enabled') === false ? undefined : path;
}

/** Dashboards that a release gives its Grafana in its values: `dashboards.PROVIDER.NAME.json` (chart grafana 12). */
export const chartDashboards: (
  objects: readonly ProofObject[],
) => readonly { readonly object: ProofObject; readonly path: Path }[] = remember((objects) =>
  chartReleases(objects).flatMap((release) => {
    const values = grafanaValues(release);
    if (!values) return [];
    const { object } = release;
    const base = [...values, 'dashboards'];
    return Object.keys(fields(object.json, ...base)).flatMap((provider) =>
      Object.keys(fields(object.json, ...base, provider)).flatMap((name) => {
        const path = [...base, provider, name, 'json'];
        return text(object.json, ...path) === undefined ? [] : [{ object, path }];
      }),
    );
  }),
);
