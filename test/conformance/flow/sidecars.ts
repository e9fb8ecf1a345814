import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { child, type Propagation, type TraceContext } from './propagation.ts';
import type { Span } from './spans.ts';

/** What the proxies of a flow saw. */
export interface Seen {
  readonly spans: Span[];
  /** The headers of each request as it reached an app, by the app's service. */
  readonly arrived: Map<string, IncomingHttpHeaders[]>;
  /** The headers of each request that an app made, before its proxy wrote to them, by the app's service. */
  readonly sent: Map<string, IncomingHttpHeaders[]>;
}

/** A stand-in for Envoy on loopback: takes a request, opens a span in the trace that its headers name, and passes it on. */
export interface Sidecar {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Starts a proxy that does to trace headers what Envoy does: it goes on with the trace it finds in the request, or begins one.
 *
 * @param service the name that its spans bear
 * @param kind `server` in front of an app, `client` behind it, for a call it makes
 * @param to where requests go on to; asked for each request
 */
export async function startSidecar(
  service: string,
  kind: Span['kind'],
  to: () => string,
  how: { readonly propagation: Propagation; readonly seen: Seen },
): Promise<Sidecar> {
  const server = createServer((incoming, outgoing) => {
    const parent = how.propagation.read(incoming.headers);
    const context = child(parent);
    const start = Date.now();
    const headers = { ...incoming.headers, ...how.propagation.write(context) };
    const { arrived, sent } = how.seen;
    if (kind === 'server') arrived.set(service, [...(arrived.get(service) ?? []), headers]);
    else sent.set(service, [...(sent.get(service) ?? []), incoming.headers]);
    const finish = () => how.seen.spans.push(spanOf(context, parent, { kind, service, start, name: incoming.url ?? '/' }));
    const onward = request(new URL(incoming.url ?? '/', to()), { method: incoming.method ?? 'GET', headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
      answer.on('end', finish);
    });
    onward.on('error', (error) => {
      outgoing.writeHead(503).end(error.message);
      finish();
    });
    incoming.pipe(onward);
  });
  return { url: await listen(server), close: () => close(server) };
}

function spanOf(
  { traceId, spanId }: TraceContext,
  parent: TraceContext | undefined,
  rest: Pick<Span, 'kind' | 'service' | 'start' | 'name'>,
): Span {
  return { ...rest, traceId, id: spanId, parentId: parent?.spanId, end: Date.now() };
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
}
