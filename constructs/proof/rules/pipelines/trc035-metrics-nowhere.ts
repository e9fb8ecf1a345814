import { groupBy } from '../../group-by.ts';
import type { Pipelines } from '../../model/spans/components.ts';
import { typeOf } from '../../model/spans/components.ts';
import { KEEPS_NOTHING } from '../../model/spans/hops.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';

export const metricsNowhere: Rule = {
  code: 'TRC035',
  title: 'metrics made of spans end in an exporter that keeps nothing',
  severity: 'warning',
  run: (model) => model.programs.pipelines.flatMap(nowhereFaults),
  docs: {
    cause:
      'span_metrics or service_graph feeds a metrics pipeline whose only exporters are debug or nop. The dashboards of span metrics and the service graph stay empty.',
    fix: 'Export the pipeline to prometheus (scraped) or prometheus_remote_write.',
    example: 'service:\n  pipelines:\n    metrics: {receivers: [span_metrics], exporters: [debug]}   # exporters: [prometheus]',
  },
};

const MAKES_METRICS = new Set(['span_metrics', 'service_graph']);

function nowhereFaults({ components, pipelines }: Pipelines): Fault[] {
  const ends = [...components.connectors.values()]
    .filter((one) => MAKES_METRICS.has(one.type))
    .flatMap(({ id }) => {
      const fed = [...pipelines.values()].filter((one) => one.signal === 'metrics' && one.receivers.some((ref) => ref.id === id));
      const exporters = fed.flatMap((one) => one.exporters);
      const [end] = exporters;
      const lost = exporters.every((ref) => KEEPS_NOTHING.has(typeOf(ref.id)) && !components.connectors.has(ref.id));
      return end && lost ? [{ id, end }] : [];
    });
  return [...groupBy(ends, (one) => one.end).values()].flatMap((same) => {
    const [first] = same;
    if (!first) return [];
    const names = same.map(({ id }) => `"${id}"`).join(' and ');
    return [
      {
        at: first.end.at,
        message: `the metrics of connector${same.length > 1 ? 's' : ''} ${names} end here: ${first.end.id} keeps nothing`,
        hint: 'add the exporter prometheus or prometheus_remote_write to the pipeline',
      },
    ];
  });
}
