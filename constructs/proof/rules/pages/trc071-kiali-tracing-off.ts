import type { Rule } from '../../rule.ts';
import { liveApart } from '../apart.ts';

export const kialiTracingOff: Rule = {
  code: 'TRC071',
  title: 'Kiali shows no traces, though a backend that it can read is there',
  severity: 'info',
  run: (model) => {
    const backends = model.programs.all.filter(
      (one) => (one.is === 'jaeger' || one.is === 'tempo') && one.workload !== undefined,
    );
    return model.kialis.flatMap(({ config, tracing: { enabled, url, at } }) => {
      // Somebody who set it up and then switched it off meant it.
      if (enabled === true || url !== undefined || config.partial) return [];
      const backend = backends.find((one) => !liveApart(one.object, config.object));
      if (!backend) return [];
      return [
        {
          at,
          message: `tracing is off, though ${backend.object.id} is here`,
          hint: `set enabled: true, provider: ${backend.is} and internal_url`,
        },
      ];
    });
  },
  docs: {
    cause:
      '`external_services.tracing.enabled` is false unless it is set, in Istio’s addon too. Kiali then has no Traces tab and no spans in its graph, though the input holds a Jaeger or a Tempo.',
    fix: 'Enable tracing and say where the backend is; or acknowledge that Kiali needs no traces here.',
    example: 'external_services:\n  tracing: {enabled: false}   # and a Jaeger beside it',
  },
};
