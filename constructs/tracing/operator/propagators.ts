import { type EnvoyTraceProtocol, type MeshLike, UserError } from '../../kit/index.ts';

/** A format in which a program hands a trace on (OpenTelemetry, OTEL_PROPAGATORS; the kind Instrumentation of operator 0.158). */
export type Propagator = 'tracecontext' | 'baggage' | 'b3' | 'b3multi' | 'jaeger' | 'xray' | 'ottrace' | 'none';

/**
 * What a program must speak so that its spans and those of the proxies join: what each tracer of Envoy reads and writes. One of the
 * formats will do; a program that reads one form of B3 reads the other as well (OpenTelemetry, B3 requirements).
 */
const spokenBy: Readonly<Record<EnvoyTraceProtocol, readonly Propagator[]>> = {
  'otlp-grpc': ['tracecontext'],
  'otlp-http': ['tracecontext'],
  zipkin: ['b3multi', 'b3'],
  skywalking: [],
  datadog: [],
};

/** The formats that were asked for, or those that join the mesh's. @throws UserError when they contradict each other or break traces @internal */
export function propagatorsFor(
  asked: readonly [Propagator, ...Propagator[]] | undefined,
  mesh: MeshLike | undefined,
  where: string,
): readonly Propagator[] {
  const spans = mesh?.spansTo?.protocol;
  const wanted = spans === undefined ? undefined : spokenBy[spans];
  const proxies = `the mesh's proxies send ${spans} to ${mesh?.spansTo?.authority}`;
  if (wanted?.length === 0) {
    throw new UserError(
      `'${where}' cannot join the mesh's traces: ${proxies}, whose headers no propagator carries; allowed are otlp-grpc, otlp-http and zipkin, or leave out mesh for traces of their own`,
    );
  }
  if (asked === undefined) return [wanted?.[0] ?? 'tracecontext', 'baggage'];
  if (asked.length === 0) throw new UserError(`propagators of '${where}' is empty: name one at least, or leave it out`);
  const twice = asked.find((one, i) => asked.indexOf(one) !== i);
  if (twice !== undefined) throw new UserError(`propagators of '${where}' names ${twice} twice`);
  if (asked.includes('none') && asked.length > 1)
    throw new UserError(`propagators of '${where}' is ${asked.join(', ')}: 'none' stands alone`);
  if (wanted && !asked.some((one) => wanted.includes(one))) {
    throw new UserError(
      `propagators of '${where}' is ${asked.join(', ')}, but ${proxies}: a trace would break at every program; add ${wanted.join(' or ')}`,
    );
  }
  return asked;
}
