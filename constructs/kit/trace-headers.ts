import { UserError } from './user-error.ts';

/** One header that carries a request's trace from hop to hop. */
export interface TraceHeader {
  /** In lower case: HTTP does not mind, and Node gives them so. */
  readonly name: string;
  /** Whether every traced request has it. What comes `sometimes` is forwarded when it came, and never made up. */
  readonly comes: 'always' | 'sometimes';
}

/** The headers that an app must copy from each request to the requests it makes because of it. */
export interface TraceHeaderSet {
  /** What uses it, for people. */
  readonly usedBy: string;
  readonly headers: readonly TraceHeader[];
}

const always = (...names: readonly string[]): TraceHeader[] => names.map((name) => ({ name, comes: 'always' }));
const sometimes = (...names: readonly string[]): TraceHeader[] => names.map((name) => ({ name, comes: 'sometimes' }));

// Envoy makes it at the edge. It ties access logs together, and sampling follows it (Istio 1.30, useRequestIdForTraceSampling).
const requestId = always('x-request-id');
const b3 = [...always('x-b3-traceid', 'x-b3-spanid', 'x-b3-sampled'), ...sometimes('x-b3-parentspanid', 'x-b3-flags')];
const w3c = [...always('traceparent'), ...sometimes('tracestate')];
const sw8 = always('sw8');
const datadog = always('x-datadog-trace-id', 'x-datadog-parent-id', 'x-datadog-sampling-priority');

/**
 * The set of each format (b3, w3c, sw8, datadog) and of each kind of tracing provider.
 *
 * Sources: Istio 1.30, "Distributed tracing, trace context propagation" and extensionProviders; Envoy's tracers; the B3 and W3C
 * specifications. The providers lightstep and opencensus are gone from Istio.
 */
export const traceHeaders = {
  b3: { usedBy: 'B3 in several headers', headers: [...requestId, ...b3] },
  w3c: { usedBy: 'W3C Trace Context', headers: [...requestId, ...w3c] },
  sw8: { usedBy: 'SkyWalking, version 3 of its headers', headers: [...requestId, ...sw8] },
  datadog: { usedBy: 'provider datadog', headers: [...requestId, ...datadog] },
  zipkin: { usedBy: 'provider zipkin', headers: [...requestId, ...b3] },
  'zipkin-b3-w3c': {
    usedBy: 'provider zipkin with traceContextOption USE_B3_WITH_W3C_PROPAGATION',
    headers: [...requestId, ...b3, ...w3c],
  },
  opentelemetry: { usedBy: 'provider opentelemetry', headers: [...requestId, ...w3c] },
  skywalking: { usedBy: 'provider skywalking', headers: [...requestId, ...sw8] },
  classic: {
    usedBy: "the tutorials' seven, from the time of Istio 1.0: no W3C",
    headers: [...requestId, ...b3, ...sometimes('x-ot-span-context')],
  },
} as const satisfies Readonly<Record<string, TraceHeaderSet>>;

/** A format or a kind of provider: 'b3', 'opentelemetry'. */
export type TraceHeaderSetName = keyof typeof traceHeaders;

/** @see traceHeaders */
export const traceHeaderSetNames = Object.keys(traceHeaders).filter(isTraceHeaderSetName);

/** Whether a text names one of the sets. */
export function isTraceHeaderSetName(name: string): name is TraceHeaderSetName {
  return Object.hasOwn(traceHeaders, name);
}

/** B3 in one header. Envoy sends several, and reads this one in their place. */
export const singleB3 = 'b3';

/** What an app does well to forward besides: who asks, and on whose behalf. No trace needs it. */
export const userHeaders: readonly string[] = ['user-agent', 'cookie', 'authorization', 'jwt', 'end-user'];

/** Headers of tracers that no proxy of Istio 1.30 speaks, but apps, clients and old meshes do. */
const otherTracers: readonly string[] = [
  singleB3,
  'baggage',
  'sw8-correlation',
  'sw8-x',
  'x-cloud-trace-context',
  'grpc-trace-bin',
  'x-ot-span-context',
];

/** Which headers an app forwards. You can pass `all`, a set's name (its headers and {@link userHeaders}), or the whole list by name. */
export type Forwarded = 'all' | TraceHeaderSetName | readonly string[];

/**
 * The names of the headers to forward, in lower case, each once.
 *
 * `all` is every set together: an app that forwards them needs no change when the mesh changes its tracer.
 *
 * @param where for messages
 * @throws UserError when a name is no header's, or is one that belongs to a single connection
 */
export function forwardedHeaders(forwarded: Forwarded, where: string): string[] {
  if (forwarded === 'all') {
    const sets = traceHeaderSetNames.flatMap((name) => namesOf(name));
    return [...new Set([...sets, ...otherTracers, ...userHeaders])];
  }
  if (typeof forwarded === 'string') return [...namesOf(forwarded), ...userHeaders];
  for (const name of forwarded) checkName(name, where);
  return [...new Set(forwarded.map((name) => name.toLowerCase()))];
}

function namesOf(set: TraceHeaderSetName): string[] {
  return traceHeaders[set].headers.map(({ name }) => name);
}

/** What says how one message travels: copied to another, it breaks that one (RFC 9110, 7.6.1). */
const perConnection = [
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

function checkName(name: string, where: string): void {
  // RFC 9110, 5.6.2: a token.
  if (!/^[a-z0-9!#$%&'*+.^_`|~-]+$/i.test(name)) {
    throw new UserError(
      `header ${JSON.stringify(name)} of ${where}: allowed are names of letters, digits and '-', such as "x-request-id", or a set: all, ${traceHeaderSetNames.join(', ')}`,
    );
  }
  if (perConnection.includes(name.toLowerCase())) {
    throw new UserError(
      `header ${JSON.stringify(name)} of ${where} belongs to one connection and must not be forwarded: leave it out`,
    );
  }
}
