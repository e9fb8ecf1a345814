import type { IncomingHttpHeaders } from 'node:http';
import type { Running, RunningService } from './processes.ts';
import { child, type Propagation } from './propagation.ts';
import { type Seen, type Sidecar, startSidecar } from './sidecars.ts';
import type { Span } from './spans.ts';

/** How to start a service. */
export interface HowToStart {
  /** Where the service behind it is: `http://127.0.0.1:PORT`; left out for the last one. */
  readonly upstream?: string | undefined;
  /** A header that it is not to forward. */
  readonly without?: string | undefined;
  /** Replaces variables of its environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A service that can stand in a chain: it answers at {@link CHAIN_PATH}, and asks the one behind it there. */
export interface Service {
  /** As the spans of its proxy name it: `service-a.bookinfo`. */
  readonly name: string;
  /** Runs it as a process on loopback. */
  start(how: HowToStart): Promise<RunningService>;
}

/** Where the services of a chain answer. */
export const CHAIN_PATH = '/api/v1/testA/';

/** What one request through a chain left behind. */
export interface Walk {
  readonly status: number;
  readonly body: string;
  /** The services of the chain, as spans name them, in the order they were to be called. */
  readonly services: readonly string[];
  readonly traceId: string;
  /** The spans of the proxies. */
  readonly spans: readonly Span[];
  /** The headers of the last request that reached each service. */
  readonly arrived: ReadonlyMap<string, IncomingHttpHeaders>;
  /** The headers of the last request that each service made. */
  readonly sent: ReadonlyMap<string, IncomingHttpHeaders>;
}

/**
 * Runs the services as processes, each with a stand-in for Envoy before and behind it, and sends one request.
 *
 * @param row in the order they call each other
 * @param without a header that the services are not to forward
 */
export async function walk(row: readonly Service[], propagation: Propagation, without?: string): Promise<Walk> {
  const seen: Seen = { spans: [], arrived: new Map(), sent: new Map() };
  const sidecars: Sidecar[] = [];
  const sidecar = async (service: string, kind: Span['kind'], to: () => string | undefined) => {
    const started = await startSidecar(service, kind, () => to() ?? '', { propagation, seen });
    sidecars.push(started);
    return started.url;
  };
  const running: Running[] = [];
  try {
    // Proxies ask for their way on with each request, so that they can be there before the services, and these start all at once.
    const apps: string[] = [];
    const fronts: string[] = [];
    for (const [i, { name }] of row.entries()) fronts.push(await sidecar(name, 'server', () => apps[i]));
    const gateway = await sidecar('istio-ingressgateway.istio-system', 'client', () => fronts[0]);
    const starts = row.map(async ({ name, start }, i) => {
      const upstream = i < row.length - 1 ? await sidecar(name, 'client', () => fronts[i + 1]) : undefined;
      const service = await start({ upstream, without });
      running.push(service);
      apps[i] = service.url;
    });
    for (const result of await Promise.allSettled(starts)) if (result.status === 'rejected') throw result.reason;
    // The gateway begins the trace, as at a mesh's edge: the request comes without one.
    const response = await fetch(`${gateway}${CHAIN_PATH}`, { headers: { 'x-request-id': child().traceId } });
    const body = await response.text();
    const roots = seen.spans.filter(({ parentId }) => parentId === undefined);
    return {
      status: response.status,
      body,
      services: row.map(({ name }) => name),
      traceId: (roots.find(({ service }) => service.startsWith('istio-')) ?? roots[0])?.traceId ?? '',
      spans: seen.spans,
      arrived: lastOf(seen.arrived),
      sent: lastOf(seen.sent),
    };
  } finally {
    await Promise.all(running.map((one) => one.stop()));
    for (const one of sidecars) await one.close();
  }
}

function lastOf(all: ReadonlyMap<string, readonly IncomingHttpHeaders[]>): Map<string, IncomingHttpHeaders> {
  return new Map(
    [...all].flatMap(([name, requests]) => {
      const last = requests.at(-1);
      return last ? [[name, last] as const] : [];
    }),
  );
}
