import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isObject } from './json.ts';

/**
 * Reads a file that lies in this package, by its path from the package's root.
 *
 * The root is looked for above this module, whose place differs: the sources, lib/, and the bundle of `npm run synth`.
 *
 * @throws Error when this module was taken out of its package, as a bundler does: keep `meshwright` external there
 * @internal
 */
export function packageFile(path: string): string {
  const here = dirname(fileURLToPath(import.meta.url));
  for (let folder = here; folder !== dirname(folder); folder = dirname(folder)) {
    if (isRoot(folder)) return readFileSync(join(folder, path), 'utf8');
  }
  throw new Error(`no package meshwright above ${here}: bundlers must leave the package meshwright external`);
}

function isRoot(folder: string): boolean {
  const manifest = join(folder, 'package.json');
  if (!existsSync(manifest)) return false;
  const parsed: unknown = JSON.parse(readFileSync(manifest, 'utf8'));
  return isObject(parsed) && parsed.name === 'meshwright';
}
