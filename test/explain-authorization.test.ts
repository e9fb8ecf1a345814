import { describe, expect, it } from 'vitest';
import type { TrafficRequest } from '../constructs/proof/explain/index.ts';
import { ask, askIn, deployment, httpRoute, object, service, shop, toReviews, virtualService } from './explain-world.ts';

const policy = (name: string, spec: string, namespace = 'shop') =>
  object('security.istio.io/v1', 'AuthorizationPolicy', name, spec, namespace);
const from = (source: string) => `{rules: [{from: [{source: {${source}}}]}]}`;
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
    ['{from: [{source: {serviceAccounts: [curl]}}]}', { host: 'reviews.shop', from: { namespace: 'other', app: 'curl' } }, false],
    [
      '{when: [{key: source.serviceAccount, values: [curl]}]}',
      { host: 'reviews.shop', from: { namespace: 'other', app: 'curl' } },
      false,
    ],
    [
      '{from: [{source: {serviceAccounts: [other/curl]}}]}',
      { host: 'reviews.shop', from: { namespace: 'other', app: 'curl' } },
      true,
    ],
    ['{from: [{source: {namespaces: ["s*p"]}}]}', {}, true],
    ['{from: [{source: {namespaces: ["s*x"]}}]}', {}, false],
    ['{from: [{source: {principals: [old.example/ns/shop/sa/curl]}}]}', {}, false],
    ['{from: [{source: {trustDomains: [cluster.local]}}]}', {}, true],
    ['{from: [{source: {trustDomains: [old.example]}}]}', {}, false],
    ['{from: [{source: {notTrustDomains: ["cluster.*"]}}]}', {}, false],
    ['{when: [{key: source.trustDomain, values: [old.example]}]}', {}, false],
    ['{from: [{source: {requestPrincipals: ["*"]}}]}', {}, false],
    ['{from: [{source: {requestPrincipals: ["*"]}}]}', { headers: { Authorization: 'Bearer x' } }, 'unknown'],
    ['{from: [{source: {ipBlocks: [10.0.0.0/8]}}]}', {}, 'unknown'],
    ['{when: [{key: "request.headers[x-a]", values: ["1*"]}]}', { headers: { 'X-A': '12' } }, true],
    ['{when: [{key: "request.headers[x-a]", values: ["1*"]}]}', {}, false],
    ['{when: [{key: "request.headers[x-a]", notValues: ["1"]}]}', {}, true],
    ['{when: [{key: "request.headers[x-a]", values: ["*"]}]}', { headers: { 'x-a': '' } }, true],
    ['{when: [{key: "request.headers[:method]", values: [POST]}]}', { method: 'POST' }, true],
    ['{when: [{key: "request.headers[:path]", values: ["/a?b*"]}]}', { path: '/a?b=c' }, true],
    ['{when: [{key: "request.headers[Host]", values: ["reviews*"]}]}', {}, true],
    ['{when: [{key: "request.auth.claims[group]", values: [a]}]}', {}, false],
    ['{when: [{key: "request.auth.claims[group]", values: [a]}]}', { path: '/?access_token=x' }, 'unknown'],
    ['{when: [{key: source.namespace, values: [shop]}]}', {}, true],
    ['{when: [{key: destination.port, values: ["9080"]}]}', {}, true],
    ['{when: [{key: remote.ip, values: ["10.0.0.1"]}]}', {}, 'unknown'],
  ])('%s and %j: %s', (rule, request, expected) => {
    expect(allows(rule, request)).toBe(expected);
  });

  // pilot/pkg/security/trustdomain/bundle.go: an alias and cluster.local stand for all trust domains of the mesh, in whole principals.
  it.each<[string, string, boolean]>([
    ['{trustDomain: new, trustDomainAliases: [old]}', 'old/ns/shop/sa/curl', true],
    ['{trustDomain: new, trustDomainAliases: [old]}', 'cluster.local/ns/shop/sa/curl', true],
    ['{trustDomain: new, trustDomainAliases: [old]}', 'other/ns/shop/sa/curl', false],
    ['{trustDomain: new}', 'cluster.local/ns/shop/*', false],
    ['{trustDomain: new}', 'new/ns/shop/*', true],
  ])('in a mesh with %s, for principal %s: %s', (mesh, principal, expected) => {
    const world = [shop.replace('meshConfig: {}', `meshConfig: ${mesh}`), policy('p', from(`principals: ["${principal}"]`))];
    expect(askIn(world.join('\n---\n'), toReviews).allowed).toBe(expected);
  });

  it('does not know what is in a token, wherever a RequestAuthentication takes it from', () => {
    const rule = '{from: [{source: {requestPrincipals: ["*"]}}]}';
    const jwt = object(
      'security.istio.io/v1',
      'RequestAuthentication',
      'jwt',
      '{jwtRules: [{issuer: i, fromHeaders: [{name: X-Token}], fromParams: [token]}]}',
    );
    expect(allows(rule, { headers: { 'x-token': 'a' } }, jwt)).toBe('unknown');
    expect(allows(rule, { path: '/?token=a' }, jwt)).toBe('unknown');
    expect(allows(rule, { headers: { 'x-token': 'a' } })).toBe(false);
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
    // pilot/pkg/security/authz/builder: rules of CUSTOM are written as those of DENY.
    expect(ask(asked, tcp, pods, only('CUSTOM')).allowed).toBe('unknown');
    expect(ask(asked, tcp, pods, only('CUSTOM').replace('5432', '1')).allowed).toBe(true);
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

  // pilot/pkg/model/policyattachment.go: a policy and the Gateway that it names are in one namespace.
  it('passes over a policy for a Gateway of another namespace', () => {
    const listener = '{name: http, port: 80, protocol: HTTP, allowedRoutes: {namespaces: {from: All}}}';
    const gateway = object(
      'gateway.networking.k8s.io/v1',
      'Gateway',
      'door',
      `{gatewayClassName: istio, listeners: [${listener}]}`,
    );
    const route = httpRoute('r', '{parentRefs: [{name: door}], rules: [{backendRefs: [{name: reviews, port: 9080}]}]}');
    const asked = { host: 'shop.test', gateway: { namespace: 'shop', name: 'door' } };
    const target = '{group: gateway.networking.k8s.io, kind: Gateway, name: door}';
    const deny = (namespace: string) => policy('deny', `{targetRefs: [${target}], action: DENY, rules: [{}]}`, namespace);
    expect(ask(asked, gateway, route, deny('shop')).allowed).toBe(false);
    expect(ask(asked, gateway, route, deny('istio-system')).allowed).toBe(true);
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

  it('leaves what a waypoint asks open', () => {
    const ambient = shop.replace(
      '{name: shop, labels: {istio-injection: enabled}}',
      '{name: shop, labels: {istio.io/dataplane-mode: ambient}}',
    );
    const waypoint = object(
      'gateway.networking.k8s.io/v1',
      'Gateway',
      'way',
      '{gatewayClassName: istio-waypoint, listeners: []}',
    );
    const said = (target: string, ...more: string[]) =>
      askIn(
        [
          ambient,
          waypoint,
          policy('p', `{targetRefs: [${target}], rules: [{to: [{operation: {methods: [PUT]}}]}]}`),
          ...more,
        ].join('\n---\n'),
        toReviews,
      );
    expect(said('{kind: Service, name: reviews}').allowed).toBe('unknown');
    expect(said('{kind: Service, name: reviews}').reasons).toContain(
      'AuthorizationPolicy/shop/p is asked by the waypoint before Deployment/shop/reviews-v1',
    );
    expect(said('{group: gateway.networking.k8s.io, kind: Gateway, name: way}').allowed).toBe('unknown');
    expect(said('{kind: Service, name: ratings}').allowed).toBe(true);
    expect(said('{group: gateway.networking.k8s.io, kind: Gateway, name: front}').allowed).toBe(true);
    // What ztunnel refuses never comes to an app, whatever the waypoint says.
    const deny = policy('deny', '{action: DENY, rules: [{}]}');
    expect(said('{kind: Service, name: reviews}', deny).allowed).toBe(false);
    // A sidecar asks no policy of a waypoint.
    expect(ask(toReviews, policy('p', '{targetRefs: [{kind: Service, name: reviews}]}')).allowed).toBe(true);
  });
});
