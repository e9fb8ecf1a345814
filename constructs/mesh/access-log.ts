import type { TelemetrySpecAccessLogging, TelemetrySpecAccessLoggingMatchMode } from '../../imports/telemetry.istio.io.ts';
import { type Endpoint, type JsonObject, UserError } from '../kit/index.ts';
import { checkCel, type Reporter, reporterMode } from './expressions.ts';
import { plain } from './tracing.ts';

/**
 * How an entry is written, in Envoy's command operators (`%REQ(:METHOD)%`): one line of text, or a JSON object whose values are such
 * texts. Istio ends a line of text by itself.
 */
export type AccessLogFormat =
  | { readonly text: string; readonly json?: never }
  | { readonly json: JsonObject; readonly text?: never };

/**
 * Where entries go and how they look (Istio 1.30, extensionProviders). One of:
 * - a file: `{ path?, format? }`, by default the proxies' standard output and Envoy's own format;
 * - an OTLP receiver: `{ to, logName?, format? }`, by gRPC alone: the text becomes the body, the JSON becomes attributes.
 */
export type AccessLogSink =
  | { readonly path?: string; readonly format?: AccessLogFormat; readonly to?: never; readonly logName?: never }
  | {
      readonly to: Endpoint<'otlp-grpc'>;
      /** What the receiver knows the log by. @default Istio's 'otel_envoy_accesslog' */
      readonly logName?: string;
      readonly format?: AccessLogFormat;
      readonly path?: never;
    };

/** A destination that the mesh config defines: made by `mesh.addAccessLog`. */
export interface AccessLogProvider {
  /** Its name under `extensionProviders`. */
  readonly accessLogProvider: string;
}

/** Which requests are written, and where to. */
export interface AccessLogRequests {
  /** A CEL expression over Envoy's attributes: `response.code >= 500`. @default every request and connection */
  readonly filter?: string;
  /** Only what leaves the workload (`client`) or what arrives at it (`server`). @default both */
  readonly reporter?: Reporter;
}

/** The access log of a whole mesh: nowhere, or which requests, with the destination beside it. */
export type MeshAccessLog = 'off' | (AccessLogRequests & AccessLogSink);

/** The access log of a namespace or a workload. */
export type AccessLog =
  | 'off'
  | (AccessLogRequests & {
      /** A destination of the mesh's. @default the one the mesh was given, else the proxies' standard output */
      readonly to?: AccessLogProvider;
    });

/** The provider that Istio brings: the proxies' standard output, in Envoy's format. */
export const builtInAccessLog = 'envoy';

/** Whether a mesh's access log asks for more than the built-in provider gives. */
export function wantsProvider(sink: AccessLogSink): boolean {
  return sink.to !== undefined || sink.path !== undefined || sink.format !== undefined;
}

/**
 * An entry of `extensionProviders` for an access log.
 *
 * @throws UserError when a format holds what is no command operator, or the receiver is reached by TLS
 */
export function accessLogProvider(name: string, sink: AccessLogSink, where: string): JsonObject {
  const { format } = sink;
  if (format) checkFormat(format.json ?? format.text, where);
  const logFormat: { logFormat?: JsonObject } = !format
    ? {}
    : { logFormat: format.text === undefined ? { labels: format.json } : { text: format.text } };
  if (sink.to) {
    const { host: service, port } = plain(sink.to, where);
    return { name, envoyOtelAls: { service, port, ...(sink.logName ? { logName: sink.logName } : {}), ...logFormat } };
  }
  return { name, envoyFileAccessLog: { path: sink.path ?? '/dev/stdout', ...logFormat } };
}

/**
 * The entry of a Telemetry.
 *
 * @throws UserError when the filter is no CEL expression, or names what no proxy knows
 *
 * @internal
 */
export function accessLogging(log: 'off' | AccessLogRequests, provider: string, where: string): TelemetrySpecAccessLogging {
  const providers = [{ name: provider }];
  if (log === 'off') return { providers, disabled: true };
  const { filter, reporter } = log;
  if (filter !== undefined) checkCel(filter, 'filter', `accessLog.filter of '${where}'`);
  return {
    providers,
    ...(filter === undefined ? {} : { filter: { expression: filter } }),
    // The generated enums hold exactly these strings under unreadable names.
    ...(reporter ? { match: { mode: reporterMode(reporter) as TelemetrySpecAccessLoggingMatchMode } } : {}),
  };
}

// `%NAME%`, `%NAME(ARGUMENTS)%`, `%NAME(ARGUMENTS):LENGTH%`; `%%` is a percent sign (Envoy 1.38, "Access logging").
const operator = /%[A-Z][A-Z0-9_]*(?:\(.*?\))?(?::\d+)?%|%%/g;

/** Envoy refuses a whole listener for one bad operator, so that the proxy keeps its old configuration. */
function checkFormat(format: unknown, where: string): void {
  if (typeof format === 'string') {
    const rest = format.replaceAll(operator, '');
    if (!rest.includes('%')) return;
    const bad = rest.slice(rest.indexOf('%')).split(/\s/)[0];
    throw new UserError(
      `access log format of '${where}' has ${JSON.stringify(bad)}, which is no command operator: allowed are %NAME%, %NAME(ARGUMENTS)% and %NAME(ARGUMENTS):LENGTH%, and %% for a percent sign`,
    );
  }
  if (typeof format === 'object' && format !== null) for (const value of Object.values(format)) checkFormat(value, where);
}
