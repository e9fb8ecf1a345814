import { App, Chart } from 'cdk8s';
import { describe, expect, it } from 'vitest';
import { MeshApp, Stack, type StackProps } from '../constructs/app.ts';
import { Curl, Httpbin } from '../constructs/apps/index.ts';
import { IstioGateway } from '../constructs/exposure/index.ts';
import { Endpoint, HelmRelease, Layer } from '../constructs/kit/index.ts';
import {
  GatewayRelease,
  type HelmInstall,
  type Install,
  Mesh,
  type MeshProps,
  type SailInstall,
  SailOperator,
  type SailOperatorProps,
  Waypoint,
} from '../constructs/mesh/index.ts';
import { proveModel } from '../constructs/proof/index.ts';
import { modelOfSubject } from '../constructs/testing/worlds.ts';
import { existingSink, Jaeger } from '../constructs/tracing/index.ts';
import { layer, object, objects } from './support/synth.ts';

type Way = 'istioctl' | 'helm' | 'sail' | 'existing';

/** A stack with one layer for the install and one for the mesh's own objects. */
function place(platform: StackProps['platform'] = 'generic', namespace = 'istio-system') {
  const stack = new Stack(new MeshApp(), 'platform', { platform });
  const istio = new Layer(stack, 'istio', { namespace });
  const mesh = new Layer(stack, 'mesh', { namespace: istio, after: [istio] });
  return { stack, istio, mesh };
}

function helm(more: Partial<HelmInstall> = {}, props: MeshProps = {}, where = place()) {
  const mesh = new Mesh(where.mesh, 'istio', { ...props, install: { by: 'helm', in: where.istio, ...more } });
  const values = (release: string) => object(where.istio, 'HelmRelease', release).spec.values;
  return { ...where, istio: where.istio, mesh, values, release: (name: string) => object(where.istio, 'HelmRelease', name) };
}

function sail(more: Partial<SailInstall> = {}, props: MeshProps = {}, where = place()) {
  const mesh = new Mesh(where.mesh, 'istio', { ...props, install: { by: 'sail', in: where.istio, ...more } });
  return { ...where, mesh, one: (kind: string, name = 'default') => object(where.istio, kind, name) };
}

const releases = (chart: Layer) => objects(chart).filter((one) => one.kind === 'HelmRelease');

// Istio 1.30, "Install with Helm": the CNI agent needs the node's folders and rights that Pod Security refuses.
it.each([
  ['helm', helm],
  ['sail', sail],
] as const)('lets the pods of ambient mode into the root namespace, and no others: %s', (_, install) => {
  const levels = (more: { readonly dataplane?: 'ambient' }) =>
    object(install(more).istio, 'Namespace', 'istio-system').metadata.labels ?? {};
  expect(levels({})).toEqual({});
  expect(levels({ dataplane: 'ambient' })).toMatchObject({ 'pod-security.kubernetes.io/enforce': 'privileged' });
});

