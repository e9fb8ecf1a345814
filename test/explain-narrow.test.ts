import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { UserError } from '../constructs/kit/user-error.ts';
import { explain, modelOf, narrow, readWorlds, type TrafficRequest, type World } from '../constructs/proof/index.ts';
import { readTexts } from '../constructs/proof/read/files.ts';
import type { SourceFile } from '../constructs/proof/read/source.ts';
import { written } from './explain-narrow-worlds.ts';

const root = resolve(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'narrow-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The answers of all of a folder's worlds, and of what is left of them when only one request matters. */
function answers(path: string, request: TrafficRequest, full: readonly World[]) {
  const ask = (world: World) => ({ world: world.name, answer: explain(modelOf(world), request) });
  const left = readWorlds([path], { narrow: (sources) => narrow(sources, request) });
  return { whole: full.map(ask), narrowed: left.map(ask), documents: left.map(({ objects }) => objects.length) };
}

const senders = [
  undefined,
  { namespace: 'bookinfo', app: 'productpage' },
  { namespace: 'bookinfo', app: 'curl' },
  { namespace: 'demos' },
];
const hosts: [string, number][] = [
  ['reviews.bookinfo', 9080],
  ['reviews.bookinfo.svc.cluster.local', 9080],
  ['ratings.bookinfo', 9080],
  ['service-go.demos', 80],
  ['httpbin.demos', 8000],
  ['helloworld.demos.svc', 5000],
  ['httpbin.org', 80],
  ['nobody.bookinfo', 9080],
  ['example.com', 443],
];

describe('what is left of a mesh for one request', () => {
  const path = join(root, 'dist/traffic');
  const full = readWorlds([path]);

  it.each(hosts)('gives the answer of the whole, for %s', (host, port) => {
    for (const from of senders) {
      for (const headers of [{}, { 'end-user': 'jason' }]) {
        const { whole, narrowed, documents } = answers(path, { host, port, headers, ...(from && { from }) }, full);
        expect(narrowed).toEqual(whole);
        expect(documents[0]).toBeLessThan((full[0]?.objects.length ?? 0) / 2);
      }
    }
  });

  it.each(['bookinfo', 'httpbin', 'grafana'])('gives the answer of the whole, at the gateway of %s', (name) => {
    const gateway = { namespace: 'istio-system', name: `${name}-gateway` };
    for (const asked of ['/productpage', '/static/a.css', '/', '/get']) {
      const { whole, narrowed } = answers(path, { host: `${name}.mesh.test`, path: asked, gateway }, full);
      expect(narrowed).toEqual(whole);
    }
  });
});

const service = (name: string, namespace?: string) => `apiVersion: v1
kind: Service
metadata: {name: ${name}${namespace === undefined ? '' : `, namespace: ${namespace}`}}
spec: {selector: {app: ${name}}, ports: [{name: http, port: 80}]}
`;
const workload = (name: string) => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}, version: v1, istio-injection: enabled}}
    spec: {containers: [{name: c, image: 'example.test/c:1'}]}
`;
const route = (name: string, spec: string) => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ${name}}
spec: ${spec}
`;

describe('what is written otherwise is found as well', () => {
  const cases: [string, readonly string[], string][] = [
    [
      'in braces, without a namespace',
      [
        service('cart'),
        workload('cart'),
        route('cart', '{hosts: [cart], http: [{timeout: 3s, route: [{destination: {host: cart}}]}]}'),
      ],
      '"timeout":3',
    ],
    [
      'for a wildcard',
      [
        service('cart', 'shop'),
        route(
          'all',
          '{hosts: ["*.shop.svc.cluster.local"], http: [{timeout: 3s, route: [{destination: {host: cart.shop.svc.cluster.local}}]}]}',
        ),
      ],
      '"timeout":3',
    ],
    [
      'in a delegate',
      [
        service('cart', 'shop'),
        service('stock', 'shop'),
        route('cart', '{hosts: [cart.shop.svc.cluster.local], http: [{delegate: {name: other}}]}'),
        route('other', '{http: [{route: [{destination: {host: stock.shop.svc.cluster.local}}]}]}'),
      ],
      'stock.shop.svc.cluster.local',
    ],
    [
      'as JSON',
      [
        JSON.stringify({
          apiVersion: 'v1',
          kind: 'List',
          items: [
            {
              apiVersion: 'v1',
              kind: 'Service',
              metadata: { name: 'cart', namespace: 'shop' },
              spec: { ports: [{ name: 'http', port: 80 }] },
            },
          ],
        }),
      ],
      'cart.shop.svc.cluster.local',
    ],
    [
      'in the mesh config',
      [
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio, namespace: istio-system}\ndata:\n  mesh: |\n    outboundTrafficPolicy: {mode: REGISTRY_ONLY}\n',
        service('stock', 'shop'),
      ],
      'blackhole',
    ],
  ];
  it.each(cases)('%s', (what, documents, says) => {
    const path = join(folder, `${what.replaceAll(/\W/g, '-')}.yaml`);
    writeFileSync(path, documents.join('---\n'));
    const host = what.includes('namespace') ? 'cart' : what === 'in the mesh config' ? 'cart.example.com' : 'cart.shop';
    const request = { host, from: { namespace: what.includes('namespace') ? 'default' : 'shop' } };
    const { whole, narrowed } = answers(path, request, readWorlds([path]));
    expect(narrowed).toEqual(whole);
    expect(JSON.stringify(whole)).toContain(says);
  });

  it('keeps every line where it was', () => {
    const source = `# first\n---\n${service('cart')}---\n${service('other', 'elsewhere')}---\n${route('cart', '{hosts: [cart]}')}`;
    const [left] = narrow([{ name: 'a.yaml', source }], { host: 'cart' });
    const lines = left?.source.split('\n') ?? [];
    expect(lines.indexOf('metadata: {name: cart}')).toBe(source.split('\n').indexOf('metadata: {name: cart}'));
    expect(lines.lastIndexOf('kind: VirtualService')).toBe(source.split('\n').indexOf('kind: VirtualService'));
    expect(lines).toHaveLength(source.split('\n').length);
  });
});

describe('of any mesh, however it is written,', () => {
  /** The answer, or that there is none. */
  function answer(sources: readonly SourceFile[], request: TrafficRequest): unknown {
    const world: World = { name: 'any', ...readTexts(sources), acknowledged: [] };
    try {
      return explain(modelOf(world), request);
    } catch (error) {
      if (error instanceof UserError) return 'none';
      throw error;
    }
  }

  it('what is left gives the answer of the whole', () => {
    fc.assert(
      fc.property(written, ({ sources, request }) => {
        expect(answer(narrow(sources, request), request)).toEqual(answer(sources, request));
      }),
      { numRuns: Number(process.env.RUNS ?? 300) },
    );
  }, 120_000);
});
