import { describe, expect, it } from 'vitest';
import { Bookinfo } from '../constructs/apps/index.ts';
import { Layer, MeshService, type PodSet, Workload } from '../constructs/kit/index.ts';
import {
  Authorization,
  type AuthorizationProps,
  type AuthorizationRule,
  MutualTls,
  type MutualTlsMode,
  type Operation,
  type PolicyTarget,
  type Source,
} from '../constructs/mesh/index.ts';
import { layer, object, objects } from './support/synth.ts';

function shop() {
  const chart = layer('shop');
  const pod = { version: '1', image: 'shop:1', user: 1000 };
  const web = new Workload(chart, 'web', {
    ...pod,
    name: 'web',
    ports: [
      { name: 'http', port: 8080 },
      { name: 'metrics', port: 9090 },
    ],
    service: [{ name: 'http', port: 80, targetPort: 8080, appProtocol: 'http' }],
  });
  const db = new Workload(chart, 'db', {
    ...pod,
    name: 'db',
    ports: [{ name: 'tcp', port: 5432 }],
    service: [{ name: 'tcp', port: 5432, appProtocol: 'tcp' }],
  });
  return { chart, web, db, bookinfo: new Bookinfo(chart, 'bookinfo') };
}

type Shop = ReturnType<typeof shop>;

describe('MutualTls', () => {
  const peer = (chart: Layer, name: string) => object(chart, 'PeerAuthentication', name).spec;

  it.each<[MutualTlsMode, string]>([
    ['strict', 'STRICT'],
    ['permissive', 'PERMISSIVE'],
    ['disable', 'DISABLE'],
  ])('%s holds for a namespace, for pods, and for single ports', (mode, written) => {
    const { chart, web, db, bookinfo } = shop();
    new MutualTls(chart, 'all', { to: 'namespace', mode });
    new MutualTls(chart, 'web-ports', { to: web, ports: { 8080: mode, metrics: mode } });
    new MutualTls(chart, 'db-all', { to: db.service, mode });
    new MutualTls(chart, 'reviews', { to: bookinfo.reviews, mode });
    new MutualTls(chart, 'v2', { to: bookinfo.reviews.v2, mode });
    expect(peer(chart, 'default')).toEqual({ mtls: { mode: written } });
    expect(peer(chart, 'web')).toEqual({
      selector: { matchLabels: { app: 'web' } },
      portLevelMtls: { 8080: { mode: written }, 9090: { mode: written } },
    });
    expect(peer(chart, 'db')).toEqual({ selector: { matchLabels: { app: 'db' } }, mtls: { mode: written } });
    expect(peer(chart, 'reviews').selector).toEqual({ matchLabels: { app: 'reviews' } });
    expect(peer(chart, 'reviews-v2').selector).toEqual({ matchLabels: { app: 'reviews', version: 'v2' } });
  });

  it('replaces that of the stack in a variant', () => {
    const { chart } = shop();
    new MutualTls(chart, 'all', { to: 'namespace', mode: 'permissive' });
    const variant = new Layer(chart.node.scope ?? chart, 'strict', { variantOf: chart });
    new MutualTls(variant, 'all', { to: 'namespace', mode: 'strict' });
    expect(peer(variant, 'default')).toEqual({ mtls: { mode: 'STRICT' } });
  });

  it('refuses what says nothing, comes twice, or is for other ports or pods', () => {
    const { chart, web } = shop();
    const elsewhere = new MeshService(new Layer(chart.node.scope ?? chart, 'other', { namespace: 'other' }), 's', {
      name: 'far',
      selector: { app: 'far' },
      ports: [{ name: 'http', port: 80, appProtocol: 'http' }],
    });
    const refused = (id: string, props: ConstructorParameters<typeof MutualTls>[2]) =>
      expect(() => new MutualTls(chart, id, props));
    refused('a', { to: web }).toThrow("mutual tls 'layer/a' says nothing of 'web': give it a mode, or ports");
    refused('b', { to: web, ports: { 80: 'disable' } }).toThrow(
      "'layer/b' is about port 80 of 'web', whose containers listen at http (8080), metrics (9090): it is the container's port, not the Service's",
    );
    refused('c', { to: web, ports: { 8080: 'disable', http: 'strict' } }).toThrow('names port 8080');
    refused('d', { to: elsewhere, mode: 'strict' }).toThrow("is for 'far' of 'other', but stands in 'shop'");
    refused('e', { to: { namespace: 'shop', selector: {} }, mode: 'strict' }).toThrow("say to: 'namespace'");
    const outside = { host: 'api.example.org', namespace: 'shop', ports: [], selector: undefined, versions: {} };
    refused('f', { to: outside, mode: 'strict' }).toThrow("'api.example.org', which has no pods in the cluster");
    // @ts-expect-error single ports of a namespace
    refused('g', { to: 'namespace', mode: 'strict', ports: { 80: 'disable' } }).toThrow('istio takes no single ports');
    // @ts-expect-error a name is no pods
    refused('h', { to: 'web', mode: 'strict' }).toThrow();
    new MutualTls(chart, 'first', { to: web, mode: 'strict' });
    refused('second', { to: web, mode: 'disable' }).toThrow(
      "'layer/second' and 'layer/first' would both make PeerAuthentication 'web' in namespace 'shop': istio reads the older one alone",
    );
  });
});

