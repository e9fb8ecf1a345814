import { App } from 'cdk8s';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Destination, type DestinationVersion, type Entrance, Layer, UserError } from '../constructs/kit/index.ts';
import { HttpRoutes, type HttpRoutesProps, split, TrafficPolicy } from '../constructs/mesh/index.ts';
import { fromObjects, prove } from '../constructs/proof/index.ts';
import { validate } from '../constructs/proof/schemas.ts';
import { gatewayEntrance, shop } from './support/routes.ts';
import { objects } from './support/synth.ts';

const { reviews, ratings } = shop();

/** Mostly right, seldom not: what the constructor takes must hold all the same. */
const mostly = <T, U>(right: fc.Arbitrary<T>, wrong: fc.Arbitrary<U>) =>
  fc.oneof({ weight: 30, arbitrary: right }, { weight: 1, arbitrary: wrong });
/** A record that has each field now and then. */
const some = (fields: { readonly [name: string]: fc.Arbitrary<unknown> }, freq = 2) =>
  fc
    .record(
      Object.fromEntries(
        Object.entries(fields).map(([key, one]) => [
          key,
          fc.oneof({ weight: freq, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: one }),
        ]),
      ),
    )
    .map((made) => Object.fromEntries(Object.entries(made).filter(([, one]) => one !== undefined)));

const name = mostly(fc.constantFrom('a', 'x-user', 'End-User', 'cookie'), fc.string({ maxLength: 5 }));
const value = mostly(fc.constantFrom('jason', 'b c', '1'), fc.string({ maxLength: 8 }));
const regex = mostly(
  fc.constantFrom('.*', 'j.*n', '(a|b)+'),
  fc.oneof(fc.constantFrom('(?=a)', '*'), fc.string({ maxLength: 6 })),
);
const path = mostly(fc.constantFrom('/', '/a', '/a/', '/a/b', '/static', '/a.b'), fc.webPath());
const percent = mostly(fc.constantFrom(0.0001, 0.5, 1, 12.5, 20, 99.9999, 100), fc.double());
const seconds = mostly(fc.constantFrom(0.001, 0.5, 1.25, 3, 99_999), fc.constantFrom(0, -1, 0.0001));
const text = fc.oneof(value, fc.record({ exact: value }), fc.record({ regex }), fc.record({ prefix: value }));
const texts = fc.dictionary(name, text, { minKeys: 1, maxKeys: 2 });
const method = fc.constantFrom('GET', 'PUT', 'DELETE');

const match = some({
  headers: texts,
  query: texts,
  path: fc.oneof(fc.record({ exact: path }), fc.record({ under: path }), fc.record({ prefix: path }), fc.record({ regex })),
  method: fc.oneof(method, fc.uniqueArray(method, { minLength: 1, maxLength: 3 })),
  without: texts,
  from: fc.constantFrom<object[]>({ namespace: 'shop' }, ratings.versions.v1),
  port: fc.constant(80),
});
const version = fc.constantFrom<(Destination | DestinationVersion)[]>(reviews, ...Object.values(reviews.versions), ratings);
const changes = fc.record({
  set: fc.dictionary(name, value, { minKeys: 1, maxKeys: 2 }),
  remove: fc.array(name, { maxLength: 1 }),
});
const share = fc.integer({ min: 0, max: 100 });
const to = fc.oneof(
  version,
  share.map((one) => split([reviews.versions.v1, one], [reviews.versions.v2, 100 - one])),
);
const options = some(
  {
    timeoutSeconds: seconds,
    retries: fc.oneof(
      fc.constant('none'),
      fc.record({
        attempts: fc.integer({ min: 1, max: 3 }),
        perTryTimeoutSeconds: seconds,
        on: fc.constantFrom(['5xx'], ['reset', 503]),
      }),
    ),
    fault: fc.record({
      delay: fc.record({ seconds, percent }),
      abort: fc.record({ status: fc.constantFrom(503, 400, 599), percent }),
    }),
    mirror: fc.record({ to: version, percent }),
    rewrite: fc.oneof(fc.record({ prefix: path }), fc.record({ path, host: fc.constant('ratings') })),
    headers: fc.record({ request: changes, response: changes }),
    cors: fc.record({
      allowOrigins: fc.constantFrom<unknown[]>(['https://a.test'], [{ regex: '.*' }]),
      maxAgeSeconds: fc.integer({ min: 1, max: 99 }),
    }),
  },
  5,
);
const redirect = some(
  {
    host: fc.constantFrom('a.test', 'shop.mesh.test'),
    path,
    scheme: fc.constantFrom('http', 'https'),
    port: fc.constantFrom(80, 8080),
    code: fc.constantFrom(301, 308),
  },
  2,
);
const forward = fc.tuple(to, options).map(([target, said]) => ({ to: target, ...said }));
const action = fc.oneof(
  { weight: 5, arbitrary: forward },
  { weight: 1, arbitrary: redirect.map((one) => ({ redirect: one })) },
  { weight: 1, arbitrary: fc.record({ respond: fc.record({ status: fc.constantFrom(200, 404), body: fc.string() }) }) },
);
const when = fc.oneof(match, fc.array(match, { minLength: 1, maxLength: 2 }));
/** Rules with a match each, and one for the rest. */
const rules = fc
  .tuple(fc.array(fc.tuple(action, when), { maxLength: 2 }), action)
  .map(([matching, last]) => [...matching.map(([one, matches], i) => ({ ...one, name: `r${i}`, when: matches })), last]);

const istioGateway = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'Gateway',
  metadata: { name: 'front', namespace: 'shop' },
  spec: {
    selector: { istio: 'ingressgateway' },
    servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['shop.mesh.test'] }],
  },
};
const listener = {
  name: 'http',
  port: 80,
  protocol: 'HTTP',
  hostname: 'shop.mesh.test',
  allowedRoutes: { namespaces: { from: 'Same' } },
};
const gateway = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'Gateway',
  metadata: { name: 'shop', namespace: 'shop' },
  spec: { gatewayClassName: 'istio', listeners: [listener] },
};
const front: Entrance = { host: 'shop.mesh.test', port: 80, api: 'istio', gateway: { namespace: 'shop', name: 'front' } };
const places = [{ of: reviews }, { of: reviews, as: 'gateway-api' }, { at: front }, { at: gatewayEntrance }];

const base = (() => {
  const { layer, reviews, ratings } = shop();
  new TrafficPolicy(layer, 'reviews-policy', { of: reviews });
  new TrafficPolicy(layer, 'ratings-policy', { of: ratings });
  return [...objects(layer), istioGateway, gateway].map((json) => ({ json, path: 'shop' }));
})();

describe('what HttpRoutes accepts', () => {
  it('passes the schemas and the proof', () => {
    const accepted = places.map(() => 0);
    fc.assert(
      fc.property(fc.nat(places.length - 1), rules, (place, given) => {
        const layer = new Layer(new App(), 'routes', { namespace: { existing: 'shop' } });
        try {
          new HttpRoutes(layer, 'routes', { ...places[place], rules: given } as unknown as HttpRoutesProps);
        } catch (error) {
          if (error instanceof UserError) return;
          throw error;
        }
        accepted[place] = (accepted[place] ?? 0) + 1;
        const made = objects(layer);
        expect(made.map((one) => validate(one))).toEqual(made.map(() => []));
        const findings = prove(fromObjects([...base, ...made.map((json) => ({ json, path: 'routes' }))], { name: 'shop' }));
        expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
      }),
      { numRuns: 800, seed: 5 },
    );
    // A property of nothing would hold, too.
    for (const count of accepted) expect(count).toBeGreaterThan(20);
  });
});
