import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiObject } from 'cdk8s';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, test, vi } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { Renaming } from '../constructs/delivery/mirror/index.ts';
import {
  type ChartName,
  Collector,
  charts,
  existingSink,
  HelmRelease,
  type ImageMirror,
  Layer,
  Mesh,
  MeshApp,
  Stack,
} from '../constructs/index.ts';
import { chartImages } from '../constructs/kit/helm/chart-images.ts';
import { imageName, imageReference } from '../constructs/kit/image-reference.ts';
import { Endpoint } from '../constructs/kit/index.ts';
import { isObject, type Json, type JsonObject } from '../constructs/kit/json.ts';
import { publicHost, publicName } from '../constructs/kit/registries.ts';
import type { Loose } from './support/synth.ts';

const registry = 'harbor.site.example/mesh';
/** Said here once more, so that a host left out of the library's own list is missed by nobody. */
const publicHosts =
  /docker\.io|quay\.io|ghcr\.io|registry\.k8s\.io|gcr\.io|registry\.istio\.io|public\.ecr\.aws|mcr\.microsoft\.com|pkg\.dev|github\.io|storage\.googleapis\.com|kiali\.org\/helm/;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mirror-'));
  vi.spyOn(console, 'error').mockReturnValue(undefined);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
  vi.restoreAllMocks();
});

let count = 0;
interface Built {
  readonly objects: Loose[];
  readonly inventory: Loose;
  readonly texts: ReadonlyMap<string, string>;
}

/** What a mirrored stack of one layer writes; the proof is not what is tested here. */
function built(fill: (layer: Layer) => void, mirror: string | ImageMirror = registry): Built {
  const out = join(folder, String(count++));
  const app = new MeshApp({ outdir: out, proof: 'skip' });
  const stack = new Stack(app, 'site', mirror === '' ? {} : { mirror });
  fill(new Layer(stack, 'layer', { namespace: 'ns' }));
  app.synth();
  const files = readdirSync(out, { recursive: true, encoding: 'utf8' }).filter((file) => /\.(yaml|json)$/.test(file));
  const texts = new Map(files.map((file) => [file, readFileSync(join(out, file), 'utf8')]));
  return {
    objects: parseAllDocuments(texts.get('site/layer/layer.k8s.yaml') ?? '').map((document) => document.toJS()),
    inventory: JSON.parse(texts.get('site/inventory.json') ?? ''),
    texts,
  };
}

function add(layer: Layer, apiVersion: string, kind: string, rest: JsonObject, name = kind.toLowerCase()): void {
  new ApiObject(layer, `${kind}-${name}`, { apiVersion, kind, metadata: { name }, ...rest });
}

function deployment(layer: Layer, image: string, name = 'web', more: JsonObject = {}): void {
  const spec = { containers: [{ name: 'main', image }], ...more };
  add(layer, 'apps/v1', 'Deployment', { spec: { template: { spec } } }, name);
}

function one({ objects }: Built, kind: string, name?: string): Loose {
  return objects.find((o) => o.kind === kind && (name === undefined || o.metadata.name === name)) ?? expect.fail(`no ${kind}`);
}

/** The values of one release. */
function values(chart: ChartName, given: JsonObject = {}, mirror: string | ImageMirror = registry): Loose {
  return one(
    built((layer) => {
      new HelmRelease(layer, chart, { chart, values: given });
    }, mirror),
    'HelmRelease',
  ).spec.values;
}

const names: readonly (readonly [image: string, mirrored: string])[] = [
  ['docker.io/grafana/tempo:3.0.3', 'grafana/tempo:3.0.3'],
  ['index.docker.io/grafana/tempo:3.0.3', 'grafana/tempo:3.0.3'],
  ['grafana/tempo', 'grafana/tempo'],
  ['nginx:1.29', 'library/nginx:1.29'],
  ['docker.io/traefik:v3', 'library/traefik:v3'],
  ['quay.io/kiali/kiali:v2.29', 'kiali/kiali:v2.29'],
  ['registry.k8s.io/pause:3.10', 'pause:3.10'],
  ['europe-docker.pkg.dev/team/repo/app:1', 'team/repo/app:1'],
  [`ghcr.io/a/b:1@sha256:${'a'.repeat(64)}`, `a/b:1@sha256:${'a'.repeat(64)}`],
];
test.each(names)('%s is MIRROR/%s', (image, mirrored) => {
  const found = one(
    built((layer) => deployment(layer, image)),
    'Deployment',
  );
  expect(found.spec.template.spec.containers[0].image).toBe(`${registry}/${mirrored}`);
});

