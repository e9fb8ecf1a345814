import { describe, expect, it } from 'vitest';
import { findingsOf } from './proof-world.ts';

const said = (...parts: string[]) => findingsOf(parts.join('\n---\n')).filter(({ code }) => /^OBS0(1\d|20|25)$/.test(code));
const codes = (...parts: string[]) => said(...parts).map(({ code, severity }) => `${code} ${severity}`);

const configMap = (name: string, files: Record<string, string>, labels: Record<string, string> = {}, namespace = 'monitoring') =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, labels }, data: files });
const dashboard = (uid: string | undefined, title: string, more: object = {}) =>
  JSON.stringify({ ...(uid === undefined ? {} : { uid }), title, panels: [], ...more });
const loaded = { grafana_dashboard: '1' };
const release = (chart: string, values: object = {}, namespace = 'monitoring') =>
  JSON.stringify({
    apiVersion: 'helm.toolkit.fluxcd.io/v2',
    kind: 'HelmRelease',
    metadata: { name: 'kube', namespace },
    spec: { interval: '1h', chart: { spec: { chart, sourceRef: { kind: 'HelmRepository', name: 'r' } } }, values },
  });
const stack = release('kube-prometheus-stack');

interface Pod {
  readonly env?: Record<string, string>;
  readonly args?: readonly string[];
  readonly at?: Record<string, string>;
  readonly image?: string;
  readonly volume?: object;
}
/** A plain workload with a Service, to which ConfigMaps are mounted: path to name. */
const pod = (
  name: string,
  port: number,
  { env = {}, args = [], at = {}, image = `docker.io/grafana/${name}:13.0.1`, volume }: Pod,
) =>
  [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace: 'monitoring' },
      spec: {
        selector: { matchLabels: { app: name } },
        template: {
          metadata: { labels: { app: name, 'sidecar.istio.io/inject': 'false' } },
          spec: {
            containers: [
              {
                ...{ name, image, args },
                env: Object.entries(env).map(([key, value]) => ({ name: key, value })),
                volumeMounts: [
                  ...Object.entries(at).map(([mountPath, map]) => ({ name: map, mountPath })),
                  ...(volume ? [{ name: 'data', mountPath: '/var/lib/grafana' }] : []),
                ],
              },
            ],
            volumes: [
              ...Object.values(at).map((map) => ({ name: map, configMap: { name: map } })),
              ...(volume ? [{ name: 'data', ...volume }] : []),
            ],
          },
        },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: 'monitoring' },
      spec: { selector: { app: name }, ports: [{ name: 'http', port }] },
    },
  ]
    .map((one) => JSON.stringify(one))
    .join('\n---\n');

const providers = (path: string) =>
  configMap('providers', {
    'providers.yaml': `apiVersion: 1\nproviders: [{name: mesh, type: file, options: {path: ${path}}}]\n`,
  });
const grafanaAt = (mounted: string, more: Pod = {}) =>
  pod('grafana', 3000, {
    at: { '/etc/grafana/provisioning/dashboards': 'providers', [mounted]: 'mesh' },
    volume: { emptyDir: {} },
    ...more,
  });

