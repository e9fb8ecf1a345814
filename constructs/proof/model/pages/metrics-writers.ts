import { at, fields, items, text } from '../../json-path.ts';
import type { Config } from '../../read/config.ts';
import type { Spot } from '../../types.ts';
import { isOpen, type Pipelines } from '../spans/components.ts';
import type { Program, Programs } from '../spans/programs.ts';

/** Somebody who pushes metrics by Prometheus' remote write. */
export interface Writer {
  /** Who: `Tempo's metrics generator`, `exporter prometheus_remote_write`. */
  readonly what: string;
  readonly url: string;
  readonly sendsExemplars: boolean;
  readonly namespace: string;
  readonly at: Spot;
}

/** Tempo's metrics generator (Tempo 2.10 and 3.0). */
export interface Generator {
  readonly config: Config;
  /** Its processors, of all tenants; undefined where tenants have settings of their own that the input does not show. */
  readonly processors: readonly string[] | undefined;
  readonly processorsAt: Spot;
  readonly writes: readonly Writer[];
  readonly at: Spot;
}

/** The metrics generator of a Tempo; undefined for any other program, and when its configuration is not in the input. */
export function generatorOf({ is, config, namespace }: Program): Generator | undefined {
  if (is !== 'tempo' || !config || config.partial) return undefined;
  const { value } = config;
  const modern: readonly string[] = ['overrides', 'defaults', 'metrics_generator', 'processors'];
  const legacy: readonly string[] = ['overrides', 'metrics_generator_processors'];
  const path = at(value, ...modern) === undefined && at(value, ...legacy) !== undefined ? legacy : modern;
  const open = at(value, 'overrides', 'per_tenant_override_config') !== undefined || isOpen(at(value, ...path));
  const stated = at(value, ...path);
  const names = Array.isArray(stated) ? stated : typeof stated === 'string' ? stated.split(',') : [];
  const writes = ['metrics_generator', 'storage', 'remote_write'];
  return {
    config,
    processors: open ? undefined : names.flatMap((one) => (typeof one === 'string' ? one.trim() : [])),
    processorsAt: config.spot(path),
    writes: items(value, ...writes).flatMap((write, i) => {
      const url = text(write, 'url');
      if (url === undefined) return [];
      const sendsExemplars = at(write, 'send_exemplars') === true;
      return [{ what: 'Tempo’s metrics generator', url, sendsExemplars, namespace, at: config.spot([...writes, i, 'url']) }];
    }),
    at: config.spot(['metrics_generator']),
  };
}

/** Everybody who pushes metrics: Tempos and collectors, each place once. */
export function writersOf(programs: Programs): Writer[] {
  const generators = programs.all.flatMap((program) => generatorOf(program) ?? []);
  const tempos = [...new Map(generators.map((one) => [one.config, one])).values()].flatMap((one) => one.writes);
  return [...tempos, ...programs.pipelines.flatMap(collectorWriters)];
}

function collectorWriters({ config, components, pipelines }: Pipelines): Writer[] {
  const used = new Set([...pipelines.values()].flatMap((one) => one.exporters.map((ref) => ref.id)));
  return [...components.exporters.values()].flatMap((exporter) => {
    const url = text(fields(exporter.value), 'endpoint');
    if (exporter.type !== 'prometheus_remote_write' || url === undefined || !used.has(exporter.id)) return [];
    const at = exporter.spot(['endpoint']);
    return [{ what: `exporter ${exporter.id}`, url, sendsExemplars: false, namespace: config.object.namespace, at }];
  });
}

/** The connectors of a type that are in use: at the end of one pipeline and at the beginning of another. */
export function connectorsInUse({ components, pipelines }: Pipelines, types: ReadonlySet<string>): string[] {
  const all = [...pipelines.values()];
  return [...components.connectors.values()]
    .filter(({ type, id }) => types.has(type) && all.some((one) => one.exporters.some((ref) => ref.id === id)))
    .map((connector) => connector.id)
    .filter((id) => all.some((one) => one.receivers.some((ref) => ref.id === id)));
}
