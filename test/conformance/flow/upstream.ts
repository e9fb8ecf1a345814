import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';

/** A server on loopback that stands behind a service. */
export interface Upstream {
  /** `http://127.0.0.1:PORT/` */
  readonly url: string;
  /** The headers of each request that it got. */
  readonly got: readonly IncomingHttpHeaders[];
  close(): Promise<void>;
}

/**
 * Starts a server that gives each request the same answer.
 *
 * @param answer status and JSON; `never`: it takes the request and is silent
 */
export async function startUpstream(answer: readonly [number, string] | 'never'): Promise<Upstream> {
  const got: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    got.push(request.headers);
    if (answer !== 'never') response.writeHead(answer[0], { 'content-type': 'application/json' }).end(answer[1]);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`,
    got,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
