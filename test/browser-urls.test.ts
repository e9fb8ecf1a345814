import { App } from 'cdk8s';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import {
  GatewayApiGateway,
  IstioGateway,
  IstioIngress,
  LoadBalancerExposure,
  NginxIngress,
  NodePortExposure,
  TraefikIngress,
} from '../constructs/exposure/index.ts';
import {
  browserUrl,
  Endpoint,
  type Exposed,
  type IngressPods,
  Layer,
  type MeshLike,
  type Page,
  type Published,
  Workload,
} from '../constructs/kit/index.ts';
import { Grafana, Kiali, KialiResource, KubePrometheusStack, Prometheus } from '../constructs/observability/index.ts';
import { Jaeger, Tempo } from '../constructs/tracing/index.ts';
import { type Loose, object, objects } from './support/synth.ts';

const pods: IngressPods = {
  selector: { istio: 'ingressgateway' },
  namespace: 'istio-system',
  service: Endpoint.external({ protocol: 'http', host: 'istio-ingressgateway.istio-system.svc.cluster.local', port: 80 }),
};
const mesh: MeshLike = { rootNamespace: 'istio-system', needsPlaintextRules: false, ingress: pods, samplingPercent: 100 };
const tls = { secret: 'mesh-tls' } as const;
const controller = {
  existing: {
    ingressClass: 'public',
    service: Endpoint.external({ protocol: 'http', host: 'ingress.edge.svc.cluster.local', port: 80 }),
  },
};

function world() {
  const app = new App();
  const at = new Layer(app, 'observability', { namespace: 'istio-system' });
  const jaeger = new Jaeger(at, 'jaeger');
  const prometheus = new Prometheus(at, 'prometheus');
  const grafana = new Grafana(at, 'grafana', { sources: [prometheus, jaeger] });
  const kiali = new Kiali(at, 'kiali', { mesh, metrics: prometheus, tracing: jaeger, dashboards: grafana });
  const gateway = new IstioGateway(at, 'gateway', { mesh });
  const env = (): Record<string, string> =>
    Object.fromEntries(
      object(at, 'Deployment', 'grafana').spec.template.spec.containers[0].env.map((one: Loose) => [one.name, one.value]),
    );
  const config = () => parse(object(at, 'ConfigMap', 'kiali').data['config.yaml']);
  return { app, at, jaeger, prometheus, grafana, kiali, gateway, env, config };
}

describe('where browsers open a page', () => {
  const page = (): Published & { page: Page } => ({
    page: {
      name: 'shop',
      path: '/home',
      sidecar: 'never',
      endpoint: Endpoint.external({ protocol: 'http', host: 'shop.istio-system.svc.cluster.local', port: 80 }),
    },
  });
  const way = () => new Layer(new App(), 'way', { namespace: 'istio-system' });
  const host = 'shop.mesh.test';

  it.each<[string, (published: Published) => Exposed, string]>([
    ['IstioGateway', (p) => new IstioGateway(way(), 'g', { mesh }).publish(p, { host, tls }), 'https://shop.mesh.test/home'],
    ['IstioIngress', (p) => new IstioIngress(way(), 'g', { mesh }).publish(p, { host }), 'http://shop.mesh.test/home'],
    ['GatewayApiGateway', (p) => new GatewayApiGateway(way(), 'g', { mesh }).publish(p, { host }), 'http://shop.mesh.test/home'],
    ['NginxIngress', (p) => new NginxIngress(way(), 'g', controller).publish(p, { host }), 'http://shop.mesh.test/home'],
    ['TraefikIngress', (p) => new TraefikIngress(way(), 'g', controller).publish(p, { host }), 'http://shop.mesh.test/home'],
  ])('is told by %s', (_, publish, url) => {
    const published = page();
    expect(browserUrl(published.page)).toBeUndefined();
    expect(publish(published).url).toBe(url);
    expect(browserUrl(published.page)).toBe(url);
  });

  it('is told by a port of the nodes and by an address of its own, where these are known', () => {
    const at = way();
    const workload = () =>
      new Workload(at, `w${at.node.children.length}`, {
        name: `w${at.node.children.length}`,
        version: '1',
        image: 'example.test/shop:1',
        user: 1,
        ports: [{ name: 'http', port: 80 }],
        service: [{ name: 'http', port: 80, appProtocol: 'http' }],
      });
    const one = (): Published & { page: Page } => {
      const endpoint = workload().service.endpoint('http', 'http');
      return { page: { ...page().page, name: endpoint.host.split('.')[0] ?? '', endpoint } };
    };
    const known = new NodePortExposure(at, 'known', { nodeAddress: '10.0.0.1' });
    const unknown = new NodePortExposure(at, 'unknown');
    const balancer = new LoadBalancerExposure(at, 'balancer');
    const cases: [Published & { page: Page }, (p: Published) => Exposed, string | undefined][] = [
      [one(), (p) => known.publish(p, { port: 30_080 }), 'http://10.0.0.1:30080/home'],
      [one(), (p) => known.publish(p), undefined],
      [one(), (p) => unknown.publish(p, { port: 30_081 }), undefined],
      [one(), (p) => balancer.publish(p, { host }), 'http://shop.mesh.test/home'],
      [one(), (p) => balancer.publish(p), undefined],
      [one(), (p) => balancer.publish(p, { address: { ip: '10.0.0.9', annotations: {} } }), 'http://10.0.0.9/home'],
    ];
    for (const [published, publish, url] of cases) {
      publish(published);
      expect(browserUrl(published.page)).toBe(url);
    }
  });

  it('is the first by https, else the first', () => {
    const published = page();
    new IstioIngress(way(), 'a', { mesh }).publish(published, { host: 'a.mesh.test' });
    new IstioIngress(way(), 'b', { mesh }).publish(published, { host: 'b.mesh.test' });
    expect(browserUrl(published.page)).toBe('http://a.mesh.test/home');
    new IstioGateway(way(), 'c', { mesh }).publish(published, { host: 'c.mesh.test', tls });
    new IstioGateway(way(), 'd', { mesh }).publish(published, { host: 'd.mesh.test', tls });
    expect(browserUrl(published.page)).toBe('https://c.mesh.test/home');
  });

  it.each(['*', '*.mesh.test'])('is no pattern: %s', (pattern) => {
    const published = page();
    new IstioGateway(way(), 'g', { mesh }).publish(published, { host: pattern });
    expect(browserUrl(published.page)).toBeUndefined();
  });

  it('is not what a variant opens on top', () => {
    const published = page();
    const app = new App();
    const base = new Layer(app, 'base', { namespace: 'istio-system' });
    const variant = new Layer(app, 'variant', { variantOf: base });
    new IstioGateway(variant, 'g', { mesh }).publish(published, { host });
    expect(browserUrl(published.page)).toBeUndefined();
  });
});

