import { describe, expect, it } from 'vitest';
import type { DestinationVersion } from '../constructs/kit/index.ts';
import { type HttpMatch, HttpRoutes, type HttpRoutesProps, type HttpRule, split } from '../constructs/mesh/index.ts';
import { istioEntrance, shop } from './support/routes.ts';

const { reviews, ratings, many, mongo } = shop();
const { v1, v2 } = reviews.versions;

const routes =
  (...rules: HttpRule[]) =>
  () =>
    new HttpRoutes(shop().layer, 'r', { of: reviews, rules } as unknown as HttpRoutesProps<'istio'>);
const forward = (options: object) => routes({ to: v1, ...options });
const when = (match: HttpMatch) => routes({ when: match, to: v1 });
const any = (props: object) => () => new HttpRoutes(shop().layer, 'r', props as HttpRoutesProps<'istio'>);
const ghost = (version: string): DestinationVersion => ({ of: reviews, version, selector: { app: 'reviews', version } });

/** What is wrong, the program that says it, and what the message must say. */
const refused: [what: string, make: () => unknown, message: string][] = [
  ['neither of nor at', any({ rules: [{ to: v1 }] }), "routes 'shop/r' have neither 'of' nor 'at'"],
  ['both of and at', any({ of: reviews, at: istioEntrance, rules: [{ to: v1 }] }), "have both 'of' and 'at'"],
  ['no rules', routes(), "routes 'shop/r' have no rules"],
  [
    'a name that is none',
    any({ of: reviews, name: 'My Routes', rules: [{ to: v1 }] }),
    'name of routes \'shop/r\' is "My Routes"',
  ],
  [
    'a version that nobody has',
    forward({ to: ghost('v22') }),
    'version "v22" of reviews.shop, which has v1, v2, v3: did you mean "v2"?',
  ],
  [
    'another one’s version',
    forward({ to: ratings.versions.v1 }),
    'sends to ratings.shop v1, but routes requests for reviews.shop',
  ],
  [
    'two defaults',
    routes({ name: 'all', to: v1 }, { name: 'none', to: v2 }),
    "rule 'all' of 'shop/r' takes every request, so rule 'none' of 'shop/r' never gets one",
  ],
  [
    'a default in other words',
    routes({ when: [{ path: { exact: '/a' } }, { path: { prefix: '/' } }], to: v1 }, { to: v2 }),
    "rule 1 of 'shop/r' takes every request, so rule 2",
  ],
  ['two rules of one name', routes({ name: 'a', when: { method: 'GET' }, to: v1 }, { name: 'a', to: v1 }), "two rules named 'a'"],
  [
    'a match twice',
    routes({ name: 'a', when: { headers: { a: '1' } }, to: v1 }, { when: [{ method: 'GET' }, { headers: { A: '1' } }], to: v2 }),
    "rule 2 of 'shop/r' has a match that rule 'a' of 'shop/r' has already",
  ],
  ['a rule’s name that is none', forward({ name: 'A b' }), 'name of rule'],
  ['nothing to do', forward({ to: undefined }), "has 0 of 'to', 'redirect' and 'respond'"],
  ['two things to do', forward({ respond: { status: 200 } }), "has 2 of 'to', 'redirect' and 'respond'"],
  // Matches.
  ['an empty match', when({}), "rule 1 of 'shop/r' has an empty match"],
  ['a match of no headers', when({ headers: {} }), 'has an empty match'],
  ['an empty list of matches', forward({ when: [] }), 'has an empty list of matches'],
  ['an empty list of methods', forward({ when: { method: [] } }), 'has an empty list of methods'],
  ['a method twice', when({ method: ['GET', 'GET'] }), 'names method GET twice'],
  ['a regex that RE2 cannot read', when({ path: { regex: '/(?=a)' } }), 'which RE2 cannot read'],
  ['a shell pattern', when({ headers: { a: { regex: '*' } } }), "'.*' stands for any text"],
  ['an endless regex', when({ query: { a: { regex: 'a'.repeat(1025) } } }), 'is a regex of 1025 characters'],
  ['an empty value', when({ headers: { a: '' } }), 'is empty'],
  ['no way to look', forward({ when: { path: {} } }), 'says nothing: give one of exact, under, prefix, regex'],
  ['two ways to look', forward({ when: { path: { exact: '/a', prefix: '/b' } } }), 'says exact and prefix'],
  ['a header twice', when({ headers: { A: '1', a: '2' } }), "names 'a' twice"],
  ['a header’s name that is none', when({ headers: { 'a b': '1' } }), 'names header "a b"'],
  ['a path without its slash', when({ path: { prefix: 'static' } }), "begins with '/'"],
  ['a path with a query', when({ path: { exact: '/a?b=c' } }), 'without query'],
  ['a path that is never asked for', when({ path: { exact: '/a/../b' } }), "parts '.' and '..'"],
  ['a port inside the mesh', when({ port: 9080 }), "matches by 'port', which is for entrances"],
  [
    'a sender at an entrance',
    any({ at: istioEntrance, rules: [{ when: { from: ratings.versions.v1 }, to: v1 }] }),
    'at an entrance the sender is the gateway',
  ],
  // Ports.
  [
    'a port that is not named',
    any({ of: many, rules: [{ to: many }] }),
    'must name the port, because many.shop has several that speak HTTP: http (80), http-admin (8080), grpc (9090)',
  ],
  [
    'a port that is not there',
    any({ of: many, port: 'htp', rules: [{ to: many }] }),
    'names port "htp" of many.shop, which has: http (80), http-admin (8080), grpc (9090), tls (8443): did you mean "http"?',
  ],
  ['a port of TLS', any({ of: many, port: 8443, rules: [{ to: many }] }), 'port tls (8443) of many.shop speaks tls'],
  [
    'a destination of TCP',
    any({ of: mongo, rules: [{ to: mongo }] }),
    'mongo.shop has no port that speaks http, http2, grpc, grpc-web; its ports are: mongo (27017, mongo)',
  ],
  ['an unnamed port of the target', any({ at: istioEntrance, rules: [{ to: many }] }), "rule 1 of 'shop/r' must name the port"],
  // Times and shares.
  ['no time', forward({ timeoutSeconds: 0 }), "timeoutSeconds of rule 1 of 'shop/r' is 0"],
  ['a time below zero', forward({ timeoutSeconds: -1 }), 'is -1'],
  ['a time finer than milliseconds', forward({ timeoutSeconds: 0.0005 }), 'in whole milliseconds'],
  ['no number', forward({ timeoutSeconds: Number.NaN }), 'is NaN'],
  [
    'a timeout before the tries end',
    forward({ timeoutSeconds: 5, retries: { attempts: 3, perTryTimeoutSeconds: 2 } }),
    'ends after 5 s, before its 3 retries of 2 s: give timeoutSeconds 6 or more',
  ],
  ['no attempts', forward({ retries: { attempts: 0 } }), "give retries: 'none'"],
  ['half an attempt', forward({ retries: { attempts: 1.5 } }), 'attempts of rule 1'],
  ['a status that is no error', forward({ retries: { attempts: 1, on: [200] } }), 'retries on status 200'],
  ['an empty list to retry on', forward({ retries: { attempts: 1, on: [] } }), 'an empty list of errors'],
  ['an empty fault', forward({ fault: {} }), "fault of rule 1 of 'shop/r' is empty"],
  ['a share above 100', forward({ fault: { abort: { status: 500, percent: 101 } } }), 'is 101: allowed are 0.0001 to 100'],
  ['a share of nothing', forward({ fault: { delay: { seconds: 1, percent: 0 } } }), 'is 0: allowed are 0.0001 to 100'],
  ['a mirror’s share', forward({ mirror: { to: v2, percent: -1 } }), "percent of the mirror of rule 1 of 'shop/r' is -1"],
  ['a status that is none', forward({ fault: { abort: { status: 99 } } }), 'allowed are 200 to 599'],
  ['two aborts', forward({ fault: { abort: { status: 500, grpcStatus: 'INTERNAL' } } }), 'one of status and grpcStatus'],
  ['an answer’s status', routes({ respond: { status: 600 } }), 'is 600'],
  ['an answer too long', routes({ respond: { status: 200, body: 'ä'.repeat(600_000) } }), 'larger than 1 MB'],
  // Circles.
  ['a mirror to itself', forward({ mirror: { to: v1 } }), 'mirrors to reviews.shop v1, where its requests go already'],
  ['a redirect that changes nothing', routes({ redirect: { code: 302 } }), 'leads back to where the request came from'],
  ['a redirect to itself', routes({ when: { path: { prefix: '/a' } }, redirect: { path: '/a/b' } }), 'go round in circles'],
  [
    'a PUT to itself',
    routes({ when: { method: 'PUT', path: { exact: '/a' } }, redirect: { path: '/a' } }),
    'go round in circles',
  ],
  ['a redirect to its own host', routes({ redirect: { host: 'reviews', port: 9080 } }), 'go round in circles'],
  [
    'a redirect to the host of the entrance',
    any({ at: { ...istioEntrance, host: '*.mesh.test' }, rules: [{ redirect: { host: 'a.mesh.test' } }] }),
    'go round in circles',
  ],
  // Changes.
  [
    'two ways to rewrite',
    forward({ when: { path: { prefix: '/a' } }, rewrite: { path: '/b', prefix: '/c' } }),
    'path and prefix',
  ],
  ['an empty rewrite', forward({ rewrite: {} }), "rewrite of rule 1 of 'shop/r' is empty"],
  ['a prefix of no match', forward({ rewrite: { prefix: '/b' } }), 'every match must name the same path'],
  [
    'a prefix of two paths',
    forward({ when: [{ path: { prefix: '/a' } }, { path: { prefix: '/b' } }], rewrite: { prefix: '/c' } }),
    'every match must name the same path',
  ],
  [
    'a doubled slash',
    forward({ when: { path: { prefix: '/api' } }, rewrite: { prefix: '/' } }),
    'match { under: "/api" } instead',
  ],
  [
    'all paths replaced',
    forward({ when: { path: { under: '/' } }, rewrite: { prefix: '/a' } }),
    "replaces '/', which every path begins with",
  ],
  ['a host with its scheme', forward({ rewrite: { host: 'http://a' } }), 'without scheme'],
  ['a header that is the host', forward({ headers: { request: { set: { Host: 'a' } } } }), 'use rewrite: { host }'],
  ['a pseudo header', forward({ headers: { request: { remove: [':path'] } } }), 'names header ":path"'],
  ['a header changed twice', forward({ headers: { request: { set: { A: '1', a: '2' } } } }), "name 'a' twice"],
  ['headers that stay', forward({ headers: { response: {} } }), 'change nothing'],
  ['a lonely percent sign', forward({ headers: { request: { add: { a: '100%' } } } }), "write '%%'"],
  ['a line break', forward({ headers: { request: { add: { a: 'b\nc' } } } }), 'control characters'],
  ['an origin that is none', forward({ cors: { allowOrigins: ['shop.mesh.test'] } }), 'a scheme and a host'],
  ['no origin', forward({ cors: { allowOrigins: [] } }), 'allows no origin'],
  ['half a second', forward({ cors: { allowOrigins: ['https://a.test'], maxAgeSeconds: 0.5 } }), 'whole seconds'],
  [
    'a redirect by prefix in Istio',
    forward({ to: undefined, when: { path: { under: '/a' } }, redirect: { prefix: '/b' } }),
    'Istio 1.30 cannot',
  ],
];