describe('dashboards', () => {
  it.each([
    ['the chart’s sidecar', [stack]],
    [
      'a sidecar in the pod',
      [pod('side', 80, { image: 'quay.io/kiwigrid/k8s-sidecar:2.5.0', env: { LABEL: 'grafana_dashboard', NAMESPACE: 'ALL' } })],
    ],
  ])('with one uid twice, by %s', (_, grafana) => {
    const [one, two] = [
      configMap('a', { 'a.json': dashboard('mesh', 'Mesh') }, loaded),
      configMap('b', { 'b.json': dashboard('mesh', 'Other') }, loaded),
    ];
    expect(codes(...grafana, one, two)).toEqual(['OBS010 error']);
    expect(codes(...grafana, one, configMap('b', { 'b.json': dashboard('mesh', 'Mesh') }, loaded))).toEqual(['OBS010 warning']);
    expect(codes(...grafana, one, configMap('b', { 'b.json': dashboard('mesh2', 'Other') }, loaded))).toEqual([]);
    // Nobody loads the second one.
    expect(codes(one, two)).toEqual([]);
  });

  it.each([
    [
      'a comma too many',
      '{"uid": "a", "title": "A", "panels": [],}',
      'the dashboard is no JSON object: it cannot be read at its line 1',
    ],
    ['an end that is missing', '{"uid": "a",\n"title": "A"', 'the dashboard is no JSON object'],
    ['a list', '[]', 'the dashboard is no JSON object: it is a list or a value'],
    ['no title', '{"uid": "a", "panels": []}', 'the dashboard has no title'],
    [
      'what the API exports',
      '{"dashboard": {"title": "A", "panels": []}}',
      'dashboard "A" stands one level down, under "dashboard"',
    ],
  ])('that cannot be loaded: %s', (_, source, message) => {
    const [first, ...others] = said(stack, configMap('a', { 'a.json': source }, loaded));
    expect([first?.code, first?.severity, others]).toEqual(['OBS011', 'error', []]);
    expect(first?.message).toContain(message);
    expect(codes(stack, configMap('a', { 'a.json': source }))).toEqual([]);
  });

  it('in other forms that Grafana or Flux reads are fine', () => {
    const v2 = JSON.stringify({
      apiVersion: 'dashboard.grafana.app/v2',
      kind: 'Dashboard',
      metadata: { name: 'a' },
      spec: { title: 'A' },
    });
    const filled = `{"uid": "b", "title": "B", "refresh": \${refresh}, "panels": []}`;
    expect(codes(stack, configMap('a', { 'a.json': v2, 'b.json': filled, 'c.json.url': 'https://x.test' }, loaded))).toEqual([]);
  });

  it('that link to a uid which none has', () => {
    const link = (url: string) => dashboard('mesh', 'Mesh', { links: [{ url }], panels: [{ type: 'row', links: [{ url }] }] });
    const world = (url: string) => [
      stack,
      configMap('a', { 'a.json': link(url), 'b.json': dashboard('service', 'Service') }, loaded),
    ];
    expect(codes(...world('/d/servcie/x?var-a=b'))).toEqual(['OBS012 warning']);
    expect(said(...world('d/servcie'))[0]?.hint).toBe('did you mean "service"?');
    for (const url of ['/d/service', '/d/service?x=y', 'https://grafana.com/d/servcie', `/d/\${uid}`, '/dashboards/servcie'])
      expect(codes(...world(url))).toEqual([]);
    // A chart's Grafana holds dashboards that the input does not show.
    expect(codes(...world('/d/something-else'))).toEqual([]);
  });

  it.each([
    ['another value', stack, { grafana_dashboard: 'true' }, 'monitoring', 'label it grafana_dashboard: "1"'],
    ['a label misspelt', stack, { grafana_dashbord: '1' }, 'monitoring', 'did you mean grafana_dashboard: "1"?'],
    [
      'a namespace that is not searched',
      release('grafana', { sidecar: { dashboards: { enabled: true } } }),
      loaded,
      'shop',
      'set searchNamespace: ALL, or put the ConfigMap beside Grafana',
    ],
  ])('passed over by the sidecar: %s', (_, grafana, labels, namespace, hint) => {
    const found = said(grafana, configMap('a', { 'a.json': dashboard('a', 'A') }, labels, namespace));
    expect(found.map(({ code, hint }) => [code, hint])).toEqual([['OBS013', hint]]);
  });

  it.each([
    ['the chart’s own defaults', stack, loaded, 'shop'],
    [
      'any value, where the chart asks for none',
      release('grafana', { sidecar: { dashboards: { enabled: true } } }),
      { grafana_dashboard: 'x' },
      'monitoring',
    ],
    ['no label at all: somebody else loads it', stack, {}, 'shop'],
    [
      'values that are not shown',
      stack.replace('"values":', '"valuesFrom":[{"kind":"Secret","name":"v"}],"values":'),
      { grafana_dashboard: 'true' },
      'shop',
    ],
    ['no sidecar', release('grafana'), loaded, 'shop'],
    [
      'the chart’s list of namespaces',
      release('grafana', { sidecar: { dashboards: { enabled: true, searchNamespace: ['a', 'shop'] } } }),
      loaded,
      'shop',
    ],
  ])('are quiet: %s', (_, grafana, labels, namespace) => {
    expect(codes(grafana, configMap('a', { 'a.json': dashboard('a', 'A') }, labels, namespace))).toEqual([]);
  });

  it('mounted where no provider looks', () => {
    const maps = configMap('mesh', { 'a.json': dashboard('a', 'A') });
    const folder = '/var/lib/grafana/dashboards/istio';
    expect(codes(providers(folder), maps, grafanaAt(folder))).toEqual([]);
    expect(codes(providers('/var/lib/grafana/dashboards'), maps, grafanaAt(folder))).toEqual([]);
    const wrong = said(providers(folder), maps, grafanaAt('/var/lib/grafana/dashboard/istio'));
    expect(wrong.map(({ code, hint }) => [code, hint])).toEqual([
      ['OBS014', 'dashboards are mounted at /var/lib/grafana/dashboard/istio: name one path in both places'],
    ]);
    const second = configMap('mesh2', { 'b.json': dashboard('b', 'B') });
    const both = { '/etc/grafana/provisioning/dashboards': 'providers', [folder]: 'mesh', '/opt/more': 'mesh2' };
    expect(codes(providers(folder), maps, second, grafanaAt(folder, { at: both }))).toEqual(['OBS014 warning']);
  });

  it('on a disk, or in an image of one’s own, may be anywhere', () => {
    const at = { '/etc/grafana/provisioning/dashboards': 'providers' };
    const folder = '/var/lib/grafana/dashboards';
    expect(codes(providers(folder), grafanaAt('', { at }))).toEqual(['OBS014 warning']);
    expect(codes(providers(folder), grafanaAt('', { at, volume: { persistentVolumeClaim: { claimName: 'x' } } }))).toEqual([]);
    expect(codes(providers(folder), grafanaAt('', { at, image: 'site.test/our/grafana:1' }))).toEqual([]);
  });
});

