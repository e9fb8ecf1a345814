import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import { HelmRelease, Layer, MeshApp, Stack } from '../constructs/index.ts';

const root = resolve(import.meta.dirname, '..');
const mirror = 'harbor.site.example/mesh';
let folder: string;

const release = (chart: string, version: string) => `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: ${chart}, namespace: ns}
spec: {interval: 1h, chart: {spec: {chart: ${chart}, version: '${version}', sourceRef: {kind: HelmRepository, name: charts}}}}
---
`;
const theirs = `${release('metallb', '0.16.1')}${release('strange', '1.0.0')}apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata: {name: charts, namespace: ns}
spec: {interval: 1h, url: 'https://metallb.github.io/metallb'}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: ns}
spec: {containers: [{name: web, image: 'nginx:1.29'}, {name: own, image: 'registry.corp.example/own:1'}]}
`;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'images-'));
  const files = {
    'theirs/all.yaml': theirs,
    'nothing/service.yaml': 'apiVersion: v1\nkind: Service\nmetadata: {name: a}\n',
    'shared.yaml': ['one', 'six', 'two']
      .map(
        (name) => `apiVersion: v1
kind: Pod
metadata: {name: a-pod-with-a-long-name-${name}, namespace: ns}
spec: {containers: [{name: web, image: 'nginx:1.29'}]}
`,
      )
      .join('---\n'),
    'rude.yaml': release('metallb', '$(touch /tmp/x)').replace(
      '---\n',
      `---\n${theirs.slice(theirs.indexOf('apiVersion: source'))}`,
    ),
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  vi.spyOn(console, 'error').mockReturnValue(undefined);
  const app = new MeshApp({ outdir: join(folder, 'dist'), proof: 'skip' });
  const stack = new Stack(app, 'site', {
    mirror: { registry: mirror, digests: { [`${mirror}/grafana/tempo:2.10.8`]: `sha256:${'0'.repeat(64)}` } },
  });
  const layer = new Layer(stack, 'layer', { namespace: 'ns' });
  new HelmRelease(layer, 'tempo', { chart: 'tempo' });
  new HelmRelease(layer, 'kiali-operator', { chart: 'kiali-operator' });
  app.synth();
  vi.restoreAllMocks();
});
afterAll(() => rmSync(folder, { recursive: true }));

function images(...args: string[]) {
  return spawnSync(process.execPath, [inject('cli'), 'images', ...args], {
    cwd: folder,
    encoding: 'utf8',
  });
}

test('what anybody’s YAML pulls, by who uses it, and a note of what is not known', () => {
  const { status, stdout, stderr } = images('theirs');
  expect(status).toBe(0);
  expect(stderr).toBe(
    'meshwright: HelmRelease/ns/strange installs chart strange, and no table knows its images: they are missing here\n',
  );
  const lines = stdout.split('\n');
  expect(lines.slice(0, 2)).toEqual(['HelmRelease/ns/metallb', '  quay.io/frrouting/frr:10.4.3']);
  expect(lines).toContain('  quay.io/metallb/speaker:v0.16.1');
  expect(lines.slice(-7)).toEqual([
    '  chart metallb 0.16.1 of https://metallb.github.io/metallb',
    'HelmRelease/ns/strange',
    '  chart strange 1.0.0 of https://metallb.github.io/metallb',
    'Pod/ns/web',
    '  nginx:1.29',
    '  registry.corp.example/own:1',
    '',
  ]);
  expect(images('nothing').stdout).toBe('nothing is pulled\n');
}, 60_000);

test('a stack with a mirror says it once, and goes by public names', () => {
  const { status, stdout } = images('site');
  expect(status).toBe(0);
  expect(stdout.split('\n')).toEqual([
    `mirror: ${mirror}`,
    'what comes from there goes by its public name',
    '',
    'HelmRelease/ns/kiali-operator',
    '  quay.io/kiali/kiali-operator:v2.29.0',
    '  quay.io/kiali/kiali:v2.29.0',
    '  chart kiali-operator 2.29.0 of https://kiali.org/helm-charts',
    'HelmRelease/ns/tempo',
    `  docker.io/grafana/tempo:2.10.8@sha256:${'0'.repeat(64)}`,
    '  chart tempo 2.2.4 of oci://ghcr.io/grafana-community/helm-charts/tempo',
    '',
  ]);
}, 60_000);

test('what a mirror will not hold is told', () => {
  const { stdout } = images('theirs', '--mirror', mirror);
  expect(stdout).toMatch(`mirror: ${mirror}\n`);
  expect(stdout).toMatch('Pod/ns/web\n  docker.io/library/nginx:1.29\n  registry.corp.example/own:1  (not mirrored)\n');
}, 60_000);

