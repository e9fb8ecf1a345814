import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectWellFormed, manyServices } from './picture-world.ts';

const main = resolve(import.meta.dirname, '../cli/main.ts');
const tsx = resolve(import.meta.dirname, '../node_modules/tsx/dist/loader.mjs');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'graph-'));
  const inventory = (stack: string) => JSON.stringify({ stack, layers: [], objects: [] });
  const files = {
    'dist/shop/inventory.json': inventory('shop'),
    'dist/shop/all/all.k8s.yaml': manyServices(1, 3),
    'dist/other/inventory.json': inventory('other'),
    'dist/other/all/all.k8s.yaml': manyServices(1, 1),
    'nothing.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n',
    'broken.yaml': 'a: [',
  };
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function graph(args: readonly string[], input = ''): { stdout: string; stderr: string; status: number | null } {
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--import', tsx, main, 'graph', ...args], {
    ...{ cwd: folder, encoding: 'utf8', input },
  });
  return { stdout, stderr, status };
}

describe('meshwright graph', () => {
  it('draws a stack, by its name or its folder, as SVG', () => {
    const { stdout, stderr, status } = graph(['shop']);
    expect([stderr, status]).toEqual(['', 0]);
    expectWellFormed(stdout);
    expect(stdout).toContain('<title id="title">shop</title>');
    expect(graph(['dist/shop/']).stdout).toBe(stdout);
  });

  it('writes a flowchart, dot, or its data', () => {
    expect(graph(['shop', '--format', 'mermaid']).stdout).toMatch(/^flowchart LR\n {2}accTitle: shop\n/);
    expect(graph(['shop', '--format', 'dot']).stdout).toMatch(/^digraph "shop" \{\n/);
    const picture: unknown = JSON.parse(graph(['shop', '--format', 'json']).stdout);
    expect(picture).toMatchObject({ title: 'shop', groups: expect.any(Array), nodes: expect.any(Array) });
    expect(picture).toHaveProperty('edges.0.kind');
  });

  it('writes to a file, and nothing else', () => {
    const { stdout, status } = graph(['shop', '--format', 'dot', '-o', 'shop.dot']);
    expect([stdout, status]).toEqual(['', 0]);
    expect(readFileSync(join(folder, 'shop.dot'), 'utf8')).toMatch(/^digraph /);
  });

  it('reads YAML that others wrote from standard input', () => {
    const { stdout, status } = graph(['-', '--format', 'dot'], manyServices(1, 1));
    expect(status).toBe(0);
    expect(stdout).toContain('"service/shop-000/s-00"');
  });

  it.each([
    [['shap'], 'meshwright: no such path: shap (nor a stack dist/shap): did you mean "shop"?\n'],
    [['dist'], 'meshwright: there are several stacks, dist/other, dist/shop: name one of them\n'],
    [
      ['shop', '--format', 'png'],
      "meshwright: option '--format <form>' argument 'png' is invalid. Allowed choices are svg, mermaid, dot, json.\n",
    ],
    [['nothing.yaml'], 'meshwright: nothing to draw in nothing.yaml: no service, workload or mesh config\n'],
  ])('says what it cannot draw, and exits 2: %j', (args, message) => {
    expect(graph(args)).toEqual({ stdout: '', stderr: message, status: 2 });
  });

  it.each([
    [['broken.yaml'], /^meshwright: .*broken\.yaml/],
    [['shop', '-o', 'no/such/folder.svg'], /^meshwright: no\/such\/folder\.svg cannot be written: ENOENT/],
    [[], /^meshwright: missing required argument/],
  ])('says what is wrong with what it was given, and exits 2: %j', (args, message) => {
    const { stdout, stderr, status } = graph(args);
    expect([stdout, status]).toEqual(['', 2]);
    expect(stderr).toMatch(message);
  });
});