describe('Grafana', () => {
  it('does not know where it is opened until it is published', () => {
    const { env } = world();
    expect(Object.keys(env()).filter((name) => name.startsWith('GF_SERVER') || name.includes('COOKIE'))).toEqual([]);
  });

  it('has the address that browsers open as its root URL', () => {
    const { gateway, grafana, env } = world();
    gateway.publish(grafana, { host: 'grafana.mesh.test' });
    expect(env()).toMatchObject({ GF_SERVER_ROOT_URL: 'http://grafana.mesh.test/' });
    expect(env()).not.toHaveProperty('GF_SERVER_SERVE_FROM_SUB_PATH');
    expect(env()).not.toHaveProperty('GF_SECURITY_COOKIE_SECURE');
  });

  it('keeps its cookies to https where there is nothing else', () => {
    const { at, gateway, grafana, env } = world();
    gateway.publish(grafana, { host: 'grafana.mesh.test', tls });
    expect(env()).toMatchObject({ GF_SERVER_ROOT_URL: 'https://grafana.mesh.test/', GF_SECURITY_COOKIE_SECURE: 'true' });
    new NodePortExposure(at, 'node', { nodeAddress: '10.0.0.1' }).publish(grafana, { port: 30_300 });
    expect(env()).toMatchObject({ GF_SERVER_ROOT_URL: 'https://grafana.mesh.test/' });
    expect(env()).not.toHaveProperty('GF_SECURITY_COOKIE_SECURE');
  });

  it('answers below a path where only that is let in, to Kiali’s server too', () => {
    const { gateway, grafana, env, config } = world();
    gateway.publish(grafana, { host: 'tools.mesh.test', path: '/grafana/' });
    expect(env()).toMatchObject({
      GF_SERVER_ROOT_URL: 'http://tools.mesh.test/grafana/',
      GF_SERVER_SERVE_FROM_SUB_PATH: 'true',
    });
    expect(config().external_services.grafana).toMatchObject({
      internal_url: 'http://grafana.istio-system.svc.cluster.local:3000/grafana',
      external_url: 'http://tools.mesh.test/grafana/',
    });
  });

  it('of the chart knows it as well', () => {
    const at = new Layer(new App(), 'watch', { namespace: 'monitoring' });
    const kube = new KubePrometheusStack(at, 'kube', { access: { adminPassword: { secret: 'grafana', key: 'password' } } });
    const kiali = new Kiali(at, 'kiali', { mesh, metrics: kube.prometheus, dashboards: kube.grafana });
    const gateway = new IstioGateway(at, 'gateway', { mesh });
    gateway.publish(kube.grafana, { host: 'grafana.mesh.test', tls });
    gateway.publish(kiali, { host: 'kiali.mesh.test' });
    expect(object(at, 'HelmRelease', 'kube').spec.values.grafana.env).toMatchObject({
      GF_SERVER_ROOT_URL: 'https://grafana.mesh.test/',
      GF_SECURITY_COOKIE_SECURE: 'true',
    });
    expect(parse(object(at, 'ConfigMap', 'kiali').data['config.yaml']).external_services.grafana.external_url).toBe(
      'https://grafana.mesh.test/',
    );
  });
});

