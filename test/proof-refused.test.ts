import { describe, expect, it } from 'vitest';
import { findingsOf } from './proof-world.ts';

/** A file of objects in flow style: kind, name and spec. */
const file = (...objects: readonly (readonly [api: string, kind: string, name: string, spec: string])[]) =>
  objects
    .map(
      ([api, kind, name, spec]) =>
        `apiVersion: ${api}\nkind: ${kind}\nmetadata: {name: ${name}, namespace: shop}\nspec: ${spec}\n`,
    )
    .join('---\n');
const istio = (kind: string, spec: string, name = 'ours') => ['networking.istio.io/v1', kind, name, spec] as const;
const codes = (text: string) => findingsOf(text).flatMap(({ code, severity }) => (severity === 'info' ? [] : [code]));

const service = ['v1', 'Service', 'reviews', '{selector: {app: reviews}, ports: [{name: http, port: 9080}]}'] as const;
const pods = [
  'apps/v1',
  'Deployment',
  'reviews',
  '{selector: {matchLabels: {app: reviews}}, template: {metadata: {labels: {app: reviews, version: v1}}, spec: {containers: [{name: app, image: "a:1"}]}}}',
] as const;

describe('durations of Istio’s objects', () => {
  const route = (timeout: string) =>
    file(
      service,
      pods,
      istio('VirtualService', `{hosts: [reviews], http: [{timeout: "${timeout}", route: [{destination: {host: reviews}}]}]}`),
    );

  it.each(['10s', '1.5s', '500ms', '1h30m', '.5s', '1ms', '1000us', '1000µs', '+3s'])('take %s', (value) => {
    expect(codes(route(value))).toEqual([]);
  });

  it.each(['10', '0s', '0', '-1s', '1 s', '1d', 'ten', '10S', '999us', '1e3s'])('refuse %s', (value) => {
    expect(codes(route(value))).toEqual(['OBJ005']);
  });

  it('are proposed with their unit', () => {
    expect(findingsOf(route('10'))[0]).toMatchObject({ hint: 'did you mean "10s"?', severity: 'error' });
  });

  it('are not looked for where the CRD has none', () => {
    const rule = (idle: string) =>
      file(service, pods, istio('DestinationRule', `{host: reviews, trafficPolicy: {connectionPool: {${idle}}}}`));
    expect(codes(rule('tcp: {idleTimeout: "0s"}'))).toEqual([]);
    expect(codes(rule('http: {idleTimeout: "0s"}'))).toEqual(['OBJ005']);
    const cookie = 'loadBalancer: {consistentHash: {httpCookie: {name: user, ttl: 0s}}}';
    expect(codes(file(service, pods, istio('DestinationRule', `{host: reviews, trafficPolicy: {${cookie}}}`)))).toEqual([]);
  });
});

describe('pods that restart for ever', () => {
  const job = (more: string) =>
    file(['batch/v1', 'Job', 'job', `{template: {spec: {${more}containers: [{name: app, image: "a:1"}]}}}`]);

  it('are none of a Job’s', () => {
    for (const policy of ['Never', 'OnFailure']) expect(codes(job(`restartPolicy: ${policy}, `))).toEqual([]);
    expect(codes(job('restartPolicy: Always, '))).toEqual(['OBJ012']);
    expect(codes(job(''))).toEqual(['OBJ012']);
  });

  it('are all of a Deployment’s', () => {
    expect(codes(file(service, pods))).toEqual([]);
    const [api, kind, name, spec] = pods;
    const once = [api, kind, name, spec.replace('spec: {containers', 'spec: {restartPolicy: OnFailure, containers')] as const;
    expect(codes(file(service, once))).toEqual(['OBJ012']);
  });
});

