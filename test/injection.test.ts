import { App, Testing } from 'cdk8s';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { Layer, type SidecarSettings, StackFile, toYaml, UserError, Workload } from '../constructs/kit/index.ts';
import { type InjectionTemplates, type Install, Mesh } from '../constructs/mesh/index.ts';
import { modelOf, readWorlds } from '../constructs/proof/index.ts';
import { gatewayWorkloads } from '../constructs/proof/model/gateways.ts';

function pod(sidecar: SidecarSettings | 'never' | 'always', podAnnotations: Record<string, string> = {}) {
  const layer = new Layer(new App(), 'apps', { namespace: { existing: 'shop' } });
  new Workload(layer, 'cart', { name: 'cart', version: 'v1', image: 'example.test/cart:1', user: 1000, sidecar, podAnnotations });
  return Testing.synth(layer).find((one) => one.kind === 'Deployment').spec.template;
}

describe('a pod', () => {
  const every: Required<SidecarSettings> = {
    revision: 'canary',
    templates: ['sidecar', 'team'],
    image: 'registry.istio.io/release/proxyv2:1.30.3',
    resources: { cpu: '50m', cpuLimit: '2', memory: '64Mi', memoryLimit: '1Gi' },
    logLevel: 'debug',
    excludeOutboundPorts: [3306, 6379],
    excludeInboundPorts: [9999],
    holdApplicationUntilProxyStarts: true,
    nativeSidecar: false,
    container: { env: { TEAM: 'a' }, preStop: ['sleep', '10'] },
  };

  it('says every setting in the words of Istio', () => {
    const { metadata, spec } = pod(every, { note: 'n' });
    expect(metadata.labels).toMatchObject({ app: 'cart', 'istio.io/rev': 'canary' });
    expect(metadata.labels['sidecar.istio.io/inject']).toBeUndefined();
    expect(metadata.annotations).toEqual({
      note: 'n',
      'inject.istio.io/templates': 'sidecar,team',
      'proxy.istio.io/config': '{"holdApplicationUntilProxyStarts":true}',
      'sidecar.istio.io/logLevel': 'debug',
      'sidecar.istio.io/nativeSidecar': 'false',
      'sidecar.istio.io/proxyCPU': '50m',
      'sidecar.istio.io/proxyCPULimit': '2',
      'sidecar.istio.io/proxyImage': 'registry.istio.io/release/proxyv2:1.30.3',
      'sidecar.istio.io/proxyMemory': '64Mi',
      'sidecar.istio.io/proxyMemoryLimit': '1Gi',
      'traffic.sidecar.istio.io/excludeInboundPorts': '9999',
      'traffic.sidecar.istio.io/excludeOutboundPorts': '3306,6379',
    });
    expect(spec.containers.map((one: { name: string }) => one.name)).toEqual(['cart', 'istio-proxy']);
    expect(spec.containers[1]).toEqual({
      name: 'istio-proxy',
      image: 'auto',
      env: [{ name: 'TEAM', value: 'a' }],
      lifecycle: { preStop: { exec: { command: ['sleep', '10'] } } },
    });
  });

  it('is no gateway to the proof for its word on the proxy', () => {
    const spec = (sidecar: SidecarSettings) => {
      const template = pod(sidecar);
      const deployment = {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'a', namespace: 'shop' },
        spec: { template },
      };
      const [world] = readWorlds(['-'], { stdin: () => JSON.stringify(deployment) });
      return world ? gatewayWorkloads(modelOf(world).workloads) : undefined;
    };
    expect(spec(every)).toEqual([]);
    expect(spec({ templates: ['gateway'] })).toHaveLength(1);
  });

  it('says nothing of what it leaves to the mesh', () => {
    const { metadata, spec } = pod({ logLevel: 'warning' });
    expect(metadata.annotations).toEqual({ 'sidecar.istio.io/logLevel': 'warning' });
    expect(spec.containers).toHaveLength(1);
    expect(pod('always').metadata).toMatchObject({ labels: { 'sidecar.istio.io/inject': 'true' } });
    expect(pod('always').metadata.annotations).toBeUndefined();
    expect(pod('never').metadata.labels).toMatchObject({
      'sidecar.istio.io/inject': 'false',
      'istio.io/dataplane-mode': 'none',
    });
  });

  it('starts its templates with one of Istio, by type', () => {
    // @ts-expect-error a template of the mesh alone would leave the pod without a proxy
    const wrong: SidecarSettings = { templates: ['team'] };
    expect(() => pod(wrong)).toThrow(/templates of 'apps\/cart' begin with "team": begin with 'sidecar'/);
  });

  it.each<[SidecarSettings, RegExp]>([
    [{}, /sidecar of 'apps\/cart' is \{ \}/],
    [{ revision: 'Canary' }, /sidecar.revision of 'apps\/cart' is "Canary"/],
    [{ templates: ['sidecar', 'a b'] }, /among sidecar.templates of 'apps\/cart' is "a b"/],
    [{ image: 'registry.istio.io/release/proxyv2:latest' }, /sidecar.image "registry.*" of 'apps\/cart' is not pinned/],
    [{ image: 'proxyv2:1.30.3' }, /give it a registry/],
    [{ resources: { cpu: '1 core' } }, /sidecar.resources.cpu of 'apps\/cart' is "1 core": allowed are e.g. '100m'/],
    [{ resources: { memoryLimit: '1gb' } }, /sidecar.resources.memoryLimit of 'apps\/cart' is "1gb"/],
    [{ resources: { memory: '1Gi', memoryLimit: '512Mi' } }, /request 1Gi of memory and limit it to 512Mi/],
    [{ excludeOutboundPorts: [70_000] }, /port 70000 is not/],
    [{ container: {} }, /sidecar.container of 'apps\/cart' says nothing/],
  ])('refuses %j', (sidecar, message) => {
    expect(() => pod(sidecar)).toThrow(UserError);
    expect(() => pod(sidecar)).toThrow(message);
  });
});