const route = (service: string, host: string, port = 3000) =>
  JSON.stringify({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: service, namespace: 'monitoring' },
    spec: {
      ingressClassName: 'nginx',
      rules: [
        {
          host,
          http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: service, port: { number: port } } } }] },
        },
      ],
    },
  });

describe('dashboards in the values of charts', () => {
  const provider = { name: 'mesh', options: { path: '/var/lib/grafana/dashboards/mesh' } };
  const values = (...all: string[]) => ({
    dashboardProviders: { 'dashboardproviders.yaml': { apiVersion: 1, providers: [provider] } },
    dashboards: { mesh: Object.fromEntries(all.map((json, i) => [`d${i}`, { json }])) },
  });
  const linked = dashboard('a', 'A', { links: [{ url: '/d/istio-servise' }] });

  it.each([
    ['grafana', (inner: object) => inner],
    ['kube-prometheus-stack', (inner: object) => ({ grafana: inner })],
  ] as const)('are dashboards of chart %s', (chart, below) => {
    expect(codes(release(chart, below(values(dashboard('same', 'A'), dashboard('same', 'B')))))).toEqual(['OBS010 error']);
    expect(codes(release(chart, below(values(linked, dashboard('istio-service', 'S')))))).toEqual(['OBS012 warning']);
    expect(codes(release(chart, below(values(dashboard('a', 'A'), dashboard('b', 'B')))))).toEqual([]);
  });

  it('stand beside those that its sidecar finds', () => {
    const sidecar = { sidecar: { dashboards: { enabled: true } }, ...values(dashboard('same', 'A')) };
    expect(codes(release('grafana', sidecar), configMap('b', { 'b.json': dashboard('same', 'B') }, loaded))).toEqual([
      'OBS010 error',
    ]);
  });
});

