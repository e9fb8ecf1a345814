import { type Endpoint, type TraceProtocol, type TraceSink, UserError } from '../kit/index.ts';

/** One address per protocol that a sink takes. */
export type Receivers<P extends TraceProtocol> = { readonly [K in P]: Endpoint<K> };

/**
 * A trace sink that stands already, by its addresses: a collector of another team, a vendor's endpoint in the cluster.
 *
 * @param receivers protocol to endpoint, the preferred one first
 * @example existingSink({ 'otlp-grpc': Endpoint.external({ protocol: 'otlp-grpc', host: 'otel.observability.svc.cluster.local', port: 4317 }) })
 */
export function existingSink<P extends TraceProtocol>(receivers: Receivers<P>): TraceSink<P> {
  const accepts = protocolsOf(receivers);
  return {
    accepts,
    receiver: (protocol) => receivers[protocol] ?? refuse(protocol, accepts, 'the existing sink'),
  };
}

/** The protocols of a set of receivers, in the order given. */
export function protocolsOf<P extends TraceProtocol>(receivers: Receivers<P>): P[] {
  return Object.keys(receivers) as P[];
}

/** @throws UserError always: the sink takes other protocols */
export function refuse(protocol: string, accepts: readonly string[], sink: string): never {
  throw new UserError(`${sink} takes no ${protocol}, it takes: ${accepts.join(', ')}`);
}
