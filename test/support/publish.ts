import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A folder of its own for one test, removed afterwards. */
export function scratch(): string {
  const folder = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), 'publish-')));
  onTestFinished(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A tree as `renderTree` gives it: the named files of each stack, with an inventory that lists them. */
export function treeOf(stacks: Readonly<Record<string, Readonly<Record<string, string>>>>): Map<string, string> {
  const tree = new Map<string, string>();
  for (const [stack, files] of Object.entries(stacks)) {
    for (const [path, text] of Object.entries(files)) tree.set(`${stack}/${path}`, text);
    tree.set(`${stack}/inventory.json`, JSON.stringify({ stack, files: [...Object.keys(files), 'inventory.json'] }));
  }
  return tree;
}

/** Everything in a folder: files with their text, links with their target, folders as `null`; undefined when it is not there. */
export function contents(folder: string): Map<string, string | null> | undefined {
  if (!fs.existsSync(folder)) return undefined;
  const found = new Map<string, string | null>();
  for (const entry of fs.readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(folder.length + 1);
    if (entry.isSymbolicLink()) found.set(name, `-> ${fs.readlinkSync(path)}`);
    else found.set(name, entry.isDirectory() ? null : fs.readFileSync(path, 'utf8'));
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The files alone. */
export function filesIn(folder: string): Map<string, string | null> {
  return new Map([...(contents(folder) ?? [])].filter(([, text]) => text !== null));
}

/** Writes a file that the library does not own. */
export function put(path: string, text: string): void {
  fs.mkdirSync(dirname(path), { recursive: true });
  fs.writeFileSync(path, text);
}

/** What a killed or failed run left beside the output. */
export function leftBeside(target: string): string[] {
  return fs.readdirSync(dirname(target)).filter((name) => name.includes('.meshwright-'));
}

export function sorted(tree: ReadonlyMap<string, string>): Map<string, string> {
  return new Map([...tree].sort(([a], [b]) => (a < b ? -1 : 1)));
}
