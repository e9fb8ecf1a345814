import { posix } from 'node:path';
import { nearest } from '../../../kit/nearest.ts';
import { at, fields, items, text } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import { grafanaValues } from '../../model/pages/chart-dashboards.ts';
import { dashboardFiles, looksLikeDashboard } from '../../model/pages/dashboard-files.ts';
import { type GrafanaPod, grafanaPods } from '../../model/pages/grafana-pods.ts';
import { type ChartRelease, chartReleases } from '../../read/charts.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, spotOf } from '../../types.ts';

export const dashboardFolder: Rule = {
  code: 'OBS014',
  title: 'Grafana looks for dashboards where none lie',
  severity: 'warning',
  run: (model) => [
    ...grafanaPods(model).flatMap((pod) => [...provisioningFaults(pod), ...faultsOf(model, pod)]),
    ...chartReleases(model.objects).flatMap(chartFaults),
  ],
  docs: {
    cause:
      'A provider of Grafana’s provisioning reads the folder `options.path`. No volume of the pod lies there, or dashboards are mounted where no provider looks: they are not there, and nothing but a line in the log says so.',
    fix: 'Mount the ConfigMap at the provider’s path, or below it.',
    example:
      'providers: [{name: istio, options: {path: /var/lib/grafana/dashboards/istio}}]\nvolumeMounts: [{name: dashboards, mountPath: /var/lib/grafana/dashboard/istio}]',
  },
};

const PROVISIONING = ['access-control', 'alerting', 'dashboards', 'datasources', 'notifiers', 'plugins'];

/** Files below a folder that Grafana does not look into. */
function provisioningFaults({ files, mounts }: GrafanaPod): Fault[] {
  return files.flatMap(({ path }) => {
    const folder = /^\/etc\/grafana\/provisioning\/([^/]+)\//.exec(path)?.[1];
    const near = folder === undefined || PROVISIONING.includes(folder) ? undefined : nearest(folder, PROVISIONING);
    const mount = mounts.find((one) => path === one.path || path.startsWith(`${one.path}/`));
    if (near === undefined || !mount) return [];
    return [{ at: mount.at, message: `Grafana does not look into ${posix.dirname(path)}`, hint: `did you mean "${near}"?` }];
  });
}

function faultsOf(model: Model, { mounts, files, providers, container }: GrafanaPod): Fault[] {
  // An image of one's own may bring dashboards.
  if (providers.length === 0 || !/(^|\/)grafana\/grafana(-oss|-enterprise)?$/.test(container.image?.repository ?? '')) return [];
  const reads = (path: string) => providers.some((one) => path === one.path || path.startsWith(`${one.path}/`));
  const dashboards = new Set(
    dashboardFiles(model)
      .filter(looksLikeDashboard)
      .map(({ object }) => object),
  );
  const lost = mounts.filter(
    ({ path, configMap }) =>
      configMap && dashboards.has(configMap) && !files.some((one) => one.object === configMap && reads(one.path)) && !reads(path),
  );
  const fills = ({ path }: { path: string }) =>
    files.some((one) => one.path.startsWith(`${path}/`)) ||
    mounts.some((one) => one.open && (path === one.path || path.startsWith(`${one.path}/`) || one.path.startsWith(`${path}/`)));
  const empty = providers.filter((one) => !fills(one));
  const told = new Set<unknown>();
  const faults = empty.map((provider): Fault => {
    const near = nearest(
      provider.path,
      lost.map(({ path }) => path),
    );
    const meant = lost.find(({ path }) => path === near) ?? (lost.length === 1 && empty.length === 1 ? lost[0] : undefined);
    // Dashboards that lie side by side are lost by one slip.
    const parent = nearest(
      provider.path,
      lost.map(({ path }) => posix.dirname(path)),
    );
    const together = meant ? [meant] : lost.filter(({ path }) => posix.dirname(path) === parent);
    for (const one of together) told.add(one);
    const place = meant?.path ?? (together.length > 0 ? parent : undefined);
    return {
      at: provider.at,
      message: `no volume of the pod fills the folder ${provider.path}`,
      hint: place
        ? `dashboards are mounted at ${place}: name one path in both places`
        : 'mount dashboards there, or drop the provider',
    };
  });
  const others = lost.filter((one) => !told.has(one));
  return [
    ...faults,
    ...others.map((one) => ({
      at: one.at,
      message: `dashboards of ${one.configMap?.id} are mounted at ${one.path}, where no provider looks`,
      hint: `mount them below ${providers[0]?.path}, or add a provider`,
    })),
  ];
}

/** Grafana's charts put what stands below `dashboards.KEY` into a folder of this name (chart grafana 12). */
function chartFaults(release: ChartRelease): Fault[] {
  const { object, partial } = release;
  const path = grafanaValues(release);
  if (!path || partial) return [];
  const values = fields(object.json, ...path);
  const folders = Object.keys(fields(values, 'dashboards')).filter(
    (key) => Object.keys(fields(values, 'dashboards', key)).length > 0,
  );
  // Provisioning may come by another way.
  if (Object.keys(values).some((key) => /^extra\w+(Mounts|Containers)$/.test(key))) return [];
  const files = Object.values(fields(values, 'dashboardProviders'));
  if (files.some((one) => !Array.isArray(at(one, 'providers')))) return [];
  const sidecar = text(values, 'sidecar', 'dashboards', 'folder');
  const read = [...files.flatMap((one) => items(one, 'providers').map((each) => text(each, 'options', 'path'))), sidecar].flatMap(
    (one) => (one === undefined ? [] : [posix.resolve(one)]),
  );
  return folders.flatMap((key) => {
    const folder = posix.join('/var/lib/grafana/dashboards', key);
    if (read.some((one) => folder === one || folder.startsWith(`${one}/`) || /[${]/.test(one))) return [];
    const near = nearest(folder, read);
    return [
      {
        at: spotOf(object, [...path, 'dashboards', key]),
        message: `dashboards.${key} lie at ${folder}, where no provider looks`,
        hint:
          near === undefined
            ? `add a provider with this path to dashboardProviders`
            : `a provider looks into ${near}: name one folder in both places`,
      },
    ];
  });
}
