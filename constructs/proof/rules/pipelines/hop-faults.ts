import { items, number } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import type { Service } from '../../model/services.ts';
import type { Hop } from '../../model/spans/hops.ts';
import type { Program } from '../../model/spans/programs.ts';
import { containerPort } from '../../model/spans/programs.ts';
import { type Fault, type Severity, type Spot, spotOf } from '../../types.ts';
import { usedProviders } from '../providers/names.ts';
import { starts } from './starts.ts';

/** The trace hops whose end is worth a word: to programs whose configuration lets them start, by providers that matter. */
export function traceHops(model: Model): readonly Hop[] {
  return model.hops.all.filter((hop) => hop.signals.has('traces') && (!hop.program || starts(hop.program)));
}

/** An error; a warning for a provider that nothing uses. */
export function hopSeverity(model: Model): (hop: Hop) => Severity {
  const used = usedProviders(model);
  return ({ from }) => (from.is !== 'provider' || used.has(from.provider.name) ? 'error' : 'warning');
}

/** Protocols in words. */
export function protocolName(protocol: string): string {
  return NAMES.get(protocol) ?? protocol;
}

const NAMES: ReadonlyMap<string, string> = new Map([
  ['otlp-grpc', 'OTLP over gRPC'],
  ['otlp-http', 'OTLP over HTTP'],
  ['zipkin', 'Zipkin'],
  ['skywalking', 'SkyWalking'],
  ['skywalking-http', 'SkyWalking over HTTP'],
  ['datadog', 'Datadog'],
  ['jaeger-grpc', 'Jaeger over gRPC'],
  ['jaeger-thrift-http', 'Jaeger Thrift over HTTP'],
  ['jaeger-thrift-compact', 'Jaeger Thrift over UDP'],
  ['jaeger-thrift-binary', 'Jaeger Thrift over UDP'],
]);

/** Whether a protocol is one whose receivers are all known here. */
export function isTraceProtocol(protocol: string): boolean {
  return NAMES.has(protocol);
}

/** Where a hop that arrives at the wrong place is to be mended, and how. */
export function whereToMend(hop: Hop, program: Program): Pick<Fault, 'at' | 'hint' | 'cause'> {
  const { service, protocol } = hop;
  const wanted = program.receivers.filter((one) => one.protocol === protocol);
  const cause = `${protocol} into ${program.object.id}`;
  if (!service || wanted.length === 0)
    return { at: hop.at, hint: otherProtocols(hop, program), cause: `${cause} by ${hop.what}` };
  const ports = service.ports === 'unknown' ? [] : service.ports;
  const right = ports.find((port) => wanted.some((one) => one.port === containerPort(program, port.target)));
  if (right) return { at: hop.at, hint: `use port ${right.number}, which leads to it`, cause: `${cause} by ${hop.what}` };
  const port = wanted[0]?.port;
  if (service.created) return { at: hop.at, hint: `it listens for ${protocolName(protocol)} at ${port}`, cause };
  const [path, hint] = targetPort(service, hop.port);
  return { at: path, hint: `${hint} ${port}, where it listens for ${protocolName(protocol)}`, cause };
}

const CHANGES: Readonly<Record<Hop['from']['is'], string>> = {
  provider: 'use a provider',
  tracer: 'use a provider',
  program: 'use an exporter',
  agents: 'set OTEL_EXPORTER_OTLP_PROTOCOL',
};

function otherProtocols({ from, protocol }: Hop, program: Program): string {
  const takes = [...new Set(program.receivers.map((one) => protocolName(one.protocol)))].sort();
  const add = program.is === 'collector' ? `add a receiver for ${protocolName(protocol)} to it, or ` : '';
  const change = CHANGES[from.is];
  return takes.length === 0 ? `${add}send the spans elsewhere` : `${add}${change} for what it takes: ${takes.join(', ')}`;
}

function targetPort(service: Service, port: number): [Spot, string] {
  const index = items(service.object.json, 'spec', 'ports').findIndex((one) => number(one, 'port') === port);
  return [spotOf(service.object, ['spec', 'ports', Math.max(index, 0), 'targetPort']), `set targetPort of port ${port} to`];
}
