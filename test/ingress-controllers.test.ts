import { App, Testing } from 'cdk8s';
import { describe, expect, it } from 'vitest';
import { MeshApp, Stack } from '../constructs/app.ts';
import { Bookinfo } from '../constructs/apps/index.ts';
import {
  AddressPool,
  type BundledController,
  CertificateIssuer,
  CertManager,
  type ExistingController,
  existingIssuer,
  type IngressPublishOptions,
  type InstalledController,
  L2Advertisement,
  MetalLb,
  NginxIngress,
  type NginxIngressProps,
  type TlsOptions,
  TraefikIngress,
} from '../constructs/exposure/index.ts';
import {
  Endpoint,
  HelmRelease,
  Layer,
  type LoadBalancerAddress,
  type MeshLike,
  type Page,
  type PlatformName,
} from '../constructs/kit/index.ts';
import { prove, readWorlds } from '../constructs/proof/index.ts';
import { scratch } from './support/publish.ts';

/** A layer for the controller, and one for what it publishes. */
function layers(platform: PlatformName = 'generic') {
  const stack = new Stack(new App(), 'site', { platform });
  const install = new Layer(stack, 'ingress', { namespace: 'edge' });
  const exposure = new Layer(stack, 'exposure', { namespace: install, after: [install] });
  return { stack, install, exposure };
}

function page(name: string, change: Partial<Page> = {}): { page: Page } {
  const endpoint = Endpoint.external({ protocol: 'http', host: `${name}.shop.svc.cluster.local`, port: 9080 });
  return { page: { name, endpoint, path: '/', sidecar: 'by-namespace', ...change } };
}

function mesh(change: Partial<MeshLike> = {}): MeshLike {
  return { rootNamespace: 'istio-system', needsPlaintextRules: false, ingress: undefined, samplingPercent: 100, ...change };
}

const shop = page('shop', { path: '/home', routes: [{ exact: '/home' }, { prefix: '/static' }] });
const address: LoadBalancerAddress = { ip: '10.0.0.9', annotations: { 'metallb.io/loadBalancerIPs': '10.0.0.9' } };
const issuer = existingIssuer({ kind: 'ClusterIssuer', name: 'site-ca' });
const of = (layer: Layer, kind: string) => Testing.synth(layer).filter((one) => one.kind === kind);
const release = (layer: Layer) => of(layer, 'HelmRelease')[0];
const ingress = (layer: Layer) => of(layer, 'Ingress')[0];

