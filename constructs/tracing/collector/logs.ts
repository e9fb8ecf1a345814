import { type JsonObject, type LogSink, UserError } from '../../kit/index.ts';
import { proxyIdentity } from '../../kit/proxy-identity.ts';
import type { Components } from './config.ts';
import { unusedId } from './exporters.ts';
import { type KubernetesAttributes, kubernetesAttributes, memoryLimiter, resourceAttributes } from './processors.ts';

/** Where logs go: one at least. */
export type LogTargets = readonly [LogSink, ...LogSink[]];

/** What a collector does with logs, in order. */
export interface LogStages {
  readonly processors: Components;
  readonly exporters: Components;
}

/** Those of a collector's options that concern its logs. */
export interface LogOptions {
  readonly logsTo: readonly LogSink[];
  readonly k8sAttributes?: KubernetesAttributes;
  readonly resource?: Readonly<Record<string, string>>;
}

/**
 * The pipeline of logs: what the sender's address tells first, while the connection is at hand; then what its proxy says of itself.
 *
 * @param taken exporters that the collector has besides
 * @throws UserError when no sink is named, or one twice
 */
export function logStages({ logsTo, k8sAttributes, resource = {} }: LogOptions, taken: Components, where: string): LogStages {
  return {
    processors: {
      memory_limiter: memoryLimiter,
      ...(k8sAttributes ? { k8s_attributes: kubernetesAttributes(k8sAttributes) } : {}),
      'transform/proxies': proxiesToResource,
      ...(Object.keys(resource).length > 0 ? { resource: resourceAttributes(resource) } : {}),
      batch: {},
    },
    exporters: logExporters(logsTo, taken, where),
  };
}

/** All records of one proxy come under one resource, so what each of them says holds for it. */
const proxiesToResource: JsonObject = {
  error_mode: 'ignore',
  log_statements: [
    {
      context: 'log',
      statements: Object.keys(proxyIdentity).flatMap((key) => [
        `set(resource.attributes["${key}"], attributes["${key}"]) where attributes["${key}"] != nil`,
        `delete_key(attributes, "${key}")`,
      ]),
    },
  ],
};

const logsPath = '/v1/logs';

/** One exporter for each sink. @throws UserError when no sink is named, or one twice */
export function logExporters(sinks: readonly LogSink[], taken: Components, where: string): Components {
  if (sinks.length === 0) throw new UserError(`logsTo of '${where}' is empty: name one sink at least`);
  const made: Record<string, JsonObject> = {};
  const seen = new Set<string>();
  for (const { logReceiver: to } of sinks) {
    if (seen.has(to.url)) throw new UserError(`logsTo of '${where}' names ${to.url} twice: every record would be stored twice`);
    seen.add(to.url);
    const type = to.protocol === 'otlp-grpc' ? 'otlp_grpc' : 'otlp_http';
    const id = unusedId(type, to.host, { ...taken, ...made });
    if (to.protocol === 'otlp-grpc') made[id] = { endpoint: to.authority, ...(to.tls ? {} : { tls: { insecure: true } }) };
    // The exporter appends the path of its signal to an endpoint; a path of another form is told apart.
    else if (to.path.endsWith(logsPath)) made[id] = { endpoint: to.url.slice(0, -logsPath.length) };
    else made[id] = to.path === '' ? { endpoint: to.url } : { logs_endpoint: to.url };
  }
  return made;
}
