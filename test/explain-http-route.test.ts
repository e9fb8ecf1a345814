import { describe, expect, it } from 'vitest';
import type { TrafficRequest } from '../constructs/proof/explain/index.ts';
import { ask, httpRoute, legs, object, toReviews, virtualService } from './explain-world.ts';

const mesh = (rules: string, port?: number) =>
  `{parentRefs: [{group: '', kind: Service, name: reviews, namespace: shop${port === undefined ? '' : `, port: ${port}`}}], rules: [${rules}]}`;
const to = (name: string, more = '') => `{name: ${name}, port: 9080${more}}`;
const gatewayApi = 'gateway.networking.k8s.io/v1';
const listener = (name: string, more = '', port = 80) => `{name: ${name}, port: ${port}, protocol: HTTP${more}}`;
const all = ', allowedRoutes: {namespaces: {from: All}}';
const edge = (...listeners: string[]) =>
  object(gatewayApi, 'Gateway', 'edge', `{gatewayClassName: istio, listeners: [${listeners.join(', ')}]}`);
const at = (host: string, more: Partial<TrafficRequest> = {}): TrafficRequest => ({
  host,
  gateway: { namespace: 'shop', name: 'edge' },
  ...more,
});

describe('routes of the Gateway API in the mesh', () => {
  it('hold for the Service that they name as parent, and its port', () => {
    expect(legs(ask(toReviews, httpRoute('r', mesh(`{backendRefs: [${to('ratings')}]}`))))).toEqual([
      'ratings.shop.svc.cluster.local - 9080 100',
    ]);
    expect(ask(toReviews, httpRoute('r', mesh(`{backendRefs: [${to('ratings')}]}`, 9080))).matched).toEqual({
      object: 'HTTPRoute/shop/r',
      rule: 'rules[0]',
    });
    expect(ask(toReviews, httpRoute('r', mesh(`{backendRefs: [${to('ratings')}]}`, 80))).matched).toBeNull();
  });

  it('hold for all clients in the namespace of the Service, elsewhere for those of their own', () => {
    const other = { ...toReviews, host: 'reviews.shop', from: { namespace: 'other' } };
    const producer = httpRoute('p', mesh(`{backendRefs: [${to('ratings')}]}`));
    const consumer = httpRoute('c', mesh(`{backendRefs: [${to('ratings')}]}`), 'other');
    expect(ask(other, producer).matched?.object).toBe('HTTPRoute/shop/p');
    expect(ask(toReviews, consumer).matched).toBeNull();
    expect(ask(other, consumer).matched?.object).toBe('HTTPRoute/other/c');
    // The client's own stands before that of the Service.
    expect(ask(other, producer, consumer).matched?.object).toBe('HTTPRoute/other/c');
    expect(ask(toReviews, producer, consumer).matched?.object).toBe('HTTPRoute/shop/p');
  });

  it('name the group of the Service, which is the empty one', () => {
    const route = `{parentRefs: [{kind: Service, name: reviews}], rules: [{backendRefs: [${to('ratings')}]}]}`;
    expect(ask(toReviews, httpRoute('r', route)).matched).toBeNull();
  });

  it('need no ReferenceGrant', () => {
    const answer = ask(toReviews, httpRoute('r', mesh(`{backendRefs: [${to('ratings', ', namespace: other')}]}`)));
    expect(answer.destinations[0]?.workloads).toEqual(['Deployment/other/ratings-v1']);
  });

  it.each([
    ['{path: {type: Exact, value: /a}}', '{path: {value: /a}}', '/a', 'one'],
    ['{path: {value: /a/b}}', '{path: {value: /a}}', '/a/b/c', 'one'],
    ['{path: {value: /a}}', '{path: {value: /a}, method: GET}', '/a', 'two'],
    ['{path: {value: /a}}', '{path: {value: /a}, headers: [{name: x, value: "1"}]}', '/a', 'two'],
    ['{queryParams: [{name: q, value: "1"}]}', '{headers: [{name: x, value: "1"}]}', '/a?q=1', 'two'],
    ['{path: {type: RegularExpression, value: "/aaaa?"}}', '{path: {value: /}}', '/aaa', 'two'],
    // Of two alike, the first.
    ['{path: {value: /a}}', '{path: {value: /a}}', '/a', 'one'],
  ])('order %s and %s by how near they are', (one, two, path, rule) => {
    const rules = `{name: one, matches: [${one}], backendRefs: [${to('reviews')}]}, {name: two, matches: [${two}], backendRefs: [${to('ratings')}]}`;
    expect(ask({ ...toReviews, path, headers: { x: '1' } }, httpRoute('r', mesh(rules))).matched?.rule).toBe(rule);
  });

  it('add up for one parent: the older, then by name', () => {
    const one = httpRoute('b', mesh(`{name: b, backendRefs: [${to('ratings')}]}`));
    const two = httpRoute('a', mesh(`{name: a, backendRefs: [${to('reviews')}]}`));
    const near = httpRoute('c', mesh(`{name: c, matches: [{path: {value: /x}}], backendRefs: [${to('ratings')}]}`));
    expect(ask(toReviews, one, two, near).matched).toEqual({ object: 'HTTPRoute/shop/a', rule: 'a' });
    expect(ask({ ...toReviews, path: '/x' }, one, two, near).matched).toEqual({ object: 'HTTPRoute/shop/c', rule: 'c' });
  });

  it('match prefixes by segment', () => {
    const route = httpRoute('r', mesh(`{matches: [{path: {value: /a/}}], backendRefs: [${to('ratings')}]}`));
    expect(ask({ ...toReviews, path: '/a' }, route).outcome).toBe('route');
    expect(ask({ ...toReviews, path: '/a/b' }, route).outcome).toBe('route');
    expect(ask({ ...toReviews, path: '/ab' }, route).outcome).toBe('notfound');
  });

  it('share by weight, 1 where none is stated', () => {
    const route = httpRoute(
      'r',
      mesh(`{backendRefs: [${to('ratings', ', weight: 3')}, ${to('reviews')}, ${to('gone', ', weight: 0')}]}`),
    );
    expect(legs(ask(toReviews, route))).toEqual([
      'ratings.shop.svc.cluster.local - 9080 75',
      'reviews.shop.svc.cluster.local - 9080 25',
    ]);
  });

  it('answer 500 without a backend', () => {
    expect(ask(toReviews, httpRoute('r', mesh('{name: empty}')))).toMatchObject({
      outcome: 'direct',
      direct: { status: 500, body: null },
    });
    expect(ask(toReviews, httpRoute('r', mesh(`{backendRefs: [${to('ratings', ', weight: 0')}]}`))).direct?.status).toBe(500);
    const gone = ask(toReviews, httpRoute('r', mesh(`{backendRefs: [${to('gone')}]}`)));
    expect(gone).toMatchObject({ outcome: 'route', destinations: [{ workloads: [] }] });
    expect(gone.reasons.join()).toMatch('get 500');
  });

  it('rewrite, change headers, copy, and limit time', () => {
    const filters = `filters: [
      {type: URLRewrite, urlRewrite: {hostname: h.test, path: {type: ReplacePrefixMatch, replacePrefixMatch: /}}},
      {type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: X-A, value: "1"}], remove: [x-b]}},
      {type: RequestMirror, requestMirror: {backendRef: ${to('reviews')}, percent: 5}}]`;
    const rule = `{matches: [{path: {value: /a}}], ${filters}, timeouts: {request: 3s}, backendRefs: [${to('ratings')}]}`;
    expect(ask({ ...toReviews, path: '/a/b?q' }, httpRoute('r', mesh(rule)))).toMatchObject({
      rewrite: { path: '/b?q', host: 'h.test' },
      headers: { set: { 'x-a': '1' }, add: {}, remove: ['x-b'] },
      mirrors: [{ host: 'reviews.shop.svc.cluster.local', subset: null, port: 9080, percent: 5 }],
      timeout: 3,
    });
  });

  it('send elsewhere, 302 where no status is stated', () => {
    const rule =
      '{filters: [{type: RequestRedirect, requestRedirect: {scheme: https, hostname: h.test, path: {type: ReplaceFullPath, replaceFullPath: /x}}}]}';
    expect(ask(toReviews, httpRoute('r', mesh(rule))).redirect).toEqual({ status: 302, location: 'https://h.test/x' });
  });

  it('stand beside VirtualServices, by name', () => {
    const route = httpRoute('r', mesh(`{backendRefs: [${to('ratings')}]}`), 'shop');
    const table = virtualService('zz', '{hosts: [reviews], http: [{route: [{destination: {host: reviews}}]}]}');
    // Of the client's own namespace, a route of the Gateway API is asked first.
    expect(ask(toReviews, route, table).matched?.object).toBe('HTTPRoute/shop/r');
  });

  it('match calls of gRPC', () => {
    const route = object(
      gatewayApi,
      'GRPCRoute',
      'g',
      mesh(`{matches: [{method: {service: pkg.Hello, method: Say}}], backendRefs: [${to('ratings')}]}`),
    );
    expect(ask({ ...toReviews, method: 'POST', path: '/pkg.Hello/Say' }, route).matched?.object).toBe('GRPCRoute/shop/g');
    expect(ask({ ...toReviews, method: 'POST', path: '/pkg.Hello/Sing' }, route).outcome).toBe('notfound');
  });
});

