import { describe, expect, it } from 'vitest';
import { findingsOf, goodMesh, type Mutation, replaced } from './proof-world.ts';

const mutations: readonly Mutation[] = [
  {
    what: 'a destination that does not exist',
    part: 'host: reviews, subset: v1',
    by: 'host: reviewz, subset: v1',
    ...{ code: 'REF001', object: 'VirtualService/shop/shop', hint: 'did you mean "reviews"?' },
  },
  {
    what: 'a destination whose name Istio does not complete',
    part: 'reviews.shop.svc.cluster.local, subset: v2',
    by: 'reviews.shop, subset: v2',
    ...{
      code: 'REF001',
      object: 'VirtualService/shop/shop',
      hint: 'write "reviews.shop.svc.cluster.local"',
      severity: 'warning',
    },
  },
  {
    what: 'a backend of an HTTPRoute that does not exist',
    part: 'backendRefs: [{name: reviews',
    by: 'backendRefs: [{name: review',
    ...{ code: 'REF001', object: 'HTTPRoute/shop/reviews', hint: 'did you mean "reviews"?' },
  },
  {
    what: 'a subset that no rule defines',
    part: 'host: reviews, subset: v1',
    by: 'host: reviews, subset: v3',
    ...{
      code: 'REF002',
      object: 'VirtualService/shop/shop',
      hint: 'add the subset to the DestinationRule of the host; there is v1, v2',
    },
  },
  {
    what: 'a renamed subset',
    part: '{name: v2, labels',
    by: '{name: canary, labels',
    ...{
      code: 'REF002',
      object: 'VirtualService/shop/shop',
      hint: 'add the subset to the DestinationRule of the host; there is canary, v1',
    },
  },
  {
    what: 'a Gateway that does not exist',
    part: 'gateways: [front, mesh]',
    by: 'gateways: [frnt, mesh]',
    ...{ code: 'REF003', object: 'VirtualService/shop/shop', hint: 'did you mean "front"?' },
  },
  {
    what: 'a Gateway in the wrong namespace',
    part: 'gateways: [front, mesh]',
    by: 'gateways: [observability/front, mesh]',
    ...{ code: 'REF003', object: 'VirtualService/shop/shop', hint: 'did you mean "shop/front"?' },
  },
  {
    what: 'a port that the Service does not have',
    part: 'port: {number: 9080}}, weight',
    by: 'port: {number: 9090}}, weight',
    ...{ code: 'REF004', object: 'VirtualService/shop/shop', hint: 'did you mean 9080?' },
  },
  {
    what: 'a DestinationRule for a host that does not exist: its subsets are not told again',
    part: 'host: reviews\n',
    by: 'host: revews\n',
    ...{ code: 'REF005', object: 'DestinationRule/shop/reviews', hint: 'did you mean "reviews"?' },
  },
  {
    what: 'a subset that no pod has',
    part: '{name: v2, labels: {version: v2}}',
    by: '{name: v2, labels: {version: v4}}',
    ...{ code: 'REF006', object: 'DestinationRule/shop/reviews', hint: 'its pods have version=v1, version=v2' },
  },
  {
    what: 'a Gateway that selects no pods',
    part: 'selector: {istio: ingressgateway}',
    by: 'selector: {istio: ingresgateway}',
    ...{
      code: 'REF007',
      object: 'Gateway/shop/front',
      hint: 'gateway pods have: app=istio-ingressgateway, istio=ingressgateway',
    },
  },
  {
    what: 'a data source at a port that the Service does not have',
    part: 'http://tracing.observability/jaeger',
    by: 'http://tracing.observability:16686/jaeger',
    ...{
      code: 'REF008',
      object: 'ConfigMap/observability/grafana',
      hint: 'name one of its ports: 80 (http-query), 16685 (grpc-query)',
    },
  },
  {
    what: 'a Kiali backend that does not exist',
    part: 'http://prometheus.observability:9090',
    by: 'http://promtheus.observability:9090',
    ...{ code: 'REF009', object: 'Kiali/istio-system/kiali', hint: 'did you mean "prometheus"?' },
  },
  {
    what: 'weights of nothing',
    part: 'weight: 90}\n    - {destination: {host: reviews.shop.svc.cluster.local, subset: v2}, weight: 10}',
    by: 'weight: 0}\n    - {destination: {host: reviews.shop.svc.cluster.local, subset: v2}, weight: 0}',
    ...{ code: 'REF010', object: 'VirtualService/shop/shop', hint: 'give the destinations weights; they need not add up to 100' },
  },
  {
    what: 'a ConfigMap that a pod mounts and nobody has',
    part: 'configMap: {name: jaeger}',
    by: 'configMap: {name: jeager}',
    ...{ code: 'REF011', object: 'Deployment/observability/jaeger', hint: 'did you mean "jaeger"?' },
  },
  {
    what: 'a Service that selects no pods',
    part: 'selector: {app: prometheus}',
    by: 'selector: {app: promtheus}',
    ...{ code: 'REF012', object: 'Service/observability/prometheus', hint: 'did you mean app=prometheus?', severity: 'warning' },
  },
  {
    what: 'a Service that takes spans and selects no pods',
    part: 'selector: {app: jaeger}\n  ports: [{name: http-zipkin',
    by: 'selector: {app: jager}\n  ports: [{name: http-zipkin',
    ...{ code: 'REF012', object: 'Service/observability/zipkin', hint: 'did you mean app=jaeger?' },
  },
];

