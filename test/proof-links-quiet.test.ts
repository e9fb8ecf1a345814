// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of Grafana and Flux look like templates
import { describe, expect, it } from 'vitest';
import { findingsOf } from './proof-world.ts';

const said = (...parts: string[]) => findingsOf(parts.join('\n---\n')).filter(({ code }) => /^OBS|^TRC07[5-8]/.test(code));
const codes = (...parts: string[]) => said(...parts).map(({ code }) => code);

const dashboard = (uid: string, more: object = {}) => JSON.stringify({ uid, title: uid, panels: [], ...more });
const configMap = (name: string, data: Record<string, string>, labels: Record<string, string> = {}, namespace = 'monitoring') =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, labels }, data });
const release = (chart: string, values: object) =>
  JSON.stringify({
    apiVersion: 'helm.toolkit.fluxcd.io/v2',
    kind: 'HelmRelease',
    metadata: { name: chart, namespace: 'monitoring' },
    spec: { interval: '1h', chart: { spec: { chart, sourceRef: { kind: 'HelmRepository', name: 'r' } } }, values },
  });
const resource = (kind: string, name: string, spec: object, namespace = 'monitoring') =>
  JSON.stringify({ apiVersion: 'grafana.integreatly.org/v1beta1', kind, metadata: { name, namespace }, spec });
const rule = (name: string, namespace: string, expr: string) =>
  JSON.stringify({
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name, namespace },
    spec: { groups: [{ name, rules: [{ alert: name, expr }] }] },
  });
const pod = (name: string, image: string, args: string[], mounts: Record<string, object>) =>
  JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'monitoring' },
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          containers: [
            { name, image, args, volumeMounts: Object.keys(mounts).map((mountPath, i) => ({ name: `v${i}`, mountPath })) },
          ],
          volumes: Object.values(mounts).map((volume, i) => ({ name: `v${i}`, ...volume })),
        },
      },
    },
  });

/** A Grafana by its chart beside a Prometheus by another, as people run them at home with Flux. */
const grafana = {
  env: { GF_SERVER_ROOT_URL: 'https://grafana.${DOMAIN}' },
  envFromSecrets: [{ name: 'grafana' }],
  'grafana.ini': { 'auth.anonymous': { enabled: true } },
  datasources: {
    'datasources.yaml': {
      apiVersion: 1,
      datasources: [
        { name: 'Prometheus', type: 'prometheus', uid: 'prometheus', url: 'http://prometheus-operated.monitoring:9090' },
        { name: 'Alertmanager', type: 'alertmanager', uid: 'alertmanager', url: 'http://alertmanager-operated.monitoring:9093' },
      ],
    },
  },
  dashboardProviders: {
    'dashboardproviders.yaml': {
      apiVersion: 1,
      providers: [
        { name: 'default', type: 'file', options: { path: '/var/lib/grafana/dashboards/default/' } },
        { name: 'unused', type: 'file', options: { path: '/var/lib/grafana/dashboards/unused' } },
      ],
    },
  },
  dashboards: { default: { tunnel: { gnetId: 17457, datasource: [{ name: 'DS_PROMETHEUS', value: 'Prometheus' }] } }, istio: {} },
  sidecar: { dashboards: { enabled: true, searchNamespace: 'ALL', label: 'grafana_dashboard', labelValue: '' } },
};
const stack = {
  grafana: { enabled: false, forceDeployDashboards: true },
  prometheus: { prometheusSpec: { ruleSelectorNilUsesHelmValues: false, podMonitorSelectorNilUsesHelmValues: false } },
};

