/**
 * What a released collector holds: every component by its name, and which of the released images has it. Data and look-ups only: the
 * Collector picks its image by it, and the proof tells an absent component from one of somebody's own build.
 *
 * Sources: the manifests of the releases repository (`distributions/otelcol*`), the reports by distribution of the contrib repository
 * (2026), the releases' change log.
 */

/** What a part of the configuration is: the section it stands in. */
export type ComponentKind = 'receiver' | 'processor' | 'exporter' | 'connector' | 'extension';

/** The released images, the smallest first. */
export const distributions = ['core', 'k8s', 'contrib'] as const;
export type Distribution = (typeof distributions)[number];

/** A component by its section and its type: the part of its id before the first '/'. */
export interface ComponentName {
  readonly kind: ComponentKind;
  readonly type: string;
}

/** What is known of a component. */
export interface CollectorComponent extends ComponentName {
  /** Its older name, which still loads in 0.159 with a warning. */
  readonly alias: string | undefined;
  /** The images that hold it, or held it before it was removed. */
  readonly distributions: readonly Distribution[];
  /** The first release without it, and what does its work today. */
  readonly removed: Removal | undefined;
}

/** When a component went, and what does its work today. */
export interface Removal {
  /** The first release without it: '0.111.0'. */
  readonly in: string;
  /** For a sentence `use ...`. */
  readonly instead: string;
}

/** The release of this catalogue. */
export const catalogueVersion = '0.159.0';

/** No release before this one knows a renamed component by its new name (the renaming began in January 2026). */
export const renamingBegan = '0.144.0';

type Held = 'everywhere' | 'core and contrib' | 'k8s and contrib' | 'contrib';

const heldBy: { readonly [H in Held]: readonly Distribution[] } = {
  everywhere: ['core', 'k8s', 'contrib'],
  'core and contrib': ['core', 'contrib'],
  'k8s and contrib': ['k8s', 'contrib'],
  contrib: ['contrib'],
};

const components: { readonly [K in ComponentKind]: { readonly [H in Held]: string } } = {
  receiver: {
    everywhere: 'host_metrics jaeger otlp prometheus zipkin',
    'core and contrib': 'kafka nop',
    'k8s and contrib':
      'file_log fluent_forward http_check journald k8s_cluster k8s_events k8s_objects kubelet_stats otelarrow receiver_creator',
    contrib: `
      active_directory_ds active_directory_inv aerospike apache apache_spark aws_cloudwatch aws_lambda awscontainerinsightreceiver
      awsecscontainermetrics awsfirehose awss3 awsxray azure_blob azure_event_hub azure_monitor carbon chrony cisco_os cloud_foundry
      cloudflare collectd couchdb datadog docker_stats elasticsearch envoy_als expvar faro file_stats flink_metrics github gitlab
      google_cloud_spanner googlecloudmonitoring googlecloudpubsub haproxy iis influxdb jmx kafka_metrics libhoney loki
      macos_unified_logging memcached mongodb mongodb_atlas mysql named_pipe netflow nginx nsxt ntp oracledb otlp_json_file podman_stats
      postgresql pprof prometheus_remote_write prometheus_simple pulsar purefa purefb rabbitmq redis riak saphana signalfx skywalking
      snmp snowflake solace splunk_enterprise splunk_hec sqlquery sqlserver ssh_check statsd stef syslog systemd tcp_check tcp_log
      tls_check udp_log vcenter wavefront webhook_event windows_event_log windows_service windowsperfcounters yang_grpc zookeeper`,
  },
  processor: {
    everywhere: 'attributes batch filter memory_limiter probabilistic_sampler resource',
    'core and contrib': 'span',
    'k8s and contrib': `
      cumulativetodelta deltatocumulative deltatorate groupbyattrs groupbytrace interval k8s_attributes log_dedup metrics_transform
      redaction remotetap resource_detection tail_sampling transform`,
    contrib: `
      cardinality_guardian coralogix drain gen_ai_normalizer geoip isolationforest metric_start_time metricsgeneration schema spanpruning
      sumologic unroll`,
  },
  exporter: {
    everywhere: 'debug file nop otlp_grpc otlp_http',
    'core and contrib': 'kafka prometheus prometheus_remote_write zipkin',
    'k8s and contrib': 'load_balancing otelarrow',
    contrib: `
      alibabacloud_logservice awscloudwatchlogs awsemf awskinesis awss3 awsxray azure_blob azuredataexplorer azuremonitor bmc_helix
      cassandra clickhouse coralogix datadog dataset doris elasticsearch faro google_cloud_storage googlecloud googlecloudpubsub
      googlemanagedprometheus honeycomb_marker influxdb logicmonitor logzio mezmo opensearch pulsar rabbitmq sentry signalfx splunk_hec
      stef sumologic syslog tencentcloud_logservice tinybird`,
  },
  connector: {
    everywhere: 'forward',
    'core and contrib': '',
    'k8s and contrib': 'count exceptions failover otlp_json round_robin routing service_graph span_metrics',
    contrib: 'datadog grafanacloud signal_to_metrics sum',
  },
  extension: {
    everywhere: 'health_check pprof zpages',
    'core and contrib': '',
    'k8s and contrib': `
      ack basicauth bearertokenauth cgroup_runtime file_storage headers_setter host_observer http_forwarder k8s_leader_elector
      k8s_observer oauth2client oidc opamp`,
    contrib: `
      asapclient aws_logs_encoding awscloudwatchmetricstreams_encoding awsproxy azure_auth azure_encoding datadog db_storage
      docker_observer ecs_observer google_cloud_logentry_encoding googleclientauth jaeger_encoding jaegerremotesampling
      json_log_encoding kafkatopics_observer otlp_encoding pebble_tail_storage redis_storage sigv4auth skywalking_encoding sumologic
      text_encoding zipkin_encoding`,
  },
};

