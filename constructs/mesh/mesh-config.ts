import type { JsonObject } from '../kit/index.ts';
import { type LegacyTracing, type ProviderTracing, plain, type TracingProvider, tracingProvider } from './tracing.ts';

/** The parts of a mesh config that follow from the mesh's options. */
export interface MeshConfigParts {
  readonly provider: TracingProvider | undefined;
  readonly legacy: LegacyTracing | undefined;
  /** Entries of `extensionProviders` for access logs. */
  readonly accessLogs: readonly JsonObject[];
  readonly autoMtls: 'on' | 'off';
  readonly outboundTraffic: 'allow-any' | 'registry-only' | undefined;
  /** Merged over the rest, key by key at the top. */
  readonly more: JsonObject;
}

/**
 * The one mesh config, whoever installs it (Istio 1.30, MeshConfig).
 *
 * `defaultProviders.metrics` is always stated: setting the block for tracing alone would take the metrics away and leave Kiali empty.
 */
export function meshConfig(parts: MeshConfigParts): JsonObject {
  const { provider, legacy, accessLogs, autoMtls, outboundTraffic, more } = parts;
  const providers = [...(provider ? [provider.config] : []), ...accessLogs];
  return {
    ...(provider || legacy ? { enableTracing: true } : {}),
    ...(legacy ? { defaultConfig: { tracing: legacyTracing(legacy) } } : {}),
    defaultProviders: { metrics: ['prometheus'], ...(provider ? { tracing: [provider.name] } : {}) },
    ...(providers.length > 0 ? { extensionProviders: providers } : {}),
    ...(autoMtls === 'off' ? { enableAutoMtls: false } : {}),
    ...(outboundTraffic === 'registry-only' ? { outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' } } : {}),
    ...more,
  };
}

function legacyTracing(legacy: LegacyTracing): JsonObject {
  const { authority } = legacy.legacy.zipkin.receiver('zipkin');
  return {
    zipkin: { address: authority },
    ...(legacy.samplingPercent === undefined ? {} : { sampling: legacy.samplingPercent }),
  };
}

/** Splits the tracing option into the one way that was chosen. */
export function tracingParts(tracing: ProviderTracing | LegacyTracing | undefined, where: string) {
  if (!tracing) return { provider: undefined, legacy: undefined };
  if (tracing.legacy) {
    plain(tracing.legacy.zipkin.receiver('zipkin'), where);
    return { provider: undefined, legacy: tracing };
  }
  return { provider: tracingProvider(tracing, where), legacy: undefined };
}
