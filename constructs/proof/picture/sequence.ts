import { traceHeaders } from '../../kit/trace-headers.ts';
import { callsOf } from '../model/app-calls.ts';
import type { Model } from '../model/model.ts';
import type { Service } from '../model/services.ts';
import type { Hop } from '../model/spans/hops.ts';
import { type EntryApp, factsOf, type RunbookFacts } from '../runbook/facts.ts';
import { headerSetOf } from '../runbook/tracer.ts';
import { mermaidText } from './formats/mermaid-text.ts';
import { type Place, type Places, placesOf } from './places.ts';
import { protocolName } from './protocols.ts';

/** More services than this make a drawing that nobody reads. */
const MOST_SERVICES = 4;

/**
 * How one request becomes a trace, as a Mermaid sequence diagram: through the stack's own way in, its entry app and the services that this is
 * known to call; which spans each proxy makes, which headers carry the trace, where the app must forward them, and where the spans go.
 *
 * Who makes which span: Istio 1.30, pilot/pkg/networking/core/tracing.go: gateways, and every proxy with SkyWalking, make a client span of
 * their own beside the server span.
 *
 * @returns the source without a fence; undefined where nothing is traced, or no app of the mesh is reached from outside
 */
export function traceSequence(model: Model): string | undefined {
  const facts = factsOf(model, '');
  const { first, app } = facts;
  if (!first || !app) return undefined;
  const places = placesOf(model);
  const story = new Story(first);
  const entry = places.ofService(app.service);
  const waypoint = app.dataplane === 'ambient' ? app.waypoint?.name : undefined;
  const sender = tellEntrance(story, facts, app);
  tellArrival(story, { app: entry.title, from: sender, sidecar: app.dataplane === 'sidecar' });
  const seen = new Set([entry]);
  const waiting = [entry];
  for (let caller = waiting.shift(); caller; caller = waiting.shift()) {
    const calls = callsFrom(model, places, caller);
    if (calls.length === 0 && caller === entry) story.note(entry.title, 'whom it calls is not in the manifests');
    for (const { place, service } of calls) {
      if (seen.has(place) || seen.size >= MOST_SERVICES) continue;
      seen.add(place);
      waiting.push(place);
      tellCall(story, app, { from: nameOf(caller, entry), to: nameOf(place, entry), service: service.name, waypoint });
    }
  }
  tellReports(story, facts, app, entry);
  return story.text();
}

/** Elsewhere there may be another of that name. */
function nameOf({ title, namespace }: Place, entry: Place): string {
  return namespace === entry.namespace ? title : `${title}.${namespace}`;
}

/** A diagram in the making: lines, and who takes part in the order of their first line. */
class Story {
  readonly #parts = new Map<string, string>();
  readonly #lines: string[] = [];
  /** What proxies read and write: `traceparent`. */
  readonly carrier: string;
  readonly forwarded: string;
  readonly isLegacy: boolean;
  readonly pairs: boolean;

  constructor(first: Hop) {
    const { headers } = traceHeaders[headerSetOf(first)];
    const always = headers.filter(({ comes }) => comes === 'always').map(({ name }) => name);
    this.carrier = short(always.filter((name) => name !== 'x-request-id'));
    this.forwarded = ['x-request-id', short(headers.map(({ name }) => name).filter((name) => name !== 'x-request-id'))].join(
      ', ',
    );
    this.isLegacy = first.from.is === 'tracer';
    this.pairs = first.protocol === 'skywalking';
  }

  send(from: string, to: string, message: string, arrow = '->>'): void {
    this.#lines.push(`  ${this.#part(from)}${arrow}${this.#part(to)}: ${mermaidText(message)}`);
  }

  note(over: string, message: string): void {
    this.#lines.push(`  Note over ${this.#part(over)}: ${mermaidText(message)}`);
  }

