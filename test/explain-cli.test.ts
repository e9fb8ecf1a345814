import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { explainCommand } from '../cli/explain.ts';
import { object, shop, virtualService } from './explain-world.ts';

const root = resolve(import.meta.dirname, '..');
let folder: string;

const toJason = virtualService(
  'reviews',
  `{hosts: [reviews], http: [
    {name: jason, match: [{headers: {end-user: {exact: jason}}}], timeout: 1.5s, route: [{destination: {host: reviews, subset: v2}}]},
    {route: [{destination: {host: reviews, subset: v1}, weight: 67}, {destination: {host: reviews, subset: v3}, weight: 33}]}]}`,
);
const aborting = virtualService(
  'reviews',
  '{hosts: [reviews], http: [{fault: {abort: {httpStatus: 504, percentage: {value: 100}}}, route: [{destination: {host: reviews}}]}]}',
);
const front = object(
  'networking.istio.io/v1',
  'Gateway',
  'front',
  '{selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [shop.example.com]}]}',
);
const inventory = {
  layers: [{ name: 'apps' }, { name: 'jason', variantOf: 'apps' }, { name: 'aborting', variantOf: 'apps' }],
  objects: [],
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'explain-'));
  const files = {
    'plain/shop.yaml': [shop, front].join('\n---\n'),
    'stack/inventory.json': JSON.stringify(inventory),
    'stack/apps/apps.k8s.yaml': shop,
    'stack/jason/jason.k8s.yaml': toJason,
    'stack/aborting/aborting.k8s.yaml': aborting,
    'several/a/inventory.json': JSON.stringify(inventory),
    'several/a/apps/apps.yaml': shop,
    'several/b/inventory.json': JSON.stringify(inventory),
    'several/b/apps/apps.yaml': shop,
    'kustomized/kustomization.yaml':
      'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nnamespace: store\nresources: [cart.yaml]\n',
    'kustomized/cart.yaml': 'apiVersion: v1\nkind: Service\nmetadata: {name: cart}\nspec: {ports: [{name: http, port: 80}]}\n',
    'list.json': JSON.stringify({
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
    'workloads.yaml': shop.slice(shop.indexOf('---\napiVersion: apps/v1')).split('\n---\n')[0] ?? '',
    'broken.yaml': 'kind: Service\nkind: Service\n',
    'empty/.keep': '',
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

/** What `meshwright explain` prints, of a folder among the test's own. */
async function explained(path: string, ...options: string[]): Promise<string> {
  let printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  await explainCommand()
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .parseAsync([join(folder, path), ...options], { from: 'user' });
  vi.restoreAllMocks();
  return printed;
}

const reviews = ['--host', 'reviews', '--port', '9080'];

describe('meshwright explain', () => {
  it('tells what was asked, what becomes of it, and why, in 80 columns', async () => {
    const text = await explained('stack', ...reviews, '--from', 'shop/curl', '--header', 'End-User=jason', '--variant', 'jason');
    expect(text.split('\n').slice(0, 14)).toEqual([
      'GET reviews:9080/, from shop/curl',
      '  end-user: jason',
      '  -> is sent on by VirtualService/shop/reviews jason',
      '       100 %  reviews.shop.svc.cluster.local:9080 v2',
      '              (Deployment/shop/reviews-v2)',
      '',
      '  timeout     1.5 s',
      '  retries     2, on connect-failure, refused-stream, unavailable, cancelled,',
      '              retriable-status-codes',
      '  balancing   LEAST_REQUEST',
      '  mutual TLS  yes',
      '  allowed     yes',
      '',
      '  because',
    ]);
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('prints JSON with the keys that programs rely on, and nothing else', async () => {
    const answer = JSON.parse(await explained('stack', ...reviews, '--from', 'shop/curl', '--variant', 'jason', '--json'));
    expect(Object.keys(answer)).toEqual(
      expect.arrayContaining(
        ['outcome', 'matched', 'destinations', 'timeout', 'retries', 'fault', 'mirrors', 'rewrite', 'redirect'].concat(
          'mtls',
          'allowed',
          'reasons',
        ),
      ),
    );
    expect(answer).toMatchObject({ outcome: 'route', matched: { object: 'VirtualService/shop/reviews', rule: 'http[1]' } });
    expect(answer.destinations.map((one: { percent: number }) => one.percent)).toEqual([67, 33]);
    expect(answer.destinations[0]).toEqual({
      host: 'reviews.shop.svc.cluster.local',
      subset: 'v1',
      port: 9080,
      percent: 67,
      workloads: ['Deployment/shop/reviews-v1'],
    });
  });

  it('says in the first line that a request is aborted, although it has a route', async () => {
    const text = await explained('stack', ...reviews, '--variant', 'aborting');
    expect(text).toContain('http[0], but is aborted with 504\n');
    expect(text).toContain('abort       504 for 100 %');
  });

  it('says what is taken for the sender when nobody is named', async () => {
    expect(await explained('plain', ...reviews)).toContain('taken for a pod with a sidecar in namespace shop');
    expect(await explained('plain', ...reviews, '--from', 'shop')).not.toContain('taken for');
  });

  it('reads the folder of a variant alone as its stack with the variant', async () => {
    const alone = await explained('stack/jason', ...reviews, '--header', 'end-user=jason', '--json');
    expect(alone).toBe(await explained('stack', ...reviews, '--header', 'end-user=jason', '--variant', 'jason', '--json'));
    expect(alone).toContain('"subset": "v2"');
  });

  it.each([
    ['kustomized', 'cart.store', 'cart.store.svc.cluster.local'],
    ['list.json', 'cart.shop', 'cart.shop.svc.cluster.local'],
    ['plain/shop.yaml', 'web.shop', 'web.shop.svc.cluster.local'],
    ['workloads.yaml', 'example.com', 'leaves the proxy as it is'],
  ])('reads %s', async (path, host, says) => {
    expect(await explained(path, '--host', host)).toContain(says);
  });

  it.each([
    [['--host', 'reveiws', '--port', '9080', '--from', 'shop/curl'], 'did you mean reviews?'],
    [['--host', 'reviews', '--port', '9080', '--from', 'other/curl'], 'did you mean reviews.shop?'],
    [['--host', 'reviews.shpo', '--port', '9080'], 'did you mean reviews.shop?'],
    [['--host', 'reviews', '--port', '9080', '--from', 'shops'], 'did you mean namespace shop?'],
    [['--host', 'shop.exmple.com', '--gateway', 'shop/front'], 'did you mean shop.example.com?'],
    [['--host', 'reviews'], 'Service/shop/reviews has no port 80: it has 9080'],
  ])('answers %j, and says what was meant', async (options, says) => {
    expect((await explained('plain', ...options)).replaceAll(/\s+/g, ' ')).toContain(says);
  });

  it('has nothing to suggest for a host outside the mesh, and for one that is there', async () => {
    expect(await explained('plain', '--host', 'example.org')).not.toContain('did you mean');
    expect(await explained('plain', '--host', 'reviews', '--from', 'shop')).not.toContain('did you mean');
  });

  it.each([
    ['plain', ['--from', 'shop/crul'], 'there is no workload crul in namespace shop: did you mean "curl"?'],
    ['plain', ['--from', 'shpo/curl'], 'there is no workload in namespace shpo: did you mean "shop"?'],
    ['plain', ['--gateway', 'shop/frotn'], 'there is no gateway frotn in namespace shop: did you mean "front"?'],
    ['plain', ['--from', 'shop', '--gateway', 'shop/front'], '--from and --gateway exclude each other'],
    ['plain', ['--from', 'shop/a/b'], "allowed is 'namespace/app' or 'namespace'"],
    ['plain', ['--gateway', 'front'], "allowed is 'namespace/name'"],
    ['plain', ['--header', 'jason'], "allowed is 'name=value'"],
    ['plain', ['--path', 'reviews/0'], "it must begin with '/'"],
    ['plain', ['--port', '0'], 'allowed is a whole number from 1 to 65535'],
    ['plain', ['--variant', 'jason'], 'has no variants: leave --variant out'],
    ['stack', ['--variant', 'jasno'], 'has no variant "jasno": did you mean "jason"?'],
    ['stack', ['--variant', 'nothing-like-it'], 'there are jason, aborting'],
    ['several', [], 'there are several stacks'],
    ['broken.yaml', [], 'broken.yaml:2: not readable as YAML: map keys must be unique'],
    ['empty', [], 'no Kubernetes object found'],
    ['nowhere', [], 'no such path'],
  ])('of %s refuses %j', async (path, options, says) => {
    await expect(explained(path, ...reviews, ...options)).rejects.toThrow(says);
  });

  it('exits 0 with an answer, 2 with one line on stderr without, and reads standard input', () => {
    const run = (args: readonly string[], input = '') =>
      spawnSync(process.execPath, [inject('cli'), 'explain', ...args], {
        cwd: root,
        input,
        encoding: 'utf8',
      });
    const answered = run(['-', ...reviews], shop);
    expect(answered).toMatchObject({ status: 0, stderr: '' });
    expect(answered.stdout).toContain('reviews.shop.svc.cluster.local:9080');
    // Of standard input too, all is looked through for the right name.
    const refused = run(['-', ...reviews, '--from', 'shop/crul'], shop);
    expect(refused).toMatchObject({ status: 2, stdout: '' });
    expect(refused.stderr).toBe('meshwright: there is no workload crul in namespace shop: did you mean "curl"?\n');
  }, 60_000);

  it('says nothing when nobody reads on', () => {
    const piped = spawnSync('sh', ['-c', `"${process.execPath}" "${inject('cli')}" help explain | true`], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(piped).toMatchObject({ stdout: '', stderr: '' });
  }, 60_000);
});
