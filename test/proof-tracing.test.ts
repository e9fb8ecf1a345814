import { describe, expect, it } from 'vitest';
import { findingsOf, goodMesh, type Mutation, replaced } from './proof-world.ts';

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
    ...{
      code: 'TRC003',
      object: 'IstioOperator/istio-system/mesh',
      hint: 'name one of its ports: 4317 (otlp-grpc), 4318 (otlp-http)',
    },
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
];

describe('the way of a trace: one fault gives one finding', () => {
  it.each(mutations)('$what', ({ part, by, code, object, hint, severity }) => {
    const findings = findingsOf(replaced(goodMesh, part, by));
    expect(findings.map((one) => [one.code, one.object, one.hint, one.severity])).toEqual([
      [code, object, hint, severity ?? 'error'],
    ]);
  });

  const legacy = (address: string) =>
    `apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nspec: {meshConfig: {defaultConfig: {tracing: {zipkin: {address: "${address}"}}}}}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: zipkin, namespace: tracing}\nspec: {ports: [{port: 9411}]}\n`;
  it.each([
    ['zipkin.tracing:9411', []],
    ['zipkin.tracing.svc.cluster.local:9411', []],
    ['zipkin:9411', []],
    ['zipkin.tracing:9412', ['TRC006 did you mean 9411?']],
    ['zipkn.tracing:9411', ['TRC006 did you mean "zipkin"?']],
  ])('the legacy address %s', (address, expected) => {
    expect(findingsOf(legacy(address)).map((one) => `${one.code} ${one.hint}`)).toEqual(expected);
  });

  it('a Telemetry for the whole mesh takes the place of a legacy address', () => {
    const telemetry = (spec: string, namespace = 'istio-system') =>
      `---\napiVersion: telemetry.istio.io/v1\nkind: Telemetry\nmetadata: {name: t, namespace: ${namespace}}\nspec: {tracing: [${spec}]}\n`;
    const all = `${legacy('zipkin.tracing:9411')}${telemetry('{disableSpanReporting: true}')}`;
    expect(findingsOf(all)).toMatchObject([
      { code: 'TRC006', severity: 'warning', hint: 'remove the address, or remove Telemetry/istio-system/t' },
    ]);
    // One without a provider switches tracing off: a fault of its own.
    const off = findingsOf(`${legacy('zipkin.tracing:9411')}${telemetry('{randomSamplingPercentage: 10}')}`);
    expect(off).toMatchObject([{ code: 'TRC087', severity: 'error' }]);
    expect(findingsOf(`${legacy('zipkin.tracing:9411')}${telemetry('{disableSpanReporting: true}', 'shop')}`)).toEqual([]);
  });
});
