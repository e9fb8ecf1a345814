import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { publicHostsIn } from './conformance/platform/mirror.ts';

const root = resolve(import.meta.dirname, '..');
const scratch = mkdtempSync(join(tmpdir(), 'dist-'));
afterAll(() => rmSync(scratch, { recursive: true }));

function tree(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((f) => statSync(join(folder, f)).isFile());
  return new Map(files.sort().map((f) => [f, readFileSync(join(folder, f), 'utf8')]));
}

/** Where whoever asks for the network fails. */
const offline = ['--import', pathToFileURL(join(root, 'test/support/no-network.js')).href];

function synth(env: NodeJS.ProcessEnv, cwd = scratch): void {
  // By its address: the scratch folder has no packages.
  execFileSync(process.execPath, [...offline, '--import', import.meta.resolve('tsx'), join(root, 'main.ts')], {
    cwd,
    env: { ...process.env, ...env },
    stdio: 'pipe',
  });
}

describe('dist/', () => {
  const committed = tree(join(root, 'dist'));

  it('is what main.ts synthesizes, without a network: read the difference, then run npm run synth', () => {
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

  it('hands istioctl its file apart from what the cluster gets, and keeps no state in the cluster', () => {
    const operators = [...committed].filter(([, text]) => /^kind: IstioOperator$/m.test(text)).map(([file]) => file);
    expect(operators).toContain('jaeger/istioctl/istio-operator.yaml');
    for (const file of operators) expect(file).toMatch(/^[\w-]+\/istioctl\//);
    for (const [file, text] of committed) expect(text, file).not.toMatch(/installed-state|istioctl operator/);
  });

  it.each(['platform', 'platform-ambient'])('names no public registry in %s, which has a mirror', (stack) => {
    const files = [...committed].filter(([file]) => file.startsWith(`${stack}/`));
    expect(files.length).toBeGreaterThan(30);
    for (const [file, text] of files) expect(publicHostsIn(text), file).toEqual([]);
  });
});

describe('a process without a network', () => {
  it.each([
    "fetch('http://127.0.0.1:9')",
    "fetch('http://127.0.0.1:9').catch(() => undefined)",
    "(await import('node:http')).get('http://127.0.0.1:9')",
    "(await import('node:https')).get('https://localhost:9')",
    "(await import('node:net')).connect(9, '127.0.0.1')",
    "(await import('node:tls')).connect(9, '127.0.0.1')",
    "(await import('node:dns/promises')).lookup('localhost')",
    "(await import('node:dns')).resolve4('localhost', () => undefined)",
    "(await import('node:dgram')).createSocket('udp4').send('x', 9, '127.0.0.1')",
  ])('fails at %s', (code) => {
    const { status, stderr } = spawnSync(process.execPath, [...offline, '--input-type=module', '-e', `await ${code}`], {
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining('no network here') });
  });
});
