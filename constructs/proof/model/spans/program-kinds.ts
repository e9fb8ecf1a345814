import { isOlder } from '../../../kit/collector-components.ts';
import { at, items, text } from '../../json-path.ts';
import type { Config, ConfigKind } from '../../read/config.ts';
import { configIn } from '../../read/configs.ts';
import type { ProofObject, Spot } from '../../types.ts';
import type { Workload } from '../workloads.ts';
import type { Pipelines } from './components.ts';
import { type Container, type Image, optionValues } from './containers.ts';
import { exportersOf } from './exporters.ts';
import type { Program } from './programs.ts';
import { type Receiver, receiversOf } from './receivers.ts';

/** Where the configurations of programs are found. */
export interface Sources {
  /** Configurations by `OBJECT_ID KEY`. */
  readonly byKey: ReadonlyMap<string, Config>;
  readonly configMaps: ReadonlyMap<string, ProofObject>;
  pipelines(config: Config): Pipelines;
}

// Images by the last part of their name.
const IMAGES: readonly (readonly [Kind, RegExp])[] = [
  ['collector', /^(.*-)?(opentelemetry-collector|otel-collector|otelcol)(-[a-z0-9-]+)?$/],
  ['jaeger1', /^(jaeger-)?(all-in-one|jaeger-collector)$/],
  ['jaeger', /^jaeger$/],
  ['tempo', /^tempo$/],
  ['zipkin', /^zipkin(-slim)?$/],
  ['skywalking', /^(skywalking-)?oap-server$/],
];
type Kind = Program['is'] | 'jaeger1';

/** The program in a container; undefined for a container of something else. */
export function readProgram(workload: Workload, container: Container, sources: Sources): Program | undefined {
  const stated = kindOf(container.image);
  const files = configFiles(container, stated);
  const [file] = files;
  const config = files.length === 1 && file !== undefined ? findConfig(workload, container, file, stated, sources) : undefined;
  const kind = stated ?? (config && isProgramKind(config.kind) ? config.kind : undefined);
  if (kind === undefined) return undefined;
  const pipelines = config && (kind === 'collector' || kind === 'jaeger') ? sources.pipelines(config) : undefined;
  const variable = (name: string) => container.env.get(name)?.value ?? imageVariable(kind, name, container);
  const start: Start = { kind, container, config, pipelines, variable, hasFiles: files.length > 0 };
  const { name, namespace, object, labels } = workload;
  return {
    ...{ is: kind === 'jaeger1' ? 'jaeger' : kind, name, namespace, object, workload, labels, container, image: container.image },
    ...{ config, pipelines, whole: isWhole(start), receivers: listens(start) },
    exporters: pipelines ? exportersOf(pipelines, variable) : [],
    at: config?.spot([]) ?? container.image?.at ?? container.argsAt,
  };
}

/** Whether a workload is worth a closer look: by an image that is known here, or an option that names a configuration. Most have neither. */
export function mayRunProgram({ object, podSpec }: Workload): boolean {
  if (!podSpec) return false;
  return items(object.json, ...podSpec, 'containers').some((container) => {
    const name = /([^/:@]+)(?:[:@][^/]*)?$/.exec(text(container, 'image') ?? '')?.[1] ?? '';
    if (IMAGES.some(([, pattern]) => pattern.test(name))) return true;
    const args = [...items(container, 'args'), ...items(container, 'command')];
    return args.some((arg) => typeof arg === 'string' && arg.includes('config'));
  });
}

/** The pipelines that read a receiver. */
export function pipelinesReading({ pipelines }: Pipelines, id: string): string[] {
  return [...pipelines.values()].filter((one) => one.receivers.some((ref) => ref.id === id)).map((one) => one.id);
}

interface Start {
  readonly kind: Kind;
  readonly container: Container;
  readonly config: Config | undefined;
  readonly pipelines: Pipelines | undefined;
  readonly hasFiles: boolean;
  variable(name: string): string | undefined;
}

function kindOf(image: Image | undefined): Kind | undefined {
  const name = image?.repository.split('/').at(-1) ?? '';
  const kind = IMAGES.find(([, pattern]) => pattern.test(name))?.[0];
  return kind === 'jaeger' && /^v?1\./.test(image?.tag ?? '') ? 'jaeger1' : kind;
}

function isProgramKind(kind: ConfigKind): kind is 'collector' | 'jaeger' | 'tempo' {
  return kind === 'collector' || kind === 'jaeger' || kind === 'tempo';
}

// Where the released images look when no file is named.
const USUAL_FILES = ['otelcol', 'otelcol-contrib', 'otelcol-k8s'].map((name) => `/etc/${name}/config.yaml`);

function configFiles(container: Container, kind: Kind | undefined): string[] {
  const named = [...optionValues(container.args, 'config'), ...optionValues(container.args, 'config.file')];
  if (named.length > 0 || kind !== 'collector') return named;
  return USUAL_FILES.filter((file) => container.file(file) !== undefined);
}

function findConfig(
  { namespace }: Workload,
  container: Container,
  file: string,
  kind: Kind | undefined,
  { byKey, configMaps }: Sources,
): Config | undefined {
  const place = container.file(file.replace(/^file:/, ''));
  const object = place && configMaps.get(`${namespace}/${place.configMap}`);
  if (!place || !object) return undefined;
  const found = byKey.get(`${object.id} ${place.key}`);
  if (found) return found;
  return kind === 'collector' || kind === 'jaeger' || kind === 'tempo' ? configIn(kind, object, place.key) : undefined;
}

/** What an image sets by itself: Jaeger 2 listens everywhere. */
function imageVariable(kind: Kind, name: string, { env }: Container): string | undefined {
  return kind === 'jaeger' && name === 'JAEGER_LISTEN_HOST' && !env.has(name) ? '0.0.0.0' : undefined;
}

