import { meshDashboard } from './mesh.ts';
import type { GrafanaDashboard } from './model.ts';
import { serviceDashboard } from './service.ts';
import { workloadDashboard } from './workload.ts';

/** The dashboards of the mesh, of one service and of one workload: Kiali looks them up by their exact titles. */
export function istioDashboards(): readonly (GrafanaDashboard & { readonly uid: string; readonly title: string })[] {
  return [meshDashboard(), serviceDashboard(), workloadDashboard()];
}
