// biome-ignore-all lint/suspicious/noTemplateCurlyInString: strings that only look like templates are what is tested
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { clusterObjectsOnly, type RenderedLayer, type RenderedStack, renderTree } from '../constructs/delivery/index.ts';
import { isObject, type JsonObject } from '../constructs/kit/json.ts';

function object(apiVersion: string, kind: string, name: string, more: JsonObject = {}) {
  const json = { apiVersion, kind, metadata: { name, namespace: 'mesh' }, ...more };
  return { json, path: `app/${kind}-${name}` };
}

function layer(name: string, more: Partial<RenderedLayer> = {}): RenderedLayer {
  return { name, after: [], objects: [object('v1', 'ConfigMap', name)], ...more };
}

function stack(layers: readonly RenderedLayer[], more: Partial<RenderedStack> = {}): RenderedStack {
  return { name: 'demo', layers, files: [], edges: [], ...more };
}

function textOf(tree: ReadonlyMap<string, string>, path: string): string {
  return tree.get(path) ?? expect.fail(`${path} is missing among ${[...tree.keys()]}`);
}

function kinds(text: string): string[] {
  return parseAllDocuments(text).map((document) => String(document.get('kind')));
}

function steps(layers: readonly RenderedLayer[]): string[] {
  return parse(textOf(renderTree([stack(layers)]), 'demo/kustomization.yaml')).resources;
}

function inventory(rendered: RenderedStack) {
  return JSON.parse(textOf(renderTree([rendered]), `${rendered.name}/inventory.json`));
}

test('the files of a stack', () => {
  const operator = { path: 'istioctl/istio-operator.yaml', json: { kind: 'IstioOperator' } };
  const tree = renderTree([stack([layer('mesh'), layer('apps')], { files: [operator] })]);
  expect([...tree.keys()].sort()).toEqual([
    'demo/apps/apps.k8s.yaml',
    'demo/apps/kustomization.yaml',
    'demo/inventory.json',
    'demo/istioctl/istio-operator.yaml',
    'demo/kustomization.yaml',
    'demo/mesh/kustomization.yaml',
    'demo/mesh/mesh.k8s.yaml',
  ]);
  expect(parse(textOf(tree, 'demo/mesh/kustomization.yaml')).resources).toEqual(['mesh.k8s.yaml']);
  for (const [path, text] of tree) if (path.endsWith('.yaml')) expect(text.startsWith('---\n'), path).toBe(true);
});

test('a script lies beside the manifests, is listed as ours, and nobody applies it', () => {
  const rendered = stack([layer('mesh')], { scripts: [{ path: 'smoke-test.sh', text: '#!/bin/sh\n' }] });
  const tree = renderTree([rendered]);
  expect(textOf(tree, 'demo/smoke-test.sh')).toBe('#!/bin/sh\n');
  expect(inventory(rendered).files).toContain('smoke-test.sh');
  expect(parse(textOf(tree, 'demo/kustomization.yaml')).resources).toEqual(['mesh']);
  expect([...clusterObjectsOnly([rendered]).keys()]).toEqual(['demo/mesh/mesh.k8s.yaml']);
  const outside = stack([layer('mesh')], { scripts: [{ path: '../smoke-test.sh', text: '' }] });
  expect(() => renderTree([outside])).toThrow(/must stay inside the stack's folder/);
});

test('objects stand in apply order, whatever order the program made them in', () => {
  const ordered = [
    object('v1', 'Namespace', 'mesh'),
    object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'crd'),
    object('rbac.authorization.k8s.io/v1', 'ClusterRole', 'role'),
    object('v1', 'ServiceAccount', 'account'),
    object('v1', 'ConfigMap', 'a'),
    object('v1', 'ConfigMap', 'b'),
    { json: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'other' } }, path: 'app/other' },
    object('v1', 'Secret', 'a'),
    object('v1', 'Service', 'service'),
    object('apps/v1', 'Deployment', 'workload'),
    object('policy/v1', 'PodDisruptionBudget', 'budget'),
    object('gateway.networking.k8s.io/v1', 'Gateway', 'gateway'),
    object('telemetry.istio.io/v1', 'Telemetry', 'default'),
    object('admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration', 'webhook'),
  ];
  const text = textOf(renderTree([stack([layer('mesh', { objects: ordered })])]), 'demo/mesh/mesh.k8s.yaml');
  expect(kinds(text)).toEqual(ordered.map(({ json }) => json.kind));
  for (const shuffled of [[...ordered].reverse(), [...ordered.slice(6), ...ordered.slice(0, 6)]]) {
    expect(renderTree([stack([layer('mesh', { objects: shuffled })])])).toEqual(
      renderTree([stack([layer('mesh', { objects: ordered })])]),
    );
  }
});

