import { toYaml } from '../constructs/kit/yaml.ts';

/** A plain object of a cluster. */
type Manifest = Readonly<Record<string, unknown>>;

const servicesOfShop = 30;

/** A traced mesh of shops as one text: in each thirty services that call one another in a chain, with a gateway and a route to the first. */
export function shopWorld(services: number, round: number): string {
  const shops = Array.from({ length: Math.ceil(services / servicesOfShop) }, (_, i) => `shop-${round}-${i}`);
  return [...mesh, ...shops.flatMap(shop)].map((one) => `---\n${toYaml(one)}`).join('');
}

const mesh: readonly Manifest[] = [
  object('install.istio.io/v1alpha1', 'IstioOperator', 'mesh', 'istio-system', {
    spec: {
      profile: 'default',
      meshConfig: {
        extensionProviders: [{ name: 'otel', opentelemetry: { service: 'jaeger.tracing.svc.cluster.local', port: 4317 } }],
      },
    },
  }),
  object('telemetry.istio.io/v1', 'Telemetry', 'mesh-default', 'istio-system', {
    spec: { tracing: [{ providers: [{ name: 'otel' }], randomSamplingPercentage: 10 }] },
  }),
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'tracing' } },
  object('v1', 'Service', 'jaeger', 'tracing', {
    spec: { selector: { app: 'jaeger' }, ports: [{ name: 'grpc-otlp', port: 4317, appProtocol: 'grpc' }] },
  }),
  deployment('jaeger', 'tracing', { image: 'jaegertracing/jaeger:2.20.0', ports: [{ containerPort: 4317 }] }),
];

function shop(name: string): Manifest[] {
  const host = `${name}.mesh.test`;
  const services = Array.from({ length: servicesOfShop }, (_, i) => `s-${i}`);
  const first = { host: 's-0', port: { number: 8080 } };
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { 'istio-injection': 'enabled' } } },
    object('networking.istio.io/v1', 'Gateway', 'web', name, {
      spec: {
        selector: { istio: 'ingressgateway' },
        servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: [host] }],
      },
    }),
    object('networking.istio.io/v1', 'VirtualService', 'web', name, {
      spec: { hosts: [host], gateways: ['web'], http: [{ route: [{ destination: first }] }] },
    }),
    ...services.flatMap((app, i) => [
      object('v1', 'Service', app, name, { spec: { selector: { app }, ports: [{ name: 'http', port: 8080 }] } }),
      deployment(app, name, {
        image: `example.test/${app}:1.0.0`,
        ports: [{ containerPort: 8080 }],
        ...(i + 1 < services.length ? { env: [{ name: 'UPSTREAM', value: `http://s-${i + 1}:8080/` }] } : {}),
      }),
    ]),
  ];
}

function deployment(app: string, namespace: string, container: Manifest): Manifest {
  return object('apps/v1', 'Deployment', app, namespace, {
    spec: {
      selector: { matchLabels: { app } },
      template: { metadata: { labels: { app } }, spec: { containers: [{ name: app, ...container }] } },
    },
  });
}

function object(apiVersion: string, kind: string, name: string, namespace: string, rest: Manifest): Manifest {
  return { apiVersion, kind, metadata: { name, namespace }, ...rest };
}
