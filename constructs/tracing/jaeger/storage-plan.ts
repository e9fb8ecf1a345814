import { type JsonObject, type Mount, type SecretKey, type Trust, UserError } from '../../kit/index.ts';
import {
  checkCount,
  checkStoreName,
  hoursOf,
  type Login,
  loginEnv,
  type PodNeeds,
  reachedByTls,
  type Servers,
} from '../storage.ts';
import {
  type BadgerStorage,
  type CassandraStorage,
  type ClickhouseStorage,
  cassandraDefaults,
  type ElasticsearchStorage,
  type JaegerStorage,
  type OpensearchStorage,
} from './storage.ts';

/** A storage as Jaeger's configuration and its pod need it. */
export interface StoragePlan extends PodNeeds {
  /** What stands below `jaeger_storage.backends.NAME` (Jaeger 2.20). */
  readonly backend: JsonObject;
  /** Feature gates to open on the command line. */
  readonly featureGates?: readonly string[];
}

/**
 * @param where the construct to name in an error
 * @param version Jaeger's, as the image's tag says it
 * @throws UserError when a name, number or duration is out of its range, or TLS is set for servers that are not reached by it
 */
export function planStorage(storage: JaegerStorage, where: string, version: string): StoragePlan {
  switch (storage.type) {
    case 'memory':
      checkCount(storage.maxTraces, `maxTraces of '${where}'`);
      return { backend: { memory: { max_traces: storage.maxTraces ?? 10_000 } } };
    case 'badger':
      return badger(storage, where);
    case 'elasticsearch':
    case 'opensearch':
      return search(storage, where);
    case 'cassandra':
      return cassandra(storage, where);
    case 'clickhouse':
      return clickhouse(storage, where, version);
  }
}

function badger({ size = '10Gi', storageClass, retention = '3d' }: BadgerStorage, where: string): StoragePlan {
  const at = '/badger';
  return {
    backend: {
      badger: {
        // Jaeger's default is a temporary folder.
        ephemeral: false,
        directories: { keys: `${at}/keys`, values: `${at}/values` },
        ttl: { spans: `${hoursOf(retention, `retention of '${where}'`)}h` },
      },
    },
    mounts: [{ at, claim: { name: 'jaeger', size, ...(storageClass === undefined ? {} : { storageClass }) } }],
  };
}

function search(storage: ElasticsearchStorage | OpensearchStorage, where: string): StoragePlan {
  const { type, servers, login, tls, indexPrefix } = storage;
  checkStoreName(indexPrefix, `indexPrefix of '${where}'`);
  if (indexPrefix && indexPrefix !== indexPrefix.toLowerCase()) {
    throw new UserError(`indexPrefix of '${where}' is ${JSON.stringify(indexPrefix)}: names of indices are lower case`);
  }
  const secured = trust(servers, tls, where);
  return {
    backend: {
      [type]: {
        server_urls: servers.map((s) => s.url),
        ...basicAuth(login),
        ...(secured ? { tls: secured.settings } : {}),
        ...(indexPrefix === undefined ? {} : { indices: { index_prefix: indexPrefix } }),
      },
    },
    ...storageLogin(login),
    mounts: secured?.mounts ?? [],
  };
}

function cassandra(storage: CassandraStorage, where: string): StoragePlan {
  const { servers, keyspace = cassandraDefaults.keyspace, datacenter = cassandraDefaults.datacenter, login, tls } = storage;
  const { copies = 1, retention = '2d' } = storage;
  checkStoreName(keyspace, `keyspace of '${where}'`);
  checkStoreName(datacenter, `datacenter of '${where}'`);
  checkCount(copies, `copies of '${where}'`);
  const secured = trust(servers, tls, where);
  return {
    backend: {
      cassandra: {
        schema: {
          create: true,
          keyspace,
          datacenter,
          replication_factor: copies,
          trace_ttl: `${hoursOf(retention, `retention of '${where}'`)}h`,
        },
        connection: {
          servers: servers.map((s) => s.authority),
          local_dc: datacenter,
          ...basicAuth(login),
          // Jaeger speaks TLS unless told otherwise.
          tls: secured?.settings ?? { insecure: !servers[0].tls },
        },
      },
    },
    ...storageLogin(login),
    mounts: secured?.mounts ?? [],
  };
}

function clickhouse({ servers, database = 'jaeger', login }: ClickhouseStorage, where: string, version: string): StoragePlan {
  checkStoreName(database, `database of '${where}'`);
  if (servers.some((s) => s.tls)) {
    throw new UserError(`servers of '${where}': Jaeger ${version} speaks no TLS to ClickHouse, leave out tls in the endpoint`);
  }
  return {
    backend: { clickhouse: { addresses: servers.map((s) => s.authority), database, ...basicAuth(login), create_schema: true } },
    ...storageLogin(login),
    // Jaeger 2.18 to 2.20 refuse ClickHouse without this gate; later ones know no such gate, and one that is unknown stops them.
    ...(/^2\.(18|19|20)\./.test(version) ? { featureGates: ['storage.clickhouse'] } : {}),
  };
}

function basicAuth(login: Login | undefined): JsonObject {
  return login ? { auth: { basic: { username: fromEnv(loginVariables[0]), password: fromEnv(loginVariables[1]) } } } : {};
}

/**
 * How a collector's configuration takes a text from the environment. A variable that stands alone is read as YAML, and Jaeger refuses a
 * password of digits as a number, or takes one that begins with '#' for none (tried with 1.76); beside another one, an empty one,
 * it stays a text.
 */
function fromEnv(variable: string): string {
  return `\${env:${variable}}\${env:EMPTY:-}`;
}

function storageLogin(login: Login | undefined): PodNeeds {
  return login ? { env: loginEnv(login, ...loginVariables) } : {};
}

const loginVariables = ['STORAGE_USERNAME', 'STORAGE_PASSWORD'] as const;

/** The collector's client TLS settings (configtls), with the CA's mount. */
function trust(
  servers: Servers<string>,
  tls: Trust | undefined,
  where: string,
): { readonly settings: JsonObject; readonly mounts: readonly Mount[] } | undefined {
  reachedByTls(servers, tls && 'tls', where);
  if (!tls) return undefined;
  if (!('ca' in tls)) return { settings: { insecure_skip_verify: true }, mounts: [] };
  return { settings: { ca_file: `${caFolder}/ca.crt` }, mounts: [caMount(tls.ca)] };
}

const caFolder = '/etc/storage-ca';

function caMount({ secret, key }: SecretKey): Mount {
  return { at: caFolder, secret, key, as: 'ca.crt' };
}
