import { describe, expect, it } from 'vitest';
import { goodJaeger, goodPages } from './proof-pages-world.ts';
import { findingsOf, type Mutation, replaced } from './proof-world.ts';

const GRAFANA = 'ConfigMap/observability/grafana';
const KIALI = 'ConfigMap/observability/kiali';
const TEMPO = 'ConfigMap/observability/tempo';
const PROMETHEUS = 'Deployment/observability/prometheus';

const ofTempo: readonly Mutation[] = [
  {
    what: 'a data source of type jaeger that calls a Tempo',
    part: 'type: tempo\n',
    by: 'type: jaeger\n',
    ...{ code: 'TRC060', object: GRAFANA, hint: 'set type: tempo' },
  },
  {
    what: 'a data source of metrics that calls a Tempo',
    part: 'url: http://prometheus:9090\n      isDefault',
    by: 'url: http://tempo:3200\n      isDefault',
    ...{ code: 'TRC060', object: GRAFANA, hint: 'correct the address' },
  },
  {
    what: 'a data source that calls the collector',
    part: 'url: http://tempo:3200\n      jsonData',
    by: 'url: http://collector:4317\n      jsonData',
    ...{ code: 'TRC060', object: GRAFANA, hint: 'a collector answers no queries: name the backend that it exports to' },
  },
  {
    what: 'a data source of traces that calls Prometheus',
    part: 'url: http://tempo:3200\n      jsonData',
    by: 'url: http://prometheus:9090\n      jsonData',
    ...{ code: 'TRC060', object: GRAFANA, hint: 'correct the address, or the type' },
  },
  {
    what: 'Kiali’s metrics from the collector',
    part: "prometheus: {url: 'http://prometheus:9090'}",
    by: "prometheus: {url: 'http://collector:8889'}",
    ...{ code: 'TRC060', object: KIALI, hint: 'a collector answers no queries: name the backend that it exports to' },
  },
  {
    what: 'Kiali with the provider left at jaeger',
    part: '        provider: tempo\n',
    by: '',
    ...{ code: 'TRC060', object: KIALI, hint: 'set provider: tempo' },
  },
  {
    what: 'Kiali with a provider that it does not have',
    part: 'provider: tempo',
    by: 'provider: zipkin',
    ...{ code: 'TRC060', object: KIALI, hint: 'set provider to jaeger or tempo, or tracing.enabled: false' },
  },
  {
    what: 'a Tempo data source at the OTLP port',
    part: 'url: http://tempo:3200\n      jsonData',
    by: 'url: http://tempo:4317\n      jsonData',
    ...{ code: 'TRC061', object: GRAFANA, hint: 'use port 3200 of Service/observability/tempo' },
  },
  {
    what: 'a Tempo data source at the gRPC port',
    part: 'url: http://tempo:3200\n      jsonData',
    by: 'url: http://tempo:9095\n      jsonData',
    ...{ code: 'TRC061', object: GRAFANA, hint: 'use port 3200 of Service/observability/tempo' },
  },
  {
    what: 'a Tempo data source at Jaeger’s port of a host that is not in the input, as a warning',
    part: 'url: http://tempo:3200\n      jsonData',
    by: 'url: http://tempo.elsewhere:16686\n      jsonData',
    ...{ code: 'TRC061', object: GRAFANA, hint: 'use the query port', severity: 'warning' },
  },
  {
    what: 'Kiali at Tempo’s OTLP port',
    part: 'internal_url: http://tempo:3200',
    by: 'internal_url: http://tempo:4317',
    ...{ code: 'TRC061', object: KIALI, hint: 'use port 3200 of Service/observability/tempo' },
  },
  {
    what: 'a path behind a Tempo',
    part: 'url: http://tempo:3200\n      jsonData',
    by: 'url: http://tempo:3200/tempo\n      jsonData',
    ...{ code: 'TRC062', object: GRAFANA, hint: 'write "http://tempo:3200"' },
  },
  {
    what: 'a path of the API behind a Tempo',
    part: 'url: http://tempo:3200\n      jsonData',
    by: 'url: http://tempo:3200/api/traces\n      jsonData',
    ...{ code: 'TRC062', object: GRAFANA, hint: 'write "http://tempo:3200"' },
  },
  {
    what: 'a service map of a uid that is misspelt',
    part: 'serviceMap: {datasourceUid: prometheus}',
    by: 'serviceMap: {datasourceUid: promethues}',
    ...{ code: 'TRC063', object: GRAFANA, hint: 'did you mean "prometheus"?' },
  },
  {
    what: 'logs of a trace from a source that is not there',
    part: 'nodeGraph: {enabled: true}',
    by: 'tracesToLogsV2: {datasourceUid: loki}',
    ...{ code: 'TRC063', object: GRAFANA, hint: 'name one of prometheus, tempo' },
  },
  {
    what: 'a linked source without a uid',
    part: '      uid: tempo\n',
    by: '',
    ...{ code: 'TRC063', object: GRAFANA, hint: 'give data source "Tempo" the uid "tempo"' },
  },
  {
    what: 'Kiali’s links by a uid that is not there',
    part: 'datasource_uid: tempo,',
    by: 'datasource_uid: tempos,',
    ...{ code: 'TRC063', object: KIALI, hint: 'did you mean "tempo"?' },
  },
  {
    what: 'Kiali’s dashboards of a data source of traces',
    part: '        dashboards: [{name',
    by: '        datasource_uid: tempo\n        dashboards: [{name',
    ...{ code: 'TRC064', object: KIALI, hint: 'did you mean "prometheus" (Prometheus)?' },
  },
  {
    what: 'a service map of traces',
    part: 'serviceMap: {datasourceUid: prometheus}',
    by: 'serviceMap: {datasourceUid: tempo}',
    ...{ code: 'TRC064', object: GRAFANA, hint: 'did you mean "prometheus" (Prometheus)?' },
  },
  {
    what: 'exemplars that lead to metrics',
    part: 'datasourceUid: tempo, urlDisplayLabel',
    by: 'datasourceUid: prometheus, urlDisplayLabel',
    ...{ code: 'TRC064', object: GRAFANA, hint: 'did you mean "tempo" (Tempo)?' },
  },
  {
    what: 'Kiali’s links to a data source of metrics',
    part: 'datasource_uid: tempo,',
    by: 'datasource_uid: prometheus,',
    ...{ code: 'TRC064', object: KIALI, hint: 'did you mean "tempo" (Tempo)?' },
  },
  {
    what: 'two defaults',
    part: 'url: http://tempo:3200\n      jsonData',
    by: 'url: http://tempo:3200\n      isDefault: true\n      jsonData',
    ...{ code: 'TRC065', object: GRAFANA, hint: 'keep isDefault on one of them' },
  },
  {
    what: 'a variable with one dollar, in braces',
    part: '$${__value.raw}',
    by: '$' + '{__value.raw}',
    ...{ code: 'TRC066', object: GRAFANA, hint: 'write $$' + '{__value.raw}' },
  },
  {
    what: 'a variable with one dollar',
    part: '{$$__tags}',
    by: '{$__tags}',
    ...{ code: 'TRC066', object: GRAFANA, hint: 'write $$__tags' },
  },
  {
    what: 'a service map without the processor',
    part: 'processors: [service-graphs, span-metrics]',
    by: 'processors: [span-metrics]',
    ...{
      code: 'TRC067',
      object: GRAFANA,
      hint: 'add service-graphs to overrides.defaults.metrics_generator.processors and a remote_write, or a service_graph connector to the collector',
      severity: 'warning',
    },
  },
  {
    what: 'a generator without remote_write',
    part: "        remote_write: [{url: 'http://prometheus:9090/api/v1/write', send_exemplars: true}]\n",
    by: '',
    ...{
      code: 'TRC068',
      object: TEMPO,
      hint: 'set metrics_generator.storage.remote_write to a Prometheus, .../api/v1/write',
      severity: 'warning',
    },
  },
  {
    what: 'a Prometheus whose receiver is off',
    part: '        - --web.enable-remote-write-receiver\n',
    by: '',
    ...{ code: 'TRC069', object: PROMETHEUS, hint: 'add the argument --web.enable-remote-write-receiver' },
  },
  {
    what: 'metrics pushed to another path',
    part: 'http://prometheus:9090/api/v1/write',
    by: 'http://prometheus:9090/api/v1/push',
    ...{ code: 'TRC069', object: TEMPO, hint: 'end the URL with /api/v1/write' },
  },
  {
    what: 'metrics pushed to a port that is not there',
    part: 'http://prometheus:9090/api/v1/write',
    by: 'http://prometheus:9091/api/v1/write',
    ...{ code: 'TRC069', object: TEMPO, hint: 'did you mean 9090?' },
  },
  {
    what: 'metrics pushed to a Service that is not there',
    part: 'http://prometheus:9090/api/v1/write',
    by: 'http://promethues:9090/api/v1/write',
    ...{ code: 'TRC069', object: TEMPO, hint: 'did you mean "prometheus"?' },
  },
  {
    what: 'exemplars that Prometheus does not keep',
    part: '        - --enable-feature=exemplar-storage\n',
    by: '',
    ...{
      code: 'TRC070',
      object: PROMETHEUS,
      hint: 'add the argument --enable-feature=exemplar-storage',
      severity: 'warning',
    },
  },
  {
    what: 'a Kiali without traces beside a Tempo',
    part: '        enabled: true\n        provider: tempo\n        internal_url: http://tempo:3200\n',
    by: '        enabled: false\n',
    ...{
      code: 'TRC071',
      object: KIALI,
      hint: 'set enabled: true, provider: tempo and internal_url',
      severity: 'info',
    },
  },
  {
    what: 'a Tempo Service without the port that Kiali searches at',
    part: '{name: grpc-search, port: 9095}, ',
    by: '',
    ...{ code: 'TRC073', object: KIALI, hint: 'add the port to the Service, or set use_grpc: false' },
  },
  {
    what: 'a search port that leads to another container port',
    part: '{name: grpc-search, port: 9095}',
    by: '{name: grpc-search, port: 9095, targetPort: 3200}',
    ...{ code: 'TRC073', object: KIALI, hint: 'use port 9095, or set use_grpc: false' },
  },
  {
    what: 'links to Grafana without its address',
    part: '        external_url: https://grafana.mesh.test\n',
    by: '',
    ...{ code: 'TRC074', object: KIALI, hint: 'set external_services.grafana.external_url', severity: 'warning' },
  },
  {
    what: 'links to Grafana without the data source',
    part: 'datasource_uid: tempo, ',
    by: '',
    ...{ code: 'TRC074', object: KIALI, hint: 'set tempo_config.datasource_uid: tempo', severity: 'warning' },
  },
  {
    what: 'a dashboard by a title that is nearly right',
    part: '{name: Istio Mesh Dashboard,',
    by: '{name: Istio Mesh Dashbord,',
    ...{ code: 'TRC075', object: KIALI, hint: 'did you mean "Istio Mesh Dashboard"?', severity: 'warning' },
  },
  {
    what: 'a dashboard that is not there',
    part: '{name: Istio Mesh Dashboard,',
    by: '{name: Orders,',
    ...{ code: 'TRC075', object: KIALI, hint: 'name one of: Istio Mesh Dashboard', severity: 'warning' },
  },
  {
    what: 'a panel of a data source that is not there',
    part: '{"type": "tempo", "uid": "tempo"}',
    by: '{"type": "tempo", "uid": "tmepo"}',
    ...{
      code: 'TRC076',
      object: 'ConfigMap/observability/grafana-mesh',
      hint: 'did you mean "tempo"?',
      severity: 'error',
    },
  },
  {
    what: 'a panel of an export from grafana.com',
    part: '{"type": "tempo", "uid": "tempo"}',
    by: '{"type": "tempo", "uid": "$' + '{DS_TEMPO}"}',
    ...{
      code: 'TRC076',
      object: 'ConfigMap/observability/grafana-mesh',
      hint: 'add a variable of type datasource, or write the uid',
      severity: 'warning',
    },
  },
  {
    what: 'a variable of a type that no data source has',
    part: '"type": "datasource", "query": "prometheus"',
    by: '"type": "datasource", "query": "loki"',
    ...{
      code: 'TRC076',
      object: 'ConfigMap/observability/grafana-mesh',
      hint: 'provision a data source of type loki',
      severity: 'warning',
    },
  },
  {
    what: 'span metrics at a port that the annotation does not name',
    part: "prometheus.io/port: '8889'",
    by: "prometheus.io/port: '8888'",
    ...{
      code: 'TRC077',
      object: 'ConfigMap/observability/collector',
      hint: 'add a scrape job or a monitor for that port, or let the annotation prometheus.io/port name it',
      severity: 'warning',
    },
  },
];

