import {
  type Endpoint,
  type JsonObject,
  type MadeFromSpans,
  type RemoteWriteReceiver,
  type SecretKey,
  UserError,
} from '../../kit/index.ts';
import type { Disk } from '../storage.ts';

/** Where Tempo keeps its traces. */
export type TempoStorage = LocalStorage | S3Storage;

/** In the pod's file system. */
export interface LocalStorage {
  readonly type: 'local';
  /** @default an empty folder, for a lab: the traces go with the pod */
  readonly disk?: Disk;
}

/** In an object store that speaks S3. */
export interface S3Storage {
  readonly type: 's3';
  /** Reached by TLS or not, as the endpoint says: `Endpoint.external({ protocol: 's3', host, port: 443, tls: true })`. */
  readonly server: Endpoint<'s3'>;
  /** It must exist: Tempo makes none. Lower-case letters, digits, '.' and '-'. */
  readonly bucket: string;
  /** @default the store's own */
  readonly region?: string;
  /** Keys of an existing Secret in Tempo's namespace. */
  readonly accessKey: SecretKey;
  readonly secretKey: SecretKey;
  /** For what is not yet in the bucket, the last minutes. @default an empty folder: they go with the pod */
  readonly disk?: Disk;
}

/** What Tempo can make of spans: the edges between services, and rate, errors and duration of each operation. */
export type TempoProcessor = 'service-graphs' | 'span-metrics';

/** Metrics made from spans, written to a store of metrics. */
export interface TempoMetricsGenerator {
  /** Who takes them. Its receiver is switched on. */
  readonly to: RemoteWriteReceiver;
  /** @default both */
  readonly processors?: readonly [TempoProcessor, ...TempoProcessor[]];
}

export const tempoPorts = {
  http: 3200,
  grpc: 9095,
  otlpGrpc: 4317,
  otlpHttp: 4318,
  zipkin: 9411,
  jaegerGrpc: 14250,
  jaegerThriftHttp: 14268,
};

/** Everything that Tempo writes lies below: also what it does not let one configure (live-store, scheduler). */
export const tempoData = '/var/tempo';

/** What a Tempo is told. */
export interface TempoSettings {
  /** 2 or 3: the ways to say how long traces are kept differ, and Tempo refuses keys that it does not know. */
  readonly major: 2 | 3;
  readonly storage: TempoStorage;
  /** How long blocks are kept, as Go spells durations, which know no days: '168h'. */
  readonly blockRetention: string;
  readonly generator: TempoMetricsGenerator | undefined;
}

/** Tempo's configuration as one process, `target: all` (Tempo 2.10 and 3.0, docs: configuration, and upgrade to 3.0 for what went). */
export function tempoConfig({ major, storage, blockRetention, generator }: TempoSettings): JsonObject {
  return {
    target: 'all',
    server: { http_listen_port: tempoPorts.http, grpc_listen_port: tempoPorts.grpc },
    distributor: { receivers: tempoReceivers },
    storage: tempoStorage(storage),
    ...(major === 2 ? compactor(blockRetention) : backendWorkers(blockRetention)),
    ...(generator ? metricsGenerator(generator) : {}),
    usage_report: { reporting_enabled: false },
  };
}

// Without a host the receivers listen on localhost only (since Tempo 2.7), and every span is lost.
const at = (port: number) => ({ endpoint: `0.0.0.0:${port}` });

/** @internal */
export const tempoReceivers: JsonObject = {
  otlp: { protocols: { grpc: at(tempoPorts.otlpGrpc), http: at(tempoPorts.otlpHttp) } },
  jaeger: { protocols: { grpc: at(tempoPorts.jaegerGrpc), thrift_http: at(tempoPorts.jaegerThriftHttp) } },
  zipkin: at(tempoPorts.zipkin),
};

/**
 * Docs: configuration, storage. The keys of an object store are left out here: Tempo takes them from the environment as they are, while
 * a variable in this file would be read as YAML, and a key may hold what YAML gives a meaning.
 *
 * @internal
 */
export function tempoStorage(storage: TempoStorage): JsonObject {
  return { trace: { ...backend(storage), wal: { path: `${tempoData}/wal` } } };
}

function backend(storage: TempoStorage): JsonObject {
  if (storage.type === 'local') return { backend: 'local', local: { path: `${tempoData}/traces` } };
  const { server, bucket, region } = storage;
  return {
    backend: 's3',
    s3: {
      endpoint: server.authority,
      bucket,
      ...(region === undefined ? {} : { region }),
      insecure: !server.tls,
    },
  };
}

/** The keys of an object store, for Tempo's environment (docs: configuration/hosted-storage/s3). @internal */
export function storageKeys(storage: TempoStorage): Readonly<Record<string, SecretKey>> {
  if (storage.type === 'local') return {};
  return { AWS_ACCESS_KEY_ID: storage.accessKey, AWS_SECRET_ACCESS_KEY: storage.secretKey };
}

/** Tempo 2.10. Gone in 3.0: "field compactor not found in type app.Config". */
function compactor(block_retention: string): JsonObject {
  return { compactor: { compaction: { block_retention } } };
}

/** Tempo 3.0, docs: configuration, backend scheduler and backend worker. Both read it; each keeps 336h unless it is told. */
function backendWorkers(block_retention: string): JsonObject {
  return {
    backend_scheduler: { provider: { compaction: { compaction: { block_retention } } } },
    backend_worker: { compaction: { block_retention } },
  };
}

/** Docs: configuration, metrics-generator and overrides. It runs only for those whose overrides name a processor. @internal */
export function metricsGenerator({ to, processors = ['service-graphs', 'span-metrics'] }: TempoMetricsGenerator) {
  return {
    metrics_generator: {
      storage: { path: `${tempoData}/generator/wal`, remote_write: [{ url: to.acceptRemoteWrite().url, send_exemplars: true }] },
    },
    overrides: { defaults: { metrics_generator: { processors: [...processors] } } },
  };
}

/**
 * @throws UserError when no bucket can be called so
 * @internal
 */
export function checkStorage(storage: TempoStorage, path: string): void {
  // What every S3 store takes (Amazon S3, bucket naming rules).
  if (storage.type === 's3' && !/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(storage.bucket)) {
    throw new UserError(
      `bucket of '${path}' is ${JSON.stringify(storage.bucket)}: allowed are 3 to 63 lower-case letters, digits, '.' and '-', beginning and ending with a letter or digit`,
    );
  }
}

/** What a generator makes from spans, for dashboards. @internal */
export function madeBy(generator: TempoMetricsGenerator | undefined): { readonly makes?: readonly MadeFromSpans[] } {
  if (!generator) return {};
  const { processors = ['service-graphs', 'span-metrics'] } = generator;
  return { makes: processors.map((processor) => (processor === 'service-graphs' ? 'service-graph' : processor)) };
}
