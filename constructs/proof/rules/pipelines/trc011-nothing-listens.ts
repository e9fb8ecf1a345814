import type { Model } from '../../model/model.ts';
import type { Hop } from '../../model/spans/hops.ts';
import { containerPort, type Program } from '../../model/spans/programs.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';
import { hopSeverity, protocolName, traceHops, whereToMend } from './hop-faults.ts';

export const nothingListens: Rule = {
  code: 'TRC011',
  title: 'spans are sent to a port at which nothing takes them',
  severity: 'error',
  run: (model) => {
    const severity = hopSeverity(model);
    return traceHops(model).flatMap((hop) => {
      const fault = listenFault(model, hop);
      return fault ? [{ ...fault, severity: severity(hop) }] : [];
    });
  },
  docs: {
    cause:
      'The Service of a provider, or of an exporter’s endpoint, has the port, but its targetPort leads to no receiver of the program behind it: the collector has no receiver for the protocol, the targetPort is another one, or the port is a page for people (16686, Jaeger’s UI). Connections are refused, and only the sender’s own log says so.',
    fix: 'Send to the port that leads to the receiver, correct the targetPort, or add the receiver.',
    example:
      'ports:\n- {name: grpc-otlp, port: 4317, targetPort: 55680}   # the receiver otlp of the collector behind it listens at 4317',
  },
};

/** Ports that take no spans, whatever is sent there. */
const NO_SPANS: ReadonlyMap<number, string> = new Map([
  [16686, 'the page and HTTP API of Jaeger'],
  [16685, 'the gRPC API that Jaeger is asked by'],
  [3200, 'the API that Tempo is asked by'],
  [13133, 'a health check'],
  [8888, 'the collector’s own metrics'],
  [14269, 'the metrics and health of Jaeger 1'],
]);

function listenFault(model: Model, hop: Hop): Fault | undefined {
  const { service, program, containerPort: inside, receiver, what, protocol, port } = hop;
  if (!service || service.ports === 'unknown' || !service.ports.some((one) => one.number === port)) return undefined;
  if (program) {
    const all = model.programs.selected(service) ?? [];
    if (receiver || inside === undefined || !all.every((one) => one.whole)) return undefined;
    const use = NO_SPANS.get(inside);
    const reason = use === undefined ? `which does not listen at port ${inside}` : `whose port ${inside} is ${use}`;
    return {
      ...whereToMend(hop, program),
      ...(use === undefined ? {} : (elsewhere(model, hop, program) ?? {})),
      message: `${what} sends ${protocolName(protocol)} to port ${port} of ${service.id} and so to ${program.object.id}, ${reason}`,
    };
  }
  return namelessTarget(hop, model.programs.selected(service) ?? []);
}

/** A page’s port is right as it is, when another Service leads to the receiver. */
function elsewhere(
  model: Model,
  { at, protocol, service: named }: Hop,
  program: Program,
): Pick<Fault, 'at' | 'hint'> | undefined {
  const port = program.receivers.find((one) => one.protocol === protocol)?.port;
  const services = port === undefined ? [] : model.services.inNamespace(program.namespace);
  for (const service of [...services].sort((a, b) => Number(b === named) - Number(a === named))) {
    const ports = service.ports === 'unknown' || !model.programs.selected(service)?.includes(program) ? [] : service.ports;
    const right = ports.find((one) => containerPort(program, one.target) === port);
    if (right && service === named) return undefined;
    if (right) return { at, hint: `send to port ${right.number} of ${service.id}` };
  }
  return undefined;
}

/** A targetPort by name that no container of the pods has: Kubernetes then sends nothing there. */
function namelessTarget(hop: Hop, programs: readonly Program[]): Fault | undefined {
  const { service, what, port } = hop;
  const [program] = programs;
  if (!service || !program?.workload || service.ports === 'unknown') return undefined;
  const target = service.ports.find((one) => one.number === port)?.target;
  if (typeof target !== 'string' || programs.some((one) => one.workload?.ports.some(({ name }) => name === target)))
    return undefined;
  return {
    ...whereToMend(hop, program),
    message: `${what} sends to port ${port} of ${service.id}, whose targetPort "${target}" is no port of ${program.object.id}`,
  };
}
