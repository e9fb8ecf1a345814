import { byCodeUnit, isObject, type Json, type JsonObject } from '../kit/json.ts';

/** What names a cluster object; empty text for what it does not have. */
export interface ObjectName {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** The four fields that name a cluster object. */
export function objectName(json: JsonObject): ObjectName {
  const metadata = isObject(json.metadata) ? json.metadata : {};
  return {
    apiVersion: text(json.apiVersion),
    kind: text(json.kind),
    namespace: text(metadata.namespace),
    name: text(metadata.name),
  };
}

/**
 * Sorts objects in place into the order in which to apply them: namespaces, CRDs, accounts and rights, configuration, Services,
 * workloads, other kinds of Kubernetes, custom resources, admission webhooks. Within a rank by kind, namespace, name and
 * apiVersion, so that the order in which a program makes its objects does not show.
 */
export function sortForApply<T extends { readonly json: JsonObject }>(objects: readonly T[]): T[] {
  const named = objects.map((object) => ({ object, name: objectName(object.json) }));
  const ranked = named.map(({ object, name }) => ({ object, name, rank: applyRank(name) }));
  ranked.sort((a, b) => a.rank - b.rank || byName(a.name, b.name));
  return ranked.map(({ object }) => object);
}

function byName(a: ObjectName, b: ObjectName): number {
  return (
    byCodeUnit(a.kind, b.kind) ||
    byCodeUnit(a.namespace, b.namespace) ||
    byCodeUnit(a.name, b.name) ||
    byCodeUnit(a.apiVersion, b.apiVersion)
  );
}

/** Groups that the Kubernetes API server itself serves (1.34); groups such as gateway.networking.k8s.io come from CRDs. */
const kubernetesGroups = new Set([
  ...[
    '',
    'apps',
    'autoscaling',
    'batch',
    'policy',
    'admissionregistration.k8s.io',
    'apiextensions.k8s.io',
    'apiregistration.k8s.io',
  ],
  ...['certificates.k8s.io', 'coordination.k8s.io', 'discovery.k8s.io', 'events.k8s.io', 'flowcontrol.apiserver.k8s.io'],
  ...['networking.k8s.io', 'node.k8s.io', 'rbac.authorization.k8s.io', 'resource.k8s.io', 'scheduling.k8s.io', 'storage.k8s.io'],
]);

const ranks: readonly (readonly string[])[] = [
  ['Namespace'],
  ['CustomResourceDefinition'],
  ['ServiceAccount', 'Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding'],
  [
    'ConfigMap',
    'Secret',
    'PriorityClass',
    'ResourceQuota',
    'LimitRange',
    'StorageClass',
    'PersistentVolume',
    'PersistentVolumeClaim',
  ],
  ['Service'],
  ['DaemonSet', 'Deployment', 'StatefulSet', 'ReplicaSet', 'ReplicationController', 'Pod', 'Job', 'CronJob'],
];
const rankOfKind = new Map(ranks.flatMap((kinds, rank) => kinds.map((kind) => [kind, rank] as const)));
const otherKubernetes = ranks.length;
const customResource = otherKubernetes + 1;
const webhook = customResource + 1;

function applyRank({ apiVersion, kind }: ObjectName): number {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  if (!kubernetesGroups.has(group)) return customResource;
  if (group === 'admissionregistration.k8s.io') return webhook;
  return rankOfKind.get(kind) ?? otherKubernetes;
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
