import { Construct } from 'constructs';
import {
  type DataSource,
  type DataSourceLinks,
  type Endpoint,
  type EnvValue,
  type GrafanaSource,
  type Page,
  repositories,
  type Scraped,
  type ScrapeJob,
  type TraceBackend,
  type TraceSink,
  versions,
  type Watched,
  Workload,
} from '../kit/index.ts';
import { traceLinks } from './data-source-links.ts';
import { refuse } from './sink.ts';
import {
  checkCount,
  checkStoreName,
  type JavaTrustStore,
  javaTrust,
  type Login,
  loginEnv,
  type PodNeeds,
  reachedByTls,
  type Servers,
} from './storage.ts';

/** Where Zipkin 3 keeps its spans. */
export type ZipkinStorage =
  | {
      /** In the pod's memory: for a lab. All spans go with the pod. */
      readonly type: 'memory';
      /**
       * How many spans are kept; the oldest traces go first. A proxy's span takes some kilobytes: raise the memory limit with it.
       * @default 100000, which fits the default limit of 1Gi
       */
      readonly maxSpans?: number;
    }
  | {
      /** In Elasticsearch 7 or 8, or OpenSearch, one index a day. Zipkin deletes none. */
      readonly type: 'elasticsearch';
      readonly servers: Servers<'http'>;
      /** @default nobody in particular */
      readonly login?: Login;
      /** The CAs that it trusts. Only with servers that are reached by TLS. @default the public CAs */
      readonly trustStore?: JavaTrustStore;
      /** The beginning of the indices' names. Lower case. @default 'zipkin' */
      readonly index?: string;
    }
  | {
      /** In Cassandra 3.11 or later. Zipkin creates the keyspace when it is not there; a span is kept for 7 days. */
      readonly type: 'cassandra';
      readonly servers: Servers<'cassandra'>;
      /** The data center that is asked. */
      readonly datacenter: string;
      /** @default 'zipkin2' */
      readonly keyspace?: string;
      /** @default nobody in particular */
      readonly login?: Login;
      /** The CAs that it trusts. Only with servers that are reached by TLS. @default the public CAs */
      readonly trustStore?: JavaTrustStore;
    };

/** Options of {@link Zipkin}. */
export interface ZipkinProps {
  /** @default { type: 'memory' } */
  readonly storage?: ZipkinStorage;
  /** The image's tag. @default the catalog's */
  readonly version?: string;
  /** The image without tag. @default docker.io/openzipkin/zipkin */
  readonly image?: string;
  /**
   * Kubernetes quantities. The heap is 70 % of the memory limit; without a limit it is the image's own, less than 200 MiB.
   * @default 10m CPU, 512Mi memory requested, 1Gi limit
   */
  readonly resources?: { readonly cpu: string; readonly memory: string; readonly memoryLimit?: string };
}

const port = 9411;
const spansPath = '/api/v2/spans';
const pagePath = '/zipkin/';

/**
 * Zipkin 3 in one pod.
 *
 * It takes Zipkin's own protocol only: proxies speak it (`via: 'zipkin'`), a collector exports to it; it takes no OTLP. Grafana reads it,
 * Kiali does not. Its Services carry the names that others look up: `zipkin` and `tracing`; so it cannot stand in one namespace with
 * a Jaeger. It gets no sidecar.
 */
export class Zipkin extends Construct implements TraceSink<'zipkin'>, TraceBackend, GrafanaSource, Scraped {
  readonly accepts = ['zipkin'] as const;
  readonly query: Endpoint<'http'>;
  readonly page: Page;
  /** The Deployment and its Services. */
  readonly workload: Workload;
  private readonly spans: Endpoint<'zipkin'>;

  /** @throws UserError when a number or a name of the storage is out of its range, or TLS is said for some of its servers only */
  constructor(scope: Construct, id: string, props: ZipkinProps = {}) {
    super(scope, id);
    const { storage = { type: 'memory' }, version = versions.zipkin, image = repositories.zipkin } = props;
    const resources = props.resources ?? { cpu: '10m', memory: '512Mi', memoryLimit: '1Gi' };
    const needs = storageNeeds(storage, this.node.path);
    // Set, the variable replaces the image's own heap, which no limit of the pod would raise.
    const java = [
      ...(resources.memoryLimit ? ['-XX:MaxRAMPercentage=70', '-XX:+ExitOnOutOfMemoryError'] : []),
      ...(needs.java ?? []),
    ];
    this.workload = new Workload(this, 'zipkin', {
      name: 'zipkin',
      version,
      image: `${image}:${version}`,
      user: 1000,
      env: { ...needs.env, ...(java.length > 0 ? { JAVA_OPTS: java.join(' ') } : {}) },
      ports: [{ name: 'http', port }],
      mounts: [{ at: '/tmp', scratch: 'disk' }, ...(needs.mounts ?? [])],
      // /health asks the storage too: a database that is away must not restart Zipkin, only keep requests from it.
      startup: { get: '/info', port, period: 5, failures: 60 },
      readiness: { get: '/health', port, period: 5 },
      liveness: { get: '/info', port },
      resources,
      service: [{ name: 'http-zipkin', port, appProtocol: 'http' }],
      sidecar: 'never',
      podAnnotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': `${port}`, 'prometheus.io/path': '/prometheus' },
    });
    const tracing = this.workload.addService('tracing', [
      { name: 'http-query', port: 80, targetPort: port, appProtocol: 'http' },
    ]);
    this.spans = this.workload.service.endpoint('http-zipkin', 'zipkin', spansPath);
    this.query = this.workload.service.endpoint('http-zipkin', 'http');
    this.page = { name: 'tracing', endpoint: tracing.endpoint('http-query', 'http'), path: pagePath, sidecar: 'never' };
  }

