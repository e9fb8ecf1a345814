import { isObject, type Json, type JsonObject } from '../../../kit/json.ts';
import { nearest } from '../../../kit/nearest.ts';
import { remember } from '../../../kit/remember.ts';
import { type DashboardFile, dashboardFiles, looksLikeDashboard } from '../../model/pages/dashboard-files.ts';
import type { Rule } from '../../rule.ts';
import { showsDashboards } from '../pages/trc075-kiali-dashboards.ts';

export const dashboardLink: Rule = {
  code: 'OBS012',
  title: 'a link to a dashboard that Grafana does not have',
  severity: 'warning',
  run: (model) => {
    const dashboards = dashboardFiles(model).filter(looksLikeDashboard);
    const stated = dashboardFiles(model).flatMap((one) => one.uid ?? uidIn(one) ?? []);
    const uids = new Set(stated);
    // Two of one uid: one of them is most likely what was meant (OBS010).
    const twins = uids.size < stated.length;
    if (dashboards.length === 0) return [];
    const whole = showsDashboards(model);
    return dashboards.flatMap(({ json, title, spot }) =>
      [...(json ? linksIn(json) : [])].flatMap(([url, uid]) => {
        if (uids.has(uid)) return [];
        const near = nearest(uid, uids);
        const named = dashboards.find((one) => one.uid === undefined && one.title?.toLowerCase().replaceAll(' ', '-') === uid);
        // A Grafana holds dashboards that the input does not show, made by hand or by others.
        if (near === undefined && !named && (!whole || twins)) return [];
        return [
          {
            at: spot(JSON.stringify(url)),
            message: `dashboard "${title}" links to ${url}, but no dashboard has the uid "${uid}"`,
            hint: named
              ? `give dashboard "${named.title}" this uid`
              : near === undefined
                ? 'provision the dashboard, or drop the link'
                : `did you mean "${near}"?`,
            cause: `dashboard uid ${uid}`,
            // Where every dashboard is known, nobody gets there.
            ...(whole && !twins ? { severity: 'error' as const } : {}),
          },
        ];
      }),
    );
  },
  docs: {
    cause:
      'A link of a dashboard, a panel or a value (`/d/UID`) names a uid that no dashboard has: people get “Dashboard not found”. A dashboard without a uid gets a new one in each Grafana, so nobody can link to it. Said where the input shows all dashboards, or one whose uid is nearly the same.',
    fix: 'Name the uid of the dashboard that is meant; give it one, if it has none.',
    example:
      '{"title": "Mesh", "links": [{"title": "Service", "url": "/d/istio-services"}], "panels": []}   # the uid is istio-service',
  },
};

/** The uid of a dashboard that cannot be read, of which OBS011 tells. */
function uidIn({ json, source }: DashboardFile): string | undefined {
  return json ? undefined : /"uid":\s*"([\w-]{1,40})",?\s*$/m.exec(source)?.[1];
}

/** The addresses of Grafana's own dashboards, with the uid that each names. */
const linksIn = remember((dashboard: JsonObject): ReadonlyMap<string, string> => {
  const found = new Map<string, string>();
  const open: Json[] = [dashboard];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (Array.isArray(node)) open.push(...node);
    if (!isObject(node)) continue;
    const { url } = node;
    const uid = typeof url === 'string' ? /^\/?d\/([A-Za-z0-9_-]{1,40})(?=[/?#]|$)/.exec(url)?.[1] : undefined;
    if (typeof url === 'string' && uid !== undefined) found.set(url, uid);
    open.push(...Object.values(node).filter((one) => typeof one === 'object' && one !== null));
  }
  return found;
});
