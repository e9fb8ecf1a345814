import { describe, expect, it } from 'vitest';
import { findingsOf, goodMesh, type Mutation, replaced } from './proof-world.ts';

const operator = (meshConfig: string, more = '') =>
  `apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nmetadata: {name: mesh, namespace: istio-system}\nspec: {${more} meshConfig: {${meshConfig}}}\n`;
const telemetry = (spec: string, { name = 'mesh-default', namespace = 'istio-system', labels = '' } = {}) =>
  `---\napiVersion: telemetry.istio.io/v1\nkind: Telemetry\nmetadata: {name: ${name}, namespace: ${namespace}${labels && `, labels: {${labels}}`}}\nspec: {${spec}}\n`;
const providers =
  'extensionProviders: [{name: otel, opentelemetry: {service: otel.tracing.svc.cluster.local, port: 4317}}, {name: zip, zipkin: {service: zip.tracing.svc.cluster.local, port: 9411}}]';
const byDefault = `${providers}, defaultProviders: {metrics: [prometheus], tracing: [otel]}`;
const pod = (name: string, labels: string, annotations = '') =>
  `---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: ${name}, namespace: shop}\nspec:\n  selector: {matchLabels: {${labels}}}\n  template:\n    metadata: {labels: {${labels}}, annotations: {${annotations}}}\n    spec: {containers: [{name: a, image: 'a:1'}]}\n`;
const tracing = (entry: string) => `tracing: [{${entry}}]`;
// What other rules say of the parts that all these texts share is tested elsewhere.
const own = (text: string) => findingsOf(text).filter(({ code }) => /^(TRC08|TRC00|OBJ)/.test(code));
const codes = (text: string) => own(text).map((one) => `${one.code} ${one.severity} ${one.object}`);

const mutations: readonly Mutation[] = [
  {
    what: 'an access log filter with a misspelt attribute',
    part: 'accessLogging: [{providers: [{name: envoy}]}]',
    by: 'accessLogging: [{providers: [{name: envoy}], filter: {expression: "respons.code >= 400"}}]',
    ...{
      code: 'TRC089',
      object: 'Telemetry/istio-system/mesh-default',
      severity: 'warning',
      hint: 'correct the name: where a proxy does not know it, nothing is logged',
    },
  },
  {
    what: 'a filter that is no CEL',
    part: 'accessLogging: [{providers: [{name: envoy}]}]',
    by: 'accessLogging: [{providers: [{name: envoy}], filter: {expression: "response.code >="}}]',
    ...{ code: 'TRC089', object: 'Telemetry/istio-system/mesh-default', hint: 'correct it: istiod refuses the object' },
  },
  {
    what: 'two providers of which one counts',
    part: 'tracing: [{providers: [{name: otel}]',
    by: 'tracing: [{providers: [{name: otel}, {name: zipkin}]',
    ...{
      code: 'TRC086',
      object: 'Telemetry/istio-system/mesh-default',
      severity: 'warning',
      hint: 'name one provider, and let a collector send to several backends',
    },
  },
  {
    what: 'two default providers',
    part: 'tracing: [otel]',
    by: 'tracing: [otel, zipkin]',
    ...{
      code: 'TRC086',
      object: 'IstioOperator/istio-system/mesh',
      severity: 'warning',
      hint: 'name one provider, and let a collector send to several backends',
    },
  },
  {
    what: 'enableTracing: false beside a provider',
    part: 'accessLogFile: /dev/stdout',
    by: 'enableTracing: false',
    ...{
      code: 'TRC085',
      object: 'IstioOperator/istio-system/mesh',
      severity: 'warning',
      hint: 'to trace, remove it; not to trace, use a Telemetry with disableSpanReporting: true',
    },
  },
  {
    what: 'a share in the mesh config that the Telemetry overrides',
    part: 'accessLogFile: /dev/stdout',
    by: 'defaultConfig: {tracing: {sampling: 100}}',
    ...{
      code: 'TRC083',
      object: 'IstioOperator/istio-system/mesh',
      severity: 'warning',
      hint: 'remove it, or set the share in Telemetry/istio-system/mesh-default',
    },
  },
  {
    what: 'a share of istiod that the Telemetry overrides',
    part: '  profile: default',
    by: '  profile: default\n  values: {pilot: {traceSampling: 100}}',
    ...{
      code: 'TRC083',
      object: 'IstioOperator/istio-system/mesh',
      severity: 'warning',
      hint: 'remove it, or set the share in Telemetry/istio-system/mesh-default',
    },
  },
  {
    what: 'a share of a pod that the Telemetry overrides',
    part: 'metadata: {labels: {app: reviews, version: v2}}',
    by: `metadata: {labels: {app: reviews, version: v2}, annotations: {proxy.istio.io/config: "tracing: {sampling: 100}"}}`,
    ...{
      code: 'TRC083',
      object: 'Deployment/shop/reviews-v2',
      severity: 'warning',
      hint: 'remove it, or set the share in Telemetry/istio-system/mesh-default',
    },
  },
];

