import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { Endpoint, type Exposed, HelmRelease, type KialiTracing, type MeshLike } from '../constructs/kit/index.ts';
import {
  Grafana,
  Kiali,
  type KialiConfigProps,
  type KialiOpenId,
  KialiOperator,
  type KialiOperatorProps,
  type KialiProps,
  KialiResource,
  type KialiResourceProps,
  Prometheus,
} from '../constructs/observability/index.ts';
import { type Loose, layer, object, objects } from './support/synth.ts';

const mesh: MeshLike = { rootNamespace: 'mesh-root', needsPlaintextRules: false, ingress: undefined, samplingPercent: 100 };
const metrics = Prometheus.fromExisting(Endpoint.external({ protocol: 'http', host: 'prometheus.obs.svc', port: 9090 }));
const dashboards = Grafana.fromExisting({
  internal: Endpoint.external({ protocol: 'http', host: 'grafana.obs.svc', port: 3000 }),
});
const jaeger: KialiTracing = {
  toKialiTracing: () => ({
    provider: 'jaeger',
    useGrpc: true,
    internal: Endpoint.external({ protocol: 'grpc', host: 'tracing.obs.svc', port: 16685, path: '/jaeger' }),
  }),
};
const tempo: KialiTracing = {
  toKialiTracing: () => ({
    provider: 'tempo',
    dataSourceUid: 'tempo',
    internal: Endpoint.external({ protocol: 'http', host: 'tempo.obs.svc', port: 3200 }),
  }),
};
const exposed: Exposed = {
  host: 'grafana.mesh.test',
  page: { name: 'grafana', endpoint: dashboards.internal, path: '/', sidecar: 'never' },
  entry: dashboards.internal,
  url: 'http://grafana.mesh.test',
};

const everyConfig: Required<KialiConfigProps> = {
  mesh,
  metrics,
  tracing: jaeger,
  dashboards,
  dashboardsLogin: { user: 'kiali', password: { secret: 'grafana-kiali', key: 'password' } },
  links: { dashboards: exposed, tracing: 'https://tracing.mesh.test/jaeger' },
  viewOnly: false,
  customDashboards: 'off',
};
const everyOption: Required<KialiProps> = {
  ...everyConfig,
  auth: { token: { secret: 'kiali-signing', key: 'key' } },
  version: 'v2.26',
  image: 'mirror.test/kiali',
  resources: { cpu: '1', memory: '1Gi', memoryLimit: '2Gi' },
};
const everyResourceOption: Required<KialiResourceProps> = {
  ...everyConfig,
  auth: 'token',
  ingress: { className: 'nginx', host: 'kiali.mesh.test' },
  networkPolicy: 'off',
  operator: new KialiOperator(layer('kiali-operator'), 'kiali-operator', { rights: 'all' }),
};

function kiali(props: Partial<KialiProps> = {}) {
  const chart = layer();
  const made = new Kiali(chart, 'kiali', { mesh, metrics, ...props });
  const { template } = object(chart, 'Deployment', 'kiali').spec;
  return {
    chart,
    made,
    template,
    container: template.spec.containers[0],
    config: parse(object(chart, 'ConfigMap', 'kiali').data['config.yaml']),
    rules: object(chart, 'ClusterRole', 'kiali-istio-system').rules as Loose[],
  };
}

function resource(props: Partial<KialiResourceProps> = {}) {
  const chart = layer();
  const made = new KialiResource(chart, 'kiali', { mesh, metrics, ...props });
  return { chart, made, spec: object(chart, 'Kiali', 'kiali').spec };
}

