import { parser } from '@prometheus-io/lezer-promql';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type DataSource, type DataSourceLinks, Endpoint, type GrafanaSource } from '../constructs/kit/index.ts';
import { Grafana, Loki, Prometheus } from '../constructs/observability/index.ts';
import { Collector, Jaeger, Tempo, Zipkin } from '../constructs/tracing/index.ts';
import { type Loose, layer, object } from './support/synth.ts';

/** The data sources of a Grafana, as it is provisioned with them. */
function provisioned(...sources: readonly [GrafanaSource, ...GrafanaSource[]]): Loose[] {
  const chart = layer();
  new Grafana(chart, 'grafana', { sources });
  return parse(object(chart, 'ConfigMap', 'grafana').data['datasources.yaml']).datasources;
}

/** Where an expression is no PromQL. */
function promqlErrors(query: string): string[] {
  const errors: string[] = [];
  parser.parse(query).iterate({
    enter: ({ type, from, to }) => {
      if (type.isError) errors.push(`${from}-${to}`);
    },
  });
  return errors;
}

describe('links between data sources', () => {
  /** What each source of one Grafana was told of the others, by its uid. */
  function told(...types: readonly [DataSource['type'], string][]): Map<string, DataSourceLinks | undefined> {
    const links = new Map<string, DataSourceLinks | undefined>();
    const sources = types.map(
      ([type, uid]): GrafanaSource => ({
        toDataSource: (given) => {
          // Others ask as well, without telling.
          if (given) links.set(uid, given);
          return { name: uid, uid, type, url: 'http://x.test:80' };
        },
      }),
    );
    const [first, ...rest] = sources;
    if (first) provisioned(first, ...rest);
    return links;
  }

  it('name the first source of each kind, to every source', () => {
    const all = told(['jaeger', 'j'], ['prometheus', 'p1'], ['loki', 'l'], ['prometheus', 'p2']);
    for (const uid of ['j', 'p1', 'l', 'p2'])
      expect(all.get(uid)).toEqual({ traces: 'j', metrics: 'p1', serviceGraph: 'p1', logs: 'l' });
  });

  it('prefer Tempo to Jaeger, and Jaeger to Zipkin, whatever stands first', () => {
    expect(told(['zipkin', 'z'], ['jaeger', 'j'], ['tempo', 't']).get('z')).toEqual({ traces: 't' });
    expect(told(['zipkin', 'z'], ['jaeger', 'j']).get('z')).toEqual({ traces: 'j' });
    expect(told(['zipkin', 'z']).get('z')).toEqual({ traces: 'z' });
  });

  it('are none in a Grafana with one source', () => {
    expect(told(['prometheus', 'p']).get('p')).toEqual({ metrics: 'p', serviceGraph: 'p' });
    const [source] = provisioned(new Prometheus(layer('alone'), 'prometheus'));
    expect(source.jsonData).toEqual({ httpMethod: 'POST', timeInterval: '15s' });
  });

  it.each([
    ['tempo', Tempo],
    ['jaeger', Jaeger],
    ['zipkin', Zipkin],
  ])('lead from a trace of %s to metrics, and back by exemplars', (type, Backend) => {
    const chart = layer('observability');
    const backend = new Backend(chart, 'traces');
    const prometheus = new Prometheus(chart, 'prometheus');
    const [traces, metrics] = provisioned(backend, prometheus);
    expect([traces.type, metrics.type]).toEqual([type, 'prometheus']);
    expect(traces.jsonData.nodeGraph).toEqual({ enabled: true });
    expect(traces.jsonData).not.toHaveProperty('tracesToLogsV2');
    const { datasourceUid, queries, tags } = traces.jsonData.tracesToMetrics;
    expect(datasourceUid).toBe(metrics.uid);
    expect(tags).toContainEqual({ key: 'istio.canonical_service', value: 'destination_canonical_service' });
    // Grafana reads $$ as a dollar sign, and puts the matchers there.
    for (const { query } of queries) expect(query).toContain('$$__tags');
    expect(metrics.jsonData.exemplarTraceIdDestinations).toEqual([
      { name: 'traceID', datasourceUid: traces.uid },
      { name: 'trace_id', datasourceUid: traces.uid },
    ]);
  });

  it.each([
    ['tempo', Tempo],
    ['jaeger', Jaeger],
    ['zipkin', Zipkin],
  ])('lead from a trace of %s to its log entries, and from an entry to its trace', (_, Backend) => {
    const chart = layer('observability');
    const [traces, logs] = provisioned(new Backend(chart, 'traces'), new Loki(chart, 'loki'));
    const { datasourceUid, customQuery, query, tags } = traces.jsonData.tracesToLogsV2;
    expect([datasourceUid, customQuery, tags]).toEqual([logs.uid, true, undefined]);
    // Records that come by OTLP carry the id as structured metadata, not in the line; no label of a span is asked for.
    expect(query).toBe(`{service_name=~".+"} | trace_id="$$\{__trace.traceId}"`);
    expect(logs.jsonData.derivedFields.map((field: Loose) => field.datasourceUid)).toEqual([traces.uid, traces.uid]);
  });

  it('let only Tempo draw a service map, from the metrics', () => {
    const chart = layer('observability');
    const prometheus = new Prometheus(chart, 'p');
    const [tempo] = provisioned(new Tempo(chart, 't', { metricsGenerator: { to: prometheus } }), prometheus);
    expect(tempo.jsonData.serviceMap).toEqual({ datasourceUid: 'prometheus' });
  });

  it('draw a service map where a collector counts calls, and where nobody knows who does', () => {
    const chart = layer('observability');
    const traces = new Tempo(chart, 't');
    const collector = new Collector(chart, 'c', { exportTo: [traces], serviceGraph: {} });
    const [first] = provisioned(traces, new Prometheus(chart, 'p', { scrape: [collector] }));
    expect(first.jsonData.serviceMap).toEqual({ datasourceUid: 'prometheus' });
    const elsewhere = Endpoint.external({ protocol: 'http', host: 'prometheus.test', port: 9090 });
    const [second] = provisioned(traces, Prometheus.fromExisting(elsewhere));
    expect(second.jsonData.serviceMap).toEqual({ datasourceUid: 'prometheus' });
  });

  it('draw no service map where it is known that nobody makes its metrics', () => {
    const chart = layer('observability');
    const traces = new Tempo(chart, 't');
    const [tempo] = provisioned(traces, new Prometheus(chart, 'p', { scrape: [traces] }));
    expect(tempo.jsonData).not.toHaveProperty('serviceMap');
  });

  it('ask for what Prometheus understands', () => {
    const { jsonData } = new Tempo(layer('observability'), 't').toDataSource({ metrics: 'p' });
    const { queries } = (jsonData as Loose).tracesToMetrics;
    expect(queries.length).toBeGreaterThanOrEqual(2);
    for (const { query } of queries) {
      for (const matchers of ['', 'destination_canonical_service="reviews", destination_workload_namespace="bookinfo"'])
        expect([query, promqlErrors(query.replace('$__tags', matchers))]).toEqual([query, []]);
    }
  });
});
