import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { judge } from './conformance/analyze.ts';
import { chooseContext, contextsOf, isLoopback } from './conformance/cluster.ts';
import { dashboardQueries, embeddedConfigs } from './conformance/configs.ts';
import { unlisted } from './conformance/rejections.ts';
import { objectsIn, readStacks } from './conformance/stack.ts';
import { skipped, summary, verdict } from './conformance/tally.ts';
import { proxyFacts, tracingProblems, wantedTracing } from './conformance/tracing.ts';

const scratch = mkdtempSync(join(tmpdir(), 'conformance-test-'));
afterAll(() => rmSync(scratch, { recursive: true }));

describe('the guard', () => {
  it.each([
    'https://127.0.0.1:6443',
    'https://localhost:16443',
    'https://[::1]:6443',
    'http://127.0.0.1:8080',
    'https://LOCALHOST',
  ])('takes %s for this machine', (server) => expect(isLoopback(server)).toBe(true));

  it.each([
    'https://10.0.0.1:6443',
    'https://0.0.0.0:6443',
    'https://127.0.0.1.example.com:6443',
    'https://localhost.example.com',
    'https://127.0.0.1:6443@example.com',
    'https://example.com/127.0.0.1',
    'https://[::ffff:10.0.0.1]:6443',
    'unix:///127.0.0.1',
    'localhost:6443',
    '',
  ])('does not take %s for it', (server) => expect(isLoopback(server)).toBe(false));

  const config = (current: string) => ({
    'current-context': current,
    clusters: [
      { name: 'kind', cluster: { server: 'https://127.0.0.1:6443' } },
      { name: 'prod', cluster: { server: 'https://prod.example.com' } },
      { name: 'bastion', cluster: { server: 'https://localhost:6443', 'proxy-url': 'socks5://bastion.example.com' } },
    ],
    contexts: [
      ...['kind', 'prod', 'bastion'].map((name) => ({ name: `my-${name}`, context: { cluster: name, user: 'me' } })),
      { name: 'dangling', context: { cluster: 'nobody' } },
    ],
  });
  const choose = (current: string, asked?: string) => chooseContext(contextsOf(config(current)), asked);

  it('uses the current context on loopback', () => {
    expect(choose('my-kind')).toMatchObject({ use: { name: 'my-kind', server: 'https://127.0.0.1:6443' } });
  });

  it.each(['my-prod', 'my-bastion'])('refuses %s unless it is asked for by name', (name) => {
    expect(choose(name)).toMatchObject({ refused: { name } });
    expect(choose('my-kind', name)).toMatchObject({ use: { name } });
  });

  it('finds nothing without a current context, and says which there are when the one asked for is not', () => {
    expect(choose('')).toBeUndefined();
    expect(choose('dangling')).toBeUndefined();
    expect(chooseContext(contextsOf({}), undefined)).toBeUndefined();
    expect(() => choose('my-kind', 'mine')).toThrow(
      "no context 'mine' with a cluster in the kubeconfig: there are my-kind, my-prod, my-bastion",
    );
  });
});

describe('stacks', () => {
  const dist = join(scratch, 'dist');
  const write = (path: string, text: string) => {
    mkdirSync(join(dist, path, '..'), { recursive: true });
    writeFileSync(join(dist, path), text);
  };
  const object = (layer: string) => ({ kind: 'ConfigMap', name: layer, layer, file: `${layer}/${layer}.k8s.yaml` });
  const inventory = (layers: unknown[], more = {}) => JSON.stringify({ layers, objects: ['a', 'b'].map(object), ...more });
  for (const layer of ['a', 'b']) {
    write(`one/${layer}/${layer}.k8s.yaml`, `---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${layer}, namespace: n}\n`);
  }
  write('one/kustomization.yaml', '');
  write(
    'one/inventory.json',
    inventory([
      { name: 'a', after: [] },
      { name: 'b', after: ['a'], variantOf: 'a' },
    ]),
  );
  write('one/istioctl/istio-operator.yaml', 'kind: IstioOperator\nspec: {meshConfig: {enableTracing: true}}\n');
  cpSync(join(dist, 'one'), join(dist, 'two'), { recursive: true });
  rmSync(join(dist, 'two/kustomization.yaml'));
  rmSync(join(dist, 'two/istioctl'), { recursive: true });
  write('two/inventory.json', inventory([{ name: 'a' }, { name: 'empty' }, { name: 'b' }], { mesh: { rootNamespace: 'x' } }));
  write('notes/README.md', 'no stack');
  const [one, two] = readStacks(dist);

  it('are the folders with an inventory', () => {
    expect(readStacks(dist).map(({ name }) => name)).toEqual(['one', 'two']);
    expect(readStacks(dist, 'two').map(({ name }) => name)).toEqual(['two']);
    expect(() => readStacks(dist, 'three')).toThrow(`no stack 'three' in ${dist}: there are one, two`);
    expect(() => readStacks(join(scratch, 'nothing'))).toThrow('run npm run synth first');
  });

  it('are applied whole, or layer by layer when there is no kustomization of the whole', () => {
    expect(one).toMatchObject({ steps: [join(dist, 'one')], variants: [join(dist, 'one/b')] });
    expect(one?.objects.map(({ name }) => name)).toEqual(['a']);
    expect(two).toMatchObject({ steps: [join(dist, 'two/a'), join(dist, 'two/b')], variants: [] });
    expect(two?.objects.map(({ name }) => name)).toEqual(['a', 'b']);
  });

  it('say their mesh config in the operator file or the inventory', () => {
    expect(one?.mesh).toEqual({ enableTracing: true });
    expect(two?.mesh).toEqual({ rootNamespace: 'x' });
  });
});

