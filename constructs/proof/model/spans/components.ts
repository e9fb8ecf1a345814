import { type ComponentKind, component } from '../../../kit/collector-components.ts';
import { isObject, type Json, type JsonObject } from '../../../kit/json.ts';
import { fields, items } from '../../json-path.ts';
import type { Config } from '../../read/config.ts';
import type { Path, Spot } from '../../types.ts';

/** The kinds of components of a collector. */
export type Section = 'receivers' | 'processors' | 'exporters' | 'connectors' | 'extensions';

/** One component as it is declared. */
export interface Component {
  readonly section: Section;
  /** `otlp`, `zipkin/front`. */
  readonly id: string;
  /** The part before the slash, under its current name: `otlp_grpc` for an exporter `otlp`. */
  readonly type: string;
  /** The part before the slash, as written. */
  readonly written: string;
  readonly value: Json;
  readonly at: Spot;
  spot(path: Path): Spot;
}

/** A name that a pipeline, or the list of extensions, uses. */
export interface ComponentRef {
  readonly id: string;
  readonly at: Spot;
}

/** One pipeline. */
export interface Pipeline {
  /** `traces`, `metrics/spanmetrics`. */
  readonly id: string;
  /** `traces`, `metrics`, `logs`, `profiles`. */
  readonly signal: string;
  readonly receivers: readonly ComponentRef[];
  readonly processors: readonly ComponentRef[];
  readonly exporters: readonly ComponentRef[];
  readonly at: Spot;
}

/** The configuration of a collector, or of a program built as one (Jaeger 2), as components and pipelines. */
export interface Pipelines {
  readonly config: Config;
  readonly components: Readonly<Record<Section, ReadonlyMap<string, Component>>>;
  readonly pipelines: ReadonlyMap<string, Pipeline>;
  /** `service.extensions`. */
  readonly extensions: readonly ComponentRef[];
  /** Parts of it come from elsewhere: chart values, or names and sections that are filled in when the program starts (`${file:...}`). */
  readonly partial: boolean;
}

/** What the catalogue of components calls a section. */
export const KIND_OF: Readonly<Record<Section, ComponentKind>> = {
  receivers: 'receiver',
  processors: 'processor',
  exporters: 'exporter',
  connectors: 'connector',
  extensions: 'extension',
};

/** Reads a collector's configuration. What is not of the right shape is left out; nothing here throws. */
export function pipelinesOf(config: Config): Pipelines {
  return {
    config,
    components: {
      receivers: componentsOf(config, 'receivers'),
      processors: componentsOf(config, 'processors'),
      exporters: componentsOf(config, 'exporters'),
      connectors: componentsOf(config, 'connectors'),
      extensions: componentsOf(config, 'extensions'),
    },
    pipelines: new Map(
      Object.entries(fields(config.value, 'service', 'pipelines')).map(([id, value]) => [id, pipeline(config, id, value)]),
    ),
    extensions: refs(config, ['service', 'extensions']),
    partial: config.partial || hasOpenParts(config.value),
  };
}

/** Whether a section, a pipeline or a name in it is filled in late: nothing can then be called absent or unused. */
function hasOpenParts(value: JsonObject): boolean {
  const service = fields(value, 'service');
  const pipelines = Object.values(fields(service, 'pipelines'));
  const lists = pipelines.flatMap((one) => [one, ...Object.values(isObject(one) ? one : {})]);
  const names = [...lists, service.extensions].flatMap((one) => (Array.isArray(one) ? one : []));
  return [...Object.values(value), ...Object.values(service), ...lists, ...names].some(isOpen);
}

/** The part of a component's or pipeline's id before its slash. */
export function typeOf(id: string): string {
  return id.split('/')[0] ?? id;
}

/** Whether a text of a configuration is filled in when the program starts: `${env:NAME}`. */
export function isOpen(value: Json | undefined): boolean {
  return typeof value === 'string' && /\$(\{|[A-Z])/.test(value);
}

function componentsOf(config: Config, section: Section): ReadonlyMap<string, Component> {
  return new Map(
    Object.entries(fields(config.value, section)).map(([id, value]) => {
      const written = typeOf(id);
      const spot = (path: Path) => config.spot([section, id, ...path]);
      const type = component(KIND_OF[section], written)?.type ?? written;
      return [id, { section, id, type, written, value, at: spot([]), spot }];
    }),
  );
}

function pipeline(config: Config, id: string, value: Json): Pipeline {
  const path = ['service', 'pipelines', id];
  const list = (key: string) => (isObject(value) ? refs(config, [...path, key]) : []);
  return {
    id,
    signal: typeOf(id),
    receivers: list('receivers'),
    processors: list('processors'),
    exporters: list('exporters'),
    at: config.spot(path),
  };
}

function refs(config: Config, path: Path): ComponentRef[] {
  return items(config.value, ...path).flatMap((id, i) =>
    typeof id === 'string' && id !== '' ? [{ id, at: config.spot([...path, i]) }] : [],
  );
}
