import { App } from 'cdk8s';
import { describe, expect, it } from 'vitest';
import { Endpoint, Layer, StackFile } from '../constructs/kit/index.ts';
import { type IstioctlInstall, Mesh, type MeshProps, Telemetry, type Tracing } from '../constructs/mesh/index.ts';
import { existingSink, Jaeger } from '../constructs/tracing/index.ts';
import { type Loose, layer, object, objects } from './support/synth.ts';

const host = 'otel.observability.svc.cluster.local';
const at = <P extends string>(protocol: P, port: number) => Endpoint.external({ protocol, host, port });

function mesh(props: MeshProps, namespace = 'istio-system') {
  const chart = layer(namespace);
  return { chart, istio: new Mesh(chart, 'istio', props) };
}

function operator(chart: Layer): Loose {
  const file = chart.node.findAll().find((c): c is StackFile => c instanceof StackFile);
  return file && { path: file.path, json: file.content() };
}

describe('tracing by a provider', () => {
  const configOf = (tracing: Tracing) => mesh({ tracing }).istio.config;

  it('derives the provider from the protocol', () => {
    const providers = (tracing: Tracing) => configOf(tracing).extensionProviders;
    expect(providers({ to: existingSink({ 'otlp-grpc': at('otlp-grpc', 4317) }) })).toEqual([
      { name: 'otel', opentelemetry: { service: host, port: 4317 } },
    ]);
    expect(providers({ to: existingSink({ 'otlp-http': at('otlp-http', 4318) }) })).toEqual([
      { name: 'otel', opentelemetry: { service: host, port: 4318, http: { path: '/v1/traces', timeout: '5s' } } },
    ]);
    expect(providers({ to: existingSink({ zipkin: at('zipkin', 9411) }) })).toEqual([
      { name: 'zipkin', zipkin: { service: host, port: 9411 } },
    ]);
    expect(providers({ to: existingSink({ skywalking: at('skywalking', 11800) }) })).toEqual([
      { name: 'skywalking', skywalking: { service: host, port: 11800 } },
    ]);
    expect(providers({ to: existingSink({ datadog: at('datadog', 8126) }) })).toEqual([
      { name: 'datadog', datadog: { service: host, port: 8126 } },
    ]);
  });

  it('takes the way that is asked for', () => {
    const jaeger = new Jaeger(layer(), 'jaeger');
    expect(configOf({ to: jaeger }).defaultProviders).toEqual({ metrics: ['prometheus'], tracing: ['otel'] });
    expect(configOf({ to: jaeger, via: 'zipkin' }).extensionProviders).toEqual([
      { name: 'zipkin', zipkin: { service: 'jaeger-collector.istio-system.svc.cluster.local', port: 9411 } },
    ]);
  });

  it('refuses an address that wants TLS, which no proxy would speak to it', () => {
    const tls = <P extends string>(protocol: P, port: number) => Endpoint.external({ protocol, host, port, tls: true });
    const said = `'layer/istio' sends to ${host}:4317, which is reached by TLS: proxies send plain text, put a collector between`;
    expect(() => configOf({ to: existingSink({ 'otlp-grpc': tls('otlp-grpc', 4317) }) })).toThrow(said);
    expect(() => mesh({ accessLog: { to: tls('otlp-grpc', 4317) } })).toThrow(said);
    expect(() => configOf({ legacy: { zipkin: existingSink({ zipkin: tls('zipkin', 9411) }) } })).toThrow('is reached by TLS');
  });

  it('names the provider in the mesh-wide Telemetry, with the share of requests', () => {
    const { chart, istio } = mesh({ tracing: { to: new Jaeger(layer(), 'jaeger'), samplingPercent: 100 } });
    expect(object(chart, 'Telemetry', 'mesh-default')).toMatchObject({
      apiVersion: 'telemetry.istio.io/v1',
      metadata: { namespace: 'istio-system' },
      spec: { tracing: [{ providers: [{ name: 'otel' }], randomSamplingPercentage: 100 }] },
    });
    expect(istio.samplingPercent).toBe(100);
    expect(mesh({ tracing: { to: new Jaeger(layer(), 'jaeger'), samplingPercent: 0 } }).istio.samplingPercent).toBe(0);
  });

  it('refuses a share that is none, and a sink that no proxy can reach', () => {
    const to = new Jaeger(layer(), 'jaeger');
    for (const samplingPercent of [-1, 100.5, Number.NaN])
      expect(() => mesh({ tracing: { to, samplingPercent } })).toThrow(`samplingPercent of 'layer/istio' is ${samplingPercent}`);
    // A list computed at run time escapes the types.
    const deaf = existingSink<'jaeger-grpc'>({ 'jaeger-grpc': at('jaeger-grpc', 14250) }) as unknown as Jaeger;
    expect(() => mesh({ tracing: { to: deaf } })).toThrow(
      'takes jaeger-grpc, proxies send otlp-grpc, otlp-http, zipkin, skywalking, datadog: put a collector between',
    );
  });
});

