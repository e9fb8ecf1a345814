import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { prove, readWorlds } from '../constructs/proof/index.ts';
import { goodJaeger, goodPages } from './proof-pages-world.ts';
import { findingsOf, replaced } from './proof-world.ts';

const said = (text: string) => findingsOf(text).map((one) => `${one.code} ${one.severity}`);
const workload = (name: string, namespace: string, container: string, volumes = '[]', annotations = '{}') =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec:\n  selector: {matchLabels: {app: ${name}}}\n  template:\n    metadata: {labels: {app: ${name}, sidecar.istio.io/inject: 'false'}, annotations: ${annotations}}\n    spec: {containers: [${container}], volumes: ${volumes}}\n---\n`;
const service = (name: string, namespace: string, app: string, ports: string) =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec: {selector: {app: ${app}}, ports: ${ports}}\n---\n`;
const configMap = (name: string, namespace: string, key: string, text: string, labels = '{}') =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: ${namespace}, labels: ${labels}}\ndata:\n  ${key}: |\n${text.trim().replace(/^/gm, '    ')}\n---\n`;
const release = (chart: string, namespace: string, values: string) =>
  `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: ${chart}, namespace: ${namespace}}\nspec: {interval: 1h, chart: {spec: {chart: ${chart}, sourceRef: {kind: HelmRepository, name: r}}}, values: ${values}}\n---\n`;

const NS = 'istio-system';
/** As Istio's addons are laid out: one namespace, Jaeger with a base path, Grafana without uids, Prometheus by annotation. */
const addons = [
  configMap(
    'prometheus',
    NS,
    'prometheus.yml',
    `
global: {scrape_interval: 15s}
scrape_configs:
- {job_name: prometheus, static_configs: [{targets: ['localhost:9090']}]}
- {job_name: kubernetes-nodes, scheme: https, kubernetes_sd_configs: [{role: node}]}
- job_name: kubernetes-service-endpoints
  kubernetes_sd_configs: [{role: endpoints}]
  relabel_configs:
  - {action: keep, regex: true, source_labels: [__meta_kubernetes_service_annotation_prometheus_io_scrape]}
  - {action: drop, regex: true, source_labels: [__meta_kubernetes_service_annotation_prometheus_io_scrape_slow]}
  - {action: labelmap, regex: __meta_kubernetes_service_label_(.+)}
- job_name: kubernetes-services
  metrics_path: /probe
  kubernetes_sd_configs: [{role: service}]
- job_name: kubernetes-pods
  honor_labels: true
  kubernetes_sd_configs: [{role: pod}]
  relabel_configs:
  - {action: keep, regex: true, source_labels: [__meta_kubernetes_pod_annotation_prometheus_io_scrape]}
  - {action: replace, regex: '(\\d+);((([0-9]+?)(\\.|$)){4})', replacement: '$2:$1', source_labels: [__meta_kubernetes_pod_annotation_prometheus_io_port, __meta_kubernetes_pod_ip], target_label: __address__}
  - {action: drop, regex: Pending|Succeeded|Failed|Completed, source_labels: [__meta_kubernetes_pod_phase]}
`,
  ),
  workload(
    'prometheus',
    NS,
    "{name: prometheus-server, image: 'docker.io/prom/prometheus:v3.10.0', args: [--storage.tsdb.retention.time=15d, --config.file=/etc/config/prometheus.yml, --web.enable-lifecycle], volumeMounts: [{name: config, mountPath: /etc/config}]}, {name: reload, image: 'ghcr.io/prometheus-operator/prometheus-config-reloader:v0.89.0'}",
    '[{name: config, configMap: {name: prometheus}}]',
  ),
  service('prometheus', NS, 'prometheus', '[{name: http, port: 9090}]'),
  configMap(
    'jaeger',
    NS,
    'config.yaml',
    `
service:
  extensions: [jaeger_storage, jaeger_query]
  pipelines: {traces: {receivers: [otlp, zipkin], processors: [batch], exporters: [jaeger_storage_exporter]}}
