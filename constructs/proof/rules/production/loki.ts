import { at, fields, items, text } from '../../json-path.ts';
import { deletes, type LokiStore, lokiStores } from '../../model/logs/loki-stores.ts';
import type { Model } from '../../model/model.ts';
import { type Fault, spotOf } from '../../types.ts';
import { lostWithPod } from './volumes.ts';

/** Logs that go with the pod of their Loki. */
export function lostLogs(model: Model): Fault[] {
  return lokiStores(model).flatMap((loki) => (loki.onDisk ? (loki.release ? lostInRelease(loki) : lostInPods(loki)) : []));
}

function lostInPods({ name, config, workload, spot }: LokiStore): Fault[] {
  const place = STORES.find((path) => text(config, ...path) !== undefined);
  const folder = place === undefined ? undefined : text(config, ...place);
  const where = folder === undefined ? undefined : lostWithPod(workload, folder);
  if (place === undefined || where === undefined) return [];
  return [{ at: spot(place), message: fault(name, `in ${folder}, ${where}`), hint: `mount a persistent volume there, ${OR}` }];
}

// Loki 3.7: of the store that the schema names, else of the common one.
const STORES = [
  ['storage_config', 'filesystem', 'directory'],
  ['common', 'storage', 'filesystem', 'chunks_directory'],
] as const;

const OR = 'or keep logs in object storage: s3, gcs or azure';

/** The chart gives one process a disk unless it is told not to (chart loki 5 to 18). */
function lostInRelease({ name, release }: LokiStore): Fault[] {
  if (!release) return [];
  const { json } = release.object;
  const own = items(json, 'spec', 'values', 'singleBinary', 'extraVolumeMounts');
  const path = ['spec', 'values', 'singleBinary', 'persistence', 'enabled'];
  if (own.length > 0 || at(json, ...path) !== false) return [];
  return [
    {
      at: spotOf(release.object, path),
      message: fault(name, 'without a volume of its own'),
      hint: `set singleBinary.persistence.enabled: true, ${OR}`,
    },
  ];
}

function fault(name: string, how: string): string {
  return `${name} keeps its logs ${how}: they go with the pod`;
}

/** Logs that nobody deletes: on a disk, which is full one day, or against what is written. */
export function keptLogs(model: Model): Fault[] {
  return lokiStores(model).flatMap((loki): Fault[] => {
    const { name, config, onDisk, spot } = loki;
    const said = text(config, 'limits_config', 'retention_period');
    const streams = items(config, 'limits_config', 'retention_stream').length > 0;
    const isSaid = streams || (said !== undefined && !/^0+[a-z]*$/.test(said));
    if (deletes(loki)) {
      if (isSaid || !onDisk || Object.keys(fields(config, 'table_manager')).length > 0) return [];
      return unsaid(spot(['limits_config', 'retention_period']), name, 'its compactor is told no retention_period');
    }
    if (isSaid)
      return [
        {
          at: spot(['compactor', 'retention_enabled']),
          message: `Loki ${name} is told to keep logs ${said ?? 'as retention_stream says'}, but its compactor deletes none: retention_enabled is not true`,
          hint: 'set compactor.retention_enabled: true, and compactor.delete_request_store',
        },
      ];
    return onDisk ? unsaid(spot(['compactor', 'retention_enabled']), name, 'nobody said how long') : [];
  });
}

function unsaid(at: Fault['at'], name: string, why: string): Fault[] {
  return [
    {
      at,
      severity: 'warning',
      message: `Loki ${name} keeps logs until its disk is full: ${why}`,
      hint: 'set limits_config.retention_period: 168h and compactor: {retention_enabled: true, delete_request_store: filesystem}',
    },
  ];
}
