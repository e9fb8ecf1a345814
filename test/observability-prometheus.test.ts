import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { Endpoint, type ScrapeJob } from '../constructs/kit/index.ts';
import { type ExistingPrometheusProps, Prometheus, type PrometheusProps } from '../constructs/observability/index.ts';
import { type Loose, layer, object } from './support/synth.ts';

const pods: ScrapeJob = { by: 'pod-annotations', job: 'kubernetes-pods' };
const istiod: ScrapeJob = {
  by: 'service',
  job: 'istiod',
  namespace: 'istio-system',
  service: 'istiod',
  port: 'http-monitoring',
};

const everyOption: Required<PrometheusProps> = {
  scrape: [{ scrapeJobs: [istiod] }],
  retention: '2d12h',
  alerts: { minRequestsPerHour: 60 },
  rules: [{ name: 'own', rules: [{ record: 'shop:orders:rate5m', expr: 'sum(rate(orders_total[5m]))' }] }],
  alertmanager: Endpoint.external({ protocol: 'http', host: 'alertmanager.monitoring.svc.cluster.local', port: 9093 }),
  version: 'v3.10.0',
  image: 'mirror.test/prometheus',
  resources: { cpu: '2', memory: '4Gi', memoryLimit: '8Gi' },
};

function prometheus(props?: PrometheusProps) {
  const chart = layer();
  const made = new Prometheus(chart, 'prometheus', props);
  const config = parse(object(chart, 'ConfigMap', 'prometheus').data['prometheus.yml']);
  const jobs = new Map<string, Loose>(config.scrape_configs.map((j: Loose) => [j.job_name, j]));
  const deployment = object(chart, 'Deployment', 'prometheus');
  return { chart, made, config, jobs, deployment, container: deployment.spec.template.spec.containers[0] };
}

/** What Prometheus makes of a target's labels: the relabel actions that are used here (Prometheus, relabel_config). */
function relabel(rules: Loose[], labels: Record<string, string>): Record<string, string> | undefined {
  const found = { ...labels };
  for (const { source_labels = [], regex = '(.*)', action, target_label, replacement = '$1' } of rules) {
    const anchored = new RegExp(`^(?:${regex})$`);
    const source = source_labels.map((l: string) => found[l] ?? '').join(';');
    if (action === 'keep' && !anchored.test(source)) return undefined;
    if (action === 'drop' && anchored.test(source)) return undefined;
    if (action === 'replace' && anchored.test(source)) found[target_label] = source.replace(anchored, replacement);
    if (action === 'dropequal' && source === (found[target_label] ?? '')) return undefined;
    if (action === 'labelmap') {
      for (const [name, value] of Object.entries(found)) {
        const match = anchored.exec(name);
        if (match?.[1]) found[match[1]] = value;
      }
    }
  }
  return Object.fromEntries(Object.entries(found).filter(([name]) => !/^__(meta|tmp)_/.test(name)));
}

const pod = {
  __address__: '10.1.0.7:8080',
  __metrics_path__: '/metrics',
  __scheme__: 'http',
  __meta_kubernetes_namespace: 'bookinfo',
  __meta_kubernetes_pod_name: 'reviews-v1-abc',
  __meta_kubernetes_pod_node_name: 'node-1',
  __meta_kubernetes_pod_ip: '10.1.0.7',
  __meta_kubernetes_pod_phase: 'Running',
  __meta_kubernetes_pod_label_app: 'reviews',
  __meta_kubernetes_pod_annotation_prometheus_io_scrape: 'true',
  __meta_kubernetes_pod_annotation_prometheus_io_port: '15020',
  __meta_kubernetes_pod_annotation_prometheus_io_path: '/stats/prometheus',
};