describe('nginx that is installed here', () => {
  it('listens at the ports of the nodes, and serves its own class alone', () => {
    const { install, exposure } = layers();
    const nginx = new NginxIngress(exposure, 'nginx', { install: { in: install, hostAddress: '10.34.124.114' } });
    expect(release(install)).toMatchObject({
      metadata: { name: 'ingress-nginx', namespace: 'edge' },
      spec: {
        chart: { spec: { chart: 'ingress-nginx', version: '4.15.1' } },
        values: {
          controller: {
            ingressClass: 'nginx',
            ingressClassResource: { name: 'nginx', controllerValue: 'k8s.io/ingress-nginx' },
            watchIngressWithoutClass: false,
            kind: 'DaemonSet',
            hostPort: { enabled: true },
            service: { type: 'ClusterIP' },
            publishService: { enabled: false },
          },
        },
      },
    });
    expect(of(install, 'Namespace')[0].metadata.labels).toMatchObject({ 'pod-security.kubernetes.io/enforce': 'privileged' });
    expect(nginx.publish(shop, { host: 'shop.site.example' })).toMatchObject({
      host: 'shop.site.example',
      entry: { host: 'ingress-nginx-controller.edge.svc.cluster.local', port: 80 },
      url: 'http://shop.site.example/home',
      address: '10.34.124.114',
    });
  });

  it('takes every option, behind an address of a pool', () => {
    const { install, exposure } = layers();
    const first = new HelmRelease(install, 'first', { chart: 'metallb' });
    type Every = Required<Extract<InstalledController, { address: LoadBalancerAddress }> & { inMesh: MeshLike }>;
    const every: Omit<Every, 'hostAddress'> = {
      in: install,
      name: 'inner',
      ingressClass: 'nginx-inner',
      version: '4.14.0',
      source: { kind: 'HelmRepository', name: 'site', namespace: 'flux-system' },
      after: [first],
      timeout: '5m',
      address,
      inMesh: mesh(),
    };
    const nginx = new NginxIngress(exposure, 'nginx', { install: every });
    expect(of(install, 'HelmRelease').find((one) => one.metadata.name === 'inner')).toMatchObject({
      spec: {
        chart: { spec: { version: '4.14.0', sourceRef: { name: 'site', namespace: 'flux-system' } } },
        dependsOn: [{ name: 'first' }],
        timeout: '5m',
        values: {
          controller: {
            ingressClass: 'nginx-inner',
            ingressClassResource: { name: 'nginx-inner', controllerValue: 'k8s.io/inner' },
            service: { annotations: { 'metallb.io/loadBalancerIPs': '10.0.0.9' } },
            podLabels: { 'sidecar.istio.io/inject': 'true' },
            podAnnotations: { 'traffic.sidecar.istio.io/includeInboundPorts': '' },
          },
        },
      },
    });
    expect(of(install, 'Namespace')[0].metadata.labels).toBeUndefined();
    expect(nginx.ingressClass).toBe('nginx-inner');
    expect(nginx.publish(shop, { host: 'shop.site.example' })).toMatchObject({
      entry: { host: 'inner-ingress-nginx-controller.edge.svc.cluster.local' },
      address: '10.0.0.9',
    });
    expect(ingress(exposure).spec.ingressClassName).toBe('nginx-inner');
  });

  it('sends to a Service of the mesh by its name, once it is in the mesh itself', () => {
    const { install, exposure } = layers();
    const nginx = new NginxIngress(exposure, 'nginx', { install: { in: install, address, inMesh: mesh() } });
    nginx.publish(page('cart'), { host: 'cart.site.example' });
    nginx.publish(page('grafana', { sidecar: 'never' }), { host: 'grafana.site.example' });
    const annotations = of(exposure, 'Ingress').map((one) => one.metadata.annotations);
    expect(annotations).toEqual([
      {
        'meshwright.dev/address': '10.0.0.9',
        'nginx.ingress.kubernetes.io/service-upstream': 'true',
        'nginx.ingress.kubernetes.io/upstream-vhost': 'cart.shop.svc.cluster.local',
      },
      { 'meshwright.dev/address': '10.0.0.9' },
    ]);
    expect(of(exposure, 'DestinationRule')).toEqual([]);
  });

  it('is told not to use mutual TLS where the mesh does not find that out', () => {
    const { install, exposure } = layers();
    const inMesh = mesh({ needsPlaintextRules: true });
    const nginx = new NginxIngress(exposure, 'nginx', { install: { in: install, address, inMesh } });
    nginx.publish(page('cart'), { host: 'cart.site.example' });
    nginx.publish(page('grafana', { sidecar: 'never' }), { host: 'grafana.site.example' });
    expect(of(exposure, 'DestinationRule').map((one) => one.metadata.name)).toEqual(['grafana']);
  });
});

