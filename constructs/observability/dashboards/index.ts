import { meshDashboard } from './mesh.ts';
import { serviceDashboard } from './service.ts';
import { workloadDashboard } from './workload.ts';

/** What a Grafana takes: a dashboard as JSON, e.g. built with Grafana's SDK. It must have a uid and a title. */
export interface GrafanaDashboard {
  /** By which links and updates find it: unique in a Grafana. */
  readonly uid?: string | undefined;
  /** What people read, and Kiali looks it up by. */
  readonly title?: string | undefined;
}

/** The dashboards of the mesh, of one service and of one workload: Kiali looks them up by their exact titles. */
export function istioDashboards(): readonly (GrafanaDashboard & { readonly uid: string; readonly title: string })[] {
  return [meshDashboard(), serviceDashboard(), workloadDashboard()];
}
