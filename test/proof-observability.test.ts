// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of Grafana look like templates
import { describe, expect, it } from 'vitest';
import { dashboard, dashboardOf, file, rules, said, textOf } from './proof-observability-world.ts';

const bad = 'sum(rate(istio_request_total[5m]))';

/** A query, and what is said of it: code, severity, words of the message, the hint. */
const faults: readonly (readonly [query: string, code: string, severity: string, message: string, hint: string])[] = [
  ['sum(rate(istio_requests_total[5m])', 'OBS001', 'error', 'which is no PromQL', 'it ends too early: close what is open'],
  ['sum(rate(istio_requests_total[5m])) by destination_app', 'OBS001', 'error', 'no PromQL', 'mend it before "destination_app"'],
  ['istio_requests_total{reporter=source}', 'OBS001', 'error', 'no PromQL', 'mend it before "source}"'],
  ['sum(rate(istio_request_total[5m]))', 'OBS002', 'error', 'metric istio_request_total', 'did you mean "istio_requests_total"?'],
  ['sum(rate(istio_requests[5m]))', 'OBS002', 'error', 'metric istio_requests,', 'did you mean "istio_requests_total"?'],
  ['rate(itsio_requests_total[5m])', 'OBS002', 'error', 'itsio_requests_total', 'did you mean "istio_requests_total"?'],
  ['rate(pilot_xds_pushes_total[5m])', 'OBS002', 'error', 'pilot_xds_pushes_total', 'did you mean "pilot_xds_pushes"?'],
  [
    'histogram_quantile(0.9, sum by (le) (rate(istio_request_duration_miliseconds_bucket[5m])))',
    ...(['OBS002', 'error', 'istio_request_duration_miliseconds_bucket'] as const),
    'did you mean "istio_request_duration_milliseconds_bucket"?',
  ],
  [
    'rate(otelcol_exporter_send_spans[5m])',
    'OBS002',
    'error',
    'otelcol_exporter_send_spans',
    'did you mean "otelcol_exporter_sent_spans"?',
  ],
  [
    'rate(otelcol_reciever_accepted_spans_total[5m])',
    ...(['OBS002', 'error', 'otelcol_reciever_accepted_spans_total'] as const),
    'did you mean "otelcol_receiver_accepted_spans_total"?',
  ],
  [
    'rate(traces_service_graph_requests_total[5m])',
    ...(['OBS002', 'error', 'traces_service_graph_requests_total'] as const),
    'did you mean "traces_service_graph_request_total"?',
  ],
  [
    'sum(rate(istio_requests_total{destination_sevice="a"}[5m]))',
    'OBS003',
    'error',
    'destination_sevice of istio_requests_total',
    'did you mean "destination_service"?',
  ],
  [
    'sum by (response_codes) (rate(istio_requests_total[5m]))',
    'OBS003',
    'error',
    'response_codes',
    'did you mean "response_code"?',
  ],
  ['sum(rate(istio_requests_total[5m])) without (reportr)', 'OBS003', 'error', 'reportr', 'did you mean "reporter"?'],
  ['sum by (namespcae) (container_memory_working_set_bytes)', 'OBS003', 'error', 'namespcae', 'did you mean "namespace"?'],
  ['istio_build / on (compnent) group_left () istio_build', 'OBS003', 'error', 'compnent', 'did you mean "component"?'],
  ['rate(otelcol_exporter_sent_spans{exportr="otlp"}[5m])', 'OBS003', 'error', 'exportr', 'did you mean "exporter"?'],
  [
    'rate({__name__="istio_requests_total", sourceworkload="a"}[5m])',
    'OBS003',
    'error',
    'sourceworkload',
    'did you mean "source_workload"?',
  ],
  [
    'sum by (destination_service) (sum by (reporter) (rate(istio_requests_total[5m])))',
    ...(['OBS003', 'error', 'groups by the label destination_service, which the aggregation inside has taken away'] as const),
    'keep destination_service there too',
  ],
  [
    'rate(otelcol_exporter_queue_size[5m])',
    'OBS004',
    'warning',
    'rate() of otelcol_exporter_queue_size, which is a gauge',
    'use it as it is, or take deriv() or delta()',
  ],
  ['increase(pilot_xds[5m])', 'OBS004', 'warning', 'increase() of pilot_xds', 'use it as it is, or take deriv() or delta()'],
  [
    'histogram_quantile(0.9, sum by (destination_app) (rate(istio_request_duration_milliseconds_bucket[5m])))',
    ...(['OBS004', 'warning', 'without the label le'] as const),
    'sum by (le, ...)',
  ],
  [
    'histogram_quantile(0.9, sum without (le) (rate(istio_request_bytes_bucket[5m])))',
    'OBS004',
    'warning',
    'without the label le',
    'sum by (le, ...)',
  ],
  [
    'histogram_quantile(0.9, rate(istio_request_bytes_sum[5m]))',
    'OBS004',
    'warning',
    'has no buckets',
    'did you mean "istio_request_bytes_bucket"?',
  ],
  [
    'histogram_quantile(0.9, rate(istio_requests_total[5m]))',
    'OBS004',
    'warning',
    'has no buckets',
    'take a series that ends in _bucket',
  ],
  [
    'rate(istio_requests_total{reporter="src"}[5m])',
    'OBS005',
    'warning',
    'never src',
    'it is one of source, destination, waypoint',
  ],
  [
    'rate(istio_requests_total{reporter=~"source|destnation"}[5m])',
    'OBS005',
    'warning',
    'never destnation',
    'did you mean "destination"?',
  ],
  [
    'rate(istio_requests_total{connection_security_policy!="mtls"}[5m])',
    'OBS005',
    'warning',
    'never mtls',
    'it is one of mutual_tls, none, unknown',
  ],
  ['rate(istio_requests_total{response_code="5xx"}[5m])', 'OBS005', 'warning', 'three digits', 'write response_code=~"5.."'],
  [
    'rate(traces_span_metrics_calls_total{span_kind="SERVER"}[5m])',
    'OBS005',
    'warning',
    'never SERVER',
    'it is one of SPAN_KIND_SERVER, SPAN_KIND_CLIENT, SPAN_KIND_INTERNAL, SPAN_KIND_PRODUCER, SPAN_KIND_CONSUMER, SPAN_KIND_UNSPECIFIED',
  ],
];

