import { describe, expect, it } from 'vitest';
import { ask, askIn, deployment, object, shop, toReviews, virtualService } from './explain-world.ts';
import { replaced } from './proof-world.ts';

const registryOnly = 'meshConfig: {outboundTrafficPolicy: {mode: REGISTRY_ONLY}}';

describe('what happens when nothing matches', () => {
  it('sends a request to the Service itself when no route is written', () => {
    const answer = ask(toReviews);
    expect(answer).toMatchObject({ outcome: 'route', matched: null, timeout: null, loadBalancing: 'LEAST_REQUEST' });
    expect(answer.destinations[0]?.workloads).toEqual([
      'Deployment/shop/reviews-v1',
      'Deployment/shop/reviews-v2',
      'Deployment/shop/reviews-v3',
    ]);
    expect(answer.retries).toEqual({
      attempts: 2,
      perTryTimeout: null,
      retryOn: 'connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes',
    });
  });

  it('answers 404 when the host has rules and none of them fits', () => {
    const table = virtualService(
      'a',
      '{hosts: [reviews], http: [{match: [{uri: {exact: /x}}], route: [{destination: {host: reviews}}]}]}',
    );
    expect(ask(toReviews, table)).toMatchObject({
      outcome: 'notfound',
      matched: null,
      destinations: [],
      retries: null,
      mtls: null,
    });
  });

  it('passes on hosts and ports that the mesh does not know', () => {
    expect(ask({ ...toReviews, host: 'www.example.com' })).toMatchObject({
      outcome: 'passthrough',
      retries: null,
      destinations: [],
    });
    expect(ask({ ...toReviews, port: 7777 })).toMatchObject({ outcome: 'passthrough' });
  });

  it('refuses them where only the registry counts', () => {
    const asked = { ...toReviews, host: 'www.example.com' };
    expect(askIn(replaced(shop, 'meshConfig: {}', registryOnly), asked).outcome).toBe('blackhole');
    const policy = (mode: string) =>
      object('networking.istio.io/v1', 'Sidecar', 'default', `{outboundTrafficPolicy: {mode: ${mode}}}`);
    expect(ask(asked, policy('REGISTRY_ONLY')).outcome).toBe('blackhole');
    expect(ask(asked, policy('ALLOW_ANY')).outcome).toBe('passthrough');
    expect(ask({ ...asked, port: 7777 }, policy('REGISTRY_ONLY')).outcome).toBe('blackhole');
  });

  it('says that a client without a sidecar is routed by nobody', () => {
    const bare = deployment('bare', 'v1', 'shop').replace(
      'version: v1}}\n    spec',
      "version: v1, sidecar.istio.io/inject: 'false'}}\n    spec",
    );
    const table = virtualService('a', '{hosts: [reviews], http: [{route: [{destination: {host: ratings}}]}]}');
    const answer = ask({ ...toReviews, from: { namespace: 'shop', app: 'bare' } }, bare, table);
    expect(answer).toMatchObject({ matched: null, mtls: 'plain', retries: null, loadBalancing: null });
    expect(answer.destinations[0]?.host).toBe('reviews.shop.svc.cluster.local');
    expect(answer.reasons[0]).toBe('Deployment/shop/bare-v1 has no sidecar, so no route of the mesh holds for it');
  });

  it.each([
    [{ host: 'not a name' }, /is no name of a host/],
    [{ host: '*.shop.test' }, /is no name of a host/],
    [{ host: 'reviews', port: 70000 }, /port 70000 is none/],
    [{ host: 'reviews', path: 'x' }, /does not begin with a slash/],
    [{ host: 'reviews', from: { namespace: 'shop', app: 'crul' } }, /no workload crul in namespace shop: did you mean "curl"/],
    [{ host: 'reviews', gateway: { namespace: 'shop', name: 'front' } }, /no gateway front in namespace shop/],
  ])('says what is wrong with %j', (request, message) => {
    expect(() => ask(request)).toThrow(message);
  });
});
