import { describe, expect, it } from 'vitest';
import { type ForwardRule, type HttpMatch, HttpRoutes, type HttpRule, type Redirect, split } from '../constructs/mesh/index.ts';
import { istioEntrance, shop } from './support/routes.ts';
import { object } from './support/synth.ts';

const { reviews, ratings } = shop();

/** The routes of reviews with these rules, as synthesized. */
function routed(...rules: [HttpRule, ...HttpRule[]]) {
  const { layer } = shop();
  new HttpRoutes(layer, 'routes', { of: reviews, rules });
  return object(layer, 'VirtualService', 'reviews').spec.http;
}

/** One rule for all requests to ratings, with this said besides. */
function forwarded(options: Partial<Omit<ForwardRule, 'redirect' | 'respond'>>) {
  return routed({ to: ratings, ...options })[0];
}

const host = 'reviews.shop.svc.cluster.local';
const to = (subset: string, weight?: number) => ({
  destination: { host, subset, port: { number: 9080 } },
  ...(weight === undefined ? {} : { weight }),
});

describe('HttpRoutes', () => {
  it('sends one user to v2 and everybody else to v3', () => {
    const { layer, reviews } = shop();
    const { v2, v3 } = reviews.versions;
    const made = new HttpRoutes(layer, 'reviews-routes', {
      of: reviews,
      rules: [{ name: 'jason', when: { headers: { 'End-User': 'jason' } }, to: v2 }, { to: v3 }],
    });
    expect(made.name).toBe('reviews');
    expect(object(layer, 'VirtualService', 'reviews')).toMatchObject({
      metadata: { namespace: 'shop' },
      spec: {
        hosts: [host],
        http: [
          { name: 'jason', match: [{ headers: { 'end-user': { exact: 'jason' } } }], route: [to('v2')] },
          { route: [to('v3')] },
        ],
      },
    });
  });

  it('shares requests by weight', () => {
    const { v1, v2, v3 } = reviews.versions;
    expect(routed({ to: split([v1, 80], [v2, 0], [v3, 20]) })).toEqual([{ route: [to('v1', 80), to('v3', 20)] }]);
    expect(routed({ to: split([v1, 0], [v3, 100]) })).toEqual([{ route: [to('v3')] }]);
  });

  it('hangs on a gateway, by its namespace where that is another', () => {
    const { layer, reviews } = shop();
    new HttpRoutes(layer, 'front', { at: istioEntrance, rules: [{ when: { port: 80 }, to: reviews }] });
    expect(object(layer, 'VirtualService', 'front').spec).toEqual({
      hosts: ['shop.mesh.test'],
      gateways: ['ingress/shop-gateway'],
      http: [{ match: [{ port: 80 }], route: [{ destination: { host, port: { number: 9080 } } }] }],
    });
    const near = { ...istioEntrance, host: '*', gateway: { namespace: 'shop', name: 'own' } };
    new HttpRoutes(layer, 'near', { at: near, name: 'other', rules: [{ to: reviews }] });
    expect(object(layer, 'VirtualService', 'other').spec).toMatchObject({ hosts: ['*'], gateways: ['own'] });
  });

  it('routes one port of several, and leaves the others alone', () => {
    const { layer, many, reviews } = shop();
    new HttpRoutes(layer, 'admin', { of: many, port: 'http-admin', rules: [{ to: reviews, port: 9080 }] });
    expect(object(layer, 'VirtualService', 'many').spec.http).toEqual([
      { match: [{ port: 8080 }], route: [{ destination: { host, port: { number: 9080 } } }] },
    ]);
    new HttpRoutes(layer, 'same', { of: many, name: 'same', port: 80, rules: [{ when: { method: 'GET' }, to: many }] });
    expect(object(layer, 'VirtualService', 'same').spec.http[0]).toMatchObject({
      match: [{ method: { exact: 'GET' }, port: 80 }],
      route: [{ destination: { port: { number: 80 } } }],
    });
  });
});

