import { isObject, type Json } from '../../../kit/json.ts';
import { items, text } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import type { Rule } from '../../rule.ts';
import { reach } from './queries.ts';

export const proxiesScraped: Rule = {
  code: 'TRC079',
  title: 'Kiali reads a Prometheus that does not scrape the proxies',
  severity: 'warning',
  run: (model) =>
    metricsOfKiali(model).flatMap(({ config }) => {
      if (!config || config.value.scrape_config_files !== undefined) return [];
      const jobs = items(config.value, 'scrape_configs');
      if (jobs.some(mayScrapeProxies) || hasMonitors(model)) return [];
      return [
        {
          at: config.spot(['scrape_configs']),
          message: 'no job scrapes the proxies, so Kiali’s graph is empty',
          hint: 'add a job of role pod that keeps pods with the annotation prometheus.io/scrape: "true"',
          cause: `proxies of ${config.object.id}`,
        },
      ];
    }),
  docs: {
    cause:
      'Kiali draws its graph from `istio_requests_total`, which every proxy shows at the port that the annotations of its pod name (`prometheus.io/scrape`, 15020 /stats/prometheus). No job of the Prometheus that Kiali reads takes pods by annotation, nor the proxies’ port (kiali#6905). Said only of a plain Prometheus whose jobs are all in the input.',
    fix: 'Add a `kubernetes_sd_configs` job of role pod that keeps annotated pods and takes port and path from the annotations.',
    example: 'scrape_configs:\n- {job_name: prometheus, static_configs: [{targets: ["localhost:9090"]}]}   # and no other',
  },
};

function metricsOfKiali(model: Model) {
  const found = model.kialiBackends
    .filter((one) => one.what === "Kiali's prometheus")
    .flatMap((one) => reach(model, one)?.prometheus ?? []);
  return [...new Set(found)];
}

/** Whether a job may take the proxies: unless its targets are fixed, nodes, or those of one Service or app. */
function mayScrapeProxies(job: Json): boolean {
  const kinds = Object.keys(isObject(job) ? job : {}).filter((key) => key.endsWith('_sd_configs'));
  if (kinds.some((key) => key !== 'kubernetes_sd_configs') || text(job, 'metrics_path') === '/federate') return true;
  const pods = items(job, 'kubernetes_sd_configs').some((one) => text(one, 'role') !== 'node');
  return pods && !items(job, 'relabel_configs').some(isPinned);
}

// Labels that tell one app from another, and a regular expression that is a plain name.
const ONE_APP = /^__meta_kubernetes_(service_name|endpoints?(slice)?_name|(pod|service)_label_app(_kubernetes_io_name)?)$/;
const NAME = /^[\w.\\;-]+$/;

function isPinned(rule: Json): boolean {
  const names = items(rule, 'source_labels').some((label) => typeof label === 'string' && ONE_APP.test(label));
  return names && text(rule, 'action') === 'keep' && NAME.test(text(rule, 'regex') ?? '(.*)');
}

function hasMonitors({ objects }: Model): boolean {
  return objects.some(({ kind }) => kind === 'PodMonitor' || kind === 'ServiceMonitor' || kind === 'VMPodScrape');
}
