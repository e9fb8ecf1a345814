import { type JsonObject, UserError } from '../../kit/index.ts';

/** What a Loki is told. */
export interface LokiSettings {
  /** Go's form, which knows no days; undefined keeps everything. */
  readonly retentionPeriod: string | undefined;
  /** Attributes of the resource that become index labels, besides the service's name. */
  readonly indexLabels: readonly string[];
}

/** Its ports, by which the addon and the chart are known as well. */
export const lokiPorts = { http: 3100, grpc: 9095 };

/** Everything that Loki writes lies below. */
export const lokiData = '/var/loki';

/** Where OTLP is posted to (Loki 3.7, docs: ingesting logs using OpenTelemetry collector). */
export const otlpLogsPath = '/otlp/v1/logs';

/** The attributes that Loki indexes by default, without those of which every pod has its own (docs: remove default OpenTelemetry labels). */
export const usualIndexLabels: readonly string[] = [
  'service.namespace',
  'k8s.cluster.name',
  'k8s.namespace.name',
  'k8s.deployment.name',
  'k8s.container.name',
  'deployment.environment.name',
];

/** Loki's configuration as one process, `-target=all`, in the pod's file system (Loki 3.7, docs: configuration). */
export function lokiConfig(settings: LokiSettings): JsonObject {
  return {
    auth_enabled: false,
    server: { http_listen_port: lokiPorts.http, grpc_listen_port: lokiPorts.grpc },
    common: {
      path_prefix: lokiData,
      replication_factor: 1,
      // One process finds itself: without this it asks for the address of a network interface, and for a key-value store.
      instance_addr: '127.0.0.1',
      ring: { kvstore: { store: 'inmemory' } },
      storage: { filesystem: { chunks_directory: `${lokiData}/chunks`, rules_directory: `${lokiData}/rules` } },
    },
    schema_config: lokiSchema,
    limits_config: lokiLimits(settings),
    ...(settings.retentionPeriod === undefined ? {} : { compactor: lokiCompactor }),
    analytics: { reporting_enabled: false },
  };
}

/** Structured metadata, which OTLP needs, is there since schema v13. The day is any before the first log. */
export const lokiSchema: JsonObject = {
  configs: [
    { from: '2024-04-01', store: 'tsdb', object_store: 'filesystem', schema: 'v13', index: { prefix: 'index_', period: '24h' } },
  ],
};

/** Always: where a resource has it, Loki makes up no `service_name` of its own, and links from traces select by that label. */
const serviceName = 'service.name';

/** What deletes: Loki refuses to start with retention and no store for requests to delete. */
export const lokiCompactor: JsonObject = {
  working_directory: `${lokiData}/compactor`,
  retention_enabled: true,
  delete_request_store: 'filesystem',
};

/** Docs: configuration, limits_config and otlp_config. */
export function lokiLimits({ retentionPeriod, indexLabels }: LokiSettings): JsonObject {
  return {
    allow_structured_metadata: true,
    volume_enabled: true,
    ...(retentionPeriod === undefined ? {} : { retention_period: retentionPeriod }),
    otlp_config: {
      resource_attributes: {
        ignore_defaults: true,
        attributes_config: [{ action: 'index_label', attributes: [serviceName, ...indexLabels] }],
      },
    },
  };
}

/**
 * How long logs are kept, as Loki's whole hours; undefined for ever. Where there is no disk of its own, that of the node fills: a day then.
 *
 * @throws UserError when it is not a whole number of hours, days or weeks, 24 hours at least
 */
export function retentionOf(retention: string | undefined, disk: object | undefined, where: string): string | undefined {
  const said = retention ?? (disk ? undefined : '24h');
  return said === undefined ? undefined : inHours(said, where);
}

function inHours(retention: string, where: string): string {
  const [, count, unit] = /^([1-9]\d{0,5})([hdw])$/.exec(retention) ?? [];
  const hours = Number(count) * (unit === 'h' ? 1 : unit === 'd' ? 24 : 168);
  // Docs: log retention, "the minimum retention period is 24h": the index is kept by days.
  if (!(hours >= 24)) {
    throw new UserError(
      `retention of '${where}' is ${JSON.stringify(retention)}: allowed is a whole number with the unit h, d or w, of 24 hours at least, e.g. '7d'`,
    );
  }
  return `${hours}h`;
}

/**
 * Checks the attributes that become index labels.
 *
 * @throws UserError when one is empty or comes twice, or there are more than Loki takes
 */
export function checkIndexLabels(labels: readonly string[], where: string): void {
  const all = [serviceName, ...labels];
  const bad = all.find((label, i) => !/^[A-Za-z_][\w./-]*$/.test(label) || all.indexOf(label) !== i);
  if (bad !== undefined) {
    throw new UserError(
      `indexLabels of '${where}' has ${JSON.stringify(bad)}: allowed are names of resource attributes, each once and besides service.name, such as 'k8s.namespace.name'`,
    );
  }
  // Loki 3.7, limits_config.max_label_names_per_series.
  if (all.length > 15) throw new UserError(`indexLabels of '${where}' are ${labels.length}: loki takes 14 besides service.name`);
}
