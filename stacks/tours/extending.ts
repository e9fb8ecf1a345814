import {
  GrpcRoutes,
  Layer,
  repositories,
  split,
  TcpRoutes,
  TrafficExtension,
  TrafficPolicy,
  VersionedApp,
  VirtualMachines,
  versions,
  WasmExtension,
  Workload,
} from '../../constructs/index.ts';
import type { TrafficLab } from '../traffic.ts';

/** Other protocols, other machines, and proxies that do more than Istio's. */
export function extending({ stack, apps, demos, httpbin }: TrafficLab): void {
  const tour = (name: string, of: Layer) => new Layer(stack, name, { variantOf: of });

  const tcp = tour('tcp', demos);
  const bytes = echo(tcp);
  new TcpRoutes(tcp, 'routes', { of: bytes, port: 'tcp', to: split([bytes.versions.v1, 80], [bytes.versions.v2, 20]) });

  const grpc = tour('grpc', demos);
  const calls = echo(grpc);
  const { v1, v2 } = calls.versions;
  new GrpcRoutes(grpc, 'routes', {
    of: calls,
    port: 'grpc',
    rules: [{ name: 'ping', when: { service: 'fgrpc.PingServer', method: 'Ping' }, to: v2 }, { to: v1 }],
  });

  new VirtualMachines(tour('virtual-machine', demos), 'legacy', {
    name: 'legacy',
    version: 'v1',
    service: [{ name: 'http', port: 80, targetPort: 8080, appProtocol: 'http' }],
    addresses: [{ id: 'one', address: '192.0.2.10', locality: 'eu-west-1/a' }],
    readiness: { get: '/status', port: 8080 },
  });

  new TrafficExtension(tour('lua', demos), 'answer', {
    for: httpbin,
    match: [{ mode: 'server' }],
    lua: "function envoy_on_response(handle)\n  handle:headers():add('x-tour', 'lua')\nend\n",
  });
  new WasmExtension(tour('wasm', demos), 'basic-auth', {
    for: httpbin,
    image: 'ghcr.io/istio-ecosystem/wasm-extensions/basic_auth:1.12.0',
    phase: 'authn',
    match: [{ mode: 'server' }],
    config: { basic_auth_rules: [{ prefix: '/headers', request_methods: ['GET'], credentials: ['tour:guide'] }] },
  });

  // A pod that says itself what its proxy is like.
  new Workload(tour('injection', apps), 'own-proxy', {
    name: 'own-proxy',
    version: versions.curl,
    image: `${repositories.curl}:${versions.curl}`,
    user: 100,
    command: ['sleep', 'infinity'],
    graceSeconds: 10,
    sidecar: {
      templates: ['sidecar'],
      nativeSidecar: false,
      holdApplicationUntilProxyStarts: true,
      resources: { cpu: '20m', memory: '64Mi' },
      container: { preStop: ['sleep', '5'] },
    },
  });
}

/** Fortio's server: TCP and gRPC besides HTTP, in two versions. */
function echo(layer: Layer) {
  const pod = {
    image: `${repositories.fortio}:${versions.fortio}`,
    user: 1000,
    args: ['server', '-udp-port', 'disabled', '-redirect-port', 'disabled'],
    ports: [
      { name: 'http', port: 8080 },
      { name: 'tcp', port: 8078 },
      { name: 'grpc', port: 8079 },
    ],
    readiness: { get: '/fortio/', port: 8080, period: 5 },
    liveness: { get: '/fortio/', port: 8080 },
  };
  const app = new VersionedApp(layer, 'echo', {
    name: 'echo',
    ports: [
      { name: 'http', port: 8080, appProtocol: 'http' },
      { name: 'tcp', port: 8078, appProtocol: 'tcp' },
      { name: 'grpc', port: 8079, appProtocol: 'grpc' },
    ],
    versions: { v1: pod, v2: pod },
  });
  new TrafficPolicy(layer, 'echo-versions', { of: app });
  return app;
}
