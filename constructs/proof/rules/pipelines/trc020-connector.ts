import type { Component, Pipeline, Pipelines } from '../../model/spans/components.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';
import { componentCause } from './config-faults.ts';
import { shapeFaults } from './trc019-shape.ts';

export const connector: Rule = {
  code: 'TRC020',
  title: 'a connector does not connect two pipelines',
  severity: 'error',
  run: (model) => model.programs.pipelines.flatMap(connectorFaults),
  docs: {
    cause:
      'A connector is the exporter of one pipeline and the receiver of another. Named in one place only, or between signals that it does not join (span_metrics makes metrics of traces, and nothing else), it keeps the collector from starting.',
    fix: 'Name the connector among the exporters of the pipeline it reads and among the receivers of the pipeline it feeds.',
    example:
      'connectors: {span_metrics: {}}\nservice:\n  pipelines:\n    traces: {receivers: [otlp], exporters: [otlp_grpc, span_metrics]}\n    metrics: {receivers: [otlp], exporters: [prometheus]}   # receivers: [otlp, span_metrics]',
  },
};

type Signals = ReadonlyMap<string, readonly string[]>;

const SAME: Signals = new Map(['traces', 'metrics', 'logs'].map((signal) => [signal, [signal]]));
const TO_METRICS: Signals = new Map(['traces', 'metrics', 'logs'].map((signal) => [signal, ['metrics']]));
const tracesTo = (...signals: string[]): Signals => new Map([['traces', signals]]);
// Which signals connectors join (contrib 0.159). Others are not judged.
const JOINS: ReadonlyMap<string, Signals> = new Map([
  ['span_metrics', tracesTo('metrics')],
  ['service_graph', tracesTo('metrics')],
  ['exceptions', tracesTo('metrics', 'logs')],
  ['grafanacloud', tracesTo('metrics')],
  ['datadog', tracesTo('traces', 'metrics')],
  ['count', TO_METRICS],
  ['signal_to_metrics', TO_METRICS],
  ...['forward', 'routing', 'failover', 'round_robin'].map((type) => [type, SAME] as const),
]);

/** Whether a connector takes one signal and gives another. */
export function joins(connector: Component, from: string, to: string): boolean {
  const known = JOINS.get(connector.type);
  return known === undefined || known.get(from)?.includes(to) === true;
}

/** The connectors that lead nowhere, come from nowhere, or join signals that they cannot. */
export function connectorFaults(pipelines: Pipelines): Fault[] {
  if (pipelines.partial || shapeFaults(pipelines).length > 0) return [];
  const all = [...pipelines.pipelines.values()];
  return [...pipelines.components.connectors.values()].flatMap((component) => {
    // A name that is declared as a connector and as something else is something else first, for nobody can tell.
    if (pipelines.components.receivers.has(component.id) || pipelines.components.exporters.has(component.id)) return [];
    const before = all.filter((one) => one.exporters.some((ref) => ref.id === component.id));
    const after = all.filter((one) => one.receivers.some((ref) => ref.id === component.id));
    const fault = faultOf(component, before, after);
    return fault ? [{ ...fault, cause: componentCause(component) }] : [];
  });
}

function faultOf(component: Component, before: readonly Pipeline[], after: readonly Pipeline[]): Fault | undefined {
  const { id, type } = component;
  const spot = (pipeline: Pipeline, part: 'receivers' | 'exporters') =>
    pipeline[part].find((ref) => ref.id === id)?.at ?? pipeline.at;
  for (const pipeline of before) {
    if (after.some((one) => joins(component, pipeline.signal, one.signal))) continue;
    const gives = JOINS.get(type)?.get(pipeline.signal);
    if (gives === undefined && JOINS.has(type))
      return {
        at: spot(pipeline, 'exporters'),
        message: `connector "${id}" takes no ${pipeline.signal}, but pipeline ${pipeline.id} exports to it`,
        hint: `use it in a pipeline of ${[...(JOINS.get(type)?.keys() ?? [])].join(' or ')}`,
      };
    return {
      at: spot(pipeline, 'exporters'),
      message: `connector "${id}" is an exporter of pipeline ${pipeline.id}, but no pipeline${gives ? ` of ${gives.join(' or ')}` : ''} receives from it`,
      hint: `add ${id} to the receivers of a ${gives?.join(' or ') ?? 'second'} pipeline`,
    };
  }
  for (const pipeline of after) {
    if (before.some((one) => joins(component, one.signal, pipeline.signal))) continue;
    return {
      at: spot(pipeline, 'receivers'),
      message: `connector "${id}" is a receiver of pipeline ${pipeline.id}, but no pipeline that it can take from exports to it`,
      hint: `add ${id} to the exporters of the pipeline it reads`,
    };
  }
  return undefined;
}
