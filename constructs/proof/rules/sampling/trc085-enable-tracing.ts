import { at } from '../../json-path.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';
import { meshWide, reportingEntries } from './scopes.ts';

export const enableTracing: Rule = {
  code: 'TRC085',
  title: 'enableTracing says no, another setting says yes',
  severity: 'warning',
  run: (model) => {
    const telemetry = meshWide(model).find((one) => reportingEntries([one]).some(({ providers }) => providers.length > 0));
    return model.meshConfigs.flatMap(({ value, spot, legacy, defaults }): Fault[] => {
      if (at(value, 'enableTracing') !== false) return [];
      const where = spot(['enableTracing']);
      const ref = defaults.find(({ signal }) => signal === 'tracing');
      const by = telemetry?.object.id ?? (ref && 'defaultProviders.tracing');
      if (by !== undefined) {
        const message = `is false, but ${by} names a provider, and that is in force: the mesh traces`;
        return [
          { at: where, message, hint: 'to trace, remove it; not to trace, use a Telemetry with disableSpanReporting: true' },
        ];
      }
      if (!legacy) return [];
      const message = `is false, so the ${legacy.type} address "${legacy.address}" has no effect`;
      return [{ at: where, message, hint: 'remove it, or the address' }];
    });
  },
  docs: {
    cause:
      '`enableTracing` switches the legacy tracer of `defaultConfig.tracing` alone. With false the address there does nothing; a Telemetry or default provider traces all the same.',
    fix: 'Remove `enableTracing: false`, or what contradicts it; to switch tracing off use a Telemetry with `disableSpanReporting: true`.',
    example: 'meshConfig:\n  enableTracing: false\n  defaultProviders: {metrics: [prometheus], tracing: [otel]}   # traces',
  },
};
