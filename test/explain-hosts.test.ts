import { describe, expect, it } from 'vitest';
import { ask, legs, object, service, toReviews, virtualService } from './explain-world.ts';

const to = (host: string, more = '') => `http: [{route: [{destination: {host: ${host}${more}}}]}]`;
const fromOther = { host: 'ratings', port: 9080, from: { namespace: 'other', app: 'curl' } };

describe('what a name means to a sidecar', () => {
  it('reads a short name in the namespace of the client', () => {
    expect(legs(ask(fromOther))).toEqual(['ratings.other.svc.cluster.local - 9080 100']);
    expect(legs(ask({ ...fromOther, from: { namespace: 'shop' } }))).toEqual(['ratings.shop.svc.cluster.local - 9080 100']);
  });

  it.each(['ratings.shop', 'ratings.shop.svc', 'ratings.shop.svc.cluster.local', 'ratings.shop:9080', 'RATINGS.shop'])(
    'reads %s from another namespace',
    (host) => {
      expect(legs(ask({ ...fromOther, host }))).toEqual(['ratings.shop.svc.cluster.local - 9080 100']);
    },
  );

  it('asks, without a sender, as somebody in the namespace that the host tells', () => {
    expect(legs(ask({ host: 'ratings.other', port: 9080 }))).toEqual(['ratings.other.svc.cluster.local - 9080 100']);
    expect(legs(ask({ host: 'reviews', port: 9080 }))).toEqual(['reviews.shop.svc.cluster.local - 9080 100']);
  });

  it('completes names of a VirtualService in its own namespace, and only those without a dot', () => {
    const away = virtualService('a', `{hosts: [reviews.shop.svc.cluster.local], ${to('ratings')}}`, 'other');
    expect(legs(ask(toReviews, away))).toEqual(['ratings.other.svc.cluster.local - 9080 100']);
    const half = virtualService('a', `{hosts: [reviews], ${to('ratings.other')}}`);
    const answer = ask(toReviews, half);
    expect(answer.destinations[0]).toMatchObject({ host: 'ratings.other', workloads: [] });
    expect(answer.reasons.join()).toMatch('503');
    const halfHost = virtualService('a', `{hosts: [reviews.shop], ${to('ratings')}}`);
    expect(ask(toReviews, halfHost).matched).toBeNull();
  });

  it('gives a host to the first VirtualService by name', () => {
    const b = virtualService('b', `{hosts: [reviews], ${to('reviews', ', subset: v2')}}`);
    const a = virtualService('a', `{hosts: [reviews], ${to('reviews', ', subset: v1')}}`);
    expect(ask(toReviews, b, a).matched?.object).toBe('VirtualService/shop/a');
    const older = b.replace('namespace: shop', 'namespace: shop, creationTimestamp: "2020-01-01T00:00:00Z"');
    const newer = a.replace('namespace: shop', 'namespace: shop, creationTimestamp: "2021-01-01T00:00:00Z"');
    expect(ask(toReviews, newer, older).matched?.object).toBe('VirtualService/shop/b');
  });

  it('passes over a VirtualService without any rule for the client', () => {
    const a = virtualService(
      'a',
      `{hosts: [reviews], http: [{match: [{sourceNamespace: other}], route: [{destination: {host: ratings}}]}]}`,
    );
    expect(ask(toReviews, a).matched).toBeNull();
    expect(ask(toReviews, a).outcome).toBe('route');
  });

  it('leaves out what is for gateways only', () => {
    expect(ask(toReviews, virtualService('a', `{hosts: [reviews], gateways: [front], ${to('ratings')}}`)).matched).toBeNull();
    const both = virtualService('a', `{hosts: [reviews], gateways: [front, mesh], ${to('ratings')}}`);
    expect(ask(toReviews, both).matched?.object).toBe('VirtualService/shop/a');
  });

  it('takes the nearest of wildcard hosts for a Service, and its own name before all', () => {
    const wide = virtualService('a', `{hosts: ['*.svc.cluster.local'], ${to('ratings')}}`);
    const near = virtualService('b', `{hosts: ['*.shop.svc.cluster.local'], ${to('ratings')}}`);
    const own = virtualService('c', `{hosts: [reviews], ${to('ratings')}}`);
    expect(ask(toReviews, wide).matched?.object).toBe('VirtualService/shop/a');
    expect(ask(toReviews, wide, near).matched?.object).toBe('VirtualService/shop/b');
    expect(ask(toReviews, wide, near, own).matched?.object).toBe('VirtualService/shop/c');
  });

  it('knows hosts that are no Service on port 80 only', () => {
    const table = virtualService('a', `{hosts: [shop.test, '*.wild.test'], ${to('reviews', ', port: {number: 9080}')}}`);
    expect(ask({ ...toReviews, host: 'shop.test', port: 80 }, table).matched?.object).toBe('VirtualService/shop/a');
    expect(ask({ ...toReviews, host: 'x.wild.test', port: 80 }, table).matched?.object).toBe('VirtualService/shop/a');
    expect(ask({ ...toReviews, host: 'shop.test', port: 9080 }, table).outcome).toBe('passthrough');
  });
});

