import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Layer, Mesh, MeshApp, Stack, type StackProps, Workload } from '../constructs/index.ts';
import { type Finding, prove, readWorlds } from '../constructs/proof/index.ts';
import { worldOf } from './proof-world.ts';
import { scratch } from './support/publish.ts';

const main = join(import.meta.dirname, '../cli/main.ts');

/** What the production rules say; `purpose` as `check --purpose` gives it. */
function found(text: string, purpose: 'lab' | 'production' = 'production'): Finding[] {
  return prove({ ...worldOf(text), purpose }).filter(({ code }) => code.startsWith('PRD'));
}

const deployment = (name: string, container: string, more = '') =>
  `---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: ${name}, namespace: tracing}\nspec:\n  selector: {matchLabels: {app: ${name}}}\n  template:\n    metadata: {labels: {app: ${name}}}\n    spec: {${more} containers: [{name: ${name}, ${container}}]}\n`;
const configMap = (name: string, key: string, content: string) =>
  `---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: tracing}\ndata:\n  ${key}: |\n${content.replace(/^/gm, '    ')}\n`;
const jaeger = (backends: string, volume = '{persistentVolumeClaim: {claimName: jaeger}}') =>
  deployment(
    'jaeger',
    "image: 'jaegertracing/jaeger:2.20.0', args: [--config, /etc/jaeger/config.yaml], volumeMounts: [{name: config, mountPath: /etc/jaeger}, {name: data, mountPath: /badger}]",
    `volumes: [{name: config, configMap: {name: jaeger}}, {name: data, ...${volume}}],`,
  ).replace(`...${volume}`, volume.slice(1, -1)) +
  configMap(
    'jaeger',
    'config.yaml',
    `service: {extensions: [jaeger_storage, jaeger_query], pipelines: {traces: {receivers: [otlp], exporters: [jaeger_storage_exporter]}}}\nextensions:\n  jaeger_query: {storage: {traces: main}}\n  jaeger_storage: {backends: ${backends}}\nreceivers: {otlp: {protocols: {grpc: {endpoint: '0.0.0.0:4317'}}}}\nexporters: {jaeger_storage_exporter: {trace_storage: main}}`,
  );
const badger = (more = '') => `{main: {badger: {${more}directories: {keys: /badger/keys, values: /badger/values}}}}`;
const zipkin = (env: string) => deployment('zipkin', `image: 'openzipkin/zipkin:3.6.1', ${env}`);
const oap = (tag: string, env = '') => deployment('oap', `image: 'apache/skywalking-oap-server:${tag}', env: [${env}]`);
const tempo = (config: string, volume: string) =>
  deployment(
    'tempo',
    "image: 'grafana/tempo:3.0.3', args: [-config.file=/conf/tempo.yaml], volumeMounts: [{name: config, mountPath: /conf}, {name: data, mountPath: /var/tempo}]",
    `volumes: [{name: config, configMap: {name: tempo}}, {name: data, ${volume}}],`,
  ) +
  configMap(
    'tempo',
    'tempo.yaml',
    `distributor: {receivers: {otlp: {protocols: {grpc: {endpoint: '0.0.0.0:4317'}}}}}\n${config}`,
  );
const local = 'storage: {trace: {backend: local, local: {path: /var/tempo/traces}}}';

interface Case {
  readonly what: string;
  readonly text: string;
  readonly code: string;
  readonly object: string;
  readonly message: string;
  readonly severity?: 'warning';
}

