import { posix } from 'node:path';
import { Construct } from 'constructs';
import {
  ConfigFiles,
  type Endpoint,
  type GrafanaSource,
  type JsonObject,
  type Mount,
  type Page,
  type Published,
  repositories,
  versions,
  Workload,
} from '../kit/index.ts';
import { checkSecretKey } from '../kit/secret-key.ts';
import { type Dashboards, istioDashboards } from './dashboards/index.ts';
import { dashboardObjectName, type NamedDashboard, namedDashboards } from './dashboards/named.ts';
import { dashboardsOfSources, linksTo, missingDashboards, searchable } from './dashboards/of-sources.ts';
import { dataSourcesFile } from './data-sources.ts';
import { checkGrafanaSettings, type GrafanaAccess, type GrafanaSettings, grafanaSettings } from './grafana-settings.ts';

/** Where Kiali finds dashboards to link to. */
export interface DashboardServer {
  /** Where Grafana listens inside the cluster. */
  readonly internal: Endpoint<'http'>;
  /** The titles of its dashboards: Kiali finds them by title. */
  readonly titles: readonly string[];
  /** Its page: what browsers open once it is published. Left out where nobody knows. */
  readonly page?: Page;
  /** Tells it of the page of a Kiali, for its dashboards to lead there. Left out where they cannot be changed. */
  linkTo?(kiali: Page): void;
}

/** An existing Grafana: see {@link Grafana.fromExisting}. */
export interface ExistingGrafanaProps {
  /** Where it listens inside the cluster: `Endpoint.external({ protocol: 'http', host, port })`. */
  readonly internal: Endpoint<'http'>;
  /** The titles of its dashboards. @default those of {@link istioDashboards} */
  readonly titles?: readonly string[];
}

/** Options of a {@link Grafana}. */
export interface GrafanaProps extends GrafanaSettings {
  /** What it shows: at least one. The first source of metrics is the default one. */
  readonly sources: readonly [GrafanaSource, ...GrafanaSource[]];
  /**
   * Dashboards as JSON, e.g. built with Grafana's SDK; each needs a uid and a title.
   *
   * @default the {@link dashboardsOf} what its sources hold; where none of them knows, {@link istioDashboards}. What a Prometheus is told to
   * scrape after this is made is refused at synth: `scrape()` first
   */
  readonly dashboards?: Dashboards;
  /** @default everybody may look without a login, nobody may change anything */
  readonly access?: GrafanaAccess;
  /** The image's tag. @default the catalog's, `versions.grafana` */
  readonly version?: string;
  /** The image without its tag, for a mirror. @default docker.io/grafana/grafana */
  readonly image?: string;
  /** Kubernetes quantities. @default 10m CPU and 256Mi memory requested, no limit */
  readonly resources?: { readonly cpu: string; readonly memory: string; readonly memoryLimit?: string };
}

const dashboardFolder = '/etc/grafana/dashboards';

function dashboardFile(uid: string): string {
  return `${dashboardFolder}/${uid}/${uid}.json`;
}

/**
 * A Grafana as a plain workload: Service `grafana`, port 3000, with its data sources and dashboards provisioned.
 *
 * It keeps nothing: what is changed by hand is gone with the pod. It asks nothing of the internet and has no default password.
 * Its root URL is what browsers open, once an exposure has published it; by https alone its cookies are for https alone.
 */
export class Grafana extends Construct implements DashboardServer, Published {
  readonly internal: Endpoint<'http'>;
  readonly titles: readonly string[];
  readonly page: Page;
  /** The Deployment with its Service and ServiceAccount: for JSON patches. */
  readonly workload: Workload;
  private kiali: Page | undefined;

  /** A Grafana that runs already, here or elsewhere, for Kiali's links: nothing is created for it. */
  static fromExisting(props: ExistingGrafanaProps): DashboardServer {
    return { internal: props.internal, titles: props.titles ?? istioDashboards().map((d) => d.title) };
  }

  /**
   * @throws UserError when two data sources or two dashboards have one uid, or a dashboard has no uid, no title, or is larger than
   * a ConfigMap can hold; and when the time zone is malformed, or the home dashboard is none of its dashboards
   */
  constructor(scope: Construct, id: string, props: GrafanaProps) {
    super(scope, id);
    const { sources, access = { anonymous: 'Viewer' }, version = versions.grafana } = props;
    const { dashboards = dashboardsOfSources(sources) } = props;
    const traces = searchable(sources);
    const named = namedDashboards(dashboards, () => linksTo(traces, this.kiali), this.node.path);
    if (!props.dashboards) {
      this.node.addValidation({ validate: () => missingDashboards(sources, named, this.node.path) });
    }
    checkGrafanaSettings(
      props,
      named.map(({ uid }) => uid),
      this.node.path,
    );
    if (access.adminPassword) checkSecretKey(access.adminPassword, `'${this.node.path}'`);
    const provisioning = new ConfigFiles(this, 'config', {
      name: 'grafana',
      labels: { app: 'grafana' },
      files: {
        'datasources.yaml': dataSourcesFile(sources, this.node.path),
        'dashboardproviders.yaml': dashboardProviders,
      },
    });
    this.workload = new Workload(this, 'server', {
      name: 'grafana',
      version,
      image: `${props.image ?? repositories.grafana}:${version}`,
      user: 472,
      sidecar: 'never',
      env: () => grafanaSettings({ ...props, access, page: this.page, fileOf: dashboardFile }),
      ports: [{ name: 'http', port: 3000 }],
      service: [{ name: 'http', port: 3000, appProtocol: 'http' }],
      mounts: [
        {
          at: '/etc/grafana/provisioning/datasources/datasources.yaml',
          files: provisioning,
          only: 'datasources.yaml',
        },
        {
          at: '/etc/grafana/provisioning/dashboards/dashboardproviders.yaml',
          files: provisioning,
          only: 'dashboardproviders.yaml',
        },
        ...named.map((dashboard) => this.mountDashboard(dashboard)),
        { at: '/var/lib/grafana', scratch: 'disk' },
        { at: '/var/log/grafana', scratch: 'disk' },
        { at: '/tmp', scratch: 'disk' },
      ],
      readiness: { get: '/api/health', port: 3000 },
      liveness: { get: '/api/health', port: 3000, delay: 60, failures: 10 },
      resources: props.resources ?? { cpu: '10m', memory: '256Mi' },
    });
    this.titles = named.map(({ title }) => title);
    this.internal = this.workload.service.endpoint('http', 'http');
    this.page = { name: 'grafana', endpoint: this.internal, path: '/', sidecar: 'never' };
  }

  linkTo(kiali: Page): void {
    this.kiali ??= kiali;
  }

  /** One ConfigMap for each dashboard: together they soon outgrow one. */
  private mountDashboard({ uid, content }: NamedDashboard): Mount {
    const files = new ConfigFiles(this, `dashboard-${uid}`, {
      name: dashboardObjectName(uid),
      labels: { app: 'grafana' },
      files: () => ({ [`${uid}.json`]: content() }),
    });
    return { at: posix.dirname(dashboardFile(uid)), files };
  }
}

const dashboardProviders: JsonObject = {
  apiVersion: 1,
  providers: [
    {
      name: 'dashboards',
      type: 'file',
      folder: 'Mesh',
      disableDeletion: true,
      allowUiUpdates: false,
      options: { path: dashboardFolder },
    },
  ],
};
