import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { isObject, type JsonObject } from '../../../constructs/kit/json.ts';
import type { Model } from '../../../constructs/proof/model/model.ts';
import type { Program } from '../../../constructs/proof/model/spans/programs.ts';
import { type CollectorBuild, fitTo } from '../collector-builds.ts';
import { onPath } from '../run.ts';
import { type Loopback, moved } from './loopback.ts';
import { answers, type Running, start } from './processes.ts';

/** A backend that can be asked for traces: a Jaeger, or the Jaeger that stands in for another. */
export interface Backend {
  readonly program: Program;
  /** Its query API: `http://127.0.0.1:PORT/BASE`. */
  readonly api: string;
  readonly standIn: boolean;
}

/** The programs of a stack that were started. */
export interface Started {
  readonly running: Running[];
  readonly backends: Backend[];
  readonly collectors: Program[];
  /** What could not run as published, one sentence each. */
  readonly left: string[];
}

/** Whether this machine can run a program, or something in its place. */
export function canRun(program: Program, builds: readonly CollectorBuild[]): boolean {
  if (program.is === 'collector') return program.config !== undefined && builds.length > 0;
  return program.is !== 'skywalking' && onPath('jaeger') !== undefined;
}

/** A port of a stand-in that the program itself does not have. */
const STAND_IN_QUERY = 1;

/**
 * Starts backends, then collectors, from the configurations that were published, moved to loopback.
 *
 * @param folder where to put the configurations
 */
export async function startPrograms(
  model: Model,
  map: Loopback,
  builds: readonly CollectorBuild[],
  folder: string,
  started: Started,
): Promise<void> {
  const programs = model.programs.all.filter((program) => canRun(program, builds));
  for (const program of programs) {
    if (program.is === 'collector') continue;
    const own = program.is === 'jaeger' && program.config !== undefined;
    const config = own ? movedConfig(program, program.config.value, map) : standIn(program, map);
    const file = written(folder, program, config);
    const api = apiOf(config);
    started.running.push(await start('jaeger', ['--config', file], () => answers(`${api}/api/services`)));
    started.backends.push({ program, api, standIn: !own });
    if (!own) started.left.push(`a Jaeger stands in for ${program.is} ${program.name}, which is not on this machine`);
  }
  for (const program of programs) {
    if (program.is !== 'collector' || !program.config) continue;
    const best = bestBuild(program.config.value, builds);
    if (!best) continue;
    const { build, fitted } = best;
    if (fitted.missing.length > 0) started.left.push(`${program.name} runs without ${fitted.missing.join(', ')}`);
    const file = written(folder, program, movedConfig(program, fitted.config, map));
    const ports = program.receivers
      .filter(({ protocol }) => !protocol.includes('thrift'))
      .map((r) => map.portOf(program.object.id, r.port));
    const listening = async () => (await Promise.all(ports.map(listens))).every(Boolean);
    started.running.push(await start(build.program, ['--config', file], listening));
    started.collectors.push(program);
  }
}

function bestBuild(config: JsonObject, builds: readonly CollectorBuild[]) {
  return builds
    .map((build) => ({ build, fitted: fitTo(config, withoutCluster(build)) }))
    .sort((a, b) => a.fitted.missing.length - b.fitted.missing.length)[0];
}

/** Pods and nodes cannot be looked up without an API server. */
function withoutCluster(build: CollectorBuild): CollectorBuild {
  const processors = build.components.processors.filter((type) => !/^(k8s_?attributes|resource_?detection)$/.test(type));
  return { ...build, components: { ...build.components, processors } };
}

function movedConfig(program: Program, config: JsonObject, map: Loopback): JsonObject {
  return moved(config, { id: program.object.id, namespace: program.namespace }, map);
}

/** A Jaeger that takes what the program takes, where it takes it. */
function standIn(program: Program, map: Loopback): JsonObject {
  const at = (protocol: string) => {
    const receiver = program.receivers.find((one) => one.protocol === protocol);
    return receiver && { endpoint: `127.0.0.1:${map.portOf(program.object.id, receiver.port)}` };
  };
  const [grpc, http, zipkin] = [at('otlp-grpc'), at('otlp-http'), at('zipkin')];
  const receivers: JsonObject = {
    ...(grpc || http ? { otlp: { protocols: { ...(grpc ? { grpc } : {}), ...(http ? { http } : {}) } } } : {}),
    ...(zipkin ? { zipkin } : {}),
  };
  const query = (offset: number) => ({ endpoint: `127.0.0.1:${map.portOf(program.object.id, STAND_IN_QUERY + offset)}` });
  return {
    service: {
      extensions: ['jaeger_storage', 'jaeger_query'],
      pipelines: { traces: { receivers: Object.keys(receivers), exporters: ['jaeger_storage_exporter'] } },
      telemetry: { metrics: { level: 'none' } },
    },
    extensions: {
      jaeger_storage: { backends: { main: { memory: { max_traces: 1000 } } } },
      jaeger_query: { storage: { traces: 'main' }, http: query(0), grpc: query(1) },
    },
    receivers,
    exporters: { jaeger_storage_exporter: { trace_storage: 'main' } },
  };
}

function apiOf({ extensions }: JsonObject): string {
  const query = isObject(extensions) && isObject(extensions.jaeger_query) ? extensions.jaeger_query : {};
  const http = isObject(query.http) ? query.http : {};
  const base = typeof query.base_path === 'string' ? query.base_path : '';
  return `http://${String(http.endpoint)}${base.replace(/\/$/, '')}`;
}

function written(folder: string, program: Program, config: JsonObject): string {
  const file = join(folder, `${program.namespace}-${program.name}.yaml`);
  writeFileSync(file, stringify(config));
  return file;
}

/** Whether something listens on a port of loopback. */
export function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const done = (is: boolean) => {
      socket.destroy();
      resolve(is);
    };
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
  });
}
