import { join } from 'node:path';
import { App, Testing } from 'cdk8s';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MeshApp, Stack } from '../constructs/app.ts';
import { Bookinfo, Fortio, Httpbin, TrafficGenerator } from '../constructs/apps/index.ts';
import {
  CertificateIssuer,
  CertManager,
  existingIssuer,
  GatewayApiGateway,
  IstioGateway,
  IstioIngress,
  type PublishOptions,
  type TlsOptions,
} from '../constructs/exposure/index.ts';
import { routesOf } from '../constructs/exposure/pages.ts';
import {
  Endpoint,
  type Exposed,
  type IngressPods,
  Layer,
  type MeshLike,
  type Page,
  type PathMatch,
  type Published,
  UserError,
} from '../constructs/kit/index.ts';
import { Mesh } from '../constructs/mesh/index.ts';
import { prove, readWorlds } from '../constructs/proof/index.ts';
import { expectTraffic, type TrafficExpectation } from '../constructs/testing/index.ts';
import { scratch } from './support/publish.ts';

const pods: IngressPods = {
  selector: { istio: 'ingressgateway' },
  namespace: 'istio-system',
  service: Endpoint.external({ protocol: 'http', host: 'istio-ingressgateway.istio-system.svc.cluster.local', port: 80 }),
  address: '10.34.124.115',
};

const mesh: MeshLike = { rootNamespace: 'istio-system', needsPlaintextRules: false, ingress: pods, samplingPercent: 100 };

function page(name: string, change: Partial<Page> = {}): { page: Page } {
  const endpoint = Endpoint.external({ protocol: 'http', host: `${name}.shop.svc.cluster.local`, port: 9080 });
  return { page: { name, endpoint, path: '/', sidecar: 'never', ...change } };
}

const issuer = existingIssuer({ kind: 'ClusterIssuer', name: 'ca' });
const acme = existingIssuer({ kind: 'ClusterIssuer', name: 'acme', challenge: 'http01' });

interface Way {
  publish(published: Published, options: PublishOptions): Exposed;
}

const forms: Readonly<Record<string, (layer: Layer, of: MeshLike) => Way>> = {
  IstioGateway: (layer, of) => new IstioGateway(layer, 'way', { mesh: of }),
  GatewayApiGateway: (layer, of) => new GatewayApiGateway(layer, 'way', { mesh: of }),
  IstioIngress: (layer, of) => new IstioIngress(layer, 'way', { mesh: of }),
};
const all = Object.entries(forms);

/** A layer of another namespace than pages and gateway pods, that nobody here creates. */
const edge = () => new Layer(new App(), 'exposure', { namespace: { existing: 'edge' } });

const objects = (layer: Layer, kind: string) => Testing.synth(layer).filter((one) => one.kind === kind);

function published(form: string, options: PublishOptions, what = page('shop')) {
  const layer = edge();
  const exposed = forms[form]?.(layer, mesh).publish(what, options);
  return { layer, exposed };
}

