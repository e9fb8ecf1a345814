import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import * as meshwright from '../constructs/index.ts';
import { repositories, versions } from '../constructs/kit/index.ts';

const root = resolve(import.meta.dirname, '..');
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(root, 'docs'))
    .filter((f) => f.endsWith('.md'))
    .map((f) => `docs/${f}`),
];
const text = (page: string) => readFileSync(join(root, page), 'utf8');
// Inside the project, so that packages resolve; ignored by git.
const work = join(root, 'test/.docs');
afterAll(() => rmSync(work, { recursive: true, force: true }));

describe('the docs', () => {
  it('compile, every ts block', () => {
    rmSync(work, { recursive: true, force: true });
    mkdirSync(work);
    const blocks = pages.flatMap((page) =>
      [...text(page).matchAll(/^```(?:ts|typescript)\n([\s\S]*?)^```/gm)].map(([, code = ''], i) => ({
        name: `${page.replaceAll(/[/.]/g, '-')}-${i}.ts`,
        code,
      })),
    );
    expect(blocks.length).toBeGreaterThan(3);
    for (const { name, code } of blocks)
      writeFileSync(join(work, name), /^(import|export) /m.test(code) ? code : `${code}\nexport {};\n`);
    const paths = { meshwright: ['../../constructs/index.ts'], 'meshwright/*': ['../../constructs/*/index.ts'] };
    writeFileSync(
      join(work, 'tsconfig.json'),
      JSON.stringify({ extends: '../../tsconfig.json', compilerOptions: { paths }, include: ['*.ts'], exclude: [] }),
    );
    const { stdout, status } = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', work], { encoding: 'utf8' });
    expect(stdout).toBe('');
    expect(status).toBe(0);
  });

  it('link to pages and files that exist', () => {
    const broken = pages.flatMap((page) =>
      [...text(page).matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)]
        .map(([, target = '']) => target)
        .filter((target) => !/^[a-z]+:/.test(target) && !existsSync(join(root, dirname(page), target)))
        .map((target) => `${page} -> ${target}`),
    );
    expect(broken).toEqual([]);
  });

  it('cover rows with constructs that exist', () => {
    const rows = text('docs/coverage.md')
      .split('\n')
      .filter((line) => /^\| [A-E]\d+ /.test(line));
    expect(rows.length).toBeGreaterThan(5);
    const made = rows.flatMap((row) => [...(row.split('|')[4] ?? '').matchAll(/`(\w+)`/g)].map(([, name = '']) => name));
    expect(made.length).toBeGreaterThan(5);
    expect(made.filter((name) => !(name in meshwright))).toEqual([]);
  });

  it('name the npm scripts that exist', () => {
    const { scripts } = JSON.parse(text('package.json'));
    const unknown = pages.flatMap((page) =>
      [...text(page).matchAll(/npm run (?:--silent )?([a-z:]+)/g)]
        .filter(([, name = '']) => !(name in scripts))
        .map(([all]) => `${page}: ${all}`),
    );
    expect(unknown).toEqual([]);
  });

  it('and the committed manifests agree with the catalog of versions', () => {
    const files = readdirSync(join(root, 'dist'), { recursive: true, encoding: 'utf8' }).filter((f) => f.endsWith('.yaml'));
    const images = files.flatMap((f) =>
      [...readFileSync(join(root, 'dist', f), 'utf8').matchAll(/image: (\S+):(\S+)$/gm)].map(([, name, tag]) => ({ name, tag })),
    );
    expect(images.length).toBeGreaterThan(0);
    for (const [key, repository] of Object.entries(repositories)) {
      const tags = new Set(images.filter((i) => i.name === repository).map((i) => i.tag));
      const known = Object.values(versions);
      for (const tag of tags) expect(known, key).toContain(tag);
    }
    const config = text('cdk8s.yaml');
    expect(config).toContain(`/istio/istio/${versions.istio}/`);
  });
});