// Variables that say where Jaeger 1, Zipkin and SkyWalking listen.
const SWITCHES = /^(COLLECTOR_|QUERY_PORT$|SW_)/;

function isWhole({ kind, container, config, pipelines, hasFiles }: Start): boolean {
  if (container.envOpen || optionValues(container.args, 'set').length > 0) return false;
  if (pipelines?.partial) return false;
  if (kind === 'collector' || kind === 'tempo') return config !== undefined && !config.partial;
  if (kind === 'jaeger') return !hasFiles || config !== undefined;
  return ![...container.env].some(([name, { value }]) => value === undefined && SWITCHES.test(name));
}

function listens(start: Start): Receiver[] {
  const { kind, container, config, pipelines, variable } = start;
  const fixed = (protocol: string, port: number, spot: Spot | undefined = container.image?.at): Receiver => {
    const at = spot ?? container.argsAt;
    return { id: protocol, protocol, port, localOnly: false, stated: true, tls: false, pipelines: undefined, at };
  };
  switch (kind) {
    case 'collector':
    case 'jaeger': {
      if (!config || !pipelines) return kind === 'jaeger' && !start.hasFiles ? builtIntoJaeger(start, fixed) : [];
      const localByDefault = kind === 'jaeger' || !isOlder(container.image?.tag ?? '', '0.104.0');
      const reading = (id: string) => pipelinesReading(pipelines, id);
      return receiversOf(config.value.receivers, { localByDefault, variable }, reading, (path) =>
        config.spot(['receivers', ...path]),
      );
    }
    case 'tempo':
      return config ? tempoReceivers(start, config) : [];
    case 'jaeger1':
      return jaeger1Receivers(start, fixed);
    case 'zipkin':
      return [fixed('zipkin', Number(variable('QUERY_PORT') ?? 9411), container.env.get('QUERY_PORT')?.at)];
    case 'skywalking':
      return skywalkingReceivers(start, fixed);
  }
}

type Fixed = (protocol: string, port: number) => Receiver;

// Jaeger 2.20, the configuration built into the binary.
function builtIntoJaeger({ variable }: Start, fixed: Fixed): Receiver[] {
  const localOnly = /^(localhost|127\.)/.test(variable('JAEGER_LISTEN_HOST') ?? '');
  return [
    ...[fixed('otlp-grpc', 4317), fixed('otlp-http', 4318), fixed('zipkin', 9411)],
    ...[fixed('jaeger-grpc', 14250), fixed('jaeger-thrift-http', 14268)],
    ...[fixed('jaeger-thrift-compact', 6831), fixed('jaeger-thrift-binary', 6832)],
  ].map((receiver) => ({ ...receiver, localOnly }));
}

// Jaeger 1: Zipkin only on demand; OTLP unless it is switched off (on request until 1.46).
function jaeger1Receivers({ container, variable }: Start, fixed: Fixed): Receiver[] {
  const option = (name: string) => optionValues(container.args, name)[0];
  const otlp = option('collector.otlp.enabled') ?? variable('COLLECTOR_OTLP_ENABLED') ?? 'true';
  const zipkin =
    option('collector.zipkin.host-port') ??
    variable('COLLECTOR_ZIPKIN_HOST_PORT') ??
    variable('COLLECTOR_ZIPKIN_HTTP_PORT') ??
    '';
  const zipkinPort = /(\d+)$/.exec(zipkin)?.[1];
  return [
    ...(otlp === 'false' ? [] : [fixed('otlp-grpc', 4317), fixed('otlp-http', 4318)]),
    ...(zipkinPort === undefined ? [] : [fixed('zipkin', Number(zipkinPort))]),
    ...[fixed('jaeger-grpc', 14250), fixed('jaeger-thrift-http', 14268)],
    ...[fixed('jaeger-thrift-compact', 6831), fixed('jaeger-thrift-binary', 6832)],
  ];
}

// Tempo takes spans in its distributor; since 2.7 a receiver without an address listens on localhost.
const TEMPO_TAKES = new Set(['all', 'distributor', 'scalable-single-binary']);

function tempoReceivers({ container, variable }: Start, config: Config): Receiver[] {
  const target = optionValues(container.args, 'target')[0] ?? text(config.value, 'target') ?? 'all';
  if (!TEMPO_TAKES.has(target)) return [];
  const expands = container.args.some((arg) => arg.includes('config.expand-env'));
  return receiversOf(
    at(config.value, 'distributor', 'receivers'),
    { localByDefault: !isOlder(container.image?.tag ?? '', '2.7.0'), variable: expands ? variable : () => undefined },
    () => undefined,
    (path) => config.spot(['distributor', 'receivers', ...path]),
  );
}

// SkyWalking OAP 10.4: OTLP spans are kept as Zipkin's, so only with that module.
function skywalkingReceivers({ variable }: Start, fixed: Fixed): Receiver[] {
  const port = (name: string, usual: number) => Number(variable(name) ?? usual);
  const on = (name: string) => !['', '-'].includes(variable(name) ?? '');
  const grpc = port('SW_CORE_GRPC_PORT', 11800);
  const rest = port('SW_CORE_REST_PORT', 12800);
  const localOnly = /^(localhost|127\.)/.test(variable('SW_CORE_GRPC_HOST') ?? '');
  return [
    { ...fixed('skywalking', grpc), localOnly },
    fixed('skywalking-http', rest),
    ...(on('SW_RECEIVER_ZIPKIN')
      ? [fixed('zipkin', port('SW_RECEIVER_ZIPKIN_REST_PORT', 9411)), fixed('otlp-grpc', grpc), fixed('otlp-http', rest)]
      : []),
  ];
}
