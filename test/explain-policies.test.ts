import { describe, expect, it } from 'vitest';
import { ask, deployment, object, toReviews, virtualService } from './explain-world.ts';

const rule = (name: string, spec: string, namespace = 'shop') =>
  object('networking.istio.io/v1', 'DestinationRule', name, spec, namespace);
const peers = (name: string, spec: string, namespace = 'shop') =>
  object('security.istio.io/v1', 'PeerAuthentication', name, spec, namespace);
const toRatings = { ...toReviews, host: 'ratings' };
const bare = deployment('bare', 'v1', 'shop').replace(
  'version: v1}}\n    spec',
  "version: v1, sidecar.istio.io/inject: 'false'}}\n    spec",
);
const fromBare = { ...toReviews, from: { namespace: 'shop', app: 'bare' } };

describe('load balancing', () => {
  it.each([
    ['{simple: RANDOM}', 'RANDOM'],
    ['{simple: LEAST_CONN}', 'LEAST_REQUEST'],
    ['{simple: ROUND_ROBIN}', 'ROUND_ROBIN'],
    ['{consistentHash: {httpHeaderName: x-user}}', 'consistent hash of header x-user'],
    ['{consistentHash: {httpCookie: {name: u, ttl: 0s}}}', 'consistent hash of cookie u'],
    ['{consistentHash: {useSourceIp: true}}', 'consistent hash of the source address'],
    ['{consistentHash: {httpQueryParameterName: q}}', 'consistent hash of query parameter q'],
  ])('%s is %s', (settings, name) => {
    expect(ask(toRatings, rule('r', `{host: ratings, trafficPolicy: {loadBalancer: ${settings}}}`)).loadBalancing).toBe(name);
  });

  it('is that of the port, which inherits nothing', () => {
    const port = (settings: string) =>
      rule(
        'r',
        `{host: ratings, trafficPolicy: {loadBalancer: {simple: RANDOM}, portLevelSettings: [{port: {number: 9080}${settings}}]}}`,
      );
    expect(ask(toRatings, port(', loadBalancer: {simple: ROUND_ROBIN}')).loadBalancing).toBe('ROUND_ROBIN');
    expect(ask(toRatings, port('')).loadBalancing).toBe('LEAST_REQUEST');
  });

  it('is that of the subset, which inherits the rest', () => {
    const table = virtualService('v', '{hosts: [ratings], http: [{route: [{destination: {host: ratings, subset: a}}]}]}');
    const subsets = (policy: string) =>
      rule(
        'r',
        `{host: ratings, trafficPolicy: {loadBalancer: {simple: RANDOM}}, subsets: [{name: a, labels: {version: v1}${policy}}]}`,
      );
    expect(ask(toRatings, table, subsets(', trafficPolicy: {loadBalancer: {simple: ROUND_ROBIN}}')).loadBalancing).toBe(
      'ROUND_ROBIN',
    );
    expect(ask(toRatings, table, subsets('')).loadBalancing).toBe('RANDOM');
  });
});

describe('which DestinationRule holds', () => {
  const lb = (host: string, simple: string, more = '') =>
    `{host: ${host}, trafficPolicy: {loadBalancer: {simple: ${simple}}}${more}}`;
  const asOther = { host: 'ratings.shop', port: 9080, from: { namespace: 'other', app: 'curl' } };
  const full = 'ratings.shop.svc.cluster.local';

  it("is the client's, then the Service's, then the root namespace's", () => {
    const root = rule('root', lb(full, 'RANDOM'), 'istio-system');
    const own = rule('own', lb(full, 'ROUND_ROBIN'));
    const client = rule('client', lb(full, 'PASSTHROUGH'), 'other');
    expect(ask(asOther, root).loadBalancing).toBe('RANDOM');
    expect(ask(asOther, root, own).loadBalancing).toBe('ROUND_ROBIN');
    expect(ask(asOther, root, own, client).loadBalancing).toBe('PASSTHROUGH');
    expect(ask(toRatings, root, own, client).loadBalancing).toBe('ROUND_ROBIN');
  });

  it('is one that is exported to the client', () => {
    expect(ask(asOther, rule('r', lb(full, 'RANDOM', ", exportTo: ['.']"))).loadBalancing).toBe('LEAST_REQUEST');
    expect(ask(toRatings, rule('r', lb(full, 'RANDOM', ", exportTo: ['.']"))).loadBalancing).toBe('RANDOM');
    expect(ask(asOther, rule('r', lb(full, 'RANDOM', ', exportTo: [other]'))).loadBalancing).toBe('RANDOM');
  });

  it('is the one of the nearest host', () => {
    const wide = rule('a', lb("'*.svc.cluster.local'", 'RANDOM'));
    const near = rule('b', lb("'*.shop.svc.cluster.local'", 'ROUND_ROBIN'));
    expect(ask(toRatings, wide, near).loadBalancing).toBe('ROUND_ROBIN');
    expect(ask(toRatings, wide, near, rule('c', lb('ratings', 'PASSTHROUGH'))).loadBalancing).toBe('PASSTHROUGH');
  });

  it('is made of all for one host: subsets add up, the first policy stays', () => {
    const table = virtualService('v', '{hosts: [reviews], http: [{route: [{destination: {host: reviews, subset: late}}]}]}');
    const late = rule(
      'zz',
      '{host: reviews, trafficPolicy: {loadBalancer: {simple: RANDOM}}, subsets: [{name: late, labels: {version: v2}}]}',
    );
    const answer = ask(toReviews, table, late);
    expect(answer.destinations[0]?.workloads).toEqual(['Deployment/shop/reviews-v2']);
    expect(answer.loadBalancing).toBe('RANDOM');
    expect(answer.reasons).toContain('DestinationRule/shop/zz defines subset late');
  });

  it('is the one for the client’s own pods', () => {
    const narrow = rule('n', lb('ratings', 'RANDOM', ', workloadSelector: {matchLabels: {app: curl}}'));
    const wide = rule('w', lb('ratings', 'ROUND_ROBIN'));
    expect(ask(toRatings, narrow, wide).loadBalancing).toBe('RANDOM');
    expect(ask({ ...toRatings, from: { namespace: 'shop', app: 'web' } }, narrow, wide).loadBalancing).toBe('ROUND_ROBIN');
  });
});