describe('legacy tracing', () => {
  const jaeger = new Jaeger(layer(), 'jaeger');

  it('sets the zipkin address and sampling, and nothing that would switch it off', () => {
    const { chart, istio } = mesh({ tracing: { legacy: { zipkin: jaeger }, samplingPercent: 50 } });
    expect(istio.config).toEqual({
      enableTracing: true,
      defaultConfig: { tracing: { zipkin: { address: 'jaeger-collector.istio-system.svc.cluster.local:9411' }, sampling: 50 } },
      defaultProviders: { metrics: ['prometheus'] },
    });
    expect(objects(chart).filter((o) => o.kind === 'Telemetry')).toEqual([]);
    expect(istio.tracingProvider).toBeUndefined();
  });

  it('cannot sample nothing', () => {
    expect(() => mesh({ tracing: { legacy: { zipkin: jaeger }, samplingPercent: 0 } })).toThrow('istio reads 0 as unset');
  });
});

describe('installs', () => {
  it('writes an input file of istioctl, and no cluster object of it', () => {
    const { chart } = mesh({ tracing: { to: new Jaeger(layer(), 'jaeger') } });
    const { path, json } = operator(chart);
    expect(path).toBe('istioctl/istio-operator.yaml');
    expect(json).toMatchObject({
      kind: 'IstioOperator',
      metadata: { name: 'mesh-default', namespace: 'istio-system' },
      spec: { profile: 'default', tag: '1.30.3', hub: 'registry.istio.io/release' },
    });
    expect(objects(chart).map((o) => o.kind)).not.toContain('IstioOperator');
  });

  it('carries every option of the install, and a root namespace of another name', () => {
    const install: Required<IstioctlInstall> = {
      by: 'istioctl',
      profile: 'demo',
      revision: 'canary',
      version: '1.31.1',
      hub: 'harbor.site.example/istio',
      istiodEnv: { BLOCKED_CIDRS_IN_JWKS_URIS: '10.0.0.0/8' },
    };
    const { chart } = mesh({ install }, 'mesh-root');
    expect(operator(chart).json.spec).toMatchObject({
      profile: 'demo',
      revision: 'canary',
      tag: '1.31.1',
      hub: 'harbor.site.example/istio',
      namespace: 'mesh-root',
      values: { global: { istioNamespace: 'mesh-root' }, pilot: { env: { BLOCKED_CIDRS_IN_JWKS_URIS: '10.0.0.0/8' } } },
    });
  });

  it('refuses a revision that is a version', () => {
    expect(() => mesh({ install: { by: 'istioctl', revision: '1.30.3' } })).toThrow('revision of \'layer/istio\' is "1.30.3"');
  });

  it('says in a plain cdk8s App that the file would be missing', () => {
    expect(
      mesh({})
        .chart.node.findAll()
        .flatMap((c) => c.node.validate()),
    ).toEqual([
      "istioctl/istio-operator.yaml would not be written: only a MeshApp writes it. Use one, or say install: { by: 'existing' }",
    ]);
    expect(
      mesh({ install: { by: 'existing' } })
        .chart.node.findAll()
        .flatMap((c) => c.node.validate()),
    ).toEqual([]);
  });

  it('installs nothing for an existing mesh', () => {
    const { chart, istio } = mesh({ install: { by: 'existing' }, tracing: { to: new Jaeger(layer(), 'jaeger') } });
    expect(operator(chart)).toBeUndefined();
    expect(objects(chart).map((o) => o.kind)).toEqual(['Namespace', 'Telemetry']);
    expect(istio.ingress).toBeUndefined();
  });

  it('knows which installs bring an ingress gateway', () => {
    const ingress = (install: NonNullable<MeshProps['install']>) => mesh({ install }).istio.ingress;
    expect(ingress({ by: 'istioctl' })?.selector).toEqual({ istio: 'ingressgateway' });
    expect(ingress({ by: 'istioctl', profile: 'minimal' })).toBeUndefined();
    expect(ingress({ by: 'istioctl', profile: 'ambient' })).toBeUndefined();
    const own = {
      selector: { istio: 'edge' },
      namespace: 'edge',
      service: Endpoint.external({ protocol: 'http', host: 'edge.edge.svc.cluster.local', port: 80 }),
    };
    expect(ingress({ by: 'existing', ingress: own })).toBe(own);
  });
});

