import {
  Bookinfo,
  Curl,
  Grafana,
  Helloworld,
  HotRod,
  Httpbin,
  IstioGateway,
  Jaeger,
  Kiali,
  Layer,
  Mesh,
  type MeshApp,
  Nginx,
  PolyglotDemo,
  Prometheus,
  Stack,
  TrafficPolicy,
} from '../constructs/index.ts';
import { tours } from './tours/index.ts';

/**
 * Where traffic is tried out: Bookinfo and smaller apps behind Istio's gateways, with everything to look at it. Each tour of the Istio
 * tutorials is a variant in a folder of its own, applied on top by `kubectl apply -k dist/traffic/NAME`.
 *
 *   browser -> ingress gateway -> bookinfo, httpbin, helloworld, nginx, hotrod, service-web ... -> egress gateway
 *                    |                          |
 *                    +--------- spans ----------+--> jaeger <-- grafana, kiali
 */
export function traffic(app: MeshApp) {
  const stack = new Stack(app, 'traffic');
  const mesh = new Layer(stack, 'mesh', { namespace: 'istio-system' });
  const addons = new Layer(stack, 'addons', { namespace: mesh, after: [mesh] });
  const exposure = new Layer(stack, 'exposure', { namespace: mesh, after: [mesh] });
  const apps = new Layer(stack, 'apps', { namespace: 'bookinfo', after: [mesh] });
  const demos = new Layer(stack, 'demos', { namespace: 'demos', after: [mesh] });

  // Spans: proxies -> Jaeger. The profile 'demo' brings the egress gateway too.
  const jaeger = new Jaeger(addons, 'jaeger');
  const istio = new Mesh(mesh, 'istio', {
    // istiod fetches the keys of token issuers: none from addresses that are no issuer's.
    install: { by: 'istioctl', profile: 'demo', istiodEnv: { BLOCKED_CIDRS_IN_JWKS_URIS: '127.0.0.0/8,169.254.0.0/16' } },
    tracing: { to: jaeger, samplingPercent: 100 },
  });
  istio.enroll(apps);
  istio.enroll(demos);

  // What people look at, and the way in.
  const gateway = new IstioGateway(exposure, 'gateway', { mesh: istio });
  const prometheus = new Prometheus(addons, 'prometheus', { scrape: [istio, jaeger] });
  const grafana = new Grafana(addons, 'grafana', { sources: [prometheus, jaeger] });
  const tracing = gateway.publish(jaeger, { host: 'tracing.mesh.test' });
  const kiali = new Kiali(addons, 'kiali', { mesh: istio, metrics: prometheus, tracing: jaeger, dashboards: grafana });
  gateway.publish(grafana, { host: 'grafana.mesh.test' });
  gateway.publish(kiali, { host: 'kiali.mesh.test' });

  // What runs in the mesh.
  const bookinfo = new Bookinfo(apps, 'bookinfo');
  const curl = new Curl(apps, 'curl');
  const httpbin = new Httpbin(demos, 'httpbin');
  const helloworld = new Helloworld(demos, 'helloworld');
  new TrafficPolicy(demos, 'helloworld-versions', { of: helloworld });
  const polyglot = new PolyglotDemo(demos, 'polyglot');
  const published = gateway.publish(bookinfo, { host: 'bookinfo.mesh.test' });
  gateway.publish(new Nginx(demos, 'nginx'), { host: 'nginx.mesh.test' });
  gateway.publish(new HotRod(demos, 'hotrod', { exportTo: jaeger, jaeger: tracing }), { host: 'hotrod.mesh.test' });
  gateway.publish(httpbin, { host: 'httpbin.mesh.test' });
  gateway.publish(polyglot, { host: 'polyglot.mesh.test' });

  const pages = { jaeger, prometheus };
  const lab = {
    stack,
    addons,
    apps,
    demos,
    exposure,
    istio,
    gateway,
    bookinfo,
    curl,
    httpbin,
    helloworld,
    polyglot,
    published,
    pages,
  };
  tours(lab);
  return lab;
}

/** What the tours start from. */
export type TrafficLab = ReturnType<typeof traffic>;
