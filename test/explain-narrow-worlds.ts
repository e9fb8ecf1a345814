import fc from 'fast-check';
import { stringify } from 'yaml';
import type { TrafficRequest } from '../constructs/proof/index.ts';
import type { SourceFile } from '../constructs/proof/read/source.ts';

/** A small mesh in somebody's hand-writing, and a request. */
export interface Written {
  readonly sources: readonly SourceFile[];
  readonly request: TrafficRequest;
}

type Plain = Readonly<Record<string, unknown>>;

const apps = ['cart', 'stock', 'cart-db', 'web'];
const places = ['shop', 'other', 'istio-system'];
const app = fc.constantFrom(...apps);
const place = fc.option(fc.constantFrom(...places), { nil: undefined, freq: 4 });
const stated = fc.constantFrom(...places);
/** A host as people write it. */
const host = fc.oneof(
  { weight: 5, arbitrary: app },
  fc.tuple(app, stated).map((parts) => parts.join('.')),
  { weight: 5, arbitrary: fc.tuple(app, stated).map(([name, namespace]) => `${name}.${namespace}.svc.cluster.local`) },
  fc.constantFrom('*', '*.shop.svc.cluster.local', '*.example.com', 'api.example.com', 'shop.example.com'),
);
const port = fc.constantFrom(80, 8080);
const version = fc.constantFrom('v1', 'v2');
const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined });
const some = <T>(one: fc.Arbitrary<T>) => fc.array(one, { minLength: 1, maxLength: 2 });

function object(
  apiVersion: string,
  kind: string,
  name: fc.Arbitrary<string>,
  spec: fc.Arbitrary<Plain>,
  namespace = place,
): fc.Arbitrary<Plain> {
  return fc.record({ name, namespace, spec, labels: maybe(fc.constant({ host: 'cart', app: 'cart' })) }).map((one) => ({
    apiVersion,
    kind,
    metadata: {
      ...(one.labels && { labels: one.labels }),
      name: one.name,
      ...(one.namespace !== undefined && { namespace: one.namespace }),
    },
    spec: one.spec,
  }));
}

const named = (prefix: string) => fc.integer({ min: 0, max: 3 }).map((n) => `${prefix}-${n}`);
const target = fc.record(
  { host, subset: maybe(version), port: maybe(port.map((number) => ({ number }))) },
  { requiredKeys: ['host'] },
);
const sameApp = app.chain((name) => fc.record({ name: fc.constant(name), namespace: place }));
const selector = fc.oneof(
  app.map((name) => ({ app: name })),
  fc.tuple(app, version).map(([name, version]) => ({ app: name, version })),
);

const service = fc
  .record({
    who: sameApp,
    port,
    name: fc.constantFrom('http', 'tcp', 'grpc-web', 'https', 'x'),
    type: maybe(fc.constantFrom('None')),
    selects: maybe(selector),
  })
  .map(({ who, port, name, type, selects }) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: clean(who),
    spec: clean({ clusterIP: type, selector: selects ?? { app: who.name }, ports: [{ name, port, targetPort: 8080 }] }),
  }));
