import { typeOf } from '../../model/spans/components.ts';
import { exportersAfter, KEEPS_NOTHING } from '../../model/spans/hops.ts';
import type { Rule } from '../../rule.ts';
import { traceHops } from './hop-faults.ts';

export const nowhere: Rule = {
  code: 'TRC034',
  title: 'spans end in an exporter that keeps nothing',
  severity: 'warning',
  run: (model) =>
    traceHops(model).flatMap(({ program, receiver, protocol, what }) => {
      if (!program?.pipelines || !receiver || receiver.protocol !== protocol) return [];
      const { pipelines } = program;
      const ends = [...exportersAfter(pipelines, receiver.id)];
      if (ends.length === 0 || !ends.every((id) => KEEPS_NOTHING.has(typeOf(id)))) return [];
      const pipeline = [...pipelines.pipelines.values()].find((one) => one.exporters.some((ref) => ref.id === ends[0]));
      const spot = pipeline?.exporters.find((ref) => ref.id === ends[0])?.at ?? program.at;
      return [
        {
          at: spot,
          message: `spans of ${what} end here: ${ends.join(' and ')} keep${ends.length === 1 ? 's' : ''} nothing`,
          hint: 'add an exporter to a backend, for example otlp_grpc to Jaeger or Tempo',
          cause: `end ${program.object.id} ${spot.field}`,
        },
      ];
    }),
  docs: {
    cause:
      'Every exporter that spans of the mesh come to is `debug` or `nop`: they are written to the collector’s log, or thrown away. Tracing costs what it costs, and no page shows a trace.',
    fix: 'Add an exporter to a backend; keep debug beside it for as long as it helps.',
    example: 'service:\n  pipelines:\n    traces: {receivers: [otlp], exporters: [debug]}',
  },
};