describe('a query in a dashboard', () => {
  it.each(faults)('%s: %s', (query, code, severity, message, hint) => {
    const findings = said(dashboard('up', query));
    expect(findings).toEqual([
      expect.objectContaining({
        code,
        severity,
        object: 'ConfigMap/observability/shown',
        message: expect.stringContaining(message),
        hint,
      }),
    ]);
    expect(findings[0]?.message).toContain('panel "p1"');
  });

  it('is found at its line', () => {
    const shown = dashboard('up', 'up', bad, 'up');
    const line =
      textOf(shown)
        .split('\n')
        .findIndex((one) => one.includes(bad)) + 1;
    expect(said(shown)).toEqual([expect.objectContaining({ line })]);
  });

  it('is found at its rule', () => {
    const written = `apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata: {name: r, namespace: observability}\nspec:\n  groups:\n  - name: g\n    rules:\n    - {record: 'a:b', expr: up}\n    - alert: Late\n      expr: ${bad}`;
    const line =
      textOf(written)
        .split('\n')
        .findIndex((one) => one.includes(bad)) + 1;
    expect(said(written)).toEqual([expect.objectContaining({ line, object: 'PrometheusRule/observability/r' })]);
  });

  it('is found twice where it stands twice', () => {
    const findings = said(dashboard('sum(istio_request_total)', 'up', 'sum(istio_request_total)'));
    expect(findings.map(({ message }) => /panel "p\d"/.exec(message)?.[0])).toEqual(['panel "p0"', 'panel "p2"']);
    expect(new Set(findings.map(({ line }) => line)).size).toBe(2);
  });
});

