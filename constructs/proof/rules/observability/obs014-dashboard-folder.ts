import { nearest } from '../../../kit/nearest.ts';
import type { Model } from '../../model/model.ts';
import { dashboardFiles, looksLikeDashboard } from '../../model/pages/dashboard-files.ts';
import { type GrafanaPod, grafanaPods } from '../../model/pages/grafana-pods.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';

export const dashboardFolder: Rule = {
  code: 'OBS014',
  title: 'Grafana looks for dashboards where none lie',
  severity: 'warning',
  run: (model) => grafanaPods(model).flatMap((pod) => faultsOf(model, pod)),
  docs: {
    cause:
      'A provider of Grafana’s provisioning reads the folder `options.path`. No volume of the pod lies there, or dashboards are mounted where no provider looks: they are not there, and nothing but a line in the log says so.',
    fix: 'Mount the ConfigMap at the provider’s path, or below it.',
    example:
      'providers: [{name: istio, options: {path: /var/lib/grafana/dashboards/istio}}]\nvolumeMounts: [{name: dashboards, mountPath: /var/lib/grafana/dashboard/istio}]',
  },
};

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
    told.add(meant);
    return {
      at: provider.at,
      message: `no volume of the pod fills the folder ${provider.path}`,
      hint: meant
        ? `dashboards are mounted at ${meant.path}: name one path in both places`
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
