import { isOlder } from '../../../kit/collector-components.ts';
import { at, fields } from '../../json-path.ts';
import type { Program } from '../../model/spans/programs.ts';
import type { Rule } from '../../rule.ts';
import type { Fault, Path } from '../../types.ts';

export const otherVersion: Rule = {
  code: 'TRC025',
  title: 'a backend is configured for another version of itself',
  severity: 'error',
  run: (model) =>
    model.programs.all.flatMap((program) => [...tempoFaults(program), ...jaegerFaults(program), ...skywalkingFaults(program)]),
  docs: {
    cause:
      'Tempo 3 has no ingester, compactor or ingester_client: it refuses to start with `field compactor not found`. The opencensus receiver is gone from 2.10.6 on. Jaeger 2 reads a configuration file; the variables and flags of Jaeger 1 (SPAN_STORAGE_TYPE, COLLECTOR_ZIPKIN_HOST_PORT, QUERY_BASE_PATH) have no effect, so that traces stay in memory although a storage is named. SkyWalking has no H2 since 10.2.',
    fix: 'Tempo: `tempo-cli migrate config`; retention lies under backend_worker.compaction and overrides. Jaeger: write a configuration and start it with --config. SkyWalking: name BanyanDB, Elasticsearch, PostgreSQL or MySQL.',
    example:
      'image: jaegertracing/jaeger:2.20.0\nenv: [{name: SPAN_STORAGE_TYPE, value: elasticsearch}]   # Jaeger 2 does not read it',
  },
};

// Tempo 3.0: what it refuses, and what does the work now.
const TEMPO_3: readonly (readonly [Path, string])[] = [
  [['ingester'], 'live_store and block_builder do its work'],
  [['ingester_client'], 'take it out'],
  [['compactor'], 'set retention under backend_worker.compaction and backend_scheduler.provider.compaction'],
  [['metrics_generator', 'traces_storage'], 'take it out'],
  [['metrics_generator', 'processor', 'local_blocks'], 'take it out'],
  [['query_frontend', 'search', 'query_ingesters_until'], 'take it out'],
];

function tempoFaults({ is, config, image }: Program): Fault[] {
  if (is !== 'tempo' || !config || !/^v?\d/.test(image?.tag ?? '')) return [];
  const tag = image?.tag ?? '';
  const three = isOlder(tag, '3.0.0') ? [] : TEMPO_3;
  const fault = (path: Path, message: string, hint: string): Fault => ({
    at: config.spot(path),
    message,
    hint,
    cause: `tempo setting ${config.object.id} ${path.join('.')}`,
  });
  const gone = three
    .filter(([path]) => at(config.value, ...path) !== undefined)
    .map(([path, hint]) => fault(path, `Tempo ${tag} has no ${path.join('.')}, and refuses to start with it`, hint));
  const scalable = three.length > 0 && at(config.value, 'target') === 'scalable-single-binary';
  const target = scalable
    ? [fault(['target'], `Tempo ${tag} has no target scalable-single-binary`, 'use all, or a target for each role')]
    : [];
  const receivers = ['distributor', 'receivers'];
  const census = Object.keys(fields(config.value, ...receivers))
    .filter((id) => id.split('/')[0] === 'opencensus' && !isOlder(tag, '2.10.6'))
    .map((id) => fault([...receivers, id], `Tempo ${tag} has no receiver opencensus`, 'use otlp'));
  return [...gone, ...target, ...census];
}

// Variables of Jaeger 1. Those that say what Jaeger 2 does by itself are harmless.
const IGNORED =
  /^(SPAN_STORAGE_TYPE|QUERY_BASE_PATH|COLLECTOR_(ZIPKIN|OTLP|QUEUE|NUM|TAGS)_?[A-Z_]*|MEMORY_MAX_TRACES|BADGER_[A-Z_]+|ES_[A-Z_]+|CASSANDRA_[A-Z_]+|METRICS_STORAGE_TYPE|PROMETHEUS_SERVER_URL|SAMPLING_[A-Z_]+)$/;
const HARMLESS = /^(COLLECTOR_|MEMORY_MAX_TRACES|SPAN_STORAGE_TYPE=memory$)/;
const FLAGS = /^--?(collector|query|memory|es|cassandra|badger|span-storage|admin|reporter|processor)\.[a-z.-]+/;

function jaegerFaults({ is, container, config, image }: Program): Fault[] {
  if (is !== 'jaeger' || !container || image?.repository.split('/').at(-1) !== 'jaeger' || /^v?1\./.test(image.tag)) return [];
  const text = config ? JSON.stringify(config.value) : '';
  const variables = [...container.env].flatMap(([name, { value, at: spot }]): Fault[] => {
    if (!IGNORED.test(name) || text.includes(name)) return [];
    return [
      {
        at: spot,
        severity: HARMLESS.test(`${name}=${value ?? ''}`) ? 'warning' : 'error',
        message: `${name} is a variable of Jaeger 1; Jaeger 2 does not read it`,
        hint: config ? 'set it in the configuration' : 'write a configuration, and start Jaeger with --config',
      },
    ];
  });
  const flags = container.args.filter((arg) => FLAGS.test(arg));
  const [flag] = flags;
  if (flag === undefined) return variables;
  const message = `${flag.split('=')[0]} is a flag of Jaeger 1; Jaeger 2 refuses to start with it`;
  return [...variables, { at: container.argsAt, message, hint: 'write a configuration, and start Jaeger with --config' }];
}

function skywalkingFaults({ is, container, image }: Program): Fault[] {
  const storage = container?.env.get('SW_STORAGE');
  const tag = image?.tag ?? '';
  if (is !== 'skywalking' || storage?.value !== 'h2' || !/^v?\d/.test(tag) || isOlder(tag, '10.2.0')) return [];
  const message = `SkyWalking ${tag} has no storage h2, which is gone since 10.2`;
  return [{ at: storage.at, message, hint: 'set SW_STORAGE to banyandb, elasticsearch, postgresql or mysql' }];
}