describe('enrolment', () => {
  function app(install?: MeshProps['install']) {
    const root = new App();
    const control = new Layer(root, 'mesh', { namespace: 'istio-system' });
    const apps = new Layer(root, 'apps', { namespace: 'shop' });
    return {
      apps,
      istio: new Mesh(control, 'istio', install ? { install } : {}),
      labels: () => objects(apps)[0].metadata.labels,
    };
  }

  it('follows from the install', () => {
    const plain = app();
    plain.istio.enroll(plain.apps);
    expect(plain.labels()).toEqual({ 'istio-injection': 'enabled' });
    const revised = app({ by: 'istioctl', revision: 'canary' });
    revised.istio.enroll(revised.apps);
    expect(revised.labels()).toEqual({ 'istio.io/rev': 'canary' });
    const ambient = app({ by: 'istioctl', profile: 'ambient' });
    ambient.istio.enroll(ambient.apps);
    expect(ambient.labels()).toEqual({ 'istio.io/dataplane-mode': 'ambient' });
  });

  it('can be said, and left out', () => {
    const { istio, apps, labels } = app();
    expect(labels()).toBeUndefined();
    istio.enroll(apps, { by: 'revision', revision: 'stable' });
    expect(labels()).toEqual({ 'istio.io/rev': 'stable' });
    const other = app();
    other.istio.enroll(other.apps, { by: 'excluded' });
    expect(other.labels()).toEqual({ 'istio-injection': 'disabled' });
  });

  it('refuses two ways at once, and ambient where no ztunnel is', () => {
    const { istio, apps } = app();
    istio.enroll(apps);
    istio.enroll(apps);
    expect(() => istio.enroll(apps, { by: 'revision', revision: 'x' })).toThrow(
      "namespace 'shop' of layer 'apps' is enrolled by istio-injection=enabled already",
    );
    expect(() => istio.enroll(apps, { by: 'excluded' })).toThrow('istio-injection=disabled would contradict it');
    expect(() => istio.enroll(apps, { by: 'ambient' })).toThrow("install with profile 'ambient'");
  });
});

