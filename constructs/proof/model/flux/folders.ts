import { dirname, join } from 'node:path';
import { remember } from '../../../kit/remember.ts';
import type { FileTree } from '../../read/tree.ts';
import type { World } from '../../types.ts';

/** The folders of an input, each from where it was read. */
export interface Folders {
  readonly all: ReadonlySet<string>;
  /** The files that are applied when Flux is given a folder: those its kustomization.yaml lists, or else all YAML files in it. */
  appliedFrom(folder: string): ReadonlySet<string>;
}

/** The folders of a world: of its files, or of a synth the folders to come. */
export const foldersOf = remember(({ tree, objects }: World): Folders => {
  const files = tree ? [...tree.files] : [];
  const leaves = [
    ...files.map((file) => dirname(file)),
    ...(tree?.kustomizations.keys() ?? []),
    ...(tree ? [] : objects.flatMap(({ origin }) => origin.folder ?? [])),
  ];
  const all = new Set<string>();
  for (const leaf of leaves) for (let at = leaf; at !== '' && !all.has(at); at = dirname(at)) all.add(at);
  const applied = new Map<string, ReadonlySet<string>>();
  return {
    all,
    appliedFrom: (folder) => {
      const known = applied.get(folder);
      if (known) return known;
      const found = new Set<string>();
      if (tree) collect(tree, all, folder, found, new Set());
      applied.set(folder, found);
      return found;
    },
  };
});

function collect(tree: FileTree, folders: ReadonlySet<string>, folder: string, found: Set<string>, seen: Set<string>): void {
  if (seen.has(folder)) return;
  seen.add(folder);
  const taken = tree.kustomizations.get(folder);
  if (taken) {
    for (const entry of taken) {
      if (tree.files.has(entry)) found.add(entry);
      else if (folders.has(entry)) collect(tree, folders, entry, found, seen);
    }
    return;
  }
  // Flux writes a kustomization over all YAML files, and over each folder that has a kustomization of its own (pkg/kustomize, generator).
  for (const file of yamlUnder(tree).get(folder) ?? []) {
    const own = kustomizedAbove(tree, file, folder);
    if (own === undefined) found.add(file);
    else collect(tree, folders, own, found, seen);
  }
}

/** The YAML files under each folder, at any depth; under `.` all of them. */
const yamlUnder = remember((tree: FileTree): ReadonlyMap<string, readonly string[]> => {
  const under = new Map<string, string[]>();
  for (const file of tree.files) {
    if (!/\.ya?ml$/.test(file)) continue;
    for (const folder of foldersAbove(file)) {
      const files = under.get(folder);
      if (files) files.push(file);
      else under.set(folder, [file]);
    }
  }
  return under;
});

/** The folders that a path lies in, from the innermost; `.` is the last of all. */
export function foldersAbove(path: string): string[] {
  const above: string[] = [];
  for (let at = dirname(path); at !== '.' && at !== above.at(-1); at = dirname(at)) above.push(at);
  return [...above, '.'];
}

/** The outermost folder between a file and a folder above it that has a kustomization. */
function kustomizedAbove(tree: FileTree, file: string, top: string): string | undefined {
  let outermost: string | undefined;
  for (let at = dirname(file); at !== top && at !== dirname(at); at = dirname(at))
    if (tree.kustomizations.has(at)) outermost = at;
  return outermost;
}

/** Whether a path lies in a folder. */
export function isUnder(path: string, folder: string): boolean {
  return folder === '.' || path.startsWith(join(folder, '/'));
}
