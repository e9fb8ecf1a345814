import { join } from 'node:path';
import { isObject } from '../kit/json.ts';
import type { FileSystem } from './file-system.ts';
import { inventoryFile } from './rendered.ts';

/** What a path that is no folder is: a plain file, a symbolic link, or a socket, pipe or device. */
export type OldFileType = 'file' | 'link' | 'special';

/** What lies in the output folder before a publish. Paths are relative to it, with `/` as separator, in reading order. */
export interface OldTree {
  /** Every path that is no folder, with what it is. */
  readonly files: ReadonlyMap<string, OldFileType>;
  /** Every folder below the output folder. */
  readonly folders: ReadonlySet<string>;
  /** Folders with nothing in them. */
  readonly emptyFolders: readonly string[];
  /** Files that an inventory lists: ours to replace and to remove. */
  readonly owned: ReadonlySet<string>;
  /** Inventories that cannot be read, with the reason: all files of such a stack count as foreign. */
  readonly unreadable: ReadonlyMap<string, string>;
}

/** Reads the output folder; a folder that is not there is an empty one. */
export function readOldTree(target: string, fs: FileSystem): OldTree {
  const files = new Map<string, OldFileType>();
  const folders = new Set<string>();
  const emptyFolders: string[] = [];
  const pending = [''];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    const entries = fs.readdirSync(join(target, folder), { withFileTypes: true });
    if (entries.length === 0 && folder !== '') emptyFolders.push(folder);
    for (const entry of entries) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        folders.add(path);
        pending.push(path);
      } else files.set(path, entry.isFile() ? 'file' : entry.isSymbolicLink() ? 'link' : 'special');
    }
  }
  const owned = new Set<string>();
  const unreadable = new Map<string, string>();
  for (const folder of folders) {
    const inventory = `${folder}/${inventoryFile}`;
    if (folder.includes('/') || files.get(inventory) !== 'file') continue;
    const listed = listedFiles(fs.readFileSync(join(target, inventory), 'utf8'), folder);
    if (typeof listed === 'string') unreadable.set(inventory, listed);
    else for (const path of listed) if (files.has(`${folder}/${path}`)) owned.add(`${folder}/${path}`);
  }
  return { files, folders, emptyFolders, owned, unreadable };
}

/** Nothing at all: the output folder is not there yet. */
export const noTree: OldTree = {
  files: new Map(),
  folders: new Set(),
  emptyFolders: [],
  owned: new Set(),
  unreadable: new Map(),
};

/** Whether two readings show the same entries. */
export function sameEntries(a: OldTree, b: OldTree): boolean {
  if (a.files.size !== b.files.size || a.folders.size !== b.folders.size) return false;
  for (const [path, type] of a.files) if (b.files.get(path) !== type) return false;
  for (const folder of a.folders) if (!b.folders.has(folder)) return false;
  return true;
}

/** The files an inventory lists, or why it is not one. */
function listedFiles(text: string, stack: string): readonly string[] | string {
  let inventory: unknown;
  try {
    inventory = JSON.parse(text);
  } catch {
    return 'it is not JSON (half-written, or with the marks of a merge conflict)';
  }
  if (!isObject(inventory) || !Array.isArray(inventory.files)) return 'it has no list `files`';
  if (inventory.stack !== stack) return `it belongs to stack ${JSON.stringify(inventory.stack)}`;
  return inventory.files.filter((path): path is string => typeof path === 'string');
}