describe('TLS at an Istio Gateway', () => {
  it('ends at port 443, and plain requests are sent there', () => {
    const { layer, exposed } = published('IstioGateway', { host: 'shop.mesh.test', tls: { issuer } });
    expect(objects(layer, 'Gateway')[0].spec.servers).toEqual([
      { port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['shop.mesh.test'], tls: { httpsRedirect: true } },
      {
        port: { number: 443, name: 'https', protocol: 'HTTPS' },
        hosts: ['shop.mesh.test'],
        tls: { mode: 'SIMPLE', credentialName: 'shop-mesh-test-tls' },
      },
    ]);
    expect(exposed).toMatchObject({
      url: 'https://shop.mesh.test/',
      address: '10.34.124.115',
      gateway: { namespace: 'edge', name: 'shop-gateway' },
      entry: { host: pods.service.host, port: 443, tls: true },
    });
  });

  it('lets plain requests in when told', () => {
    const { layer, exposed } = published('IstioGateway', { host: 'shop.mesh.test', tls: { issuer, redirect: 'off' } });
    expect(objects(layer, 'Gateway')[0].spec.servers[0].tls).toBeUndefined();
    expect(exposed?.entry).toBe(pods.service);
  });

  it('leaves plain requests alone where a challenge comes by them', () => {
    const { layer } = published('IstioGateway', { host: 'shop.mesh.test', tls: { issuer: acme } });
    expect(objects(layer, 'Gateway')[0].spec.servers[0].tls).toBeUndefined();
    expect(() => published('IstioGateway', { host: 'shop.mesh.test', tls: { issuer: acme, redirect: 'on' } })).toThrow(
      /host 'shop.mesh.test' .*'exposure\/way' cannot be redirected to https: ClusterIssuer 'acme' asks by HTTP-01.*redirect: 'off'/,
    );
  });

  it('shares a port with TLS that others end, by host', () => {
    const gateway = new IstioGateway(edge(), 'way', { mesh });
    gateway.publish(page('shop'), { host: 'shop.mesh.test', tls: { issuer } });
    expect(() => gateway.openTls({ host: 'till.mesh.test' })).not.toThrow();
    expect(() => gateway.openTls({ host: 'shop.mesh.test' })).toThrow(/'shop.mesh.test' leads to page 'shop' already/);
    gateway.openTcp({ port: 31400 });
    const other = new IstioGateway(edge(), 'way', { mesh });
    other.openTcp({ port: 443 });
    expect(() => other.publish(page('shop'), { host: 'shop.mesh.test', tls: { issuer } })).toThrow(
      /port 443 .* carries tcp already/,
    );
  });
});

describe('TLS at a Gateway of the Gateway API', () => {
  it('is a listener of its own, and a route that sends plain requests there', () => {
    const { layer, exposed } = published('GatewayApiGateway', { host: 'shop.mesh.test', tls: { issuer } });
    const allowedRoutes = { namespaces: { from: 'All' } };
    expect(objects(layer, 'Gateway')[0].spec.listeners).toEqual([
      { name: 'http', port: 80, protocol: 'HTTP', allowedRoutes },
      {
        name: 'https-shop',
        hostname: 'shop.mesh.test',
        port: 443,
        protocol: 'HTTPS',
        tls: { mode: 'Terminate', certificateRefs: [{ name: 'shop-mesh-test-tls' }] },
        allowedRoutes,
      },
    ]);
    expect(objects(layer, 'HTTPRoute').map(({ metadata, spec }) => [metadata.namespace, metadata.name, spec])).toEqual([
      [
        'shop',
        'shop',
        {
          parentRefs: [{ name: 'way', namespace: 'edge', sectionName: 'https-shop' }],
          hostnames: ['shop.mesh.test'],
          rules: [{ backendRefs: [{ name: 'shop', port: 9080 }] }],
        },
      ],
      [
        'shop',
        'shop-redirect',
        {
          parentRefs: [{ name: 'way', namespace: 'edge', sectionName: 'http' }],
          hostnames: ['shop.mesh.test'],
          rules: [{ filters: [{ type: 'RequestRedirect', requestRedirect: { scheme: 'https', statusCode: 301 } }] }],
        },
      ],
    ]);
    expect(exposed).toMatchObject({
      url: 'https://shop.mesh.test/',
      entry: { host: 'way-istio.edge.svc.cluster.local', port: 443, tls: true },
    });
  });

  it('lets plain requests in when told, by one route', () => {
    const { layer } = published('GatewayApiGateway', { host: 'shop.mesh.test', tls: { issuer, redirect: 'off' } });
    const routes = objects(layer, 'HTTPRoute');
    expect(routes).toHaveLength(1);
    expect(routes[0].spec.parentRefs.map((one: { sectionName: string }) => one.sectionName)).toEqual(['http', 'https-shop']);
  });

  it('redirects although a challenge comes by plain requests: its route is nearer', () => {
    const { layer } = published('GatewayApiGateway', { host: 'shop.mesh.test', tls: { issuer: acme } });
    expect(objects(layer, 'HTTPRoute').map((one) => one.metadata.name)).toEqual(['shop', 'shop-redirect']);
  });

  it('listens at another port when told, and says so to clients', () => {
    const layer = edge();
    const gateway = new GatewayApiGateway(layer, 'way', { mesh, port: 8080, tlsPort: 8443 });
    const exposed = gateway.publish(page('shop'), { host: 'shop.mesh.test', tls: { issuer } });
    expect(objects(layer, 'Gateway')[0].spec.listeners.map((one: { port: number }) => one.port)).toEqual([8080, 8443]);
    expect(objects(layer, 'HTTPRoute')[1].spec.rules[0].filters[0].requestRedirect.port).toBe(8443);
    expect(exposed).toMatchObject({ url: 'https://shop.mesh.test:8443/', entry: { port: 8443 } });
  });

  it.each([
    [{ port: 443 }, /'exposure\/way' listens at 443 for plain HTTP and for TLS: give port and tlsPort/],
    [{ tlsPort: 0 }, /port 0 of gateway 'exposure\/way'/],
  ])('is refused with %j', (change, message) => {
    expect(() => new GatewayApiGateway(edge(), 'way', { mesh, ...change })).toThrow(message);
  });
});

