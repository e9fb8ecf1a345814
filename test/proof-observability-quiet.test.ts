// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of Grafana look like templates
import { describe, expect, it } from 'vitest';
import { dashboard, dashboardOf, file, rules, said } from './proof-observability-world.ts';
import { findingsOf } from './proof-world.ts';

/** Queries as dashboards and rules of others ask them: of Istio, Tempo, Loki, collectors, Kubernetes. All are right. */
const right: readonly string[] = [
  // Istio's dashboards.
  'round(sum(irate(istio_requests_total{reporter=~"$qrep",destination_service=~"$service"}[5m])), 0.001)',
  'sum(irate(istio_requests_total{reporter=~"$qrep",response_code!~"5.*"}[5m])) / sum(irate(istio_requests_total{reporter=~"$qrep"}[5m]))',
  'label_replace(label_join(sum(rate(istio_requests_total{reporter=~"source|waypoint"}[$__rate_interval])) by (destination_workload, destination_workload_namespace, destination_service), "destination_workload_var", ".", "destination_workload", "destination_workload_namespace"), "x", "$1", "destination_workload_var", "(.*)")',
  '(histogram_quantile(0.50, sum(irate(istio_request_duration_milliseconds_bucket{reporter=~"$qrep"}[1m])) by (le)) / 1000) or histogram_quantile(0.50, sum(irate(istio_request_duration_seconds_bucket{reporter=~"$qrep"}[1m])) by (le))',
  '(sum(irate(container_cpu_usage_seconds_total{pod=~"istio-ingressgateway-.*",container="istio-proxy"}[1m])) / (round(sum(irate(istio_requests_total{source_workload="istio-ingressgateway", reporter="source"}[1m])), 0.001)/1000))',
  'sum by (pod) (istio_tcp_connections_opened_total{app="ztunnel"}) - sum by (pod) (istio_tcp_connections_closed_total{app="ztunnel"})',
  'sum(envoy_cluster_upstream_cx_active{cluster_name="xds-grpc"})',
  'sum by (type) (rate(pilot_xds_pushes[$__rate_interval]))',
  'sum(rate(pilot_xds_push_time_bucket{}[1m])) by (le)',
  'sum by (version) (pilot_xds) > 0',
  'sum(rate(istio_agent_pilot_xds_send_time_sum[5m])) / sum(rate(istio_cni_installs_total[5m]))',
  // What a Telemetry or an older Istio may have added, and what is not known here.
  'sum by (request_path, destination_pod, destination_ip, source_ip, destination_port) (rate(istio_requests_total{request_host!="", source_api="a", response_mode!="b"}[5m]))',
  'sum by (kubernetes_namespace, k8s_pod_name, exported_job, cluster, mesh_id) (rate(istio_requests_total[5m]))',
  'sum(rate(istio_wasm_filter_calls_total{reportr="a"}[5m]))',
  // Native histograms.
  'histogram_quantile(0.9, sum by (destination_app) (rate(istio_request_duration_milliseconds[5m])))',
  'histogram_quantile(0.9, sum(rate(http_request_duration_seconds[5m])))',
  'histogram_avg(sum(rate(istio_request_bytes[5m]))) + histogram_count(rate(istio_request_bytes[5m]))',
  // Collectors of several versions and settings.
  'sum(${metric:value}(otelcol_receiver_accepted_spans_total{receiver=~"$receiver",job="$job"}[$__rate_interval])) by (receiver $grouping)',
  'sum(rate(otelcol_exporter_sent_spans{service_instance_id=~".*"}[5m])) by (service_instance_id, service_name, service_version)',
  'max(otelcol_process_uptime_seconds_total) by (otel_scope_name) + max(otelcol_process_memory_rss_bytes)',
  'sum(rate(otelcol_processor_dropped_spans[5m])) + sum(rate(otelcol_processor_refused_spans_total[5m]))',
  'sum(rate(otelcol_processor_tail_sampling_count_spans_sampled[5m])) / sum(rate(otelcol_processor_filter_logs_filtered[5m]))',
  'histogram_quantile(0.9, sum(rate(otelcol_processor_tail_sampling_sampling_decision_timer_latency_milliseconds_bucket[5m])) by (le))',
  'sum(rate(jaeger_storage_requests_total{result="err"}[5m])) by (operation) + sum(rate(jaeger_storage_latency_seconds_sum[5m])) by (operation)',
  // Metrics made of spans.
  'sum by (service) (rate(traces_spanmetrics_calls_total{status_code="STATUS_CODE_ERROR", span_kind=~"SPAN_KIND_SERVER|SPAN_KIND_CLIENT"}[5m]))',
  'histogram_quantile(.95, sum(rate(traces_spanmetrics_latency_bucket{http_route="/"}[5m])) by (le, deployment_environment))',
  'sum(rate(traces_spanmetrics_duration_milliseconds_bucket[5m])) by (le) or sum(rate(traces_span_metrics_duration_seconds_bucket[5m])) by (le)',
  'sum by (client, server, client_service_namespace) (rate(traces_service_graph_request_server_seconds_sum{connection_type=""}[5m]))',
  'sum(rate(traces_service_graph_request_server_bucket[5m])) by (le)',
  // Tempo, Loki.
  'sum by (cluster, namespace, tenant) (tempodb_compaction_outstanding_blocks{container="compactor", namespace=~".*"}) / ignoring(tenant) group_left count(tempo_build_info{container="compactor"}) by (cluster, namespace) > 100',
  'avg(tempodb_blocklist_length{container="compactor"}) / avg(tempodb_blocklist_length offset 7d) by (cluster, namespace) > 1.4',
  'histogram_quantile(0.99, sum by (le, job) (cluster_job:loki_request_duration_seconds_bucket:sum_rate{job=~"($namespace)/distributor"})) * 1e3',
  // Kubernetes: recorded elsewhere, joined, counted.
  'sum(node_namespace_pod_container:container_cpu_usage_seconds_total:sum_irate{cluster="$cluster"} * on(namespace,pod) group_left(workload, workload_type) namespace_workload_pod:kube_pod_owner:relabel{workload_type=~"$type"}) by (pod)',
  '100 * namespace_job:grafana_http_request_duration_seconds_count:rate5m{status_code=~"5.."} / ignoring (status_code) sum without (status_code) (namespace_job:grafana_http_request_duration_seconds_count:rate5m)',
  'kube_pod_container_status_waiting_reason{reason="CrashLoopBackOff", job="kube-state-metrics"} >= 1',
  'max_over_time(kube_pod_container_status_waiting_reason{reason="CrashLoopBackOff"}[5m:]) >= 1',
  'kube_pod_status_phase{phase=~"Pending|Unknown"} * on(namespace, pod, cluster) group_left(owner_kind) topk by(namespace, pod, cluster) (1, max by(namespace, pod, owner_kind, cluster) (kube_pod_owner{owner_kind!="Job"}))',
  'count by (namespace, pod) (label_replace(container_memory_rss{image!=""}, "pod", "$1", "pod_name", "(.+)"))',
  'sum(rate(container_network_receive_bytes_total{interface!="lo", device="eth0"}[5m:30s] offset 5m)) by (namespace) unless on (namespace) up == 0',
  'count_values("version", prometheus_build_info) > 1 and absent(up{job="a"} == 1)',
  'sum by (version) (count_values without (instance) ("version", go_info))',
  'predict_linear(kubelet_volume_stats_available_bytes[6h], 4 * 24 * 3600) < 0 and deriv(kubelet_volume_stats_used_bytes[1h]) > 0',
  'delta(otelcol_exporter_queue_size[5m]) + changes(pilot_xds[5m]) + avg_over_time(up[1h])',
  'rate(process_cpu_seconds_total[5m]) / on () group_left () scalar(count(up)) ^ 2 > bool 0.5',
  // Of Grafana: a query that is a variable, an operator, a whole set of matchers.
  '$query',
  '${query} $op ${other}',
  'rate(istio_requests_total{${filters}, reporter="$reporter"}[${range}])',
  'sum by ([[by]]) (increase(istio_requests_total{$__tags}[$__range]))',
  'topk($n, sum by (destination_service) (rate(istio_requests_total[$__rate_interval] @ ${__to})))',
  '{__name__=~"istio_requests_total|istio_tcp_connections_opened_total", destination_service="a"}',
  '{__name__=~"istio_.*", anything="a"}',
  // Comments, all quotes, escapes, numbers of all kinds.
  "# who calls\nsum(rate(istio_requests_total{source_app='a\\'b', destination_app=`\\w+`}[1h30m])) # a second\n",
  '-1.5e3 + 0x1F + Inf - NaN + time() % 60 + vector(1)',
  "# we can't say: a # b | c\nsum(rate(istio_requests_total{source_app='a#b', namespace=\"$namespace\"}[$__rate_interval]))\n# 100%",
  // A state of an object that comes to be, of Loki's own dashboards.
  'sum by (pod) (increase(kube_pod_container_status_last_terminated_reason{reason="OOMKilled"}[30m])) > 0',
  // Prometheus 2, Thanos, Prometheus 3 with experimental functions.
  'holt_winters(istio_requests_total[10m], 0.3, 0.3) + xrate(istio_requests_total[5m])',
  'rate(istio_requests_total[5m] anchored) + rate(istio_requests_total[5m] smoothed offset 1m) + rate(istio_requests_total[5m + 1m])',
  'double_exponential_smoothing(up[5m], 0.3, 0.3) + limitk(5, up) + mad_over_time(up[5m]) + ts_of_max_over_time(up[5m])',
  // Istiods of several versions.
  'sum(pilot_xds_eds_instances) + sum(rate(pilot_xds_push_errors[1m])) + sum(rate(pilot_xds_push_context_errors[5m])) + pilot_rds_expired_nonce',
  'citadel_server_root_cert_expiry_seconds + citadel_server_cert_chain_expiry_timestamp - time() + citadel_secret_controller_csr_err_count',
  'sum(rate(galley_validation_config_update_error[5m])) + sum(rate(galley_validation_cert_key_updates[5m])) + galley_runtime_state_type_instances_total',
  'sum(rate(istio_requests_total{permissive_response_code="none", connection_mtls="true", rollouts_pod_template_hash=~".*"}[5m]))',
  'absent(istio_requests_total{source_workload="istio-ingressgateway", destination_service_namespace=~"graph.*"})!=1',
];