describe('root_url', () => {
  const grafana = (url: string) => pod('grafana', 3000, { env: { GF_SERVER_ROOT_URL: url } });

  it('that is not where Grafana is published', () => {
    expect(codes(grafana('https://grafana.old.test/'), route('grafana', 'grafana.mesh.test'))).toEqual(['OBS015 warning']);
    const values = { grafana: { 'grafana.ini': { server: { root_url: 'https://grafana.old.test/' } } } };
    expect(codes(release('kube-prometheus-stack', values), route('kube-grafana', 'grafana.mesh.test', 80))).toEqual([
      'OBS015 warning',
    ]);
  });

  it.each([
    ['the host', 'https://grafana.mesh.test/', 'grafana.mesh.test'],
    ['a wildcard', 'https://grafana.mesh.test/', '*.mesh.test'],
    ['a variable', '%(protocol)s://%(domain)s/', 'grafana.mesh.test'],
    ['a forwarded port', 'http://localhost:3000/', 'grafana.mesh.test'],
  ])('is quiet: %s', (_, url, host) => {
    expect(codes(grafana(url), route('grafana', host))).toEqual([]);
  });

  it('is quiet where nobody publishes it', () => {
    expect(codes(grafana('https://grafana.old.test/'))).toEqual([]);
  });

  const ini = (...lines: string[]) => [
    pod('grafana', 3000, { at: { '/etc/grafana': 'settings' } }),
    configMap('settings', { 'grafana.ini': lines.join('\n') }),
  ];

  it('is read from grafana.ini too, and the environment wins', () => {
    const [found, ...others] = said(
      ...ini('; root_url = https://grafana.mesh.test/', '[server]', 'root_url = https://grafana.old.test/'),
      route('grafana', 'grafana.mesh.test'),
    );
    expect(others).toEqual([]);
    expect(found).toMatchObject({ code: 'OBS015', object: 'ConfigMap/monitoring/settings' });
    expect(found?.message).toContain('data.grafana.ini: [server] root_url: root_url is https://grafana.old.test/');
    const other = pod('grafana', 3000, {
      at: { '/etc/grafana': 'settings' },
      env: { GF_SERVER_ROOT_URL: 'https://grafana.mesh.test/' },
    });
    const [, file = ''] = ini('[server]', 'root_url = https://grafana.old.test/');
    expect(codes(other, file, route('grafana', 'grafana.mesh.test'))).toEqual([]);
    expect(codes(...ini('[other]', 'root_url = https://grafana.old.test/'), route('grafana', 'grafana.mesh.test'))).toEqual([]);
  });

  it.each([
    ['its ini', { 'grafana.ini': { server: { root_url: 'https://grafana.old.test/' } } }],
    ['its environment', { env: { GF_SERVER_ROOT_URL: 'https://grafana.old.test/' } }],
  ])('is read from the values of chart grafana: %s', (_, values) => {
    const at = (host: string) => route('kube-grafana', host, 80);
    expect(codes(release('grafana', values), at('grafana.mesh.test'))).toEqual(['OBS015 warning']);
    expect(codes(release('grafana', values), at('grafana.old.test'))).toEqual([]);
    expect(codes(release('grafana', { ...values, fullnameOverride: 'pages' }), route('pages', 'grafana.mesh.test', 80))).toEqual([
      'OBS015 warning',
    ]);
  });

  describe('with a path', () => {
    const url = 'https://mesh.test/grafana/';
    const below = (more: object = {}, path = '/grafana') => {
      const made = JSON.parse(route('grafana', 'mesh.test'));
      made.spec.rules[0].http.paths[0].path = path;
      return JSON.stringify({ ...made, metadata: { ...made.metadata, ...more } });
    };
    const told = (env: Record<string, string>) => pod('grafana', 3000, { env: { GF_SERVER_ROOT_URL: url, ...env } });

    it('that comes to a Grafana at its root', () => {
      expect(said(told({}), below())[0]?.message).toContain('serve_from_sub_path is not true');
      expect(codes(told({ GF_SERVER_SERVE_FROM_SUB_PATH: 'false' }), below())).toEqual(['OBS015 warning']);
      expect(codes(...ini('[server]', `root_url = ${url}`), below())).toEqual(['OBS015 warning']);
      const values = { 'grafana.ini': { server: { root_url: url } } };
      const chart = JSON.parse(below());
      chart.spec.rules[0].http.paths[0].backend.service = { name: 'kube-grafana', port: { number: 80 } };
      expect(codes(release('grafana', values), JSON.stringify(chart))).toEqual(['OBS015 warning']);
    });

    it.each([
      ['it serves below it', told({ GF_SERVER_SERVE_FROM_SUB_PATH: 'true' }), below()],
      ['the route cuts it off', told({}), below({ annotations: { 'nginx.ingress.kubernetes.io/rewrite-target': '/$2' } })],
      [
        'a middleware may',
        told({}),
        below({ annotations: { 'traefik.ingress.kubernetes.io/router.middlewares': 'a-b@kubernetescrd' } }),
      ],
      ['somebody before the route does', told({}), below({}, '/')],
    ])('is quiet where %s', (_, grafana, route) => {
      expect(codes(grafana, route)).toEqual([]);
    });
  });
});

