import fc from 'fast-check';
import type { JsonObject } from '../../../../constructs/kit/json.ts';
import { near, object, serviceName } from './objects.ts';

const api = 'gateway.networking.k8s.io/v1';

const pathMatch = fc.oneof(
  fc.constantFrom('/', '/a', '/a/b', '/api').map((value) => ({ type: 'PathPrefix', value })),
  fc.constantFrom('/a', '/a/b', '/items/42').map((value) => ({ type: 'Exact', value })),
  fc.constantFrom('/items/[0-9]+').map((value) => ({ type: 'RegularExpression', value })),
);
const named = (names: readonly string[]) =>
  fc.array(fc.record({ name: fc.constantFrom(...names), value: fc.constantFrom('jason', 'v1') }), { minLength: 1, maxLength: 1 });
const match = fc
  .record(
    {
      path: pathMatch,
      method: fc.constantFrom('GET', 'POST'),
      headers: named(['end-user', 'x-version']),
      queryParams: named(['u', 'q']),
    },
    { requiredKeys: [] },
  )
  .filter((made) => Object.keys(made).length > 0);

const toService = (name: string, weight?: number) => ({ name, port: 8000, ...(weight !== undefined && { weight }) });

function rule(services: readonly string[]): fc.Arbitrary<JsonObject> {
  const one = fc.constantFrom(...services).map((name) => [toService(name)]);
  const two = fc
    .constantFrom([90, 10], [1, 2])
    .map(([a, b]) => [toService(services[0] ?? '', a), toService(services[1] ?? '', b)]);
  const modify = {
    type: 'RequestHeaderModifier',
    requestHeaderModifier: { set: [{ name: 'x-set', value: 'one' }], remove: ['x-gone'] },
  };
  const mirror = { type: 'RequestMirror', requestMirror: { backendRef: toService(services[0] ?? ''), percent: 25 } };
  const filters = fc.constantFrom<readonly JsonObject[]>(
    [],
    [modify],
    [mirror],
    [{ type: 'URLRewrite', urlRewrite: { hostname: 'other.test', path: { type: 'ReplaceFullPath', replaceFullPath: '/new' } } }],
  );
  const timeouts = fc.constantFrom<JsonObject>({}, { timeouts: { request: '3s' } });
  const forwards = fc
    .tuple(fc.oneof(one, two), filters, timeouts)
    .map(([backendRefs, list, more]) => ({ backendRefs, ...(list.length > 0 && { filters: list }), ...more }));
  const redirect = fc
    .constantFrom<JsonObject>(
      { scheme: 'https', statusCode: 301 },
      { hostname: 'moved.test', statusCode: 302 },
      { path: { type: 'ReplaceFullPath', replaceFullPath: '/moved' } },
    )
    .map((requestRedirect) => ({ filters: [{ type: 'RequestRedirect', requestRedirect }] }));
  const does = fc.oneof({ weight: 5, arbitrary: forwards }, { weight: 1, arbitrary: redirect });
  return fc
    .tuple(fc.array(match, { minLength: 1, maxLength: 2 }), does)
    .map(([matches, action]) => JSON.parse(JSON.stringify({ matches, ...action })));
}

/** A Gateway of Kubernetes' own API, generated routes at it, and routes of the mesh that hang on Services. */
export function routesOfGatewayApi(seed: number): JsonObject[] {
  const services = [serviceName(3), serviceName(4), 'plain'];
  const rules = (n: number) =>
    fc.sample(fc.array(rule(services), { minLength: 1, maxLength: 3 }), { seed: seed + 2000 + n, numRuns: 1 })[0] ?? [];
  const route = (name: string, hostnames: readonly string[], n: number) =>
    object(api, 'HTTPRoute', near, name, {
      parentRefs: [{ name: 'door' }],
      ...(hostnames.length > 0 && { hostnames: [...hostnames] }),
      rules: rules(n),
    });
  const inMesh = (name: string, n: number) =>
    object(api, 'HTTPRoute', near, `mesh-${name}`, { parentRefs: [{ group: '', kind: 'Service', name }], rules: rules(n) });
  const listener = { name: 'http', port: 80, protocol: 'HTTP', allowedRoutes: { namespaces: { from: 'All' } } };
  return [
    object(api, 'Gateway', near, 'door', { gatewayClassName: 'istio', listeners: [listener] }),
    ...Array.from({ length: 8 }, (_, i) => route(`door-${i}`, i % 4 === 3 ? ['*.door.test'] : [`h${i % 4}.door.test`], i)),
    route('door-any', [], 8),
    ...['meshed-a', 'meshed-b', 'meshed-c'].map((name, i) => inMesh(name, 10 + i)),
    object(api, 'GRPCRoute', near, 'door-grpc', {
      parentRefs: [{ name: 'door' }],
      hostnames: ['grpc.door.test'],
      rules: [
        { matches: [{ method: { service: 'shop.Cart', method: 'Add' } }], backendRefs: [toService('plain')] },
        {
          matches: [{ method: { service: 'shop.Cart' } }, { headers: [{ name: 'x-version', value: 'v1' }] }],
          backendRefs: [toService(serviceName(3))],
        },
      ],
    }),
  ];
}
