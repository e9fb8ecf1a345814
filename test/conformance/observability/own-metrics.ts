import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { JsonObject } from '../../../constructs/kit/json.ts';
import { programMetrics } from '../../../constructs/kit/metrics/index.ts';
import { ownMetricsReader } from '../../../constructs/tracing/own-metrics.ts';
import { collectorBuilds, fitTo } from '../collector-builds.ts';
import { freePorts } from '../flow/loopback.ts';
import { answers, start } from '../flow/processes.ts';
import { type Span, send } from '../flow/spans.ts';
import { onPath } from '../run.ts';
import { type Outcome, skipped } from '../tally.ts';
import { compared, type Exposes, withScratch } from './exposed.ts';
import { prometheusMetrics } from './prometheus-metrics.ts';

/** Compares the catalogue of metrics with what real programs expose. */
export async function ownMetrics(): Promise<Outcome[]> {
  return [...(await collectorMetrics()), ...(await jaegerMetrics()), ...(await prometheusMetrics())];
}

const collectors: Exposes = {
  catalogue: programMetrics.collector,
  notHere: {
    otelcol_processor_batch_batch_send_size_bytes: 'only collectors that tell of themselves in detail have it',
    otelcol_processor_batch_batch_size_trigger_send: 'it appears with the first batch that is full',
    otelcol_processor_memory_limiter_refused_spans: 'it appears when memory is short',
    ...Object.fromEntries(
      ['spans', 'log_records', 'metric_points'].map((signal) => [
        `otelcol_exporter_enqueue_failed_${signal}`,
        'it appears with the first queue that is full',
      ]),
    ),
  },
};

/**
 * Runs a real collector on loopback that takes spans, logs and metrics, drops, samples and counts some, and fails to export them, and
 * compares its own metrics with the catalogue: names, types and labels.
 */
async function collectorMetrics(): Promise<Outcome[]> {
  const what = 'metrics of a real collector';
  const [build] = await collectorBuilds();
  if (!build) return [skipped(what, 'no otelcol is on PATH')];
  return withScratch(what, async (folder, running) => {
    const [own = 0, grpc = 0, http = 0, spans = 0, nobody = 0] = await freePorts(5);
    const { config } = fitTo(collectorConfig({ own, grpc, http, spans, nobody }), build);
    const file = join(folder, 'collector.yaml');
    writeFileSync(file, stringify(config));
    const url = `http://127.0.0.1:${own}/metrics`;
    running.push(await start(build.program, ['--config', file], () => answers(url)));
    await send(trace(), 'otlp-http', `http://127.0.0.1:${http}/v1/traces`);
    await send(trace(), 'otlp-grpc', `http://127.0.0.1:${grpc}`);
    await post(`http://127.0.0.1:${http}/v1/logs`, {
      resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: 'a' } }] }] }],
    });
    const gauge = { dataPoints: [{ asInt: '1', timeUnixNano: `${Date.now()}000000` }] };
    await post(`http://127.0.0.1:${http}/v1/metrics`, {
      resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'a', gauge }] }] }],
    });
    return compared(what, collectors, url);
  });
}

/** The same for a Jaeger that keeps traces in memory. */
async function jaegerMetrics(): Promise<Outcome[]> {
  const what = 'metrics of a real Jaeger';
  if (!onPath('jaeger')) return [skipped(what, 'jaeger is not on PATH')];
  return withScratch(what, async (folder, running) => {
    const [own = 0, http = 0, query = 0, queryGrpc = 0] = await freePorts(4);
    const file = join(folder, 'jaeger.yaml');
    writeFileSync(file, stringify(jaegerConfig({ own, http, query, queryGrpc })));
    const url = `http://127.0.0.1:${own}/metrics`;
    running.push(await start('jaeger', ['--config', file], () => answers(url)));
    await send(trace(), 'otlp-http', `http://127.0.0.1:${http}/v1/traces`);
    await answers(`http://127.0.0.1:${query}/api/traces?service=a`);
    return compared(what, { catalogue: programMetrics.jaeger, notHere: {} }, url);
  });
}

