import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, test } from 'vitest';
import type { JsonObject } from '../constructs/kit/json.ts';
import { changed } from './conformance/platform/flux.ts';
import { certainlyBefore, fluxSteps } from './conformance/platform/flux-order.ts';
import { compareMeshConfigs } from './conformance/platform/mesh-config.ts';
import { imagesWithoutHost, onlyMirror, publicHostsIn } from './conformance/platform/mirror.ts';
import { fluxOrderSuffices } from './conformance/platform/needs.ts';
import { stubDefinition } from './conformance/platform/prerequisites.ts';
import { jobsOf, standInPrometheus } from './conformance/platform/prometheus.ts';
import { meshConfigIn, pulledElsewhere } from './conformance/platform/releases.ts';
import { standIns } from './conformance/platform/stand-ins.ts';
import { label, readStacks, type Stack, stackObject } from './conformance/stack.ts';
import { proxyFacts } from './conformance/tracing.ts';

const scratch = mkdtempSync(join(tmpdir(), 'conformance-platform-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const kustomization = (name: string, dependsOn: readonly string[] = [], path = `./dist/site/${name}`): JsonObject => ({
  apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
  kind: 'Kustomization',
  metadata: { name, namespace: 'flux-system' },
  spec: { path, dependsOn: dependsOn.map((one) => ({ name: one })) },
});

describe("Flux's order", () => {
  const names = (...all: JsonObject[]) => fluxSteps(all, '/x/dist/site').map((one) => one.name);

  it('puts each layer after what it depends on, and of those that are ready the last by name first', () => {
    expect(names(kustomization('a', ['c']), kustomization('b'), kustomization('c'), kustomization('d', ['a', 'b']))).toEqual([
      'c',
      'b',
      'a',
      'd',
    ]);
    expect(fluxSteps([kustomization('a')], '/x/dist/site')[0]?.folder).toBe('/x/dist/site/a');
  });

  it('refuses cycles, dependencies that are not there, and paths outside of the stack', () => {
    expect(() => names(kustomization('a', ['b']), kustomization('b', ['a']), kustomization('c'))).toThrow(
      'Kustomizations wait for each other: a, b',
    );
    expect(() => names(kustomization('a', ['b']))).toThrow('Kustomization a depends on b, which is not there');
    expect(() => names(kustomization('a', [], './dist/other/a'))).toThrow(
      "Kustomization a has path './dist/other/a', which is no layer of site",
    );
  });

  it('tells what is certainly there before a layer: what it depends on, however far, and nothing that merely went first', () => {
    const steps = fluxSteps(
      ['a', 'b', 'c', 'd'].map((name, i, all) => kustomization(name, i === 0 || i === 3 ? [] : [all[i - 1] ?? ''])),
      '/dist/site',
    );
    const c = steps.find(({ name }) => name === 'c');
    expect(c && certainlyBefore(c, steps).map(({ name }) => name)).toEqual(['c', 'b', 'a']);
  });
});

const metadata = (name: string, namespace?: string) => ({ metadata: { name, ...(namespace && { namespace }) } });
const namespace = (name: string) => ({ apiVersion: 'v1', kind: 'Namespace', ...metadata(name) });
const release = (chart: string, home: string, values: JsonObject = {}) => ({
  apiVersion: 'helm.toolkit.fluxcd.io/v2',
  kind: 'HelmRelease',
  ...metadata(chart, home),
  spec: { chart: { spec: { chart, version: '1.2.3', sourceRef: { kind: 'HelmRepository', name: 'x' } } }, values },
});
const pool = {
  apiVersion: 'metallb.io/v1beta1',
  kind: 'IPAddressPool',
  ...metadata('pool', 'metallb-system'),
  spec: { addresses: ['10.0.0.1/32'] },
};

