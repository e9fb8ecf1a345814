import { App, Chart, Testing } from 'cdk8s';
import { describe, expect, it } from 'vitest';
import { IstioGateway, type IstioGatewayProps, type PublishOptions } from '../constructs/exposure/index.ts';
import { Endpoint, type IngressPods, Layer, type MeshLike, type Page, UserError } from '../constructs/kit/index.ts';

const pods: IngressPods = {
  selector: { istio: 'ingressgateway' },
  namespace: 'istio-system',
  service: Endpoint.external({ protocol: 'http', host: 'istio-ingressgateway.istio-system.svc.cluster.local', port: 80 }),
};

function mesh(change: Partial<MeshLike> = {}): MeshLike {
  return { rootNamespace: 'istio-system', needsPlaintextRules: false, ingress: pods, samplingPercent: 100, ...change };
}

function page(name: string, port: number, change: Partial<Page> = {}): Page {
  const host = `${name}.istio-system.svc.cluster.local`;
  return { name, endpoint: Endpoint.external({ protocol: 'http', host, port }), path: '/', sidecar: 'never', ...change };
}

const grafana = page('grafana', 3000);
const kiali = page('kiali', 20001, { path: '/kiali' });
const prometheus = page('prometheus', 9090);
const tracing = page('tracing', 80, { path: '/jaeger' });

function gateway(props: IstioGatewayProps = { mesh: mesh() }, namespace = 'istio-system') {
  const layer = new Layer(new App(), 'exposure', { namespace: { existing: namespace } });
  return { layer, gateway: new IstioGateway(layer, 'gateway', props) };
}

function objects(layer: Layer, kind: string) {
  return Testing.synth(layer).filter((o) => o.kind === kind);
}

describe('a published page', () => {
  it.each([
    ['grafana', grafana, 3000],
    ['kiali', kiali, 20001],
    ['prometheus', prometheus, 9090],
    ['tracing', tracing, 80],
  ])('%s gets a Gateway and a VirtualService of its host', (name, published, port) => {
    const { layer, gateway: g } = gateway();
    g.publish({ page: published }, { host: `${name}.myserver.com` });
    expect(Testing.synth(layer)).toEqual([
      {
        apiVersion: 'networking.istio.io/v1',
        kind: 'Gateway',
        metadata: { name: `${name}-gateway`, namespace: 'istio-system' },
        spec: {
          selector: { istio: 'ingressgateway' },
          servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: [`${name}.myserver.com`] }],
        },
      },
      {
        apiVersion: 'networking.istio.io/v1',
        kind: 'VirtualService',
        metadata: { name, namespace: 'istio-system' },
        spec: {
          hosts: [`${name}.myserver.com`],
          gateways: [`${name}-gateway`],
          http: [{ route: [{ destination: { host: `${name}.istio-system.svc.cluster.local`, port: { number: port } } }] }],
        },
      },
    ]);
  });

  it('lets in its routes only, when it names some', () => {
    const { layer, gateway: g } = gateway();
    const shop = page('shop', 9080, { routes: [{ exact: '/productpage' }, { prefix: '/static' }] });
    g.publish({ page: shop }, { host: '*' });
    expect(objects(layer, 'VirtualService')[0].spec.http[0].match).toEqual([
      { uri: { exact: '/productpage' } },
      { uri: { prefix: '/static' } },
    ]);
  });

  it('is told with its address inside and outside', () => {
    const { gateway: g } = gateway();
    const exposed = g.publish({ page: kiali }, { host: 'kiali.mesh.test' });
    expect(exposed).toEqual({
      host: 'kiali.mesh.test',
      page: kiali,
      gateway: { namespace: 'istio-system', name: 'kiali-gateway' },
      entry: pods.service,
      url: 'http://kiali.mesh.test/kiali',
    });
  });

  it.each([
    ['*', 'http://localhost/kiali'],
    ['*.mesh.test', 'http://any.mesh.test/kiali'],
  ])('has a URL that can be opened with host %s', (host, url) => {
    expect(gateway().gateway.publish({ page: kiali }, { host }).url).toBe(url);
  });

  it('listens at the port of the gateway Service', () => {
    const service = Endpoint.external({ protocol: 'http', host: 'edge.istio-ingress.svc.cluster.local', port: 8080 });
    const { layer, gateway: g } = gateway({ pods: { selector: { istio: 'edge' }, namespace: 'istio-ingress', service } });
    expect(g.publish({ page: grafana }, { host: 'grafana.mesh.test' }).url).toBe('http://grafana.mesh.test:8080/');
    const [object] = objects(layer, 'Gateway');
    expect(object.spec.selector).toEqual({ istio: 'edge' });
    expect(object.spec.servers[0].port.number).toBe(8080);
  });

  it('takes every option', () => {
    const options: Required<PublishOptions> = { host: 'grafana.mesh.test', path: '/d', tls: { secret: 'grafana' } };
    expect(gateway().gateway.publish({ page: grafana }, options)).toMatchObject({
      host: 'grafana.mesh.test',
      url: 'https://grafana.mesh.test/d',
    });
  });

  it('works in a plain Chart with a namespace', () => {
    const chart = new Chart(new App(), 'plain', { namespace: 'istio-system' });
    new IstioGateway(chart, 'gateway', { mesh: mesh() }).publish({ page: grafana }, { host: 'grafana.mesh.test' });
    expect(Testing.synth(chart).map((o) => o.metadata.namespace)).toEqual(['istio-system', 'istio-system']);
  });
});