describe('PRD001: traces that go with their pod', () => {
  const cases: Omit<Case, 'code'>[] = [
    {
      what: 'Jaeger 2 in memory',
      text: jaeger('{main: {memory: {max_traces: 1000}}}'),
      object: 'ConfigMap/tracing/jaeger',
      message: 'in memory (storage "main")',
    },
    {
      what: 'an ephemeral badger',
      text: jaeger(badger('ephemeral: true, ')),
      object: 'ConfigMap/tracing/jaeger',
      message: 'ephemeral',
    },
    { what: 'a badger that says nothing', text: jaeger(badger()), object: 'ConfigMap/tracing/jaeger', message: 'ephemeral' },
    {
      what: 'a badger on an emptyDir',
      text: jaeger(badger('ephemeral: false, '), '{emptyDir: {}}'),
      object: 'ConfigMap/tracing/jaeger',
      message: 'an emptyDir (volume "data")',
    },
    {
      what: 'Jaeger 2 without configuration',
      text: deployment('jaeger', "image: 'jaegertracing/jaeger:2.20.0'"),
      object: 'Deployment/tracing/jaeger',
      message: 'started without a configuration',
    },
    {
      what: 'Jaeger 1 all-in-one',
      text: deployment('jaeger', "image: 'jaegertracing/all-in-one:1.76.0'"),
      object: 'Deployment/tracing/jaeger',
      message: 'in memory',
    },
    {
      what: 'Jaeger 1 with badger',
      text: deployment('jaeger', "image: 'jaegertracing/all-in-one:1.76.0', env: [{name: SPAN_STORAGE_TYPE, value: badger}]"),
      object: 'Deployment/tracing/jaeger',
      message: 'ephemeral',
    },
    {
      what: 'Zipkin that says nothing',
      text: zipkin('env: []'),
      object: 'Deployment/tracing/zipkin',
      message: 'STORAGE_TYPE is not set',
    },
    {
      what: 'Zipkin with a variable of another name',
      text: zipkin('env: [{name: STORAGE_METHOD, value: mem}]'),
      object: 'Deployment/tracing/zipkin',
      message: 'STORAGE_TYPE is not set',
    },
    {
      what: 'Zipkin in memory',
      text: zipkin('env: [{name: STORAGE_TYPE, value: mem}]'),
      object: 'Deployment/tracing/zipkin',
      message: 'in memory',
    },
    { what: 'SkyWalking 9', text: oap('9.7.0'), object: 'Deployment/tracing/oap', message: 'SW_STORAGE is not set' },
    {
      what: 'SkyWalking with H2',
      text: oap('10.4.0', '{name: SW_STORAGE, value: h2}'),
      object: 'Deployment/tracing/oap',
      message: 'H2',
    },
    {
      what: 'Tempo on an emptyDir',
      text: tempo(local, 'emptyDir: {}'),
      object: 'ConfigMap/tracing/tempo',
      message: 'in /var/tempo/traces, an emptyDir',
    },
    {
      what: 'Tempo in its container',
      text: tempo(local.replace('/var/tempo', '/tmp'), 'emptyDir: {}'),
      object: 'ConfigMap/tracing/tempo',
      message: 'the file system of its container',
    },
  ];
  it.each(cases)('$what', ({ text, object, message }) => {
    expect(found(text)).toMatchObject([{ code: 'PRD001', severity: 'error', object, message: expect.stringContaining(message) }]);
    expect(found(text, 'lab')).toEqual([]);
  });

  it.each([
    ['Jaeger with a store of its own', jaeger('{main: {cassandra: {schema: {keyspace: a}}}}')],
    ['Jaeger with badger on a volume', jaeger(badger('ephemeral: false, '))],
    ['a memory store for metrics alone', jaeger('{main: {cassandra: {}}, other: {memory: {max_traces: 1}}}')],
    [
      'Jaeger 1 told by a ConfigMap',
      deployment('jaeger', "image: 'jaegertracing/all-in-one:1.76.0', envFrom: [{configMapRef: {name: a}}]"),
    ],
    ['Jaeger 1 collector, which has Cassandra', deployment('c', "image: 'jaegertracing/jaeger-collector:1.76.0'")],
    ['Zipkin told by a Secret', zipkin('env: [{name: STORAGE_TYPE, valueFrom: {secretKeyRef: {name: a, key: b}}}]')],
    ['Zipkin told by envFrom', zipkin('envFrom: [{configMapRef: {name: a}}]')],
    ['Zipkin with Cassandra', zipkin('env: [{name: STORAGE_TYPE, value: cassandra3}]')],
    ['SkyWalking 10', oap('10.4.0')],
    [
      'SkyWalking with H2 in a file',
      oap('9.7.0', "{name: SW_STORAGE, value: h2}, {name: SW_STORAGE_H2_URL, value: 'jdbc:h2:/data/db'}"),
    ],
    ['Tempo on a volume', tempo(local, 'persistentVolumeClaim: {claimName: tempo}')],
    ['Tempo with S3', tempo('storage: {trace: {backend: s3, s3: {bucket: a}}}', 'emptyDir: {}')],
  ])('%s is fine', (_, text) => {
    expect(found(text)).toEqual([]);
  });
});