describe('names that two may claim', () => {
  it('belong to the first: on port 80 a VirtualService may take a half name from a Service', () => {
    const half = virtualService('a', `{hosts: [web.shop], ${to('reviews', ', port: {number: 9080}')}}`);
    const asked = { ...toReviews, port: 80 };
    expect(ask({ ...asked, host: 'web.shop' }, half).matched?.object).toBe('VirtualService/shop/a');
    expect(ask({ ...asked, host: 'web' }, half).matched).toBeNull();
    expect(ask({ ...asked, host: 'web.shop.svc.cluster.local' }, half).matched).toBeNull();
  });

  it('belong to a ServiceEntry of that very name before a Service of which it is the half name', () => {
    const entry = object(
      'networking.istio.io/v1',
      'ServiceEntry',
      'ext',
      '{hosts: [web.shop], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS}',
    );
    expect(legs(ask({ ...toReviews, host: 'web.shop', port: 80 }, entry))).toEqual(['web.shop - 80 100']);
    expect(legs(ask({ ...toReviews, host: 'web', port: 80 }, entry))).toEqual(['web.shop.svc.cluster.local - 80 100']);
  });

  it('may be a name for another (ExternalName)', () => {
    const alias = `apiVersion: v1
kind: Service
metadata: {name: critics, namespace: shop}
spec: {type: ExternalName, externalName: reviews.shop.svc.cluster.local, ports: [{name: http, port: 9080}]}`;
    const table = virtualService('a', `{hosts: [reviews], ${to('reviews', ', subset: v2')}}`);
    expect(ask({ ...toReviews, host: 'critics' }, alias, table).matched?.object).toBe('VirtualService/shop/a');
    const back = virtualService('a', `{hosts: [ratings], ${to('critics')}}`);
    expect(legs(ask({ ...toReviews, host: 'ratings' }, alias, back))).toEqual(['reviews.shop.svc.cluster.local - 9080 100']);
  });

  it('may stand for every Service', () => {
    const all = virtualService('a', `{hosts: ['*'], ${to('ratings')}}`);
    expect(ask(toReviews, all).matched?.object).toBe('VirtualService/shop/a');
    expect(ask({ ...toReviews, host: 'www.example.com', port: 80 }, all).outcome).toBe('passthrough');
  });

  it('may be that of one pod of a headless Service', () => {
    const headless = service('store', 'shop', '{name: http, port: 9080}').replace('spec: {', 'spec: {clusterIP: None, ');
    const asked = { ...toReviews, host: 'store-0.store.shop.svc.cluster.local' };
    expect(legs(ask(asked, headless))).toEqual(['store.shop.svc.cluster.local - 9080 100']);
  });
});

describe('ports whose protocol is not named', () => {
  const auto = service('auto', 'shop', '{name: web, port: 7000}');

  it('have routes of their own, whatever the Host header says', () => {
    const table = virtualService('a', `{hosts: [auto], ${to('ratings', ', port: {number: 9080}')}}`);
    const answer = ask({ ...toReviews, host: 'auto', port: 7000, headers: { host: 'else.test' } }, auto, table);
    expect(answer.matched?.object).toBe('VirtualService/shop/a');
  });

  it('do not make a port known to other names', () => {
    expect(ask({ ...toReviews, host: 'ratings', port: 7000 }, auto).outcome).toBe('passthrough');
  });

  it('go by the Host header where the protocol is named', () => {
    expect(legs(ask({ ...toReviews, headers: { host: 'ratings' } }))).toEqual(['ratings.shop.svc.cluster.local - 9080 100']);
  });
});

