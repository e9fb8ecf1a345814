import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type DataSource, Endpoint, type GrafanaSource } from '../constructs/kit/index.ts';
import { Grafana, type GrafanaAccess, type GrafanaProps, istioDashboards } from '../constructs/observability/index.ts';
import { type Loose, layer, object, objects } from './support/synth.ts';

function source(type: DataSource['type'], more: Partial<DataSource> = {}): GrafanaSource {
  return { toDataSource: () => ({ name: type, uid: type, type, url: `http://${type}.test:80`, ...more }) };
}

const everyOption: Required<GrafanaProps> = {
  sources: [source('jaeger'), source('prometheus')],
  dashboards: [{ uid: 'Own_1', title: 'Own dashboard' }],
  access: { adminPassword: { secret: 'grafana-admin', key: 'password' } },
  timeZone: 'utc',
  homeDashboard: 'Own_1',
  version: '12.4.0',
  image: 'mirror.test/grafana',
  resources: { cpu: '1', memory: '1Gi', memoryLimit: '2Gi' },
};

function grafana(props: Partial<GrafanaProps> = {}) {
  const chart = layer();
  const made = new Grafana(chart, 'grafana', { sources: [source('prometheus')], ...props });
  const config = object(chart, 'ConfigMap', 'grafana').data;
  const { template } = object(chart, 'Deployment', 'grafana').spec;
  const container = template.spec.containers[0];
  const env = new Map<string, Loose>(container.env.map((e: Loose) => [e.name, e.value ?? e.valueFrom]));
  return {
    chart,
    made,
    template,
    container,
    env,
    dataSources: parse(config['datasources.yaml']),
    providers: parse(config['dashboardproviders.yaml']),
  };
}

describe('Grafana', () => {
  it('is what istioctl and Kiali look for, outside the mesh', () => {
    const { chart, made, template, container } = grafana();
    expect(template.metadata.labels).toMatchObject({
      'app.kubernetes.io/name': 'grafana',
      'sidecar.istio.io/inject': 'false',
    });
    expect(template.spec.securityContext.runAsUser).toBe(472);
    expect(object(chart, 'Service', 'grafana').spec.ports).toEqual([
      { name: 'http', port: 3000, targetPort: 3000, appProtocol: 'http' },
    ]);
    expect(made.internal.url).toBe('http://grafana.istio-system.svc.cluster.local:3000');
    expect(made.page).toMatchObject({ name: 'grafana', path: '/', sidecar: 'never' });
    expect(container.readinessProbe.httpGet).toEqual({ path: '/api/health', port: 3000 });
  });

  it('may write to its data, its logs and the plugins’ sockets only', () => {
    const { container, template } = grafana();
    expect(container.securityContext.readOnlyRootFilesystem).toBe(true);
    const scratch = template.spec.volumes.filter((v: Loose) => v.emptyDir).map((v: Loose) => v.name);
    const paths = container.volumeMounts.filter((m: Loose) => scratch.includes(m.name)).map((m: Loose) => m.mountPath);
    expect(paths.sort()).toEqual(['/tmp', '/var/lib/grafana', '/var/log/grafana']);
  });

  it('fetches nothing and reports nothing', () => {
    const { env } = grafana();
    for (const name of [
      'GF_ANALYTICS_REPORTING_ENABLED',
      'GF_ANALYTICS_CHECK_FOR_UPDATES',
      'GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES',
      'GF_NEWS_NEWS_FEED_ENABLED',
    ])
      expect([name, env.get(name)]).toEqual([name, 'false']);
    expect(env.get('GF_PLUGINS_PREINSTALL_DISABLED')).toBe('true');
  });
});