const JAEGER_SOURCES = 'ConfigMap/tracing/sources';
const ofJaeger: readonly Mutation[] = [
  {
    what: 'a base path that is missing',
    part: "url: 'http://tracing/jaeger/'",
    by: "url: 'http://tracing'",
    ...{ code: 'TRC062', object: JAEGER_SOURCES, hint: 'write "http://tracing/jaeger"' },
  },
  {
    what: 'a base path that Jaeger does not have',
    part: 'base_path: /jaeger, ',
    by: '',
    ...{ code: 'TRC062', object: JAEGER_SOURCES, hint: 'write "http://tracing"' },
  },
  {
    what: 'a data source at the gRPC query port',
    part: "url: 'http://tracing/jaeger/'",
    by: "url: 'http://tracing:16685/jaeger'",
    ...{ code: 'TRC061', object: JAEGER_SOURCES, hint: 'use port 80 of Service/tracing/tracing' },
  },
  {
    what: 'a Zipkin data source for a Jaeger',
    part: 'type: jaeger',
    by: 'type: zipkin',
    ...{ code: 'TRC060', object: JAEGER_SOURCES, hint: 'set type: jaeger' },
  },
  {
    what: 'Kiali by gRPC at the HTTP port',
    part: 'http://tracing.tracing:16685/jaeger',
    by: 'http://tracing.tracing/jaeger',
    ...{
      code: 'TRC073',
      object: 'Kiali/istio-system/kiali',
      hint: 'use port 16685 of Service/tracing/tracing, or set use_grpc: false',
    },
  },
  {
    what: 'Kiali by HTTP at the gRPC port',
    part: '{enabled: true, internal_url',
    by: '{enabled: true, use_grpc: false, internal_url',
    ...{
      code: 'TRC073',
      object: 'Kiali/istio-system/kiali',
      hint: 'use port 80 of Service/tracing/tracing, or leave use_grpc out',
    },
  },
  {
    what: 'Kiali by gRPC at the HTTP port of a Jaeger that is not in the input',
    part: 'http://tracing.tracing:16685/jaeger',
    by: 'http://jaeger.elsewhere:16686/jaeger',
    ...{
      code: 'TRC073',
      object: 'Kiali/istio-system/kiali',
      hint: 'use the gRPC port, 16685, or set use_grpc: false',
    },
  },
  {
    what: 'Kiali by HTTP without the base path',
    part: "{enabled: true, internal_url: 'http://tracing.tracing:16685/jaeger'}",
    by: "{enabled: true, use_grpc: false, internal_url: 'http://tracing.tracing'}",
    ...{ code: 'TRC062', object: 'Kiali/istio-system/kiali', hint: 'write "http://tracing.tracing/jaeger"' },
  },
  {
    what: 'Kiali with provider tempo for a Jaeger',
    part: "{enabled: true, internal_url: 'http://tracing.tracing:16685/jaeger'}",
    by: "{enabled: true, provider: tempo, use_grpc: false, tempo_config: {url_format: jaeger}, internal_url: 'http://tracing.tracing'}",
    ...{ code: 'TRC060', object: 'Kiali/istio-system/kiali', hint: 'set provider: jaeger' },
  },
  {
    what: 'Jaeger’s dependency graph over Elasticsearch',
    part: 'memory: {max_traces: 10000}',
    by: 'elasticsearch: {server_urls: ["http://elastic.db:9200"]}',
    ...{
      code: 'TRC072',
      object: 'ConfigMap/tracing/jaeger',
      hint: 'run the spark-dependencies job, or let a collector’s service_graph connector make the graph as metrics',
      severity: 'info',
    },
  },
];

