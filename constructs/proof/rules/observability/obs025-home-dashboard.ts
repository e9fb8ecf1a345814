import { nearest } from '../../../kit/nearest.ts';
import { type GrafanaSettings, grafanaSettings } from '../../model/pages/grafana-settings.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';

export const homeDashboard: Rule = {
  code: 'OBS025',
  title: 'Grafana’s home dashboard is a file that it does not have',
  severity: 'warning',
  run: (model) => grafanaSettings(model).flatMap((grafana) => faultOf(grafana) ?? []),
  docs: {
    cause:
      '`default_home_dashboard_path` (`GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH`) names a file that no mount of the pod provides: the first page that people see says that the home dashboard failed to load. Said of plain workloads with Grafana’s own image, where all that is mounted there is in the input.',
    fix: 'Name the file where the ConfigMap with the dashboard is mounted.',
    example:
      'env: [{name: GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH, value: /var/lib/grafana/dashboards/mesh.json}]   # mounted is /etc/grafana/dashboards',
  },
};

function faultOf({ pod, get }: GrafanaSettings): Fault | undefined {
  const stated = pod && get('dashboards', 'default_home_dashboard_path');
  const path = stated?.value?.replaceAll(/^"|"$/g, '') ?? '';
  // Grafana's own folders come with its image.
  if (!pod || !stated || !path.startsWith('/') || /[%${]/.test(path) || path.startsWith('/usr/share/grafana/')) return undefined;
  const ofGrafana = /^((docker\.io|[^/]+\.[^/]+(\/[^/]+)*)\/)?grafana\/grafana(-oss|-enterprise)?$/.test(
    pod.container.image?.repository ?? '',
  );
  const hidden = pod.mounts.some((mount) => mount.open && path.startsWith(`${mount.path}/`));
  if (!ofGrafana || hidden || pod.files.some((file) => file.path === path)) return undefined;
  const dashboards = pod.files.map((file) => file.path).filter((file) => file.endsWith('.json'));
  const same = dashboards.find((file) => file.split('/').at(-1) === path.split('/').at(-1)) ?? nearest(path, dashboards);
  return {
    at: stated.at,
    message: `the home dashboard is ${path}, which no mount provides`,
    hint: same === undefined ? 'mount a ConfigMap with this file, or drop the setting' : `did you mean "${same}"?`,
  };
}
