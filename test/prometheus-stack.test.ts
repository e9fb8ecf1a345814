import { describe, expect, it } from 'vitest';
import { type DataSourceLinks, type GrafanaSource, HelmRelease } from '../constructs/kit/index.ts';
import {
  DashboardConfigMaps,
  istioDashboards,
  KubePrometheusStack,
  type KubePrometheusStackProps,
} from '../constructs/observability/index.ts';
import { findingsOf } from './proof-world.ts';
import { type Loose, layer, object, objects } from './support/synth.ts';

const password = { secret: 'grafana-admin', key: 'password' };
const traces: GrafanaSource = {
  toDataSource: (links?: DataSourceLinks) => ({
    name: 'Tempo',
    uid: 'tempo',
    type: 'tempo',
    url: 'http://tempo.tracing.svc.cluster.local:3200',
    jsonData: {
      ...(links?.metrics ? { serviceMap: { datasourceUid: links.metrics } } : {}),
      query: 'rate({job="{{job}}"}[$__interval])',
    },
  }),
};

function stack(props: Partial<KubePrometheusStackProps> = {}, id = 'kube-prometheus-stack') {
  const chart = layer('monitoring');
  const made = new KubePrometheusStack(chart, id, { access: { adminPassword: password }, ...props });
  const release = () => object(chart, 'HelmRelease', props.name ?? id).spec;
  return { chart, made, release, values: (): Loose => release().values, spec: () => release().values.prometheus.prometheusSpec };
}

const other = layer('flux-system');
const before = new HelmRelease(other, 'cert-manager', { chart: 'cert-manager' });

/** What each option renders; an option without an entry does not compile. */
const everyOption: { readonly [K in keyof Required<KubePrometheusStackProps>]: readonly [KubePrometheusStackProps[K], Loose] } = {
  name: ['watch', { releaseName: 'watch' }],
  version: ['88.5.2', {}], // see below: it stands in the source
  source: [
    { kind: 'HelmRepository', name: 'site' },
    { chart: { spec: { sourceRef: { kind: 'HelmRepository', name: 'site' } } } },
  ],
  after: [[before], { dependsOn: [{ name: 'cert-manager', namespace: 'flux-system' }] }],
  timeout: ['20m', { timeout: '20m' }],
  access: [{ anonymous: 'Viewer' }, { values: { grafana: { env: { GF_AUTH_ANONYMOUS_ORG_ROLE: 'Viewer' } } } }],
  sources: [[traces], { values: { grafana: { additionalDataSources: [{ uid: 'prometheus' }, { uid: 'tempo' }] } } }],
  dashboards: [[{ uid: 'own', title: 'Own' }], {}], // see below: ConfigMaps
  timeZone: [
    'Europe/Berlin',
    {
      values: {
        grafana: { defaultDashboardsTimezone: 'Europe/Berlin', env: { GF_DATE_FORMATS_DEFAULT_TIMEZONE: 'Europe/Berlin' } },
      },
    },
  ],
  homeDashboard: [
    istioDashboards()[0]?.uid,
    {
      values: {
        grafana: { env: { GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH: `/tmp/dashboards/${istioDashboards()[0]?.uid}.json` } },
      },
    },
  ],
  retention: ['30d', { values: { prometheus: { prometheusSpec: { retention: '30d' } } } }],
  storage: [
    { size: '50Gi', storageClass: 'fast' },
    {
      values: {
        prometheus: {
          prometheusSpec: {
            storageSpec: {
              volumeClaimTemplate: {
                spec: {
                  accessModes: ['ReadWriteOnce'],
                  resources: { requests: { storage: '50Gi' } },
                  storageClassName: 'fast',
                },
              },
            },
          },
        },
      },
    },
  ],
  alerts: ['on', { values: { grafana: { sidecar: { datasources: { alertmanager: { enabled: true } } } } } }],
  controlPlane: ['scraped', {}], // see below: it leaves values out
  resources: [
    {
      prometheus: { cpu: '1', memory: '4Gi', memoryLimit: '8Gi' },
      grafana: { cpu: '50m', memory: '300Mi' },
    },
    {
      values: {
        prometheus: { prometheusSpec: { resources: { requests: { cpu: '1', memory: '4Gi' }, limits: { memory: '8Gi' } } } },
        grafana: { resources: { requests: { cpu: '50m', memory: '300Mi' } } },
      },
    },
  ],
};

