import { describe, expect, it } from 'vitest';
import type { Entrance } from '../constructs/kit/index.ts';
import { canary, type ForwardRule, HttpRoutes, type HttpRoutesProps, type HttpRule, split } from '../constructs/mesh/index.ts';
import { gatewayEntrance, shop } from './support/routes.ts';
import { object, objects } from './support/synth.ts';

type Rules = [HttpRule<'gateway-api'>, ...HttpRule<'gateway-api'>[]];
const { reviews, ratings, many } = shop();
const { v1, v2, v3 } = reviews.versions;

/** The calls to reviews, as the Gateway API says them. */
function routed(...rules: Rules) {
  const { layer } = shop();
  new HttpRoutes(layer, 'r', { of: reviews, as: 'gateway-api', rules });
  return object(layer, 'HTTPRoute', 'reviews').spec.rules;
}

describe('HttpRoutes of the Gateway API', () => {
  it('route the calls of a Service, each version by a Service of its own', () => {
    const { layer, reviews } = shop();
    const { v2, v3 } = reviews.versions;
    new HttpRoutes(layer, 'r', {
      of: reviews,
      as: 'gateway-api',
      rules: [{ name: 'jason', when: { headers: { 'End-User': 'jason' } }, to: v2 }, { to: split([v2, 10], [v3, 90]) }],
    });
    expect(object(layer, 'HTTPRoute', 'reviews')).toMatchObject({
      metadata: { namespace: 'shop' },
      spec: {
        parentRefs: [{ group: '', kind: 'Service', name: 'reviews', port: 9080 }],
        rules: [
          {
            name: 'jason',
            matches: [{ headers: [{ name: 'end-user', value: 'jason' }] }],
            backendRefs: [{ name: 'reviews-v2', port: 9080 }],
          },
          {
            backendRefs: [
              { name: 'reviews-v2', port: 9080, weight: 10 },
              { name: 'reviews-v3', port: 9080, weight: 90 },
            ],
          },
        ],
      },
    });
    expect(object(layer, 'Service', 'reviews-v2').spec).toMatchObject({
      selector: { app: 'reviews', version: 'v2' },
      ports: [{ name: 'http', port: 9080, appProtocol: 'http' }],
    });
    expect(objects(layer).some((one) => one.metadata.name === 'reviews-v1' && one.kind === 'Service')).toBe(false);
    expect(objects(layer).some((one) => one.kind === 'VirtualService')).toBe(false);
  });

  it('hang on a listener; routes of one layer share the Services of versions', () => {
    const { layer, reviews } = shop();
    new HttpRoutes(layer, 'front', { at: gatewayEntrance, rules: [{ to: reviews.versions.v1 }] });
    new HttpRoutes(layer, 'any', {
      at: { ...gatewayEntrance, host: '*' },
      rules: [{ to: canary(reviews.versions.v1, reviews.versions.v2).to }],
    });
    expect(object(layer, 'HTTPRoute', 'front').spec).toMatchObject({
      parentRefs: [{ name: 'shop', namespace: 'shop', sectionName: 'http' }],
      hostnames: ['shop.mesh.test'],
    });
    expect(object(layer, 'HTTPRoute', 'any').spec.hostnames).toBeUndefined();
    expect(object(layer, 'Service', 'reviews-v1').metadata.labels).toMatchObject({ version: 'v1' });
  });

  it('say every match', () => {
    const [rule] = routed({
      when: { path: { under: '/a/' }, method: ['GET', 'PUT'], query: { q: { regex: '.+' } }, headers: { a: { regex: 'b.*' } } },
      to: v1,
    });
    const common = {
      path: { type: 'PathPrefix', value: '/a' },
      headers: [{ name: 'a', type: 'RegularExpression', value: 'b.*' }],
      queryParams: [{ name: 'q', type: 'RegularExpression', value: '.+' }],
    };
    expect(rule.matches).toEqual([
      { ...common, method: 'GET' },
      { ...common, method: 'PUT' },
    ]);
    expect(routed({ when: [{ path: { exact: '/b' } }, { path: { regex: '/c.*' } }], to: v1 })[0].matches).toEqual([
      { path: { type: 'Exact', value: '/b' } },
      { path: { type: 'RegularExpression', value: '/c.*' } },
    ]);
  });

  it('say every action', () => {
    const options: Required<Pick<ForwardRule<'gateway-api'>, 'timeoutSeconds' | 'mirror' | 'rewrite' | 'headers' | 'cors'>> = {
      timeoutSeconds: 1.5,
      mirror: { to: v2, percent: 12.5 },
      rewrite: { prefix: '/b', host: 'ratings' },
      headers: { request: { set: { A: '1' } }, response: { add: { b: '2' }, remove: ['C'] } },
      cors: {
        allowOrigins: ['https://a.test'],
        allowMethods: ['GET'],
        allowHeaders: ['x'],
        exposeHeaders: ['y'],
        maxAgeSeconds: 9,
        allowCredentials: true,
      },
    };
    const [rule] = routed({ when: { path: { under: '/a' } }, to: v1, ...options });
    expect(rule.timeouts).toEqual({ request: '1s500ms' });
    expect(rule.filters).toEqual([
      { type: 'RequestHeaderModifier', requestHeaderModifier: { set: [{ name: 'a', value: '1' }] } },
      { type: 'ResponseHeaderModifier', responseHeaderModifier: { add: [{ name: 'b', value: '2' }], remove: ['c'] } },
      { type: 'URLRewrite', urlRewrite: { hostname: 'ratings', path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/b' } } },
      {
        type: 'RequestMirror',
        requestMirror: {
          backendRef: { name: 'reviews-v2', port: 9080 },
          fraction: { numerator: 125_000, denominator: 1_000_000 },
        },
      },
      { type: 'CORS', cors: { ...options.cors, maxAgeSeconds: undefined, maxAge: 9 } },
    ]);
    expect(routed({ to: v1, rewrite: { path: '/x' }, mirror: { to: v3, percent: 20 } })[0].filters).toMatchObject([
      { urlRewrite: { path: { type: 'ReplaceFullPath', replaceFullPath: '/x' } } },
      { requestMirror: { percent: 20 } },
    ]);
  });

  it('redirect', () => {
    const [rule] = routed({
      when: { path: { under: '/old' } },
      redirect: { host: 'a.test', prefix: '/new', scheme: 'https', port: 8443, code: 307 },
    });
    expect(rule.filters[0].requestRedirect).toEqual({
      hostname: 'a.test',
      path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/new' },
      scheme: 'https',
      port: 8443,
      statusCode: 307,
    });
    expect(rule.backendRefs).toBeUndefined();
    expect(routed({ redirect: { scheme: 'http', path: '/x' } })[0].filters[0].requestRedirect).toEqual({
      scheme: 'http',
      path: { type: 'ReplaceFullPath', replaceFullPath: '/x' },
      statusCode: 301,
    });
  });

  it('refuse an order that would mean something else there', () => {
    const make =
      (...rules: Rules) =>
      () =>
        routed(...rules);
    expect(
      make({ name: 'header', when: { headers: { a: '1' } }, to: v1 }, { name: 'path', when: { path: { exact: '/x' } }, to: v2 }),
    ).toThrow("rule 'path' of 'shop/r' comes after rule 'header' of 'shop/r', but the Gateway API tries it first");
    // A regex comes last, even after the rule for all the rest.
    expect(make({ when: { path: { regex: '/v.*' } }, to: v1 }, { to: v2 })).toThrow("rule 2 of 'shop/r' comes after rule 1");
    for (const fine of [
      make({ when: { path: { exact: '/x' } }, to: v1 }, { when: { headers: { a: '1' } }, to: v2 }, { to: v3 }),
      make({ when: { path: { under: '/a' } }, to: v1 }, { when: { path: { under: '/long' } }, to: v2 }, { to: v3 }),
      make({ when: { headers: { a: '1' } }, to: v1 }, { when: { headers: { a: '2', b: '3' } }, to: v2 }),
      make({ when: { method: 'GET' }, to: v1 }, { when: { method: 'PUT', path: { exact: '/a' } }, to: v2 }),
    ])
      expect(fine).not.toThrow();
  });

  it('refuse what needs more than a route', () => {
    const { layer } = shop();
    const far = { ...reviews, namespace: 'far', host: 'reviews.far.svc.cluster.local' };
    const outside = { ...reviews, selector: undefined, host: 'api.payments.test' };
    const at = (rule: HttpRule<'gateway-api'>) => () =>
      new HttpRoutes(layer, `r${layer.node.children.length}`, { at: gatewayEntrance, rules: [rule] });
    const of = (props: HttpRoutesProps<'gateway-api'>) => () => new HttpRoutes(layer, `r${layer.node.children.length}`, props);
    expect(at({ to: far })).toThrow("needs a ReferenceGrant for that, put the routes into a layer of namespace 'far'");
    expect(at({ to: outside })).toThrow('outside the cluster');
    expect(of({ of: far, as: 'gateway-api', rules: [{ to: far }] })).toThrow("so put them into a layer of namespace 'far'");
    expect(of({ of: outside, as: 'gateway-api', rules: [{ to: outside }] })).toThrow("leave out 'as'");
    const rules = Array.from({ length: 17 }, (_, i) => ({ when: { path: { exact: `/${i}` } }, to: v1 }));
    expect(() => routed({ when: { path: { exact: '/first' } }, to: v1 }, ...rules)).toThrow('18 rules');
    expect(() => routed({ when: { path: { exact: '/a//b' } }, to: v1 })).toThrow("'//'");
  });

  it('refuse what only Istio can say, at an entrance that may be of either', () => {
    const entrance: Entrance = gatewayEntrance;
    const says: [HttpRule, string][] = [
      [{ to: v1, fault: { abort: { status: 500 } } }, 'fault'],
      [{ to: v1, retries: 'none' }, 'retries'],
      [{ respond: { status: 200 } }, 'respond'],
      [
        { when: { path: { under: '/a' }, method: ['GET', 'PUT'] }, to: v1, rewrite: { prefix: '/b' } },
        'a prefix to replace and several matches',
      ],
      [{ when: { without: { a: '1' } }, to: v1 }, 'without'],
      [{ when: { port: 80 }, to: v1 }, 'port'],
      [{ when: { headers: { a: { prefix: '1' } } }, to: v1 }, 'a prefix of a header'],
      [{ when: { path: { prefix: '/a' } }, to: v1 }, 'a prefix of the path by characters'],
      [{ to: v1, cors: { allowOrigins: [{ regex: '.*' }] } }, 'an origin as a pattern'],
    ];
    for (const [rule, what] of says)
      expect(() => new HttpRoutes(shop().layer, 'r', { at: entrance, rules: [rule] }), what).toThrow(
        `rule 1 of 'shop/r' has ${what}`,
      );
    const inside = { of: reviews, as: 'gateway-api', rules: [{ when: { from: ratings.versions.v1 }, to: v1 }] };
    expect(() => new HttpRoutes(shop().layer, 'r', inside as unknown as HttpRoutesProps)).toThrow(
      'has from, which the Gateway API',
    );
    expect(() => new HttpRoutes(shop().layer, 'r', { of: many, as: 'gateway-api', rules: [{ to: many }] })).toThrow(
      'must name the port',
    );
  });
});