extensions:
  jaeger_query: {base_path: /jaeger, storage: {traces: some}}
  jaeger_storage: {backends: {some: {badger: {ephemeral: false}}}}
receivers: {otlp: {protocols: {grpc: {endpoint: '0.0.0.0:4317'}, http: {endpoint: '0.0.0.0:4318'}}}, zipkin: {endpoint: '0.0.0.0:9411'}}
processors: {batch: {}}
exporters: {jaeger_storage_exporter: {trace_storage: some}}
`,
  ),
  workload(
    'jaeger',
    NS,
    "{name: jaeger, image: 'docker.io/jaegertracing/jaeger:2.17.0', args: [--config, /jaeger-configuration/config.yaml], volumeMounts: [{name: config, mountPath: /jaeger-configuration}]}",
    '[{name: config, configMap: {name: jaeger}}]',
  ),
  service('tracing', NS, 'jaeger', '[{name: http-query, port: 80, targetPort: 16686}, {name: grpc-query, port: 16685}]'),
  service('zipkin', NS, 'jaeger', '[{name: http-query, port: 9411}]'),
  configMap(
    'grafana',
    NS,
    'datasources.yaml',
    `
apiVersion: 1
datasources:
- {access: proxy, isDefault: true, jsonData: {timeInterval: 15s}, name: Prometheus, orgId: 1, type: prometheus, url: 'http://prometheus:9090'}
- {access: proxy, isDefault: false, name: Loki, orgId: 1, type: loki, url: 'http://loki:3100'}
`,
  ),
  configMap(
    'dashboards',
    NS,
    'mesh.json',
    '{"title": "Istio Mesh Dashboard", "templating": {"list": [{"name": "datasource", "type": "datasource", "query": "prometheus"}]}, "annotations": {"list": [{"datasource": "-- Grafana --"}]}, "panels": [{"datasource": {"type": "prometheus", "uid": "$@datasource}"}}, {"datasource": "$datasource"}, {"datasource": null}, {"datasource": "Prometheus"}, {"datasource": {"type": "datasource", "uid": "-- Mixed --"}}, {"datasource": {"type": "prometheus"}}]}'.replace(
      '@',
      '{',
    ),
  ),
  workload(
    'grafana',
    NS,
    "{name: grafana, image: 'docker.io/grafana/grafana:12.0.1', volumeMounts: [{name: config, mountPath: /etc/grafana/provisioning/datasources/datasources.yaml, subPath: datasources.yaml}, {name: dashboards, mountPath: /var/lib/grafana/dashboards/istio}]}",
    '[{name: config, configMap: {name: grafana}}, {name: dashboards, configMap: {name: dashboards}}]',
  ),
  service('grafana', NS, 'grafana', '[{name: service, port: 3000}]'),
  workload('loki', NS, "{name: loki, image: 'docker.io/grafana/loki:3.6.7'}"),
  service('loki', NS, 'loki', '[{name: http-metrics, port: 3100}]'),
].join('');
const kiali = (tracing: string) =>
  configMap(
    'kiali',
    NS,
    'config.yaml',
    `auth: {strategy: anonymous}\nexternal_services: {istio: {root_namespace: istio-system}, custom_dashboards: {enabled: true}, tracing: ${tracing}}`,
  );

describe('the reading end, in the style of Istio’s addons', () => {
  it('is quiet', () => {
    expect(said(addons + kiali("{enabled: true, internal_url: 'http://tracing:16685/jaeger'}"))).toEqual([]);
    expect(said(addons + kiali("{enabled: true, use_grpc: false, internal_url: 'http://tracing/jaeger'}"))).toEqual([]);
    expect(said(addons + kiali('{enabled: true}'))).toEqual([]);
  });
  it('says once that Kiali shows no traces, as the addon comes', () => {
    expect(said(addons + kiali('{enabled: false}'))).toEqual(['TRC071 info']);
  });
  it('and the monitors of the operator sample beside a plain Prometheus are nobody’s fault', () => {
    const monitor =
      'apiVersion: monitoring.coreos.com/v1\nkind: PodMonitor\nmetadata: {name: envoy-stats-monitor, namespace: istio-system}\nspec: {selector: {}, podMetricsEndpoints: [{path: /stats/prometheus}]}\n';
    expect(said(addons + monitor)).toEqual([]);
  });
});

const sources = (list: string, labels = '{}') =>
  configMap('sources', 'monitoring', 'sources.yaml', `apiVersion: 1\ndatasources:\n${list}`, labels);
/** As Grafana's guides wire metrics, traces and logs. */
const threeSignals = `
- name: Prometheus
  type: prometheus
  uid: prometheus
  url: http://prometheus-server
  isDefault: true
  jsonData: {exemplarTraceIdDestinations: [{name: traceID, datasourceUid: tempo}, {name: other, url: 'https://traces.test/$$@__value.raw}'}]}
