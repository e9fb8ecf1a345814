import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  Collector,
  edges,
  GatewayApiGateway,
  Jaeger,
  KialiOperator,
  KialiResource,
  KubePrometheusStack,
  Layer,
  Mesh,
  MeshApp,
  Monitors,
  type MonitorsProps,
  type PrometheusRuleGroup,
  PrometheusRules,
  type PrometheusRulesProps,
  prove,
  readWorlds,
  Stack,
  Tempo,
} from '../constructs/index.ts';
import type { Scraped, ScrapeJob } from '../constructs/kit/index.ts';
import { type Loose, layer, object, objects } from './support/synth.ts';

const outdir = mkdtempSync(join(tmpdir(), 'monitors-'));
afterAll(() => rmSync(outdir, { recursive: true }));

const scraped = (...scrapeJobs: ScrapeJob[]): Scraped => ({ scrapeJobs });
const plain: ScrapeJob = { by: 'service', job: 'shop/Till', namespace: 'shop', service: 'till.v1', port: 'http-metrics' };
const proxies: ScrapeJob = { by: 'pod-annotations', job: 'kubernetes-pods' };

function monitors(props: MonitorsProps) {
  const chart = layer('monitoring');
  new Monitors(chart, 'monitors', props);
  return { chart, made: objects(chart).filter(({ kind }) => kind !== 'Namespace') };
}

const ofMesh = (install: ConstructorParameters<typeof Mesh>[2] = {}) =>
  monitors({ of: [new Mesh(layer('istio-system'), 'istio', install)] });

/** What Prometheus makes of a target's labels under relabelings; undefined where one drops it. */
function relabelled(rules: readonly Loose[], labels: Readonly<Record<string, string>>): Record<string, string> | undefined {
  const now: Record<string, string> = { ...labels };
  for (const { action = 'replace', sourceLabels = [], regex = '(.*)', replacement = '$1', targetLabel } of rules) {
    const value = sourceLabels.map((one: string) => now[one] ?? '').join(';');
    const match = new RegExp(`^(?:${regex})$`).exec(value);
    if (action === 'keep' && !match) return undefined;
    if (action === 'replace' && match)
      now[targetLabel] = replacement.replace(/\$(\d)/g, (_: string, i: string) => match[Number(i)]);
    if (action === 'labeldrop') for (const key of Object.keys(now)) if (new RegExp(`^(?:${regex})$`).test(key)) delete now[key];
  }
  return now;
}

const pod = (more: Readonly<Record<string, string>>) => ({
  __meta_kubernetes_namespace: 'shop',
  __meta_kubernetes_pod_name: 'till-0',
  __meta_kubernetes_pod_container_name: 'istio-proxy',
  __meta_kubernetes_pod_container_init: 'false',
  __meta_kubernetes_pod_ip: '10.0.0.7',
  __meta_kubernetes_pod_annotation_prometheus_io_scrape: 'true',
  __meta_kubernetes_pod_annotationpresent_prometheus_io_scrape: 'true',
  __meta_kubernetes_pod_annotation_prometheus_io_port: '15020',
  __meta_kubernetes_pod_label_app: 'till',
  ...more,
});

describe('monitors of a mesh', () => {
  it('are those of Istio’s sample', () => {
    const { made } = ofMesh();
    expect(made.map(({ kind, metadata }) => [kind, metadata.name, metadata.namespace])).toEqual([
      ['ServiceMonitor', 'istio-component-monitor', 'monitoring'],
      ['PodMonitor', 'envoy-stats-monitor', 'monitoring'],
    ]);
    const [istiod, envoy] = made;
    expect(istiod.spec).toEqual({
      jobLabel: 'istio',
      targetLabels: ['app'],
      selector: { matchLabels: { istio: 'pilot' } },
      namespaceSelector: { matchNames: ['istio-system'] },
      endpoints: [{ port: 'http-monitoring', interval: '15s' }],
    });
    expect(envoy.spec).toMatchObject({
      jobLabel: 'envoy-stats',
      selector: { matchExpressions: [{ key: 'istio-prometheus-ignore', operator: 'DoesNotExist' }] },
      namespaceSelector: { any: true },
      podMetricsEndpoints: [{ path: '/stats/prometheus', interval: '15s' }],
    });
  });

  it('look for the istiod of the mesh’s revision', () => {
    const { made } = ofMesh({ install: { by: 'existing', revision: 'canary' } });
    expect(made[0].spec.selector).toEqual({ matchLabels: { istio: 'pilot', 'istio.io/rev': 'canary' } });
  });

  it.each([
    ['10.0.0.7', '10.0.0.7:15020'],
    ['fd00:10:244::1f', '[fd00:10:244::1f]:15020'],
  ])('ask a proxy at %s by its annotation, and call its pod `pod`', (ip, address) => {
    const rules = ofMesh().made[1].spec.podMetricsEndpoints[0].relabelings;
    expect(relabelled(rules, pod({ __meta_kubernetes_pod_ip: ip }))).toMatchObject({
      __address__: address,
      namespace: 'shop',
      pod: 'till-0',
    });
    expect(relabelled(rules, pod({}))).not.toHaveProperty('__meta_kubernetes_pod_label_app');
    expect(relabelled(rules, pod({ __meta_kubernetes_pod_container_name: 'till' }))).toBeUndefined();
  });
});

