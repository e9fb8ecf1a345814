import {
  Collector,
  Grafana,
  IstioGateway,
  Layer,
  Mesh,
  type MeshApp,
  Prometheus,
  Stack,
  Tempo,
  versions,
} from '../constructs/index.ts';
import { everyProtocol } from './every-protocol.ts';
import { shop } from './shop.ts';

/**
 * For a cluster that runs the OpenTelemetry operator: the collector is a resource of its, proxies speak zipkin to it, and it speaks OTLP
 * to Tempo 2.10, which makes the service graph and the span metrics.
 *
 *   proxies -- zipkin --> otel-collector.otel-system:9411 -- OTLP --> tempo -- remote write --> prometheus <-- grafana
 */
export function tempoOperator(app: MeshApp): void {
  const stack = new Stack(app, 'tempo-operator');
  const mesh = new Layer(stack, 'mesh', { namespace: 'istio-system' });
  const otel = new Layer(stack, 'otel', { namespace: 'otel-system', after: [mesh] });
  const observability = new Layer(stack, 'observability', { namespace: 'observability', after: [mesh] });
  const exposure = new Layer(stack, 'exposure', { namespace: mesh, after: [mesh] });
  const apps = new Layer(stack, 'apps', { namespace: 'bookinfo', after: [mesh] });

  // Spans: proxies -> collector -> Tempo.
  const prometheus = new Prometheus(observability, 'prometheus');
  const traces = new Tempo(observability, 'tempo', {
    version: versions.tempo2,
    retention: '24h',
    metricsGenerator: { to: prometheus },
  });
  const collector = new Collector(otel, 'otel', {
    runAs: 'operator',
    receive: everyProtocol,
    exportTo: [traces],
    debug: 'basic',
  });
  const istio = new Mesh(mesh, 'istio', { tracing: { to: collector, via: 'zipkin', samplingPercent: 100 } });
  istio.enroll(apps);
  istio.enroll(observability, { by: 'excluded' });
  istio.enroll(otel, { by: 'excluded' });
  prometheus.scrape(istio, collector, traces);

  const grafana = new Grafana(observability, 'grafana', { sources: [prometheus, traces] });
  const gateway = new IstioGateway(exposure, 'gateway', { mesh: istio });
  gateway.publish(grafana, { host: 'grafana.mesh.test' });
  shop(apps, gateway);
}
