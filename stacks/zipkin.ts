import { Grafana, IstioGateway, Kiali, Layer, Mesh, type MeshApp, Prometheus, Stack, Zipkin } from '../constructs/index.ts';
import { shop } from './shop.ts';

/**
 * Proxies send zipkin spans with B3 headers straight to Zipkin. Kiali cannot read Zipkin, so it shows the mesh without traces.
 *
 *   browser -> ingress gateway -> productpage -> reviews -> ratings
 *                    |                 |            |          |
 *                    +--- zipkin ------+------------+----------+--> zipkin:9411 <-- grafana
 */
export function zipkin(app: MeshApp): void {
  const stack = new Stack(app, 'zipkin');
  const mesh = new Layer(stack, 'mesh', { namespace: 'istio-system' });
  const addons = new Layer(stack, 'addons', { namespace: mesh, after: [mesh] });
  const exposure = new Layer(stack, 'exposure', { namespace: mesh, after: [mesh] });
  const apps = new Layer(stack, 'apps', { namespace: 'bookinfo', after: [mesh] });

  // Spans: proxies -> Zipkin.
  const traces = new Zipkin(addons, 'zipkin');
  const istio = new Mesh(mesh, 'istio', { tracing: { to: traces, samplingPercent: 100 } });
  istio.enroll(apps);

  // What people look at, and the way in.
  const gateway = new IstioGateway(exposure, 'gateway', { mesh: istio });
  const prometheus = new Prometheus(addons, 'prometheus', { scrape: [istio, traces] });
  const grafana = new Grafana(addons, 'grafana', { sources: [prometheus, traces] });
  const kiali = new Kiali(addons, 'kiali', { mesh: istio, metrics: prometheus, dashboards: grafana });
  gateway.publish(grafana, { host: 'grafana.mesh.test' });
  gateway.publish(kiali, { host: 'kiali.mesh.test' });
  gateway.publish(prometheus, { host: 'prometheus.mesh.test' });
  gateway.publish(traces, { host: 'tracing.mesh.test' });

  shop(apps, gateway);
}