describe('mutual TLS', () => {
  it('is made by itself between sidecars', () => {
    expect(ask(toReviews).mtls).toBe('mutual');
    expect(ask(toReviews, peers('default', '{mtls: {mode: STRICT}}')).mtls).toBe('mutual');
    expect(ask(toReviews, peers('default', '{mtls: {mode: DISABLE}}')).mtls).toBe('plain');
  });

  it("is not made by itself to a gateway's own pods", () => {
    const operator = object('install.istio.io/v1alpha1', 'IstioOperator', 'mesh', '{profile: demo}', 'istio-system');
    const toGateway = { ...toReviews, host: 'istio-ingressgateway.istio-system', port: 80 };
    expect(ask(toGateway, operator).mtls).toBe('plain');
  });

  it('is missing for clients without a sidecar', () => {
    expect(ask(fromBare, bare).mtls).toBe('plain');
    const refused = ask(fromBare, bare, peers('default', '{mtls: {mode: STRICT}}'));
    expect(refused.mtls).toBe('refused');
    expect(refused.reasons.join()).toMatch(
      'the client has no sidecar, and PeerAuthentication/shop/default wants mTLS at Deployment/shop/reviews-v1',
    );
  });

  it('is what the DestinationRule says, whether the pods can or not', () => {
    const tls = (mode: string) => rule('tls', `{host: ratings, trafficPolicy: {tls: {mode: ${mode}}}}`);
    expect(ask(toRatings, tls('DISABLE')).mtls).toBe('plain');
    expect(ask(toRatings, tls('DISABLE'), peers('default', '{mtls: {mode: STRICT}}')).mtls).toBe('refused');
    expect(ask(toRatings, tls('ISTIO_MUTUAL')).mtls).toBe('mutual');
    expect(
      ask(
        { ...toReviews, host: 'bare' },
        bare,
        serviceOfBare,
        rule('tls', '{host: bare, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}'),
      ).mtls,
    ).toBe('refused');
    expect(ask({ ...toReviews, host: 'bare' }, bare, serviceOfBare).mtls).toBe('plain');
  });

  it('is asked of each version', () => {
    const v2 = peers('v2', '{selector: {matchLabels: {version: v2}}, mtls: {mode: DISABLE}}');
    expect(ask(toReviews, v2).mtls).toBe('mixed');
    const table = virtualService('v', '{hosts: [reviews], http: [{route: [{destination: {host: reviews, subset: v2}}]}]}');
    expect(ask(toReviews, v2, table).mtls).toBe('plain');
  });

  it('is off for all where the namespace turns it off, whatever the pods want', () => {
    const off = peers('default', '{mtls: {mode: DISABLE}}');
    const strict = peers('v2', '{selector: {matchLabels: {version: v2}}, mtls: {mode: STRICT}}');
    const table = virtualService('v', '{hosts: [reviews], http: [{route: [{destination: {host: reviews, subset: v2}}]}]}');
    expect(ask(toReviews, off, strict, table).mtls).toBe('refused');
  });

  it('does not reach a port that is taken past the sidecar', () => {
    const pods = deployment('past', 'v1', 'shop').replace(
      /version: v1\}\}\n {4}spec/,
      "version: v1}, annotations: {traffic.sidecar.istio.io/excludeInboundPorts: '9080'}}\n    spec",
    );
    const past = serviceOfBare.replaceAll('bare', 'past');
    const answer = ask({ ...toReviews, host: 'past' }, pods, past);
    expect(answer.mtls).toBe('refused');
    expect(answer.reasons.join()).toMatch('Deployment/shop/past-v1 takes port 9080 past its sidecar');
    const plain = rule('past', '{host: past, trafficPolicy: {tls: {mode: DISABLE}}}');
    expect(ask({ ...toReviews, host: 'past' }, pods, past, plain).mtls).toBe('plain');
  });

  it('is not made to a headless Service of which some pods have no sidecar', () => {
    const headless = serviceOfBare.replace('selector: {app: bare}', 'clusterIP: None, selector: {group: x}');
    const grouped = (text: string) => text.replace('labels: {app', 'labels: {group: x, app');
    const answer = ask({ ...toReviews, host: 'bare' }, grouped(bare), grouped(deployment('meshed', 'v1', 'shop')), headless);
    expect(answer).toMatchObject({ mtls: 'plain', loadBalancing: 'PASSTHROUGH' });
    expect(answer.destinations[0]?.workloads).toHaveLength(2);
  });

  it('is not made to hosts outside', () => {
    const outside = object(
      'networking.istio.io/v1',
      'ServiceEntry',
      'ext',
      '{hosts: [api.test], ports: [{number: 9080, name: http, protocol: HTTP}], resolution: DNS}',
    );
    expect(ask({ ...toReviews, host: 'api.test' }, outside).mtls).toBe('plain');
    expect(
      ask({ ...toReviews, host: 'api.test' }, outside, rule('tls', '{host: api.test, trafficPolicy: {tls: {mode: SIMPLE}}}'))
        .mtls,
    ).toBe('tls');
  });
});

const serviceOfBare = `apiVersion: v1
kind: Service
metadata: {name: bare, namespace: shop}
spec: {selector: {app: bare}, ports: [{name: http, port: 9080}]}`;