test('layers are rolled out after those they name, by name where nothing orders them', () => {
  const layers = [
    layer('apps', { after: ['mesh', 'observability'] }),
    layer('observability', { after: ['mesh'] }),
    layer('exposure', { after: ['mesh'] }),
    layer('mesh'),
    layer('addons'),
  ];
  expect(steps(layers)).toEqual(['addons', 'mesh', 'exposure', 'observability', 'apps']);
  expect(steps([...layers].reverse())).toEqual(steps(layers));
});

test('an order through an empty layer holds, the layer itself is left out', () => {
  const layers = [layer('a', { after: ['b'] }), layer('b', { after: ['c'], objects: [] }), layer('c')];
  expect(steps(layers)).toEqual(['c', 'a']);
  expect([...renderTree([stack(layers)]).keys()].filter((path) => path.startsWith('demo/b/'))).toEqual([]);
});

test('a new layer changes only the lists that name it', () => {
  const before = renderTree([stack([layer('mesh'), layer('apps', { after: ['mesh'] })])]);
  const after = renderTree([stack([layer('mesh'), layer('addons'), layer('apps', { after: ['mesh'] })])]);
  const changed = [...after].filter(([path, text]) => before.get(path) !== text).map(([path]) => path);
  expect(changed.sort()).toEqual([
    'demo/addons/addons.k8s.yaml',
    'demo/addons/kustomization.yaml',
    'demo/inventory.json',
    'demo/kustomization.yaml',
  ]);
});

test('a variant has a folder and no place in the rollout', () => {
  const layers = [layer('traffic'), layer('canary', { variantOf: 'traffic' })];
  expect(steps(layers)).toEqual(['traffic']);
  expect(renderTree([stack(layers)]).has('demo/canary/canary.k8s.yaml')).toBe(true);
  expect(inventory(stack(layers)).layers).toContainEqual({ name: 'canary', after: [], variantOf: 'traffic' });
});

test('a stack that must be waited for has no kustomization of the whole', () => {
  const tree = renderTree([stack([layer('mesh')], { needsWaiting: true })]);
  expect(tree.has('demo/kustomization.yaml')).toBe(false);
  expect(tree.has('demo/mesh/kustomization.yaml')).toBe(true);
});

const mistakes: readonly (readonly [string, readonly RenderedLayer[], string])[] = [
  [
    'a cycle',
    [layer('a', { after: ['c'] }), layer('b', { after: ['a'] }), layer('c', { after: ['b'] }), layer('d', { after: ['a'] })],
    'a after c after b after a',
  ],
  ['a layer after itself', [layer('a', { after: ['a'] })], 'a after a'],
  [
    'an unknown layer',
    [layer('mesh'), layer('apps', { after: ['mehs'] })],
    'demo/apps: after names layer "mehs", which is no layer of this stack; layers are apps, mesh',
  ],
  [
    'a variant as a step',
    [layer('a'), layer('v', { variantOf: 'a' }), layer('b', { after: ['v'] })],
    'demo/b: after names layer "v", which is a variant of a',
  ],
  ['a variant of nothing', [layer('v', { variantOf: 'gone' })], 'demo/v: variantOf names layer "gone"'],
  ['two layers of one name', [layer('a'), layer('a')], 'two layers named a'],
  ['a name that leaves the folder', [layer('../a')], 'a layer of stack demo is named "../a"'],
  ['a name that differs in case only', [layer('Mesh')], 'is named "Mesh"'],
  ['a folder where a file is', [layer('inventory.json')], 'two things would be written as demo/inventory.json'],
];
test.each(mistakes)('%s is a mistake that is named', (_, layers, message) => {
  expect(() => renderTree([stack(layers)])).toThrow(message);
  expect(() => renderTree([stack(layers)])).toThrow(expect.objectContaining({ name: 'UserError' }));
});

test.each(['../x.yaml', '/x.yaml', 'a//b.yaml', 'inventory.json', 'mesh', 'mesh/mesh.k8s.yaml', 'kustomization.yaml/x'])(
  'file %s is refused',
  (path) => {
    expect(() => renderTree([stack([layer('mesh')], { files: [{ path, json: {} }] })])).toThrow(/must stay inside|two things/);
  },
);

test('two stacks of one name are refused', () => {
  expect(() => renderTree([stack([layer('a')]), stack([layer('b')])])).toThrow('two stacks are named demo');
});

