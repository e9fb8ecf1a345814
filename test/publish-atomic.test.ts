import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, expect, test } from 'vitest';
import type { FileSystem } from '../constructs/delivery/file-system.ts';
import { publish } from '../constructs/delivery/publish.ts';
import { contents, filesIn, leftBeside, put, scratch, sorted, treeOf } from './support/publish.ts';

const a = treeOf({ one: { 'kustomization.yaml': 'a', 'mesh/mesh.k8s.yaml': 'a' }, two: { 'mesh/mesh.k8s.yaml': 'a' } });
const b = treeOf({ one: { 'kustomization.yaml': 'b', 'apps/apps.k8s.yaml': 'b' }, three: { 'mesh/mesh.k8s.yaml': 'b' } });

let folder: string;
let target: string;
beforeEach(() => {
  folder = scratch();
  target = join(folder, 'dist');
  publish(target, a);
  put(join(target, 'two/mine.md'), 'mine');
  fs.symlinkSync('mine.md', join(target, 'two/link'));
});

const mine: readonly (readonly [string, string])[] = [
  ['two/link', '-> mine.md'],
  ['two/mine.md', 'mine'],
];
const withMine = (tree: ReadonlyMap<string, string>) => sorted(new Map([...tree, ...mine]));

/** A file system in which `fails` decides at each call, counted from 1, whether to throw this error instead. */
function faulty(code: string, fails: (call: number) => boolean): { fs: FileSystem; calls: () => number } {
  let calls = 0;
  const faultyFs = new Proxy<FileSystem>(fs, {
    get(real, name, receiver) {
      const call: unknown = Reflect.get(real, name, receiver);
      if (typeof call !== 'function') return call;
      return (...args: unknown[]) => {
        calls++;
        if (fails(calls)) throw Object.assign(new Error(`${code}: ${String(name)}`), { code, path: String(args[0]) });
        return Reflect.apply(call, real, args);
      };
    },
  });
  return { fs: faultyFs, calls: () => calls };
}

function callsOfOnePublish(): number {
  const counting = faulty('', () => false);
  const copy = join(folder, 'counted');
  fs.cpSync(target, copy, { recursive: true, verbatimSymlinks: true });
  publish(copy, b, counting.fs);
  fs.rmSync(copy, { recursive: true });
  return counting.calls();
}

function startAgain(): void {
  for (const name of fs.readdirSync(folder)) fs.rmSync(join(folder, name), { recursive: true });
  publish(target, a);
  put(join(target, 'two/mine.md'), 'mine');
  fs.symlinkSync('mine.md', join(target, 'two/link'));
}

function expectRepaired(): void {
  publish(target, b);
  expect(filesIn(target)).toEqual(withMine(b));
  expect(leftBeside(target)).toEqual([]);
}

test.each(['EACCES', 'ENOSPC', 'EROFS', 'EBUSY'])(
  '%s at any single call leaves the old output or the new one',
  { timeout: 60_000 },
  (code) => {
    const calls = callsOfOnePublish();
    let refused = 0;
    for (let at = 1; at <= calls; at++) {
      startAgain();
      let message: string | undefined;
      try {
        publish(target, b, faulty(code, (call) => call === at).fs);
      } catch (error) {
        expect(error).toMatchObject({ name: 'UserError' });
        message = String(error);
      }
      if (message === undefined) expect(filesIn(target), `call ${at}`).toEqual(withMine(b));
      else {
        refused++;
        expect(filesIn(target), `call ${at}`).toEqual(withMine(a));
        expect(message).toContain(code);
        expect(message).not.toContain('\n');
      }
      expectRepaired();
    }
    expect(calls).toBeGreaterThan(40);
    expect(refused).toBeGreaterThan(20);
  },
);

test('when neither the new output nor the old one can be moved into place, the next run does it', () => {
  const renames = faulty('EACCES', (call) => call > 1);
  expect(() => publish(target, b, { ...fs, renameSync: renames.fs.renameSync })).toThrow(
    /it is whole in .*old, and the next run repairs it/,
  );
  expect(fs.existsSync(target)).toBe(false);
  expectRepaired();
});

test.each([
  ['EACCES', /no permission at .* make the output folder and the folder it lies in writable/],
  ['ENOSPC', /no space left at .* free some/],
  ['EXDEV', /mount point/],
])('%s is one line that says what to do', (code, message) => {
  const before = contents(target);
  const failing = { ...fs, mkdirSync: faulty(code, () => true).fs.mkdirSync };
  expect(() => publish(target, b, failing)).toThrow(message);
  expect(() => publish(target, b, failing)).toThrow(/what was there is unchanged$/);
  expect(contents(target)).toEqual(before);
});

test('a disk without hard links gets copies, with mode and time', () => {
  fs.chmodSync(join(target, 'two/mine.md'), 0o640);
  fs.utimesSync(join(target, 'two/mine.md'), 1000, 1000);
  publish(target, b, { ...fs, linkSync: faulty('EPERM', () => true).fs.linkSync });
  expect(filesIn(target)).toEqual(withMine(b));
  const { mode, mtimeMs } = fs.statSync(join(target, 'two/mine.md'));
  expect([mode & 0o777, mtimeMs]).toEqual([0o640, 1_000_000]);
});

