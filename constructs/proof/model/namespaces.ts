import { text } from '../json-path.ts';
import { chartReleases } from '../read/charts.ts';
import type { ProofObject, World } from '../types.ts';
import { wholeReleases } from './chart-services.ts';
import type { Service } from './services.ts';
import type { Workload } from './workloads.ts';

// Istio's charts make objects that are known by name; any other chart may put anything into its namespace.
const ISTIO_CHARTS = new Set(['base', 'istiod', 'cni', 'ztunnel', 'gateway']);
const RUNS_TO_END = new Set(['Job', 'CronJob']);

/** Which namespaces the input shows as a whole, so that what is not there is missing. */
export interface KnownNamespaces {
  /** Everything in it. */
  isKnown(namespace: string): boolean;
  /** At least all of its Services: those of some charts are known by name, though their pods and accounts are not. */
  showsServices(namespace: string): boolean;
}

/**
 * Tells which namespaces the input shows as a whole: those it populates with Services of its own or workloads that serve, and into
 * which no chart and no kustomization puts what nobody here can see. Collectors that an operator makes populate a namespace that the
 * same program makes; charts whose Services are known populate one whose Namespace the input holds. A lone job or machine says nothing
 * of its namespace, and kube-system is never known.
 */
export function knownNamespaces(world: World, services: readonly Service[], workloads: readonly Workload[]): KnownNamespaces {
  const { objects, filled } = world;
  const serving = workloads.filter(({ podSpec, object }) => podSpec !== undefined && !RUNS_TO_END.has(object.kind));
  const namespaces = objects.filter((one) => one.kind === 'Namespace');
  const made = new Set(namespaces.filter((one) => one.origin.construct !== null).map((one) => one.name));
  const stated = services.filter(
    ({ created, object, namespace }) => !created || (object.kind === 'OpenTelemetryCollector' && made.has(namespace)),
  );
  const populated = new Set([...stated, ...serving].map((one) => one.namespace));
  const whole = wholeReleases(world);
  const held = new Set(namespaces.map((one) => one.name));
  const byCharts = services.filter(({ object, namespace }) => whole.has(object) && held.has(namespace));
  const withCharts = new Set(byCharts.map((one) => one.namespace));

  const open = new Set(['kube-system', ...filled]);
  for (const object of objects) {
    if (object.group === 'helm.cattle.io') open.add(targetOf(object, 'targetNamespace'));
    if (object.group === 'kustomize.toolkit.fluxcd.io') open.add(text(object.json, 'spec', 'targetNamespace') ?? '');
    if (object.group === 'argoproj.io' && object.kind === 'Application') open.add(targetOf(object, 'destination', 'namespace'));
  }
  const foreign = chartReleases(objects).filter(({ chart }) => chart === undefined || !ISTIO_CHARTS.has(chart));
  const charted = new Set(foreign.map((one) => one.namespace));
  const unseen = new Set(foreign.filter(({ object }) => !whole.has(object)).map((one) => one.namespace));
  return {
    isKnown: (namespace) => populated.has(namespace) && !open.has(namespace) && !charted.has(namespace),
    showsServices: (namespace) =>
      (populated.has(namespace) || withCharts.has(namespace)) && !open.has(namespace) && !unseen.has(namespace),
  };
}

function targetOf(object: ProofObject, ...path: string[]): string {
  return text(object.json, 'spec', ...path) ?? object.namespace;
}