describe('TLS of an Ingress', () => {
  it('has its Secret where the gateway pods are, and lets plain requests in', () => {
    const { layer, exposed } = published('IstioIngress', { host: 'shop.mesh.test', tls: { issuer } });
    expect(objects(layer, 'Ingress')[0].spec.tls).toEqual([{ hosts: ['shop.mesh.test'], secretName: 'shop-mesh-test-tls' }]);
    expect(objects(layer, 'Certificate')[0].metadata.namespace).toBe('istio-system');
    expect(exposed).toMatchObject({ url: 'https://shop.mesh.test/', address: '10.34.124.115', entry: pods.service });
  });

  it('is never redirected to', () => {
    expect(() => published('IstioIngress', { host: 'shop.mesh.test', tls: { issuer, redirect: 'off' } })).not.toThrow();
    expect(() => published('IstioIngress', { host: 'shop.mesh.test', tls: { issuer, redirect: 'on' } })).toThrow(
      /'exposure\/way' cannot be redirected to https: istio has no redirect for an Ingress/,
    );
  });
});

describe.each(all)('%s', (form) => {
  const namespace = form === 'GatewayApiGateway' ? 'edge' : 'istio-system';

  it('has the certificate made where it is read', () => {
    const tls: Required<Extract<TlsOptions, { issuer: object }>> | TlsOptions = { issuer, duration: '720h' };
    const { layer } = published(form, { host: '*.mesh.test', tls });
    expect(objects(layer, 'Certificate')).toEqual([
      {
        apiVersion: 'cert-manager.io/v1',
        kind: 'Certificate',
        metadata: { name: 'any-mesh-test-tls', namespace },
        spec: {
          secretName: 'any-mesh-test-tls',
          dnsNames: ['*.mesh.test'],
          duration: '720h',
          issuerRef: { name: 'ca', kind: 'ClusterIssuer', group: 'cert-manager.io' },
        },
      },
    ]);
  });

  it('takes a Secret that is there, for any host as well', () => {
    for (const host of ['shop.mesh.test', '*.mesh.test', '*']) {
      const { layer } = published(form, { host, tls: { secret: 'wildcard' } });
      expect(objects(layer, 'Certificate')).toEqual([]);
      expect(JSON.stringify(Testing.synth(layer))).toMatch(/"(credentialName|secretName|name)":"wildcard"/);
    }
    expect(() => published(form, { host: 'a.test', tls: { secret: 'My secret' } })).toThrow(
      /tls.secret of 'exposure\/way\/shop' is "My secret"/,
    );
  });

  it.each<[string, TlsOptions, RegExp]>([
    ['*', { issuer }, /host '\*' published by 'exposure\/way\/shop' can have no certificate: name the host/],
    [
      '*.mesh.test',
      { issuer: acme },
      /wildcard '\*.mesh.test' .* no certificate from ClusterIssuer 'acme', which asks by HTTP-01/,
    ],
    [
      'a.test',
      { issuer: existingIssuer({ kind: 'Issuer', name: 'own', namespace: 'other' }) },
      new RegExp(`Issuer 'own' signs in namespace 'other' alone, but the certificate of 'a.test' .* must lie in '${namespace}'`),
    ],
    ['a.test', { issuer, duration: '30m' }, /duration of the certificate of host 'a.test' .* is "30m": allowed are hours/],
    ['a.test', { issuer, duration: '90d' }, /is "90d"/],
    ['a.test', { issuer, duration: '0h59m' }, /one hour at least/],
  ])('gives %s no certificate by %j', (host, tls, message) => {
    expect(() => published(form, { host, tls })).toThrow(message);
  });

  it('takes an issuer of the namespace where the certificate lies', () => {
    const own = existingIssuer({ kind: 'Issuer', name: 'own', namespace });
    const { layer } = published(form, { host: 'a.test', tls: { issuer: own } });
    expect(objects(layer, 'Certificate')[0].spec.issuerRef).toEqual({ name: 'own', kind: 'Issuer', group: 'cert-manager.io' });
  });

  it('tells the address where it is known', () => {
    const address = form === 'GatewayApiGateway' ? undefined : '10.34.124.115';
    expect(published(form, { host: 'a.test' }).exposed?.address).toBe(address);
  });
});

