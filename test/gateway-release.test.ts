import { describe, expect, it } from 'vitest';
import { MeshApp, Stack } from '../constructs/app.ts';
import { Curl, Httpbin } from '../constructs/apps/index.ts';
import { IstioGateway, IstioIngress } from '../constructs/exposure/index.ts';
import { HelmRelease, Layer } from '../constructs/kit/index.ts';
import {
  EgressGateway,
  ExternalService,
  GatewayRelease,
  type GatewayReleaseProps,
  type Install,
  Mesh,
} from '../constructs/mesh/index.ts';
import { proveModel } from '../constructs/proof/index.ts';
import { modelOfSubject } from '../constructs/testing/worlds.ts';
import { layer, object } from './support/synth.ts';

const address = { ip: '10.34.124.115', annotations: { 'metallb.io/loadBalancerIPs': '10.34.124.115' } };

function place(install: (istio: Layer) => Install = (istio) => ({ by: 'helm', in: istio })) {
  const stack = new Stack(new MeshApp(), 'platform');
  const istio = new Layer(stack, 'istio', { namespace: 'istio-system' });
  const own = new Layer(stack, 'mesh', { namespace: istio, after: [istio] });
  const gateways = new Layer(stack, 'gateways', { namespace: 'istio-ingress', after: [own] });
  return { stack, istio, own, gateways, mesh: new Mesh(own, 'istio', { install: install(istio) }) };
}

function release(options: object = {}, install?: (istio: Layer) => Install) {
  const where = place(install);
  const props: GatewayReleaseProps = { ...options, mesh: where.mesh };
  const gateway = new GatewayRelease(where.gateways, 'istio-ingressgateway', props);
  const { name = 'istio-ingressgateway' } = props;
  return { ...where, gateway, spec: object(where.gateways, 'HelmRelease', name).spec };
}

const values = (options: object, install?: (istio: Layer) => Install) => release(options, install).spec.values ?? {};

