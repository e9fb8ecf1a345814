import { describe, expect, it } from 'vitest';
import { edges } from '../constructs/proof/index.ts';
import { findingsOf, goodMesh, replaced, worldOf } from './proof-world.ts';

describe('a mesh in which everything fits', () => {
  it('has no finding', () => {
    expect(findingsOf(goodMesh)).toEqual([]);
  });

  it('shows its edges, sorted', () => {
    const found = edges(worldOf(goodMesh)).map(({ from, what, to }) => `${from} ${what} ${to}`);
    expect(found).toEqual([...found].sort());
    expect(found).toContain('Telemetry/istio-system/mesh-default reports to Provider/otel');
    expect(found).toContain('Provider/otel sends to Service/observability/main-collector');
    expect(found).toContain('VirtualService/shop/shop routes to Service/shop/reviews');
    expect(found).toContain('VirtualService/shop/payments routes to ServiceEntry/shop/payments');
    expect(found).toContain('Gateway/shop/front publishes VirtualService/shop/shop');
    expect(found).toContain('ConfigMap/observability/grafana reads Service/observability/tracing');
    expect(found).toContain('Kiali/istio-system/kiali calls Service/observability/prometheus');
    expect(found).toContain('Service/shop/reviews selects Deployment/shop/reviews-v2');
  });
});

interface Mutation {
  readonly what: string;
  readonly part: string;
  readonly by: string;
  readonly code: string;
  readonly object: string;
  readonly hint: string;
  readonly severity?: string;
}

const mutations: readonly Mutation[] = [
  {
    what: 'a Telemetry that misspells the provider',
    part: 'providers: [{name: otel}]',
    by: 'providers: [{name: otle}]',
    ...{ code: 'TRC001', object: 'Telemetry/istio-system/mesh-default', hint: 'did you mean "otel"?' },
  },
  {
    what: 'a default provider that is not defined',
    part: 'tracing: [otel]',
    by: 'tracing: [otell]',
    ...{ code: 'TRC004', object: 'IstioOperator/istio-system/mesh', hint: 'did you mean "otel"?' },
  },
  {
    what: 'a provider whose Service does not exist',
    part: 'service: main-collector.observability',
    by: 'service: main-colector.observability',
    ...{ code: 'TRC002', object: 'IstioOperator/istio-system/mesh', hint: 'did you mean "main-collector"?' },
  },
  {
    what: 'a provider whose host is not whole',
    part: 'main-collector.observability.svc.cluster.local',
    by: 'main-collector.observability',
    ...{
      code: 'TRC002',
      object: 'IstioOperator/istio-system/mesh',
      hint: 'write "main-collector.observability.svc.cluster.local"',
    },
  },
  {
    what: 'a provider whose port the operator does not open',
    part: 'cluster.local, port: 4317',
    by: 'cluster.local, port: 4316',
    ...{ code: 'TRC003', object: 'IstioOperator/istio-system/mesh', hint: 'name one of its ports: 4317, 4318' },
  },
  {
    what: 'an unused provider whose port does not exist, as a warning',
    part: 'port: 9411}\n---',
    by: 'port: 9412}\n---',
    ...{ code: 'TRC003', object: 'IstioOperator/istio-system/mesh', hint: 'did you mean 9411?', severity: 'warning' },
  },
  {
    what: 'a list of metrics providers that is empty',
    part: 'metrics: [prometheus]',
    by: 'metrics: []',
    ...{
      code: 'TRC005',
      object: 'IstioOperator/istio-system/mesh',
      hint: 'add metrics: [prometheus] to the same block',
      severity: 'warning',
    },
  },
  {
    what: 'a legacy address beside a provider',
    part: '    accessLogFile: /dev/stdout',
    by: '    defaultConfig: {tracing: {zipkin: {address: "zipkin.observability:9411"}}}',
    ...{
      code: 'TRC006',
      object: 'IstioOperator/istio-system/mesh',
      hint: 'remove the address, or remove defaultProviders.tracing',
      severity: 'warning',
    },
  },
  {
    what: 'a misspelt field of the mesh config',
    part: 'accessLogFile:',
    by: 'accesLogFile:',
    ...{ code: 'OBJ002', object: 'IstioOperator/istio-system/mesh', hint: 'did you mean "accessLogFile"?' },
  },
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
    ...{ code: 'REF002', object: 'VirtualService/shop/shop', hint: 'did you mean "v1"?' },
  },
  {
    what: 'a renamed subset',
    part: '{name: v2, labels',
    by: '{name: canary, labels',
    ...{ code: 'REF002', object: 'VirtualService/shop/shop', hint: 'did you mean "v1"?' },
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
    what: 'a workload that does not select its pods',
    part: 'metadata: {labels: {app: prometheus}}',
    by: 'metadata: {labels: {app: prom}}',
    ...{
      code: 'OBJ010',
      object: 'Deployment/observability/prometheus',
      hint: 'put the selector’s labels on spec.template.metadata.labels',
    },
  },
  {
    what: 'an unknown field',
    part: 'gateways: [front, mesh]',
    by: 'gatways: [front, mesh]',
    ...{ code: 'OBJ002', object: 'VirtualService/shop/shop', hint: 'did you mean "gateways"?' },
  },
  {
    what: 'a label that is too long',
    part: 'labels: {istio-injection: enabled}',
    by: `labels: {istio-injection: ${'x'.repeat(64)}}`,
    ...{ code: 'OBJ006', object: 'Namespace/shop', hint: 'give it a value that is allowed' },
  },
  {
    what: 'an object without a namespace',
    part: 'metadata: {name: payments, namespace: shop}\nspec: {hosts',
    by: 'metadata: {name: payments}\nspec: {hosts',
    ...{ code: 'OBJ007', object: 'ServiceEntry/default/payments', hint: 'state metadata.namespace', severity: 'warning' },
  },
  {
    what: 'a Namespace in a namespace',
    part: 'metadata: {name: shop, labels',
    by: 'metadata: {name: shop, namespace: shop, labels',
    ...{ code: 'OBJ008', object: 'Namespace/shop', hint: 'remove metadata.namespace', severity: 'warning' },
  },
  {
    what: 'a configuration that is no YAML',
    part: '    datasources:\n',
    by: '    datasources: [\n',
    ...{ code: 'OBJ011', object: 'ConfigMap/observability/grafana', hint: 'correct the text under this key' },
  },
];

