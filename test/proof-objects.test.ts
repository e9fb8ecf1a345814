import { describe, expect, it } from 'vitest';
import { findingsOf, goodMesh, type Mutation, replaced } from './proof-world.ts';

const mutations: readonly Mutation[] = [
  {
    what: 'a misspelt field of the mesh config',
    part: 'accessLogFile:',
    by: 'accesLogFile:',
    ...{ code: 'OBJ002', object: 'IstioOperator/istio-system/mesh', hint: 'did you mean "accessLogFile"?' },
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

describe('objects by themselves: one fault gives one finding', () => {
  it.each(mutations)('$what', ({ part, by, code, object, hint, severity }) => {
    const findings = findingsOf(replaced(goodMesh, part, by));
    expect(findings.map((one) => [one.code, one.object, one.hint, one.severity])).toEqual([
      [code, object, hint, severity ?? 'error'],
    ]);
  });
});
