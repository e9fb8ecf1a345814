import type { Json } from '../../../kit/json.ts';
import { at, items, text } from '../../json-path.ts';
import { anyOf, type Labels, type Match, matchesSelector } from '../reach/label-selector.ts';
import type { Service, Services } from '../services.ts';
import { addressOf } from './backends.ts';

/** A port of pods, as somebody who scrapes sees it. */
export interface ScrapeTarget {
  readonly namespace: string;
  readonly port: number;
  /** Name of the container port, empty when it has none. */
  readonly portName: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly annotations: ReadonlyMap<string, string>;
  /** The Services that lead to the port, each with the name of its port. */
  readonly services: readonly { readonly service: Service; readonly portName: string; readonly port: number }[];
}

const DISCOVERY = /_sd_configs$/;

/** Whether a job of `scrape_configs` scrapes a target; `maybe` where its rules go beyond what is read here. */
export function jobScrapes(job: Json, target: ScrapeTarget, services: Services, namespace: string): Match {
  const matches: Match[] = items(job, 'static_configs').flatMap((group) =>
    items(group, 'targets').map((one) => (typeof one === 'string' ? staticMatch(one, target, services, namespace) : 'maybe')),
  );
  for (const key of Object.keys(typeof job === 'object' && job !== null ? job : {})) {
    if (!DISCOVERY.test(key)) continue;
    if (key !== 'kubernetes_sd_configs') matches.push('maybe');
    else for (const discovery of items(job, key)) matches.push(discoveryMatch(job, discovery, target));
  }
  return anyOf(matches);
}

function staticMatch(address: string, target: ScrapeTarget, services: Services, namespace: string): Match {
  const found = addressOf(address);
  if (!found) return 'maybe';
  const lookup = services.find(found.host, namespace);
  if (lookup.is !== 'service') return found.port === target.port ? 'maybe' : 'no';
  return target.services.some(({ service, port }) => service === lookup.service && port === found.port) ? 'yes' : 'no';
}

function discoveryMatch(job: Json, discovery: Json, target: ScrapeTarget): Match {
  const namespaces = items(discovery, 'namespaces', 'names');
  if (namespaces.length > 0 && !namespaces.includes(target.namespace)) return 'no';
  const role = text(discovery, 'role') ?? '';
  const rules = items(job, 'relabel_configs');
  const pod = podLabels(target);
  if (role === 'pod') return relabelled(rules, pod, target);
  if (role !== 'endpoints' && role !== 'endpointslice') return role === 'node' ? 'no' : 'maybe';
  return anyOf(
    target.services.map(({ service, portName }) =>
      relabelled(rules, new Map([...pod, ...serviceLabels(service, portName)]), target),
    ),
  );
}

const META = '__meta_kubernetes_';

function podLabels({ namespace, portName, port, labels, annotations }: ScrapeTarget): Map<string, string> {
  return new Map([
    [`${META}namespace`, namespace],
    [`${META}pod_container_port_name`, portName],
    [`${META}pod_container_port_number`, `${port}`],
    ...prefixed('pod_label', labels),
    ...prefixed('pod_annotation', annotations),
    [`${META}pod_phase`, 'Running'],
  ]);
}

function serviceLabels({ name, object }: Service, portName: string): [string, string][] {
  const map = (key: string) =>
    new Map(
      Object.entries(at(object.json, 'metadata', key) ?? {}).flatMap(([k, v]) =>
        typeof v === 'string' ? [[k, v] as const] : [],
      ),
    );
  return [
    [`${META}service_name`, name],
    [`${META}endpoints_name`, name],
    [`${META}endpoint_port_name`, portName],
    [`${META}endpointslice_port_name`, portName],
    ...prefixed('service_label', map('labels')),
    ...prefixed('service_annotation', map('annotations')),
  ];
}

function prefixed(kind: string, values: ReadonlyMap<string, string>): [string, string][] {
  return [...values].flatMap(([key, value]) => {
    const name = key.replace(/[^A-Za-z0-9_]/g, '_');
    return [
      [`${META}${kind}_${name}`, value],
      [`${META}${kind}present_${name}`, 'true'],
    ];
  });
}