describe('a certificate', () => {
  it('is shared by the ways in that read it in one namespace', () => {
    const layer = new Layer(new App(), 'exposure', { namespace: { existing: 'istio-system' } });
    for (const [id, make] of all) make(new Layer(layer, id.toLowerCase(), { namespace: layer }), mesh);
    const istio = new IstioGateway(layer, 'a', { mesh });
    const ingress = new IstioIngress(layer, 'b', { mesh });
    for (const way of [istio, ingress]) way.publish(page('shop'), { host: 'shop.mesh.test', tls: { issuer } });
    expect(objects(layer, 'Certificate')).toHaveLength(1);
    expect(objects(layer, 'Ingress')[0].spec.tls[0].secretName).toBe('shop-mesh-test-tls');
    ingress.publish(page('cart'), { host: 'cart.mesh.test', tls: { issuer } });
    expect(() => istio.publish(page('cart'), { host: 'cart.mesh.test', tls: { issuer: acme } })).toThrow(
      /certificate 'cart-mesh-test-tls' of namespace 'istio-system' is there already: 'exposure\/b\/cart' made it .*ClusterIssuer 'ca', so 'exposure\/a\/cart' .*ClusterIssuer 'acme'/,
    );
    expect(() => istio.publish(page('other'), { host: 'cart-mesh.test', tls: { issuer } })).toThrow(/for host 'cart.mesh.test'/);
  });

  it('comes after its issuer and its namespace, by their layers', () => {
    function problems(after: readonly ('issuers' | 'mesh')[], variant = false) {
      const stack = new Stack(new MeshApp({ outdir: scratch(), proof: 'skip' }), 's');
      const made = {
        issuers: new Layer(stack, 'issuers', { namespace: 'cert-manager' }),
        mesh: new Layer(stack, 'mesh', { namespace: 'istio-system' }),
      };
      const exposure = new Layer(stack, 'exposure', { namespace: 'edge', after: after.map((one) => made[one]) });
      const ca = new CertificateIssuer(made.issuers, 'ca', { by: { selfSigned: true } });
      const layer = variant ? new Layer(stack, 'tour', { variantOf: exposure }) : exposure;
      new IstioGateway(layer, 'way', { mesh }).publish(page('shop'), { host: 'a.test', tls: { issuer: ca } });
      return layer.node.findAll().flatMap((one) => one.node.validate());
    }
    expect(problems(['issuers', 'mesh'])).toEqual([]);
    expect(problems(['issuers', 'mesh'], true)).toEqual([]);
    expect(problems(['issuers'])).toEqual([
      expect.stringMatching(
        /^'s\/exposure\/way\/shop\/tls' puts its Certificate into namespace 'istio-system', which layer 's\/mesh' creates: .*\[mesh\]/,
      ),
    ]);
    const late =
      /wants a certificate of ClusterIssuer 'ca', which layer 's\/issuers' makes: say that it comes first, 'after: \[issuers\]' of layer 's\/exposure'/;
    expect(problems(['mesh'])).toEqual([expect.stringMatching(late)]);
    expect(problems(['mesh'], true)).toEqual([expect.stringMatching(late)]);
  });
});