describe('the Helm install', () => {
  it('releases base, then istiod, with the mesh config as its value and nothing that the chart says itself', () => {
    const { istio, mesh, release } = helm({}, { outboundTraffic: 'registry-only' });
    expect(releases(istio).map((one) => one.metadata.name)).toEqual(['istio-base', 'istiod']);
    expect(release('istio-base').spec).toMatchObject({ chart: { spec: { chart: 'base', version: '1.30.3' } } });
    expect(release('istio-base').spec.values ?? {}).toEqual({});
    expect(release('istiod').spec).toMatchObject({
      chart: { spec: { chart: 'istiod', version: '1.30.3' } },
      dependsOn: [{ name: 'istio-base' }],
    });
    expect(release('istiod').spec.values).toEqual({ meshConfig: mesh.config });
  });

  it('adds the CNI agent and ztunnel in ambient mode, each after the one it needs', () => {
    const { istio, values, release, mesh } = helm({ dataplane: 'ambient' });
    expect(releases(istio).map((one) => [one.metadata.name, one.spec.dependsOn])).toEqual([
      ['istio-base', undefined],
      ['istiod', [{ name: 'istio-base' }]],
      ['istio-cni', [{ name: 'istiod' }]],
      ['ztunnel', [{ name: 'istio-cni' }]],
    ]);
    expect(values('istiod')).toEqual({ profile: 'ambient', meshConfig: mesh.config });
    expect(values('istio-cni')).toEqual({ profile: 'ambient' });
    expect(release('ztunnel').spec.values ?? {}).toEqual({});
  });

  it('carries every option', () => {
    const where = place();
    const install: Required<HelmInstall> = {
      by: 'helm',
      in: where.istio,
      dataplane: 'ambient',
      revision: 'canary',
      version: '1.30.2',
      hub: 'harbor.site.example/istio',
      istiodEnv: { PILOT_ENABLE_IP_AUTOALLOCATE: 'true' },
      istiod: { replicas: 2, resources: { cpu: '10m', memory: '128Mi', memoryLimit: '1Gi' } },
      cni: { pluginFolder: '/var/lib/rancher/k3s/data/cni', configFolder: '/var/lib/rancher/k3s/agent/etc/cni/net.d' },
    };
    const { istio, values, mesh } = helm(
      install,
      { injectionTemplates: { team: { metadata: { labels: { team: 'shop' } } } } },
      where,
    );
    expect(releases(istio).map((one) => [one.metadata.name, one.spec.chart.spec.version])).toEqual([
      ['istio-base', '1.30.2'],
      ['istiod-canary', '1.30.2'],
      ['istio-cni', '1.30.2'],
      ['ztunnel', '1.30.2'],
    ]);
    const global = { hub: 'harbor.site.example/istio' };
    expect(values('istio-base')).toEqual({ defaultRevision: 'canary' });
    expect(values('istiod-canary')).toEqual({
      profile: 'ambient',
      revision: 'canary',
      global,
      env: { PILOT_ENABLE_IP_AUTOALLOCATE: 'true' },
      autoscaleEnabled: false,
      replicaCount: 2,
      resources: { requests: { cpu: '10m', memory: '128Mi' }, limits: { memory: '1Gi' } },
      sidecarInjectorWebhook: { templates: { team: 'metadata:\n  labels:\n    team: shop\n' } },
      meshConfig: mesh.config,
    });
    expect(values('istio-cni')).toEqual({
      profile: 'ambient',
      revision: 'canary',
      global,
      cniBinDir: '/var/lib/rancher/k3s/data/cni',
      cniConfDir: '/var/lib/rancher/k3s/agent/etc/cni/net.d',
    });
    expect(values('ztunnel')).toEqual({ revision: 'canary', global });
  });

  it('tells every chart of a root namespace of another name', () => {
    const { values } = helm({ dataplane: 'ambient' }, {}, place('generic', 'mesh-root'));
    expect(values('istio-base').global).toEqual({ istioNamespace: 'mesh-root' });
    expect(values('istiod').global).toEqual({ istioNamespace: 'mesh-root' });
    expect(values('ztunnel').istioNamespace).toBe('mesh-root');
  });

  it('scales istiod between bounds', () => {
    expect(helm({ istiod: { replicas: { min: 2, max: 3 } } }).values('istiod')).toMatchObject({
      autoscaleMin: 2,
      autoscaleMax: 3,
    });
    for (const replicas of [0, 1.5, { min: 3, max: 2 }])
      expect(() => helm({ istiod: { replicas } })).toThrow("replicas of 'platform/mesh/istio' are");
    expect(() => helm({ istiod: { resources: { cpu: '1', memory: '2Gi', memoryLimit: '1Gi' } } })).toThrow(
      'request 2Gi of memory',
    );
  });

  it("takes a revision named 'default' for none, as istiod's own webhook does", () => {
    const { istio, values } = helm({ revision: 'default' });
    expect(releases(istio).map((one) => one.metadata.name)).toContain('istiod');
    expect(values('istiod')).not.toHaveProperty('revision');
  });
});

