import {
  Collector,
  Grafana,
  IstioGateway,
  Kiali,
  Layer,
  Loki,
  Mesh,
  type MeshApp,
  Prometheus,
  Stack,
  Tempo,
} from '../constructs/index.ts';
import { shop } from './shop.ts';

/**
 * A collector in front: it takes the proxies' spans and access logs by OTLP, makes metrics and a service graph of the spans, and hands
 * them on to Tempo, the logs to Loki.
 *
 *   browser -> ingress gateway -> productpage -> reviews -> ratings
 *                    |                 |            |          |
 *                    +----- OTLP ------+------------+----------+--> collector -- OTLP --> tempo, loki <-- grafana, kiali
 *                                                                       |                   |
 *                                                                       +--> prometheus <---+
 */
export function tempo(app: MeshApp): void {
  const stack = new Stack(app, 'tempo');
  const mesh = new Layer(stack, 'mesh', { namespace: 'istio-system' });
  const observability = new Layer(stack, 'observability', { namespace: 'observability', after: [mesh] });
  const exposure = new Layer(stack, 'exposure', { namespace: mesh, after: [mesh] });
  const apps = new Layer(stack, 'apps', { namespace: 'bookinfo', after: [mesh] });

  // Spans: proxies -> collector -> Tempo. Access logs: proxies -> collector -> Loki.
  const traces = new Tempo(observability, 'tempo');
  const logs = new Loki(observability, 'loki');
  const collector = new Collector(observability, 'collector', {
    exportTo: [traces],
    logsTo: [logs],
    spanMetrics: { exemplars: true },
    serviceGraph: {},
  });
  const istio = new Mesh(mesh, 'istio', {
    tracing: { to: collector, samplingPercent: 100 },
    accessLog: { to: collector },
  });
  istio.enroll(apps);
  istio.enroll(observability, { by: 'excluded' });

  // What people look at, and the way in.
  const gateway = new IstioGateway(exposure, 'gateway', { mesh: istio });
  const prometheus = new Prometheus(observability, 'prometheus', { scrape: [istio, collector, traces, logs] });
  const grafana = new Grafana(observability, 'grafana', { sources: [prometheus, traces, logs] });
  const kiali = new Kiali(observability, 'kiali', { mesh: istio, metrics: prometheus, tracing: traces, dashboards: grafana });
  gateway.publish(grafana, { host: 'grafana.mesh.test' });
  gateway.publish(kiali, { host: 'kiali.mesh.test' });
  gateway.publish(prometheus, { host: 'prometheus.mesh.test' });

  shop(apps, gateway);
}
