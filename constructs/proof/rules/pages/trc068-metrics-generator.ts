import { type Generator, generatorOf } from '../../model/pages/metrics-writers.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';

export const metricsGenerator: Rule = {
  code: 'TRC068',
  title: 'Tempo’s metrics generator is set up by half',
  severity: 'warning',
  run: (model) => {
    const generators = model.programs.all.flatMap((program) => generatorOf(program) ?? []);
    return [...new Map(generators.map((one) => [one.config, one])).values()].flatMap((one) => halfFault(one) ?? []);
  },
  docs: {
    cause:
      'Tempo makes metrics of spans only when two places agree: `metrics_generator.storage.remote_write` says where they go, and `overrides.defaults.metrics_generator.processors` says which are made; without processors none are. Processors without a remote_write make metrics that go nowhere.',
    fix: 'State both, or neither.',
    example:
      'metrics_generator:\n  storage: {path: /var/tempo/generator, remote_write: [{url: "http://prometheus:9090/api/v1/write"}]}\n# and no overrides.defaults.metrics_generator.processors',
  },
};

function halfFault({ processors, processorsAt, writes, at }: Generator): Fault | undefined {
  if (!processors) return undefined;
  // Blocks for TraceQL metrics stay inside Tempo.
  const made = processors.filter((one) => one !== 'local-blocks');
  if (writes.length > 0 && processors.length === 0) {
    return {
      at,
      message: 'the metrics generator has a remote_write but no processor, so it makes nothing',
      hint: 'set overrides.defaults.metrics_generator.processors: [service-graphs, span-metrics]',
    };
  }
  if (made.length === 0 || writes.length > 0) return undefined;
  return {
    at: processorsAt,
    message: `the processors ${made.join(', ')} are on, but the metrics generator has no remote_write`,
    hint: 'set metrics_generator.storage.remote_write to a Prometheus, .../api/v1/write',
  };
}