const target = { expr: bad };
const ours = { type: 'prometheus', uid: 'metrics' };
const grafana = (kind: string, spec: object) =>
  JSON.stringify({
    apiVersion: 'grafana.integreatly.org/v1beta1',
    kind,
    metadata: { name: 'shown', namespace: 'observability' },
    spec,
  });
const releaseOf = (chart: string, values: object) =>
  JSON.stringify({
    apiVersion: 'helm.toolkit.fluxcd.io/v2',
    kind: 'HelmRelease',
    metadata: { name: 'stack', namespace: 'observability' },
    spec: {
      interval: '1h',
      chart: { spec: { chart, version: '88.0.0', sourceRef: { kind: 'HelmRepository', name: 'r' } } },
      values,
    },
  });
const stack = (values: object) => releaseOf('kube-prometheus-stack', values);
const ruleGroups = [{ name: 'g', rules: [{ alert: 'Late', expr: bad }] }];
const recordings = [{ name: 'g', rules: [{ record: 'mesh:requests', expr: bad }] }];
const panelsJson = (panel: object) => JSON.stringify({ uid: 'm', title: 'Mesh', panels: [panel] });
const inChart = { dashboards: { mesh: { requests: { json: panelsJson({ datasource: ours, targets: [target] }) } } } };
const logsJson = panelsJson({ datasource: { type: 'loki', uid: 'logs' }, targets: [{ expr: '{app="a"} |= "b' }] });
const alertRules = (datasourceUid: string) => ({
  groups: [{ name: 'g', rules: [{ title: 'Late', data: [{ refId: 'A', datasourceUid, model: { expr: bad } }] }] }],
});
const alerting = (datasource: string) =>
  `apiVersion: 1\ngroups:\n- name: g\n  rules:\n  - title: Late\n    data:\n    - refId: A\n      datasourceUid: ${datasource}\n      model: {expr: '${bad}'}`;

