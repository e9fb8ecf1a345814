import { join } from 'node:path';
import { App, Testing } from 'cdk8s';
import { describe, expect, it } from 'vitest';
import { MeshApp, Stack } from '../constructs/app.ts';
import { Bookinfo } from '../constructs/apps/index.ts';
import {
  GatewayApiGateway,
  type GatewayApiGatewayProps,
  IstioGateway,
  IstioIngress,
  type IstioIngressProps,
  type OpenOptions,
  type OpenTcpOptions,
  type OpenTlsOptions,
} from '../constructs/exposure/index.ts';
import {
  Endpoint,
  type Exposed,
  type IngressPods,
  Layer,
  type MeshLike,
  type Page,
  UserError,
  Workload,
} from '../constructs/kit/index.ts';
import { type Install, Mesh, TcpRoutes, TlsRoutes } from '../constructs/mesh/index.ts';
import { prove, readWorlds } from '../constructs/proof/index.ts';
import { expectTraffic } from '../constructs/testing/index.ts';
import { Jaeger } from '../constructs/tracing/index.ts';
import { scratch } from './support/publish.ts';

const pods: IngressPods = {
  selector: { istio: 'ingressgateway' },
  namespace: 'istio-system',
  service: Endpoint.external({ protocol: 'http', host: 'istio-ingressgateway.istio-system.svc.cluster.local', port: 80 }),
};

function mesh(change: Partial<MeshLike> = {}): MeshLike {
  return { rootNamespace: 'istio-system', needsPlaintextRules: false, ingress: pods, samplingPercent: 100, ...change };
}

function page(name: string, change: Partial<Page> = {}): { page: Page } {
  const endpoint = Endpoint.external({ protocol: 'http', host: `${name}.shop.svc.cluster.local`, port: 9080 });
  return { page: { name, endpoint, path: '/', sidecar: 'never', ...change } };
}

const shop = page('shop', { path: '/home', routes: [{ exact: '/home' }, { prefix: '/static' }] });

/** A layer of another namespace than the pages, that nobody here creates. */
function edge(): Layer {
  return new Layer(new App(), 'exposure', { namespace: { existing: 'edge' } });
}

const objects = (layer: Layer, kind: string) => Testing.synth(layer).filter((one) => one.kind === kind);

describe('the Gateway API', () => {
  type Of<T> = Required<Extract<GatewayApiGatewayProps, { readonly serviceType?: T }>>;
  const every: Omit<Of<'ClusterIP'>, 'address'> = {
    mesh: mesh(),
    name: 'public',
    port: 8080,
    tlsPort: 8443,
    serviceType: 'ClusterIP',
  };
  const fixed: Of<'LoadBalancer'> = {
    ...every,
    serviceType: 'LoadBalancer',
    address: { ip: '10.34.124.115', annotations: { 'metallb.io/loadBalancerIPs': '10.34.124.115' } },
  };

  it('asks for a fixed address, and tells it', () => {
    const layer = edge();
    const gateway = new GatewayApiGateway(layer, 'gateway', fixed);
    expect(objects(layer, 'Gateway')[0].spec.infrastructure).toEqual({
      annotations: { 'metallb.io/loadBalancerIPs': '10.34.124.115' },
    });
    expect(gateway.publish(shop, { host: 'shop.mesh.test' }).address).toBe('10.34.124.115');
    expect(gateway.pods.address).toBe('10.34.124.115');
  });

  it('opens one Gateway of class istio, with every option', () => {
    const layer = edge();
    const gateway = new GatewayApiGateway(layer, 'gateway', every);
    expect(Testing.synth(layer)).toEqual([
      {
        apiVersion: 'gateway.networking.k8s.io/v1',
        kind: 'Gateway',
        metadata: { name: 'public', namespace: 'edge', annotations: { 'networking.istio.io/service-type': 'ClusterIP' } },
        spec: {
          gatewayClassName: 'istio',
          listeners: [{ name: 'http', port: 8080, protocol: 'HTTP', allowedRoutes: { namespaces: { from: 'All' } } }],
        },
      },
    ]);
    expect(gateway.pods).toMatchObject({
      selector: { 'gateway.networking.k8s.io/gateway-name': 'public' },
      namespace: 'edge',
      service: { host: 'public-istio.edge.svc.cluster.local', port: 8080 },
    });
  });

  it('gives a page an HTTPRoute beside its Service', () => {
    const layer = edge();
    const gateway = new GatewayApiGateway(layer, 'gateway', { mesh: mesh({ ingress: undefined }) });
    const exposed = gateway.publish(shop, { host: 'shop.mesh.test' });
    expect(objects(layer, 'HTTPRoute')).toEqual([
      {
        apiVersion: 'gateway.networking.k8s.io/v1',
        kind: 'HTTPRoute',
        metadata: { name: 'shop', namespace: 'shop' },
        spec: {
          parentRefs: [{ name: 'gateway', namespace: 'edge', sectionName: 'http' }],
          hostnames: ['shop.mesh.test'],
          rules: [
            {
              matches: [{ path: { type: 'Exact', value: '/home' } }, { path: { type: 'PathPrefix', value: '/static' } }],
              backendRefs: [{ name: 'shop', port: 9080 }],
            },
          ],
        },
      },
    ]);
    expect(exposed).toEqual({
      host: 'shop.mesh.test',
      gateway: { namespace: 'edge', name: 'gateway' },
      page: shop.page,
      entry: gateway.pods.service,
      url: 'http://shop.mesh.test/home',
    });
  });

  it('takes any host and all paths when nothing is said', () => {
    const layer = edge();
    new GatewayApiGateway(layer, 'gateway', { mesh: mesh() }).publish(page('shop'), { host: '*' });
    const [{ spec }] = objects(layer, 'HTTPRoute');
    expect(spec.hostnames).toBeUndefined();
    expect(spec.rules).toEqual([{ backendRefs: [{ name: 'shop', port: 9080 }] }]);
  });
});

