import { describe, expect, it, vi } from 'vitest';
import { MeshApp, Stack } from '../constructs/app.ts';
import {
  Fortio,
  Helloworld,
  type HelloworldProps,
  HotRod,
  type HotRodProps,
  Httpbin,
  type HttpbinProps,
  Nginx,
  type NginxProps,
  PolyglotDemo,
} from '../constructs/apps/index.ts';
import { IstioGateway } from '../constructs/exposure/index.ts';
import { type Destination, Endpoint, type Exposed, Layer, type TraceSink, UserError } from '../constructs/kit/index.ts';
import { Mesh } from '../constructs/mesh/index.ts';
import { Collector, Jaeger } from '../constructs/tracing/index.ts';
import { type Loose, layer, object, objects } from './support/synth.ts';

const container = (deployment: Loose): Loose => deployment.spec.template.spec.containers[0];

/** What every demo app's pods must say, whoever they are. */
function expectGoodManners(apps: Layer): void {
  for (const deployment of objects(apps).filter((o) => o.kind === 'Deployment')) {
    const { metadata, spec } = deployment.spec.template;
    const name = deployment.metadata.name;
    expect(metadata.labels.app, name).toBeTruthy();
    expect(metadata.labels.version, name).toBeTruthy();
    expect(object(apps, 'ServiceAccount', spec.serviceAccountName).automountServiceAccountToken, name).toBe(false);
    expect(spec.securityContext, name).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(container(deployment).securityContext, name).toEqual({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: true,
    });
    const listens = container(deployment).ports.map((p: Loose) => p.containerPort);
    for (const probe of ['readinessProbe', 'livenessProbe'])
      expect(listens, `${probe} of ${name}`).toContain(container(deployment)[probe].httpGet.port);
  }
}

describe('Httpbin', () => {
  it('is one version behind port 8000', () => {
    const l = layer('apps');
    const httpbin = new Httpbin(l, 'bin');
    expect(object(l, 'Service', 'httpbin').spec).toEqual({
      selector: { app: 'httpbin' },
      ports: [{ name: 'http', port: 8000, targetPort: 8080, appProtocol: 'http' }],
    });
    expect(container(object(l, 'Deployment', 'httpbin-v1')).image).toBe('docker.io/mccutchen/go-httpbin:v2.15.0');
    expect(container(object(l, 'Deployment', 'httpbin-v1')).readinessProbe.httpGet).toEqual({ path: '/status/200', port: 8080 });
    const to: Destination = httpbin;
    expect(to.host).toBe('httpbin.apps.svc.cluster.local');
    expect(httpbin.page).toMatchObject({ name: 'httpbin', path: '/' });
    expectGoodManners(l);
  });

  it('takes every option', () => {
    const l = layer('apps');
    const props: Required<HttpbinProps<'v1' | 'v2'>> = { name: 'echo', versions: ['v1', 'v2'], version: 'v2.18.0' };
    const echo = new Httpbin(l, 'bin', props);
    expect(echo.versions.v2.selector).toEqual({ app: 'echo', version: 'v2' });
    expect(echo.page.name).toBe('echo');
    for (const version of props.versions)
      expect(container(object(l, 'Deployment', `echo-${version}`)).image).toBe('docker.io/mccutchen/go-httpbin:v2.18.0');
    expect(object(l, 'Service', 'echo').spec.selector).toEqual({ app: 'echo' });
  });

  it('knows only the versions that it has', () => {
    const httpbin = new Httpbin(layer(), 'bin', { versions: ['blue', 'green'] });
    expect(Object.keys(httpbin.versions)).toEqual(['blue', 'green']);
    // @ts-expect-error: there is no v1
    expect(httpbin.versions.v1).toBeUndefined();
  });
});

describe('Helloworld', () => {
  it('is two versions with an image each, by every option', () => {
    const l = layer('apps');
    const props: Required<HelloworldProps> = { version: '1.1', hub: 'registry.example.com' };
    const hello = new Helloworld(l, 'hello', props);
    for (const version of ['v1', 'v2'] as const) {
      const deployment = object(l, 'Deployment', `helloworld-${version}`);
      expect(container(deployment).image).toBe(`registry.example.com/examples-helloworld-${version}:1.1`);
      expect(container(deployment).readinessProbe.httpGet).toEqual({ path: '/health', port: 5000 });
      expect(hello[version].selector).toEqual({ app: 'helloworld', version });
      expect(hello[version].of).toBe(hello);
    }
    expect(hello.page).toMatchObject({ path: '/hello', routes: [{ exact: '/hello' }] });
    expectGoodManners(l);
  });

  it("comes from Istio's hub", () => {
    const l = layer('apps');
    new Helloworld(l, 'hello');
    expect(container(object(l, 'Deployment', 'helloworld-v1')).image).toBe(
      'registry.istio.io/release/examples-helloworld-v1:1.0',
    );
    expect(object(l, 'Service', 'helloworld').spec.ports[0]).toMatchObject({ port: 5000, appProtocol: 'http' });
  });
});

describe('Nginx', () => {
  it('runs without root behind port 80, with every option', () => {
    const l = layer('apps');
    const props: Required<NginxProps> = { name: 'welcome', version: '1.29.0-alpine' };
    const nginx = new Nginx(l, 'nginx', props);
    const { template } = object(l, 'Deployment', 'welcome').spec;
    expect(template.spec.containers[0].image).toBe('docker.io/nginxinc/nginx-unprivileged:1.29.0-alpine');
    expect(template.spec.securityContext.runAsUser).toBe(101);
    expect(template.spec.containers[0].volumeMounts).toEqual([{ name: 'scratch-tmp', mountPath: '/tmp' }]);
    expect(object(l, 'Service', 'welcome').spec.ports[0]).toMatchObject({ port: 80, targetPort: 8080 });
    expect(nginx.service.host).toBe('welcome.apps.svc.cluster.local');
    expect(nginx.page.endpoint.url).toBe('http://welcome.apps.svc.cluster.local:80');
    expectGoodManners(l);
  });
});