test('a process that dies before any of its calls leaves one whole output, or the next run repairs it', {
  timeout: 60_000,
}, () => {
  const calls = callsOfOnePublish();
  let missing = 0;
  for (let at = 1; at <= calls; at++) {
    startAgain();
    try {
      publish(target, b, faulty('EKILLED', (call) => call >= at).fs);
    } catch {
      // As good as dead: no call after this one did anything.
    }
    if (fs.existsSync(target)) expect([withMine(a), withMine(b)], `call ${at}`).toContainEqual(filesIn(target));
    else missing++;
    if (at % 2 === 0) expectRepaired();
    else {
      publish(target, a);
      expect(filesIn(target)).toEqual(withMine(a));
      expect(leftBeside(target)).toEqual([]);
    }
  }
  expect(missing).toBe(1);
});

test('a run killed in the swap, and another folder put in its place since: nothing is removed', () => {
  const left = join(folder, `.dist.meshwright-${process.pid}`);
  fs.mkdirSync(left);
  fs.renameSync(target, join(left, 'old'));
  put(join(left, 'new/one/inventory.json'), 'new');
  put(join(target, 'restored'), 'by hand');
  expect(() => publish(target, b)).toThrow(/killed while it replaced .* take from it what you need/);
  expect(filesIn(join(left, 'old'))).toEqual(withMine(a));
  expect(filesIn(target)).toEqual(new Map([['restored', 'by hand']]));
});

test('a half-written output of a dead process is removed', () => {
  put(join(folder, '.dist.meshwright-999999999/new/one/half'), 'ha');
  expect(publish(target, a).changed).toBe(false);
  expect(leftBeside(target)).toEqual([]);
  expect(filesIn(target)).toEqual(withMine(a));
});

test('a process at work is not disturbed, one that cannot be at work any more is', () => {
  const left = join(folder, `.dist.meshwright-${process.ppid}`);
  put(join(left, 'new/half'), 'ha');
  expect(() => publish(target, b)).toThrow(new RegExp(`another process \\(${process.ppid}\\) is writing .*: wait for it to end`));
  expect(fs.existsSync(join(left, 'new/half'))).toBe(true);
  expect(filesIn(target)).toEqual(withMine(a));
  fs.utimesSync(left, 1000, 1000);
  expectRepaired();
});

test('a file that somebody adds while the output is written is not lost', () => {
  const writing = {
    ...fs,
    symlinkSync: (...args: Parameters<typeof fs.symlinkSync>) => {
      put(join(target, 'late.md'), 'late');
      fs.symlinkSync(...args);
    },
  };
  expect(() => publish(target, b, writing)).toThrow(/changed by something else/);
  expect(filesIn(target)).toEqual(sorted(new Map([...withMine(a), ['late.md', 'late']])));
  expectRepairedWith('late.md');
});

function expectRepairedWith(file: string): void {
  expect(publish(target, b).kept).toContain(file);
  expect(filesIn(target).has(file)).toBe(true);
}

test('killed at 200 random moments, the output is the old one or the new one, or the next run repairs it', {
  timeout: 240_000,
}, async () => {
  const program = compiledPublisher();
  let inTheMiddle = 0;
  const lane = async (name: string, kills: number) => {
    const out = join(folder, name, 'dist');
    publish(out, a);
    put(join(out, 'two/mine.md'), 'mine');
    fs.symlinkSync('mine.md', join(out, 'two/link'));
    for (let kill = 0; kill < kills; kill++) {
      const child = spawn(process.execPath, [program, out], { stdio: ['ignore', 'pipe', 'inherit'] });
      const dead = once(child, 'exit');
      await once(child.stdout, 'data');
      await sleep(Math.random() * 12);
      child.kill('SIGKILL');
      expect((await dead)[1]).toBe('SIGKILL');
      if (leftBeside(out).length > 0) inTheMiddle++;
      if (fs.existsSync(out)) expect([withMine(a), withMine(b)]).toContainEqual(filesIn(out));
      const next = kill % 2 === 0 ? a : b;
      publish(out, next);
      expect(filesIn(out)).toEqual(withMine(next));
      expect(leftBeside(out)).toEqual([]);
    }
  };
  await Promise.all([lane('left', 100), lane('right', 100)]);
  expect(inTheMiddle).toBeGreaterThan(20);
});

/** A plain JavaScript program that publishes the two trees in turn for ever: it starts in no time, so that 200 of it can be killed. */
function compiledPublisher(): string {
  const out = join(folder, 'program');
  const options = [
    '--target',
    'es2023',
    '--module',
    'nodenext',
    '--rewriteRelativeImportExtensions',
    '--strict',
    '--exactOptionalPropertyTypes',
    '--skipLibCheck',
    '--types',
    'node',
  ];
  execFileSync(process.execPath, [
    ...[
      'node_modules/typescript/bin/tsc',
      'constructs/delivery/publish.ts',
      '--ignoreConfig',
      '--rootDir',
      '.',
      '--outDir',
      out,
      ...options,
    ],
  ]);
  fs.writeFileSync(join(out, 'package.json'), '{"type":"module"}');
  fs.writeFileSync(
    join(out, 'loop.js'),
    `import { publish } from './constructs/delivery/publish.js';
const trees = ${JSON.stringify([[...b], [...a]])}.map((entries) => new Map(entries));
process.stdout.write('ready');
for (let turn = 0; ; turn++) publish(process.argv[2], trees[turn % 2]);
`,
  );
  return join(out, 'loop.js');
}