describe('a Kubernetes Ingress', () => {
  type Of<P> = Required<Extract<IstioIngressProps, P>>;
  const every: Omit<Of<{ mesh: MeshLike }>, 'pods' | 'autoMtls'> = { mesh: mesh(), ingressClass: 'edge' };

  it('brings its class, and gives a page an Ingress beside its Service', () => {
    const layer = edge();
    const ingress = new IstioIngress(layer, 'ingress', { mesh: mesh() });
    const exposed = ingress.publish(shop, { host: 'shop.mesh.test' });
    const backend = { service: { name: 'shop', port: { number: 9080 } } };
    expect(objects(layer, 'IngressClass')).toMatchObject([
      { metadata: { name: 'istio' }, spec: { controller: 'istio.io/ingress-controller' } },
    ]);
    expect(objects(layer, 'Ingress')).toEqual([
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'Ingress',
        metadata: { name: 'shop', namespace: 'shop' },
        spec: {
          ingressClassName: 'istio',
          rules: [
            {
              host: 'shop.mesh.test',
              http: {
                paths: [
                  { path: '/home', pathType: 'Exact', backend },
                  { path: '/static', pathType: 'Prefix', backend },
                ],
              },
            },
          ],
        },
      },
    ]);
    expect(exposed).toMatchObject({ entry: pods.service, url: 'http://shop.mesh.test/home' });
  });

  it('makes the class once in a stack, and again in a variant, which is applied alone', () => {
    const stack = new App();
    const base = new Layer(stack, 'a', { namespace: 'edge' });
    const more = new Layer(stack, 'b', { namespace: base });
    const variant = new Layer(stack, 'c', { variantOf: base });
    for (const layer of [base, more, variant]) new IstioIngress(layer, 'ingress', { mesh: mesh() });
    expect([base, more, variant].map((layer) => objects(layer, 'IngressClass').length)).toEqual([1, 0, 1]);
  });

  it('takes a class that is there', () => {
    const layer = edge();
    new IstioIngress(layer, 'ingress', every).publish(page('shop'), { host: '*' });
    expect(objects(layer, 'IngressClass')).toEqual([]);
    const [{ spec }] = objects(layer, 'Ingress');
    expect(spec.ingressClassName).toBe('edge');
    expect(spec.rules[0]).toMatchObject({ http: { paths: [{ path: '/', pathType: 'Prefix' }] } });
    expect(spec.rules[0].host).toBeUndefined();
  });

  it('takes gateway pods that run already', () => {
    const layer = edge();
    const service = Endpoint.external({ protocol: 'http', host: 'edge.edge.svc.cluster.local', port: 80 });
    const own: Omit<Of<{ pods: IngressPods }>, 'mesh'> = {
      pods: { selector: { istio: 'edge' }, namespace: 'edge', service },
      autoMtls: false,
      ingressClass: 'edge',
    };
    expect(new IstioIngress(layer, 'ingress', own).publish(page('shop'), { host: 'a.test' }).entry).toBe(service);
    expect(objects(layer, 'DestinationRule')).toHaveLength(1);
  });

  it.each<[string, IstioIngressProps, RegExp]>([
    ['a mesh without ingress pods', { mesh: mesh({ ingress: undefined }) }, /'exposure\/x' has no pods.*profile 'default'/],
    [
      'pods that Istio serves no Ingress with',
      { mesh: mesh({ ingress: { ...pods, selector: { istio: 'edge' } } }) },
      /istio=ingressgateway; with 'ingressSelector'/,
    ],
    [
      'a gateway at another port',
      { pods: { ...pods, service: Endpoint.external({ protocol: 'http', host: 'a.b.svc', port: 8080 }) } },
      /reached at port 8080: istio serves an Ingress at port 80 alone/,
    ],
    ['a class that is no name', { mesh: mesh(), ingressClass: 'My class' }, /ingressClass of 'exposure\/x' is "My class"/],
  ])('is refused with %s', (_, props, message) => {
    expect(() => new IstioIngress(edge(), 'x', props)).toThrow(message);
  });
});

