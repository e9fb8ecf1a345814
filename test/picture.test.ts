import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { modelOf } from '../constructs/proof/index.ts';
import { callsOf } from '../constructs/proof/model/app-calls.ts';
import { type Picture, pictureOf, toDot, toMermaid, toSvg } from '../constructs/proof/picture/index.ts';
import { backend, deployment, expectWellFormed, manyServices, mesh } from './picture-world.ts';
import { worldOf } from './proof-world.ts';

const modelFrom = (...parts: string[]) => modelOf(worldOf(parts.join('\n---\n')));
const draw = (...parts: string[]) => pictureOf(modelFrom(...parts), 'mine');

/** The arrows of a kind: `FROM[#ROW] -> TO LABEL`. */
function arrows({ edges }: Picture, kind: Picture['edges'][number]['kind']): string[] {
  return edges
    .filter((edge) => edge.kind === kind)
    .map(({ from, fromRow, to, label }) => `${from}${fromRow === undefined ? '' : `#${fromRow}`} -> ${to} ${label}`.trimEnd());
}

const node = (picture: Picture, id: string) => picture.nodes.find((one) => one.id === id);

const service = (name: string, more = '', namespace = 'shop') => `
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: ${namespace}}
spec: {selector: {app: ${name}}, ports: [{name: http, port: 8080}]${more}}`;
const shop = (labels = 'istio-injection: enabled') =>
  `apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {${labels}}}`;
const pod = (app: string, container: string) => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${app}, namespace: shop}
spec:
  selector: {matchLabels: {app: ${app}}}
  template: {metadata: {labels: {app: ${app}}}, spec: {containers: [{name: app, image: 'example/${app}:1', ${container}}]}}`;
const env = (name: string, value: string) => `env: [{name: ${name}, value: '${value}'}]`;

describe('calls between apps', () => {
  const calls = (container: string, ...more: string[]) =>
    arrows(draw(shop(), service('web'), service('cart'), pod('web', container), pod('cart', 'args: []'), ...more), 'request');

  it.each([
    ['a URL in a variable', env('UPSTREAM', 'http://cart:8080/items')],
    ['a URL in an argument', "args: ['--cart=http://cart.shop.svc.cluster.local:8080']"],
    ['a URL in a script', `command: [sh, -c, 'while true; do curl -s http://cart.shop:8080/; done']`],
    ['host and port in any variable', env('CART', 'cart:8080')],
    ['one of several', env('BACKENDS', 'other.example:1,cart:8080')],
  ])('come from %s', (_, container) => {
    expect(calls(container)).toEqual(['service/shop/web -> service/shop/cart :8080']);
  });

  it('come from a bare host in a variable that is named for one', () => {
    expect(calls(env('CART_HOSTNAME', 'cart'))).toEqual(['service/shop/web -> service/shop/cart']);
  });

  it('are not made up: a word that is a Service as well, an app itself, a host that nobody knows', () => {
    expect(calls(env('FAVOURITE', 'cart'))).toEqual([]);
    expect(calls(env('UPSTREAM', 'http://web:8080/'))).toEqual([]);
    expect(calls(env('UPSTREAM', 'http://elsewhere.example/'))).toEqual([]);
    expect(calls('env: [{name: CART_HOST, valueFrom: {secretKeyRef: {name: cart, key: host}}}]')).toEqual([]);
  });

  it('lead outside by a ServiceEntry', () => {
    const entry = `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: bank, namespace: shop}
spec: {hosts: [api.bank.example], ports: [{number: 443, name: tls, protocol: TLS}], resolution: DNS}`;
    expect(calls(env('BANK_URL', 'https://api.bank.example/pay'), entry)).toEqual([
      'service/shop/web -> external/api.bank.example',
    ]);
  });

  it('are spans where the called port takes spans', () => {
    const picture = draw(
      mesh,
      backend,
      shop(),
      service('web'),
      pod('web', env('OTEL_EXPORTER_OTLP_ENDPOINT', 'http://jaeger.tracing:4317')),
    );
    expect(arrows(picture, 'span')).toContain('service/shop/web -> service/tracing/jaeger OTLP/gRPC :4317');
    expect(arrows(picture, 'request')).toEqual([]);
  });

  it('pass the waypoint of the called namespace, from pods of the mesh', () => {
    const waypoint = `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: wp, namespace: shop}
