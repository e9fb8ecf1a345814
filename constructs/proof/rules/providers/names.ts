import { suggest } from '../../../kit/nearest.ts';
import type { MeshConfig, Provider, ProviderRef } from '../../model/mesh/mesh-config.ts';
import type { Model } from '../../model/model.ts';
import type { Fault } from '../../types.ts';

/** Every name that some mesh config of the input defines a provider under. */
export function providerNames(model: Model): ReadonlySet<string> {
  return new Set(model.meshConfigs.flatMap((mesh) => [...mesh.builtIn, ...mesh.providers.map((provider) => provider.name)]));
}

/** Whether the input shows a mesh config in full: without one, no name can be called unknown. */
export function showsMeshConfig(model: Model): boolean {
  return model.meshConfigs.length > 0 && model.meshConfigs.every((mesh) => !mesh.config.partial);
}

/** The fault of a provider's name that no mesh config defines. */
export function unknownProvider(model: Model, { signal, name, at }: ProviderRef): Fault {
  const near = candidates(model.meshConfigs, signal);
  const where = model.meshConfigs.map((mesh) => mesh.config.object.id).join(', ');
  return {
    at,
    message: `${signal} provider "${name}" is not defined in the mesh config (${where})`,
    hint: suggest(name, near, 'define it under extensionProviders of the mesh config'),
    // A list that is gone is one fault, whoever names what was in it.
    cause: model.meshConfigs.some((mesh) => mesh.providers.length > 0) ? `provider ${name}` : 'no provider is defined',
  };
}

/** Types of tracers that Istio no longer has (opencensus since 1.25, lightstep since 1.27): where they send does not matter, TRC010 tells. */
export const GONE: ReadonlySet<string> = new Set(['opencensus', 'lightstep']);

const TRACERS = new Set(['opentelemetry', 'zipkin', 'skywalking', 'datadog', 'lightstep', 'opencensus', 'stackdriver']);

function candidates(meshes: readonly MeshConfig[], signal: ProviderRef['signal']): string[] {
  const all = meshes.flatMap((mesh) => mesh.providers);
  if (signal === 'tracing') return all.filter((provider) => TRACERS.has(provider.type)).map((provider) => provider.name);
  return [
    ...all.filter((provider) => !TRACERS.has(provider.type)).map((provider) => provider.name),
    ...meshes.flatMap((mesh) => mesh.builtIn),
  ];
}

/** Names of the providers that a Telemetry or `defaultProviders` uses. */
export function usedProviders(model: Model): ReadonlySet<string> {
  const refs = [
    ...model.telemetries.flatMap((telemetry) => telemetry.providers),
    ...model.meshConfigs.flatMap((mesh) => mesh.defaults),
  ];
  return new Set(refs.map((ref) => ref.name));
}

// What `istioctl install --set profile=demo` and the chart write for each of its addons, there or not (Istio 1.30).
const DEMO_PROFILE = new Set([
  'otel envoyOtelAls opentelemetry-collector.observability.svc.cluster.local:4317',
  'skywalking skywalking tracing.istio-system.svc.cluster.local:11800',
  'otel-tracing opentelemetry opentelemetry-collector.observability.svc.cluster.local:4317',
  'jaeger opentelemetry jaeger-collector.istio-system.svc.cluster.local:4317',
]);

/** Whether a provider came with the demo profile, and nothing uses it: nobody expects what it sends to. */
export function isSpareOfProfile({ name, type, service, port }: Provider, used: ReadonlySet<string>): boolean {
  return !used.has(name) && DEMO_PROFILE.has(`${name} ${type} ${service}:${port}`);
}