describe('nothing is said of', () => {
  it('a Grafana and a Prometheus of two charts', () => {
    const route = JSON.stringify({
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: { name: 'grafana', namespace: 'monitoring' },
      spec: {
        hostnames: ['grafana.${DOMAIN}'],
        parentRefs: [{ name: 'internal', namespace: 'kube-system' }],
        rules: [{ backendRefs: [{ name: 'grafana', port: 80 }] }],
      },
    });
    const shown = dashboard('mesh', {
      panels: [{ title: 'a', datasource: { uid: '${ds}' }, targets: [{ expr: 'sum(rate(istio_requests_total[5m]))' }] }],
      templating: { list: [{ name: 'ds', type: 'datasource', query: 'prometheus' }] },
    });
    const loki = 'groups: [{name: a, rules: [{alert: Locked, expr: \'count_over_time({app="a"} |~ "locked" [5m]) > 0\'}]}]';
    expect(
      said(
        ...[release('grafana', grafana), release('kube-prometheus-stack', stack), route],
        ...[
          rule('volumes', 'volumes', 'volsync_volume_out_of_sync == 1'),
          configMap('rules', { 'r.yaml': loki }, { loki_rule: 'true' }),
        ],
        configMap('istio', { 'mesh.json': shown }, { grafana_dashboard: 'true' }, 'istio-system'),
      ),
    ).toEqual([]);
  });

  it('Istio’s older addons: rule files that are empty, a Kiali with every key that there was', () => {
    const config = [
      'rule_files: [/etc/config/recording_rules.yml, /etc/config/alerting_rules.yml, /etc/config/rules, /etc/config/alerts]',
      'scrape_configs: [{job_name: prometheus, static_configs: [{targets: ["localhost:9090"]}]}]',
    ].join('\n');
    const files = {
      'alerting_rules.yml': '{}',
      alerts: '{}',
      'recording_rules.yml': '{}',
      rules: '{}',
      'prometheus.yml': config,
    };
    const kiali = [
      'external_services:',
      '  istio: {istiod_polling_interval_seconds: 20, istio_canary_revision: {current: ""}, ingress_gateway_namespace: ""}',
      '  grafana: {enabled: true, is_core: false, in_cluster_url: "", url: ""}',
      '  prometheus: {cache_duration: 10, thanos_proxy: {enabled: false}, url: ""}',
      '  tracing: {enabled: false, whitelist_istio_system: [istio-ingressgateway], grpc_port: 9095}',
      'server: {port: 20001}',
    ].join('\n');
    const args = ['--config.file=/etc/config/prometheus.yml'];
    const server = pod('prometheus', 'prom/prometheus:v2.41.0', args, { '/etc/config': { configMap: { name: 'prometheus' } } });
    expect(said(configMap('prometheus', files), server, configMap('kiali', { 'config.yaml': kiali }))).toEqual([]);
    expect(
      codes(configMap('prometheus', { ...files, 'mesh.yml': `groups: [{name: a, rules: [{alert: A, expr: up}]}]` }), server),
    ).toEqual(['OBS019']);
  });

  it('kube-prometheus: each dashboard in a folder of its own below the provider’s', () => {
    const providers = '{"apiVersion": 1, "providers": [{"name": "0", "options": {"path": "/grafana-dashboard-definitions/0"}}]}';
    const mounts = {
      '/var/lib/grafana': { emptyDir: {} },
      '/etc/grafana': { secret: { secretName: 'grafana-config' } },
      '/etc/grafana/provisioning/dashboards': { configMap: { name: 'providers' } },
      '/grafana-dashboard-definitions/0/apiserver': { configMap: { name: 'apiserver' } },
    };
    const parts = [
      configMap('providers', { 'dashboards.yaml': providers }),
      configMap('apiserver', { 'a.json': dashboard('api') }),
    ];
    expect(said(...parts, pod('grafana', 'grafana/grafana:12.1.0', [], mounts))).toEqual([]);
  });

  it('dashboards of the new schema, of Perses, and with library panels', () => {
    const v2 = {
      apiVersion: 'dashboard.grafana.app/v2beta1',
      kind: 'Dashboard',
      metadata: { name: 'a' },
      spec: { title: 'A', elements: {} },
    };
    const perses = { kind: 'Dashboard', metadata: { name: 'b', project: 'mesh' }, spec: { duration: '1h', panels: {} } };
    const files = {
      'v2.json': JSON.stringify(v2),
      'bare.json': JSON.stringify({ title: 'B', elements: {}, layout: { kind: 'GridLayout' } }),
      'library.json': dashboard('c', { panels: [{ libraryPanel: { uid: 'x', name: 'y' } }] }),
    };
    expect(
      said(
        release('grafana', grafana),
        configMap('new', files, { grafana_dashboard: '1' }),
        configMap('perses', { 'p.json': JSON.stringify(perses) }, { 'perses.dev/resource': 'true' }),
        JSON.stringify({ ...v2, metadata: { name: 'a', namespace: 'monitoring' } }),
      ),
    ).toEqual([]);
  });
});