describe('data sources', () => {
  it('are provisioned, the first source of metrics being the default', () => {
    const { dataSources, container } = grafana({
      sources: [source('jaeger'), source('prometheus'), source('prometheus', { uid: 'p2', name: 'P2' })],
    });
    expect(dataSources.apiVersion).toBe(1);
    expect(dataSources.datasources).toEqual([
      {
        name: 'jaeger',
        uid: 'jaeger',
        type: 'jaeger',
        access: 'proxy',
        url: 'http://jaeger.test:80',
        isDefault: false,
        editable: false,
      },
      {
        name: 'prometheus',
        uid: 'prometheus',
        type: 'prometheus',
        access: 'proxy',
        url: 'http://prometheus.test:80',
        isDefault: true,
        editable: false,
      },
      {
        name: 'P2',
        uid: 'p2',
        type: 'prometheus',
        access: 'proxy',
        url: 'http://prometheus.test:80',
        isDefault: false,
        editable: false,
      },
    ]);
    expect(container.volumeMounts).toContainEqual({
      name: 'config-grafana',
      mountPath: '/etc/grafana/provisioning/datasources/datasources.yaml',
      subPath: 'datasources.yaml',
      readOnly: true,
    });
  });

  it('keep their dollar signs through Grafana’s own substitution, at any depth', () => {
    const { dataSources } = grafana({
      sources: [
        source('tempo', { url: 'http://t/$x', jsonData: { query: `a\${__span.tags}$b`, deep: [{ n: 1, s: '$$' }, null, true] } }),
      ],
    });
    expect(dataSources.datasources[0]).toMatchObject({
      url: 'http://t/$$x',
      isDefault: true,
      jsonData: { query: `a$\${__span.tags}$$b`, deep: [{ n: 1, s: '$$$$' }, null, true] },
    });
  });

  it.each([
    ['uid', source('loki', { uid: 'prometheus' })],
    ['name', source('loki', { name: 'prometheus' })],
  ])('with one %s twice are refused', (key, twin) => {
    expect(() => grafana({ sources: [source('prometheus'), twin] })).toThrow(
      `data sources http://prometheus.test:80 and http://loki.test:80 of 'layer/grafana' have the same ${key} 'prometheus': keep one, or hand one over under another ${key}`,
    );
  });
});

describe('dashboards', () => {
  it('are provisioned as files, one ConfigMap each, below the folder that Grafana watches', () => {
    const { chart, made, providers, container, template } = grafana();
    const watched = providers.providers[0].options.path;
    for (const { uid, title } of istioDashboards()) {
      const { data } = object(chart, 'ConfigMap', `grafana-dashboard-${uid}`);
      expect(JSON.parse(data[`${uid}.json`])).toMatchObject({ uid, title });
      const { name } = container.volumeMounts.find((m: Loose) => m.mountPath === `${watched}/${uid}`);
      expect(template.spec.volumes).toContainEqual({ name, configMap: { name: `grafana-dashboard-${uid}` } });
    }
    expect(made.titles).toEqual(istioDashboards().map(({ title }) => title));
  });

  it('can be built with Grafana’s SDK', () => {
    const built: Dashboard = { uid: 'sdk', title: 'Built', schemaVersion: 42, templating: {}, annotations: {} };
    const { chart } = grafana({ dashboards: [built] });
    expect(JSON.parse(object(chart, 'ConfigMap', 'grafana-dashboard-sdk').data['sdk.json'])).toEqual(built);
  });

  it('can be others', () => {
    const { chart, made } = grafana(everyOption);
    expect(
      objects(chart)
        .filter((o) => o.kind === 'ConfigMap')
        .map((o) => o.metadata.name),
    ).toEqual(['grafana', 'grafana-dashboard-own-1']);
    expect(made.titles).toEqual(['Own dashboard']);
  });

  it.each([
    [
      [
        { uid: 'a', title: 'One' },
        { uid: 'A', title: 'Two' },
      ],
      "dashboards 'One' and 'Two' of 'layer/grafana' have the same uid 'A'",
    ],
    [[{ title: 'One' }], "dashboard 'One' of 'layer/grafana' has the uid undefined"],
    [[{ uid: 'a b', title: 'One' }], 'has the uid "a b": allowed are 1 to 40'],
    [[{ uid: 'a' }], 'a dashboard of \'layer/grafana\' (uid "a") has no title'],
    [[{ uid: 'a', title: 'One', description: 'x'.repeat(1024 * 1024) }], "dashboard 'One' of 'layer/grafana' has 10486"],
  ])('are refused: %#', (dashboards, message) => {
    expect(() => grafana({ dashboards })).toThrow(message);
  });
});