describe('a certificate of an issuer that is there', () => {
  it.each([
    ['before', []],
    [
      'unsaid',
      [
        /'s\/exposure\/way\/shop\/tls' makes a Certificate, whose CRD 's\/certs\/cert-manager' brings: .*'after: \[certs\]' of layer 's\/exposure'/,
      ],
    ],
    ['together', [/whose CRD 's\/exposure\/cert-manager' brings: put it into a later layer/]],
  ] as const)('comes after the cert-manager of the stack: %s', (order, messages) => {
    const stack = new Stack(new MeshApp({ outdir: scratch(), proof: 'skip' }), 's');
    const certs = new Layer(stack, 'certs', { namespace: 'cert-manager' });
    const exposure = new Layer(stack, 'exposure', { namespace: 'edge', after: order === 'before' ? [certs] : [] });
    new CertManager(order === 'together' ? exposure : certs, 'cert-manager');
    new IstioGateway(exposure, 'way', { mesh }).publish(page('shop'), { host: 'a.test', tls: { issuer } });
    const found = exposure.node.findAll().flatMap((one) => one.node.validate());
    expect(found).toEqual(messages.map((one) => expect.stringMatching(one)));
  });
});

describe('a page that several ways lead to', () => {
  function twice(make: (layer: Layer, id: string) => Way, ids: readonly string[]) {
    const layer = new Layer(new App(), 'exposure', { namespace: { existing: 'shop' } });
    for (const [i, id] of ids.entries()) make(layer, id).publish(page('shop'), { host: `${i}.mesh.test`, tls: { issuer } });
    const names = Testing.synth(layer).map((one) => `${one.kind} ${one.metadata.namespace} ${one.metadata.name}`);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
    return names;
  }
  const plain = { ...mesh, needsPlaintextRules: true, ingress: { ...pods, namespace: 'shop' } };

  it('of one form has objects of two names', () => {
    const istio = twice((layer, id) => new IstioGateway(layer, id, { mesh: plain }), ['public', 'internal']);
    expect(istio).toEqual(
      expect.arrayContaining([
        'VirtualService shop shop',
        'VirtualService shop shop-internal',
        'Gateway shop shop-internal-gateway',
      ]),
    );
    const api = twice((layer, id) => new GatewayApiGateway(layer, id, { mesh: plain }), ['public', 'internal']);
    expect(api).toEqual(
      expect.arrayContaining(['HTTPRoute shop shop', 'HTTPRoute shop shop-internal', 'HTTPRoute shop shop-internal-redirect']),
    );
    const ingress = twice((layer, id) => new IstioIngress(layer, id, { mesh: plain }), ['public', 'internal']);
    expect(ingress).toEqual(expect.arrayContaining(['Ingress shop shop', 'Ingress shop shop-internal']));
    for (const names of [istio, api, ingress])
      expect(names.filter((name) => name.startsWith('DestinationRule'))).toEqual(['DestinationRule shop shop']);
  });

  it('of all forms has one rule for all', () => {
    const forms = [IstioGateway, GatewayApiGateway, IstioIngress];
    const names = twice(
      (layer, id) => new (forms[Number(id.slice(1))] ?? IstioGateway)(layer, id, { mesh: plain }),
      ['w0', 'w1', 'w2'],
    );
    expect(names.filter((name) => name.startsWith('DestinationRule'))).toEqual(['DestinationRule shop shop']);
  });

  it('keeps its names in a variant, which is applied on top', () => {
    const app = new App();
    const base = new Layer(app, 'base', { namespace: 'shop' });
    const variant = new Layer(app, 'tour', { variantOf: base });
    for (const layer of [base, variant]) new IstioGateway(layer, 'way', { mesh }).publish(page('shop'), { host: 'a.test' });
    expect(objects(variant, 'VirtualService')[0].metadata.name).toBe('shop');
  });

  it('is refused where no name is left', () => {
    const app = new App();
    const first = new Layer(app, 'a', { namespace: 'shop' });
    const way = (layer: Layer) => new IstioIngress(layer, 'way', { mesh });
    const more = ['b', 'c'].map((id) => new Layer(app, id, { namespace: first }));
    for (const layer of [first, ...more.slice(1)]) way(layer).publish(page('shop'), { host: 'a.test' });
    const [last] = more;
    expect(() => last && way(last).publish(page('shop'), { host: 'b.test' })).toThrow(
      /Ingress 'shop-way' of namespace 'shop' is there already, made by 'a\/way' and 'c\/way': give 'b\/way' another id/,
    );
  });
});

