import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { goodMesh, replaced } from './proof-world.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const badMesh = replaced(goodMesh, 'host: reviews, subset: v1', 'host: reviewz, subset: v1');
let folder: string;

// Each call starts a process that compiles the sources.
vi.setConfig({ testTimeout: 60_000 });

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'check-'));
  writeFileSync(join(folder, 'good.yaml'), goodMesh);
  writeFileSync(join(folder, 'bad.yaml'), badMesh);
  writeFileSync(join(folder, 'warned.yaml'), replaced(goodMesh, 'metrics: [prometheus]', 'metrics: []'));
  writeFileSync(join(folder, 'broken.yaml'), 'kind: A\nkind: B\n');
  writeFileSync(join(folder, 'acks.yaml'), '- {code: REF001, object: VirtualService/shop/shop, reason: a test}\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

function meshwright(args: readonly string[], input = '', env: Readonly<Record<string, string>> = {}) {
  const named = args.map((arg) => (/^[a-z]+\.yaml$/.test(arg) ? join(folder, arg) : arg));
  const command = [inject('cli'), ...named];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, {
    cwd: root,
    input,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '', FORCE_COLOR: '', CI: 'true', ...env },
  });
  return { status, stdout, stderr };
}

describe('meshwright check', () => {
  it('exits 0 when all is well, and with warnings', () => {
    expect(meshwright(['check', 'good.yaml'])).toMatchObject({ status: 0, stdout: 'no findings in 22 objects\n', stderr: '' });
    const warned = meshwright(['check', 'warned.yaml']);
    expect(warned.status).toBe(0);
    expect(warned.stdout).toMatch(/TRC005[\s\S]*\n1 warning in 22 objects\n$/);
  });

  it('exits 1 on an error and tells file, line, message and hint, without colours', () => {
    const { status, stdout, stderr } = meshwright(['check', 'bad.yaml']);
    const line = badMesh.split('\n').findIndex((one) => one.includes('reviewz')) + 1;
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
    expect(stdout.split('\n')).toEqual([
      join(folder, 'bad.yaml'),
      `  error REF001 VirtualService/shop/shop line ${line}`,
      '    spec.http[0].route[0].destination.host: destination names host "reviewz", but there is no Service reviewz in namespace shop',
      '    hint: did you mean "reviews"?',
      '',
      '1 error in 22 objects',
      '',
    ]);
  });

  it('prints JSON and nothing else', () => {
    const { status, stdout } = meshwright(['check', 'bad.yaml', '--json']);
    const { findings } = JSON.parse(stdout);
    expect(status).toBe(1);
    expect(findings).toHaveLength(1);
    expect(Object.keys(findings[0]).sort()).toEqual(['code', 'file', 'hint', 'line', 'message', 'object', 'path', 'severity']);
    expect(findings[0]).toMatchObject({
      code: 'REF001',
      severity: 'error',
      object: 'VirtualService/shop/shop',
      file: join(folder, 'bad.yaml'),
      path: null,
    });
    expect(JSON.parse(meshwright(['check', 'good.yaml', '--json']).stdout)).toEqual({ findings: [] });
  });

  it('reads standard input', () => {
    const { status, stdout } = meshwright(['check', '-', '--json'], badMesh);
    expect(status).toBe(1);
    expect(JSON.parse(stdout).findings[0].file).toBe('<stdin>');
  });

  it('leaves out what is acknowledged', () => {
    expect(meshwright(['check', 'bad.yaml', '--acknowledge', 'acks.yaml']).status).toBe(0);
    expect(meshwright(['check', 'good.yaml', '--acknowledge', 'acks.yaml']).stdout).toContain('ACK001');
  });

  it('colours only when asked to', () => {
    expect(meshwright(['check', 'bad.yaml'], '', { FORCE_COLOR: '1' }).stdout).toContain('\u001b[31merror');
    expect(meshwright(['check', 'bad.yaml'], '', { NO_COLOR: '1', FORCE_COLOR: '1' }).stdout).not.toContain('\u001b');
    expect(meshwright(['check', 'bad.yaml']).stdout).not.toContain('\u001b');
  });

  it.each([
    [['check', 'no/such.yaml'], 'meshwright: no such path: no/such.yaml'],
    [['check', 'broken.yaml'], 'broken.yaml:2: not readable as YAML: map keys must be unique'],
    [['check', '-'], 'meshwright: nothing to check in -'],
    [['check'], "missing required argument 'path'"],
    [['check', 'good.yaml', '--jsno'], "unknown option '--jsno'"],
    [['check', 'good.yaml', '--acknowledge', 'no-such-file'], 'cannot read no-such-file'],
    [['chekc', 'good.yaml'], "unknown command 'chekc'"],
  ])('%j is unusable: one line, exit 2', (args, message) => {
    const { status, stdout, stderr } = meshwright(args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it('applies what the inventory of a stack acknowledges', () => {
    const stack = join(folder, 'stack');
    mkdirSync(join(stack, 'apps'), { recursive: true });
    writeFileSync(join(stack, 'apps', 'apps.k8s.yaml'), badMesh);
    const inventory = (acknowledged: readonly unknown[]) =>
      JSON.stringify({
        objects: [{ kind: 'VirtualService', namespace: 'shop', name: 'shop', construct: 'stack/apps/shop' }],
        acknowledged,
      });
    writeFileSync(join(stack, 'inventory.json'), inventory([]));
    expect(meshwright(['check', stack]).status).toBe(1);
    writeFileSync(join(stack, 'inventory.json'), inventory([{ code: 'REF001', reason: 'a test', path: 'stack/apps' }]));
    expect(meshwright(['check', stack])).toMatchObject({ status: 0, stdout: 'no findings in 22 objects\n' });
  });

  it('exits 2 when it crashes, so that nobody takes it for findings', () => {
    const crash = 'process.stdout.write = () => { throw new TypeError("boom"); }';
    const { status, stderr } = meshwright(['check', 'bad.yaml'], '', {
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(crash)}`,
    });
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining('TypeError: boom') });
  });

  it('says nothing where it has no hint', () => {
    const { stdout } = meshwright(['check', '-'], replaced(goodMesh, 'resolution: DNS', 'resolution: NOBODY'));
    expect(stdout).toContain('allowed: "NONE"');
    expect(stdout).not.toContain('hint:');
  });

  it('tells its version and its options', () => {
    const version = meshwright(['--version']);
    expect(version).toMatchObject({ status: 0, stderr: '', stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
    expect(meshwright(['check', '--help'])).toMatchObject({ status: 0, stdout: expect.stringContaining('--acknowledge') });
  });
});