describe('kube-prometheus-stack', () => {
  it.each(Object.entries(everyOption))('takes the option %s', (option, [value, rendered]) => {
    const { release } = stack({ [option]: value });
    expect(release()).toMatchObject(rendered);
  });

  it('installs another chart version where it is told one', () => {
    const { chart } = stack({ version: '88.5.2' });
    expect(object(chart, 'OCIRepository', 'kube-prometheus-stack').spec.ref).toEqual({ tag: '88.5.2' });
  });

  it('takes the monitors, rules and probes of every namespace, whatever their labels', () => {
    const spec = stack().spec();
    for (const kind of ['serviceMonitor', 'podMonitor', 'rule', 'probe', 'scrapeConfig'])
      expect(spec[`${kind}SelectorNilUsesHelmValues`], kind).toBe(false);
  });

  it('lets its node exporter in, which uses the node’s network', () => {
    expect(object(stack().chart, 'Namespace', 'monitoring').metadata.labels).toMatchObject({
      'pod-security.kubernetes.io/enforce': 'privileged',
    });
  });

  it('scrapes as often as dashboards and Kiali count on, keeps exemplars, and stays out of the mesh', () => {
    const { values, spec } = stack();
    expect(spec()).toMatchObject({ scrapeInterval: '15s', retention: '15d', enableFeatures: ['exemplar-storage'] });
    expect(spec()).not.toHaveProperty('storageSpec');
    const out = { 'sidecar.istio.io/inject': 'false', 'istio.io/dataplane-mode': 'none' };
    expect(spec().podMetadata.labels).toEqual(out);
    expect(values().grafana.podLabels).toEqual(out);
  });

  it('runs no Alertmanager, and asks nothing that answers to its own node only, unless told so', () => {
    const off = ['alertmanager', 'kubeControllerManager', 'kubeEtcd', 'kubeProxy', 'kubeScheduler'];
    expect(Object.entries(stack().values()).flatMap(([key, v]) => ((v as Loose).enabled === false ? [key] : []))).toEqual(off);
    expect(Object.keys(stack({ alerts: 'on', controlPlane: 'scraped' }).values())).toEqual(['grafana', 'prometheus']);
    expect(stack().values().grafana.sidecar.datasources.alertmanager).toEqual({ enabled: false });
  });

  // The chart cuts the name of its objects at 26 letters (chart 88, _helpers.tpl).
  it.each([
    ['kube-prometheus-stack', 'kube-prometheus-stack-prometheus', 'kube-prometheus-stack-grafana'],
    ['monitoring', 'monitoring-kube-prometheus-prometheus', 'monitoring-grafana'],
    ['grafana', 'grafana-kube-prometheus-st-prometheus', 'grafana'],
    ['site-kube-prometheus-stack-a', 'site-kube-prometheus-stack-prometheus', 'site-kube-prometheus-stack-a-grafana'],
  ])('knows the Services of the release %s', (name, prometheus, grafana) => {
    const { made } = stack({ name }, 'some-id');
    expect(made.prometheus.metrics.url).toBe(`http://${prometheus}.monitoring.svc.cluster.local:9090`);
    expect(made.prometheus.page.endpoint).toBe(made.prometheus.metrics);
    expect(made.grafana.internal.url).toBe(`http://${grafana}.monitoring.svc.cluster.local:80`);
    expect(made.grafana.page).toMatchObject({ name: 'grafana', path: '/', sidecar: 'never' });
  });

  it('takes remote writes once somebody writes', () => {
    const { made, spec } = stack();
    expect(spec()).not.toHaveProperty('enableRemoteWriteReceiver');
    expect(made.prometheus.acceptRemoteWrite().url).toMatch(/:9090\/api\/v1\/write$/);
    expect(spec().enableRemoteWriteReceiver).toBe(true);
  });

  describe('its Grafana', () => {
    it('knows its Prometheus and what it is shown later, each told of the other', () => {
      const { made, values } = stack();
      made.show(traces);
      const { additionalDataSources, sidecar } = values().grafana;
      expect(additionalDataSources).toMatchObject([
        {
          uid: 'prometheus',
          name: 'Prometheus',
          isDefault: true,
          url: made.prometheus.metrics.url,
          jsonData: {
            timeInterval: '15s',
            exemplarTraceIdDestinations: [
              { name: 'traceID', datasourceUid: 'tempo' },
              { name: 'trace_id', datasourceUid: 'tempo' },
            ],
          },
        },
        { uid: 'tempo', isDefault: false, jsonData: { serviceMap: { datasourceUid: 'prometheus' } } },
      ]);
      // The chart would add a second one under the same uid.
      expect(sidecar.datasources.defaultDatasourceEnabled).toBe(false);
    });

    it('keeps what looks like a Helm template or a variable as it is', () => {
      const { values } = stack({ sources: [traces] });
      expect(values().grafana.additionalDataSources[1].jsonData.query).toBe('rate({job="{{ `{{` }}job}}"}[$$__interval])');
    });

    it('refuses two sources of one uid, at once', () => {
      const { made } = stack({ sources: [traces] });
      expect(() => made.show(traces)).toThrow("of 'layer/kube-prometheus-stack' have the same uid 'tempo'");
    });

    it('takes the password from an existing Secret, that needs to hold no more', () => {
      const { grafana } = stack().values();
      expect(grafana.admin).toEqual({ existingSecret: 'grafana-admin', passwordKey: 'password' });
      expect(grafana.env).toMatchObject({ GF_AUTH_ANONYMOUS_ENABLED: 'false', GF_SECURITY_ADMIN_USER: 'admin' });
      expect(grafana.env).not.toHaveProperty('GF_SECURITY_ADMIN_PASSWORD');
      // The sidecar asks Grafana, as the admin, to read its data sources again.
      expect(grafana.sidecar.datasources).toMatchObject({ env: { REQ_USERNAME: 'admin' } });
      expect(grafana.sidecar.datasources).not.toHaveProperty('skipReload');
    });

    it('lets everybody look without any admin, and has its data sources before it starts', () => {
      const { grafana } = stack({ access: { anonymous: 'Viewer' } }).values();
      expect(grafana).not.toHaveProperty('admin');
      expect(grafana.env).toMatchObject({
        GF_AUTH_ANONYMOUS_ENABLED: 'true',
        GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION: 'true',
      });
      expect(grafana.sidecar.datasources).toMatchObject({ initDatasources: true, skipReload: true, watchMethod: 'LIST' });
      const hash = (sources: readonly GrafanaSource[]) =>
        stack({ access: { anonymous: 'Viewer' }, sources }).values().grafana.podAnnotations['checksum/datasources'];
      expect(hash([])).toMatch(/^[0-9a-f]{16}$/);
      expect(hash([traces])).not.toBe(hash([]));
    });

    it('looks in every namespace for data sources and dashboards, in the browser’s time zone', () => {
      const { defaultDashboardsTimezone, sidecar } = stack().values().grafana;
      expect(defaultDashboardsTimezone).toBe('browser');
      expect(sidecar.dashboards).toMatchObject({ searchNamespace: 'ALL', label: 'grafana_dashboard', labelValue: '1' });
      expect(sidecar.datasources.searchNamespace).toBe('ALL');
    });

    it('has the dashboards that Kiali links to, each in a ConfigMap that its sidecar finds', () => {
      const { chart, made } = stack();
      expect(made.grafana.titles).toEqual(istioDashboards().map(({ title }) => title));
      const maps = objects(chart).filter(({ kind }) => kind === 'ConfigMap');
      expect(maps.map(({ metadata }) => metadata.labels)).toEqual(maps.map(() => ({ grafana_dashboard: '1' })));
      const titles = maps.flatMap(({ data }) => Object.values(data).map((text) => JSON.parse(String(text)).title));
      expect(titles).toEqual(made.grafana.titles);
    });

    it('takes others instead, and more from any layer', () => {
      const { chart, made } = stack({ dashboards: [{ uid: 'own', title: 'Own' }] });
      const apps = layer('apps');
      new DashboardConfigMaps(apps, 'more', { for: made.grafana, dashboards: [{ uid: 'Apps_1', title: 'Apps' }] });
      expect(made.grafana.titles).toEqual(['Own', 'Apps']);
      expect(object(chart, 'ConfigMap', 'grafana-dashboard-own').data).toHaveProperty(['own.json']);
      expect(object(apps, 'ConfigMap', 'grafana-dashboard-apps-1').metadata).toMatchObject({
        namespace: 'apps',
        labels: { grafana_dashboard: '1' },
      });
      expect(() => new DashboardConfigMaps(layer(), 'x', { for: made.grafana, dashboards: [{ title: 'No uid' }] })).toThrow(
        "dashboard 'No uid' of 'layer/x' has the uid undefined",
      );
    });
  });

  it.each([
    [{ retention: 'two weeks' }, 'retention of \'layer/kube-prometheus-stack\' is "two weeks"'],
    [{ storage: { size: 'much' } }, 'size of storage of \'layer/kube-prometheus-stack\' is "much"'],
    [
      { access: { adminPassword: { secret: 'My Secret', key: 'k' } } },
      'secret of \'layer/kube-prometheus-stack\' is "My Secret"',
    ],
    [{ resources: { grafana: { cpu: '1', memory: '2Gi', memoryLimit: '1Gi' } } }, 'request 2Gi of memory and limit it to 1Gi'],
    [{ version: '88.x' }, 'is "88.x": allowed is one semantic version'],
    [{ name: 'Watch' }, 'release of'],
  ] satisfies [Partial<KubePrometheusStackProps>, string][])('refuses %j', (props, message) => {
    expect(() => stack(props)).toThrow(message);
  });

  it('is published by others, not by the chart', () => {
    expect(JSON.stringify(stack().values())).not.toContain('ingress');
  });
});

