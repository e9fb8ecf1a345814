import { Lazy } from 'cdk8s';
import { Construct } from 'constructs';
import * as crd from '../../../imports/grafana.integreatly.org.ts';
import { type Endpoint, type GrafanaSource, namespaceOf, type Page, UserError } from '../../kit/index.ts';
import { checkLabels } from '../../kit/layer.ts';
import type { Dashboards } from '../dashboards/index.ts';
import { dashboardObjectName, namedDashboards } from '../dashboards/named.ts';
import { dashboardsOfSources, linksTo, missingDashboards, searchable } from '../dashboards/of-sources.ts';
import { linkedSources } from '../data-sources.ts';
import type { DashboardServer } from '../grafana.ts';

/** Options of {@link GrafanaResources}. */
export interface GrafanaResourcesProps {
  /** The labels of the operator's Grafana objects that take them, in any namespace: at least one. */
  readonly instances: Readonly<Record<string, string>>;
  /** Where that Grafana listens inside the cluster: the operator's Service `NAME-service`, port 3000. */
  readonly internal: Endpoint<'http'>;
  /** What it shows. The first source of metrics is the default one. @default no data source */
  readonly sources?: readonly GrafanaSource[];
  /**
   * Dashboards as JSON; each needs a uid and a title.
   *
   * @default the {@link dashboardsOf} what its sources hold; where none of them knows, {@link istioDashboards}. What a Prometheus is told to
   * scrape after this is made is refused at synth: `scrape()` first
   */
  readonly dashboards?: Dashboards;
  /** The folder that people see the dashboards in. @default 'Mesh' */
  readonly folder?: string;
}

/**
 * Data sources and dashboards for a Grafana that the Grafana operator (v5) runs: a GrafanaDatasource and a GrafanaDashboard each. The
 * operator's CRDs must be in place.
 */
export class GrafanaResources extends Construct implements DashboardServer {
  readonly internal: Endpoint<'http'>;
  readonly titles: readonly string[];
  private kiali: Page | undefined;

  /**
   * @throws UserError when no instance is selected, two data sources or two dashboards have one uid, or a dashboard has no uid, no title, or is larger than a
   * ConfigMap can hold
   */
  constructor(scope: Construct, id: string, props: GrafanaResourcesProps) {
    super(scope, id);
    const { instances, sources = [], dashboards = dashboardsOfSources(sources), folder = 'Mesh' } = props;
    // No label would mean every Grafana of the cluster.
    if (Object.keys(instances).length === 0) {
      throw new UserError(
        `instances of '${this.node.path}' is empty: give the labels of the Grafana objects that are to take these`,
      );
    }
    checkLabels(instances, `instances of '${this.node.path}'`);
    const common = { allowCrossNamespaceImport: true, instanceSelector: { matchLabels: { ...instances } } };
    const namespace = namespaceOf(this);
    const traces = searchable(sources);
    for (const { source, isDefault } of linkedSources(sources, this.node.path)) {
      const { uid, jsonData, ...datasource } = source;
      new crd.GrafanaDatasource(this, `source-${uid}`, {
        metadata: { name: `grafana-datasource-${uid.toLowerCase().replaceAll('_', '-')}`, namespace },
        spec: {
          ...common,
          uid,
          datasource: { ...datasource, access: 'proxy', editable: false, isDefault, ...(jsonData ? { jsonData } : {}) },
        },
      });
    }
    const named = namedDashboards(dashboards, () => linksTo(traces, this.kiali), this.node.path);
    if (!props.dashboards) {
      this.node.addValidation({ validate: () => missingDashboards(sources, named, this.node.path) });
    }
    for (const { uid, content } of named) {
      new crd.GrafanaDashboard(this, `dashboard-${uid}`, {
        metadata: { name: dashboardObjectName(uid), namespace },
        spec: { ...common, uid, folder, json: Lazy.any({ produce: () => `${JSON.stringify(content(), undefined, 2)}\n` }) },
      });
    }
    this.internal = props.internal;
    this.titles = named.map(({ title }) => title);
  }

  linkTo(kiali: Page): void {
    this.kiali ??= kiali;
  }
}
