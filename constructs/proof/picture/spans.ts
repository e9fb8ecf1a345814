import type { Model } from '../model/model.ts';
import { addressOf } from '../model/pages/backends.ts';
import { generatorOf } from '../model/pages/metrics-writers.ts';
import { reachOf } from '../model/reach/reach.ts';
import type { Hop } from '../model/spans/hops.ts';
import type { Program } from '../model/spans/programs.ts';
import { factsOf } from '../runbook/facts.ts';
import { DATA_PLANE } from './data-plane.ts';
import type { Draft } from './draft.ts';
import { namespaceGroup, type Places } from './places.ts';
import { protocolName } from './protocols.ts';
import { addPlace } from './traffic.ts';
import type { EdgeKind } from './types.ts';

const KINDS: ReadonlyMap<string, EdgeKind> = new Map([
  ['traces', 'span'],
  ['metrics', 'metric'],
  ['logs', 'log'],
]);

/** Adds what collectors and backends are, and how spans, metrics and logs come to them: from proxies, agents and collectors. */
export function addSpans(model: Model, places: Places, draft: Draft): void {
  const { sampling } = factsOf(model, '');
  for (const hop of model.hops.all) {
    if (!isUsed(model, hop)) continue;
    const to = addTarget(model, places, draft, hop);
    const how = `${protocolName(hop.protocol)} :${hop.port}`;
    const { from } = hop;
    if (from.is === 'provider' || from.is === 'tracer') {
      draft.edge({ from: draft.node(DATA_PLANE), to, kind: 'span', label: `${how} · ${sampling} % of requests` });
    } else if (from.is === 'agents') {
      const { object, namespaces } = from.agents;
      const lines = [`Instrumentation ${object.name}`, ...namespaces.map((one) => `pods of ${one}`)];
      const id = `agents/${object.namespace}/${object.name}`;
      const group = namespaceGroup(object.namespace);
      draft.edge({ from: draft.node({ id, kind: 'data-plane', title: 'Agents', lines, group }), to, kind: 'span', label: how });
    } else {
      const sender = addProgram(model, places, draft, from.program);
      for (const signal of [...hop.signals].sort()) {
        const kind = KINDS.get(signal);
        if (kind) draft.edge({ from: sender, to, kind, label: how });
      }
    }
  }
  for (const program of model.programs.all) addWrites(model, places, draft, program);
}

/** A provider that nobody is told to use sends nothing. */
function isUsed(model: Model, { from }: Hop): boolean {
  if (from.is !== 'provider') return true;
  return [...reachOf(model).flows.keys()].some((one) => one.is === 'provider' && one.provider === from.provider);
}

function addTarget(model: Model, places: Places, draft: Draft, hop: Hop): string {
  if (hop.program) return addProgram(model, places, draft, hop.program);
  return addAddress(model, places, draft, { ...hop, namespace: 'default' }, hop.lookup);
}

/** The node at an address: a place, or one outside of what the input shows. */
export function addAddress(
  model: Model,
  places: Places,
  draft: Draft,
  { host, port, namespace }: { readonly host: string; readonly port: number; readonly namespace: string },
  lookup = model.services.find(host, namespace),
): string {
  if (lookup.is === 'service') return addPlace(model, places, draft, places.ofService(lookup.service));
  const why = lookup.is === 'missing' ? 'no such Service' : lookup.is === 'entry' ? 'outside the cluster' : 'not in this input';
  return draft.node({ id: `external/${host}:${port}`, kind: 'external', title: `${host}:${port}`, lines: [why] });
}

function addProgram(model: Model, places: Places, draft: Draft, program: Program): string {
  const place = places.ofProgram(program);
  const { namespace, name, is } = program;
  const lines = pipelineLines(program);
  if (!place) {
    const kind = is === 'collector' ? 'collector' : 'backend';
    return draft.node({ id: `program/${namespace}/${name}`, kind, title: name, lines, group: namespaceGroup(namespace) });
  }
  const id = addPlace(model, places, draft, place);
  return draft.node({ ...place, id, lines });
}

/** Pipelines of a collector, a line each: `traces: otlp > batch > otlp_grpc/tempo`. */
function pipelineLines({ is, pipelines }: Program): string[] {
  if (is !== 'collector') return [];
  return [...(pipelines?.pipelines.values() ?? [])].map(({ id, receivers, processors, exporters }) => {
    const names = (list: typeof receivers) => list.map((one) => one.id).join(', ');
    return `${id}: ${[receivers, processors, exporters]
      .map(names)
      .filter((one) => one !== '')
      .join(' → ')}`;
  });
}

/** Tempo's metrics generator writes to a Prometheus. */
function addWrites(model: Model, places: Places, draft: Draft, program: Program): void {
  for (const { url, namespace } of generatorOf(program)?.writes ?? []) {
    const address = addressOf(url);
    if (!address) continue;
    const to = addAddress(model, places, draft, { ...address, namespace });
    draft.edge({ from: addProgram(model, places, draft, program), to, kind: 'metric', label: 'remote write' });
  }
}
