import { byCodeUnit } from '../../../kit/json.ts';
import { nearest } from '../../../kit/nearest.ts';
import { eachObject } from '../../each-object.ts';
import type { Rule } from '../../rule.ts';
import { servedKinds, versionsOf } from '../../schemas.ts';
import { type Fault, type ProofObject, spotOf } from '../../types.ts';

// Groups of which every kind that Kubernetes 1.33 serves by default is known; of other groups only some kinds are.
const WHOLE_GROUPS: ReadonlyMap<string, string> = new Map([
  [
    '',
    'Binding ComponentStatus ConfigMap Endpoints Event LimitRange List Namespace Node PersistentVolume PersistentVolumeClaim Pod PodTemplate ReplicationController ResourceQuota Secret Service ServiceAccount',
  ],
  ['apps', 'ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet'],
  ['batch', 'CronJob Job'],
  ['autoscaling', 'HorizontalPodAutoscaler Scale'],
  ['rbac.authorization.k8s.io', 'ClusterRole ClusterRoleBinding Role RoleBinding'],
  ['policy', 'Eviction PodDisruptionBudget'],
]);

// Groups of which every kind is imported.
const ISTIO_GROUPS = new Set(['networking.istio.io', 'security.istio.io', 'telemetry.istio.io', 'extensions.istio.io']);

export const kind: Rule = {
  code: 'OBJ009',
  title: 'a kind or version that Kubernetes or Istio does not serve',
  severity: 'error',
  run: eachObject(kindFaults),
  docs: {
    cause:
      'The group is one of Kubernetes itself or of Istio, and it has no such kind, or no longer in this version: `no matches for kind`.',
    fix: 'Correct the kind, or use the version that is served.',
    example: 'apiVersion: policy/v1beta1\nkind: PodDisruptionBudget   # policy/v1 since Kubernetes 1.25',
  },
};

function kindFaults(object: ProofObject): Fault[] {
  const { group, version, kind } = object;
  const served = servedKinds(group);
  const known = ISTIO_GROUPS.has(group) ? [...served.keys()] : WHOLE_GROUPS.get(group)?.split(' ');
  if (!known || version === '') return [];
  const apiVersion = group === '' ? version : `${group}/${version}`;
  if (!known.includes(kind))
    return [{ at: spotOf(object, ['kind']), message: `${apiVersion} has no kind ${kind}`, hint: kindHint(kind, known) }];
  const versions = served.get(kind) ?? [apiVersion];
  if (versions.includes(apiVersion)) return [];
  const message = `${kind} is not served in version ${apiVersion}`;
  return [{ at: spotOf(object, ['apiVersion']), message, hint: `use ${versions.join(' or ')}` }];
}

function kindHint(kind: string, known: readonly string[]): string {
  const near = nearest(kind, known);
  if (near !== undefined) return `did you mean "${near}"?`;
  const elsewhere = versionsOf(kind);
  return elsewhere.length > 0
    ? `the kind is of ${elsewhere.join(' or ')}`
    : `kinds of this group: ${[...known].sort(byCodeUnit).join(', ')}`;
}
