import { ApiObject, App, Testing } from 'cdk8s';
import { describe, expect, it } from 'vitest';
import { MeshApp, Stack } from '../constructs/app.ts';
import {
  AddressPool,
  L2Advertisement,
  LoadBalancerExposure,
  type LoadBalancerOptions,
  MetalLb,
  NodePortExposure,
  type NodePortExposureProps,
  type NodePortOptions,
} from '../constructs/exposure/index.ts';
import { Endpoint, Layer, type Page } from '../constructs/kit/index.ts';
import { Prometheus } from '../constructs/observability/index.ts';
import { prove, readWorlds } from '../constructs/proof/index.ts';
import { Jaeger } from '../constructs/tracing/index.ts';
import { scratch } from './support/publish.ts';

function layers() {
  const stack = new App();
  const tracing = new Layer(stack, 'tracing', { namespace: 'tracing' });
  const exposure = new Layer(stack, 'exposure', { namespace: 'edge', after: [tracing] });
  return { stack, tracing, exposure };
}

/** A page whose Service is a plain object, as `Include` makes them. */
function plain(layer: Layer, name: string, spec: object = { selector: { app: name }, ports: [{ port: 80, targetPort: 'web' }] }) {
  new ApiObject(layer, `${name}-service`, { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec });
  const endpoint = Endpoint.external({ protocol: 'http', host: `${name}.${layer.namespace}.svc.cluster.local`, port: 80 });
  const page: Page = { name, endpoint, path: '/', sidecar: 'by-namespace' };
  return { page };
}

const services = (layer: Layer) => Testing.synth(layer).filter((one) => one.kind === 'Service');

