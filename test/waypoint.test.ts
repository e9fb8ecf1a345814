import { join } from 'node:path';
import { App, Testing } from 'cdk8s';
import { describe, expect, it } from 'vitest';
import { MeshApp, Stack } from '../constructs/app.ts';
import { Bookinfo } from '../constructs/apps/index.ts';
import { Layer, MeshService, Workload } from '../constructs/kit/index.ts';
import { Authorization, JwtAuthentication, Mesh, Telemetry, Waypoint, type WaypointProps } from '../constructs/mesh/index.ts';
import { type Finding, prove, readWorlds } from '../constructs/proof/index.ts';
import { Jaeger } from '../constructs/tracing/index.ts';
import { findingsOf } from './proof-world.ts';
import { scratch } from './support/publish.ts';

function apps(namespace = 'shop') {
  return new Layer(new App(), 'apps', { namespace });
}

function cart(layer: Layer): Workload {
  const service = [{ name: 'http', port: 80, appProtocol: 'http' }] as const;
  return new Workload(layer, 'cart', { name: 'cart', version: 'v1', image: 'example.test/cart:1', user: 1000, service });
}

const object = (layer: Layer, kind: string) => Testing.synth(layer).find((one) => one.kind === kind);

describe('a waypoint', () => {
  it('is a Gateway of class istio-waypoint', () => {
    const layer = apps();
    expect(new Waypoint(layer, 'way')).toMatchObject({
      selector: { 'gateway.networking.k8s.io/gateway-name': 'waypoint' },
      serviceAccount: 'waypoint',
    });
    expect(object(layer, 'Gateway')).toEqual({
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'Gateway',
      metadata: { name: 'waypoint', namespace: 'shop', labels: { 'istio.io/waypoint-for': 'service' } },
      spec: { gatewayClassName: 'istio-waypoint', listeners: [{ name: 'mesh', port: 15008, protocol: 'HBONE' }] },
    });
  });

  it('takes every option', () => {
    const every: Required<WaypointProps> = { name: 'way', for: 'all', revision: 'canary' };
    const layer = apps();
    new Waypoint(layer, 'way', every);
    expect(object(layer, 'Gateway').metadata).toEqual({
      name: 'way',
      namespace: 'shop',
      labels: { 'istio.io/waypoint-for': 'all', 'istio.io/rev': 'canary' },
    });
  });

  it('is used by a namespace', () => {
    const layer = apps();
    layer.labelNamespace('istio.io/dataplane-mode', 'ambient');
    new Waypoint(layer, 'way').use(layer);
    expect(object(layer, 'Namespace').metadata.labels).toEqual({
      'istio.io/dataplane-mode': 'ambient',
      'istio.io/use-waypoint': 'waypoint',
    });
  });

  it('is used by a Service, an app, the pods of a workload', () => {
    const layer = apps();
    const way = new Waypoint(layer, 'way', { for: 'all' });
    const bookinfo = new Bookinfo(layer, 'bookinfo');
    way.use(bookinfo.reviews);
    way.use(bookinfo.ratings.service);
    way.use(bookinfo.details.v1);
    way.use(cart(layer));
    const labelled = Testing.synth(layer).flatMap(({ kind, metadata, spec }) => {
      const labels = kind === 'Deployment' ? spec.template.metadata.labels : metadata.labels;
      return labels?.['istio.io/use-waypoint'] === 'waypoint' ? [`${kind} ${metadata.name}`] : [];
    });
    expect(labelled.sort()).toEqual(['Deployment cart', 'Deployment details-v1', 'Service ratings', 'Service reviews']);
    expect(Testing.synth(layer).find((one) => one.metadata.name === 'reviews').metadata.labels).toMatchObject({ app: 'reviews' });
  });

  it('lets in other namespaces that use it, and names itself whole there', () => {
    const app = new App();
    const edge = new Layer(app, 'edge', { namespace: 'edge' });
    const layer = new Layer(app, 'apps', { namespace: 'shop' });
    const selector = { app: 'x' };
    new Waypoint(edge, 'way').use(
      new MeshService(layer, 'x', { name: 'x', selector, ports: [{ name: 'http', port: 80, appProtocol: 'http' }] }),
    );
    expect(object(layer, 'Service').metadata.labels).toEqual({
      'istio.io/use-waypoint': 'waypoint',
      'istio.io/use-waypoint-namespace': 'edge',
    });
    expect(object(edge, 'Gateway').spec.listeners[0].allowedRoutes).toEqual({
      namespaces: {
        from: 'Selector',
        selector: {
          matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: ['edge', 'shop'] }],
        },
      },
    });
  });

  it('has a Telemetry of its own, by targetRefs: no selector reaches it', () => {
    const app = new App();
    const root = new Layer(app, 'mesh', { namespace: 'istio-system' });
    const layer = new Layer(app, 'apps', { namespace: 'shop' });
    const mesh = new Mesh(root, 'istio', { install: { by: 'existing' }, tracing: { to: new Jaeger(root, 'jaeger') } });
    new Telemetry(layer, 'spans', { mesh, workload: new Waypoint(layer, 'way'), tracing: { samplingPercent: 10 } });
    const { metadata, spec } = object(layer, 'Telemetry');
    expect(metadata).toEqual({ name: 'waypoint', namespace: 'shop' });
    expect(spec.selector).toBeUndefined();
    expect(spec.targetRefs).toEqual([{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'waypoint' }]);
    expect(spec.tracing[0].randomSamplingPercentage).toBe(10);
  });

  it('refuses what it would not carry', () => {
    const layer = apps();
    expect(() => new Waypoint(layer, 'a').use(cart(layer))).toThrow(/'apps\/a' is for 'service'.*'apps\/cart'.*for: 'workload'/);
    const bookinfo = new Bookinfo(layer, 'bookinfo');
    expect(() => new Waypoint(layer, 'b', { name: 'b', for: 'workload' }).use(bookinfo.reviews)).toThrow(
      /for: 'service' or 'all'/,
    );
    expect(() => new Waypoint(layer, 'c', { name: 'none' })).toThrow(/cannot be named 'none'/);
    expect(() => new Waypoint(layer, 'd', { name: 'Way' })).toThrow(/name of waypoint 'apps\/d' is "Way"/);
    expect(() => new Waypoint(layer, 'e', { revision: 'X' })).toThrow(/revision of waypoint 'apps\/e' is "X"/);
  });
});

