import { isObject, type JsonObject } from '../../../kit/json.ts';
import { remember } from '../../../kit/remember.ts';
import { at, fields, text } from '../../json-path.ts';
import { type ChartRelease, chartReleases } from '../../read/charts.ts';
import { isFault, readYaml } from '../../read/yaml.ts';
import { type Path, type ProofObject, type Spot, spotOf } from '../../types.ts';
import type { Model } from '../model.ts';
import { fileSystem, type PodFile } from '../pages/grafana-pods.ts';
import type { Workload } from '../workloads.ts';

/** A Loki whose configuration is known as a whole. */
export interface LokiStore {
  readonly name: string;
  /** As Loki reads it (Loki 3.7, docs: configuration); of a release what the chart takes over from its values under `loki`. */
  readonly config: JsonObject;
  /** Undefined where the chart makes the pods. */
  readonly workload: Workload | undefined;
  readonly release: ChartRelease | undefined;
  /** Whether logs lie in its own file system. */
  readonly onDisk: boolean;
  /** The place of a setting. */
  spot(path: Path): Spot;
}

/** Every Loki of the input of which its configuration is: as plain workloads, and by its chart. */
export const lokiStores: (model: Model) => readonly LokiStore[] = remember((model) => [
  ...model.workloads.flatMap((workload) => ofWorkload(model, workload)),
  ...chartReleases(model.objects).flatMap(ofRelease),
]);

const IMAGE = /(^|\/)grafana\/loki([:@]|$)/;

function ofWorkload(model: Model, workload: Workload): LokiStore[] {
  if (!workload.podSpec) return [];
  const { files } = fileSystem(model, workload, (container) => IMAGE.test(text(container, 'image') ?? ''));
  return files.flatMap((file) => {
    const read = readFile(file);
    if (!read || read.value.schema_config === undefined) return [];
    const { value, line } = read;
    const { object, key } = file;
    const spot = (path: Path): Spot => ({
      object,
      field: `data.${key}: ${path.join('.')}`,
      line: () => object.origin.line(['data', key], line(path) ?? 1),
    });
    return [{ name: workload.name, config: value, workload, release: undefined, onDisk: isOnDisk(value), spot }];
  });
}

function readFile({ object, key }: PodFile) {
  const source = /\.ya?ml$/.test(key) ? text(object.json, 'data', key) : undefined;
  const parsed = source === undefined ? undefined : readYaml(source);
  const [document] = !parsed || isFault(parsed) ? [] : parsed;
  if (!document || !isObject(document.value)) return undefined;
  return { value: document.value, line: document.line };
}

/** By the schema that is written now: the last one. */
function isOnDisk({ schema_config }: JsonObject): boolean {
  const configs = at(schema_config, 'configs');
  const last = Array.isArray(configs) ? configs.at(-1) : undefined;
  return text(last, 'object_store') === 'filesystem';
}

/** The chart of Loki alone (grafana/loki up to 6, grafana-community/loki): a template or an overlay of one's own may say anything. */
function ofRelease(release: ChartRelease): LokiStore[] {
  const { object, chart, partial } = release;
  const loki = fields(object.json, 'spec', 'values', 'loki');
  if (chart !== 'loki' || partial || loki.config !== undefined || Object.keys(fields(loki, 'structuredConfig')).length > 0)
    return [];
  // Which schema stands where nobody gave one follows from its storage.
  const onDisk = text(loki, 'storage', 'type') === 'filesystem' && at(object.json, ...MINIO) !== true;
  const spot = (path: Path) => spotOf(object, ['spec', 'values', 'loki', ...path]);
  return [{ name: release.release, config: loki, workload: undefined, release, onDisk, spot }];
}

const MINIO: Path = ['spec', 'values', 'minio', 'enabled'];

/** Whether somebody deletes what a Loki keeps by itself: its compactor, or in old ones its table manager. */
export function deletes({ config, release }: LokiStore): boolean {
  const values = release ? tableManager(release.object) : fields(config, 'table_manager');
  return at(config, 'compactor', 'retention_enabled') === true || at(values, 'retention_deletes_enabled') === true;
}

function tableManager(object: ProofObject): JsonObject {
  return fields(object.json, 'spec', 'values', 'tableManager');
}