describe('who may know what', () => {
  it('respects exportTo of a VirtualService', () => {
    const table = virtualService('a', `{hosts: [reviews.shop.svc.cluster.local], exportTo: ['.'], ${to('ratings')}}`);
    expect(ask(toReviews, table).matched?.object).toBe('VirtualService/shop/a');
    expect(ask({ ...fromOther, host: 'reviews.shop' }, table).matched).toBeNull();
  });

  it('puts what is exported to the namespace by name before what is for all', () => {
    const all = virtualService('a', `{hosts: [reviews], ${to('ratings')}}`);
    const own = virtualService('b', `{hosts: [reviews], exportTo: ['.'], ${to('ratings')}}`);
    expect(ask(toReviews, all, own).matched?.object).toBe('VirtualService/shop/b');
    expect(ask({ ...fromOther, host: 'reviews.shop' }, all, own).matched?.object).toBe('VirtualService/shop/a');
  });

  it('respects exportTo of a Service', () => {
    const hidden = service('secret', 'shop', '{name: http, port: 9080}').replace(
      'namespace: shop}',
      "namespace: shop, annotations: {networking.istio.io/exportTo: '.'}}",
    );
    expect(ask({ ...toReviews, host: 'secret' }, hidden).outcome).toBe('route');
    expect(ask({ ...fromOther, host: 'secret.shop' }, hidden).outcome).toBe('passthrough');
  });

  const sidecar = (hosts: string, more = '') =>
    object('networking.istio.io/v1', 'Sidecar', 'default', `{${more}egress: [{hosts: [${hosts}]}]}`);

  it('knows only what a Sidecar resource lets in', () => {
    expect(ask(toReviews, sidecar("'./*'")).outcome).toBe('route');
    expect(ask({ ...toReviews, host: 'ratings.other' }, sidecar("'./*'")).outcome).toBe('passthrough');
    expect(ask({ ...toReviews, host: 'ratings.other' }, sidecar("'./*', 'other/ratings.other.svc.cluster.local'")).outcome).toBe(
      'route',
    );
    expect(ask({ ...toReviews, host: 'ratings.other' }, sidecar("'*/*', '~other/*'")).outcome).toBe('passthrough');
  });

  it('lets a route lead to hosts that the Sidecar resource does not name', () => {
    const table = virtualService('a', `{hosts: [reviews], ${to('ratings.other.svc.cluster.local')}}`);
    expect(ask(toReviews, table, sidecar("'./*'")).destinations[0]?.workloads).toEqual(['Deployment/other/ratings-v1']);
  });

  it('takes the Sidecar resource that selects the pod before that of the namespace', () => {
    const narrow = sidecar("'./*'", 'workloadSelector: {labels: {app: curl}}, ').replace('name: default', 'name: narrow');
    const wide = sidecar("'*/*'");
    const asked = { ...toReviews, host: 'ratings.other' };
    expect(ask(asked, wide, narrow).outcome).toBe('passthrough');
    expect(ask({ ...asked, from: { namespace: 'shop', app: 'web' } }, wide, narrow).outcome).toBe('route');
  });

  it('has, with listeners of single ports, nothing on others', () => {
    const ports = object(
      'networking.istio.io/v1',
      'Sidecar',
      'default',
      "{egress: [{port: {number: 9080, protocol: HTTP, name: http}, hosts: ['./reviews.shop.svc.cluster.local']}]}",
    );
    expect(ask(toReviews, ports).outcome).toBe('route');
    expect(ask({ ...toReviews, host: 'ratings' }, ports).outcome).toBe('passthrough');
    expect(ask({ ...toReviews, host: 'web', port: 80 }, ports).outcome).toBe('passthrough');
  });

  it('takes that of the root namespace where there is no other', () => {
    const root = sidecar("'./*'").replace('namespace: shop', 'namespace: istio-system');
    expect(ask({ ...toReviews, host: 'ratings.other' }, root).outcome).toBe('passthrough');
  });
});

describe('hosts outside', () => {
  const entry = (spec: string) => object('networking.istio.io/v1', 'ServiceEntry', 'ext', spec);

  it('routes to a ServiceEntry, a wildcard too', () => {
    const exact = entry('{hosts: [api.test], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS}');
    expect(legs(ask({ ...toReviews, host: 'api.test', port: 80 }, exact))).toEqual(['api.test - 80 100']);
    const wild = entry("{hosts: ['*.api.test'], ports: [{number: 80, name: http, protocol: HTTP}], resolution: NONE}");
    expect(legs(ask({ ...toReviews, host: 'a.api.test', port: 80 }, wild))).toEqual(['*.api.test - 80 100']);
    expect(ask({ ...toReviews, host: 'api.test', port: 80 }, wild).outcome).toBe('passthrough');
  });

  it('takes TLS by its name', () => {
    const tls = entry('{hosts: [api.test], ports: [{number: 443, name: tls, protocol: TLS}], resolution: DNS}');
    expect(ask({ ...toReviews, host: 'api.test', port: 443 }, tls)).toMatchObject({ outcome: 'tcp', matched: null });
    const table = virtualService(
      'out',
      `{hosts: [api.test], tls: [{match: [{port: 443, sniHosts: [api.test]}], route: [{destination: {host: reviews, port: {number: 9080}}}]}]}`,
    );
    const answer = ask({ ...toReviews, host: 'api.test', port: 443 }, tls, table);
    expect(answer.matched).toEqual({ object: 'VirtualService/shop/out', rule: 'tls[0]' });
    expect(legs(answer)).toEqual(['reviews.shop.svc.cluster.local - 9080 100']);
  });

  it('routes TCP by connection', () => {
    const mongo = service('mongo', 'shop', '{name: mongo, port: 27017}');
    const table = virtualService(
      'mongo',
      `{hosts: [mongo], tcp: [{route: [{destination: {host: mongo}, weight: 80}, {destination: {host: ratings, port: {number: 9080}}, weight: 20}]}]}`,
    );
    const answer = ask({ ...toReviews, host: 'mongo', port: 27017 }, mongo, table);
    expect(answer.outcome).toBe('tcp');
    expect(legs(answer)).toEqual(['mongo.shop.svc.cluster.local - 27017 80', 'ratings.shop.svc.cluster.local - 9080 20']);
  });
});
