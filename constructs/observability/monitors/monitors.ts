import { Construct } from 'constructs';
import * as crd from '../../../imports/monitoring.coreos.com.ts';
import { namespaceOf, type Scraped, type ScrapeJob, UserError } from '../../kit/index.ts';
import { checkDnsSubdomain, checkLabels } from '../../kit/layer.ts';
import { scrapeInterval } from '../scrape.ts';
import { annotatedRules, asJob, byServiceName, proxyRules } from './relabelings.ts';

/** Options of {@link Monitors}. */
export interface MonitorsProps {
  /** Whose metrics are gathered: the mesh, collectors, backends. */
  readonly of: readonly [Scraped, ...Scraped[]];
  /** How often, as Prometheus spells durations. @default '15s', which Kiali and the dashboards count on */
  readonly interval?: string;
  /**
   * Labels of every monitor, for a Prometheus that somebody else runs and that takes only monitors with certain labels.
   *
   * @default none: a `KubePrometheusStack` takes them all
   */
  readonly labels?: Readonly<Record<string, string>>;
}

/**
 * What the Prometheus operator (0.93) is to scrape: a ServiceMonitor for each job by Service, and PodMonitors for pods that ask for it.
 * The mesh's are called as in Istio's sample: `istio-component-monitor` for istiod, `envoy-stats-monitor` for the proxies of every namespace.
 *
 * Metrics carry the same `job` as with {@link Prometheus}; only the mesh's carry what Istio's sample gives them. The operator's CRDs must
 * be in place: a layer after that of the `KubePrometheusStack`.
 */
export class Monitors extends Construct {
  /** @throws UserError when the interval is no duration, a label is malformed, or two different jobs would have monitors of one name */
  constructor(scope: Construct, id: string, props: MonitorsProps) {
    super(scope, id);
    const { of, interval = scrapeInterval, labels = {} } = props;
    const where = this.node.path;
    if (!/^(?=\d)(\d+h)?(\d+m)?(\d+s)?(\d+ms)?$/.test(interval)) {
      throw new UserError(
        `interval of '${where}' is ${JSON.stringify(interval)}: allowed are whole numbers with the units h, m, s, ms, e.g. '15s'`,
      );
    }
    checkLabels(labels, `'${where}'`);
    const made = new Map<string, string>();
    for (const job of of.flatMap((one) => one.scrapeJobs)) {
      const name = monitorName(job);
      const content = JSON.stringify(job);
      const known = made.get(name);
      if (known !== undefined && known !== content && !isOfProxies(job)) {
        throw new UserError(
          `monitors of '${where}' would have two different ones called '${name}', of ${known} and ${content}: put them into monitors of two namespaces`,
        );
      }
      if (known !== undefined) continue;
      checkDnsSubdomain(name, `name of a monitor of '${where}'`);
      made.set(name, content);
      const metadata = {
        name,
        namespace: namespaceOf(this),
        ...(Object.keys(labels).length > 0 ? { labels: { ...labels } } : {}),
      };
      if (job.by === 'service') {
        new crd.ServiceMonitor(this, `${name}-of-service`, { metadata, spec: ofService(job, interval) });
      } else {
        new crd.PodMonitor(this, `${name}-of-pods`, { metadata, spec: ofPods(job, interval) });
      }
    }
  }
}

type ServiceJob = ScrapeJob & { readonly by: 'service' };
type PodJob = ScrapeJob & { readonly by: 'pod-annotations' };

/** All jobs by annotations that name no pods mean the same ones. */
function isOfProxies(job: ScrapeJob): boolean {
  return job.by === 'pod-annotations' && job.pods === undefined;
}

function monitorName(job: ScrapeJob): string {
  if (job.by === 'pod-annotations') return job.pods?.name ?? 'envoy-stats-monitor';
  return job.monitor ?? job.job.toLowerCase().replaceAll(/[^a-z0-9.-]+/g, '-');
}

function ofService(job: ServiceJob, interval: string): crd.ServiceMonitorSpec {
  const { labels, jobLabel, path } = job;
  const rules = [...(labels ? [] : [byServiceName(job.service)]), ...(jobLabel === undefined ? [asJob(job.job)] : [])];
  return {
    ...(jobLabel === undefined ? {} : { jobLabel }),
    // Istio's control plane is asked for as app="istiod".
    targetLabels: ['app'],
    selector: labels ? { matchLabels: { ...labels } } : {},
    namespaceSelector: { matchNames: [job.namespace] },
    endpoints: [
      { port: job.port, interval, ...(path === undefined ? {} : { path }), ...(rules.length > 0 ? { relabelings: rules } : {}) },
    ],
  };
}

function ofPods({ job, pods }: PodJob, interval: string): crd.PodMonitorSpec {
  if (pods) {
    return {
      selector: { matchLabels: { ...pods.labels } },
      namespaceSelector: { matchNames: [pods.namespace] },
      podMetricsEndpoints: [{ interval, relabelings: [...annotatedRules(job)] }],
    };
  }
  return {
    jobLabel: 'envoy-stats',
    selector: {
      matchExpressions: [{ key: 'istio-prometheus-ignore', operator: 'DoesNotExist' }],
    },
    namespaceSelector: { any: true },
    podMetricsEndpoints: [{ path: '/stats/prometheus', interval, relabelings: [...proxyRules] }],
  };
}