/** A stack in a folder of its own: the objects of each layer, and Flux's Kustomizations with what each depends on. */
function delivered(layers: Readonly<Record<string, readonly JsonObject[]>>, after: Readonly<Record<string, readonly string[]>>) {
  const dist = mkdtempSync(join(scratch, 'dist-'));
  const flux = Object.keys(layers).map((name) => kustomization(name, after[name]));
  const all: [string, readonly JsonObject[]][] = [...Object.entries(layers), ['flux', flux]];
  for (const [name, objects] of all) {
    mkdirSync(join(dist, 'site', name), { recursive: true });
    writeFileSync(join(dist, 'site', name, `${name}.k8s.yaml`), objects.map((one) => `---\n${JSON.stringify(one)}\n`).join(''));
  }
  const objects = all.map(([layer]) => ({ layer, file: `${layer}/${layer}.k8s.yaml` }));
  const inventory = { layers: all.map(([name]) => ({ name, after: [] })), objects, mirror: 'harbor.site.example/mesh' };
  writeFileSync(join(dist, 'site/inventory.json'), JSON.stringify(inventory));
  return dist;
}

const read = (...args: Parameters<typeof delivered>): Stack => {
  const [stack] = readStacks(delivered(...args));
  if (!stack) throw new Error('no stack');
  return stack;
};

describe('a stack that Flux delivers', () => {
  const layers = { charts: [namespace('metallb-system'), release('metallb', 'metallb-system')], addresses: [pool] };

  it('is applied by what Flux reads, then in its order; other folders have no step', () => {
    const stack = read(layers, { addresses: ['charts'] });
    expect(stack.steps.map((one) => one.split('/site/')[1])).toEqual(['flux', 'charts', 'addresses']);
    expect(stack.mirror).toBe('harbor.site.example/mesh');
    expect(stack.mesh).toBeUndefined();
  });

  it('has every layer delivered', () => {
    const dist = delivered(layers, { addresses: ['charts'] });
    writeFileSync(join(dist, 'site/flux/flux.k8s.yaml'), JSON.stringify(kustomization('charts')));
    expect(() => readStacks(dist)).toThrow('no Flux Kustomization delivers addresses');
  });

  it('takes its mesh config from the values of the istiod chart', () => {
    const values = { meshConfig: { enableTracing: true } };
    const stack = read({ istio: [namespace('istio-system'), release('istiod', 'istio-system', values)] }, {});
    expect(stack.mesh).toEqual(values.meshConfig);
  });

  it('has each layer depend on what makes its namespace and brings its CRDs', () => {
    const told = (
      after: Readonly<Record<string, readonly string[]>>,
      all: typeof layers | Record<string, JsonObject[]> = layers,
    ) => fluxOrderSuffices(read(all, after));
    expect(told({ addresses: ['charts'] })).toMatchObject([{ status: 'passed' }]);
    expect(told({})).toMatchObject([
      {
        status: 'failed',
        reasons: [
          'addresses: IPAddressPool/metallb-system/pool: no layer that it depends on makes namespace metallb-system',
          'addresses: IPAddressPool/metallb-system/pool: no layer that it depends on brings metallb.io',
        ],
      },
    ]);
    // The chart of its own layer comes too late for it.
    expect(told({}, { charts: [...layers.charts, pool] })).toMatchObject([
      { status: 'failed', reasons: ['charts: IPAddressPool/metallb-system/pool: no layer that it depends on brings metallb.io'] },
    ]);
  });
});