test('the committed platform fits a terminal of 120 columns', () => {
  const widths = images(join(root, 'dist/platform'))
    .stdout.split('\n')
    .map((line) => line.length);
  expect(widths.length).toBeGreaterThan(50);
  expect(Math.max(...widths)).toBeLessThanOrEqual(120);
}, 60_000);

test('one thing that several use stands there once, with all of them, in lines of a terminal', () => {
  expect(images('shared.yaml').stdout.split('\n')).toEqual([
    'Pod/ns/a-pod-with-a-long-name-one, Pod/ns/a-pod-with-a-long-name-six,',
    'Pod/ns/a-pod-with-a-long-name-two',
    '  nginx:1.29',
    '',
  ]);
}, 60_000);

test('a stack by its name, with what its mirror’s copies are of', () => {
  const { status, stdout } = images('site', '--format', 'json');
  expect(status).toBe(0);
  const { images: found, charts } = JSON.parse(stdout);
  expect(found).toContainEqual({
    image: `${mirror}/kiali/kiali:v2.29.0`,
    upstream: 'quay.io/kiali/kiali:v2.29.0',
    usedBy: ['HelmRelease/ns/kiali-operator'],
  });
  expect(charts).toContainEqual({
    ...{ chart: 'tempo', version: '2.2.4', source: `oci://${mirror}/charts/tempo` },
    ...{ upstream: 'oci://ghcr.io/grafana-community/helm-charts/tempo', usedBy: ['HelmRelease/ns/tempo'] },
  });
}, 60_000);

test('commands that copy into the stack’s mirror, the same each time', () => {
  const { status, stdout, stderr } = images('site', '--format', 'skopeo');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout.split('\n')).toEqual([
    'set -eu',
    `skopeo copy --all docker://docker.io/grafana/tempo@sha256:${'0'.repeat(64)} docker://${mirror}/grafana/tempo:2.10.8`,
    `skopeo copy --all docker://quay.io/kiali/kiali-operator:v2.29.0 docker://${mirror}/kiali/kiali-operator:v2.29.0`,
    `skopeo copy --all docker://quay.io/kiali/kiali:v2.29.0 docker://${mirror}/kiali/kiali:v2.29.0`,
    'helm pull kiali-operator --repo https://kiali.org/helm-charts --version 2.29.0',
    `helm push kiali-operator-2.29.0.tgz oci://${mirror}/charts`,
    'helm pull oci://ghcr.io/grafana-community/helm-charts/tempo --version 2.2.4',
    `helm push tempo-2.2.4.tgz oci://${mirror}/charts`,
    '',
  ]);
  expect(images('dist', '--format', 'skopeo').stdout).toBe(stdout);
}, 60_000);

test('commands for somebody’s YAML copy to the mirror given, and a shell takes them for what they are', () => {
  const { status, stdout } = images('theirs', '--format', 'skopeo', '--mirror', mirror);
  expect(status).toBe(0);
  const lines = stdout.split('\n');
  expect(lines).toContain(`skopeo copy --all docker://docker.io/library/nginx:1.29 docker://${mirror}/library/nginx:1.29`);
  expect(lines).toContain('# not from a public registry: registry.corp.example/own:1');
  expect(lines).toContain('helm pull metallb --repo https://metallb.github.io/metallb --version 0.16.1');
  const rude = images('rude.yaml', '--format', 'skopeo', '--mirror', mirror).stdout;
  expect(rude).toContain("--version '$(touch /tmp/x)'");
  expect(rude).toContain("helm push 'metallb-$(touch /tmp/x).tgz' ");
  const said = spawnSync('sh', ['-n'], { input: rude, encoding: 'utf8' });
  expect(said.status).toBe(0);
}, 60_000);

test.each([
  [['theirs', '--format', 'skopeo'], 'theirs has no mirror to copy to: give one with --mirror harbor.site.example/mesh'],
  [
    ['site', '--format', 'skopeo', '--mirror', 'other.example'],
    'dist/site takes everything from harbor.site.example/mesh already',
  ],
  [['theirs', '--mirror', 'quay.io/x'], 'is "quay.io/x", a public registry: name the site\'s own'],
  [['gone'], 'no such path: gone'],
  [['theirs', '--format', 'yaml'], 'Allowed choices are list, skopeo, json'],
])(
  '%j is a mistake that is named',
  (args, message) => {
    const { status, stdout, stderr } = images(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(message);
  },
  60_000,
);
