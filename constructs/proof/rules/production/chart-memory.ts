import { at, items, text } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import type { Program } from '../../model/spans/programs.ts';
import { chartReleases } from '../../read/charts.ts';
import { spotOf } from '../../types.ts';
import type { Lost } from './memory.ts';

// Chart tempo 1.22 to 3, statefulset.yaml: where the volume of `persistence` lies.
const TEMPO_VOLUME = '/var/tempo';

/** Local blocks of a Tempo that its chart runs: without `persistence` they lie on no volume of their own. */
export function lostInTempoRelease({ object, config }: Program): Lost[] {
  if (!config || config.partial || text(config.value, 'storage', 'trace', 'backend') !== 'local') return [];
  const folder = text(config.value, 'storage', 'trace', 'local', 'path') ?? `${TEMPO_VOLUME}/traces`;
  const values = at(object.json, 'spec', 'values');
  const mounts = items(values, 'tempo', 'extraVolumeMounts').flatMap((one) => text(one, 'mountPath') ?? []);
  if (mounts.some((mount) => isUnder(folder, mount))) return [];
  const persists = at(values, 'persistence', 'enabled') === true;
  if (persists && isUnder(folder, TEMPO_VOLUME)) return [];
  return [
    {
      at: spotOf(object, [
        'spec',
        'values',
        ...(persists ? ['tempo', 'storage', 'trace', 'local', 'path'] : ['persistence', 'enabled']),
      ]),
      how: `in ${folder}, ${persists ? `outside the volume at ${TEMPO_VOLUME}` : 'without a volume of its own'}`,
      hint: persists
        ? `keep them under ${TEMPO_VOLUME}, or use backend s3, gcs or azure`
        : 'set persistence.enabled: true, or use backend s3, gcs or azure',
    },
  ];
}

/** Jaegers of its own chart that are told to keep traces in memory, or in a badger that goes with the pod (charts 1 to 4). */
export function lostInJaegerReleases(model: Model): (Lost & { readonly name: string })[] {
  return chartReleases(model.objects).flatMap(({ object, chart, release, partial }) => {
    if (chart !== 'jaeger' || partial) return [];
    const path = ['spec', 'values', 'storage', 'type'];
    const type = text(object.json, ...path);
    const kept = at(object.json, 'spec', 'values', 'storage', 'badger', 'ephemeral') === false;
    if (type !== 'memory' && (type !== 'badger' || kept)) return [];
    const how = type === 'memory' ? 'in memory' : 'in a badger store that is ephemeral';
    const hint = `set storage.type to elasticsearch, opensearch or cassandra${type === 'badger' ? ', or storage.badger.ephemeral: false with a volume' : ''}`;
    return [{ name: release, at: spotOf(object, path), how, hint }];
  });
}

function isUnder(path: string, folder: string): boolean {
  const root = folder.replace(/\/+$/, '');
  return path === root || path.startsWith(`${root}/`);
}