describe('a gateway release', () => {
  it('installs the gateway chart, after istiod, and says nothing that the chart says itself', () => {
    const { spec } = release();
    expect(spec).toMatchObject({
      releaseName: 'istio-ingressgateway',
      chart: { spec: { chart: 'gateway', version: '1.30.3' } },
      dependsOn: [{ name: 'istiod', namespace: 'istio-system' }],
    });
    expect(spec.values ?? {}).toEqual({});
  });

  it('waits for no release where Helm installs no istiod', () => {
    for (const install of [(istio: Layer) => ({ by: 'sail', in: istio }) as const, () => ({ by: 'existing' }) as const])
      expect(release({}, install).spec).not.toHaveProperty('dependsOn');
  });

  it('is injected by the revision of its mesh', () => {
    expect(values({}, (istio) => ({ by: 'helm', in: istio, revision: 'canary' }))).toEqual({ revision: 'canary' });
    expect(values({}, (istio) => ({ by: 'sail', in: istio, updateStrategy: 'RevisionBased' }))).toEqual({
      revision: 'default-v1-30-3',
    });
  });

  it('has the version of its mesh', () => {
    const version = (install: (istio: Layer) => Install) => release({}, install).spec.chart.spec.version;
    expect(version((istio) => ({ by: 'helm', in: istio, version: '1.30.2' }))).toBe('1.30.2');
    expect(version((istio) => ({ by: 'sail', in: istio, version: '1.30.1' }))).toBe('1.30.1');
    expect(version(() => ({ by: 'istioctl', version: '1.31.1-dev.site' }))).toBe('1.30.3');
  });

  it('carries every option', () => {
    const { mesh } = place();
    const all: Required<Extract<GatewayReleaseProps, { service?: 'LoadBalancer' }>> = {
      mesh,
      name: 'istio-public',
      version: '1.30.2',
      source: { kind: 'HelmRepository', name: 'site', namespace: 'flux-system' },
      after: [new HelmRelease(layer('metallb'), 'metallb', { chart: 'metallb' })],
      timeout: '5m',
      replicas: 3,
      resources: { cpu: '50m', memory: '64Mi', memoryLimit: '256Mi' },
      ports: [{ name: 'tcp-mongo', port: 27017, targetPort: 27018 }],
      clientAddress: 'keep',
      service: 'LoadBalancer',
      address,
    };
    const { mesh: _, ...options } = all;
    const { spec } = release(options);
    expect(spec.releaseName).toBe('istio-public');
    expect(spec).toMatchObject({
      chart: { spec: { version: '1.30.2', sourceRef: { name: 'site', namespace: 'flux-system' } } },
      dependsOn: [
        { name: 'istiod', namespace: 'istio-system' },
        { name: 'metallb', namespace: 'metallb' },
      ],
      timeout: '5m',
    });
    expect(spec.values).toEqual({
      autoscaling: { enabled: false },
      replicaCount: 3,
      resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '256Mi' } },
      service: {
        annotations: address.annotations,
        externalTrafficPolicy: 'Local',
        ports: [
          { name: 'status-port', port: 15021, protocol: 'TCP', targetPort: 15021 },
          { name: 'http2', port: 80, protocol: 'TCP', targetPort: 80 },
          { name: 'https', port: 443, protocol: 'TCP', targetPort: 443 },
          { name: 'tcp-mongo', port: 27017, protocol: 'TCP', targetPort: 27018 },
        ],
      },
    });
    expect(values({ replicas: { min: 2, max: 4 } })).toEqual({ autoscaling: { minReplicas: 2, maxReplicas: 4 } });
  });

  it('is reached at ports of the nodes, or from inside alone', () => {
    expect(values({ service: 'ClusterIP' })).toEqual({ service: { type: 'ClusterIP' } });
    expect(values({ service: { type: 'NodePort' } })).toEqual({ service: { type: 'NodePort' } });
    expect(values({ service: { type: 'NodePort', ports: { 80: 30080 } } })).toEqual({
      service: {
        type: 'NodePort',
        ports: [
          { name: 'status-port', port: 15021, protocol: 'TCP', targetPort: 15021 },
          { name: 'http2', port: 80, protocol: 'TCP', targetPort: 80, nodePort: 30080 },
          { name: 'https', port: 443, protocol: 'TCP', targetPort: 443 },
        ],
      },
    });
  });

  it("tells what its pods are called: the chart's labels, Service and account", () => {
    const { pods } = release({ address }).gateway;
    expect(pods).toMatchObject({
      selector: { istio: 'ingressgateway' },
      namespace: 'istio-ingress',
      identity: { namespace: 'istio-ingress', serviceAccount: 'istio-ingressgateway' },
      address: '10.34.124.115',
    });
    expect(pods.service.url).toBe('http://istio-ingressgateway.istio-ingress.svc.cluster.local:80');
    expect(release({ name: 'public' }).gateway.pods.selector).toEqual({ istio: 'public' });
  });
});

