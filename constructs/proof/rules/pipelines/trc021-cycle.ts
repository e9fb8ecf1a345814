import { groupBy } from '../../group-by.ts';
import type { Pipeline, Pipelines } from '../../model/spans/components.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';
import { circles } from './circles.ts';
import { joins } from './trc020-connector.ts';

export const cycle: Rule = {
  code: 'TRC021',
  title: 'pipelines feed each other in a circle',
  severity: 'error',
  run: (model) => model.programs.pipelines.flatMap(cycleFaults),
  docs: {
    cause:
      'A connector leads from a pipeline back to itself, by way of others or directly. The collector finds the circle and does not start.',
    fix: 'Take the connector out of the exporters of the last pipeline of the circle.',
    example: 'connectors: {forward: {}}\nservice:\n  pipelines:\n    traces: {receivers: [otlp, forward], exporters: [forward]}',
  },
};

/** The circles among the pipelines of a configuration: each told once, at the connector that closes it. */
export function cycleFaults(pipelines: Pipelines): Fault[] {
  const fedBy = feeds(pipelines);
  return circles(pipelines.pipelines.keys(), (id) => fedBy.get(id) ?? []).map(({ round, edge }) => ({
    at: edge.at,
    message: `connector "${edge.connector}" closes a circle of pipelines: ${round.join(' -> ')}`,
    hint: `take ${edge.connector} out of the exporters of pipeline ${round.at(-2)}`,
  }));
}

interface Feed {
  readonly connector: string;
  readonly to: string;
  readonly at: Fault['at'];
}

function feeds({ pipelines, components }: Pipelines): ReadonlyMap<string, readonly Feed[]> {
  const all = [...pipelines.values()];
  const entries = all.flatMap((pipeline) => pipeline.receivers.map(({ id }) => ({ id, pipeline })));
  const readers = groupBy(entries, (one) => one.id);
  const fedBy = (pipeline: Pipeline): Iterable<Feed> => {
    // Of several connectors between two pipelines one is enough.
    const found = new Map<string, Feed>();
    for (const { id, at } of pipeline.exporters) {
      const connector = components.connectors.get(id);
      if (!connector) continue;
      for (const { pipeline: to } of readers.get(id) ?? [])
        if (!found.has(to.id) && joins(connector, pipeline.signal, to.signal)) found.set(to.id, { connector: id, to: to.id, at });
    }
    return found.values();
  };
  return new Map(all.map((pipeline) => [pipeline.id, [...fedBy(pipeline)]]));
}
