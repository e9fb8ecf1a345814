import { groupBy } from '../../group-by.ts';
import { at, items, strings, text } from '../../json-path.ts';
import { candidatesByNamespace, type Labels, matchesSelector } from '../reach/label-selector.ts';
import type { Pods } from '../reach/pods.ts';
import type { LegacyTracer, MeshConfig, Provider } from './mesh-config.ts';
import type { Telemetry } from './telemetry.ts';

/** Where a proxy sends its spans: to a provider of the mesh config, or to the address of the old way. */
export type Tracer =
  | { readonly is: 'provider'; readonly provider: Provider; readonly mesh: MeshConfig }
  | { readonly is: 'legacy'; readonly legacy: LegacyTracer; readonly mesh: MeshConfig };

/** Tells where the proxies of some pods send spans; undefined where they send none, or the provider is not in the input. */
export interface Tracers {
  of(pods: Pods): Tracer | undefined;
  /** For pods of a namespace that no selector picks out. */
  in(namespace: string): Tracer | undefined;
}

const NOBODY: Labels = { values: new Map(), complete: true };

/**
 * Follows the settings of tracing in Istio's order (1.30, Telemetry): `defaultProviders`, the root namespace, the pods' namespace, a
 * selector; the legacy address where none of them speaks of tracing (`enableTracing: false` switches off that address alone).
 */
export function tracersOf(telemetries: readonly Telemetry[], meshes: readonly MeshConfig[], rootNamespace: string): Tracers {
  const traced = telemetries.filter((one) => one.tracing).map((one) => ({ ...one, namespace: one.object.namespace }));
  const wide = groupBy(
    traced.filter((one) => one.wide),
    (one) => one.namespace,
  );
  const narrow = candidatesByNamespace(
    traced.filter((one) => !one.wide && at(one.object.json, 'spec', 'selector') !== undefined),
    (one) => strings(one.object.json, 'spec', 'selector', 'matchLabels'),
  );
  const byDefault = meshes.flatMap((mesh) => mesh.defaults).find((ref) => ref.signal === 'tracing')?.name;
  const providers = new Map<string, Tracer>();
  for (const mesh of meshes)
    for (const provider of mesh.providers)
      if (!providers.has(provider.name)) providers.set(provider.name, { is: 'provider', provider, mesh });
  const [old] = meshes.flatMap((mesh): Tracer[] =>
    mesh.legacy && at(mesh.value, 'enableTracing') !== false ? [{ is: 'legacy', legacy: mesh.legacy, mesh }] : [],
  );

  const find = (namespace: string, labels: Labels): Tracer | undefined => {
    const chosen = narrow(namespace, labels).filter((one) => selects(one.object.json, labels));
    const root = namespace === rootNamespace ? [] : (wide.get(rootNamespace) ?? []);
    const inForce = [...root, ...(wide.get(namespace) ?? []), ...chosen];
    let name = byDefault;
    let silent = false;
    for (const entry of inForce.flatMap((one) => items(one.object.json, 'spec', 'tracing'))) {
      name = text(items(entry, 'providers')[0], 'name') ?? name;
      const off = at(entry, 'disableSpanReporting');
      if (typeof off === 'boolean') silent = off;
    }
    if (silent) return undefined;
    if (name !== undefined) return providers.get(name);
    return inForce.length === 0 ? old : undefined;
  };
  return { of: ({ namespace, labels }) => find(namespace, labels), in: (namespace) => find(namespace, NOBODY) };
}

function selects(json: Telemetry['object']['json'], labels: Labels): boolean {
  return matchesSelector(at(json, 'spec', 'selector'), labels) === 'yes';
}
