import { basename, dirname, join } from 'node:path';
import { UserError } from '../kit/user-error.ts';
import { errorCode, type FileSystem, ifThere } from './file-system.ts';

// The staging folder is `.<output>.meshwright-<process id>` beside the output: on the same disk, so that a rename is all it takes, and
// making it is one atomic step that tells other processes who is at work. In it: `new` (the output to come), `old` (the output that
// was there, during the swap), `trash` (the same once the swap is done). `old` is there only when `new` was complete.

/** No publish takes this long: a folder older than that was left by a process that is gone, even if its number was given away again. */
const staleAfterMs = 10 * 60 * 1000;

/** Makes the staging folder of this process, empty. */
export function openStaging(target: string, fs: FileSystem): string {
  fs.mkdirSync(dirname(target), { recursive: true });
  const staging = stagingPath(target, process.pid);
  fs.mkdirSync(staging);
  const other = leftovers(target, fs).find(({ path }) => path !== staging);
  if (other) {
    fs.rmSync(staging, { recursive: true });
    throw busy(target, other.pid);
  }
  return staging;
}

/**
 * Puts `staging/new` in the place of the output folder. Node has no atomic exchange of two folders, so there are two renames; a kill
 * between them is repaired by the next run.
 */
export function swapIn(staging: string, target: string, replaces: boolean, fs: FileSystem): void {
  const old = join(staging, 'old');
  if (replaces) fs.renameSync(target, old);
  try {
    fs.renameSync(join(staging, 'new'), target);
  } catch (error) {
    if (replaces) putBack(old, target, fs);
    throw error;
  }
  try {
    if (replaces) fs.renameSync(old, join(staging, 'trash'));
    fs.rmSync(staging, { recursive: true, force: true });
  } catch {
    // The new output is in place; the next run removes what is left here.
  }
}

/** Removes the staging folder of a failed publish, unless it holds the old output. */
export function discardStaging(staging: string, fs: FileSystem): void {
  try {
    if (!isThere(join(staging, 'old'), fs)) fs.rmSync(staging, { recursive: true, force: true });
  } catch {
    // The error that made the publish fail says more; the next run removes the folder.
  }
}

/**
 * Repairs what killed runs left beside the output folder: finishes a swap that had begun, removes everything else.
 *
 * @throws UserError when another process is publishing there now, or when an old output cannot be put anywhere without loss
 */
export function repairLeftovers(target: string, fs: FileSystem): void {
  const found = leftovers(target, fs);
  const busyOne = found.find(({ path, pid }) => isAtWork(path, pid, fs));
  if (busyOne) throw busy(target, busyOne.pid);
  for (const { path } of found) {
    const old = join(path, 'old');
    const fresh = join(path, 'new');
    if (isThere(old, fs)) {
      if (isThere(fresh, fs)) finishSwap(fresh, target, old, fs);
      else if (!isThere(target, fs)) fs.renameSync(old, target);
    }
    if (isThere(old, fs)) fs.renameSync(old, join(path, 'trash'));
    fs.rmSync(path, { recursive: true, force: true });
  }
}

function finishSwap(fresh: string, target: string, old: string, fs: FileSystem): void {
  try {
    fs.renameSync(fresh, target);
  } catch (error) {
    const code = errorCode(error);
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST' && code !== 'ENOTDIR') throw error;
    throw new UserError(
      `an earlier run was killed while it replaced ${target}, and something else has been put there since: the output it replaced is in ${old}; take from it what you need, then remove ${dirname(old)}`,
    );
  }
}

function putBack(old: string, target: string, fs: FileSystem): void {
  try {
    fs.renameSync(old, target);
  } catch (error) {
    throw new UserError(
      `${target} could not be replaced (${errorCode(error)}); it is whole in ${old}, and the next run repairs it`,
      {
        cause: error,
      },
    );
  }
}

function stagingPath(target: string, pid: number): string {
  return join(dirname(target), `.${basename(target)}.meshwright-${pid}`);
}

function leftovers(target: string, fs: FileSystem): { path: string; pid: number }[] {
  const prefix = basename(stagingPath(target, 0)).slice(0, -1);
  const names = ifThere(() => fs.readdirSync(dirname(target))) ?? [];
  return names
    .filter((name) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)))
    .map((name) => ({ path: join(dirname(target), name), pid: Number(name.slice(prefix.length)) }));
}

function isAtWork(path: string, pid: number, fs: FileSystem): boolean {
  if (pid === process.pid || !isRunning(pid)) return false;
  const stat = ifThere(() => fs.lstatSync(path));
  return stat !== undefined && Date.now() - stat.mtimeMs < staleAfterMs;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

function busy(target: string, pid: number): UserError {
  return new UserError(`another process (${pid}) is writing ${target} at this moment: wait for it to end, then run again`);
}

function isThere(path: string, fs: FileSystem): boolean {
  return ifThere(() => fs.lstatSync(path)) !== undefined;
}
