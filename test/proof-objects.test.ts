import { describe, expect, it } from 'vitest';
import { findingsOf, goodMesh, type Mutation, replaced } from './proof-world.ts';

const mutations: readonly Mutation[] = [
  {
    what: 'a required field that is missing',
    part: 'spec: {hosts: [api.payments.test], ports',
    by: 'spec: {ports',
    ...{ code: 'OBJ003', object: 'ServiceEntry/shop/payments', hint: 'add it' },
  },
  {
    what: 'a value of the wrong type',
    part: 'randomSamplingPercentage: 50',
    by: 'randomSamplingPercentage: "50"',
    ...{ code: 'OBJ004', object: 'Telemetry/istio-system/mesh-default', hint: 'leave the quotes out' },
  },
  {
    what: 'a value that is not allowed',
    part: 'resolution: DNS',
    by: 'resolution: DNSS',
    ...{ code: 'OBJ005', object: 'ServiceEntry/shop/payments', hint: 'did you mean "DNS"?' },
  },
  {
    what: 'a kind that Kubernetes does not have',
    part: 'kind: Namespace',
    by: 'kind: Namespce',
    ...{ code: 'OBJ009', object: 'Namespce/default/shop', hint: 'did you mean "Namespace"?' },
  },
  {
    what: 'an object without apiVersion',
    part: 'apiVersion: v1\nkind: ServiceAccount',
    by: 'kind: ServiceAccount',
    ...{ code: 'OBJ003', object: 'ServiceAccount/shop/reviews', hint: 'add it' },
  },
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

  it('a version that is served no more', () => {
    const text = 'apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata: {name: a, namespace: b}\nspec: {}\n';
    expect(findingsOf(text)).toMatchObject([{ code: 'OBJ009', line: 1, hint: 'use policy/v1' }]);
  });

  it('a misspelt field of an IstioOperator', () => {
    const findings = findingsOf(replaced(goodMesh, '  profile: default', '  profil: default'));
    expect(findings).toMatchObject([
      { code: 'OBJ002', object: 'IstioOperator/istio-system/mesh', hint: 'did you mean "profile"?' },
    ]);
  });
});
