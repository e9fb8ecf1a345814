import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Testing } from 'cdk8s';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  Bookinfo,
  type BookinfoProps,
  Curl,
  type CurlProps,
  TrafficGenerator,
  type TrafficGeneratorProps,
} from '../constructs/apps/index.ts';
import { IstioGateway } from '../constructs/exposure/index.ts';
import { Endpoint, type Exposed, Layer, UserError } from '../constructs/kit/index.ts';

function layer(namespace = 'bookinfo'): Layer {
  return new Layer(new App(), 'apps', { namespace });
}

function objects(l: Layer, kind: string) {
  return Testing.synth(l).filter((o) => o.kind === kind);
}

function named(l: Layer, kind: string, name: string) {
  const found = objects(l, kind).filter((o) => o.metadata.name === name);
  expect(found, `${kind} ${name}`).toHaveLength(1);
  return found[0];
}

describe('Bookinfo', () => {
  it('has 4 Services on 9080 that say HTTP', () => {
    const l = layer();
    new Bookinfo(l, 'bookinfo');
    const names = ['details', 'productpage', 'ratings', 'reviews'];
    expect(
      objects(l, 'Service')
        .map((o) => o.metadata.name)
        .sort(),
    ).toEqual(names);
    for (const name of names) {
      const service = named(l, 'Service', name);
      expect(service.metadata.labels).toEqual({ app: name, service: name });
      expect(service.spec).toEqual({
        selector: { app: name },
        ports: [{ name: 'http', port: 9080, targetPort: 9080, appProtocol: 'http' }],
      });
    }
  });

  it('has 6 Deployments of its versions, under 4 ServiceAccounts', () => {
    const l = layer();
    new Bookinfo(l, 'bookinfo');
    expect(objects(l, 'Deployment').map((o) => o.metadata.name)).toEqual([
      'details-v1',
      'ratings-v1',
      'reviews-v1',
      'reviews-v2',
      'reviews-v3',
      'productpage-v1',
    ]);
    expect(objects(l, 'ServiceAccount').map((o) => [o.metadata.name, o.metadata.labels.account])).toEqual([
      ['bookinfo-details', 'details'],
      ['bookinfo-ratings', 'ratings'],
      ['bookinfo-reviews', 'reviews'],
      ['bookinfo-productpage', 'productpage'],
    ]);
    for (const d of objects(l, 'Deployment')) {
      const { app, version } = d.spec.template.metadata.labels;
      const pod = d.spec.template.spec;
      expect(d.metadata.name).toBe(`${app}-${version}`);
      expect(d.spec.selector.matchLabels).toEqual({ app, version });
      expect(pod.serviceAccountName).toBe(`bookinfo-${app}`);
      expect(pod.containers[0].image).toBe(`registry.istio.io/release/examples-bookinfo-${app}-${version}:1.20.3`);
      expect(pod.containers[0].ports).toEqual([{ name: 'http', containerPort: 9080 }]);
      expect(pod.containers[0].readinessProbe.httpGet).toEqual({ path: '/health', port: 9080 });
      expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000 });
    }
  });

  it('gives reviews what Liberty needs, and scrapes productpage', () => {
    const l = layer();
    new Bookinfo(l, 'bookinfo');
    for (const version of ['v1', 'v2', 'v3']) {
      const { template } = named(l, 'Deployment', `reviews-${version}`).spec;
      expect(template.spec.securityContext.runAsGroup).toBe(0);
      const asks = { name: 'RATINGS_HOSTNAME', value: 'ratings.bookinfo.svc.cluster.local' };
      expect(template.spec.containers[0].env).toEqual([
        { name: 'LOG_DIR', value: '/tmp/logs' },
        ...(version === 'v1' ? [] : [asks]),
      ]);
      expect(template.spec.containers[0].volumeMounts.map((m: { mountPath: string }) => m.mountPath)).toEqual([
        '/tmp',
        '/opt/ibm/wlp/output',
      ]);
      expect(template.spec.containers[0].securityContext.readOnlyRootFilesystem).toBe(false);
    }
    expect(named(l, 'Deployment', 'productpage-v1').spec.template.metadata.annotations).toEqual({
      'prometheus.io/scrape': 'true',
      'prometheus.io/port': '9080',
      'prometheus.io/path': '/metrics',
    });
    expect(named(l, 'Deployment', 'ratings-v1').spec.template.spec.containers[0].securityContext.readOnlyRootFilesystem).toBe(
      true,
    );
  });

  it('has a DestinationRule with a subset for each version that exists', () => {
    const l = layer();
    new Bookinfo(l, 'bookinfo');
    const subset = (version: string) => ({ name: version, labels: { version } });
    expect(objects(l, 'DestinationRule').map((o) => [o.metadata.name, o.spec])).toEqual([
      ['details', { host: 'details.bookinfo.svc.cluster.local', subsets: [subset('v1')] }],
      ['ratings', { host: 'ratings.bookinfo.svc.cluster.local', subsets: [subset('v1')] }],
      ['reviews', { host: 'reviews.bookinfo.svc.cluster.local', subsets: [subset('v1'), subset('v2'), subset('v3')] }],
      ['productpage', { host: 'productpage.bookinfo.svc.cluster.local', subsets: [subset('v1')] }],
    ]);
    expect(objects(l, 'VirtualService')).toEqual([]);
  });

  it('splits reviews by percent, with every option given', () => {
    const l = layer();
    const asked = { 'instrumentation.opentelemetry.io/inject-java': 'otel-system/agents' };
    const props: Required<BookinfoProps> = {
      version: '1.20.2',
      hub: 'docker.io/istio',
      reviews: { v1: 80, v2: 0, v3: 20 },
      podAnnotations: { reviews: asked, productpage: { team: 'web' } },
    };
    new Bookinfo(l, 'bookinfo', props);
    const host = 'reviews.bookinfo.svc.cluster.local';
    expect(named(l, 'VirtualService', 'reviews').spec).toEqual({
      hosts: [host],
      http: [
        {
          route: [
            { destination: { host, subset: 'v1', port: { number: 9080 } }, weight: 80 },
            { destination: { host, subset: 'v3', port: { number: 9080 } }, weight: 20 },
          ],
        },
      ],
    });
    expect(named(l, 'Deployment', 'details-v1').spec.template.spec.containers[0].image).toBe(
      'docker.io/istio/examples-bookinfo-details-v1:1.20.2',
    );
    const annotations = (name: string) => named(l, 'Deployment', name).spec.template.metadata.annotations;
    for (const version of ['v1', 'v2', 'v3']) expect(annotations(`reviews-${version}`)).toMatchObject(asked);
    expect(annotations('productpage-v1')).toMatchObject({ team: 'web', 'prometheus.io/scrape': 'true' });
    expect(annotations('details-v1') ?? {}).not.toMatchObject(asked);
  });

  it.each<[NonNullable<BookinfoProps['reviews']>, string]>([
    [{ v1: 80, v3: 30 }, 'v1: 80, v3: 30'],
    [{ v1: 33.5, v2: 66.5 }, 'v1: 33.5, v2: 66.5'],
    [{ v1: 110, v2: -10 }, 'v1: 110, v2: -10'],
    [{ v1: Number.NaN }, 'v1: NaN'],
    [{}, '{  }'],
  ])('refuses the shares %o', (reviews, told) => {
    const make = () => new Bookinfo(layer(), 'bookinfo', { reviews });
    expect(make).toThrow(UserError);
    expect(make).toThrow(/reviews of 'apps\/bookinfo' are .*whole percents from 0 to 100 that make 100/);
    expect(make).toThrow(told);
  });

  it('is published with the paths of its front page', () => {
    const l = layer('default');
    const bookinfo = new Bookinfo(l, 'bookinfo');
    const exposure = new Layer(l.node.root as App, 'exposure', { namespace: 'istio-system' });
    const service = Endpoint.external({ protocol: 'http', host: 'gw.istio-system.svc.cluster.local', port: 80 });
    const pods = { selector: { istio: 'ingressgateway' }, namespace: 'istio-system', service };
    const shop = new IstioGateway(exposure, 'gateway', { pods }).publish(bookinfo, { host: '*' });
    expect(shop.url).toBe('http://localhost/productpage');
    expect(named(exposure, 'Gateway', 'bookinfo-gateway').spec.servers[0].hosts).toEqual(['*']);
    expect(named(exposure, 'VirtualService', 'bookinfo').spec.http).toEqual([
      {
        match: [
          { uri: { exact: '/productpage' } },
          { uri: { prefix: '/static' } },
          { uri: { exact: '/login' } },
          { uri: { exact: '/logout' } },
          { uri: { prefix: '/api/v1/products' } },
        ],
        route: [{ destination: { host: 'productpage.default.svc.cluster.local', port: { number: 9080 } } }],
      },
    ]);
  });

  it('hands out its Services and versions', () => {
    const bookinfo = new Bookinfo(layer(), 'bookinfo');
    expect(bookinfo.reviews.v2.selector).toEqual({ app: 'reviews', version: 'v2' });
    expect(bookinfo.ratings.service.endpoint('http', 'http').authority).toBe('ratings.bookinfo.svc.cluster.local:9080');
  });
});