describe('who asks by plain HTTP from inside the cluster', () => {
  const made = (tls?: TlsOptions) => {
    const way = new IstioGateway(edge(), 'way', { mesh });
    return way.publish(page('shop'), { host: 'shop.mesh.test', ...(tls ? { tls } : {}) });
  };

  it.each([
    ['traffic', (to: Exposed) => new TrafficGenerator(edge(), 'asks', { to, everySeconds: 1 })],
    ['load', (to: Exposed) => new Fortio(edge(), 'asks', { to, qps: 8, seconds: 60 })],
  ])('is refused where plain requests are redirected: %s', (_, ask) => {
    expect(() => ask(made({ issuer }))).toThrow(
      /'exposure\/asks' asks page 'shop' at 'shop.mesh.test' by plain HTTP, which is redirected to https: .*redirect: 'off'/,
    );
    expect(() => ask(made({ issuer, redirect: 'off' }))).not.toThrow();
    expect(() => ask(made())).not.toThrow();
  });
});

describe('a path', () => {
  const shop = page('shop', { path: '/home', routes: [{ exact: '/home' }, { prefix: '/static' }] });
  const kiali = page('kiali', { path: '/kiali' });

  function matches(what: { page: Page }, path: string) {
    const { layer } = published('IstioGateway', { host: 'a.test', path }, what);
    return objects(layer, 'VirtualService')[0].spec.http[0].match?.map((one: { uri: object }) => one.uri);
  }

  it.each([
    [kiali, '/', undefined],
    [kiali, '/kiali', [{ exact: '/kiali' }, { prefix: '/kiali/' }]],
    [kiali, '/kiali/', [{ exact: '/kiali' }, { prefix: '/kiali/' }]],
    [kiali, '/kiali/api', [{ exact: '/kiali/api' }, { prefix: '/kiali/api/' }]],
    [shop, '/', [{ exact: '/home' }, { prefix: '/static' }]],
    [shop, '/home', [{ exact: '/home' }]],
    [shop, '/static/css', [{ exact: '/static/css' }, { prefix: '/static/css/' }]],
  ])('of %j lets in %s', (what, path, expected) => {
    expect(matches(what, path)).toEqual(expected);
  });

  it('above several routes keeps each of them', () => {
    const api = page('api', { path: '/api/v1', routes: [{ exact: '/api/v1' }, { prefix: '/api/v2/' }, { prefix: '/web' }] });
    expect(matches(api, '/api')).toEqual([{ exact: '/api/v1' }, { prefix: '/api/v2/' }]);
  });

  it.each([
    [
      kiali,
      '/other',
      /path '\/other' of page 'kiali' published by 'exposure\/way' lets in nothing .* it answers '\/kiali' and below; leave path out/,
    ],
    [kiali, '/kialix', /it answers '\/kiali' and below/],
    [shop, '/homes', /it answers '\/home', '\/static' and below/],
    [kiali, 'kiali', /path "kiali" of page 'kiali' .* allowed are paths that begin with '\/'/],
    [kiali, '', /path ""/],
    [kiali, '/kiali?a=b', /path "\/kiali\?a=b"/],
    [kiali, '//kiali', /path "\/\/kiali"/],
  ])('of %j is refused as %j', (what, path, message) => {
    for (const form of Object.keys(forms)) expect(() => published(form, { host: 'a.test', path }, what)).toThrow(message);
  });

  it.each([
    [kiali, '/', 'http://a.test/kiali'],
    [kiali, '/kiali', 'http://a.test/kiali'],
    [kiali, '/kiali/api', 'http://a.test/kiali/api'],
    [shop, '/static', 'http://a.test/static'],
  ])('of %j with %s is opened at %s', (what, path, url) => {
    const { exposed } = published('GatewayApiGateway', { host: 'a.test', path }, what);
    expect(exposed?.url).toBe(url);
    expect(`http://a.test${exposed?.page.path}`).toBe(url);
  });
});