/** The one rule of a policy with one rule. */
function rendered(
  rule: AuthorizationRule,
  to: PolicyTarget | ((made: Shop) => PolicyTarget) = 'namespace',
  trustDomain?: string,
) {
  const made = shop();
  const target = typeof to === 'function' ? to(made) : to;
  new Authorization(made.chart, 'policy', {
    to: target,
    action: 'allow',
    rules: [rule],
    ...(trustDomain ? { trustDomain } : {}),
  });
  return object(made.chart, 'AuthorizationPolicy', 'policy').spec.rules[0];
}

describe('Authorization', () => {
  it('names an app, its action and its rules', () => {
    const { chart, bookinfo } = shop();
    const props: Required<AuthorizationProps> = {
      to: bookinfo.ratings,
      action: 'allow',
      rules: [{ from: [bookinfo.reviews.v2, bookinfo.reviews.v3], methods: ['GET'] }],
      name: 'ratings-readers',
      trustDomain: 'prod.example',
    };
    expect(new Authorization(chart, 'id', props).name).toBe('ratings-readers');
    expect(object(chart, 'AuthorizationPolicy', 'ratings-readers')).toMatchObject({
      metadata: { namespace: 'shop' },
      spec: {
        selector: { matchLabels: { app: 'ratings' } },
        action: 'ALLOW',
        rules: [
          {
            // The versions share one ServiceAccount.
            from: [{ source: { principals: ['prod.example/ns/shop/sa/bookinfo-reviews'] } }],
            to: [{ operation: { methods: ['GET'] } }],
          },
        ],
      },
    });
  });

  it.each([
    ['deny', { action: 'DENY' }],
    ['audit', { action: 'AUDIT' }],
    [{ custom: 'opa' }, { action: 'CUSTOM', provider: { name: 'opa' } }],
  ] as const)('can %j', (action, spec) => {
    const { chart, web } = shop();
    new Authorization(chart, 'policy', { to: web, action, rules: [{ paths: ['/admin/*'], ports: ['http'] }] });
    expect(object(chart, 'AuthorizationPolicy', 'policy').spec).toEqual({
      selector: { matchLabels: { app: 'web' } },
      ...spec,
      rules: [{ to: [{ operation: { ports: ['8080'], paths: ['/admin/*'] } }] }],
    });
  });

  it('knows every kind of sender', () => {
    const chart = layer('shop');
    const identity = { namespace: 'a', serviceAccount: 'b' };
    const from = (source: AuthorizationRule['from'], notFrom?: AuthorizationRule['notFrom']) =>
      rendered({ from: source ?? 'anyone', ...(notFrom ? { notFrom } : {}) }).from;
    expect(from('anyone')).toBeUndefined();
    expect(from('authenticated')).toEqual([{ source: { principals: ['*'] } }]);
    expect(from(identity)).toEqual([{ source: { principals: ['cluster.local/ns/a/sa/b'] } }]);
    expect(from([chart, { namespace: 'other' }, { namespace: chart }])).toEqual([{ source: { namespaces: ['shop', 'other'] } }]);
    expect(from({ ipBlocks: ['10.0.0.0/8', '::1'] })).toEqual([{ source: { ipBlocks: ['10.0.0.0/8', '::1'] } }]);
    expect(from({ remoteIpBlocks: ['192.0.2.1'] })).toEqual([{ source: { remoteIpBlocks: ['192.0.2.1'] } }]);
    expect(from({ token: 'any' })).toEqual([{ source: { requestPrincipals: ['*'] } }]);
    expect(from([{ token: { issuer: 'i' } }, { token: { issuer: 'i', subject: 's' } }])).toEqual([
      { source: { requestPrincipals: ['i/*', 'i/s'] } },
    ]);
    // One or the other, and none of those left out.
    expect(from([identity, chart], [{ namespace: 'c' }, { ipBlocks: ['10.1.1.1'] }])).toEqual([
      { source: { principals: ['cluster.local/ns/a/sa/b'], notNamespaces: ['c'], notIpBlocks: ['10.1.1.1'] } },
      { source: { namespaces: ['shop'], notNamespaces: ['c'], notIpBlocks: ['10.1.1.1'] } },
    ]);
    expect(from('anyone', 'authenticated')).toEqual([{ source: { notPrincipals: ['*'] } }]);
  });

  it('takes every condition', () => {
    const rule: Required<AuthorizationRule> = {
      from: 'authenticated',
      notFrom: [{ namespace: 'test' }],
      paths: ['/a', '/b/*', '*.png', '/c/{*}/d/{**}'],
      methods: ['GET', 'POST'],
      hosts: ['shop.mesh.test'],
      ports: ['http', 9090],
      not: { paths: ['/a/x'], methods: ['PUT'], hosts: ['*.test'], ports: [9090] } satisfies Required<Operation>,
      headers: { 'end-user': ['jason'] },
      claims: { groups: ['admin', 'staff'] },
      when: [
        { key: 'source.ip', values: ['10.0.0.0/8'], notValues: ['10.0.0.1'] },
        { key: 'request.headers[x-debug]', notValues: ['*'] },
      ],
    };
    expect(rendered(rule, ({ web }) => web)).toEqual({
      from: [{ source: { principals: ['*'], notNamespaces: ['test'] } }],
      to: [
        {
          operation: {
            ports: ['8080', '9090'],
            methods: ['GET', 'POST'],
            paths: ['/a', '/b/*', '*.png', '/c/{*}/d/{**}'],
            hosts: ['shop.mesh.test'],
            notPorts: ['9090'],
            notMethods: ['PUT'],
            notPaths: ['/a/x'],
            notHosts: ['*.test'],
          },
        },
      ],
      when: [
        { key: 'request.headers[end-user]', values: ['jason'] },
        { key: 'request.auth.claims[groups]', values: ['admin', 'staff'] },
        { key: 'source.ip', values: ['10.0.0.0/8'], notValues: ['10.0.0.1'] },
        { key: 'request.headers[x-debug]', notValues: ['*'] },
      ],
    });
  });

  it('reads the ports behind a Service, and believes those of plain pods', () => {
    const ports = (to: (made: Shop) => PolicyTarget, port: number | string) =>
      rendered({ ports: [port] }, to).to[0].operation.ports;
    expect(ports(({ web }) => web.service, 'http')).toEqual(['8080']);
    expect(ports(({ bookinfo }) => bookinfo.reviews, 'http')).toEqual(['9080']);
    const plain: PodSet = { namespace: 'shop', selector: { app: 'x' } };
    expect(ports(() => plain, 1234)).toEqual(['1234']);
    expect(() => ports(() => plain, 'http')).toThrow('do not say their ports: give its number');
  });

  it('keeps a deny by HTTP away from TCP ports, where it would deny everything', () => {
    const { chart, web } = shop();
    new Authorization(chart, 'policy', { to: web, action: 'deny', rules: [{ methods: ['DELETE'] }] });
    expect(object(chart, 'AuthorizationPolicy', 'policy').spec.rules[0].to[0].operation.ports).toEqual(['8080', '9090']);
    expect(() => new Authorization(chart, 'all', { to: 'namespace', action: 'deny', rules: [{ methods: ['DELETE'] }] })).toThrow(
      "rule 1 of 'layer/all' denies by what only HTTP has, and the ports of namespace 'shop' are not known",
    );
  });
});