describe('Kiali’s configuration', () => {
  it.each([
    ['least', {}, {}],
    ['most', { ...everyConfig, auth: everyOption.auth }, everyResourceOption],
  ] as const)('says the same to the server and to the operator: %s', (_, plain, operator) => {
    const { spec } = resource(operator);
    const { pod_labels: _pod, ingress: _ingress, network_policy: _policy, ...deployment } = spec.deployment;
    // The operator makes an Ingress of its own: browsers come by that.
    const { web_fqdn: _host, web_schema: _schema, web_port: _port, ...server } = spec.server;
    expect({ ...spec, deployment, server }).toEqual(kiali(plain).config);
  });

  it('takes every address from what it is handed', () => {
    const { config } = kiali(everyOption);
    expect(config.external_services).toEqual({
      custom_dashboards: { enabled: false },
      grafana: {
        enabled: true,
        internal_url: 'http://grafana.obs.svc:3000',
        auth: { type: 'basic', username: 'kiali', password: 'secret:grafana-kiali:password' },
        external_url: 'http://grafana.mesh.test',
        dashboards: [
          { name: 'Istio Mesh Dashboard', variables: { datasource: 'var-datasource' } },
          {
            name: 'Istio Service Dashboard',
            variables: { datasource: 'var-datasource', namespace: 'var-namespace', service: 'var-service' },
          },
          {
            name: 'Istio Workload Dashboard',
            variables: { datasource: 'var-datasource', namespace: 'var-namespace', workload: 'var-workload' },
          },
          { name: 'Istio Performance Dashboard', variables: { datasource: 'var-datasource' } },
          { name: 'Istio Control Plane Dashboard', variables: { datasource: 'var-datasource' } },
        ],
      },
      istio: {
        root_namespace: 'mesh-root',
        component_status: {
          enabled: true,
          components: [{ app_label: 'istiod', is_core: true, is_proxy: false, namespace: 'mesh-root' }],
        },
      },
      prometheus: { url: 'http://prometheus.obs.svc:9090' },
      tracing: {
        enabled: true,
        provider: 'jaeger',
        use_grpc: true,
        internal_url: 'http://tracing.obs.svc:16685/jaeger',
        external_url: 'https://tracing.mesh.test/jaeger',
      },
    });
    expect(config.server).toMatchObject({
      port: 20001,
      web_root: '/kiali',
      observability: { metrics: { enabled: true, port: 9090 } },
    });
  });

  it('names the dashboards that its pages lead to, and no others', () => {
    const titles = [
      'Jaeger',
      'Istio Ztunnel Dashboard',
      'Own',
      'Istio Waypoint Dashboard',
      'Istio Wasm Extension Dashboard',
      'toString',
    ];
    const { config } = kiali({ dashboards: Grafana.fromExisting({ internal: dashboards.internal, titles }) });
    expect(config.external_services.grafana.dashboards).toEqual([
      { name: 'Istio Ztunnel Dashboard', variables: { datasource: 'var-datasource' } },
      { name: 'Istio Wasm Extension Dashboard', variables: { datasource: 'var-datasource' } },
    ]);
  });

  it('switches off what it is not handed', () => {
    const { external_services } = kiali().config;
    expect(external_services.tracing).toEqual({ enabled: false });
    expect(external_services.grafana).toEqual({ enabled: false });
    expect(external_services.custom_dashboards).toEqual({ enabled: true });
  });

  it('asks Tempo by HTTP, and leads to its data source in Grafana', () => {
    expect(kiali({ tracing: tempo }).config.external_services.tracing).toEqual({
      enabled: true,
      provider: 'tempo',
      use_grpc: false,
      internal_url: 'http://tempo.obs.svc:3200',
      tempo_config: { datasource_uid: 'tempo', org_id: '1', url_format: 'grafana' },
    });
    const { external_services } = kiali({ tracing: tempo, dashboards, links: { dashboards: exposed } }).config;
    expect(external_services.grafana.external_url).toBe('http://grafana.mesh.test');
    expect(external_services.tracing).not.toHaveProperty('external_url');
  });

  const streaming = (host: string): KialiTracing => ({
    toKialiTracing: () => ({
      provider: 'tempo',
      dataSourceUid: 'traces',
      internal: Endpoint.external({ protocol: 'http', host: 'tempo.obs.svc', port: 3200 }),
      grpc: Endpoint.external({ protocol: 'grpc', host, port: 9097 }),
    }),
  });

  it('searches Tempo by gRPC at the port of the same host', () => {
    expect(kiali({ tracing: streaming('tempo.obs.svc') }).config.external_services.tracing).toMatchObject({
      use_grpc: true,
      grpc_port: 9097,
      internal_url: 'http://tempo.obs.svc:3200',
      tempo_config: { datasource_uid: 'traces' },
    });
    expect(() => kiali({ tracing: streaming('tempo-grpc.obs.svc') })).toThrow(
      "tracing of 'layer/kiali' is asked at tempo.obs.svc:3200 and by gRPC at tempo-grpc.obs.svc:9097",
    );
  });

  it('links to no Grafana that it does not know, and logs in to none', () => {
    for (const make of [kiali, resource]) {
      expect(() => make({ dashboardsLogin: everyConfig.dashboardsLogin })).toThrow(
        "dashboardsLogin of 'layer/kiali' is for a Grafana that Kiali does not know: hand it over as dashboards",
      );
      expect(() => make({ dashboards, dashboardsLogin: { user: 'a', password: { secret: 'A b', key: 'c' } } })).toThrow(
        'secret of \'layer/kiali\' is "A b"',
      );
      expect(() => make({ tracing: tempo, links: { dashboards: exposed } })).toThrow(
        "links.dashboards of 'layer/kiali' leads to a Grafana that Kiali does not know: hand it over as dashboards",
      );
    }
  });
});

