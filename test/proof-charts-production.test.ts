import { describe, expect, it } from 'vitest';
import { type Finding, prove } from '../constructs/proof/index.ts';
import { findingsOf, worldOf } from './proof-world.ts';

/** What the production rules say of a text that is meant for production. */
function production(text: string): Finding[] {
  return prove({ ...worldOf(text), purpose: 'production' }).filter(({ code }) => /^PRD00[1-5]$/.test(code));
}

const release = (chart: string, version: string, values: string, more = '', namespace = 'monitoring') =>
  `---\napiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: ${chart}, namespace: ${namespace}}\nspec: {interval: 1h, ${more} chart: {spec: {chart: ${chart}, version: '${version}', sourceRef: {kind: HelmRepository, name: charts, namespace: flux-system}}}, values: {${values}}}\n`;
const namespace = (name: string) => `---\napiVersion: v1\nkind: Namespace\nmetadata: {name: ${name}}\n`;
const valuesFrom = 'valuesFrom: [{kind: ConfigMap, name: site}],';

describe('what may not be in production, in chart values and custom resources', () => {
  const tempo = (values: string, version = '2.2.4', more = '') => release('tempo', version, values, more);
  const jaeger = (values: string, more = '') => release('jaeger', '4.11.1', values, more);
  const stack = (values: string) => release('kube-prometheus-stack', '88.5.3', values);
  const prometheus = (spec: string) =>
    `---\napiVersion: monitoring.coreos.com/v1\nkind: Prometheus\nmetadata: {name: main, namespace: monitoring}\nspec: {${spec}}\n`;
  const grafana = (spec: string) =>
    `---\napiVersion: grafana.integreatly.org/v1beta1\nkind: Grafana\nmetadata: {name: g, namespace: monitoring}\nspec: {${spec}}\n`;
  const grafanaEnv = (value: string) =>
    `deployment: {spec: {template: {spec: {containers: [{name: grafana, env: [{name: GF_AUTH_ANONYMOUS_ENABLED, value: '${value}'}]}]}}}}`;
  const HELM = 'HelmRelease/monitoring';

  it.each([
    [
      'Tempo’s chart as it is',
      tempo(''),
      'PRD001',
      `${HELM}/tempo`,
      'spec.values.persistence.enabled: tempo keeps its traces in',
    ],
    ['a chart of the 3rd line', tempo('', '3.0.0'), 'PRD001', `${HELM}/tempo`, 'without a volume of its own'],
    ['persistence that is off', tempo('persistence: {enabled: false}'), 'PRD001', `${HELM}/tempo`, 'without a volume'],
    [
      'blocks beside the volume',
      tempo('persistence: {enabled: true}, tempo: {storage: {trace: {local: {path: /tmp/traces}}}}'),
      ...(['PRD001', `${HELM}/tempo`, 'in /tmp/traces, outside the volume at /var/tempo'] as const),
    ],
    [
      'blocks for ever',
      tempo('persistence: {enabled: true}, tempo: {retention: 0s}'),
      ...(['PRD004', `${HELM}/tempo`, 'spec.values.tempo.retention: is 0s'] as const),
    ],
    [
      'Jaeger’s chart in memory',
      jaeger('allInOne: {enabled: true}, storage: {type: memory}'),
      ...(['PRD001', `${HELM}/jaeger`, 'spec.values.storage.type: jaeger keeps its traces in memory'] as const),
    ],
    [
      'Jaeger’s chart with badger',
      jaeger('storage: {type: badger}'),
      'PRD001',
      `${HELM}/jaeger`,
      'badger store that is ephemeral',
    ],
    [
      'a Grafana of the stack in its ini',
      stack('grafana: {grafana.ini: {auth.anonymous: {enabled: true, org_role: Editor}}}'),
      ...(['PRD003', `${HELM}/kube-prometheus-stack`, 'without a login as Editor'] as const),
    ],
    [
      'a Grafana of the stack in its environment',
      stack("grafana: {env: {GF_AUTH_ANONYMOUS_ENABLED: 'true', GF_AUTH_ANONYMOUS_ORG_ROLE: Admin}}"),
      'PRD003',
      `${HELM}/kube-prometheus-stack`,
      'spec.values.grafana.env.GF_AUTH_ANONYMOUS_ENABLED: Grafana lets anybody in without a login as Admin',
    ],
    [
      'an environment over the ini',
      stack('grafana: {grafana.ini: {auth.anonymous: {enabled: false}}, env: {GF_AUTH_ANONYMOUS_ENABLED: true}}'),
      ...(['PRD003', `${HELM}/kube-prometheus-stack`, 'without a login'] as const),
    ],
    [
      'a Grafana of its own chart',
      release('grafana', '12.11.1', "env: {GF_AUTH_ANONYMOUS_ENABLED: 'true'}"),
      ...(['PRD003', `${HELM}/grafana`, 'without a login'] as const),
    ],
    ['a Grafana of its operator', grafana(grafanaEnv('true')), 'PRD003', 'Grafana/monitoring/g', 'without a login'],
    [
      'Kiali by its operator’s chart',
      release('kiali-operator', '2.29.0', 'cr: {create: true, spec: {auth: {strategy: anonymous}}}'),
      ...(['PRD003', `${HELM}/kiali-operator`, 'spec.values.cr.spec.auth.strategy'] as const),
    ],
    ['a Prometheus that is told nothing', prometheus('replicas: 1'), 'PRD004', 'Prometheus/monitoring/main', 'keeps 24 hours'],
  ])('%s', (_, text, code, object, message) => {
    expect(production(text)).toMatchObject([
      {
        code,
        object,
        severity: object.startsWith('Prometheus') ? 'warning' : 'error',
        message: expect.stringContaining(message),
      },
    ]);
    expect(findingsOf(text).filter((one) => one.code.startsWith('PRD'))).toEqual([]);
  });

  it.each([
    ['Tempo on a volume', tempo('persistence: {enabled: true}')],
    ['Tempo with S3', tempo('tempo: {storage: {trace: {backend: s3, s3: {bucket: b, endpoint: s3.site.example}}}}')],
    ['Tempo with a mount of its own', tempo('tempo: {extraVolumeMounts: [{name: data, mountPath: /var/tempo}]}')],
    ['Tempo with values from elsewhere', tempo('', '2.2.4', valuesFrom)],
    ['Tempo with a template of its own', tempo('config: "storage: {}"')],
    ['Tempo in a version that is not told', tempo('', '2.x')],
    ['Tempo’s own 24 hours', tempo('persistence: {enabled: true}, tempo: {}')],
    ['Jaeger’s chart as it is', jaeger('')],
    ['Jaeger’s chart with values from elsewhere', jaeger('storage: {type: memory}', valuesFrom)],
    ['Jaeger’s chart with Elasticsearch', jaeger('storage: {type: elasticsearch}')],
    ['Jaeger’s chart with a badger that stays', jaeger('storage: {type: badger, badger: {ephemeral: false}}')],
    ['the stack as it is, which keeps 10 days', stack('')],
    [
      'an environment that closes what the ini opens',
      stack("grafana: {grafana.ini: {auth.anonymous: {enabled: true}}, env: {GF_AUTH_ANONYMOUS_ENABLED: 'false'}}"),
    ],
    ['a Grafana that is off', stack('grafana: {enabled: false, grafana.ini: {auth.anonymous: {enabled: true}}}')],
    ['a role without access', stack('grafana: {env: {GF_AUTH_ANONYMOUS_ORG_ROLE: Viewer}}')],
    ['a Grafana of its operator with a login', grafana(`config: {auth.anonymous: {enabled: 'true'}}, ${grafanaEnv('false')}`)],
    [
      'Kiali’s operator without a Kiali',
      release('kiali-operator', '2.29.0', 'cr: {create: false, spec: {auth: {strategy: anonymous}}}'),
    ],
    ['Kiali’s operator with a token', release('kiali-operator', '2.29.0', 'cr: {create: true, spec: {auth: {strategy: token}}}')],
    ['a Prometheus with a retention', prometheus('retention: 15d')],
    ['a Prometheus with a size', prometheus('retentionSize: 40GB')],
    ['a Prometheus that writes elsewhere', prometheus("remoteWrite: [{url: 'https://metrics.site.example/api/v1/write'}]")],
  ])('%s is fine', (_, text) => {
    expect(production(text)).toEqual([]);
  });
});

