import { Chart } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { isLayer } from './layer.ts';

/**
 * Lets pods into the namespace that Pod Security level `baseline` refuses: with the node's network, ports, folders or processes (Kubernetes,
 * Pod Security Standards). Where nobody here creates the namespace, whoever does has to say so.
 *
 * @internal
 */
export function allowPrivilegedPods(scope: IConstruct): void {
  const layer = Chart.of(scope);
  if (!isLayer(layer) || !layer.namespaceOwner) return;
  for (const mode of ['enforce', 'audit', 'warn']) layer.labelNamespace(`pod-security.kubernetes.io/${mode}`, 'privileged');
}
