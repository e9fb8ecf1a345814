import type { Hop } from '../../model/spans/hops.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';
import { hopSeverity, isTraceProtocol, protocolName, traceHops, whereToMend } from './hop-faults.ts';

export const wrongProtocol: Rule = {
  code: 'TRC012',
  title: 'spans are sent to a port that takes another protocol',
  severity: 'error',
  run: (model) => {
    const severity = hopSeverity(model);
    return traceHops(model).flatMap((hop) => {
      const fault = protocolFault(hop);
      return fault ? [{ ...fault, severity: fault.severity ?? severity(hop) }] : [];
    });
  },
  docs: {
    cause:
      'A provider or an exporter speaks one protocol and the receiver at that port another: Zipkin to an OTLP port, OTLP over HTTP to the gRPC port 4317, OTLP to 14250. Every export fails. Where the input does not show the program, the usual meaning of the port is taken, as a warning.',
    fix: 'Send to the port of the protocol: OTLP gRPC 4317, OTLP HTTP 4318, Zipkin 9411, SkyWalking 11800; or use a provider of the other type.',
    example:
      'opentelemetry:\n  service: otel-collector.observability.svc.cluster.local\n  port: 4318   # takes HTTP; without an http block Istio speaks gRPC',
  },
};

/** The fault of a hop that arrives at a receiver of another protocol. */
export function protocolFault(hop: Hop): Fault | undefined {
  const { receiver, program, protocol, what, port, service } = hop;
  if (!isTraceProtocol(protocol)) return undefined;
  if (!program) return usualPortFault(hop);
  if (!receiver || receiver.protocol === protocol || !isTraceProtocol(receiver.protocol)) return undefined;
  // One port for several protocols, as of SkyWalking.
  if (program.receivers.some((one) => one.port === receiver.port && one.protocol === protocol)) return undefined;
  const message = `${what} sends ${protocolName(protocol)} to port ${port} of ${service?.id}, where ${program.object.id} takes ${protocolName(receiver.protocol)}`;
  return { ...whereToMend(hop, program), message };
}

// What the projects use these ports for, and nobody uses them for anything else.
const USUAL: ReadonlyMap<number, string> = new Map([
  [4317, 'otlp-grpc'],
  [4318, 'otlp-http'],
  [9411, 'zipkin'],
  [14250, 'jaeger-grpc'],
  [14268, 'jaeger-thrift-http'],
]);
const PAGES: ReadonlyMap<number, string> = new Map([
  [16686, 'the page of Jaeger'],
  [16685, 'the query API of Jaeger'],
]);

function usualPortFault(hop: Hop): Fault | undefined {
  const { service, port, protocol, what, at, host } = hop;
  if (hop.lookup.is === 'missing') return undefined;
  const ports = service && service.ports !== 'unknown' ? service.ports : undefined;
  const entry = ports?.find((one) => one.number === port);
  if (ports && !entry) return undefined;
  const target = typeof entry?.target === 'number' ? entry.target : port;
  const usual = USUAL.get(target);
  const page = PAGES.get(target);
  if (usual === protocol || (usual === undefined && page === undefined)) return undefined;
  const meant = [...USUAL].find(([, one]) => one === protocol)?.[0];
  return {
    at,
    severity: 'warning',
    message: `${what} sends ${protocolName(protocol)} to ${host}:${port}, which is usually ${page ?? `for ${protocolName(usual ?? '')}`}`,
    hint: meant === undefined ? 'name the port of the protocol' : `${protocolName(protocol)} is usually at ${meant}`,
    cause: `port of ${what} at ${host}:${port}`,
  };
}
