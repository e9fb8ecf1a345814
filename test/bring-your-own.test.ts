import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiObject, App, Chart, Helm, Include } from 'cdk8s';
import * as plus from 'cdk8s-plus-27';
import { afterAll, describe, expect, it } from 'vitest';
import {
  acknowledge,
  Bookinfo,
  Endpoint,
  existingSink,
  Grafana,
  IstioGateway,
  Jaeger,
  Kiali,
  Layer,
  Mesh,
  MeshApp,
  Prometheus,
  type Published,
  Stack,
} from '../constructs/index.ts';
import { layer, object } from './support/synth.ts';

const scratch = mkdtempSync(join(tmpdir(), 'own-'));
afterAll(() => rmSync(scratch, { recursive: true }));
let count = 0;

function stackIn(): { app: MeshApp; stack: Stack; read: (path: string) => string } {
  const outdir = join(scratch, `${count++}`);
  const app = new MeshApp({ outdir });
  return { app, stack: new Stack(app, 's'), read: (path) => readFileSync(join(outdir, path), 'utf8') };
}

const at = <P extends string>(protocol: P, name: string, port: number, path = '') =>
  Endpoint.external({ protocol, host: `${name}.tools.svc.cluster.local`, port, path });

describe('a plain cdk8s part in a MeshApp', () => {
  it('is a layer of its stack: a Chart, after the charts it depends on', () => {
    const { app, stack, read } = stackIn();
    const base = new Layer(stack, 'base', { namespace: 'team' });
    const chart = new Chart(stack, 'aaa', { namespace: 'team' });
    chart.addDependency(base);
    new plus.ConfigMap(chart, 'settings', { metadata: { name: 'settings' }, data: { a: 'b' } });
    app.synth();
    expect(read('s/aaa/aaa.k8s.yaml')).toContain('name: settings');
    expect(read('s/kustomization.yaml')).toMatch(/- base\n\s*- aaa/);
  });

  it('can stand beside the stacks: a stack of one layer', () => {
    const { app, read } = stackIn();
    new ApiObject(new Chart(app, 'lonely', { namespace: 'x' }), 'c', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'c' },
      data: {},
    });
    app.synth();
    expect(read('lonely/lonely/lonely.k8s.yaml')).toContain('kind: ConfigMap');
  });

  it('can be an Include', () => {
    const { app, stack, read } = stackIn();
    const file = join(scratch, 'upstream.yaml');
    writeFileSync(file, 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: upstream, namespace: team}\ndata: {k: "yes"}\n');
    new Include(new Layer(stack, 'base', { namespace: 'team' }), 'upstream', { url: file });
    app.synth();
    expect(read('s/base/base.k8s.yaml')).toContain('k: "yes"');
  });

  it('can be a Helm chart', () => {
    const { app, stack, read } = stackIn();
    // Stands for the helm program: prints one object, as `helm template` does.
    const helm = join(scratch, 'helm');
    writeFileSync(
      helm,
      '#!/bin/sh\nprintf "apiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: from-helm, namespace: team}\\n"\n',
    );
    chmodSync(helm, 0o755);
    new Helm(new Layer(stack, 'base', { namespace: 'team' }), 'chart', { chart: 'anything', helmExecutable: helm });
    app.synth();
    expect(read('s/base/base.k8s.yaml')).toContain('name: from-helm');
  });
});

it('our constructs stand in a plain cdk8s App', () => {
  const chart = new Chart(new App(), 'plain', { namespace: 'istio-system' });
  const jaeger = new Jaeger(chart, 'jaeger');
  const istio = new Mesh(chart, 'istio', { tracing: { to: jaeger } });
  new Kiali(chart, 'kiali', { mesh: istio, metrics: new Prometheus(chart, 'prometheus', { scrape: [istio] }), tracing: jaeger });
  expect(object(chart, 'Telemetry', 'mesh-default').metadata.namespace).toBe('istio-system');
  expect(() => new Jaeger(new Chart(new App(), 'nowhere'), 'jaeger')).toThrow("chart 'nowhere' has no namespace");
});

it("a gateway publishes users' own Services", () => {
  const { app, stack, read } = stackIn();
  const mesh = new Layer(stack, 'mesh', { namespace: 'istio-system' });
  const apps = new Layer(stack, 'apps', { namespace: 'shop' });
  const deployment = new plus.Deployment(apps, 'web', {
    metadata: { name: 'web' },
    containers: [{ image: 'example.test/web:1', portNumber: 8080 }],
  });
  const service = deployment.exposeViaService({ name: 'web', ports: [{ port: 80, targetPort: 8080, name: 'http' }] });
  const mine: Published = {
    page: { name: 'web', endpoint: Endpoint.ofService(service, 'http', 'http'), path: '/', sidecar: 'by-namespace' },
  };
  new IstioGateway(mesh, 'gateway', { mesh: new Mesh(mesh, 'istio') }).publish(mine, { host: 'web.mesh.test' });
  app.synth();
  expect(read('s/mesh/mesh.k8s.yaml')).toContain('host: web.shop.svc.cluster.local');
});

