import type { MeshConfig } from '../../model/mesh/mesh-config.ts';
import type { Rule } from '../../rule.ts';

export const defaultMetrics: Rule = {
  code: 'TRC005',
  title: 'defaultProviders is set without a metrics provider',
  severity: 'warning',
  run: (model) => {
    // A Telemetry for the whole mesh that names a metrics provider does the same job.
    const roots = new Set(model.meshConfigs.map((mesh) => mesh.rootNamespace));
    const told = model.telemetries.some(
      (one) => one.wide && roots.has(one.object.namespace) && one.providers.some((ref) => ref.signal === 'metrics'),
    );
    return told
      ? []
      : model.meshConfigs.filter(losesMetrics).map((mesh) => ({
          at: mesh.defaultsAt,
          severity: mesh.config.verbatim || mesh.stated.has('metrics') ? ('warning' as const) : ('info' as const),
          message: mesh.config.verbatim
            ? 'no metrics provider is named, so request metrics vanish and Kiali stays empty'
            : 'no metrics provider is named; the chart adds prometheus only as long as its telemetry is on',
          hint: 'add metrics: [prometheus] to the same block',
        }));
  },
  docs: {
    cause:
      'The defaults of a mesh config are replaced by what is written there: with `defaultProviders.tracing` alone, `istio_requests_total` is gone and Kiali shows an empty graph (istio#50860). The istiod chart puts prometheus back, so in an IstioOperator file or in chart values a missing list is only worth an info.',
    fix: 'Keep `metrics: [prometheus]` beside the tracing provider.',
    example: 'defaultProviders:\n  tracing: [otel]   # and no metrics',
  },
};

function losesMetrics({ stated, defaults }: MeshConfig): boolean {
  return stated.size > 0 && !defaults.some((ref) => ref.signal === 'metrics');
}
