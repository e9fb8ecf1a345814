import { isObject, type Json, type JsonObject } from '../../constructs/kit/json.ts';
import { type Cluster, kubectl, list } from './cluster.ts';
import { linesOf } from './run.ts';
import { label, type Stack, type StackObject } from './stack.ts';
import { type Outcome, skipped, verdict } from './tally.ts';

/** Seconds that all rollouts of a stack may take together; a real cluster has images to fetch. */
const patience = { rig: 90, elsewhere: 300 };

/** Waits until every workload of the stack is rolled out and every Job is complete. */
export async function rollout(cluster: Cluster, stack: Stack): Promise<Outcome> {
  const workloads = stack.objects.filter(({ kind }) => kind in waitFor);
  const what = `rollout: ${workloads.length} workloads are ready`;
  if ((await list(cluster, ['nodes'])).length === 0) return skipped(what, 'the cluster has no nodes, not even simulated ones');
  const deadline = Date.now() + (cluster.rig ? patience.rig : patience.elsewhere) * 1000;
  const reasons: string[] = [];
  for (const workload of workloads) {
    const { namespace = 'default', name, kind } = workload;
    const seconds = Math.max(Math.ceil((deadline - Date.now()) / 1000), 1);
    const args = [...(waitFor[kind] ?? []), `${kind}/${name}`, '-n', namespace, `--timeout=${seconds}s`];
    const { code, stdout, stderr } = await kubectl(cluster, args, { seconds: seconds + 10 });
    if (code === 0) continue;
    reasons.push(`${label(workload)}: ${[...linesOf(stdout).slice(-1), ...linesOf(stderr)].join(' ')}`);
    reasons.push(...(await warningsOf(cluster, workload)));
  }
  return verdict(what, reasons);
}

const waitFor: Readonly<Record<string, readonly string[]>> = {
  Deployment: ['rollout', 'status'],
  StatefulSet: ['rollout', 'status'],
  DaemonSet: ['rollout', 'status'],
  Job: ['wait', '--for=condition=Complete'],
};

/** What the controllers said of the workload, its ReplicaSets and pods, whose names begin with its own. */
async function warningsOf(cluster: Cluster, { namespace = 'default', name }: StackObject): Promise<string[]> {
  const events = await list(cluster, ['events', '-n', namespace, '--field-selector', 'type=Warning']);
  const said = events.flatMap(({ involvedObject, reason, message }) => {
    const about = isObject(involvedObject) ? String(involvedObject.name) : '';
    return about === name || about.startsWith(`${name}-`) ? [`  ${about}: ${reason}: ${String(message).trim()}`] : [];
  });
  return [...new Set(said)].slice(0, 5);
}

/** A pod that runs, as far as the checks ask. */
export interface Pod {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** What made it, without the part that changes: one per workload. */
  readonly workload: string;
  /** It has a proxy, or says itself that it wants none. */
  readonly proxy: boolean;
  /** What its proxy is started with: the variable PROXY_CONFIG, JSON; empty when it has none. */
  readonly bootstrap: string;
  readonly optedOut: boolean;
}

/** The pods of the namespaces that the stack enrols for sidecars. */
export async function enrolledPods(cluster: Cluster, stack: Stack): Promise<Pod[]> {
  const namespaces = stack.objects.filter(({ kind, json }) => kind === 'Namespace' && isEnrolled(json)).map(({ name }) => name);
  const pods = await Promise.all(namespaces.map((namespace) => list(cluster, ['pods', '-n', namespace])));
  return pods
    .flat()
    .filter((pod) => metadataOf(pod).deletionTimestamp === undefined)
    .map(podOf);
}

/** Every pod of an enrolled namespace has a proxy, unless it says that it wants none. */
export function sidecars(pods: readonly Pod[]): Outcome {
  const wanted = pods.filter(({ optedOut }) => !optedOut);
  const what = `sidecars: ${wanted.length} pods of enrolled namespaces have an istio-proxy`;
  if (wanted.length === 0) return skipped(what, 'there are none');
  return verdict(
    what,
    wanted.filter(({ proxy }) => !proxy).map(({ namespace, name }) => `Pod/${namespace}/${name}: no container istio-proxy`),
  );
}

function isEnrolled(namespace: JsonObject): boolean {
  const labels = labelsOf(namespace);
  return labels['istio-injection'] === 'enabled' || (labels['istio-injection'] === undefined && 'istio.io/rev' in labels);
}

/** A pod of `kubectl get pods -o json`. */
export function podOf(json: JsonObject): Pod {
  const { name, namespace } = metadataOf(json);
  const labels = labelsOf(json);
  const spec = isObject(json.spec) ? json.spec : {};
  const proxy = [...objectsIn(spec.initContainers), ...objectsIn(spec.containers)].find((c) => c.name === 'istio-proxy');
  const bootstrap = objectsIn(proxy?.env).find((e) => e.name === 'PROXY_CONFIG')?.value;
  const hash = labels['pod-template-hash'];
  return {
    name: String(name),
    namespace: String(namespace),
    labels,
    workload: hash === undefined ? String(name) : (String(name).split(`-${hash}-`)[0] ?? ''),
    proxy: proxy !== undefined,
    bootstrap: typeof bootstrap === 'string' ? bootstrap : '',
    optedOut: labels['sidecar.istio.io/inject'] === 'false',
  };
}

function objectsIn(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function metadataOf({ metadata }: JsonObject): JsonObject {
  return isObject(metadata) ? metadata : {};
}

function labelsOf(json: JsonObject): Record<string, string> {
  const { labels } = metadataOf(json);
  const entries = isObject(labels) ? Object.entries(labels) : [];
  return Object.fromEntries(entries.map(([key, value]) => [key, String(value)]));
}