describe('the home dashboard', () => {
  const file = '/etc/grafana/dashboards/mesh/mesh.json';
  const maps = configMap('mesh', { 'mesh.json': dashboard('mesh', 'Mesh') });
  const grafana = (path: string, more: object = {}) =>
    pod('grafana', 3000, {
      env: { GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH: path },
      at: { '/etc/grafana/dashboards/mesh': 'mesh' },
      ...more,
    });

  it('is a file that no mount provides', () => {
    const [found, ...others] = said(grafana('/var/lib/grafana/dashboards/mesh.json'), maps);
    expect(others).toEqual([]);
    expect(found).toMatchObject({ code: 'OBS025', severity: 'warning', hint: `did you mean "${file}"?` });
    expect(said(grafana('/etc/none.json'), maps)[0]?.hint).toContain('mount a ConfigMap');
  });

  it.each([
    ['a file that is there', grafana(file)],
    ['one of Grafana’s own', grafana('/usr/share/grafana/public/dashboards/home.json')],
    ['one on a disk', grafana('/var/lib/grafana/home.json', { volume: { persistentVolumeClaim: { claimName: 'x' } } })],
    ['one in an image of one’s own', grafana('/home.json', { image: 'site.test/our/grafana-site:1' })],
    ['one that is filled in', grafana('$__env{HOME_DASHBOARD}')],
  ])('is quiet: %s', (_, pods) => {
    expect(codes(pods, maps)).toEqual([]);
  });
});