describe('refused', () => {
  it.each<[string, object, string]>([
    ['a name that is no DNS label', { name: 'Public' }, "release of 'platform/gateways/istio-ingressgateway/release' is"],
    [
      'a port twice',
      { ports: [{ name: 'web', port: 80 }] },
      "port 'web' (80) of gateway 'platform/gateways/istio-ingressgateway' is there already, as 'http2' (80)",
    ],
    ['a port name twice', { ports: [{ name: 'https', port: 8443 }] }, "port 'https' (8443) of gateway"],
    ['a port name that is none', { ports: [{ name: 'a b', port: 8443 }] }, 'name of port 8443 of gateway'],
    ['a port out of range', { ports: [{ name: 'web', port: 70000 }] }, 'port 70000'],
    ['a target out of range', { ports: [{ name: 'web', port: 81, targetPort: 0 }] }, 'port 0'],
    ['a node port out of range', { service: { type: 'NodePort', ports: { 80: 80 } } }, 'node port 80 of port 80 of gateway'],
    ['a node port twice', { service: { type: 'NodePort', ports: { 80: 30080, 443: 30080 } } }, 'is given to ports 80 and 443'],
    [
      'a node port of no port',
      { service: { type: 'NodePort', ports: { 8080: 30080 } } },
      'gives port 8080 a node port, but has ports 15021, 80, 443',
    ],
    [
      'client addresses that nobody sees',
      { service: 'ClusterIP', clientAddress: 'keep' },
      "cannot keep client addresses with service 'ClusterIP'",
    ],
    ['no replicas', { replicas: 0 }, "replicas of 'platform/gateways/istio-ingressgateway' are 0"],
    [
      "more memory than the chart's limit",
      { resources: { cpu: '1', memory: '2Gi' } },
      'request 2Gi of memory and limit it to 1Gi',
    ],
  ])('%s', (_, options, message) => {
    expect(() => release(options)).toThrow(message);
  });

  it('a namespace whose pods are never injected', () => {
    const { gateway, gateways, mesh } = release();
    expect(gateway.node.validate()).toEqual([]);
    mesh.enroll(gateways, { by: 'excluded' });
    expect(gateway.node.validate()).toEqual([
      expect.stringContaining(
        "gateway 'platform/gateways/istio-ingressgateway' stands in namespace 'istio-ingress', which is excluded",
      ),
    ]);
  });

  it('a layer that does not come after the install', () => {
    const problems = (by: 'helm' | 'sail', where: 'early' | 'same') => {
      const { stack, istio, mesh } = place((layer) => ({ by, in: layer }));
      const early = new Layer(stack, 'early', { namespace: 'early' });
      return new GatewayRelease(where === 'early' ? early : istio, 'gateway', { mesh }).node.validate();
    };
    expect(problems('helm', 'early')).toEqual([
      "gateway 'platform/early/gateway' stands in layer 'platform/early', which does not come after layer 'platform/istio', where istio " +
        "is installed: say 'after: [istio]'",
    ]);
    // One release waits for another within a layer; nothing waits for an operator's object there.
    expect(problems('helm', 'same')).toEqual([]);
    expect(problems('sail', 'same')).toHaveLength(1);
  });
});

describe('with the rest', () => {
  it('serves Istio Gateways, Ingresses and what leaves the mesh, without a finding', () => {
    const { stack, gateways, mesh, own } = place();
    const { pods } = new GatewayRelease(gateways, 'istio-ingressgateway', {
      mesh,
      address,
      ports: [{ name: 'tcp', port: 9000 }],
    });
    const egress = new GatewayRelease(gateways, 'istio-egressgateway', { mesh, service: 'ClusterIP' });
    const apps = new Layer(stack, 'apps', { namespace: 'apps', after: [own] });
    mesh.enroll(apps);
    new Curl(apps, 'curl');
    const exposure = new Layer(stack, 'exposure', { namespace: gateways, after: [apps, gateways] });
    const gateway = new IstioGateway(exposure, 'gateway', { pods });
    gateway.publish(new Httpbin(apps, 'httpbin'), { host: 'httpbin.mesh.test' });
    new IstioIngress(exposure, 'ingress', { pods }).publish(new Httpbin(apps, 'other', { name: 'other' }), {
      host: 'other.mesh.test',
    });
    gateway.openTcp({ port: 9000 });
    const outside = new ExternalService(apps, 'outside', {
      host: 'api.example.com',
      ports: [{ name: 'tls', port: 443, appProtocol: 'tls' }],
    });
    new EgressGateway(apps, 'egress', { through: egress.pods, to: outside });
    expect(proveModel(modelOfSubject(stack))).toEqual([]);
  });

  it('is known by its ports: one that its Service does not have is found', () => {
    const codes = (options: object) => {
      const { stack, gateways, gateway } = release(options);
      const exposure = new Layer(stack, 'exposure', { namespace: gateways, after: [gateways] });
      new IstioGateway(exposure, 'gateway', { pods: gateway.pods }).openTcp({ port: 9000 });
      return proveModel(modelOfSubject(stack)).map((finding) => finding.code);
    };
    expect(codes({ ports: [{ name: 'tcp', port: 9000 }] })).not.toContain('REF015');
    expect(codes({})).toContain('REF015');
  });
});
