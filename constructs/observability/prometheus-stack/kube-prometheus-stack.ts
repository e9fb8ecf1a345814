import { Construct } from 'constructs';
import {
  type GrafanaSource,
  HelmRelease,
  type MetricsBackend,
  type Published,
  type ReleaseOptions,
  type RemoteWriteReceiver,
  type VolumeClaim,
} from '../../kit/index.ts';
import { checkVolume } from '../../kit/mounts.ts';
import { suggest } from '../../kit/nearest.ts';
import { allowPrivilegedPods } from '../../kit/pod-security.ts';
import { type PodResources, resourceValues } from '../../kit/quantity.ts';
import { checkSecretKey } from '../../kit/secret-key.ts';
import type { Dashboards } from '../dashboards/index.ts';
import { provisioned } from '../data-sources.ts';
import { checkGrafanaSettings, type GrafanaAccess, type GrafanaSettings } from '../grafana-settings.ts';
import { checkRetention, Prometheus } from '../prometheus.ts';
import { answersNothing, externalUrlOf } from '../prometheus-url.ts';
import { DashboardConfigMaps, StackGrafana } from './dashboard-config-maps.ts';
import { stackServices } from './names.ts';
import { grafanaValues, prometheusValues } from './values.ts';

/** Options of a {@link KubePrometheusStack}. */
export interface KubePrometheusStackProps extends ReleaseOptions, GrafanaSettings {
  /** The release's name, after which its Services are named. A DNS label, 53 letters at most. @default the construct's id */
  readonly name?: string;
  /** Who gets into its Grafana. The Secret lies in the release's namespace; the chart's default password is never used. */
  readonly access: GrafanaAccess;
  /** What its Grafana shows besides its Prometheus, see also {@link KubePrometheusStack.show}. @default nothing else */
  readonly sources?: readonly GrafanaSource[];
  /** Dashboards as JSON; each needs a uid and a title. @default those of the mesh, {@link istioDashboards} */
  readonly dashboards?: Dashboards;
  /** How long metrics are kept, as Prometheus spells durations: '15d', '12h'. @default '15d' */
  readonly retention?: string;
  /** The disk that keeps the metrics. @default they go with the pod */
  readonly storage?: Omit<VolumeClaim, 'name'>;
  /** Whether an Alertmanager runs. It tells nobody until it is given receivers. @default 'off' */
  readonly alerts?: 'on' | 'off';
  /**
   * Whether Kubernetes' scheduler, controller manager, proxy and etcd are scraped too. RKE2, k3s, kind and kubeadm let nobody but the
   * node itself do so unless they are told otherwise, and the chart would alert that they are down.
   *
   * @default 'skipped'
   */
  readonly controlPlane?: 'scraped' | 'skipped';
  /** @default 100m CPU and 512Mi memory requested for Prometheus, 10m and 256Mi for Grafana, no limits */
  readonly resources?: { readonly prometheus?: PodResources; readonly grafana?: PodResources };
}

/** The Prometheus of a {@link KubePrometheusStack}. */
export type StackPrometheus = MetricsBackend & RemoteWriteReceiver & GrafanaSource & Published;

/**
 * The Prometheus operator with a Prometheus, a Grafana and the metrics of Kubernetes itself (chart kube-prometheus-stack 88), by Flux.
 *
 * It takes the monitors, rules and probes of every namespace. They are custom resources of CRDs that the chart brings: put them into a
 * later layer. Both servers stand outside the mesh; publish their pages by an exposure, not by the chart's own Ingress.
 */
export class KubePrometheusStack extends Construct {
  /** For a release that comes after this one. */
  readonly release: HelmRelease;
  /** Answers Kiali and Grafana, takes metrics from Tempo and collectors, and has a page. */
  readonly prometheus: StackPrometheus;
  /** Takes dashboards, and has a page. */
  readonly grafana: StackGrafana;
  private readonly sources: GrafanaSource[];
  private takesRemoteWrites = false;

