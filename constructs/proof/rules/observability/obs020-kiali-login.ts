import { at, fields, text } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import { addressOf } from '../../model/pages/backends.ts';
import { type GrafanaPod, grafanaPods } from '../../model/pages/grafana-pods.ts';
import { iniEntry } from '../../model/pages/ini.ts';
import type { Service } from '../../model/services.ts';
import { selects } from '../../model/workloads.ts';
import { chartReleases } from '../../read/charts.ts';
import type { Rule } from '../../rule.ts';
import { liveApart } from '../apart.ts';

export const kialiLogin: Rule = {
  code: 'OBS020',
  title: 'Kiali asks a Grafana that lets nobody in without a login',
  severity: 'warning',
  run: (model) =>
    model.kialis.flatMap(({ config, namespace, grafana, spot }) => {
      const settings = fields(config.value, 'external_services', 'grafana');
      const url = text(settings, 'internal_url') ?? text(settings, 'in_cluster_url');
      const host = url === undefined ? undefined : addressOf(url)?.host;
      if (!grafana.on || host === undefined || config.partial) return [];
      if ((text(settings, 'auth', 'type') ?? 'none') !== 'none') return [];
      const found = model.services.find(host, namespace);
      if (found.is !== 'service' || liveApart(found.service.object, config.object) || !asksForLogin(model, found.service))
        return [];
      return [
        {
          at: spot(['grafana']),
          message: `Kiali has no login for Grafana (${found.service.id}), which lets nobody in without one`,
          hint: 'set external_services.grafana.auth, or let visitors look: auth.anonymous with org_role Viewer',
        },
      ];
    }),
  docs: {
    cause:
      'Kiali looks dashboards up through Grafana’s API. Anonymous access is off in Grafana unless it is switched on, so it answers 401, and all of Kiali’s links to dashboards are gone (kiali#5988).',
    fix: 'Give Kiali a user that may look: `auth: {type: basic, username: kiali, password: ...}`, the password from a Secret; or let visitors of Grafana look.',
    example:
      'external_services:\n  grafana: {internal_url: "http://grafana.monitoring:3000"}   # and a Grafana with auth.anonymous off',
  },
};

function asksForLogin(model: Model, service: Service): boolean {
  const release = chartReleases(model.objects).find(({ object }) => service.created && object === service.object);
  if (release) {
    const { object, chart, partial } = release;
    const value = (...path: readonly string[]) => at(object.json, 'spec', 'values', 'grafana', ...path);
    if (chart !== 'kube-prometheus-stack' || partial) return false;
    const others = ['envFromSecret', 'envFromSecrets', 'envFromConfigMaps', 'extraConfigmapMounts'].some(
      (key) => value(key) !== undefined,
    );
    return (
      !others &&
      !(
        isObjectWith(value('env'), /^GF_AUTH_(PROXY|JWT)/) ||
        value('grafana.ini', 'auth.proxy') ||
        value('grafana.ini', 'auth.jwt')
      ) &&
      `${value('env', 'GF_AUTH_ANONYMOUS_ENABLED') ?? value('grafana.ini', 'auth.anonymous', 'enabled') ?? false}` === 'false'
    );
  }
  const pods = grafanaPods(model).filter(
    ({ workload }) =>
      workload.namespace === service.namespace && service.selector.size > 0 && selects(service.selector, workload.labels),
  );
  return pods.length > 0 && pods.every(isClosed);
}

function isObjectWith(value: ReturnType<typeof at>, key: RegExp): boolean {
  return Object.keys(fields(value)).some((one) => key.test(one));
}

function isClosed({ container, mounts, files }: GrafanaPod): boolean {
  const { env, envOpen } = container;
  if (envOpen || [...env.keys()].some((name) => /^GF_AUTH_(PROXY|JWT)|^GF_PATHS_CONFIG/.test(name))) return false;
  const stated = env.get('GF_AUTH_ANONYMOUS_ENABLED');
  if (stated) return stated.value === 'false';
  const ini = files.find(({ path }) => path === '/etc/grafana/grafana.ini');
  if (!ini) return !mounts.some(({ path, open }) => open && /^\/etc(\/grafana(\/grafana\.ini)?)?$/.test(path));
  const source = text(ini.object.json, 'data', ini.key) ?? '';
  return !/\[auth\.(proxy|jwt)\]/.test(source) && (iniEntry(source, 'auth.anonymous', 'enabled')?.value ?? 'false') === 'false';
}
