import { describe, expect, it } from 'vitest';
import type { TrafficRequest } from '../constructs/proof/explain/index.ts';
import { ask, askIn, shop, toReviews, virtualService } from './explain-world.ts';
import { replaced } from './proof-world.ts';

/** Which of two rules takes a request: the one with the condition, or the one behind it without. */
function taken(condition: string, request: Partial<TrafficRequest>): string {
  const table = virtualService(
    'reviews',
    `{hosts: [reviews], http: [
      {name: first, match: [${condition}], route: [{destination: {host: reviews, subset: v1}}]},
      {name: rest, route: [{destination: {host: reviews, subset: v2}}]}]}`,
  );
  const { matched } = ask({ ...toReviews, ...request }, table);
  return matched?.rule ?? 'none';
}

describe('conditions of a rule', () => {
  it.each<[string, Partial<TrafficRequest>, string]>([
    ['{uri: {exact: /a}}', { path: '/a?x=1' }, 'first'],
    ['{uri: {exact: /a}}', { path: '/a/' }, 'rest'],
    ['{uri: {exact: /A}}', { path: '/a' }, 'rest'],
    ['{uri: {exact: /A}, ignoreUriCase: true}', { path: '/a' }, 'first'],
    // A prefix of a VirtualService is one of characters, not of segments.
    ['{uri: {prefix: /a}}', { path: '/abc' }, 'first'],
    ['{uri: {prefix: /A}, ignoreUriCase: true}', { path: '/abc' }, 'first'],
    // The whole path must match, without the query.
    ['{uri: {regex: "/a[0-9]+"}}', { path: '/a12?b' }, 'first'],
    ['{uri: {regex: "/a[0-9]+"}}', { path: '/a12/b' }, 'rest'],
    // RE2's own syntax, which JavaScript does not have.
    ['{uri: {regex: "(?i)/A.*"}}', { path: '/abc' }, 'first'],
    ['{uri: {regex: "/("}}', { path: '/(' }, 'rest'],
    ['{method: {exact: POST}}', { method: 'post' }, 'first'],
    ['{method: {exact: POST}}', {}, 'rest'],
    ['{headers: {End-User: {exact: jason}}}', { headers: { 'end-user': 'jason' } }, 'first'],
    ['{headers: {end-user: {exact: jason}}}', { headers: { 'End-User': 'Jason' } }, 'rest'],
    ['{headers: {end-user: {prefix: ja}}}', { headers: { 'end-user': 'jason' } }, 'first'],
    ['{headers: {end-user: {}}}', { headers: { 'end-user': '' } }, 'first'],
    ['{headers: {end-user: {regex: "*"}}}', {}, 'rest'],
    ['{withoutHeaders: {end-user: {}}}', {}, 'first'],
    ['{withoutHeaders: {end-user: {}}}', { headers: { 'end-user': 'jason' } }, 'rest'],
    ['{withoutHeaders: {end-user: {exact: jason}}}', {}, 'first'],
    ['{withoutHeaders: {end-user: {exact: jason}}}', { headers: { 'end-user': 'jason' } }, 'rest'],
    // An absent header counts as empty, and ".*" takes the empty text.
    ['{withoutHeaders: {end-user: {regex: ".*"}}}', {}, 'rest'],
    ['{queryParams: {v: {exact: "2"}}}', { path: '/?v=2&v=3' }, 'first'],
    ['{queryParams: {v: {exact: "2"}}}', { path: '/?w=2' }, 'rest'],
    ['{queryParams: {v: {regex: "[12]"}}}', { path: '/x?v=1' }, 'first'],
    // Clients put a port that is not the usual one into the Host header.
    ['{authority: {exact: "reviews:9080"}}', {}, 'first'],
    ['{authority: {exact: reviews}}', {}, 'rest'],
    ['{authority: {prefix: reviews}}', {}, 'first'],
    ['{scheme: {exact: http}}', {}, 'first'],
    ['{port: 9080}', {}, 'first'],
    ['{port: 80}', {}, 'rest'],
    ['{sourceLabels: {app: curl}}', {}, 'first'],
    ['{sourceLabels: {app: web}}', {}, 'rest'],
    ['{sourceNamespace: shop}', {}, 'first'],
    ['{sourceNamespace: other}', {}, 'rest'],
    ['{gateways: [mesh], sourceLabels: {app: web}}', {}, 'first'],
    ['{gateways: [front]}', {}, 'rest'],
    // All conditions of one entry must hold, and one entry of several is enough.
    ['{uri: {prefix: /a}, method: {exact: POST}}', { path: '/a' }, 'rest'],
    ['{uri: {prefix: /b}}, {uri: {prefix: /a}}', { path: '/a' }, 'first'],
  ])('%s and %j: %s', (condition, request, rule) => {
    expect(taken(condition, request)).toBe(rule);
  });

  it.each([
    ['/x/../a', '', 'first'],
    ['/./a?x=/..', '', 'first'],
    ['/%61', '', 'first'],
    ['/a/..', '', 'rest'],
    ['//a', '', 'rest'],
    ['//a', 'MERGE_SLASHES', 'first'],
    ['%2Fa', 'DECODE_AND_MERGE_SLASHES', 'first'],
    ['/x/../a', 'NONE', 'rest'],
  ])('reads %s, normalized by %s, as Envoy does: %s', (path, normalization, rule) => {
    const table = virtualService(
      'reviews',
      '{hosts: [reviews], http: [{name: first, match: [{uri: {exact: /a}}], route: [{destination: {host: reviews}}]}, {name: rest, route: [{destination: {host: reviews}}]}]}',
    );
    const mesh = normalization === '' ? 'meshConfig: {}' : `meshConfig: {pathNormalization: {normalization: ${normalization}}}`;
    const world = `${replaced(shop, 'meshConfig: {}', mesh)}\n---\n${table}`;
    expect(askIn(world, { ...toReviews, path: path.startsWith('/') ? path : `/${path}` }).matched?.rule).toBe(rule);
  });

  it('takes the first rule that matches, not the nearest', () => {
    const table = virtualService(
      'reviews',
      `{hosts: [reviews], http: [
        {match: [{uri: {prefix: /}}], route: [{destination: {host: reviews, subset: v1}}]},
        {match: [{uri: {exact: /a}}], route: [{destination: {host: reviews, subset: v2}}]}]}`,
    );
    expect(ask({ ...toReviews, path: '/a' }, table).matched).toEqual({ object: 'VirtualService/shop/reviews', rule: 'http[0]' });
  });

  it('says why the rules before did not match', () => {
    const table = virtualService(
      'reviews',
      '{hosts: [reviews], http: [{match: [{headers: {end-user: {exact: jason}}}], route: [{destination: {host: reviews}}]}]}',
    );
    const answer = ask(toReviews, table);
    expect(answer.outcome).toBe('notfound');
    expect(answer.reasons).toContain('rule http[0] does not match: there is no header end-user');
  });
});