it('everything that stands already is taken by reference', () => {
  const { app, stack, read } = stackIn();
  const mesh = new Layer(stack, 'mesh', { namespace: { existing: 'istio-system' } });
  const apps = new Layer(stack, 'apps', { namespace: 'bookinfo' });
  const collector = existingSink({ 'otlp-grpc': at('otlp-grpc', 'otel-collector', 4317) });
  const pods = { selector: { istio: 'edge' }, namespace: 'edge', service: at('http', 'edge', 80) };
  const istio = new Mesh(mesh, 'istio', {
    install: { by: 'existing', ingress: pods },
    tracing: { to: collector, samplingPercent: 5 },
  });
  const prometheus = Prometheus.fromExisting(at('http', 'prometheus', 9090));
  const jaeger = Jaeger.fromExisting({
    query: at('http', 'jaeger', 16686, '/jaeger'),
    receivers: { 'otlp-grpc': at('otlp-grpc', 'jaeger', 4317) },
  });
  const grafana = Grafana.fromExisting({ internal: at('http', 'grafana', 3000) });
  new Kiali(mesh, 'kiali', { mesh: istio, metrics: prometheus, tracing: jaeger, dashboards: grafana });
  istio.enroll(apps);
  new IstioGateway(mesh, 'gateway', { pods }).publish(new Bookinfo(apps, 'bookinfo'), { host: '*' });
  app.synth();
  const objects = read('s/mesh/mesh.k8s.yaml');
  expect(objects).not.toContain('kind: Namespace');
  expect(objects).toContain('http://prometheus.tools.svc.cluster.local:9090');
  expect(objects).toContain('http://grafana.tools.svc.cluster.local:3000');
  expect(objects).toContain('http://jaeger.tools.svc.cluster.local:16686/jaeger');
  expect(objects).toContain('istio: edge');
  expect(JSON.parse(read('s/inventory.json')).mesh.extensionProviders).toEqual([
    { name: 'otel', opentelemetry: { service: 'otel-collector.tools.svc.cluster.local', port: 4317 } },
  ]);
});

it('other versions than the catalog are taken', () => {
  const chart = layer();
  const jaeger = new Jaeger(chart, 'jaeger', { version: '2.19.0' });
  const prometheus = new Prometheus(chart, 'prometheus', { scrape: [], version: 'v3.10.0' });
  new Grafana(chart, 'grafana', { sources: [prometheus, jaeger], version: '12.0.1' });
  const image = (name: string) => object(chart, 'Deployment', name).spec.template.spec.containers[0].image;
  expect([image('jaeger'), image('prometheus'), image('grafana')].map((i) => i.split(':')[1])).toEqual([
    '2.19.0',
    'v3.10.0',
    '12.0.1',
  ]);
});

describe('a finding that is fine here', () => {
  const program = (reason?: string) => {
    const { app, stack, read } = stackIn();
    const chart = new Layer(stack, 'base', { namespace: 'team' });
    const routes = new ApiObject(chart, 'route', {
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: { name: 'later' },
      spec: { hosts: ['later'], http: [{ route: [{ destination: { host: 'later' } }] }] },
    });
    new plus.k8s.KubeService(chart, 'service', {
      metadata: { name: 'now' },
      spec: { selector: { app: 'now' }, ports: [{ port: 80 }] },
    });
    if (reason !== undefined) acknowledge(routes, 'REF001', reason);
    return { app, read };
  };

  it('stops the synth until it is acknowledged, with a reason', () => {
    expect(() => program().app.synth()).toThrow(/REF001[\s\S]*later/);
    expect(() => program('')).toThrow('needs a reason');
    const { app, read } = program('the team deploys it on Monday');
    app.synth();
    expect(read('s/base/base.k8s.yaml')).toContain('name: later');
  });

  it('can be accepted for the whole app, in whichever stack it stands', () => {
    const outdir = join(scratch, 'everywhere');
    const app = new MeshApp({ outdir });
    for (const id of ['quiet', 'loud']) {
      const mesh = new Layer(new Stack(app, id), 'mesh', { namespace: 'istio-system' });
      new Prometheus(mesh, 'prometheus', { scrape: [] });
      const missing = Endpoint.external({ protocol: 'zipkin', host: 'late.istio-system.svc.cluster.local', port: 9411 });
      if (id === 'loud') new Mesh(mesh, 'istio', { tracing: { to: existingSink({ zipkin: missing }) } });
    }
    expect(() => app.synth()).toThrow(/TRC002/);
    acknowledge(app, 'TRC002', 'an operator makes the Service');
    app.synth();
    const accepted = (id: string) => JSON.parse(readFileSync(join(outdir, id, 'inventory.json'), 'utf8')).acknowledged;
    expect(accepted('loud')).toEqual([{ code: 'TRC002', reason: 'an operator makes the Service', path: '' }]);
    expect(accepted('quiet')).toBeUndefined();
  });

  it('is accepted by check as well, wherever the program accepted it', () => {
    const outdir = join(scratch, 'accepted');
    const app = new MeshApp({ outdir });
    const mesh = new Layer(new Stack(app, 's'), 'mesh', { namespace: 'istio-system' });
    new Prometheus(mesh, 'prometheus', { scrape: [] });
    const missing = Endpoint.external({ protocol: 'zipkin', host: 'late.istio-system.svc.cluster.local', port: 9411 });
    const istio = new Mesh(mesh, 'istio', { tracing: { to: existingSink({ zipkin: missing }) } });
    expect(() => app.synth()).toThrow(/TRC002[\s\S]*late/);
    acknowledge(istio, 'TRC002', 'an operator makes the Service');
    app.synth();
    const check = spawnSync(process.execPath, ['--import', 'tsx', 'cli/main.ts', 'check', outdir], { encoding: 'utf8' });
    expect(check).toMatchObject({ status: 0, stdout: expect.stringContaining('no findings') });
  });
});
