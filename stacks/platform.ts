import {
  Bookinfo,
  Collector,
  FluxDelivery,
  gitRepository,
  HotRod,
  KialiResource,
  Layer,
  LokiRelease,
  Mesh,
  type MeshApp,
  Nginx,
  Stack,
  TempoRelease,
  Waypoint,
} from '../constructs/index.ts';
import { everyProtocol } from './every-protocol.ts';
import { controllers } from './platform/controllers.ts';
import { grafanaPassword, mirrorLogin, prometheusUsers } from './platform/secrets.ts';
import { dxlab, type PlatformSite } from './platform/site.ts';
import { watching } from './platform/watching.ts';
import { waysIn } from './platform/ways-in.ts';

/** How one platform differs from another. */
export interface PlatformOptions {
  readonly name?: string;
  readonly dataplane?: 'sidecar' | 'ambient';
  readonly site?: PlatformSite;
}

/**
 * A platform team's whole stack on RKE2, at a site without internet: Flux installs it from the committed manifests, charts first.
 *
 *   browser -- .114 --> traefik ---------------> nginx, hotrod, grafana, prometheus, kiali
 *           -- .115 --> istio-ingressgateway --> bookinfo, nginx
 *   proxies -- zipkin --> otel-collector.otel-system:9411 -- OTLP --> tempo <-- grafana, kiali
 *           -- OTLP, access logs --> otel-collector ---------------> loki <-- grafana
 */
export function platform(app: MeshApp, { name = 'platform', dataplane = 'sidecar', site = dxlab }: PlatformOptions = {}): void {
  const { git, mirror } = site;
  const stack = new Stack(app, name, { purpose: 'production', platform: 'rke2', ...(mirror ? { mirror } : {}) });
  new FluxDelivery(stack, 'flux', { source: gitRepository(git) });
  const { charts, kialiOperator, kube } = controllers(stack, site);

  // Custom resources, each after the layer that brings its CRD.
  const addresses = new Layer(stack, 'addresses', { namespace: charts.metallb, after: [charts.metallb] });
  const issuers = new Layer(stack, 'issuers', { namespace: charts.certManager, after: [charts.certManager] });
  const mesh = new Layer(stack, 'mesh', { namespace: charts.istio, after: [charts.istio] });
  const tracing = new Layer(stack, 'tracing', { namespace: charts.monitoring, after: [charts.monitoring] });
  const otel = new Layer(stack, 'otel', { namespace: charts.otel, after: [charts.otel, tracing] });
  const gateways = new Layer(stack, 'gateways', { namespace: charts.istio, after: [charts.istio, addresses] });
  const monitors = new Layer(stack, 'monitors', { namespace: charts.istio, after: [charts.monitoring, mesh] });
  const kialis = new Layer(stack, 'kiali', { namespace: charts.istio, after: [charts.kiali, mesh, tracing] });
  const apps = new Layer(stack, 'apps', { namespace: 'apps', after: [mesh, otel] });
  const exposure = new Layer(stack, 'exposure', { namespace: charts.istio, after: [gateways, issuers, apps, kialis] });

  mirrorLogin([...Object.values(charts), apps], site);

  // Spans: proxies -> collector -> Tempo. Access logs: proxies -> collector -> Loki.
  const tempo = new TempoRelease(tracing, 'tempo', {
    retention: '24h',
    storage: { type: 'local', disk: { size: '10Gi' } },
    metricsGenerator: { to: kube.prometheus },
  });
  const loki = new LokiRelease(tracing, 'loki', { retention: '7d', disk: { size: '20Gi' } });
  const collector = new Collector(otel, 'otel', {
    runAs: 'operator',
    receive: everyProtocol,
    exportTo: [tempo],
    logsTo: [loki],
    debug: 'basic',
  });
  const istio = new Mesh(mesh, 'istio', {
    install: { by: 'helm', in: charts.istio, dataplane },
    tracing: { to: collector, via: 'zipkin', samplingPercent: 10 },
    accessLog: { to: collector },
  });
  istio.enroll(apps);
  for (const layer of Object.values(charts)) if (layer !== charts.istio) istio.enroll(layer, { by: 'excluded' });
  // In ambient mode only gateways and waypoints make spans.
  if (dataplane === 'ambient') new Waypoint(apps, 'waypoint').use(apps);
  kube.show(tempo, loki);
  watching(monitors, kube, [istio, collector, tempo, loki], site);

  // What runs in the mesh, what people look at, and the ways in.
  const { throughMesh, besideMesh } = waysIn({ addresses, issuers, gateways, exposure }, istio, site);
  const nginx = new Nginx(apps, 'nginx');
  throughMesh('bookinfo', new Bookinfo(apps, 'bookinfo'));
  throughMesh('nginx', nginx);
  besideMesh('nginx', nginx);
  besideMesh('hotrod', new HotRod(apps, 'hotrod', { exportTo: collector }));
  besideMesh('prometheus', kube.prometheus, prometheusUsers(charts.monitoring, site));
  besideMesh('grafana', kube.grafana);
  const shows = { mesh: istio, metrics: kube.prometheus, tracing: tempo, dashboards: kube.grafana };
  const dashboardsLogin = { user: 'admin', password: grafanaPassword(kialis, site) };
  const how = { dashboardsLogin, operator: kialiOperator, auth: 'token', customDashboards: 'off' } as const;
  besideMesh('kiali', new KialiResource(kialis, 'kiali', { ...shows, ...how }));
}