  #part(name: string): string {
    const known = this.#parts.get(name) ?? `p${this.#parts.size}`;
    this.#parts.set(name, known);
    return known;
  }

  text(): string {
    const parts = [...this.#parts].map(([name, id]) => `  participant ${id} as ${mermaidText(name)}`);
    return ['sequenceDiagram', ...parts, ...this.#lines].join('\n');
  }
}

/** Headers in few words: three or more of one family by what they begin with. */
function short(names: readonly string[]): string {
  const families = names.map((name) => /^x-(b3|datadog)-/.exec(name)?.[0]);
  const text = names.map((name, i) => (families[i] === undefined ? name : `${families[i]}*`));
  return [...new Set(text)].join(', ');
}

/** How the request comes in; answers who sends it on. */
function tellEntrance(story: Story, { sampling }: RunbookFacts, { entrance, spanName }: EntryApp): string {
  const gateway = entrance.door.proxy?.deployment;
  const outer = gateway ?? entrance.door.words.replaceAll('`', '');
  const host = entrance.host === '*' ? '' : `${entrance.host}`;
  story.send('browser or curl', outer, `GET ${host}${entrance.path}`);
  if (gateway === undefined) {
    story.note(outer, 'outside the mesh: no span');
    return outer;
  }
  const spans = story.isLegacy ? 'one span' : 'a server span and a client span';
  story.note(gateway, `new trace for ${sampling} % of requests: ${spans} as ${entrance.door.proxy?.spanName ?? spanName}`);
  return gateway;
}

interface Arrival {
  readonly app: string;
  readonly from: string;
  readonly sidecar: boolean;
}

function tellArrival(story: Story, { app, from, sidecar }: Arrival): void {
  if (!sidecar) {
    story.send(from, app, `${story.carrier}, x-request-id`);
  } else {
    const proxy = sidecarOf(app);
    story.send(from, proxy, `injects ${story.carrier}: trace id, own span id, sampled or not`);
    story.note(
      proxy,
      `extracts ${story.carrier}: server span, child of the sender's${story.pairs ? '; client span for the step to the app' : ''}`,
    );
    story.send(proxy, app, `${story.carrier}, x-request-id`);
  }
  story.note(app, `must copy to each call it makes: ${story.forwarded}`);
}

interface Calling {
  readonly from: string;
  readonly to: string;
  readonly service: string;
  readonly waypoint: string | undefined;
}

function tellCall(story: Story, { dataplane }: EntryApp, { from, to, service, waypoint }: Calling): void {
  if (dataplane === 'sidecar') {
    story.send(from, sidecarOf(from), `call of ${service}, with the headers that came`);
    story.note(sidecarOf(from), 'client span');
    tellArrival(story, { app: to, from: sidecarOf(from), sidecar: true });
  } else if (waypoint !== undefined) {
    story.send(from, waypoint, `call of ${service}, with the headers that came`);
    story.note(waypoint, story.pairs ? 'server span and client span' : 'one span');
    tellArrival(story, { app: to, from: waypoint, sidecar: false });
  } else {
    story.send(from, to, `call of ${service} through ztunnel: no span`);
  }
}

function sidecarOf(app: string): string {
  return `sidecar of ${app}`;
}

function callsFrom(model: Model, places: Places, caller: Place): { readonly place: Place; readonly service: Service }[] {
  return callsOf(model).flatMap(({ from, to }) => {
    if (to.is !== 'service' || places.ofWorkload(from) !== caller) return [];
    const place = places.ofService(to.service);
    return place.kind === 'app' && place !== caller ? [{ place, service: to.service }] : [];
  });
}

/** Where the spans go, beside the request. */
function tellReports(story: Story, { paths, first }: RunbookFacts, app: EntryApp, entry: Place): void {
  const [path] = paths;
  if (!first || !path) return;
  const outer = app.entrance.door.proxy?.deployment ?? app.waypoint?.name ?? entry.title;
  const reporter = app.dataplane === 'sidecar' ? sidecarOf(entry.title) : outer;
  let sender = reporter;
  for (const [i, { program, service: to, host, port, protocol }] of path.hops.entries()) {
    const taker = program?.name ?? to?.name ?? host;
    const who = i === 0 ? 'every proxy, a little later: its spans' : 'spans';
    story.send(sender, taker, `${who}, ${protocolName(protocol)} :${port}`, '-)');
    sender = taker;
  }
}
