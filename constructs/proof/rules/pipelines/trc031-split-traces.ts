import { at, number, text } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import type { Component } from '../../model/spans/components.ts';
import type { Program } from '../../model/spans/programs.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';
import { starts } from './starts.ts';

export const splitTraces: Rule = {
  code: 'TRC031',
  title: 'the spans of one trace come to several tail samplers',
  severity: 'warning',
  run: (model) =>
    model.programs.all.filter(starts).flatMap((program) => [...samplerFaults(model, program), ...balancerFaults(model, program)]),
  docs: {
    cause:
      'Tail sampling decides on a whole trace, so all its spans must come to one collector. With several replicas behind a Service they are spread, and each replica keeps or drops its own part: traces with holes. The exporter load_balancing in front of them sends by trace id, but only when its resolver sees every pod: a headless Service, and not the one address of a usual one (an error).',
    fix: 'One replica; or a first tier of collectors with load_balancing to the headless Service of the second (NAME-collector-headless of the operator).',
    example:
      'exporters:\n  load_balancing:\n    resolver: {dns: {hostname: sampler-collector.observability}}   # sampler-collector-headless',
  },
};

function samplerFaults(model: Model, program: Program): Fault[] {
  const { pipelines } = program;
  const replicas = pipelines ? replicasOf(program) : 1;
  if (!pipelines || replicas === 1) return [];
  const spread = model.hops
    .into(program)
    .find((hop) => hop.signals.has('traces') && !(hop.from.is === 'program' && hop.from.exporter.type === 'load_balancing'));
  if (!spread) return [];
  const samplers = [...pipelines.components.processors.values()].filter((one) => one.type === 'tail_sampling');
  const used = samplers.filter((one) =>
    [...pipelines.pipelines.values()].some((pipeline) => pipeline.processors.some((ref) => ref.id === one.id)),
  );
  return used.map((one) => ({
    at: one.at,
    message: `${one.id} runs in ${replicas === 'many' ? 'several replicas' : `${replicas} replicas`} of ${program.object.id}, and ${spread.what} spreads the spans of a trace over them`,
    hint: 'set replicas to 1, or put collectors with the exporter load_balancing in front',
    cause: `tail sampling of ${program.object.id}`,
  }));
}

function replicasOf({ object }: Program): number | 'many' {
  if (object.kind === 'DaemonSet' || text(object.json, 'spec', 'mode') === 'daemonset') return 'many';
  const most = number(object.json, 'spec', 'autoscaler', 'maxReplicas') ?? 1;
  const stated = Math.max(number(object.json, 'spec', 'replicas') ?? 1, most);
  return stated < 2 ? 1 : stated;
}

function balancerFaults(model: Model, program: Program): Fault[] {
  const balancers = [...(program.pipelines?.components.exporters.values() ?? [])].filter((one) => one.type === 'load_balancing');
  return balancers.flatMap((one) => [...headlessFault(model, program, one), ...routingFault(model, program, one)]);
}

function headlessFault(model: Model, { namespace }: Program, { id, value, spot }: Component): Fault[] {
  const host = text(value, 'resolver', 'dns', 'hostname');
  const found = host === undefined ? undefined : model.services.find(host, namespace);
  if (found?.is !== 'service') return [];
  const { service } = found;
  const made = service.created && service.object.kind === 'OpenTelemetryCollector';
  const headless = made
    ? service.name.endsWith('-headless')
    : service.created || at(service.object.json, 'spec', 'clusterIP') === 'None';
  if (headless) return [];
  return [
    {
      at: spot(['resolver', 'dns', 'hostname']),
      severity: 'error',
      message: `exporter "${id}" balances over ${service.id}, which is not headless: its name has one address, whatever the number of pods`,
      hint: made ? `name ${service.name}-headless` : 'name a Service with clusterIP: None',
    },
  ];
}

/** By service, the spans of one trace part again. */
function routingFault(model: Model, program: Program, { id, value, spot }: Component): Fault[] {
  const key = text(value, 'routing_key');
  if (key === undefined || key === 'traceID') return [];
  const samples = model.hops
    .from(program)
    .some(
      (hop) =>
        hop.from.is === 'program' &&
        hop.from.exporter.id === id &&
        [...(hop.program?.pipelines?.components.processors.values() ?? [])].some((one) => one.type === 'tail_sampling'),
    );
  if (!samples) return [];
  const message = `exporter "${id}" balances by ${key}, but the next tier samples whole traces`;
  return [{ at: spot(['routing_key']), message, hint: 'set routing_key to traceID, or leave it out' }];
}