/** Renamed in 2026 to words with '_' between them; the older name is the same without '_', but for the OTLP gRPC exporter's. */
const renamed: { readonly [K in ComponentKind]: string } = {
  receiver: `
    apache_spark aws_cloudwatch azure_blob azure_event_hub azure_monitor cloud_foundry envoy_als file_log file_stats flink_metrics
    fluent_forward google_cloud_spanner host_metrics http_check k8s_objects kafka_metrics kubelet_stats mongodb_atlas named_pipe
    otlp_json_file prometheus_remote_write splunk_enterprise ssh_check tcp_check tcp_log tls_check udp_log webhook_event
    windows_event_log windows_service`,
  processor: 'k8s_attributes log_dedup metric_start_time metrics_transform resource_detection',
  exporter: 'azure_blob bmc_helix honeycomb_marker load_balancing otlp_grpc otlp_http prometheus_remote_write',
  connector: 'otlp_json round_robin service_graph signal_to_metrics span_metrics',
  extension: 'azure_auth cgroup_runtime',
};

const oddAliases: Readonly<Record<string, string>> = { 'exporter otlp_grpc': 'otlp' };

const removed: readonly (ComponentName & { readonly held: Held; readonly removed: Removal })[] = [
  { kind: 'exporter', type: 'logging', held: 'everywhere', removed: { in: '0.111.0', instead: 'the debug exporter' } },
  {
    kind: 'exporter',
    type: 'jaeger',
    held: 'core and contrib',
    removed: { in: '0.86.0', instead: 'the otlp_grpc exporter: Jaeger takes OTLP at port 4317' },
  },
  {
    kind: 'exporter',
    type: 'jaeger_thrift',
    held: 'contrib',
    removed: { in: '0.86.0', instead: 'the otlp_http exporter: Jaeger takes OTLP at port 4318' },
  },
  {
    kind: 'exporter',
    type: 'loki',
    held: 'contrib',
    removed: { in: '0.131.0', instead: "the otlp_http exporter with Loki's path /otlp" },
  },
  {
    kind: 'exporter',
    type: 'opencensus',
    held: 'core and contrib',
    removed: { in: '0.132.0', instead: 'the otlp_grpc exporter' },
  },
  { kind: 'receiver', type: 'opencensus', held: 'everywhere', removed: { in: '0.132.0', instead: 'the otlp receiver' } },
  { kind: 'receiver', type: 'sapm', held: 'contrib', removed: { in: '0.133.0', instead: 'the otlp receiver' } },
  { kind: 'processor', type: 'spanmetrics', held: 'contrib', removed: { in: '0.96.0', instead: 'the span_metrics connector' } },
  { kind: 'processor', type: 'servicegraph', held: 'contrib', removed: { in: '0.94.0', instead: 'the service_graph connector' } },
  { kind: 'processor', type: 'routing', held: 'contrib', removed: { in: '0.120.1', instead: 'the routing connector' } },
  {
    kind: 'extension',
    type: 'memory_ballast',
    held: 'core and contrib',
    removed: { in: '0.108.0', instead: 'the memory_limiter processor and the environment variable GOMEMLIMIT' },
  },
  {
    kind: 'extension',
    type: 'ecs_task_observer',
    held: 'contrib',
    removed: { in: '0.138.0', instead: 'the ecs_observer extension' },
  },
];