describe('Prometheus', () => {
  it('keeps metrics for 15 days, scrapes every 15 seconds, and can write where it stores them', () => {
    const { config, container, deployment } = prometheus();
    expect(config.global).toEqual({ scrape_interval: '15s', scrape_timeout: '10s', evaluation_interval: '1m' });
    expect(container.args).toContain('--storage.tsdb.retention.time=15d');
    const data = container.args.find((a: string) => a.startsWith('--storage.tsdb.path=')).split('=')[1];
    const mounted = container.volumeMounts.find((m: Loose) => m.mountPath === data);
    expect(deployment.spec.template.spec.volumes).toContainEqual({ name: mounted.name, emptyDir: {} });
    const file = container.args.find((a: string) => a.startsWith('--config.file=')).split('=')[1];
    expect(file).toBe(`${container.volumeMounts[0].mountPath}/prometheus.yml`);
    expect(container.readinessProbe.httpGet).toEqual({ path: '/-/ready', port: 9090 });
    expect(container.livenessProbe.httpGet).toEqual({ path: '/-/healthy', port: 9090 });
  });

  it('is what istioctl, Kiali and Grafana look for, outside the mesh', () => {
    const { chart, made, deployment } = prometheus();
    const { metadata, spec } = deployment.spec.template;
    expect(metadata.labels).toMatchObject({ 'app.kubernetes.io/name': 'prometheus', 'sidecar.istio.io/inject': 'false' });
    expect(spec.securityContext.runAsUser).toBe(65534);
    expect(object(chart, 'Service', 'prometheus').spec.ports).toEqual([
      { name: 'http', port: 9090, targetPort: 9090, appProtocol: 'http' },
    ]);
    expect(made.metrics.url).toBe('http://prometheus.istio-system.svc.cluster.local:9090');
    expect(made.page).toMatchObject({ name: 'prometheus', path: '/', sidecar: 'never' });
    expect(made.toDataSource()).toMatchObject({ type: 'prometheus', uid: 'prometheus', url: made.metrics.url });
  });

  it('may read what its jobs discover, and nothing else', () => {
    const { chart } = prometheus();
    const rules: Loose[] = object(chart, 'ClusterRole', 'prometheus-istio-system').rules;
    expect(new Set(rules.flatMap((r) => r.verbs))).toEqual(new Set(['get', 'list', 'watch']));
    expect(rules.flatMap((r) => r.resources).sort()).toEqual(['endpointslices', 'nodes', 'nodes/metrics', 'pods', 'services']);
    expect(object(chart, 'ClusterRoleBinding', 'prometheus-istio-system').subjects).toEqual([
      { kind: 'ServiceAccount', name: 'prometheus', namespace: 'istio-system' },
    ]);
  });

  it('scrapes itself and the containers even when nothing is handed over', () => {
    const { jobs } = prometheus();
    expect([...jobs.keys()]).toEqual(['prometheus', 'kubernetes-nodes-cadvisor']);
    expect(jobs.get('prometheus').static_configs).toEqual([{ targets: ['localhost:9090'] }]);
    expect(jobs.get('kubernetes-nodes-cadvisor')).toMatchObject({
      scheme: 'https',
      metrics_path: '/metrics/cadvisor',
      kubernetes_sd_configs: [{ role: 'node' }],
    });
  });

  describe('asks annotated pods', () => {
    const rules = prometheus({ scrape: [{ scrapeJobs: [pods] }] }).jobs.get('kubernetes-pods').relabel_configs;

    it('at the port and path that they name, with their labels', () => {
      expect(relabel(rules, pod)).toEqual({
        __address__: '10.1.0.7:15020',
        __metrics_path__: '/stats/prometheus',
        __scheme__: 'http',
        app: 'reviews',
        namespace: 'bookinfo',
        pod: 'reviews-v1-abc',
        node: 'node-1',
      });
    });

    it('over IPv6', () => {
      const target = relabel(rules, { ...pod, __address__: '[fd00:1::7]:8080', __meta_kubernetes_pod_ip: 'fd00:1::7' });
      expect(target?.__address__).toBe('[fd00:1::7]:15020');
    });

    it('at their own port and /metrics when they name none', () => {
      const { __meta_kubernetes_pod_annotation_prometheus_io_port: _, ...rest } = pod;
      const { __meta_kubernetes_pod_annotation_prometheus_io_path: __, ...plain } = rest;
      expect(relabel(rules, plain)).toMatchObject({ __address__: '10.1.0.7:8080', __metrics_path__: '/metrics' });
    });

    it('only when they ask for it and still run', () => {
      expect(relabel(rules, { ...pod, __meta_kubernetes_pod_annotation_prometheus_io_scrape: 'false' })).toBeUndefined();
      for (const phase of ['Pending', 'Succeeded', 'Failed'])
        expect(relabel(rules, { ...pod, __meta_kubernetes_pod_phase: phase })).toBeUndefined();
    });

    it('and keeps the labels of what a proxy merges in', () => {
      expect(prometheus({ scrape: [{ scrapeJobs: [pods] }] }).jobs.get('kubernetes-pods').honor_labels).toBe(true);
    });
  });

  it('asks one port of one service, and says whose metrics they are', () => {
    const job = prometheus({ scrape: [{ scrapeJobs: [{ ...istiod, path: '/stats' }] }] }).jobs.get('istiod');
    expect(job.metrics_path).toBe('/stats');
    expect(job.kubernetes_sd_configs).toEqual([{ role: 'endpointslice', namespaces: { names: ['istio-system'] } }]);
    const endpoint = {
      __address__: '10.1.0.9:15014',
      __meta_kubernetes_namespace: 'istio-system',
      __meta_kubernetes_service_name: 'istiod',
      __meta_kubernetes_endpointslice_port_name: 'http-monitoring',
      __meta_kubernetes_pod_name: 'istiod-1',
      __meta_kubernetes_pod_label_app: 'istiod',
    };
    expect(relabel(job.relabel_configs, endpoint)).toEqual({
      __address__: '10.1.0.9:15014',
      namespace: 'istio-system',
      service: 'istiod',
      pod: 'istiod-1',
      app: 'istiod',
    });
    for (const other of [
      { __meta_kubernetes_service_name: 'istiod-canary' },
      { __meta_kubernetes_endpointslice_port_name: 'https-dns' },
    ])
      expect(relabel(job.relabel_configs, { ...endpoint, ...other })).toBeUndefined();
  });

  describe('leaves to the annotations what they have scraped already', () => {
    const { jobs } = prometheus({ scrape: [{ scrapeJobs: [istiod, pods] }] });
    const endpoint = {
      __address__: '[fd00::9]:15014',
      __metrics_path__: '/metrics',
      __meta_kubernetes_service_name: 'istiod',
      __meta_kubernetes_endpointslice_port_name: 'http-monitoring',
    };
    const annotated = (scrape: string, port: string, path?: string) =>
      relabel(jobs.get('istiod').relabel_configs, {
        ...endpoint,
        __meta_kubernetes_pod_annotation_prometheus_io_scrape: scrape,
        __meta_kubernetes_pod_annotation_prometheus_io_port: port,
        ...(path ? { __meta_kubernetes_pod_annotation_prometheus_io_path: path } : {}),
      });

    it('at the same port and path', () => {
      expect(annotated('true', '15014')).toBeUndefined();
      expect(annotated('true', '15014', '/metrics')).toBeUndefined();
    });

    it('but not what they do not scrape', () => {
      expect(relabel(jobs.get('istiod').relabel_configs, endpoint)).toBeDefined();
      expect(annotated('false', '15014')).toBeDefined();
      expect(annotated('true', '15020')).toBeDefined();
      expect(annotated('true', '15014', '/other')).toBeDefined();
    });
  });

  it('scrapes a job once that two things ask for, whatever they call the annotated pods', () => {
    const { jobs, config } = prometheus({
      scrape: [{ scrapeJobs: [pods, istiod] }, { scrapeJobs: [{ by: 'pod-annotations', job: 'pods' }, { ...istiod }] }],
    });
    expect([...jobs.keys()]).toEqual(['prometheus', 'kubernetes-nodes-cadvisor', 'kubernetes-pods', 'istiod']);
    expect(config.scrape_configs).toHaveLength(4);
  });

  it('refuses two different jobs of one name', () => {
    expect(() => prometheus({ scrape: [{ scrapeJobs: [istiod, { ...istiod, port: 'grpc-xds' }] }] })).toThrow(
      "scrape job 'istiod' of 'layer/prometheus' is given twice",
    );
    expect(() => prometheus({ scrape: [{ scrapeJobs: [{ ...istiod, job: 'prometheus' }] }] })).toThrow("'prometheus'");
  });

  it.each(['', '15', '15 days', 'd15', '1h2d'])('refuses the retention %j', (retention) => {
    expect(() => prometheus({ retention })).toThrow(/retention of 'layer\/prometheus' .* e\.g\. '15d'/);
  });

  it('takes every option', () => {
    const { container, jobs, deployment } = prometheus(everyOption);
    expect(container.image).toBe('mirror.test/prometheus:v3.10.0');
    expect(deployment.spec.template.metadata.labels.version).toBe('v3.10.0');
    expect(container.args).toContain('--storage.tsdb.retention.time=2d12h');
    expect(container.resources).toEqual({ requests: { cpu: '2', memory: '4Gi' }, limits: { memory: '8Gi' } });
    expect(jobs.has('istiod')).toBe(true);
  });

  it('rolls its pod when what it scrapes changes', () => {
    const hash = (props: PrometheusProps) =>
      prometheus(props).deployment.spec.template.metadata.annotations['meshwright.dev/config-hash'];
    expect(hash({})).toBe(hash({}));
    expect(hash({ scrape: [{ scrapeJobs: [istiod] }] })).not.toBe(hash({}));
  });

  it('gathers from what is made after it, too', () => {
    const { chart, made } = prometheus({ scrape: [{ scrapeJobs: [pods] }] });
    made.scrape({ scrapeJobs: [istiod] });
    const { scrape_configs } = parse(object(chart, 'ConfigMap', 'prometheus').data['prometheus.yml']);
    expect(scrape_configs.map((j: Loose) => j.job_name)).toEqual([
      'prometheus',
      'kubernetes-nodes-cadvisor',
      'kubernetes-pods',
      'istiod',
    ]);
    expect(() => made.scrape({ scrapeJobs: [{ ...istiod, port: 'grpc-xds' }] })).toThrow("scrape job 'istiod'");
  });

  it('takes what others write only when one of them asks for it', () => {
    const flag = '--web.enable-remote-write-receiver';
    const { chart, made, container } = prometheus();
    expect(container.args).not.toContain(flag);
    expect(made.acceptRemoteWrite().url).toBe('http://prometheus.istio-system.svc.cluster.local:9090/api/v1/write');
    made.acceptRemoteWrite();
    const { args } = object(chart, 'Deployment', 'prometheus').spec.template.spec.containers[0];
    expect(args).toEqual([...container.args, flag]);
  });

  it('can be one that runs already', () => {
    const endpoint = Endpoint.external({ protocol: 'http', host: 'thanos.monitoring.svc', port: 10902 });
    const everything: Required<ExistingPrometheusProps> = {
      uid: 'thanos',
      name: 'Thanos',
      remoteWrite: endpoint.as('http', '/api/v1/receive'),
    };
    const existing = Prometheus.fromExisting(endpoint, everything);
    expect(existing.metrics).toBe(endpoint);
    expect(existing.toDataSource({ traces: 'tempo' })).toMatchObject({
      uid: 'thanos',
      name: 'Thanos',
      type: 'prometheus',
      url: 'http://thanos.monitoring.svc:10902',
      jsonData: { exemplarTraceIdDestinations: [{ datasourceUid: 'tempo' }, { datasourceUid: 'tempo' }] },
    });
    expect(existing.acceptRemoteWrite().url).toBe('http://thanos.monitoring.svc:10902/api/v1/receive');
    expect(Prometheus.fromExisting(endpoint)).not.toHaveProperty('acceptRemoteWrite');
  });
});