describe('HotRod', () => {
  const jaegerPage: Exposed = {
    host: 'tracing.mesh.test',
    page: {
      name: 'jaeger',
      endpoint: Endpoint.external({ protocol: 'http', host: 'tracing.istio-system.svc.cluster.local', port: 80 }),
      path: '/jaeger',
      sidecar: 'never',
    },
    entry: Endpoint.external({ protocol: 'http', host: 'gw.istio-system.svc.cluster.local', port: 80 }),
    url: 'http://tracing.mesh.test/jaeger/',
  };

  it('sends its spans where it is told, with every option', () => {
    const l = layer('apps');
    const jaeger = new Jaeger(l, 'jaeger');
    const props: Required<HotRodProps> = {
      exportTo: new Collector(l, 'collector', { exportTo: [jaeger] }),
      jaeger: jaegerPage,
      name: 'rides',
      version: '2.19.0',
    };
    const hotrod = new HotRod(l, 'hotrod', props);
    const pod = container(object(l, 'Deployment', 'rides'));
    expect(pod.image).toBe('docker.io/jaegertracing/example-hotrod:2.19.0');
    expect(pod.env).toEqual([
      { name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: expect.stringMatching(/^http:\/\/[a-z-]+\.apps\.svc\.cluster\.local:4318$/) },
    ]);
    expect(pod.args).toEqual(['all', '--jaeger-ui', 'http://tracing.mesh.test/jaeger']);
    expect(hotrod.page.name).toBe('rides');
    expect(hotrod.page.endpoint.port).toBe(8080);
  });

  it('has four services at four ports, and more than the 100 MB of the tutorials', () => {
    const l = layer('apps');
    const hotrod = new HotRod(l, 'hotrod', { exportTo: new Jaeger(l, 'jaeger') });
    expect(hotrod.service.ports.map((p) => [p.name, p.port, p.appProtocol])).toEqual([
      ['frontend', 8080, 'http'],
      ['customer', 8081, 'http'],
      ['driver', 8082, 'grpc'],
      ['route', 8083, 'http'],
    ]);
    const pod = container(object(l, 'Deployment', 'hotrod'));
    expect(pod.args).toEqual(['all']);
    expect(pod.resources.limits.memory).toEqual('512Mi');
  });

  it('refuses a sink that does not take /v1/traces', () => {
    const at = (path: string): TraceSink<'otlp-http'> => ({
      accepts: ['otlp-http'],
      receiver: (protocol) => Endpoint.external({ protocol, host: 'otel.example.com', port: 4318, path }),
    });
    const make = (path: string) => new HotRod(layer('apps'), 'hotrod', { exportTo: at(path) });
    expect(() => make('/ingest')).toThrow(UserError);
    expect(() => make('/ingest')).toThrow("'layer/hotrod' cannot send its spans to http://otel.example.com:4318/ingest");
    for (const path of ['', '/v1/traces', '/team/v1/traces']) expect(() => make(path), path).not.toThrow();
  });

  it('wants OTLP over HTTP', () => {
    const zipkin: TraceSink<'zipkin'> = {
      accepts: ['zipkin'],
      receiver: (protocol) => Endpoint.external({ protocol, host: 'zipkin.example.com', port: 9411 }),
    };
    // @ts-expect-error: HotROD speaks no Zipkin
    new HotRod(layer('apps'), 'hotrod', { exportTo: zipkin });
  });
});

describe('the demo apps together', () => {
  it.each(['lab', 'production'] as const)('are proven clean in one mesh: %s', (purpose) => {
    const app = new MeshApp();
    const stack = new Stack(app, 'demo', { purpose });
    const mesh = new Layer(stack, 'mesh', { namespace: 'istio-system' });
    const apps = new Layer(stack, 'apps', { namespace: 'apps', after: [mesh] });
    const jaeger = new Jaeger(mesh, 'jaeger');
    const istio = new Mesh(mesh, 'istio', { tracing: { to: jaeger, samplingPercent: 100 } });
    istio.enroll(apps);
    const gateway = new IstioGateway(mesh, 'gateway', { mesh: istio });

    const polyglot = new PolyglotDemo(apps, 'polyglot');
    const page = gateway.publish(polyglot, { host: 'polyglot.mesh.test' });
    gateway.publish(new Httpbin(apps, 'httpbin', { versions: ['v1', 'v2'] }), { host: 'httpbin.mesh.test' });
    gateway.publish(new Helloworld(apps, 'helloworld'), { host: 'helloworld.mesh.test' });
    gateway.publish(new Nginx(apps, 'nginx'), { host: 'nginx.mesh.test' });
    gateway.publish(new HotRod(apps, 'hotrod', { exportTo: jaeger }), { host: 'hotrod.mesh.test' });
    new Fortio(apps, 'outside', { to: page, qps: 20, seconds: 100, mesh: istio });
    new Fortio(apps, 'inside', { to: polyglot.services.python, path: '/env', qps: 50, requests: 200, mesh: istio });

    const said = vi.spyOn(console, 'error').mockImplementation(() => {});
    const told: string[] = [];
    try {
      app.synthYaml();
    } catch (error) {
      told.push(String(error));
    } finally {
      told.push(...said.mock.calls.map(String));
      said.mockRestore();
    }
    // What a production stack wants of the mesh and of Jaeger is not the apps' business.
    expect(told.filter((text) => purpose === 'lab' || text.includes('demo/apps'))).toEqual([]);
  });
});
