import type { JsonObject, ScrapeJob } from '../kit/index.ts';
import { UserError } from '../kit/index.ts';

/** How often targets are asked, as Prometheus spells durations. Kiali's and the dashboards' rate windows assume it. */
export const scrapeInterval = '15s';

/** Where a pod finds the token of its ServiceAccount. */
const tokenFile = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/**
 * The `scrape_configs` of a Prometheus (3.14): the given jobs, Prometheus itself, and the containers' CPU and memory (cAdvisor).
 *
 * The same job given twice is scraped once. All `pod-annotations` jobs mean the same pods, so that the first one stands for all.
 *
 * @param where the construct to name in an error
 * @throws UserError when two different jobs have one name
 */
export function scrapeConfigs(jobs: readonly ScrapeJob[], where: string): JsonObject[] {
  const byPods = jobs.find((j) => j.by === 'pod-annotations');
  const wanted = jobs.filter((j) => j.by !== 'pod-annotations' || j === byPods);
  const configs = new Map<string, JsonObject>();
  for (const config of [prometheusItself, containers, ...wanted.map(scrapeConfig)]) {
    const name = String(config.job_name);
    const known = configs.get(name);
    if (known && JSON.stringify(known) !== JSON.stringify(config)) {
      throw new UserError(
        `scrape job '${name}' of '${where}' is given twice with different targets: job names must be unique, rename one of them`,
      );
    }
    configs.set(name, config);
  }
  return [...configs.values()];
}

const prometheusItself: JsonObject = { job_name: 'prometheus', static_configs: [{ targets: ['localhost:9090'] }] };

const containers: JsonObject = {
  job_name: 'kubernetes-nodes-cadvisor',
  scheme: 'https',
  metrics_path: '/metrics/cadvisor',
  authorization: { credentials_file: tokenFile },
  // A kubelet's certificate is signed by nobody that a pod knows, unless the cluster was set up for it.
  tls_config: { insecure_skip_verify: true },
  kubernetes_sd_configs: [{ role: 'node' }],
  relabel_configs: [labelsFrom('node')],
};

function scrapeConfig(job: ScrapeJob): JsonObject {
  return job.by === 'service' ? endpointsOfService(job) : annotatedPods(job);
}

function endpointsOfService(job: ScrapeJob & { readonly by: 'service' }): JsonObject {
  return {
    job_name: job.job,
    metrics_path: job.path ?? '/metrics',
    kubernetes_sd_configs: [{ role: 'endpointslice', namespaces: { names: [job.namespace] } }],
    relabel_configs: [
      keep('service_name', literal(job.service)),
      keep('endpointslice_port_name', literal(job.port)),
      copy('namespace', 'namespace'),
      copy('service_name', 'service'),
      copy('pod_name', 'pod'),
      // Istio's control plane is asked for as app="istiod".
      copy('pod_label_app', 'app'),
    ],
  };
}

function annotatedPods(job: ScrapeJob): JsonObject {
  return {
    job_name: job.job,
    // A proxy hands on the metrics of its app (merged metrics): their own labels are the true ones.
    honor_labels: true,
    kubernetes_sd_configs: [{ role: 'pod' }],
    relabel_configs: [
      keep('pod_annotation_prometheus_io_scrape', 'true'),
      { source_labels: [meta('pod_phase')], regex: 'Pending|Succeeded|Failed|Completed', action: 'drop' },
      { ...copy('pod_annotation_prometheus_io_scheme', '__scheme__'), regex: '(https?)' },
      { ...copy('pod_annotation_prometheus_io_path', '__metrics_path__'), regex: '(.+)' },
      addressFrom('(\\d+);([^:]+)', '$2:$1'),
      addressFrom('(\\d+);(.*:.*)', '[$2]:$1'),
      labelsFrom('pod'),
      copy('namespace', 'namespace'),
      copy('pod_name', 'pod'),
      copy('pod_node_name', 'node'),
    ],
  };
}

/** The pod's address with the port of its annotation; IPv4 and IPv6 are written differently. */
function addressFrom(regex: string, replacement: string): JsonObject {
  return {
    source_labels: [meta('pod_annotation_prometheus_io_port'), meta('pod_ip')],
    regex,
    replacement,
    target_label: '__address__',
    action: 'replace',
  };
}

function keep(label: string, regex: string): JsonObject {
  return { source_labels: [meta(label)], regex, action: 'keep' };
}

function copy(label: string, target: string): JsonObject {
  return { source_labels: [meta(label)], target_label: target, action: 'replace' };
}

function labelsFrom(role: 'pod' | 'node'): JsonObject {
  return { regex: `${meta(`${role}_label`)}_(.+)`, action: 'labelmap' };
}

function meta(label: string): string {
  return `__meta_kubernetes_${label}`;
}

/** A name as a regular expression that matches nothing else. */
function literal(name: string): string {
  return name.replaceAll('.', '\\.');
}