describe('HttpRoutes refuses', () => {
  it.each(refused)('%s', (_, make, message) => {
    expect(make).toThrow(message);
    expect(make).toThrow(expect.objectContaining({ name: 'UserError' }));
  });
});

describe('HttpRoutes lets pass', () => {
  const passed: [what: string, make: () => unknown][] = [
    ['a redirect to another path', routes({ when: { path: { exact: '/' } }, redirect: { path: '/productpage' } })],
    ['a redirect to https', any({ at: istioEntrance, rules: [{ redirect: { scheme: 'https' } }] })],
    ['a redirect to another port', routes({ redirect: { port: 8080 } })],
    [
      'a redirect of a form',
      routes({ when: { method: 'POST', path: { exact: '/a' } }, redirect: { path: '/a', code: 303 } }, { to: v1 }),
    ],
    ['a mirror of a split to one of its versions', routes({ to: split([v1, 50], [v2, 50]), mirror: { to: v2 } })],
    ['another destination as a whole', routes({ to: ratings })],
    ['a longer timeout than the tries need', forward({ timeoutSeconds: 6, retries: { attempts: 3, perTryTimeoutSeconds: 2 } })],
    ['a percent sign, doubled', forward({ headers: { request: { add: { a: '100%%' } } } })],
  ];
  it.each(passed)('%s', (_, make) => {
    expect(make).not.toThrow();
  });
});