describe('templates of the mesh', () => {
  function operator(injectionTemplates: InjectionTemplates, install: Install = { by: 'istioctl' }, namespace = 'istio-system') {
    const layer = new Layer(new App(), 'mesh', { namespace });
    const mesh = new Mesh(layer, 'istio', { install, injectionTemplates });
    const [file] = mesh.node.findAll().filter((one): one is StackFile => one instanceof StackFile);
    return parse(toYaml(file?.content() ?? {})).spec;
  }
  const team = { metadata: { labels: { team: 'mesh' } } };

  it('are written into the install, objects and text alike', () => {
    const { values } = operator({ team, raw: 'metadata:\n  annotations:\n    rev: {{ .Revision }}\n' });
    expect(parse(values.sidecarInjectorWebhook.templates.team)).toEqual(team);
    expect(values.sidecarInjectorWebhook.templates.raw).toContain('{{ .Revision }}');
  });

  it('leave the other values as they are', () => {
    expect(operator({}).values).toBeUndefined();
    expect(operator({ team }, { by: 'istioctl' }, 'mesh').values).toMatchObject({
      global: { istioNamespace: 'mesh' },
      sidecarInjectorWebhook: { templates: { team: expect.any(String) } },
    });
  });

  it.each<[InjectionTemplates, Install, RegExp]>([
    [{ sidecar: team }, { by: 'istioctl' }, /template 'sidecar' of mesh 'mesh\/istio' would replace Istio's own/],
    [{ 'my team': team }, { by: 'istioctl' }, /injection template of mesh 'mesh\/istio' is "my team"/],
    [{ team }, { by: 'existing' }, /installed already, so its injection templates \(team\) would go nowhere/],
  ])('are refused: %j', (templates, install, message) => {
    expect(() => operator(templates, install)).toThrow(message);
  });
});