describe('routes of the Gateway API at a gateway', () => {
  const route = (more: string, namespace = 'shop', name = 'r') =>
    httpRoute(
      name,
      `{parentRefs: [{name: edge, namespace: shop}], ${more}rules: [{backendRefs: [${to('ratings')}]}]}`,
      namespace,
    );

  it.each([
    ['', 'hostnames: [shop.test], ', 'shop.test', 'route'],
    ['', '', 'any.test', 'route'],
    [', hostname: shop.test', '', 'shop.test', 'route'],
    [', hostname: shop.test', '', 'else.test', 'notfound'],
    [", hostname: '*.test'", 'hostnames: [shop.test], ', 'shop.test', 'route'],
    [", hostname: '*.test'", 'hostnames: [shop.example], ', 'shop.example', 'notfound'],
    [', hostname: shop.test', "hostnames: ['*.test'], ", 'shop.test', 'route'],
    [', hostname: shop.test', "hostnames: ['*.test'], ", 'else.test', 'notfound'],
  ])('a listener%s takes a route %s for %s: %s', (host, hostnames, asked, outcome) => {
    expect(ask(at(asked), edge(listener('http', host)), route(hostnames)).outcome).toBe(outcome);
  });

  it.each([
    ['', 'other', 'notfound'],
    [all, 'other', 'route'],
    [', allowedRoutes: {namespaces: {from: Selector, selector: {matchLabels: {team: b}}}}', 'other', 'route'],
    [', allowedRoutes: {namespaces: {from: Selector, selector: {matchLabels: {team: c}}}}', 'other', 'notfound'],
    [', allowedRoutes: {kinds: [{kind: GRPCRoute}]}', 'shop', 'notfound'],
  ])('a listener%s for a route of %s: %s', (allowed, namespace, outcome) => {
    expect(ask(at('shop.test'), edge(listener('http', allowed)), route('', namespace)).outcome).toBe(outcome);
  });

  it('hang on the listener that they name', () => {
    const two = edge(listener('a', ', hostname: a.test'), listener('b', ', hostname: b.test'));
    const named = httpRoute('r', `{parentRefs: [{name: edge, sectionName: b}], rules: [{backendRefs: [${to('ratings')}]}]}`);
    expect(ask(at('b.test'), two, named).outcome).toBe('route');
    expect(ask(at('a.test'), two, named).outcome).toBe('notfound');
  });

  it('go to the listener with the nearest name only', () => {
    const two = edge(listener('wide', ", hostname: '*.test'"), listener('near', ', hostname: shop.test'));
    const wide = httpRoute(
      'r',
      `{parentRefs: [{name: edge, sectionName: wide}], hostnames: [shop.test], rules: [{backendRefs: [${to('ratings')}]}]}`,
    );
    expect(ask(at('shop.test'), two, wide).outcome).toBe('notfound');
  });

  it('need a ReferenceGrant for backends elsewhere', () => {
    const away = httpRoute('r', `{parentRefs: [{name: edge}], rules: [{backendRefs: [${to('ratings', ', namespace: other')}]}]}`);
    const grant = (from: string) =>
      object(
        'gateway.networking.k8s.io/v1beta1',
        'ReferenceGrant',
        'g',
        `{from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: ${from}}], to: [{group: '', kind: Service}]}`,
        'other',
      );
    const refused = ask(at('shop.test'), edge(listener('http')), away);
    expect(refused.destinations).toEqual([
      { host: 'ratings.other.svc.cluster.local', subset: null, port: 9080, percent: 100, workloads: [] },
    ]);
    expect(refused.reasons.join()).toMatch('no ReferenceGrant in other lets HTTPRoute/shop/r use Service/other/ratings');
    expect(ask(at('shop.test'), edge(listener('http')), away, grant('shop')).destinations[0]?.workloads).toEqual([
      'Deployment/other/ratings-v1',
    ]);
    expect(ask(at('shop.test'), edge(listener('http')), away, grant('else')).destinations[0]?.workloads).toEqual([]);
  });

  it('are not there on other ports', () => {
    expect(ask(at('shop.test', { port: 8080 }), edge(listener('http')), route('')).outcome).toBe('nolistener');
  });
});