describe('sampling: one fault gives one finding', () => {
  it.each(mutations)('$what', ({ part, by, code, object, hint, severity }) => {
    const findings = own(replaced(goodMesh, part, by));
    expect(findings.map((one) => [one.code, one.object, one.hint, one.severity])).toEqual([
      [code, object, hint, severity ?? 'error'],
    ]);
  });
});

describe('TRC080: two for a whole namespace', () => {
  const log = 'accessLogging: [{providers: [{name: envoy}]}]';
  it.each([
    ['mesh-wide', telemetry(log, { name: 'logging' }), 'Telemetry/istio-system/logging'],
    [
      'an empty selector',
      telemetry(`selector: {matchLabels: {}}, ${log}`, { name: 'logging' }),
      'Telemetry/istio-system/logging',
    ],
    [
      'of one namespace',
      telemetry(log, { name: 'a', namespace: 'shop' }) + telemetry('metrics: [{}]', { name: 'b', namespace: 'shop' }),
      'Telemetry/shop/b',
    ],
  ])('%s', (_, more, object) => {
    expect(own(goodMesh + more)).toMatchObject([{ code: 'TRC080', severity: 'error', object }]);
  });

  it.each([
    ['of two namespaces', telemetry(log, { name: 'a', namespace: 'shop' }) + telemetry(log, { name: 'a', namespace: 'bank' })],
    [
      'of two revisions',
      telemetry(log, { name: 'a', namespace: 'shop', labels: 'istio.io/rev: a' }) +
        telemetry(log, { name: 'b', namespace: 'shop', labels: 'istio.io/rev: b' }),
    ],
    [
      'with a selector or a target',
      telemetry(`selector: {matchLabels: {app: reviews}}, ${log}`, { name: 'a', namespace: 'shop' }) +
        telemetry(`targetRefs: [{kind: Service, group: '', name: reviews}], ${log}`, { name: 'b', namespace: 'shop' }),
    ],
    [
      'whose namespace others say',
      telemetry(log, { name: 'a' }).replace(', namespace: istio-system', '') +
        telemetry(log, { name: 'b' }).replace(', namespace: istio-system', ''),
    ],
  ])('not %s', (_, more) => {
    expect(codes(goodMesh + more).filter((one) => one.startsWith('TRC080'))).toEqual([]);
  });
});

describe('TRC081, TRC082: selectors', () => {
  const of = (name: string, labels: string, namespace = 'shop') =>
    telemetry(`selector: {matchLabels: {${labels}}}, tracing: [{disableSpanReporting: true}]`, { name, namespace });

  it('overlap on a workload', () => {
    const both = of('a', 'app: reviews') + of('b', 'version: v1');
    expect(own(goodMesh + both)).toMatchObject([
      { code: 'TRC081', object: 'Telemetry/shop/b', message: expect.stringContaining('both select Deployment reviews-v1') },
    ]);
    expect(codes(goodMesh + of('a', 'version: v2') + of('b', 'version: v1'))).toEqual([]);
    expect(codes(of('a', 'app: x') + of('b', 'app: x, version: v1'))).toEqual(['TRC081 warning Telemetry/shop/b']);
    expect(codes(of('a', 'app: x') + of('b', 'tier: web'))).toEqual([]);
    expect(codes(of('a', 'app: x') + of('b', 'app: x', 'bank'))).toEqual([]);
    // Beside a target the selector counts for nothing.
    const target = 'targetRefs: [{kind: Gateway, group: gateway.networking.k8s.io, name: g}], selector:';
    expect(
      codes(of('a', 'app: x') + of('b', 'app: x').replace('selector:', target)).filter((one) => one.startsWith('TRC08')),
    ).toEqual([]);
  });

  it('select nothing', () => {
    expect(own(goodMesh + of('a', 'app: review'))).toMatchObject([
      { code: 'TRC082', severity: 'warning', hint: 'did you mean "app: reviews"?' },
    ]);
    expect(own(goodMesh + of('a', 'app: jaeger'))).toMatchObject([
      { code: 'TRC082', hint: 'move it to namespace observability, where Deployment jaeger has them' },
    ]);
    // Nothing is known of the namespace; a waypoint's pods are made by istiod.
    expect(codes(goodMesh + of('a', 'app: x', 'bank'))).toEqual([]);
    expect(codes(goodMesh + of('a', 'gateway.networking.k8s.io/gateway-name: waypoint'))).toEqual([]);
  });
});