describe('configurations inside objects', () => {
  const found = (yaml: string) => embeddedConfigs(objectsIn(yaml)).map(({ of, where }) => `${of} ${where}`);
  const configMap = (key: string, text: string) =>
    JSON.stringify({ kind: 'ConfigMap', metadata: { name: 'c', namespace: 'n' }, data: { [key]: text } });

  it.each([
    ['jaeger', 'config.yaml', 'service: {pipelines: {}}\nextensions: {jaeger_query: {}}'],
    ['collector', 'relay.yaml', 'service: {pipelines: {}}\nextensions: {health_check: {}}'],
    ['loki', 'loki.yaml', 'schema_config: {configs: []}\nlimits_config: {}'],
    ['prometheus', 'prometheus.yml', 'global: {scrape_interval: 15s}'],
    ['rules', 'alerts.yaml', 'groups: [{name: g, rules: []}]'],
    ['dashboard', 'mesh.json', '{"panels": []}'],
    ['unreadable', 'mesh.json', '{"panels": ['],
    ['unreadable', 'config.yaml', 'a: b: c'],
  ])('%s is known by its content', (of, key, text) => {
    expect(found(configMap(key, text))).toEqual([`${of} ConfigMap/n/c:${key}`]);
  });

  it('leaves other texts alone', () => {
    expect(found(configMap('grafana.ini', 'service: {pipelines: {}}'))).toEqual([]);
    expect(found(configMap('config.yaml', 'service: {replicas: 2}'))).toEqual([]);
    expect(found(configMap('ui.json', '{"theme": "dark"}'))).toEqual([]);
  });

  it('finds them in Secrets and in operators’ objects', () => {
    const meta = 'metadata: {name: x, namespace: n}';
    expect(
      found(`
kind: Secret
${meta}
stringData: {prometheus.yml: "scrape_configs: []"}
---
kind: OpenTelemetryCollector
${meta}
spec: {config: {service: {pipelines: {}}}}
---
kind: PrometheusRule
${meta}
spec: {groups: [{name: g, rules: []}]}
`),
    ).toEqual(['prometheus Secret/n/x:prometheus.yml', 'collector OpenTelemetryCollector/n/x', 'rules PrometheusRule/n/x']);
  });

  it('takes the PromQL of a dashboard with its variables filled in', () => {
    const prometheus = { type: 'prometheus', uid: '$datasource' };
    const dashboard = {
      panels: [
        {
          datasource: prometheus,
          targets: [{ expr: `sum by ($by) (rate(a{app=~"\${app:regex}"}[$__rate_interval] offset $ago))` }],
        },
        { panels: [{ targets: [{ datasource: prometheus, expr: 'rate(b[$__range:$step])' }] }] },
        { datasource: { type: 'loki' }, targets: [{ expr: '{app="a"} |= "error"' }] },
      ],
    };
    expect(dashboardQueries(JSON.stringify(dashboard))).toEqual([
      'sum by (x) (rate(a{app=~"x"}[5m] offset 5m))',
      'rate(b[5m:5m])',
    ]);
  });
});