describe('Kiali as a plain workload', () => {
  it('is what istioctl and browsers look for, outside the mesh', () => {
    const { chart, made, template, container } = kiali();
    expect(template.metadata.labels).toMatchObject({ app: 'kiali', 'sidecar.istio.io/inject': 'false' });
    expect(template.metadata.annotations).toMatchObject({ 'prometheus.io/scrape': 'true', 'prometheus.io/port': '9090' });
    expect(object(chart, 'Service', 'kiali').spec.ports).toEqual([
      { name: 'http', port: 20001, targetPort: 20001, appProtocol: 'http' },
      { name: 'http-metrics', port: 9090, targetPort: 9090, appProtocol: 'http' },
    ]);
    expect(made.page).toMatchObject({ name: 'kiali', path: '/kiali', sidecar: 'never' });
    expect(made.page.endpoint.url).toBe('http://kiali.istio-system.svc.cluster.local:20001/kiali');
    for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe'])
      expect(container[probe].httpGet).toEqual({ path: '/kiali/healthz', port: 20001 });
    expect(template.spec.securityContext.runAsUser).toBe(1000);
  });

  it('starts with the configuration that is mounted', () => {
    const { container } = kiali();
    const [program, flag, file] = container.command;
    expect([program, flag]).toEqual(['/opt/kiali/kiali', '-config']);
    expect(file).toBe(`${container.volumeMounts[0].mountPath}/config.yaml`);
    expect(container.env).toContainEqual({
      name: 'ACTIVE_NAMESPACE',
      valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } },
    });
  });

  const writers = (rules: Loose[]) =>
    rules
      .filter((r) => r.verbs.some((v: string) => ['create', 'delete', 'patch', 'update'].includes(v)))
      .flatMap((r) => r.resources);

  it('only looks, by default: in its configuration and in its rights', () => {
    const { config, rules } = kiali();
    expect(config.deployment.view_only_mode).toBe(true);
    expect(writers(rules)).toEqual(['pods/portforward', 'tokenreviews']);
  });

  it('may change Istio objects and mark workloads when it is told to', () => {
    const { config, rules } = kiali({ viewOnly: false });
    expect(config.deployment.view_only_mode).toBe(false);
    const istio = rules.find((r) => r.apiGroups.includes('networking.istio.io'));
    expect(istio.verbs).toEqual(['get', 'list', 'watch', 'create', 'delete', 'patch']);
    expect(rules.find((r) => r.resources.includes('deployments')).verbs).toEqual(['get', 'list', 'watch', 'patch']);
    expect(rules.flatMap((r) => r.resources)).not.toContain('secrets');
  });

  it('lets everybody in by default, and needs no key for that', () => {
    const { config, template } = kiali();
    expect(config.auth).toEqual({ strategy: 'anonymous' });
    expect(JSON.stringify({ config, template })).not.toMatch(/sign/);
  });

  it('takes the key that signs sessions from a Secret, where it looks for it', () => {
    const { config, template, container, rules } = kiali(everyOption);
    expect(config.auth).toEqual({ strategy: 'token' });
    expect(config).not.toHaveProperty('login_token');
    const mount = container.volumeMounts.find((m: Loose) => m.mountPath === '/kiali-override-secrets/login-token-signing-key');
    expect(template.spec.volumes.find((v: Loose) => v.name === mount.name).secret).toEqual({
      secretName: 'kiali-signing',
      items: [{ key: 'key', path: 'value.txt' }],
    });
    // Who logs in writes with the rights of the own token.
    expect(writers(rules)).toEqual(['pods/portforward', 'tokenreviews']);
  });

  it('takes the password for Grafana from a Secret, where it looks for it', () => {
    const { template, container } = kiali(everyOption);
    const mount = container.volumeMounts.find((m: Loose) => m.mountPath === '/kiali-override-secrets/grafana-password');
    expect(template.spec.volumes.find((v: Loose) => v.name === mount.name).secret).toEqual({
      secretName: 'grafana-kiali',
      items: [{ key: 'password', path: 'value.txt' }],
    });
  });

  it('takes every option', () => {
    const { container, template } = kiali(everyOption);
    expect(container.image).toBe('mirror.test/kiali:v2.26');
    expect(template.metadata.labels.version).toBe('v2.26');
    expect(container.resources).toEqual({ requests: { cpu: '1', memory: '1Gi' }, limits: { memory: '2Gi' } });
  });
});