const forms = {
  IstioGateway: (layer: Layer, of: MeshLike) => new IstioGateway(layer, 'way', { mesh: of }),
  GatewayApiGateway: (layer: Layer, of: MeshLike) => new GatewayApiGateway(layer, 'way', { mesh: of }),
  IstioIngress: (layer: Layer, of: MeshLike) => new IstioIngress(layer, 'way', { mesh: of }),
};
const all = Object.entries(forms);

describe.each(all)('%s', (_, make) => {
  it('refuses a host that leads elsewhere, and a page twice', () => {
    const way = make(edge(), mesh());
    way.publish(page('shop'), { host: 'a.test' });
    expect(() => way.publish(page('cart'), { host: 'a.test' })).toThrow(/'a.test' leads to page 'shop' already/);
    expect(() => way.publish(page('shop'), { host: 'b.test' })).toThrow(/published a page 'shop' at host 'a.test'/);
    expect(() => way.publish(page('other'), { host: 'a' })).toThrow(/host "a" cannot be published/);
    const outside = Endpoint.external({ protocol: 'http', host: 'shop.example.com', port: 80 });
    expect(() => way.publish(page('out', { endpoint: outside }), { host: 'b.test' })).toThrow(UserError);
  });
});

describe.each(all.slice(1))('%s without auto mTLS', (_, make) => {
  it('tells the gateway to speak plain text to pods without a sidecar, beside their Service', () => {
    const layer = edge();
    const way = make(layer, mesh({ needsPlaintextRules: true }));
    way.publish(page('shop'), { host: 'a.test' });
    way.publish(page('cart', { sidecar: 'by-namespace' }), { host: 'b.test' });
    expect(objects(layer, 'DestinationRule')).toMatchObject([
      {
        metadata: { name: 'shop', namespace: 'shop' },
        spec: { host: 'shop.shop.svc.cluster.local', trafficPolicy: { tls: { mode: 'DISABLE' } } },
      },
    ]);
  });
});