describe('Curl', () => {
  it('waits to be told, with a Service', () => {
    const l = layer();
    const props: Required<CurlProps> = { version: '8.15.0' };
    new Curl(l, 'curl', props);
    const { template } = named(l, 'Deployment', 'curl').spec;
    expect(template.spec.terminationGracePeriodSeconds).toBe(0);
    expect(template.spec.serviceAccountName).toBe('curl');
    expect(template.spec.containers[0]).toMatchObject({
      image: 'docker.io/curlimages/curl:8.15.0',
      command: ['sleep', 'infinity'],
    });
    expect(template.metadata.labels).not.toHaveProperty('sidecar.istio.io/inject');
    expect(named(l, 'Service', 'curl').spec.ports[0].port).toBe(80);
  });
});

const shop: Exposed = {
  host: 'bookinfo.mesh.test',
  page: {
    name: 'bookinfo',
    endpoint: Endpoint.external({ protocol: 'http', host: 'productpage.bookinfo.svc.cluster.local', port: 9080 }),
    path: '/productpage',
    sidecar: 'by-namespace',
  },
  entry: Endpoint.external({ protocol: 'http', host: 'istio-ingressgateway.istio-system.svc.cluster.local', port: 80 }),
  url: 'http://bookinfo.mesh.test/productpage',
};
const url = 'http://istio-ingressgateway.istio-system.svc.cluster.local:80/productpage';