describe('tracing of a proxy', () => {
  const mesh = {
    defaultProviders: { tracing: ['otel'] },
    extensionProviders: [{ name: 'otel', opentelemetry: { service: 'observability/collector.observability.svc', port: 4317 } }],
  };
  const telemetry = (namespace: string, spec: string) => `
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: t, namespace: ${namespace}}
spec: ${spec}
---`;
  const wanted = (yaml: string, labels = {}, config: Parameters<typeof wantedTracing>[0] = mesh) =>
    wantedTracing(config, { objects: objectsIn(yaml) }, 'istio-system', { namespace: 'shop', labels });
  const service = { host: 'collector.observability.svc', port: 4317 };
  const tracer = 'envoy.tracers.opentelemetry';

  it('follows the nearest Telemetry, field by field', () => {
    const root = telemetry('istio-system', '{tracing: [{providers: [{name: otel}], randomSamplingPercentage: 10}]}');
    const namespace = telemetry('shop', '{tracing: [{randomSamplingPercentage: 20}]}');
    const workload = telemetry('shop', '{selector: {matchLabels: {app: cart}}, tracing: [{randomSamplingPercentage: 30}]}');
    expect(wanted(root + telemetry('other', '{tracing: [{randomSamplingPercentage: 90}]}'))).toEqual({
      service,
      tracer,
      sampling: 10,
    });
    expect(wanted(workload + namespace + root)).toEqual({ service, tracer, sampling: 20 });
    expect(wanted(workload + namespace + root, { app: 'cart' })).toEqual({ service, tracer, sampling: 30 });
    expect(wanted(telemetry('shop', '{tracing: [{disableSpanReporting: true}]}') + root)).toBeUndefined();
  });

  it('falls back on the mesh config', () => {
    expect(wanted('')).toEqual({ service, tracer, sampling: 1 });
    expect(wanted('', {}, {})).toBeUndefined();
    expect(wanted('', {}, { defaultConfig: { tracing: { sampling: 5, zipkin: { address: 'zipkin:9411' } } } })).toEqual({
      address: 'zipkin:9411',
      sampling: 5,
    });
    expect(() => wanted(telemetry('shop', '{tracing: [{providers: [{name: jeager}]}]}'))).toThrow("no tracing provider 'jeager'");
  });

  const cluster = 'outbound|4317||collector.observability.svc.cluster.local';
  const facts = ({ tracing = true, to = cluster, sampling = 10, endpoints = 1, exists = true, name = tracer } = {}) => {
    const provider = { name, typedConfig: { grpcService: { envoyGrpc: { clusterName: to } } } };
    const manager = { httpFilters: [], rds: {}, ...(tracing && { tracing: { randomSampling: { value: sampling }, provider } }) };
    return proxyFacts({
      configs: [
        {
          dynamicListeners: [
            { activeState: { listener: { name: 'in', filterChains: [{ filters: [{ typedConfig: manager }] }] } } },
          ],
        },
        { dynamicActiveClusters: exists ? [{ cluster: { name: to } }] : [] },
        {
          dynamicEndpointConfigs: exists
            ? [{ endpointConfig: { clusterName: to, endpoints: [{ lbEndpoints: Array(endpoints).fill({}) }] } }]
            : [],
        },
      ],
    });
  };
  const problems = (
    told: Parameters<typeof facts>[0],
    want: ReturnType<typeof wantedTracing> = { service, tracer, sampling: 10 },
  ) => tracingProblems(facts(told), want);

  it('is right when spans go where they should, as many as they should', () => {
    expect(problems({})).toEqual([]);
    expect(tracingProblems(facts({ tracing: false }), undefined)).toEqual([]);
  });

  it.each([
    [{ tracing: false }, 'no tracing: the provider does not resolve (listener in)'],
    [
      { to: 'outbound|9411||zipkin.n.svc' },
      `spans go to outbound|9411||zipkin.n.svc, expected outbound|4317||collector.observability.svc (listener in)`,
    ],
    [{ name: 'envoy.tracers.zipkin' }, 'the tracer is envoy.tracers.zipkin, expected envoy.tracers.opentelemetry (listener in)'],
    [{ sampling: 100 }, 'sampling is 100 %, expected 10 % (listener in)'],
    [{ endpoints: 0 }, `${cluster} has no endpoints (listener in)`],
    [{ exists: false }, `${cluster} does not exist: no such Service or port, or hidden from the proxy (listener in)`],
  ])('names what is wrong: %j', (told, problem) => {
    expect(problems(told)).toEqual([problem]);
  });

  it('is wrong when spans are sent that nobody asked for, or nothing is known', () => {
    expect(tracingProblems(facts(), undefined)).toEqual([`spans go to ${cluster}, none were asked for (listener in)`]);
    expect(tracingProblems(proxyFacts({ configs: [] }), undefined)).toEqual(['it has no HTTP listener']);
  });
});

describe('counting', () => {
  it('never takes a skip for a pass', () => {
    expect(summary([verdict('a', []), verdict('b', ['wrong']), skipped('c', 'no tool'), skipped('d', 'no tool')])).toBe(
      '1 passed, 1 failed, 2 skipped',
    );
    expect(summary([])).toBe('0 passed, 0 failed, 0 skipped');
  });

  it('finds the objects that kubectl did not list', () => {
    const objects = objectsIn(`
apiVersion: v1
kind: Service
metadata: {name: a, namespace: n}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: a, namespace: n}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: a, namespace: m}
`);
    const names = (applied: string) => unlisted(objects, applied).map(({ kind, namespace }) => `${kind}/${namespace}`);
    const service = 'service/a serverside-applied\n';
    const gateway = 'gateway.networking.istio.io/a serverside-applied\n';
    expect(names(service + gateway + gateway)).toEqual([]);
    expect(names(gateway + gateway)).toEqual(['Service/n']);
    expect(names(service + gateway)).toEqual(['Gateway/n', 'Gateway/m']);
  });

  it('counts the messages of istioctl that are new or about the stack', () => {
    const message = (text: string) => ({ code: 'IST0102', origin: `Namespace ${text}`, text });
    const [old, gone, fresh] = [message('old'), message('gone'), message('fresh')];
    const stack = { objects: [] };
    expect(judge([old], [old, gone], stack).status).toBe('passed');
    expect(judge([old, fresh], [old], stack)).toMatchObject({ status: 'failed', reasons: ['fresh'] });
    const own = { objects: objectsIn('{kind: Namespace, metadata: {name: old}}') };
    expect(judge([old], [old], own)).toMatchObject({ status: 'failed', reasons: ['old'] });
  });
});
