import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiObject } from 'cdk8s';
import { afterAll, describe, expect, it } from 'vitest';
import { Bookinfo, type BookinfoApp, Layer, Mesh, MeshApp, prove, readWorlds, Stack } from '../constructs/index.ts';
import { VersionedApp } from '../constructs/kit/index.ts';
import { layer, object, objects } from './support/synth.ts';

const home = mkdtempSync(join(tmpdir(), 'variants-'));
afterAll(() => rmSync(home, { recursive: true }));
let runs = 0;

/** Bookinfo, and a variant that routes reviews to a subset. */
function shop(subset: string, more: (stack: Stack, apps: Layer, bookinfo: Bookinfo) => void = () => {}) {
  const outdir = join(home, String(runs++));
  const app = new MeshApp({ outdir });
  const stack = new Stack(app, 'shop');
  const apps = new Layer(stack, 'apps', { namespace: 'bookinfo' });
  const bookinfo = new Bookinfo(apps, 'bookinfo', { reviews: { v1: 100 } });
  const variant = new Layer(stack, 'tour', { variantOf: apps });
  route(variant, bookinfo.reviews, subset);
  more(stack, apps, bookinfo);
  return { app, outdir, stack, apps, variant };
}

function route(scope: Layer, to: BookinfoApp<'v1' | 'v2' | 'v3'>, subset: string): void {
  new ApiObject(scope, 'route', {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'reviews' },
    spec: { hosts: [to.host], http: [{ route: [{ destination: { host: to.host, subset } }] }] },
  });
}

describe('a variant layer', () => {
  it("stands in its own folder, in its layer's namespace, and in no kustomization of the whole", () => {
    const { app, outdir } = shop('v2');
    app.synth();
    const read = (path: string) => readFileSync(join(outdir, 'shop', path), 'utf8');
    expect(read('tour/tour.k8s.yaml')).toContain('namespace: bookinfo');
    expect(read('tour/tour.k8s.yaml')).not.toContain('kind: Namespace');
    expect(read('tour/kustomization.yaml')).toContain('tour.k8s.yaml');
    expect(read('kustomization.yaml')).not.toContain('tour');
    expect(JSON.parse(read('inventory.json')).layers).toContainEqual({ name: 'tour', after: [], variantOf: 'apps' });
  });

  it('is no duplicate of what it replaces, and is proven on top of the stack', () => {
    expect(() => shop('v2').app.synth()).not.toThrow();
    expect(() => shop('v9').app.synth()).toThrow(/shop\/tour\/route[\s\S]*v9/);
  });

  it('does not repeat what is wrong without it', () => {
    const wrong = shop('v2', (stack, apps, { reviews }) => {
      route(new Layer(stack, 'other', { variantOf: apps }), reviews, 'v3');
      new ApiObject(apps, 'wrong', {
        apiVersion: 'networking.istio.io/v1',
        kind: 'VirtualService',
        metadata: { name: 'wrong' },
        spec: { hosts: ['ratings'], http: [{ route: [{ destination: { host: 'ratinks' } }] }] },
      });
    });
    let message = '';
    try {
      wrong.app.synth();
    } catch (error) {
      message = String(error);
    }
    expect(message.match(/REF001/g)).toHaveLength(1);
  });

  it('gives the same findings when its YAML is read back', () => {
    const { app, outdir } = shop('v2');
    app.synth();
    const worlds = readWorlds([outdir]);
    expect(worlds.map(({ name }) => name.replace(outdir, ''))).toEqual(['/shop', '/shop with tour']);
    expect(worlds.flatMap((world) => prove(world))).toEqual([]);
  });

  it('cannot change what is installed', () => {
    const { app, variant } = shop('v2');
    new Mesh(variant, 'istio', { install: { by: 'existing' } });
    expect(() => app.synth()).toThrow(
      "'shop/tour/istio/claim' says what is installed, which the variant 'tour' cannot change: put it into 'apps', or make another stack",
    );
  });

  it('varies a step of the same stack, and no variant', () => {
    const { stack, apps, variant } = shop('v2');
    expect(() => new Layer(stack, 'deeper', { variantOf: variant })).toThrow(
      "layer 'shop/deeper' varies 'shop/tour', which is a variant itself: vary 'shop/apps'",
    );
    const other = new Stack(new MeshApp({ outdir: home }), 'other');
    expect(() => new Layer(other, 'tour', { variantOf: apps })).toThrow('of another stack: put both into one stack');
  });
});

describe('VersionedApp', () => {
  const pod = (tag: string) => ({ image: `example.test/cart:${tag}`, user: 1000 });
  const props = {
    name: 'cart',
    ports: [{ name: 'http', port: 80, targetPort: 8080, appProtocol: 'http' }],
    versions: { v1: pod('1'), v2: pod('2') },
  } as const;

  it('has one Service and account, and a Deployment for each version', () => {
    const chart = layer('shop');
    const app = new VersionedApp(chart, 'cart', props);
    expect(objects(chart).map((o) => `${o.kind} ${o.metadata.name}`)).toEqual([
      'Namespace shop',
      'ServiceAccount cart',
      'Service cart',
      'Deployment cart-v1',
      'Deployment cart-v2',
    ]);
    expect(object(chart, 'Service', 'cart').spec.selector).toEqual({ app: 'cart' });
    expect(object(chart, 'Deployment', 'cart-v2').spec.template.spec.serviceAccountName).toBe('cart');
    expect(app.host).toBe('cart.shop.svc.cluster.local');
    expect(app.versions.v2.of).toBe(app);
    expect(app.versions.v2.selector).toEqual({ app: 'cart', version: 'v2' });
  });

  it('takes the name of its account, and labels of its Service', () => {
    const chart = layer('shop');
    new VersionedApp(chart, 'cart', { ...props, serviceAccount: 'shop-cart', serviceLabels: { tier: 'back' } });
    expect(object(chart, 'ServiceAccount', 'shop-cart').automountServiceAccountToken).toBe(false);
    expect(object(chart, 'Service', 'cart').metadata.labels).toEqual({ app: 'cart', tier: 'back' });
  });

  it('refuses a name that is no DNS label, and no version at all', () => {
    expect(() => new VersionedApp(layer(), 'a', { ...props, name: 'Cart' })).toThrow('name of app');
    expect(() => new VersionedApp(layer(), 'a', { ...props, versions: {} })).toThrow("app 'layer/a' has no version");
  });
});
