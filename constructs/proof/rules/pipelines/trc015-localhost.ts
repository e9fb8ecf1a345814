import type { Model } from '../../model/model.ts';
import type { Program, Receiver } from '../../model/spans/programs.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';
import { protocolName, traceHops } from './hop-faults.ts';

export const localhost: Rule = {
  code: 'TRC015',
  title: 'a receiver listens on localhost only, and others send to it',
  severity: 'error',
  run: (model) => [
    ...traceHops(model).flatMap(({ program, receiver, what }) =>
      program && receiver?.localOnly ? [localFault(program, receiver, `${what} sends to it`)] : [],
    ),
    ...unusedPorts(model),
  ],
  docs: {
    cause:
      'A receiver without an endpoint listens on localhost, where only its own pod can reach it: the collector since 0.104, Jaeger 2 with a configuration of its own, Tempo since 2.7. The OpenTelemetry operator fills in 0.0.0.0; a ConfigMap is taken as it stands. A Service that leads there, though nothing of the input sends to it, is a warning.',
    fix: 'Write the endpoint with 0.0.0.0, or with the pod’s own address from a variable.',
    example: 'receivers:\n  otlp:\n    protocols:\n      grpc: {}   # endpoint: 0.0.0.0:4317',
  },
};

function localFault({ object, config }: Program, { id, protocol, port, stated, at }: Receiver, why: string): Fault {
  return {
    at,
    message: `receiver "${id}" takes ${protocolName(protocol)} on localhost only${stated ? '' : ', for want of an endpoint'}; ${why}`,
    hint: `set endpoint to 0.0.0.0:${port}`,
    cause: `localhost ${(config?.object ?? object).id} ${config?.key ?? ''} ${id}`,
  };
}

function unusedPorts(model: Model): Fault[] {
  if (!model.programs.all.some((program) => program.receivers.some((one) => one.localOnly))) return [];
  return model.services.all.flatMap((service) => {
    if (service.ports === 'unknown' || service.created) return [];
    return service.ports.flatMap(({ number }): Fault[] => {
      const behind = model.programs.behind(service, number);
      const receiver = behind?.program.receivers.find((one) => one.port === behind.containerPort);
      if (!behind || !receiver?.localOnly) return [];
      return [{ ...localFault(behind.program, receiver, `port ${number} of ${service.id} leads to it`), severity: 'warning' }];
    });
  });
}