  /**
   * @throws UserError when the retention, the time zone, a size or a Secret's name is malformed, or two data sources or two dashboards have
   * one uid; at synth when nobody gave it the home dashboard
   */
  constructor(scope: Construct, id: string, props: KubePrometheusStackProps) {
    super(scope, id);
    const { access, sources = [], dashboards, retention = '15d', storage, alerts = 'off', ...others } = props;
    const { controlPlane = 'skipped', resources = {}, timeZone, homeDashboard, name = id, ...release } = others;
    const settings = { access, ...(timeZone ? { timeZone } : {}), ...(homeDashboard === undefined ? {} : { homeDashboard }) };
    const where = this.node.path;
    const prometheus = resourceValues(resources.prometheus ?? { cpu: '100m', memory: '512Mi' }, where);
    const grafana = resourceValues(resources.grafana ?? { cpu: '10m', memory: '256Mi' }, where);
    checkRetention(retention, where);
    if (storage) checkVolume(storage, `storage of '${where}'`);
    if (access.adminPassword) checkSecretKey(access.adminPassword, `'${where}'`);
    // Its node exporter sees the node as the node does.
    allowPrivilegedPods(this);
    this.release = new HelmRelease(this, 'release', {
      ...release,
      name,
      chart: 'kube-prometheus-stack',
      values: () => ({
        ...(alerts === 'on' ? {} : { alertmanager: { enabled: false } }),
        ...(controlPlane === 'scraped' ? {} : notScraped),
        grafana: grafanaValues({
          ...{ settings, alerts, resources: grafana, page: this.grafana.page },
          dataSources: provisioned(this.sources, where),
        }),
        prometheus: prometheusValues({
          ...{ retention, storage, resources: prometheus },
          takesRemoteWrites: this.takesRemoteWrites,
          externalUrl: externalUrlOf(this.prometheus.page),
        }),
      }),
    });
    const services = stackServices(this.release.release);
    const metrics = this.release.endpoint(services.prometheus, 9090, 'http');
    this.prometheus = {
      ...Prometheus.fromExisting(metrics),
      page: { name: 'prometheus', endpoint: metrics, path: '/', sidecar: 'never' },
      acceptRemoteWrite: () => {
        this.takesRemoteWrites = true;
        return metrics.as('http', '/api/v1/write');
      },
    };
    this.grafana = new StackGrafana(this.release.endpoint(services.grafana, 80, 'http'));
    this.sources = this.grafana.sources;
    this.sources.push(this.prometheus);
    this.show(...sources);
    new DashboardConfigMaps(this, 'dashboards', { for: this.grafana, ...(dashboards ? { dashboards } : {}) });
    // Its other dashboards may come later, and in other layers.
    checkGrafanaSettings(settings, [...this.grafana.uids, ...(homeDashboard === undefined ? [] : [homeDashboard])], where);
    this.node.addValidation({
      validate: () => [...this.missingHome(homeDashboard), ...answersNothing(this.prometheus.page, where)],
    });
  }

  /**
   * Adds data sources to its Grafana: of what is made after it, such as a Tempo that writes to its Prometheus.
   *
   * @throws UserError when two data sources have one uid or one name
   */
  show(...sources: readonly GrafanaSource[]): void {
    this.sources.push(...sources);
    provisioned(this.sources, this.node.path);
  }

  private missingHome(uid: string | undefined): string[] {
    const { uids } = this.grafana;
    if (uid === undefined || uids.includes(uid)) return [];
    return [
      `homeDashboard of '${this.node.path}' is '${uid}', but none of its dashboards has this uid: ${suggest(uid, uids, 'give it the dashboard too')}`,
    ];
  }
}

const notScraped = Object.fromEntries(
  ['kubeControllerManager', 'kubeEtcd', 'kubeProxy', 'kubeScheduler'].map((one) => [one, { enabled: false }]),
);