describe('logs in production', () => {
  const chart = (values: string, version = '18.11.0', more = '') => release('loki', version, values, more);
  const onDisk = 'storage: {type: filesystem}';
  const week = 'limits_config: {retention_period: 168h}, compactor: {retention_enabled: true, delete_request_store: filesystem}';
  const disk = 'singleBinary: {persistence: {enabled: true}}';
  const config = (more: string, directory = '/var/loki/chunks', store = 'filesystem') =>
    `common: {storage: {filesystem: {chunks_directory: ${directory}}}}\nschema_config: {configs: [{from: '2024-04-01', store: tsdb, object_store: ${store}, schema: v13}]}\n${more}`;
  const pods = (content: string, volume = 'emptyDir: {}') =>
    `---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: loki, namespace: logs}\ndata:\n  loki.yaml: |\n${content.replace(/^/gm, '    ')}\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: loki, namespace: logs}\nspec: {selector: {matchLabels: {app: loki}}, template: {metadata: {labels: {app: loki}}, spec: {containers: [{name: loki, image: 'docker.io/grafana/loki:3.7.6', volumeMounts: [{name: config, mountPath: /etc/loki}, {name: data, mountPath: /var/loki}]}], volumes: [{name: config, configMap: {name: loki}}, {name: data, ${volume}}]}}}\n`;
  const claim = 'persistentVolumeClaim: {claimName: loki}';
  const RELEASE = 'HelmRelease/monitoring/loki';
  const lost = 'spec.values.singleBinary.persistence.enabled: loki keeps its logs without a volume of its own';

  it.each([
    [
      'the chart without a disk',
      chart(`loki: {${onDisk}, ${week}}, singleBinary: {persistence: {enabled: false}}`),
      'PRD001',
      RELEASE,
      lost,
    ],
    [
      'the chart, for ever',
      chart(`loki: {${onDisk}}, ${disk}`),
      'PRD004',
      RELEASE,
      'until its disk is full: nobody said how long',
    ],
    [
      'the chart, with a compactor alone',
      chart(`loki: {${onDisk}, compactor: {retention_enabled: true}}`),
      ...(['PRD004', RELEASE, 'its compactor is told no retention_period'] as const),
    ],
    [
      'the chart, with a period alone',
      chart('loki: {storage: {type: s3}, limits_config: {retention_period: 168h}}'),
      ...(['PRD004', RELEASE, 'Loki loki is told to keep logs 168h, but its compactor deletes none'] as const),
    ],
    [
      'pods without a disk',
      pods(config(week.replace(', compactor', '\ncompactor'))),
      'PRD001',
      'ConfigMap/logs/loki',
      'loki keeps its logs in /var/loki/chunks, an emptyDir',
    ],
    [
      'pods that write beside their disk',
      pods(config(week.replace(', compactor', '\ncompactor'), '/tmp/chunks'), claim),
      ...(['PRD001', 'ConfigMap/logs/loki', 'in /tmp/chunks, the file system of its container'] as const),
    ],
    ['pods, for ever', pods(config(''), claim), 'PRD004', 'ConfigMap/logs/loki', 'until its disk is full'],
    [
      'pods that are told a period alone',
      pods(config('limits_config: {retention_period: 168h}'), claim),
      ...(['PRD004', 'ConfigMap/logs/loki', 'compactor.retention_enabled: Loki loki is told to keep logs 168h'] as const),
    ],
  ])('are lost, or fill their disk: %s', (_, text, code, object, message) => {
    const found = production(text);
    expect(found).toMatchObject([{ code, object }]);
    expect(found[0]?.message).toContain(message);
  });

  it.each([
    ['the chart with a disk', chart(`loki: {${onDisk}, ${week}}, ${disk}`)],
    ['the chart’s own disk', chart(`loki: {${onDisk}, ${week}}`)],
    [
      'the chart with a mount of its own',
      chart(
        `loki: {${onDisk}, ${week}}, singleBinary: {persistence: {enabled: false}, extraVolumeMounts: [{name: d, mountPath: /var/loki}]}`,
      ),
    ],
    ['the chart with a bucket that deletes by itself', chart('loki: {storage: {type: s3}}')],
    ['the chart with MinIO', chart(`loki: {${onDisk}}, minio: {enabled: true}`)],
    ['values from elsewhere', chart(`loki: {${onDisk}}`, '18.11.0', valuesFrom)],
    ['a template of one’s own', chart(`loki: {${onDisk}, config: "auth_enabled: false"}`)],
    ['an overlay', chart(`loki: {${onDisk}, structuredConfig: {compactor: {retention_enabled: true}}}`)],
    [
      'an old one with a table manager',
      chart(
        `loki: {${onDisk}, limits_config: {retention_period: 168h}}, tableManager: {retention_deletes_enabled: true}`,
        '6.6.0',
      ),
    ],
    ['pods with a disk', pods(config(week.replace(', compactor', '\ncompactor')), claim)],
    ['pods with a bucket', pods(config('', '/var/loki/chunks', 's3'))],
    [
      'pods of which the period is for some streams',
      pods(
        config(
          'limits_config: {retention_stream: [{selector: \'{a="b"}\', priority: 1, period: 24h}]}\ncompactor: {retention_enabled: true}',
        ),
        claim,
      ),
    ],
  ])('are kept for a while: %s', (_, text) => {
    expect(production(text)).toEqual([]);
  });
});

