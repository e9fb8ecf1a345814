import { at, text } from '../../json-path.ts';
import { typeOf } from '../../model/spans/components.ts';
import { optionValues } from '../../model/spans/containers.ts';
import type { Program } from '../../model/spans/programs.ts';
import type { Spot } from '../../types.ts';
import { lostInTempoRelease } from './chart-memory.ts';
import { lostWithPod } from './volumes.ts';

/** Traces that go with a pod. */
export interface Lost {
  readonly at: Spot;
  /** After "keeps its traces ". */
  readonly how: string;
  readonly hint: string;
}

/** Where a backend keeps traces so that they go with its pod. Empty when it keeps them, or the input does not tell. */
export function lostTraces(program: Program): readonly Lost[] {
  switch (program.is) {
    case 'jaeger':
    case 'collector':
      return program.config ? jaeger2(program) : program.is === 'jaeger' ? jaegerAlone(program) : [];
    case 'zipkin':
      return zipkin(program);
    case 'skywalking':
      return skywalking(program);
    case 'tempo':
      return program.object.kind === 'HelmRelease' ? lostInTempoRelease(program) : tempo(program);
  }
}

const DURABLE = 'keep them in elasticsearch, opensearch, cassandra or clickhouse, or in badger on a persistent volume';

/** Jaeger 2: a collector with the extension jaeger_storage. Only the stores that its exporters write to count. */
function jaeger2({ config, pipelines, workload }: Program): Lost[] {
  if (!config || !pipelines) return [];
  const written = [...pipelines.components.exporters.values()].flatMap(({ id, value }) =>
    typeOf(id) === 'jaeger_storage_exporter' ? (text(value, 'trace_storage') ?? []) : [],
  );
  return [...new Set(written)].flatMap((name): Lost[] => {
    const path = ['extensions', 'jaeger_storage', 'backends', name];
    const backend = at(config.value, ...path);
    const lost = (key: string, how: string, hint: string) => [{ at: config.spot([...path, key]), how, hint }];
    if (at(backend, 'memory') !== undefined) return lost('memory', `in memory (storage "${name}")`, DURABLE);
    if (at(backend, 'badger') === undefined) return [];
    // Jaeger 2.20: ephemeral unless it says otherwise.
    if (at(backend, 'badger', 'ephemeral') !== false)
      return lost(
        'badger',
        `in a badger store that is ephemeral (storage "${name}")`,
        'set ephemeral: false and give directories on a persistent volume',
      );
    const folder = text(backend, 'badger', 'directories', 'values');
    const where = folder === undefined ? undefined : lostWithPod(workload, folder);
    return where === undefined ? [] : lost('badger', `in ${folder}, ${where}`, 'mount a persistent volume there');
  });
}

/** Jaeger 2 without a configuration keeps traces in memory; Jaeger 1 is told by its environment. */
function jaegerAlone({ container, image, whole, workload }: Program): Lost[] {
  if (!container || !image) return [];
  const isOld = /(^|\/)(jaeger-)?(all-in-one|jaeger-collector)$/.test(image.repository) || /^v?1\./.test(image.tag);
  if (!isOld) return whole ? [{ at: image.at, how: 'in memory: it is started without a configuration', hint: DURABLE }] : [];
  const stated = container.env.get('SPAN_STORAGE_TYPE');
  const type = stated ? stated.value : container.envOpen || !image.repository.endsWith('all-in-one') ? undefined : 'memory';
  const spot = stated?.at ?? image.at;
  if (type === 'memory') return [{ at: spot, how: 'in memory', hint: DURABLE }];
  if (type !== 'badger') return [];
  const ephemeral = container.env.get('BADGER_EPHEMERAL')?.value ?? optionValues(container.args, 'badger.ephemeral')[0] ?? 'true';
  if (ephemeral !== 'false')
    return [
      {
        at: spot,
        how: 'in a badger store that is ephemeral',
        hint: 'set BADGER_EPHEMERAL=false and give directories on a persistent volume',
      },
    ];
  const folder = container.env.get('BADGER_DIRECTORY_VALUE')?.value ?? optionValues(container.args, 'badger.directory-value')[0];
  const where = folder === undefined ? undefined : lostWithPod(workload, folder);
  return where === undefined ? [] : [{ at: spot, how: `in ${folder}, ${where}`, hint: 'mount a persistent volume there' }];
}

/** Zipkin 3: in memory unless STORAGE_TYPE says otherwise. */
function zipkin({ container, image }: Program): Lost[] {
  if (!container || !image) return [];
  const stated = container.env.get('STORAGE_TYPE');
  const elsewhere = container.envOpen || [...container.env.keys()].includes('JAVA_OPTS');
  const type = stated ? stated.value : elsewhere ? undefined : 'mem';
  if (type !== 'mem' && type !== '') return [];
  const how = stated ? 'in memory' : 'in memory: STORAGE_TYPE is not set';
  return [{ at: stated?.at ?? image.at, how, hint: 'set STORAGE_TYPE to elasticsearch, cassandra3 or mysql' }];
}

/** SkyWalking: H2 is in memory unless its URL names a file; the default before OAP 10. */
function skywalking({ container, image }: Program): Lost[] {
  if (!container || !image) return [];
  const stated = container.env.get('SW_STORAGE');
  const isOld = /^v?[89]\./.test(image.tag);
  const type = stated ? stated.value : container.envOpen || !isOld ? undefined : 'h2';
  const url = container.env.get('SW_STORAGE_H2_URL');
  if (type !== 'h2' || (url && !url.value?.startsWith('jdbc:h2:mem:'))) return [];
  const how = stated ? 'in memory (H2)' : `in memory: SW_STORAGE is not set, and ${image.tag} takes H2`;
  return [{ at: stated?.at ?? image.at, how, hint: 'set SW_STORAGE to banyandb, elasticsearch or postgresql' }];
}

/** Tempo: blocks on a local disk that is the pod's own. */
function tempo({ config, workload }: Program): Lost[] {
  if (!config || text(config.value, 'storage', 'trace', 'backend') !== 'local') return [];
  const folder = text(config.value, 'storage', 'trace', 'local', 'path') ?? '/var/tempo/traces';
  const where = lostWithPod(workload, folder);
  if (where === undefined) return [];
  return [
    {
      at: config.spot(['storage', 'trace', 'backend']),
      how: `in ${folder}, ${where}`,
      hint: 'use backend s3, gcs or azure, or mount a persistent volume there',
    },
  ];
}