describe('what people look at: one fault gives one finding', () => {
  it.each([
    ['Tempo', goodPages],
    ['Jaeger', goodJaeger],
  ])('and a mesh with %s in which everything fits gives none', (_, text) => {
    expect(findingsOf(text)).toEqual([]);
  });

  const said = (text: string) => findingsOf(text).map((one) => [one.code, one.object, one.hint, one.severity]);
  it.each(ofTempo)('$what', ({ part, by, code, object, hint, severity }) => {
    expect(said(replaced(goodPages, part, by))).toEqual([[code, object, hint, severity ?? 'error']]);
  });
  it.each(ofJaeger)('$what', ({ part, by, code, object, hint, severity }) => {
    expect(said(replaced(goodJaeger, part, by))).toEqual([[code, object, hint, severity ?? 'error']]);
  });

  it('says the line inside a ConfigMap', () => {
    const text = replaced(goodPages, '{"type": "tempo", "uid": "tempo"}', '{"type": "tempo", "uid": "tmepo"}');
    const line = text.split('\n').findIndex((one) => one.includes('tmepo')) + 1;
    expect(findingsOf(text)).toMatchObject([{ code: 'TRC076', line }]);
  });
});

const release = (chart: string, namespace: string, values: string) =>
  `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: ${chart === 'kube-prometheus-stack' ? 'kps' : chart}, namespace: ${namespace}}\nspec: {interval: 1h, chart: {spec: {chart: ${chart}, sourceRef: {kind: HelmRepository, name: r}}}, values: ${values}}\n---\n`;
