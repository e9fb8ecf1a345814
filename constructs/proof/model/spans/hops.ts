import { groupBy } from '../../group-by.ts';
import { at } from '../../json-path.ts';
import type { Spot } from '../../types.ts';
import type { LegacyTracer, MeshConfig, Provider } from '../mesh/mesh-config.ts';
import { addressOf } from '../pages/backends.ts';
import type { Lookup, Service, Services } from '../services.ts';
import type { Agents } from './agents.ts';
import { type Pipelines, typeOf } from './components.ts';
import type { Exporter, Program, Programs, Receiver } from './programs.ts';

/** Who sends spans. */
export type Sender =
  /** The mesh's proxies, by a provider of the mesh config. */
  | { readonly is: 'provider'; readonly provider: Provider; readonly mesh: MeshConfig }
  /** The mesh's proxies, by the legacy address in `defaultConfig.tracing`. */
  | { readonly is: 'tracer'; readonly tracer: LegacyTracer; readonly mesh: MeshConfig }
  | { readonly is: 'program'; readonly program: Program; readonly exporter: Exporter }
  /** The agents in the pods that an Instrumentation is put into. */
  | {
      readonly is: 'agents';
      readonly agents: Agents /** Of the pods; of the Instrumentation where that does not matter. */;
      readonly namespace: string;
    };

/** One step of a span: from a sender to an address, and what the input shows there. */
export interface Hop {
  readonly from: Sender;
  /** For people: `provider "otel"`, `exporter "otlp_grpc"`, `Instrumentation "agents"`. */
  readonly what: string;
  /** As kit's TraceProtocol spells it. */
  readonly protocol: string;
  readonly host: string;
  readonly port: number;
  /** What the exporter sends: `traces`, `metrics`, `logs`; providers and agents send traces. */
  readonly signals: ReadonlySet<string>;
  /** Where the host leads, as the sender sees it. */
  readonly lookup: Lookup;
  readonly service: Service | undefined;
  /** Who takes it, when the input shows that. */
  readonly program: Program | undefined;
  readonly containerPort: number | undefined;
  /** What listens at that port, whatever its protocol. */
  readonly receiver: Receiver | undefined;
  /** Where the address is stated: the port of a provider, the endpoint of an exporter or of an Instrumentation. */
  readonly at: Spot;
}

/** How the way of a span ends. */
export type PathEnd =
  /** In a backend. */
  | 'stored'
  /** In an exporter that keeps nothing: `debug`, `nop`. */
  | 'dropped'
  /** At an address of which the input shows no program, or in an exporter to something unknown. */
  | 'outside'
  /** At something that does not take it. */
  | 'broken'
  /** In a circle. */
  | 'loop';

/** One whole way of a span, from a proxy to where it ends. */
export interface TracePath {
  readonly hops: readonly Hop[];
  readonly end: PathEnd;
}

/** All steps that spans take in a world. */
export interface Hops {
  /** From providers, legacy addresses, exporters that are in a pipeline, and Instrumentations. */
  readonly all: readonly Hop[];
  from(program: Program): readonly Hop[];
  into(program: Program): readonly Hop[];
  /** Whole ways from the proxies on; at most 1000 of them and of at most 100 steps: a net of collectors has more ways than anybody reads. */
  paths(): readonly TracePath[];
}

const MOST_PATHS = 1000;
const MOST_HOPS = 100;
const TRACES: ReadonlySet<string> = new Set(['traces']);

/** The protocol that a provider speaks; undefined for one that sends no spans (Istio 1.30). */
export function providerProtocol({ type, settings }: Provider): string | undefined {
  if (type === 'opentelemetry') return at(settings, 'http') === undefined ? 'otlp-grpc' : 'otlp-http';
  return type === 'zipkin' || type === 'skywalking' || type === 'datadog' ? type : undefined;
}

/** Follows every sender one step. */
export function hopsOf(meshes: readonly MeshConfig[], services: Services, programs: Programs, agents: readonly Agents[]): Hops {
  const step = (
    from: Sender,
    namespace: string,
    sent: Pick<Hop, 'what' | 'protocol' | 'host' | 'port' | 'signals' | 'at'>,
  ): Hop => {
    const lookup = services.find(sent.host, namespace);
    const service = lookup.is === 'service' ? lookup.service : undefined;
    const behind = service && programs.behind(service, sent.port);
    const receiver = behind?.program.receivers.find((one) => one.port === behind.containerPort);
    return { from, ...sent, lookup, service, program: behind?.program, containerPort: behind?.containerPort, receiver };
  };
  const proxies = meshes.flatMap((mesh) => [...providerHops(mesh, step), ...tracerHops(mesh, step)]);
  const forwarded = programs.all.flatMap((program) => exporterHops(program, step));
  const all = [...proxies, ...forwarded, ...agents.map((one) => agentsHop(one, step))];
  const out = groupBy(forwarded, (hop) => (hop.from.is === 'program' ? hop.from.program : undefined));
  const into = groupBy(all, (hop) => hop.program);
  const from = (program: Program): readonly Hop[] => out.get(program) ?? [];
  return { all, from, into: (program) => into.get(program) ?? [], paths: () => pathsFrom(proxies, from) };
}

type Step = (from: Sender, namespace: string, sent: Pick<Hop, 'what' | 'protocol' | 'host' | 'port' | 'signals' | 'at'>) => Hop;