describe('one fault gives one finding', () => {
  it.each(mutations)('$what', ({ part, by, code, object, hint, severity }) => {
    const findings = findingsOf(replaced(goodMesh, part, by));
    expect(findings.map((one) => [one.code, one.object, one.hint, one.severity])).toEqual([
      [code, object, hint, severity ?? 'error'],
    ]);
  });

  it('a renamed Service is told once, whoever names it', () => {
    const findings = findingsOf(
      replaced(goodMesh, 'kind: Service\nmetadata: {name: reviews', 'kind: Service\nmetadata: {name: opinions'),
    );
    expect(findings.map((one) => one.code)).toEqual(['REF001']);
    expect(findings[0]?.message).toContain('also DestinationRule/shop/reviews');
  });

  it('a renamed provider is told once', () => {
    const findings = findingsOf(replaced(goodMesh, '- name: otel\n', '- name: collector\n'));
    expect(findings.map((one) => one.code)).toEqual(['TRC001']);
  });

  it('a duplicate: an error where the two differ, a warning where they are the same', () => {
    const twin = (label: string) =>
      `${goodMesh}---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {istio-injection: ${label}}}\n`;
    expect(findingsOf(twin('disabled')).map((one) => [one.code, one.severity, one.object])).toEqual([
      ['OBJ001', 'error', 'Namespace/shop'],
    ]);
    expect(findingsOf(twin('enabled')).map((one) => [one.code, one.severity])).toEqual([['OBJ001', 'warning']]);
  });

  it('says the line of the node', () => {
    const text = replaced(goodMesh, 'host: reviews, subset: v1', 'host: reviewz, subset: v1');
    const line = text.split('\n').findIndex((one) => one.includes('reviewz')) + 1;
    expect(findingsOf(text)[0]?.line).toBe(line);
  });

  it('says the line of a node in an embedded configuration', () => {
    const text = replaced(goodMesh, 'http://tracing.observability/jaeger', 'http://tracing.observability:1/jaeger');
    const line = text.split('\n').findIndex((one) => one.includes(':1/jaeger')) + 1;
    expect(findingsOf(text)[0]?.line).toBe(line);
  });
});