describe('the Sail install', () => {
  it('makes an Istio of the whole cluster, with the mesh config as its value', () => {
    const { istio, mesh, one } = sail({}, { autoMtls: 'off' });
    expect(one('Istio')).toEqual({
      apiVersion: 'sailoperator.io/v1',
      kind: 'Istio',
      metadata: { name: 'default' },
      spec: { version: 'v1.30.3', namespace: 'istio-system', values: { meshConfig: mesh.config } },
    });
    expect(objects(istio).map((each) => each.kind)).toEqual(['Namespace', 'Istio']);
  });

  it('carries every option', () => {
    const where = place();
    const install: Required<SailInstall> = {
      by: 'sail',
      in: where.istio,
      dataplane: 'ambient',
      revision: 'main',
      version: '1.30.2',
      hub: 'harbor.site.example/istio',
      istiodEnv: { PILOT_ENABLE_IP_AUTOALLOCATE: 'true' },
      istiod: { replicas: { min: 2, max: 4 } },
      cni: { pluginFolder: '/bin', configFolder: '/etc/cni' },
      updateStrategy: 'RevisionBased',
    };
    const { one, mesh } = sail(install, {}, where);
    const global = { hub: 'harbor.site.example/istio' };
    expect(one('Istio', 'main').spec).toEqual({
      version: 'v1.30.2',
      namespace: 'istio-system',
      profile: 'ambient',
      updateStrategy: { type: 'RevisionBased' },
      values: {
        global,
        pilot: { env: { PILOT_ENABLE_IP_AUTOALLOCATE: 'true' }, autoscaleMin: 2, autoscaleMax: 4 },
        meshConfig: mesh.config,
      },
    });
    expect(one('IstioCNI').spec).toEqual({
      version: 'v1.30.2',
      namespace: 'istio-system',
      profile: 'ambient',
      values: { global, cni: { cniBinDir: '/bin', cniConfDir: '/etc/cni' } },
    });
    expect(one('ZTunnel').spec).toEqual({
      version: 'v1.30.2',
      namespace: 'istio-system',
      targetRef: { kind: 'Istio', name: 'main' },
      values: { global },
    });
  });

  it('refuses a version as the operator spells it, which no other install takes', () => {
    expect(() => sail({ version: 'v1.30.3' })).toThrow(`is "v1.30.3": write it without 'v'`);
  });

  it('fits the schemas of its CRDs, so that a version that the operator does not know is found', () => {
    const codes = (version: string) =>
      proveModel(modelOfSubject(sail({ version, dataplane: 'ambient' }).stack)).map(
        ({ object: of, message }) => `${of} ${message}`,
      );
    expect(codes('1.30.3')).toEqual([]);
    const everything = sail(
      {
        dataplane: 'ambient',
        hub: 'harbor.site.example/istio',
        istiodEnv: { PILOT_ENABLE_IP_AUTOALLOCATE: 'true' },
        istiod: { replicas: 2, resources: { cpu: '10m', memory: '128Mi', memoryLimit: '1Gi' } },
        cni: { pluginFolder: '/bin', configFolder: '/etc/cni' },
        updateStrategy: 'RevisionBased',
      },
      { injectionTemplates: { team: { metadata: { labels: { team: 'shop' } } } } },
      place('k3d'),
    );
    expect(proveModel(modelOfSubject(everything.stack))).toEqual([]);
    expect(codes('1.99.0').join('\n')).toContain('Istio/default');
  });

  it('comes after the operator that brings its CRDs, where the same stack has it', () => {
    const make = (after: 'yes' | 'no') => {
      const stack = new Stack(new MeshApp(), 'platform');
      const operator = new Layer(stack, 'sail', { namespace: 'sail-operator' });
      const istio = new Layer(stack, 'istio', { namespace: 'istio-system', after: after === 'yes' ? [operator] : [] });
      const own = new Layer(stack, 'mesh', { namespace: istio, after: [istio] });
      new SailOperator(operator, 'sail-operator');
      return new Mesh(own, 'mesh', { install: { by: 'sail', in: istio } }).node.validate();
    };
    expect(make('yes')).toEqual([]);
    expect(make('no')).toEqual([
      "layer 'platform/istio' with the objects that install mesh 'platform/mesh/mesh' does not come after layer 'platform/sail', whose " +
        "operator 'platform/sail/sail-operator' brings their CRDs: say 'after: [sail]'",
    ]);
  });

  it('has its operator as a chart', () => {
    const values = (props: SailOperatorProps) => {
      const root = layer('sail-operator');
      new SailOperator(root, 'sail-operator', props);
      return object(root, 'HelmRelease', 'sail-operator').spec;
    };
    expect(values({})).toMatchObject({ chart: { spec: { chart: 'sail-operator', version: '1.30.3' } } });
    const all: Required<SailOperatorProps> = {
      version: '1.30.2',
      source: { kind: 'HelmRepository', name: 'site', namespace: 'flux-system' },
      after: [new HelmRelease(layer('cert-manager'), 'cert-manager', { chart: 'cert-manager' })],
      timeout: '5m',
      logLevel: 'debug',
      resources: { cpu: '20m', memory: '128Mi' },
    };
    expect(values(all)).toMatchObject({
      chart: { spec: { version: '1.30.2', sourceRef: { name: 'site', namespace: 'flux-system' } } },
      dependsOn: [{ name: 'cert-manager', namespace: 'cert-manager' }],
      timeout: '5m',
      values: { operatorLogLevel: 'debug', operator: { resources: { requests: { cpu: '20m', memory: '128Mi' } } } },
    });
    expect(() => values({ resources: { cpu: '20m', memory: '2Gi' } })).toThrow('limit it to 1Gi');
  });
});