describe('of right queries nothing is said', () => {
  it.each(right)('%s', (query) => {
    expect(said(dashboard(query))).toEqual([]);
  });

  it('in rules either', () => {
    const rows = right
      .filter((query) => !/\$(?!1)/.test(query) && !query.includes('[['))
      .map((expr, i) => ({ alert: `A${i}`, expr }));
    expect(rows.length).toBeGreaterThan(30);
    expect(said(rules(...rows))).toEqual([]);
  });

  it.each([
    ['label_values(istio_requests_total{reporter="source"}, destination_service)'],
    ['label_values(destination_service)'],
    ['label_names()'],
    ['metrics(istio_.*)'],
    ['label_values({__name__=~"istio_requests_total|istio_tcp_sent_bytes_total", namespace="$namespace"}, destination_workload)'],
    ['query_result(count by (destination_service) (istio_requests_total))'],
  ])('in the variable %s', (query) => {
    expect(
      said(dashboardOf({ templating: { list: [{ type: 'query', name: 'v', datasource: { type: 'prometheus' }, query }] } })),
    ).toEqual([]);
  });
});

describe('labels that something in the input adds', () => {
  const asked = dashboard('sum by (destination_principals) (rate(istio_requests_total[5m]))');
  const monitor = (spec: string) =>
    `apiVersion: monitoring.coreos.com/v1\nkind: PodMonitor\nmetadata: {name: p, namespace: observability}\nspec: {selector: {}, ${spec}}`;

  it('are missed without it', () => {
    expect(said(asked)).toEqual([expect.objectContaining({ code: 'OBS003' })]);
    expect(said(asked, monitor('podMetricsEndpoints: [{port: http}]'))).toHaveLength(1);
  });

  it.each([
    [
      'a scrape job',
      file(
        'prometheus',
        'prometheus.yml',
        'scrape_configs: [{job_name: a, relabel_configs: [{target_label: destination_principals}]}]',
      ),
    ],
    [
      'a job’s static labels',
      file(
        'prometheus',
        'prometheus.yml',
        'scrape_configs: [{job_name: a, static_configs: [{targets: [], labels: {destination_principals: a}}]}]',
      ),
    ],
    [
      'external labels',
      file('prometheus', 'prometheus.yml', 'global: {external_labels: {destination_principals: a}}\nscrape_configs: []'),
    ],
    ['a monitor', monitor('podMetricsEndpoints: [{port: http, metricRelabelings: [{targetLabel: destination_principals}]}]')],
    ['labels of targets', monitor("podTargetLabels: ['destination-principals'], podMetricsEndpoints: [{port: http}]")],
    [
      'a Telemetry',
      'apiVersion: telemetry.istio.io/v1\nkind: Telemetry\nmetadata: {name: t, namespace: istio-system}\nspec: {metrics: [{providers: [{name: prometheus}], overrides: [{tagOverrides: {destination_principals: {value: "\'a\'"}}}]}]}',
    ],
    [
      'labels of pods',
      'apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: observability, labels: {destination_principals: a}}\nspec: {containers: [{name: a, image: "a:1"}]}',
    ],
    ['a rule', rules({ record: 'a:b', expr: 'up', labels: { destination_principals: 'a' } })],
  ])('are not: %s', (_, object) => {
    expect(said(asked, object)).toEqual([]);
  });

  it('are not: dimensions of metrics made of spans', () => {
    const spans = dashboard('sum by (status_codes) (rate(traces_span_metrics_calls_total[5m]))');
    const collector = file(
      'c',
      'c.yaml',
      'receivers: {otlp: {}}\nconnectors: {span_metrics: {dimensions: [{name: status.codes}]}}\nexporters: {debug: {}}\nservice: {pipelines: {traces: {receivers: [otlp], exporters: [span_metrics]}}}',
    );
    expect(said(spans)).toHaveLength(1);
    expect(said(spans, collector)).toEqual([]);
  });
});

