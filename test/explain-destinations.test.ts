import { describe, expect, it } from 'vitest';
import { ask, legs, object, service, toReviews, virtualService } from './explain-world.ts';

const reviews = (http: string) => virtualService('reviews', `{hosts: [reviews], http: [${http}]}`);
const route = (subset: string, weight?: number) =>
  `{destination: {host: reviews, subset: ${subset}}${weight === undefined ? '' : `, weight: ${weight}`}}`;
const host = 'reviews.shop.svc.cluster.local';

describe('shares', () => {
  it.each([
    [
      [route('v1', 90), route('v2', 10)],
      [`${host} v1 9080 90`, `${host} v2 9080 10`],
    ],
    // Envoy takes weights as parts of their sum.
    [
      [route('v1', 3), route('v2', 1)],
      [`${host} v1 9080 75`, `${host} v2 9080 25`],
    ],
    [
      [route('v1', 90), route('v2', 40), route('v3', 0)],
      [`${host} v1 9080 ${9000 / 130}`, `${host} v2 9080 ${4000 / 130}`],
    ],
    // Without a weight beside others a destination has weight 0.
    [[route('v1', 100), route('v2')], [`${host} v1 9080 100`]],
    [[route('v1', 0)], [`${host} v1 9080 100`]],
    [[route('v1')], [`${host} v1 9080 100`]],
  ])('%j', (routes, expected) => {
    const answer = ask(toReviews, reviews(`{route: [${routes.join(', ')}]}`));
    expect(legs(answer)).toEqual(expected);
    expect(answer.destinations.reduce((sum, one) => sum + one.percent, 0)).toBeCloseTo(100);
  });

  it('names the workloads of each version', () => {
    const answer = ask(toReviews, reviews(`{route: [${route('v1', 50)}, ${route('v3', 50)}]}`));
    expect(answer.destinations.map((one) => one.workloads)).toEqual([
      ['Deployment/shop/reviews-v1'],
      ['Deployment/shop/reviews-v3'],
    ]);
  });
});

describe('destinations that lead nowhere', () => {
  it.each([
    ['{destination: {host: reviews, subset: v9}}', 'DestinationRule/shop/reviews has no subset v9'],
    [
      '{destination: {host: ratings, subset: v1}}',
      'no DestinationRule defines the subset v1 of ratings.shop.svc.cluster.local for this client',
    ],
    ['{destination: {host: gone}}', 'no Service or ServiceEntry that the proxy can see is called gone.shop.svc.cluster.local'],
    ['{destination: {host: reviews, port: {number: 81}}}', 'Service/shop/reviews has no port 81'],
    // A sidecar does not look up the one port of a Service that does not have the port of the request.
    ['{destination: {host: web}}', 'Service/shop/web has no port 9080'],
  ])('%s', (leg, reason) => {
    const answer = ask(toReviews, reviews(`{route: [${leg}]}`));
    expect(answer).toMatchObject({ outcome: 'route', destinations: [{ percent: 100, workloads: [] }] });
    expect(answer.reasons.some((one) => one.startsWith(reason) && one.includes('503'))).toBe(true);
  });

  it('says that nobody has the labels of a subset', () => {
    const rule = object(
      'networking.istio.io/v1',
      'DestinationRule',
      'ratings',
      '{host: ratings, subsets: [{name: v9, labels: {version: v9}}]}',
    );
    const answer = ask(toReviews, rule, reviews('{route: [{destination: {host: ratings, subset: v9}}]}'));
    expect(answer.reasons.join()).toMatch(
      'no workload behind ratings.shop.svc.cluster.local has the labels version=v9 of its subset v9',
    );
  });
});

