import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Metric, metrics, programMetrics, scrapeLabels } from '../constructs/kit/metrics/index.ts';
import { errors, quantile, rate, requests, series, success, sum, traffic } from '../constructs/observability/promql/queries.ts';
import { modelOf, readWorlds } from '../constructs/proof/index.ts';
import { seriesOf } from '../constructs/proof/model/promql/known.ts';
import { parseQuery } from '../constructs/proof/model/promql/parse.ts';
import { queriesOf } from '../constructs/proof/model/promql/queries.ts';

const all = Object.entries<Readonly<Record<string, Metric>>>(programMetrics).flatMap(([program, own]) =>
  Object.entries(own).map(([name, metric]) => ({ program, name, ...metric })),
);

describe('the catalogue', () => {
  it('holds each metric once, as one program has it', () => {
    const twice = all
      .filter(({ name }, i) => all.findIndex((one) => one.name === name) !== i)
      .map(({ program, name }) => [program, name]);
    expect(twice).toEqual([]);
    expect(Object.keys(metrics).sort()).toEqual(all.map(({ name }) => name).sort());
  });

  it('holds names that Prometheus takes, without what it stores of a histogram', () => {
    const wrong = all.filter(
      ({ name, type }) =>
        !/^[a-zA-Z][a-zA-Z0-9_]*$/.test(name) || (type === 'histogram' && /_(bucket|sum|count|total)$/.test(name)),
    );
    expect(wrong).toEqual([]);
  });

  it('holds labels that Prometheus takes, each once, and none that the scrape adds', () => {
    const wrong = all.filter(
      ({ labels }) =>
        new Set(labels).size !== labels.length ||
        labels.some((label) => !/^[a-zA-Z][a-zA-Z0-9_]*$/.test(label) || label === 'le' || ['job', 'instance'].includes(label)),
    );
    expect(wrong).toEqual([]);
    expect(new Set(scrapeLabels).size).toBe(scrapeLabels.length);
  });

  it('is known to the proof, with what Prometheus stores of histograms and with the suffixes that collectors may add', () => {
    expect(
      all.filter(({ name, type }) => !seriesOf(name) || (type === 'histogram' && !seriesOf(`${name}_bucket`)?.labels.has('le'))),
    ).toEqual([]);
    expect(seriesOf('otelcol_process_uptime_seconds_total')?.type).toBe('counter');
    expect(seriesOf('istio_requests')).toBeUndefined();
  });
});

describe('queries', () => {
  const chosen = { reporter: '="source"' };
  it.each([
    [requests({}), 'sum(rate(istio_requests_total[$__rate_interval]))'],
    [requests(chosen, ['source_app'], '5m'), 'sum by (source_app) (rate(istio_requests_total{reporter="source"}[5m]))'],
    [
      errors(chosen, [], '5m'),
      '(sum(rate(istio_requests_total{reporter="source", response_code=~"5.."}[5m]) or rate(istio_requests_total{reporter="source", response_code!~"5..", grpc_response_status=~"2|4|12|13|14|15"}[5m])) or 0 * sum(rate(istio_requests_total{reporter="source"}[5m])))',
    ],
    [success(chosen, [], '5m'), `1 - ${errors(chosen, [], '5m')} / ${requests(chosen, [], '5m')}`],
    [
      quantile(0.99, 'istio_request_duration_milliseconds', chosen, ['source_app'], '5m'),
      'histogram_quantile(0.99, sum by (le, source_app) (rate(istio_request_duration_milliseconds_bucket{reporter="source"}[5m])))',
    ],
    [rate('pilot_xds_pushes', { type: '="cds"' }, ['pod'], '1m'), 'sum by (pod) (rate(pilot_xds_pushes{type="cds"}[1m]))'],
    [sum('otelcol_exporter_queue_size', {}, ['exporter']), 'sum by (exporter) (otelcol_exporter_queue_size)'],
    [series('pilot_xds', { pod: '=~"a.*"' }), 'pilot_xds{pod=~"a.*"}'],
    [traffic({ namespace: '="a"' }), '{__name__=~"istio_requests_total|istio_tcp_connections_opened_total", namespace="a"}'],
  ])('%s', (built, query) => {
    expect(built).toBe(query);
    expect(parseQuery(built).fault).toBeUndefined();
  });
});

describe('dashboards and rules of the stacks', () => {
  const dist = resolve(import.meta.dirname, '../dist');
  it.each(readdirSync(dist))('%s asks only for metrics of the catalogue, and those its rules record', (stack) => {
    const queries = readWorlds([join(dist, stack)]).flatMap((world) => queriesOf(modelOf(world)));
    const recorded = new Set(queries.flatMap(({ records }) => records ?? []));
    const unknown = queries.flatMap(({ expr, where }) =>
      parseQuery(expr).selectors.flatMap(({ metric }) =>
        metric === undefined || seriesOf(metric) || recorded.has(metric) ? [] : [`${where}: ${metric}`],
      ),
    );
    expect(unknown).toEqual([]);
    expect(queries.filter(({ expr }) => parseQuery(expr).fault !== undefined)).toEqual([]);
  });
});