const kept = [
  'registry.corp.example/team/app:1',
  'registry.corp.example:5000/app',
  'localhost:5000/app:1',
  `${registry}/grafana/tempo:1`,
];
test.each(kept)('%s is the site’s own: it stays, and nothing is said to copy it from', (image) => {
  const result = built((layer) => deployment(layer, image));
  expect(one(result, 'Deployment').spec.template.spec.containers[0].image).toBe(image);
  expect(result.inventory.images).toEqual([{ image, usedBy: ['Deployment/ns/web'] }]);
});

test('a name is read in its parts, and written from them', () => {
  expect(imageReference('a.example:5000/x/y:1@sha256:0f')).toEqual({
    ...{ host: 'a.example:5000', path: 'x/y', tag: '1', digest: 'sha256:0f' },
  });
  expect(imageName({ host: 'a.example', path: 'x', tag: '1' })).toBe('a.example/x:1');
  for (const none of ['', 'A B', 'https://quay.io/x', '{{ .Values.image }}', '/x', 'x:'])
    expect(imageReference(none), none).toBeUndefined();
});

test('a public host has a name that leads back to it', () => {
  for (const host of [
    'docker.io',
    'quay.io',
    'kiali.org',
    'metallb.github.io',
    'eu.gcr.io',
    'us-docker.pkg.dev',
    'x.storage.googleapis.com',
  ]) {
    const name = publicName(host) ?? expect.fail(host);
    expect(publicHost(name)).toBe(host);
    expect(name).not.toMatch(publicHosts);
  }
  expect(publicName('harbor.site.example')).toBeUndefined();
  expect(publicHost('nobody')).toBeUndefined();
});

test('whatever the name, the mirror’s leads back to the public one', () => {
  const part = fc.stringMatching(/^[a-z0-9]{1,5}(?:[._-][a-z0-9]{1,4})?$/);
  const hosts = fc.constantFrom(
    'docker.io',
    'quay.io',
    'ghcr.io',
    'gcr.io',
    'eu.gcr.io',
    'us-docker.pkg.dev',
    'registry.k8s.io',
    'registry.istio.io',
  );
  const tags = fc.option(fc.stringMatching(/^[A-Za-z0-9_][\w.-]{0,9}$/), { nil: undefined });
  fc.assert(
    fc.property(hosts, fc.array(part, { minLength: 1, maxLength: 4 }), tags, (host, path, tag) => {
      const name = imageName({ host, path: path.join('/'), ...(tag === undefined ? {} : { tag }) });
      const public_ = imageReference(name) ?? expect.fail(name);
      const { name: there, from } = new Renaming({ registry }, 's').image(name);
      expect(there.startsWith(`${registry}/`)).toBe(true);
      expect(`${publicHost(from ?? '')}${there.slice(registry.length)}`).toBe(imageName(public_));
      // What is mirrored stays so.
      expect(new Renaming({ registry }, 's').image(there)).toEqual({ name: there, from: undefined });
    }),
  );
});

