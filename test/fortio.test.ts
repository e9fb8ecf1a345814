import { describe, expect, it } from 'vitest';
import { Fortio, type FortioLoad, type FortioProps, HotRod, Httpbin } from '../constructs/apps/index.ts';
import { Endpoint, type Exposed, UserError } from '../constructs/kit/index.ts';
import { Jaeger } from '../constructs/tracing/index.ts';
import { layer, object, objects } from './support/synth.ts';

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
const gateway = 'http://istio-ingressgateway.istio-system.svc.cluster.local:80';

type Paced = Extract<FortioLoad, { qps: number | 'max' }>;
type Own = Omit<FortioProps, keyof FortioLoad>;

/** The Job of one Fortio. */
function job(props: Partial<FortioProps> & FortioLoad) {
  const l = layer('apps');
  const fortio = new Fortio(l, 'load', { to: shop, ...props });
  const made = object(l, 'Job', fortio.name);
  return { fortio, made, pod: made.spec.template, args: made.spec.template.spec.containers[0].args as string[] };
}

describe('Fortio', () => {
  it('takes every option', () => {
    const l = layer('apps');
    const httpbin = new Httpbin(l, 'httpbin');
    const own: Required<Own> = {
      to: httpbin,
      port: 8000,
      path: '/status/200',
      name: 'visitors',
      version: '1.69.5',
      mesh: { samplingPercent: 1 },
      sidecar: 'always',
    };
    const load: Required<Omit<Extract<Paced, { seconds: number }>, 'once' | 'requests'>> = {
      qps: 20,
      seconds: 100,
      connections: 8,
    };
    const fortio = new Fortio(l, 'load', { ...own, ...load });
    expect(fortio.name).toMatch(/^visitors-100s-[0-9a-f]{8}$/);
    const { metadata, spec } = object(l, 'Job', fortio.name);
    expect(metadata.annotations).toEqual({ 'meshwright.dev/expected-traces': 'about 20.08 of 2008 requests at 1 %' });
    expect(spec.template.metadata.labels).toMatchObject({ app: 'visitors', 'sidecar.istio.io/inject': 'true' });
    expect(spec.template.metadata.annotations).toEqual({ 'sidecar.istio.io/nativeSidecar': 'true' });
    const [container] = spec.template.spec.containers;
    expect(container.image).toBe('docker.io/fortio/fortio:1.69.5');
    expect(container.args).toEqual([
      ...['load', '-qps', '20', '-c', '8', '-t', '100s', '-allow-initial-errors', '-timeout', '30s'],
      'http://httpbin.apps.svc.cluster.local:8000/status/200',
    ]);
  });

  it.each<[string, FortioLoad, readonly string[], number | undefined]>([
    ['once', { once: true }, ['-curl'], 1],
    ['100s', { qps: 20, seconds: 100 }, ['-qps', '20', '-c', '4', '-t', '100s', '-allow-initial-errors'], 2004],
    ['100s', { qps: 50, seconds: 100 }, ['-qps', '50', '-c', '4', '-t', '100s', '-allow-initial-errors'], 5004],
    ['200', { qps: 50, requests: 200 }, ['-qps', '50', '-c', '4', '-n', '200'], 200],
    ['30', { qps: 'max', requests: 30, connections: 3 }, ['-qps', '0', '-c', '3', '-n', '30'], 30],
    ['10s', { qps: 'max', seconds: 10 }, ['-qps', '0', '-c', '4', '-t', '10s', '-allow-initial-errors'], undefined],
    // Fortio lowers its connections until each sends two requests, and gives each the same number.
    ['5', { qps: 1, requests: 5 }, ['-qps', '1', '-c', '2', '-n', '5'], 5],
    ['3s', { qps: 3.5, seconds: 3 }, ['-qps', '3.5', '-c', '4', '-t', '3s', '-allow-initial-errors'], 12],
    ['3', { qps: 'max', requests: 3 }, ['-qps', '0', '-c', '3', '-n', '3'], 3],
  ])('as %s, %o', (name, load, args, requests) => {
    const { fortio, args: all } = job(load);
    expect(fortio.name).toMatch(new RegExp(`^load-${name}-[0-9a-f]{8}$`));
    expect(all.slice(1, 1 + args.length)).toEqual(args);
    expect(fortio.requests).toBe(requests);
    expect(job({ ...load, mesh: { samplingPercent: 50 } }).fortio.expectedTraces).toBe(requests && requests / 2);
  });

  it('asks a published page from outside the mesh, by its host', () => {
    const { args, pod, made } = job({ once: true });
    expect(args.slice(-3)).toEqual(['-H', 'Host: bookinfo.mesh.test', `${gateway}/productpage`]);
    expect(pod.metadata.labels).toMatchObject({ 'sidecar.istio.io/inject': 'false', 'istio.io/dataplane-mode': 'none' });
    expect(pod.metadata).not.toHaveProperty('annotations');
    expect(made.metadata).not.toHaveProperty('annotations');
    expect(pod.spec.restartPolicy).toBe('Never');
    expect(pod.spec.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000 });
    expect(job({ once: true, path: '/login' }).args.at(-1)).toBe(`${gateway}/login`);
    expect(job({ once: true, to: { ...shop, host: '*' } }).args).not.toContain('-H');
  });

  it('asks a destination as an app of the mesh, and its sidecar ends with the Job', () => {
    const l = layer('apps');
    const fortio = new Fortio(l, 'load', { to: new Httpbin(l, 'httpbin'), once: true });
    const pod = object(l, 'Job', fortio.name).spec.template;
    expect(pod.metadata.labels).not.toHaveProperty('sidecar.istio.io/inject');
    expect(pod.metadata.annotations).toEqual({ 'sidecar.istio.io/nativeSidecar': 'true' });
    expect(pod.spec.containers[0].args).not.toContain('-H');
    expect(pod.spec.containers[0].args.at(-1)).toBe('http://httpbin.apps.svc.cluster.local:8000/');
    const without = new Fortio(l, 'without', { to: new Httpbin(l, 'echo', { name: 'echo' }), once: true, sidecar: 'never' });
    expect(object(l, 'Job', without.name).spec.template.metadata.labels['sidecar.istio.io/inject']).toBe('false');
  });

  it('says nothing of traces that nobody can know', () => {
    const { fortio, made } = job({ qps: 'max', seconds: 10, mesh: { samplingPercent: 100 } });
    expect(fortio.expectedTraces).toBeUndefined();
    expect(made.metadata).not.toHaveProperty('annotations');
    expect(job({ once: true }).fortio.expectedTraces).toBeUndefined();
  });

  it('makes another Job when anything in its pods changes', () => {
    const names = [{}, { connections: 2 }, { version: '1.74.0' }, { path: '/login' }].map(
      (change) => job({ qps: 20, requests: 100, ...change }).fortio.name,
    );
    expect(new Set(names).size).toBe(names.length);
  });

  it('needs the port of a Service with several', () => {
    const l = layer('apps');
    const { service } = new HotRod(l, 'hotrod', { exportTo: new Jaeger(l, 'jaeger') });
    expect(() => new Fortio(l, 'a', { to: service, once: true })).toThrow(
      /'layer\/a' asks, has several ports of HTTP: .*frontend \(8080, http\)/,
    );
    const named = new Fortio(l, 'b', { to: service, port: 'route', once: true });
    expect(object(l, 'Job', named.name).spec.template.spec.containers[0].args.at(-1)).toContain(':8083/');
    expect(() => new Fortio(l, 'c', { to: service, port: 80, once: true })).toThrow(
      'has no port 80, it has: frontend (8080, http)',
    );
    expect(objects(l).filter((o) => o.kind === 'Job')).toHaveLength(1);
  });

  it.each<[Partial<FortioProps> & FortioLoad, string]>([
    [{ qps: 0, seconds: 1 }, "qps of 'layer/load' is 0: allowed is a number above 0, 1000000 at most, or 'max'"],
    [{ qps: Number.NaN, seconds: 1 }, 'is NaN'],
    [{ qps: 10, seconds: 1.5 }, "seconds of 'layer/load' is 1.5: allowed is a whole number from 1"],
    [{ qps: 10, requests: 1 }, 'is 1: allowed is a whole number from 2: for a single one say once: true'],
    [{ qps: 0.1, seconds: 10 }, 'make 1 requests'],
    [
      { qps: 10, requests: 10, connections: 6 },
      "connections of 'layer/load' is 6: allowed for this load is a whole number from 1 to 5",
    ],
    [{ qps: 'max', seconds: 10, connections: 0 }, 'from 1 to 1000'],
    [{ qps: 'max', requests: 3, connections: 4 }, 'from 1 to 3'],
    [{ once: true, path: 'login' }, 'path "login" of \'layer/load\''],
    [{ once: true, path: '/a b' }, 'no white space'],
    [{ once: true, port: 80 }, "at its gateway's port 80: leave out port"],
    [{ once: true, name: 'Load' }, '"Load"'],
    [{ once: true, version: 'latest' }, 'is not pinned'],
  ])('refuses %o', (props, told) => {
    expect(() => job(props)).toThrow(UserError);
    expect(() => job(props)).toThrow(told);
  });

  it('is told one load', () => {
    // @ts-expect-error: a time or a number
    const both: FortioLoad = { qps: 1, seconds: 1, requests: 1 };
    // @ts-expect-error: once is all
    const paced: FortioLoad = { once: true, qps: 1 };
    // @ts-expect-error: how many, or how long?
    const neither: FortioLoad = { qps: 1 };
    expect([both, paced, neither]).toHaveLength(3);
  });
});