describe('TRC083, TRC084: shares', () => {
  const share = (percent: number) => telemetry(tracing(`providers: [{name: otel}], randomSamplingPercentage: ${percent}`));

  it.each([
    ['the same share twice', operator(`${providers}, defaultConfig: {tracing: {sampling: 10}}`) + share(10)],
    [
      'a Telemetry that leaves the share to the mesh config',
      operator(`${byDefault}, defaultConfig: {tracing: {sampling: 10}}`) + telemetry(tracing('providers: [{name: otel}]')),
    ],
    ['a share of the mesh config alone', operator(`${byDefault}, defaultConfig: {tracing: {sampling: 100}}`)],
    ['0 beside a Telemetry that says the share', operator(`${providers}, defaultConfig: {tracing: {sampling: 0}}`) + share(10)],
    ['a pod for itself', operator(byDefault) + pod('a', 'app: a', 'proxy.istio.io/config: "tracing: {sampling: 50}"')],
    [
      'an annotation of other things',
      operator(byDefault) + share(1) + pod('a', 'app: a', 'proxy.istio.io/config: "concurrency: 2"'),
    ],
    [
      'a rendered istiod, which states its default',
      operator(byDefault) +
        share(5) +
        pod('istiod', 'app: istiod').replace("image: 'a:1'", "image: 'a:1', env: [{name: PILOT_TRACE_SAMPLING, value: '1'}]"),
    ],
  ])('%s is fine', (_, text) => {
    expect(codes(text)).toEqual([]);
  });

  it.each([
    [`defaultConfig: {tracing: {sampling: 101}}`, 'TRC084 error', 'Istio takes 1 instead'],
    [`defaultConfig: {tracing: {sampling: -1}}`, 'TRC084 error', 'allowed are 0 to 100'],
    [`defaultConfig: {tracing: {sampling: 0}}`, 'TRC084 warning', 'reads as unset: 1 percent'],
  ])('%s', (config, expected, message) => {
    const [finding, ...others] = own(operator(`${byDefault}, ${config}`));
    expect(`${finding?.code} ${finding?.severity}`).toBe(expected);
    expect(finding?.message).toContain(message);
    expect(others).toEqual([]);
  });

  it('reads istiod’s share from values, env and components', () => {
    for (const more of [
      'values: {pilot: {traceSampling: 120}},',
      "values: {pilot: {env: {PILOT_TRACE_SAMPLING: '120'}}},",
      "components: {pilot: {k8s: {env: [{name: PILOT_TRACE_SAMPLING, value: '120'}]}}},",
    ])
      expect(codes(operator(byDefault, more))).toEqual(['TRC084 error IstioOperator/istio-system/mesh']);
    const release =
      'apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: istiod, namespace: istio-system}\nspec: {interval: 1h, chart: {spec: {chart: istiod, sourceRef: {kind: HelmRepository, name: istio}}}, values: {traceSampling: 100}}\n';
    expect(codes(release + share(5))).toContain('TRC083 warning HelmRelease/istio-system/istiod');
  });

  it('knows a provider’s own sampler', () => {
    const sampler =
      'extensionProviders: [{name: otel, opentelemetry: {service: a.b.svc.cluster.local, port: 4317, dynatraceSampler: {tenant: a, clusterId: 1}}}]';
    expect(codes(operator(sampler) + share(5))).toEqual(['TRC083 warning Telemetry/istio-system/mesh-default']);
    expect(codes(operator(sampler) + telemetry(tracing('providers: [{name: otel}]')))).toEqual([]);
  });

  it('takes the narrowest Telemetry for a pod', () => {
    const annotated = pod('a', 'app: a', 'proxy.istio.io/config: "tracing: {sampling: 50}"');
    const narrow = telemetry(tracing('randomSamplingPercentage: 50'), { name: 'narrow', namespace: 'shop' });
    expect(codes(operator(byDefault) + share(5) + annotated)).toEqual(['TRC083 warning Deployment/shop/a']);
    expect(codes(operator(byDefault) + share(5) + annotated + narrow)).toEqual([]);
  });
});