describe("Flux's build", () => {
  const config = (data: JsonObject, labels?: JsonObject) =>
    stackObject({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', ...(labels && { labels }) }, data });
  const own = { 'kustomize.toolkit.fluxcd.io/name': 'x' };

  it('may add its own labels, and nothing else', () => {
    expect(changed([config({ a: 'x', b: 'y' })], [config({ b: 'y', a: 'x' }, own)])).toEqual([]);
    expect(changed([config({ a: 'x' }, { app: 'a' })], [config({ a: 'x' }, { ...own, app: 'a' })])).toEqual([]);
    expect(changed([config({ a: '$$x' })], [config({ a: '$x' }, own)])).toEqual(['ConfigMap/a is another object']);
    expect(changed([config({ a: 'x' }, { app: 'a' })], [config({ a: 'x' }, own)])).toEqual(['ConfigMap/a is another object']);
    expect(changed([config({})], [])).toEqual(['ConfigMap/a is gone']);
    expect(changed([], [config({})])).toEqual(['ConfigMap/a is new']);
  });
});

describe('a mirror', () => {
  it.each([
    ['image: docker.io/istio/pilot:1', 'docker.io'],
    ['url: oci://ghcr.io/prometheus-community/charts', 'ghcr.io'],
    ['url: https://prometheus-community.github.io/helm-charts', 'prometheus-community.github.io'],
    ['"image":"registry.k8s.io/ingress-nginx/controller"', 'registry.k8s.io'],
    ['hub: Quay.IO', 'quay.io'],
    ['image: us-docker.pkg.dev/x/y', 'us-docker.pkg.dev'],
  ])('leaves no %s', (source, host) => expect(publicHostsIn(`a\n${source}\n`)).toEqual([{ host, line: 2 }]));

  it.each([
    'image: harbor.site.example/mesh/istio/pilot:1',
    'apiVersion: networking.k8s.io/v1',
    'url: oci://harbor.site.example/mesh/charts',
    'image: notquay.io.example/x',
    'host: my-docker.io.example',
  ])('takes %s', (source) => expect(publicHostsIn(source)).toEqual([]));

  it('finds images that name no registry, in pods and in chart values', () => {
    const bare = {
      containers: [{ image: 'grafana/grafana:1' }, { image: 'harbor.site.example/x:1' }, { image: 'localhost/x' }],
      grafana: { image: { repository: 'grafana/grafana' } },
      proxy: { image: { registry: 'harbor.site.example', repository: 'mesh/proxy' } },
      note: { text: 'a/b', image: 'auto' },
    };
    expect(imagesWithoutHost(bare)).toEqual(['grafana/grafana:1', 'grafana/grafana']);
  });

  it('is looked for in every file, the inventory included', () => {
    const dist = delivered({ apps: [namespace('apps')] }, {});
    const [stack] = readStacks(dist);
    expect(stack && onlyMirror(stack)).toMatchObject([{ status: 'passed' }]);
    writeFileSync(join(dist, 'site/apps/notes.txt'), 'see\nquay.io/x\n');
    expect(stack && onlyMirror(stack)).toMatchObject([{ status: 'failed', reasons: ['apps/notes.txt:2: quay.io'] }]);
  });

  it('is where rendered charts pull from, what istiod injects included', () => {
    const pod = (image: string) =>
      stackObject({ apiVersion: 'apps/v1', kind: 'Deployment', ...metadata('a'), spec: { c: [{ image }] } });
    const injector = (hub: string) =>
      stackObject({
        ...{ apiVersion: 'v1', kind: 'ConfigMap', ...metadata('istio-sidecar-injector') },
        data: { values: JSON.stringify({ global: { hub } }) },
      });
    const mirror = 'harbor.site.example/mesh';
    expect(pulledElsewhere([pod('auto'), pod(`${mirror}/pilot:1`), injector(`${mirror}/release`)], mirror)).toEqual([]);
    expect(pulledElsewhere([pod('docker.io/istio/pilot:1'), injector('docker.io/istio')], mirror)).toEqual([
      'image docker.io/istio/pilot:1',
      "the injector's hub docker.io/istio",
    ]);
  });
});

test("a waypoint's tunnel is no listener of the mesh, what comes out of it is", () => {
  const listener = (name: string) => ({
    name,
    filterChains: [{ filters: [{ typedConfig: { httpFilters: [], routeConfig: {} } }] }],
  });
  const dynamicListeners = ['connect_terminate', 'main_internal'].map((name) => ({ activeState: { listener: listener(name) } }));
  expect(proxyFacts({ configs: [{ dynamicListeners }] }).tracing.map((one) => one.listener)).toEqual(['main_internal']);
});

describe('mesh configs', () => {
  it('are compared key by key', () => {
    const meant = { enableTracing: true, extensionProviders: [{ name: 'a', zipkin: { service: 'z', port: 9411 } }] };
    const rendered = {
      trustDomain: 'x',
      extensionProviders: [{ zipkin: { port: 9411, service: 'z' }, name: 'a' }],
      enableTracing: true,
    };
    expect(compareMeshConfigs(meant, rendered)).toEqual({ lost: [], added: ['trustDomain'] });
    expect(
      compareMeshConfigs(meant, { extensionProviders: [{ name: 'a', zipkin: { service: 'y', port: 9411, more: 1 } }] }),
    ).toEqual({
      lost: ['enableTracing is not there, not true', 'extensionProviders[0].zipkin.service is "y", not "z"'],
      added: ['extensionProviders[0].zipkin.more'],
    });
    expect(compareMeshConfigs({ a: [1] }, { a: [1, 2] }).lost).toEqual(['a is [1,2], not [1]']);
  });

  it('lie in the ConfigMap of istiod, of whatever revision', () => {
    const map = (name: string, data: JsonObject) => ({ apiVersion: 'v1', kind: 'ConfigMap', ...metadata(name), data });
    expect(meshConfigIn([map('values', { mesh: 'no' }), map('istio-values', {}), map('istio-canary', { mesh: 'a: 1' })])).toBe(
      'a: 1',
    );
    expect(meshConfigIn([map('istiod', { mesh: 'a: 1' })])).toBeUndefined();
  });
});

describe('stand-ins', () => {
  it('are made for what charts and operators make, not for what the rig has, and for each Certificate', () => {
    const certificate = {
      ...{ apiVersion: 'cert-manager.io/v1', kind: 'Certificate', ...metadata('page', 'istio-system') },
      spec: { secretName: 'page-tls', dnsNames: ['page.example'] },
    };
    const kiali = { apiVersion: 'kiali.io/v1alpha1', kind: 'Kiali', ...metadata('kiali', 'istio-system'), spec: {} };
    const stack = read({ istio: [namespace('istio-system'), release('istiod', 'istio-system'), kiali, certificate] }, {});
    const made = standIns(stack, { crt: 'CRT', key: 'KEY' });
    expect(made.map(label)).toEqual([
      'Secret/istio-system/page-tls',
      'Deployment/istio-system/kiali',
      'Service/istio-system/kiali',
    ]);
    expect(made[0]?.json).toMatchObject({ type: 'kubernetes.io/tls', stringData: { 'tls.crt': 'CRT', 'tls.key': 'KEY' } });
    expect(made[2]?.json).toMatchObject({ spec: { ports: [{ name: 'http-20001', port: 20001 }, { port: 9090 }] } });
  });

  it('define kinds that nobody here has a CRD of, in each version that is used', () => {
    const middleware = stackObject({ apiVersion: 'traefik.io/v1alpha1', kind: 'Middleware', ...metadata('https', 'apps') });
    expect(stubDefinition(middleware, ['v1alpha1', 'v1'])).toMatchObject({
      metadata: { name: 'middlewares.traefik.io' },
      spec: {
        scope: 'Namespaced',
        versions: [
          { name: 'v1alpha1', storage: true },
          { name: 'v1', storage: false },
        ],
      },
    });
  });

  const prometheusOf = (prometheusSpec: JsonObject) =>
    standInPrometheus({ release: 'kps', namespace: 'monitoring', values: { prometheus: { prometheusSpec } } }).json.spec;

  it('of a Prometheus select as the chart makes it: its own release alone, unless the values widen it', () => {
    expect(prometheusOf({})).toMatchObject({
      serviceMonitorSelector: { matchLabels: { release: 'kps' } },
      ruleNamespaceSelector: {},
    });
    expect(prometheusOf({ serviceMonitorSelectorNilUsesHelmValues: false })).toMatchObject({
      serviceMonitorSelector: {},
      podMonitorSelector: { matchLabels: { release: 'kps' } },
    });
    expect(prometheusOf({ ruleSelector: { matchLabels: { a: 'b' } } })).toMatchObject({
      ruleSelector: { matchLabels: { a: 'b' } },
    });
    expect(standInPrometheus(undefined).json.spec).toMatchObject({ serviceMonitorSelector: {}, podMonitorSelector: {} });
  });

  it('know the scrape jobs that the Prometheus operator makes of monitors', () => {
    const monitor = (kind: string, spec: JsonObject) =>
      stackObject({ apiVersion: 'monitoring.coreos.com/v1', kind, ...metadata('m', 'n'), spec });
    expect(jobsOf(monitor('ServiceMonitor', { endpoints: [{}, {}] }))).toEqual(['serviceMonitor/n/m/0', 'serviceMonitor/n/m/1']);
    expect(jobsOf(monitor('PodMonitor', { podMetricsEndpoints: [{}] }))).toEqual(['podMonitor/n/m/0']);
    expect(jobsOf(monitor('PrometheusRule', { groups: [] }))).toEqual([]);
  });
});
