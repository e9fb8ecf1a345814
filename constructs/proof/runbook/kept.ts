import { isObject, type Json } from '../../kit/json.ts';
import { at, fields, items, text } from '../json-path.ts';
import type { Container } from '../model/spans/containers.ts';
import { optionValues } from '../model/spans/containers.ts';
import type { Program } from '../model/spans/programs.ts';
import { templateOf, type Workload } from '../model/workloads.ts';

/** What a program keeps: where, and how long; both as far as the stack says. */
export interface Kept {
  readonly where: string;
  readonly howLong: string;
}

const IN_POD = 'in the pod: gone with it';

/** What a program that takes spans does with them. */
export function keptSpans(program: Program): Kept {
  if (program.is === 'collector') return { where: 'nothing: passes on', howLong: '' };
  if (program.is === 'jaeger') return jaeger(program);
  if (program.is === 'tempo') return tempo(program);
  const variable = (name: string) => program.container?.env.get(name)?.value;
  return program.is === 'zipkin' ? zipkin(variable) : skywalking(variable);
}

/** Jaeger 2: one backend of `jaeger_storage`, with its own ways to forget. */
function jaeger({ config, workload }: Program): Kept {
  const [backend] = Object.values(fields(config?.value, 'extensions', 'jaeger_storage', 'backends'));
  const type = Object.keys(isObject(backend) ? backend : {})[0];
  // Without a configuration of its own Jaeger keeps traces in memory.
  if (type === undefined || type === 'memory') {
    const most = at(backend, 'memory', 'max_traces');
    return { where: 'in memory: gone with the pod', howLong: typeof most === 'number' ? `the last ${most} traces` : '' };
  }
  if (type === 'badger') return { where: volumeOf(workload), howLong: text(backend, 'badger', 'ttl', 'spans') ?? '' };
  return { where: `in ${type}`, howLong: 'as long as the database is told' };
}

/** Tempo 2 says it under `compactor`, Tempo 3 under `backend_worker`. */
function tempo({ config, workload, object }: Program): Kept {
  const value = config?.value;
  const howLong =
    text(value, 'compactor', 'compaction', 'block_retention') ?? text(value, 'backend_worker', 'compaction', 'block_retention');
  const backend = text(value, 'storage', 'trace', 'backend') ?? 'local';
  const bucket = text(value, 'storage', 'trace', backend, 'bucket') ?? text(value, 'storage', 'trace', backend, 'bucket_name');
  const release = object.kind === 'HelmRelease' ? ofRelease(at(object.json, 'spec', 'values', 'persistence', 'enabled')) : '';
  const local = release !== '' ? release : volumeOf(workload);
  return {
    where: backend === 'local' ? local : `in ${backend}${bucket ? `, bucket \`${bucket}\`` : ''}`,
    howLong: words(howLong ?? ''),
  };
}

function ofRelease(persistent: Json | undefined): string {
  return persistent === true ? 'on a volume of its own' : IN_POD;
}

/** Zipkin 3: `mem` unless told otherwise, with 500,000 spans. */
function zipkin(variable: (name: string) => string | undefined): Kept {
  const type = variable('STORAGE_TYPE') || 'mem';
  if (type !== 'mem') return { where: `in ${type}`, howLong: 'as long as the database is told' };
  return { where: 'in memory: gone with the pod', howLong: `the last ${variable('MEM_MAX_SPANS') || 500_000} spans` };
}

/** SkyWalking 10: BanyanDB unless told otherwise. */
function skywalking(variable: (name: string) => string | undefined): Kept {
  const type = variable('SW_STORAGE') || 'banyandb';
  const days = variable(`SW_STORAGE_${type.toUpperCase()}_TRACE_TTL_DAYS`) ?? variable('SW_CORE_RECORD_DATA_TTL');
  return { where: `in ${type}`, howLong: days ? `${days} days` : '' };
}

/** What a Prometheus keeps, told by its options (Prometheus 3: 15 days unless told otherwise). */
export function keptMetrics(workload: Workload, container: Container): Kept {
  const [time] = optionValues(container.args, 'storage.tsdb.retention.time');
  const [size] = optionValues(container.args, 'storage.tsdb.retention.size');
  return {
    where: volumeOf(workload),
    howLong: [words(time ?? (size ? '' : '15d')), size ? `at most ${size}` : ''].filter(Boolean).join(', '),
  };
}

/** What a Prometheus of an operator or chart keeps; both ask for one day and ten unless told. */
export function keptBySpec(spec: Json | undefined, usual: string): Kept {
  const claim = ['storageSpec', 'storage'].some((key) => at(spec, key, 'volumeClaimTemplate') !== undefined);
  return { where: claim ? 'on a volume of its own' : IN_POD, howLong: words(text(spec, 'retention') ?? usual) };
}

/** Loki forgets only where its compactor is told to (Loki 3, `retention_enabled`). */
export function keptLogs(config: Json | undefined, workload: Workload | undefined): Kept {
  const time = text(config, 'limits_config', 'retention_period');
  const forgets = at(config, 'compactor', 'retention_enabled') === true;
  return { where: volumeOf(workload), howLong: forgets && time ? words(time) : '' };
}

/** What a Loki of its chart keeps: on a disk unless it is told not to, or in a bucket (chart loki 18). */
export function keptByLokiChart(values: Json): Kept {
  const type = text(values, 'loki', 'storage', 'type') ?? 's3';
  const onDisk = at(values, 'singleBinary', 'persistence', 'enabled') === false ? IN_POD : 'on a volume of its own';
  return {
    ...keptLogs(at(values, 'loki'), undefined),
    where: type === 'filesystem' ? onDisk : `in object storage: ${type}`,
  };
}

/** `24h` as people say it. */
function words(duration: string): string {
  const [, count, unit] = /^(\d+)([hdw])$/.exec(duration) ?? [];
  if (count === undefined || unit === undefined) return duration;
  const name = { h: 'hour', d: 'day', w: 'week' }[unit] ?? unit;
  return `${count} ${name}${count === '1' ? '' : 's'}`;
}

/** Whether the pods of a workload have a volume that outlives them. */
export function volumeOf(workload: Workload | undefined): string {
  const template = workload && templateOf(workload.object);
  if (!workload || !template) return '';
  const { json } = workload.object;
  const claimed = items(json, ...template, 'spec', 'volumes').some((one) => at(one, 'persistentVolumeClaim') !== undefined);
  return claimed || items(json, 'spec', 'volumeClaimTemplates').length > 0 ? 'on a volume of its own' : IN_POD;
}