describe('monitors of others', () => {
  it('select a Service by its labels where they are known', () => {
    const labels = { app: 'till' };
    const { chart } = monitors({ of: [scraped({ ...plain, labels, path: '/actuator' })] });
    expect(object(chart, 'ServiceMonitor', 'shop-till').spec).toEqual({
      targetLabels: ['app'],
      selector: { matchLabels: labels },
      namespaceSelector: { matchNames: ['shop'] },
      endpoints: [
        {
          port: 'http-metrics',
          path: '/actuator',
          interval: '15s',
          relabelings: [{ action: 'replace', replacement: 'shop/Till', targetLabel: 'job' }],
        },
      ],
    });
  });

  it('select it by its name where they are not', () => {
    const { chart } = monitors({ of: [scraped(plain)] });
    const { selector, endpoints } = object(chart, 'ServiceMonitor', 'shop-till').spec;
    expect(selector).toEqual({});
    const named = (service: string) => relabelled(endpoints[0].relabelings, { __meta_kubernetes_service_name: service });
    expect(named('till.v1')).toMatchObject({ job: 'shop/Till' });
    expect(named('till-v1')).toBeUndefined();
    expect(named('other')).toBeUndefined();
  });

  it('tell the Services apart that the operator makes for a collector', () => {
    const otel = layer('otel-system');
    const jaeger = new Jaeger(layer('tracing'), 'jaeger');
    const made = monitors({
      of: [new Collector(otel, 'otel', { runAs: 'operator', exportTo: [jaeger], spanMetrics: {} })],
    }).chart;
    const type = 'operator.opentelemetry.io/collector-service-type';
    expect(object(made, 'ServiceMonitor', 'otel-system-otel').spec.selector.matchLabels).toEqual({
      'app.kubernetes.io/name': 'otel-collector-monitoring',
      [type]: 'monitoring',
    });
    expect(object(made, 'ServiceMonitor', 'otel-system-otel-from-spans').spec.selector.matchLabels).toEqual({
      'app.kubernetes.io/name': 'otel-collector',
      [type]: 'base',
    });
  });

  it('ask annotated pods that are no proxies once, where and how they say', () => {
    const jaeger = new Jaeger(layer('tracing'), 'jaeger');
    const { chart } = monitors({ of: [jaeger, jaeger] });
    const { spec } = object(chart, 'PodMonitor', 'jaeger');
    expect(spec.selector).toEqual({ matchLabels: { app: 'jaeger' } });
    expect(spec.namespaceSelector).toEqual({ matchNames: ['tracing'] });
    const [{ relabelings, path }] = spec.podMetricsEndpoints;
    expect(path).toBeUndefined();
    const path_ = { __meta_kubernetes_pod_annotation_prometheus_io_path: '/q' };
    expect(relabelled(relabelings, pod(path_))).toMatchObject({
      __address__: '10.0.0.7:15020',
      __metrics_path__: '/q',
      job: 'kubernetes-pods',
      app: 'till',
    });
    expect(relabelled(relabelings, pod({ __meta_kubernetes_pod_annotation_prometheus_io_scrape: 'false' }))).toBeUndefined();
    expect(relabelled(relabelings, pod({ __meta_kubernetes_pod_container_init: 'true' }))).toBeUndefined();
  });

  it('stand once for a job that is handed over twice, and refuse two of one name', () => {
    expect(monitors({ of: [scraped(plain, proxies), scraped(plain, { ...proxies, job: 'pods' })] }).made).toHaveLength(2);
    expect(() => monitors({ of: [scraped(plain, { ...plain, port: 'other' })] })).toThrow(
      "monitors of 'layer/monitors' would have two different ones called 'shop-till'",
    );
  });

  const everyOption: Required<MonitorsProps> = {
    of: [scraped(plain, proxies)],
    interval: '30s',
    labels: { release: 'site-prometheus' },
  };

  it('take every option', () => {
    const { made } = monitors(everyOption);
    expect(made.map(({ metadata }) => metadata.labels)).toEqual([everyOption.labels, everyOption.labels]);
    expect(made[0].spec.endpoints[0].interval).toBe('30s');
    expect(made[1].spec.podMetricsEndpoints[0].interval).toBe('30s');
    expect(monitors({ of: everyOption.of }).made[0].metadata).not.toHaveProperty('labels');
  });

  it('refuse what Prometheus and the API server would', () => {
    expect(() => monitors({ ...everyOption, interval: '15' })).toThrow('interval of \'layer/monitors\' is "15"');
    expect(() => monitors({ ...everyOption, labels: { 'a b': 'c' } })).toThrow('\'layer/monitors\' has label "a b"');
    expect(() => monitors({ of: [scraped({ ...plain, job: '/' })] })).toThrow('name of a monitor of \'layer/monitors\' is "-"');
  });
});

