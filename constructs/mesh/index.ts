export type { Enrolment } from './enrolment.ts';
export type { ExistingInstall, Install, IstioctlInstall, IstioProfile } from './install.ts';
export { Mesh, type MeshProps } from './mesh.ts';
export {
  type AccessLog,
  type IstioMetric,
  type MetricOverride,
  Telemetry,
  type TelemetryProps,
  type TelemetrySettings,
} from './telemetry.ts';
export type { LegacyTracing, ProviderTracing, Tracing } from './tracing.ts';
