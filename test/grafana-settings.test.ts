import { App } from 'cdk8s';
import { describe, expect, it } from 'vitest';
import { Endpoint, Layer } from '../constructs/kit/index.ts';
import {
  DashboardConfigMaps,
  Grafana,
  type GrafanaAccess,
  type GrafanaSettings,
  KubePrometheusStack,
  Prometheus,
} from '../constructs/observability/index.ts';
import { type Loose, layer, object } from './support/synth.ts';

const prometheus = Prometheus.fromExisting(Endpoint.external({ protocol: 'http', host: 'prometheus.obs.svc', port: 9090 }));
const adminPassword = { secret: 'grafana-admin', key: 'password' };
const dashboards = [{ uid: 'home', title: 'Home' }];

type Options = GrafanaSettings & { readonly access?: GrafanaAccess };
type Env = Record<string, Loose>;

/** Each form of a Grafana, with its settings as the variables it starts with. */
const forms: Readonly<Record<string, (options: Options) => Env>> = {
  workload: (options) => {
    const chart = layer();
    new Grafana(chart, 'grafana', { sources: [prometheus], dashboards, ...options });
    const { env } = object(chart, 'Deployment', 'grafana').spec.template.spec.containers[0];
    return Object.fromEntries(env.map((one: Loose) => [one.name, one.value]));
  },
  chart: ({ access = { adminPassword }, ...options }) => {
    const chart = layer('monitoring');
    new KubePrometheusStack(chart, 'kube', { access, dashboards, ...options });
    return object(chart, 'HelmRelease', 'kube').spec.values.grafana.env;
  },
};

/** Every setting: a value, what it becomes, and what stands there without it. */
const settings: { readonly [K in keyof Required<GrafanaSettings>]: readonly [GrafanaSettings[K], string, Loose, Loose] } = {
  timeZone: ['Europe/Berlin', 'GF_DATE_FORMATS_DEFAULT_TIMEZONE', 'Europe/Berlin', 'browser'],
  homeDashboard: ['home', 'GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH', expect.stringMatching(/^\/.*\/home\.json$/), undefined],
};

describe.each(Object.entries(forms))('the settings of a Grafana: %s', (_, env) => {
  it.each(Object.entries(settings))('%s', (name, [value, variable, becomes, otherwise]) => {
    expect(env({ [name]: value })[variable]).toEqual(becomes);
    expect(env({})[variable]).toEqual(otherwise);
  });

  it('knows UTC by a word of its own', () => {
    expect(env({ timeZone: 'utc' }).GF_DATE_FORMATS_DEFAULT_TIMEZONE).toBe('UTC');
  });

  it('refuses what is no time zone', () => {
    // @ts-expect-error neither a word of ours nor a name of the IANA database
    expect(() => env({ timeZone: 'CEST' })).toThrow(
      /timeZone of .* is "CEST": allowed are 'browser', 'utc' and names of the IANA database, 'Europe\/Berlin'/,
    );
    expect(() => env({ timeZone: 'Europe/ Berlin' })).toThrow(/allowed are/);
  });

  it('keeps the login form unless it is told to hide it', () => {
    const access = { anonymous: 'Viewer', adminPassword } as const;
    expect(env({ access })).not.toHaveProperty('GF_AUTH_DISABLE_LOGIN_FORM');
    expect(env({ access: { ...access, loginForm: 'shown' } })).not.toHaveProperty('GF_AUTH_DISABLE_LOGIN_FORM');
    expect(env({ access: { ...access, loginForm: 'hidden' } }).GF_AUTH_DISABLE_LOGIN_FORM).toBe('true');
  });
});

it('a login form that is hidden from the only people who get in does not compile', () => {
  // @ts-expect-error nobody could look then
  const nobody: GrafanaAccess = { adminPassword, loginForm: 'hidden' };
  // @ts-expect-error there is nobody to log in
  const pointless: GrafanaAccess = { anonymous: 'Viewer', loginForm: 'shown' };
  expect([nobody, pointless]).toHaveLength(2);
});

describe('the home dashboard', () => {
  it('is a file that the pod really has', () => {
    const chart = layer();
    new Grafana(chart, 'grafana', { sources: [prometheus], dashboards, homeDashboard: 'home' });
    const { env, volumeMounts } = object(chart, 'Deployment', 'grafana').spec.template.spec.containers[0];
    const file: string = env.find((one: Loose) => one.name === 'GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH').value;
    const mount = volumeMounts.find((one: Loose) => file.startsWith(`${one.mountPath}/`) && one.mountPath !== '/');
    const { data } = object(chart, 'ConfigMap', 'grafana-dashboard-home');
    expect(data).toHaveProperty([file.slice(mount.mountPath.length + 1)]);
  });

  it('must be one of its dashboards', () => {
    expect(() => new Grafana(layer(), 'grafana', { sources: [prometheus], dashboards, homeDashboard: 'hmoe' })).toThrow(
      `homeDashboard of 'layer/grafana' is "hmoe", but none of its dashboards has this uid: did you mean "home"?`,
    );
  });

  it('of the chart may come with a later layer, but must come', () => {
    const app = new App();
    const kube = new KubePrometheusStack(new Layer(app, 'watch', { namespace: 'monitoring' }), 'kube', {
      access: { adminPassword },
      dashboards,
      homeDashboard: 'later',
    });
    expect(kube.node.validate()).toEqual([
      "homeDashboard of 'watch/kube' is 'later', but none of its dashboards has this uid: give it the dashboard too; there is home",
    ]);
    new DashboardConfigMaps(new Layer(app, 'more', { namespace: 'more' }), 'dashboards', {
      for: kube.grafana,
      dashboards: [{ uid: 'later', title: 'Later' }],
    });
    expect(kube.node.validate()).toEqual([]);
  });
});
