import { describe, expect, it } from 'vitest';
import type { Destination } from '../constructs/kit/index.ts';
import {
  canary,
  type GrpcMatch,
  GrpcRoutes,
  type GrpcRule,
  HttpRoutes,
  split,
  TcpRoutes,
  type TcpRoutesProps,
  TlsRoutes,
  type TlsRule,
  TrafficPolicy,
} from '../constructs/mesh/index.ts';
import { fromObjects, prove } from '../constructs/proof/index.ts';
import { validate } from '../constructs/proof/schemas.ts';
import { gatewayEntrance, istioEntrance, shop, tlsEntrance } from './support/routes.ts';
import { object, objects } from './support/synth.ts';

const { catalog, mongo, many, reviews } = shop();
const { v1, v2 } = catalog.versions;

describe('GrpcRoutes', () => {
  const whole: Required<GrpcMatch> = { service: 'shop.v1.Catalog', method: 'GetItem', headers: { 'X-Tenant': 'a' } };

  it('tell calls apart by service and method in a VirtualService', () => {
    const { layer } = shop();
    const { when, ...options }: Required<Omit<GrpcRule, 'to' | 'port'>> = {
      name: 'catalog',
      when: [whole, { service: 'shop.v1.Catalog' }, { method: 'GetItem' }, { headers: { a: { prefix: 'b' } } }],
      timeoutSeconds: 2,
      retries: { attempts: 1, on: ['unavailable'] },
      fault: { abort: { grpcStatus: 'UNAVAILABLE', percent: 10 } },
      mirror: { to: v2 },
      headers: { request: { set: { 'x-a': '1' } } },
    };
    new GrpcRoutes(layer, 'r', { of: catalog, rules: [{ when, to: v1, port: 9000, ...options }, { to: v2 }] });
    const host = 'catalog.shop.svc.cluster.local';
    expect(object(layer, 'VirtualService', 'catalog').spec).toMatchObject({
      hosts: [host],
      http: [
        {
          name: 'catalog',
          match: [
            { uri: { exact: '/shop.v1.Catalog/GetItem' }, headers: { 'x-tenant': { exact: 'a' } } },
            { uri: { prefix: '/shop.v1.Catalog/' } },
            { uri: { regex: '/[^/]+/GetItem' } },
            { headers: { a: { prefix: 'b' } } },
          ],
          route: [{ destination: { host, subset: 'v1', port: { number: 9000 } } }],
          timeout: '2s',
          retries: { attempts: 1, retryOn: 'unavailable' },
          fault: { abort: { grpcStatus: 'UNAVAILABLE', percentage: { value: 10 } } },
          mirror: { subset: 'v2' },
          headers: { request: { set: { 'x-a': '1' } } },
        },
        { route: [{ destination: { subset: 'v2' } }] },
      ],
    });
  });

  it('leave the plain HTTP of the same app alone', () => {
    const { layer, many } = shop();
    new GrpcRoutes(layer, 'r', { of: many, rules: [{ when: { service: 'a.B' }, to: many }, { to: many }] });
    const { http } = object(layer, 'VirtualService', 'many').spec;
    expect(http.map((rule: { match: unknown }) => rule.match)).toEqual([
      [{ uri: { prefix: '/a.B/' }, port: 9090 }],
      [{ port: 9090 }],
    ]);
  });

  it('do so in a GRPCRoute', () => {
    const { layer, catalog } = shop();
    const { v1, v2 } = catalog.versions;
    new GrpcRoutes(layer, 'r', {
      of: catalog,
      as: 'gateway-api',
      rules: [
        { name: 'one', when: whole, to: v2, mirror: { to: v1, percent: 5 }, headers: { response: { add: { b: '2' } } } },
        { to: canary(v1, v2).to },
      ],
    });
    expect(object(layer, 'GRPCRoute', 'catalog').spec).toEqual({
      parentRefs: [{ group: '', kind: 'Service', name: 'catalog', port: 9000 }],
      rules: [
        {
          name: 'one',
          matches: [{ method: { service: 'shop.v1.Catalog', method: 'GetItem' }, headers: [{ name: 'x-tenant', value: 'a' }] }],
          filters: [
            { type: 'ResponseHeaderModifier', responseHeaderModifier: { add: [{ name: 'b', value: '2' }] } },
            { type: 'RequestMirror', requestMirror: { backendRef: { name: 'catalog-v1', port: 9000 }, percent: 5 } },
          ],
          backendRefs: [{ name: 'catalog-v2', port: 9000 }],
        },
        {
          backendRefs: [
            { name: 'catalog-v1', port: 9000, weight: 90 },
            { name: 'catalog-v2', port: 9000, weight: 10 },
          ],
        },
      ],
    });
    expect(object(layer, 'Service', 'catalog-v2').spec.ports).toMatchObject([{ port: 9000, appProtocol: 'grpc' }]);
    new GrpcRoutes(layer, 'front', { at: gatewayEntrance, rules: [{ to: catalog }] });
    expect(object(layer, 'GRPCRoute', 'front').spec).toMatchObject({
      hostnames: ['shop.mesh.test'],
      parentRefs: [{ sectionName: 'http' }],
    });
  });

  it('refuse what is no call, and what a GRPCRoute cannot say', () => {
    const make = (rule: GrpcRule) => () => new GrpcRoutes(shop().layer, 'r', { of: catalog, rules: [rule] });
    expect(make({ when: { service: '/shop.Catalog' }, to: v1 })).toThrow("allowed is its full name, 'shop.v1.Catalog'");
    expect(make({ when: { method: 'Get Item' }, to: v1 })).toThrow("allowed is its name, 'GetItem'");
    expect(make({ when: {}, to: v1 })).toThrow('has an empty match');
    expect(make({ when: [] as unknown as GrpcMatch, to: v1 })).toThrow('an empty list of matches');
    expect(() => new GrpcRoutes(shop().layer, 'r', { of: reviews, rules: [{ to: reviews }] })).toThrow(
      'reviews.shop has no port that speaks grpc, http2, grpc-web; its ports are: http (9080, http)',
    );
    const says: [Partial<GrpcRule>, string][] = [
      [{ timeoutSeconds: 1 }, 'timeoutSeconds'],
      [{ fault: { delay: { seconds: 1 } } }, 'fault'],
      [{ retries: 'none' }, 'retries'],
      [{ when: { headers: { a: { prefix: 'b' } } } }, 'a prefix of a header'],
    ];
    const at: typeof gatewayEntrance | typeof istioEntrance = gatewayEntrance;
    for (const [rule, what] of says) {
      const props = { at, rules: [{ to: catalog, ...rule }] } as unknown as ConstructorParameters<typeof GrpcRoutes>[2];
      expect(() => new GrpcRoutes(shop().layer, 'r', props)).toThrow(`has ${what}`);
    }
    const late = [
      { when: { method: 'GetItem' }, to: catalog },
      { when: { service: 'shop.Catalog' }, to: catalog },
    ] as const;
    expect(() => new GrpcRoutes(shop().layer, 'r', { at: gatewayEntrance, rules: late })).toThrow(
      'the Gateway API tries it first',
    );
  });
});

