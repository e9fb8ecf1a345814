import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const home = mkdtempSync(join(tmpdir(), 'package-'));
const project = join(home, 'project');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
afterAll(() => rmSync(home, { recursive: true }));

/** The programs of the PolyglotDemo. */
const polyglot = ['index.html', 'nginx.conf', 'service.go', 'service.mjs', 'service.py'];

const run = (command: string, args: readonly string[], cwd: string) =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: 'pipe' });

/** The README's first TypeScript block: a whole program. */
function readmeExample(): string {
  const [, code] = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? [];
  if (!code) throw new Error('README.md has no ts block');
  return code;
}

describe('the package', () => {
  beforeAll(() => {
    // As a user: pack, install with its peers, nothing else at hand.
    const [{ filename }] = JSON.parse(run('npm', ['pack', '--json', '--pack-destination', home], root));
    mkdirSync(project);
    writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'empty', private: true, type: 'module' }));
    const peers = Object.keys(manifest.peerDependencies).map((name) => `${name}@${manifest.devDependencies[name]}`);
    run(
      'npm',
      [
        'install',
        '--prefer-offline',
        '--no-audit',
        '--no-fund',
        join(home, filename),
        ...peers,
        `@types/node@${manifest.devDependencies['@types/node']}`,
      ],
      project,
    );
    writeFileSync(join(project, 'main.ts'), readmeExample());
    const strict = {
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: true,
      types: ['node'],
    };
    writeFileSync(
      join(project, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: { ...strict, target: 'es2023', module: 'nodenext', outDir: 'out' }, files: ['main.ts'] }),
    );
  }, 300_000);

  it("compiles and runs the README's example in an empty project", () => {
    run(join(root, 'node_modules/.bin/tsc'), ['-p', project], project);
    run(process.execPath, ['out/main.js'], project);
    const stacks = readdirSync(join(project, 'dist'));
    expect(stacks.length).toBeGreaterThan(0);
    for (const stack of stacks) expect(existsSync(join(project, 'dist', stack, 'kustomization.yaml'))).toBe(true);
  });

  it('brings the meshwright command, which passes what the example wrote', () => {
    const said = run('npx', ['--no-install', 'meshwright', 'check', 'dist', '--json'], project);
    expect(JSON.parse(said).findings.filter((f: { severity: string }) => f.severity === 'error')).toEqual([]);
  });

  it('exports every room, and nothing of the generated bindings in its types', () => {
    for (const path of Object.keys(manifest.exports)) {
      const name = path === '.' ? 'meshwright' : `meshwright/${path.slice(2)}`;
      const names = run(
        process.execPath,
        ['--input-type=module', '-e', `console.log(Object.keys(await import('${name}')).length)`],
        project,
      );
      expect(Number(names), name).toBeGreaterThan(0);
    }
    const lib = join(project, 'node_modules/meshwright/lib/constructs');
    const leaks = readdirSync(lib, { recursive: true, encoding: 'utf8' })
      .filter((f) => f.endsWith('.d.ts'))
      .filter((f) => /imports\//.test(readFileSync(join(lib, f), 'utf8')));
    expect(leaks).toEqual([]);
  });

  it('brings the program of the header chain along', () => {
    const program = `import { HeaderChain, Layer, MeshApp } from 'meshwright';
      const app = new MeshApp();
      new HeaderChain(new Layer(app, 'apps', { namespace: 'apps' }), 'chain');
      console.log(app.synthYaml());`;
    expect(run(process.execPath, ['--input-type=module', '-e', program], project)).toContain('server.mjs: |');
  });

  it('brings the programs of the polyglot demo along', () => {
    const program = `import { Layer, MeshApp, PolyglotDemo } from 'meshwright';
      const app = new MeshApp();
      new PolyglotDemo(new Layer(app, 'apps', { namespace: 'apps' }), 'polyglot');
      console.log(app.synthYaml());`;
    const yaml = run(process.execPath, ['--input-type=module', '-e', program], project);
    for (const file of polyglot) expect(yaml).toContain(`  ${file}: |`);
  });

  it('ships no other source, no test and no output', () => {
    const home = join(project, 'node_modules/meshwright');
    const top = readdirSync(home).sort();
    expect(top).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'constructs', 'imports', 'lib', 'package.json']);
    const sources = readdirSync(join(home, 'constructs'), { recursive: true, encoding: 'utf8' }).filter((f) => f.includes('.'));
    const programs = [join('header-chain', 'server.mjs'), ...polyglot.map((file) => join('polyglot', file))];
    expect(sources.sort()).toEqual(programs.map((file) => join('apps', file)));
  });
});