describe('the same hosts side by side in all forms', () => {
  function world(tls: 'tls' | 'plain') {
    const folder = scratch();
    const app = new MeshApp({ outdir: folder, proof: 'skip' });
    const stack = new Stack(app, 's');
    const certManager = new Layer(stack, 'cert-manager', { namespace: 'cert-manager' });
    const root = new Layer(stack, 'mesh', { namespace: 'istio-system' });
    const issuers = new Layer(stack, 'issuers', { namespace: certManager, after: [certManager] });
    const apps = new Layer(stack, 'apps', { namespace: 'apps', after: [root] });
    const exposure = new Layer(stack, 'exposure', { namespace: root, after: [root, apps, issuers] });
    new CertManager(certManager, 'cert-manager');
    const ca = new CertificateIssuer(issuers, 'ca', { by: { ownCa: { commonName: 'mesh.test CA' } } });
    const istio = new Mesh(root, 'istio', { install: { by: 'istioctl' }, mtls: 'strict' });
    istio.enroll(apps);
    const [bookinfo, httpbin] = [new Bookinfo(apps, 'bookinfo'), new Httpbin(apps, 'httpbin')];
    const ways = [
      new IstioGateway(exposure, 'istio', { mesh: istio }),
      new GatewayApiGateway(exposure, 'gateway-api', { mesh: istio }),
      new IstioIngress(exposure, 'ingress', { mesh: istio }),
    ];
    const options = tls === 'tls' ? { tls: { issuer: ca } } : {};
    const exposed = ways.map((way) => {
      way.publish(httpbin, { host: 'httpbin.mesh.test', path: '/status', ...options });
      return way.publish(bookinfo, { host: 'bookinfo.mesh.test', ...options });
    });
    app.synth();
    return { folder: join(folder, 's'), stack, exposed, bookinfo, httpbin };
  }

  it.each(['tls', 'plain'] as const)('have nothing against them in the proof, %s', (tls) => {
    const worlds = readWorlds([world(tls).folder]);
    const kinds = new Set(worlds.flatMap((one) => one.objects).map(({ kind }) => kind));
    expect(['Gateway', 'HTTPRoute', 'Ingress', 'VirtualService'].filter((kind) => !kinds.has(kind))).toEqual([]);
    expect(worlds.flatMap((one) => prove(one)).map(({ code, message }) => `${code} ${message}`)).toEqual([]);
  });

  /** The ways in that explain can be asked for: an Ingress has no Gateway object of its own. */
  function asked({ stack, exposed }: ReturnType<typeof world>): ((host: string) => TrafficExpectation)[] {
    const ask = expectTraffic(stack);
    return exposed.flatMap(({ gateway }) => (gateway ? [(host: string) => ask.to(host).through({ gateway })] : []));
  }

  it('give the same answer to https, and send plain requests there', () => {
    const made = world('tls');
    const ways = asked(made);
    expect(ways).toHaveLength(2);
    for (const way of ways) {
      const [bookinfo, httpbin] = [way('bookinfo.mesh.test'), way('httpbin.mesh.test')];
      bookinfo.with({ port: 443, path: '/productpage' }).reaches(made.bookinfo.productpage).findsPods().usesTls('mutual');
      bookinfo.with({ port: 443, path: '/other' }).isNotFound();
      bookinfo.with({ path: '/productpage?u=x' }).isRedirectedTo('https://bookinfo.mesh.test/productpage?u=x');
      for (const path of ['/status', '/status/200']) httpbin.with({ port: 443, path }).reaches(made.httpbin.service);
      for (const path of ['/', '/statusx', '/get']) httpbin.with({ port: 443, path }).isNotFound();
      way('other.mesh.test').with({ port: 443 }).isNotFound();
    }
  });

  it('give it by an Ingress alone too, which lets plain requests in', () => {
    const stack = new Stack(new MeshApp({ outdir: scratch(), proof: 'skip' }), 's');
    const root = new Layer(stack, 'mesh', { namespace: 'istio-system' });
    const apps = new Layer(stack, 'apps', { namespace: 'apps', after: [root] });
    const exposure = new Layer(stack, 'exposure', { namespace: root, after: [apps] });
    const istio = new Mesh(root, 'istio', { install: { by: 'istioctl' } });
    const [bookinfo, httpbin] = [new Bookinfo(apps, 'bookinfo'), new Httpbin(apps, 'httpbin')];
    const ingress = new IstioIngress(exposure, 'ingress', { mesh: istio });
    ingress.publish(bookinfo, { host: 'bookinfo.mesh.test', tls: { issuer } });
    ingress.publish(httpbin, { host: 'httpbin.mesh.test', path: '/status', tls: { issuer } });
    // Gives a Gateway object to ask at, of the same pods.
    const through = new IstioGateway(exposure, 'gateway', { mesh: istio }).open({ host: 'any.mesh.test' });
    const way = (host: string) => expectTraffic(stack).to(host).through(through);
    for (const port of [443, 80]) {
      way('bookinfo.mesh.test').with({ port, path: '/productpage' }).reaches(bookinfo.productpage).findsPods();
      way('bookinfo.mesh.test').with({ port, path: '/other' }).isNotFound();
      for (const path of ['/status', '/status/200']) way('httpbin.mesh.test').with({ port, path }).reaches(httpbin.service);
      for (const path of ['/', '/statusx', '/get']) way('httpbin.mesh.test').with({ port, path }).isNotFound();
    }
  });
});

describe('what a path lets in', () => {
  const segment = fc.constantFrom('a', 'b', 'ab');
  const path = fc.array(segment, { maxLength: 3 }).map((all) => `/${all.join('/')}`);
  const route = fc.oneof(
    path.map((exact): PathMatch => ({ exact })),
    path.map((prefix): PathMatch => ({ prefix })),
  );
  const isBelow = (one: string, of: string) => of === '/' || one === of || one.startsWith(`${of}/`);
  const takes = (routes: readonly PathMatch[], asked: string) =>
    routes.some((one) => ('exact' in one ? one.exact === asked : isBelow(asked, one.prefix.replace(/(.)\/$/, '$1'))));

  it('is what the page answers at it and below', () => {
    fc.assert(
      fc.property(fc.array(route, { minLength: 1, maxLength: 3 }), path, path, (routes, wanted, asked) => {
        const expected = isBelow(asked, wanted) && takes(routes, asked);
        let left: readonly PathMatch[] = [];
        try {
          left = routesOf({ ...page('shop').page, routes }, wanted, 'here') ?? [];
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
        expect(takes(left, asked)).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });
});
