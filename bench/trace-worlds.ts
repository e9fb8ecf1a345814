import { toYaml } from '../constructs/kit/yaml.ts';

/** A plain object of a cluster. */
type Manifest = Readonly<Record<string, unknown>>;

/** How many objects one team adds. */
const objectsOfTeam = 24;

/**
 * A mesh of many teams, about as many objects as asked for: each team has a namespace with apps and policies, a collector of its own with
 * pipelines (every other one by the operator), a tracing provider, a Telemetry, and a Grafana with data sources. Nothing in it is wrong.
 *
 * @param round is in every name: what was read in an earlier round is of no use in the next
 */
export function traceWorld(objects: number, round: number): Manifest[] {
  const teams = Array.from({ length: Math.floor(objects / objectsOfTeam) }, (_, i) => `team-${round}-${i}`);
  return [...common(teams), ...teams.flatMap(team)];
}

/** As files hold them. */
export function asYaml(manifests: readonly Manifest[]): string {
  return manifests.map((one) => toYaml(one)).join('---\n');
}

function common(teams: readonly string[]): Manifest[] {
  const extensionProviders = teams.map((name) => ({
    name,
    opentelemetry: { service: `collector.${name}.svc.cluster.local`, port: 4317 },
  }));
  const mesh = { defaultProviders: { metrics: ['prometheus'], tracing: teams.slice(0, 1) }, extensionProviders };
  return [
    namespace('istio-system', {}),
    object('v1', 'ConfigMap', 'istio', 'istio-system', { data: { mesh: toYaml(mesh) } }),
    namespace('tracing', {}),
    service('jaeger', 'tracing', { 'grpc-otlp': 4317, 'http-query': 16686 }),
    deployment('jaeger', 'tracing', 'jaegertracing/jaeger:2.20.0', [4317, 16686]),
  ];
}

function team(name: string, index: number): Manifest[] {
  const apps = ['web', 'cart', 'stock', 'pay'];
  const host = (app: string) => `${app}.${name}.svc.cluster.local`;
  return [
    namespace(name, { 'istio-injection': 'enabled' }),
    ...apps.flatMap((app) => [service(app, name, { http: 8080 }), deployment(app, name, `example.test/${app}:1.0.0`, [8080])]),
    object('networking.istio.io/v1', 'VirtualService', 'web', name, {
      spec: { hosts: [host('web')], http: [{ route: [{ destination: { host: 'web', port: { number: 8080 } } }] }] },
    }),
    object('networking.istio.io/v1', 'DestinationRule', 'cart', name, {
      spec: { host: host('cart'), trafficPolicy: { connectionPool: { http: { http2MaxRequests: 100 } } } },
    }),
    object('networking.istio.io/v1', 'Sidecar', 'default', name, {
      spec: { egress: [{ hosts: ['./*', 'istio-system/*', 'tracing/*'] }] },
    }),
    object('security.istio.io/v1', 'PeerAuthentication', 'default', name, { spec: { mtls: { mode: 'PERMISSIVE' } } }),
    object('security.istio.io/v1', 'AuthorizationPolicy', 'spans', name, {
      spec: {
        selector: { matchLabels: { app: 'web' } },
        rules: [{ from: [{ source: { namespaces: [name] } }], to: [{ operation: { ports: ['8080'] } }] }],
      },
    }),
    object('networking.k8s.io/v1', 'NetworkPolicy', 'spans', name, {
      spec: {
        podSelector: { matchLabels: { app: 'collector' } },
        policyTypes: ['Ingress'],
        ingress: [{ from: [{ namespaceSelector: {} }], ports: [{ port: 4317 }, { port: 4318 }] }],
      },
    }),
    object('telemetry.istio.io/v1', 'Telemetry', 'tracing', name, {
      spec: { tracing: [{ providers: [{ name }], randomSamplingPercentage: 10 }] },
    }),
    ...(index % 2 === 0 ? plainCollector(name) : madeCollector(name)),
    service('grafana', name, { http: 3000 }),
    deployment('grafana', name, 'grafana/grafana:13.0.0', [3000]),
    object('v1', 'ConfigMap', 'grafana', name, {
      data: {
        'datasources.yaml': toYaml({
          apiVersion: 1,
          datasources: [{ name: 'Jaeger', type: 'jaeger', uid: 'jaeger', url: 'http://jaeger.tracing:16686' }],
        }),
      },
    }),
    object('v1', 'ServiceAccount', 'web', name, {}),
    object('v1', 'ConfigMap', 'settings', name, { data: { LOG_LEVEL: 'info', 'app.yaml': `team: ${name}\n` } }),
  ];
}

function config(name: string): Manifest {
  return {
    receivers: { otlp: { protocols: { grpc: { endpoint: '0.0.0.0:4317' }, http: { endpoint: '0.0.0.0:4318' } } } },
    processors: { memory_limiter: { check_interval: '1s', limit_percentage: 80 }, batch: {} },
    exporters: { otlp_grpc: { endpoint: 'jaeger.tracing.svc.cluster.local:4317', tls: { insecure: true } } },
    service: {
      telemetry: { resource: { team: name } },
      pipelines: { traces: { receivers: ['otlp'], processors: ['memory_limiter', 'batch'], exporters: ['otlp_grpc'] } },
    },
  };
}

function plainCollector(name: string): Manifest[] {
  return [
    object('v1', 'ConfigMap', 'collector', name, { data: { 'config.yaml': toYaml(config(name)) } }),
    service('collector', name, { 'grpc-otlp': 4317, 'http-otlp': 4318 }),
    deployment('collector', name, 'otel/opentelemetry-collector:0.159.0', [4317, 4318], {
      container: { args: ['--config=/conf/config.yaml'], volumeMounts: [{ name: 'config', mountPath: '/conf' }] },
      pod: { volumes: [{ name: 'config', configMap: { name: 'collector' } }] },
    }),
  ];
}

/** The operator calls its Service `NAME-collector`: here it stands behind one of the name that the provider knows. */
function madeCollector(name: string): Manifest[] {
  return [
    object('opentelemetry.io/v1beta1', 'OpenTelemetryCollector', 'spans', name, {
      spec: { mode: 'deployment', image: 'otel/opentelemetry-collector:0.159.0', config: config(name) },
    }),
    object('v1', 'Service', 'collector', name, {
      spec: {
        selector: { 'app.kubernetes.io/name': 'spans-collector' },
        ports: [
          { name: 'grpc-otlp', port: 4317 },
          { name: 'http-otlp', port: 4318 },
        ],
      },
    }),
    object('v1', 'ServiceAccount', 'collector', name, {}),
  ];
}

function object(apiVersion: string, kind: string, name: string, namespace: string, rest: Manifest): Manifest {
  return { apiVersion, kind, metadata: { name, namespace }, ...rest };
}

function namespace(name: string, labels: Readonly<Record<string, string>>): Manifest {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

function service(name: string, namespace: string, ports: Readonly<Record<string, number>>): Manifest {
  const list = Object.entries(ports).map(([port, number]) => ({ name: port, port: number }));
  return object('v1', 'Service', name, namespace, { spec: { selector: { app: name }, ports: list } });
}

function deployment(
  name: string,
  namespace: string,
  image: string,
  ports: readonly number[],
  more: { readonly container?: Manifest; readonly pod?: Manifest } = {},
): Manifest {
  const container = { name, image, ports: ports.map((containerPort) => ({ containerPort })), ...more.container };
  return object('apps/v1', 'Deployment', name, namespace, {
    spec: {
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [container], ...more.pod } },
    },
  });
}
