import { JsonPatch } from 'cdk8s';
import { Construct } from 'constructs';
import {
  ConfigFiles,
  type DataSource,
  type DataSourceLinks,
  type Endpoint,
  type GrafanaSource,
  type JsonObject,
  type MetricsBackend,
  type Page,
  type Published,
  type RemoteWriteReceiver,
  repositories,
  type Scraped,
  type ScrapeJob,
  UserError,
  versions,
  type Watched,
  Workload,
} from '../kit/index.ts';
import type { AlertOptions } from './alerts/index.ts';
import type { PrometheusRuleGroup } from './monitors/prometheus-rules.ts';
import { answersNothing, externalUrlOf } from './prometheus-url.ts';
import { alertmanagerConfig, asksForVolumes, ruleFiles } from './rule-files.ts';
import { scrapeConfigs, scrapeInterval, volumeStatistics } from './scrape.ts';

/** Options of a {@link Prometheus}. */
export interface PrometheusProps {
  /** Whose metrics are gathered: the mesh, collectors, backends. @default only Prometheus itself and the containers' CPU and memory */
  readonly scrape?: readonly Scraped[];
  /** How long metrics are kept, as Prometheus spells durations: '15d', '12h'. @default '15d' */
  readonly retention?: string;
  /**
   * Alerts on what is scraped, as a file of rules: what services promise, where the page of alerts is read. 'off' for none.
   *
   * @default `{}`: those of everything whose kind is known, see {@link alertsOf}
   */
  readonly alerts?: 'off' | AlertOptions;
  /** Alerts and recorded series of your own. @default none */
  readonly rules?: readonly PrometheusRuleGroup[];
  /**
   * The Alertmanager that alerts are sent to, and that tells people: `Endpoint.external({ protocol: 'http', host, port: 9093 })`.
   *
   * @default nobody is told: alerts are seen on Prometheus' page, under Alerts
   */
  readonly alertmanager?: Endpoint<'http'>;
  /** The image's tag. @default the catalog's, `versions.prometheus` */
  readonly version?: string;
  /** The image without its tag, for a mirror. @default docker.io/prom/prometheus */
  readonly image?: string;
  /** Kubernetes quantities. @default 10m CPU and 256Mi memory requested, no limit */
  readonly resources?: { readonly cpu: string; readonly memory: string; readonly memoryLimit?: string };
}

/** What else there is to know of an existing Prometheus. */
export interface ExistingPrometheusProps {
  /**
   * Where it takes remote writes, when it does: a Prometheus that was started with `--web.enable-remote-write-receiver` at the path
   * `/api/v1/write`, another store at its own.
   *
   * @default it takes none
   */
  readonly remoteWrite?: Endpoint<'http'>;
  /** The uid of its data source in Grafana. @default 'prometheus' */
  readonly uid?: string;
  /** The name of its data source in Grafana. @default 'Prometheus' */
  readonly name?: string;
}

/**
 * A Prometheus server as a plain workload: Service `prometheus`, port 9090, scraping every 15 seconds.
 *
 * Its data goes with the pod. A change of what it scrapes rolls the pod.
 */
export class Prometheus extends Construct implements MetricsBackend, RemoteWriteReceiver, GrafanaSource, Published {
  readonly metrics: Endpoint<'http'>;
  readonly page: Page;
  /** The Deployment with its Service, ServiceAccount and rights: for JSON patches. */
  readonly workload: Workload;
  private readonly jobs: ScrapeJob[] = [];
  private readonly programs: Watched[] = [];
  private readonly alerting: Pick<PrometheusProps, 'alertmanager'> & Required<Pick<PrometheusProps, 'alerts' | 'rules'>>;
  private takesRemoteWrites = false;

  /**
   * A Prometheus that runs already, here or elsewhere: nothing is created for it.
   *
   * @param endpoint where its query API listens: `Endpoint.external({ protocol: 'http', host, port })`
   */
  static fromExisting(
    endpoint: Endpoint<'http'>,
    props: ExistingPrometheusProps & { readonly remoteWrite: Endpoint<'http'> },
  ): MetricsBackend & GrafanaSource & RemoteWriteReceiver;
  static fromExisting(endpoint: Endpoint<'http'>, props?: ExistingPrometheusProps): MetricsBackend & GrafanaSource;
  static fromExisting(
    endpoint: Endpoint<'http'>,
    { remoteWrite, ...named }: ExistingPrometheusProps = {},
  ): MetricsBackend & GrafanaSource & Partial<RemoteWriteReceiver> {
    return {
      metrics: endpoint,
      toDataSource: (links) => dataSource(endpoint, named, links),
      ...(remoteWrite ? { acceptRemoteWrite: () => remoteWrite } : {}),
    };
  }

