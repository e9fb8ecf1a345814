import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { modelOf, readWorlds, runbook } from '../constructs/proof/index.ts';

const root = resolve(import.meta.dirname, '..');
const stacks = readdirSync(join(root, 'dist')).sort();

function layer(stack: string, name: string): Map<string, string> {
  const folder = join(root, 'dist', stack, name);
  return new Map(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
}

describe('the stacks', () => {
  it('are the nine', () => {
    expect(stacks).toEqual([
      ...[
        'jaeger',
        'jaeger-legacy',
        'platform',
        'platform-ambient',
        'skywalking',
        'tempo',
        'tempo-operator',
        'traffic',
        'zipkin',
      ],
    ]);
  });

  it.each(['zipkin', 'skywalking', 'tempo', 'tempo-operator'])(
    'switch the backend to that of %s without changing a byte of the apps',
    (stack) => {
      expect(layer(stack, 'apps')).toEqual(layer('jaeger', 'apps'));
    },
  );

  it.each(stacks)('have the runbook of %s committed: npx tsx tools/runbooks.ts', (stack) => {
    const [world] = readWorlds([join(root, 'dist', stack)]);
    expect(world).toBeDefined();
    const alertsPage = readFileSync(join(root, 'docs/alerts.md'), 'utf8');
    const page = readFileSync(join(root, 'docs/stacks', `${stack}.md`), 'utf8');
    if (world) expect(page).toBe(runbook(modelOf(world), stack, { alertsPage }));
  });

  it('have no runbook of a stack that is gone', () => {
    const pages = readdirSync(join(root, 'docs/stacks')).filter((file) => file.endsWith('.md'));
    expect(pages.sort()).toEqual(stacks.map((stack) => `${stack}.md`).sort());
  });
});
