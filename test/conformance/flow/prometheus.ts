import { isObject, type Json, type JsonObject } from '../../../constructs/kit/json.ts';
import type { Model } from '../../../constructs/proof/model/model.ts';
import type { Program } from '../../../constructs/proof/model/spans/programs.ts';
import { selects, templateOf } from '../../../constructs/proof/model/workloads.ts';
import type { Loopback } from './loopback.ts';
import { podNameOf } from './pod-names.ts';

/** A group of targets in a file of Prometheus' `file_sd_configs`. */
export interface TargetGroup {
  readonly targets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * A Prometheus' configuration as it was published, except that it finds its targets in a file instead of at the API server, and asks
 * every second. What it keeps of them, at which address, is left to its own relabelling.
 */
export function offline(config: JsonObject, targets: (role: string) => string): JsonObject {
  const jobs = Array.isArray(config.scrape_configs) ? config.scrape_configs.filter(isObject) : [];
  return {
    global: { scrape_interval: '1s', scrape_timeout: '1s' },
    scrape_configs: jobs.flatMap((job) => {
      const { kubernetes_sd_configs: found, ...rest } = job;
      const roles = (Array.isArray(found) ? found.filter(isObject) : []).map(({ role }) => String(role));
      // Nodes are no programs of the stack; what the job names by itself is Prometheus.
      if (roles.length === 0 || roles.includes('node')) return [];
      return [{ ...rest, file_sd_configs: roles.map((role) => ({ files: [targets(role)] })) }];
    }),
  };
}

/** What the API server would tell Prometheus of the pods of the programs that run here, their ports moved to loopback. */
export function discovered(
  model: Model,
  programs: readonly Program[],
  map: Loopback,
): { pod: TargetGroup[]; endpointslice: TargetGroup[] } {
  const pods = programs.flatMap((program) => {
    const { workload, object } = program;
    const template = workload && templateOf(workload.object);
    const pod = template && step(workload.object.json, template);
    if (!workload || !isObject(pod)) return [];
    const metadata = isObject(pod.metadata) ? pod.metadata : {};
    const here = (port: number) => map.portOf(object.id, port);
    const annotations = texts(metadata.annotations).map(([key, value]): [string, string] => [
      key,
      key === 'prometheus.io/port' ? `${here(Number(value))}` : value,
    ]);
    const labels = {
      namespace: workload.namespace,
      pod_name: podNameOf(workload),
      pod_ip: '127.0.0.1',
      pod_phase: 'Running',
      pod_node_name: 'loopback',
      ...Object.fromEntries(annotations.map(([key, value]) => [`pod_annotation_${plain(key)}`, value])),
      ...Object.fromEntries(texts(metadata.labels).map(([key, value]) => [`pod_label_${plain(key)}`, value])),
    };
    return [{ workload, here, labels }];
  });
  const slices = pods.flatMap(({ workload, here, labels }) =>
    model.services
      .inNamespace(workload.namespace)
      .filter((service) => !service.created && service.selector.size > 0 && selects(service.selector, workload.labels))
      .flatMap((service) =>
        (service.ports === 'unknown' ? [] : service.ports).flatMap((port) => {
          const behind = model.programs.behind(service, port.number);
          if (!behind) return [];
          const more = { service_name: service.name, endpointslice_port_name: port.name };
          return [group(`127.0.0.1:${here(behind.containerPort)}`, { ...labels, ...more })];
        }),
      ),
  );
  return { pod: pods.map(({ labels }) => group('127.0.0.1', labels)), endpointslice: slices };
}

function group(target: string, labels: Readonly<Record<string, string>>): TargetGroup {
  const meta = Object.entries(labels).map(([key, value]) => [`__meta_kubernetes_${key}`, value]);
  return { targets: [target], labels: Object.fromEntries(meta) };
}

function step(json: JsonObject, path: readonly (string | number)[]): Json | undefined {
  return path.reduce<Json | undefined>((value, key) => (isObject(value) ? value[String(key)] : undefined), json);
}

function texts(value: Json | undefined): [string, string][] {
  return Object.entries(isObject(value) ? value : {}).flatMap(([key, text]) =>
    typeof text === 'string' ? [[key, text] satisfies [string, string]] : [],
  );
}

/** Prometheus writes label names with letters, digits and underscores only. */
function plain(key: string): string {
  return key.replaceAll(/[^a-zA-Z0-9_]/g, '_');
}
