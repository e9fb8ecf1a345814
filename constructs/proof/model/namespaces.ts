import { text } from '../json-path.ts';
import { chartReleases } from '../read/charts.ts';
import type { ProofObject, World } from '../types.ts';
import type { Service } from './services.ts';
import type { Workload } from './workloads.ts';

// Istio's charts make objects that are known by name; any other chart may put anything into its namespace.
const ISTIO_CHARTS = new Set(['base', 'istiod', 'cni', 'ztunnel', 'gateway']);
const RUNS_TO_END = new Set(['Job', 'CronJob']);

/**
 * Tells which namespaces the input shows as a whole: those it populates with Services of its own or workloads that serve, and into
 * which no chart and no kustomization puts what nobody here can see. Collectors that an operator makes populate a namespace that the
 * same program makes. A lone job or machine says nothing of its namespace, and kube-system is never known.
 */
export function knownNamespaces(
  { objects, filled }: World,
  services: readonly Service[],
  workloads: readonly Workload[],
): (namespace: string) => boolean {
  const serving = workloads.filter(({ podSpec, object }) => podSpec !== undefined && !RUNS_TO_END.has(object.kind));
  const made = new Set(objects.filter((one) => one.kind === 'Namespace' && one.origin.construct !== null).map((one) => one.name));
  const stated = services.filter(
    ({ created, object, namespace }) => !created || (object.kind === 'OpenTelemetryCollector' && made.has(namespace)),
  );
  const populated = new Set([...stated, ...serving].map((one) => one.namespace));
  const open = new Set(['kube-system', ...filled]);
  for (const { chart, namespace } of chartReleases(objects))
    if (chart === undefined || !ISTIO_CHARTS.has(chart)) open.add(namespace);
  for (const object of objects) {
    if (object.group === 'helm.cattle.io') open.add(targetOf(object, 'targetNamespace'));
    if (object.group === 'kustomize.toolkit.fluxcd.io') open.add(text(object.json, 'spec', 'targetNamespace') ?? '');
    if (object.group === 'argoproj.io' && object.kind === 'Application') open.add(targetOf(object, 'destination', 'namespace'));
  }
  return (namespace) => populated.has(namespace) && !open.has(namespace);
}

function targetOf(object: ProofObject, ...path: string[]): string {
  return text(object.json, 'spec', ...path) ?? object.namespace;
}
