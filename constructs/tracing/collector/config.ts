import { type ComponentKind, type ComponentName, catalogueVersion, isOlder, spelling } from '../../kit/collector-components.ts';
import { byCodeUnit, type JsonObject } from '../../kit/json.ts';

/** Component id to its settings. */
export type Components = Readonly<Record<string, JsonObject>>;

/** What a pipeline connects: ids of components; a connector stands among the receivers or the exporters. */
export interface CollectorPipeline {
  readonly receivers: readonly string[];
  readonly processors: readonly string[];
  readonly exporters: readonly string[];
}

/** A collector's configuration (collector 0.159). */
export interface CollectorConfig {
  readonly receivers: Components;
  readonly processors: Components;
  readonly exporters: Components;
  readonly connectors: Components;
  readonly extensions: Components;
  readonly service: {
    readonly extensions: readonly string[];
    readonly telemetry: JsonObject;
    readonly pipelines: Readonly<Record<string, CollectorPipeline>>;
  };
}

/** The sections that hold components. */
export type Section = 'receivers' | 'processors' | 'exporters' | 'connectors' | 'extensions';

const kindOf: { readonly [S in Section]: ComponentKind } = {
  receivers: 'receiver',
  processors: 'processor',
  exporters: 'exporter',
  connectors: 'connector',
  extensions: 'extension',
};

export const sections: readonly Section[] = ['receivers', 'processors', 'exporters', 'connectors', 'extensions'];

/** Every component that a configuration declares, once each. */
export function componentsOf(config: CollectorConfig): ComponentName[] {
  return sections.flatMap((section) =>
    [...new Set(Object.keys(config[section]).map(typeOf))].sort(byCodeUnit).map((type) => ({ kind: kindOf[section], type })),
  );
}

/** The type of a component: its id up to the first '/'. */
export function typeOf(id: string): string {
  return id.split('/')[0] ?? id;
}

/**
 * The same configuration with every component's type as a release spells it: components were renamed in 2026, and the older names load
 * in all releases up to this catalogue's.
 */
export function spelledFor(version: string, config: CollectorConfig): CollectorConfig {
  if (!isOlder(version, catalogueVersion)) return config;
  const rename = (section: Section, id: string) => {
    const type = typeOf(id);
    return spelling(kindOf[section], type, version) + id.slice(type.length);
  };
  const renamed = (section: Section): Components =>
    Object.fromEntries(Object.entries(config[section]).map(([id, settings]) => [rename(section, id), settings]));
  const end = (section: 'receivers' | 'exporters', id: string) => rename(id in config.connectors ? 'connectors' : section, id);
  return {
    receivers: renamed('receivers'),
    processors: renamed('processors'),
    exporters: renamed('exporters'),
    connectors: renamed('connectors'),
    extensions: renamed('extensions'),
    service: {
      ...config.service,
      extensions: config.service.extensions.map((id) => rename('extensions', id)),
      pipelines: Object.fromEntries(
        Object.entries(config.service.pipelines).map(([name, pipeline]) => [
          name,
          {
            receivers: pipeline.receivers.map((id) => end('receivers', id)),
            processors: pipeline.processors.map((id) => rename('processors', id)),
            exporters: pipeline.exporters.map((id) => end('exporters', id)),
          },
        ]),
      ),
    },
  };
}

/** Text that the collector takes as it is: a lone '$' would begin a variable. */
export function literal(text: string): string {
  return text.replaceAll('$', '$$$$');
}