describe('the proof of a release that others wrote', () => {
  const release = (values: string, more = '') =>
    `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: kps, namespace: monitoring}\nspec: {interval: 1h, chart: {spec: {chart: kube-prometheus-stack, version: 88.5.3, sourceRef: {kind: HelmRepository, name: r}}}, values: ${values}${more}}\n---\n`;
  const kiali = (prometheus: string, grafana: string) =>
    `apiVersion: kiali.io/v1alpha1\nkind: Kiali\nmetadata: {name: kiali, namespace: istio-system}\nspec: {external_services: {prometheus: {url: 'http://${prometheus}.monitoring:9090'}, grafana: {internal_url: 'http://${grafana}', auth: {type: basic, username: viewer}}, tracing: {enabled: false}}}\n`;
  const usual = ['kps-kube-prometheus-stack-prometheus', 'kps-grafana.monitoring'] as const;

  it.each([
    ['as the chart calls them', release('{}'), kiali(...usual)],
    ['another port', release('{grafana: {service: {port: 3000}}}'), kiali(usual[0], `${usual[1]}:3000`)],
    [
      'other names',
      release('{fullnameOverride: obs, grafana: {fullnameOverride: charts}}'),
      kiali('obs-prometheus', 'charts.monitoring'),
    ],
    [
      'another namespace',
      release('{nameOverride: obs, grafana: {nameOverride: look, namespaceOverride: looks}}'),
      kiali('kps-obs-prometheus', 'kps-look.looks'),
    ],
    ['values from elsewhere', release('{}', ', valuesFrom: [{kind: Secret, name: v}]'), kiali(usual[0], `${usual[1]}:3000`)],
    ['what it cannot know', release('{}'), kiali('kps-kube-prometheus-stack-thanos', usual[1])],
  ])('finds its Services: %s', (_, made, reader) => {
    expect(findingsOf(made + reader)).toEqual([]);
  });

  it('finds who asks at a port that its Service does not have', () => {
    expect(findingsOf(release('{}') + kiali(usual[0], `${usual[1]}:3000`))).toMatchObject([
      { severity: 'error', object: 'Kiali/istio-system/kiali', hint: expect.stringContaining('80') },
    ]);
    expect(findingsOf(release('{}') + kiali(...usual).replace(':9090', ':90'))).toMatchObject([
      { severity: 'error', object: 'Kiali/istio-system/kiali', hint: expect.stringContaining('9090') },
    ]);
  });
});