describe('Kiali’s external services', () => {
  const open = { GF_AUTH_ANONYMOUS_ENABLED: 'true' };
  const grafana = pod('grafana', 3000, { env: open });
  const internal = 'http://grafana.monitoring:3000';
  const kiali = (external_services: object) => configMap('kiali', { 'config.yaml': JSON.stringify({ external_services }) });
  const resource = (external_services: object) =>
    JSON.stringify({
      apiVersion: 'kiali.io/v1alpha1',
      kind: 'Kiali',
      metadata: { name: 'kiali', namespace: 'monitoring' },
      spec: { external_services },
    });

  it.each([
    'http://grafana.monitoring.svc.cluster.local:3000',
    'http://grafana.monitoring:3000',
    'http://grafana:3000/',
    'http://other.ns.svc:80',
  ])('with a link to a Service of the cluster: %s', (external_url) => {
    for (const form of [kiali, resource]) {
      expect(codes(grafana, form({ grafana: { internal_url: internal, external_url } }))).toEqual(['OBS016 warning']);
      expect(codes(grafana, form({ grafana: { in_cluster_url: internal, url: external_url } }))).toEqual(['OBS016 warning']);
    }
  });

  it('with a link to another host than the one it is published at', () => {
    const world = (external_url: string, host: string) =>
      said(grafana, route('grafana', host), kiali({ grafana: { internal_url: internal, external_url } }));
    const [found] = world('https://grafana.old.test', 'grafana.mesh.test');
    expect(found?.code).toBe('OBS016');
    expect(found?.message).toContain(
      "external_services.grafana.external_url: Kiali's links to grafana lead to grafana.old.test, but it is published as grafana.mesh.test",
    );
    expect(world('https://grafana.mesh.test/x', 'grafana.mesh.test')).toEqual([]);
    expect(world('https://grafana.mesh.test', '*.mesh.test')).toEqual([]);
    expect(said(grafana, kiali({ grafana: { internal_url: internal, external_url: 'https://grafana.old.test' } }))).toEqual([]);
    expect(said(grafana, kiali({ grafana: { internal_url: internal, external_url: 'http://localhost:3000' } }))).toEqual([]);
  });

  it.each([
    [{ grfana: { internal_url: internal } }, 'did you mean "grafana"?'],
    [{ grafana: { internal_ulr: internal } }, 'did you mean "internal_url"?'],
    [{ tracing: { enabled: true, use_gprc: false } }, 'did you mean "use_grpc"?'],
  ])('with a key that is misspelt: %j', (services, hint) => {
    const found = said(grafana, kiali(services));
    expect(found.map(({ code, hint }) => [code, hint])).toEqual([['OBS017', hint]]);
  });

  it('without a login for a Grafana that asks for one', () => {
    const asks = (settings: object = {}) => kiali({ grafana: { internal_url: internal, ...settings } });
    const chart = (values: object) => release('kube-prometheus-stack', { grafana: values });
    const asksChart = kiali({ grafana: { internal_url: 'http://kube-grafana.monitoring' } });
    const ini = (enabled: string) => [
      configMap('ini', { 'grafana.ini': `[auth.anonymous]\nenabled = ${enabled}\n` }),
      pod('grafana', 3000, { at: { '/etc/grafana': 'ini' } }),
    ];
    for (const world of [
      [pod('grafana', 3000, {}), asks()],
      [pod('grafana', 3000, { env: { GF_AUTH_ANONYMOUS_ENABLED: 'false' } }), asks({ auth: { type: 'none' } })],
      [...ini('false'), asks()],
      [chart({}), asksChart],
    ])
      expect(codes(...world)).toEqual(['OBS020 warning']);
    for (const world of [
      [grafana, asks()],
      [pod('grafana', 3000, {}), asks({ auth: { type: 'basic', username: 'kiali', password: 'secret:grafana:password' } })],
      [pod('grafana', 3000, {}), asks({ enabled: false })],
      [pod('grafana', 3000, { env: { GF_AUTH_PROXY_ENABLED: 'true' } }), asks()],
      [...ini('true'), asks()],
      [pod('grafana', 3000, { at: { '/etc/grafana': 'not-shown' } }), asks()],
      [chart({ 'grafana.ini': { 'auth.anonymous': { enabled: true } } }), asksChart],
      [chart({ env: { GF_AUTH_ANONYMOUS_ENABLED: 'true' } }), asksChart],
      [asks()],
    ])
      expect(codes(...world)).toEqual([]);
  });

  it('with old or new keys is fine', () => {
    const services = {
      grafana: { in_cluster_url: internal, some_new_setting: 1 },
      istio: { root_namespace: 'istio-system', component_status: { enabled: true } },
      prometheus: { url: 'http://prometheus:9090', custom_headers: {} },
      perses: { enabled: false },
    };
    expect(codes(grafana, kiali(services))).toEqual([]);
  });
});