describe('an entrance', () => {
  const every: Required<OpenOptions> = { host: 'shop.mesh.test', name: 'shop' };

  it('of Istio has a Gateway of its own, and no route', () => {
    const layer = edge();
    const gateway = new IstioGateway(layer, 'way', { mesh: mesh() });
    expect(gateway.open(every)).toEqual({
      api: 'istio',
      host: 'shop.mesh.test',
      port: 80,
      gateway: { namespace: 'edge', name: 'shop-gateway' },
    });
    expect(gateway.open({ host: '*.mesh.test' }).gateway.name).toBe('any-mesh-test-gateway');
    expect(Testing.synth(layer).map((one) => [one.kind, one.metadata.name, one.spec.servers[0].hosts])).toEqual([
      ['Gateway', 'shop-gateway', ['shop.mesh.test']],
      ['Gateway', 'any-mesh-test-gateway', ['*.mesh.test']],
    ]);
    expect(() => gateway.publish(page('cart'), { host: 'shop.mesh.test' })).toThrow(
      /'shop.mesh.test' leads to entrance 'shop' already, so 'exposure\/way' cannot lead it to page 'cart'/,
    );
  });

  it('of Istio for connections has a Gateway that does not decrypt', () => {
    const layer = edge();
    const gateway = new IstioGateway(layer, 'way', { mesh: mesh() });
    const tls: Required<OpenTlsOptions> = { ...every, port: 15443 };
    expect(gateway.openTls(tls)).toEqual({
      api: 'istio',
      carries: 'tls',
      host: 'shop.mesh.test',
      port: 15443,
      gateway: { namespace: 'edge', name: 'shop-tls-gateway' },
    });
    expect(gateway.openTls({ host: 'a.mesh.test' })).toMatchObject({ port: 443, gateway: { name: 'a-mesh-test-tls-gateway' } });
    const tcp: Required<OpenTcpOptions> = { port: 31400, name: 'bytes' };
    expect(gateway.openTcp(tcp)).toEqual({
      api: 'istio',
      carries: 'tcp',
      host: '*',
      port: 31400,
      gateway: { namespace: 'edge', name: 'bytes-gateway' },
    });
    expect(gateway.openTcp({ port: 31401 }).gateway.name).toBe('tcp-31401-gateway');
    expect(Testing.synth(layer).map((one) => one.spec.servers)).toEqual([
      [{ port: { number: 15443, name: 'tls', protocol: 'TLS' }, tls: { mode: 'PASSTHROUGH' }, hosts: ['shop.mesh.test'] }],
      [{ port: { number: 443, name: 'tls', protocol: 'TLS' }, tls: { mode: 'PASSTHROUGH' }, hosts: ['a.mesh.test'] }],
      [{ port: { number: 31400, name: 'tcp', protocol: 'TCP' }, hosts: ['*'] }],
      [{ port: { number: 31401, name: 'tcp', protocol: 'TCP' }, hosts: ['*'] }],
    ]);
    // The same host by plain HTTP is another way in.
    expect(gateway.open({ host: 'shop.mesh.test' }).port).toBe(80);
    expect(() => gateway.openTls({ host: 'shop.mesh.test', name: 'other' })).toThrow("leads to entrance 'shop-tls' already");
    expect(() => gateway.openTls({ host: 'b.mesh.test', port: 0 })).toThrow('port 0');
    expect(() => gateway.openTcp({ port: 31400 })).toThrow(
      "port 31400 of 'exposure/way' carries tcp already: open another port for tcp",
    );
    expect(() => gateway.openTcp({ port: 443 })).toThrow('carries tls already');
    expect(() => gateway.openTls({ host: 'b.mesh.test', port: 80 })).toThrow('carries http already: open another port for tls');
    expect(() => gateway.openTcp({ port: 31402, name: 'A' })).toThrow("name of the entrance opened by 'exposure/way'");
  });

  it('of the Gateway API is a listener', () => {
    const layer = edge();
    const gateway = new GatewayApiGateway(layer, 'way', { mesh: mesh(), port: 8080 });
    expect(gateway.open({ host: 'shop.mesh.test' })).toEqual({
      api: 'gateway-api',
      host: 'shop.mesh.test',
      port: 8080,
      gateway: { namespace: 'edge', name: 'way' },
      section: 'http',
    });
    expect(Testing.synth(layer)).toHaveLength(1);
    expect(() => gateway.open({ host: 'shop.mesh.test' })).toThrow(/entrance 'shop-mesh-test' already/);
    expect(() => gateway.open({ host: 'shop' })).toThrow(/host "shop" cannot be published/);
  });
});

