import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { modelOf, readWorlds } from '../constructs/proof/index.ts';
import { pictureOf, toSvg } from '../constructs/proof/picture/index.ts';

// Writes docs/stacks/NAME.svg from dist/NAME; a test holds the committed pictures against it.
const root = resolve(import.meta.dirname, '..');
const folder = join(root, 'docs/stacks');
mkdirSync(folder, { recursive: true });
for (const name of readdirSync(folder)) if (name.endsWith('.svg')) rmSync(join(folder, name));
for (const stack of readdirSync(join(root, 'dist'))) {
  const [world] = readWorlds([join(root, 'dist', stack)]);
  if (world) writeFileSync(join(folder, `${stack}.svg`), await toSvg(pictureOf(modelOf(world), stack)));
}
