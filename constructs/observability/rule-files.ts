import type { Endpoint, JsonObject, Watched } from '../kit/index.ts';
import { type AlertOptions, alertsOf } from './alerts/index.ts';
import { objectivesOf } from './alerts/options.ts';
import type { PrometheusRuleGroup } from './monitors/prometheus-rules.ts';
import { checkRuleGroups } from './monitors/rule-groups.ts';

const ofMesh = 'mesh.rules.yml';
const ownRules = 'own.rules.yml';

/**
 * The files of rules of a Prometheus, by name: the alerts of what it scrapes, and its user's own. A file without rules is left out.
 *
 * @param where the construct to name in an error
 * @throws UserError when an option of the alerts is out of its range, or two groups or rules are the same
 */
export function ruleFiles(
  watched: readonly Watched[],
  alerts: 'off' | AlertOptions,
  own: readonly PrometheusRuleGroup[],
  where: string,
): Readonly<Record<string, JsonObject>> {
  if (alerts !== 'off') objectivesOf(alerts, ` of '${where}'`);
  const mesh = alerts === 'off' || watched.length === 0 ? [] : alertsOf(watched, alerts);
  checkRuleGroups([...mesh, ...own], where);
  return {
    ...(mesh.length > 0 ? { [ofMesh]: { groups: mesh.map(plain) } } : {}),
    ...(own.length > 0 ? { [ownRules]: { groups: own.map(plain) } } : {}),
  };
}

/** Whether the alerts ask how full volumes are. */
export function asksForVolumes(files: Readonly<Record<string, JsonObject>>): boolean {
  return JSON.stringify(files[ofMesh] ?? {}).includes('kubelet_volume_stats_');
}

/** Where Prometheus sends alerts (Prometheus 3, alertmanager_config). */
export function alertmanagerConfig({ authority, path, tls }: Endpoint<'http'>): JsonObject {
  return {
    ...(tls ? { scheme: 'https' } : {}),
    ...(path === '' ? {} : { path_prefix: path }),
    static_configs: [{ targets: [authority] }],
  };
}

function plain({ name, interval, rules }: PrometheusRuleGroup): JsonObject {
  return { name, ...(interval === undefined ? {} : { interval }), rules: rules.map((rule) => ({ ...rule })) };
}