describe('TcpRoutes', () => {
  it('share connections among versions', () => {
    const { layer } = shop();
    const everyOption: Omit<Required<Extract<TcpRoutesProps, { of: Destination }>>, 'at'> = {
      of: mongo,
      to: split([mongo.versions.v4, 90], [mongo.versions.v5, 10]),
      port: 'mongo',
      toPort: 27017,
      name: 'mongo-canary',
    };
    new TcpRoutes(layer, 'r', everyOption);
    const destination = (subset: string) => ({ host: 'mongo.shop.svc.cluster.local', subset, port: { number: 27017 } });
    expect(object(layer, 'VirtualService', 'mongo-canary').spec).toEqual({
      hosts: ['mongo.shop.svc.cluster.local'],
      tcp: [
        {
          route: [
            { destination: destination('v4'), weight: 90 },
            { destination: destination('v5'), weight: 10 },
          ],
        },
      ],
    });
  });

  it('lead what comes in on a port of a gateway', () => {
    const { layer } = shop();
    const { gateway } = istioEntrance;
    const at = { api: 'istio', carries: 'tcp', host: '*', port: 31400, gateway } as const;
    new TcpRoutes(layer, 'front', { at, to: many, toPort: 'tls' });
    expect(object(layer, 'VirtualService', 'front').spec).toEqual({
      hosts: ['*'],
      gateways: ['ingress/shop-gateway'],
      tcp: [
        {
          match: [{ port: 31400 }],
          route: [{ destination: { host: 'many.shop.svc.cluster.local', port: { number: 8443 } } }],
        },
      ],
    });
  });

  it('refuse an entrance that carries something else', () => {
    const { layer } = shop();
    // @ts-expect-error HTTP comes in here
    expect(() => new TcpRoutes(layer, 'a', { at: istioEntrance, to: mongo })).toThrow(
      "routes 'shop/a' are of TCP, but the entrance of 'shop.mesh.test' carries http: open it with openTcp",
    );
    // @ts-expect-error TLS that nobody decrypts
    expect(() => new HttpRoutes(layer, 'b', { at: tlsEntrance, rules: [{ to: reviews }] })).toThrow(
      'carries tls: open it with open',
    );
  });

  it('refuse HTTP, and a version that is not there', () => {
    expect(() => new TcpRoutes(shop().layer, 'r', { of: reviews, to: reviews })).toThrow(
      "routes 'shop/r' routes TCP, but reviews.shop has no port",
    );
    expect(() => new TcpRoutes(shop().layer, 'r', { of: mongo, to: v1 })).toThrow(
      'sends to catalog.shop v1, but routes requests for mongo.shop',
    );
  });
});

