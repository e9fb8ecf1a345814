import type { Telemetry, TracingEntry } from '../../model/mesh/telemetry.ts';
import type { Model } from '../../model/model.ts';

/** The root namespaces of the mesh configs of the input; Istio's own where there is none. */
export function rootNamespaces(model: Model): ReadonlySet<string> {
  const roots = model.meshConfigs.map((mesh) => mesh.rootNamespace);
  return new Set(roots.length > 0 ? roots : ['istio-system']);
}

/** The Telemetry objects that hold for the whole mesh. */
export function meshWide(model: Model): readonly Telemetry[] {
  const roots = rootNamespaces(model);
  return model.telemetries.filter((one) => one.wide && roots.has(one.object.namespace));
}

/** The tracing entries that say what proxies of the mesh do by default; without those that switch reporting off. */
export function reportingEntries(telemetries: readonly Telemetry[]): readonly TracingEntry[] {
  return telemetries.flatMap(({ entries }) => entries.filter(({ off }) => off !== true));
}

/** Whether proxies have somewhere to send spans to: by a provider or by the old address. */
export function tracesAtAll(model: Model): boolean {
  return (
    model.telemetries.some(({ entries }) => entries.some(({ providers }) => providers.length > 0)) ||
    model.meshConfigs.some(({ defaults, legacy }) => legacy !== undefined || defaults.some(({ signal }) => signal === 'tracing'))
  );
}
