import { describe, expect, it } from 'vitest';
import type { TrafficRequest } from '../constructs/proof/explain/index.ts';
import { ask, askIn, legs, object, service, shop, virtualService } from './explain-world.ts';

const api = 'networking.istio.io/v1';
const server = (hosts: string, port = 80, protocol = 'HTTP', more = '') =>
  `{port: {number: ${port}, name: p-${port}-${protocol.toLowerCase()}, protocol: ${protocol}}, hosts: [${hosts}]${more}}`;
const gateway = (servers: string, name = 'front', namespace = 'shop') =>
  object(api, 'Gateway', name, `{selector: {istio: ingressgateway}, servers: [${servers}]}`, namespace);
const table = (hosts: string, http: string, more = '') =>
  virtualService('shop', `{hosts: [${hosts}], gateways: [front], http: [${http}]${more}}`);
const toReviews = '{route: [{destination: {host: reviews}}]}';
const at = (host: string, more: Partial<TrafficRequest> = {}): TrafficRequest => ({
  host,
  gateway: { namespace: 'shop', name: 'front' },
  ...more,
});

describe('the servers of a gateway', () => {
  it('route what comes for one of their hosts', () => {
    const answer = ask(at('shop.test'), gateway(server('shop.test')), table('shop.test', toReviews));
    expect(answer).toMatchObject({
      outcome: 'route',
      matched: { object: 'VirtualService/shop/shop', rule: 'http[0]' },
      mtls: 'mutual',
    });
    // Nobody names a port: the Service has only one.
    expect(legs(answer)).toEqual(['reviews.shop.svc.cluster.local - 9080 100']);
  });

  it.each([
    ["'*'", 'shop.test', 'shop.test', 'route'],
    ["'*.test'", 'shop.test', 'shop.test', 'route'],
    ["'*.test'", "'*'", 'any.test', 'route'],
    ["'*.test'", "'*'", 'any.example', 'notfound'],
    ['shop.test', 'other.test', 'shop.test', 'notfound'],
    ['shop/shop.test', 'shop.test', 'shop.test', 'route'],
    ['./shop.test', 'shop.test', 'shop.test', 'route'],
    ['other/shop.test', 'shop.test', 'shop.test', 'notfound'],
  ])('for %s and a VirtualService for %s: a request for %s is %s', (hosts, of, host, outcome) => {
    expect(ask(at(host), gateway(server(hosts)), table(of, toReviews)).outcome).toBe(outcome);
  });

  it('are not there on other ports', () => {
    const answer = ask(at('shop.test', { port: 81 }), gateway(server('shop.test')), table('shop.test', toReviews));
    expect(answer.outcome).toBe('nolistener');
  });

  it('answer 404 where no route is for the host', () => {
    expect(ask(at('shop.test'), gateway(server('shop.test'))).outcome).toBe('notfound');
    expect(ask(at('else.test'), gateway(server('shop.test')), table('shop.test', toReviews)).outcome).toBe('notfound');
  });

  it('take the virtual host nearest to the name', () => {
    const wide = virtualService(
      'a',
      `{hosts: ['*.test'], gateways: [front], http: [{name: wide, route: [{destination: {host: ratings}}]}]}`,
    );
    const near = virtualService(
      'b',
      `{hosts: [shop.test], gateways: [front], http: [{name: near, match: [{uri: {exact: /x}}], route: [{destination: {host: reviews}}]}]}`,
    );
    const all = [gateway(server("'*'")), wide, near];
    expect(ask(at('shop.test', { path: '/x' }), ...all).matched?.rule).toBe('near');
    // Only one virtual host is asked, though another would take the request.
    expect(ask(at('shop.test'), ...all).outcome).toBe('notfound');
    expect(ask(at('else.test'), ...all).matched?.rule).toBe('wide');
  });

  it('add up the rules of several VirtualServices for a host, what takes everything last', () => {
    const a = virtualService(
      'a',
      `{hosts: [shop.test], gateways: [front], http: [{name: all, route: [{destination: {host: reviews}}]}]}`,
    );
    const b = virtualService(
      'b',
      `{hosts: [shop.test], gateways: [front], http: [{name: x, match: [{uri: {prefix: /x}}], route: [{destination: {host: ratings}}]}]}`,
    );
    expect(ask(at('shop.test', { path: '/x' }), gateway(server('shop.test')), a, b).matched?.rule).toBe('x');
    expect(ask(at('shop.test'), gateway(server('shop.test')), a, b).matched?.rule).toBe('all');
  });

  it('share their pods with other Gateways that select them', () => {
    const second = gateway(server('other.test'), 'second', 'other');
    const other = virtualService(
      'o',
      `{hosts: [other.test], gateways: [second], http: [${toReviews.replace('reviews', 'ratings')}]}`,
      'other',
    );
    expect(legs(ask(at('other.test'), gateway(server('shop.test')), second, other))).toEqual([
      'ratings.other.svc.cluster.local - 9080 100',
    ]);
  });

  it('listen on the port of the pods that a port of their Service leads to', () => {
    const rules = table('shop.test', toReviews);
    expect(ask(at('shop.test'), gateway(server('shop.test', 8080)), rules).outcome).toBe('route');
    const pods = `apiVersion: apps/v1
kind: Deployment
metadata: {name: edge, namespace: other}
spec:
  selector: {matchLabels: {app: edge, istio: edge}}
  template:
    metadata: {labels: {app: edge, istio: edge}, annotations: {inject.istio.io/templates: gateway}}
    spec: {containers: [{name: istio-proxy, image: auto}]}`;
    const front = gateway(server('shop.test', 8443, 'HTTP')).replace('ingressgateway', 'edge');
    const edge = service('edge', 'other', '{name: http, port: 80, targetPort: 8443}');
    expect(ask(at('shop.test'), pods, edge, front, rules).outcome).toBe('route');
    expect(ask({ host: 'shop.test', gateway: { namespace: 'other', name: 'edge' } }, pods, edge, front, rules).outcome).toBe(
      'route',
    );
    expect(ask(at('shop.test', { port: 81 }), pods, edge, front, rules).outcome).toBe('nolistener');
  });

  it('send plain requests to https where they say so', () => {
    const plain = server('shop.test', 80, 'HTTP', ', tls: {httpsRedirect: true}');
    const answer = ask(at('shop.test', { path: '/x?y' }), gateway(plain), table('shop.test', toReviews));
    expect(answer).toMatchObject({
      outcome: 'redirect',
      matched: { object: 'Gateway/shop/front' },
      redirect: { status: 301, location: 'https://shop.test/x?y' },
    });
  });

  it('choose among TLS servers by name', () => {
    const tls = ', tls: {mode: SIMPLE, credentialName: c}';
    const both = gateway(
      `${server('shop.test', 443, 'HTTPS', tls)}, ${server("'*.wild.test'", 443, 'HTTPS', tls).replace('p-443', 'q-443')}`,
    );
    const rules = table(
      "shop.test, '*.wild.test'",
      '{match: [{scheme: {exact: https}}], route: [{destination: {host: reviews}}]}',
    );
    expect(ask(at('shop.test', { port: 443 }), both, rules).outcome).toBe('route');
    expect(ask(at('a.wild.test', { port: 443 }), both, rules).outcome).toBe('route');
    expect(ask(at('else.test', { port: 443 }), both, rules).outcome).toBe('nolistener');
  });

  it('leave out a TLS server with a host that another has', () => {
    const tls = ', tls: {mode: SIMPLE, credentialName: c}';
    const second = gateway(server('shop.test', 443, 'HTTPS', tls), 'second');
    const late = virtualService('late', `{hosts: [shop.test], gateways: [second], http: [${toReviews}]}`);
    const answer = ask(at('shop.test', { port: 443 }), gateway(server('shop.test', 443, 'HTTPS', tls)), second, late);
    expect(answer.outcome).toBe('notfound');
    expect(answer.reasons[0]).toMatch('Gateway/shop/second is left out');
  });

  it('pass TLS on by the name in the handshake', () => {
    const rules = virtualService(
      'shop',
      '{hosts: [shop.test], gateways: [front], tls: [{match: [{port: 443, sniHosts: [shop.test]}], route: [{destination: {host: web}}]}]}',
    );
    const answer = ask(
      at('shop.test', { port: 443 }),
      gateway(server('shop.test', 443, 'TLS', ', tls: {mode: PASSTHROUGH}')),
      rules,
    );
    expect(answer).toMatchObject({ outcome: 'tcp', matched: { rule: 'tls[0]' } });
    expect(legs(answer)).toEqual(['web.shop.svc.cluster.local - 80 100']);
  });

  it('pass TCP on', () => {
    const rules = virtualService(
      'shop',
      "{hosts: ['*'], gateways: [front], tcp: [{match: [{port: 31400}], route: [{destination: {host: web}}]}]}",
    );
    const answer = ask(at('shop.test', { port: 31400 }), gateway(server("'*'", 31400, 'TCP')), rules);
    expect(answer).toMatchObject({ outcome: 'tcp', matched: { rule: 'tcp[0]' } });
  });

  it('give rules of the mesh no say', () => {
    const rules = table(
      'shop.test',
      '{match: [{gateways: [mesh]}], route: [{destination: {host: ratings}}]}, {match: [{gateways: [front]}], route: [{destination: {host: reviews}}]}',
    );
    expect(ask(at('shop.test'), gateway(server('shop.test')), rules).matched?.rule).toBe('http[1]');
  });
});

