import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const tsx = join(root, 'node_modules/tsx/dist/loader.mjs');
const folder = mkdtempSync(join(tmpdir(), 'runbook-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(...args: readonly string[]) {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--import', tsx, join(root, 'cli/main.ts'), 'runbook', ...args],
    {
      ...{ cwd: root, encoding: 'utf8' },
    },
  );
  return { stdout, stderr, status };
}

it('writes the page of a stack, by its name', () => {
  const { stdout, stderr, status } = run('tempo');
  expect([stderr, status]).toEqual(['', 0]);
  expect(stdout).toMatch(/^# Stack tempo\n/);
  expect(stdout).toContain('## Find a trace');
});

it('writes page and picture into a folder, which it makes', () => {
  const output = join(folder, 'docs/stacks');
  expect(run('dist/zipkin', '-o', output)).toEqual({ stdout: '', stderr: '', status: 0 });
  expect(readdirSync(output).sort()).toEqual(['zipkin.md', 'zipkin.svg']);
  expect(readFileSync(join(output, 'zipkin.svg'), 'utf8')).toBe(readFileSync(join(root, 'docs/stacks/zipkin.svg'), 'utf8'));
});

it('asks which, where there are several stacks, and says where it cannot write', () => {
  expect(run('dist')).toMatchObject({
    status: 2,
    stdout: '',
    stderr: expect.stringMatching(/^meshwright: there are several stacks, /),
  });
  const file = join(folder, 'file');
  writeFileSync(file, '');
  const { status, stderr } = run('zipkin', '-o', join(file, 'docs'));
  expect([status, stderr.split('\n').length]).toEqual([2, 2]);
  expect(stderr).toContain('cannot be written');
});