describe('a match', () => {
  const everyWay: { [option in keyof Required<HttpMatch>]: [HttpMatch, unknown[]] } = {
    headers: [
      { headers: { A: { exact: '1' }, b: { prefix: '2' }, c: { regex: '3.*' } } },
      [{ headers: { a: { exact: '1' }, b: { prefix: '2' }, c: { regex: '3.*' } } }],
    ],
    path: [{ path: { under: '/static/' } }, [{ uri: { exact: '/static' } }, { uri: { prefix: '/static/' } }]],
    method: [{ method: ['GET', 'HEAD'] }, [{ method: { exact: 'GET' } }, { method: { exact: 'HEAD' } }]],
    query: [{ query: { Page: '1' } }, [{ queryParams: { Page: { exact: '1' } } }]],
    without: [{ without: { 'X-Test': { regex: '.*' } } }, [{ withoutHeaders: { 'x-test': { regex: '.*' } } }]],
    from: [{ from: ratings.versions.v1 }, [{ sourceNamespace: 'shop', sourceLabels: { app: 'ratings', version: 'v1' } }]],
    port: [{ port: 80 }, [{ port: 80 }]],
  };

  it.each(Object.entries(everyWay))('by %s', (option, [when, match]) => {
    const { layer } = shop();
    const rules = [{ when, to: reviews }] as const;
    if (option === 'port') new HttpRoutes(layer, 'r', { at: istioEntrance, name: 'reviews', rules });
    else new HttpRoutes(layer, 'r', { of: reviews, rules });
    expect(object(layer, 'VirtualService', 'reviews').spec.http[0].match).toEqual(match);
  });

  it('takes paths as a whole, by their beginning, and by RE2', () => {
    const uri = (path: NonNullable<HttpMatch['path']>) => routed({ when: { path, method: 'GET' }, to: reviews })[0].match[0].uri;
    expect(uri({ exact: '/login' })).toEqual({ exact: '/login' });
    expect(uri({ prefix: '/api' })).toEqual({ prefix: '/api' });
    expect(uri({ regex: '/v[12]/.*' })).toEqual({ regex: '/v[12]/.*' });
    expect(uri({ under: '/' })).toBeUndefined();
  });

  it('holds together what stands in one, and is one of several in a list', () => {
    const [rule] = routed({
      when: [{ path: { exact: '/a' }, method: 'GET' }, { from: { namespace: 'front' } }],
      to: reviews,
    });
    expect(rule.match).toEqual([{ uri: { exact: '/a' }, method: { exact: 'GET' } }, { sourceNamespace: 'front' }]);
  });
});

