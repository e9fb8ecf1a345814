import { matchesWildcard } from '../../model/hosts.ts';
import type { Model } from '../../model/model.ts';
import { type GrafanaSettings, grafanaSettings } from '../../model/pages/grafana-settings.ts';
import type { Rule } from '../../rule.ts';
import { entrancesOf } from '../../runbook/entrances.ts';
import { targets } from '../../runbook/targets.ts';
import type { Fault } from '../../types.ts';
import { liveApart } from '../apart.ts';

export const rootUrl: Rule = {
  code: 'OBS015',
  title: 'Grafana’s root_url is not where it is published',
  severity: 'warning',
  run: (model) => grafanaSettings(model).flatMap((grafana) => otherHost(model, grafana) ?? otherPath(model, grafana) ?? []),
  docs: {
    cause:
      'Grafana makes links, redirects after a login and links in alerts from `root_url` (`GF_SERVER_ROOT_URL`). It names a host that no route of the input leads to Grafana, while another does; or a path that a route hands on as it is, while Grafana, without `serve_from_sub_path`, answers at its root alone.',
    fix: 'Let root_url be what people open in the browser; below a path with serve_from_sub_path: true.',
    example:
      "env: [{name: GF_SERVER_ROOT_URL, value: 'https://grafana.old.example/'}]   # and a Gateway for grafana.mesh.example",
  },
};

/** The address that is stated; undefined for none, and for one that is filled in later. */
function addressIn(grafana: GrafanaSettings): URL | undefined {
  const url = grafana.get('server', 'root_url')?.value?.replaceAll(/^"|"$/g, '');
  return url === undefined || /[%${]/.test(url) || !URL.canParse(url) ? undefined : new URL(url);
}

function otherHost(model: Model, grafana: GrafanaSettings): Fault | undefined {
  const stated = grafana.get('server', 'root_url');
  const url = addressIn(grafana);
  if (!url || !stated || url.hostname === 'localhost') return undefined;
  const hosts = entrancesOf(model)
    .filter(({ service, host }) => grafana.leadsTo(service) && host !== '*' && !liveApart(service.object, grafana.object))
    .map(({ host }) => host);
  if (hosts.length === 0 || hosts.some((one) => one === url.hostname || matchesWildcard(one, url.hostname))) return undefined;
  return {
    at: stated.at,
    message: `root_url is ${url.href}, but Grafana is published as ${[...new Set(hosts)].sort().join(', ')}`,
    hint: 'write the address that people open',
  };
}

/** A path that comes to Grafana as it was asked for, while Grafana answers at its root. */
function otherPath(model: Model, grafana: GrafanaSettings): Fault | undefined {
  const stated = grafana.get('server', 'root_url');
  const path = addressIn(grafana)?.pathname.replace(/\/+$/, '') ?? '';
  const serves = grafana.get('server', 'serve_from_sub_path');
  // A value from elsewhere may be true.
  if (!stated || path === '' || grafana.open || (serves && serves.value !== 'false')) return undefined;
  const reached = model.routes.some(
    (route) =>
      !liveApart(route.object, grafana.object) &&
      !mayRewrite(route.object.json) &&
      targets(route).some(({ path: taken, host }) => {
        const found = model.services.find(host, route.object.namespace);
        return (taken === path || taken.startsWith(`${path}/`)) && found.is === 'service' && grafana.leadsTo(found.service);
      }),
  );
  if (!reached) return undefined;
  return {
    at: stated.at,
    message: `root_url has the path ${path}, which comes to Grafana as it is, but Grafana answers at its root: serve_from_sub_path is not true`,
    hint: 'set serve_from_sub_path: true in the section server, or let the route cut the path off',
  };
}

/** Rewrites of routes, and whatever else their annotations, filters and middlewares may do to a path. */
function mayRewrite(json: Model['objects'][number]['json']): boolean {
  return /rewrite|strip|middleware|snippet|ExtensionRef|transform/i.test(JSON.stringify(json));
}
