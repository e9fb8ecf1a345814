import { isObject, type Json, type JsonObject, UserError } from '../../kit/index.ts';
import { ownMetricsReader } from '../own-metrics.ts';
import type { CollectorConfig, CollectorPipeline, Components, Section } from './config.ts';
import { sections } from './config.ts';
import type { LogStages } from './logs.ts';
import type { ExtraConfig } from './options.ts';

/** What a collector does with spans, in order; one for logs alone does so with logs. */
export interface Stages {
  readonly signal: 'traces' | 'logs';
  readonly receivers: Components;
  /** What every span goes through, also those that only metrics are made from. Their order is the record's. */
  readonly before: Components;
  /** What decides about whole traces. */
  readonly sampling: Components;
  /** The last step before the exporters. */
  readonly after: Components;
  readonly exporters: Components;
  /** What makes metrics from spans: always from all of them, so before sampling. */
  readonly connectors: Components;
  /** Where these metrics go. */
  readonly metricsExporters: Components;
  /** A second pipeline, of the logs that come by OTLP. */
  readonly logs: LogStages | undefined;
}

/** The collector's own metrics, and where its health is asked. */
export const ownMetricsPort = 8888;
export const healthPort = 13133;

const kept = 'forward/kept';

/**
 * The configuration of one collector. With sampling and metrics, spans part in two pipelines after the common steps: metrics count
 * them all, sampling keeps some.
 *
 * @throws UserError when an extra part does not fit in
 */
export function collectorConfig(stages: Stages, extra: ExtraConfig, where: string): CollectorConfig {
  const { receivers, connectors, exporters } = stages;
  const added = joining(stages, extra);
  const before = { ...stages.before, ...added.processors };
  const counts = Object.keys(connectors);
  const sources = [...Object.keys(receivers), ...Object.keys(added.receivers)];
  const ends = [...Object.keys(exporters), ...Object.keys(added.exporters), ...Object.keys(added.connectors)];
  const split = counts.length > 0 && Object.keys(stages.sampling).length > 0;
  const afterwards = Object.keys({ ...stages.sampling, ...stages.after });
  const traces: Record<string, CollectorPipeline> = split
    ? {
        traces: { receivers: sources, processors: Object.keys(before), exporters: [...counts, kept] },
        'traces/kept': { receivers: [kept], processors: afterwards, exporters: ends },
      }
    : {
        [stages.signal]: {
          receivers: sources,
          processors: [...Object.keys(before), ...afterwards],
          exporters: [...ends, ...counts],
        },
      };
  const metrics: Record<string, CollectorPipeline> =
    counts.length === 0
      ? {}
      : {
          'metrics/spans': {
            receivers: counts,
            processors: ['memory_limiter', 'batch'],
            exporters: Object.keys(stages.metricsExporters),
          },
        };
  const config: CollectorConfig = {
    receivers: overlay(receivers, extra.receivers),
    processors: overlay({ ...before, ...stages.sampling, ...stages.after, ...stages.logs?.processors }, extra.processors),
    exporters: overlay({ ...exporters, ...stages.metricsExporters, ...stages.logs?.exporters }, extra.exporters),
    connectors: overlay({ ...connectors, ...(split ? { [kept]: {} } : {}) }, extra.connectors),
    extensions: overlay({ health_check: { endpoint: `0.0.0.0:${healthPort}` } }, extra.extensions),
    service: {
      extensions: [...new Set(['health_check', ...Object.keys(extra.extensions ?? {})])],
      telemetry: {
        metrics: { readers: [ownMetricsReader(ownMetricsPort)] },
      },
      pipelines: { ...traces, ...logs(stages), ...metrics, ...extraPipelines(extra) },
    },
  };
  checkPipelines(config, where);
  return config;
}

function logs({ logs, exporters }: Stages): Record<string, CollectorPipeline> {
  if (!logs) return {};
  const printed = 'debug' in exporters ? ['debug'] : [];
  return {
    logs: {
      receivers: ['otlp'],
      processors: Object.keys(logs.processors),
      exporters: [...Object.keys(logs.exporters), ...printed],
    },
  };
}