describe('TlsRoutes', () => {
  const everyOption: Required<TlsRule> = { sniHosts: ['shop.mesh.test'], to: many, port: 'tls' };
  const destination = { host: 'many.shop.svc.cluster.local', port: { number: 8443 } };

  it('pass connections on by the name that clients ask for, at a gateway and inside', () => {
    const { layer } = shop();
    new TlsRoutes(layer, 'front', {
      at: { ...tlsEntrance, host: '*.mesh.test' },
      rules: [everyOption, { sniHosts: ['a.mesh.test', '*.b.mesh.test'], to: many }],
    });
    expect(object(layer, 'VirtualService', 'front').spec).toEqual({
      hosts: ['*.mesh.test'],
      gateways: ['ingress/shop-gateway'],
      tls: [
        { match: [{ sniHosts: ['shop.mesh.test'] }], route: [{ destination }] },
        { match: [{ sniHosts: ['a.mesh.test', '*.b.mesh.test'] }], route: [{ destination }] },
      ],
    });
    new TlsRoutes(layer, 'inside', { of: many, rules: [{ sniHosts: [many.host], to: many }] });
    expect(object(layer, 'VirtualService', 'many').spec).toEqual({
      hosts: [many.host],
      tls: [{ match: [{ sniHosts: [many.host] }], route: [{ destination }] }],
    });
  });

  it('refuse names that nobody asks for there', () => {
    const make =
      (...rules: [TlsRule, ...TlsRule[]]) =>
      () =>
        new TlsRoutes(shop().layer, 'r', { at: tlsEntrance, rules });
    expect(make({ ...everyOption, sniHosts: ['other.test'] })).toThrow(
      "has sniHost 'other.test', but the connections are for 'shop.mesh.test'",
    );
    expect(make(everyOption, everyOption)).toThrow("rule 2 of 'shop/r' has sniHost 'shop.mesh.test', which rule 1");
    expect(make({ ...everyOption, sniHosts: ['https://shop.mesh.test'] })).toThrow('allowed are a lower-case DNS name');
    expect(make({ ...everyOption, sniHosts: [] as unknown as [string] })).toThrow('has no sniHosts');
    expect(make({ ...everyOption, to: reviews, port: 'http' })).toThrow('port http (9080) of reviews.shop speaks http');
  });
});

describe('what these make', () => {
  it.each(['istio', 'gateway-api'] as const)('passes the schemas and the proof (%s)', (as) => {
    const { layer, catalog, mongo, many } = shop();
    new TrafficPolicy(layer, 'catalog-policy', { of: catalog });
    new TrafficPolicy(layer, 'mongo-policy', { of: mongo });
    const { v1, v2 } = catalog.versions;
    const when = { service: 'shop.v1.Catalog', method: 'GetItem' };
    const rules = [{ name: 'one', when, to: v2, mirror: { to: v1 } }, { to: split([v1, 50], [v2, 50]) }] as const;
    new GrpcRoutes(layer, 'grpc', { of: catalog, as, rules });
    new TcpRoutes(layer, 'tcp', { of: mongo, to: split([mongo.versions.v4, 1], [mongo.versions.v5, 99]) });
    new TlsRoutes(layer, 'tls', { of: many, rules: [{ sniHosts: [many.host], to: many }] });
    const made = objects(layer);
    expect(made.map((one) => validate(one))).toEqual(made.map(() => []));
    const findings = prove(
      fromObjects(
        made.map((json) => ({ json, path: 'shop' })),
        { name: 'shop' },
      ),
    );
    expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
  });
});
