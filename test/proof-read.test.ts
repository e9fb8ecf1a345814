import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { UserError } from '../constructs/kit/user-error.ts';
import { type Finding, fromObjects, prove, readWorlds } from '../constructs/proof/index.ts';
import { findingsOf, worldOf } from './proof-world.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A folder with these files. */
function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'proof-'));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

const service = (name: string, port = 80) =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}, namespace: shop}\nspec: {ports: [{port: ${port}}]}\n`;
const route = (host: string) =>
  `apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: way, namespace: shop}\nspec: {hosts: [a.test], http: [{route: [{destination: {host: ${host}}}]}]}\n`;
const codes = (findings: readonly Finding[]) => findings.map((one) => one.code);

describe('reading files', () => {
  it('takes the files of a folder and of all folders in it as one world', () => {
    const folder = folderOf({ 'b/web.yml': service('web'), 'a/way.yaml': route('wob'), 'README.md': '# no' });
    const [world, ...others] = readWorlds([folder]);
    expect(others).toEqual([]);
    const findings = world ? prove(world) : [];
    expect(findings).toMatchObject([
      { code: 'REF001', file: join(folder, 'a/way.yaml'), line: 4, path: null, hint: 'did you mean "web"?' },
    ]);
  });

  it('flattens lists and reads several documents, and says their lines', () => {
    const text = `---\n${service('web')}---\napiVersion: v1\nkind: List\nitems:\n- apiVersion: networking.istio.io/v1\n  kind: VirtualService\n  metadata: {name: way, namespace: shop}\n  spec:\n    hosts: [a.test]\n    http:\n    - route:\n      - destination:\n          host: wob\n`;
    expect(findingsOf(text)).toMatchObject([{ code: 'REF001', object: 'VirtualService/shop/way', line: 18 }]);
  });

  it('reads JSON', () => {
    const json = JSON.stringify(
      { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'shop' }, spec: { port: [] } },
      null,
      2,
    );
    expect(findingsOf(json)).toMatchObject([
      { code: 'OBJ002', object: 'Service/shop/web', line: 9, hint: 'did you mean "ports"?' },
    ]);
  });

  it('reads YAML as kubectl does: yes is a truth value, 0644 is octal, a time stays a text', () => {
    const [config] = worldOf(
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: yes, b: 0644, c: 12:30:45, d: 2001-01-01}\n',
    ).objects;
    expect(config?.json.data).toEqual({ a: true, b: 420, c: '12:30:45', d: '2001-01-01' });
  });

  it('passes over kustomizations, their patches, Helm templates and charts, and documents without a kind', () => {
    const folder = folderOf({
      'kustomization.yaml': 'resources: [web.yaml]\npatches: [{path: patch.yaml}]\n',
      'patch.yaml': 'apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: {nonsense: 1}\n',
      'web.yaml': service('web'),
      'values.yaml': 'replicas: 2\n',
      'template.yaml': 'apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ .Values.name }}\n{{- if .Values.on }}\n{{- end }}\n',
      'odd.yaml': 'apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ .Values.name }}\n',
      'charts/x/Chart.yaml': 'name: x\n',
      'charts/x/templates/a.yaml': '{{ include "x" . }}\n',
    });
    const [world] = readWorlds([folder]);
    expect(world?.objects.map((object) => object.id)).toEqual(['Service/shop/web']);
    const notes = world?.notes.join('\n').replaceAll(`${folder}/`, '');
    expect(notes).toBe(
      [
        'passed over kustomizations and their patches: kustomization.yaml, patch.yaml; to check what they build, run `kubectl kustomize DIR | meshwright check -`',
        'passed over Helm templates: odd.yaml, template.yaml; to check what they render, run `helm template CHART | meshwright check -`',
        'passed over documents without kind and apiVersion: values.yaml',
        'passed over Helm charts: charts/x; to check what they render, run `helm template CHART | meshwright check -`',
      ].join('\n'),
    );
  });

  it('takes the namespace and the generated ConfigMaps of a kustomization', () => {
    const folder = folderOf({
      'kustomization.yaml': 'namespace: shop\nresources: [all.yaml]\nconfigMapGenerator: [{name: settings, literals: [a=b]}]\n',
      'all.yaml': `${service('web')}---\napiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers: [{name: web, image: web, envFrom: [{configMapRef: {name: settings}}]}]\n`,
    });
    const [world] = readWorlds([folder]);
    expect(world?.objects.map((object) => object.id)).toEqual(['Service/shop/web', 'Pod/shop/web']);
    expect(world ? prove(world) : undefined).toEqual([]);
  });

  it('a namespace that a kustomization fills from elsewhere is not known', () => {
    const files = (resources: string) => ({
      'prod/kustomization.yaml': `namespace: prod\nresources: ${resources}\n`,
      'prod/extra.yaml': `${service('extra').replace(', namespace: shop', '')}---\n${route('web').replace(', namespace: shop', '')}`,
      'base/kustomization.yaml': 'resources: [web.yaml]\n',
      'base/web.yaml': service('web').replace(', namespace: shop', ''),
    });
    const found = (resources: string) => readWorlds([folderOf(files(resources))]).flatMap(prove);
    expect(found('[../base, extra.yaml]')).toEqual([]);
    expect(found('[extra.yaml]')).toMatchObject([{ code: 'REF001', object: 'VirtualService/prod/way' }]);
  });

  it('takes folders of plain files for environments: what they state differently is one warning', () => {
    const app = (name: string, path: string) =>
      `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: ${name}, namespace: flux-system}\nspec: {interval: 1h, prune: true, path: ${path}, sourceRef: {kind: GitRepository, name: flux-system}}\n`;
    const environments = folderOf({
      'staging/apps.yaml': `${app('apps', './staging')}---\n${app('infra', './staging')}`,
      'production/apps.yaml': `${app('apps', './production')}---\n${app('infra', './production')}`,
    });
    expect(readWorlds([environments]).flatMap(prove)).toMatchObject([
      { code: 'OBJ001', severity: 'warning', hint: 'two environments? check each folder by itself' },
    ]);
    const together = folderOf({ 'apps.yaml': app('apps', './staging'), 'more.yaml': app('apps', './production') });
    expect(readWorlds([together]).flatMap(prove)).toMatchObject([{ code: 'OBJ001', severity: 'error' }]);
  });

  it('takes broken YAML for broken, though it holds the braces of alert templates', () => {
    const rule = (indent: string) =>
      `apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata: {name: r, namespace: shop}\nspec:\n  groups:\n  - name: g\n${indent}rules: [{alert: A, expr: up == 0, annotations: {summary: "{{ $labels.job }} of {{ .Labels.pod }}"}}]\n`;
    expect(findingsOf(rule('    '))).toEqual([]);
    const folder = folderOf({ 'rule.yaml': rule('   '), 'web.yaml': service('web') });
    expect(() => readWorlds([folder])).toThrow(/rule\.yaml:7: not readable as YAML/);
  });

  it('says what was passed over when nothing is left', () => {
    const folder = folderOf({ 'charts/x/Chart.yaml': 'name: x\n', 'templates/a.yaml': 'name: {{ .Values.name }}\n{{- end }}\n' });
    expect(() => readWorlds([folder])).toThrow(
      /no Kubernetes object found \(passed over Helm templates: .*a\.yaml.*Helm charts: .*x/,
    );
  });

  it.each([
    ['a key stated twice', 'kind: A\nkind: B\n', /^<stdin>:2: not readable as YAML: map keys must be unique/],
    ['a tab', 'a:\n\t- b\n', /^<stdin>:2: not readable as YAML/],
    ['no object at all', 'just: data\n', /^nothing to check in -/],
    ['nothing', '', /^nothing to check in -/],
  ])('refuses %s', (_, text, message) => {
    expect(() => worldOf(text)).toThrow(UserError);
    expect(() => worldOf(text)).toThrow(message);
  });

  it('refuses a path that does not exist', () => {
    expect(() => readWorlds(['no/such'])).toThrow('no such path: no/such');
  });
});

describe('stacks', () => {
  it('are worlds of their own, with construct paths and the claimed mesh config', () => {
    const inventory = (mesh: string) =>
      JSON.stringify({
        stack: 'one',
        objects: [{ kind: 'VirtualService', namespace: 'shop', name: 'way', construct: 'one/apps/way' }],
        ...(mesh === '' ? {} : { mesh: { defaultProviders: { tracing: [mesh], metrics: ['prometheus'] } } }),
      });
    const folder = folderOf({
      'one/inventory.json': inventory('otel'),
      'one/apps/apps.k8s.yaml': `${service('web')}---\n${route('wob')}`,
      'two/inventory.json': inventory(''),
      'two/apps/apps.k8s.yaml': service('wob'),
    });
    const worlds = readWorlds([folder]);
    expect(worlds.map((world) => world.name)).toEqual([join(folder, 'one'), join(folder, 'two')]);
    expect(worlds.flatMap(prove)).toMatchObject([
      { code: 'REF001', path: 'one/apps/way', file: join(folder, 'one/apps/apps.k8s.yaml') },
      { code: 'TRC004', object: 'MeshConfig/existing', file: join(folder, 'one/inventory.json'), path: null },
    ]);
  });

  it('with a variant are proven as the base, and as the base with the variant', () => {
    const inventory = JSON.stringify({
      layers: [
        { name: 'apps', after: [] },
        { name: 'canary', after: [], variantOf: 'apps' },
      ],
    });
    const folder = folderOf({
      'inventory.json': inventory,
      'apps/apps.k8s.yaml': `${service('web')}---\n${route('web')}`,
      'canary/canary.k8s.yaml': route('wob'),
    });
    expect(readWorlds([folder]).map((world) => codes(prove(world)))).toEqual([[], ['REF001']]);
  });

  it('accept what their inventory acknowledges, of all variants together', () => {
    const acknowledged = [
      { code: 'REF001', reason: 'made by hand', path: 'one/apps' },
      { code: 'REF002', reason: 'no more', path: 'one' },
    ];
    const inventory = JSON.stringify({
      layers: [{ name: 'apps' }, { name: 'canary', variantOf: 'apps' }],
      objects: [{ kind: 'VirtualService', namespace: 'shop', name: 'way', construct: 'one/apps/way' }],
      acknowledged,
    });
    const folder = folderOf({
      'inventory.json': inventory,
      'apps/apps.k8s.yaml': `${service('web')}---\n${route('web')}`,
      'canary/canary.k8s.yaml': route('wob'),
    });
    const worlds = readWorlds([folder]);
    expect(new Set(worlds.map((world) => world.acknowledged)).size).toBe(1);
    expect(worlds[0]?.acknowledged).toEqual(acknowledged);
    writeFileSync(join(folder, 'inventory.json'), inventory.replace('made by hand', ''));
    expect(() => readWorlds([folder])).toThrow(/inventory\.json:1: REF001 needs a reason/);
  });

  it('of a synth: a second copy of a construct is one finding', () => {
    const json = (kind: string, name: string) => ({ apiVersion: 'v1', kind, metadata: { name, namespace: 'shop' } });
    const copy = (path: string) => [
      { json: json('ServiceAccount', 'jaeger'), path: `${path}/account` },
      { json: json('ConfigMap', 'jaeger'), path: `${path}/config` },
    ];
    expect(prove(fromObjects([...copy('s/tracing/one'), ...copy('s/tracing/two')]))).toMatchObject([
      {
        code: 'OBJ001',
        severity: 'error',
        message: expect.stringContaining('also'),
        hint: 'put one of them into a layer of another namespace, or keep one',
      },
    ]);
    const other = { json: json('ConfigMap', 'other'), path: 's/tracing/three' };
    expect(prove(fromObjects([...copy('s/tracing/one'), ...copy('s/tracing/two'), other, other]))).toHaveLength(2);
  });

  it('of a synth hold every Gateway and gateway: what is not there is an error', () => {
    const way = {
      ...{ apiVersion: 'networking.istio.io/v1', kind: 'VirtualService', metadata: { name: 'way', namespace: 'shop' } },
      spec: { hosts: ['a.test'], gateways: ['main-gateway'], http: [{ route: [{ destination: { host: 'web' } }] }] },
    };
    const web = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace: 'shop' },
      spec: { ports: [{ port: 80 }] },
    };
    const world = fromObjects([way, web].map((json) => ({ json, path: `s/${json.kind}` })));
    expect(prove(world)).toMatchObject([{ code: 'REF003', severity: 'error', path: 's/VirtualService' }]);
  });

  it('of a synth carry construct paths', () => {
    const json = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'shop' }, spec: { ports: 80 } };
    const world = fromObjects([{ json, path: 'shop/apps/web' }]);
    expect(prove(world)).toMatchObject([{ code: 'OBJ004', object: 'Service/shop/web', file: null, path: 'shop/apps/web' }]);
    expect(prove(world)[0]).not.toHaveProperty('line');
  });

  it('of a synth may claim a mesh config', () => {
    const json = {
      apiVersion: 'telemetry.istio.io/v1',
      kind: 'Telemetry',
      metadata: { name: 'default', namespace: 'istio-system' },
      spec: { tracing: [{ providers: [{ name: 'jeager' }] }] },
    };
    const mesh = { extensionProviders: [{ name: 'jaeger', zipkin: { service: 'z.tracing.svc.cluster.local', port: 9411 } }] };
    expect(prove(fromObjects([{ json, path: 'a/b' }], { mesh: { json: mesh, path: 'a/mesh' } }))).toMatchObject([
      { code: 'TRC001', hint: 'did you mean "jaeger"?' },
    ]);
    expect(prove(fromObjects([{ json, path: 'a/b' }]))).toEqual([]);
  });
});

describe('mesh configs in other objects', () => {
  const telemetry = `---\napiVersion: telemetry.istio.io/v1\nkind: Telemetry\nmetadata: {name: default, namespace: istio-system}\nspec: {tracing: [{providers: [{name: otle}]}]}\n`;
  const providers = 'extensionProviders: [{name: otel, opentelemetry: {service: otel.o11y.svc.cluster.local, port: 4317}}]';
  it.each([
    [
      'ConfigMap istio',
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio, namespace: istio-system}\ndata:\n  mesh: |-\n    ${providers}\n`,
    ],
    [
      'ConfigMap of a revision',
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio-canary, namespace: istio-system}\ndata:\n  mesh: '{${providers}}'\n`,
    ],
    [
      'IstioOperator values',
      `apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nspec: {values: {meshConfig: {${providers}}}}\n`,
    ],
    [
      'a HelmRelease of istiod',
      `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: istiod, namespace: istio-system}\nspec: {interval: 1h, chart: {spec: {chart: istiod, sourceRef: {kind: HelmRepository, name: istio}}}, values: {meshConfig: {${providers}}}}\n`,
    ],
    [
      'a Sail Istio',
      `apiVersion: sailoperator.io/v1\nkind: Istio\nmetadata: {name: default}\nspec: {version: v1.30.3, namespace: istio-system, values: {meshConfig: {${providers}}}}\n`,
    ],
    [
      'snake_case',
      `apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nspec: {meshConfig: {${providers.replace('extensionProviders', 'extension_providers')}}}\n`,
    ],
  ])('%s', (_, config) => {
    expect(findingsOf(config + telemetry)).toMatchObject([{ code: 'TRC001', hint: 'did you mean "otel"?' }]);
    expect(findingsOf(config + telemetry.replace('otle', 'otel'))).toEqual([]);
  });

  it('point at the line in the ConfigMap', () => {
    const text =
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio, namespace: istio-system}\ndata:\n  mesh: |-\n    enableTracing: true\n    extensionProvider: []\n';
    expect(findingsOf(text)).toMatchObject([
      {
        code: 'OBJ002',
        line: 7,
        message: 'data.mesh: unknown field extensionProvider',
        hint: 'did you mean "extensionProviders"?',
      },
    ]);
  });
});