describe('rules', () => {
  const group: PrometheusRuleGroup = {
    name: 'mesh',
    interval: '30s',
    rules: [
      { record: 'mesh:requests:rate1m', expr: 'sum(rate(istio_requests_total[1m]))', labels: { of: 'mesh' } },
      {
        alert: 'MeshErrors',
        expr: 'mesh:requests:rate1m > 1',
        for: '5m',
        labels: { severity: 'warning' },
        annotations: { summary: '{{ $value }} errors' },
      },
    ],
  };
  const everyOption: Required<PrometheusRulesProps> = { name: 'mesh-rules', groups: [group], labels: { release: 'x' } };
  const rules = (props: PrometheusRulesProps) => {
    const chart = layer();
    new PrometheusRules(chart, 'rules', props);
    return objects(chart).find(({ kind }) => kind === 'PrometheusRule');
  };

  it('take every option, and say them as they are', () => {
    const { metadata, spec } = rules(everyOption);
    expect(metadata).toEqual({ name: 'mesh-rules', namespace: 'istio-system', labels: { release: 'x' } });
    expect(spec).toEqual({ groups: [group] });
    expect(rules({ groups: [group] }).metadata).toEqual({ name: 'rules', namespace: 'istio-system' });
  });

  it('refuse what the operator would', () => {
    expect(() => rules({ groups: [group, group] })).toThrow("rules 'layer/rules' have two groups called 'mesh'");
    expect(() => rules({ groups: [{ name: 'g', rules: [{ record: '1-a', expr: '1' }] }] })).toThrow('series "1-a"');
    expect(() => rules({ groups: [{ name: 'g', rules: [{ alert: ' ', expr: '1' }] }] })).toThrow('has no name');
    expect(() => rules({ ...everyOption, name: 'A' })).toThrow('name of \'layer/rules\' is "A"');
    expect(() => rules({ ...everyOption, labels: { 'a b': '' } })).toThrow('has label "a b"');
  });
});

describe('a monitored mesh', () => {
  const app = new MeshApp({ outdir });
  const stack = new Stack(app, 'platform', { platform: 'rke2' });
  const monitoring = new Layer(stack, 'monitoring', { namespace: 'monitoring' });
  const operator = new Layer(stack, 'kiali-operator', { namespace: 'kiali-operator' });
  const mesh = new Layer(stack, 'mesh', { namespace: 'istio-system' });
  const tracing = new Layer(stack, 'tracing', { namespace: 'tracing' });
  const exposure = new Layer(stack, 'exposure', { namespace: mesh, after: [mesh, monitoring] });
  const kiali = new Layer(stack, 'kiali', { namespace: mesh, after: [operator, mesh, monitoring] });
  const watching = new Layer(stack, 'monitors', { namespace: monitoring, after: [monitoring, mesh, tracing] });

  const prometheus = new KubePrometheusStack(monitoring, 'kube-prometheus-stack', {
    access: { adminPassword: { secret: 'grafana-admin', key: 'password' } },
  });
  const tempo = new Tempo(tracing, 'tempo', { metricsGenerator: { to: prometheus.prometheus } });
  prometheus.show(tempo);
  const istio = new Mesh(mesh, 'istio', { install: { by: 'existing' }, tracing: { to: tempo } });
  const gateway = new GatewayApiGateway(exposure, 'gateway', { mesh: istio });
  gateway.publish(prometheus.prometheus, { host: 'prometheus.mesh.test' });
  const page = new KialiResource(kiali, 'kiali', {
    ...{ mesh: istio, metrics: prometheus.prometheus, tracing: tempo, dashboards: prometheus.grafana },
    links: { dashboards: gateway.publish(prometheus.grafana, { host: 'grafana.mesh.test' }) },
    dashboardsLogin: { user: 'kiali', password: { secret: 'grafana-kiali', key: 'password' } },
    operator: new KialiOperator(operator, 'kiali-operator'),
    auth: 'token',
  });
  gateway.publish(page, { host: 'kiali.mesh.test' });
  new Monitors(watching, 'monitors', { of: [istio, tempo] });
  new PrometheusRules(watching, 'rules', {
    groups: [{ name: 'mesh', rules: [{ alert: 'NoTraffic', expr: 'absent(istio_requests_total)' }] }],
  });
  app.synth();
  const worlds = readWorlds([join(outdir, 'platform')]);

  it('is without findings', () => {
    expect(worlds.flatMap((world) => prove(world)).map(({ code, message }) => `${code} ${message}`)).toEqual([]);
  });

  it('shows who reads what', () => {
    const reads = worlds.flatMap((world) => edges(world)).filter(({ what }) => what === 'reads' || what === 'calls');
    expect(reads.map(({ from, to }) => `${from} -> ${to}`)).toEqual([
      'HelmRelease/monitoring/kube-prometheus-stack -> Service/monitoring/kube-prometheus-stack-prometheus',
      'HelmRelease/monitoring/kube-prometheus-stack -> Service/tracing/tempo',
      'Kiali/istio-system/kiali -> Service/monitoring/kube-prometheus-stack-grafana',
      'Kiali/istio-system/kiali -> Service/monitoring/kube-prometheus-stack-prometheus',
      'Kiali/istio-system/kiali -> Service/tracing/tempo',
    ]);
  });
});
