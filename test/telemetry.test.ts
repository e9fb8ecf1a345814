import { App } from 'cdk8s';
import { describe, expect, it } from 'vitest';
import { celProblem } from '../constructs/kit/cel.ts';
import { Endpoint, Layer, type Sampling, Workload } from '../constructs/kit/index.ts';
import {
  type AccessLogSink,
  Mesh,
  type MeshProps,
  type SpanSettings,
  Telemetry,
  type TelemetryProps,
} from '../constructs/mesh/index.ts';
import { existingSink } from '../constructs/tracing/index.ts';
import { object, objects } from './support/synth.ts';

const host = 'otel.observability.svc.cluster.local';
const otlp = Endpoint.external({ protocol: 'otlp-grpc', host, port: 4317 });
const to = existingSink({ 'otlp-grpc': otlp });
/** A collector that applies a tail: what the Collector tells of itself. */
const collector = (tailSampling: Sampling) => ({ ...existingSink({ 'otlp-grpc': otlp }), tailSampling });

function stack() {
  const app = new App();
  return {
    app,
    root: new Layer(app, 'mesh', { namespace: 'istio-system' }),
    shop: new Layer(app, 'shop', { namespace: 'shop' }),
  };
}

function traced(more: MeshProps = {}) {
  const layers = stack();
  return { ...layers, istio: new Mesh(layers.root, 'istio', { tracing: { to, samplingPercent: 10 }, ...more }) };
}

describe('sampling as an object', () => {
  it('writes the share of the mesh, of a namespace and of a workload, each in its own layer', () => {
    const { app, root, shop } = stack();
    const cart = new Workload(shop, 'cart', { name: 'cart', version: '1', image: 'cart:1', user: 1000 });
    const sampling: Required<Omit<Sampling, 'tail'>> = {
      head: 5,
      namespaces: [{ layer: shop, head: 50 }],
      workloads: [
        { workload: cart, head: 'off' },
        { workload: { name: 'till', namespace: 'shop', selector: { app: 'till' } }, head: 100 },
      ],
    };
    const istio = new Mesh(root, 'istio', { tracing: { to, sampling } });
    expect(istio.samplingPercent).toBe(5);
    const providers = [{ name: 'otel' }];
    expect(object(root, 'Telemetry', 'mesh-default').spec).toEqual({ tracing: [{ providers, randomSamplingPercentage: 5 }] });
    // A wider 'off' would stay in force beside a share alone.
    expect(object(shop, 'Telemetry', 'namespace-default').spec).toEqual({
      tracing: [{ providers, randomSamplingPercentage: 50, disableSpanReporting: false }],
    });
    expect(object(shop, 'Telemetry', 'cart')).toMatchObject({
      metadata: { namespace: 'shop' },
      spec: { selector: { matchLabels: { app: 'cart' } }, tracing: [{ providers, disableSpanReporting: true }] },
    });
    // No construct of the program: its namespace is there already, so the mesh's layer can hold it.
    expect(object(root, 'Telemetry', 'till')).toMatchObject({ metadata: { namespace: 'shop' } });
    expect(objects(app).filter((o) => o.kind === 'Telemetry')).toHaveLength(4);
  });

  it('can be off for the whole mesh, and on below', () => {
    const { root, shop } = stack();
    const istio = new Mesh(root, 'istio', { tracing: { to, sampling: { head: 'off', namespaces: [{ layer: shop, head: 1 }] } } });
    expect(istio.samplingPercent).toBe(0);
    expect(object(root, 'Telemetry', 'mesh-default').spec.tracing[0]).toMatchObject({ disableSpanReporting: true });
    expect(object(shop, 'Telemetry', 'namespace-default').spec.tracing[0]).toMatchObject({ disableSpanReporting: false });
  });

  it('refuses shares out of range, two for one place, and one for the root namespace', () => {
    const { root, shop } = stack();
    const refused = (sampling: Sampling, id: string) => expect(() => new Mesh(root, id, { tracing: { to, sampling } }));
    refused({ head: 101 }, 'a').toThrow("sampling.head of 'mesh/a' is 101: allowed is 0 to 100");
    refused({ head: 1, namespaces: [{ layer: shop, head: -1 }] }, 'b').toThrow("sampling of namespace 'shop' of 'mesh/b' is -1");
    const workload = { name: 'cart', namespace: 'shop', selector: { app: 'cart' } };
    refused({ head: 1, workloads: [{ workload, head: Number.NaN }] }, 'c').toThrow("sampling of workload 'cart'");
    const { root: other, shop: namespace } = stack();
    const twice = [{ layer: namespace, head: 1 } as const, { layer: namespace, head: 2 } as const];
    expect(() => new Mesh(other, 'd', { tracing: { to, sampling: { head: 1, namespaces: twice } } })).toThrow(
      "sampling of 'mesh/d' has two shares for namespace 'shop'",
    );
    const { root: third } = stack();
    expect(
      () => new Mesh(third, 'e', { tracing: { to, sampling: { head: 1, namespaces: [{ layer: third, head: 2 }] } } }),
    ).toThrow("that is 'head'");
  });

  it('takes a tail only where the sink applies that tail', () => {
    const sampling: Sampling = { head: 100, tail: [{ keep: 'errors' }, { keep: 'share', percent: 5 }] };
    const made = (sink: typeof to) => () => new Mesh(stack().root, 'istio', { tracing: { to: sink, sampling } });
    expect(made(to)).toThrow(
      "sampling of 'mesh/istio' keeps errors, share at the tail, but what it sends to samples no tail: send to a collector that is given the same object",
    );
    expect(made(collector({ head: 100, tail: [{ keep: 'all' }] }))).toThrow('the collector it sends to keeps something else');
    expect(made(collector({ head: 100 }))).toThrow('samples no tail');
    expect(made(collector(sampling))).not.toThrow();
  });

  it('excludes a percentage beside it, and legacy tracing', () => {
    const { root } = stack();
    const zipkin = existingSink({ zipkin: Endpoint.external({ protocol: 'zipkin', host, port: 9411 }) });
    // @ts-expect-error a number and an object
    new Mesh(root, 'a', { install: { by: 'existing' }, tracing: { to, samplingPercent: 1, sampling: { head: 1 } } });
    // @ts-expect-error the proxies' bootstrap knows one number
    new Mesh(stack().root, 'b', { tracing: { legacy: { zipkin }, sampling: { head: 1 } } });
    expect(objects(root).length).toBeGreaterThan(0);
  });
});