describe('PRD002: head sampling', () => {
  const share = (percent: number) =>
    `---\napiVersion: telemetry.istio.io/v1\nkind: Telemetry\nmetadata: {name: mesh-default, namespace: istio-system}\nspec: {tracing: [{providers: [{name: otel}], randomSamplingPercentage: ${percent}}]}\n`;
  const mesh = (more = '') =>
    `---\napiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nmetadata: {name: mesh, namespace: istio-system}\nspec: {meshConfig: {defaultProviders: {metrics: [prometheus], tracing: [otel]}, ${more} extensionProviders: [{name: otel, opentelemetry: {service: otel-collector.tracing.svc.cluster.local, port: 4317}}]}}\n`;
  const collector = (processors: string, exporter = 'debug: {}') =>
    `---\napiVersion: opentelemetry.io/v1beta1\nkind: OpenTelemetryCollector\nmetadata: {name: otel, namespace: tracing}\nspec:\n  config:\n    receivers: {otlp: {protocols: {grpc: {endpoint: '0.0.0.0:4317'}}}}\n    processors: {tail_sampling: {policies: [{name: all, type: always_sample}]}, probabilistic_sampler: {sampling_percentage: 10}}\n    exporters: {${exporter}}\n    service: {pipelines: {traces: {receivers: [otlp], processors: [${processors}], exporters: [${exporter.split(':')[0]}]}}}\n`;

  it.each([
    ['a Telemetry', mesh() + share(100) + collector(''), 'Telemetry/istio-system/mesh-default'],
    ['half of them', mesh() + share(50) + collector(''), 'Telemetry/istio-system/mesh-default'],
    ['defaultConfig', mesh('defaultConfig: {tracing: {sampling: 100}},') + collector(''), 'IstioOperator/istio-system/mesh'],
  ])('%s', (_, text, object) => {
    expect(found(text)).toMatchObject([{ code: 'PRD002', severity: 'error', object }]);
    expect(found(text, 'lab')).toEqual([]);
  });

  it('is only a warning where the way leaves the input', () => {
    const outside = mesh() + share(100) + collector('', "otlp_grpc: {endpoint: 'far.elsewhere:4317'}");
    for (const text of [outside, mesh() + share(100), share(100)])
      expect(found(text)).toMatchObject([{ code: 'PRD002', severity: 'warning' }]);
  });

  it.each([
    ['a few percent', mesh() + share(49) + collector('')],
    ['a tail', mesh() + share(100) + collector('tail_sampling')],
    ['a share at the collector', mesh() + share(100) + collector('probabilistic_sampler')],
    ['a Telemetry that says less', mesh('defaultConfig: {tracing: {sampling: 100}},') + share(1) + collector('')],
    ['one namespace', mesh() + share(100).replace('istio-system', 'shop') + collector('')],
    [
      'a share of a mesh that does not trace',
      mesh('defaultConfig: {tracing: {sampling: 100}},').replace(', tracing: [otel]', ''),
    ],
    ['reporting that is off', mesh() + share(100).replace('randomS', 'disableSpanReporting: true, randomS') + collector('')],
    [
      'a sampler of the provider',
      mesh().replace('port: 4317}', 'port: 4317, dynatraceSampler: {tenant: a, clusterId: 1}}') + share(100) + collector(''),
    ],
  ])('%s is fine', (_, text) => {
    expect(found(text)).toEqual([]);
  });
});

