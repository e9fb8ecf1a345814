import { describe, expect, it } from 'vitest';
import type { TrafficRequest } from '../constructs/proof/explain/index.ts';
import { ask, deployment, object, service, toReviews, virtualService } from './explain-world.ts';

const policy = (name: string, spec: string, namespace = 'shop') =>
  object('security.istio.io/v1', 'AuthorizationPolicy', name, spec, namespace);
const allows = (rule: string, request: Partial<TrafficRequest> = {}, ...more: string[]) =>
  ask({ ...toReviews, ...request }, policy('p', `{rules: [${rule}]}`), ...more).allowed;

describe('whether authorization lets a request pass', () => {
  it('does without policies, refuses all with an empty one', () => {
    expect(ask(toReviews).allowed).toBe(true);
    expect(ask(toReviews, policy('none', '{}')).allowed).toBe(false);
    expect(ask(toReviews, policy('all', '{rules: [{}]}')).allowed).toBe(true);
    expect(ask(toReviews, policy('none', '{}', 'other')).allowed).toBe(true);
    expect(ask(toReviews, policy('none', '{}', 'istio-system')).allowed).toBe(false);
  });

  it.each<[string, Partial<TrafficRequest>, boolean | 'unknown']>([
    ['{to: [{operation: {methods: [GET]}}]}', {}, true],
    ['{to: [{operation: {methods: [POST]}}]}', {}, false],
    ['{to: [{operation: {paths: [/a*]}}]}', { path: '/abc?x' }, true],
    ['{to: [{operation: {paths: ["*.html"]}}]}', { path: '/a.html' }, true],
    ['{to: [{operation: {paths: [/a]}}]}', { path: '/ab' }, false],
    ['{to: [{operation: {paths: ["/a/{*}/c"]}}]}', { path: '/a/b/c' }, true],
    ['{to: [{operation: {paths: ["/a/{*}/c"]}}]}', { path: '/a/b/b/c' }, false],
    ['{to: [{operation: {paths: ["/a/{**}"]}}]}', { path: '/a/b/b/c' }, true],
    ['{to: [{operation: {notPaths: [/a]}}]}', { path: '/a' }, false],
    ['{to: [{operation: {hosts: ["REVIEWS:*"]}}]}', {}, true],
    ['{to: [{operation: {ports: ["9080"]}}]}', {}, true],
    ['{to: [{operation: {ports: ["80"]}}]}', {}, false],
    ['{to: [{operation: {methods: [GET], paths: [/x]}}]}', {}, false],
    ['{to: [{operation: {methods: [POST]}}, {operation: {paths: [/]}}]}', {}, true],
    ['{from: [{source: {namespaces: [shop]}}]}', {}, true],
    ['{from: [{source: {namespaces: [other]}}]}', {}, false],
    ['{from: [{source: {notNamespaces: [shop]}}]}', {}, false],
    ['{from: [{source: {principals: [cluster.local/ns/shop/sa/curl]}}]}', {}, true],
    ['{from: [{source: {principals: ["*/ns/shop/sa/curl"]}}]}', {}, true],
    ['{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}', {}, false],
    ['{from: [{source: {serviceAccounts: [curl]}}]}', {}, true],
    ['{from: [{source: {serviceAccounts: [shop/web]}}]}', {}, false],
    ['{from: [{source: {requestPrincipals: ["*"]}}]}', {}, false],
    ['{from: [{source: {requestPrincipals: ["*"]}}]}', { headers: { Authorization: 'Bearer x' } }, 'unknown'],
    ['{from: [{source: {ipBlocks: [10.0.0.0/8]}}]}', {}, 'unknown'],
    ['{when: [{key: "request.headers[x-a]", values: ["1*"]}]}', { headers: { 'X-A': '12' } }, true],
    ['{when: [{key: "request.headers[x-a]", values: ["1*"]}]}', {}, false],
    ['{when: [{key: "request.headers[x-a]", notValues: ["1"]}]}', {}, true],
    ['{when: [{key: source.namespace, values: [shop]}]}', {}, true],
    ['{when: [{key: destination.port, values: ["9080"]}]}', {}, true],
    ['{when: [{key: remote.ip, values: ["10.0.0.1"]}]}', {}, 'unknown'],
  ])('%s and %j: %s', (rule, request, expected) => {
    expect(allows(rule, request)).toBe(expected);
  });

  it('does not know who asks when nobody is named', () => {
    const { from: _, ...anybody } = toReviews;
    expect(ask(anybody, policy('p', '{rules: [{from: [{source: {namespaces: [other]}}]}]}')).allowed).toBe('unknown');
  });

  it('knows no identity without mTLS', () => {
    const off = object('security.istio.io/v1', 'PeerAuthentication', 'default', '{mtls: {mode: DISABLE}}');
    expect(allows('{from: [{source: {namespaces: [shop]}}]}', {}, off)).toBe(false);
    expect(allows('{from: [{source: {notNamespaces: [other]}}]}', {}, off)).toBe(true);
  });

  it('asks DENY before ALLOW, and others before both', () => {
    const deny = policy('deny', '{action: DENY, rules: [{to: [{operation: {methods: [GET]}}]}]}');
    const allow = policy('allow', '{rules: [{}]}');
    const answer = ask(toReviews, allow, deny);
    expect(answer.allowed).toBe(false);
    expect(answer.reasons).toContain('AuthorizationPolicy/shop/deny denies it at Deployment/shop/reviews-v1');
    expect(ask({ ...toReviews, method: 'POST' }, allow, deny).allowed).toBe(true);
    const custom = policy('custom', '{action: CUSTOM, provider: {name: p}, rules: [{}]}');
    expect(ask(toReviews, allow, custom).allowed).toBe('unknown');
    expect(ask({ ...toReviews, method: 'POST' }, policy('audit', '{action: AUDIT, rules: [{}]}')).allowed).toBe(true);
  });

  it('reads, on plain connections, what only HTTP tells as Istio does: DENY without it, ALLOW never', () => {
    const tcp = service('db', 'shop', '{name: tcp, port: 5432}');
    const asked = { ...toReviews, host: 'db', port: 5432 };
    const only = (action: string) =>
      policy('p', `{action: ${action}, rules: [{to: [{operation: {methods: [POST], ports: ["5432"]}}]}]}`);
    const pods = deployment('db', 'v1', 'shop');
    expect(ask(asked, tcp, pods, only('ALLOW')).allowed).toBe(false);
    expect(ask(asked, tcp, pods, only('DENY')).allowed).toBe(false);
    expect(ask(asked, tcp, pods, only('DENY').replace('5432', '1')).allowed).toBe(true);
  });

  it('differs between versions', () => {
    const v2 = policy('v2', '{selector: {matchLabels: {version: v2}}}');
    expect(ask(toReviews, v2).allowed).toBe('unknown');
    const table = virtualService('v', '{hosts: [reviews], http: [{route: [{destination: {host: reviews, subset: v1}}]}]}');
    expect(ask(toReviews, v2, table).allowed).toBe(true);
  });

  it('sees the path and the headers that the route makes', () => {
    const table = virtualService(
      'v',
      '{hosts: [reviews], http: [{match: [{uri: {prefix: /a}}], rewrite: {uri: /b}, headers: {request: {set: {x-a: "1"}}}, route: [{destination: {host: reviews}}]}]}',
    );
    const rule = '{to: [{operation: {paths: [/b/c]}}], when: [{key: "request.headers[x-a]", values: ["1"]}]}';
    expect(allows(rule, { path: '/a/c' }, table)).toBe(true);
  });

  it('is asked at the gateway too', () => {
    const gateway = object(
      'networking.istio.io/v1',
      'Gateway',
      'front',
      '{selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [shop.test]}]}',
    );
    const table = virtualService(
      'v',
      '{hosts: [shop.test], gateways: [front], http: [{route: [{destination: {host: reviews}}]}]}',
    );
    const asked = { host: 'shop.test', gateway: { namespace: 'shop', name: 'front' } };
    const deny = policy(
      'deny',
      '{selector: {matchLabels: {istio: ingressgateway}}, action: DENY, rules: [{to: [{operation: {paths: [/admin*]}}]}]}',
      'istio-system',
    );
    expect(ask({ ...asked, path: '/admin' }, gateway, table, deny).allowed).toBe(false);
    expect(ask(asked, gateway, table, deny).allowed).toBe(true);
    const fromGateway = policy('in', '{rules: [{from: [{source: {namespaces: [istio-system]}}]}]}');
    expect(ask(asked, gateway, table, fromGateway).allowed).toBe(true);
    const account = (name: string) =>
      policy('in', `{rules: [{from: [{source: {principals: [cluster.local/ns/istio-system/sa/${name}]}}]}]}`);
    expect(ask(asked, gateway, table, account('istio-ingressgateway-service-account')).allowed).toBe(true);
    expect(ask(asked, gateway, table, account('other')).allowed).toBe(false);
  });
});