describe('one Telemetry for one namespace', () => {
  it('holds all that is said of it, whoever says it', () => {
    const { root, shop } = stack();
    const istio = new Mesh(root, 'istio', { tracing: { to, sampling: { head: 1, namespaces: [{ layer: shop, head: 50 }] } } });
    new Telemetry(shop, 'log', { mesh: istio, accessLog: { filter: 'response.code >= 400' } });
    new Telemetry(shop, 'tags', { mesh: istio, spans: { tags: { team: { from: 'literal', value: 'shop' } } } });
    new Telemetry(root, 'metrics', { mesh: istio, metrics: [{ metric: 'TCP_SENT_BYTES', off: true }] });
    expect(objects(shop).filter((o) => o.kind === 'Telemetry')).toEqual([
      expect.objectContaining({
        metadata: { name: 'namespace-default', namespace: 'shop' },
        spec: {
          tracing: [
            {
              providers: [{ name: 'otel' }],
              randomSamplingPercentage: 50,
              disableSpanReporting: false,
              customTags: { team: { literal: { value: 'shop' } } },
            },
          ],
          accessLogging: [{ providers: [{ name: 'envoy' }], filter: { expression: 'response.code >= 400' } }],
        },
      }),
    ]);
    expect(Object.keys(object(root, 'Telemetry', 'mesh-default').spec).sort()).toEqual(['metrics', 'tracing']);
  });

  it('refuses to be told the same thing twice', () => {
    const { istio, shop, root } = traced();
    new Telemetry(shop, 'one', { mesh: istio, tracing: 'off' });
    expect(() => new Telemetry(shop, 'two', { mesh: istio, tracing: { samplingPercent: 5 } })).toThrow(
      "'shop/two' sets tracing for namespace 'shop', which 'shop/one' has set already",
    );
    expect(() => new Telemetry(root, 'three', { mesh: istio, tracing: 'off' })).toThrow(
      "'mesh/three' sets tracing for the whole mesh, which 'mesh/istio' has set already",
    );
    const cart = (app: string) => ({ name: 'cart', selector: { app } });
    new Telemetry(shop, 'four', { mesh: istio, accessLog: 'off', workload: cart('cart') });
    expect(() => new Telemetry(shop, 'five', { mesh: istio, accessLog: 'off', workload: cart('kart') })).toThrow(
      "would both make Telemetry 'cart' in namespace 'shop', for different workloads",
    );
  });

  it('keeps two stacks apart', () => {
    const { istio, shop } = traced();
    const other = stack().shop;
    for (const layer of [shop, other]) new Telemetry(layer, 'off', { mesh: istio, tracing: 'off' });
    expect(object(other, 'Telemetry', 'namespace-default').spec.tracing).toHaveLength(1);
  });

  it('lies in its workload’s namespace', () => {
    const { istio, root } = traced();
    const workload = { name: 'cart', namespace: 'shop', selector: { app: 'cart' } };
    expect(() => new Telemetry(root, 't', { mesh: istio, tracing: 'off', workload })).toThrow(
      "is for pods of 'cart' of 'shop', but stands in",
    );
  });
});