describe('rules', () => {
  const rule = (labels: Record<string, string> = {}, namespace = 'monitoring') =>
    JSON.stringify({
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'PrometheusRule',
      metadata: { name: 'mesh', namespace, labels },
      spec: { groups: [{ name: 'mesh', rules: [{ alert: 'Down', expr: 'up == 0' }] }] },
    });
  const prometheus = (spec: object) =>
    JSON.stringify({
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'Prometheus',
      metadata: { name: 'main', namespace: 'monitoring' },
      spec,
    });

  it('that no Prometheus selects', () => {
    expect(said(stack, rule()).map(({ code, hint }) => [code, hint])).toEqual([
      ['OBS018', 'label it release=kube, or widen ruleSelector'],
    ]);
    expect(codes(prometheus({}), rule())).toEqual(['OBS018 warning']);
    expect(codes(prometheus({ ruleSelector: { matchLabels: { team: 'mesh' } } }), rule())).toEqual(['OBS018 warning']);
    expect(codes(prometheus({ ruleSelector: {} }), rule({}, 'shop'))).toEqual(['OBS018 warning']);
  });

  it('that one selects are fine', () => {
    expect(codes(stack, rule({ release: 'kube' }, 'shop'))).toEqual([]);
    expect(
      codes(
        release('kube-prometheus-stack', { prometheus: { prometheusSpec: { ruleSelectorNilUsesHelmValues: false } } }),
        rule(),
      ),
    ).toEqual([]);
    expect(codes(prometheus({ ruleSelector: {}, ruleNamespaceSelector: {} }), rule({}, 'shop'))).toEqual([]);
    expect(codes(rule())).toEqual([]);
    expect(
      codes(
        stack,
        rule(),
        JSON.stringify({
          apiVersion: 'monitoring.coreos.com/v1',
          kind: 'ThanosRuler',
          metadata: { name: 't', namespace: 'monitoring' },
          spec: {},
        }),
      ),
    ).toEqual([]);
  });

  const text = 'groups: [{name: mesh, rules: [{alert: Down, expr: up == 0}]}]';
  const plain = (ruleFiles: readonly string[], files: Record<string, string> = {}) => [
    configMap('prometheus', { 'prometheus.yml': JSON.stringify({ scrape_configs: [], rule_files: ruleFiles }), ...files }),
    pod('prometheus', 9090, {
      image: 'docker.io/prom/prometheus:v3.14.0',
      args: ['--config.file=/etc/config/prometheus.yml'],
      at: { '/etc/config': 'prometheus' },
    }),
  ];

  it.each([
    ['a file that is not there', plain(['/etc/config/rules.yml'])],
    ['a pattern that misses what is there', plain(['/etc/config/*.yaml'], { 'mesh.rules.yml': text })],
    ['a file that no entry names', plain([], { 'mesh.rules.yml': text })],
  ])('in files that are not read: %s', (_, world) => {
    expect(codes(...world)).toEqual(['OBS019 warning']);
  });

  it.each([
    ['named', plain(['/etc/config/mesh.rules.yml'], { 'mesh.rules.yml': text })],
    ['relative', plain(['*.rules.yml'], { 'mesh.rules.yml': text })],
    ['a pattern for what may come', plain(['/etc/config/*.rules.yml'])],
    ['empty files, as the chart has them', plain(['/etc/config/alerts', '/etc/config/rules'], { alerts: '{}\n', rules: '{}\n' })],
    ['no rules', plain([])],
  ])('in files that are read: %s', (_, world) => {
    expect(codes(...world)).toEqual([]);
  });
});
