import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { isObject, type Json } from '../../constructs/kit/json.ts';
import { forwardedHeaders } from '../../constructs/kit/trace-headers.ts';
import type { RunningService } from './flow/processes.ts';
import { startUpstream, type Upstream } from './flow/upstream.ts';
import { linesOf } from './run.ts';

/** Where the programs of the polyglot demo are. */
export const programs = resolve(import.meta.dirname, '../../constructs/apps/polyglot');

/** A program of the polyglot demo that this machine can run. */
export interface Program {
  /** What it calls itself, as the source of a regular expression. */
  readonly name: string;
  /** Runs it as a process on loopback, with these variables besides FORWARD_HEADERS, which names all headers. */
  start(env?: Readonly<Record<string, string>>): Promise<RunningService>;
}

/** Where a check starts what it needs; all of it ends with the check. */
interface Bench {
  service(program: Program, env?: Readonly<Record<string, string>>): Promise<RunningService>;
  upstream(...answer: Parameters<typeof startUpstream>): Promise<Upstream>;
}

/** All that a program of the demo may forward. */
export const forwardable = forwardedHeaders('all', 'the polyglot demo');
const sent = Object.fromEntries(forwardable.map((name, i) => [name, `value-${i}`]));
/** How long anything may take here, in milliseconds. */
const PATIENCE = 10_000;

/** What each program must do by itself. Each tells what is wrong. */
export const checks = {
  'forwards what came, and nothing else': alone(async (bench, program) => {
    const behind = await bench.upstream([200, '{"message": "behind"}']);
    const service = await bench.service(program, { UPSTREAMS: `${behind.url},${behind.url}` });
    await ask(`${service.url}/env`, sent);
    await ask(`${service.url}/env`, {
      'x-b3-traceid': 'abc',
      'x-b3-parentspanid': '',
      'x-private': 'secret',
      'end-user': 'jason',
    });
    const known = (i: number) =>
      Object.keys(behind.got[i] ?? {}).filter((name) => forwardable.includes(name) || name.startsWith('x-'));
    return [
      ...expected('requests', behind.got.length, 4),
      ...[0, 1].flatMap((i) => expected('forwarded', picked(behind.got[i], forwardable), sent)),
      // fetch brings a user agent of its own.
      ...[2, 3].flatMap((i) => expected('forwarded', known(i).sort(), ['end-user', 'user-agent', 'x-b3-traceid'])),
    ];
  }),

  'loses a header that is not on the list': alone(async (bench, program) => {
    const behind = await bench.upstream([200, '{"message": "behind"}']);
    const service = await bench.service(program, { UPSTREAMS: behind.url, FORWARD_HEADERS: 'x-request-id' });
    await ask(`${service.url}/env`, sent);
    const [got] = behind.got;
    const came = forwardable.filter((name) => got?.[name] === sent[name]);
    return expected('forwarded', came, ['x-request-id']);
  }),

  'answers alone, serves nothing else, and ends on SIGTERM': alone(async (bench, program) => {
    const service = await bench.service(program);
    const { message } = (await ask(`${service.url}/env`)).body;
    const queried = await ask(`${service.url}/env?x=1`);
    const status = await fetch(`${service.url}/status`, { signal: AbortSignal.timeout(PATIENCE) });
    const other = { status: 404, body: { error: 'only /env and /status are served here' } };
    return [
      ...matches('/env', message, `^${program.name}$`),
      ...expected('/env?x=1', queried.status, 200),
      ...expected('/status', await status.text(), 'ok'),
      ...expected('/other', await ask(`${service.url}/other`), other),
      ...expected('exit code after SIGTERM', await service.stop(), 0),
    ];
  }),

  'tells why there is no whole answer': alone(async (bench, program) => {
    const faulty = await bench.upstream([504, 'fault filter abort']);
    const silent = await bench.upstream('never');
    const reasons: [upstream: string, reason: string][] = [
      [faulty.url, `upstream ${faulty.url}: answered 504 fault filter abort`],
      [silent.url, `upstream ${silent.url}: .`],
      ['http://127.0.0.1:1/env', 'upstream http://127.0.0.1:1/env: .*[Rr](?:efused|EFUSED)'],
    ];
    const found: string[] = [];
    for (const [upstream, reason] of reasons) {
      const service = await bench.service(program, { UPSTREAMS: upstream, UPSTREAM_TIMEOUT_MS: '200' });
      const { status, body } = await ask(`${service.url}/env`);
      found.push(...expected(`/env with ${upstream} behind`, status, 502), ...matches('error', body.error, reason));
    }
    return found;
  }),

  'answers what is under way before it ends': alone(async (bench, program) => {
    const behind = await bench.upstream('never');
    const service = await bench.service(program, { UPSTREAMS: behind.url, UPSTREAM_TIMEOUT_MS: '600' });
    const answer = statusOf(`${service.url}/env`);
    for (const deadline = Date.now() + PATIENCE; behind.got.length === 0 && Date.now() < deadline; ) await wait(10);
    const ended = service.stop();
    return [
      ...expected('requests behind it', behind.got.length, 1),
      ...expected('answer after SIGTERM', await answer, 502),
      ...expected('exit code after SIGTERM', await ended, 0),
    ];
  }),
};

