import type { JsonObject } from '../kit/index.ts';

/**
 * Where a collector, or a Jaeger, which is built on one, shows its own metrics (collector 0.159, service.telemetry.metrics.readers).
 *
 * Releases before 0.152 add suffixes to the names where a reader is written out, later ones do not: said here, the names that dashboards
 * and alerts ask for are the same in all of them.
 */
export function ownMetricsReader(port: number): JsonObject {
  const names = { without_scope_info: true, without_type_suffix: true, without_units: true };
  return { pull: { exporter: { prometheus: { host: '0.0.0.0', port, ...names } } } };
}
