import type { Model } from '../../model/model.ts';
import { exportersAfter, type Hop } from '../../model/spans/hops.ts';
import type { Program } from '../../model/spans/programs.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';
import { circles } from './circles.ts';
import { traceHops } from './hop-faults.ts';

export const loop: Rule = {
  code: 'TRC030',
  title: 'collectors send spans in a circle',
  severity: 'error',
  run: (model) => loopFaults(model),
  docs: {
    cause:
      'An exporter sends to the collector’s own Service, or collectors send to each other. Each span goes round for ever, and the collectors fill up.',
    fix: 'Point the exporter at the backend.',
    example:
      'kind: OpenTelemetryCollector\nmetadata: {name: otel}\nspec:\n  config:\n    exporters: {otlp_grpc: {endpoint: "otel-collector:4317"}}   # itself',
  },
};

function loopFaults(model: Model): Fault[] {
  const entered = new Set(traceHops(model).flatMap((hop) => hop.program ?? []));
  return circles(entered, (program) => onward(model, program)).map(({ round, edge }) => loopFault(edge.hop, round));
}

/** The hops by which spans that a program takes from others leave it. */
function onward(model: Model, program: Program): { readonly hop: Hop; readonly to: Program }[] {
  const { pipelines } = program;
  if (!pipelines) return [];
  const entered = new Set(model.hops.into(program).flatMap((hop) => hop.receiver?.id ?? []));
  const left = new Set([...entered].flatMap((id) => [...exportersAfter(pipelines, id)]));
  return model.hops.from(program).flatMap((hop) => {
    if (!hop.program || hop.from.is !== 'program' || hop.receiver?.protocol !== hop.protocol) return [];
    return left.has(hop.from.exporter.id) ? [{ hop, to: hop.program }] : [];
  });
}

function loopFault(hop: Hop, round: readonly Program[]): Fault {
  const names = round.map((one) => one.object.id);
  return {
    at: hop.at,
    message:
      round.length === 2
        ? `${hop.what} sends to its own collector ${names[0]}`
        : `${hop.what} closes a circle of collectors: ${names.join(' -> ')}`,
    hint: 'send the spans to the backend',
  };
}
