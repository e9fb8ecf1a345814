import fs from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { publish } from '../constructs/delivery/index.ts';
import { contents, filesIn, leftBeside, put, scratch, sorted, treeOf } from './support/publish.ts';

const a = treeOf({ one: { 'kustomization.yaml': 'one', 'mesh/mesh.k8s.yaml': 'mesh' }, two: { 'mesh/mesh.k8s.yaml': 'two' } });
const b = treeOf({ one: { 'kustomization.yaml': 'new', 'apps/apps.k8s.yaml': 'apps' } });

function published(tree: ReadonlyMap<string, string> = a): string {
  const target = join(scratch(), 'dist');
  publish(target, tree);
  return target;
}

test('a first publish writes the tree, parents of the folder included, and leaves nothing beside it', () => {
  const target = join(scratch(), 'out', 'deep', 'dist');
  const report = publish(target, a);
  expect(report).toEqual({ changed: true, written: [...sorted(a).keys()], removed: [], kept: [], unreadable: [] });
  expect(filesIn(target)).toEqual(sorted(a));
  expect(leftBeside(target)).toEqual([]);
});

test('stale files, stale stacks and the folders they leave empty go', () => {
  const target = published();
  const report = publish(target, b);
  expect(report.removed).toEqual(['one/mesh/mesh.k8s.yaml', 'two/inventory.json', 'two/mesh/mesh.k8s.yaml']);
  expect(report.written).toEqual(['one/apps/apps.k8s.yaml', 'one/inventory.json', 'one/kustomization.yaml']);
  expect([...(contents(target)?.keys() ?? [])]).toEqual([
    ...['one', 'one/apps', 'one/apps/apps.k8s.yaml', 'one/inventory.json', 'one/kustomization.yaml'],
  ]);
});

test('files that are not ours are kept as they are, and named', () => {
  const target = published();
  put(join(target, 'README.md'), 'mine');
  put(join(target, 'two/notes/todo.md'), 'mine too');
  put(join(target, '.git/objects/0a'), 'object');
  put(join(target, '.git/HEAD'), 'head');
  fs.chmodSync(join(target, 'README.md'), 0o640);
  fs.chmodSync(join(target, 'two/notes'), 0o750);
  fs.mkdirSync(join(target, 'empty'));
  fs.symlinkSync('../README.md', join(target, 'one/link'));
  fs.symlinkSync('gone', join(target, 'dangling'));
  const before = fs.statSync(join(target, 'README.md'));
  const kept = ['.git/', 'README.md', 'dangling', 'one/link', 'two/notes/todo.md', 'empty/'];
  expect(publish(target, b).kept).toEqual(kept);
  const found = contents(target);
  expect(found?.get('README.md')).toBe('mine');
  expect(found?.get('two/notes/todo.md')).toBe('mine too');
  expect(found?.get('.git/objects/0a')).toBe('object');
  expect(found?.get('one/link')).toBe('-> ../README.md');
  expect(found?.get('dangling')).toBe('-> gone');
  expect(found?.get('empty')).toBe(null);
  expect(found?.has('two/inventory.json')).toBe(false);
  const after = fs.statSync(join(target, 'README.md'));
  expect([after.mode, after.mtimeMs]).toEqual([before.mode, before.mtimeMs]);
  expect(fs.statSync(join(target, 'two/notes')).mode & 0o777).toBe(0o750);
});

test('when nothing would change, nothing is touched', () => {
  const target = published();
  put(join(target, 'README.md'), 'mine');
  const long = new Date(2001, 1, 1);
  const all = ['', ...(contents(target)?.keys() ?? [])].map((path) => join(target, path));
  for (const path of all) fs.utimesSync(path, long, long);
  const inodes = all.map((path) => fs.statSync(path).ino);
  const beside = fs.statSync(join(target, '..')).mtimeMs;
  expect(publish(target, a)).toEqual({ changed: false, written: [], removed: [], kept: ['README.md'], unreadable: [] });
  expect(all.map((path) => fs.statSync(path).mtimeMs)).toEqual(all.map(() => long.getTime()));
  expect(all.map((path) => fs.statSync(path).ino)).toEqual(inodes);
  expect(fs.statSync(join(target, '..')).mtimeMs).toBe(beside);
});

