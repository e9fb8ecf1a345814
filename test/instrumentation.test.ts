import { describe, expect, it } from 'vitest';
import { MeshApp, Stack } from '../constructs/index.ts';
import { Endpoint, type EnvoyTraceProtocol, Layer, type MeshLike, Workload } from '../constructs/kit/index.ts';
import { Mesh } from '../constructs/mesh/index.ts';
import { edges, prove } from '../constructs/proof/index.ts';
import { renderStack } from '../constructs/render.ts';
import { Collector, existingSink, Instrumentation, type InstrumentationProps, Jaeger } from '../constructs/tracing/index.ts';
import { worldsOf } from '../constructs/worlds.ts';
import { findingsOf, worldOf } from './proof-world.ts';
import { external, tempo } from './support/collector.ts';
import { layer, object } from './support/synth.ts';

const both = existingSink({
  'otlp-grpc': external('otlp-grpc', 'otel-collector.otel-system.svc.cluster.local', 4317),
  'otlp-http': external('otlp-http', 'otel-collector.otel-system.svc.cluster.local', 4318, '/v1/traces'),
});

const meshSending = (protocol: EnvoyTraceProtocol | undefined): MeshLike => ({
  rootNamespace: 'istio-system',
  needsPlaintextRules: false,
  ingress: undefined,
  samplingPercent: 10,
  spansTo: protocol && Endpoint.external({ protocol, host: 'spans.observability.svc.cluster.local', port: 4317 }),
});

const make = (props: Partial<InstrumentationProps> = {}) => {
  const chart = layer('otel-system');
  const instrumentation = new Instrumentation(chart, 'agents', { exportTo: both, ...props });
  return { chart, instrumentation, spec: object(chart, 'Instrumentation', props.name ?? 'agents').spec };
};
const env = (spec: { env: { name: string; value?: string }[] }) =>
  Object.fromEntries(spec.env.map((one) => [one.name, one.value]));

