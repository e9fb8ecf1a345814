import { parse } from 'yaml';
import { isObject, type JsonObject } from '../../constructs/kit/json.ts';
import { onPath, run } from './run.ts';

const SECTIONS = ['receivers', 'processors', 'exporters', 'connectors', 'extensions'] as const;
type Section = (typeof SECTIONS)[number];

/** A collector on this machine, and the components that it was built with. */
export interface CollectorBuild {
  readonly program: string;
  readonly components: Readonly<Record<Section, readonly string[]>>;
}

/** The collectors on PATH, the newest first. */
export async function collectorBuilds(): Promise<CollectorBuild[]> {
  const builds: CollectorBuild[] = [];
  for (const name of ['otelcol-contrib', 'otelcol', 'otelcol111']) {
    const program = onPath(name);
    if (!program) continue;
    const { code, stdout } = await run(program, ['components']);
    const said: unknown = code === 0 ? parse(stdout) : undefined;
    if (!isObject(said)) continue;
    const names = (section: Section) => {
      const list = said[section];
      return Array.isArray(list) ? list.flatMap((one) => (isObject(one) && typeof one.name === 'string' ? [one.name] : [])) : [];
    };
    const [receivers, processors, exporters, connectors, extensions] = SECTIONS.map(names);
    if (!receivers || !processors || !exporters || !connectors || !extensions) continue;
    builds.push({ program, components: { receivers, processors, exporters, connectors, extensions } });
  }
  return builds;
}

/** A configuration as one build can run it. */
export interface Fitted {
  readonly config: JsonObject;
  /** What the build does not hold, and was left out: `exporters load_balancing`. */
  readonly missing: readonly string[];
}

/** Names the components as the build does, and leaves out those it does not hold. */
export function fitTo(config: JsonObject, { components }: Pick<CollectorBuild, 'components'>): Fitted {
  const missing = new Set<string>();
  const rename = (section: Section, id: string): string | undefined => {
    const [type = '', ...name] = id.split('/');
    const held = components[section].find((one) => spelling(one) === spelling(type));
    if (held === undefined) missing.add(`${section} ${type}`);
    return held && [held, ...name].join('/');
  };
  const renamed = Object.fromEntries(
    SECTIONS.flatMap((section) => {
      const declared = config[section];
      if (!isObject(declared)) return [];
      const entries = Object.entries(declared).flatMap(([id, settings]) => {
        const held = rename(section, id);
        return held === undefined ? [] : [[held, settings] as const];
      });
      return [[section, Object.fromEntries(entries)] as const];
    }),
  );
  const service = isObject(config.service) ? config.service : {};
  const isConnector = (id: string) => isObject(config.connectors) && id in config.connectors;
  const names = (list: unknown, section: Section) =>
    (Array.isArray(list) ? list : []).flatMap((id: unknown) => {
      if (typeof id !== 'string') return [];
      return rename(isConnector(id) ? 'connectors' : section, id) ?? [];
    });
  const pipelines = Object.entries(isObject(service.pipelines) ? service.pipelines : {}).flatMap(([id, pipeline]) => {
    const { receivers, processors, exporters } = isObject(pipeline) ? pipeline : {};
    const fitted = {
      receivers: names(receivers, 'receivers'),
      processors: names(processors, 'processors'),
      exporters: names(exporters, 'exporters'),
    };
    return fitted.receivers.length === 0 || fitted.exporters.length === 0 ? [] : [[id, fitted] as const];
  });
  return {
    config: {
      ...config,
      ...renamed,
      service: { ...service, extensions: names(service.extensions, 'extensions'), pipelines: Object.fromEntries(pipelines) },
    },
    missing: [...missing].sort(),
  };
}

/** Components were renamed between builds, mostly by an underscore: `span_metrics` was `spanmetrics`, `otlp_grpc` was `otlp`. */
function spelling(type: string): string {
  const plain = type.replaceAll('_', '');
  return plain === 'otlpgrpc' ? 'otlp' : plain;
}
