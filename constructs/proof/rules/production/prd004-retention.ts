import type { Json } from '../../../kit/json.ts';
import { at, fields, items } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import { optionValues } from '../../model/spans/containers.ts';
import { type Fault, type Path, spotOf } from '../../types.ts';
import { allContainers } from './containers.ts';
import { inProduction } from './in-production.ts';
import { keptLogs } from './loki.ts';

export const retention = inProduction({
  code: 'PRD004',
  title: 'data that is kept for ever, or for as long as nobody said',
  severity: 'error',
  run: (model) => [...tempos(model), ...indices(model), ...prometheuses(model), ...keptLogs(model)],
  docs: {
    cause:
      'Tempo with `block_retention: 0` keeps every block; Jaeger and Zipkin write an Elasticsearch or OpenSearch index a day and delete none, unless `use_ilm` or a cleaner does (a warning: it may run elsewhere); a Prometheus without a retention flag keeps 15 days, a Prometheus resource without `retention` 24 hours, which nobody chose (a warning); kube-prometheus-stack says 10 days by itself; Loki deletes nothing unless its compactor is told `retention_enabled` (on a disk a warning; an error where a `retention_period` is written all the same). Disks fill, or data is gone when it is looked for.',
    fix: 'Say how long: `block_retention: 336h`, a job jaeger-es-index-cleaner, `--storage.tsdb.retention.time=15d`, Loki’s `limits_config.retention_period` with `compactor.retention_enabled: true`.',
    example: 'compactor: {compaction: {block_retention: 0s}}',
  },
});

// Tempo 2.10 and 3.0; unset is 14 days.
const BLOCK_RETENTION: readonly Path[] = [
  ['compactor', 'compaction', 'block_retention'],
  ['backend_worker', 'compaction', 'block_retention'],
  ['backend_scheduler', 'provider', 'compaction', 'compaction', 'block_retention'],
];

function tempos(model: Model): Fault[] {
  return model.configs
    .filter(({ kind }) => kind === 'tempo')
    .flatMap(({ value, spot }) =>
      BLOCK_RETENTION.filter((path) => isZero(at(value, ...path))).map((path) => ({
        at: spot(path),
        message: `is ${String(at(value, ...path))}: Tempo deletes no block`,
        hint: 'give a duration, such as 336h',
      })),
    );
}

function isZero(value: Json | undefined): boolean {
  return value === 0 || (typeof value === 'string' && /^0+[a-z]*$/.test(value));
}

function indices(model: Model): Fault[] {
  const cleaned = allContainers(model).some(({ imageText }) => /index-cleaner|es-rollover|curator/.test(imageText ?? ''));
  if (cleaned) return [];
  const hint = 'set use_ilm, or add a CronJob with jaeger-es-index-cleaner; acknowledge it where the store cleans by itself';
  const jaegers = model.configs.flatMap((config): Fault[] =>
    Object.entries(fields(config.value, 'extensions', 'jaeger_storage', 'backends')).flatMap(([name, backend]) =>
      ['elasticsearch', 'opensearch']
        .filter((type) => at(backend, type) !== undefined && at(backend, type, 'use_ilm') !== true)
        .map((type) => ({
          at: config.spot(['extensions', 'jaeger_storage', 'backends', name, type]),
          severity: 'warning' as const,
          message: `Jaeger writes a new ${type} index each day, and nothing here deletes the old ones`,
          hint,
        })),
    ),
  );
  const zipkins = model.programs.all.flatMap((program): Fault[] => {
    const type = program.is === 'zipkin' ? program.container?.env.get('STORAGE_TYPE') : undefined;
    if (type?.value !== 'elasticsearch') return [];
    const message = 'Zipkin writes a new elasticsearch index each day, and nothing here deletes the old ones';
    return [
      { at: type.at, severity: 'warning', message, hint: 'add a curator job; acknowledge it where the store cleans by itself' },
    ];
  });
  return [...jaegers, ...zipkins];
}

const FLAGS = ['storage.tsdb.retention.time', 'storage.tsdb.retention.size', 'storage.tsdb.retention'];

function prometheuses(model: Model): Fault[] {
  // Prometheus 3 takes it from its file as well.
  if (model.configs.some(({ kind, value }) => kind === 'prometheus' && at(value, 'storage', 'tsdb', 'retention') !== undefined))
    return [];
  return [...servers(model), ...operated(model)];
}

function servers(model: Model): Fault[] {
  return allContainers(model).flatMap(({ workload, path, image, args }): Fault[] => {
    if (image?.repository.split('/').at(-1) !== 'prometheus' || args.some((one) => /^--agent|=agent/.test(one))) return [];
    if (FLAGS.some((flag) => optionValues(args, flag).length > 0)) return [];
    return [
      {
        at: spotOf(workload.object, [...path, 'args']),
        severity: 'warning',
        message: `Prometheus ${workload.name} is told no retention: it keeps 15 days, whatever the disk holds`,
        hint: 'add --storage.tsdb.retention.time=15d, or .size',
      },
    ];
  });
}

/** Prometheus resources: the operator keeps 24 hours of one that says nothing (prometheus-operator 0.93). */
function operated(model: Model): Fault[] {
  return model.kind('Prometheus').flatMap((object): Fault[] => {
    if (object.group !== 'monitoring.coreos.com') return [];
    const says = ['retention', 'retentionSize'].some((key) => at(object.json, 'spec', key) !== undefined);
    // What it writes elsewhere is kept there.
    if (says || items(object.json, 'spec', 'remoteWrite').length > 0 || at(object.json, 'spec', 'thanos') !== undefined)
      return [];
    return [
      {
        at: spotOf(object, ['spec', 'retention']),
        severity: 'warning',
        message: `Prometheus ${object.name} is told no retention: the operator keeps 24 hours`,
        hint: 'add retention: 15d, or retentionSize',
      },
    ];
  });
}
