import type { Json } from '../../../kit/json.ts';
import { nearest } from '../../../kit/nearest.ts';
import { remember } from '../../../kit/remember.ts';
import { items, text } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import type { Service } from '../../model/services.ts';
import type { Rule } from '../../rule.ts';
import type { Fault, Path } from '../../types.ts';
import { liveApart } from '../apart.ts';

export const scrapeJob: Rule = {
  code: 'OBS022',
  title: 'a scrape job that finds nothing',
  severity: 'warning',
  run: (model) => scrapeJobFaults(model),
  docs: {
    cause:
      'A job of `scrape_configs` keeps one Service, or one port of it, by name, and the namespaces it looks into have none of this name. Prometheus shows the job without a target and says nothing; dashboards and alerts on its metrics stay empty.',
    fix: 'Name the Service, its namespace and the port’s name as the Service has them.',
    example:
      'relabel_configs:\n- {source_labels: [__meta_kubernetes_service_name], regex: otel-colector, action: keep}   # the Service is otel-collector',
  },
};

/** Of the jobs of every Prometheus; remembered, for other rules ask what follows from it. */
export const scrapeJobFaults: (model: Model) => readonly Fault[] = remember((model) =>
  model.prometheuses.all.flatMap(({ config }) => {
    if (!config || config.partial) return [];
    return items(config.value, 'scrape_configs').flatMap((job, i) => {
      const fault = jobFault(model, job);
      if (!fault) return [];
      const { path, ...told } = fault;
      const name = text(job, 'job_name') ?? '';
      return [{ ...told, at: config.spot(['scrape_configs', i, ...path]), message: `job "${name}" ${told.message}` }];
    });
  }),
);

interface JobFault {
  readonly path: Path;
  readonly message: string;
  readonly hint: string;
  readonly cause?: string;
}

const NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const PORT = /^__meta_kubernetes_endpoint(slice)?_port_name$/;

function jobFault(model: Model, job: Json): JobFault | undefined {
  const [discovery, second] = items(job, 'kubernetes_sd_configs');
  if (!discovery || second || !/^endpoint(s|slice)$/.test(text(discovery, 'role') ?? '')) return undefined;
  const stated = items(discovery, 'namespaces', 'names').filter((one) => typeof one === 'string');
  const [namespace, other] = stated;
  // Among all namespaces any may have such a Service.
  if (namespace === undefined || other !== undefined || namespace.includes('$')) return undefined;
  const place: Path = ['kubernetes_sd_configs', 0, 'namespaces', 'names', 0];
  const kept = keptName(job, (label) => label === '__meta_kubernetes_service_name');
  if (!kept) return undefined;
  const named = model.services.all.filter((one) => one.name === kept.name);
  const home = named.find((one) => one.namespace === namespace);
  if (!home) {
    const near = nearest(
      namespace,
      named.map((one) => one.namespace),
    );
    if (near !== undefined) return { path: place, message: `looks into namespace ${namespace}`, hint: `did you mean "${near}"?` };
    const names = model.services.all.flatMap((one) => (one.namespace === namespace ? [one.name] : []));
    const meant = nearest(kept.name, names);
    const found = model.services.find(`${kept.name}.${namespace}.svc.cluster.local`, namespace);
    if (found.is !== 'missing' && (meant === undefined || found.is === 'service')) return undefined;
    const message = `keeps Service ${kept.name} of namespace ${namespace}, which is not there`;
    const hint = meant === undefined ? 'name a Service that is there' : `did you mean "${meant}"?`;
    return { path: kept.path, message, hint, cause: `service ${namespace}/${kept.name}` };
  }
  return portFault(
    job,
    named.filter((one) => one.namespace === namespace),
  );
}

function portFault(job: Json, services: readonly Service[]): JobFault | undefined {
  const kept = keptName(job, (label) => PORT.test(label));
  const [home, other] = services;
  if (!kept || !home || home.created || home.ports === 'unknown') return undefined;
  // One cluster's Service beside another's of the same name.
  if (other && (other.ports === 'unknown' || !liveApart(home.object, other.object))) return undefined;
  const names = services.flatMap(({ ports }) => (ports === 'unknown' ? [] : ports.map(({ name }) => name)));
  if (names.includes(kept.name)) return undefined;
  const near = nearest(kept.name, names);
  return {
    path: kept.path,
    message: `keeps port ${kept.name}, which ${home.id} does not have`,
    hint: near === undefined ? `name one of ${names.filter((one) => one !== '').join(', ')}` : `did you mean "${near}"?`,
  };
}

/** The one name that a label must have to be kept. */
function keptName(job: Json, isIt: (label: string) => boolean): { name: string; path: Path } | undefined {
  const rules = items(job, 'relabel_configs');
  const found = rules.flatMap((rule, i) => {
    const [label, more] = items(rule, 'source_labels');
    const name = text(rule, 'regex') ?? '';
    const plain = text(rule, 'action') === 'keep' && typeof label === 'string' && more === undefined && isIt(label);
    return plain && NAME.test(name) ? [{ name, path: ['relabel_configs', i, 'regex'] }] : [];
  });
  return found.length === 1 ? found[0] : undefined;
}