describe('where an install stands', () => {
  const install = (by: 'helm' | 'sail', mesh: Chart, istio: Layer) => () =>
    new Mesh(mesh, 'istio', { install: { by, in: istio } });

  it.each(['helm', 'sail'] as const)("%s: not in the mesh's own layer, nor in one that does not come first", (by) => {
    const { istio, stack } = place();
    expect(install(by, istio, istio)).toThrow("mesh 'platform/istio/istio' installs istio into its own layer 'platform/istio'");
    const unordered = new Layer(stack, 'unordered', { namespace: istio });
    expect(install(by, unordered, istio)).toThrow(
      "layer 'platform/unordered' of mesh 'platform/unordered/istio' does not come after layer 'platform/istio'",
    );
    const elsewhere = new Layer(stack, 'elsewhere', { namespace: 'elsewhere', after: [istio] });
    expect(install(by, elsewhere, istio)).toThrow(
      "layer 'platform/istio' installs istio into namespace 'istio-system', but the root",
    );
    const later = new Layer(stack, 'later', {
      namespace: istio,
      after: [new Layer(stack, 'between', { namespace: istio, after: [istio] })],
    });
    expect(install(by, later, istio)).not.toThrow();
  });

  it('in a plain chart nobody knows the order', () => {
    const app = new App();
    const istio = new Layer(app, 'istio', { namespace: 'istio-system' });
    expect(install('helm', new Chart(app, 'mesh', { namespace: 'istio-system' }), istio)).not.toThrow();
  });

  it('CNI folders without ambient mode, or no folders', () => {
    const cni = { pluginFolder: '/bin', configFolder: 'net.d' };
    expect(() => helm({ cni })).toThrow('says where CNI plugins lie, but installs none');
    expect(() => sail({ cni, dataplane: 'ambient' })).toThrow(
      'folder "net.d" of mesh \'platform/mesh/istio\' is no absolute path',
    );
  });
});

describe('the platform, told once', () => {
  it('is told to Istio where Istio has a word for it', () => {
    const k3d = { platform: 'k3d' };
    const byHelm = helm({ dataplane: 'ambient' }, {}, place('k3d'));
    for (const name of ['istiod', 'istio-cni', 'ztunnel']) expect(byHelm.values(name).global).toEqual(k3d);
    const bySail = sail({ dataplane: 'ambient' }, {}, place('k3d'));
    for (const kind of ['Istio', 'IstioCNI', 'ZTunnel']) expect(bySail.one(kind).spec.values.global).toEqual(k3d);
    const { mesh, stack } = place('k3d');
    new Mesh(mesh, 'istio', { install: { by: 'istioctl', profile: 'ambient' } });
    expect(modelOfSubject(stack).kind('IstioOperator')[0]?.json).toMatchObject({ spec: { values: { global: k3d } } });
  });

  it.each(['rke2', 'kind', 'generic'] as const)('%s needs nothing: its CNI folders are where Istio looks', (platform) => {
    const { values } = helm({ dataplane: 'ambient' }, {}, place(platform));
    expect(values('istio-cni')).toEqual({ profile: 'ambient' });
    expect(sail({ dataplane: 'ambient' }, {}, place(platform)).one('IstioCNI').spec).not.toHaveProperty('values');
  });
});

