import { execFile } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** What a command left: its exit code (-1 when it was killed or did not start) and what it wrote. */
export interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The run was told to stop (Ctrl-C): thrown once, by the command that was running; what cleans up runs as usual. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

let interrupted = false;
let running = new AbortController();

/** Ends the command that is running, if any, and makes it throw {@link Interrupted}. */
export function interrupt(): void {
  interrupted = true;
  running.abort();
  running = new AbortController();
}

/**
 * Runs a program without a shell; never throws for what the program does.
 *
 * @param options.input what it reads on stdin; default nothing
 * @param options.seconds after which it is killed; default 60
 * @param options.cwd where it runs; default where this process does
 * @param options.env variables beside this process's own
 * @throws Interrupted when {@link interrupt} was called meanwhile
 */
export function run(
  program: string,
  args: readonly string[],
  options: {
    readonly input?: string;
    readonly seconds?: number;
    readonly cwd?: string;
    readonly env?: Readonly<Record<string, string>>;
  } = {},
): Promise<Result> {
  const { input = '', seconds = 60, cwd, env } = options;
  return new Promise((resolve, reject) => {
    const own = { ...(cwd && { cwd }), ...(env && { env: { ...process.env, ...env } }) };
    const limits = { timeout: seconds * 1000, maxBuffer: 2 ** 28, signal: running.signal, ...own };
    const child = execFile(program, [...args], limits, (error, stdout, stderr) => {
      if (interrupted) {
        interrupted = false;
        reject(new Interrupted('interrupted'));
      } else if (!error) resolve({ code: 0, stdout, stderr });
      else if (typeof error.code === 'number') resolve({ code: error.code, stdout, stderr });
      else {
        const why = error.killed ? `${program} did not end within ${seconds} s` : error.message;
        resolve({ code: -1, stdout, stderr: `${stderr}${why}\n` });
      }
    });
    // A program that ends without reading its input is no fault.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}

/** The first of these programs that PATH has. */
export function onPath(...programs: readonly string[]): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return programs.find((program) => folders.some((folder) => isExecutable(join(folder, program))));
}

/** Whether a path is a file that may be executed. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** The lines of a text that say something. */
export function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
