import { once } from 'node:events';
import { createServer, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { setTimeout as wait } from 'node:timers/promises';
import { UserError } from '../constructs/kit/user-error.ts';
import type { Arrived } from './header-probe.ts';

/** A request that the app made to the echo. */
export interface Call {
  /** Method and path, for people. */
  readonly what: string;
  readonly headers: Arrived;
}

/** A server in the place of an app's upstream: answers everything with 200, and remembers what it was asked. */
export interface Echo {
  readonly url: string;
  /** The calls since the last time; they are forgotten then. */
  take(): Call[];
  close(): Promise<void>;
}

/** @throws UserError when it cannot listen there */
export async function startEcho(port: number, bind: string): Promise<Echo> {
  let calls: Call[] = [];
  const server = createServer((request, response) => {
    calls.push({ what: `${request.method} ${request.url}`, headers: request.headersDistinct });
    request.resume();
    response.writeHead(200, { 'content-type': 'application/json' });
    // What a service of the header chain expects of the one behind it; fine for any that expects JSON.
    response.end('{"answers":[]}\n');
  });
  server.listen(port, bind);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new UserError(
      `cannot listen at ${bind}:${port} (${reasonOf(error)}): give --echo a port that is free, or --bind an address of this machine`,
    );
  }
  return {
    url: `http://${bind.includes(':') ? `[${bind}]` : bind}:${port}`,
    take: () => {
      const taken = calls;
      calls = [];
      return taken;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** What came of one request to the app. */
export interface Exchange {
  /** The calls that it made because of it. */
  readonly calls: readonly Call[];
  /** What it answered with; undefined when it did not in time. */
  readonly status: number | undefined;
}

/**
 * Asks the app, and waits until it has answered and called the echo, or the time is over.
 *
 * @throws UserError when nothing answers at the URL
 */
export async function exchange(
  echo: Echo,
  app: { readonly url: URL; readonly method: string; readonly seconds: number },
  headers: Readonly<Record<string, string>>,
): Promise<Exchange> {
  const { url, method, seconds } = app;
  const { take } = echo;
  take();
  const over = AbortSignal.timeout(seconds * 1000);
  let status: number | undefined;
  let failure: unknown;
  const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, { method, headers, signal: over, agent: false });
  request.on('response', (response) => {
    response.resume();
    status = response.statusCode;
  });
  request.on('error', (error) => {
    failure = error;
  });
  request.end();

  const calls: Call[] = [];
  while (!over.aborted && (status === undefined || calls.length === 0)) {
    await wait(10);
    calls.push(...take());
    if (failure !== undefined) break;
  }
  if (failure !== undefined && !over.aborted && status === undefined && calls.length === 0) {
    throw new UserError(`cannot reach ${url.href} (${reasonOf(failure)}): start the app, or give the URL at which it answers`);
  }
  request.destroy();
  return { calls, status };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
