import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { modelOf, readWorlds, runbook } from '../constructs/proof/index.ts';

// Writes docs/stacks/NAME.md from dist/NAME; a test holds the committed pages against it.
const root = resolve(import.meta.dirname, '..');
const folder = join(root, 'docs/stacks');
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const stack of readdirSync(join(root, 'dist'))) {
  const [world] = readWorlds([join(root, 'dist', stack)]);
  if (world) writeFileSync(join(folder, `${stack}.md`), runbook(modelOf(world), stack));
}