describe('metrics that a rule of the input records', () => {
  it('are there', () => {
    const record = rules({ record: 'mesh:istio_requests:rate5m', expr: 'sum(rate(istio_requests_total[5m]))' });
    expect(said(record, dashboard('mesh:istio_requests:rate5m'))).toEqual([]);
    // Recorded elsewhere for another window, or of another thing.
    expect(said(rules({ record: 'node:cpu_used:sum', expr: 'up' }), dashboard('node:gpu_used:sum'))).toEqual([]);
    expect(said(record, dashboard('mesh:istio_requests:rate1h'))).toEqual([]);
    expect(said(record, dashboard('mesh:istio_requsts:rate5m'))).toEqual([
      expect.objectContaining({ code: 'OBS002', hint: 'did you mean "mesh:istio_requests:rate5m"?' }),
    ]);
  });
});

describe('a superset of PromQL is not judged', () => {
  const odd = dashboard('WITH (x = up) x keep_metric_names', 'sum(increase(istio_requests_total)) by (pod)');
  const pod = (image: string) =>
    `apiVersion: v1\nkind: Pod\nmetadata: {name: v, namespace: observability}\nspec: {containers: [{name: v, image: '${image}'}]}`;
  const chart = (name: string) =>
    `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: v, namespace: observability}\nspec: {chart: {spec: {chart: ${name}}}}`;
  const source = (name: string, url: string) =>
    file('more', 'datasources.yaml', `apiVersion: 1\ndatasources: [{name: ${name}, type: prometheus, uid: more, url: '${url}'}]`);

  it.each([
    ['the operator', 'apiVersion: operator.victoriametrics.com/v1beta1\nkind: VMSingle\nmetadata: {name: v, namespace: a}'],
    ['an image', pod('docker.io/victoriametrics/victoria-metrics:v1.130.0')],
    ['a chart', chart('victoria-metrics-single')],
    ['a port', source('more', 'http://metrics.elsewhere:8428')],
    ['a host', source('more', 'http://vmselect-main.elsewhere/select/0/prometheus')],
    ['a name', source('VictoriaMetrics', 'http://metrics.elsewhere')],
  ])('where the input shows VictoriaMetrics by %s', (_, object) => {
    expect(said(odd, object)).toEqual([]);
  });

  it('is, where it shows a Prometheus', () => {
    const codes = ['OBS001', 'OBS006'];
    expect(said(odd).map(({ code }) => code)).toEqual(codes);
    expect(said(odd, pod('docker.io/prom/prometheus:v3.10.0')).map(({ code }) => code)).toEqual(codes);
    expect(said(odd, source('more', 'http://prometheus.elsewhere:9090')).map(({ code }) => code)).toEqual(codes);
  });

  it.each([
    'rate(vm_rows_inserted_total[5m]) default 0',
    'max_over_time(up[1h]) if (up == 1)',
    'sum(rate(istio_requests_total[5m])) by (pod) limit 5',
    'up{job="a" or job="b"}',
    'topk_max(5, up) + range_median(up) + rollup_rate(up[5m])',
    'label_set(up, "a", "b")',
    'rate(up[5i]) + rate(up[1.5h])',
  ])('where it shows neither: %s', (expr) => {
    const alone = (query: string) => findingsOf(dashboard(query)).filter(({ code }) => /^OBS00/.test(code));
    expect(alone(expr)).toEqual([]);
    expect(alone('sum(up')).toHaveLength(1);
  });
});

