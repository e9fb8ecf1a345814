export type {
  AccessLog,
  AccessLogFormat,
  AccessLogProvider,
  AccessLogRequests,
  AccessLogSink,
  MeshAccessLog,
} from './access-log.ts';
export { accessLogFields } from './access-log.ts';
export type { Enrolment } from './enrolment.ts';
export type { Reporter } from './expressions.ts';
export type { InjectionTemplates } from './injection-templates.ts';
export * from './install/index.ts';
export { Mesh, type MeshProps } from './mesh.ts';
export type { IstioMetric, MetricOverride } from './metrics.ts';
export * from './security/index.ts';
export type { SpanSettings, SpanTag } from './spans.ts';
export { Telemetry, type TelemetryMesh, type TelemetryProps, type TelemetrySettings } from './telemetry.ts';
export type { LegacyTracing, ProviderTracing, Tracing, TracingShare } from './tracing.ts';
export * from './traffic/index.ts';
export { Waypoint, type WaypointProps, type WaypointUser } from './waypoint.ts';
