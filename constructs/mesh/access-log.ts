import type { TelemetrySpecAccessLogging, TelemetrySpecAccessLoggingMatchMode } from '../../imports/telemetry.istio.io.ts';
import { Endpoint, type JsonObject, type LogSink, UserError } from '../kit/index.ts';
import { proxyIdentity } from '../kit/proxy-identity.ts';
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
 * - a collector: `{ to, logName?, format? }`, by OTLP over gRPC alone: the text becomes the body, the JSON, whose values are then texts
 *   without any below them, becomes attributes. By default the body is one line with the trace's id, the attributes are those of
 *   {@link accessLogFields}; which pod's proxy it was is always told besides. Envoy adds the time and the ids of trace and span by
 *   itself, so `start_time` and `trace_id` are left out.
 * - an address that takes OTLP, likewise, with nothing but what `format` says; Istio's own format without it.
 */
export type AccessLogSink =
  | { readonly path?: string; readonly format?: AccessLogFormat; readonly to?: never; readonly logName?: never }
  | {
      readonly to: LogSink<'otlp-grpc'> | Endpoint<'otlp-grpc'>;
      /** What the receiver knows the log by. @default Istio's 'otel_envoy_accesslog' */
      readonly logName?: string;
      readonly format?: AccessLogFormat;
      readonly path?: never;
    };

/**
 * What an entry tells, as a JSON object: Istio's own names and values (Istio 1.30, access log encoding JSON), and the id of the trace.
 * `{ format: { json: accessLogFields } }` writes it to the proxies' standard output.
 */
export const accessLogFields = {
  start_time: '%START_TIME%',
  trace_id: '%TRACE_ID%',
  request_id: '%REQ(X-REQUEST-ID)%',
  method: '%REQ(:METHOD)%',
  authority: '%REQ(:AUTHORITY)%',
  path: '%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%',
  protocol: '%PROTOCOL%',
  response_code: '%RESPONSE_CODE%',
  response_code_details: '%RESPONSE_CODE_DETAILS%',
  response_flags: '%RESPONSE_FLAGS%',
  duration: '%DURATION%',
  bytes_received: '%BYTES_RECEIVED%',
  bytes_sent: '%BYTES_SENT%',
  user_agent: '%REQ(USER-AGENT)%',
  route_name: '%ROUTE_NAME%',
  upstream_cluster: '%UPSTREAM_CLUSTER_RAW%',
  upstream_host: '%UPSTREAM_HOST%',
  upstream_transport_failure_reason: '%UPSTREAM_TRANSPORT_FAILURE_REASON%',
  downstream_remote_address: '%DOWNSTREAM_REMOTE_ADDRESS%',
} as const satisfies JsonObject;

/** The line beside them; the fields of a request are '-' for a connection of another protocol. */
const accessLogLine =
  '%REQ(:METHOD)% %REQ(:AUTHORITY)%%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %RESPONSE_CODE% %RESPONSE_FLAGS% %DURATION%ms trace_id=%TRACE_ID%';

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
  for (const key of ['path', 'logName'] as const) checkWord(sink[key], `${key} of the access log of '${where}'`);
  if (format) checkFormat(format.json ?? format.text, where);
  const logFormat = (said: JsonObject) => (Object.keys(said).length > 0 ? { logFormat: said } : {});
  const asGiven: JsonObject = format ? (format.text === undefined ? { labels: format.json } : { text: format.text }) : {};
  if (sink.to) {
    if (format?.json) checkAttributes(format.json, where);
    const raw = sink.to instanceof Endpoint;
    const { host: service, port } = plain(sink.to instanceof Endpoint ? sink.to : receiverOf(sink.to, where), where);
    const told = raw ? asGiven : { text: format?.text ?? accessLogLine, labels: attributes(format) };
    return { name, envoyOtelAls: { service, port, ...(sink.logName ? { logName: sink.logName } : {}), ...logFormat(told) } };
  }
  return { name, envoyFileAccessLog: { path: sink.path ?? '/dev/stdout', ...logFormat(asGiven) } };
}

function checkWord(text: string | undefined, what: string): void {
  if (text === undefined || /^[^\s"'${}]+$/.test(text)) return;
  throw new UserError(`${what} is ${JSON.stringify(text)}: allowed is a text without blanks, quotes, '$' and braces`);
}

/** A type that says more than is there: of a collector whose options are computed. */
function receiverOf({ logReceiver }: Partial<LogSink>, where: string): Endpoint {
  if (logReceiver?.protocol === 'otlp-grpc') return logReceiver;
  const takes = logReceiver ? `takes logs by ${logReceiver.protocol}, proxies send otlp-grpc` : 'takes no logs';
  throw new UserError(`the access log of '${where}' goes to something that ${takes}: name a collector with logsTo`);
}

function attributes(format: AccessLogFormat | undefined): JsonObject {
  // A record has a time and a trace of its own; an attribute of the same name would stand beside it in Loki, and neither be found.
  const { start_time: _, trace_id: __, ...told }: JsonObject = format ? (format.json ?? {}) : accessLogFields;
  return { ...proxyIdentity, ...told };
}

/** Istio makes empty texts of all other values (Istio 1.30, envoyOtelAls). */
function checkAttributes(json: JsonObject, where: string): void {
  const [key] = Object.entries(json).find(([, value]) => typeof value !== 'string') ?? [];
  if (key === undefined) return;
  throw new UserError(
    `access log format of '${where}' has ${JSON.stringify(json[key])} for ${JSON.stringify(key)}: an attribute of a record is a text, give each its own name`,
  );
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