describe('machines', () => {
  const machine = (more: string) =>
    object('networking.istio.io/v1', 'WorkloadEntry', 'vm', `{address: 10.0.0.9, labels: {app: vm, version: v1}${more}}`);

  it('stand behind Services, with mTLS where they have an account', () => {
    const vm = service('vm', 'shop', '{name: http, port: 9080}');
    expect(ask({ ...toReviews, host: 'vm' }, vm, machine('')).destinations[0]?.workloads).toEqual(['WorkloadEntry/shop/vm']);
    const entry = object(
      'networking.istio.io/v1',
      'ServiceEntry',
      'vm',
      '{hosts: [vm.test], location: MESH_INTERNAL, resolution: STATIC, workloadSelector: {labels: {app: vm}}, ports: [{number: 9080, name: http, protocol: HTTP}]}',
    );
    expect(ask({ ...toReviews, host: 'vm.test' }, entry, machine(', serviceAccount: vm'))).toMatchObject({
      mtls: 'mutual',
      destinations: [{ workloads: ['WorkloadEntry/shop/vm'] }],
    });
    expect(ask({ ...toReviews, host: 'vm.test' }, entry, machine('')).mtls).toBe('plain');
    expect(ask({ ...toReviews, host: 'vm' }, vm, machine(', serviceAccount: vm')).mtls).toBe('mutual');
  });

  it('are told by their group only where none is there yet', () => {
    const vm = service('vm', 'shop', '{name: http, port: 9080}');
    const group = object(
      'networking.istio.io/v1',
      'WorkloadGroup',
      'vms',
      '{metadata: {labels: {app: vm, version: v1}}, template: {serviceAccount: vm}}',
    );
    const workloads = (...more: string[]) => ask({ ...toReviews, host: 'vm' }, vm, group, ...more).destinations[0]?.workloads;
    expect(workloads()).toEqual(['WorkloadGroup/shop/vms']);
    expect(workloads(machine(''))).toEqual(['WorkloadEntry/shop/vm']);
  });
});

describe('ports', () => {
  const two = service('two', 'shop', '{name: http, port: 9080}', '{name: http-admin, port: 9090}');

  it('takes the port of the request where the route names none', () => {
    const table = virtualService('two', '{hosts: [two], http: [{route: [{destination: {host: two}}]}]}');
    expect(legs(ask({ ...toReviews, host: 'two', port: 9090 }, two, table))).toEqual(['two.shop.svc.cluster.local - 9090 100']);
    expect(legs(ask({ ...toReviews, host: 'two', port: 9080 }, two, table))).toEqual(['two.shop.svc.cluster.local - 9080 100']);
  });
});

describe('what a rule does besides', () => {
  it('limits time and repeats', () => {
    const answer = ask(
      toReviews,
      reviews(
        `{timeout: 1.5s, retries: {attempts: 3, perTryTimeout: 500ms, retryOn: 'gateway-error,503'}, route: [${route('v1')}]}`,
      ),
    );
    expect(answer).toMatchObject({
      timeout: 1.5,
      retries: { attempts: 3, perTryTimeout: 0.5, retryOn: 'gateway-error,retriable-status-codes,503' },
    });
    expect(ask(toReviews, reviews(`{timeout: 0s, retries: {attempts: 0}, route: [${route('v1')}]}`))).toMatchObject({
      timeout: null,
      retries: null,
    });
  });

  it('delays and breaks off', () => {
    const fault = '{delay: {percentage: {value: 50}, fixedDelay: 7s}, abort: {percentage: {value: 0.5}, httpStatus: 504}}';
    expect(ask(toReviews, reviews(`{fault: ${fault}, route: [${route('v1')}]}`)).fault).toEqual({
      delay: { percent: 50, seconds: 7 },
      abort: { percent: 0.5, status: 504 },
    });
  });

  it('copies requests to others', () => {
    const old = ask(
      toReviews,
      reviews(`{route: [${route('v1')}], mirror: {host: reviews, subset: v2}, mirrorPercentage: {value: 20}}`),
    );
    expect(old.mirrors).toEqual([{ host, subset: 'v2', port: 9080, percent: 20 }]);
    const many = ask(
      toReviews,
      reviews(
        `{route: [${route('v1')}], mirrors: [{destination: {host: reviews, subset: v2}}, {destination: {host: ratings}, percentage: {value: 0}}]}`,
      ),
    );
    expect(many.mirrors).toEqual([{ host, subset: 'v2', port: 9080, percent: 100 }]);
  });

  it('changes headers', () => {
    const headers = '{request: {set: {x-a: "1", Host: other.test}, add: {x-b: "2"}, remove: [x-c]}}';
    const answer = ask(toReviews, reviews(`{headers: ${headers}, route: [${route('v1')}]}`));
    expect(answer.headers).toEqual({ set: { 'x-a': '1' }, add: { 'x-b': '2' }, remove: ['x-c'] });
    expect(answer.rewrite).toEqual({ path: null, host: 'other.test' });
  });

  it.each([
    ['{uri: {prefix: /a}}', '{uri: /b}', '/a/x?q=1', '/b/x?q=1'],
    ['{uri: {prefix: /a/}}', '{uri: /}', '/a/x', '/x'],
    ['{uri: {exact: /a}}', '{uri: /b}', '/a?q', '/b?q'],
    // A regular expression takes the whole path, so all of it is replaced.
    ['{uri: {regex: "/a.*"}}', '{uri: /b}', '/a/x', '/b'],
    // Without a path condition the first slash is what is replaced.
    ['{headers: {x: {}}}', '{uri: /b}', '/x', '/bx'],
    ['{uri: {prefix: /}}', '{uriRegexRewrite: {match: "/v([0-9])/(.*)", rewrite: "/\\\\2/\\\\1"}}', '/v1/x?q', '/x/1?q'],
  ])('rewrites %s by %s: %s becomes %s', (match, rewrite, path, becomes) => {
    const answer = ask(
      { ...toReviews, path, headers: { x: 'y' } },
      reviews(`{match: [${match}], rewrite: ${rewrite}, route: [${route('v1')}]}`),
    );
    expect(answer.rewrite).toEqual({ path: becomes, host: null });
  });

  it.each([
    ['{uri: /new}', '/old?q=1', 301, 'http://reviews:9080/new?q=1'],
    ['{authority: other.test, redirectCode: 307}', '/old', 307, 'http://other.test/old'],
    ['{scheme: https}', '/old', 301, 'https://reviews:9080/old'],
    ['{scheme: https, port: 443}', '/old', 301, 'https://reviews:9080/old'],
    ['{port: 8443}', '/old', 301, 'http://reviews:8443/old'],
  ])('redirects by %s', (redirect, path, status, location) => {
    const answer = ask({ ...toReviews, path }, reviews(`{redirect: ${redirect}}`));
    expect(answer).toMatchObject({ outcome: 'redirect', redirect: { status, location }, destinations: [], retries: null });
  });

  it('answers by itself', () => {
    expect(ask(toReviews, reviews('{directResponse: {status: 503, body: {string: closed}}}'))).toMatchObject({
      outcome: 'direct',
      direct: { status: 503, body: 'closed' },
    });
  });
});

