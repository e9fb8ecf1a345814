import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { linesOf, onPath, run } from '../run.ts';
import type { Dockerfile } from './dockerfile.ts';

/** What became of an app's packages. Without a package manager or a network there are none; a list that cannot be installed is at fault. */
export type Installation =
  | { readonly is: 'installed'; readonly folder: string; readonly manager: PackageManager }
  | { readonly is: 'missing'; readonly reason: string }
  | { readonly is: 'faulty'; readonly reasons: readonly string[] };

/** A package manager, by the first word of a Dockerfile's RUN. */
export interface PackageManager {
  /** The program that must be on PATH. */
  readonly needs: string;
  /** Its version, or that of the language: packages of another one are of no use. */
  version(): Promise<string>;
  /** Makes a folder ready to install into; tells why it cannot. */
  prepare(folder: string, version: string): Promise<string | undefined>;
  /** What stands for the manager in its command. */
  installer(folder: string): readonly string[];
  /** What stands for the program in the app's command. */
  runner(folder: string, program: string): readonly string[];
  /** The folder of packages that must be beside the app's files; none when the runner knows it. */
  readonly beside?: string;
}

const python = (folder: string) => join(folder, 'venv/bin/python');

const managers: Readonly<Record<string, PackageManager>> = {
  pip: {
    needs: 'python3',
    version: async () =>
      (await run('python3', ['-c', 'import sys; print("%d.%d.%d" % sys.version_info[:3])'])).stdout.trim() || 'unknown',
    prepare: async (folder, version) => {
      const [major = 0, minor = 0] = version.split('.').map(Number);
      // Starlette 1 and FastAPI 0.165 say so.
      if (major !== 3 || minor < 11) return `python3 is ${version}, expected 3.11 or later`;
      const { code, stdout, stderr } = await run('python3', ['-m', 'venv', join(folder, 'venv')], { seconds: 120 });
      return code === 0
        ? undefined
        : `python3 -m venv: ${linesOf(stdout + stderr)
            .slice(0, 2)
            .join(' ')}`;
    },
    installer: (folder) => [python(folder), '-m', 'pip', '--quiet'],
    // Not the script of that name in the venv: it holds the path at which it was installed.
    runner: (folder, program) => [python(folder), '-m', program],
  },
  npm: {
    needs: 'npm',
    version: async () => process.version,
    prepare: async () => undefined,
    installer: () => ['npm', '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=5000'],
    runner: () => [process.execPath],
    beside: 'node_modules',
  },
};

/** Where packages are kept from one run to the next: outside of the project, under the user's cache folder. */
export function packageCache(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'meshwright', 'conformance');
}

/**
 * Installs an app's packages as its Dockerfile does, unless the cache has them.
 *
 * @param app the app's folder
 * @param name of the app, for the cache
 */
export async function install(app: string, name: string, dockerfile: Dockerfile, cache: string): Promise<Installation> {
  const [tool = '', ...args] = dockerfile.install;
  const manager = managers[tool];
  if (!manager) return { is: 'faulty', reasons: [`RUN ${tool}: known are ${Object.keys(managers).join(', ')}`] };
  if (!onPath(manager.needs)) return { is: 'missing', reason: `${manager.needs} is not on PATH` };
  const version = await manager.version();
  const folder = join(cache, `${name}-${keyOf(app, dockerfile, version)}`);
  if (existsSync(folder)) return { is: 'installed', folder, manager };
  mkdirSync(cache, { recursive: true });
  const fresh = mkdtempSync(join(cache, `${name}.`));
  try {
    const why = await manager.prepare(fresh, version);
    if (why !== undefined) return { is: 'missing', reason: why };
    for (const file of dockerfile.lists) copyFileSync(join(app, file), join(fresh, file));
    const [program = '', ...before] = manager.installer(fresh);
    const { code, stdout, stderr } = await run(program, [...before, ...args], { cwd: fresh, seconds: 300 });
    const said = linesOf(stderr + stdout);
    if (code !== 0 && isOffline(stderr))
      return { is: 'missing', reason: `${tool} found no network: ${said.find(isOffline)?.slice(0, 160)}` };
    if (code !== 0) return { is: 'faulty', reasons: [`${dockerfile.install.join(' ')} ended with ${code}`, ...said.slice(-6)] };
    moveInPlace(fresh, folder);
    return { is: 'installed', folder, manager };
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** Whether a package manager failed because it could not reach its registry. */
export function isOffline(stderr: string): boolean {
  return /after connection broken by|ConnectionError|ConnectTimeout|npm (?:error|ERR!) network|npm (?:error|ERR!) code E(?:AI_AGAIN|NOTFOUND|CONN\w+|TIMEDOUT|NETUNREACH)/.test(
    stderr,
  );
}

/** Another list of packages, or another language version, is another folder. */
export function keyOf(app: string, { lists, install }: Pick<Dockerfile, 'lists' | 'install'>, version: string): string {
  const texts = lists.map((file) => [file, readFileSync(join(app, file), 'utf8')]);
  const all = JSON.stringify([install, texts, version, process.platform, process.arch]);
  return createHash('sha256').update(all).digest('hex').slice(0, 16);
}

/** Only a whole installation gets the name that is looked for; a run at the same time may have been first. */
function moveInPlace(fresh: string, folder: string): void {
  try {
    renameSync(fresh, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  }
}