/** A stack whose apps are enrolled, and what the proof says of it. */
function stack(enrolled: 'ambient' | 'injection', use: (apps: Layer) => void): { app: MeshApp; found: () => Finding[] } {
  const folder = scratch();
  const app = new MeshApp({ outdir: folder, proof: 'skip' });
  const s = new Stack(app, 's');
  const mesh = new Layer(s, 'mesh', { namespace: 'istio-system' });
  const shop = new Layer(s, 'apps', { namespace: 'bookinfo', after: [mesh] });
  const istio = new Mesh(mesh, 'istio', {
    install: { by: 'istioctl', profile: enrolled === 'ambient' ? 'ambient' : 'default' },
    tracing: { to: new Jaeger(mesh, 'jaeger') },
  });
  istio.enroll(shop);
  new Bookinfo(shop, 'bookinfo');
  use(shop);
  return {
    app,
    found: () => {
      app.synth();
      return readWorlds([join(folder, 's')]).flatMap((world) => prove(world));
    },
  };
}

describe('who makes spans in ambient mode', () => {
  it('is nobody without a waypoint, and the proof says so', () => {
    const { found } = stack('ambient', () => {});
    expect(found().map(({ code, object }) => `${code} ${object}`)).toEqual(['TRC051 Namespace/bookinfo']);
  });

  it('is the waypoint', () => {
    expect(stack('ambient', (layer) => new Waypoint(layer, 'waypoint').use(layer)).found()).toEqual([]);
  });

  it('asks policies that name it, or a Service behind it', () => {
    const policies = (used: boolean) =>
      stack('ambient', (layer) => {
        const waypoint = new Waypoint(layer, 'waypoint');
        if (used) waypoint.use(layer);
        const reviews = layer.node
          .findAll()
          .find((one): one is MeshService => one instanceof MeshService && one.name === 'reviews');
        if (!reviews) throw new Error('bookinfo has reviews');
        new Authorization(layer, 'all', { to: waypoint, action: 'allow', rules: [{ methods: ['GET'] }] });
        new Authorization(layer, 'reviews', { to: { service: reviews }, action: 'deny', rules: [{ paths: ['/admin'] }] });
        new JwtAuthentication(layer, 'jwt', {
          to: { service: reviews },
          issuers: [{ issuer: 'https://issuer.example.org' }],
          required: 'token',
        });
      });
    expect(policies(true).found()).toEqual([]);
    const lost = policies(false).found();
    expect([...new Set(lost.map(({ code }) => code))].sort()).toEqual(['RTE011', 'TRC051']);
    expect(lost.find(({ code }) => code === 'RTE011')?.message).toMatch(/Service\/bookinfo\/reviews is behind no waypoint/);
  });

  it('needs a namespace that is ambient', () => {
    const { found } = stack('injection', (layer) => new Waypoint(layer, 'waypoint').use(layer));
    expect(found).toThrow(/'s\/apps\/waypoint' is used by namespace 'bookinfo', which is not ambient.*\{ by: 'ambient' \}/);
  });
});

