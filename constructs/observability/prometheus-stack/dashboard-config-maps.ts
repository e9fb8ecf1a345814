import { Construct } from 'constructs';
import { ConfigFiles, type Endpoint, type GrafanaSource, type Page, type Published } from '../../kit/index.ts';
import { type DashboardLinks, type Dashboards, istioDashboards } from '../dashboards/index.ts';
import { dashboardObjectName, namedDashboards } from '../dashboards/named.ts';
import { linksTo, searchable } from '../dashboards/of-sources.ts';
import type { DashboardServer } from '../grafana.ts';

/** The label by which the Grafana of the chart's releases finds dashboards, in ConfigMaps of every namespace. */
export const dashboardLabel = { name: 'grafana_dashboard', value: '1' } as const;

/** The Grafana of a {@link KubePrometheusStack}. */
export class StackGrafana implements DashboardServer, Published {
  /** Its page, at `/`. */
  readonly page: Page;
  /** The titles of the dashboards that it was given so far. */
  readonly titles: string[] = [];
  /** Their uids. */
  readonly uids: string[] = [];
  /** What it shows so far. @internal */
  readonly sources: GrafanaSource[] = [];
  private kiali: Page | undefined;

  /** @param internal its address inside the cluster */
  constructor(readonly internal: Endpoint<'http'>) {
    this.page = { name: 'grafana', endpoint: internal, path: '/', sidecar: 'never' };
  }

  linkTo(kiali: Page): void {
    this.kiali ??= kiali;
  }

  /** Where its dashboards lead: to be asked at synth. @internal */
  get links(): DashboardLinks {
    return linksTo(searchable(this.sources), this.kiali);
  }
}

/** Options of {@link DashboardConfigMaps}. */
export interface DashboardConfigMapsProps {
  /** Whose dashboards they are: `stack.grafana`. */
  readonly for: StackGrafana;
  /** Dashboards as JSON, e.g. built with Grafana's SDK; each needs a uid and a title. @default those of the mesh, {@link istioDashboards} */
  readonly dashboards?: Dashboards;
}

/**
 * Dashboards for the Grafana of a {@link KubePrometheusStack}: a ConfigMap each, labelled `grafana_dashboard: "1"`, in any layer.
 * Its sidecar looks for them in every namespace, and takes a change within seconds.
 */
export class DashboardConfigMaps extends Construct {
  /** @throws UserError when two dashboards have one uid, or one has no uid, no title, or is larger than a ConfigMap can hold */
  constructor(scope: Construct, id: string, props: DashboardConfigMapsProps) {
    super(scope, id);
    const grafana = props.for;
    for (const { uid, title, content } of namedDashboards(
      props.dashboards ?? istioDashboards,
      () => grafana.links,
      this.node.path,
    )) {
      new ConfigFiles(this, `dashboard-${uid}`, {
        name: dashboardObjectName(uid),
        labels: { [dashboardLabel.name]: dashboardLabel.value },
        files: () => ({ [`${uid}.json`]: content() }),
      });
      grafana.titles.push(title);
      grafana.uids.push(uid);
    }
  }
}
