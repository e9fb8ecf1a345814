import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { parse, stringify } from 'yaml';
import { isObject, type JsonObject } from '../../../constructs/kit/json.ts';
import { fields, items, text } from '../../../constructs/proof/json-path.ts';
import { accessLogHops } from '../../../constructs/proof/model/logs/access-logs.ts';
import { lokiAt } from '../../../constructs/proof/model/logs/loki.ts';
import type { Model } from '../../../constructs/proof/model/model.ts';
import { embeddedConfigs } from '../configs.ts';
import { onPath } from '../run.ts';
import type { Stack } from '../stack.ts';
import { type Outcome, skipped, verdict } from '../tally.ts';
import type { Loopback } from './loopback.ts';
import { answers, type Running, start } from './processes.ts';
import type { Started } from './programs.ts';

/** Takes the logs of the stack on loopback: its Loki, or what stands in for it. */
export interface LogStore extends Running {
  readonly port: number;
  /** Looks for a line with such a trace id: what else is told of it, as text; undefined while it is not there. */
  find(traceId: string, service: string): Promise<string | undefined>;
  /** For people. */
  readonly is: string;
}

/** Addresses that lead to Loki, too. */
export function withLogs(map: Loopback, model: Model, port: number): Loopback {
  return {
    ...map,
    authority: (host, from, namespace) =>
      map.authority(host, from, namespace) ??
      (lokiAt(model, `http://${host}:${from}`, namespace) ? `127.0.0.1:${port}` : undefined),
  };
}

/** Starts the Loki of the stack from its own configuration, where a Loki is on PATH; a server that keeps what is posted otherwise. */
export async function startLogStore(stack: Stack, folder: string, ports: readonly [number, number]): Promise<LogStore> {
  const config = embeddedConfigs(stack.objects).find(({ of }) => of === 'loki');
  return config && onPath('loki') ? realLoki(config.text, folder, ports) : standIn(ports[0]);
}

async function realLoki(config: string, folder: string, [port, grpc]: readonly [number, number]): Promise<LogStore> {
  const json: unknown = parse(config.replaceAll('/var/loki', join(folder, 'loki')));
  const at = {
    http_listen_address: '127.0.0.1',
    http_listen_port: port,
    grpc_listen_address: '127.0.0.1',
    grpc_listen_port: grpc,
  };
  const own = isObject(json) ? json : {};
  const file = join(folder, 'loki.yaml');
  writeFileSync(file, stringify({ ...own, server: { ...fields(own, 'server'), ...at } }));
  const url = `http://127.0.0.1:${port}/loki/api/v1`;
  const running = await start('loki', [`-config.file=${file}`, '-target=all'], () => answers(`${url}/status/buildinfo`));
  const find = async (traceId: string, service: string) => {
    // As the link from a trace asks.
    const query = encodeURIComponent(`{service_name="${service}"} | trace_id="${traceId}"`);
    const answer: unknown = await (await fetch(`${url}/query_range?query=${query}`)).json();
    const streams = isObject(answer) ? items(answer, 'data', 'result') : [];
    return streams.length > 0 ? JSON.stringify(streams) : undefined;
  };
  return { ...running, port, find, is: 'Loki' };
}

/** Keeps what a collector posts where Loki takes OTLP. */
async function standIn(port: number): Promise<LogStore> {
  const posted: string[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const body = Buffer.concat(parts);
      const unpacked = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
      if (request.url === '/otlp/v1/logs') posted.push(unpacked.toString('latin1'));
      response.writeHead(request.url === '/otlp/v1/logs' ? 200 : 404).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const stop = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    return null;
  };
  const find = async (traceId: string, service: string) => {
    // Ids are bytes in protobuf; the proxy's line names the trace in letters.
    const id = Buffer.from(traceId, 'hex').toString('latin1');
    return posted.find((one) => one.includes(id) && one.includes(service));
  };
  return { said: () => '', stop, port, find, is: 'a stand-in for Loki' };
}

/**
 * Sends one line of access log as a proxy does, in the form that the mesh config asks for, and looks for it where the stack keeps its logs;
 * no outcome for a stack whose proxies send none.
 */
export async function accessLog(model: Model, map: Loopback, store: LogStore, started: Started): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const { provider, program } of accessLogHops(model)) {
    if (!program || !started.collectors.includes(program)) continue;
    const what = `a line of access log by ${provider.name} through ${program.name} in ${store.is}`;
    const receiver = program.receivers.find(({ protocol }) => protocol === 'otlp-http');
    if (!receiver) {
      outcomes.push(skipped(what, 'the collector takes OTLP over gRPC only, which nothing here sends logs by'));
      continue;
    }
    const traceId = randomBytes(16).toString('hex');
    const service = 'productpage-v1';
    const url = `http://127.0.0.1:${map.portOf(program.object.id, receiver.port)}/v1/logs`;
    const body = JSON.stringify(record(formatOf(model, provider.name), service, traceId));
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    const said = await response.text();
    outcomes.push(verdict(what, response.ok ? await notFound(store, traceId, service) : [`${url} answered ${said}`]));
  }
  return outcomes;
}

async function notFound(store: LogStore, traceId: string, service: string): Promise<string[]> {
  for (const deadline = Date.now() + 20_000; ; await wait(300)) {
    const found = await store.find(traceId, service);
    if (found !== undefined) return found.includes(`trace_id=${traceId}`) ? [] : [`its line does not name the trace: ${found}`];
    if (Date.now() > deadline) return ['it did not come within 20 s'];
  }
}

function formatOf(model: Model, name: string): JsonObject {
  const providers = model.meshConfigs.flatMap(({ value }) => items(value, 'extensionProviders'));
  const found = providers.find((one) => text(one, 'name') === name);
  return fields(found, 'envoyOtelAls', 'logFormat');
}

/** An export request of Envoy's OpenTelemetry access logger (1.38), its format filled in. */
function record(format: JsonObject, service: string, traceId: string): JsonObject {
  const values: Readonly<Record<string, string>> = {
    'ENVIRONMENT(ISTIO_META_WORKLOAD_NAME)': service,
    'ENVIRONMENT(POD_NAMESPACE)': 'bookinfo',
    'ENVIRONMENT(POD_NAME)': `${service}-7d4b9c6f5d-x2k4q`,
    TRACE_ID: traceId,
    RESPONSE_CODE: '200',
  };
  const say = (line: unknown) => String(line).replace(/%([^%]+)%/g, (_all, operator: string) => values[operator] ?? '-');
  const attribute = (key: string, value: string) => ({ key, value: { stringValue: value } });
  const attributes = Object.entries(fields(format, 'labels')).map(([key, value]) => attribute(key, say(value)));
  const time = `${Date.now()}000000`;
  const ids = { traceId, spanId: traceId.slice(0, 16) };
  const line = { timeUnixNano: time, ...ids, body: { stringValue: say(format.text ?? '') }, attributes };
  const resource = { attributes: [attribute('log_name', 'otel_envoy_accesslog'), attribute('node_name', 'sidecar~10.0.0.1')] };
  return { resourceLogs: [{ resource, scopeLogs: [{ logRecords: [line] }] }] };
}