describe('TRC085, TRC086, TRC087: who traces', () => {
  const legacy = 'defaultConfig: {tracing: {zipkin: {address: "zipkin.tracing:9411"}}}';

  it('enableTracing: false switches the legacy tracer alone', () => {
    expect(codes(operator(`enableTracing: false, ${legacy}`))).toEqual(['TRC085 warning IstioOperator/istio-system/mesh']);
    expect(codes(operator('enableTracing: false'))).toEqual([]);
    expect(codes(operator(`enableTracing: false, ${providers}`) + telemetry(tracing('disableSpanReporting: true')))).toEqual([]);
    expect(codes(operator(`enableTracing: true, ${byDefault}`))).toEqual([]);
  });

  it.each([
    ['{providers: [{name: otel}]}, {providers: [{name: zip}]}', ['TRC086 warning Telemetry/istio-system/mesh-default']],
    [
      '{providers: [{name: otel}]}, {match: {mode: CLIENT}, providers: [{name: zip}]}, {match: {mode: SERVER}, providers: [{name: zip}]}',
      ['TRC086 warning Telemetry/istio-system/mesh-default'],
    ],
    ['{match: {mode: CLIENT}, providers: [{name: otel}]}, {match: {mode: SERVER}, providers: [{name: zip}]}', []],
    ['{providers: [{name: otel}]}, {match: {mode: SERVER}, providers: [{name: zip}]}', []],
    ['{providers: [{name: otel}]}, {match: {mode: CLIENT}, randomSamplingPercentage: 5}', []],
  ])('the entries %s', (entries, expected) => {
    expect(codes(operator(providers) + telemetry(`tracing: [${entries}]`))).toEqual(expected);
  });

  it('a tracing entry without any provider switches tracing off', () => {
    const asks = tracing('randomSamplingPercentage: 10');
    expect(own(operator(providers) + telemetry(asks))).toMatchObject([
      { code: 'TRC087', severity: 'error', hint: 'add providers: [{name: otel}]' },
    ]);
    const inShop = telemetry(asks, { name: 'narrow', namespace: 'shop' });
    expect(own(operator(legacy) + inShop)).toMatchObject([
      { code: 'TRC087', message: expect.stringContaining('the zipkin address "zipkin.tracing:9411" is not used') },
    ]);
    // A wider scope, or a default, names one; or nothing is asked for; or the mesh config is not shown.
    expect(codes(operator(byDefault) + telemetry(asks))).toEqual([]);
    expect(codes(operator(providers) + telemetry(tracing('providers: [{name: otel}]')) + inShop)).toEqual([]);
    expect(codes(operator(providers) + telemetry(tracing('disableSpanReporting: true')))).toEqual([]);
    expect(codes(telemetry(asks))).toEqual([]);
  });
});

describe('TRC088: tail after head', () => {
  const collector = (processors: string) =>
    `---\napiVersion: opentelemetry.io/v1beta1\nkind: OpenTelemetryCollector\nmetadata: {name: otel, namespace: tracing}\nspec:\n  config:\n    receivers: {otlp: {protocols: {grpc: {}}}}\n    processors: {tail_sampling: {policies: [{name: a, type: always_sample}]}}\n    exporters: {debug: {}}\n    service: {pipelines: {traces: {receivers: [otlp], processors: [${processors}], exporters: [debug]}}}\n`;
  const found = (text: string) => findingsOf(text).filter(({ code }) => code === 'TRC088');

  it('is told when the head lets less than all through', () => {
    const share = (percent: number) => telemetry(tracing(`providers: [{name: otel}], randomSamplingPercentage: ${percent}`));
    expect(found(operator(byDefault) + share(5) + collector('tail_sampling'))).toMatchObject([
      { severity: 'info', object: 'OpenTelemetryCollector/tracing/otel', message: expect.stringContaining('among 5 percent') },
    ]);
    expect(found(operator(byDefault) + collector('tail_sampling'))).toMatchObject([
      { message: expect.stringContaining('among 1 percent') },
    ]);
    expect(found(operator(byDefault) + share(100) + collector('tail_sampling'))).toEqual([]);
    expect(found(operator(byDefault) + share(5) + collector(''))).toEqual([]);
    expect(found(operator(byDefault, 'profile: demo,') + collector('tail_sampling'))).toEqual([]);
    // A collector of applications: the mesh sends nothing.
    expect(found(operator('') + collector('tail_sampling'))).toEqual([]);
  });
});
