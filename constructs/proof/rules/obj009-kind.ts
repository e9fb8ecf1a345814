import { nearest } from '../nearest.ts';
import type { Rule } from '../rule.ts';
import { type Fault, type ProofObject, spotOf } from '../types.ts';
import { hasSchema } from './schema.ts';

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

export const kind: Rule = {
  code: 'OBJ009',
  title: 'a kind or version that Kubernetes does not serve',
  severity: 'error',
  run: (model) => model.objects.flatMap((object) => kindFault(object) ?? []),
  docs: {
    cause: 'The group is one of Kubernetes itself, and it has no such kind, or no longer in this version: `no matches for kind`.',
    fix: 'Correct the kind, or use the version that is served.',
    example: 'apiVersion: policy/v1beta1\nkind: PodDisruptionBudget   # policy/v1 since Kubernetes 1.25',
  },
};

function kindFault(object: ProofObject): Fault | undefined {
  const known = WHOLE_GROUPS.get(object.group)?.split(' ');
  if (!known || object.version === '') return undefined;
  const prefix = object.group === '' ? '' : `${object.group}/`;
  const apiVersion = `${prefix}${object.version}`;
  if (!known.includes(object.kind)) {
    const near = nearest(object.kind, known);
    const hint = near === undefined ? `kinds of this group: ${known.join(', ')}` : `did you mean "${near}"?`;
    return { at: spotOf(object, ['kind']), message: `${apiVersion} has no kind ${object.kind}`, hint };
  }
  const served = ['v2', 'v1'].map((version) => `${prefix}${version}`).find((version) => hasSchema(version, object.kind));
  if (served === undefined || hasSchema(apiVersion, object.kind)) return undefined;
  return {
    at: spotOf(object, ['apiVersion']),
    message: `${object.kind} is not served in version ${apiVersion}`,
    hint: `use ${served}`,
  };
}