describe('one mesh config, four installs', () => {
  const at = <P extends string>(protocol: P, port: number) =>
    Endpoint.external({ protocol, host: 'otel.observability.svc.cluster.local', port });
  const otlp = existingSink({ 'otlp-grpc': at('otlp-grpc', 4317) });
  const rich: Record<string, MeshProps> = {
    nothing: {},
    'a tracing provider, access logs and more': {
      tracing: { to: otlp, samplingPercent: 50 },
      accessLog: { to: at('otlp-grpc', 4317) },
      autoMtls: 'off',
      outboundTraffic: 'registry-only',
      spans: { tags: { site: { from: 'literal', value: 'north' } } },
      mtls: 'strict',
      meshConfig: { pathNormalization: { normalization: 'MERGE_SLASHES' }, accessLogFile: '/dev/stdout' },
    },
    'each other protocol': { tracing: { to: existingSink({ zipkin: at('zipkin', 9411) }) } },
    'legacy tracing': { tracing: { legacy: { zipkin: existingSink({ zipkin: at('zipkin', 9411) }) }, samplingPercent: 20 } },
  };

  const installs: Record<Way, (istio: Layer) => Install> = {
    istioctl: () => ({ by: 'istioctl' }),
    helm: (istio) => ({ by: 'helm', in: istio, dataplane: 'ambient', revision: 'canary' }),
    sail: (istio) => ({ by: 'sail', in: istio, dataplane: 'ambient' }),
    existing: () => ({ by: 'existing' }),
  };

  it.each(Object.keys(rich))('%s: the proof reads the same from what each of them writes', (name) => {
    const read = Object.entries(installs).map(([way, install]) => {
      const { stack, istio, mesh } = place();
      const made = new Mesh(mesh, 'istio', { ...rich[name], install: install(istio) });
      // What is asked for later still gets into all of them.
      made.addAccessLog('audit', { to: at('otlp-grpc', 4317) });
      const { meshConfigs } = modelOfSubject(stack);
      return { way, configs: meshConfigs.map((config) => config.value), said: made.config };
    });
    const [first] = read;
    expect(first?.said.extensionProviders).toContainEqual(expect.objectContaining({ name: 'audit' }));
    for (const { way, configs, said } of read)
      expect({ way, configs, said }).toEqual({ way, configs: [first?.said], said: first?.said });
  });
});

describe('what follows from the install', () => {
  const enrolled = (made: { mesh: Mesh; stack: Stack }) => {
    const apps = new Layer(made.stack, 'apps', { namespace: 'apps' });
    made.mesh.enroll(apps);
    const { labels } = object(apps, 'Namespace', 'apps').metadata;
    const [job] = made.mesh.scrapeJobs;
    return [labels, job && 'service' in job ? job.service : undefined];
  };

  it("how namespaces join, and istiod's name", () => {
    expect(enrolled(helm())).toEqual([{ 'istio-injection': 'enabled' }, 'istiod']);
    expect(enrolled(helm({ revision: 'canary' }))).toEqual([{ 'istio.io/rev': 'canary' }, 'istiod-canary']);
    expect(enrolled(helm({ dataplane: 'ambient' }))).toEqual([{ 'istio.io/dataplane-mode': 'ambient' }, 'istiod']);
    expect(enrolled(sail())).toEqual([{ 'istio-injection': 'enabled' }, 'istiod']);
    expect(enrolled(sail({ revision: 'main' }))).toEqual([{ 'istio.io/rev': 'main' }, 'istiod-main']);
    expect(enrolled(sail({ updateStrategy: 'RevisionBased' }))).toEqual([
      { 'istio.io/rev': 'default-v1-30-3' },
      'istiod-default-v1-30-3',
    ]);
    expect(enrolled(sail({ dataplane: 'ambient' }))).toEqual([{ 'istio.io/dataplane-mode': 'ambient' }, 'istiod']);
  });

  it('no ambient namespaces without ambient mode', () => {
    const { mesh, stack } = helm();
    const apps = new Layer(stack, 'apps', { namespace: 'apps' });
    expect(() => mesh.enroll(apps, { by: 'ambient' })).toThrow("install with dataplane: 'ambient', or enroll by 'injection'");
  });

  it("no gateways, and istiod's own share of requests", () => {
    const to = new Jaeger(layer(), 'jaeger');
    for (const { mesh } of [helm({}, { tracing: { to } }), sail({}, { tracing: { to } })]) {
      expect([mesh.ingress, mesh.egress]).toEqual([undefined, undefined]);
      expect(mesh.samplingPercent).toBe(1);
    }
  });
});

