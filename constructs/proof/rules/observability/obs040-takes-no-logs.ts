import { type AccessLogHop, accessLogHops } from '../../model/logs/access-logs.ts';
import type { Program } from '../../model/spans/programs.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';
import { isTraceProtocol, protocolName } from '../pipelines/hop-faults.ts';
import { starts } from '../pipelines/starts.ts';

export const takesNoLogs: Rule = {
  code: 'OBS040',
  title: 'access logs are sent to something that takes none',
  severity: 'error',
  run: (model) =>
    accessLogHops(model).flatMap((hop) => {
      if (!hop.program || !starts(hop.program)) return [];
      const fault = noLogsFault(hop, hop.program);
      return fault ?? [];
    }),
  docs: {
    cause:
      'A provider `envoyOtelAls` sends OTLP over gRPC. The collector behind its Service has no pipeline `logs` with that receiver (proxies get UNIMPLEMENTED, and the entries are gone), listens for another protocol at that port, or does not listen there; or it is a backend for traces. Spans may well arrive at the same port: a receiver takes the signals of the pipelines that name it.',
    fix: 'Add a pipeline `logs` with the otlp receiver to the collector, or send the access logs to one that has it.',
    example:
      'extensionProviders:\n- name: access-log\n  envoyOtelAls: {service: otel-collector.observability.svc.cluster.local, port: 4317}\n# the collector: service.pipelines has traces alone',
  },
};

function noLogsFault(hop: AccessLogHop, program: Program): Fault | undefined {
  const { provider, service, port, receiver, containerPort } = hop;
  const sends = `provider "${provider.name}" sends access logs to port ${port.number} of ${service.id}`;
  const at = provider.serviceAt;
  // SkyWalking takes logs by OTLP as well.
  if (program.is !== 'collector') {
    if (program.is === 'skywalking') return undefined;
    const message = `${sends}, and so to ${program.object.id}, which stores traces and no logs`;
    return { at, message, hint: 'send them to a collector with a pipeline for logs' };
  }
  if (!receiver) {
    if (!program.whole || containerPort === undefined) return undefined;
    return {
      at: provider.portAt,
      message: `${sends}, but ${program.object.id} does not listen at port ${containerPort}`,
      hint: 'send to the port of its otlp receiver for gRPC, usually 4317',
      // Spans that come the same way miss it as well (TRC011).
      cause: `otlp-grpc into ${program.object.id}`,
    };
  }
  if (receiver.protocol !== 'otlp-grpc') {
    if (!isTraceProtocol(receiver.protocol)) return undefined;
    return {
      at: provider.portAt,
      message: `${sends}, where ${program.object.id} takes ${protocolName(receiver.protocol)}: envoyOtelAls speaks OTLP over gRPC`,
      hint: 'send to the port of its otlp receiver for gRPC, usually 4317',
    };
  }
  const { pipelines } = program;
  if (!program.whole || !pipelines || pipelines.partial || receiver.pipelines === undefined) return undefined;
  const signals = receiver.pipelines.map((id) => pipelines.pipelines.get(id)?.signal ?? id);
  if (signals.includes('logs')) return undefined;
  return {
    at: receiver.at,
    message: `${sends}, but in ${program.object.id} no pipeline of logs has the receiver "${receiver.id}"`,
    hint: `add a pipeline logs with receivers: [${receiver.id}]`,
    cause: `logs of ${program.object.id}`,
  };
}