describe('connections from outside', () => {
  it('reach their pods by name or port, and the proof has nothing against it', () => {
    const folder = scratch();
    const app = new MeshApp({ outdir: folder, proof: 'skip' });
    const stack = new Stack(app, 's');
    const root = new Layer(stack, 'mesh', { namespace: 'istio-system' });
    const apps = new Layer(stack, 'apps', { namespace: 'shop', after: [root] });
    const istio = new Mesh(root, 'istio', { install: { by: 'istioctl', profile: 'demo' } });
    istio.enroll(apps);
    const till = new Workload(apps, 'till', {
      name: 'till',
      version: '1',
      image: 'till:1',
      user: 1000,
      ports: [
        { name: 'tls', port: 8443 },
        { name: 'tcp', port: 9000 },
      ],
      readiness: { run: ['true'] },
      service: [
        { name: 'tls', port: 8443, appProtocol: 'tls' },
        { name: 'tcp', port: 9000, appProtocol: 'tcp' },
      ],
    });
    const gateway = new IstioGateway(root, 'gateway', { mesh: istio });
    const tls = gateway.openTls({ host: 'shop.mesh.test' });
    const tcp = gateway.openTcp({ port: 31400 });
    new TlsRoutes(apps, 'tls', { at: tls, rules: [{ sniHosts: ['shop.mesh.test'], to: till.service }] });
    new TcpRoutes(apps, 'tcp', { at: tcp, to: till.service, toPort: 'tcp' });
    app.synth();
    const findings = readWorlds([join(folder, 's')]).flatMap((world) => prove(world));
    expect(findings.map(({ code, message }) => `${code} ${message}`)).toEqual([]);
    const ask = expectTraffic(stack);
    const ends = [
      ask.to('shop.mesh.test').through(tls).with({ port: 443 }),
      ask.to('any.mesh.test').through(tcp).with({ port: 31400 }),
    ];
    for (const asked of ends) asked.findsPods();
    expect(ends.map(({ explanation: { outcome, destinations } }) => [outcome, destinations[0]?.port])).toEqual([
      ['tcp', 8443],
      ['tcp', 9000],
    ]);
  });
});

describe('Bookinfo', () => {
  type Way = { publish(published: Bookinfo, options: { host: string }): Exposed };

  function published(make: (layer: Layer, of: Mesh) => Way, install: Install, after: 'apps' | 'mesh' = 'apps') {
    const folder = scratch();
    const app = new MeshApp({ outdir: folder, proof: 'skip' });
    const stack = new Stack(app, 's');
    const root = new Layer(stack, 'mesh', { namespace: 'istio-system' });
    const apps = new Layer(stack, 'apps', { namespace: 'bookinfo', after: [root] });
    const exposure = new Layer(stack, 'exposure', { namespace: 'edge', after: after === 'apps' ? [apps] : [root] });
    const istio = new Mesh(root, 'istio', { install, mtls: 'strict', tracing: { to: new Jaeger(root, 'jaeger') } });
    istio.enroll(apps);
    make(exposure, istio).publish(new Bookinfo(apps, 'bookinfo'), { host: 'bookinfo.mesh.test' });
    app.synth();
    return readWorlds([join(folder, 's')]);
  }

  it.each(all)('has nothing against it in the proof, published by %s', (_, make) => {
    const worlds = published(make, { by: 'istioctl' });
    expect(worlds.flatMap((world) => world.objects).some(({ kind }) => /^(Gateway|Ingress)$/.test(kind))).toBe(true);
    expect(worlds.flatMap((world) => prove(world)).map(({ code, message }) => `${code} ${message}`)).toEqual([]);
  });

  it('needs no gateway of the profile with the Gateway API', () => {
    const worlds = published(forms.GatewayApiGateway, { by: 'istioctl', profile: 'minimal' });
    expect(worlds.flatMap((world) => prove(world)).map(({ code, message }) => `${code} ${message}`)).toEqual([]);
  });

  it.each(all.slice(1))('is refused by %s when its namespace may come later', (_, make) => {
    expect(() => published(make, { by: 'istioctl' }, 'mesh')).toThrow(
      /'s\/exposure\/way\/bookinfo' puts its route into namespace 'bookinfo', which layer 's\/apps' creates: .*'after: \[apps\]' of layer 's\/exposure'/,
    );
  });
});
