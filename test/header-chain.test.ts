import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { App } from 'cdk8s';
import { describe, expect, it } from 'vitest';
import { HeaderChain, type HeaderChainProps } from '../constructs/apps/index.ts';
import { IstioGateway } from '../constructs/exposure/index.ts';
import { Endpoint, forwardedHeaders, Layer, traceHeaderSetNames, UserError } from '../constructs/kit/index.ts';
import { Mesh, type Tracing } from '../constructs/mesh/index.ts';
import { Jaeger } from '../constructs/tracing/index.ts';
import { startChain, startService, upstreamOfTest } from './support/header-chain.ts';
import { layer, object, objects } from './support/synth.ts';

const program = readFileSync(new URL('../constructs/apps/header-chain/server.mjs', import.meta.url), 'utf8');
const all = forwardedHeaders('all', 'a test');

function synth(props: HeaderChainProps = {}) {
  const l = layer('shop');
  new HeaderChain(l, 'chain', props);
  return l;
}

async function ask(url: string, headers: Record<string, string> = {}) {
  const response = await fetch(url, { headers });
  return { status: response.status, body: JSON.parse(await response.text()) };
}

const envOf = (deployment: { spec: { template: { spec: { containers: { env: { name: string; value: string }[] }[] } } } }) =>
  Object.fromEntries((deployment.spec.template.spec.containers[0]?.env ?? []).map(({ name, value }) => [name, value]));