describe('a port of the nodes', () => {
  it('leads to the pods of a page, fixed or left to the cluster', () => {
    const { tracing, exposure } = layers();
    const ports = new NodePortExposure(exposure, 'ports');
    const jaeger = new Jaeger(tracing, 'jaeger');
    const exposed = ports.publish(jaeger, { port: 30686 });
    const left = ports.publish(plain(tracing, 'front'));
    expect(services(exposure)).toEqual([
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'tracing-nodeport', namespace: 'tracing' },
        spec: {
          type: 'NodePort',
          selector: services(tracing).find((one) => one.metadata.name === 'tracing').spec.selector,
          ports: [{ name: 'http', port: 80, targetPort: 16686, appProtocol: 'http', nodePort: 30686 }],
        },
      },
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'front-nodeport', namespace: 'tracing' },
        spec: {
          type: 'NodePort',
          selector: { app: 'front' },
          ports: [{ name: 'http', port: 80, targetPort: 'web', appProtocol: 'http' }],
        },
      },
    ]);
    expect(exposed.url).toBe(`http://NODE:30686${jaeger.page.path}`);
    expect(left).toMatchObject({
      url: 'http://NODE:PORT/',
      host: '*',
      entry: { host: 'front-nodeport.tracing.svc.cluster.local', port: 80 },
    });
    expect(left.address).toBeUndefined();
  });

  it('takes every option', () => {
    const { tracing, exposure } = layers();
    const every: Required<NodePortExposureProps> = { nodeAddress: '2001:db8::1' };
    const how: Required<NodePortOptions> = { port: 32767 };
    expect(new NodePortExposure(exposure, 'ports', every).publish(plain(tracing, 'front'), how)).toMatchObject({
      url: 'http://[2001:db8::1]:32767/',
      host: '2001:db8::1',
      address: '2001:db8::1',
    });
  });

  it.each([29_999, 32_768, 30_000.5])('is none at %s', (port) => {
    const { tracing, exposure } = layers();
    const ports = new NodePortExposure(exposure, 'ports');
    expect(() => ports.publish(plain(tracing, 'front'), { port })).toThrow(
      `port ${port} of page 'front' published by 'exposure/ports' is none of a node: allowed is a whole number from 30000 to 32767`,
    );
  });

  it('is given once in a stack, by whichever construct, and again in another stack', () => {
    const { tracing, exposure } = layers();
    new NodePortExposure(exposure, 'ports').publish(plain(tracing, 'front'), { port: 30000 });
    const other = new NodePortExposure(exposure, 'other');
    expect(() => other.publish(plain(tracing, 'back'), { port: 30000 })).toThrow(
      /port 30000 of the nodes leads to page 'front' by 'exposure\/ports' already.*'exposure\/other' cannot lead it to page 'back'/,
    );
    const { tracing: there, exposure: away } = layers();
    new NodePortExposure(away, 'ports').publish(plain(there, 'front'), { port: 30000 });
  });

  it('is one for each page', () => {
    const { tracing, exposure } = layers();
    const ports = new NodePortExposure(exposure, 'ports');
    const front = plain(tracing, 'front');
    ports.publish(front);
    expect(() => ports.publish(front, { port: 30001 })).toThrow(
      /page 'front' at a port that the cluster chooses already, so it cannot at port 30001/,
    );
  });

  it('can be two, by two constructs', () => {
    const { tracing, exposure } = layers();
    const front = plain(tracing, 'front');
    new NodePortExposure(exposure, 'ports').publish(front, { port: 30001 });
    const exposed = new NodePortExposure(exposure, 'more').publish(front, { port: 30002 });
    expect(services(exposure).map((one) => one.metadata.name)).toEqual(['front-nodeport', 'front-nodeport-more']);
    expect(exposed.entry.host).toBe('front-nodeport-more.tracing.svc.cluster.local');
  });

  it('knows a Service by its namespace as well', () => {
    const { tracing, exposure } = layers();
    plain(tracing, 'front', { selector: { app: 'other' }, ports: [{ port: 80 }] });
    new NodePortExposure(exposure, 'ports').publish(plain(exposure, 'front'));
    const made = services(exposure).find((one) => one.metadata.name === 'front-nodeport');
    expect(made).toMatchObject({ metadata: { namespace: 'edge' }, spec: { selector: { app: 'front' } } });
  });

  it('needs to know the pods', () => {
    const { tracing, exposure } = layers();
    const ports = new NodePortExposure(exposure, 'ports');
    const endpoint = Endpoint.external({ protocol: 'http', host: 'grafana.monitoring.svc.cluster.local', port: 80 });
    const grafana: Page = { name: 'grafana', endpoint, path: '/', sidecar: 'never' };
    expect(() => ports.publish({ page: grafana })).toThrow(
      /page 'grafana' cannot be published by 'exposure\/ports': no object of this stack is its Service 'grafana' in namespace 'monitoring'/,
    );
    expect(() => ports.publish(plain(tracing, 'bare', { ports: [{ port: 80 }] }))).toThrow(/selects no pods/);
    expect(() => new NodePortExposure(exposure, 'x', { nodeAddress: 'node1' })).toThrow(
      /nodeAddress of 'exposure\/x' is "node1"/,
    );
  });
});