describe('custom telemetry', () => {
  const everyTag: Required<SpanSettings> = {
    tags: {
      team: { from: 'literal', value: 'shop' },
      node: { from: 'environment', name: 'NODE', otherwise: 'none' },
      tenant: { from: 'header', name: 'x-tenant' },
      path: { from: 'formatter', value: '%REQ(:PATH)%' },
    },
    istioTags: 'off',
    requestIdSampling: 'off',
    contextPropagation: 'off',
  };

  it('renders every option of a namespace', () => {
    const { istio, shop } = traced();
    const json = istio.addAccessLog('json-log', { format: { json: { path: '%REQ(:PATH)%' } } });
    const everyOption: Required<TelemetryProps> = {
      mesh: istio,
      workload: { name: 'cart', selector: { app: 'cart' }, namespace: 'shop' },
      tracing: { samplingPercent: 0.5 },
      spans: everyTag,
      accessLog: { to: json, filter: 'connection.mtls == false', reporter: 'server' },
      metrics: [
        { metric: 'TCP_OPENED_CONNECTIONS', reporter: 'client', tags: { peer: { value: 'upstream_peer.workload' } } },
        { customMetric: 'cart_total', tags: { source_version: 'remove' } },
      ],
      reportingIntervalSeconds: 30,
    };
    new Telemetry(shop, 'all', everyOption);
    expect(object(shop, 'Telemetry', 'cart').spec).toEqual({
      selector: { matchLabels: { app: 'cart' } },
      tracing: [
        {
          providers: [{ name: 'otel' }],
          randomSamplingPercentage: 0.5,
          disableSpanReporting: false,
          customTags: {
            team: { literal: { value: 'shop' } },
            node: { environment: { name: 'NODE', defaultValue: 'none' } },
            tenant: { header: { name: 'x-tenant' } },
            path: { formatter: { value: '%REQ(:PATH)%' } },
          },
          enableIstioTags: false,
          useRequestIdForTraceSampling: false,
          disableContextPropagation: true,
        },
      ],
      accessLogging: [
        { providers: [{ name: 'json-log' }], filter: { expression: 'connection.mtls == false' }, match: { mode: 'SERVER' } },
      ],
      metrics: [
        {
          providers: [{ name: 'prometheus' }],
          reportingInterval: '30s',
          overrides: [
            {
              match: { metric: 'TCP_OPENED_CONNECTIONS', mode: 'CLIENT' },
              tagOverrides: { peer: { operation: 'UPSERT', value: 'upstream_peer.workload' } },
            },
            { match: { customMetric: 'cart_total' }, tagOverrides: { source_version: { operation: 'REMOVE' } } },
          ],
        },
      ],
    });
  });

  it('writes the destination of an access log into the mesh config, and names it in the Telemetry', () => {
    const of = (accessLog: NonNullable<MeshProps['accessLog']>) => {
      const { istio, root } = traced({ accessLog });
      return {
        providers: istio.config.extensionProviders,
        entry: object(root, 'Telemetry', 'mesh-default').spec.accessLogging[0],
      };
    };
    const tracer = { name: 'otel', opentelemetry: { service: host, port: 4317 } };
    expect(of({})).toEqual({ providers: [tracer], entry: { providers: [{ name: 'envoy' }] } });
    expect(of('off')).toEqual({ providers: [tracer], entry: { providers: [{ name: 'envoy' }], disabled: true } });
    const sinks: [AccessLogSink, object][] = [
      [{ path: '/dev/stderr' }, { envoyFileAccessLog: { path: '/dev/stderr' } }],
      [
        { format: { text: '[%START_TIME(%Y-%m-%d)%] %REQ(X-FORWARDED-FOR?:AUTHORITY):9% 100%%' } },
        {
          envoyFileAccessLog: {
            path: '/dev/stdout',
            logFormat: { text: '[%START_TIME(%Y-%m-%d)%] %REQ(X-FORWARDED-FOR?:AUTHORITY):9% 100%%' },
          },
        },
      ],
      [
        { format: { json: { status: '%RESPONSE_CODE%', host: { name: '%HOSTNAME%' } } } },
        {
          envoyFileAccessLog: {
            path: '/dev/stdout',
            logFormat: { labels: { status: '%RESPONSE_CODE%', host: { name: '%HOSTNAME%' } } },
          },
        },
      ],
      [
        { to: otlp, logName: 'mesh', format: { json: { status: '%RESPONSE_CODE%' } } },
        { envoyOtelAls: { service: host, port: 4317, logName: 'mesh', logFormat: { labels: { status: '%RESPONSE_CODE%' } } } },
      ],
    ];
    for (const [sink, expected] of sinks)
      expect(of(sink)).toEqual({
        providers: [tracer, { name: 'access-log', ...expected }],
        entry: { providers: [{ name: 'access-log' }] },
      });
  });

  it('lets namespaces log where the mesh does', () => {
    const { istio, shop } = traced({ accessLog: { to: otlp } });
    new Telemetry(shop, 'errors', { mesh: istio, accessLog: { filter: 'response.code >= 500' } });
    expect(object(shop, 'Telemetry', 'namespace-default').spec.accessLogging[0].providers).toEqual([{ name: 'access-log' }]);
  });

  it('refuses what a proxy would refuse', () => {
    const { istio, shop } = traced();
    for (const format of [{ text: '%REQ(:PATH)' }, { text: '50% off' }, { json: { a: { b: '%protocol%' } } }])
      expect(() => istio.addAccessLog('bad', { format })).toThrow('is no command operator');
    for (const name of ['otel', 'envoy', 'prometheus'])
      expect(() => istio.addAccessLog(name, {})).toThrow(`has a provider "${name}" already`);
    const refused = (settings: Omit<TelemetryProps, 'mesh'>, id: string) =>
      expect(() => new Telemetry(shop, id, { mesh: istio, ...settings }));
    refused({ accessLog: { filter: 'respons.code >= 400' } }, 'a').toThrow(
      'accessLog.filter of \'shop/a\' is "respons.code >= 400", but a proxy has no attribute "respons", did you mean "response"?',
    );
    const value = (tag: string, expression: string) => ({
      metrics: [{ metric: 'REQUEST_COUNT', tags: { [tag]: { value: expression } } } as const],
      workload: { name: tag, selector: { app: 'x' } },
    });
    refused(value('path', 'request.url_path ='), 'b').toThrow(/which is no CEL expression: .* at character 18/);
    refused(value('a-b', 'request.path'), 'c').toThrow('tag "a-b" of metric REQUEST_COUNT of \'shop/c\' is no name of a label');
    refused({ reportingIntervalSeconds: 0.5, workload: { name: 'w', selector: {} } }, 'd').toThrow(
      'allowed are whole seconds from 1',
    );
    refused({ spans: { tags: { team: { from: 'literal', value: '' } } } }, 'e').toThrow('span tag "team" of \'shop/e\' is empty');
    expect(() => new Mesh(stack().root, 'm', { spans: everyTag })).toThrow('has no tracing provider');
  });
});