/** The extra components that no pipeline of theirs names, and that are not there already. */
function joining(stages: Stages, extra: ExtraConfig): { readonly [S in Exclude<Section, 'extensions'>]: Components } {
  const { signal: _, logs, ...ofSpans } = stages;
  const all = [...Object.values(ofSpans), logs?.processors ?? {}, logs?.exporters ?? {}];
  const own = new Set(all.flatMap((components: Components) => Object.keys(components)));
  const named = new Set(Object.values(extraPipelines(extra)).flatMap((p) => [...p.receivers, ...p.processors, ...p.exporters]));
  const fed = new Set(Object.values(extraPipelines(extra)).flatMap((p) => p.exporters));
  const fresh = (components: Components = {}, taken: ReadonlySet<string> = named): Components =>
    Object.fromEntries(Object.entries(components).filter(([id]) => !own.has(id) && !taken.has(id)));
  return {
    receivers: fresh(extra.receivers),
    processors: fresh(extra.processors),
    exporters: fresh(extra.exporters),
    connectors: fresh(extra.connectors, fed),
  };
}

function extraPipelines(extra: ExtraConfig): Record<string, CollectorPipeline> {
  return Object.fromEntries(
    Object.entries(extra.pipelines ?? {}).map(([name, pipeline]) => [
      name,
      { ...pipeline, processors: pipeline.processors ?? [] },
    ]),
  );
}

function overlay(components: Components, extra: Components = {}): Components {
  return { ...components, ...Object.fromEntries(Object.entries(extra).map(([id, more]) => [id, merged(components[id], more)])) };
}

function merged(settings: JsonObject | undefined, more: JsonObject): JsonObject {
  const laid = Object.entries(more).map(([key, value]): [string, Json] => {
    const under = settings?.[key];
    // A custom resource keeps no nulls: `grpc: null` would vanish, and the protocol with it.
    const said = value === null ? {} : value;
    return [key, isObject(said) ? merged(isObject(under) ? under : undefined, said) : said];
  });
  return { ...settings, ...Object.fromEntries(laid) };
}

/** A collector refuses to start with a name that is not declared, and passes over what is declared and not used. */
function checkPipelines(config: CollectorConfig, where: string): void {
  const pipelines = Object.entries(config.service.pipelines);
  const ends = {
    receivers: { ...config.receivers, ...config.connectors },
    exporters: { ...config.exporters, ...config.connectors },
  };
  for (const [name, pipeline] of pipelines) {
    const parts = { receivers: ends.receivers, processors: config.processors, exporters: ends.exporters };
    for (const section of ['receivers', 'processors', 'exporters'] as const) {
      const unknown = pipeline[section].find((id) => !(id in parts[section]));
      if (unknown !== undefined) {
        throw new UserError(
          `pipeline '${name}' of '${where}' names the ${section.slice(0, -1)} '${unknown}', which is not declared: declared are ${Object.keys(parts[section]).join(', ')}`,
        );
      }
    }
    for (const section of ['receivers', 'exporters'] as const) {
      if (pipeline[section].length === 0)
        throw new UserError(`pipeline '${name}' of '${where}' has no ${section}: name one at least`);
    }
  }
  const fed = new Set(pipelines.flatMap(([, p]) => p.exporters));
  const read = new Set(pipelines.flatMap(([, p]) => p.receivers));
  const half = Object.keys(config.connectors).find((id) => !fed.has(id) || !read.has(id));
  if (half !== undefined) {
    throw new UserError(
      `connector '${half}' of '${where}' must be an exporter of one pipeline and a receiver of another: name it in extra.pipelines`,
    );
  }
  const used = new Set(pipelines.flatMap(([, p]) => [...p.receivers, ...p.processors, ...p.exporters]));
  const idle = sections
    .filter((s) => s !== 'extensions')
    .flatMap((s) => Object.keys(config[s]))
    .find((id) => !used.has(id));
  if (idle !== undefined) throw new UserError(`'${idle}' of '${where}' is declared but no pipeline uses it`);
}
