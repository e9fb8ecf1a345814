import { join } from 'node:path';
import { byCodeUnit } from '../kit/json.ts';
import { UserError } from '../kit/user-error.ts';
import type { FileSystem } from './file-system.ts';
import type { OldTree } from './old-tree.ts';
import { inventoryFile } from './rendered.ts';

/** What a publish will do. Paths are relative to the output folder. */
export interface Plan {
  /** New files, and ours with other bytes. */
  readonly written: readonly string[];
  /** Ours that the new output no longer has. */
  readonly removed: readonly string[];
  /** Files of the new output that lie there already, byte for byte. */
  readonly same: readonly string[];
  /** Files that are not ours. */
  readonly foreign: readonly string[];
  /** Empty folders that are not ours (we leave none behind). */
  readonly emptyFolders: readonly string[];
}

/**
 * Compares the new output with what lies in the output folder.
 *
 * @throws UserError when a new file would replace something that is not ours; nothing has been written then
 */
export function planPublish(target: string, tree: ReadonlyMap<string, string>, old: OldTree, fs: FileSystem): Plan {
  const written: string[] = [];
  const same: string[] = [];
  const folders = new Set<string>();
  for (const [path, text] of tree) {
    for (const folder of ancestors(path)) folders.add(folder);
    const type = old.files.get(path);
    if (type === 'file' && fs.readFileSync(join(target, path)).equals(Buffer.from(text))) same.push(path);
    else if (type === undefined || old.owned.has(path)) written.push(path);
    else throw takeover(target, path, old);
  }
  const removed: string[] = [];
  const foreign: string[] = [];
  for (const path of old.files.keys()) if (!tree.has(path)) (old.owned.has(path) ? removed : foreign).push(path);
  for (const path of foreign) if (folders.has(path)) throw takeover(target, path, old);
  for (const path of [...foreign, ...old.emptyFolders.map((folder) => `${folder}/`)]) {
    const replaced = ancestors(path).find((folder) => tree.has(folder));
    if (replaced !== undefined) throw takeover(target, path, old);
  }
  const emptyFolders = old.emptyFolders.filter((folder) => !folders.has(folder));
  for (const list of [written, removed, same, foreign, emptyFolders]) list.sort(byCodeUnit);
  return { written, removed, same, foreign, emptyFolders };
}

/** The folders on the way to a path: `a/b/c` gives `a` and `a/b`. */
export function ancestors(path: string): string[] {
  const folders: string[] = [];
  for (let end = path.indexOf('/'); end !== -1; end = path.indexOf('/', end + 1)) folders.push(path.slice(0, end));
  return folders;
}

function takeover(target: string, path: string, old: OldTree): UserError {
  const inventory = `${path.split('/')[0]}/${inventoryFile}`;
  const why = old.unreadable.get(inventory);
  if (why === undefined) {
    return new UserError(
      `${join(target, path)} is in the way of the new output and no inventory lists it as written by meshwright: move it away, or name the stack or layer differently`,
    );
  }
  return new UserError(
    `${join(target, inventory)} cannot be read (${why}), so the files beside it cannot be told from yours, ${path} among them: restore it from version control, or remove ${join(target, path.split('/')[0] ?? '')} after looking for files of your own`,
  );
}
