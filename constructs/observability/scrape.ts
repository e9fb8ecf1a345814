import { type JsonObject, type ScrapeJob, UserError } from '../kit/index.ts';

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
  const given = wanted.map((j) => (j.by === 'service' ? endpointsOfService(j, byPods ? notByAnnotation : []) : annotatedPods(j)));
  for (const config of [prometheusItself, containers, ...given]) {
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

/** A kubelet's certificate is signed by nobody that a pod knows, unless the cluster was set up for it. */
const kubelet: JsonObject = {
  scheme: 'https',
  authorization: { credentials_file: tokenFile },
  tls_config: { insecure_skip_verify: true },
  kubernetes_sd_configs: [{ role: 'node' }],
  relabel_configs: [copy('node_name', 'node')],
};

const containers: JsonObject = { job_name: 'kubernetes-nodes-cadvisor', metrics_path: '/metrics/cadvisor', ...kubelet };

/** How full the volumes of pods are, which a kubelet tells among much else (Kubernetes, kubelet's /metrics). */
export const volumeStatistics: JsonObject = {
  job_name: 'kubernetes-nodes-volumes',
  ...kubelet,
  metric_relabel_configs: [{ source_labels: ['__name__'], regex: 'kubelet_volume_stats_.+', action: 'keep' }],
};

function endpointsOfService(job: ScrapeJob & { readonly by: 'service' }, rules: readonly JsonObject[]): JsonObject {
  return {
    job_name: job.job,
    metrics_path: job.path ?? '/metrics',
    kubernetes_sd_configs: [{ role: 'endpointslice', namespaces: { names: [job.namespace] } }],
    relabel_configs: [
      keep('service_name', literal(job.service)),
      keep('endpointslice_port_name', literal(job.port)),
      ...rules,
      copy('namespace', 'namespace'),
      copy('service_name', 'service'),
      copy('pod_name', 'pod'),
      // Istio's control plane is asked for as app="istiod".
      copy('pod_label_app', 'app'),
    ],
  };
}

/** Leaves out what the pod's annotations have scraped already, at the same port and path: istiod says both, and would count twice. */
const notByAnnotation: readonly JsonObject[] = [
  join(['__address__', '__metrics_path__'], '.*:(\\d+);(.*)', '$1;$2', '__tmp_here'),
  join(annotations('scrape', 'port', 'path'), 'true;(\\d+);(.+)', '$1;$2', '__tmp_annotated'),
  join(annotations('scrape', 'port', 'path'), 'true;(\\d+);', '$1;/metrics', '__tmp_annotated'),
  { source_labels: ['__tmp_annotated'], target_label: '__tmp_here', action: 'dropequal' },
];

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
      // IPv4 and IPv6 are written differently.
      join([...annotations('port'), meta('pod_ip')], '(\\d+);([^:]+)', '$2:$1', '__address__'),
      join([...annotations('port'), meta('pod_ip')], '(\\d+);(.*:.*)', '[$2]:$1', '__address__'),
      { regex: `${meta('pod_label')}_(.+)`, action: 'labelmap' },
      copy('namespace', 'namespace'),
      copy('pod_name', 'pod'),
      copy('pod_node_name', 'node'),
    ],
  };
}

function join(source_labels: readonly string[], regex: string, replacement: string, target_label: string): JsonObject {
  return { source_labels, regex, replacement, target_label, action: 'replace' };
}

function annotations(...names: readonly ('scrape' | 'scheme' | 'port' | 'path')[]): string[] {
  return names.map((name) => meta(`pod_annotation_prometheus_io_${name}`));
}

function keep(label: string, regex: string): JsonObject {
  return { source_labels: [meta(label)], regex, action: 'keep' };
}

function copy(label: string, target: string): JsonObject {
  return { source_labels: [meta(label)], target_label: target, action: 'replace' };
}

function meta(label: string): string {
  return `__meta_kubernetes_${label}`;
}

/** A name as a regular expression that matches nothing else. */
function literal(name: string): string {
  return name.replaceAll('.', '\\.');
}