describe('references: one fault gives one finding', () => {
  it.each(mutations)('$what', ({ part, by, code, object, hint, severity }) => {
    const findings = findingsOf(replaced(goodMesh, part, by));
    expect(findings.map((one) => [one.code, one.object, one.hint, one.severity])).toEqual([
      [code, object, hint, severity ?? 'error'],
    ]);
  });

  it('no port where the Service has several: an error at a gateway, a warning inside the mesh', () => {
    const several = replaced(
      goodMesh,
      'ports: [{name: http, port: 9080}]}',
      'ports: [{name: http, port: 9080}, {name: metrics, port: 9090}]}',
    );
    expect(findingsOf(several)).toMatchObject([{ code: 'REF004', severity: 'error', object: 'VirtualService/shop/shop' }]);
    const inside = replaced(several, 'gateways: [front, mesh]', 'gateways: [mesh]');
    expect(findingsOf(inside)).toMatchObject([{ code: 'REF004', severity: 'warning', object: 'VirtualService/shop/shop' }]);
  });

  it('a host that two Gateways take over TLS on the same pods', () => {
    const gateway = (name: string, hosts: string) =>
      `apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: ${name}, namespace: shop}\nspec:\n  selector: {istio: mine}\n  servers: [{port: {number: 443, name: https, protocol: HTTPS}, hosts: ${hosts}, tls: {mode: SIMPLE, credentialName: c}}]\n`;
    expect(findingsOf(`${gateway('a', '[x.test, y.test]')}---\n${gateway('b', '[z.test, x.test, y.test]')}`)).toMatchObject([
      { code: 'REF013', severity: 'error', object: 'Gateway/shop/b', message: expect.stringContaining('x.test') },
    ]);
    expect(findingsOf(`${gateway('a', '[x.test]')}---\n${gateway('b', '[z.test]')}`)).toEqual([]);
  });

  it('a short name is not near every other', () => {
    const rule = (host: string) =>
      `apiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: shop}\nspec: {ports: [{port: 80}]}\n---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: d, namespace: shop}\nspec: {host: ${host}}\n`;
    expect(findingsOf(rule('x'))).toMatchObject([{ code: 'REF005', hint: expect.not.stringContaining('did you mean') }]);
  });

  it('the backend of an Ingress, by number and by name', () => {
    const ingress = (port: string, name = 'reviews') =>
      `${goodMesh}---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: in, namespace: shop}\nspec: {defaultBackend: {service: {name: ${name}, port: ${port}}}}\n`;
    expect(findingsOf(ingress('{number: 9080}'))).toEqual([]);
    expect(findingsOf(ingress('{name: http}'))).toEqual([]);
    expect(findingsOf(ingress('{name: htp}'))).toMatchObject([
      { code: 'REF004', object: 'Ingress/shop/in', hint: 'did you mean 9080?' },
    ]);
    expect(findingsOf(ingress('{number: 9080}', 'review'))).toMatchObject([{ code: 'REF001', object: 'Ingress/shop/in' }]);
  });

  it('the listener of a Gateway API Gateway', () => {
    const parts = (section: string) =>
      `apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: g, namespace: shop}\nspec: {gatewayClassName: istio, listeners: [{name: http, port: 80, protocol: HTTP}]}\n---\napiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: r, namespace: shop}\nspec: {parentRefs: [{name: g, sectionName: ${section}}]}\n`;
    expect(findingsOf(parts('http'))).toEqual([]);
    expect(findingsOf(parts('htpp'))).toMatchObject([
      { code: 'REF003', object: 'HTTPRoute/shop/r', hint: 'did you mean "http"?' },
    ]);
  });
});
