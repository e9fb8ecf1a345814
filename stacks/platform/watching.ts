import {
  alertsOf,
  DashboardConfigMaps,
  dashboardsOf,
  type KubePrometheusStack,
  type Layer,
  Monitors,
  PrometheusRules,
  type Scraped,
} from '../../constructs/index.ts';
import type { PlatformSite } from './site.ts';

/** Whatever runs is scraped, alerted on and shown: monitors, rules and dashboards of the same programs. */
export function watching(
  layer: Layer,
  kube: KubePrometheusStack,
  of: readonly [Scraped, ...Scraped[]],
  { runbooks }: PlatformSite,
): void {
  const watched = of.flatMap((one) => one.watched ?? []);
  new Monitors(layer, 'monitors', { of });
  new PrometheusRules(layer, 'mesh', { groups: alertsOf(watched, { runbooks }) });
  new DashboardConfigMaps(layer, 'dashboards', {
    for: kube.grafana,
    dashboards: (links) => dashboardsOf(watched, links),
  });
}