- name: Loki
  type: loki
  uid: loki
  url: http://loki-gateway.logging
  jsonData:
    derivedFields:
    - {name: TraceID, matcherType: label, matcherRegex: trace_id, url: '$$@__value.raw}', datasourceUid: tempo}
    - {name: Order, matcherRegex: order=(\\w+), url: 'https://orders.test/$$@__value.raw}'}
- name: Tempo
  type: tempo
  uid: tempo
  url: http://tempo-query-frontend.tracing.svc:3200
  jsonData:
    tracesToLogsV2: {datasourceUid: loki, spanStartTimeShift: -1h, customQuery: true, query: '{$$@__tags}} | trace_id = "$$@__trace.traceId}"'}
    tracesToMetrics: {datasourceUid: prometheus, queries: [{name: Rate, query: 'sum(rate(traces_spanmetrics_calls_total{$$__tags}[5m]))'}]}
    tracesToProfiles: {datasourceUid: pyroscope, profileTypeId: 'process_cpu:cpu:nanoseconds:cpu:nanoseconds'}
    serviceMap: {datasourceUid: prometheus}
    search: {hide: false}
    nodeGraph: {enabled: true}
- {name: Pyroscope, type: grafana-pyroscope-datasource, uid: pyroscope, url: 'http://pyroscope.profiling:4040'}
- {name: Elastic, type: elasticsearch, uid: elastic, url: 'http://elastic.logging:9200', jsonData: {dataLinks: [{field: trace.id, datasourceUid: tempo, url: '$$@__value.raw}'}]}}
`.replaceAll('@', '{');

describe('data sources that are right', () => {
  it.each([
    ['three signals linked with each other', sources(threeSignals)],
    ['the same for a chart’s sidecar', sources(threeSignals, "{grafana_datasource: '1'}")],
    [
      'links by name, as Grafana looks them up too',
      sources(threeSignals.replaceAll('datasourceUid: tempo', 'datasourceUid: Tempo')),
    ],
    [
      'a link by the uid that Grafana makes of the name',
      sources(
        threeSignals
          .replace('  uid: prometheus\n', '')
          .replaceAll('datasourceUid: prometheus', 'datasourceUid: PBFA97CFB590B2093'),
      ),
    ],
    [
      'environment variables',
      sources(
        "- {name: Tempo, type: tempo, uid: tempo, url: '$TEMPO_URL', basicAuthPassword: $PASSWORD, jsonData: {serviceMap: {datasourceUid: $PROM}, httpHeaderName1: '$__env{X}'}}",
      ),
    ],
    [
      'a link to a source of a plugin that is not known here',
      sources(
        "- {name: VM, type: victoriametrics-metrics-datasource, uid: vm, url: 'http://vm.monitoring2:8428'}\n- {name: Tempo, type: tempo, url: 'http://tempo.tracing:3200', jsonData: {serviceMap: {datasourceUid: vm}, tracesToLogsV2: {datasourceUid: vm}}}",
      ),
    ],
    [
      'Jaeger’s API of another program',
      sources("- {name: VT, type: jaeger, url: 'http://victoria-traces.tracing:10428/select/jaeger'}"),
    ],
    [
      'Tempo behind a gateway with a prefix',
      sources("- {name: T, type: tempo, url: 'https://gateway.tracing:8080/api/traces/v1/default/tempo'}"),
    ],
    [
      'Grafana Cloud',
      sources(
        "- {name: T, type: tempo, url: 'https://tempo-prod.example.net/tempo'}\n- {name: P, type: prometheus, url: 'https://prometheus-prod.example.net/api/prom'}",
      ),
    ],
    ['called by the browser', sources("- {name: J, type: jaeger, access: direct, url: 'http://localhost:16685'}")],
    [
      'a link to what the chart or a person adds',
      sources(
        "- {name: T, type: tempo, url: 'http://tempo.tracing:3200', jsonData: {serviceMap: {datasourceUid: thanos}}}",
        "{grafana_datasource: '1'}",
      ),
    ],
    [
      'SkyWalking’s other APIs',
      `${workload('oap', 'monitoring', "{name: oap, image: 'docker.io/apache/skywalking-oap-server:10.4.0'}")}${service('oap', 'monitoring', 'oap', '[{name: grpc, port: 11800}, {name: promql, port: 9090}, {name: zipkin, port: 9412}]')}${sources("- {name: P, type: prometheus, url: 'http://oap:9090'}\n- {name: Z, type: zipkin, url: 'http://oap:9412/zipkin'}")}`,
    ],
    [
      'a Zipkin',
      `${workload('zipkin', 'monitoring', "{name: zipkin, image: 'docker.io/openzipkin/zipkin-slim:3.6.1'}")}${service('zipkin', 'monitoring', 'zipkin', '[{name: http-query, port: 80, targetPort: 9411}]')}${sources("- {name: Z, type: zipkin, url: 'http://zipkin'}\n- {name: Z2, type: zipkin, url: 'http://zipkin:80/'}")}`,
    ],
    [
      'Jaeger 1 with a base path by variable',
      `${workload('jaeger', 'monitoring', "{name: jaeger, image: 'docker.io/jaegertracing/all-in-one:1.76.0', env: [{name: QUERY_BASE_PATH, value: /trace}]}")}${service('query', 'monitoring', 'jaeger', '[{name: http, port: 16686}]')}${sources("- {name: J, type: jaeger, url: 'http://query:16686/trace'}")}`,
    ],
    [
      'Jaeger 1 with variables from elsewhere',
      `${workload('jaeger', 'monitoring', "{name: jaeger, image: 'docker.io/jaegertracing/all-in-one:1.76.0', envFrom: [{secretRef: {name: s}}]}")}${service('query', 'monitoring', 'jaeger', '[{name: http, port: 16686}]')}${sources("- {name: J, type: jaeger, url: 'http://query:16686/trace'}")}`,
    ],
    [
      'the Jaeger page of an older Tempo',
      `${workload('tempo', 'monitoring', "{name: tempo, image: 'grafana/tempo:2.3.0'}, {name: query, image: 'grafana/tempo-query:2.3.0', ports: [{containerPort: 16686, name: ui}]}")}${service('tempo', 'monitoring', 'tempo', '[{name: ui, port: 16686, targetPort: ui}, {name: http, port: 3100}]')}${sources("- {name: J, type: jaeger, url: 'http://tempo:16686'}\n- {name: T, type: tempo, url: 'http://tempo:3100'}")}`,
    ],
    [
      'a base path that is filled in when Jaeger starts',
      replaced(
        replaced(goodJaeger, 'base_path: /jaeger', `base_path: '$\{env:BASE}'`),
        'http://tracing/jaeger/',
        'http://tracing/traces',
      ),
    ],
    [
      'a Tempo with a prefix',
      replaced(
        replaced(
          goodPages,
          'server: {http_listen_port: 3200}',
          'http_api_prefix: /tempo\n    server: {http_listen_port: 3200}',
        ).replaceAll('http://tempo:3200', 'http://tempo:3200/tempo'),
        'name: Tempo\n',
        'name: Tempo\n      editable: false\n',
      ),
    ],
    [
      'data sources of the Grafana operator, whose files Grafana does not expand',
      `apiVersion: grafana.integreatly.org/v1beta1\nkind: GrafanaDatasource\nmetadata: {name: loki, namespace: monitoring}\nspec: {instanceSelector: {matchLabels: {a: b}}, datasource: {name: Loki, type: loki, url: 'http://loki.logging:3100', jsonData: {derivedFields: [{name: t, matcherRegex: '(x)', url: '$\{__value.raw}', datasourceUid: tempo}]}}}\n---\napiVersion: grafana.integreatly.org/v1beta1\nkind: GrafanaDashboard\nmetadata: {name: d, namespace: monitoring}\nspec:\n  instanceSelector: {matchLabels: {a: b}}\n  datasources: [{inputName: DS_PROMETHEUS, datasourceName: Prometheus}]\n  json: '{"title": "D", "panels": [{"datasource": "$\{DS_PROMETHEUS}"}]}'\n`,
    ],
  ])('%s', (_, text) => {
    expect(said(text)).toEqual([]);
  });
});

describe('Kiali, Tempo and Prometheus that are right', () => {
  const cr = (tracing: string, grafana = '{enabled: false}') =>
    `apiVersion: kiali.io/v1alpha1\nkind: Kiali\nmetadata: {name: kiali, namespace: kiali}\nspec: {external_services: {grafana: ${grafana}, tracing: ${tracing}}}\n`;
  it.each([
    [
      'Jaeger by gRPC through a Service that renames the port',
      `${replaced(goodJaeger, '{name: grpc-query, port: 16685}', '{name: grpc-query, port: 80, targetPort: 16685}').replace('{name: http-query, port: 80, targetPort: 16686}', '{name: http-query, port: 8080, targetPort: 16686}').replace('http://tracing/jaeger/', 'http://tracing:8080/jaeger').replace('http://tracing.tracing:16685/jaeger', 'http://tracing.tracing:80')}`,
    ],
    [
      'Tempo by HTTP alone',
      replaced(
        replaced(
          goodPages,
          '        enabled: true\n        provider: tempo',
          '        enabled: true\n        use_grpc: false\n        provider: tempo',
        ),
        '{name: grpc-search, port: 9095}, ',
        '',
      ),
    ],
    [
      'Tempo’s links in Jaeger’s format',
      cr(
        "{enabled: true, provider: tempo, use_grpc: false, internal_url: 'http://tempo.tracing:3200/', external_url: 'https://t.test', tempo_config: {url_format: jaeger}}",
      ),
    ],
    [
      'tracing switched off on purpose',
      `${goodJaeger.slice(0, goodJaeger.lastIndexOf('---'))}---\n${cr("{enabled: false, internal_url: 'http://gone:1'}")}`,
    ],
    [
      'blocks for TraceQL metrics only',
      replaced(
        replaced(goodPages, "        remote_write: [{url: 'http://prometheus:9090/api/v1/write', send_exemplars: true}]\n", ''),
        'processors: [service-graphs, span-metrics]',
        'processors: [local-blocks]',
      ).replace('        serviceMap: {datasourceUid: prometheus}\n', ''),
    ],
    [
      'processors per tenant',
      replaced(
        goodPages,
        'overrides: {defaults: {metrics_generator: {processors: [service-graphs, span-metrics]}}}',
        'overrides: {per_tenant_override_config: /overrides/overrides.yaml}',
      ),
    ],
    [
      'processors as older releases spell them',
      replaced(
        goodPages,
        'overrides: {defaults: {metrics_generator: {processors: [service-graphs, span-metrics]}}}',
        'overrides: {metrics_generator_processors: [service-graphs, span-metrics]}',
      ),
    ],
    [
      'a service map from a collector',
      replaced(
        replaced(
          replaced(
            replaced(goodPages, 'processors: [service-graphs, span-metrics]', 'processors: [span-metrics]'),
            'connectors: {span_metrics: {}}',
            'connectors: {span_metrics: {}, servicegraph: {}}',
          ),
          '[otlp_grpc, span_metrics]',
          '[otlp_grpc, span_metrics, servicegraph]',
        ),
        'receivers: [span_metrics]',
        'receivers: [span_metrics, servicegraph]',
      ),
    ],
    [
      'metrics pushed to something else',
      goodPages.replaceAll('http://prometheus:9090/api/v1/write', 'http://mimir-nginx.mimir/api/v1/push'),
    ],
    [
      'the receiver as a feature of an older Prometheus',
      replaced(
        replaced(goodPages, '        - --web.enable-remote-write-receiver\n', ''),
        '--enable-feature=exemplar-storage',
        '--enable-feature=exemplar-storage,remote-write-receiver',
      ),
    ],
    [
      'a Prometheus under a path',
      replaced(
        goodPages,
        '        - --web.enable-remote-write-receiver\n',
        '        - --web.enable-remote-write-receiver\n        - --web.route-prefix=/prometheus\n',
      ).replaceAll('http://prometheus:9090', 'http://prometheus:9090/prometheus'),
    ],
    [
      'a Prometheus whose jobs are elsewhere',
      replaced(
        goodPages,
        'volumes: [{name: config, configMap: {name: prometheus}}]',
        'volumes: [{name: config, secret: {secretName: prometheus}}]',
      ),
    ],
    [
      'Elasticsearch with the job that counts',
      `${replaced(goodJaeger, 'memory: {max_traces: 10000}', 'elasticsearch: {server_urls: ["http://elastic.db:9200"]}')}---\napiVersion: batch/v1\nkind: CronJob\nmetadata: {name: deps, namespace: tracing}\nspec: {schedule: '0 1 * * *', jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: d, image: 'ghcr.io/jaegertracing/spark-dependencies/spark-dependencies:v0.5.3'}]}}}}}\n`,
    ],
    [
      'kube-prometheus-stack with Tempo beside it',
      `${release('kube-prometheus-stack', 'monitoring', "{grafana: {additionalDataSources: [{name: Tempo, type: tempo, uid: tempo, url: 'http://tempo.tracing.svc:3200', jsonData: {serviceMap: {datasourceUid: prometheus}, tracesToLogsV2: {datasourceUid: loki}}}, {name: Loki, type: loki, uid: loki, url: 'http://loki.logging:3100'}]}, prometheus: {prometheusSpec: {enableRemoteWriteReceiver: true, podMonitorSelectorNilUsesHelmValues: false}}}")}${release('kiali-server', 'istio-system', "{auth: {strategy: anonymous}, external_services: {prometheus: {url: 'http://kube-prometheus-stack-prometheus.monitoring:9090'}, grafana: {enabled: true, internal_url: 'http://kube-prometheus-stack-grafana.monitoring:80', auth: {type: basic, username: kiali, password: 'secret:grafana-kiali:password'}, dashboards: [{name: Istio Workload Dashboard}]}, tracing: {enabled: false}}}")}`,
    ],
  ])('%s', (_, text) => {
    expect(said(text)).toEqual([]);
  });
});

it('two environments in two folders, whose Services have the same names, are not held against each other', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pages-'));
  try {
    const zipkin = `${workload('zipkin', 'tracing', "{name: zipkin, image: 'docker.io/openzipkin/zipkin-slim:3.6.1'}")}${service('tracing', 'tracing', 'zipkin', '[{name: http-query, port: 80, targetPort: 9411}]')}`;
    for (const [name, text] of [
      ['a', zipkin],
      ['b', goodJaeger],
    ] as const) {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, 'all.yaml'), text);
    }
    const codes = readWorlds([folder]).flatMap((world) => prove(world).map((one) => one.code));
    expect(codes.filter((code) => code.startsWith('TRC'))).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