function providerHops(mesh: MeshConfig, step: Step): Hop[] {
  return mesh.providers.flatMap((provider) => {
    const protocol = providerProtocol(provider);
    const { name, service, port, portAt } = provider;
    if (protocol === undefined || service === undefined || port === undefined) return [];
    const host = service.split('/').at(-1) ?? service;
    const sent = { what: `provider "${name}"`, protocol, host, port, signals: TRACES, at: portAt };
    return [step({ is: 'provider', provider, mesh }, mesh.rootNamespace, sent)];
  });
}

function tracerHops(mesh: MeshConfig, step: Step): Hop[] {
  const { legacy } = mesh;
  const address = legacy && addressOf(legacy.address);
  if (!legacy || !address?.host.includes('.')) return [];
  const sent = { what: `${legacy.type} address`, protocol: legacy.type, ...address, signals: TRACES, at: legacy.at };
  return [step({ is: 'tracer', tracer: legacy, mesh }, mesh.rootNamespace, sent)];
}

function exporterHops(program: Program, step: Step): Hop[] {
  return program.exporters.flatMap((exporter) => {
    const signals = signalsOf(program.pipelines, exporter.id);
    if (!exporter.to || signals.size === 0) return [];
    const sent = { what: `exporter "${exporter.id}"`, protocol: exporter.protocol, ...exporter.to, signals, at: exporter.at };
    return [step({ is: 'program', program, exporter }, program.namespace, sent)];
  });
}

/**
 * The hop of agents. A short host means a Service of the pod's own namespace: where the input shows no such pod it may be any, and what
 * is not beside the Instrumentation is not missing. Where no protocol is said, they speak what is taken there: each language has its
 * own default.
 */
function agentsHop(agents: Agents, step: Step): Hop {
  const { what, host, port, object, namespaces, at: spot } = agents;
  const usual = port === 4317 ? 'otlp-grpc' : 'otlp-http';
  const sent = { what, protocol: agents.protocol ?? usual, host, port, signals: TRACES, at: spot };
  const isShort = !host.includes('.');
  const from = (namespace: string) => step({ is: 'agents', agents, namespace }, namespace, sent);
  const [one = object.namespace, ...others] = isShort ? namespaces : [];
  const first = from(one);
  const hop = first.lookup.is === 'missing' ? first : (others.map(from).find(({ lookup }) => lookup.is === 'missing') ?? first);
  const taken = hop.receiver?.protocol;
  const spoken = agents.protocol === undefined && taken?.startsWith('otlp-') ? { protocol: taken } : {};
  const isOpen = isShort && namespaces.length === 0 && hop.lookup.is === 'missing';
  return { ...hop, ...spoken, ...(isOpen ? { lookup: { is: 'unknown' } as const } : {}) };
}

function signalsOf(pipelines: Pipelines | undefined, exporter: string): ReadonlySet<string> {
  const using = [...(pipelines?.pipelines.values() ?? [])].filter((one) => one.exporters.some((ref) => ref.id === exporter));
  return new Set(using.map((one) => one.signal));
}

/** The exporters that spans of a receiver come to, through every pipeline and connector. */
export function exportersAfter({ pipelines, components }: Pipelines, receiver: string): ReadonlySet<string> {
  const found = new Set<string>();
  const seen = new Set<string>();
  const asked = new Set<string>();
  const waiting = [receiver];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    for (const pipeline of pipelines.values()) {
      if (pipeline.signal !== 'traces' || seen.has(pipeline.id) || !pipeline.receivers.some((ref) => ref.id === id)) continue;
      seen.add(pipeline.id);
      for (const { id: next } of pipeline.exporters) {
        if (!components.connectors.has(next)) found.add(next);
        else if (!asked.has(next)) waiting.push(next);
        asked.add(next);
      }
    }
  }
  return found;
}

function pathsFrom(starts: readonly Hop[], from: (program: Program) => readonly Hop[]): TracePath[] {
  const paths: TracePath[] = [];
  const follow = (hops: readonly Hop[], hop: Hop): void => {
    if (paths.length >= MOST_PATHS || hops.length >= MOST_HOPS) return;
    const way = [...hops, hop];
    const { program, receiver, protocol } = hop;
    const end = (how: PathEnd) => paths.push({ hops: way, end: how });
    if (!program) return void end(hop.lookup.is === 'missing' ? 'broken' : 'outside');
    if (!receiver) return void end(program.whole ? 'broken' : 'outside');
    if (receiver.protocol !== protocol || receiver.localOnly) return void end('broken');
    if (hops.some((one) => one.program === program)) return void end('loop');
    if (!program.pipelines) return void end(program.is === 'collector' ? 'outside' : 'stored');
    const reached = exportersAfter(program.pipelines, receiver.id);
    const next = from(program).filter(({ from: sender }) => sender.is === 'program' && reached.has(sender.exporter.id));
    for (const one of next) follow(way, one);
    const led = new Set(next.flatMap(({ from: sender }) => (sender.is === 'program' ? [sender.exporter.id] : [])));
    const ends = new Set([...reached].filter((id) => !led.has(id)).map(endOf));
    if (reached.size === 0) ends.add('broken');
    // A copy for the log says nothing while the spans also go elsewhere.
    if (ends.size > 1 || led.size > 0) ends.delete('dropped');
    for (const how of ends) end(how);
  };
  for (const hop of starts) follow([], hop);
  return paths;
}

function endOf(exporter: string): PathEnd {
  const type = typeOf(exporter);
  if (type === 'jaeger_storage_exporter') return 'stored';
  return KEEPS_NOTHING.has(type) ? 'dropped' : 'outside';
}

/** Exporters after which nobody has the spans. */
export const KEEPS_NOTHING: ReadonlySet<string> = new Set(['debug', 'nop', 'logging']);
