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

describe('one cause gives one finding', () => {
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
