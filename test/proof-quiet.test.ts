import { describe, expect, it } from 'vitest';
import { findingsIn, type Repository } from './proof-flux-world.ts';
import { findingsOf, goodMesh, replaced } from './proof-world.ts';

const app = `
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{name: http, port: 80}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web, version: v1}}
    spec: {containers: [{name: web, image: web}]}
---
`;
const route = (destination: string, more = '') =>
  `apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: way, namespace: shop}\nspec: {hosts: [a.test], ${more} http: [{route: [{destination: ${destination}}]}]}\n`;
const meshConfigMap = (mesh: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio, namespace: istio-system}\ndata:\n  mesh: |-\n${mesh.replace(/^/gm, '    ')}\n`;
const telemetry = (name: string) =>
  `---\napiVersion: telemetry.istio.io/v1\nkind: Telemetry\nmetadata: {name: mesh, namespace: istio-system}\nspec: {tracing: [{providers: [{name: ${name}}]}]}\n`;
const operator = (spec: string) =>
  `apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nmetadata: {name: i, namespace: istio-system}\nspec: ${spec}\n`;
const gateway = (selector: string) =>
  `---\napiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: front, namespace: shop}\nspec:\n  selector: ${selector}\n  servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ['*']}]\n`;

const ownGateway =
  'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: gw, namespace: shop}\nspec:\n  selector: {matchLabels: {istio: team}}\n  template:\n    metadata: {labels: {istio: team}, annotations: {inject.istio.io/templates: gateway}}\n    spec: {containers: [{name: istio-proxy, image: auto}]}\n';
const tlsGateway = (name: string, port: number) =>
  `apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: ${name}, namespace: ${name}}\nspec:\n  selector: {istio: mine}\n  servers: [{port: {number: ${port}, name: https, protocol: HTTPS}, hosts: [a.test], tls: {mode: SIMPLE, credentialName: ${name}}}]\n`;

describe('what the input does not show is not called wrong', () => {
  it.each([
    ['a route alone', route('{host: nobody, subset: v9, port: {number: 1}}')],
    ['a namespace that the input says nothing of', app + route('{host: other.elsewhere.svc.cluster.local}')],
    ['a Gateway of a namespace that the input says nothing of', app + route('{host: web}', 'gateways: [edge/public, mesh],')],
    ['a host outside the cluster', app + route('{host: api.example.com}')],
    [
      'a ServiceEntry by wildcard',
      `${app}${route('{host: eu.example.com}')}---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: e, namespace: shop}\nspec: {hosts: ['*.example.com'], ports: [{number: 443, name: tls, protocol: TLS}]}\n`,
    ],
    [
      'a Service that ServiceEntry stands in for',
      `${app}${route('{host: db.shop.svc.cluster.local}')}---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: e, namespace: shop}\nspec: {hosts: [db.shop.svc.cluster.local], ports: [{number: 443, name: tls, protocol: TLS}], resolution: STATIC}\n`,
    ],
    ['another cluster domain', app + route('{host: web.shop.svc.corp.example}')],
    [
      'a wildcard DestinationRule',
      `${app}apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: all, namespace: shop}\nspec: {host: '*.shop.svc.cluster.local', trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}\n`,
    ],
    [
      'an ExternalName Service without ports',
      `${app}apiVersion: v1\nkind: Service\nmetadata: {name: db, namespace: shop}\nspec: {type: ExternalName, externalName: db.example.com}\n---\n${route('{host: db, port: {number: 5432}}')}`,
    ],
    [
      'a Service with endpoints by hand',
      `${app}apiVersion: v1\nkind: Service\nmetadata: {name: db, namespace: shop}\nspec: {ports: [{port: 5432}]}\n`,
    ],
    [
      'several ports and no port named, one being the gateway’s',
      `${app.replace('[{name: http, port: 80}]', '[{name: http, port: 80}, {name: metrics, port: 9090}]')}${route('{host: web}', 'gateways: [front],')}${gateway('{istio: custom}')}`,
    ],
    [
      'a chart that fills the namespace',
      `${app}apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: redis, namespace: shop}\nspec: {interval: 1h, chart: {spec: {chart: redis, sourceRef: {kind: HelmRepository, name: r}}}}\n---\n${route('{host: redis-master}')}`,
    ],
    [
      'a Service that an unknown operator makes',
      `${app}apiVersion: kafka.strimzi.io/v1beta2\nkind: Kafka\nmetadata: {name: orders, namespace: shop}\nspec: {}\n---\n${route('{host: orders-kafka-bootstrap}')}`,
    ],
    [
      'istiod, installed elsewhere',
      `${app.replaceAll('shop', 'istio-system')}${route('{host: istiod.istio-system.svc.cluster.local, port: {number: 15014}}')}`,
    ],
    ['a Gateway whose pods are installed elsewhere', app + gateway('{istio: ingressgateway}').slice(4)],
    [
      'a Service for gateway pods installed elsewhere',
      `${app}apiVersion: v1\nkind: Service\nmetadata: {name: edge, namespace: shop}\nspec: {selector: {istio: ingressgateway}, ports: [{port: 80}]}\n`,
    ],
    [
      'subsets by region, which no pod template states',
      `${app}apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: d, namespace: shop}\nspec: {host: web, subsets: [{name: west, labels: {version: v1, topology.kubernetes.io/region: us-west-1}}]}\n`,
    ],
    [
      'values that are filled in later',
      'apiVersion: v1\nkind: Service\nmetadata: {name: "$@name}", namespace: shop}\nspec: {ports: [{port: "$@port}"}]}\n'.replaceAll(
        '@',
        '{',
      ),
    ],
    [
      'fields of the experimental channel',
      `${app}apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: r, namespace: shop}\nspec: {rules: [{retry: {attempts: 3}, backendRefs: [{name: web, port: 80}]}]}\n`,
    ],
    [
      'a Secret, an optional ConfigMap, the default account',
      `${app
        .replace(
          'image: web}',
          'image: web, envFrom: [{secretRef: {name: keys}}, {configMapRef: {name: maybe, optional: true}}]}',
        )
        .replace(
          'spec: {containers',
          'spec: {serviceAccountName: default, volumes: [{name: ca, configMap: {name: istio-ca-root-cert}}], containers',
        )}`,
    ],
    [
      'nulls of custom resources, which the API server drops',
      `${app}apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: way, namespace: shop}\nspec:\n  hosts: [a.test]\n  gateways:\n  http: [{match:, timeout: null, route: [{destination: {host: web}, weight: null}]}]\n---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: web, namespace: shop}\nspec: {host: web, subsets:, trafficPolicy: null}\n`,
    ],
    [
      'a Gateway installed elsewhere, in a namespace with one Service',
      `${app}apiVersion: v1\nkind: Service\nmetadata: {name: extra, namespace: istio-system}\nspec: {ports: [{port: 80}]}\n---\n${route('{host: web}', 'gateways: [istio-system/main-gateway],')}`,
    ],
    ['a shared gateway beside one of its own', `${ownGateway}${gateway('{istio: ingressgateway}')}`],
    [
      'the ingress gateway beside Istio’s egress gateway',
      `${operator('{profile: minimal, components: {egressGateways: [{name: istio-egressgateway, enabled: true}]}}')}${gateway('{istio: ingressgateway}')}`,
    ],
    [
      'a lone Job and a machine in a namespace whose Services are elsewhere',
      `apiVersion: batch/v1\nkind: Job\nmetadata: {name: load, namespace: shop}\nspec: {template: {spec: {restartPolicy: Never, containers: [{name: load, image: load}]}}}\n---\napiVersion: networking.istio.io/v1\nkind: WorkloadGroup\nmetadata: {name: vm, namespace: shop}\nspec: {template: {}}\n---\n${route('{host: web}')}`,
    ],
    [
      'the Services of the Prometheus operator’s pods',
      `${app}apiVersion: monitoring.coreos.com/v1\nkind: Prometheus\nmetadata: {name: k8s, namespace: shop}\nspec: {}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: prometheus-k8s, namespace: shop}\nspec: {selector: {app.kubernetes.io/instance: k8s, app.kubernetes.io/name: prometheus}, ports: [{port: 9090}]}\n`,
    ],
    [
      'one host over plain HTTP in two Gateways, and over TLS on ports of their own',
      `${tlsGateway('a', 443)}---\n${tlsGateway('b', 8443)}${gateway('{istio: mine}')}${gateway('{istio: mine}').replace('front', 'back')}`,
    ],
  ])('%s', (_, text) => {
    expect(findingsOf(text)).toEqual([]);
  });
});

describe('providers and mesh configs that are right', () => {
  it.each([
    ['a Telemetry without a mesh config', telemetry('anything').slice(4)],
    ['a built-in provider', meshConfigMap('enableTracing: true') + telemetry('envoy').replace('tracing:', 'accessLogging:')],
    ['providers of the demo profile', operator('{profile: demo}') + telemetry('jaeger')],
    [
      'providers that the demo profile writes for addons that are not there',
      `${meshConfigMap('extensionProviders:\n- skywalking: {port: 11800, service: tracing.istio-system.svc.cluster.local}\n  name: skywalking\n- name: jaeger\n  opentelemetry: {port: 4317, service: jaeger-collector.istio-system.svc.cluster.local}')}---\napiVersion: v1\nkind: Service\nmetadata: {name: tracing, namespace: istio-system}\nspec: {selector: {app: jaeger}, ports: [{name: http-query, port: 80}]}\n`,
    ],
    [
      'a provider in an unshown namespace',
      operator(
        '{meshConfig: {extensionProviders: [{name: sw, skywalking: {service: tracing.istio-system.svc.cluster.local, port: 11800}}]}}',
      ) + telemetry('sw'),
    ],
    [
      'a provider by namespace and host',
      `${app}${operator('{meshConfig: {extensionProviders: [{name: z, zipkin: {service: shop/web.shop.svc.cluster.local, port: 80}}]}}')}${telemetry('z')}`,
    ],
    [
      'a gateway-only file',
      `${operator('{profile: empty, components: {ingressGateways: [{name: gw, enabled: true}]}}')}${telemetry('x')}`,
    ],
    [
      'values from elsewhere',
      `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: istiod, namespace: istio-system}\nspec: {interval: 1h, chart: {spec: {chart: istiod, sourceRef: {kind: HelmRepository, name: i}}}, valuesFrom: [{kind: ConfigMap, name: v}]}\n${telemetry('x')}`,
    ],
    [
      'the legacy address alone',
      meshConfigMap(
        'enableTracing: true\nrootNamespace: null\ndefaultConfig:\n  tracing:\n    sampling: 50\n    zipkin: {address: "jaeger-collector.istio-system.svc.cluster.local:9411"}',
      ),
    ],
    [
      'numbers as text, old fields',
      meshConfigMap(
        'defaultConfig: {concurrency: "2", parentShutdownDuration: 1m, tracing: {sampling: "100"}}\nenableSdsTokenMount: true\nproxyListenPort: "15001"',
      ),
    ],
    ['free keys', meshConfigMap('defaultConfig: {proxyMetadata: {ISTIO_META_DNS_CAPTURE: "true", my_own_key: x}}')],
    [
      'environment variables in addresses',
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: g, namespace: a}\ndata:\n  d.yaml: |\n    apiVersion: 1\n    datasources: [{name: P, type: prometheus, url: "http://$PROM_HOST:9090"}, {name: J, type: jaeger, url: "$JAEGER"}]\n',
    ],
    ['profiles from a file, from an address, and of ambient', operator('{profile: ./my/profile.yaml}')],
    ['a profile of its own', operator('{profile: openshift-ambient, revision: 1-30-3}')],
    ['no default providers at all', operator('{meshConfig: {enableTracing: true}}')],
  ])('%s', (_, text) => {
    expect(findingsOf(text)).toEqual([]);
  });

  it('a tracing default without metrics: a warning in a ConfigMap, an info where the chart helps', () => {
    const mesh =
      'defaultProviders: {tracing: [z]}\nextensionProviders: [{name: z, zipkin: {service: z.tracing.svc.cluster.local, port: 9411}}]';
    expect(findingsOf(meshConfigMap(mesh))).toMatchObject([{ code: 'TRC005', severity: 'warning', line: 6 }]);
    expect(findingsOf(operator(`{meshConfig: {${mesh.replace('\n', ', ')}}}`))).toMatchObject([
      { code: 'TRC005', severity: 'info' },
    ]);
  });
});

describe('what is only worth a warning in files', () => {
  const sources = (url: string) =>
    `${app}apiVersion: v1\nkind: ConfigMap\nmetadata: {name: g, namespace: shop}\ndata:\n  d.yaml: |\n    apiVersion: 1\n    datasources: [{name: L, type: loki, url: "${url}"}]\n`;
  it('a data source for something that may be installed apart', () => {
    expect(findingsOf(sources('http://loki:3100'))).toMatchObject([{ code: 'REF008', severity: 'warning' }]);
    expect(findingsOf(sources('http://webb'))).toMatchObject([
      { code: 'REF008', severity: 'error', hint: 'did you mean "web"?' },
    ]);
  });

  it('a Gateway unlike those beside it', () => {
    const text = app + route('{host: web}', 'gateways: [main-gateway],') + gateway('{istio: custom}');
    expect(findingsOf(text)).toMatchObject([{ code: 'REF003', severity: 'warning' }]);
    expect(findingsOf(text.replace('main-gateway', 'frnt'))).toMatchObject([{ code: 'REF003', severity: 'error' }]);
  });

  it('a ServiceEntry that is not exported to the route’s namespace does not count', () => {
    const entry = `apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: e, namespace: other}\nspec: {exportTo: ['.'], hosts: ['*'], ports: [{number: 443, name: tls, protocol: TLS}]}\n`;
    expect(findingsOf(`${app}${route('{host: wob}')}---\n${entry}`)).toMatchObject([{ code: 'REF001', severity: 'error' }]);
  });
});

describe('gateways of every install', () => {
  const chart = (name: string, values = '{}') =>
    `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: ${name}, namespace: ingress}\nspec: {interval: 1h, chart: {spec: {chart: gateway, sourceRef: {kind: HelmRepository, name: istio}}}, values: ${values}}\n`;
  const pods = (template: string) =>
    `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: gw, namespace: edge}\nspec:\n  selector: {matchLabels: {istio: edge}}\n  template:\n    metadata: {labels: {istio: edge}, annotations: {inject.istio.io/templates: ${template}}}\n    spec: {containers: [{name: istio-proxy, image: auto}]}\n`;
  it.each([
    ['istioctl', operator('{}'), 'ingressgateway'],
    [
      'istioctl, own label',
      operator('{components: {ingressGateways: [{name: gw, enabled: true, label: {istio: mine}}]}}'),
      'mine',
    ],
    ['the chart', chart('istio-ingress'), 'ingress'],
    ['the chart, own label', chart('istio-ingress', '{labels: {istio: mine}}'), 'mine'],
    ['by hand', pods('gateway'), 'edge'],
  ])('%s', (_, install, label) => {
    expect(findingsOf(install + gateway(`{istio: ${label}}`))).toEqual([]);
    expect(findingsOf(install + gateway(`{istio: ${label}s}`))).toMatchObject([
      { code: 'REF007', object: 'Gateway/shop/front', line: expect.any(Number) },
    ]);
  });
});

describe('spellings that mean the same', () => {
  it.each([
    [
      'an older API version',
      'apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: shop',
      'apiVersion: networking.istio.io/v1beta1\nkind: VirtualService\nmetadata: {name: shop',
    ],
    ['a gateway with its namespace', 'gateways: [front, mesh]', 'gateways: [shop/front, mesh]'],
    ['Kiali’s old key', 'internal_url:', 'in_cluster_url:'],
    [
      'Kiali’s tracing switched off',
      "tracing: {enabled: true, internal_url: 'http://tracing.observability:16685/jaeger'}",
      "tracing: {enabled: false, internal_url: 'http://gone.observability:1'}",
    ],
    ['a trailing dot', 'http://tracing.observability/jaeger', 'http://tracing.observability.svc.cluster.local./jaeger'],
  ])('%s', (_, part, by) => {
    expect(findingsOf(replaced(goodMesh, part, by))).toEqual([]);
  });
});

describe('repositories that Flux and kustomize apply', () => {
  const part = (kind: string, name: string, more = '') => `apiVersion: v1\nkind: ${kind}\nmetadata: {name: '${name}'}\n${more}`;
  const kustomization = (kind: string, more: string) => `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: ${kind}\n${more}\n`;
  const database = (namespace: string) =>
    `apiVersion: postgresql.cnpg.io/v1\nkind: Cluster\nmetadata: {name: orders, namespace: ${namespace}}\nspec: {instances: 3}\n`;

  it.each<readonly [what: string, files: Repository]>([
    [
      'Namespaces that kustomize names',
      {
        'apps/web/namespace.yaml': part('Namespace', '_'),
        'apps/web/kustomization.yaml': kustomization('Kustomization', 'namespace: web\nresources: [namespace.yaml]'),
        'apps/data/namespace.yaml': part('Namespace', '_'),
        'apps/data/kustomization.yaml': kustomization('Kustomization', 'namespace: data\nresources: [namespace.yaml]'),
      },
    ],
    [
      'components that are named by their user',
      {
        'components/inside/probe.yaml': part('ConfigMap', `\${APP}-probe`, 'data: {group: inside}'),
        'components/outside/probe.yaml': part('ConfigMap', `\${APP}-probe`, 'data: {group: outside}'),
      },
    ],
    [
      'Clusters that live in a namespace',
      {
        'db.yaml': database('shop'),
        'machines.yaml':
          'apiVersion: cluster.x-k8s.io/v1beta1\nkind: ClusterClass\nmetadata: {name: small, namespace: shop}\nspec: {}\n',
        'other.yaml': 'apiVersion: example.com/v1\nkind: ClusterQueue\nmetadata: {name: small, namespace: shop}\nspec: {}\n',
      },
    ],
    [
      'data that is no manifest',
      {
        'a.yaml': part('ConfigMap', 'a'),
        'src/ratings.json': '{"rating": 5}\n{"rating": 4}\n',
        'tsconfig.json': '{\n  // strict\n  "a": 1\n}\n',
      },
    ],
    ['two databases of one name in two namespaces', { 'db.yaml': `${database('shop')}---\n${database('billing')}` }],
  ])('%s', (_, files) => {
    expect(findingsIn(files).map(({ code, object, message }) => `${code} ${object}: ${message}`)).toEqual([]);
  });

  it('tells of two clusters once', () => {
    const step = (name: string, path: string) =>
      `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: ${name}, namespace: flux-system}\nspec: {interval: 1h, path: ${path}, prune: true, sourceRef: {kind: GitRepository, name: flux-system}}\n`;
    const cluster = (name: string) => ({
      [`clusters/${name}/apps.yaml`]: step('apps', `./apps/${name}`),
      [`clusters/${name}/infrastructure.yaml`]: step('infrastructure', './infrastructure'),
      [`clusters/${name}/flux-system/sync.yaml`]: step('flux-system', `./clusters/${name}`),
    });
    const shared = { 'infrastructure/config.yaml': part('ConfigMap', 'settings') };
    expect(findingsIn({ ...cluster('dev'), ...cluster('prod'), ...shared })).toMatchObject([
      { code: 'OBJ001', severity: 'warning', hint: 'two environments? check each folder by itself' },
    ]);
    expect(
      findingsIn({ 'a.yaml': part('ConfigMap', `\${APP}-x`), 'b.yaml': part('ConfigMap', `\${APP}-x`, 'data: {a: b}') }),
    ).toMatchObject([{ code: 'OBJ001', severity: 'error' }]);
  });
});