spec: {gatewayClassName: istio-waypoint, listeners: [{name: mesh, port: 15008, protocol: HBONE}]}`;
    const outside = pod('web', env('U', 'http://cart:8080'))
      .replaceAll('namespace: shop', 'namespace: lab')
      .replace('cart:', 'cart.shop:');
    const picture = draw(
      shop('istio.io/dataplane-mode: ambient, istio.io/use-waypoint: wp'),
      'apiVersion: v1\nkind: Namespace\nmetadata: {name: lab}',
      ...[service('web'), service('cart'), pod('web', env('U', 'http://cart:8080')), pod('cart', 'args: []'), waypoint, outside],
    );
    expect(arrows(picture, 'request')).toEqual([
      'service/shop/web -> service/shop/wp :8080',
      'service/shop/wp -> service/shop/cart :8080',
      'workload/lab/web -> service/shop/cart :8080',
    ]);
    expect(node(picture, 'service/shop/wp')?.kind).toBe('waypoint');
    expect(node(picture, 'data-plane')?.lines).toEqual(expect.arrayContaining(['waypoints: wp', 'ztunnel for: shop']));
  });

  it('begin at the version that makes them', () => {
    const picture = draw(
      shop(),
      ...[
        service('web'),
        service('cart'),
        deployment('shop', 'web', 'v1', ''),
        deployment('shop', 'web', 'v2', 'http://cart:8080'),
      ],
      deployment('shop', 'cart', 'v1', ''),
    );
    expect(arrows(picture, 'request')).toEqual(['service/shop/web#web-v2 -> service/shop/cart :8080']);
  });

  it('tell who calls what, for others', () => {
    const [call] = callsOf(modelFrom(shop(), service('cart'), pod('web', env('U', 'http://cart:8080'))));
    expect(call).toMatchObject({ from: { name: 'web' }, to: { is: 'service', service: { name: 'cart' } }, port: 8080 });
  });
});

describe('versions', () => {
  const versions = [service('web'), deployment('shop', 'web', 'v1', ''), deployment('shop', 'web', 'v2', '')];
  const rules = `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: web, namespace: shop}
spec: {host: web, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]}`;
  const route = (http: string) => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec: {hosts: [web], http: [${http}]}`;
  const to = (subset: string, weight: number) => `{destination: {host: web, subset: ${subset}}, weight: ${weight}}`;
  const rows = (...more: string[]) =>
    node(draw(shop(), ...versions, rules, ...more), 'service/shop/web')?.rows.map(({ text }) => text);

  it('have the share that the rule for all other requests gives them', () => {
    const jason = `{match: [{headers: {end-user: {exact: jason}}}], route: [${to('v2', 100)}]}`;
    expect(rows(route(`${jason}, {route: [${to('v1', 80)}, ${to('v2', 20)}]}`))).toEqual(['v1 · 80 % · 1.0', 'v2 · 20 % · 1.0']);
    expect(rows(route('{route: [{destination: {host: web, subset: v2}}]}'))).toEqual(['v1 · 0 % · 1.0', 'v2 · 100 % · 1.0']);
  });

  it('have the share of Services of their own in an HTTPRoute', () => {
    const own = (version: string) => service(`web-${version}`).replace('{app: web-v', '{app: web, version: v');
    const http = `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: web, namespace: shop}
spec:
  parentRefs: [{group: '', kind: Service, name: web, port: 8080}]
  rules: [{backendRefs: [{name: web-v1, port: 8080, weight: 9}, {name: web-v2, port: 8080, weight: 1}]}]`;
    const picture = draw(shop(), ...versions, own('v1'), own('v2'), http);
    expect(node(picture, 'service/shop/web')?.rows.map(({ text }) => text)).toEqual(['v1 · 90 % · 1.0', 'v2 · 10 % · 1.0']);
    expect(node(picture, 'service/shop/web')?.lines).toContain('also as web-v1, web-v2');
    expect(node(picture, 'service/shop/web-v1')).toBeUndefined();
  });

  it('have none where no route prefers one', () => {
    expect(rows()).toEqual(['v1 · 1.0', 'v2 · 1.0']);
    expect(rows(route('{route: [{destination: {host: web}}]}'))).toEqual(['v1 · 1.0', 'v2 · 1.0']);
  });
});