describe('HeaderChain', () => {
  it('runs the very file of the repository on a stock image, three times', () => {
    const l = synth();
    expect(object(l, 'ConfigMap', 'chain').data).toEqual({ 'server.mjs': program });
    for (const name of ['service-a', 'service-b', 'service-c']) {
      const { template } = object(l, 'Deployment', name).spec;
      expect(template.metadata.labels.app).toBe(name);
      expect(template.metadata.labels).not.toHaveProperty('sidecar.istio.io/inject');
      expect(template.spec.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000 });
      const [container] = template.spec.containers;
      expect(container.image).toMatch(/^docker\.io\/library\/node:\d+\.\d+\.\d+-alpine$/);
      expect(container.command).toEqual(['node', '/app/server.mjs']);
      expect(container.securityContext.readOnlyRootFilesystem).toBe(true);
      expect(container.readinessProbe.httpGet).toEqual({ path: '/status', port: 8080 });
      expect(object(l, 'Service', name).spec).toEqual({
        selector: { app: name },
        ports: [{ name: 'http', port: 8080, targetPort: 8080, appProtocol: 'http' }],
      });
    }
  });

  it('asks from the first to the last', () => {
    const l = synth();
    const upstream = (name: string) => envOf(object(l, 'Deployment', name)).UPSTREAM;
    expect(upstream('service-a')).toBe('http://service-b.shop.svc.cluster.local:8080/api/v1/testA/');
    expect(upstream('service-b')).toBe('http://service-c.shop.svc.cluster.local:8080/api/v1/testA/');
    expect(upstream('service-c')).toBeUndefined();
  });

  it('takes every option', () => {
    const l = layer('shop');
    const props: Required<HeaderChainProps> = {
      name: 'walk',
      services: ['one', 'two', 'three', 'four'],
      headers: 'opentelemetry',
      version: '24.1.0-alpine',
      image: 'registry.example.com/node',
    };
    const chain = new HeaderChain(l, 'chain', props);
    expect(chain.workloads.map(({ name }) => name)).toEqual(props.services);
    expect(chain.page.name).toBe('walk');
    expect(chain.page.endpoint.host).toBe('one.shop.svc.cluster.local');
    const four = object(l, 'Deployment', 'four');
    expect(four.spec.template.spec.containers[0].image).toBe('registry.example.com/node:24.1.0-alpine');
    expect(envOf(four).FORWARD_HEADERS).toBe(forwardedHeaders('opentelemetry', 'a test').join(','));
    expect(chain.forwards).toEqual([
      'x-request-id',
      'traceparent',
      'tracestate',
      'user-agent',
      'cookie',
      'authorization',
      'jwt',
      'end-user',
    ]);
    expect(object(l, 'ConfigMap', 'walk').data).toHaveProperty('server.mjs');
  });

  it('forwards a list by name', () => {
    expect(envOf(object(synth({ headers: ['X-Request-Id', 'traceparent'] }), 'Deployment', 'service-a')).FORWARD_HEADERS).toBe(
      'x-request-id,traceparent',
    );
  });

  it.each<[HeaderChainProps, string]>([
    [{ services: ['a', 'b', 'a'] }, `service "a" of 'layer/chain' comes twice`],
    [{ services: ['a', 'B', 'c'] }, '"B"'],
    [{ name: 'The Chain' }, "name of header chain 'layer/chain'"],
    [{ headers: ['x request id'] }, `header "x request id" of 'layer/chain': allowed are names`],
    [{ headers: ['a,b'] }, `header "a,b" of 'layer/chain'`],
    [{ headers: ['Host'] }, 'belongs to one connection and must not be forwarded'],
  ])('refuses %o', (props, told) => {
    expect(() => synth(props)).toThrow(UserError);
    expect(() => synth(props)).toThrow(told);
  });

  it('does not change with the tracer of the mesh', () => {
    const tracers: ((to: Jaeger) => Tracing)[] = [(to) => ({ to, via: 'zipkin' }), (to) => ({ to, via: 'otlp-grpc' })];
    const texts = tracers.map((tracing) => {
      const app = new App();
      const apps = new Layer(app, 'apps', { namespace: 'shop' });
      const mesh = new Layer(app, 'mesh', { namespace: 'istio-system' });
      new HeaderChain(apps, 'chain');
      new Mesh(mesh, 'istio', { tracing: tracing(new Jaeger(mesh, 'jaeger')) }).enroll(apps);
      return JSON.stringify(objects(apps));
    });
    expect(texts[0]).toBe(texts[1]);
  });

  it('is published with its path', () => {
    const l = layer('shop');
    const chain = new HeaderChain(l, 'chain');
    const service = Endpoint.external({ protocol: 'http', host: 'gw.istio-system.svc.cluster.local', port: 80 });
    const pods = { selector: { istio: 'ingressgateway' }, namespace: 'istio-system', service };
    const exposed = new IstioGateway(l, 'gateway', { pods }).publish(chain, { host: 'myservice-a.com' });
    expect(exposed.url).toBe('http://myservice-a.com/api/v1/testA/');
    expect(object(l, 'VirtualService', 'chain').spec.http[0].match).toEqual([
      { uri: { exact: '/api/v1/testA' } },
      { uri: { prefix: '/api/v1/testA/' } },
    ]);
  });
});

