import type { Endpoint, EnvoyTraceProtocol, JsonObject, SinkOf, TraceSink } from '../kit/index.ts';
import { UserError } from '../kit/index.ts';

/** Spans by an extension provider and a Telemetry: today's way. */
export type ProviderTracing = {
  /** The share of requests that start a trace, 0 to 100. @default Istio's 1 */
  readonly samplingPercent?: number;
  readonly legacy?: never;
} & (
  | { [P in EnvoyTraceProtocol]: { readonly to: TraceSink<P>; readonly via: P } }[EnvoyTraceProtocol]
  | { readonly to: SinkOf<EnvoyTraceProtocol>; readonly via?: never }
);

/**
 * Spans by the proxies' bootstrap (`defaultConfig.tracing.zipkin.address`): the old way, for meshes that cannot move yet.
 *
 * It works only while no Telemetry and no default provider says anything of tracing (Istio 1.30, mesh config reference), so the mesh
 * renders neither, and a change needs every injected pod restarted.
 */
export interface LegacyTracing {
  readonly legacy: { readonly zipkin: TraceSink<'zipkin'> };
  /** Above 0, up to 100: Istio reads 0 here as "unset". @default Istio's 1 */
  readonly samplingPercent?: number;
  readonly to?: never;
  readonly via?: never;
}

/** Where the mesh's spans go, how, and how many. */
export type Tracing = ProviderTracing | LegacyTracing;

/** The provider's name, by protocol: switching to another backend of the same protocol changes no reference to it. */
const providerNames: Record<EnvoyTraceProtocol, string> = {
  'otlp-grpc': 'otel',
  'otlp-http': 'otel',
  zipkin: 'zipkin',
  skywalking: 'skywalking',
  datadog: 'datadog',
};

const envoyProtocols = Object.keys(providerNames);

function isEnvoyProtocol(protocol: string): protocol is EnvoyTraceProtocol {
  return envoyProtocols.includes(protocol);
}

/** An entry of `meshConfig.extensionProviders`, with its name apart. */
export interface TracingProvider {
  readonly name: string;
  readonly config: JsonObject;
}

/**
 * The extension provider for a sink: its kind follows from the protocol (Istio 1.30, extensionProviders).
 *
 * @throws UserError when the sink takes nothing that a proxy sends
 */
export function tracingProvider(tracing: ProviderTracing, where: string): TracingProvider {
  // A union of sinks has no callable receiver(); what the sink really takes is asked below.
  const sink = tracing.to as TraceSink<EnvoyTraceProtocol>;
  const protocol = tracing.via ?? sink.accepts.find(isEnvoyProtocol);
  if (!protocol) {
    throw new UserError(
      `the trace sink of '${where}' takes ${sink.accepts.join(', ') || 'nothing'}, proxies send ${envoyProtocols.join(', ')}: put a collector between`,
    );
  }
  const name = providerNames[protocol];
  return { name, config: { name, ...providerConfig(protocol, sink.receiver(protocol)) } };
}

function providerConfig(protocol: EnvoyTraceProtocol, to: Endpoint<EnvoyTraceProtocol>): JsonObject {
  const service = { service: to.host, port: to.port };
  switch (protocol) {
    case 'otlp-grpc':
      return { opentelemetry: service };
    case 'otlp-http':
      return { opentelemetry: { ...service, http: { path: to.path || '/v1/traces', timeout: '5s' } } };
    case 'zipkin':
      return { zipkin: { ...service, ...(to.path && to.path !== '/api/v2/spans' ? { path: to.path } : {}) } };
    case 'skywalking':
      return { skywalking: service };
    case 'datadog':
      return { datadog: service };
  }
}

/**
 * Checks a share of requests.
 *
 * @throws UserError when it is not within 0 to 100
 */
export function checkSampling(percent: number | undefined, where: string): void {
  if (percent !== undefined && !(percent >= 0 && percent <= 100)) {
    throw new UserError(`samplingPercent of '${where}' is ${percent}: allowed is 0 to 100 (percent of requests)`);
  }
}
