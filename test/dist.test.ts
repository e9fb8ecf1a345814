import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const scratch = mkdtempSync(join(tmpdir(), 'dist-'));
afterAll(() => rmSync(scratch, { recursive: true }));

function tree(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((f) => statSync(join(folder, f)).isFile());
  return new Map(files.sort().map((f) => [f, readFileSync(join(folder, f), 'utf8')]));
}

function synth(env: NodeJS.ProcessEnv, cwd = scratch): void {
  // By its address: the scratch folder has no packages.
  execFileSync(process.execPath, ['--import', import.meta.resolve('tsx'), join(root, 'main.ts')], {
    cwd,
    env: { ...process.env, ...env },
    stdio: 'pipe',
  });
}

describe('dist/', () => {
  const committed = tree(join(root, 'dist'));

  it('is what main.ts synthesizes: read the difference, then run npm run synth', () => {
    // Another folder, locale, time zone and cdk8s switch: none of them may show.
    synth({
      LC_ALL: 'tr_TR.UTF-8',
      TZ: 'Pacific/Kiritimati',
      CDK8S_DISABLE_SORT: '1',
      NODE_PATH: '',
      TSX_TSCONFIG_PATH: join(root, 'tsconfig.json'),
    });
    const fresh = tree(join(scratch, 'dist'));
    expect([...fresh.keys()]).toEqual([...committed.keys()]);
    for (const [file, text] of fresh) expect(text, file).toBe(committed.get(file));
  });

  it('holds no trace of the machine, no running number, no unpinned image', () => {
    for (const [file, text] of committed) {
      expect(text, file).not.toContain(root);
      expect(file).not.toMatch(/\d{4}-/);
      expect(text, file).not.toMatch(/image: \S+:latest\b/);
    }
  });

  it('gives the cdk8s CLI the cluster objects only, and writes nothing else', () => {
    const out = join(scratch, 'asked');
    const elsewhere = join(scratch, 'elsewhere');
    execFileSync('mkdir', ['-p', elsewhere]);
    synth({ CDK8S_OUTDIR: out, TSX_TSCONFIG_PATH: join(root, 'tsconfig.json') }, elsewhere);
    expect(existsSync(join(elsewhere, 'dist'))).toBe(false);
    const files = tree(out);
    const expected = [...committed.keys()].filter((f) => f.endsWith('.k8s.yaml'));
    expect([...files.keys()]).toEqual(expected);
    for (const [file, text] of files) {
      expect(text, file).toBe(committed.get(file));
      expect(text.startsWith('---\n'), file).toBe(true);
    }
  });
});