describe('a stack of everything that names images', () => {
  let result: Built;
  beforeAll(() => {
    result = built(
      (layer) => {
        const container = (image: string) => [{ name: 'c', image }];
        deployment(layer, 'docker.io/a/main:1', 'web', {
          initContainers: container('docker.io/a/init:1'),
          ephemeralContainers: container('docker.io/a/debug:1'),
          volumes: [{ name: 'model', image: { reference: 'quay.io/a/model:1' } }],
        });
        add(layer, 'batch/v1', 'CronJob', {
          spec: { jobTemplate: { spec: { template: { spec: { containers: container('docker.io/a/cron:1') } } } } },
        });
        add(layer, 'v1', 'Pod', {
          metadata: { name: 'pod', annotations: { 'sidecar.istio.io/proxyImage': 'registry.istio.io/release/proxyv2:1.30.2' } },
          spec: {
            containers: [
              {
                ...{ name: 'c', image: 'auto', args: ['--acme-http01-solver-image=quay.io/a/solver:1', '--verbose'] },
                env: [{ name: 'RELATED_IMAGE_x', value: 'ghcr.io/a/related:1' }],
              },
            ],
          },
        });
        add(layer, 'opentelemetry.io/v1alpha1', 'Instrumentation', {
          spec: { java: { image: 'ghcr.io/a/java:1' }, nginx: { image: 'a/nginx:1' } },
        });
        add(layer, 'kiali.io/v1alpha1', 'Kiali', {
          spec: { deployment: { image_name: 'quay.io/kiali/kiali', image_version: 'v2.29' } },
        });
        add(layer, 'extensions.istio.io/v1alpha1', 'WasmPlugin', { spec: { url: 'oci://ghcr.io/a/wasm:1' } });
        add(layer, 'extensions.istio.io/v1alpha1', 'WasmPlugin', { spec: { url: 'a/plain:1' } }, 'plain');
        add(layer, 'extensions.istio.io/v1alpha1', 'TrafficExtension', {
          spec: { wasm: { url: 'oci://ghcr.io/a/extension:1' } },
        });
        add(layer, 'extensions.istio.io/v1alpha1', 'TrafficExtension', { spec: { lua: { inlineCode: 'x' } } }, 'lua');
        add(layer, 'sailoperator.io/v1', 'Istio', { spec: { version: 'v1.30.3' } });
        add(layer, 'sailoperator.io/v1', 'IstioCNI', {
          spec: { version: 'v1.30.3', values: { global: { hub: 'docker.io/istio' } } },
        });
        add(layer, 'sailoperator.io/v1', 'ZTunnel', { spec: { version: 'v1.30.3' } });
        add(layer, 'v1', 'ConfigMap', {
          data: {
            'template.yaml': 'spec:\n  containers:\n    - image: docker.io/a/templated:1\n      args: [ghcr.io/a/arg]\n',
            'config.json': '{"image":"quay.io/a/json:1"}',
          },
        });
        add(layer, 'apiextensions.k8s.io/v1', 'CustomResourceDefinition', { spec: { names: { kind: 'X' } } }, 'x.example.com');
        new Collector(layer, 'otel', {
          runAs: 'operator',
          exportTo: [existingSink({ 'otlp-grpc': Endpoint.external({ protocol: 'otlp-grpc', host: 'tempo.ns', port: 4317 }) })],
        });
        new Mesh(layer, 'istio', {});
        for (const chart of Object.keys(charts).filter((name): name is ChartName => name in charts))
          new HelmRelease(layer, chart, { chart });
      },
      { registry, pullSecret: 'harbor' },
    );
  });

  it('names no public host, in whichever file', () => {
    const left = [...result.texts].flatMap(([file, text]) =>
      text.split('\n').flatMap((line) => (publicHosts.test(line) ? [`${file}: ${line}`] : [])),
    );
    expect(left).toEqual([]);
  });

  it('pulls each of them from the mirror, where it stood', () => {
    const pod = one(result, 'Pod');
    expect(pod.metadata.annotations['sidecar.istio.io/proxyImage']).toBe(`${registry}/release/proxyv2:1.30.2`);
    expect(pod.spec.containers[0]).toMatchObject({
      ...{ image: 'auto', args: [`--acme-http01-solver-image=${registry}/a/solver:1`, '--verbose'] },
      env: [{ name: 'RELATED_IMAGE_x', value: `${registry}/a/related:1` }],
    });
    expect(one(result, 'Deployment', 'web').spec.template.spec).toMatchObject({
      initContainers: [{ image: `${registry}/a/init:1` }],
      ephemeralContainers: [{ image: `${registry}/a/debug:1` }],
      volumes: [{ image: { reference: `${registry}/a/model:1` } }],
    });
    expect(one(result, 'Instrumentation').spec).toEqual({
      java: { image: `${registry}/a/java:1` },
      nginx: { image: `${registry}/a/nginx:1` },
    });
    expect(one(result, 'Kiali').spec.deployment).toMatchObject({ image_name: `${registry}/kiali/kiali`, image_version: 'v2.29' });
    expect(one(result, 'WasmPlugin', 'wasmplugin').spec.url).toBe(`oci://${registry}/a/wasm:1`);
    expect(one(result, 'WasmPlugin', 'plain').spec.url).toBe(`${registry}/a/plain:1`);
    expect(one(result, 'Istio').spec.values.global.hub).toBe(`${registry}/release`);
    expect(one(result, 'IstioCNI').spec.values.global.hub).toBe(`${registry}/istio`);
    expect(one(result, 'ZTunnel').spec.values.global.hub).toBe(`${registry}/release`);
    expect(one(result, 'ConfigMap', 'configmap').data['template.yaml']).toContain(`image: ${registry}/a/templated:1\n`);
    expect(one(result, 'OpenTelemetryCollector').spec.image).toMatch(`${registry}/open-telemetry/`);
    expect(result.texts.get('site/istioctl/istio-operator.yaml')).toContain(`hub: ${registry}/release\n`);
  });

  it('says what to copy and from where', () => {
    const sources = new Map(result.inventory.images.map(({ image, from }: Loose) => [image, from]));
    expect(result.inventory.mirror).toBe(registry);
    for (const [image, from] of [
      ['a/debug:1', 'docker-hub'],
      ['a/solver:1', 'quay'],
      ['a/wasm:1', 'github'],
      ['release/pilot:1.30.3', 'istio'],
      ['release/ztunnel:1.30.3-distroless', 'istio'],
      ['istio/install-cni:1.30.3', 'docker-hub'],
      ['jetstack/cert-manager-acmesolver:v1.21.1', 'quay'],
      ['prometheus/alertmanager:v0.34.0', 'quay'],
    ])
      expect(sources.get(`${registry}/${image}`), image).toBe(from);
    expect(result.inventory.charts.map(({ chart }: Loose) => chart)).toEqual(Object.keys(charts).sort());
    expect(result.inventory.charts).toContainEqual({
      ...{ chart: 'kiali-operator', version: '2.29.0', source: `oci://${registry}/charts` },
      ...{ from: 'https://kiali/helm-charts', usedBy: ['HelmRelease/ns/kiali-operator'] },
    });
  });

  it('fetches its charts from the mirror, with the Secret', () => {
    expect(one(result, 'HelmRepository', 'istio').spec).toMatchObject({
      ...{ type: 'oci', url: `oci://${registry}/charts`, secretRef: { name: 'harbor' } },
    });
    expect(one(result, 'OCIRepository', 'tempo').spec).toMatchObject({
      ...{ url: `oci://${registry}/charts/tempo`, ref: { tag: charts.tempo.version }, secretRef: { name: 'harbor' } },
    });
  });

  it('pulls with the Secret: every pod, and what operators make', () => {
    const secrets = [{ name: 'harbor' }];
    expect(one(result, 'Deployment', 'web').spec.template.spec.imagePullSecrets).toEqual(secrets);
    expect(one(result, 'CronJob').spec.jobTemplate.spec.template.spec.imagePullSecrets).toEqual(secrets);
    expect(one(result, 'Pod').spec.imagePullSecrets).toEqual(secrets);
    for (const account of result.objects.filter(({ kind }) => kind === 'ServiceAccount'))
      expect(account.imagePullSecrets).toEqual(secrets);
    // The account that the operator would make for it knows no Secret.
    expect(one(result, 'OpenTelemetryCollector').spec.serviceAccount).toBe('otel-collector');
    expect(one(result, 'ServiceAccount', 'otel-collector').metadata.namespace).toBe('ns');
    expect(one(result, 'Kiali').spec.deployment.image_pull_secrets).toEqual(['harbor']);
    expect(one(result, 'WasmPlugin').spec.imagePullSecret).toBe('harbor');
    expect(one(result, 'TrafficExtension', 'trafficextension').spec.wasm).toEqual({
      ...{ url: `oci://${registry}/a/extension:1`, imagePullSecret: 'harbor' },
    });
    expect(one(result, 'TrafficExtension', 'lua').spec).toEqual({ lua: { inlineCode: 'x' } });
    expect(one(result, 'Istio').spec.values.global.imagePullSecrets).toEqual(['harbor']);
    for (const chart of Object.keys(charts).filter((name) => name !== 'base')) {
      const text = JSON.stringify(one(result, 'HelmRelease', chart).spec.values);
      const form = chartImages[chart]?.pullSecrets?.[0]?.as;
      expect(text, chart).toContain(form === 'names' ? '["harbor"]' : '[{"name":"harbor"}]');
    }
  });
});

