import { at, text } from '../../../constructs/proof/json-path.ts';
import { type Cluster, kubectl, list } from '../cluster.ts';
import { linesOf } from '../run.ts';
import type { Stack } from '../stack.ts';
import { type Outcome, skipped, verdict } from '../tally.ts';

/**
 * Stands in for the CNI agent on the rig, whose nodes run nothing: marks the pods of ambient namespaces as taken over by ztunnel, by which
 * istiod knows that they speak HBONE (Istio 1.30, cni/pkg/util, AnnotateEnrolledPod).
 */
export async function standInForNodeAgents(cluster: Cluster, stack: Stack): Promise<Outcome[]> {
  const namespaces = stack.objects
    .filter(({ kind, json }) => kind === 'Namespace' && text(json, 'metadata', 'labels', 'istio.io/dataplane-mode') === 'ambient')
    .map(({ name }) => name);
  if (!cluster.rig || namespaces.length === 0) return [];
  const reasons: string[] = [];
  for (const namespace of namespaces) {
    const pods = (await list(cluster, ['pods', '-n', namespace])).filter(
      (pod) => at(pod, 'metadata', 'labels', 'istio.io/dataplane-mode') !== 'none',
    );
    const names = pods.map((pod) => text(pod, 'metadata', 'name') ?? '');
    if (names.length === 0) continue;
    const args = ['annotate', 'pods', '-n', namespace, ...names, 'ambient.istio.io/redirection=enabled', '--overwrite'];
    const { code, stderr } = await kubectl(cluster, args);
    if (code !== 0) reasons.push(...linesOf(stderr));
  }
  if (reasons.length > 0) return [verdict('ambient: pods marked as the CNI agent does', reasons)];
  return [
    skipped('ambient: what ztunnel does with requests of pods', 'the rig runs none; its pods are marked as the CNI agent would'),
  ];
}