const stack = (grafana: string, spec = '{}') =>
  release('kube-prometheus-stack', 'monitoring', `{grafana: ${grafana}, prometheus: {prometheusSpec: ${spec}}}`);
const monitor = (kind: string, metadata: string, spec: string) =>
  `apiVersion: monitoring.coreos.com/v1\nkind: ${kind}\nmetadata: ${metadata}\nspec: ${spec}\n---\n`;
const envoyStats = (labels: string) =>
  monitor(
    'PodMonitor',
    `{name: envoy-stats, namespace: istio-system, labels: ${labels}}`,
    '{selector: {matchExpressions: [{key: istio-prometheus-ignore, operator: DoesNotExist}]}, namespaceSelector: {any: true}, podMetricsEndpoints: [{path: /stats/prometheus}]}',
  );
const operated = (spec: string) =>
  `apiVersion: monitoring.coreos.com/v1\nkind: Prometheus\nmetadata: {name: main, namespace: monitoring}\nspec: ${spec}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: prometheus-main, namespace: monitoring}\nspec: {selector: {app.kubernetes.io/name: prometheus, prometheus: main}, ports: [{name: web, port: 9090}]}\n---\n`;
const tempoSource = (more: string) => `{name: Tempo, type: tempo, uid: tempo, url: 'http://tempo.tracing:3200'${more}}`;
const sidecarSources = (sources: string, name = 'sources', namespace = 'monitoring') =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: ${namespace}, labels: {grafana_datasource: '1'}}\ndata:\n  ${name}.yaml: |\n    apiVersion: 1\n    datasources: ${sources}\n---\n`;

describe('charts and operators', () => {
  const codes = (text: string) => findingsOf(text).map((one) => `${one.code} ${one.severity} ${one.hint}`);
  it.each([
    [
      'a source beside the chart’s own',
      stack(`{additionalDataSources: [${tempoSource(', jsonData: {serviceMap: {datasourceUid: prometheus}}')}]}`),
      [],
    ],
    [
      'a second default beside the chart’s',
      stack(`{additionalDataSources: [${tempoSource(', isDefault: true')}]}`),
      ['TRC065 error remove isDefault, or set grafana.sidecar.datasources.isDefaultDatasource: false'],
    ],
    [
      'a default in place of the chart’s',
      stack(
        `{sidecar: {datasources: {isDefaultDatasource: false}}, additionalDataSources: [${tempoSource(', isDefault: true')}]}`,
      ),
      [],
    ],
    [
      'a second default in a ConfigMap for the chart’s sidecar',
      stack('{}') + sidecarSources(`[${tempoSource(', isDefault: true')}]`),
      ['TRC065 error remove isDefault, or set grafana.sidecar.datasources.isDefaultDatasource: false'],
    ],
    [
      'a default of a Grafana in another namespace',
      stack('{}') + sidecarSources(`[${tempoSource(', isDefault: true')}]`, 's', 'other'),
      [],
    ],
    [
      'two with one uid',
      sidecarSources(`[${tempoSource('')}, {name: Old, type: jaeger, uid: tempo, url: 'http://j.tracing:16686'}]`),
      ['TRC065 error give one of them another uid'],
    ],
    [
      'two with one name',
      sidecarSources(`[${tempoSource('')}]`) +
        sidecarSources(`[{name: Tempo, type: tempo, url: 'http://t.tracing:3200'}]`, 'more'),
      ['TRC065 warning rename one of them, or keep one'],
    ],
    [
      'two organizations',
      sidecarSources(`[${tempoSource(', isDefault: true')}, {name: J, type: jaeger, orgId: 2, isDefault: true}]`),
      [],
    ],
    [
      'Tempo as data source of the chart by the wrong port',
      stack(`{additionalDataSources: [{name: Tempo, type: tempo, url: 'http://tempo.tracing:4317'}]}`),
      ['TRC061 warning use the query port'],
    ],
    [
      'metrics pushed to the chart’s Prometheus, whose receiver is off',
      `${stack('{}')}${goodPages.replaceAll('http://prometheus:9090/api/v1/write', 'http://kps-kube-prometheus-stack-prometheus.monitoring:9090/api/v1/write').replace(', send_exemplars: true', '')}`,
      ['TRC069 error set prometheus.prometheusSpec.enableRemoteWriteReceiver: true'],
    ],
    [
      'metrics pushed to an operated Prometheus, whose receiver is off',
      `${operated('{enableFeatures: [exemplar-storage]}')}${goodPages.replaceAll('http://prometheus:9090/api/v1/write', 'http://prometheus-main.monitoring:9090/api/v1/write')}`,
      ['TRC069 error set spec.enableRemoteWriteReceiver: true'],
    ],
    [
      'metrics pushed to an operated Prometheus',
      `${operated('{enableRemoteWriteReceiver: true, enableFeatures: [exemplar-storage]}')}${goodPages.replaceAll('http://prometheus:9090/api/v1/write', 'http://prometheus-operated.monitoring:9090/api/v1/write')}`,
      [],
    ],
    [
      'a monitor without the chart’s label',
      stack('{}') + envoyStats('{monitoring: istio-proxies}'),
      ['TRC078 warning label it release=kps, or widen podMonitorSelector'],
    ],
    ['a monitor with the chart’s label', stack('{}') + envoyStats('{release: kps}'), []],
    ['a chart that selects all', stack('{}', '{podMonitorSelectorNilUsesHelmValues: false}') + envoyStats('{a: b}'), []],
    [
      'a chart with a selector of its own',
      stack('{}', '{podMonitorSelector: {matchLabels: {team: mesh}}}') + envoyStats('{team: mesh}'),
      [],
    ],
    [
      'a Prometheus that selects no pods',
      operated('{serviceMonitorSelector: {}}') + envoyStats('{a: b}'),
      ['TRC078 warning set podMonitorSelector and podMonitorNamespaceSelector of the Prometheus'],
    ],
    [
      'a Prometheus that selects in its own namespace',
      operated('{podMonitorSelector: {}}') + envoyStats('{a: b}'),
      ['TRC078 warning set podMonitorSelector and podMonitorNamespaceSelector of the Prometheus'],
    ],
    [
      'a Prometheus that selects all',
      operated('{podMonitorSelector: {}, podMonitorNamespaceSelector: {}}') + envoyStats('{a: b}'),
      [],
    ],
    [
      'a Prometheus that selects namespaces by labels that are not in the input',
      operated('{podMonitorSelector: {}, podMonitorNamespaceSelector: {matchLabels: {scrape: mesh}}}') + envoyStats('{a: b}'),
      [],
    ],
    ['another agent that reads monitors', stack('{}') + release('alloy', 'monitoring', '{}') + envoyStats('{a: b}'), []],
    [
      'Kiali’s operator chart with Jaeger by HTTP',
      release(
        'kiali-operator',
        'kiali-operator',
        `{cr: {create: true, namespace: istio-system, spec: {external_services: {tracing: {enabled: true, internal_url: 'http://jaeger.tracing:16686/jaeger'}}}}}`,
      ),
      ['TRC073 error use the gRPC port, 16685, or set use_grpc: false'],
    ],
    [
      'Kiali’s server chart with Jaeger by HTTP',
      release(
        'kiali-server',
        'istio-system',
        `{external_services: {tracing: {enabled: true, use_grpc: false, internal_url: 'http://jaeger.tracing:16685'}}}`,
      ),
      ['TRC073 error use the HTTP port, 16686, or leave use_grpc out'],
    ],
    [
      'a data source of the Grafana operator',
      `${goodJaeger}---\napiVersion: grafana.integreatly.org/v1beta1\nkind: GrafanaDatasource\nmetadata: {name: jaeger, namespace: tracing}\nspec: {instanceSelector: {matchLabels: {a: b}}, datasource: {name: J, type: tempo, url: 'http://tracing:80'}}\n`,
      ['TRC060 error set type: jaeger'],
    ],
    [
      'the Grafana chart’s data sources',
      release(
        'grafana',
        'monitoring',
        `{datasources: {datasources.yaml: {apiVersion: 1, datasources: [${tempoSource(', isDefault: true')}, {name: P, type: prometheus, isDefault: true}]}}}`,
      ),
      ['TRC065 error keep isDefault on one of them'],
    ],
  ])('%s', (_, text, expected) => {
    expect(codes(text)).toEqual(expected);
  });
});

describe('who scrapes', () => {
  const jobs = (text: string) =>
    replaced(
      goodPages,
      goodPages.slice(goodPages.indexOf('    - job_name: kubernetes-pods'), goodPages.indexOf('target_label: __address__}') + 26),
      text,
    );
  const spans = (text: string) => findingsOf(text).map((one) => one.code);
  const job = (more: string) =>
    `    - {job_name: collector, ${more}}\n    - {job_name: pods, kubernetes_sd_configs: [{role: pod}], relabel_configs: [{source_labels: [__meta_kubernetes_pod_label_istio_io_rev], regex: default, action: keep}, {source_labels: [__meta_kubernetes_pod_container_port_name], regex: .*-envoy-prom, action: keep}]}\n`;
  it.each([
    ['a fixed target', "static_configs: [{targets: ['collector.observability:8889']}]", []],
    ['a fixed target of another port', "static_configs: [{targets: ['collector.observability:4317']}]", ['TRC077']],
    ['a target that is found elsewhere', "dns_sd_configs: [{names: ['collector'], type: A, port: 8889}]", []],
    ['nodes', 'kubernetes_sd_configs: [{role: node}]', ['TRC077']],
    [
      'the endpoints of the Service’s port',
      'kubernetes_sd_configs: [{role: endpointslice}], relabel_configs: [{source_labels: [__meta_kubernetes_service_name, __meta_kubernetes_endpointslice_port_name], regex: collector;http-metrics, action: keep}]',
      [],
    ],
    [
      'the endpoints of another port',
      'kubernetes_sd_configs: [{role: endpointslice}], relabel_configs: [{source_labels: [__meta_kubernetes_service_name, __meta_kubernetes_endpointslice_port_name], regex: collector;grpc-otlp, action: keep}]',
      ['TRC077'],
    ],
    ['another namespace', 'kubernetes_sd_configs: [{role: endpoints, namespaces: {names: [shop]}}]', ['TRC077']],
    [
      'rules that go too far to be read',
      'kubernetes_sd_configs: [{role: pod}], relabel_configs: [{source_labels: [__meta_kubernetes_pod_node_name], regex: a, action: keep}]',
      [],
    ],
  ])('%s', (_, more, expected) => {
    expect(spans(jobs(job(more)))).toEqual(expected);
  });

  it.each([
    [
      'by annotation',
      'relabel_configs: [{source_labels: [__meta_kubernetes_pod_annotation_prometheus_io_scrape], regex: true, action: keep}]',
      [],
    ],
    ['all pods', 'relabel_configs: []', []],
    ['one app', 'relabel_configs: [{source_labels: [__meta_kubernetes_pod_label_app], regex: istiod, action: keep}]', ['TRC079']],
  ])('the proxies: %s', (_, more, expected) => {
    const fixed = "    - {job_name: collector, static_configs: [{targets: ['collector:8889']}]}\n";
    expect(spans(jobs(`${fixed}    - {job_name: pods, kubernetes_sd_configs: [{role: pod}], ${more}}\n`))).toEqual(expected);
  });

  it('the proxies: by nobody', () => {
    const only = jobs("    - {job_name: collector, static_configs: [{targets: ['collector:8889']}]}\n");
    expect(findingsOf(only)).toMatchObject([
      { code: 'TRC079', severity: 'warning', object: 'ConfigMap/observability/prometheus', line: expect.any(Number) },
    ]);
    expect(spans(`${only}---\n${envoyStats('{a: b}')}`)).toEqual([]);
  });

  it('a monitor of the span metrics’ port', () => {
    const text = replaced(goodPages, "prometheus.io/port: '8889'", "prometheus.io/port: '8888'");
    const service = (endpoints: string) =>
      monitor(
        'ServiceMonitor',
        '{name: collector, namespace: observability, labels: {release: kps}}',
        `{selector: {}, endpoints: [${endpoints}]}`,
      );
    expect(spans(`${text}---\n${stack('{}')}${service('{port: http-metrics}')}`)).toEqual([]);
    expect(spans(`${text}---\n${stack('{}')}${service('{port: grpc-otlp}')}`)).toEqual(['TRC077']);
  });
});
