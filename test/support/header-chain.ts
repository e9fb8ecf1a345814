import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { onTestFinished } from 'vitest';
import { chainOf, startFiles } from '../conformance/flow/chain.ts';
import type { RunningService } from '../conformance/flow/processes.ts';
import { stackObject } from '../conformance/stack.ts';
import type { Loose } from './synth.ts';

/** A chain that runs on loopback. */
export interface RunningChain {
  /** Where its first service answers. */
  readonly url: string;
  readonly services: readonly RunningService[];
}

/** Runs one service until the test ends. */
export async function startService(script: string, env: Readonly<Record<string, string>>): Promise<RunningService> {
  return untilTheEnd(await startFiles(new Map([['server.mjs', script]]), ['node', 'server.mjs'], env));
}

/**
 * Runs the services of a chain from its synthesized objects until the test ends.
 *
 * @param env replaces variables of every service; UPSTREAM here is whom the last one asks
 */
export async function startChain(objects: readonly Loose[], env: Readonly<Record<string, string>> = {}): Promise<RunningChain> {
  const running: RunningService[] = [];
  for (const service of (chainOf({ objects: objects.map(stackObject) }) ?? []).toReversed())
    running.unshift(untilTheEnd(await service.start({ env, upstream: running[0]?.url })));
  const [first] = running;
  if (!first) throw new Error('the objects are no chain of services');
  return { url: first.url, services: running };
}

function untilTheEnd(service: RunningService): RunningService {
  onTestFinished(async () => {
    await service.stop();
  });
  return service;
}

/** A server in the test that stands behind the last service. */
export interface Upstream {
  readonly url: string;
  /** The headers of each request that it got. */
  readonly got: IncomingHttpHeaders[];
}

/** @param answer status and body; `never`: it takes the request and is silent */
export async function startUpstream(answer: readonly [number, string] | 'never' = [200, '{"answers":[]}']): Promise<Upstream> {
  const got: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    got.push(request.headers);
    if (answer !== 'never') response.writeHead(answer[0], { 'content-type': 'application/json' }).end(answer[1]);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return { url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`, got };
}
