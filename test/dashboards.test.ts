import { parser } from '@prometheus-io/lezer-promql';
import { describe, expect, it } from 'vitest';
import { istioDashboards } from '../constructs/observability/index.ts';
import type { Loose } from './support/synth.ts';

/** Istio 1.30's standard metrics, istiod's, and those of the containers. */
const knownMetrics = new Set([
  'istio_requests_total',
  'istio_request_duration_milliseconds_bucket',
  'istio_request_bytes_bucket',
  'istio_response_bytes_bucket',
  'istio_tcp_sent_bytes_total',
  'istio_tcp_received_bytes_total',
  'istio_tcp_connections_opened_total',
  'istio_tcp_connections_closed_total',
  'istio_build',
  'pilot_xds_pushes',
  'pilot_total_xds_rejects',
  'container_cpu_usage_seconds_total',
  'container_memory_working_set_bytes',
]);

const knownLabels = new Set([
  '__name__',
  'reporter',
  'source_workload',
  'source_workload_namespace',
  'destination_service',
  'destination_workload',
  'destination_workload_namespace',
  'response_code',
  'response_flags',
  'connection_security_policy',
  'le',
  'component',
  'tag',
  'type',
  'container',
  'namespace',
  'pod',
]);

const dashboards: Loose[] = JSON.parse(JSON.stringify(istioDashboards()));
const panelsOf = (d: Loose): Loose[] => d.panels.filter((p: Loose) => p.type !== 'row');
const queriesOf = (d: Loose): string[] => panelsOf(d).flatMap((p) => p.targets.map((t: Loose) => t.expr));
const variablesOf = (d: Loose): Loose[] => d.templating.list;

/** A query as Prometheus gets it. */
const substituted = (query: string) => query.replaceAll('$__rate_interval', '1m').replaceAll(/\$\w+/g, 'chosen');

/** The names of the given syntax nodes, and where the parser gave up. */
function parts(query: string, kinds: readonly string[]): { found: string[]; errors: number } {
  const found: string[] = [];
  let errors = 0;
  parser.parse(query).iterate({
    enter: (node) => {
      if (node.type.isError) errors += 1;
      if (kinds.includes(node.name)) found.push(query.slice(node.from, node.to));
    },
  });
  return { found, errors };
}

const names = (text: string) => [...text.matchAll(/\$(?!__)(\w+)/g)].flatMap((m) => m[1] ?? []);

it('tells a broken query from a sound one', () => {
  expect(parts('sum(rate(a[1m]))', ['Identifier']).errors).toBe(0);
  expect(parts('sum(rate(a[1m])', ['Identifier']).errors).toBeGreaterThan(0);
});

it('have the titles that Kiali looks up, and uids that stay', () => {
  expect(dashboards.map((d) => [d.title, d.uid])).toEqual([
    ['Istio Mesh Dashboard', 'istio-mesh'],
    ['Istio Service Dashboard', 'istio-service'],
    ['Istio Workload Dashboard', 'istio-workload'],
  ]);
});

it('take what Kiali’s links and people fill in', () => {
  expect(dashboards.map((d) => variablesOf(d).map((v) => v.name))).toEqual([
    ['datasource'],
    ['datasource', 'service', 'qrep', 'srcns', 'srcwl', 'dstns', 'dstwl'],
    ['datasource', 'namespace', 'workload', 'qrep', 'srcns', 'srcwl', 'dstsvc'],
  ]);
});

it('come out the same every time', () => {
  expect(JSON.stringify(istioDashboards())).toBe(JSON.stringify(istioDashboards()));
});

describe.each(dashboards.map((d) => [d.title, d] as const))('%s', (_, dashboard) => {
  it('asks in valid PromQL, for metrics and labels that exist', () => {
    const queries = queriesOf(dashboard);
    expect(queries.length).toBeGreaterThan(10);
    for (const query of queries) {
      const { found: metrics, errors } = parts(substituted(query), ['VectorSelector']);
      expect([query, errors]).toEqual([query, 0]);
      const { found: labels } = parts(substituted(query), ['LabelName']);
      expect(metrics.length).toBeGreaterThan(0);
      for (const metric of metrics) expect(knownMetrics).toContain(metric.replace(/\{.*$/, ''));
      for (const label of labels) expect(knownLabels).toContain(label);
    }
  });

  it('fills its variables from metrics and labels that exist', () => {
    for (const { query } of variablesOf(dashboard).filter((v) => v.type === 'query')) {
      const [, series, label] = /^label_values\((\{.*\}), (\w+)\)$/.exec(query.query) ?? [];
      expect(knownLabels).toContain(label);
      expect(parts(substituted(series ?? ''), []).errors).toBe(0);
      for (const metric of /__name__=~"([^"]*)"/.exec(series ?? '')?.[1]?.split('|') ?? ['none'])
        expect(knownMetrics).toContain(metric);
    }
  });

  it('defines every variable before its use, and uses every one', () => {
    const variables = variablesOf(dashboard);
    const defined = new Set<string>();
    for (const variable of variables) {
      for (const name of names(JSON.stringify([variable.query, variable.datasource ?? '']))) expect(defined).toContain(name);
      defined.add(variable.name);
    }
    const used = new Set(names(JSON.stringify(dashboard.panels)));
    for (const name of used) expect(defined).toContain(name);
    for (const name of defined) expect(used).toContain(name);
  });

  it('holds no variable in braces, which Flux would replace', () => {
    expect(JSON.stringify(dashboard)).not.toContain('${');
  });

  it('gives every panel its own id and place, all inside the grid', () => {
    const panels: Loose[] = dashboard.panels;
    expect(new Set(panels.map((p) => p.id)).size).toBe(panels.length);
    const taken = new Map<string, string>();
    for (const { title, gridPos } of panels) {
      const { x, y, w, h } = gridPos;
      expect(x + w).toBeLessThanOrEqual(24);
      for (let cx = x; cx < x + w; cx++) {
        for (let cy = y; cy < y + h; cy++) {
          expect([title, taken.get(`${cx},${cy}`)]).toEqual([title, undefined]);
          taken.set(`${cx},${cy}`, title);
        }
      }
    }
  });

  it('says of every panel what it shows, and asks the chosen data source', () => {
    for (const { title, description, targets, datasource } of panelsOf(dashboard)) {
      expect([title, description]).toEqual([title, expect.stringMatching(/^[A-Z].{15,}\.$/)]);
      expect(new Set(targets.map((t: Loose) => t.refId)).size).toBe(targets.length);
      for (const asked of [datasource, ...targets.map((t: Loose) => t.datasource)])
        expect(asked).toEqual({ type: 'prometheus', uid: '$datasource' });
    }
  });

  it('names in legends only what the query groups by', () => {
    for (const { targets } of panelsOf(dashboard)) {
      for (const { expr, legendFormat } of targets) {
        const grouped = /by \(([^)]*)\)/.exec(expr)?.[1]?.split(', ') ?? [];
        for (const [, label] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) expect(grouped).toContain(label);
      }
    }
  });
});