const deployment = fc.record({ who: sameApp, version, sidecar: fc.boolean() }).map(({ who, version, sidecar }) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: clean({ ...who, name: `${who.name}-${version}` }),
  spec: {
    selector: { matchLabels: { app: who.name, version } },
    template: {
      metadata: { labels: { app: who.name, version, ...(sidecar ? {} : { 'sidecar.istio.io/inject': 'false' }) } },
      spec: { containers: [{ name: 'app', image: 'x:1', ports: [{ containerPort: 8080 }] }] },
    },
  },
}));
const delegate = fc.record({
  delegate: fc.record({ name: named('vs'), namespace: place }).map(clean),
  match: fc.constant([{ uri: { prefix: '/a' } }]),
});
const httpRule = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .record({
        match: maybe(fc.constant([{ uri: { prefix: '/a' } }])),
        route: some(fc.record({ destination: target.map(clean) })),
      })
      .map(halved),
  },
  delegate,
);
const exportTo = maybe(fc.constantFrom(['.'], ['*'], ['shop'], ['~']));
const gateways = maybe(fc.constantFrom(['mesh'], ['shop/front'], ['front', 'mesh'], ['istio-system/front']));
const virtualService = object(
  'networking.istio.io/v1',
  'VirtualService',
  named('vs'),
  fc.record({ hosts: maybe(some(host)), gateways, exportTo, http: some(httpRule) }).map(clean),
);
const destinationRule = object(
  'networking.istio.io/v1',
  'DestinationRule',
  named('dr'),
  fc
    .record({
      host,
      exportTo,
      trafficPolicy: maybe(fc.constantFrom({ tls: { mode: 'DISABLE' } }, { loadBalancer: { simple: 'RANDOM' } })),
      subsets: fc.constant(['v1', 'v2'].map((version) => ({ name: version, labels: { version } }))),
    })
    .map(clean),
);
const serviceEntry = object(
  'networking.istio.io/v1',
  'ServiceEntry',
  named('se'),
  fc
    .record({
      hosts: some(host),
      exportTo,
      resolution: fc.constantFrom('DNS', 'NONE', 'STATIC'),
      location: fc.constantFrom('MESH_EXTERNAL', 'MESH_INTERNAL'),
      ports: port.map((number) => [{ number, name: 'http', protocol: 'HTTP' }]),
      workloadSelector: maybe(selector.map((labels) => ({ labels }))),
    })
    .map(clean),
);
const sidecar = object(
  'networking.istio.io/v1',
  'Sidecar',
  named('sidecar'),
  fc
    .record({
      workloadSelector: maybe(selector.map((labels) => ({ labels }))),
      egress: some(
        fc.record({ hosts: some(fc.constantFrom('./*', '*/*', 'istio-system/*', 'shop/cart.shop.svc.cluster.local', '~/*')) }),
      ),
    })
    .map(clean),
);
const authorization = object(
  'security.istio.io/v1',
  'AuthorizationPolicy',
  named('authz'),
  fc
    .record({
      selector: maybe(selector.map((matchLabels) => ({ matchLabels }))),
      action: maybe(fc.constantFrom('ALLOW', 'DENY')),
      rules: fc.constantFrom(
        undefined,
        [{}],
        [{ to: [{ operation: { paths: ['/a*'] } }] }],
        [{ from: [{ source: { namespaces: ['other'] } }] }],
      ),
    })
    .map(clean),
);
const authentication = object(
  'security.istio.io/v1',
  'PeerAuthentication',
  named('mtls'),
  fc
    .record({
      selector: maybe(selector.map((matchLabels) => ({ matchLabels }))),
      mtls: fc.constantFrom('STRICT', 'DISABLE', 'PERMISSIVE').map((mode) => ({ mode })),
    })
    .map(clean),
);
const parent = fc.oneof(
  fc.record({ kind: fc.constant('Service'), group: fc.constant(''), name: app, namespace: place, port: maybe(port) }).map(clean),
  fc.record({ name: fc.constant('door'), namespace: place }).map(clean),
);
const httpRoute = object(
  'gateway.networking.k8s.io/v1',
  'HTTPRoute',
  named('hr'),
  fc
    .record({
      parentRefs: some(parent),
      hostnames: maybe(some(fc.constantFrom('shop.example.com', '*.example.com'))),
      rules: some(fc.record({ backendRefs: some(fc.record({ name: app, namespace: place, port }).map(clean)) })),
    })
    .map(clean),
);
const ingress = object(
  'networking.k8s.io/v1',
  'Ingress',
  named('ing'),
  fc
    .record({
      ingressClassName: fc.constant('istio'),
      host: maybe(fc.constantFrom('shop.example.com', '*.example.com')),
      to: app,
      port,
    })
    .map(({ ingressClassName, host, to, port }) => ({
      ingressClassName,
      rules: [
        clean({
          host,
          http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: to, port: { number: port } } } }] },
        }),
      ],
    })),
);
const front = object(
  'networking.istio.io/v1',
  'Gateway',
  fc.constant('front'),
  fc.record({
    selector: fc.constant({ istio: 'ingressgateway' }),
    servers: some(fc.record({ port: fc.constant({ number: 80, name: 'http', protocol: 'HTTP' }), hosts: some(host) })),
  }),
  stated,
);
const door = object(
  'gateway.networking.k8s.io/v1',
  'Gateway',
  fc.constant('door'),
  fc.record({
    gatewayClassName: fc.constant('istio'),
    listeners: fc.constant([{ name: 'http', port: 80, protocol: 'HTTP', allowedRoutes: { namespaces: { from: 'All' } } }]),
  }),
  stated,
);
const edge = fc.record({ namespace: stated }).map(({ namespace }) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'edge', namespace },
  spec: {
    selector: { matchLabels: { istio: 'ingressgateway' } },
    template: {
      metadata: { labels: { istio: 'ingressgateway' } },
      spec: { containers: [{ name: 'istio-proxy', image: 'auto' }] },
    },
  },
}));
const namespace = fc.record({ name: stated, injected: fc.boolean() }).map(({ name, injected }) => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels: injected ? { 'istio-injection': 'enabled' } : {} },
}));
const mesh = fc.constantFrom('REGISTRY_ONLY', 'ALLOW_ANY').map((mode) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'istio', namespace: 'istio-system' },
  data: { mesh: stringify({ outboundTrafficPolicy: { mode }, rootNamespace: 'istio-system' }) },
}));