test('every chart of the catalog has its images in the table, and no image of it is without a tag', () => {
  for (const { chart } of Object.values(charts)) expect(Object.keys(chartImages)).toContain(chart);
  for (const { image } of Object.values(chartImages).flatMap(({ images }) => images)) {
    expect(image).toMatch(/^[a-z.0-9]+\/[a-z/0-9-]+:(v?\{version\}|v?\d+\.\d+[\w.-]*)$/);
    expect(publicName(image.split('/')[0] ?? '')).toBeDefined();
  }
});

describe('values of a chart', () => {
  it('that name an image keep their words, from the mirror', () => {
    const manager = { image: { repository: 'quay.io/ours/operator', tag: '7' }, collectorImage: { tag: '0.1.0' } };
    expect(values('opentelemetry-operator', { manager, replicaCount: 2 })).toMatchObject({
      replicaCount: 2,
      manager: {
        image: { repository: `${registry}/ours/operator`, tag: '7' },
        collectorImage: { repository: expect.stringMatching(`^${registry}/.*-collector-k8s$`), tag: '0.1.0' },
      },
    });
    const sail = values('sail-operator', { image: 'quay.io/ours/sail:2' });
    expect(sail.image).toBe(`${registry}/ours/sail:2`);
    expect(values('traefik', { image: { registry: 'ghcr.io', repository: 'ours/traefik' } }).image).toEqual({
      ...{ registry: 'harbor.site.example', repository: 'mesh/ours/traefik', tag: 'v3.6.0' },
    });
  });

  it('that name an image no table knows are mirrored as well', () => {
    const extra = { deployment: { additionalContainers: [{ name: 'x', image: 'alpine/socat:1.0.5' }] } };
    expect(values('traefik', extra).deployment.additionalContainers[0].image).toBe(`${registry}/alpine/socat:1.0.5`);
  });

  it('that already hold Kiali’s variable, the chart’s registries or digests do not hold them twice', () => {
    const env = [
      { name: 'A', value: 'b' },
      { name: 'RELATED_IMAGE_kiali_default', value: 'quay.io/kiali/kiali:v9' },
    ];
    expect(values('kiali-operator', { env }).env).toEqual([
      { name: 'A', value: 'b' },
      { name: 'RELATED_IMAGE_kiali_default', value: `${registry}/kiali/kiali:v9` },
    ]);
    expect(values('ingress-nginx').controller.image).toMatchObject({ digest: '', digestChroot: '', tag: 'v1.15.1' });
  });

  it('with one registry for all take paths in it', () => {
    const grafana = { image: { registry: 'quay.io', repository: 'ours/grafana' }, persistence: { enabled: true } };
    const stack = values(
      'kube-prometheus-stack',
      { grafana, global: { imagePullSecrets: [{ name: 'own' }] } },
      { registry, pullSecret: 's' },
    );
    expect(stack.global).toEqual({ imageRegistry: registry, imagePullSecrets: [{ name: 'own' }, { name: 's' }] });
    expect(stack.grafana.image).toEqual({ repository: 'ours/grafana', tag: '13.2.0' });
    // Only pulled with a volume to hand over.
    expect(stack.grafana.initChownData.image).toEqual({ tag: '1.37.0' });
    expect(values('kube-prometheus-stack').grafana.initChownData).toBeUndefined();
  });

  it('that switch a part of the chart off need no image of it', () => {
    const off = values('metallb', { frrk8s: { enabled: false } });
    expect(off['frr-k8s']).toBeUndefined();
    expect(values('metallb')['frr-k8s'].frrk8s.image.repository).toBe(`${registry}/metallb/frr-k8s`);
    expect(values('kube-prometheus-stack', { grafana: { enabled: false } }).grafana).toEqual({ enabled: false });
  });

  it('of Istio in ambient mode pull the slim images', () => {
    const result = built((layer) => {
      new HelmRelease(layer, 'istiod', { chart: 'istiod', values: { profile: 'ambient' } });
    });
    expect(result.inventory.images.map(({ image }: Loose) => image)).toEqual([
      `${registry}/release/pilot:1.30.3-distroless`,
      `${registry}/release/proxyv2:1.30.3-distroless`,
    ]);
  });
});

