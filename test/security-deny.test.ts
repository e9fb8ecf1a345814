import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Bookinfo, Collector, GatewayApiGateway, Jaeger, Layer, Mesh, MeshApp, Prometheus, Stack } from '../constructs/index.ts';
import { Endpoint, type IngressPods, Workload } from '../constructs/kit/index.ts';
import { DefaultDeny, type DefaultDenyProps } from '../constructs/mesh/index.ts';
import { object, objects } from './support/synth.ts';

const home = mkdtempSync(join(tmpdir(), 'security-'));
afterAll(() => rmSync(home, { recursive: true }));
let runs = 0;

/** Bookinfo in a mesh whose collector has a sidecar. */
function shop() {
  const app = new MeshApp({ outdir: join(home, String(runs++)) });
  const stack = new Stack(app, 'shop');
  const mesh = new Layer(stack, 'mesh', { namespace: 'istio-system' });
  const observability = new Layer(stack, 'observability', { namespace: 'observability', after: [mesh] });
  const apps = new Layer(stack, 'apps', { namespace: 'bookinfo', after: [observability] });
  const jaeger = new Jaeger(mesh, 'jaeger');
  const collector = new Collector(observability, 'collector', { exportTo: [jaeger], sidecar: 'always' });
  const istio = new Mesh(mesh, 'istio', { tracing: { to: collector, via: 'otlp-grpc' } });
  const prometheus = new Prometheus(mesh, 'prometheus', { scrape: [istio, collector] });
  istio.enroll(apps);
  istio.enroll(observability);
  const bookinfo = new Bookinfo(apps, 'bookinfo');
  return { app, stack, mesh, observability, apps, collector, istio, prometheus, bookinfo };
}

/** Everything that any namespace needs. */
function needs({ istio, collector, bookinfo }: ReturnType<typeof shop>): Required<DefaultDenyProps> {
  return {
    mesh: istio,
    calls: bookinfo.calls,
    entrances: [{ to: bookinfo }],
    scrapes: [
      { of: istio, by: 'outside' },
      { of: collector, by: 'outside' },
    ],
    spans: [{ to: collector.receiver('otlp-grpc') }],
  };
}

const principal = (namespace: string, account: string) => `cluster.local/ns/${namespace}/sa/${account}`;

/** Who may do what, for each policy. */
function allowed(layer: Layer) {
  const policies = objects(layer).filter((o) => o.kind === 'AuthorizationPolicy');
  return Object.fromEntries(
    policies.map(({ metadata, spec }) => [
      metadata.name,
      spec.rules ? { ...spec.selector?.matchLabels, rules: spec.rules } : spec,
    ]),
  );
}