describe('rules that look like those of Prometheus', () => {
  const groups = (key: string, rules: string) => file('others', key, `groups:\n- name: g\n${rules}`);

  it.each([
    ['a filter of lines', 'sum(rate({app="a"} != "debug" [5m])) > 1'],
    ['a filter by a regular expression', 'sum by (app) (count_over_time({app=~".+"} !~ `x` [5m])) > 0'],
    ['a stage', '# it\'s so\n      sum(rate({app="a"} | json | level=`error` [5m])) > 1'],
    ['its functions', 'sum(bytes_rate({app="a"}[1m])) + sum(bytes_over_time({app="a"}[1m]))'],
    ['nothing', 'absent_over_time({app="a"}[5m])'],
  ])('of Loki, which one sees by %s', (_, expr) => {
    expect(said(groups('loki.yaml', `  rules:\n  - alert: A\n    expr: |\n      ${expr}`))).toEqual([]);
  });

  it('of vmalert for logs', () => {
    const asked = '  rules: [{alert: A, expr: "_time:5m error"}]';
    expect(said(groups('a.yaml', `  type: vlogs\n${asked}`))).toEqual([]);
    expect(said(groups('a.yaml', asked))).toHaveLength(1);
  });

  it('that Helm has not filled in yet', () => {
    expect(said(rules({ alert: 'A', expr: 'sum(rate(istio_requests_total[5m])) > {{ .Values.threshold }}' }))).toEqual([]);
  });
});