const anyObject: fc.Arbitrary<Plain> = fc.oneof(
  { weight: 4, arbitrary: service },
  { weight: 3, arbitrary: deployment },
  { weight: 4, arbitrary: virtualService },
  { weight: 2, arbitrary: destinationRule },
  { weight: 2, arbitrary: httpRoute },
  ...[serviceEntry, sidecar, authorization, authentication, ingress, front, door, edge, namespace, mesh],
);

/** How somebody writes an object down. */
const styles: readonly ((one: Plain) => string)[] = [
  (one) => stringify(one),
  (one) => stringify(one, { indent: 4, indentSeq: false }),
  (one) =>
    Object.entries(one)
      .map(([key, value]) => `${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}\n`)
      .join(''),
  (one) =>
    Object.entries(one)
      .map(
        ([key, value]) => `${key}: ${stringify(value, { collectionStyle: 'flow', lineWidth: 30 }).replace(/\n(?=.)/g, '\n  ')}`,
      )
      .join(''),
  (one) => stringify(one, { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN' }),
  (one) => stringify(one, { defaultStringType: 'QUOTE_SINGLE', defaultKeyType: 'QUOTE_DOUBLE' }),
  (one) => stringify(Object.fromEntries(Object.entries(one).reverse())),
  (one) => stringify(one).replaceAll('\n', ' # host: nothing, namespace: nowhere\n').replace(/\|.*/, '|'),
  (one) => `# kind: Other, namespace: nowhere\n${stringify(one).replace(/^kind: .*/m, '$& # kind')}`,
  (one) => stringify(one).replaceAll('\n', '\r\n'),
];

/** In these, even the kind can be told only by reading: rare, for one of them says that all is kept. */
const opaque: typeof styles = [
  (one) => `${JSON.stringify(one, null, 2)}\n`,
  (one) => stringify({ apiVersion: 'v1', kind: 'List', items: [one] }),
];
const style = fc.oneof({ weight: 60, arbitrary: fc.constantFrom(...styles) }, fc.constantFrom(...opaque));

const document = fc.tuple(anyObject, style).map(([one, write]) => write(one));
const kustomization = maybe(
  fc
    .tuple(fc.constantFrom('shop', 'other'), fc.boolean())
    .map(([namespace, stated]) =>
      stringify({ ...(stated && { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization' }), namespace }),
    ),
);
const folder = fc.record({ documents: fc.array(document, { minLength: 1, maxLength: 12 }), kustomization });

const request: fc.Arbitrary<TrafficRequest> = fc
  .record({
    host: fc.oneof(
      host.filter((one) => !one.includes('*')),
      fc.constantFrom('shop.example.com', 'nobody', 'CART'),
    ),
    port: maybe(port),
    path: maybe(fc.constantFrom('/a/b', '/c')),
    by: fc.oneof(
      {
        weight: 3,
        arbitrary: fc.record({
          from: fc.record({ namespace: fc.constantFrom(...places, 'default'), app: maybe(app) }).map(clean),
        }),
      },
      fc.constant({}),
      fc.record({
        gateway: fc.record({ namespace: stated, name: fc.constantFrom('front', 'door', 'edge', 'istio-ingressgateway') }),
      }),
    ),
  })
  .map(({ by, ...rest }) => ({ ...clean(rest), ...by }) as TrafficRequest);

/** Meshes of a few dozen objects in one or two folders, and a request to one of them. */
export const written: fc.Arbitrary<Written> = fc
  .record({ folders: fc.array(folder, { minLength: 1, maxLength: 2 }), request })
  .map(({ folders, request }) => ({
    sources: folders.flatMap(({ documents, kustomization }, i) => [
      ...(kustomization === undefined ? [] : [{ name: `${i}/kustomization.yaml`, source: kustomization }]),
      { name: `${i}/all.yaml`, source: documents.join('---\n') },
    ]),
    request,
  }));

/** Without what is not set. */
function clean<T extends Plain>(one: T): T {
  return Object.fromEntries(Object.entries(one).filter(([, value]) => value !== undefined)) as T;
}

/** Two destinations have a half each. */
function halved(rule: { readonly match: unknown; readonly route: readonly Plain[] }): Plain {
  return clean({ ...rule, route: rule.route.map((one) => (rule.route.length > 1 ? { ...one, weight: 50 } : one)) });
}
