import { Bookinfo, IstioGateway, Jaeger, Layer, Mesh, type MeshApp, Stack, TrafficGenerator } from '../constructs/index.ts';

/**
 * The tutorials' first way, for meshes that cannot move yet: every proxy's bootstrap holds a zipkin address, half of the requests leave a
 * trace. No Telemetry and no default provider says anything of tracing, they would switch it off. A change needs every pod restarted.
 *
 *   proxies -- zipkin --> jaeger-collector:9411
 */
export function jaegerLegacy(app: MeshApp): void {
  const stack = new Stack(app, 'jaeger-legacy');
  const mesh = new Layer(stack, 'mesh', { namespace: 'istio-system' });
  const addons = new Layer(stack, 'addons', { namespace: mesh, after: [mesh] });
  const apps = new Layer(stack, 'apps', { namespace: 'bookinfo', after: [mesh] });

  const traces = new Jaeger(addons, 'jaeger');
  const istio = new Mesh(mesh, 'istio', { tracing: { legacy: { zipkin: traces }, samplingPercent: 50 } });
  istio.enroll(apps);

  const gateway = new IstioGateway(addons, 'gateway', { mesh: istio });
  gateway.publish(traces, { host: 'tracing.mesh.test' });
  const shop = gateway.publish(new Bookinfo(apps, 'bookinfo'), { host: '*' });
  new TrafficGenerator(apps, 'load', { to: shop, requests: 1000, mesh: istio });
}