describe('telemetry and security', () => {
  const everyOption: Required<MeshProps> = {
    install: { by: 'istioctl' },
    tracing: { to: new Jaeger(layer(), 'jaeger'), samplingPercent: 10 },
    mtls: 'strict',
    autoMtls: 'off',
    outboundTraffic: 'registry-only',
    spans: { tags: { cluster: { from: 'literal', value: 'main' } } },
    accessLog: { filter: 'response.code >= 500' },
    reportingIntervalSeconds: 15,
    metrics: [
      { metric: 'REQUEST_COUNT', tags: { request_host: { value: 'request.host' }, source_version: 'remove' } },
      { metric: 'REQUEST_SIZE', off: true },
    ],
    injectionTemplates: { team: { metadata: { labels: { team: 'mesh' } } } },
    meshConfig: { ingressService: 'edge' },
  };

  it('renders every option', () => {
    const { chart, istio } = mesh(everyOption);
    expect(istio.needsPlaintextRules).toBe(true);
    expect(istio.config).toMatchObject({
      enableAutoMtls: false,
      outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' },
      ingressService: 'edge',
    });
    expect(object(chart, 'PeerAuthentication', 'default').spec).toEqual({ mtls: { mode: 'STRICT' } });
    expect(object(chart, 'Telemetry', 'mesh-default').spec).toEqual({
      tracing: [
        { providers: [{ name: 'otel' }], randomSamplingPercentage: 10, customTags: { cluster: { literal: { value: 'main' } } } },
      ],
      accessLogging: [{ providers: [{ name: 'envoy' }], filter: { expression: 'response.code >= 500' } }],
      metrics: [
        {
          providers: [{ name: 'prometheus' }],
          reportingInterval: '15s',
          overrides: [
            {
              match: { metric: 'REQUEST_COUNT' },
              tagOverrides: {
                request_host: { operation: 'UPSERT', value: 'request.host' },
                source_version: { operation: 'REMOVE' },
              },
            },
            { match: { metric: 'REQUEST_SIZE' }, disabled: true },
          ],
        },
      ],
    });
  });

  it('narrows sampling to a namespace and to a workload', () => {
    const { istio } = mesh({ tracing: { to: new Jaeger(layer(), 'jaeger') } });
    const apps = layer('shop');
    new Telemetry(apps, 'half', { mesh: istio, tracing: { samplingPercent: 50 } });
    new Telemetry(apps, 'silent', {
      mesh: istio,
      tracing: 'off',
      accessLog: 'off',
      workload: { name: 'cart', selector: { app: 'cart' } },
    });
    expect(object(apps, 'Telemetry', 'namespace-default').spec).toEqual({
      tracing: [{ providers: [{ name: 'otel' }], randomSamplingPercentage: 50, disableSpanReporting: false }],
    });
    expect(object(apps, 'Telemetry', 'cart').spec).toEqual({
      selector: { matchLabels: { app: 'cart' } },
      tracing: [{ providers: [{ name: 'otel' }], disableSpanReporting: true }],
      accessLogging: [{ providers: [{ name: 'envoy' }], disabled: true }],
    });
  });

  it('refuses a Telemetry that would switch tracing off by accident, or says nothing', () => {
    const { istio } = mesh({});
    expect(() => new Telemetry(layer(), 't', { mesh: istio, tracing: { samplingPercent: 5 } })).toThrow(
      'the mesh has no tracing provider',
    );
    expect(() => new Telemetry(layer(), 't', { mesh: istio })).toThrow('says nothing');
  });
});

it('is scraped: istiod and every pod that asks for it', () => {
  expect(mesh({}).istio.scrapeJobs).toEqual([
    {
      by: 'service',
      job: 'istiod',
      namespace: 'istio-system',
      service: 'istiod',
      port: 'http-monitoring',
      labels: { istio: 'pilot' },
      jobLabel: 'istio',
      monitor: 'istio-component-monitor',
    },
    { by: 'pod-annotations', job: 'kubernetes-pods' },
  ]);
  expect(mesh({ install: { by: 'existing', revision: 'canary' } }).istio.scrapeJobs[0]).toMatchObject({
    service: 'istiod-canary',
  });
});
