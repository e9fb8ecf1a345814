import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { modelOf, readWorlds, runbook } from '../constructs/proof/index.ts';

// Writes docs/stacks/NAME.md from dist/NAME; a test holds the committed pages against it.
const root = resolve(import.meta.dirname, '..');
const folder = join(root, 'docs/stacks');
mkdirSync(folder, { recursive: true });
// The pictures in it are made by another tool.
for (const name of readdirSync(folder)) if (name.endsWith('.md')) rmSync(join(folder, name));
const alerts = join(root, 'docs/alerts.md');
const alertsPage = existsSync(alerts) ? readFileSync(alerts, 'utf8') : '';
for (const stack of readdirSync(join(root, 'dist'))) {
  const [world] = readWorlds([join(root, 'dist', stack)]);
  if (world) writeFileSync(join(folder, `${stack}.md`), runbook(modelOf(world), stack, { alertsPage }));
}
