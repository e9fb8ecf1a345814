import { UserError } from '../../kit/index.ts';
import type { DashboardLinks, Dashboards, GrafanaDashboard } from './index.ts';

/** A ConfigMap holds 1 MiB at most (Kubernetes); a little is left for its metadata. */
const configMapLimit = 1024 * 1024 - 4096;

/** What the object that holds a dashboard is called: Kubernetes' names are lower-case and know no '_'. */
export function dashboardObjectName(uid: string): string {
  return `grafana-dashboard-${uid.toLowerCase().replaceAll('_', '-')}`;
}

/** A dashboard that has both. */
export interface NamedDashboard {
  readonly uid: string;
  readonly title: string;
  /** The dashboard, to be asked for at synth: only then it is known where its links lead. */
  readonly content: () => GrafanaDashboard;
}

/**
 * Dashboards by their uid and title.
 *
 * @param links where they lead, asked at synth
 * @param where the construct to name in an error
 * @throws UserError when two have one uid, or one has no uid, no title, or is larger than a ConfigMap can hold
 */
export function namedDashboards(dashboards: Dashboards, links: () => DashboardLinks, where: string): NamedDashboard[] {
  const byObject = new Map<string, string>();
  return (typeof dashboards === 'function' ? dashboards({}) : dashboards).map((dashboard) => {
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
    const all = () => (typeof dashboards === 'function' ? linked(dashboards, links()) : []);
    const content = () => all().find((one) => one.uid === uid) ?? dashboard;
    return { uid, title, content };
  });
}

/** All dashboards come of one call, each is asked for on its own: the last call's are kept. */
const made = new WeakMap<object, { readonly key: string; readonly dashboards: readonly GrafanaDashboard[] }>();

function linked(make: Exclude<Dashboards, readonly GrafanaDashboard[]>, links: DashboardLinks): readonly GrafanaDashboard[] {
  const key = JSON.stringify(links);
  const known = made.get(make);
  if (known?.key === key) return known.dashboards;
  const dashboards = make(links);
  made.set(make, { key, dashboards });
  return dashboards;
}
