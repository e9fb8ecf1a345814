import { type Endpoint, type EnvValue, UserError, versions } from '../../kit/index.ts';
import {
  checkStoreName,
  type Disk,
  type JavaTrustStore,
  type Login,
  loginEnv,
  type PodNeeds,
  reachedByTls,
  type Servers,
  trustStoreMount,
  trustStorePath,
} from '../storage.ts';

/** Where SkyWalking keeps its traces and metrics. */
export type SkyWalkingStorage = SkyWalkingMemoryStorage | BanyandbStorage | PostgresqlStorage | SkyWalkingElasticsearchStorage;

/** In the pod's memory: for a lab. All goes with the pod. SkyWalking 9 can; since 10.2 it brings no such storage. */
export interface SkyWalkingMemoryStorage {
  readonly type: 'memory';
}

/** In BanyanDB, SkyWalking's own database: one server, made with it. */
export interface BanyandbStorage {
  readonly type: 'banyandb';
  /** @default an empty folder: all goes with the database's pod */
  readonly disk?: Disk;
  /** The tag of its image. Each SkyWalking starts with one version of its API only. @default the one of the catalog's SkyWalking */
  readonly version?: string;
}

/** In a PostgreSQL that stands already. SkyWalking creates the tables. */
export interface PostgresqlStorage {
  readonly type: 'postgresql';
  readonly server: Endpoint<'postgresql'>;
  /** It must exist. */
  readonly database: string;
  readonly login: Login;
}

/** In an Elasticsearch 7 or 8, or an OpenSearch, that stands already. SkyWalking creates and deletes the indices. */
export interface SkyWalkingElasticsearchStorage {
  readonly type: 'elasticsearch';
  /** Their HTTP API. */
  readonly servers: Servers<'http'>;
  /** @default nobody in particular */
  readonly login?: Login;
  /** Only with servers that are reached by TLS. @default the public CAs */
  readonly trustStore?: JavaTrustStore;
}

/**
 * What the OAP server is told of its storage (SkyWalking 9.7 and 10.4, application.yml; bydb.yml for BanyanDB).
 *
 * @param banyandb where BanyanDB listens, when it is the storage
 * @param days how long records are kept
 * @param where the construct to name in an error
 * @throws UserError when a name cannot be one, or TLS is said for some of the servers only
 */
export function storageNeeds(
  storage: SkyWalkingStorage,
  banyandb: Endpoint<'grpc'> | undefined,
  days: number,
  where: string,
): PodNeeds {
  const ttl = `${days}`;
  const kept = { SW_CORE_RECORD_DATA_TTL: ttl };
  switch (storage.type) {
    case 'memory':
      return { env: { SW_STORAGE: 'h2', ...kept } };
    case 'banyandb':
      return {
        env: {
          SW_STORAGE: 'banyandb',
          SW_STORAGE_BANYANDB_TARGETS: banyandb?.authority ?? '',
          // BanyanDB deletes by itself: each group has a time of its own, and the core's is not looked at.
          SW_STORAGE_BANYANDB_TRACE_TTL_DAYS: ttl,
          SW_STORAGE_BANYANDB_ZIPKIN_TRACE_TTL_DAYS: ttl,
          SW_STORAGE_BANYANDB_RECORDS_TTL_DAYS: ttl,
          SW_STORAGE_BANYANDB_LOG_TTL_DAYS: ttl,
        },
      };
    case 'postgresql':
      return { env: { ...postgresql(storage, where), ...kept } };
    case 'elasticsearch': {
      const { env, ...needs } = elasticsearch(storage, where);
      return { ...needs, env: { ...env, ...kept } };
    }
  }
}

function postgresql({ server, database, login }: PostgresqlStorage, where: string): Record<string, EnvValue> {
  checkStoreName(database, `database of '${where}'`);
  return {
    SW_STORAGE: 'postgresql',
    SW_JDBC_URL: `jdbc:postgresql://${server.authority}/${database}${server.tls ? '?sslmode=require' : ''}`,
    ...loginEnv(login, 'SW_DATA_SOURCE_USER', 'SW_DATA_SOURCE_PASSWORD'),
  };
}

function elasticsearch({ servers, login, trustStore }: SkyWalkingElasticsearchStorage, where: string): PodNeeds {
  const tls = reachedByTls(servers, trustStore && 'trustStore', where);
  return {
    env: {
      SW_STORAGE: 'elasticsearch',
      SW_STORAGE_ES_CLUSTER_NODES: servers.map((s) => s.authority).join(','),
      SW_STORAGE_ES_HTTP_PROTOCOL: tls ? 'https' : 'http',
      ...loginEnv(login, 'SW_ES_USER', 'SW_ES_PASSWORD'),
      ...(trustStore ? { SW_STORAGE_ES_SSL_JKS_PATH: trustStorePath, SW_STORAGE_ES_SSL_JKS_PASS: trustStore.password } : {}),
    },
    mounts: trustStore ? [trustStoreMount(trustStore)] : [],
  };
}

/** The images' tags: what is chosen when the user leaves a version out. */
export interface SkyWalkingVersions {
  /** Of the server and of the page. */
  readonly oap: string;
  readonly banyandb: string;
}

/**
 * The versions that fit together.
 *
 * @throws UserError when the version cannot have the storage, or has no page of its own
 */
export function chooseVersions(storage: SkyWalkingStorage, version: string | undefined, where: string): SkyWalkingVersions {
  const oap = version ?? (storage.type === 'memory' ? versions.skywalkingInMemory : versions.skywalking);
  const given = `version of '${where}' is ${JSON.stringify(oap)}`;
  if (isAtLeast(oap, 11, 0)) {
    throw new UserError(`${given}: allowed are 9 and 10, later ones come without the page that this construct runs`);
  }
  if (storage.type === 'memory' && isAtLeast(oap, 10, 2)) {
    throw new UserError(
      `${given}, and its storage is in memory: SkyWalking brings none since 10.2, use ${versions.skywalkingInMemory} or another storage`,
    );
  }
  const banyandb = storage.type === 'banyandb' ? storage.version : undefined;
  if (storage.type === 'banyandb' && !banyandb && minorOf(oap) !== minorOf(versions.skywalking)) {
    throw new UserError(
      `${given}: say the version of its BanyanDB too, in the storage; it stands in /skywalking/config/bydb.dependencies.properties of its image`,
    );
  }
  return { oap, banyandb: banyandb ?? versions.banyandb };
}

/** Whether a tag is of that version or a later one; a tag that does not begin with a version is not. */
export function isAtLeast(tag: string, major: number, minor: number): boolean {
  const [, a, b] = /^v?(\d+)\.(\d+)/.exec(tag) ?? [];
  return Number(a) > major || (Number(a) === major && Number(b) >= minor);
}

function minorOf(tag: string): string | undefined {
  return /^v?(\d+\.\d+)/.exec(tag)?.[1];
}