describe('the chain as it is deployed', () => {
  const sent = Object.fromEntries(all.map((name, i) => [name, `value-${i}`]));

  it('joins the answers of all services, and hands every header to the last', async () => {
    const behind = await upstreamOfTest();
    const chain = await startChain(objects(synth()), { UPSTREAM: behind.url });
    expect(await ask(`${chain.url}/api/v1/testA/`, sent)).toEqual({
      status: 200,
      body: { answers: ['service-a', 'service-b', 'service-c'].map((service) => ({ service, version: 'v1' })) },
    });
    expect(behind.got).toHaveLength(1);
    expect(behind.got[0]).toMatchObject(sent);
    for (const service of chain.services) expect(await service.stop()).toBe(0);
  });

  it('forwards nothing that did not come, or came empty', async () => {
    const behind = await upstreamOfTest();
    const chain = await startChain(objects(synth()), { UPSTREAM: behind.url });
    await ask(`${chain.url}/api/v1/testA/`, {
      'x-b3-traceid': 'abc',
      'x-b3-parentspanid': '',
      'x-private': 'secret',
      'end-user': 'jason',
    });
    const known = Object.keys(behind.got[0] ?? {}).filter((name) => all.includes(name) || name.startsWith('x-'));
    // fetch brings a user agent of its own.
    expect(known.sort()).toEqual(['end-user', 'user-agent', 'x-b3-traceid']);
  });

  it('loses a header that is not on the list', async () => {
    const behind = await upstreamOfTest();
    const forward = all.filter((name) => name !== 'traceparent').join(',');
    const chain = await startChain(objects(synth()), { UPSTREAM: behind.url, FORWARD_HEADERS: forward });
    await ask(`${chain.url}/api/v1/testA/`, sent);
    expect(behind.got[0]).not.toHaveProperty('traceparent');
    expect(behind.got[0]).toHaveProperty('tracestate');
  });

  it('tells why there is no whole answer', async () => {
    const chain = await startChain(objects(synth()));
    const [first, second, third] = chain.services;
    await third?.stop();
    const { status, body } = await ask(`${first?.url}/api/v1/testA/`);
    expect(status).toBe(502);
    expect(body).toMatchObject({ service: 'service-a', error: expect.stringContaining(`upstream ${second?.url}`) });
    expect(body.error).toContain('service-b');
    expect(body.error).toContain('ECONNREFUSED');
  });

  it.each<[readonly [number, string] | 'never', string]>([
    [[503, 'busy'], 'answered 503 busy'],
    [[200, 'hello'], 'JSON'],
    [[200, '{}'], 'its answer holds no list "answers"'],
    ['never', 'no answer within 200 ms'],
  ])('answers 502 when its upstream does so: %j', async (answer, told) => {
    const behind = await upstreamOfTest(answer);
    const { url } = await startService(program, { UPSTREAM: behind.url, SERVICE_NAME: 'mine', UPSTREAM_TIMEOUT_MS: '200' });
    const { status, body } = await ask(`${url}/api/v1/testA/`);
    expect(status).toBe(502);
    expect(body.service).toBe('mine');
    expect(body.error).toContain(`upstream ${behind.url}: `);
    expect(body.error).toContain(told);
  });

  it('serves nothing else, whatever it is asked', async () => {
    const behind = await upstreamOfTest();
    const { url } = await startService(program, { UPSTREAM: behind.url });
    const { hostname, port } = new URL(url);
    const statusOf = (path: string, method = 'GET') =>
      new Promise<number | undefined>((resolve, reject) => {
        request({ hostname, port, path, method, agent: false }, (response) => resolve(response.resume().statusCode))
          .on('error', reject)
          .end();
      });
    expect(await statusOf('/status')).toBe(200);
    expect(await statusOf('/api/v1/testA')).toBe(200);
    expect(await statusOf('/api/v1/testA/more?x=1')).toBe(200);
    expect(await statusOf('/')).toBe(404);
    expect(await statusOf('//')).toBe(404);
    expect(await statusOf('/api/v1/testAB')).toBe(404);
    expect(await statusOf(`${behind.url}api/v1/testA/`)).toBe(404);
    expect(await statusOf('/api/v1/testA/', 'POST')).toBe(405);
    expect(behind.got).toHaveLength(2);
  });

  it('answers what is under way before it ends', async () => {
    const behind = await upstreamOfTest('never');
    const service = await startService(program, { UPSTREAM: behind.url, UPSTREAM_TIMEOUT_MS: '400' });
    const answer = ask(`${service.url}/api/v1/testA/`);
    await expect.poll(() => behind.got.length).toBe(1);
    const ended = service.stop();
    expect((await answer).status).toBe(502);
    expect(await ended).toBe(0);
    await expect(fetch(`${service.url}/status`)).rejects.toThrow();
  });

  it.each(traceHeaderSetNames)('forwards what %s needs', async (name) => {
    const behind = await upstreamOfTest();
    const l = synth({ headers: name });
    const env = envOf(object(l, 'Deployment', 'service-a'));
    const { url } = await startService(program, { ...env, UPSTREAM: behind.url });
    await ask(`${url}/api/v1/testA/`, sent);
    const expected = forwardedHeaders(name, 'a test');
    expect(all.filter((header) => header in (behind.got[0] ?? {})).sort()).toEqual([...expected].sort());
  });
});
