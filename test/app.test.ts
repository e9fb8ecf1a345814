import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ApiObject, Chart, JsonPatch } from 'cdk8s';
import { afterAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import {
  Bookinfo,
  type Exposed,
  IstioGateway,
  Jaeger,
  Layer,
  Mesh,
  MeshApp,
  Stack,
  TrafficGenerator,
} from '../constructs/index.ts';

const root = resolve(import.meta.dirname, '..');
const scratch = mkdtempSync(join(tmpdir(), 'app-'));
afterAll(() => rmSync(scratch, { recursive: true }));
let count = 0;
const folder = () => join(scratch, `dist-${count++}`);

function tree(dir: string): Record<string, string> {
  const files = readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((f) => statSync(join(dir, f)).isFile());
  return Object.fromEntries(files.sort().map((f) => [f, readFileSync(join(dir, f), 'utf8')]));
}

/** A small whole stack; `change` may break it. */
function small(
  outdir: string,
  change?: (parts: { istio: Mesh; jaeger: Jaeger; bookinfo: Bookinfo; apps: Layer; shop: Exposed }) => void,
): MeshApp {
  const app = new MeshApp({ outdir });
  const stack = new Stack(app, 'small');
  const mesh = new Layer(stack, 'mesh', { namespace: 'istio-system' });
  const apps = new Layer(stack, 'apps', { namespace: 'bookinfo', after: [mesh] });
  const jaeger = new Jaeger(mesh, 'jaeger');
  const istio = new Mesh(mesh, 'istio', { tracing: { to: jaeger, samplingPercent: 100 } });
  istio.enroll(apps);
  const bookinfo = new Bookinfo(apps, 'bookinfo', { reviews: { v1: 80, v3: 20 } });
  const shop = new IstioGateway(mesh, 'gateway', { mesh: istio }).publish(bookinfo, { host: 'bookinfo.mesh.test' });
  new TrafficGenerator(apps, 'load', { to: shop, requests: 100, mesh: istio });
  change?.({ istio, jaeger, bookinfo, apps, shop });
  return app;
}

/** The synthesized object of a kind and name somewhere below a construct. */
function find(app: MeshApp, kind: string, name: string): ApiObject {
  const found = app.node.findAll().find((c): c is ApiObject => ApiObject.isApiObject(c) && c.kind === kind && c.name === name);
  if (!found) throw new Error(`no ${kind} ${name}`);
  return found;
}

describe('a synth', () => {
  it('publishes a folder per stack and layer, and says the same twice', () => {
    const outdir = folder();
    small(outdir).synth();
    const first = tree(outdir);
    expect(Object.keys(first)).toEqual([
      'small/apps/apps.k8s.yaml',
      'small/apps/kustomization.yaml',
      'small/inventory.json',
      'small/istioctl/istio-operator.yaml',
      'small/kustomization.yaml',
      'small/mesh/kustomization.yaml',
      'small/mesh/mesh.k8s.yaml',
      'small/smoke-test.sh',
    ]);
    small(outdir).synth();
    expect(tree(outdir)).toEqual(first);
  });

  it('tells in the inventory what leads to what', () => {
    const outdir = folder();
    small(outdir).synth();
    const { edges, images } = JSON.parse(readFileSync(join(outdir, 'small/inventory.json'), 'utf8'));
    expect(edges).toContainEqual({ from: 'Provider/otel', to: 'Service/istio-system/jaeger-collector', what: 'sends to' });
    expect(edges).toContainEqual({ from: 'Telemetry/istio-system/mesh-default', to: 'Provider/otel', what: expect.any(String) });
    expect(edges).toContainEqual({
      from: 'VirtualService/istio-system/bookinfo',
      to: 'Service/bookinfo/productpage',
      what: 'routes to',
    });
    expect(images.map((i: { image: string }) => i.image)).toContain('docker.io/jaegertracing/jaeger:2.20.0');
  });

  const broken: Record<string, { change: (app: MeshApp) => void; says: RegExp }> = {
    'the provider named by the Telemetry': {
      change: (app) =>
        find(app, 'Telemetry', 'mesh-default').addJsonPatch(JsonPatch.replace('/spec/tracing/0/providers/0/name', 'otle')),
      says: /TRC001[\s\S]*otle[\s\S]*otel/,
    },
    "the port of the backend's Service": {
      change: (app) => find(app, 'Service', 'jaeger-collector').addJsonPatch(JsonPatch.replace('/spec/ports/0/port', 4319)),
      says: /TRC003[\s\S]*4317/,
    },
    "the backend's Service": {
      change: (app) =>
        find(app, 'Service', 'jaeger-collector').addJsonPatch(JsonPatch.replace('/metadata/name', 'jaeger-colector')),
      says: /TRC002[\s\S]*jaeger-collector/,
    },
    'a subset': {
      change: (app) => find(app, 'DestinationRule', 'reviews').addJsonPatch(JsonPatch.replace('/spec/subsets/2/name', 'v4')),
      says: /REF002[\s\S]*v3/,
    },
    'a port, to a word,': {
      change: (app) => find(app, 'Service', 'reviews').addJsonPatch(JsonPatch.replace('/spec/ports/0/port', 'http')),
      says: /OBJ004 Service\/bookinfo\/reviews[\s\S]*spec\.ports\[0\]\.port/,
    },
  };
  it.each(Object.keys(broken))('fails when %s is renamed, names the construct and leaves the output alone', (what) => {
    const { change, says } = broken[what] ?? expect.fail();
    const outdir = folder();
    small(outdir).synth();
    const before = tree(outdir);
    const app = small(outdir);
    change(app);
    expect(() => app.synth()).toThrow(says);
    expect(() => app.synth()).toThrow(/small\/(mesh|apps)\//);
    expect(tree(outdir)).toEqual(before);
  });

  it("runs the constructs' own validations, all of them", () => {
    const app = small(folder(), ({ jaeger, apps }) => {
      jaeger.node.addValidation({ validate: () => ['first'] });
      apps.node.addValidation({ validate: () => ['second'] });
    });
    expect(() => app.synth()).toThrow(/\[small\/mesh\/jaeger\] first\n.*\[small\/apps\] second/s);
  });

  it('refuses two owners of one Service name', () => {
    const app = small(folder(), ({ istio }) => {
      const { scope } = istio.node;
      if (scope) new Jaeger(scope, 'second');
    });
    expect(() => app.synth()).toThrow(/OBJ001[\s\S]*Service\/istio-system\/tracing|Service\/istio-system\/tracing[\s\S]*OBJ001/);
  });

  it('refuses an app without a stack, and two layers in one folder', () => {
    expect(() => new MeshApp({ outdir: folder() }).synth()).toThrow('holds no stack with a layer');
    const app = new MeshApp({ outdir: folder() });
    const stack = new Stack(app, 's');
    new Layer(new Stack(stack, 'inner'), 'same', { namespace: 'a' });
    new Layer(stack, 'same', { namespace: 'b' });
    expect(() => app.synth()).toThrow("would share the folder 's/same'");
  });

  it('refuses to remove what another app of the same program has just published', () => {
    const outdir = folder();
    small(outdir).synth();
    const before = tree(outdir);
    const second = new MeshApp({ outdir });
    new Layer(new Stack(second, 'second'), 'base', { namespace: 'x' });
    expect(() => second.synth()).toThrow(
      /another MeshApp of this program has published small to .*, this one with second would remove it/,
    );
    expect(tree(outdir)).toEqual(before);
  });

  it("keeps a foreign kind's namespace although a cluster-scoped kind has the same name", () => {
    const outdir = folder();
    const app = new MeshApp({ outdir });
    const chart = new Chart(new Stack(app, 's'), 'plain', { namespace: 'longhorn-system' });
    new ApiObject(chart, 'node', { apiVersion: 'longhorn.io/v1beta2', kind: 'Node', metadata: { name: 'n' } });
    app.synth();
    expect(readFileSync(join(outdir, 's/plain/plain.k8s.yaml'), 'utf8')).toContain('namespace: longhorn-system');
  });

  it('keeps the namespace of a chart off what lives in none', () => {
    const outdir = folder();
    const app = new MeshApp({ outdir });
    const chart = new Chart(new Stack(app, 's'), 'plain', { namespace: 'x' });
    new ApiObject(chart, 'role', { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'r' } });
    app.synth();
    expect(readFileSync(join(outdir, 's/plain/plain.k8s.yaml'), 'utf8')).not.toContain('namespace');
  });
});

describe('a program', () => {
  const project = join(scratch, 'project');
  const env = { ...process.env, CDK8S_CHECK_UPGRADE: 'false', TSX_TSCONFIG_PATH: join(root, 'tsconfig.json') };
  const program = (body: string) =>
    `import { synthesize, Stack, Layer, Jaeger, Mesh } from '${root}/constructs/index.ts';\nsynthesize((app) => {\n${body}\n});\n`;
  const good = program(
    "const mesh = new Layer(new Stack(app, 'demo'), 'mesh', { namespace: 'istio-system' });\nnew Mesh(mesh, 'istio', { tracing: { to: new Jaeger(mesh, 'jaeger') } });",
  );

  function write(main: string): void {
    mkdirSync(project, { recursive: true });
    writeFileSync(join(project, 'package.json'), '{"type":"module"}');
    cpSync(join(root, 'cdk8s.yaml'), join(project, 'cdk8s.yaml'));
    writeFileSync(join(project, 'main.ts'), main);
    // The CLI runs `node --import tsx`, found from here.
    if (!existsSync(join(project, 'node_modules')))
      execFileSync('ln', ['-s', join(root, 'node_modules'), join(project, 'node_modules')]);
  }
  const plain = () => spawnSync(process.execPath, ['--import', 'tsx', 'main.ts'], { cwd: project, env, encoding: 'utf8' });
  const cdk8s = (...args: string[]) =>
    spawnSync(join(root, 'node_modules/.bin/cdk8s'), ['synth', ...args], { cwd: project, env, encoding: 'utf8' });

  it("turns a user's mistake into one message without stack trace, and exit status 1", () => {
    write(
      program(
        "const mesh = new Layer(new Stack(app, 'demo'), 'mesh', { namespace: 'istio-system' });\nnew Jaeger(mesh, 'jaeger', { storage: { type: 'memory', maxTraces: 0 } });",
      ),
    );
    const { status, stderr } = plain();
    expect(status).toBe(1);
    expect(stderr.trim()).toBe("error: maxTraces of 'demo/mesh/jaeger' is 0: allowed are whole numbers from 1");
    expect(existsSync(join(project, 'dist'))).toBe(false);
  });

  it('cannot be half built: an async function is refused', () => {
    write(good.replace('(app) =>', 'async (app) =>'));
    const { status, stderr } = plain();
    expect(status).toBe(1);
    expect(stderr).toContain('synthesize takes a function that is not async');
  });

  it('says which files are gone, and which accepted findings the inventory tells', () => {
    const more = "new Layer(new Stack(app, 'gone'), 'base', { namespace: 'x' });\n";
    write(good.replace('const mesh', `${more}const mesh`));
    expect(plain().status).toBe(0);
    write(
      good
        .replace('});\n});', "});\nacknowledge(mesh, 'REF001', 'made at run time');\n});")
        .replace('Mesh }', 'Mesh, acknowledge }'),
    );
    const { stderr } = plain();
    expect(stderr).toContain('removed, no longer made: gone/base/base.k8s.yaml');
    const { acknowledged } = JSON.parse(readFileSync(join(project, 'dist/demo/inventory.json'), 'utf8'));
    expect(acknowledged).toEqual([{ code: 'REF001', reason: 'made at run time', path: 'demo/mesh' }]);
    rmSync(join(project, 'dist'), { recursive: true });
  });

  it('gives the same bytes under cdk8s synth, which loses nothing when the program fails', () => {
    write(good);
    expect(plain().status).toBe(0);
    const whole = tree(join(project, 'dist'));
    rmSync(join(project, 'dist'), { recursive: true });
    const { status, stdout } = cdk8s();
    expect(status).toBe(0);
    expect(stdout).toContain('demo/mesh/mesh.k8s.yaml');
    expect(tree(join(project, 'dist'))).toEqual(whole);
    write(program('throw new Error("no");'));
    expect(cdk8s().status).not.toBe(0);
    expect(tree(join(project, 'dist'))).toEqual(whole);
  });

  it('gives the cluster objects alone with -o and --stdout', () => {
    write(good);
    expect(plain().status).toBe(0);
    const manifest = tree(join(project, 'dist'))['demo/mesh/mesh.k8s.yaml'];
    rmSync(join(project, 'dist'), { recursive: true });
    expect(cdk8s('-o', 'elsewhere').status).toBe(0);
    expect(tree(join(project, 'elsewhere'))).toEqual({ 'demo/mesh/mesh.k8s.yaml': manifest });
    const { stdout, status } = cdk8s('--stdout');
    expect(status).toBe(0);
    expect(stdout).toBe(manifest);
    expect(existsSync(join(project, 'dist'))).toBe(false);
  });

  it('prints files of any size to --stdout, one after the other', () => {
    // Above 64 KiB each: the CLI pipes all files at once.
    const big = (id: string) =>
      `new ApiObject(new Layer(stack, '${id}', { namespace: '${id}' }), 'big', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'big' }, data: { text: 'x y\\n'.repeat(50_000) } });`;
    write(
      `import { ApiObject } from 'cdk8s';\n${program(`const stack = new Stack(app, 'demo');\n${['a', 'b', 'c'].map(big).join('\n')}`)}`,
    );
    const { stdout, status } = spawnSync(join(root, 'node_modules/.bin/cdk8s'), ['synth', '--stdout'], {
      cwd: project,
      env,
      encoding: 'utf8',
      maxBuffer: 1e8,
    });
    expect(status).toBe(0);
    const read = parseAllDocuments(stdout).map((d) => d.toJS());
    expect(read.filter((o) => o.kind === 'ConfigMap').map((o) => [o.metadata.namespace, o.data.text.length])).toEqual([
      ['a', 200_000],
      ['b', 200_000],
      ['c', 200_000],
    ]);
  });
});