describe('CEL', () => {
  it.each([
    'response.code >= 400 || connection.mtls == false',
    "request.headers['x-debug'] == '1' && request.path in ['/a', '/b']",
    "has(request.headers['a']) && request.headers.exists(h, h.startsWith('x-'))",
    'xds.cluster_metadata.filter_metadata.istio.services[0].name == "x"',
    "filter_state['wasm.a'].b == metadata.c && upstream_filter_state.x",
    'type(request.size) == int ? source.port == 7u : !(destination.port > -1)',
  ])('%s can be evaluated', (expression) => {
    expect(celProblem(expression, 'filter')).toBeUndefined();
  });

  it('knows more names in metrics', () => {
    for (const expression of ["upstream_peer.labels['app']", 'node.metadata.x', 'istio_operationId']) {
      expect(celProblem(expression, 'metric')).toBeUndefined();
      expect(celProblem(expression, 'filter')?.is).toBe('attribute');
    }
  });

  it.each([
    ['request.pth == "/"', 'attribute', 'did you mean "request.path"?'],
    ['h == 1 && [1].exists(h, h == 1)', 'attribute', 'no attribute "h"'],
    ['size({"a": [conection.mtls]}) == 1', 'attribute', 'did you mean "connection"?'],
    ['response.code >', 'syntax', 'at character 16'],
    ['', 'syntax', 'at character 1'],
  ])('%s cannot', (expression, is, message) => {
    expect(celProblem(expression, 'filter')).toMatchObject({ is, message: expect.stringContaining(message) });
  });
});