describe('Kiali', () => {
  const openAll = ({ gateway, grafana, jaeger, kiali }: ReturnType<typeof world>) => {
    gateway.publish(grafana, { host: 'grafana.mesh.test' });
    gateway.publish(jaeger, { host: 'tracing.mesh.test' });
    gateway.publish(kiali, { host: 'kiali.mesh.test', tls });
  };

  it('links to what is published, and to nothing else', () => {
    const made = world();
    const { grafana, tracing } = made.config().external_services;
    expect([grafana.external_url, tracing.external_url]).toEqual([undefined, undefined]);
    openAll(made);
    const after = made.config().external_services;
    expect(after.grafana.external_url).toBe('http://grafana.mesh.test/');
    expect(after.tracing.external_url).toBe(`http://tracing.mesh.test${made.jaeger.page.path}`);
  });

  it('knows its own address', () => {
    const made = world();
    expect(made.config().server).not.toHaveProperty('web_fqdn');
    openAll(made);
    expect(made.config().server).toMatchObject({ web_fqdn: 'kiali.mesh.test', web_schema: 'https', web_port: '443' });
  });

  it.each(['plain', 'by its operator'])('takes what it is told before what is published: %s', (form) => {
    const { at, prometheus, grafana, jaeger, gateway } = world();
    gateway.publish(grafana, { host: 'grafana.mesh.test' });
    gateway.publish(jaeger, { host: 'tracing.mesh.test' });
    const props = {
      ...{ mesh, metrics: prometheus, tracing: jaeger, dashboards: grafana },
      links: { dashboards: 'https://other.site.example', tracing: 'https://traces.site.example' },
    };
    const own = new Layer(new App(), 'own', { namespace: 'kiali' });
    if (form === 'plain') new Kiali(own, 'kiali', props);
    else new KialiResource(own, 'kiali', props);
    const found = objects(own).find((one) => one.kind === (form === 'plain' ? 'ConfigMap' : 'Kiali'));
    const { external_services } = form === 'plain' ? parse(found.data['config.yaml']) : found.spec;
    expect(external_services.grafana.external_url).toBe('https://other.site.example');
    expect(external_services.tracing.external_url).toBe('https://traces.site.example');
    expect(at).toBeDefined();
  });

  it('by its operator links to what is published later, and is opened by the Ingress that the operator makes', () => {
    const { at, prometheus, grafana, gateway } = world();
    const own = new Layer(new App(), 'own', { namespace: 'kiali' });
    const tempo = new Tempo(at, 'tempo');
    new KialiResource(own, 'kiali', {
      ...{ mesh, metrics: prometheus, tracing: tempo, dashboards: grafana },
      ingress: { className: 'nginx', host: 'kiali.site.example' },
    });
    gateway.publish(grafana, { host: 'grafana.mesh.test' });
    const { external_services, server } = object(own, 'Kiali', 'kiali').spec;
    expect(external_services.grafana.external_url).toBe('http://grafana.mesh.test/');
    // Tempo has no page: its traces are opened in Grafana.
    expect(external_services.tracing).not.toHaveProperty('external_url');
    expect(server).toMatchObject({ web_fqdn: 'kiali.site.example', web_schema: 'http', web_port: '80' });
  });

  it.each(['http://grafana.istio-system.svc:3000', 'http://grafana.istio-system.svc.cluster.local/x', 'http://g.ns.svc'])(
    'refuses a link that no browser finds: %s',
    (url) => {
      const { at, prometheus, grafana } = world();
      expect(
        () => new Kiali(at, 'again', { mesh, metrics: prometheus, dashboards: grafana, links: { dashboards: url } }),
      ).toThrow(`link ${url} of 'observability/again' leads to a host of the cluster, which no browser finds`);
    },
  );

  it('never mixes addresses inside the cluster with those that browsers open', () => {
    const made = world();
    openAll(made);
    const { external_services } = made.config();
    const all = Object.values<Loose>(external_services).flatMap((one) => Object.entries<Loose>(one));
    const urls = all.filter(([, value]) => typeof value === 'string' && value.includes('://'));
    expect(urls.map(([key]) => key).sort()).toEqual(['external_url', 'external_url', 'internal_url', 'internal_url', 'url']);
    for (const [key, url] of urls) expect([key, url.includes('.svc.cluster.local')]).toEqual([key, key !== 'external_url']);
    expect(made.env().GF_SERVER_ROOT_URL).not.toContain('.svc');
    const sources = parse(object(made.at, 'ConfigMap', 'grafana').data['datasources.yaml']).datasources;
    for (const { url } of sources) expect(url).toContain('.svc.cluster.local');
  });
});