describe('telemetry', () => {
  it('has the share of requests, and shows where spans leave the input', () => {
    const away = mesh.replace('jaeger.tracing.svc.cluster.local', 'otel.vendor.example');
    expect(arrows(draw(mesh, backend), 'span')).toEqual([
      'data-plane -> service/tracing/jaeger OTLP/gRPC :4317 · 25 % of requests',
    ]);
    const picture = draw(away);
    expect(arrows(picture, 'span')).toEqual([
      'data-plane -> external/otel.vendor.example:4317 OTLP/gRPC :4317 · 25 % of requests',
    ]);
    expect(node(picture, 'external/otel.vendor.example:4317')?.lines).toEqual(['not in this input']);
  });

  it('has no arrow for a provider that nobody uses', () => {
    const unused = mesh.replace(
      '    extensionProviders:',
      '    extensionProviders:\n      - {name: zipkin, zipkin: {service: zipkin.tracing.svc.cluster.local, port: 9411}}',
    );
    expect(arrows(draw(unused, backend), 'span')).toHaveLength(1);
  });

  it('has access logs that proxies send, and those that a collector reads from files', () => {
    const logs = mesh.replace(
      '    extensionProviders:',
      '    defaultProviders: {accessLogging: [als]}\n    extensionProviders:\n      - {name: als, envoyOtelAls: {service: c-collector.logs.svc.cluster.local, port: 4317}}',
    );
    const collector = (receivers: string) => `
apiVersion: opentelemetry.io/v1beta1
kind: OpenTelemetryCollector
metadata: {name: c, namespace: logs}
spec:
  config:
    receivers: {${receivers}}
    exporters: {otlp_http: {endpoint: 'http://loki.logs:3100/otlp'}}
    service: {pipelines: {logs: {receivers: [${receivers.split(':')[0]}], exporters: [otlp_http]}}}`;
    const loki = service('loki', '', 'logs').replace('8080', '3100');
    const sent = draw(logs, collector("otlp: {protocols: {grpc: {endpoint: '0.0.0.0:4317'}}}"), loki);
    expect(arrows(sent, 'log')).toEqual([
      'data-plane -> service/logs/c-collector access logs :4317',
      'service/logs/c-collector -> service/logs/loki otlp-http :3100'.replace('otlp-http', 'OTLP/HTTP'),
    ]);
    const read = draw(mesh, collector('file_log: {include: [/var/log/pods/*/*/*.log]}'), loki);
    expect(arrows(read, 'log')[0]).toBe('data-plane -> service/logs/c-collector log files of the nodes');
  });

  it('is not there where there is no mesh', () => {
    const picture = draw('apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}', service('web'), pod('web', 'args: []'));
    expect(picture.nodes.map(({ id }) => id)).toEqual(['service/shop/web']);
    expect(picture.groups).toEqual([{ id: 'namespace/shop', title: 'shop', subtitle: 'not in the mesh' }]);
  });

  it('says nothing of a namespace that the input only refers to', () => {
    expect(draw(service('web'), pod('web', 'args: []')).groups[0]?.subtitle).toBe('');
  });
});

describe('a picture of many services', () => {
  const sizes = [
    ['one namespace of 300', 1, 300],
    ['100 namespaces of 3', 100, 3],
    ['5 namespaces of 20', 5, 20],
  ] as const;

  it.each(sizes)('is readable: %s', async (_, namespaces, services) => {
    const picture = draw(manyServices(namespaces, services));
    expect(picture.nodes.length).toBeLessThanOrEqual(50);
    expect(picture.edges.length).toBeLessThanOrEqual(80);
    const svg = await toSvg(picture);
    expectWellFormed(svg);
    expect(Number(/^<svg [^>]*width="(\d+)"/.exec(svg)?.[1])).toBeLessThan(1700);
    expect(toMermaid(picture).length).toBeLessThan(50_000);
  });

  it.each(sizes)('loses nothing without a word: %s', (_, namespaces, services) => {
    const picture = draw(manyServices(namespaces, services));
    const apps = picture.nodes.filter(({ kind }) => kind === 'app');
    expect(apps.reduce((sum, { stands }) => sum + stands, 0)).toBe(namespaces * services);
    expect(apps.filter(({ stands }) => stands > 1).every(({ title, stands }) => title === `${stands} services`)).toBe(true);
    expect(picture.description).toContain(
      `${namespaces * services + 5} parts in ${namespaces + 2} namespaces, drawn as ${picture.nodes.length}`,
    );
    expect(arrows(picture, 'span')).toEqual(['data-plane -> service/tracing/jaeger OTLP/gRPC :4317 · 25 % of requests']);
    expect(arrows(picture, 'config')).toHaveLength(1);
  });

  it('keeps what is asked from outside for itself', () => {
    const picture = draw(manyServices(1, 300));
    expect(node(picture, 'service/shop-000/s-00')?.stands).toBe(1);
    expect(arrows(picture, 'request')).toContain(
      'service/istio-system/istio-ingressgateway#shop-000.mesh.test/ -> service/shop-000/s-00 :8080',
    );
  });

  it('names the first hosts of a gateway, and counts the others', () => {
    const rows =
      node(draw(manyServices(100, 3)), 'service/istio-system/istio-ingressgateway')?.rows.map(({ text }) => text) ?? [];
    expect(rows).toHaveLength(12);
    expect([rows[0], rows[11]]).toEqual(['shop-000.mesh.test', '89 more hosts']);
  });

  it('is whole below that: 30 services', () => {
    const picture = draw(manyServices(3, 10));
    expect(
      picture.nodes.filter(({ kind }) => kind === 'app').every(({ stands, rows }) => stands === 1 && rows.length === 2),
    ).toBe(true);
  });

  it('has the same arrows, nodes and bytes whatever the order of the input', async () => {
    const parts = manyServices(4, 12).split('\n---\n');
    const [one, other] = [draw(...parts), draw(...parts.reverse())];
    expect(other).toEqual(one);
    expect(await toSvg(other)).toBe(await toSvg(one));
  });
});

