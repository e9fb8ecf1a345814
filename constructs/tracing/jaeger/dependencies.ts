import { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { type EnvValue, namespaceOf, repositories, UserError, versions } from '../../kit/index.ts';
import { podTemplate } from '../../kit/pod.ts';
import { type JavaTrustStore, javaTrust, loginEnv } from '../storage.ts';
import { type CassandraStorage, cassandraDefaults, type ElasticsearchStorage, type OpensearchStorage } from './storage.ts';

/**
 * The job that computes Jaeger's dependency graph from the day's spans (spark-dependencies): search databases and Cassandra cannot
 * compute it when asked, as memory and Badger do.
 */
export interface DependenciesJob {
  /** When it runs, in UTC; it looks at the UTC day of its start. @default '55 23 * * *', shortly before the day ends */
  readonly schedule?: string;
  /** The CAs that it trusts. Needed when the storage says `tls`. @default the public CAs */
  readonly trustStore?: JavaTrustStore;
  /** The image's tag without the storage's name. @default the catalog's */
  readonly version?: string;
  /** The image without tag. @default ghcr.io/jaegertracing/spark-dependencies/spark-dependencies */
  readonly image?: string;
  /** Kubernetes quantities; a day's spans are held in memory. @default 100m CPU, 512Mi memory requested, 2Gi limit */
  readonly resources?: { readonly cpu: string; readonly memory: string; readonly memoryLimit?: string };
}

type Storage = ElasticsearchStorage | OpensearchStorage | CassandraStorage;

/**
 * Makes the CronJob `jaeger-dependencies`, when the storage asks for it.
 *
 * @throws UserError when the schedule is not five fields, or the job could not trust the storage's certificates
 */
export function dependenciesJob(scope: Construct, storage: Storage): void {
  const job = storage.dependencies;
  if (!job) return;
  const where = scope.node.path;
  const { schedule = '55 23 * * *', version = versions.sparkDependencies, image = repositories.sparkDependencies } = job;
  if (!/^[\d*,/-]+( [\d*,/A-Za-z-]+){4}$/.test(schedule)) {
    throw new UserError(
      `schedule of the dependencies job of '${where}' is ${JSON.stringify(schedule)}: allowed are the five fields of cron, e.g. '55 23 * * *'`,
    );
  }
  if (storage.tls && !job.trustStore) {
    throw new UserError(
      `the dependencies job of '${where}' cannot trust the storage's certificates: a Java program reads no PEM. ` +
        `Give dependencies a trustStore, e.g. { file: { secret: 'storage-ca', key: 'ca.p12' }, password: { secret: 'storage-ca', key: 'password' } }`,
    );
  }
  const trust = javaTrust(job.trustStore);
  const name = 'jaeger-dependencies';
  const labels = { app: name, version, 'app.kubernetes.io/name': name, 'app.kubernetes.io/version': version };
  const metadata = { name, namespace: namespaceOf(scope), labels: { app: name } };
  new k8s.KubeServiceAccount(scope, 'dependencies-account', { metadata, automountServiceAccountToken: false });
  new k8s.KubeCronJob(scope, 'dependencies', {
    metadata,
    spec: {
      schedule,
      timeZone: 'Etc/UTC',
      concurrencyPolicy: 'Forbid',
      jobTemplate: {
        spec: {
          backoffLimit: 2,
          template: podTemplate(
            {
              image: `${image}:${version}-${variantOf(storage)}`,
              user: 185,
              // The entrypoint adds its user to /etc/passwd, which the root group may write: Spark does not start for a user without name.
              group: 0,
              rootFilesystem: 'writable',
              env: {
                ...connection(storage),
                ...trust.env,
                JAVA_OPTS: ['-XX:MaxRAMPercentage=75', ...(trust.java ?? [])].join(' '),
              },
              mounts: trust.mounts ?? [],
              resources: job.resources ?? { cpu: '100m', memory: '512Mi', memoryLimit: '2Gi' },
              sidecar: 'never',
            },
            { path: where, name, labels, serviceAccount: name, token: false, restartPolicy: 'Never' },
          ),
        },
      },
    },
  });
}

/** Each storage has an image of its own since 0.5.3. */
function variantOf(storage: Storage): string {
  return storage.type === 'elasticsearch' ? `elasticsearch${storage.dependencies?.elasticsearch ?? 8}` : storage.type;
}

/** The variables that spark-dependencies 0.7 reads. */
function connection(storage: Storage): Record<string, EnvValue> {
  if (storage.type === 'cassandra') {
    const { servers, keyspace = cassandraDefaults.keyspace, datacenter = cassandraDefaults.datacenter, login } = storage;
    return {
      CASSANDRA_CONTACT_POINTS: servers.map((s) => s.authority).join(','),
      CASSANDRA_KEYSPACE: keyspace,
      CASSANDRA_LOCAL_DC: datacenter,
      ...(servers[0].tls ? { CASSANDRA_USE_SSL: 'true' } : {}),
      ...loginEnv(login, 'CASSANDRA_USERNAME', 'CASSANDRA_PASSWORD'),
    };
  }
  const prefix = storage.type === 'elasticsearch' ? 'ES' : 'OS';
  const { servers, indexPrefix, login } = storage;
  return {
    [`${prefix}_NODES`]: servers.map((s) => s.url).join(','),
    // Behind a Service the nodes' own addresses are not to be used.
    [`${prefix}_NODES_WAN_ONLY`]: 'true',
    ...(indexPrefix === undefined ? {} : { [`${prefix}_INDEX_PREFIX`]: indexPrefix }),
    ...loginEnv(login, `${prefix}_USERNAME`, `${prefix}_PASSWORD`),
  };
}