describe('PRD003 to PRD007', () => {
  const grafana = (env: string) => deployment('grafana', `image: 'grafana/grafana:13.2.0', env: [${env}]`);
  const kiali = (strategy: string) =>
    `---\napiVersion: kiali.io/v1alpha1\nkind: Kiali\nmetadata: {name: kiali, namespace: istio-system}\nspec: {auth: {strategy: ${strategy}}}\n`;
  const release = (chart: string, values: string) =>
    `---\napiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: ${chart}, namespace: tools}\nspec: {interval: 1h, chart: {spec: {chart: ${chart}, sourceRef: {kind: HelmRepository, name: r}}}, values: {${values}}}\n`;
  const prometheus = (args: string) => deployment('prometheus', `image: 'prom/prometheus:v3.14.0', args: [${args}]`);
  const es = (more = '') => jaeger(`{main: {elasticsearch: {server_urls: ['http://es:9200'] ${more}}}}`);
  const job = (image: string) =>
    `---\napiVersion: batch/v1\nkind: CronJob\nmetadata: {name: job, namespace: tracing}\nspec: {schedule: '0 1 * * *', jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: job, image: '${image}'}]}}}}}\n`;
  const operator = (spec: string) =>
    `---\napiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nmetadata: {name: mesh, namespace: istio-system}\nspec: {${spec}}\n`;
  const init = (image: string) => deployment('app', "image: 'app:1'", `initContainers: [{name: init, image: '${image}'}],`);
  const otelcol = (image: string) =>
    `---\napiVersion: opentelemetry.io/v1beta1\nkind: OpenTelemetryCollector\nmetadata: {name: otel, namespace: tracing}\nspec:\n  image: ${image}\n  config: {receivers: {otlp: {protocols: {grpc: {}}}}, exporters: {debug: {}}, service: {pipelines: {traces: {receivers: [otlp], exporters: [debug]}}}}\n`;

  const cases: Case[] = [
    {
      what: 'Grafana without login',
      text: grafana("{name: GF_AUTH_ANONYMOUS_ENABLED, value: 'true'}, {name: GF_AUTH_ANONYMOUS_ORG_ROLE, value: Admin}"),
      code: 'PRD003',
      object: 'Deployment/tracing/grafana',
      message: 'without a login as Admin',
    },
    {
      what: 'grafana.ini',
      text: configMap(
        'grafana',
        'grafana.ini',
        '[server]\nenabled = false\n[auth.anonymous]\n# enabled = false\nenabled = true\n',
      ),
      code: 'PRD003',
      object: 'ConfigMap/tracing/grafana',
      message: 'without a login',
    },
    {
      what: 'Grafana’s chart',
      text: release('grafana', 'grafana.ini: {auth.anonymous: {enabled: true}}'),
      code: 'PRD003',
      object: 'HelmRelease/tools/grafana',
      message: 'without a login',
    },
    {
      what: 'Grafana’s operator',
      text: "---\napiVersion: grafana.integreatly.org/v1beta1\nkind: Grafana\nmetadata: {name: g, namespace: tools}\nspec: {config: {auth.anonymous: {enabled: 'true'}}}\n",
      code: 'PRD003',
      object: 'Grafana/tools/g',
      message: 'without a login',
    },
    {
      what: 'Kiali without login',
      text: kiali('anonymous'),
      code: 'PRD003',
      object: 'Kiali/istio-system/kiali',
      message: 'anybody who reaches Kiali',
    },
    {
      what: 'Kiali’s chart',
      text: release('kiali-server', 'auth: {strategy: anonymous}'),
      code: 'PRD003',
      object: 'HelmRelease/tools/kiali-server',
      message: 'anybody',
    },
    {
      what: 'Tempo for ever',
      text: tempo('compactor: {compaction: {block_retention: 0s}}\nstorage: {trace: {backend: s3}}', 'emptyDir: {}'),
      code: 'PRD004',
      object: 'ConfigMap/tracing/tempo',
      message: 'deletes no block',
    },
    {
      what: 'Elasticsearch for ever',
      text: es(),
      code: 'PRD004',
      object: 'ConfigMap/tracing/jaeger',
      message: 'nothing here deletes',
      severity: 'warning',
    },
    {
      what: 'Prometheus that is told nothing',
      text: prometheus('--config.file=/etc/p.yml'),
      code: 'PRD004',
      object: 'Deployment/tracing/prometheus',
      message: 'told no retention',
      severity: 'warning',
    },
    {
      what: 'the demo profile',
      text: operator('profile: demo'),
      code: 'PRD005',
      object: 'IstioOperator/istio-system/mesh',
      message: 'is demo',
    },
    {
      what: 'an image without tag',
      text: deployment('app', 'image: registry.example:5000/app'),
      code: 'PRD006',
      object: 'Deployment/tracing/app',
      message: 'registry.example:5000/app has no tag',
    },
    {
      what: 'latest, in a CronJob',
      text: job('app:latest'),
      code: 'PRD006',
      object: 'CronJob/tracing/job',
      message: 'has the tag latest',
    },
    {
      what: 'latest, in an init container',
      text: init('busybox'),
      code: 'PRD006',
      object: 'Deployment/tracing/app',
      message: 'busybox has no tag',
    },
    {
      what: 'latest, of a collector',
      text: otelcol('otel/opentelemetry-collector:latest'),
      code: 'PRD006',
      object: 'OpenTelemetryCollector/tracing/otel',
      message: 'latest',
    },
    {
      what: 'latest, in values',
      text: release('tempo', 'tempo: {image: {repository: grafana/tempo, tag: latest}}'),
      code: 'PRD006',
      object: 'HelmRelease/tools/tempo',
      message: 'grafana/tempo',
    },
    {
      what: 'latest, beside the repository in values',
      text: release('tempo', 'tempo: {repository: grafana/tempo, tag: latest}'),
      code: 'PRD006',
      object: 'HelmRelease/tools/tempo',
      message: 'image grafana/tempo has the tag latest',
    },
    {
      what: 'latest, for all that a chart pulls',
      text: release('istiod', 'global: {hub: registry.site.example/istio, tag: latest}'),
      code: 'PRD006',
      object: 'HelmRelease/tools/istiod',
      message: 'registry.site.example/istio has the tag latest',
    },
    {
      what: 'a password in a ConfigMap',
      text: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: db, namespace: tracing}\ndata: {DB_PASSWORD: hunter2}',
      code: 'PRD007',
      object: 'ConfigMap/tracing/db',
      message: 'key DB_PASSWORD holds a password in plain text',
    },
    {
      what: 'a password',
      text: grafana('{name: GF_SECURITY_ADMIN_PASSWORD, value: admin}'),
      code: 'PRD007',
      object: 'Deployment/tracing/grafana',
      message: 'GF_SECURITY_ADMIN_PASSWORD',
    },
  ];
  it.each(cases)('$code: $what', ({ text, code, object, message, severity }) => {
    expect(found(text)).toMatchObject([
      { code, object, severity: severity ?? 'error', message: expect.stringContaining(message) },
    ]);
    expect(found(text, 'lab')).toEqual([]);
  });

  it.each([
    ['Grafana with a login', grafana("{name: GF_AUTH_ANONYMOUS_ENABLED, value: 'false'}")],
    [
      'a file that the environment overrides',
      grafana("{name: GF_AUTH_ANONYMOUS_ENABLED, value: 'false'}") +
        configMap('grafana', 'grafana.ini', '[auth.anonymous]\nenabled = true\n'),
    ],
    ['another section', configMap('grafana', 'grafana.ini', '[auth.anonymous]\n;enabled = true\n[auth.basic]\nenabled = true\n')],
    ['Kiali with a token', kiali('token')],
    ['Tempo’s own 14 days', tempo('storage: {trace: {backend: s3}}', 'emptyDir: {}')],
    ['Elasticsearch with a cleaner', es() + job('jaegertracing/jaeger-es-index-cleaner:1.76.0')],
    ['Elasticsearch with ILM', es(', use_ilm: true')],
    ['Prometheus with a retention', prometheus('--storage.tsdb.retention.time=15d')],
    ['Prometheus with a size, in two words', prometheus('--storage.tsdb.retention.size, 10GB')],
    ['a Prometheus agent', prometheus('--agent')],
    [
      'Prometheus told by its file',
      prometheus('--config.file=/p.yml') +
        configMap('prom', 'prometheus.yml', 'scrape_configs: []\nstorage: {tsdb: {retention: {time: 15d}}}'),
    ],
    ['profile default', operator('profile: default')],
    ['a digest', deployment('app', `image: app@sha256:${'a'.repeat(64)}`)],
    ['Istio’s placeholder', deployment('app', 'image: auto')],
    ['an image that is filled in', deployment('app', `image: "\${APP_IMAGE}"`)],
    ['a chart’s own tag', release('tempo', "tempo: {image: {tag: ''}}")],
    [
      'no passwords',
      grafana(
        "{name: GF_SECURITY_ADMIN_PASSWORD, valueFrom: {secretKeyRef: {name: a, key: b}}}, {name: MYSQL_ALLOW_EMPTY_PASSWORD, value: 'yes'}, {name: DB_PASSWORD, value: '$(OTHER)'}, {name: DB_PASSWORD_FILE, value: /run/p}, {name: RESET_PASSWORD, value: 'true'}",
      ),
    ],
  ])('%s is fine', (_, text) => {
    expect(found(text)).toEqual([]);
  });
});

