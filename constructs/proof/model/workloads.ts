import type { Json } from '../../kit/json.ts';
import { remember } from '../../kit/remember.ts';
import { at, fields, items, number, strings, text } from '../json-path.ts';
import type { Path, ProofObject } from '../types.ts';

/** Pods of one shape: a workload of the input, or what an installer makes from an object of the input. */
export interface Workload {
  readonly name: string;
  readonly namespace: string;
  readonly labels: ReadonlyMap<string, string>;
  /** Container ports by name; containers may listen on ports they do not state. */
  readonly ports: readonly { readonly name: string; readonly number: number }[];
  readonly object: ProofObject;
  /** Where the pod's spec lies in the object; undefined for a machine or a made workload. */
  readonly podSpec: Path | undefined;
  /** Not stated in the input: somebody makes it from `object`. */
  readonly created: boolean;
  /** The account that a made workload runs as, where its maker is known to give it one. */
  readonly account?: string;
}

const TEMPLATED = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'ReplicationController', 'Job', 'Rollout']);

/** The workloads of the input: everything that makes pods, and machines that a WorkloadEntry or WorkloadGroup enrols. */
export function statedWorkloads(objects: readonly ProofObject[]): Workload[] {
  return objects.flatMap(workloadsOf);
}

/** A stack and its variants share most of their objects. */
const workloadsOf = remember((object: ProofObject): readonly Workload[] => {
  const template = templateOf(object);
  if (template !== undefined) {
    const podSpec = [...template, 'spec'];
    const ports = items(object.json, ...podSpec, 'containers').flatMap((container) =>
      items(container, 'ports').flatMap(containerPort),
    );
    // Where the two differ the object is refused (OBJ010); what it selects is what it means.
    const labels = new Map([
      ...strings(object.json, ...template, 'metadata', 'labels'),
      ...strings(object.json, 'spec', 'selector', 'matchLabels'),
    ]);
    return [workload(object, labels, { podSpec, ports })];
  }
  if (object.group !== 'networking.istio.io') return [];
  if (object.kind === 'WorkloadEntry') return [workload(object, strings(object.json, 'spec', 'labels'))];
  if (object.kind === 'WorkloadGroup') return [workload(object, strings(object.json, 'spec', 'metadata', 'labels'))];
  return [];
});

/** Where an object keeps its pod: `metadata` and `spec` lie under this path. Undefined for an object without pods. */
export function templateOf(object: ProofObject): Path | undefined {
  if (object.kind === 'Pod' && object.group === '') return [];
  if (object.kind === 'CronJob' && object.group === 'batch') return ['spec', 'jobTemplate', 'spec', 'template'];
  return TEMPLATED.has(object.kind) && at(object.json, 'spec', 'template') !== undefined ? ['spec', 'template'] : undefined;
}

/** A workload; with no `podSpec` its pod is not in the input. */
export function workload(
  object: ProofObject,
  labels: ReadonlyMap<string, string>,
  more: Partial<Pick<Workload, 'podSpec' | 'ports' | 'created' | 'name' | 'namespace' | 'account'>> = {},
): Workload {
  const { name, namespace } = object;
  return { name, namespace, labels, object, ports: [], podSpec: undefined, created: false, ...more };
}

/** Whether labels hold every key and value of a selector. */
export function selects(selector: ReadonlyMap<string, string>, labels: ReadonlyMap<string, string>): boolean {
  for (const [key, value] of selector) if (labels.get(key) !== value) return false;
  return true;
}

/** A selector or label set in words: `app=reviews, version=v1`. */
export function labelText(labels: ReadonlyMap<string, string>): string {
  return [...labels].map(([key, value]) => `${key}=${value}`).join(', ');
}

function containerPort(port: Json): { name: string; number: number }[] {
  const found = number(port, 'containerPort');
  return found === undefined ? [] : [{ name: text(fields(port), 'name') ?? '', number: found }];
}