describe('queries are read', () => {
  it.each([
    ['in a row', dashboardOf({ panels: [{ type: 'row', panels: [{ datasource: ours, targets: [target] }] }] })],
    ['by the name of the source', dashboardOf({ panels: [{ datasource: 'Prometheus', targets: [target] }] })],
    [
      'by a variable',
      dashboardOf({
        templating: { list: [{ type: 'datasource', name: 'ds', query: 'prometheus' }] },
        panels: [{ datasource: '${ds}', targets: [target] }],
      }),
    ],
    ['by an input', dashboardOf({ panels: [{ datasource: '${DS_PROMETHEUS}', targets: [target] }] })],
    ['of the default source', dashboardOf({ panels: [{ targets: [target] }] })],
    ['in a mixed panel', dashboardOf({ panels: [{ datasource: '-- Mixed --', targets: [{ ...target, datasource: ours }] }] })],
    ['of an annotation', dashboardOf({ annotations: { list: [{ name: 'a', datasource: ours, expr: bad }] } })],
    [
      'of a variable',
      dashboardOf({ templating: { list: [{ type: 'query', name: 'v', datasource: ours, query: `query_result(${bad})` }] } }),
    ],
    [
      'of label values',
      dashboardOf({
        templating: {
          list: [
            { type: 'query', name: 'v', datasource: ours, query: { query: 'label_values(istio_request_total{a="b"}, app)' } },
          ],
        },
      }),
    ],
    [
      'of a GrafanaDashboard',
      grafana('GrafanaDashboard', { json: JSON.stringify({ title: 'x', panels: [{ datasource: ours, targets: [target] }] }) }),
    ],
    [
      'of a GrafanaLibraryPanel',
      grafana('GrafanaLibraryPanel', { json: JSON.stringify({ title: 'x', datasource: ours, targets: [target] }) }),
    ],
    ['of a PrometheusRule', rules({ alert: 'Late', expr: bad })],
    ['of a file of rules', file('rules', 'mesh.rules.yml', `groups:\n- name: g\n  rules:\n  - {alert: Late, expr: '${bad}'}`)],
    [
      'of a file of rules in JSON style',
      file('rules', 'rules', `"groups":\n- "name": "g"\n  "rules":\n  - {"record": "a:b", "expr": "${bad}"}`),
    ],
    ['of Grafana’s alerting', file('alerts', 'alerts.yaml', alerting('metrics'))],
    [
      'of a GrafanaAlertRuleGroup',
      grafana('GrafanaAlertRuleGroup', {
        interval: '1m',
        instanceSelector: {},
        folderRef: 'f',
        rules: [
          {
            uid: 'u',
            title: 'Late',
            condition: 'A',
            for: '1m',
            noDataState: 'OK',
            execErrState: 'OK',
            data: [{ refId: 'A', datasourceUid: 'metrics', model: { expr: bad } }],
          },
        ],
      }),
    ],
    [
      'of the chart',
      stack({ additionalPrometheusRulesMap: { mesh: { groups: [{ name: 'g', rules: [{ alert: 'Late', expr: bad }] }] } } }),
    ],
    ...(
      [
        ['a list of the stack', 'kube-prometheus-stack', { additionalPrometheusRules: [{ name: 'mesh', groups: ruleGroups }] }],
        ['alerts of Prometheus’ chart', 'prometheus', { serverFiles: { 'alerting_rules.yml': { groups: ruleGroups } } }],
        ['recordings of Prometheus’ chart', 'prometheus', { serverFiles: { 'recording_rules.yml': { groups: recordings } } }],
        ['a dashboard of Grafana’s chart', 'grafana', inChart],
        ['a dashboard of the stack', 'kube-prometheus-stack', { grafana: inChart }],
        ['alerts of Grafana’s chart', 'grafana', { alerting: { 'rules.yaml': alertRules('metrics') } }],
      ] as const
    ).map(([what, chart, values]): [string, string] => [`of values: ${what}`, releaseOf(chart, values)]),
    [
      'of links from traces',
      file(
        'more',
        'more.yaml',
        `apiVersion: 1\ndatasources:\n- name: T\n  type: tempo\n  uid: t\n  url: http://tempo.elsewhere:3200\n  jsonData: {tracesToMetrics: {datasourceUid: metrics, queries: [{name: n, query: 'sum(rate(istio_request_total{$$__tags}[5m]))'}]}}`,
      ),
    ],
  ])('%s', (_, object) => {
    expect(said(object).map(({ code, message }) => [code, message.includes('istio_request_total')])).toEqual([['OBS002', true]]);
  });

  it.each([
    ['of logs', dashboardOf({ panels: [{ datasource: { type: 'loki', uid: 'logs' }, targets: [{ expr: '{app="a"} |= "b' }] }] })],
    ['of logs by uid', dashboardOf({ panels: [{ datasource: { uid: 'logs' }, targets: [{ expr: '{app="a"} | json' }] }] })],
    [
      'of logs by a variable',
      dashboardOf({
        templating: { list: [{ type: 'datasource', name: 'ds', query: 'loki' }] },
        panels: [{ datasource: '$ds', targets: [{ expr: '{app="a"} | json' }] }],
      }),
    ],
    ['of nobody known', dashboardOf({ panels: [{ datasource: { uid: 'other' }, targets: [{ expr: 'SELECT 1' }] }] })],
    [
      'of Loki’s ruler',
      file(
        'rules',
        'rules.yaml',
        'groups:\n- name: g\n  rules:\n  - {alert: A, expr: \'sum(rate({app="a"} |= "error" [5m])) > 1\'}',
      ),
    ],
    ['of a Grafana that is switched off', releaseOf('kube-prometheus-stack', { grafana: { enabled: false, ...inChart } })],
    [
      'of values of another chart',
      releaseOf('site', { ...inChart, serverFiles: { 'alerting_rules.yml': { groups: ruleGroups } } }),
    ],
    ['of logs in values', releaseOf('grafana', { dashboards: { mesh: { logs: { json: logsJson } } } })],
    ['of Grafana’s alerting on logs', file('alerts', 'alerts.yaml', alerting('logs'))],
  ])('not %s', (_, object) => {
    expect(said(object)).toEqual([]);
  });
});
