import type { Rule } from '../../rule.ts';
import { componentCause } from './config-faults.ts';
import { hopSeverity, traceHops } from './hop-faults.ts';

export const receiverInNoPipeline: Rule = {
  code: 'TRC016',
  title: 'spans are sent to a receiver that is in no traces pipeline',
  severity: 'error',
  run: (model) => {
    const severity = hopSeverity(model);
    return traceHops(model).flatMap((hop) => {
      const { program, receiver, what } = hop;
      const component = receiver && program?.pipelines?.components.receivers.get(receiver.id);
      if (!program?.pipelines || !receiver?.pipelines || !component) return [];
      const { pipelines } = receiver;
      if (pipelines.some((id) => program.pipelines?.pipelines.get(id)?.signal === 'traces')) return [];
      const traces = [...program.pipelines.pipelines.values()].find((one) => one.signal === 'traces');
      const where =
        pipelines.length === 0 ? 'is in no pipeline, so it is not even started' : `is in ${pipelines.join(' and ')} only`;
      return [
        {
          at: component.at,
          severity: severity(hop),
          message: `receiver "${receiver.id}" ${where}; ${what} sends spans to it`,
          hint: traces
            ? `add ${receiver.id} to service.pipelines.${traces.id}.receivers`
            : `add a pipeline "traces" with receivers [${receiver.id}]`,
          cause: componentCause(component),
        },
      ];
    });
  },
  docs: {
    cause:
      'A collector starts only the receivers that a pipeline names, and for spans only those that a traces pipeline names. The receiver is declared, so everything looks right, but nothing listens at its port.',
    fix: 'Name the receiver in a traces pipeline.',
    example:
      'receivers: {otlp: {protocols: {grpc: {}}}, zipkin: {}}\nservice:\n  pipelines:\n    traces: {receivers: [otlp], exporters: [otlp_grpc]}   # and the provider speaks zipkin',
  },
};