type Loop = Extract<TrafficGeneratorProps, { everySeconds: number }>;
type Requests = Extract<TrafficGeneratorProps, { requests: number }>;

describe('TrafficGenerator', () => {
  it('is a Deployment outside the mesh when it runs for ever', () => {
    const l = layer();
    const props: Required<Omit<Loop, 'requests' | 'mesh'>> = { to: shop, name: 'visitors', version: '8.15.0', everySeconds: 1 };
    const generator = new TrafficGenerator(l, 'load', props);
    expect(generator.name).toBe('visitors');
    expect(generator.expectedTraces).toBeUndefined();
    const { template } = named(l, 'Deployment', 'visitors').spec;
    expect(template.metadata.labels).toMatchObject({ app: 'visitors', version: '8.15.0', 'sidecar.istio.io/inject': 'false' });
    expect(template.spec.containers[0].args).toEqual(['visitors', url, 'bookinfo.mesh.test', '1']);
    expect(template.spec.containers[0].securityContext.readOnlyRootFilesystem).toBe(true);
    expect(objects(l, 'Service')).toEqual([]);
    expect(objects(l, 'Job')).toEqual([]);
  });

  it.each([100, 1_000, 10_000])('is a Job for %i requests', (requests) => {
    const l = layer();
    const props: Required<Omit<Requests, 'everySeconds'>> = {
      to: shop,
      name: 'load',
      version: '8.16.0',
      requests,
      mesh: { samplingPercent: 1 },
    };
    const generator = new TrafficGenerator(l, 'id', props);
    expect(generator.name).toMatch(new RegExp(`^load-${requests}-[0-9a-f]{8}$`));
    expect(generator.expectedTraces).toBe(requests / 100);
    const job = named(l, 'Job', generator.name);
    expect(job.metadata.annotations).toEqual({
      'meshwright.dev/expected-traces': `about ${requests / 100} of ${requests} requests at 1 %`,
    });
    expect(job.spec.backoffLimit).toBeGreaterThan(0);
    expect(job.spec).not.toHaveProperty('ttlSecondsAfterFinished');
    const pod = job.spec.template;
    expect(pod.metadata.labels).toMatchObject({ app: 'load', 'sidecar.istio.io/inject': 'false' });
    expect(pod.spec).toMatchObject({ restartPolicy: 'Never', serviceAccountName: 'load', automountServiceAccountToken: false });
    expect(pod.spec.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(pod.spec.containers[0].args).toEqual(['load', url, 'bookinfo.mesh.test', String(requests)]);
    expect(named(l, 'ServiceAccount', 'load').automountServiceAccountToken).toBe(false);
    expect(objects(l, 'Deployment')).toEqual([]);
  });

  it.each([
    [100, 100, '100 of 100 requests at 100 %'],
    [0, 0, '0 of 100 requests at 0 %'],
    [0.5, 0.5, 'about 0.5 of 100 requests at 0.5 %'],
    [undefined, 0, 'none of 100 requests: the mesh sends no spans'],
  ])('expects the traces that a sampling of %s percent leaves', (samplingPercent, expected, told) => {
    const l = layer();
    const generator = new TrafficGenerator(l, 'load', { to: shop, requests: 100, mesh: { samplingPercent } });
    expect(generator.expectedTraces).toBe(expected);
    expect(named(l, 'Job', generator.name).metadata.annotations['meshwright.dev/expected-traces']).toBe(told);
  });

  it('says nothing of traces when it knows no mesh', () => {
    const l = layer();
    const generator = new TrafficGenerator(l, 'load', { to: shop, requests: 100 });
    expect(generator.expectedTraces).toBeUndefined();
    expect(named(l, 'Job', generator.name).metadata).not.toHaveProperty('annotations');
  });

  it('makes another Job when anything in its pods changes, and the same otherwise', () => {
    const name = (change: Partial<Requests>) =>
      new TrafficGenerator(layer(), 'load', { to: shop, requests: 100, ...change }).name;
    const names = [{}, { requests: 101 }, { version: '8.15.0' }, { to: { ...shop, host: 'b.mesh.test' } }].map(name);
    expect(new Set(names).size).toBe(names.length);
    expect(name({})).toBe(names[0]);
  });

  it.each([
    ['*', ''],
    ['*.mesh.test', 'any.mesh.test'],
  ])('asks host %s by %j', (host, header) => {
    const l = layer();
    new TrafficGenerator(l, 'load', { to: { ...shop, host }, everySeconds: 1 });
    expect(named(l, 'Deployment', 'load').spec.template.spec.containers[0].args[2]).toBe(header);
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 1e21])('refuses %d requests', (requests) => {
    const make = () => new TrafficGenerator(layer(), 'load', { to: shop, requests });
    expect(make).toThrow(UserError);
    expect(make).toThrow(`requests of 'apps/load' is ${requests}: allowed is a whole number from 1`);
  });

  it.each([0, -1, 0.001, Number.NaN, Number.POSITIVE_INFINITY])('refuses a pause of %d seconds', (everySeconds) => {
    const make = () => new TrafficGenerator(layer(), 'load', { to: shop, everySeconds });
    expect(make).toThrow(UserError);
    expect(make).toThrow(`everySeconds of 'apps/load' is ${everySeconds}: allowed is a number from 0.01 to 86400`);
  });

  it('refuses a name that names no object', () => {
    expect(() => new TrafficGenerator(layer(), 'Load', { to: shop, requests: 1 })).toThrow(/'apps\/Load' is "Load"/);
  });
});

describe('the scripts under a real sh', () => {
  let dir: string;

  /** A `curl` that writes down its arguments and exits with the next of the given codes; the last one stays. */
  function fakeCurl(...codes: number[]): void {
    writeFileSync(join(dir, 'codes'), codes.map((c) => `${c}\n`).join(''));
    const script = `#!/bin/sh
for a in "$@"; do printf '<%s>' "$a" >>'${dir}/log'; done
echo >>'${dir}/log'
n=$(wc -l <'${dir}/log')
exit "$(sed -n "$n p;$ p" '${dir}/codes' | head -n 1)"
`;
    writeFileSync(join(dir, 'curl'), script);
    chmodSync(join(dir, 'curl'), 0o755);
  }

  function calls(): string[] {
    return readFileSync(join(dir, 'log'), 'utf8').split('\n').filter(Boolean);
  }

  function commandOf(l: Layer, kind: 'Job' | 'Deployment'): [string, ...string[]] {
    const { command, args } = objects(l, kind)[0].spec.template.spec.containers[0];
    return [...command, ...args] as [string, ...string[]];
  }

  function job(requests: number, to = shop): { code: number; out: string } {
    const l = layer();
    new TrafficGenerator(l, 'load', { to, requests });
    const [sh, ...args] = commandOf(l, 'Job');
    try {
      return { code: 0, out: execFileSync(sh, args, { env: { PATH: `${dir}:${process.env.PATH}` }, encoding: 'utf8' }) };
    } catch (error) {
      const { status, stdout } = error as { status: number; stdout: string };
      return { code: status, out: stdout };
    }
  }

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'traffic-'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it('sends so many requests, with the host', () => {
    fakeCurl(0);
    expect(job(3)).toEqual({ code: 0, out: `3 requests to ${url} (Host: bookinfo.mesh.test): 3 answered, 0 failed\n` });
    expect(calls()).toHaveLength(3);
    expect(new Set(calls()).size).toBe(1);
    expect(calls()[0]).toContain('<-H><Host: bookinfo.mesh.test>');
    expect(calls()[0]?.endsWith(`<${url}>`)).toBe(true);
  });

  it('sends no Host header for any host', () => {
    fakeCurl(0);
    expect(job(1, { ...shop, host: '*' }).code).toBe(0);
    expect(calls()[0]).not.toContain('<-H>');
  });

  it('counts failures, and fails only when nothing succeeds', () => {
    fakeCurl(22, 0, 22);
    expect(job(3)).toMatchObject({ code: 0, out: expect.stringContaining('1 answered, 2 failed') });
    rmSync(join(dir, 'log'));
    fakeCurl(7);
    expect(job(2)).toMatchObject({ code: 1, out: expect.stringContaining('0 answered, 2 failed') });
  });

  it('runs nothing that stands in the host or the path', () => {
    fakeCurl(0);
    const host = `$(touch ${dir}/owned)"; touch ${dir}/owned; '`;
    expect(job(1, { ...shop, host, page: { ...shop.page, path: `/$(touch ${dir}/owned)` } }).code).toBe(0);
    expect(calls()[0]).toContain(`<Host: ${host}>`);
    expect(() => readFileSync(join(dir, 'owned'))).toThrow('ENOENT');
  });

  it('loops until it is stopped, and tells failures', async () => {
    fakeCurl(0, 22, 0);
    const l = layer();
    new TrafficGenerator(l, 'load', { to: shop, everySeconds: 0.01 });
    const [sh, ...args] = commandOf(l, 'Deployment');
    const loop = spawn(sh, args, { env: { PATH: `${dir}:${process.env.PATH}` }, stdio: ['ignore', 'pipe', 'inherit'] });
    const closed = new Promise((resolve) => loop.once('close', resolve));
    let out = '';
    loop.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    try {
      await expect.poll(() => calls().length, { timeout: 10_000 }).toBeGreaterThan(4);
    } finally {
      loop.kill('SIGKILL');
      await closed;
    }
    expect(out).toBe(`asking ${url} (Host: bookinfo.mesh.test) every 0.01 s\n1 of 2 requests failed\n`);
  });

  it('holds nothing that Flux would substitute', () => {
    const l = layer();
    new TrafficGenerator(l, 'load', { to: shop, requests: 1 });
    new TrafficGenerator(l, 'loop', { to: shop, everySeconds: 1 });
    expect(JSON.stringify(Testing.synth(l))).not.toContain('${');
  });
});