describe('the proof', () => {
  const ways: Record<string, (istio: Layer) => Install> = {
    helm: (istio) => ({ by: 'helm', in: istio }),
    'helm, ambient': (istio) => ({ by: 'helm', in: istio, dataplane: 'ambient' }),
    'helm, by revision': (istio) => ({ by: 'helm', in: istio, revision: 'canary' }),
    sail: (istio) => ({ by: 'sail', in: istio }),
    'sail, ambient, by revision': (istio) => ({ by: 'sail', in: istio, updateStrategy: 'RevisionBased', dataplane: 'ambient' }),
  };

  it.each(Object.keys(ways))('%s: a stack with a gateway, an app and traces has no finding', (way) => {
    const { stack, istio: layerOfIstio, mesh } = place();
    const tracing = { to: new Jaeger(mesh, 'jaeger'), samplingPercent: 100 };
    const istio = new Mesh(mesh, 'istio', { install: (ways[way] ?? ways.helm)?.(layerOfIstio) ?? { by: 'istioctl' }, tracing });
    const gateways = new Layer(stack, 'gateways', { namespace: mesh, after: [mesh] });
    const { pods } = new GatewayRelease(gateways, 'istio-ingressgateway', { mesh: istio });
    const apps = new Layer(stack, 'apps', { namespace: 'apps', after: [mesh] });
    istio.enroll(apps);
    if (way.includes('ambient')) new Waypoint(apps, 'waypoint').use(apps);
    new Curl(apps, 'curl');
    const exposure = new Layer(stack, 'exposure', { namespace: mesh, after: [apps, gateways] });
    new IstioGateway(exposure, 'gateway', { pods }).publish(new Httpbin(apps, 'httpbin'), { host: 'httpbin.mesh.test' });
    expect(proveModel(modelOfSubject(stack))).toEqual([]);
  });

  it('knows the Services and pods that an install makes', () => {
    const found = (made: { stack: Stack }) => {
      const model = modelOfSubject(made.stack);
      return [
        model.services.inNamespace('istio-system').map((one) => one.name),
        model.workloadsIn('istio-system').map((one) => one.name),
      ];
    };
    expect(found(helm({ revision: 'canary' }))).toEqual([['istiod-canary'], ['istiod-canary']]);
    expect(found(helm({ dataplane: 'ambient' }))).toEqual([['istiod'], ['istiod', 'istio-cni-node', 'ztunnel']]);
    expect(found(sail({ revision: 'main', dataplane: 'ambient' }))).toEqual([
      ['istiod-main'],
      ['istiod-main', 'istio-cni-node', 'ztunnel'],
    ]);
    expect(found(sail({ updateStrategy: 'RevisionBased' }))[0]).toEqual(['istiod-default-v1-30-3']);
    const service = modelOfSubject(helm().stack).services.get('istio-system', 'istiod');
    expect(service?.ports).toContainEqual(expect.objectContaining({ name: 'http-monitoring', number: 15014 }));
    expect(service?.ports).toContainEqual(expect.objectContaining({ name: 'https-webhook', number: 443, target: 15017 }));
  });
});