describe('the plain-text rule', () => {
  const rule = {
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: { name: 'grafana', namespace: 'istio-system' },
    spec: { host: 'grafana.istio-system.svc.cluster.local', trafficPolicy: { tls: { mode: 'DISABLE' } } },
  };

  it.each<[string, IstioGatewayProps]>([
    ['the mesh needs them', { mesh: mesh({ needsPlaintextRules: true }) }],
    ['an existing gateway is without auto mTLS', { pods, autoMtls: false }],
  ])('is there when %s', (_, props) => {
    const { layer, gateway: g } = gateway(props);
    g.publish({ page: grafana }, { host: 'grafana.mesh.test' });
    expect(objects(layer, 'DestinationRule')).toEqual([rule]);
  });

  it.each<[string, IstioGatewayProps, Page]>([
    ['the mesh does without', { mesh: mesh() }, grafana],
    ['an existing gateway is believed to have auto mTLS', { pods }, grafana],
    ['an existing gateway has auto mTLS', { pods, autoMtls: true }, grafana],
    [
      'the pods may have sidecars',
      { mesh: mesh({ needsPlaintextRules: true }) },
      page('shop', 9080, { sidecar: 'by-namespace' }),
    ],
  ])('is absent when %s', (_, props, published) => {
    const { layer, gateway: g } = gateway(props);
    g.publish({ page: published }, { host: 'page.mesh.test' });
    expect(objects(layer, 'DestinationRule')).toEqual([]);
    expect(objects(layer, 'VirtualService')).toHaveLength(1);
  });

  it('is refused in a namespace where the gateway pods do not look', () => {
    const { gateway: g } = gateway({ mesh: mesh({ needsPlaintextRules: true }) }, 'elsewhere');
    expect(() => g.publish({ page: grafana }, { host: 'grafana.mesh.test' })).toThrow(
      /'grafana'.*'elsewhere'.*'exposure\/gateway'.*namespace 'istio-system'/,
    );
  });
});

describe('refused', () => {
  it('is a mesh without ingress pods', () => {
    expect(() => gateway({ mesh: mesh({ ingress: undefined }) })).toThrow(
      /'exposure\/gateway'.*'default' or 'demo'.*pods: \{ selector, namespace, service \}/,
    );
  });

  it('is a selector that would pick every proxy', () => {
    expect(() => gateway({ pods: { ...pods, selector: {} } })).toThrow(/'exposure\/gateway' selects no pods/);
  });

  it.each([
    'Shop.mesh.test',
    'shop',
    '',
    'http://shop.mesh.test',
    'shop.mesh.test:80',
    'shop.*.test',
    'a*.mesh.test',
    '-a.test',
    'a..b',
    'shop.mesh.test\n',
    `${'a.'.repeat(127)}test`,
  ])('is the host %j', (host) => {
    const { layer, gateway: g } = gateway();
    expect(() => g.publish({ page: grafana }, { host })).toThrow(UserError);
    expect(() => g.publish({ page: grafana }, { host })).toThrow(
      /^host ".*" cannot be published by 'exposure\/gateway': allowed are .*'shop\.mesh\.test'/,
    );
    expect(Testing.synth(layer)).toEqual([]);
  });

  it('is a host that another page has', () => {
    const { gateway: g } = gateway();
    g.publish({ page: grafana }, { host: 'a.mesh.test' });
    expect(() => g.publish({ page: kiali }, { host: 'a.mesh.test' })).toThrow(/'a\.mesh\.test'.*'grafana'.*'kiali'/);
  });

  it('is a page that is published already', () => {
    const { gateway: g } = gateway();
    g.publish({ page: grafana }, { host: 'a.mesh.test' });
    expect(() => g.publish({ page: grafana }, { host: 'b.mesh.test' })).toThrow(/'grafana'.*'a\.mesh\.test'.*'b\.mesh\.test'/);
    expect(() => g.publish({ page: { ...grafana, name: 'grafana-b' } }, { host: 'b.mesh.test' })).not.toThrow();
  });

  it.each([
    Endpoint.external({ protocol: 'http', host: 'grafana.example.com', port: 80 }),
    Endpoint.external({ protocol: 'http', host: 'grafana.monitoring.svc.cluster.local', port: 443, tls: true }),
  ])('is a page at $url', (endpoint) => {
    const { gateway: g } = gateway();
    expect(() => g.publish({ page: page('grafana', 1, { endpoint }) }, { host: 'a.mesh.test' })).toThrow(
      /page 'grafana' at https?:\/\/grafana.* allowed is a Service of this cluster that speaks plain HTTP/,
    );
  });

  it('is a page whose name names no object', () => {
    expect(() => gateway().gateway.publish({ page: page('Grafana', 80) }, { host: 'a.mesh.test' })).toThrow(/"Grafana"/);
  });
});
