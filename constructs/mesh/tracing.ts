import type { Endpoint, EnvoyTraceProtocol, JsonObject, Sampling, SinkOf, TraceSink } from '../kit/index.ts';
import { UserError } from '../kit/index.ts';

/** How many requests leave a trace: one number for the whole mesh, or an object that says more. */
export type TracingShare =
  | {
      /** The share of requests that start a trace, 0 to 100. @default Istio's 1 */
      readonly samplingPercent?: number;
      readonly sampling?: never;
    }
  | {
      /** Mesh, namespaces, workloads, and what a collector keeps; hand the same object to the Collector when it has a `tail`. @default none */
      readonly sampling?: Sampling;
      readonly samplingPercent?: never;
    };

/** Spans by an extension provider and a Telemetry: today's way. */
export type ProviderTracing = TracingShare & { readonly legacy?: never } & (
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
  /** Never: the bootstrap knows one number. */
  readonly sampling?: never;
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
  readonly to: Endpoint<EnvoyTraceProtocol>;
}

/**
 * The extension provider for a sink: its kind follows from the protocol (Istio 1.30, extensionProviders).
 *
 * @throws UserError when the sink takes nothing that a proxy sends, or is reached by TLS
 */
export function tracingProvider(tracing: ProviderTracing, where: string): TracingProvider {
  // A union of sinks has no callable receiver(); what the sink really takes is asked below.
  const sink = tracing.to as TraceSink<EnvoyTraceProtocol>;
  if (sink.exporter) {
    throw new UserError(
      `the trace sink of '${where}' wants headers or certificates, which a proxy cannot take from a Secret: put a collector between`,
    );
  }
  const protocol = tracing.via ?? sink.accepts.find(isEnvoyProtocol);
  if (!protocol) {
    throw new UserError(
      `the trace sink of '${where}' takes ${sink.accepts.join(', ') || 'nothing'}, proxies send ${envoyProtocols.join(', ')}: put a collector between`,
    );
  }
  const name = providerNames[protocol];
  const to = plain(sink.receiver(protocol), where);
  return { name, config: { name, ...providerConfig(protocol, to) }, to };
}

/**
 * An endpoint that takes plain text: no provider has a setting for TLS (Istio 1.30, extensionProviders).
 *
 * @throws UserError when it is reached by TLS
 */
export function plain<P extends string>(to: Endpoint<P>, where: string): Endpoint<P> {
  if (!to.tls) return to;
  throw new UserError(
    `'${where}' sends to ${to.authority}, which is reached by TLS: proxies send plain text, put a collector between; or leave out tls in the endpoint, and originate TLS by a DestinationRule for ${to.host}`,
  );
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
