import { Grafana, IstioGateway, Jaeger, Kiali, Layer, Mesh, type MeshApp, Prometheus, Stack } from '../constructs/index.ts';
import { shop } from './shop.ts';

/**
 * The lab of the Istio tutorials: proxies send OTLP straight to Jaeger, the addons stand in istio-system, Bookinfo in bookinfo.
 *
 *   browser -> ingress gateway -> productpage -> reviews -> ratings
 *                    |                 |            |          |
 *                    +---- spans ------+------------+----------+--> jaeger <-- grafana, kiali
 */
export function jaeger(app: MeshApp): void {
  const stack = new Stack(app, 'jaeger');
  const mesh = new Layer(stack, 'mesh', { namespace: 'istio-system' });
  const addons = new Layer(stack, 'addons', { namespace: mesh, after: [mesh] });
  const exposure = new Layer(stack, 'exposure', { namespace: mesh, after: [mesh] });
  const apps = new Layer(stack, 'apps', { namespace: 'bookinfo', after: [mesh] });

  // Spans: proxies -> Jaeger.
  const traces = new Jaeger(addons, 'jaeger');
  const istio = new Mesh(mesh, 'istio', { tracing: { to: traces, samplingPercent: 100 } });

  istio.enroll(apps);

  // What people look at, and the way in.
  const gateway = new IstioGateway(exposure, 'gateway', { mesh: istio });
  const prometheus = new Prometheus(addons, 'prometheus', { scrape: [istio, traces] });
  const grafana = new Grafana(addons, 'grafana', { sources: [prometheus, traces] });
  const kiali = new Kiali(addons, 'kiali', { mesh: istio, metrics: prometheus, tracing: traces, dashboards: grafana });
  gateway.publish(grafana, { host: 'grafana.mesh.test' });
  gateway.publish(traces, { host: 'tracing.mesh.test' });
  gateway.publish(kiali, { host: 'kiali.mesh.test' });
  gateway.publish(prometheus, { host: 'prometheus.mesh.test' });

  shop(apps, gateway);
}
