import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { MeshApp } from '../constructs/index.ts';
import { dxlab } from '../stacks/platform/site.ts';
import { platform } from '../stacks/platform.ts';
import type { Loose } from './support/synth.ts';

const scratch = mkdtempSync(join(tmpdir(), 'platform-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const { mirror: _, ...public_ } = dxlab;
const app = new MeshApp({ outdir: scratch });
platform(app);
platform(app, { name: 'ambient', dataplane: 'ambient' });
platform(app, {
  name: 'elsewhere',
  site: { ...public_, domain: 'other.example', gatewayAddress: '10.0.0.9', ingressAddress: '10.0.0.8' },
});
app.synth();

function textOf(stack: string, layer: string): string {
  return readFileSync(join(scratch, stack, layer, `${layer}.k8s.yaml`), 'utf8');
}

function objects(layer: string, stack = 'platform'): Loose[] {
  return parseAllDocuments(textOf(stack, layer)).map((one) => one.toJS());
}

function one(layer: string, kind: string, name: string, stack = 'platform'): Loose {
  const found = objects(layer, stack).filter((o) => o.kind === kind && o.metadata.name === name);
  if (found.length !== 1) throw new Error(`${found.length} objects ${kind}/${name} in ${stack}/${layer}`);
  return found[0];
}

const valuesOf = (layer: string, release: string, stack?: string) => one(layer, 'HelmRelease', release, stack).spec.values;
const everyText = (stack: string) =>
  readdirSync(join(scratch, stack), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ya?ml|json)$/.test(file))
    .map((file) => [file, readFileSync(join(scratch, stack, file), 'utf8')] as const);

describe('the platform, as the tutorial has it', () => {
  it('D1: MetalLB gives the gateway its address, from a pool that holds nothing else', () => {
    expect(one('addresses', 'IPAddressPool', 'ip-pool').spec.addresses).toEqual(['10.34.124.115/32']);
    expect(one('addresses', 'L2Advertisement', 'l2advertise').spec.ipAddressPools).toEqual(['ip-pool']);
    expect(valuesOf('gateways', 'istio-ingressgateway').service.annotations).toMatchObject({
      'metallb.io/loadBalancerIPs': '10.34.124.115',
    });
    expect(one('metallb', 'Namespace', 'metallb-system').metadata.labels).toMatchObject({
      'pod-security.kubernetes.io/enforce': 'privileged',
    });
  });

  it('D2, D10: hosts of the ingress beside the mesh, and of the gateway into it; nginx by both', () => {
    const ingresses = objects('exposure').filter((o) => o.kind === 'Ingress');
    expect(ingresses.map((o) => o.spec.rules[0].host).sort()).toEqual(
      ['grafana', 'hotrod', 'kiali', 'nginx', 'prometheus'].map((name) => `${name}.dxlab.site.example`),
    );
    expect(ingresses.every((o) => o.spec.ingressClassName === 'traefik')).toBe(true);
    expect(one('exposure', 'VirtualService', 'nginx').spec.hosts).toEqual(['nginx.istio-dxlab.site.example']);
    expect(one('exposure', 'VirtualService', 'bookinfo').spec.hosts).toEqual(['bookinfo.istio-dxlab.site.example']);
  });

  it('D3: Istio by its charts, base before istiod before the gateway, spans to the collector by zipkin', () => {
    expect(one('istio', 'HelmRelease', 'istiod').spec.dependsOn).toEqual([{ name: 'istio-base' }]);
    expect(one('gateways', 'HelmRelease', 'istio-ingressgateway').spec.dependsOn).toEqual([{ name: 'istiod' }]);
    expect(valuesOf('istio', 'istiod').meshConfig.extensionProviders).toContainEqual({
      name: 'zipkin',
      zipkin: { service: 'otel-collector.otel-system.svc.cluster.local', port: 9411 },
    });
    // RKE2 is none of the platforms that Istio has a word for.
    expect(valuesOf('istio', 'istiod').global).not.toHaveProperty('platform');
  });

  it('D4: Kiali by its operator, view only, with what it links to', () => {
    const { spec } = one('kiali', 'Kiali', 'kiali');
    expect(spec.auth.strategy).toBe('token');
    expect(spec.deployment.view_only_mode).toBe(true);
    expect(spec.external_services.custom_dashboards.enabled).toBe(false);
    expect(spec.external_services.istio.component_status.components).toMatchObject([{ app_label: 'istiod', is_core: true }]);
    expect(spec.external_services.grafana.external_url).toBe('https://grafana.dxlab.site.example/');
    expect(spec.external_services.grafana.auth.password).toBe('secret:grafana-admin:password');
    expect(one('kiali', 'ExternalSecret', 'grafana-admin').metadata.namespace).toBe(spec.deployment.namespace);
    expect(spec.external_services.tracing).toMatchObject({ provider: 'tempo', internal_url: expect.stringContaining(':3200') });
  });

  it('D5, D6: the collector hands on to Tempo, which keeps a day of traces on a disk', () => {
    const { config } = one('otel', 'OpenTelemetryCollector', 'otel').spec;
    expect(Object.keys(config.receivers).sort()).toEqual(['jaeger', 'otlp', 'zipkin']);
    expect(config.service.pipelines.traces.processors).toEqual(expect.arrayContaining(['memory_limiter', 'batch']));
    expect(JSON.stringify(config.exporters)).toContain('tempo.monitoring.svc.cluster.local:4317');
    const { tempo, persistence } = valuesOf('tracing', 'tempo');
    expect(tempo).toMatchObject({ retention: '24h', reportingEnabled: false });
    expect(tempo.storage.trace).toMatchObject({ local: { path: '/var/tempo/traces' }, wal: { path: '/var/tempo/wal' } });
    expect(persistence).toMatchObject({ enabled: true, size: '10Gi' });
  });

  it('D7, D8: one Prometheus for the monitors of every namespace', () => {
    const { prometheus, grafana } = valuesOf('monitoring', 'kube-prometheus-stack');
    for (const kind of ['serviceMonitor', 'podMonitor', 'rule', 'probe'])
      expect(prometheus.prometheusSpec[`${kind}SelectorNilUsesHelmValues`], kind).toBe(false);
    expect(grafana.additionalDataSources).toContainEqual(
      expect.objectContaining({ type: 'tempo', url: 'http://tempo.monitoring.svc.cluster.local:3200' }),
    );
    expect(grafana.admin.existingSecret).toBe('grafana-admin');
    expect(one('monitors', 'PodMonitor', 'envoy-stats-monitor').spec.podMetricsEndpoints[0]).toMatchObject({
      path: '/stats/prometheus',
      interval: '15s',
    });
    expect(one('monitors', 'ServiceMonitor', 'istio-component-monitor').spec.targetLabels).toEqual(['app']);
    const dashboards = objects('monitors').filter((o) => o.kind === 'ConfigMap');
    expect(dashboards.map(({ metadata }) => metadata.name.replace('grafana-dashboard-', ''))).toEqual(
      expect.arrayContaining([
        'istio-mesh',
        'istio-service',
        'istio-workload',
        'istio-control-plane',
        'trace-collector',
        'trace-tempo',
        'logs-loki',
      ]),
    );
    for (const { metadata } of dashboards) expect(metadata.labels.grafana_dashboard).toBe('1');
  });

  it('alerts on all that it runs, each with the page that tells what to do', () => {
    const rules = one('monitors', 'PrometheusRule', 'mesh').spec.groups.flatMap((group: Loose) => group.rules);
    const alerts: Loose[] = rules.filter((rule: Loose) => rule.alert);
    expect(alerts.map(({ alert }) => alert)).toEqual(
      expect.arrayContaining([
        'MeshErrorBudgetBurnsFast',
        'MeshSpansMissing',
        'IstiodDown',
        'CollectorDown',
        'TempoDown',
        'LokiDown',
      ]),
    );
    for (const { alert, annotations } of alerts)
      expect(annotations.runbook_url).toBe(`https://git.site.example/platform/mesh/docs/alerts.md#${alert.toLowerCase()}`);
  });

  it('D18: access logs by OTLP to Loki, which Grafana shows beside the traces', () => {
    expect(valuesOf('istio', 'istiod').meshConfig.extensionProviders).toContainEqual({
      name: 'access-log',
      envoyOtelAls: expect.objectContaining({ service: 'otel-collector.otel-system.svc.cluster.local', port: 4317 }),
    });
    const { exporters, service } = one('otel', 'OpenTelemetryCollector', 'otel').spec.config;
    const [exporter = ''] = service.pipelines.logs.exporters;
    expect(exporters[exporter].endpoint).toBe('http://loki.monitoring.svc.cluster.local:3100/otlp');
    expect(valuesOf('monitoring', 'kube-prometheus-stack').grafana.additionalDataSources).toContainEqual(
      expect.objectContaining({ type: 'loki', url: 'http://loki.monitoring.svc.cluster.local:3100' }),
    );
  });

  it('D9: each host has a certificate of the site, where its way in reads it', () => {
    const { certManager } = valuesOf('otel-operator', 'opentelemetry-operator').admissionWebhooks;
    expect(certManager.enabled).toBe(true);
    expect(valuesOf('cert-manager', 'cert-manager').crds.enabled).toBe(true);
    const certificates = objects('exposure').filter((o) => o.kind === 'Certificate');
    const gateway = one('exposure', 'Gateway', 'bookinfo-gateway').spec.servers;
    const secured = gateway.find((s: Loose) => s.port.number === 443);
    const own = certificates.find((c) => c.spec.secretName === secured.tls.credentialName);
    expect(own.metadata.namespace).toBe('istio-system');
    expect(own.spec.dnsNames).toEqual(['bookinfo.istio-dxlab.site.example']);
    expect(gateway.find((s: Loose) => s.port.number === 80).tls).toEqual({ httpsRedirect: true });
    for (const ingress of objects('exposure').filter((o) => o.kind === 'Ingress')) {
      const [{ secretName }] = ingress.spec.tls;
      const its = certificates.find((c) => c.spec.secretName === secretName);
      expect(its?.metadata.namespace, secretName).toBe(ingress.metadata.namespace);
    }
  });

  it('D19: Flux applies layer after layer: a custom resource after the chart that knows it', () => {
    const steps = objects('flux').filter((o) => o.kind === 'Kustomization');
    const after = (name: string): string[] => {
      const named: Loose[] = steps.find((o) => o.metadata.name === `platform-${name}`)?.spec.dependsOn ?? [];
      return named.map((d) => d.name.replace('platform-', ''));
    };
    const reaches = (from: string, to: string): boolean => after(from).some((name) => name === to || reaches(name, to));
    for (const { spec } of steps) expect(spec).toMatchObject({ wait: true, prune: true });
    const pairs: [string, string][] = [
      ['addresses', 'metallb'],
      ['issuers', 'cert-manager'],
      ['exposure', 'cert-manager'],
      ['mesh', 'istio'],
      ['gateways', 'addresses'],
      ['otel', 'otel-operator'],
      ['kiali', 'kiali-operator'],
      ['monitors', 'monitoring'],
      ['apps', 'istio'],
    ];
    for (const [later, earlier] of pairs) expect(reaches(later, earlier), `${later} after ${earlier}`).toBe(true);
    // Nothing but Flux waits in between: one kubectl apply of the whole cannot.
    expect(existsSync(join(scratch, 'platform/kustomization.yaml'))).toBe(false);
  });

  it('D11: nothing comes from a public registry, and every namespace may pull', () => {
    const publicHosts =
      /docker\.io|quay\.io|ghcr\.io|gcr\.io|registry\.k8s\.io|registry\.istio\.io|\.github\.io|googleapis\.com|kiali\.org/;
    for (const [file, text] of everyText('platform'))
      expect(
        text.split('\n').filter((l) => publicHosts.test(l)),
        file,
      ).toEqual([]);
    const logins = everyText('platform').flatMap(([, text]) => text.match(/name: harbor\n {2}namespace: (\S+)/g) ?? []);
    const namespaces = everyText('platform').flatMap(([, text]) => text.match(/kind: Namespace\n/g) ?? []);
    expect(logins.length).toBe(namespaces.length);
  });

  it('holds no Secret, only where values come from', () => {
    for (const [file, text] of everyText('platform')) expect(text, file).not.toMatch(/^kind: Secret$/m);
  });
});

describe('another site', () => {
  it('is other parameters: domain, addresses, public registries', () => {
    const all = everyText('elsewhere')
      .map(([, text]) => text)
      .join('');
    expect(all).not.toMatch(/site\.example\/mesh|dxlab\.site\.example|10\.34\.124/);
    expect(all).toContain('bookinfo.istio-dxlab.other.example');
    expect(one('addresses', 'IPAddressPool', 'ip-pool', 'elsewhere').spec.addresses).toEqual(['10.0.0.9/32']);
    expect(all).toContain('docker.io/nginxinc/nginx-unprivileged');
  });

  it('whose gateway takes the address of its ingress is refused, with both named', () => {
    const broken = () => platform(new MeshApp(), { site: { ...dxlab, gatewayAddress: dxlab.ingressAddress } });
    expect(broken).toThrow(/10\.34\.124\.114.*ip-pool|ip-pool.*10\.34\.124\.114/s);
  });

  it('whose domain is none is refused', () => {
    expect(() => platform(new MeshApp(), { site: { ...dxlab, domain: 'Site_Example' } })).toThrow(/Site_Example/);
  });
});

describe('the ambient platform', () => {
  it('runs the CNI agent and ztunnel, and a waypoint that makes the spans', () => {
    expect(one('istio', 'HelmRelease', 'ztunnel', 'ambient').spec.dependsOn).toEqual([{ name: 'istio-cni' }]);
    expect(one('apps', 'Namespace', 'apps', 'ambient').metadata.labels).toMatchObject({
      'istio.io/dataplane-mode': 'ambient',
      'istio.io/use-waypoint': 'waypoint',
    });
    expect(one('apps', 'Gateway', 'waypoint', 'ambient').spec.gatewayClassName).toBe('istio-waypoint');
  });

  it('exports the same spans to the same place', () => {
    expect(valuesOf('istio', 'istiod', 'ambient').meshConfig).toEqual(valuesOf('istio', 'istiod').meshConfig);
  });
});
