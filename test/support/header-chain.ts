import { onTestFinished } from 'vitest';
import { chainOf, startFiles } from '../conformance/flow/chain.ts';
import type { RunningService } from '../conformance/flow/processes.ts';
import { startUpstream, type Upstream } from '../conformance/flow/upstream.ts';
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

/**
 * A server in the test that stands behind the last service, until the test ends.
 *
 * @param answer status and body; `never`: it takes the request and is silent
 */
export async function upstreamOfTest(
  answer: Parameters<typeof startUpstream>[0] = [200, '{"answers":[]}'],
): Promise<Pick<Upstream, 'url' | 'got'>> {
  const upstream = await startUpstream(answer);
  onTestFinished(() => upstream.close());
  return upstream;
}