const byName = new Map<string, CollectorComponent>(catalogue().flatMap((c) => names(c).map((type) => [`${c.kind} ${type}`, c])));

/** A component by its section and its type, new or old spelling; undefined when no release ever held one of that name. */
export function component(kind: ComponentKind, type: string): CollectorComponent | undefined {
  return byName.get(`${kind} ${type}`);
}

/** The types of a section, removed ones left out, for suggestions. */
export function typesOf(kind: ComponentKind): string[] {
  return Object.values(components[kind]).flatMap(words);
}

/** The released images that hold every one of the components, the smallest first; none when one of them is unknown or removed. */
export function distributionsWith(used: readonly ComponentName[], version: string = catalogueVersion): Distribution[] {
  return distributions.filter((d) => missingFrom(d, used, version).length === 0);
}

/** Those of the components that a released image does not hold. */
export function missingFrom(
  distribution: Distribution,
  used: readonly ComponentName[],
  version: string = catalogueVersion,
): ComponentName[] {
  return used.filter(({ kind, type }) => {
    const held = component(kind, type)?.distributions.includes(distribution) ?? false;
    return !held || removedIn(kind, type, version) !== undefined;
  });
}

/**
 * What became of a component that a release holds no more; undefined when that release still has it, or it is unknown.
 *
 * @param version the release: '0.159.0'
 */
export function removedIn(kind: ComponentKind, type: string, version: string = catalogueVersion): Removal | undefined {
  const gone = component(kind, type)?.removed;
  return gone && !isOlder(version, gone.in) ? gone : undefined;
}

/** How a release spells a component's type: the older name before the release of this catalogue, in which both load. */
export function spelling(kind: ComponentKind, type: string, version: string = catalogueVersion): string {
  const found = component(kind, type);
  if (!found) return type;
  return isOlder(version, catalogueVersion) ? (found.alias ?? found.type) : found.type;
}

/** Whether a release comes before another, by the numbers of their versions; a version without numbers is the newest. */
export function isOlder(version: string, than: string): boolean {
  const a = numbers(version);
  const b = numbers(than);
  const at = b.findIndex((n, i) => n !== (a[i] ?? 0));
  return a.length > 0 && at >= 0 && (a[at] ?? 0) < (b[at] ?? 0);
}

function numbers(version: string): number[] {
  const [found = ''] = /^\d+(\.\d+)*/.exec(version.replace(/^v/, '')) ?? [];
  return found === '' ? [] : found.split('.').map(Number);
}

function catalogue(): CollectorComponent[] {
  const kinds: readonly ComponentKind[] = ['receiver', 'processor', 'exporter', 'connector', 'extension'];
  const helds: readonly Held[] = ['everywhere', 'core and contrib', 'k8s and contrib', 'contrib'];
  const current = kinds.flatMap((kind) =>
    helds.flatMap((held) =>
      words(components[kind][held]).map((type) => ({
        kind,
        type,
        alias: aliasOf(kind, type),
        distributions: heldBy[held],
        removed: undefined,
      })),
    ),
  );
  return [...removed.map(({ held, ...c }) => ({ ...c, alias: undefined, distributions: heldBy[held] })), ...current];
}

function aliasOf(kind: ComponentKind, type: string): string | undefined {
  if (!words(renamed[kind]).includes(type)) return undefined;
  return oddAliases[`${kind} ${type}`] ?? type.replaceAll('_', '');
}

function names({ type, alias }: CollectorComponent): string[] {
  return alias === undefined ? [type] : [type, alias];
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((w) => w !== '');
}