describe('an address of its own', () => {
  const pool = (layer: Layer) => new AddressPool(layer, 'pool', { addresses: ['10.34.124.116/31'] });

  it('leads port 80 to the pods of a page', () => {
    const { tracing, exposure } = layers();
    const jaeger = new Jaeger(tracing, 'jaeger');
    const exposed = new LoadBalancerExposure(exposure, 'lb').publish(jaeger);
    expect(services(exposure)).toMatchObject([
      {
        metadata: { name: 'tracing-loadbalancer', namespace: 'tracing' },
        spec: { type: 'LoadBalancer', ports: [{ name: 'http', port: 80, targetPort: 16686, appProtocol: 'http' }] },
      },
    ]);
    expect(services(exposure)[0].metadata.annotations).toBeUndefined();
    expect(exposed).toMatchObject({ url: `http://ADDRESS${jaeger.page.path}`, host: '*' });
  });

  it('takes every option', () => {
    const { tracing, exposure } = layers();
    const every: Required<LoadBalancerOptions> = {
      port: 8080,
      address: pool(exposure).address('10.34.124.116'),
      host: 'jaeger.site.example',
    };
    const exposed = new LoadBalancerExposure(exposure, 'lb').publish(plain(tracing, 'front'), every);
    expect(services(exposure)[0]).toMatchObject({
      metadata: {
        annotations: {
          'metallb.io/address-pool': 'pool',
          'metallb.io/loadBalancerIPs': '10.34.124.116',
          'external-dns.alpha.kubernetes.io/hostname': 'jaeger.site.example',
        },
      },
      spec: { ports: [{ port: 8080, targetPort: 'web' }] },
    });
    expect(exposed).toMatchObject({
      host: 'jaeger.site.example',
      url: 'http://jaeger.site.example:8080/',
      address: '10.34.124.116',
      entry: { host: 'front-loadbalancer.tracing.svc.cluster.local', port: 8080 },
    });
  });

  it('is opened by itself when it has no name', () => {
    const { tracing, exposure } = layers();
    const address = pool(exposure).address('10.34.124.116');
    expect(new LoadBalancerExposure(exposure, 'lb').publish(plain(tracing, 'front'), { address })).toMatchObject({
      host: '10.34.124.116',
      url: 'http://10.34.124.116/',
    });
  });

  it('can be shared by ports that differ', () => {
    const { tracing, exposure } = layers();
    const shared = pool(exposure);
    const address = () => shared.address('10.34.124.116', { sharedBy: 'pages' });
    const lb = new LoadBalancerExposure(exposure, 'lb');
    lb.publish(plain(tracing, 'a'), { address: address() });
    lb.publish(plain(tracing, 'b'), { address: address(), port: 81 });
    expect(() => lb.publish(plain(tracing, 'c'), { address: address(), port: 81 })).toThrow(
      /port 81 of 10\.34\.124\.116 leads to page 'b' by 'exposure\/lb' already.*page 'c'/,
    );
  });

  it('is refused twice, at no port, and under no name', () => {
    const { tracing, exposure } = layers();
    const lb = new LoadBalancerExposure(exposure, 'lb');
    const front = plain(tracing, 'front');
    lb.publish(front);
    expect(() => lb.publish(front)).toThrow(/has published page 'front' already/);
    expect(() => lb.publish(plain(tracing, 'a'), { port: 0 })).toThrow(/port 0 of page 'a'/);
    expect(() => lb.publish(plain(tracing, 'b'), { host: 'Jaeger' })).toThrow(/host "Jaeger" cannot be published/);
  });
});

describe('a stack', () => {
  it('with both is without findings', () => {
    const outdir = scratch();
    const app = new MeshApp({ outdir });
    const stack = new Stack(app, 'lab', { platform: 'rke2' });
    const metallb = new Layer(stack, 'metallb', { namespace: 'metallb-system' });
    const addresses = new Layer(stack, 'addresses', { namespace: metallb, after: [metallb] });
    const tools = new Layer(stack, 'tools', { namespace: 'observability', after: [addresses] });
    new MetalLb(metallb, 'metallb');
    const pool = new AddressPool(addresses, 'ip-pool', { addresses: ['10.34.124.116/32'] });
    new L2Advertisement(addresses, 'l2advertise', { pools: [pool] });
    const jaeger = new Jaeger(tools, 'jaeger');
    const prometheus = new Prometheus(tools, 'prometheus', { scrape: [jaeger] });
    const ports = new NodePortExposure(tools, 'ports', { nodeAddress: '10.34.124.114' });
    ports.publish(jaeger, { port: 30686 });
    ports.publish(prometheus);
    new LoadBalancerExposure(tools, 'lb').publish(jaeger, { address: pool.address('10.34.124.116') });
    app.synth();
    expect(readWorlds([outdir]).flatMap((world) => prove(world))).toEqual([]);
  });

  it('says when a page is published before its namespace is there', () => {
    const app = new MeshApp({ outdir: scratch() });
    const stack = new Stack(app, 'lab');
    const exposure = new Layer(stack, 'exposure', { namespace: 'edge' });
    const tools = new Layer(stack, 'tools', { namespace: 'observability' });
    const jaeger = new Jaeger(tools, 'jaeger');
    new NodePortExposure(exposure, 'ports').publish(jaeger);
    new LoadBalancerExposure(exposure, 'lb').publish(jaeger);
    expect(() => app.synth()).toThrow(/'lab\/exposure\/ports\/tracing' puts its Service into namespace 'observability'/);
    expect(() => app.synth()).toThrow(/'lab\/exposure\/lb\/tracing' puts its Service into namespace 'observability'/);
  });
});