describe('Instrumentation', () => {
  it('sends spans, and nothing else, to the sink by HTTP, which every agent speaks', () => {
    const { spec } = make();
    expect(spec.exporter.endpoint).toBe('http://otel-collector.otel-system.svc.cluster.local:4318');
    expect(env(spec)).toEqual({
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
    });
    expect(spec.propagators).toEqual(['tracecontext', 'baggage']);
    expect(spec.sampler).toEqual({ type: 'parentbased_always_on' });
    for (const language of ['java', 'nodejs', 'python', 'dotnet', 'go', 'apacheHttpd']) expect(spec).not.toHaveProperty(language);
  });

  it('sends by gRPC where the sink takes nothing else, and says so to the agents', () => {
    const { spec } = make({ exportTo: tempo });
    expect(spec.exporter.endpoint).toBe('http://tempo.tempo.svc.cluster.local:4317');
    expect(env(spec).OTEL_EXPORTER_OTLP_PROTOCOL).toBe('grpc');
  });

  it('takes a collector and a backend as they are', () => {
    const chart = layer('otel-system');
    const collector = new Collector(chart, 'collector', { runAs: 'operator', exportTo: [new Jaeger(chart, 'jaeger')] });
    new Instrumentation(chart, 'agents', { exportTo: collector });
    expect(object(chart, 'Instrumentation', 'agents').spec.exporter.endpoint).toBe(
      'http://otel-collector.otel-system.svc.cluster.local:4318',
    );
  });

  it('keeps a path before the one of traces', () => {
    const exportTo = existingSink({ 'otlp-http': external('otlp-http', 'loki.example', 443, '/otlp/v1/traces', true) });
    expect(make({ exportTo }).spec.exporter.endpoint).toBe('https://loki.example:443/otlp');
  });

  // A new option without an expectation does not compile.
  const table: Required<{ [K in keyof InstrumentationProps]: readonly [Partial<InstrumentationProps>, object] }> = {
    exportTo: [{ exportTo: tempo }, { exporter: { endpoint: 'http://tempo.tempo.svc.cluster.local:4317' } }],
    mesh: [{ mesh: meshSending('zipkin') }, { propagators: ['b3multi', 'baggage'] }],
    propagators: [{ propagators: ['b3', 'jaeger', 'xray', 'ottrace'] }, { propagators: ['b3', 'jaeger', 'xray', 'ottrace'] }],
    sampler: [
      { sampler: { type: 'parentbased_traceidratio', percent: 7 } },
      { sampler: { type: 'parentbased_traceidratio', argument: '0.07' } },
    ],
    env: [
      { env: { OTEL_METRICS_EXPORTER: 'otlp', NODE: { field: 'spec.nodeName' } } },
      {
        env: [
          { name: 'OTEL_EXPORTER_OTLP_PROTOCOL', value: 'http/protobuf' },
          { name: 'OTEL_METRICS_EXPORTER', value: 'otlp' },
          { name: 'OTEL_LOGS_EXPORTER', value: 'none' },
          { name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
        ],
      },
    ],
    images: [
      {
        images: {
          java: 'a/java:1',
          nodejs: 'a/nodejs:1',
          python: 'a/python:1',
          dotnet: 'a/dotnet:1',
          go: 'a/go:1',
          'apache-httpd': 'a/apache:1',
        },
      },
      {
        java: { image: 'a/java:1' },
        nodejs: { image: 'a/nodejs:1' },
        python: { image: 'a/python:1' },
        dotnet: { image: 'a/dotnet:1' },
        go: { image: 'a/go:1' },
        apacheHttpd: { image: 'a/apache:1' },
      },
    ],
    name: [{ name: 'shop' }, {}],
  };
  it.each(Object.entries(table))('takes the option %s', (option, [props, expected]) => {
    if (option !== 'name') expect(make().spec).not.toMatchObject(expected);
    expect(make(props).spec).toMatchObject(expected);
  });

  it.each([
    [0, '0'],
    [100, '1'],
    [12.5, '0.125'],
    [0.0001, '0.000001'],
  ])('samples %d %% as the ratio %s', (percent, argument) => {
    expect(make({ sampler: { type: 'traceidratio', percent } }).spec.sampler).toEqual({ type: 'traceidratio', argument });
  });

  it.each(['always_on', 'always_off', 'parentbased_always_on', 'parentbased_always_off'] as const)('samples %s', (type) => {
    expect(make({ sampler: { type } }).spec.sampler).toEqual({ type });
  });

  describe('in a mesh', () => {
    it.each([
      ['otlp-grpc', 'tracecontext'],
      ['otlp-http', 'tracecontext'],
      ['zipkin', 'b3multi'],
      [undefined, 'tracecontext'],
    ] as const)('whose proxies send %s, speaks %s unless it is told', (protocol, first) => {
      expect(make({ mesh: meshSending(protocol) }).spec.propagators).toEqual([first, 'baggage']);
    });

    it('asks the mesh itself', () => {
      const chart = layer();
      const mesh = new Mesh(chart, 'istio', { tracing: { to: new Jaeger(chart, 'jaeger'), via: 'zipkin' } });
      new Instrumentation(chart, 'agents', { exportTo: both, mesh });
      expect(object(chart, 'Instrumentation', 'agents').spec.propagators).toEqual(['b3multi', 'baggage']);
    });

    it('takes either form of B3, and formats besides', () => {
      for (const propagators of [['b3'], ['tracecontext', 'b3multi']] as const)
        expect(make({ mesh: meshSending('zipkin'), propagators }).spec.propagators).toEqual(propagators);
    });

    it('refuses propagators that break traces at every program, naming both', () => {
      expect(() => make({ mesh: meshSending('zipkin'), propagators: ['tracecontext', 'baggage'] })).toThrow(
        "propagators of 'layer/agents' is tracecontext, baggage, but the mesh's proxies send zipkin to spans.observability.svc.cluster.local:4317: a trace would break at every program; add b3multi or b3",
      );
      expect(() => make({ mesh: meshSending('otlp-grpc'), propagators: ['none'] })).toThrow('add tracecontext');
      for (const protocol of ['skywalking', 'datadog'] as const)
        expect(() => make({ mesh: meshSending(protocol) })).toThrow(`the mesh's proxies send ${protocol} to`);
    });
  });

  describe('is asked for by a pod', () => {
    it('in any namespace, by its own name', () => {
      const { instrumentation } = make({ name: 'shop' });
      expect(instrumentation.annotations('python')).toEqual({
        'instrumentation.opentelemetry.io/inject-python': 'otel-system/shop',
      });
      expect(instrumentation.annotations('apache-httpd', 'web')).toEqual({
        'instrumentation.opentelemetry.io/inject-apache-httpd': 'otel-system/shop',
        'instrumentation.opentelemetry.io/container-names': 'web',
      });
      expect(instrumentation.annotations({ go: '/app/server' })).toEqual({
        'instrumentation.opentelemetry.io/inject-go': 'otel-system/shop',
        'instrumentation.opentelemetry.io/otel-go-auto-target-exe': '/app/server',
      });
    });

    it('where a workload carries it', () => {
      const { instrumentation } = make();
      const apps = layer('apps');
      new Workload(apps, 'shop', {
        name: 'shop',
        version: 'v1',
        image: 'shop:1',
        user: 1000,
        podAnnotations: instrumentation.annotations('java'),
      });
      expect(object(apps, 'Deployment', 'shop').spec.template.metadata.annotations).toMatchObject({
        'instrumentation.opentelemetry.io/inject-java': 'otel-system/agents',
      });
    });

    it('but not for an agent that does not speak the protocol', () => {
      const { instrumentation } = make({ exportTo: tempo });
      expect(() => instrumentation.annotations('python')).toThrow("instrumentation 'layer/agents' sends by otlp-grpc");
      expect(instrumentation.annotations('java')).toHaveProperty(['instrumentation.opentelemetry.io/inject-java']);
    });
  });

  it('refuses what no program could be told', () => {
    expect(() => make({ propagators: ['none', 'b3'] })).toThrow("'none' stands alone");
    expect(() => make({ propagators: ['b3', 'b3'] })).toThrow('names b3 twice');
    // A list computed at run time.
    const computed: string[] = [];
    expect(() => make({ propagators: computed as unknown as ['b3'] })).toThrow("propagators of 'layer/agents' is empty");
    for (const percent of [-1, 101, Number.NaN])
      expect(() => make({ sampler: { type: 'traceidratio', percent } })).toThrow(
        `percent of the sampler of 'layer/agents' is ${percent}: allowed is 0 to 100`,
      );
    expect(() => make({ images: { java: 'a/java' } })).toThrow('is not pinned');
    expect(() => make({ name: 'No Name' })).toThrow("name of instrumentation 'layer/agents'");
    const odd = existingSink({ 'otlp-http': external('otlp-http', 'vendor.example', 443, '/ingest', true) });
    expect(() => make({ exportTo: odd })).toThrow('an agent can only be told a path that ends in /v1/traces');
    // Types keep it out; a program in JavaScript can still ask.
    const zipkin = existingSink({ zipkin: external('zipkin', 'zipkin.example', 9411) });
    expect(() => make({ exportTo: zipkin as unknown as typeof tempo })).toThrow(
      "exportTo of 'layer/agents' takes zipkin: allowed is a sink of otlp-http or otlp-grpc",
    );
  });
});

it('an Instrumentation with every option is what its CRD takes', () => {
  const stack = new Stack(new MeshApp({ outdir: 'unused' }), 's');
  const otel = new Layer(stack, 'otel', { namespace: 'otel-system' });
  const collector = new Collector(otel, 'collector', { exportTo: [tempo] });
  const props: Required<InstrumentationProps> = {
    exportTo: collector,
    mesh: meshSending('otlp-grpc'),
    propagators: ['tracecontext', 'baggage', 'b3', 'b3multi', 'jaeger', 'xray', 'ottrace'],
    sampler: { type: 'parentbased_traceidratio', percent: 12.5 },
    env: { NODE: { field: 'spec.nodeName' }, TOKEN: { secret: 'agents', key: 'token' } },
    images: { java: 'a/java:1', go: 'a/go:1', 'apache-httpd': 'a/apache:1' },
    name: 'agents',
  };
  new Instrumentation(otel, 'agents', props);
  expect(prove(worldsOf(renderStack(stack))[0])).toEqual([]);
});

describe('an Instrumentation in the proof', () => {
  const agents = (spec: string, namespace = 'otel-system') =>
    `---\napiVersion: opentelemetry.io/v1alpha1\nkind: Instrumentation\nmetadata: {name: agents, namespace: ${namespace}}\nspec: ${spec}\n`;
  const to = (url: string, protocol?: string, more = '') =>
    agents(
      `{exporter: {endpoint: '${url}'}${protocol === undefined ? '' : `, env: [{name: OTEL_EXPORTER_OTLP_PROTOCOL, value: ${protocol}}]`}${more}}`,
    );
  const COLLECTOR = `---
apiVersion: opentelemetry.io/v1beta1
kind: OpenTelemetryCollector
metadata: {name: otel, namespace: otel-system}
spec:
  config:
    receivers: {otlp: {protocols: {grpc: {endpoint: '0.0.0.0:4317'}, http: {endpoint: '0.0.0.0:4318'}}}, zipkin: {endpoint: '0.0.0.0:9411'}}
    exporters: {otlp_grpc: {endpoint: 'backend.vendor.example:4317'}}
    service: {pipelines: {traces: {receivers: [otlp, zipkin], exporters: [otlp_grpc]}}}
---
apiVersion: v1
kind: Service
metadata: {name: gateway, namespace: otel-system}
spec: {ports: [{name: otlp, port: 4317}]}
`;
  const HOST = 'otel-collector.otel-system';
  const python = (name: string, value: string) => `, python: {env: [{name: ${name}, value: '${value}'}]}`;
  const found = (text: string) => findingsOf(COLLECTOR + text).filter(({ code }) => code.startsWith('TRC'));

  it.each([
    ['a Service that is not there', to('http://otel-colector.otel-system:4318'), 'TRC027', 'did you mean "otel-collector"?'],
    ['a port that is not there', to(`http://${HOST}:4319`), 'TRC027', 'name one of its ports: 4317'],
    ['HTTP to the port of gRPC', to(`http://${HOST}:4317`, 'http/protobuf'), 'TRC012', 'use port 4318, which leads to it'],
    ['JSON to the port of gRPC', to(`http://${HOST}:4317`, 'http/json'), 'TRC012', 'use port 4318, which leads to it'],
    ['gRPC to the port of HTTP', to(`http://${HOST}:4318`, 'grpc'), 'TRC012', 'use port 4317, which leads to it'],
    ['OTLP to the port of Zipkin', to(`http://${HOST}:9411`), 'TRC012', 'use port 4318, which leads to it'],
    ['TLS to plain text', to(`https://${HOST}:4318`), 'TRC029', 'write http:// instead of https://'],
    ['the path of traces', to(`http://${HOST}:4318/v1/traces`, 'http/protobuf'), 'TRC014', 'take /v1/traces off the endpoint'],
    [
      'a language that is told another Service',
      to(`http://${HOST}:4317`, undefined, python('OTEL_EXPORTER_OTLP_ENDPOINT', 'http://otl-collector.otel-system:4318')),
      ...(['TRC027', 'did you mean'] as const),
    ],
    [
      'a language that is told another protocol',
      to(`http://${HOST}:4317`, 'grpc', python('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'http/protobuf')),
      ...(['TRC012', 'use port 4318, which leads to it'] as const),
    ],
    [
      'an endpoint of traces alone',
      agents("{env: [{name: OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, value: 'http://otel-colector.otel-system:4318/v1/traces'}]}"),
      ...(['TRC027', 'did you mean "otel-collector"?'] as const),
    ],
  ])('is told of %s', (_, text, code, hint) => {
    expect(found(text)).toMatchObject([
      { code, severity: 'error', object: 'Instrumentation/otel-system/agents', hint: expect.stringContaining(hint) },
    ]);
  });

  describe('with a short host', () => {
    const APPS = `---
apiVersion: v1
kind: Namespace
metadata: {name: apps}
---
apiVersion: v1
kind: Service
metadata: {name: shop, namespace: apps}
spec: {selector: {app: shop}, ports: [{name: http, port: 80}]}
`;
    const pods = (annotation: string, env = '') =>
      `${APPS}---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: shop, namespace: apps}\nspec:\n  selector: {matchLabels: {app: shop}}\n  template:\n    metadata: {labels: {app: shop}, annotations: {instrumentation.opentelemetry.io/inject-${annotation}}}\n    spec: {containers: [{name: shop, image: 'shop:1', ${env}}]}\n`;
    const short = to('http://otel-collector:4317');
    const elsewhere = 'did you mean "otel-collector.otel-system.svc.cluster.local"?';

    it.each([
      ['by name', pods('java: otel-system/agents') + short],
      ['for variables alone', pods('sdk: otel-system/agents') + short],
      [
        'by their namespace',
        `${pods('java: "false"').replace('metadata: {name: apps}', 'metadata: {name: apps, annotations: {instrumentation.opentelemetry.io/inject-python: otel-system/agents}}')}${short}`,
      ],
      [
        'as the only one beside them',
        pods('java: "true"') + agents("{exporter: {endpoint: 'http://otel-collector:4317'}}", 'apps'),
      ],
    ])('is told of pods that ask for it %s, and find no such Service', (_, text) => {
      expect(found(text)).toMatchObject([{ code: 'TRC027', severity: 'error', hint: elsewhere }]);
    });

    it.each([
      ['pods that do not ask', pods('java: "false"') + short],
      ['pods that ask for another', pods('java: otel-system/other') + short],
      [
        'pods that ask for one of two beside them',
        `${pods('java: "true"')}${agents('{exporter: {endpoint: "http://c:4317"}}', 'apps')}${agents('{exporter: {endpoint: "http://c:4317"}}', 'apps').replace('agents', 'b')}`,
      ],
      [
        'pods that say by themselves where to send',
        pods('java: otel-system/agents', 'env: [{name: OTEL_EXPORTER_OTLP_ENDPOINT, value: "http://x"}]') + short,
      ],
      [
        'pods with variables from elsewhere',
        pods('java: otel-system/agents', 'envFrom: [{configMapRef: {name: otel, optional: true}}]') + short,
      ],
      [
        'pods of a language that is told a whole host',
        `${pods('python: otel-system/agents')}${to('http://otel-collector:4317', undefined, python('OTEL_EXPORTER_OTLP_ENDPOINT', `http://${HOST}:4318`))}`,
      ],
      [
        'pods beside a Service of that name',
        `${pods('java: otel-system/agents')}${short}---\napiVersion: v1\nkind: Service\nmetadata: {name: otel-collector, namespace: apps}\nspec: {type: ExternalName, externalName: ${HOST}.svc.cluster.local}\n`,
      ],
    ])('is quiet about %s', (_, text) => {
      expect(found(text)).toEqual([]);
    });

    it('is told of the language whose pods find none', () => {
      const text = to(
        `http://${HOST}:4317`,
        undefined,
        `, apacheHttpd: {env: [{name: OTEL_EXPORTER_OTLP_ENDPOINT, value: 'http://otel-collector:4317'}]}`,
      );
      expect(found(pods('java: otel-system/agents') + text)).toEqual([]);
      expect(found(pods('apache-httpd: otel-system/agents') + text)).toMatchObject([
        { code: 'TRC027', message: expect.stringContaining('spec.apacheHttpd.env[0]: Instrumentation "agents" (apacheHttpd)') },
      ]);
    });
  });

  it('names the language that is told something else', () => {
    const text = to(`http://${HOST}:4318`, 'http/protobuf', python('OTEL_EXPORTER_OTLP_ENDPOINT', `http://${HOST}:4317`));
    expect(found(text)[0]?.message).toContain('spec.python.env[0]: Instrumentation "agents" (python) sends OTLP over HTTP');
  });

  it.each([
    ['the port of gRPC', to(`http://${HOST}:4317`, 'grpc')],
    ['the port of HTTP', to(`http://${HOST}.svc.cluster.local:4318`, 'http/protobuf')],
    [
      'either port, where each language takes its own',
      to(`http://${HOST}:4317`) + to(`http://${HOST}:4318`).replace('agents', 'b'),
    ],
    [
      'Python by HTTP beside the others by gRPC, as the operator’s README has it',
      to('http://otel-collector:4317', undefined, python('OTEL_EXPORTER_OTLP_ENDPOINT', 'http://otel-collector:4318')),
    ],
    ['a short name that means a Service beside each pod', agents("{exporter: {endpoint: 'http://collector:4317'}}", 'apps')],
    ['a short name beside other Services', to('http://simplest:4317')],
    ['an agent on the node', to('http://$(OTEL_NODE_IP):4317')],
    ['a sidecar', to('http://localhost:4317')],
    ['a Service of a namespace that is not shown', to('http://collector.elsewhere:4317')],
    ['a vendor', to('https://otlp.vendor.example:443', 'http/protobuf')],
    ['no endpoint', agents('{propagators: [tracecontext]}')],
    [
      'an endpoint from elsewhere',
      agents(
        '{env: [{name: OTEL_EXPORTER_OTLP_ENDPOINT, valueFrom: {configMapKeyRef: {name: a, key: b}}}], exporter: {endpoint: "http://x.otel-system:1"}}',
      ),
    ],
    ['no spans', agents("{exporter: {endpoint: 'http://x.otel-system:1'}, env: [{name: OTEL_TRACES_EXPORTER, value: none}]}")],
    [
      'a path for traces where it belongs',
      agents(`{env: [{name: OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, value: 'http://${HOST}:4318/v1/traces'}]}`),
    ],
    ['a port of gRPC that does not say so, for there is no proxy that must know', to('http://gateway.otel-system:4317', 'grpc')],
  ])('is quiet about %s', (_, text) => {
    expect(found(text)).toEqual([]);
  });

  it('is an edge, and no way that the proxies’ spans take', () => {
    const world = worldOf(COLLECTOR + to(`http://${HOST}:4318`, 'http/protobuf'));
    expect(edges(world)).toContainEqual({
      from: 'Instrumentation/otel-system/agents',
      to: 'Service/otel-system/otel-collector',
      what: 'sends to',
    });
  });

  it('of a stack sends to its collector', () => {
    const stack = new Stack(new MeshApp({ outdir: 'unused' }), 's');
    const otel = new Layer(stack, 'otel', { namespace: 'otel-system' });
    const collector = new Collector(otel, 'collector', { runAs: 'operator', exportTo: [tempo] });
    new Instrumentation(otel, 'agents', { exportTo: collector });
    const [world] = worldsOf(renderStack(stack));
    expect(world && edges(world).map(({ from, to }) => `${from} ${to}`)).toContain(
      'Instrumentation/otel-system/agents Service/otel-system/otel-collector',
    );
  });
});