const traced = `
apiVersion: install.istio.io/v1alpha1
kind: IstioOperator
metadata: {name: mesh, namespace: istio-system}
spec: {profile: ambient, meshConfig: {defaultProviders: {metrics: [prometheus], tracing: [zipkin]}, extensionProviders: [{name: zipkin, zipkin: {service: zipkin.tools.svc.cluster.local, port: 9411}}]}}
`;
const workload = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, template: {metadata: {labels: {app: cart}}, spec: {containers: [{name: cart, image: 'cart:1'}]}}}
`;
const service = (labels: string) =>
  `\napiVersion: v1\nkind: Service\nmetadata: {name: cart, namespace: shop, labels: {${labels}}}\nspec: {selector: {app: cart}, ports: [{name: http, port: 80}]}\n`;
const namespace = (labels: string) =>
  `\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {istio.io/dataplane-mode: ambient, ${labels}}}\n`;
const gateway = (name: string, at = 'shop', of = 'istio-waypoint') =>
  `\napiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: ${name}, namespace: ${at}}\nspec: {gatewayClassName: ${of}, listeners: [{name: mesh, port: 15008, protocol: HBONE}]}\n`;

function trc051(...parts: string[]): Finding[] {
  return findingsOf([traced, workload, ...parts].join('---')).filter(({ code }) => code === 'TRC051');
}

describe('TRC051', () => {
  it.each([
    ['a namespace without any', [namespace(''), service('')], 'Namespace/shop', /nothing in it uses a waypoint/, /add a Gateway/],
    [
      'a namespace that names one which is not there',
      [namespace('istio.io/use-waypoint: waypoint'), service('')],
      'Namespace/shop',
      /istio.io\/use-waypoint names shop\/waypoint, and there is no such Gateway/,
      /add a Gateway waypoint of class istio-waypoint to namespace shop/,
    ],
    [
      'a Service that names it wrongly',
      [namespace(''), service('istio.io/use-waypoint: waipoint'), gateway('waypoint')],
      'Service/shop/cart',
      /names shop\/waipoint/,
      /did you mean "waypoint"\?/,
    ],
    [
      'a namespace whose waypoint stands elsewhere, which it does not say',
      [namespace('istio.io/use-waypoint: way'), service(''), gateway('way', 'edge')],
      'Namespace/shop',
      /names shop\/way/,
      /to namespace shop/,
    ],
  ])('tells of %s', (_, parts, at, message, hint) => {
    const found = trc051(...parts);
    expect(found.map(({ object, severity }) => [object, severity])).toEqual([[at, 'warning']]);
    expect(found[0]?.message).toMatch(message);
    expect(found[0]?.hint).toMatch(hint);
  });

  it('tells of one missing waypoint once', () => {
    const named = 'istio.io/use-waypoint: waypoint';
    expect(trc051(namespace(named), service(named))).toHaveLength(1);
  });

  it.each([
    ['a waypoint that is there', [namespace('istio.io/use-waypoint: way'), service(''), gateway('way')]],
    ['one of another class', [namespace('istio.io/use-waypoint: way'), service(''), gateway('way', 'shop', 'my-way')]],
    [
      'one in another namespace',
      [namespace('istio.io/use-waypoint: way, istio.io/use-waypoint-namespace: edge'), service(''), gateway('way', 'edge')],
    ],
    [
      'one in a namespace that the input does not show',
      [namespace('istio.io/use-waypoint: way, istio.io/use-waypoint-namespace: elsewhere'), service('')],
    ],
    [
      'a Service that wants none, beside a waypoint for the rest',
      [namespace('istio.io/use-waypoint: way'), service('istio.io/use-waypoint: none'), gateway('way')],
    ],
  ])('is quiet about %s', (_, parts) => {
    expect(trc051(...parts)).toEqual([]);
  });
});
