import { isObject, type Json, type JsonObject } from '../../../kit/json.ts';
import { remember } from '../../../kit/remember.ts';
import { at, fields, items, number, text } from '../../json-path.ts';
import type { Config } from '../../read/config.ts';
import type { Path, Spot } from '../../types.ts';
import { camelKeys, originalPath } from './snake-case.ts';

/** A place that telemetry goes to, as the mesh config defines it (`extensionProviders`). */
export interface Provider {
  readonly name: string;
  /** The provider's kind: `opentelemetry`, `zipkin`, `envoyFileAccessLog`, ... */
  readonly type: string;
  /** What is stated under its kind. */
  readonly settings: JsonObject;
  readonly at: Spot;
  /** Host of its Service; absent for a provider that sends nothing. */
  readonly service: string | undefined;
  readonly port: number | undefined;
  readonly nameAt: Spot;
  readonly serviceAt: Spot;
  readonly portAt: Spot;
}

/** What providers are for. */
export type Signal = 'tracing' | 'metrics' | 'accessLogging';

/** A name of a provider that somebody uses. */
export interface ProviderRef {
  readonly signal: Signal;
  readonly name: string;
  readonly at: Spot;
}

/** The address of a tracer in `defaultConfig.tracing`, the way of Istio before Telemetry. */
export interface LegacyTracer {
  readonly type: string;
  readonly address: string;
  readonly at: Spot;
}

/** One mesh config, wherever it was written. */
export interface MeshConfig {
  readonly config: Config;
  /** As the schema spells it: snake_case keys are camelCase here. */
  readonly value: JsonObject;
  readonly rootNamespace: string;
  readonly providers: readonly Provider[];
  /** Names that Istio or the profile defines by itself. */
  readonly builtIn: readonly string[];
  /** `defaultProviders`. */
  readonly defaults: readonly ProviderRef[];
  /** Which signals `defaultProviders` speaks of, with an empty list or not. */
  readonly stated: ReadonlySet<Signal>;
  readonly defaultsAt: Spot;
  readonly legacy: LegacyTracer | undefined;
  spot(path: Path): Spot;
}

const SIGNALS: readonly Signal[] = ['tracing', 'metrics', 'accessLogging'];
// Istio 1.30 adds these to every mesh config.
const BUILT_IN = ['prometheus', 'stackdriver', 'envoy'];
// What the demo profile defines, as long as the file brings no list of its own (lists are replaced, not merged).
const DEMO_BUILT_IN = ['otel', 'skywalking', 'otel-tracing', 'jaeger'];

/** Reads the mesh configs of a world. */
export function meshConfigs(configs: readonly Config[]): MeshConfig[] {
  return configs.filter((config) => config.kind === 'mesh').map(meshConfig);
}

const meshConfig = remember((config: Config): MeshConfig => {
  const value = camelKeys(config.value);
  const spot = (path: Path) => config.spot(originalPath(config.value, path));
  const listed = items(value, 'extensionProviders');
  const demo = text(config.object.json, 'spec', 'profile') === 'demo' && listed.length === 0;
  const defaults = SIGNALS.flatMap((signal) =>
    items(value, 'defaultProviders', signal).flatMap((name, i): ProviderRef[] =>
      typeof name === 'string' ? [{ signal, name, at: spot(['defaultProviders', signal, i]) }] : [],
    ),
  );
  return {
    config,
    value,
    rootNamespace: text(value, 'rootNamespace') ?? 'istio-system',
    providers: listed.flatMap((entry, i) => provider(entry, ['extensionProviders', i], spot)),
    builtIn: demo ? [...BUILT_IN, ...DEMO_BUILT_IN] : BUILT_IN,
    defaults,
    stated: new Set(SIGNALS.filter((signal) => at(value, 'defaultProviders', signal) !== undefined)),
    defaultsAt: spot(['defaultProviders']),
    legacy: legacyTracer(value, spot),
    spot,
  };
});

function provider(entry: Json, path: Path, spot: (path: Path) => Spot): Provider[] {
  const name = text(entry, 'name');
  if (name === undefined || !isObject(entry)) return [];
  const type = Object.keys(entry).find((key) => key !== 'name') ?? '';
  return [
    {
      name,
      type,
      settings: fields(entry, type),
      at: spot([...path, type]),
      service: text(entry, type, 'service'),
      port: number(entry, type, 'port'),
      nameAt: spot([...path, 'name']),
      serviceAt: spot([...path, type, 'service']),
      portAt: spot([...path, type, 'port']),
    },
  ];
}

function legacyTracer(value: JsonObject, spot: (path: Path) => Spot): LegacyTracer | undefined {
  for (const type of ['zipkin', 'datadog', 'lightstep']) {
    const path = ['defaultConfig', 'tracing', type, 'address'];
    const address = text(value, ...path);
    if (address !== undefined) return { type, address, at: spot(path) };
  }
  const old = text(value, 'defaultConfig', 'zipkinAddress');
  return old === undefined ? undefined : { type: 'zipkin', address: old, at: spot(['defaultConfig', 'zipkinAddress']) };
}