describe('Kiali by its operator', () => {
  it('is one resource, whose page is the operator’s Service', () => {
    const { chart, made, spec } = resource();
    expect(objects(chart).map((o) => `${o.apiVersion} ${o.kind}`)).toEqual(['v1 Namespace', 'kiali.io/v1alpha1 Kiali']);
    expect(made.page.endpoint.service).toEqual({ name: 'kiali', namespace: 'istio-system' });
    expect(made.page).toMatchObject({ name: 'kiali', path: '/kiali', sidecar: 'never' });
    expect(spec.deployment).toMatchObject({
      namespace: 'istio-system',
      instance_name: 'kiali',
      view_only_mode: true,
      pod_labels: { 'sidecar.istio.io/inject': 'false' },
    });
  });

  it('takes every option', () => {
    const { spec } = resource(everyResourceOption);
    expect(spec.auth).toEqual({ strategy: 'token' });
    expect(spec.deployment.view_only_mode).toBe(false);
    expect(spec).not.toHaveProperty('login_token');
    expect(spec.deployment.network_policy).toEqual({ enabled: false });
  });

  it('leaves the operator’s NetworkPolicy and its own Ingress as the operator has them', () => {
    const { spec } = resource();
    expect(spec.deployment).not.toHaveProperty('network_policy');
    expect(spec.deployment).not.toHaveProperty('ingress');
  });

  it('may have an Ingress of the operator, whose class is said where the operator reads it', () => {
    expect(resource(everyResourceOption).spec.deployment.ingress).toEqual({
      enabled: true,
      class_name: 'nginx',
      override_yaml: {
        spec: {
          ingressClassName: 'nginx',
          rules: [
            {
              host: 'kiali.mesh.test',
              http: {
                paths: [{ path: '/kiali', pathType: 'Prefix', backend: { service: { name: 'kiali', port: { number: 20001 } } } }],
              },
            },
          ],
        },
      },
    });
    expect(() => resource({ ingress: { className: 'nginx', host: 'https://kiali' } })).toThrow(
      'ingress host of \'layer/kiali\' is "https://kiali"',
    );
  });

  it.each(['anonymous', 'token', 'header', 'openshift'] as const)('lets people in by %s', (auth) => {
    expect(resource({ auth }).spec.auth).toEqual({ strategy: auth });
  });

  it('lets people in who log in at an identity provider', () => {
    const least = { issuerUrl: 'https://sso.site.example/realms/mesh', clientId: 'kiali' };
    const { spec } = resource({ auth: { openid: least } });
    expect(spec.auth).toEqual({ strategy: 'openid', openid: { issuer_uri: least.issuerUrl, client_id: 'kiali' } });
    expect(spec.deployment).not.toHaveProperty('secret_name');
    const every: Required<KialiOpenId> = {
      ...least,
      clientSecret: { secret: 'kiali-oidc' },
      scopes: ['openid', 'groups'],
      usernameClaim: 'email',
      rights: 'of-kiali',
    };
    const full = resource({ auth: { openid: every } }).spec;
    expect(full.auth.openid).toMatchObject({ scopes: ['openid', 'groups'], username_claim: 'email', disable_rbac: true });
    expect(full.deployment.secret_name).toBe('kiali-oidc');
    for (const [wrong, message] of [
      [{ issuerUrl: 'sso.site.example' }, 'issuerUrl of \'layer/kiali\' is "sso.site.example"'],
      [{ clientId: ' ' }, "clientId of 'layer/kiali' is empty"],
      [{ clientSecret: { secret: 'A' } }, 'clientSecret of \'layer/kiali\' is "A"'],
    ] as const)
      expect(() => resource({ auth: { openid: { ...least, ...wrong } } })).toThrow(message);
  });
});