const sha = `sha256:${'0123456789abcdef'.repeat(4)}`;
const hex = sha.slice('sha256:'.length);
const forms: readonly (readonly [chart: ChartName, image: string, path: string, expected: string])[] = [
  ['metallb', 'metallb/speaker:v0.16.1', 'speaker.image.tag', `v0.16.1@${sha}`],
  ['cert-manager', 'jetstack/cert-manager-webhook:v1.21.1', 'webhook.image.digest', sha],
  ['ingress-nginx', 'ingress-nginx/controller:v1.15.1', 'controller.image.digest', sha],
  ['kube-prometheus-stack', 'grafana/grafana:13.2.0', 'grafana.image.sha', hex],
  ['kube-prometheus-stack', 'kube-state-metrics/kube-state-metrics:v2.20.0', 'kube-state-metrics.image.sha', sha],
  ['istiod', 'release/proxyv2:1.30.3', 'global.proxy.image', `${registry}/release/proxyv2:1.30.3@${sha}`],
  ['sail-operator', 'sail-dev/sail-operator:1.30.3', 'image', `${registry}/sail-dev/sail-operator:1.30.3@${sha}`],
  ['kiali-operator', 'kiali/kiali:v2.29.0', 'env.0.value', `${registry}/kiali/kiali:v2.29.0@${sha}`],
];
test.each(forms)('a digest in values of %s: %s', (chart, image, path, expected) => {
  const found = values(chart, {}, { registry, digests: { [`${registry}/${image}`]: sha } });
  const at = path.split('.').reduce<Json | undefined>((value, key) => {
    if (Array.isArray(value)) return value[Number(key)];
    return isObject(value) ? value[key] : undefined;
  }, found);
  expect(at).toBe(expected);
});

