import { UserError } from '../../kit/index.ts';
import type { GrafanaDashboard } from './index.ts';

/** A ConfigMap holds 1 MiB at most (Kubernetes); a little is left for its metadata. */
const configMapLimit = 1024 * 1024 - 4096;

/** What the object that holds a dashboard is called: Kubernetes' names are lower-case and know no '_'. */
export function dashboardObjectName(uid: string): string {
  return `grafana-dashboard-${uid.toLowerCase().replaceAll('_', '-')}`;
}

/**
 * Dashboards with their uid and title, once both are there.
 *
 * @param where the construct to name in an error
 * @throws UserError when two have one uid, or one has no uid, no title, or is larger than a ConfigMap can hold
 */
export function namedDashboards(
  dashboards: readonly GrafanaDashboard[],
  where: string,
): (readonly [string, GrafanaDashboard, string])[] {
  const byObject = new Map<string, string>();
  return dashboards.map((dashboard) => {
    const { uid, title } = dashboard;
    if (!title) throw new UserError(`a dashboard of '${where}' (uid ${JSON.stringify(uid)}) has no title: give it one`);
    // Grafana 13: at most 40 letters, digits, '-' and '_'. The object that holds it is named after it.
    if (!uid || !/^[A-Za-z0-9]([A-Za-z0-9_-]{0,38}[A-Za-z0-9])?$/.test(uid)) {
      throw new UserError(
        `dashboard '${title}' of '${where}' has the uid ${JSON.stringify(uid)}: allowed are 1 to 40 letters, digits, '-' and '_', beginning and ending with a letter or digit`,
      );
    }
    const twin = byObject.get(dashboardObjectName(uid));
    if (twin !== undefined)
      throw new UserError(
        `dashboards '${twin}' and '${title}' of '${where}' have the same uid '${uid}', or one that differs in case or '_' only: change one of them`,
      );
    byObject.set(dashboardObjectName(uid), title);
    const size = Buffer.byteLength(JSON.stringify(dashboard, undefined, 2));
    if (size > configMapLimit) {
      throw new UserError(`dashboard '${title}' of '${where}' has ${size} bytes: a ConfigMap holds ${configMapLimit}, split it`);
    }
    return [uid, dashboard, title];
  });
}