describe('a rule', () => {
  const { v1, v2 } = reviews.versions;
  /** What each option of a rule that forwards makes of it. */
  const everyOption: {
    [option in keyof Required<Omit<ForwardRule, 'redirect' | 'respond' | 'when' | 'to'>>]: [Partial<ForwardRule>, object];
  } = {
    name: [{ name: 'all' }, { name: 'all' }],
    port: [{ port: 'http' }, { route: [{ destination: { port: { number: 9080 } } }] }],
    timeoutSeconds: [{ timeoutSeconds: 0.5 }, { timeout: '0.5s' }],
    retries: [
      { retries: { attempts: 3, perTryTimeoutSeconds: 2, on: ['5xx', 'reset', 503] }, timeoutSeconds: 6 },
      { retries: { attempts: 3, perTryTimeout: '2s', retryOn: '5xx,reset,503' }, timeout: '6s' },
    ],
    fault: [
      { fault: { delay: { seconds: 7 }, abort: { status: 504, percent: 50 } } },
      {
        fault: {
          delay: { fixedDelay: '7s', percentage: { value: 100 } },
          abort: { httpStatus: 504, percentage: { value: 50 } },
        },
      },
    ],
    mirror: [
      { mirror: { to: v2, percent: 12.5 } },
      { mirror: { host, subset: 'v2', port: { number: 9080 } }, mirrorPercentage: { value: 12.5 } },
    ],
    rewrite: [
      { rewrite: { path: '/v2', host: 'ratings' } },
      { rewrite: { uriRegexRewrite: { match: '/.*', rewrite: '/v2' }, authority: 'ratings' } },
    ],
    headers: [
      {
        headers: { request: { set: { 'X-A': '1' }, add: { b: '%HOSTNAME%' }, remove: ['C'] }, response: { remove: ['server'] } },
      },
      {
        headers: { request: { set: { 'x-a': '1' }, add: { b: '%HOSTNAME%' }, remove: ['c'] }, response: { remove: ['server'] } },
      },
    ],
    cors: [
      {
        cors: {
          allowOrigins: ['https://shop.mesh.test', { regex: 'https://.*' }],
          allowMethods: ['GET'],
          allowHeaders: ['x-a'],
          exposeHeaders: ['x-b'],
          maxAgeSeconds: 60,
          allowCredentials: true,
        },
      },
      {
        corsPolicy: {
          allowOrigins: [{ exact: 'https://shop.mesh.test' }, { regex: 'https://.*' }],
          allowMethods: ['GET'],
          allowHeaders: ['x-a'],
          exposeHeaders: ['x-b'],
          maxAge: '60s',
          allowCredentials: true,
          unmatchedPreflights: 'IGNORE',
        },
      },
    ],
  };

  it.each(Object.entries(everyOption))('renders %s', (_, [given, made]) => {
    const { when: _when, to: _to, redirect: _r, respond: _s, ...options } = given as Partial<ForwardRule>;
    expect(forwarded(options)).toMatchObject(made);
  });

  it('says nothing of what was left out', () => {
    expect(forwarded({})).toEqual({
      route: [{ destination: { host: 'ratings.shop.svc.cluster.local', port: { number: 9080 } } }],
    });
    expect(forwarded({ retries: 'none' }).retries).toEqual({ attempts: 0 });
    expect(forwarded({ fault: { abort: { grpcStatus: 'UNAVAILABLE' } } }).fault).toEqual({
      abort: { grpcStatus: 'UNAVAILABLE', percentage: { value: 100 } },
    });
  });

  it('replaces the beginning of a path without losing or doubling a slash', () => {
    const rewrite = (path: NonNullable<HttpMatch['path']>, prefix: string) =>
      routed({ when: { path }, to: v1, rewrite: { prefix } })[0].rewrite;
    expect(rewrite({ prefix: '/api/' }, '/')).toEqual({ uri: '/' });
    const under = (path: string, parent: string, prefix: string) => {
      const { match, rewrite: by } = rewrite({ under: parent }, prefix).uriRegexRewrite;
      return path.replace(new RegExp(match), by);
    };
    expect(['/api', '/api/x', '/api/x/api'].map((path) => under(path, '/api', '/'))).toEqual(['/', '/x', '/x/api']);
    expect(['/a.b', '/a.b/x'].map((path) => under(path, '/a.b', '/v2/'))).toEqual(['/v2', '/v2/x']);
    expect(under('/aXb/x', '/a.b', '/v2')).toBe('/aXb/x');
  });

  it('redirects', () => {
    const everyPart: Required<Omit<Redirect, 'prefix'>> = {
      host: 'new.test',
      path: '/new',
      scheme: 'https',
      port: 8443,
      code: 308,
    };
    expect(routed({ redirect: everyPart })[0].redirect).toEqual({
      authority: 'new.test',
      uri: '/new',
      scheme: 'https',
      port: 8443,
      redirectCode: 308,
    });
    expect(routed({ redirect: { host: 'new.test' } })[0].redirect).toEqual({
      authority: 'new.test',
      derivePort: 'FROM_REQUEST_PORT',
      redirectCode: 301,
    });
  });

  it('answers by itself', () => {
    expect(routed({ respond: { status: 503, body: 'closed' } })).toEqual([
      { directResponse: { status: 503, body: { string: 'closed' } } },
    ]);
    expect(routed({ respond: { status: 404 } })).toEqual([{ directResponse: { status: 404 } }]);
  });
});