describe('access', () => {
  const settings = (access?: GrafanaAccess) => {
    const { env } = grafana(access ? { access } : {});
    return Object.fromEntries([...env].filter(([name]) => /^GF_(AUTH|SECURITY|USERS)_(?!DISABLE_GRAVATAR)/.test(name)));
  };
  const password = { secret: 'grafana-admin', key: 'password' };
  const nobody = {
    GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION: 'true',
    GF_AUTH_BASIC_ENABLED: 'false',
    GF_AUTH_DISABLE_LOGIN_FORM: 'true',
  };
  const secret = { secretKeyRef: { name: 'grafana-admin', key: 'password' } };

  it('is for everybody to look, and there is no admin with a default password', () => {
    expect(settings()).toEqual({
      GF_AUTH_ANONYMOUS_ENABLED: 'true',
      GF_AUTH_ANONYMOUS_ORG_ROLE: 'Viewer',
      GF_USERS_VIEWERS_CAN_EDIT: 'true',
      ...nobody,
    });
  });

  it('lets everybody into Explore, where the links to traces and logs lead', () => {
    expect(settings()).toMatchObject({ GF_USERS_VIEWERS_CAN_EDIT: 'true' });
    expect(settings({ anonymous: 'Editor' })).not.toHaveProperty('GF_USERS_VIEWERS_CAN_EDIT');
    expect(settings({ adminPassword: password })).not.toHaveProperty('GF_USERS_VIEWERS_CAN_EDIT');
  });

  it('can give everybody another role', () => {
    expect(settings({ anonymous: 'Admin' })).toMatchObject({ GF_AUTH_ANONYMOUS_ORG_ROLE: 'Admin', ...nobody });
  });

  it('can be by login only, with a password from a Secret', () => {
    expect(settings({ adminPassword: password })).toEqual({
      GF_AUTH_ANONYMOUS_ENABLED: 'false',
      GF_SECURITY_ADMIN_PASSWORD: secret,
    });
  });

  it('can be both', () => {
    expect(settings({ anonymous: 'Viewer', adminPassword: password })).toEqual({
      GF_AUTH_ANONYMOUS_ENABLED: 'true',
      GF_AUTH_ANONYMOUS_ORG_ROLE: 'Viewer',
      GF_USERS_VIEWERS_CAN_EDIT: 'true',
      GF_SECURITY_ADMIN_PASSWORD: secret,
    });
  });

  it('is never for nobody', () => {
    // @ts-expect-error neither anonymous nor a password
    const none: GrafanaAccess = {};
    expect(none).toEqual({});
  });
});

it('takes every option', () => {
  const { container, template, env, dataSources } = grafana(everyOption);
  expect(container.image).toBe('mirror.test/grafana:12.4.0');
  expect(template.metadata.labels.version).toBe('12.4.0');
  expect(container.resources).toEqual({ requests: { cpu: '1', memory: '1Gi' }, limits: { memory: '2Gi' } });
  expect(env.get('GF_SECURITY_ADMIN_PASSWORD')).toBeDefined();
  expect(env.get('GF_DATE_FORMATS_DEFAULT_TIMEZONE')).toBe('UTC');
  expect(env.get('GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH')).toBe('/etc/grafana/dashboards/Own_1/Own_1.json');
  expect(dataSources.datasources.map((d: Loose) => d.isDefault)).toEqual([false, true]);
});

it('an existing Grafana needs its address only', () => {
  const internal = Endpoint.external({ protocol: 'http', host: 'grafana.monitoring.svc', port: 80 });
  expect(Grafana.fromExisting({ internal })).toEqual({ internal, titles: istioDashboards().map((d) => d.title) });
  expect(Grafana.fromExisting({ internal, titles: ['Own'] }).titles).toEqual(['Own']);
});
