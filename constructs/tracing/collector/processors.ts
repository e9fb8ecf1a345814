import type { AccessRule, JsonObject } from '../../kit/index.ts';
import { literal } from './config.ts';

/** What the collector can tell of the pod that sent a span (contrib 0.159, k8s_attributes, extract.metadata). */
export type PodMetadata =
  | 'container.image.name'
  | 'container.image.tag'
  | 'k8s.container.name'
  | 'k8s.cronjob.name'
  | 'k8s.daemonset.name'
  | 'k8s.deployment.name'
  | 'k8s.job.name'
  | 'k8s.namespace.name'
  | 'k8s.node.name'
  | 'k8s.pod.ip'
  | 'k8s.pod.name'
  | 'k8s.pod.start_time'
  | 'k8s.pod.uid'
  | 'k8s.replicaset.name'
  | 'k8s.statefulset.name';

/** What is added to each span about the pod that sent it. */
export interface KubernetesAttributes {
  /** @default namespace, pod, deployment and node by name */
  readonly metadata?: readonly PodMetadata[];
  /** Attribute to the pod's label: `{ 'app.version': 'version' }`. @default none */
  readonly labels?: Readonly<Record<string, string>>;
}

/**
 * The first processor of a pipeline: refuses spans before the kernel kills the pod, so that senders try again. The percentages are of
 * the container's memory limit.
 */
export const memoryLimiter: JsonObject = { check_interval: '1s', limit_percentage: 80, spike_limit_percentage: 20 };

const usualMetadata: readonly PodMetadata[] = ['k8s.namespace.name', 'k8s.pod.name', 'k8s.deployment.name', 'k8s.node.name'];

/** Finds the pod by its address: what spans say of it first, then where the connection comes from. */
export function kubernetesAttributes({ metadata = usualMetadata, labels = {} }: KubernetesAttributes): JsonObject {
  const tags = Object.entries(labels).map(([tag, key]) => ({ tag_name: literal(tag), key: literal(key), from: 'pod' }));
  return {
    extract: { metadata, ...(tags.length > 0 ? { labels: tags } : {}) },
    pod_association: [
      { sources: [{ from: 'resource_attribute', name: 'k8s.pod.ip' }] },
      { sources: [{ from: 'resource_attribute', name: 'k8s.pod.uid' }] },
      { sources: [{ from: 'connection' }] },
    ],
  };
}

/** What the processor reads at the API server: ReplicaSets tell the Deployment of a pod. */
export function kubernetesRights({ metadata = usualMetadata }: KubernetesAttributes): AccessRule[] {
  const verbs = ['get', 'list', 'watch'];
  const pods: AccessRule = { apiGroups: [''], resources: ['pods', 'namespaces'], verbs };
  if (!metadata.includes('k8s.deployment.name')) return [pods];
  return [pods, { apiGroups: ['apps'], resources: ['replicasets'], verbs }];
}

/** Sets attributes of the resource that spans belong to, whatever they said before. */
export function resourceAttributes(attributes: Readonly<Record<string, string>>): JsonObject {
  return {
    attributes: Object.entries(attributes).map(([key, value]) => ({
      key: literal(key),
      value: literal(value),
      action: 'upsert',
    })),
  };
}

/** Drops spans that meet one of the conditions; a condition that fails drops none. */
export function spanFilter(conditions: readonly string[]): JsonObject {
  return { error_mode: 'ignore', traces: { span: conditions.map(literal) } };
}

/** Changes spans; a statement that fails is passed over, the span is kept. */
export function spanTransform(statements: readonly string[]): JsonObject {
  return { error_mode: 'ignore', trace_statements: [{ context: 'span', statements: statements.map(literal) }] };
}