it('dashboards of many data sources are asked for what is Prometheus’ alone', () => {
  const panel = (datasource: unknown, ...targets: object[]) => ({ title: 'p', datasource, targets });
  const wrong = { expr: 'no { promql' };
  const variables = ['Loki', { type: 'loki', uid: 'logs' }].map((datasource) => ({
    ...{ type: 'query', name: 'v', datasource },
    query: 'label_values({app="a"} |= `x`, app)',
  }));
  const rows = [
    panel({ type: 'datasource', uid: '-- Mixed --' }, { ...wrong, datasource: { type: 'loki', uid: 'logs' } }, wrong),
    panel('-- Mixed --', { ...wrong, datasource: 'Loki' }),
    panel('$logs', wrong),
    panel({ uid: '${logs}' }, wrong),
    panel({ type: 'cloudwatch', uid: 'cw' }, wrong),
    panel({ type: '__expr__', uid: '__expr__' }, { expression: '$A + $B' }),
    panel('Somebody else', wrong),
    panel('Prometheus', { expr: '' }, { expr: ' ', hide: true }, {}),
    { libraryPanel: { uid: 'x', name: 'y' } },
  ];
  const list = [...variables, { type: 'datasource', name: 'logs', query: 'loki' }, { type: 'custom', name: 'c', query: 'a(' }];
  const asked = (...more: object[]) =>
    said(dashboardOf({ rows: [{ title: 'r', panels: [...rows, ...more] }], templating: { list }, annotations: { list: rows } }));
  expect(asked()).toEqual([]);
  expect(asked(panel('Prometheus', wrong))).toHaveLength(1);
});