// Labels of these kinds are all known: one that is not there is empty.
const KNOWN = new RegExp(`^${META}(pod|service)_(label|annotation)(present)?_`);

/** What becomes of a target under `relabel_configs`: kept or dropped, and at which port. */
function relabelled(rules: readonly Json[], labels: ReadonlyMap<string, string>, target: ScrapeTarget): Match {
  let result: Match = 'yes';
  const changed = new Set<string>();
  for (const rule of rules) {
    const action = (text(rule, 'action') ?? 'replace').toLowerCase();
    const sources = items(rule, 'source_labels').filter((label) => typeof label === 'string');
    const value = joinedValue(sources, labels, changed, text(rule, 'separator') ?? ';');
    const matches = value === undefined ? undefined : matchOf(text(rule, 'regex') ?? '(.*)', value);
    if (action === 'keep' || action === 'drop') {
      if (matches === undefined) result = 'maybe';
      else if (matches === (action === 'drop')) return 'no';
    } else if (action === 'replace') {
      const to = text(rule, 'target_label') ?? '';
      const port = sources.find((one) => /annotation_.*port$/.test(one));
      const said = port === undefined ? undefined : labels.get(port);
      if (to === '__address__' && said !== undefined) {
        if (said !== `${target.port}`) return 'no';
      } else changed.add(to);
    } else if (action === 'keepequal' || action === 'dropequal' || action === 'hashmod') result = 'maybe';
  }
  return result;
}

function joinedValue(
  sources: readonly string[],
  labels: ReadonlyMap<string, string>,
  changed: ReadonlySet<string>,
  separator: string,
): string | undefined {
  const values = sources.map((one) => (changed.has(one) ? undefined : (labels.get(one) ?? (KNOWN.test(one) ? '' : undefined))));
  return values.some((one) => one === undefined) ? undefined : values.join(separator);
}

function matchOf(regex: string, value: string): boolean | undefined {
  try {
    return new RegExp(`^(?:${regex})$`).test(value);
  } catch {
    // RE2 knows some that JavaScript does not.
    return undefined;
  }
}

/** Whether a ServiceMonitor or PodMonitor (monitoring.coreos.com/v1) takes a target. */
export function monitorScrapes(
  monitor: { readonly kind: string; readonly namespace: string; readonly json: Json },
  target: ScrapeTarget,
): Match {
  const spec = at(monitor.json, 'spec');
  const names = items(spec, 'namespaceSelector', 'matchNames');
  const any = at(spec, 'namespaceSelector', 'any') === true;
  if (!any && !(names.length > 0 ? names.includes(target.namespace) : monitor.namespace === target.namespace)) return 'no';
  const whole = (values: ReadonlyMap<string, string>): Labels => ({ values, complete: true });
  if (monitor.kind === 'PodMonitor') {
    const selected = matchesSelector(at(spec, 'selector'), whole(target.labels));
    if (selected === 'no') return 'no';
    const ports = items(spec, 'podMetricsEndpoints').map((one) => {
      const name = text(one, 'port');
      if (name !== undefined) return name === target.portName ? 'yes' : 'no';
      const number = at(one, 'portNumber') ?? at(one, 'targetPort');
      return number === undefined ? 'maybe' : number === target.port || number === target.portName ? 'yes' : 'no';
    });
    return ports.includes('yes') ? selected : ports.includes('maybe') ? 'maybe' : 'no';
  }
  return anyOf(
    target.services.map(({ service, portName }) => {
      const labels = new Map(
        Object.entries(at(service.object.json, 'metadata', 'labels') ?? {}).flatMap(([k, v]) =>
          typeof v === 'string' ? [[k, v] as const] : [],
        ),
      );
      // Nobody here knows the labels of a Service that an operator makes.
      const selected = matchesSelector(at(spec, 'selector'), { values: labels, complete: !service.created });
      const ports = items(spec, 'endpoints').map((one) => {
        const name = text(one, 'port');
        if (name !== undefined) return name === portName || (service.created && portName === '') ? 'yes' : 'no';
        return at(one, 'targetPort') === target.port || at(one, 'targetPort') === target.portName ? 'yes' : 'no';
      });
      return ports.includes('yes') ? (service.created && selected === 'no' ? 'maybe' : selected) : 'no';
    }),
  );
}