async function post(url: string, body: JsonObject): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status} ${text}`.trim());
}

function ownMetricsOnLoopback(port: number): JsonObject {
  return JSON.parse(JSON.stringify(ownMetricsReader(port)).replace('0.0.0.0', '127.0.0.1'));
}

function collectorConfig(port: Readonly<Record<'own' | 'grpc' | 'http' | 'spans' | 'nobody', number>>): JsonObject {
  const at = (number: number) => ({ endpoint: `127.0.0.1:${number}` });
  return {
    receivers: { otlp: { protocols: { grpc: at(port.grpc), http: at(port.http) } } },
    processors: {
      memory_limiter: { check_interval: '1s', limit_mib: 512 },
      batch: { timeout: '100ms' },
      probabilistic_sampler: { sampling_percentage: 100 },
      tail_sampling: { decision_wait: '100ms', policies: [{ name: 'all', type: 'always_sample' }] },
      'filter/everything-of-b': { error_mode: 'ignore', traces: { span: ['resource.attributes["service.name"] == "b"'] } },
    },
    exporters: {
      // Nobody listens there, and it gives up soon.
      otlp_grpc: {
        ...at(port.nobody),
        tls: { insecure: true },
        timeout: '200ms',
        retry_on_failure: { enabled: false },
        sending_queue: { queue_size: 10 },
      },
      debug: {},
      prometheus: at(port.spans),
    },
    connectors: { span_metrics: { metrics_flush_interval: '500ms' } },
    service: {
      telemetry: { metrics: { readers: [ownMetricsOnLoopback(port.own)] } },
      pipelines: {
        traces: {
          receivers: ['otlp'],
          processors: ['memory_limiter', 'filter/everything-of-b', 'probabilistic_sampler', 'tail_sampling', 'batch'],
          exporters: ['otlp_grpc', 'debug', 'span_metrics'],
        },
        logs: { receivers: ['otlp'], processors: ['memory_limiter', 'batch'], exporters: ['otlp_grpc'] },
        metrics: { receivers: ['otlp', 'span_metrics'], processors: ['batch'], exporters: ['otlp_grpc', 'prometheus'] },
      },
    },
  };
}

function jaegerConfig(port: Readonly<Record<'own' | 'http' | 'query' | 'queryGrpc', number>>): JsonObject {
  const at = (number: number) => ({ endpoint: `127.0.0.1:${number}` });
  return {
    service: {
      extensions: ['jaeger_storage', 'jaeger_query'],
      pipelines: { traces: { receivers: ['otlp'], processors: ['batch'], exporters: ['jaeger_storage_exporter'] } },
      telemetry: {
        resource: { 'service.name': 'jaeger' },
        metrics: {
          level: 'detailed',
          readers: [ownMetricsOnLoopback(port.own)],
        },
      },
    },
    extensions: {
      jaeger_storage: { backends: { main: { memory: { max_traces: 1000 } } } },
      jaeger_query: { storage: { traces: 'main' }, http: at(port.query), grpc: at(port.queryGrpc) },
    },
    receivers: { otlp: { protocols: { http: at(port.http) } } },
    processors: { batch: { timeout: '100ms' } },
    exporters: { jaeger_storage_exporter: { trace_storage: 'main' } },
  };
}

/** One trace of two services. */
function trace(): Span[] {
  const hex = (digits: number) => Array.from({ length: digits }, () => Math.floor(Math.random() * 16).toString(16)).join('');
  const [traceId, parent, end] = [hex(32), hex(16), Date.now()];
  const span = { traceId, start: end - 20, end };
  return [
    { ...span, id: parent, parentId: undefined, kind: 'server', name: 'GET /', service: 'a' },
    { ...span, id: hex(16), parentId: parent, kind: 'client', name: 'GET /b', service: 'b' },
  ];
}