/** Every option of a mirror has what shows that it acts. */
const options: Readonly<Record<keyof Required<ImageMirror>, () => void>> = {
  registry: () => {
    const found = built((layer) => deployment(layer, 'a/b:1'), { registry: 'r.example:5000' });
    expect(one(found, 'Deployment').spec.template.spec.containers[0].image).toBe('r.example:5000/a/b:1');
  },
  pullSecret: () => {
    const own = (layer: Layer) => {
      add(layer, 'v1', 'ServiceAccount', { imagePullSecrets: [{ name: 'other' }] }, 'web');
      deployment(layer, 'a/b:1', 'web', { serviceAccountName: 'web' });
    };
    const found = built(own, { registry, pullSecret: 's' });
    expect(one(found, 'ServiceAccount').imagePullSecrets).toEqual([{ name: 'other' }, { name: 's' }]);
    // A pod that names a Secret itself would no longer get those of its account.
    expect(one(found, 'Deployment').spec.template.spec.imagePullSecrets).toBeUndefined();
    expect(one(built(own), 'ServiceAccount').imagePullSecrets).toEqual([{ name: 'other' }]);
  },
  ca: () => {
    const chart = (name: ChartName) => (layer: Layer) => new HelmRelease(layer, name, { chart: name });
    for (const [name, kind] of [
      ['metallb', 'HelmRepository'],
      ['tempo', 'OCIRepository'],
    ] as const) {
      expect(one(built(chart(name), { registry, ca: 'site-ca' }), kind).spec.certSecretRef).toEqual({ name: 'site-ca' });
      expect(one(built(chart(name)), kind).spec).not.toHaveProperty('certSecretRef');
    }
  },
  digests: () => {
    const found = built((layer) => deployment(layer, 'a/b:1'), { registry, digests: { [`${registry}/a/b:1`]: sha } });
    expect(one(found, 'Deployment').spec.template.spec.containers[0].image).toBe(`${registry}/a/b:1@${sha}`);
    expect(found.inventory.images[0]).toMatchObject({ image: `${registry}/a/b:1@${sha}`, from: 'docker-hub' });
  },
};
test.each(Object.entries(options))('a mirror’s %s', (_, check) => check());