describe('an Ingress of nginx', () => {
  const publish = (options: IngressPublishOptions, of = shop) => {
    const { install, exposure } = layers();
    const nginx = new NginxIngress(exposure, 'nginx', { install: { in: install, hostAddress: '10.0.0.1' } });
    return { exposed: nginx.publish(of, options), layer: exposure };
  };

  it('stands beside the Service, and always says its class', () => {
    const backend = { service: { name: 'shop', port: { number: 9080 } } };
    expect(ingress(publish({ host: 'shop.site.example' }).layer)).toEqual({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name: 'shop', namespace: 'shop', annotations: { 'meshwright.dev/address': '10.0.0.1' } },
      spec: {
        ingressClassName: 'nginx',
        rules: [
          {
            host: 'shop.site.example',
            http: {
              paths: [
                { path: '/home', pathType: 'Exact', backend },
                { path: '/static', pathType: 'Prefix', backend },
              ],
            },
          },
        ],
      },
    });
  });

  it('takes every option', () => {
    const tls: TlsOptions = { secret: 'shop-tls', redirect: 'off' };
    const every: Required<Omit<IngressPublishOptions, 'login'>> = { host: '*.site.example', path: '/static/css', tls };
    const { exposed, layer } = publish(every);
    const { metadata, spec } = ingress(layer);
    expect(metadata.annotations['nginx.ingress.kubernetes.io/ssl-redirect']).toBe('false');
    expect(spec.tls).toEqual([{ hosts: ['*.site.example'], secretName: 'shop-tls' }]);
    expect(spec.rules[0].http.paths).toMatchObject([{ path: '/static/css', pathType: 'Prefix' }]);
    expect(exposed.url).toBe('https://any.site.example/static/css');
  });

  it('takes any host and path when nothing is said', () => {
    const { rules, tls } = ingress(publish({ host: '*', tls: { secret: 'any-tls' } }, page('shop')).layer).spec;
    expect(rules).toMatchObject([{ http: { paths: [{ path: '/', pathType: 'Prefix' }] } }]);
    expect(rules[0].host).toBeUndefined();
    expect(tls).toEqual([{ secretName: 'any-tls' }]);
  });

  it('has its certificate beside it, and redirects', () => {
    const { layer } = publish({ host: 'shop.site.example', tls: { issuer } });
    expect(of(layer, 'Certificate')).toMatchObject([
      { metadata: { namespace: 'shop' }, spec: { dnsNames: ['shop.site.example'], issuerRef: { name: 'site-ca' } } },
    ]);
    const { metadata, spec } = ingress(layer);
    expect(metadata.annotations['nginx.ingress.kubernetes.io/ssl-redirect']).toBe('true');
    expect(spec.tls).toEqual([{ hosts: ['shop.site.example'], secretName: of(layer, 'Certificate')[0].spec.secretName }]);
  });

  it('leads a host to one page', () => {
    const { install, exposure } = layers();
    const nginx = new NginxIngress(exposure, 'nginx', { install: { in: install, hostAddress: '10.0.0.1' } });
    nginx.publish(shop, { host: 'shop.site.example' });
    expect(() => nginx.publish(page('cart'), { host: 'shop.site.example' })).toThrow(/leads to page 'shop' already/);
    expect(() => nginx.publish(page('cart'), { host: 'Cart' })).toThrow(/host "Cart" cannot be published/);
  });
});