describe('DefaultDeny', () => {
  it('allows an app its own calls and the way in, and nothing else', () => {
    const made = shop();
    new DefaultDeny(made.apps, 'deny', needs(made));
    const rule = (...principals: string[]) => [{ from: [{ source: { principals } }], to: [{ operation: { ports: ['9080'] } }] }];
    expect(allowed(made.apps)).toEqual({
      'default-deny': {},
      'allow-details': { app: 'details', rules: rule(principal('bookinfo', 'bookinfo-productpage')) },
      'allow-reviews': { app: 'reviews', rules: rule(principal('bookinfo', 'bookinfo-productpage')) },
      'allow-ratings': { app: 'ratings', rules: rule(principal('bookinfo', 'bookinfo-reviews')) },
      'allow-productpage': {
        app: 'productpage',
        rules: rule(principal('istio-system', 'istio-ingressgateway-service-account')),
      },
    });
    // An empty spec allows nothing; none at all would be another object.
    expect(object(made.apps, 'AuthorizationPolicy', 'default-deny').spec).toEqual({});
    expect(() => made.app.synth()).not.toThrow();
  });

  it('allows a collector its spans and its scrapes', () => {
    const made = shop();
    const { allowed: policies } = new DefaultDeny(made.observability, 'deny', needs(made));
    expect(policies.map(({ name }) => name)).toEqual(['allow-otel-collector']);
    expect(allowed(made.observability)['allow-otel-collector']).toEqual({
      app: 'otel-collector',
      rules: [
        { to: [{ operation: { ports: ['8888'], methods: ['GET'], paths: ['/metrics'] } }] },
        { from: [{ source: { principals: ['*'] } }], to: [{ operation: { ports: ['4317'] } }] },
      ],
    });
    expect(() => made.app.synth()).not.toThrow();
  });

  it('knows by itself what the proxies of the mesh send their spans to', () => {
    const made = shop();
    new DefaultDeny(made.observability, 'deny', { ...needs(made), spans: [] });
    const told = shop();
    new DefaultDeny(told.observability, 'deny', needs(told));
    expect(allowed(made.observability)).toEqual(allowed(told.observability));
  });

  it('is proven: of a mesh that does not tell, the synth says that nobody may send spans', () => {
    const mesh = ({ rootNamespace, needsPlaintextRules, ingress, samplingPercent }: ReturnType<typeof shop>['istio']) => ({
      ...{ rootNamespace, needsPlaintextRules, ingress, samplingPercent },
    });
    const made = shop();
    new DefaultDeny(made.observability, 'deny', { ...needs(made), mesh: mesh(made.istio), spans: [] });
    expect(() => made.app.synth()).toThrow(/TRC048[\s\S]*no ALLOW policy allows provider "otel"/);
    const bare = shop();
    new DefaultDeny(bare.observability, 'deny', { mesh: mesh(bare.istio) });
    expect(() => bare.app.synth()).toThrow(/shop\/observability\/deny\/policy\s+error TRC048/);
  });

  it('puts senders of the same thing into one rule, and another thing into another', () => {
    const { apps, istio, bookinfo } = shop();
    const { details, reviews, ratings, productpage } = bookinfo;
    const calls = [
      { from: reviews.v2, to: details },
      { from: reviews.v3, to: details },
      { from: ratings, to: details.service },
      { from: ratings, to: reviews.v1 },
      { from: productpage, to: { namespace: 'bookinfo', selector: { app: 'plain' } } },
    ];
    new DefaultDeny(apps, 'deny', { mesh: istio, calls });
    const all = allowed(apps);
    const accounts = [principal('bookinfo', 'bookinfo-reviews'), principal('bookinfo', 'bookinfo-ratings')];
    const operation = { ports: ['9080'] };
    expect(all['allow-details'].rules).toEqual([{ from: [{ source: { principals: accounts } }], to: [{ operation }] }]);
    expect(all['allow-reviews-v1']).toMatchObject({ app: 'reviews', version: 'v1' });
    // Nobody knows these pods' ports.
    expect(all['allow-plain'].rules).toEqual([
      { from: [{ source: { principals: [principal('bookinfo', 'bookinfo-productpage')] } }] },
    ]);
  });

  it('lets everybody to a gateway of the namespace itself, and the gateway to the app', () => {
    const { apps, istio, bookinfo } = shop();
    const gateway = new GatewayApiGateway(apps, 'front', { mesh: istio });
    new DefaultDeny(apps, 'deny', { mesh: istio, entrances: [{ to: bookinfo, through: gateway.pods }] });
    expect(allowed(apps)).toEqual({
      'default-deny': {},
      'allow-front': { 'gateway.networking.k8s.io/gateway-name': 'front', rules: [{}] },
      'allow-productpage': {
        app: 'productpage',
        rules: [
          {
            from: [{ source: { principals: [principal('bookinfo', 'front-istio')] } }],
            to: [{ operation: { ports: ['9080'] } }],
          },
        ],
      },
    });
  });

  it('takes the container port, and leaves ports out that no Service leads to', () => {
    const { apps, istio, bookinfo } = shop();
    const web = new Workload(apps, 'web', {
      name: 'web',
      version: '1',
      image: 'web:1',
      user: 1000,
      ports: [
        { name: 'http', port: 8080 },
        { name: 'admin', port: 9901 },
        { name: 'metrics', port: 9100 },
      ],
      service: [
        { name: 'http', port: 80, targetPort: 8080, appProtocol: 'http' },
        { name: 'http-metrics', port: 81, targetPort: 9100, appProtocol: 'http' },
      ],
    });
    const endpoint = web.service.endpoint(80, 'http');
    const page = { name: 'web', endpoint, path: '/', sidecar: 'by-namespace' } as const;
    const job = { by: 'service', job: 'web', namespace: 'bookinfo', service: 'web', port: 'http-metrics', path: '/m' } as const;
    new DefaultDeny(apps, 'deny', {
      mesh: istio,
      calls: [{ from: bookinfo.details, to: web }],
      entrances: [{ to: { page } }],
      scrapes: [{ of: { scrapeJobs: [job] }, by: bookinfo.ratings }],
    });
    expect(allowed(apps)['allow-web'].rules.map((one: { to: unknown }) => one.to)).toEqual([
      [{ operation: { ports: ['8080', '9100'] } }],
      [{ operation: { ports: ['8080'] } }],
      [{ operation: { ports: ['9100'], methods: ['GET'], paths: ['/m'] } }],
    ]);
  });

  it('allows spans to the whole namespace where an operator makes the collector', () => {
    const { observability, istio } = shop();
    const to = Endpoint.external({ protocol: 'zipkin', host: 'main-collector.observability.svc.cluster.local', port: 9411 });
    new DefaultDeny(observability, 'deny', { mesh: istio, spans: [{ to, from: 'anyone' }] });
    expect(allowed(observability)['allow-spans']).toEqual({ rules: [{ to: [{ operation: { ports: ['9411'] } }] }] });
  });

  it('refuses the root namespace, a gateway that nobody knows, and what is no Service of the program', () => {
    const { mesh, apps, istio, bookinfo } = shop();
    expect(() => new DefaultDeny(mesh, 'a', { mesh: istio })).toThrow(
      "'shop/mesh/a' is of the mesh's root namespace 'istio-system', where it would deny the whole mesh",
    );
    const refused = (id: string, props: DefaultDenyProps) => expect(() => new DefaultDeny(apps, id, props));
    const { identity: _, ...through }: IngressPods = {
      ...istio.ingress,
      selector: {},
      namespace: 'edge',
      service: bookinfo.page.endpoint,
    };
    refused('b', { mesh: istio, entrances: [{ to: bookinfo, through }] }).toThrow(
      "gateway pods of namespace 'edge' that nobody knows the service account of",
    );
    refused('c', {
      mesh: { ...istio, rootNamespace: 'istio-system', ingress: undefined },
      entrances: [{ to: bookinfo }],
    }).toThrow("the mesh's install brings no ingress pods");
    const endpoint = Endpoint.external({ protocol: 'http', host: 'gone.bookinfo.svc.cluster.local', port: 80 });
    refused('d', { mesh: istio, entrances: [{ to: { page: { ...bookinfo.page, endpoint } } }] }).toThrow(
      "page 'bookinfo' of 'shop/apps/d' is at gone.bookinfo.svc.cluster.local:80, which is no Service of this program",
    );
    const job = { by: 'service', job: 'x', namespace: 'bookinfo', service: 'details', port: 'metrics' } as const;
    refused('e', { mesh: istio, scrapes: [{ of: { scrapeJobs: [job] }, by: 'outside' }] }).toThrow(
      "scrape job 'x' of 'shop/apps/e' asks port 'metrics' of 'details'",
    );
    new DefaultDeny(apps, 'f', { mesh: istio });
    refused('g', { mesh: istio }).toThrow("'shop/apps/g' and 'shop/apps/f' would both make AuthorizationPolicy 'default-deny'");
  });
});