test('a collector in a pod of others, or with an account of its own, needs none', () => {
  const collectors = (mirror: string | ImageMirror) =>
    built((layer) => {
      add(layer, 'opentelemetry.io/v1beta1', 'OpenTelemetryCollector', { spec: { mode: 'sidecar' } }, 'sidecar');
      add(layer, 'opentelemetry.io/v1beta1', 'OpenTelemetryCollector', { spec: { serviceAccount: 'own' } }, 'own');
      add(layer, 'opentelemetry.io/v1beta1', 'OpenTelemetryCollector', { spec: {} }, 'plain');
    }, mirror).objects;
  const accounts = (of: Loose[]) => of.filter(({ kind }) => kind === 'ServiceAccount').map(({ metadata }) => metadata.name);
  expect(accounts(collectors({ registry, pullSecret: 's' }))).toEqual(['plain-collector']);
  expect(accounts(collectors(registry))).toEqual([]);
});

test('the digest of Kiali’s server is written in the two fields that its operator reads', () => {
  const found = built(
    (layer) =>
      add(layer, 'kiali.io/v1alpha1', 'Kiali', {
        spec: { deployment: { image_name: 'quay.io/kiali/kiali', image_version: 'v2' } },
      }),
    { registry, digests: { [`${registry}/kiali/kiali:v2`]: sha } },
  );
  expect(one(found, 'Kiali').spec.deployment).toEqual({
    image_name: `${registry}/kiali/kiali`,
    image_digest: 'sha256',
    image_version: hex,
  });
});

const own = {
  ...{ chart: 'ours', version: '1.2.3', source: { oci: 'oci://ghcr.io/ours/charts/ours' } },
  images: {
    images: [{ image: 'ghcr.io/ours/app:{version}', keys: { repository: 'app.image', tag: 'app.tag' } }],
    pullSecrets: [{ key: 'secrets', as: 'names' }],
  },
} as const;
test('a chart of one’s own says what it pulls', () => {
  const result = built(
    (layer) => {
      new HelmRelease(layer, 'ours', { chart: own });
    },
    { registry, pullSecret: 's' },
  );
  expect(one(result, 'HelmRelease').spec.values).toEqual({
    app: { image: `${registry}/ours/app`, tag: '1.2.3' },
    secrets: ['s'],
  });
});

test('without a mirror nothing changes, and the inventory says what charts bring', () => {
  const { objects, inventory } = built((layer) => {
    new HelmRelease(layer, 'kiali', { chart: 'kiali-operator' });
    deployment(layer, 'nginx:1');
  }, '');
  expect(objects.find(({ kind }) => kind === 'HelmRelease').spec.values).toBeUndefined();
  expect('mirror' in inventory).toBe(false);
  expect(inventory.images).toEqual([
    { image: 'nginx:1', usedBy: ['Deployment/ns/web'] },
    { image: 'quay.io/kiali/kiali-operator:v2.29.0', usedBy: ['HelmRelease/ns/kiali'] },
    { image: 'quay.io/kiali/kiali:v2.29.0', usedBy: ['HelmRelease/ns/kiali'] },
  ]);
  expect(inventory.charts).toEqual([
    { chart: 'kiali-operator', version: '2.29.0', source: 'https://kiali.org/helm-charts', usedBy: ['HelmRelease/ns/kiali'] },
  ]);
});