describe('Authorization refuses', () => {
  const one = { namespace: 'a', serviceAccount: 'b' };
  it.each<[string, AuthorizationRule, string]>([
    ['a rule that says nothing', {}, "rule 1 of 'layer/policy' says nothing: say { from: 'anyone' }"],
    [
      'an identity without account',
      { from: { namespace: 'a', serviceAccount: '' } },
      "identity of namespace 'a' without a service account",
    ],
    ['nobody left', { from: one, notFrom: 'anyone' }, 'which leaves nobody'],
    ['a malformed address', { from: { ipBlocks: ['10.0.0.0/33'] } }, 'address "10.0.0.0/33" of rule 1'],
    ['two lengths', { from: { ipBlocks: ['10.0.0.0/8/8'] } }, 'allowed are IP addresses'],
    ['a method in small letters', { methods: ['get'] }, 'method "get" of rule 1 of \'layer/policy\' never matches'],
    ['a path without slash', { paths: ['admin'] }, "begin it with '/'"],
    ['a query', { paths: ['/a?b=c'] }, 'without its query'],
    ['a star inside', { paths: ['/a/*/b'] }, "inside a path write '{*}'"],
    ['two stars', { paths: ['*a*'] }, "'*' stands at the beginning or the end, once"],
    ['a template within a segment', { paths: ['/a{*}'] }, "allowed are '{*}' for one segment"],
    ['a template after the last', { paths: ['/{**}/{*}'] }, 'the last of them'],
    ['an empty value', { hosts: [''] }, "hosts of rule 1 of 'layer/policy' holds an empty value"],
    ['a port out of range', { ports: [70000] }, 'port 70000'],
    ['a header without name', { headers: { '': ['x'] } }, 'names nothing between its brackets'],
    [
      'a wrong address in a condition',
      { when: [{ key: 'remote.ip', values: ['here'] }] },
      'address "here" of condition \'remote.ip\'',
    ],
    ['a wrong port in a condition', { when: [{ key: 'destination.port', values: ['http'] }] }, 'is no port'],
  ])('%s', (_, rule, message) => {
    expect(() => rendered(rule)).toThrow(message);
  });

  it('empty lists, and what is no sender', () => {
    // @ts-expect-error an empty list would mean everybody
    expect(() => rendered({ from: [] })).toThrow("from of rule 1 of 'layer/policy' is empty");
    // @ts-expect-error an empty list would mean every path
    expect(() => rendered({ paths: [] })).toThrow("paths of rule 1 of 'layer/policy' is empty");
    // @ts-expect-error a name is no identity
    expect(() => rendered({ from: ['web'] })).toThrow();
    const { web, bookinfo } = shop();
    // @ts-expect-error a Service sends nothing
    expect(() => rendered({ from: [web.service] })).toThrow('holds pods or a service');
    const account: Source = bookinfo.reviews;
    expect(rendered({ from: account }).from[0].source.principals).toEqual(['cluster.local/ns/shop/sa/bookinfo-reviews']);
  });

  it('no rules, each action with its reason', () => {
    const { chart, web } = shop();
    const without = (action: 'allow' | 'deny') => () =>
      // @ts-expect-error no rule
      new Authorization(chart, action, { to: web, action, rules: [] });
    expect(without('allow')).toThrow(
      "'layer/allow' allows nothing, so it would refuse every request: use 'new DefaultDeny(...)'",
    );
    expect(without('deny')).toThrow("'layer/deny' has no rule, so it would never apply");
  });

  it.each<[string, AuthorizationRule]>([
    ['a path', { paths: ['/a'] }],
    ['a path left out', { not: { paths: ['/a'] } }],
    ['a token', { from: { token: 'any' } }],
    ['a token left out', { notFrom: { token: 'any' } }],
    ['a header', { headers: { a: ['b'] } }],
    ['a claim', { claims: { a: ['b'] } }],
    ['a condition of requests', { when: [{ key: 'request.auth.audiences', values: ['a'] }] }],
  ])('%s at a TCP port', (_, rule) => {
    const message = "asks for what only HTTP has, but port tcp (5432) of 'db' speaks tcp";
    expect(() => rendered(rule, ({ db }) => db)).toThrow(message);
    expect(() => rendered({ ...rule, ports: [5432] }, ({ db }) => db)).toThrow(message);
  });

  it.each<AuthorizationRule>([
    { from: one },
    { from: 'authenticated' },
    { notFrom: { namespace: 'a' } },
    { claims: { a: ['b'] } },
    { when: [{ key: 'source.namespace', values: ['a'] }] },
  ])('%j of an external authorizer, which is asked before', (rule) => {
    const { chart, web } = shop();
    expect(() => new Authorization(chart, 'policy', { to: web, action: { custom: 'opa' }, rules: [rule] })).toThrow(
      'tells senders by identity or token',
    );
  });

  it('an authorizer without name, a rule twice, a name twice, and a bad one', () => {
    const { chart, web } = shop();
    const made = (id: string, more: Partial<AuthorizationProps>) =>
      new Authorization(chart, id, { to: web, action: 'allow', rules: [{ from: one }], ...more });
    expect(() => made('a', { action: { custom: '' } })).toThrow("action.custom of 'layer/a' is empty");
    expect(() => made('b', { rules: [{ from: one }, { from: [one, one] }] })).toThrow(
      "rule 2 of 'layer/b' says what a rule before it says",
    );
    made('c', {});
    expect(() => made('d', { name: 'c' })).toThrow(
      "'layer/d' and 'layer/c' would both make AuthorizationPolicy 'c' in namespace 'shop'",
    );
    expect(() => made('e', { name: 'No Name' })).toThrow(`name of 'layer/e' is "No Name"`);
    expect(() => made('f', { trustDomain: 'a/b' })).toThrow("trustDomain of 'layer/f'");
    expect(objects(chart).filter((o) => o.kind === 'AuthorizationPolicy')).toHaveLength(1);
  });
});
