import { basename, dirname, join, resolve, sep } from 'node:path';
import { byCodeUnit } from '../kit/json.ts';
import { UserError } from '../kit/user-error.ts';
import { errorCode, type FileSystem, ifThere, nodeFileSystem, publishError } from './file-system.ts';
import { noTree, type OldFileType, type OldTree, readOldTree, sameEntries } from './old-tree.ts';
import { ancestors, type Plan, planPublish } from './plan.ts';
import { discardStaging, openStaging, repairLeftovers, swapIn } from './staging.ts';

/** What a publish did. Paths are relative to the output folder, `/` as separator, sorted. */
export interface PublishReport {
  /** Whether any file was written or removed. */
  readonly changed: boolean;
  /** New files, and ours with new bytes. */
  readonly written: readonly string[];
  /** Our stale files, those of stale stacks included. */
  readonly removed: readonly string[];
  /** Files that are not ours; a hidden folder of such files (`.git/`) is named as a whole. */
  readonly kept: readonly string[];
  /** Inventories that cannot be read: the files of such a stack count as not ours. One line each. */
  readonly unreadable: readonly string[];
}

/**
 * Makes the output folder hold this tree, all or nothing.
 *
 * Everything is written beside the target and then swapped in: a failing or killed run leaves the old output or the new one. (Node
 * cannot exchange two folders in one step: a kill between the two renames leaves no output folder, and the next run repairs it.)
 * Ours is what the `files` of a stack's inventory.json lists: replaced, or removed when the tree no longer has it. Every other file is
 * kept. When nothing would change nothing is touched. There is no fsync: after a power cut the output is as safe as any other file.
 *
 * @param target the output folder; made when missing, written through when it is a symbolic link
 * @param tree path below the target (`/` as separator) to text, as `renderTree` gives it
 * @param fs the file system calls, `node:fs` unless a test makes one fail
 * @throws UserError when the target is not a folder or holds the working directory, when a new file would replace one that is not
 *   ours, when another process is publishing there, and for a disk that is full or not writable; the old output is whole then
 */
export function publish(target: string, tree: ReadonlyMap<string, string>, fs: FileSystem = nodeFileSystem): PublishReport {
  try {
    return publishTo(targetFolder(target, fs), tree, fs);
  } catch (error) {
    throw publishError(error, target);
  }
}

function publishTo(target: string, tree: ReadonlyMap<string, string>, fs: FileSystem): PublishReport {
  repairLeftovers(target, fs);
  const before = ifThere(() => fs.lstatSync(target));
  if (before && !before.isDirectory()) {
    throw new UserError(`cannot write ${target}: it is a file; choose another output folder, or remove the file`);
  }
  const old = before ? readOldTree(target, fs) : noTree;
  const plan = planPublish(target, tree, old, fs);
  const changed = plan.written.length + plan.removed.length > 0;
  if (changed) {
    const staging = openStaging(target, fs);
    try {
      fillFolder(join(staging, 'new'), target, tree, plan, old, fs);
      // What somebody put there since we looked must not go with the old output.
      const now = ifThere(() => fs.lstatSync(target));
      if (now?.ino !== before?.ino || (now && !sameEntries(old, readOldTree(target, fs)))) {
        throw new UserError(`${target} was changed by something else while it was written: run again`);
      }
      swapIn(staging, target, before !== undefined, fs);
    } catch (error) {
      discardStaging(staging, fs);
      throw error;
    }
  }
  const unreadable = [...old.unreadable].map(([path, why]) => `${path}: ${why}`).sort(byCodeUnit);
  return { changed, written: plan.written, removed: plan.removed, kept: keptNames(plan), unreadable };
}

/** The folder that the path means, links followed, whether it is there or not (a killed run may have left it missing). */
function targetFolder(path: string, fs: FileSystem): string {
  let target = resolve(path);
  for (let hops = 0; hops < 40 && ifThere(() => fs.lstatSync(target))?.isSymbolicLink(); hops++) {
    target = resolve(dirname(target), fs.readlinkSync(target));
  }
  const parent = dirname(target);
  target = join(ifThere(() => fs.realpathSync(parent)) ?? parent, basename(target));
  if (parent === target || `${process.cwd()}${sep}`.startsWith(`${target}${sep}`)) {
    throw new UserError(
      `cannot write ${target}: it holds the working directory; name a folder of its own for the output, e.g. 'dist'`,
    );
  }
  return target;
}

function fillFolder(
  folder: string,
  target: string,
  tree: ReadonlyMap<string, string>,
  plan: Plan,
  old: OldTree,
  fs: FileSystem,
): void {
  const carried = [...plan.same, ...plan.foreign];
  const folders = new Set<string>();
  for (const path of plan.written) for (const above of ancestors(path)) folders.add(above);
  for (const path of carried) for (const above of ancestors(path)) folders.add(above);
  for (const empty of plan.emptyFolders) for (const above of [...ancestors(empty), empty]) folders.add(above);
  fs.mkdirSync(folder);
  for (const path of folders) fs.mkdirSync(join(folder, path));
  for (const path of plan.written) fs.writeFileSync(join(folder, path), tree.get(path) ?? '');
  for (const path of carried) carryOver(join(target, path), join(folder, path), old.files.get(path), fs);
  // Last, as a folder may be read-only. The output folder itself is '' here.
  if (old !== noTree)
    for (const path of [...folders, '']) if (path === '' || old.folders.has(path)) keepMode(path, target, folder, fs);
}

function keepMode(path: string, target: string, folder: string, fs: FileSystem): void {
  const mode = fs.lstatSync(join(target, path)).mode & 0o7777;
  if ((fs.lstatSync(join(folder, path)).mode & 0o7777) !== mode) fs.chmodSync(join(folder, path), mode);
}

/** The same file under another name: mode, times and other names of it stay. A copy where the disk knows no hard links. */
function carryOver(from: string, to: string, type: OldFileType | undefined, fs: FileSystem): void {
  if (type === 'link') {
    fs.symlinkSync(fs.readlinkSync(from), to);
    return;
  }
  try {
    fs.linkSync(from, to);
  } catch (error) {
    const code = errorCode(error);
    // Reading a pipe or a socket to copy it would wait for ever.
    if (type !== 'file' || code === 'ENOSPC' || code === 'EDQUOT' || code === 'ENOENT') throw error;
    const { atime, mtime, mode } = fs.lstatSync(from);
    fs.copyFileSync(from, to);
    fs.chmodSync(to, mode & 0o7777);
    fs.utimesSync(to, atime, mtime);
  }
}

function keptNames(plan: Plan): string[] {
  const names = plan.foreign.map(
    (path) =>
      ancestors(path)
        .find((folder) => basename(folder).startsWith('.'))
        ?.concat('/') ?? path,
  );
  return [...new Set([...names, ...plan.emptyFolders.map((folder) => `${folder}/`)])];
}
