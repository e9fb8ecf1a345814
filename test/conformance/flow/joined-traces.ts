import { modelOf, readWorlds } from '../../../constructs/proof/index.ts';
import { onPath } from '../run.ts';
import type { Stack } from '../stack.ts';
import { type Outcome, skipped, verdict } from '../tally.ts';
import { freePorts, loopback } from './loopback.ts';
import { arrival } from './outcomes.ts';
import { appOf, ownSpanProblems } from './own-spans.ts';
import { canRun, type Started, startPrograms } from './programs.ts';
import { propagations } from './propagation.ts';
import { type SpanProtocol, send } from './spans.ts';
import { findTrace, traceProblems } from './trace.ts';
import type { Variant } from './variant.ts';
import { walk } from './walk.ts';

/** More than a Jaeger has ports. */
const PORTS = 60;

/** How long a span may take to its store, in seconds: the apps send theirs when they end, at the latest. */
const PATIENCE = 15;

/** A mesh's tracer, and how its proxies send spans; and the one setting of the apps that fits it. */
const MESHES = [
  { propagation: 'zipkin', protocol: 'zipkin', path: '/api/v2/spans', propagators: 'b3multi' },
  { propagation: 'opentelemetry', protocol: 'otlp-grpc', path: '', propagators: 'tracecontext,baggage' },
] as const satisfies readonly {
  propagation: keyof typeof propagations;
  protocol: SpanProtocol;
  path: string;
  propagators: string;
}[];
type Mesh = (typeof MESHES)[number];

/** Whether the apps' own spans stand between those of the mesh in a real Jaeger, and that it is by OTEL_PROPAGATORS that they do. */
export async function joinedTraces(row: readonly Variant[], stack: Stack | undefined, folder: string): Promise<Outcome[]> {
  const what = "the apps' own spans in the mesh's trace";
  const [world] = stack ? readWorlds([stack.folder]) : [];
  if (!world) return [skipped(what, 'the stack jaeger, whose Jaeger takes them, is not there')];
  if (!onPath('jaeger')) return [skipped(what, 'jaeger is not on PATH')];
  const model = modelOf(world);
  const runs = (id: string) => model.programs.all.some((one) => one.object.id === id && canRun(one, []));
  const map = loopback(model, await freePorts(PORTS), runs);
  const started: Started = { running: [], backends: [], collectors: [], left: [] };
  try {
    await startPrograms(model, map, [], folder, started);
    const [backend] = started.backends;
    if (!backend || backend.standIn) return [skipped(what, 'the stack has no Jaeger with a configuration')];
    const { program, api } = backend;
    const at = (protocol: SpanProtocol) => {
      const receiver = program.receivers.find((one) => one.protocol === protocol);
      if (!receiver) throw new Error(`${program.name} of the stack does not take ${protocol}`);
      return `http://127.0.0.1:${map.portOf(program.object.id, receiver.port)}`;
    };
    const outcomes: Outcome[] = [];
    for (const mesh of MESHES) outcomes.push(...(await joined(row, mesh, { api, at })));
    return [...outcomes, await apart(row, { api, at })];
  } finally {
    for (const one of started.running) await one.stop();
  }
}

interface Jaeger {
  readonly api: string;
  /** Where it takes spans. */
  at(protocol: SpanProtocol): string;
}

async function joined(row: readonly Variant[], mesh: Mesh, jaeger: Jaeger): Promise<Outcome[]> {
  const walked = await through(row, mesh, mesh.propagators, jaeger);
  // Each app has a server span, and all but the last a client span.
  const count = walked.spans.length + 2 * row.length - 1;
  const found = await findTrace(jaeger.api, walked.traceId, count, PATIENCE);
  const apps = walked.services.map(appOf).join(', ');
  const what = `own spans of ${apps} between those of ${mesh.propagation} proxies by OTEL_PROPAGATORS=${mesh.propagators}`;
  const problems = [...traceProblems(found, walked.spans), ...ownSpanProblems(found, walked)];
  return [arrival(walked, mesh), verdict(`${what}: one tree of ${found.length} spans in Jaeger`, problems)];
}

/** Whether the check itself can fail: with the propagators of the other mesh, no span of an app may be in the trace. */
async function apart(row: readonly Variant[], jaeger: Jaeger): Promise<Outcome> {
  const [mesh, { propagators }] = MESHES;
  const walked = await through(row, mesh, propagators, jaeger);
  const found = await findTrace(jaeger.api, walked.traceId, walked.spans.length, PATIENCE);
  const apps = new Set(walked.services.map(appOf));
  const joined = found.filter(({ service }) => apps.has(service)).map(({ service }) => `a span of ${service} is in the trace`);
  return verdict(`with OTEL_PROPAGATORS=${propagators} their spans stand apart from those of ${mesh.propagation} proxies`, [
    ...traceProblems(found, walked.spans),
    ...joined,
  ]);
}

/** Sends a request through the chain. The apps send their spans themselves, and have when they are gone; then the proxies' are sent. */
async function through(row: readonly Variant[], { propagation, protocol, path }: Mesh, propagators: string, { at }: Jaeger) {
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: at('otlp-http'), OTEL_PROPAGATORS: propagators };
  const walked = await walk(
    row.map((start) => start(env)),
    propagations[propagation],
  );
  await send(walked.spans, protocol, `${at(protocol)}${path}`);
  return walked;
}
