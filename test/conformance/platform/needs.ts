import { basename } from 'node:path';
import { text } from '../../../constructs/proof/json-path.ts';
import { label, type Stack, type StackObject } from '../stack.ts';
import { type Outcome, verdict } from '../tally.ts';
import { certainlyBefore } from './flux-order.ts';
import { releasesOf } from './releases.ts';

/** API groups of the custom resources that a chart brings the definitions of. */
const broughtBy: Readonly<Record<string, readonly string[]>> = {
  base: ['networking.istio.io', 'security.istio.io', 'telemetry.istio.io', 'extensions.istio.io'],
  'sail-operator': ['sailoperator.io'],
  metallb: ['metallb.io'],
  'cert-manager': ['cert-manager.io', 'acme.cert-manager.io'],
  'kube-prometheus-stack': ['monitoring.coreos.com'],
  'grafana-operator': ['grafana.integreatly.org'],
  'kiali-operator': ['kiali.io'],
  'opentelemetry-operator': ['opentelemetry.io'],
  traefik: ['traefik.io'],
  'external-secrets': ['external-secrets.io'],
};

/**
 * Whether each layer finds its namespaces and the definitions of its custom resources in what Flux has certainly applied before it. Flux
 * asks the server about a whole layer before it applies any of it, so a layer's own charts come too late for it.
 */
export function fluxOrderSuffices(stack: Stack): Outcome[] {
  const { delivery, objects } = stack;
  if (!delivery) return [];
  const charts = new Map(releasesOf(stack).map(({ object, chart = '' }) => [`${object.namespace}/${object.name}`, chart]));
  const groupsBrought = (object: StackObject): readonly string[] => {
    if (object.kind === 'CustomResourceDefinition') return [text(object.json, 'spec', 'group') ?? ''];
    return object.kind === 'HelmRelease' ? (broughtBy[charts.get(`${object.namespace}/${object.name}`) ?? ''] ?? []) : [];
  };
  const inLayer = (folder: string) => delivery.layers.get(basename(folder)) ?? [];
  const inStack = new Set(objects.flatMap(namespaceMade));
  const everyGroup = new Set(objects.flatMap(groupsBrought));
  const reasons = delivery.steps.flatMap((step) => {
    const own = inLayer(step.folder);
    const all = certainlyBefore(step, delivery.steps).flatMap(({ folder }) => inLayer(folder));
    const earlier = all.filter((one) => !own.includes(one));
    const namespaces = new Set(all.flatMap(namespaceMade));
    const groups = new Set(earlier.flatMap(groupsBrought));
    return own.flatMap((one) => {
      const { namespace } = one;
      const group = groupOf(one);
      return [
        ...(namespace !== undefined && inStack.has(namespace) && !namespaces.has(namespace)
          ? [`${step.name}: ${label(one)}: no layer that it depends on makes namespace ${namespace}`]
          : []),
        ...(everyGroup.has(group) && !groups.has(group)
          ? [`${step.name}: ${label(one)}: no layer that it depends on brings ${group}`]
          : []),
      ];
    });
  });
  const edges = delivery.steps.reduce((sum, { dependsOn }) => sum + dependsOn.length, 0);
  const what = `dependsOn: ${delivery.steps.length} layers find their namespaces and CRDs by ${edges} edges`;
  return [verdict(what, [...new Set(reasons)])];
}

function namespaceMade({ kind, name }: StackObject): string[] {
  return kind === 'Namespace' ? [name] : [];
}

/** The API group of an object; empty for the core one. */
export function groupOf({ json }: StackObject): string {
  const [group = '', version] = String(json.apiVersion).split('/');
  return version === undefined ? '' : group;
}