test('a file that is ours but was edited or removed by hand is written again', () => {
  const target = published();
  put(join(target, 'one/kustomization.yaml'), 'edited');
  fs.rmSync(join(target, 'two/mesh/mesh.k8s.yaml'));
  expect(publish(target, a).written).toEqual(['one/kustomization.yaml', 'two/mesh/mesh.k8s.yaml']);
  expect(filesIn(target)).toEqual(sorted(a));
});

test.each(['one/apps/apps.k8s.yaml', 'one/apps', 'one/apps/apps.k8s.yaml/mine'])(
  'a foreign %s in the way of a new file is refused by name',
  (path) => {
    const target = published();
    put(join(target, path), 'mine');
    const before = contents(target);
    expect(() => publish(target, b)).toThrow(`${join(target, path)} is in the way of the new output`);
    expect(contents(target)).toEqual(before);
    expect(leftBeside(target)).toEqual([]);
  },
);

test('a foreign file with the very bytes to write is taken over', () => {
  const target = published();
  put(join(target, 'one/apps/apps.k8s.yaml'), 'apps');
  expect(publish(target, b).written).not.toContain('one/apps/apps.k8s.yaml');
  expect(publish(target, a).removed).toContain('one/apps/apps.k8s.yaml');
});

test.each([
  ['half a file', '{"stack": "two", "fil', 'not JSON'],
  ['another list', '{"stack": "two"}', 'no list `files`'],
  ['the inventory of another stack', '{"stack": "one", "files": ["mesh/mesh.k8s.yaml"]}', 'belongs to stack "one"'],
])('an inventory that holds %s makes the files of its stack foreign, and says so', (_, text, why) => {
  const target = published();
  put(join(target, 'two/inventory.json'), text);
  const report = publish(target, b);
  expect(report.kept).toEqual(['two/inventory.json', 'two/mesh/mesh.k8s.yaml']);
  expect(report.unreadable).toEqual([expect.stringContaining('two/inventory.json: ')]);
  expect(report.unreadable[0]).toContain(why);
  expect(() => publish(target, a)).toThrow(/inventory.json cannot be read .* restore it from version control/);
  expect(filesIn(target).get('two/inventory.json')).toBe(text);
});

test('an inventory cannot make the library touch what lies outside the stack', () => {
  const target = published();
  put(join(target, '../precious'), 'mine');
  put(join(target, 'README.md'), 'mine');
  const files = ['../README.md', '../../precious', '/etc/hosts', 'inventory.json', 7];
  put(join(target, 'two/inventory.json'), JSON.stringify({ stack: 'two', files }));
  expect(publish(target, b).removed).toEqual(['one/mesh/mesh.k8s.yaml', 'two/inventory.json']);
  expect(fs.readFileSync(join(target, '../precious'), 'utf8')).toBe('mine');
  expect(filesIn(target).get('README.md')).toBe('mine');
});

test('a link to a folder is written through', () => {
  const target = published();
  const link = join(target, '../link');
  fs.symlinkSync('dist', link);
  publish(link, b);
  expect(fs.readlinkSync(link)).toBe('dist');
  expect(filesIn(target)).toEqual(sorted(b));
});

test('a target that is a file, lies in one, or holds the working directory is refused', () => {
  const folder = scratch();
  put(join(folder, 'dist'), 'a file');
  expect(() => publish(join(folder, 'dist'), a)).toThrow(/it is a file; choose another output folder/);
  expect(() => publish(join(folder, 'dist/deeper'), a)).toThrow(/is a file \(ENOTDIR\)/);
  expect(() => publish('.', a)).toThrow(/holds the working directory/);
  expect(() => publish('/', a)).toThrow(/holds the working directory/);
  expect(fs.readFileSync(join(folder, 'dist'), 'utf8')).toBe('a file');
});