describe('an Ingress', () => {
  const ingress = (paths: string) => `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop, namespace: shop, annotations: {kubernetes.io/ingress.class: istio}}
spec: {rules: [{host: shop.test, http: {paths: [${paths}]}}]}`;
  const path = (type: string, value: string, name: string) =>
    `{path: ${value}, pathType: ${type}, backend: {service: {name: ${name}, port: {name: http}}}}`;
  const asked = (value: string): TrafficRequest => ({
    host: 'shop.test',
    path: value,
    gateway: { namespace: 'istio-system', name: 'istio-ingressgateway' },
  });

  it('routes by the longest path, in whole segments', () => {
    const one = ingress(
      [path('Prefix', '/', 'web'), path('Prefix', '/api', 'reviews'), path('Exact', '/api', 'ratings')].join(', '),
    );
    expect(legs(ask(asked('/api/x'), one))).toEqual(['reviews.shop.svc.cluster.local - 9080 100']);
    expect(legs(ask(asked('/api'), one))).toEqual(['ratings.shop.svc.cluster.local - 9080 100']);
    expect(legs(ask(asked('/apis'), one))).toEqual(['web.shop.svc.cluster.local - 80 100']);
    expect(ask(asked('/apis'), one).matched).toEqual({ object: 'Ingress/shop/shop', rule: 'rules[0].http.paths[0]' });
  });

  it('counts only when it is of the class of Istio', () => {
    const one = ingress(path('Prefix', '/', 'web')).replace(': istio}', ': nginx}');
    expect(ask(asked('/'), one).outcome).toBe('nolistener');
    expect(askIn(shop, asked('/')).outcome).toBe('nolistener');
  });

  it('comes before every Gateway of the same pods, whatever their age, and ends TLS for a host that both have', () => {
    const one = ingress(path('Prefix', '/', 'ratings')).replace('spec: {', 'spec: {tls: [{hosts: [shop.test], secretName: a}], ');
    const other = gateway(
      `${server('shop.test')}, ${server('shop.test', 443, 'HTTPS', ', tls: {mode: SIMPLE, credentialName: b}')}`,
    ).replace('name: front', 'name: front, creationTimestamp: "2020-01-01T00:00:00Z"');
    for (const port of [80, 443]) {
      const answer = ask(at('shop.test', { port }), other, table('shop.test', toReviews), one);
      expect(answer.matched?.object).toBe('Ingress/shop/shop');
    }
    const left = ask(at('shop.test', { port: 443 }), other, table('shop.test', toReviews), one).reasons;
    expect(left[0]).toBe('server servers[1] of Gateway/shop/front is left out: it does not go with another of port 443');
    const without = ask(at('shop.test', { port: 443 }), other, table('shop.test', toReviews));
    expect(without.matched?.object).toBe('VirtualService/shop/shop');
  });
});