describe('delegates', () => {
  const root = (match: string) =>
    virtualService(
      'root',
      `{hosts: [reviews], http: [{name: r, ${match}timeout: 3s, delegate: {name: part, namespace: other}}, {name: rest, route: [${route('v3')}]}]}`,
    );
  const part = (match: string) =>
    virtualService('part', `{http: [{name: d, ${match}route: [{destination: {host: ratings}}]}]}`, 'other');

  it('puts the rules of the delegate in place, with what the root says besides', () => {
    const answer = ask(
      { ...toReviews, path: '/a/b' },
      root('match: [{uri: {prefix: /a}}], '),
      part('match: [{uri: {prefix: /a/b}}], '),
    );
    expect(answer).toMatchObject({ matched: { object: 'VirtualService/shop/root', rule: 'r-d' }, timeout: 3 });
    expect(answer.destinations[0]?.host).toBe('ratings.other.svc.cluster.local');
  });

  it('takes both conditions', () => {
    const one = root('match: [{uri: {prefix: /a}, headers: {x: {exact: "1"}}}], ');
    const two = part('match: [{uri: {exact: /a/b}}], ');
    expect(ask({ ...toReviews, path: '/a/b' }, one, two).matched?.rule).toBe('rest');
    expect(ask({ ...toReviews, path: '/a/b', headers: { x: '1' } }, one, two).matched?.rule).toBe('r-d');
  });

  it('leaves out a delegate that is wider than the root, absent, or not exported to it', () => {
    const narrow = root('match: [{uri: {prefix: /a/b}}], ');
    expect(ask({ ...toReviews, path: '/a/b' }, narrow, part('match: [{uri: {prefix: /a}}], ')).matched?.rule).toBe('rest');
    expect(ask({ ...toReviews, path: '/a/b' }, narrow).matched?.rule).toBe('rest');
    const hidden = part('').replace('spec: {', "spec: {exportTo: ['.'], ");
    expect(ask({ ...toReviews, path: '/a/b' }, narrow, hidden).matched?.rule).toBe('rest');
  });
});
