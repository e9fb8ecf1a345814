import fc from 'fast-check';
import type { Destination, DestinationVersion } from '../../constructs/kit/index.ts';
import { split } from '../../constructs/mesh/index.ts';
import type { shop } from './routes.ts';

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

/** Rules for the apps of a shop: each with a match, and one for the rest. Most are right; some, no constructor should take. */
export function httpRules({ reviews, ratings }: Pick<ReturnType<typeof shop>, 'reviews' | 'ratings'>) {
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
  return fc
    .tuple(fc.array(fc.tuple(action, when), { maxLength: 2 }), action)
    .map(([matching, last]) => [...matching.map(([one, matches], i) => ({ ...one, name: `r${i}`, when: matches })), last]);
}
