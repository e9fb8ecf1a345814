import { text } from '../json-path.ts';
import { chartReleases } from '../read/charts.ts';
import type { ProofObject } from '../types.ts';
import type { Service } from './services.ts';
import type { Workload } from './workloads.ts';

// Istio's charts make objects that are known by name; any other chart may put anything into its namespace.
const ISTIO_CHARTS = new Set(['base', 'istiod', 'cni', 'ztunnel', 'gateway']);

/**
 * Tells which namespaces the input shows as a whole: those it populates with Services or workloads of its own and in which no chart
 * installs what nobody here can see. kube-system is never one.
 */
export function knownNamespaces(
  objects: readonly ProofObject[],
  services: readonly Service[],
  workloads: readonly Workload[],
): (namespace: string) => boolean {
  const populated = new Set([...services, ...workloads].filter((one) => !one.created).map((one) => one.namespace));
  const open = new Set(['kube-system']);
  for (const { chart, namespace } of chartReleases(objects))
    if (chart === undefined || !ISTIO_CHARTS.has(chart)) open.add(namespace);
  for (const object of objects) {
    if (object.group === 'helm.cattle.io') open.add(targetOf(object, 'targetNamespace'));
    if (object.group === 'argoproj.io' && object.kind === 'Application') open.add(targetOf(object, 'destination', 'namespace'));
  }
  return (namespace) => populated.has(namespace) && !open.has(namespace);
}

function targetOf(object: ProofObject, ...path: string[]): string {
  return text(object.json, 'spec', ...path) ?? object.namespace;
}
