import {
  type Endpoint,
  type EnvValue,
  type ExporterSettings,
  type ExportTarget,
  type JsonObject,
  type Mount,
  type TraceSink,
  UserError,
} from '../../kit/index.ts';
import type { Components } from './config.ts';

/** What a collector can send (collector 0.159: exporters otlp_grpc, otlp_http, zipkin). */
export type CollectorSends = 'otlp-grpc' | 'otlp-http' | 'zipkin';

/** Exporters, and what their container needs: values and certificates from Secrets. */
export interface Exporters {
  readonly components: Components;
  readonly env: Readonly<Record<string, EnvValue>>;
  readonly mounts: readonly Mount[];
}

const types: { readonly [P in CollectorSends]: string } = {
  'otlp-grpc': 'otlp_grpc',
  'otlp-http': 'otlp_http',
  zipkin: 'zipkin',
};

/**
 * One exporter for each sink, in the first of the sink's protocols that a collector speaks, named after the sink's host: adding a sink
 * renames no other. Their queues and retries are the collector's own: 1000 batches, up to five minutes.
 *
 * @throws UserError when a sink takes nothing that a collector sends, or comes twice
 */
export function exporters(targets: readonly ExportTarget<CollectorSends>[], where: string): Exporters {
  const components: Record<string, JsonObject> = {};
  const env: Record<string, EnvValue> = {};
  const mounts: Mount[] = [];
  const seen = new Set<string>();
  for (const target of targets) {
    // A union of sinks has no callable receiver(); what the sink really takes is asked below.
    const sink = target as Omit<TraceSink<CollectorSends>, 'exporter'> & { readonly exporter?: ExporterSettings };
    const protocol = sink.accepts.find(isSent);
    if (!protocol) {
      throw new UserError(
        `a sink in exportTo of '${where}' takes ${sink.accepts.join(', ') || 'nothing'}, a collector sends ${Object.keys(types).join(', ')}`,
      );
    }
    const to = sink.receiver(protocol);
    if (seen.has(`${protocol} ${to.url}`)) {
      throw new UserError(`exportTo of '${where}' names ${to.url} (${protocol}) twice: every span would be stored twice`);
    }
    seen.add(`${protocol} ${to.url}`);
    const id = unusedId(types[protocol], to.host, components);
    const extras = fromSecrets(id, sink.exporter, env);
    components[id] = { ...address(protocol, to), ...security(to, protocol, sink.exporter, extras.caFile), ...extras.headers };
    Object.assign(env, extras.env);
    mounts.push(...extras.mounts);
  }
  return { components, env, mounts };
}

function isSent(protocol: string): protocol is CollectorSends {
  return protocol in types;
}

/** By the host's first label, as many more as it takes: `otlp_grpc/tempo`, `otlp_grpc/tempo.monitoring`. */
export function unusedId(type: string, host: string, used: Components): string {
  const labels = host.split('.');
  const names = labels.map((_, i) => labels.slice(0, i + 1).join('.'));
  const free = names.find((name) => !(`${type}/${name}` in used));
  return `${type}/${free ?? `${host}-${Object.keys(used).length + 1}`}`;
}

function address(protocol: CollectorSends, to: Endpoint): JsonObject {
  const tracesPath = '/v1/traces';
  switch (protocol) {
    case 'otlp-grpc':
      return { endpoint: to.authority };
    case 'otlp-http': {
      // The exporter appends the path of its signal to an endpoint; a path of another form is told apart.
      if (to.path !== '' && !to.path.endsWith(tracesPath)) return { traces_endpoint: to.url };
      return { endpoint: to.path === '' ? to.url : to.url.slice(0, -tracesPath.length) };
    }
    case 'zipkin':
      return { endpoint: to.path === '' ? `${to.url}/api/v2/spans` : to.url };
  }
}

function security(
  to: Endpoint,
  protocol: CollectorSends,
  settings: ExporterSettings | undefined,
  caFile: string | undefined,
): JsonObject {
  // By HTTP the URL's scheme says it.
  if (!to.tls) return protocol === 'otlp-grpc' ? { tls: { insecure: true } } : {};
  if (caFile !== undefined) return { tls: { ca_file: caFile } };
  return settings?.tls && 'insecureSkipVerify' in settings.tls ? { tls: { insecure_skip_verify: true } } : {};
}

function fromSecrets(id: string, settings: ExporterSettings | undefined, taken: Readonly<Record<string, EnvValue>>) {
  const env: Record<string, EnvValue> = {};
  const headers: Record<string, string> = {};
  for (const [header, from] of Object.entries(settings?.headers ?? {})) {
    const wanted = `${id}_${header}`.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_');
    const variable = unusedVariable(wanted, { ...taken, ...env });
    env[variable] = from;
    headers[header] = `\${env:${variable}}`;
  }
  const ca = settings?.tls && 'ca' in settings.tls ? settings.tls.ca : undefined;
  const folder = `/etc/otelcol-ca/${id.replaceAll(/[^a-z0-9_.-]+/g, '-')}`;
  const mounts: Mount[] = ca ? [{ at: folder, secret: ca.secret, key: ca.key, as: 'ca.crt' }] : [];
  return {
    headers: Object.keys(headers).length > 0 ? { headers } : {},
    env,
    mounts,
    caFile: ca ? `${folder}/ca.crt` : undefined,
  };
}

function unusedVariable(wanted: string, taken: Readonly<Record<string, EnvValue>>, turn = 1): string {
  const name = turn === 1 ? wanted : `${wanted}_${turn}`;
  return name in taken ? unusedVariable(wanted, taken, turn + 1) : name;
}