const mistakes: readonly (readonly [string, (layer: Layer) => void, string | ImageMirror, RegExp])[] = [
  [
    'two public names that become one',
    (layer) => {
      deployment(layer, 'quay.io/prometheus/prometheus:v3', 'a');
      deployment(layer, 'docker.io/prometheus/prometheus:v3', 'b');
    },
    registry,
    /quay\.io\/prometheus\/prometheus and docker\.io\/prometheus\/prometheus would both be harbor\.site\.example\/mesh\/prometheus\/prometheus/,
  ],
  [
    'two charts of one name',
    (layer) => {
      new HelmRelease(layer, 'a', { chart: 'tempo' });
      new HelmRelease(layer, 'b', {
        chart: { ...charts.tempo, source: { repository: 'https://x.github.io/charts', name: 'x' } },
      });
    },
    registry,
    /oci:\/\/ghcr\.io\/grafana-community\/helm-charts\/tempo and https:\/\/x\.github\.io\/charts would both be oci:.*\/charts\/tempo/,
  ],
  [
    'a digest of nothing',
    (layer) => deployment(layer, 'a/b:1'),
    { registry, digests: { [`${registry}/a/b:2`]: sha } },
    /has a digest of "harbor.site.example\/mesh\/a\/b:2", which no image of the stack is: did you mean "harbor.site.example\/mesh\/a\/b:1"\?/,
  ],
  ['a Secret that cannot be', () => undefined, { registry, pullSecret: 'A' }, /pullSecret of the mirror of stack 'site' is "A"/],
  ['a CA that cannot be', () => undefined, { registry, ca: 'a b' }, /ca of the mirror of stack 'site' is "a b"/],
  ['a digest that is none', () => undefined, { registry, digests: { x: 'sha256:1' } }, /the digest of x is "sha256:1"/],
  [
    'a chart that nobody knows',
    (layer) => {
      new HelmRelease(layer, 'ours', {
        chart: { chart: 'ours', version: '1.0.0', source: { repository: 'https://c.example', name: 'c' } },
      });
    },
    registry,
    /HelmRelease\/ns\/ours \('site\/layer\/ours\/release'\) pulls is not known, of chart ours 1\.0\.0: no table knows its images; give the chart as an object with its `images`/,
  ],
  [
    'a version whose images are not known',
    (layer) => {
      new HelmRelease(layer, 'tempo', { chart: 'tempo', version: '2.2.3' });
    },
    registry,
    /of chart tempo 2\.2\.3: its images are known of version 2\.2\.4 only/,
  ],
  [
    'a public registry in a text that is no image',
    (layer) => add(layer, 'v1', 'ConfigMap', { data: { 'notes.md': 'see https://quay.io/repository/kiali/kiali' } }),
    registry,
    /ConfigMap\/ns\/configmap .* still names a public registry in data\.notes\.md: "see https:\/\/quay\.io\/repository\/kiali\/kiali"/,
  ],
  [
    'a mirror with a scheme',
    () => undefined,
    'https://harbor.site.example',
    /is "https:\/\/harbor\.site\.example": allowed is a registry/,
  ],
  ['a mirror without a host', () => undefined, 'mesh', /is "mesh": allowed is a registry/],
  ['a public mirror', () => undefined, 'ghcr.io/ours', /is "ghcr\.io\/ours", a public registry/],
];
test.each(mistakes)('%s is a mistake that is named', (_, fill, mirror, message) => {
  expect(() => built(fill, mirror)).toThrow(message);
  expect(() => built(fill, mirror)).toThrow(expect.objectContaining({ name: 'UserError' }));
});

test('a version whose tags follow it, or are said, is known', () => {
  expect(
    one(
      built((layer) => {
        new HelmRelease(layer, 'metallb', {
          ...{ chart: 'metallb', version: '0.16.2' },
          values: { 'frr-k8s': { frrk8s: { image: { tag: 'v0.0.26' }, frr: { image: { tag: '10' } } } } },
        });
      }),
      'HelmRelease',
    ).spec.values.speaker.image.tag,
  ).toBe('v0.16.2');
});

test('a source of manifests, hosts that only look public, and links to documentation stay', () => {
  const config = { a: 'not-quay.io.example/x, docker.iodine, https://kubernetes.github.io/ingress-nginx/ and kubernetes.io/x' };
  const result = built((layer) => {
    add(layer, 'source.toolkit.fluxcd.io/v1', 'OCIRepository', { spec: { url: 'oci://git.corp.example/fleet' } });
    add(layer, 'source.toolkit.fluxcd.io/v1', 'GitRepository', { spec: { url: 'https://github.com/ours/fleet' } });
    add(layer, 'v1', 'ConfigMap', { data: config });
  });
  expect(one(result, 'OCIRepository').spec).toEqual({ url: 'oci://git.corp.example/fleet' });
  expect(one(result, 'GitRepository').spec).toEqual({ url: 'https://github.com/ours/fleet' });
  expect(one(result, 'ConfigMap').data).toEqual(config);
});
