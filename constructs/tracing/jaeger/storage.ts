import type { Trust } from '../../kit/index.ts';
import type { Login, Servers } from '../storage.ts';
import type { DependenciesJob } from './dependencies.ts';

/** Where Jaeger 2 keeps its traces. */
export type JaegerStorage =
  | MemoryStorage
  | BadgerStorage
  | ElasticsearchStorage
  | OpensearchStorage
  | CassandraStorage
  | ClickhouseStorage;

/** In the pod's memory: for a lab. All traces go with the pod. Jaeger computes the dependency graph when asked for it. */
export interface MemoryStorage {
  readonly type: 'memory';
  /**
   * How many traces are kept; the oldest go first. Measured with Jaeger 2: about 36 KiB for a trace of eight spans, so raise the
   * memory limit with it.
   *
   * @default 10000, which fits the default limit of 1Gi
   */
  readonly maxTraces?: number;
}

/** On a disk of its own, which one pod can hold. Jaeger computes the dependency graph when asked for it. */
export interface BadgerStorage {
  readonly type: 'badger';
  /** The disk's size, a Kubernetes quantity. @default '10Gi' */
  readonly size?: string;
  /** @default the cluster's default storage class */
  readonly storageClass?: string;
  /** How long a trace is kept: hours, days or weeks, '36h', '7d', '2w'. @default '3d' */
  readonly retention?: string;
}

/** What Elasticsearch and OpenSearch have in common. */
interface SearchStorage {
  /** Their HTTP API. */
  readonly servers: Servers<'http'>;
  /** @default nobody in particular */
  readonly login?: Login;
  /** Only with servers that are reached by TLS. @default the public CAs */
  readonly tls?: Trust;
  /** Put before the names of the indices: 'prod' makes `prod-jaeger-span-2026-08-01`. Lower case. @default none */
  readonly indexPrefix?: string;
}

/** In Elasticsearch 7.17, 8 or 9, one index a day. Jaeger deletes none: give them an index lifecycle policy. */
export interface ElasticsearchStorage extends SearchStorage {
  readonly type: 'elasticsearch';
  /** The job that computes the dependency graph. @default none: Jaeger's page "System Architecture" stays empty */
  readonly dependencies?: DependenciesJob & {
    /** The server's major version: each has an image of its own; 8 is for 7.17 too. @default 8 */
    readonly elasticsearch?: 7 | 8 | 9;
  };
}

/** In OpenSearch 2 or 3, one index a day. Jaeger deletes none: give them an index state management policy. */
export interface OpensearchStorage extends SearchStorage {
  readonly type: 'opensearch';
  /** The job that computes the dependency graph. @default none: Jaeger's page "System Architecture" stays empty */
  readonly dependencies?: DependenciesJob;
}

/** In Cassandra 4 or later. Jaeger creates the keyspace and its tables when they are not there. */
export interface CassandraStorage {
  readonly type: 'cassandra';
  readonly servers: Servers<'cassandra'>;
  /** @default 'jaeger_v1_dc1' */
  readonly keyspace?: string;
  /** The data center that is asked, and that a new keyspace is replicated in. @default 'dc1' */
  readonly datacenter?: string;
  /** How many copies of each row a new keyspace has. @default 1 */
  readonly copies?: number;
  /** How long a trace is kept in a new keyspace: '36h', '7d', '2w'. @default '2d' */
  readonly retention?: string;
  /** @default nobody in particular */
  readonly login?: Login;
  /** Only with servers that are reached by TLS. @default the public CAs */
  readonly tls?: Trust;
  /** The job that computes the dependency graph. @default none: Jaeger's page "System Architecture" stays empty */
  readonly dependencies?: DependenciesJob;
}

/**
 * In ClickHouse 25 or later, by its native protocol, without TLS. Jaeger creates the tables, in a database that must be there. It needs
 * Jaeger 2.18, is an experiment until 2.21, keeps traces for ever, and has no job for the dependency graph.
 */
export interface ClickhouseStorage {
  readonly type: 'clickhouse';
  readonly servers: Servers<'clickhouse'>;
  /** @default 'jaeger' */
  readonly database?: string;
  /** @default nobody in particular */
  readonly login?: Login;
}

/** What a Cassandra storage says when it is not told otherwise. */
export const cassandraDefaults = { keyspace: 'jaeger_v1_dc1', datacenter: 'dc1' };