describe('a namespace into which charts make Services', () => {
  const mesh = (host: string) =>
    `---\napiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nmetadata: {name: mesh, namespace: istio-system}\nspec: {profile: default, meshConfig: {defaultProviders: {metrics: [prometheus], tracing: [otel]}, extensionProviders: [{name: otel, opentelemetry: {service: ${host}, port: 4317}}]}}\n`;
  const collector = (endpoint: string) =>
    `---\napiVersion: opentelemetry.io/v1beta1\nkind: OpenTelemetryCollector\nmetadata: {name: otel, namespace: otel-system}\nspec:\n  config:\n    receivers: {otlp: {protocols: {grpc: {endpoint: '0.0.0.0:4317'}}}}\n    exporters: {otlp_grpc: {endpoint: '${endpoint}', tls: {insecure: true}}}\n    service: {pipelines: {traces: {receivers: [otlp], exporters: [otlp_grpc]}}}\n`;
  const kiali = (prometheus: string) =>
    `---\napiVersion: kiali.io/v1alpha1\nkind: Kiali\nmetadata: {name: kiali, namespace: istio-system}\nspec: {external_services: {prometheus: {url: '${prometheus}'}}}\n`;
  const operator = (values = '', version = '0.122.0', more = '') =>
    release('opentelemetry-operator', version, values, more, 'otel-system');
  const stack = (values = '', version = '88.5.3', more = '') => release('kube-prometheus-stack', version, values, more);
  const tempo = (values = '', more = '') => release('tempo', '2.2.4', `persistence: {enabled: true}${values}`, more);
  const loki = (values = '', version = '18.11.0') => release('loki', version, values);
  const host = (name: string) => `${name}.otel-system.svc.cluster.local`;
  const URL = 'http://kube-prometheus-stack-prometheus.monitoring:9090';
  const TEMPO = 'tempo.monitoring:4317';
  const world = (given: { to?: string; endpoint?: string; url?: string; charts?: string }) =>
    mesh(given.to ?? host('otel-collector')) +
    namespace('otel-system') +
    collector(given.endpoint ?? TEMPO) +
    kiali(given.url ?? URL) +
    namespace('monitoring') +
    (given.charts ?? operator() + stack() + tempo());
  // A source that the input does not hold is another rule's matter, and so is a chart's values.
  const found = (text: string) => findingsOf(text).filter(({ code }) => /^(TRC|REF)/.test(code));

  it('is known as it stands', () => {
    expect(found(world({}))).toEqual([]);
  });

  it.each([
    ['a mistyped collector', { to: host('otel-colector') }, 'TRC002', 'did you mean "otel-collector"?'],
    ['a mistyped Tempo', { endpoint: 'tempoo.monitoring:4317' }, 'TRC027', 'did you mean "tempo"?'],
    [
      'a mistyped Prometheus',
      { url: 'http://kube-prometheus-stack-promethues.monitoring:9090' },
      ...(['REF009', 'did you mean "kube-prometheus-stack-prometheus"?'] as const),
    ],
    [
      'a mistyped Loki',
      { endpoint: 'lokki.monitoring:3100', charts: operator() + stack() + tempo() + loki() },
      ...(['TRC027', 'did you mean "loki"?'] as const),
    ],
    [
      'a mistyped gateway of Loki',
      { endpoint: 'loki-gatewayy.monitoring:80', charts: operator() + stack() + tempo() + loki('gateway: {enabled: true}') },
      ...(['TRC027', 'did you mean "loki-gateway"?'] as const),
    ],
  ])('so %s is missing there', (_, given, code, hint) => {
    expect(found(world(given))).toMatchObject([{ code, severity: 'error', hint }]);
  });

  it.each([
    ['the operator’s own', { to: host('opentelemetry-operator') }],
    ['its webhook', { to: host('opentelemetry-operator-webhook') }],
    ['the target allocator of a collector', { to: host('otel-targetallocator') }],
    ['what the Prometheus operator makes', { url: 'http://prometheus-operated.monitoring:9090' }],
    ['Tempo’s headless Service', { endpoint: 'tempo-headless.monitoring:4317' }],
    ['Loki', { endpoint: 'loki.monitoring:9095', charts: operator() + stack() + tempo() + loki() }],
    ['Loki’s headless Service', { endpoint: 'loki-headless.monitoring:9096', charts: operator() + stack() + tempo() + loki() }],
    ['its gateway', { url: 'http://loki-gateway.monitoring', charts: operator() + stack() + tempo() + loki() }],
    ['the alert manager', { url: 'http://kube-prometheus-stack-alertmanager.monitoring:9093' }],
    ['kube-state-metrics', { url: 'http://kube-prometheus-stack-kube-state-metrics.monitoring:8080' }],
    ['node-exporter', { url: 'http://kube-prometheus-stack-prometheus-node-exporter.monitoring:9100' }],
    [
      'a stack by another name',
      {
        url: 'http://prom-prometheus.monitoring:9090',
        charts: operator() + stack('fullnameOverride: prom') + tempo(),
      },
    ],
  ])('and %s is there', (_, given) => {
    expect(found(world(given)).filter(({ message }) => message.includes('no Service'))).toEqual([]);
  });

  const lost = { to: host('otel-colector'), endpoint: 'tempoo.monitoring:4317', url: 'http://prometheuss.monitoring:9090' };
  it.each([
    ['values from elsewhere', operator('', '0.122.0', valuesFrom) + stack('', '88.5.3', valuesFrom) + tempo('', valuesFrom)],
    [
      'another chart beside them',
      `${operator()}${release('mimir', '6.0.0', '')}${release('any', '1.0.0', '', '', 'otel-system')}`,
    ],
    [
      'Loki in several processes',
      `${operator()}${stack()}${tempo()}${loki('deploymentMode: Distributed')}${release('any', '1.0.0', '', '', 'otel-system')}`,
    ],
    [
      'a Loki that is older than known',
      `${operator()}${stack()}${tempo()}${loki('', '6.6.0')}${release('any', '1.0.0', '', '', 'otel-system')}`,
    ],
    ['a range of versions', operator('', '0.x') + stack('', '>=88.0.0')],
    ['versions between two', operator('', '0.100.0 - 0.122.0') + stack('', '80.0.0 - 88.0.0')],
    ['a version that is filled in', operator('', `\${otel}`) + stack('', `\${stack}`)],
    ['a version that is not known', operator('', '0.20.0') + stack('', '200.0.0')],
    ['manifests of their own', `${operator('extraObjects: [{kind: Service}]')}${stack('extraManifests: [{kind: Service}]')}`],
    [
      'switches that make more Services',
      `${operator('extraObjects: [{kind: Service}]')}${stack('thanosRuler: {enabled: true}')}`,
    ],
    ['names that are filled in', operator(`fullnameOverride: "\${name}"`) + stack(`fullnameOverride: "\${name}"`)],
    ['a chart of Bitnami', `${operator()}${stack()}`.replaceAll('name: charts', 'name: bitnami')],
    [
      'patches by Flux',
      `${operator()}${stack()}---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: apps, namespace: flux-system}\nspec: {interval: 1h, path: ./apps, prune: true, sourceRef: {kind: GitRepository, name: flux-system}, patches: [{patch: 'x', target: {kind: HelmRelease}}]}\n`,
    ],
  ])('is not known with %s', (_, charts) => {
    expect(found(world({ ...lost, charts }))).toEqual([]);
  });

  it('is not known when the input does not hold the Namespace, and nothing else stands there', () => {
    const text = world({ ...lost, charts: stack() + operator() });
    expect(found(text.replace(namespace('monitoring'), '').replace(namespace('otel-system'), ''))).toEqual([]);
  });

  it('says nothing of pods and accounts that the charts make', () => {
    const selects = `---\napiVersion: telemetry.istio.io/v1\nkind: Telemetry\nmetadata: {name: operator, namespace: otel-system}\nspec: {selector: {matchLabels: {app.kubernetes.io/name: opentelemetry-operator}}, accessLogging: [{providers: [{name: envoy}]}]}\n`;
    const checked = `---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: otel, namespace: flux-system}\nspec: {interval: 1h, path: ./otel, prune: true, sourceRef: {kind: GitRepository, name: flux-system}, healthChecks: [{apiVersion: apps/v1, kind: Deployment, name: opentelemetry-operator, namespace: otel-system}]}\n`;
    expect(findingsOf(world({}) + selects + checked).filter(({ code }) => /^(TRC08|RTE|FLX009)/.test(code))).toEqual([]);
  });
});