it('is cut to what Mermaid draws, telemetry first', () => {
  const nodes = Array.from({ length: 40 }, (_, i) => ({
    ...{ id: `a${i}`, kind: 'app' as const, title: `app ${i}`, lines: [], rows: [], group: undefined, stands: 1 },
  }));
  const edges = nodes.flatMap(({ id: from }) =>
    nodes.map(({ id: to }) => ({ from, to, kind: to === 'a39' ? ('span' as const) : ('request' as const), label: ':80' })),
  );
  const text = toMermaid({ title: 'many', description: 'arrows', groups: [], nodes, edges });
  expect(text.length).toBeLessThan(50_000);
  expect(text.match(/-->\|/g)?.length).toBe(360);
  expect(text.match(/==>\|/g)?.length).toBe(40);
  expect(text).toMatch(/^ {2}linkStyle 0,1,[\d,]*,39 stroke:#c2410c$/m);
});

it('tells all versions in a box of Mermaid, or none where each stands at its arrow', () => {
  const app = { kind: 'app' as const, lines: [], group: undefined, stands: 1 };
  const rows = [
    { id: 'v1', text: 'v1' },
    { id: 'v2', text: 'v2' },
  ];
  const nodes = [
    { ...app, id: 'reviews', title: 'reviews', rows },
    { ...app, id: 'ratings', title: 'ratings', rows: [] },
  ];
  const calls = (...versions: readonly string[]) =>
    toMermaid({
      ...{ title: 'a', description: 'b', groups: [], nodes },
      edges: versions.map((fromRow) => ({ from: 'reviews', fromRow, to: 'ratings', kind: 'request' as const, label: '' })),
    });
  expect(calls('v2')).toContain('["<b>reviews</b><br/>v1<br/>v2"]');
  expect(calls('v1', 'v2')).toContain('["<b>reviews</b>"]');
});

describe('names of others', () => {
  const name = '"a\\"b<c>&|]end; %%{init: {}}%% \\n-->"';
  const strange = [
    `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}, namespace: ${name}}\nspec: {selector: {app: q}, ports: [{port: 80}]}`,
    `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: ${name}, namespace: ${name}}\nspec: {selector: {matchLabels: {app: q}}, template: {metadata: {labels: {app: q}}, spec: {containers: [{name: a, image: ${name}}]}}}`,
  ];
  const picture = pictureOf(modelFrom(...strange), '<b>"mine"</b>');

  it('are text, not markup, in SVG', async () => {
    const svg = await toSvg(picture);
    expectWellFormed(svg);
    expect(svg).toContain('<title id="title">&lt;b&gt;&quot;mine&quot;&lt;/b&gt;</title>');
    expect(svg).toContain('c&gt;&amp;|]end; %%{init: {}}%%');
  });

  it('are text in Mermaid', () => {
    const text = toMermaid(picture);
    const [box = ''] = text.split('\n').filter((line) => line.includes(':::kind-app'));
    expect(box).toMatch(/^ {4}n0\["(?:<b>|<\/b>|<br\/>|#\d+;|[\w .,:/%=-])*"\]:::kind-app$/);
    expect(box).toContain('a#34;b#60;c#62;#38;#124;#93;end#59;');
  });

  it('stay in their quotes in dot', () => {
    expect(toDot(picture)).toMatch(/^ {4}"service\/a\\"b<c>&\|]end; %%\{init: \{\}\}%% -->\/[^\n]+ \[label=</m);
  });
});

it('Graphviz is loaded by whoever draws an SVG, and by nobody else', () => {
  const root = resolve(import.meta.dirname, '..');
  const users = ['constructs', 'cli'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => join(folder, file))
      .filter((file) => readFileSync(join(root, file), 'utf8').includes('viz-js')),
  );
  expect(users).toEqual(['constructs/proof/picture/formats/svg.ts']);
  expect(readFileSync(join(root, users[0] ?? ''), 'utf8')).toMatch(/await import\('@viz-js\/viz'\)/);
});