describe('two DestinationRules of a host', () => {
  const rule = (name: string, spec: string) => istio('DestinationRule', `{host: reviews, ${spec}}`, name);
  const random = 'trafficPolicy: {loadBalancer: {simple: RANDOM}}';
  const robin = 'trafficPolicy: {loadBalancer: {simple: ROUND_ROBIN}}';
  const subset = 'subsets: [{name: v1, labels: {version: v1}}]';

  it.each([
    ['subsets alone beside a policy alone', subset, random],
    ['the same twice', random, random],
    ['the same subset twice', subset, subset],
    ['other readers', random, `exportTo: ["."], ${robin}`],
    ['other clients', random, `workloadSelector: {matchLabels: {app: reviews}}, ${robin}`],
  ])('say nothing wrong: %s', (_, first, second) => {
    expect(codes(file(service, pods, rule('a', first), rule('b', second)))).toEqual([]);
  });

  it('say two things of it', () => {
    const [found, ...more] = findingsOf(file(service, pods, rule('a', random), rule('b', robin)));
    expect(more).toEqual([]);
    expect(found).toMatchObject({ code: 'RTE022', object: 'DestinationRule/shop/b', severity: 'warning' });
  });
});

describe('hosts of a VirtualService', () => {
  const route = (host: string, more = '') =>
    file(service, pods, istio('VirtualService', `{hosts: [${host}], ${more}http: [{route: [{destination: {host: reviews}}]}]}`));

  it('may be any that clients make up', () => {
    for (const host of ['reviews', 'anything.test', 'elsewhere.far.svc.cluster.local', 'mirror.shop.svc.cluster.local'])
      expect(codes(route(host))).toEqual([]);
  });

  it('are hardly a misspelt Service', () => {
    for (const host of ['review', 'revews.shop.svc.cluster.local']) expect(codes(route(host))).toEqual(['REF001']);
  });
});

describe('names of TLS connections', () => {
  const route = (hosts: string, name: string) =>
    file(
      service,
      pods,
      istio(
        'VirtualService',
        `{hosts: [${hosts}], tls: [{match: [{port: 443, sniHosts: ["${name}"]}], route: [{destination: {host: reviews}}]}]}`,
      ),
    );

  it.each([
    ['a.test', 'a.test'],
    ['"*.test"', 'a.test'],
    ['"*.test"', '*.a.test'],
    ['b.test, a.test', 'a.test'],
    ['reviews', 'reviews.shop.svc.cluster.local'],
  ])('of hosts %s may be %s', (hosts, name) => {
    expect(codes(route(hosts, name))).not.toContain('RTE017');
  });

  it('of other hosts are refused', () => {
    expect(codes(route('a.test', 'b.test'))).toContain('RTE017');
  });
});

describe('a redirect of an HTTPRoute', () => {
  const gateway = [
    'gateway.networking.k8s.io/v1',
    'Gateway',
    'door',
    '{gatewayClassName: istio, listeners: [{name: http, port: 80, protocol: HTTP}]}',
  ] as const;
  const route = (match: string, path: string) =>
    file(service, pods, gateway, [
      'gateway.networking.k8s.io/v1',
      'HTTPRoute',
      'route',
      `{parentRefs: [{name: door}], rules: [{matches: [{${match}}], filters: [{type: RequestRedirect, requestRedirect: {path: {type: ReplaceFullPath, replaceFullPath: ${path}}}}]}]}`,
    ]);

  it.each([
    ['path: {type: Exact, value: /a}', '/b'],
    ['path: {type: PathPrefix, value: /a}', '/ab'],
    ['path: {type: Exact, value: /a}, headers: [{name: x, value: z}]', '/a'],
    ['path: {type: RegularExpression, value: "/a.*"}', '/a'],
  ])('may lead from %s to %s', (match, path) => {
    expect(codes(route(match, path))).toEqual([]);
  });

  it.each([
    ['path: {type: Exact, value: /a}', '/a'],
    ['path: {type: PathPrefix, value: /a}', '/a/b'],
    ['path: {type: PathPrefix, value: /}', '/b'],
  ])('from %s to %s never ends', (match, path) => {
    expect(codes(route(match, path))).toEqual(['RTE009']);
  });
});