describe('Kiali’s operator', () => {
  const everyOperatorOption: Required<KialiOperatorProps> = {
    name: 'kiali-op',
    version: '2.28.0',
    source: { kind: 'HelmRepository', name: 'site', namespace: 'flux-system' },
    after: [new HelmRelease(layer('first'), 'first', { chart: 'metallb' })],
    timeout: '5m',
    watches: 'istio-system',
    rights: 'all',
  };
  const release = (props?: KialiOperatorProps) => {
    const chart = layer('kiali-operator');
    new KialiOperator(chart, 'kiali-operator', props);
    return object(chart, 'HelmRelease', props?.name ?? 'kiali-operator').spec;
  };

  it('makes no Kiali by itself, and may hand on rights to look only', () => {
    const { chart, values } = release();
    expect(chart.spec).toMatchObject({ chart: 'kiali-operator', version: '2.29.0' });
    expect(values).toEqual({ cr: { create: false }, onlyViewOnlyMode: true });
  });

  it('takes every option', () => {
    const { chart, values, timeout, dependsOn, releaseName } = release(everyOperatorOption);
    expect(releaseName).toBe('kiali-op');
    expect(dependsOn).toEqual([{ name: 'first', namespace: 'first' }]);
    expect(chart.spec).toMatchObject({ version: '2.28.0', sourceRef: { name: 'site', namespace: 'flux-system' } });
    expect(values).toEqual({ cr: { create: false }, onlyViewOnlyMode: false, watchNamespace: 'istio-system' });
    expect(timeout).toBe('5m');
    expect(() => release({ watches: 'a b' })).toThrow('namespace that \'layer/kiali-operator\' watches is "a b"');
  });

  it('is asked for nothing that it cannot give', () => {
    const operator = (props?: KialiOperatorProps) => new KialiOperator(layer('kiali-operator'), 'kiali-operator', props);
    expect(() => resource({ operator: operator(), viewOnly: false })).toThrow(
      "kiali 'layer/kiali' may change the mesh, but its operator 'layer/kiali-operator' has only rights to look",
    );
    expect(() => resource({ operator: operator({ watches: 'other' }) })).toThrow(
      "stands in 'istio-system', but its operator 'layer/kiali-operator' watches 'other' only",
    );
    expect(() => resource({ operator: operator({ watches: 'istio-system' }) })).not.toThrow();
  });
});