describe('Traefik that is installed here', () => {
  it('listens at the ports of the nodes', () => {
    const { install, exposure } = layers();
    new TraefikIngress(exposure, 'traefik', { install: { in: install, hostAddress: '10.0.0.1' } });
    expect(release(install).spec.values).toEqual({
      global: { checkNewVersion: false },
      ingressClass: { name: 'traefik', isDefaultClass: false },
      providers: {
        kubernetesIngress: { ingressClass: 'traefik', strictPrefixMatching: true },
        kubernetesCRD: { ingressClass: 'traefik' },
      },
      deployment: { kind: 'DaemonSet' },
      ports: { web: { hostPort: 80 }, websecure: { hostPort: 443 } },
      service: { type: 'ClusterIP' },
      updateStrategy: { rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
    });
  });

  it('takes every option, behind an address of a pool', () => {
    const { install, exposure } = layers();
    const first = new HelmRelease(install, 'first', { chart: 'metallb' });
    const every: Omit<Required<Extract<InstalledController, { address: LoadBalancerAddress }>>, 'hostAddress'> = {
      in: install,
      name: 'inner',
      ingressClass: 'traefik-inner',
      version: '37.0.0',
      source: { kind: 'HelmRepository', name: 'site', namespace: 'flux-system' },
      after: [first],
      timeout: '5m',
      address,
    };
    const traefik = new TraefikIngress(exposure, 'traefik', { install: every });
    const { spec } = of(install, 'HelmRelease').find((one) => one.metadata.name === 'inner');
    expect(spec).toMatchObject({
      chart: { spec: { version: '37.0.0', sourceRef: { name: 'site', namespace: 'flux-system' } } },
      dependsOn: [{ name: 'first' }],
      timeout: '5m',
    });
    expect(spec.values).toMatchObject({
      ingressClass: { name: 'traefik-inner' },
      service: { annotations: { 'metallb.io/loadBalancerIPs': '10.0.0.9' } },
    });
    expect(traefik.publish(shop, { host: 'shop.site.example' })).toMatchObject({
      entry: { host: 'inner-traefik.edge.svc.cluster.local', port: 80 },
      address: '10.0.0.9',
    });
  });

  it('serves plain requests, or sends them to https by a Middleware', () => {
    const { install, exposure } = layers();
    const traefik = new TraefikIngress(exposure, 'traefik', { install: { in: install, hostAddress: '10.0.0.1' } });
    traefik.publish(page('plain'), { host: 'plain.site.example' });
    traefik.publish(page('both'), { host: 'both.site.example', tls: { secret: 'tls', redirect: 'off' } });
    traefik.publish(page('safe'), { host: 'safe.site.example', tls: { secret: 'tls' } });
    const own = (key: string) => `traefik.ingress.kubernetes.io/router.${key}`;
    const known = { 'meshwright.dev/address': '10.0.0.1' };
    expect(of(exposure, 'Ingress').map((one) => one.metadata.annotations)).toEqual([
      { ...known, [own('entrypoints')]: 'web' },
      { ...known, [own('entrypoints')]: 'web,websecure' },
      { ...known, [own('entrypoints')]: 'web,websecure', [own('middlewares')]: 'shop-safe-https@kubernetescrd' },
    ]);
    expect(of(exposure, 'Middleware')).toEqual([
      {
        apiVersion: 'traefik.io/v1alpha1',
        kind: 'Middleware',
        metadata: { name: 'safe-https', namespace: 'shop', annotations: { 'kubernetes.io/ingress.class': 'traefik' } },
        spec: { redirectScheme: { scheme: 'https', permanent: true } },
      },
    ]);
  });

  it('redirects beside ACME, whose challenges have an Ingress of their own', () => {
    const { install, exposure } = layers();
    const acme = { ...issuer, challenge: 'http01' as const };
    const traefik = new TraefikIngress(exposure, 'traefik', { install: { in: install, hostAddress: '10.0.0.1' } });
    const exposed = traefik.publish(page('safe'), { host: 'safe.site.example', tls: { issuer: acme } });
    expect(of(exposure, 'Middleware')).toHaveLength(1);
    expect(exposed.entry.url).toBe('https://traefik.edge.svc.cluster.local:443');
  });

  it('stands beside nginx, for the same page and host', () => {
    const { install, exposure } = layers();
    new NginxIngress(exposure, 'nginx', { install: { in: install, hostAddress: '10.0.0.1' } }).publish(shop, {
      host: 'a.site.example',
    });
    new TraefikIngress(exposure, 'traefik', { install: { in: install, hostAddress: '10.0.0.2' } }).publish(shop, {
      host: 'a.site.example',
    });
    expect(of(exposure, 'Ingress').map(({ metadata, spec }) => `${metadata.name} ${spec.ingressClassName}`)).toEqual([
      'shop nginx',
      'shop-traefik traefik',
    ]);
  });

  it('cannot redirect in the layer that brings the CRD', () => {
    const { install } = layers();
    const traefik = new TraefikIngress(install, 'x', { install: { in: install, hostAddress: '10.0.0.1' } });
    traefik.publish(page('safe'), { host: 'safe.site.example', tls: { secret: 'tls' } });
    const errors = install.node.findAll().flatMap((one) => one.node.validate());
    expect(errors.join()).toMatch(/'site\/ingress\/x\/safe' needs a.*its own layer 'site\/ingress'.*redirect: 'off'/);
  });
});

describe('a controller that the platform brings', () => {
  const bundled: Required<Omit<BundledController, 'install' | 'existing'>> = { bundled: true, hostAddress: '10.34.124.114' };

  it.each<[PlatformName, 'nginx' | 'traefik', string]>([
    ['rke2', 'nginx', '10.34.124.114'],
    ['rke2', 'traefik', 'rke2-traefik.kube-system.svc.cluster.local'],
    ['k3d', 'traefik', 'traefik.kube-system.svc.cluster.local'],
  ])('on %s, %s', (platform, kind, entry) => {
    const { exposure } = layers(platform);
    const controller = kind === 'nginx' ? new NginxIngress(exposure, 'x', bundled) : new TraefikIngress(exposure, 'x', bundled);
    expect(controller.release).toBeUndefined();
    expect(controller.publish(shop, { host: 'shop.site.example' })).toMatchObject({
      entry: { host: entry, port: 80 },
      address: '10.34.124.114',
    });
    expect(ingress(exposure).spec.ingressClassName).toBe(kind);
    expect(ingress(exposure).metadata.annotations['meshwright.dev/address']).toBe('10.34.124.114');
  });

  it('needs no address where it has a Service', () => {
    const exposed = new TraefikIngress(layers('k3d').exposure, 'x', { bundled: true }).publish(shop, { host: 'a.site.example' });
    expect(exposed.address).toBeUndefined();
  });

  it.each<[string, PlatformName, 'nginx' | 'traefik', NginxIngressProps, RegExp]>([
    ['nginx of RKE2 without an address', 'rke2', 'nginx', { bundled: true }, /nginx of rke2, which has no Service.*hostAddress/],
    ['nginx on k3d', 'k3d', 'nginx', { bundled: true }, /wants the nginx.*platform 'k3d' brings traefik: install it/],
    ['Traefik on kind', 'kind', 'traefik', { bundled: true }, /platform 'kind' brings no ingress controller: install it/],
    ['nginx of nobody knows', 'generic', 'nginx', { bundled: true }, /platform 'generic' brings no.*platform: 'rke2'/],
    [
      'what is no address',
      'rke2',
      'nginx',
      { bundled: true, hostAddress: 'node1' },
      /hostAddress of 'site\/exposure\/x' is "node1"/,
    ],
  ])('is refused: %s', (_, platform, kind, props, message) => {
    const { exposure } = layers(platform);
    const make = () =>
      kind === 'nginx' ? new NginxIngress(exposure, 'x', props) : new TraefikIngress(exposure, 'x', { bundled: true });
    expect(make).toThrow(message);
  });

  it('cannot have the address of another controller', () => {
    const { install, exposure } = layers('rke2');
    new NginxIngress(exposure, 'nginx', bundled);
    new NginxIngress(exposure, 'again', bundled);
    expect(() => new TraefikIngress(exposure, 'x', { install: { in: install, hostAddress: '10.34.124.114' } })).toThrow(
      /'site\/exposure\/x' \(edge\/traefik\) and 'site\/exposure\/nginx' \(nginx of rke2\) would both listen at ports 80 and 443 of 10\.34\.124\.114/,
    );
  });
});

describe('a controller that somebody else runs', () => {
  it('is taken as it is', () => {
    const { exposure } = layers();
    const service = Endpoint.external({ protocol: 'http', host: 'front.edge.svc.cluster.local', port: 80 });
    const every: Required<ExistingController['existing']> = { ingressClass: 'front', service, address: '10.0.0.7' };
    const exposed = new NginxIngress(exposure, 'x', { existing: every }).publish(shop, { host: 'shop.site.example' });
    expect(exposed).toMatchObject({ entry: service, address: '10.0.0.7' });
    expect(ingress(exposure).spec.ingressClassName).toBe('front');
    expect(() => new TraefikIngress(exposure, 'y', { existing: { ...every, ingressClass: 'My class' } })).toThrow(
      /is "My class"/,
    );
    expect(() => new TraefikIngress(exposure, 'z', { existing: { ...every, address: 'front' } })).toThrow(/is "front"/);
  });
});

describe('a stack', () => {
  it.each(['nginx', 'traefik'] as const)(
    'with %s at a host address and a pool beside it has nothing else to be said of it',
    (kind) => {
      const outdir = scratch();
      const app = new MeshApp({ outdir });
      const stack = new Stack(app, 'platform', { platform: 'rke2' });
      const metallb = new Layer(stack, 'metallb', { namespace: 'metallb-system' });
      const certManager = new Layer(stack, 'cert-manager', { namespace: 'cert-manager' });
      const controller = new Layer(stack, 'ingress', { namespace: 'edge' });
      const addresses = new Layer(stack, 'addresses', { namespace: metallb, after: [metallb] });
      const issuers = new Layer(stack, 'issuers', { namespace: certManager, after: [certManager] });
      const apps = new Layer(stack, 'apps', { namespace: 'bookinfo' });
      const exposure = new Layer(stack, 'exposure', { namespace: controller, after: [controller, addresses, issuers, apps] });
      new MetalLb(metallb, 'metallb');
      new CertManager(certManager, 'cert-manager');
      const siteCa = new CertificateIssuer(issuers, 'site-ca', { by: { selfSigned: true }, scope: 'cluster' });
      const pool = new AddressPool(addresses, 'ip-pool', { addresses: ['10.34.124.115/32'], reserved: ['10.34.124.114'] });
      new L2Advertisement(addresses, 'l2advertise', { pools: [pool] });
      const bookinfo = new Bookinfo(apps, 'bookinfo');
      const install = { in: controller, hostAddress: '10.34.124.114' };
      const way =
        kind === 'nginx' ? new NginxIngress(exposure, 'way', { install }) : new TraefikIngress(exposure, 'way', { install });
      way.publish(bookinfo, { host: 'bookinfo.site.example', tls: { issuer: siteCa } });
      app.synth();
      const found = readWorlds([outdir]).flatMap((world) => prove(world));
      // ingress-nginx is retired, and that is said of it.
      expect(found.map((one) => one.code)).toEqual(kind === 'nginx' ? ['EXP014'] : []);
    },
  );

  it('says when a page is published before its namespace is there', () => {
    const app = new MeshApp({ outdir: scratch() });
    const stack = new Stack(app, 'site', { platform: 'rke2' });
    const exposure = new Layer(stack, 'exposure', { namespace: 'edge' });
    const apps = new Layer(stack, 'apps', { namespace: 'bookinfo' });
    new NginxIngress(exposure, 'x', { bundled: true, hostAddress: '10.0.0.1' }).publish(new Bookinfo(apps, 'bookinfo'), {
      host: 'bookinfo.site.example',
    });
    expect(() => app.synth()).toThrow(/puts its Ingress into namespace 'bookinfo'.*'after: \[apps\]'/);
  });
});

describe('a login in front of a page', () => {
  const host = 'shop.site.example';
  const tls = { secret: 'shop-tls' };
  const way = (kind: typeof TraefikIngress | typeof NginxIngress) => {
    const { install, exposure } = layers();
    return { ingress: new kind(exposure, 'front', { install: { in: install, hostAddress: '10.0.0.1' } }), exposure };
  };

  it('is asked by Traefik after the way is encrypted, from a Secret', () => {
    const { ingress: front, exposure } = way(TraefikIngress);
    const every: Required<Omit<IngressPublishOptions, 'path'>> = { host, tls, login: { secret: 'shop-users', key: 'users' } };
    front.publish(shop, every);
    const middlewares = of(exposure, 'Middleware');
    expect(middlewares.map((m) => [m.metadata.name, Object.keys(m.spec)[0]])).toEqual([
      ['shop-https', 'redirectScheme'],
      ['shop-login', 'basicAuth'],
    ]);
    expect(middlewares[1].spec.basicAuth.secret).toBe('shop-users');
    expect(ingress(exposure).metadata.annotations['traefik.ingress.kubernetes.io/router.middlewares']).toBe(
      'shop-shop-https@kubernetescrd,shop-shop-login@kubernetescrd',
    );
  });

  it('is asked by nginx', () => {
    const { ingress: front, exposure } = way(NginxIngress);
    front.publish(shop, { host, tls, login: { secret: 'shop-users', key: 'auth' } });
    expect(ingress(exposure).metadata.annotations).toMatchObject({
      'nginx.ingress.kubernetes.io/auth-type': 'basic',
      'nginx.ingress.kubernetes.io/auth-secret': 'shop-users',
    });
  });

  it('is refused in plain text, and with a key that the controller does not read', () => {
    const login = { secret: 'shop-users', key: 'users' };
    expect(() => way(TraefikIngress).ingress.publish(shop, { host, login })).toThrow(/plain text.*with tls/);
    const off = { ...tls, redirect: 'off' } as const;
    expect(() => way(TraefikIngress).ingress.publish(shop, { host, login, tls: off })).toThrow(/plain text/);
    expect(() => way(NginxIngress).ingress.publish(shop, { host, login, tls })).toThrow(
      /key 'users' of secret 'shop-users'.*'auth'/,
    );
  });
});