/** Whether the programs join their answers, from the page to Go, and the headers come through. Lua, which asks nobody, is played. */
export function joinProblems(row: { readonly [language in 'python' | 'node' | 'go']: Program }): Promise<string[]> {
  return onBench(async (bench) => {
    const lua = await bench.upstream([200, '{"message": "Lua5.1"}']);
    const node = await bench.service(row.node);
    const python = await bench.service(row.python, { UPSTREAMS: `${lua.url}env,${node.url}/env` });
    const go = await bench.service(row.go);
    const page = join(programs, 'index.html');
    const UPSTREAMS = `${python.url}/env,${go.url}/env`;
    const web = await bench.service(row.node, { NAME: 'Web', PAGE: page, UPSTREAMS });
    const { status, body } = await ask(`${web.url}/env`, sent);
    const shown = await fetch(web.url, { signal: AbortSignal.timeout(PATIENCE) });
    return [
      ...expected('/env', status, 200),
      ...matches('/env', body.message, `^Web----->${row.python.name}----->Lua5\\.1, ${row.node.name}, ${row.go.name}$`),
      ...expected('at Lua', picked(lua.got[0], forwardable), sent),
      ...((await shown.text()) === readFileSync(page, 'utf8') ? [] : ['/ is not the page']),
    ];
  });
}

function alone(check: (bench: Bench, program: Program) => Promise<string[]>) {
  return (program: Program): Promise<string[]> => onBench((bench) => check(bench, program));
}

async function onBench(check: (bench: Bench) => Promise<string[]>): Promise<string[]> {
  const ends: (() => Promise<unknown>)[] = [];
  try {
    return await check({
      service: async (program, env) => {
        const service = await program.start(env);
        ends.push(service.stop);
        return service;
      },
      upstream: async (answer) => {
        const upstream = await startUpstream(answer);
        ends.push(upstream.close);
        return upstream;
      },
    });
  } catch (error) {
    return linesOf(error instanceof Error ? error.message : String(error));
  } finally {
    // Those that ask before those that they ask.
    for (const end of ends.toReversed()) await end();
  }
}

async function ask(url: string, headers: Readonly<Record<string, string>> = {}) {
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(PATIENCE) });
  const body: Json = JSON.parse(await response.text());
  return { status: response.status, body: isObject(body) ? body : {} };
}

/** The status of an answer on a connection of its own; none when it broke off. */
function statusOf(url: string): Promise<number | undefined> {
  return new Promise((done) => {
    request(url, { agent: false }, (response) => done(response.resume().statusCode))
      .on('error', () => done(undefined))
      .end();
  });
}

function picked(headers: Upstream['got'][number] | undefined, names: readonly string[]) {
  return Object.fromEntries(names.flatMap((name) => (headers?.[name] === undefined ? [] : [[name, headers[name]]])));
}

function expected(what: string, got: unknown, wanted: unknown): string[] {
  return isDeepStrictEqual(got, wanted) ? [] : [`${what}: ${JSON.stringify(got)}, expected ${JSON.stringify(wanted)}`];
}

function matches(what: string, got: Json | undefined, pattern: string): string[] {
  return typeof got === 'string' && new RegExp(pattern).test(got) ? [] : [`${what}: ${JSON.stringify(got)}, expected ${pattern}`];
}
