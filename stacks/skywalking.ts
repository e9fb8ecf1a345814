import { Grafana, IstioGateway, Kiali, Layer, Mesh, type MeshApp, Prometheus, SkyWalking, Stack } from '../constructs/index.ts';
import { shop } from './shop.ts';

/**
 * Proxies send segments with sw8 headers to SkyWalking's server, which keeps them in BanyanDB. Neither Grafana nor Kiali reads
 * SkyWalking: traces are looked at in its own page.
 *
 *   browser -> ingress gateway -> productpage -> reviews -> ratings
 *                    |                 |            |          |
 *                    +-- skywalking ---+------------+----------+--> tracing:11800 (oap) --> banyandb
 *                                                                        ^-- skywalking-ui
 */
export function skywalking(app: MeshApp): void {
  const stack = new Stack(app, 'skywalking');
  const mesh = new Layer(stack, 'mesh', { namespace: 'istio-system' });
  const addons = new Layer(stack, 'addons', { namespace: mesh, after: [mesh] });
  const exposure = new Layer(stack, 'exposure', { namespace: mesh, after: [mesh] });
  const apps = new Layer(stack, 'apps', { namespace: 'bookinfo', after: [mesh] });

  // Spans: proxies -> SkyWalking.
  const traces = new SkyWalking(addons, 'skywalking');
  const istio = new Mesh(mesh, 'istio', { tracing: { to: traces, samplingPercent: 100 } });
  istio.enroll(apps);

  // What people look at, and the way in.
  const gateway = new IstioGateway(exposure, 'gateway', { mesh: istio });
  const prometheus = new Prometheus(addons, 'prometheus', { scrape: [istio, traces] });
  const grafana = new Grafana(addons, 'grafana', { sources: [prometheus] });
  const kiali = new Kiali(addons, 'kiali', { mesh: istio, metrics: prometheus, dashboards: grafana });
  gateway.publish(grafana, { host: 'grafana.mesh.test' });
  gateway.publish(kiali, { host: 'kiali.mesh.test' });
  gateway.publish(prometheus, { host: 'prometheus.mesh.test' });
  gateway.publish(traces, { host: 'tracing.mesh.test' });

  shop(apps, gateway);
}
