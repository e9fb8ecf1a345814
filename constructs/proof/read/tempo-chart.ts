import { isOlder } from '../../kit/collector-components.ts';
import { isObject, type Json, type JsonObject } from '../../kit/json.ts';
import { at, fields, items, text } from '../json-path.ts';
import { type Path, type ProofObject, spotOf } from '../types.ts';
import type { ChartRelease } from './charts.ts';
import type { Config } from './config.ts';

const on = (port: number): JsonObject => ({ endpoint: `0.0.0.0:${port}` });
// Chart tempo 1.22 to 3, values.yaml: what it takes besides what it is told.
const RECEIVERS: JsonObject = {
  jaeger: {
    protocols: { grpc: on(14250), thrift_binary: on(6832), thrift_compact: on(6831), thrift_http: on(14268) },
  },
  otlp: { protocols: { grpc: on(4317), http: on(4318) } },
};
const STORAGE: JsonObject = {
  trace: { backend: 'local', local: { path: '/var/tempo/traces' }, wal: { path: '/var/tempo/wal' } },
};
const WRITES_TO = 'http://prometheus.monitoring:9090/api/v1/write';

/** Whether a release is one of Grafana's Tempo in one process, in a version that is stated and known here: from 1.22 on, where its port is 3200. */
export function isKnownTempo({ chart, version }: ChartRelease): boolean {
  return chart === 'tempo' && version !== undefined && /^v?\d+\.\d+\.\d+/.test(version) && !isOlder(version, '1.22.0');
}

/** The configuration that the chart writes of its values; undefined where it is told another template. */
export function tempoConfig(release: ChartRelease): Config | undefined {
  const { object, partial } = release;
  const values = fields(object.json, 'spec', 'values');
  if (!isKnownTempo(release) || values.config !== undefined) return undefined;
  const tempo = fields(values, 'tempo');
  const tenants = Object.keys(fields(tempo, 'per_tenant_overrides')).length > 0;
  const value: JsonObject = {
    distributor: { receivers: merged(RECEIVERS, tempo.receivers) },
    server: merged({ http_listen_port: 3200 }, tempo.server),
    storage: merged(STORAGE, tempo.storage),
    overrides: { ...fields(tempo, 'overrides'), ...(tenants ? { per_tenant_override_config: '/conf/overrides.yaml' } : {}) },
    ...(at(tempo, 'metricsGenerator', 'enabled') === true
      ? { metrics_generator: generator(fields(tempo, 'metricsGenerator')) }
      : {}),
    // The same in Tempo 2 and 3 but for its name.
    compactor: { compaction: { block_retention: tempo.retention ?? '24h' } },
  };
  return { kind: 'tempo', object, value, verbatim: false, partial, spot: (path) => spotOf(object, place(path, object)) };
}

function generator(told: JsonObject): JsonObject {
  const writes = items(told, 'storage', 'remote_write');
  return {
    ...(told.processor === undefined ? {} : { processor: told.processor }),
    storage: {
      ...fields(told, 'storage'),
      remote_write: writes.length > 0 ? [...writes] : [{ url: text(told, 'remoteWriteUrl') ?? WRITES_TO }],
    },
  };
}

/** Where the values say what stands at a place of the configuration. */
function place(path: Path, { json }: ProofObject): Path {
  const values = ['spec', 'values', 'tempo'];
  const [first, ...rest] = path;
  switch (first) {
    case undefined:
      return values;
    case 'distributor':
      return [...values, ...rest];
    case 'compactor':
      return [...values, 'retention'];
    case 'metrics_generator': {
      const own = items(json, ...values, 'metricsGenerator', 'storage', 'remote_write').length > 0;
      return [...values, 'metricsGenerator', ...(rest[1] === 'remote_write' && !own ? ['remoteWriteUrl'] : rest)];
    }
    default:
      return [...values, ...path];
  }
}

/** As Helm lays values over a chart's own: key by key, and null takes a key away. */
function merged(base: JsonObject, over: Json | undefined): JsonObject {
  if (!isObject(over)) return base;
  const all: Record<string, Json> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const under = all[key];
    if (value === null) delete all[key];
    else all[key] = isObject(value) && isObject(under) ? merged(under, value) : value;
  }
  return all;
}