  /**
   * @throws UserError when two different scrape jobs or two groups of rules have one name, the retention is not a duration, or the alerts
   * are told something out of its range
   */
  constructor(scope: Construct, id: string, props: PrometheusProps = {}) {
    super(scope, id);
    const { alerts = {}, rules = [], alertmanager } = props;
    this.alerting = { alerts, rules, ...(alertmanager ? { alertmanager } : {}) };
    const { scrape = [], retention = '15d', version = versions.prometheus, image = repositories.prometheus } = props;
    checkRetention(retention, this.node.path);
    this.scrape(...scrape);
    const config = new ConfigFiles(this, 'config', {
      name: 'prometheus',
      labels: { app: 'prometheus' },
      files: () => ({ 'prometheus.yml': this.config(), ...this.ruleFiles() }),
    });
    this.workload = new Workload(this, 'server', {
      name: 'prometheus',
      version,
      image: `${image}:${version}`,
      // The image's user `nobody`.
      user: 65534,
      sidecar: 'never',
      args: () => [
        '--config.file=/etc/config/prometheus.yml',
        '--storage.tsdb.path=/data',
        `--storage.tsdb.retention.time=${retention}`,
        // From a point of a graph to the trace behind it: at most 100,000 are kept, in memory (Prometheus 3, feature flags).
        '--enable-feature=exemplar-storage',
        ...externalUrl(externalUrlOf(this.page)),
      ],
      ports: [{ name: 'http', port: 9090 }],
      service: [{ name: 'http', port: 9090, appProtocol: 'http' }],
      mounts: [
        { at: '/etc/config', files: config },
        { at: '/data', scratch: 'disk' },
      ],
      readiness: { get: '/-/ready', port: 9090, period: 5 },
      liveness: { get: '/-/healthy', port: 9090, delay: 30, period: 15 },
      resources: props.resources ?? { cpu: '10m', memory: '256Mi' },
      rollout: 'recreate',
      // Time to write what is in memory to disk.
      graceSeconds: 300,
      access: [
        { apiGroups: [''], resources: ['nodes', 'nodes/metrics', 'services', 'pods'], verbs: ['get', 'list', 'watch'] },
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['get', 'list', 'watch'] },
      ],
    });
    this.metrics = this.workload.service.endpoint('http', 'http');
    this.page = { name: 'prometheus', endpoint: this.metrics, path: '/', sidecar: 'never' };
    this.node.addValidation({ validate: () => answersNothing(this.page, this.node.path) });
  }

  /**
   * Gathers the metrics of these too: of what is made after it, such as a Tempo that writes to it.
   *
   * @throws UserError when two different scrape jobs have one name
   */
  scrape(...targets: readonly Scraped[]): void {
    this.jobs.push(...targets.flatMap((t) => t.scrapeJobs));
    this.programs.push(...targets.flatMap((t) => t.watched ?? []));
    scrapeConfigs(this.jobs, this.node.path);
    this.ruleFiles();
  }

  /** Starts the server with its remote write receiver (Prometheus 3, flag web.enable-remote-write-receiver). */
  acceptRemoteWrite(): Endpoint<'http'> {
    if (!this.takesRemoteWrites) {
      this.takesRemoteWrites = true;
      this.workload.deployment.addJsonPatch(
        JsonPatch.add('/spec/template/spec/containers/0/args/-', '--web.enable-remote-write-receiver'),
      );
    }
    return this.metrics.as('http', '/api/v1/write');
  }

  toDataSource(links?: DataSourceLinks): DataSource {
    return dataSource(this.metrics, {}, links);
  }

  get watched(): readonly Watched[] {
    return this.programs;
  }

  private config(): JsonObject {
    const { alertmanager } = this.alerting;
    const rules = this.ruleFiles();
    return {
      global: { scrape_interval: scrapeInterval, scrape_timeout: '10s', evaluation_interval: '1m' },
      // Beside this file.
      ...(Object.keys(rules).length > 0 ? { rule_files: Object.keys(rules) } : {}),
      ...(alertmanager ? { alerting: { alertmanagers: [alertmanagerConfig(alertmanager)] } } : {}),
      scrape_configs: [...scrapeConfigs(this.jobs, this.node.path), ...(asksForVolumes(rules) ? [volumeStatistics] : [])],
    };
  }

  private ruleFiles(): Readonly<Record<string, JsonObject>> {
    const { alerts, rules } = this.alerting;
    return ruleFiles(this.programs, alerts, rules, this.node.path);
  }
}

/** Alerts and links lead there; the API and the probes stay where they are. */
function externalUrl(url: string | undefined): string[] {
  return url === undefined ? [] : [`--web.external-url=${url}`, '--web.route-prefix=/'];
}

/**
 * Checks how long metrics are kept (Prometheus 3, flag storage.tsdb.retention.time): a list of units in descending order.
 *
 * @param where the construct to name in an error
 * @throws UserError when it is no such duration
 */
export function checkRetention(retention: string, where: string): void {
  if (/[1-9]/.test(retention) && /^(?=\d)(\d+y)?(\d+w)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?$/.test(retention)) return;
  throw new UserError(
    `retention of '${where}' is ${JSON.stringify(retention)}: allowed are whole numbers with the units y, w, d, h, m, s, e.g. '15d'`,
  );
}

function dataSource(
  endpoint: Endpoint<'http'>,
  { uid = 'prometheus', name = 'Prometheus' }: Pick<ExistingPrometheusProps, 'uid' | 'name'>,
  links: DataSourceLinks = {},
): DataSource {
  return {
    name,
    uid,
    type: 'prometheus',
    url: endpoint.url,
    jsonData: {
      // POST lets long queries through; the interval keeps Grafana from asking for rates over less than one scrape.
      httpMethod: 'POST',
      timeInterval: scrapeInterval,
      ...(links.traces === undefined ? {} : { exemplarTraceIdDestinations: exemplars(links.traces) }),
    },
  };
}

/** How exemplars name their trace: Tempo's metrics generator the one way, the collector's connectors the other. */
function exemplars(datasourceUid: string): JsonObject[] {
  return ['traceID', 'trace_id'].map((name) => ({ name, datasourceUid }));
}