describe('GrafanaDashboards', () => {
  const instanceSelector = { matchLabels: { dashboards: 'grafana' } };
  const twin = (namespace: string, more: object = {}) =>
    resource('GrafanaDashboard', 'mesh', { instanceSelector, json: dashboard('mesh'), ...more }, namespace);

  it('of two namespaces go to the Grafana of each, unless they are told to cross', () => {
    expect(codes(twin('a'), twin('b'))).toEqual([]);
    const crossing = { allowCrossNamespaceImport: true };
    expect(codes(twin('a', crossing), twin('b', crossing))).toEqual(['OBS010']);
  });

  it('fill in the inputs of a ConfigMap that they refer to', () => {
    const exported = { __inputs: [{ name: 'DS_PROMETHEUS' }], panels: [{ title: 'a', datasource: '${DS_PROMETHEUS}' }] };
    const shown = configMap('exported', { 'a.json': dashboard('exported', exported) });
    const refers = (more: object) =>
      resource('GrafanaDashboard', 'a', { instanceSelector, configMapRef: { name: 'exported', key: 'a.json' }, ...more });
    expect(codes(shown, refers({}))).toEqual(['TRC076']);
    expect(codes(shown, refers({ datasources: [{ inputName: 'DS_PROMETHEUS', datasourceName: 'Prometheus' }] }))).toEqual([]);
  });

  it('may come from elsewhere', () => {
    const others = [{ grafanaCom: { id: 7639 } }, { url: 'https://example.org/a.json' }, { gzipJson: 'H4sI' }, { json: '' }, {}];
    expect(said(...others.map((one, i) => resource('GrafanaDashboard', `d${i}`, { instanceSelector, ...one })))).toEqual([]);
  });
});

describe('dashboards that a chart puts where no provider looks', () => {
  const mesh = { mesh: { gnetId: 7639, revision: 1 } };

  it.each([
    ['grafana', (values: object) => values],
    ['kube-prometheus-stack', (values: object) => ({ grafana: values })],
  ])('are told: %s', (chart, placed) => {
    const of = (more: object) => said(release(chart, placed({ ...grafana, ...more })));
    expect(of({ dashboards: { defaults: mesh } })).toEqual([
      expect.objectContaining({
        code: 'OBS014',
        hint: 'a provider looks into /var/lib/grafana/dashboards/default: name one folder in both places',
      }),
    ]);
    expect(of({ dashboards: { default: mesh }, dashboardProviders: {} })).toEqual([
      expect.objectContaining({ code: 'OBS014', hint: 'add a provider with this path to dashboardProviders' }),
    ]);
    expect(of({ dashboards: { default: mesh, defaults: {} } })).toEqual([]);
    expect(of({ dashboards: { defaults: mesh }, extraConfigmapMounts: [] })).toEqual([]);
    const folder = { dashboards: { enabled: true, folder: '/var/lib/grafana/dashboards' } };
    expect(of({ dashboards: { defaults: mesh }, sidecar: folder })).toEqual([]);
    expect(of({ dashboards: { defaults: mesh }, enabled: false }).filter(() => chart !== 'grafana')).toEqual([]);
  });
});