  /** A Zipkin that stands already, by the address of its server: spans, queries and the page all go there. */
  static fromExisting(server: Endpoint<'http'>): TraceSink<'zipkin'> & TraceBackend & GrafanaSource {
    const accepts = ['zipkin'] as const;
    const spans = server.as('zipkin', `${server.path}${spansPath}`);
    return {
      accepts,
      receiver: (protocol) => (protocol === 'zipkin' ? spans.as(protocol) : refuse(protocol, accepts, 'the existing zipkin')),
      query: server,
      page: { name: 'tracing', endpoint: server.as('http', ''), path: `${server.path}${pagePath}`, sidecar: 'never' },
      toDataSource: (links) => dataSource(server, links),
    };
  }

  receiver<Q extends 'zipkin'>(protocol: Q): Endpoint<Q> {
    return protocol === 'zipkin' ? this.spans.as(protocol) : refuse(protocol, this.accepts, `zipkin '${this.node.path}'`);
  }

  toDataSource(links?: DataSourceLinks): DataSource {
    return dataSource(this.query, links);
  }

  /** Its pods ask to be scraped by annotation. */
  get scrapeJobs(): readonly ScrapeJob[] {
    const { name, namespace, selector } = this.workload;
    return [{ by: 'pod-annotations', job: 'kubernetes-pods', pods: { name, namespace, labels: selector } }];
  }

  get watched(): readonly Watched[] {
    const { name, namespace } = this.workload;
    return [{ is: 'zipkin', name, namespace }];
  }
}

function dataSource(query: Endpoint<'http'>, links: DataSourceLinks | undefined): DataSource {
  return { name: 'Zipkin', uid: 'zipkin', type: 'zipkin', url: query.url, ...(links ? { jsonData: traceLinks(links) } : {}) };
}

/** The storage as Zipkin's environment says it (zipkin-server 3, zipkin-server-shared.yml). */
function storageNeeds(storage: ZipkinStorage, where: string): PodNeeds {
  switch (storage.type) {
    case 'memory':
      checkCount(storage.maxSpans, `maxSpans of '${where}'`);
      return { env: { STORAGE_TYPE: 'mem', MEM_MAX_SPANS: `${storage.maxSpans ?? 100_000}` } };
    case 'elasticsearch': {
      const { servers, index, login, trustStore } = storage;
      checkStoreName(index, `index of '${where}'`);
      reachedByTls(servers, trustStore && 'trustStore', where);
      return withTrust(trustStore, {
        STORAGE_TYPE: 'elasticsearch',
        ES_HOSTS: servers.map((s) => s.url).join(','),
        ...(index === undefined ? {} : { ES_INDEX: index }),
        ...loginEnv(login, 'ES_USERNAME', 'ES_PASSWORD'),
      });
    }
    case 'cassandra': {
      const { servers, datacenter, keyspace, login, trustStore } = storage;
      checkStoreName(keyspace, `keyspace of '${where}'`);
      checkStoreName(datacenter, `datacenter of '${where}'`);
      return withTrust(trustStore, {
        STORAGE_TYPE: 'cassandra3',
        CASSANDRA_CONTACT_POINTS: servers.map((s) => s.authority).join(','),
        CASSANDRA_LOCAL_DC: datacenter,
        ...(keyspace === undefined ? {} : { CASSANDRA_KEYSPACE: keyspace }),
        ...(reachedByTls(servers, trustStore && 'trustStore', where) ? { CASSANDRA_USE_SSL: 'true' } : {}),
        ...loginEnv(login, 'CASSANDRA_USERNAME', 'CASSANDRA_PASSWORD'),
      });
    }
  }
}

function withTrust(store: JavaTrustStore | undefined, env: Record<string, EnvValue>): PodNeeds {
  const trust = javaTrust(store);
  return { ...trust, env: { ...env, ...trust.env } };
}
