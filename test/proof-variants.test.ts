import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type Finding, prove, vary, type World } from '../constructs/proof/index.ts';
import { goodMesh, worldOf } from './proof-world.ts';

/** What one variant changes in the good mesh, and the code that tells it. */
const changes: Readonly<Record<string, readonly [from: string, to: string, code: string]>> = {
  'a field that no schema has': [
    'jaeger_query: {base_path: /jaeger}}\n---',
    'jaeger_query: {base_path: /jaeger}}\nspec: {}\n---',
    'OBJ002',
  ],
  'the version of a kind': [
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: prometheus',
    'apiVersion: apps/v9\nkind: Deployment\nmetadata: {name: prometheus',
    'OBJ009',
  ],
  'the labels of pods': [
    'metadata: {labels: {app: reviews, version: v1}}',
    'metadata: {labels: {app: reviewz, version: v1}}',
    'OBJ010',
  ],
  'a port that is none': ['containerPort: 16686', 'containerPort: 99999', 'OBJ012'],
  'the text of a configuration': ['- {name: Prometheus, type', '- {{name: Prometheus, type', 'OBJ011'],
  'the host of a route': ['destination: {host: reviews', 'destination: {host: reviewz', 'REF001'],
  'the subsets of a rule': ['{name: v2, labels: {version: v2}}]', '{name: v3, labels: {version: v2}}]', 'REF002'],
  'the labels of a subset': ['{name: v2, labels: {version: v2}}]', '{name: v2, labels: {version: v9}}]', 'REF006'],
  'the selector of a Service': ['spec: {selector: {app: prometheus}', 'spec: {selector: {app: promethius}', 'REF012'],
  'the provider of a Telemetry': ['providers: [{name: otel}]', 'providers: [{name: otle}]', 'TRC001'],
  'the Service of a provider': ['service: main-collector.observability', 'service: mane-collector.observability', 'TRC002'],
  'the receivers of a collector': ['receivers: [otlp], exporters: [zipkin]', 'receivers: [oltp], exporters: [zipkin]', 'TRC017'],
  'the host of a data source': ['http://tracing.observability/jaeger', 'http://trading.observability/jaeger', 'REF008'],
  'a backend of Kiali': ['http://tracing.observability:16685', 'http://trading.observability:16685', 'REF009'],
};

/** The stack with what a changed text holds otherwise. */
function varied(base: World, changed: World): World {
  const before = new Map(base.objects.map((object) => [object.id, object.json]));
  const own = changed.objects.filter(({ id, json }) => !isDeepStrictEqual(json, before.get(id)));
  return vary(base, 'variant', own);
}

function codes(findings: readonly Finding[]): string[] {
  return findings.map(({ code, object, message }) => `${code} ${object} ${message}`).sort();
}

describe('what is remembered of a stack for its variants', () => {
  const base = worldOf(goodMesh);
  const before = prove(base);

  it.each(Object.entries(changes))('hides nothing that one variant gets wrong: %s', (_, [from, to, code]) => {
    expect(goodMesh).toContain(from);
    const changed = goodMesh.replace(from, to);
    const found = prove(varied(base, worldOf(changed)));
    expect(found.map((one) => one.code)).toContain(code);
    // As if nothing had been remembered.
    expect(codes(found)).toEqual(codes(prove(worldOf(changed))));
  });

  it('keeps what a variant says out of the stack', () => {
    expect(before).toEqual([]);
    expect(prove(base)).toEqual([]);
  });

  it('tells what is wrong in the stack alike in each variant', () => {
    const wrong = worldOf(goodMesh.replace('providers: [{name: otel}]', 'providers: [{name: otle}]'));
    const told = codes(prove(wrong));
    const variant = varied(
      wrong,
      worldOf(
        `${goodMesh.replace('otel}]', 'otle}]')}\n---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: more, namespace: shop}`,
      ),
    );
    expect(told).toHaveLength(1);
    expect(codes(prove(variant))).toEqual(told);
  });
});