test('an object with `${` or `$$` is kept from Flux, in keys and values, and only such an object', () => {
  const guarded = (json: JsonObject) => {
    const text = textOf(renderTree([stack([layer('mesh', { objects: [{ json, path: 'p' }] })])]), 'demo/mesh/mesh.k8s.yaml');
    return parse(text).metadata?.annotations;
  };
  const base = { apiVersion: 'v1', kind: 'ConfigMap' };
  const disabled = { 'kustomize.toolkit.fluxcd.io/substitute': 'disabled' };
  const metadata = { name: 'x', annotations: { a: 'b' } };
  expect(guarded({ ...base, metadata, data: { 'd.json': '{"expr":"rate(x[${interval}])"}' } })).toEqual({ a: 'b', ...disabled });
  expect(guarded({ ...base, data: { '${k}': 'v' } })).toEqual(disabled);
  expect(guarded({ ...base, list: [[{ deep: 'a\n${b}\n' }]] })).toEqual(disabled);
  expect(guarded({ ...base, metadata, data: { query: 'x{$$__tags}' } })).toEqual({ a: 'b', ...disabled });
  expect(guarded({ ...base, metadata, data: { a: '$(POD) $x {y} $' } })).toEqual({ a: 'b' });
  const own = { name: 'x', annotations: { 'kustomize.toolkit.fluxcd.io/substitute': 'enabled' } };
  expect(guarded({ ...base, metadata: own, data: { a: '${x}' } })).toEqual(own.annotations);
});

test('the inventory lists objects, images, edges, the mesh and every file', () => {
  const pod = {
    containers: [{ image: 'docker.io/a/main:1' }],
    initContainers: [{ image: 'a/init@sha256:0f' }, { image: 'auto' }],
  };
  const deployment = object('apps/v1', 'Deployment', 'web', { spec: { template: { spec: pod } } });
  const second = object('batch/v1', 'CronJob', 'job', {
    spec: { jobTemplate: { spec: { template: { spec: { containers: [{ image: 'docker.io/a/main:1' }] } } } } },
  });
  const collector = object('opentelemetry.io/v1beta1', 'OpenTelemetryCollector', 'otel', {
    spec: { image: 'otel/collector:0.150.0' },
  });
  const kiali = object('kiali.io/v1alpha1', 'Kiali', 'kiali', {
    spec: { deployment: { image_name: 'quay.io/kiali/kiali', image_version: 'v2.30.0' } },
  });
  const release = object('helm.toolkit.fluxcd.io/v2', 'HelmRelease', 'r', {
    spec: { values: { image: { repository: 'b/chart', tag: '2' } } },
  });
  const crd = object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'crd', {
    spec: { properties: { image: 'no/image:1' } },
  });
  const config = object('v1', 'ConfigMap', 'config', { data: { note: 'image: no/image:1' } });
  const edge = { from: 'Telemetry/mesh/default', to: 'Service/mesh/jaeger', what: 'traces' };
  const mesh = { meshConfig: { enableTracing: true } };
  const rendered = stack([layer('apps', { objects: [config, crd, release, kiali, collector, second, deployment] })], {
    edges: [edge],
    mesh,
  });
  const found = inventory(rendered);
  expect(found.images).toEqual([
    { image: 'a/init@sha256:0f', usedBy: ['Deployment/mesh/web'] },
    { image: 'b/chart:2', usedBy: ['HelmRelease/mesh/r'] },
    { image: 'docker.io/a/main:1', usedBy: ['CronJob/mesh/job', 'Deployment/mesh/web'] },
    { image: 'otel/collector:0.150.0', usedBy: ['OpenTelemetryCollector/mesh/otel'] },
    { image: 'quay.io/kiali/kiali:v2.30.0', usedBy: ['Kiali/mesh/kiali'] },
  ]);
  expect(found.edges).toEqual([edge]);
  expect(found.mesh).toEqual(mesh);
  expect(found.objects).toHaveLength(7);
  expect(found.objects).toContainEqual({
    ...{ apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'mesh', name: 'web' },
    ...{ layer: 'apps', file: 'apps/apps.k8s.yaml', construct: 'app/Deployment-web' },
  });
  const paths = [...renderTree([rendered]).keys()].map((path) => path.slice('demo/'.length));
  expect(found.files).toEqual(paths.sort());
  expect(isObject(inventory(stack([layer('a')]))) && 'mesh' in inventory(stack([layer('a')]))).toBe(false);
});

test('only cluster objects, for a folder that others read whole', () => {
  const stacks = [stack([layer('mesh'), layer('none', { objects: [] })], { files: [{ path: 'a/b.yaml', json: {} }] })];
  const tree = clusterObjectsOnly(stacks);
  expect([...tree.keys()]).toEqual(['demo/mesh/mesh.k8s.yaml']);
  expect(tree.get('demo/mesh/mesh.k8s.yaml')).toBe(renderTree(stacks).get('demo/mesh/mesh.k8s.yaml'));
});