describe('the purpose is said once', () => {
  function app(props?: StackProps) {
    const outdir = join(scratch(), 'dist');
    const made = new MeshApp({ outdir });
    const stack = new Stack(made, 'shop', props);
    const layer = new Layer(stack, 'mesh', { namespace: 'istio-system' });
    new Mesh(layer, 'istio', { install: { by: 'istioctl', profile: 'demo' } });
    return { made, stack, outdir };
  }

  it('stops a synth for production, and not for a lab', () => {
    expect(() => app({ purpose: 'production' }).made.synth()).toThrow(/PRD005[\s\S]*spec.profile: is demo/);
    for (const lab of [app(), app({ purpose: 'lab' })]) {
      expect(lab.stack.purpose).toBe('lab');
      lab.made.synth();
      const [world] = readWorlds([lab.outdir]);
      expect(world?.purpose).toBeUndefined();
    }
  });

  it('is told by the inventory, and by whoever checks', () => {
    const outdir = join(scratch(), 'dist');
    const made = new MeshApp({ outdir });
    const layer = new Layer(new Stack(made, 'shop', { purpose: 'production' }), 'app', { namespace: 'shop' });
    new Workload(layer, 'web', { name: 'web', version: '1', image: 'web:1', user: 1000 });
    made.synth();
    expect(readWorlds([outdir])[0]?.purpose).toBe('production');
    expect(readWorlds([outdir], { purpose: 'lab' })[0]?.purpose).toBe('lab');
    const plain = join(scratch(), 'plain');
    mkdirSync(plain);
    writeFileSync(join(plain, 'app.yaml'), deployment('app', 'image: app'));
    expect(readWorlds([plain])[0]?.purpose).toBeUndefined();
    expect(readWorlds([plain], { purpose: 'production' })[0]?.purpose).toBe('production');
  });

  it('can be said on the command line', { timeout: 60_000 }, () => {
    const check = (...more: string[]) =>
      spawnSync(process.execPath, ['--import', 'tsx', main, 'check', '-', ...more], {
        input: deployment('app', 'image: app'),
        encoding: 'utf8',
      });
    expect(check()).toMatchObject({ status: 0, stdout: expect.not.stringContaining('PRD') });
    expect(check('--purpose', 'production')).toMatchObject({ status: 1, stdout: expect.stringContaining('PRD006') });
    expect(check('--purpose', 'prod')).toMatchObject({ status: 2, stderr: expect.stringContaining('lab, production') });
  });

  it('is a lab for a plain Chart', () => {
    const outdir = join(scratch(), 'dist');
    const made = new MeshApp({ outdir });
    const layer = new Layer(made, 'mesh', { namespace: 'istio-system' });
    new Mesh(layer, 'istio', { install: { by: 'istioctl', profile: 'demo' } });
    expect(() => made.synth()).not.toThrow();
  });
});
