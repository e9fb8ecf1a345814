import type { Watched, WatchedProgram } from '../../kit/index.ts';
import { controlPlaneDashboard } from './control-plane.ts';
import type { DashboardLinks } from './links.ts';
import { meshDashboard } from './mesh.ts';
import type { Dashboard } from './model.ts';
import { performanceDashboard } from './performance.ts';
import type { Programs } from './program.ts';
import { collectorDashboard } from './programs/collector.ts';
import { jaegerDashboard } from './programs/jaeger.ts';
import { lokiDashboard } from './programs/loki.ts';
import { skywalkingDashboard } from './programs/skywalking.ts';
import { tempoDashboard } from './programs/tempo.ts';
import { zipkinDashboard } from './programs/zipkin.ts';
import { serviceDashboard } from './service.ts';
import { serviceGraphDashboard } from './service-graph.ts';
import { waypointDashboard } from './waypoint.ts';
import { workloadDashboard } from './workload.ts';
import { ztunnelDashboard } from './ztunnel.ts';

export type { DashboardLinks } from './links.ts';

/** What a Grafana takes: a dashboard as JSON, e.g. built with Grafana's SDK. It must have a uid and a title. */
export interface GrafanaDashboard {
  /** By which links and updates find it: unique in a Grafana. */
  readonly uid?: string | undefined;
  /** What people read, and Kiali looks it up by. */
  readonly title?: string | undefined;
}

/**
 * Dashboards to show, or a function that makes them: it is told at synth where they can lead, e.g. to a Kiali that is published later.
 * `(links) => dashboardsOf([...mesh.watched, ...collector.watched], links)`
 */
export type Dashboards = readonly GrafanaDashboard[] | ((links: DashboardLinks) => readonly GrafanaDashboard[]);

/** A dashboard of this library's own. */
export type OwnDashboard = GrafanaDashboard & { readonly uid: string; readonly title: string };

/**
 * The dashboards for what somebody watches, each kind once: of a mesh those of all traffic, a service, a workload, the performance and the
 * control plane, with ztunnel and waypoints where it is ambient; one for all collectors, one for each kind of backend, and one of the calls
 * between services where a program makes metrics from spans. Kiali looks those of the mesh up by their exact titles.
 *
 * @param watched what a store of metrics holds: `prometheus.watched`, or `[...mesh.watched, ...collector.watched]`
 * @param links what they lead to besides each other
 */
export function dashboardsOf(watched: readonly Watched[], links: DashboardLinks = {}): readonly OwnDashboard[] {
  const meshes = watched.filter((w) => w.is === 'mesh');
  const programs = watched.filter((w) => w.is !== 'mesh');
  const dataplane = meshes.some((mesh) => mesh.dataplane === 'ambient') ? 'ambient' : 'sidecar';
  return [
    ...(meshes.length > 0
      ? [
          meshDashboard(links),
          serviceDashboard(links, dataplane),
          workloadDashboard(links, dataplane),
          performanceDashboard(),
          controlPlaneDashboard(),
        ]
      : []),
    ...(dataplane === 'ambient' ? [ztunnelDashboard(), waypointDashboard(links)] : []),
    ...(programs.some(({ makes }) => makes?.includes('service-graph')) ? [serviceGraphDashboard(links)] : []),
    ...kinds.flatMap(([kind, dashboard]) => {
      const these = programs.filter((p) => p.is === kind);
      return these.length > 0 ? [dashboard({ namespaces: these.map((p) => p.namespace), names: these.map((p) => p.name) })] : [];
    }),
  ];
}

/** The dashboards of a mesh with sidecars: what a Grafana shows where nobody knows what its Prometheus holds. */
export function istioDashboards(links: DashboardLinks = {}): readonly OwnDashboard[] {
  return dashboardsOf([{ is: 'mesh', namespace: 'istio-system', dataplane: 'sidecar', traced: false }], links);
}

const ofKind: Readonly<Record<WatchedProgram, (programs: Programs) => Dashboard>> = {
  collector: collectorDashboard,
  jaeger: jaegerDashboard,
  tempo: tempoDashboard,
  zipkin: zipkinDashboard,
  skywalking: skywalkingDashboard,
  loki: lokiDashboard,
};
const kinds = Object.entries(ofKind);
