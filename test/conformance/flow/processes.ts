import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';

/** A program that runs on loopback for a while. */
export interface Running {
  /** The last it said, for people. */
  said(): string;
  /** Asks it to end as a kubelet would, and tells its exit code; null when a signal ended it. */
  stop(): Promise<number | null>;
}

/**
 * Starts a program and waits until it answers.
 *
 * @param ready asked until it says true; given what the program said so far
 * @param options.env all of its environment; this process' own when left out
 * @throws Error with the program's last words when it ends, or is not ready in time
 */
export async function start(
  program: string,
  args: readonly string[],
  ready: (said: string) => Promise<boolean>,
  options: { readonly env?: Readonly<Record<string, string>>; readonly cwd?: string; readonly seconds?: number } = {},
): Promise<Running> {
  const { env = process.env, cwd, seconds = 30 } = options;
  const child = spawn(program, [...args], { env, ...(cwd && { cwd }), stdio: ['ignore', 'pipe', 'pipe'] });
  let words = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      words = `${words}${text}`.slice(-4000);
    });
  }
  let failure = '';
  child.on('error', (error) => {
    failure = error.message;
  });
  const running = { said: () => words, stop: () => stop(child) };
  for (const deadline = Date.now() + seconds * 1000; ; await wait(50)) {
    // Asked first: somebody else may answer at the port that the program could not have.
    const ended = failure || (isOver(child) ? `it ended with ${child.exitCode ?? child.signalCode}` : '');
    if (ended === '' && (await ready(words).catch(() => false))) return running;
    if (ended === '' && Date.now() < deadline) continue;
    await stop(child);
    throw new Error(`${program} is not ready: ${ended || `no answer in ${seconds} s`}\n${words.trim()}`);
  }
}

function isOver({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

async function stop(child: ChildProcess): Promise<number | null> {
  if (isOver(child) || child.pid === undefined) return child.exitCode;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(late);
  return child.exitCode;
}

/** Whether something answers an HTTP request there, and not with an error of its own. */
export async function answers(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
  await response.arrayBuffer();
  return response.ok;
}

/** A small service that runs on loopback for a while. */
export interface RunningService extends Running {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
}

/** How Node's services, gunicorn and uvicorn say where they listen. */
const LISTENS = /(?:listens at port |(?:Listening at:|running on) http:\/\/127\.0\.0\.1:)(\d+)/;

/**
 * Starts a service of a header chain at a port that it chooses itself, so that nobody can have taken it, and waits until it answers.
 *
 * @param options.env its environment, with none of this process': a pod has none of it either
 */
export async function startService(
  program: string,
  args: readonly string[],
  options: { readonly env: Readonly<Record<string, string>>; readonly cwd?: string },
): Promise<RunningService> {
  let url = '';
  const ready = async (said: string) => {
    const [, port] = LISTENS.exec(said) ?? [];
    url = `http://127.0.0.1:${port}`;
    return port !== undefined && (await answers(`${url}/status`));
  };
  const running = await start(program, args, ready, { ...options, env: { HOST: '127.0.0.1', PORT: '0', ...options.env } });
  return { ...running, url };
}
