import type { Pipeline, Pipelines } from '../../model/spans/components.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';

export const processorOrder: Rule = {
  code: 'TRC032',
  title: 'processors stand in an order that defeats one of them',
  severity: 'warning',
  run: (model) =>
    model.programs.pipelines.flatMap((one) => [...one.pipelines.values()].flatMap((pipeline) => orderFaults(one, pipeline))),
  docs: {
    cause:
      'Processors run in the order of the list. memory_limiter has to stand first, to refuse data before anything holds it; batch after samplers, or it makes batches that are torn apart again and sends half empty ones.',
    fix: 'memory_limiter, then what enriches (k8s_attributes, resource), then samplers, batch last.',
    example: 'processors: [batch, memory_limiter]   # [memory_limiter, batch]',
  },
};

// They throw away or hold back spans, so batches belong behind them (collector 0.159, documentation of batch). Jaeger's
// adaptive_sampling only counts: its own examples have it behind batch.
const SAMPLERS = new Set(['tail_sampling', 'probabilistic_sampler', 'groupbytrace', 'filter']);

function orderFaults({ components, config, partial }: Pipelines, { id, processors }: Pipeline): Fault[] {
  // What is not declared is another fault (TRC017), unless the declaration lies elsewhere.
  const types = processors.map((ref) => components.processors.get(ref.id)?.type ?? (partial ? ref.id : ''));
  const fault = (index: number, message: string, hint: string): Fault[] => {
    const ref = processors[index];
    return ref ? [{ at: ref.at, message, hint, cause: `order ${config.object.id} ${config.key ?? ''} ${ref.id}` }] : [];
  };
  const limiter = types.indexOf('memory_limiter');
  const batch = types.indexOf('batch');
  const sampler = types.findIndex((type, i) => i > batch && SAMPLERS.has(type));
  return [
    ...(limiter > 0 ? fault(limiter, `memory_limiter is not the first processor of pipeline ${id}`, 'put it first') : []),
    ...(batch >= 0 && sampler >= 0
      ? fault(batch, `batch stands before ${types[sampler]} in pipeline ${id}`, 'put batch last')
      : []),
  ];
}
