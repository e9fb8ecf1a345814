import fc from 'fast-check';
import type { JsonObject } from '../../../../constructs/kit/json.ts';

/** Regexes, each with a text that it takes as a whole. */
export const regexes: readonly (readonly [string, string])[] = [
  ['/a.*', '/abc'],
  ['/items/[0-9]+', '/items/42'],
  ['^(.*?;)?(user=jason)(;.*)?$', 'a=b;user=jason'],
  ['(?i)/Shop', '/sHOP'],
  ['v[12]', 'v2'],
];

const paths = ['/', '/a', '/a/', '/a/b', '/api/v1', '/items/42', '/Shop'];
const text = fc.oneof(
  fc.constantFrom('jason', 'v1', 'v2').map((exact) => ({ exact })),
  fc.constantFrom('ja', 'v').map((prefix) => ({ prefix })),
  fc.constantFrom(...regexes.slice(2).map(([regex]) => regex)).map((regex) => ({ regex })),
);
const uri = fc.oneof(
  fc.constantFrom(...paths).map((exact) => ({ exact })),
  fc.constantFrom(...paths).map((prefix) => ({ prefix })),
  fc.constantFrom(...regexes.slice(0, 4).map(([regex]) => regex)).map((regex) => ({ regex })),
);
const headerName = fc.constantFrom('end-user', 'cookie', 'x-version');

/** Some of the keys, at least one. */
function some(model: { readonly [key: string]: fc.Arbitrary<unknown> }): fc.Arbitrary<JsonObject> {
  return fc
    .record(model, { requiredKeys: [] })
    .filter((made) => Object.keys(made).length > 0)
    .map((made) => JSON.parse(JSON.stringify(made)));
}

const match = fc.oneof(
  { weight: 4, arbitrary: some({ uri }) },
  {
    weight: 2,
    arbitrary: some({ headers: fc.dictionary(headerName, fc.oneof(text, fc.constant({})), { minKeys: 1, maxKeys: 2 }) }),
  },
  {
    weight: 3,
    arbitrary: some({
      uri,
      method: fc.constantFrom('GET', 'POST').map((exact) => ({ exact })),
      queryParams: fc.dictionary(fc.constantFrom('u', 'q'), text, { minKeys: 1, maxKeys: 1 }),
      withoutHeaders: fc.dictionary(headerName, fc.oneof(text, fc.constant({})), { minKeys: 1, maxKeys: 1 }),
      sourceLabels: fc.constant({ app: 'client' }),
      ignoreUriCase: fc.boolean(),
      scheme: fc.constantFrom('http', 'https').map((exact) => ({ exact })),
      authority: fc.constantFrom('s0', 's1').map((prefix) => ({ prefix })),
    }),
  },
);

const percentage = fc.constantFrom(100, 50, 12.5, 0.5).map((value) => ({ value }));
const seconds = fc.constantFrom('0.5s', '2s', '10s');

const fault = some({
  delay: fc.record({ percentage, fixedDelay: seconds }),
  abort: fc.record({ percentage, httpStatus: fc.constantFrom(400, 503, 504) }),
});

const rewrite = fc.oneof(
  some({ uri: fc.constantFrom('/', '/new', '/new/'), authority: fc.constantFrom('other.test') }),
  fc.constantFrom<JsonObject>({ uriRegexRewrite: { match: '^/items/([0-9]+)', rewrite: '/i/\\1' } }),
);

const retries = fc.oneof(
  fc.constant<JsonObject>({ attempts: 0 }),
  fc.record({
    attempts: fc.integer({ min: 1, max: 4 }),
    perTryTimeout: seconds,
    retryOn: fc.constantFrom('5xx', '5xx,503,reset', 'gateway-error'),
  }),
  fc.record({ attempts: fc.integer({ min: 1, max: 4 }) }),
);

const headers = fc.record({
  request: some({
    set: fc.constant({ 'x-set': 'one' }),
    add: fc.constant({ 'x-add': 'two' }),
    remove: fc.constant(['x-gone', 'x-lost']),
  }),
});

/** Where generated rules may send to. */
interface Targets {
  readonly to: readonly string[];
  /** The one of them that has the subsets v1 and v2. */
  readonly versioned?: string;
}

function destination({ to, versioned }: Targets): fc.Arbitrary<JsonObject> {
  const whole = fc.constantFrom(...to).map((host) => ({ host }));
  if (versioned === undefined) return whole;
  const version = fc.constantFrom('v1', 'v2').map((subset) => ({ host: versioned, subset }));
  return fc.oneof(version, whole);
}

function routes(targets: Targets): fc.Arbitrary<JsonObject[]> {
  const one = destination(targets).map((destination) => ({ destination }));
  const split = fc
    .constantFrom([90, 10], [50, 50], [100, 0], [1, 2])
    .chain((weights) =>
      fc.tuple(...weights.map((weight) => destination(targets).map((destination) => ({ destination, weight })))),
    );
  return fc.oneof(
    one.map((route) => [route]),
    split,
  );
}

function action(targets: Targets): fc.Arbitrary<JsonObject> {
  const mirrors = destination(targets).chain((mirror) => percentage.map((mirrorPercentage) => ({ mirror, mirrorPercentage })));
  const mirrorList = fc
    .array(fc.record({ destination: destination(targets), percentage }), { minLength: 1, maxLength: 2 })
    .map((list) => ({ mirrors: list }));
  const more = some({ timeout: seconds, retries, fault, rewrite, headers });
  const extra = fc.oneof(fc.constant({}), more, mirrors, mirrorList);
  const routed = fc.tuple(routes(targets), extra).map(([route, options]) => ({ route, ...options }));
  const redirect = some({
    uri: fc.constantFrom('/moved', '/'),
    authority: fc.constant('moved.test'),
    redirectCode: fc.constantFrom(301, 302, 307, 308),
    scheme: fc.constant('https'),
    port: fc.constant(8443),
  })
    .filter((made) => Object.keys(made).some((key) => key !== 'redirectCode'))
    .map((made) => ({ redirect: made }));
  const direct = fc
    .record({ status: fc.constantFrom(200, 404, 503) })
    .chain((status) =>
      fc.constantFrom({ ...status }, { ...status, body: { string: 'closed' } }).map((directResponse) => ({ directResponse })),
    );
  return fc.oneof({ weight: 6, arbitrary: routed }, { weight: 1, arbitrary: redirect }, { weight: 1, arbitrary: direct });
}

/** The rules of one VirtualService: one to five, those before the last with a match. */
export function httpRules(targets: Targets): fc.Arbitrary<JsonObject[]> {
  const matches = fc.array(match, { minLength: 1, maxLength: 2 });
  const rule = fc.tuple(matches, action(targets)).map(([match, does]) => ({ match, ...does }));
  const last = fc.oneof(rule, action(targets));
  return fc
    .tuple(fc.array(rule, { minLength: 0, maxLength: 4 }), last)
    .map(([rules, end]) => [...rules, end].map((one, i) => ({ ...(i % 2 === 0 && { name: `rule-${i}` }), ...one })));
}
