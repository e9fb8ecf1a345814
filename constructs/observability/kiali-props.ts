import type { Exposed, KialiTracing, MeshLike, MetricsBackend, SecretKey } from '../kit/index.ts';
import type { DashboardServer } from './grafana.ts';

/** How people log in (Kiali 2.29, auth.strategy). */
export type KialiStrategy = 'anonymous' | 'token' | 'openid' | 'header' | 'openshift';

/** What Kiali is told, however it is installed. */
export interface KialiConfigProps {
  /** The mesh that it shows. */
  readonly mesh: MeshLike;
  /** Where it reads traffic from: without metrics it has nothing to show. */
  readonly metrics: MetricsBackend;
  /** Where it reads traces from: Jaeger or Tempo, it knows no other. @default no traces in its pages */
  readonly tracing?: KialiTracing;
  /** The Grafana whose dashboards it links to: those of the mesh, and nothing else that Grafana shows. @default no links */
  readonly dashboards?: DashboardServer;
  /**
   * As whom it asks that Grafana for its dashboards: one who may look is enough. The Secret lies beside Kiali. A Grafana that lets nobody
   * in without a login answers Kiali 401 otherwise, and all links to it are gone.
   *
   * @default without a login
   */
  readonly dashboardsLogin?: { readonly user: string; readonly password: SecretKey };
  /**
   * What people's browsers open for the two above, where that is not what an exposure published them as: what its `publish` gives back, or a
   * URL. Kiali shows a link only where it knows such an address. Tempo has no page: its traces are opened in the Grafana of `dashboards`, so
   * links to them need that one's address, not `tracing`.
   *
   * @default the address that `dashboards` and `tracing` are published at: of several the first by https, else the first; no link to what
   * is not published
   */
  readonly links?: { readonly dashboards?: Exposed | string; readonly tracing?: Exposed | string };
  /**
   * Whether it only shows the mesh, or may also change it: its wizards write Istio objects. Said in its configuration and in its rights.
   *
   * @default true, for what the committed manifests say should stay true
   */
  readonly viewOnly?: boolean;
  /** Whether it shows extra metrics of well-known runtimes (Go, JVM, Node.js ...), found by the pods' metrics. @default 'on' */
  readonly customDashboards?: 'on' | 'off';
}
