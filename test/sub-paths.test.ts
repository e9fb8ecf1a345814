import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Chart } from 'cdk8s';
import { afterAll, describe, expect, it } from 'vitest';
import {
  Bookinfo,
  Grafana,
  IstioGateway,
  KubePrometheusStack,
  Layer,
  Mesh,
  MeshApp,
  Prometheus,
  Stack,
  Tempo,
} from '../constructs/index.ts';
import { modelOf, readWorlds, runbook, smokeTest } from '../constructs/proof/index.ts';
import { findingsOf, worldOf } from './proof-world.ts';
import { object } from './support/synth.ts';

const folder = fs.mkdtempSync(join(tmpdir(), 'sub-paths-'));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

/** A stack with the pages of observability, each published by one gateway. */
function stack() {
  const app = new MeshApp({ outdir: fs.mkdtempSync(join(folder, 'out-')) });
  const own = new Stack(app, 'mine');
  const mesh = new Layer(own, 'mesh', { namespace: 'istio-system' });
  const at = new Layer(own, 'observability', { namespace: 'observability', after: [mesh] });
  const tempo = new Tempo(at, 'tempo');
  const istio = new Mesh(mesh, 'istio', { tracing: { to: tempo } });
  const prometheus = new Prometheus(at, 'prometheus', { scrape: [istio] });
  const grafana = new Grafana(at, 'grafana', { sources: [prometheus, tempo] });
  const gateway = new IstioGateway(mesh, 'gateway', { mesh: istio });
  const apps = new Layer(own, 'apps', { namespace: 'bookinfo', after: [mesh] });
  istio.enroll(apps);
  gateway.publish(new Bookinfo(apps, 'bookinfo'), { host: 'bookinfo.mesh.test' });
  const model = () => {
    app.synth();
    const [world] = readWorlds([join(app.outdir, 'mine')]);
    if (!world) throw new Error('nothing was published');
    return modelOf(world);
  };
  return { at, prometheus, grafana, gateway, model };
}

describe('a Grafana below a path', () => {
  const made = stack();
  made.gateway.publish(made.grafana, { host: 'tools.mesh.test', path: '/grafana' });
  const model = made.model();

  it('has its dashboards and Explore below it, in the runbook', () => {
    const book = runbook(model, 'mine');
    expect(book).toContain('(http://tools.mesh.test/grafana/d/istio-mesh)');
    expect(book).toContain('<http://tools.mesh.test/grafana/explore>');
    expect(book).not.toMatch(/mesh\.test\/(d|explore)\b/);
  });

  it('is asked below it by the smoke test: it redirects all else', () => {
    expect(smokeTest(model, 'mine')).toContain('/grafana/api/health');
  });
});

describe('a Grafana at the root of its host', () => {
  it('is asked there', () => {
    const made = stack();
    made.gateway.publish(made.grafana, { host: 'grafana.mesh.test' });
    const model = made.model();
    expect(runbook(model, 'mine')).toContain('(http://grafana.mesh.test/d/istio-mesh)');
    expect(smokeTest(model, 'mine')).toMatch(/ \/api\/health/);
  });
});

describe('a Prometheus', () => {
  const kube = () =>
    new KubePrometheusStack(new Layer(new MeshApp(), 'watch', { namespace: 'monitoring' }), 'kube', {
      access: { adminPassword: { secret: 'grafana', key: 'password' } },
    });

  it.each(['/prometheus', '/tools/prometheus/'])('cannot be published below %s, where it answers nothing', (path) => {
    const { prometheus, gateway } = stack();
    expect(prometheus.node.validate()).toEqual([]);
    gateway.publish(prometheus, { host: 'tools.mesh.test', path });
    expect(prometheus.node.validate().join()).toContain(`is published below '${path}', where it answers nothing`);
  });

  it('of the chart cannot either', () => {
    const stacked = kube();
    stack().gateway.publish(stacked.prometheus, { host: 'tools.mesh.test', path: '/prometheus' });
    expect(stacked.node.validate().join()).toContain("is published below '/prometheus'");
  });

  it('may open a part of its own alone, where alerts do not lead', () => {
    const { at, prometheus, gateway } = stack();
    gateway.publish(prometheus, { host: 'api.mesh.test', path: '/api' });
    expect(prometheus.node.validate()).toEqual([]);
    expect(object(at, 'Deployment', 'prometheus').spec.template.spec.containers[0].args.join()).not.toContain('external-url');
  });

  it('of the chart leads from its alerts to where browsers open it', () => {
    const stacked = kube();
    const values = () => object(Chart.of(stacked), 'HelmRelease', 'kube').spec.values.prometheus.prometheusSpec;
    expect(values()).not.toHaveProperty('externalUrl');
    stack().gateway.publish(stacked.prometheus, { host: 'prometheus.mesh.test' });
    expect(values()).toMatchObject({ externalUrl: 'http://prometheus.mesh.test/', routePrefix: '/' });
  });

  describe('of others', () => {
    const others = (arg: string) => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: prometheus, namespace: obs}
spec:
  selector: {matchLabels: {app: prometheus}}
  template:
    metadata: {labels: {app: prometheus}}
    spec:
      containers:
        - {name: prometheus, image: 'prom/prometheus:v3.14.0', args: ['${arg}'], ports: [{containerPort: 9090}]}
---
apiVersion: v1
kind: Service
metadata: {name: prometheus, namespace: obs}
spec: {selector: {app: prometheus}, ports: [{name: http, port: 9090}]}`;
    const kiali = (path: string) => `
---
apiVersion: kiali.io/v1alpha1
kind: Kiali
metadata: {name: kiali, namespace: istio-system}
spec: {external_services: {prometheus: {url: 'http://prometheus.obs:9090${path}'}, tracing: {enabled: false}}}`;
    const codes = (yaml: string) => findingsOf(yaml).map(({ code }) => code);

    it.each([
      ['--web.route-prefix=/watch', '/watch'],
      ['--web.external-url=https://tools.example.com/watch/', '/watch'],
      ['--web.external-url=/watch', '/watch'],
      ['--web.external-url=https://tools.example.com', ''],
      ['--storage.tsdb.path=/data', ''],
    ])('with %s answers below %j', (arg, path) => {
      expect(smokeTest(modelOf(worldOf(others(arg))), 'mine')).toContain(` ${path}/-/healthy`);
      expect(codes(others(arg) + kiali(path))).not.toContain('TRC062');
      expect(codes(others(arg) + kiali('/else'))).toContain('TRC062');
    });

    it('with an address that nobody knows is left alone', () => {
      expect(codes(others('--web.external-url=$(URL)') + kiali('/else'))).not.toContain('TRC062');
    });
  });
});
