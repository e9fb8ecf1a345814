import { defaultConfigShare, istiodShares, podShares } from '../../model/mesh/shares.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';
import { meshWide, reportingEntries } from './scopes.ts';

export const outOfRange: Rule = {
  code: 'TRC084',
  title: 'a sampling share that Istio does not take as it stands',
  severity: 'error',
  run: (model) => {
    const overridden = reportingEntries(meshWide(model)).some(({ share }) => share !== undefined);
    const proxies = [...model.meshConfigs.flatMap((mesh) => defaultConfigShare(mesh) ?? []), ...podShares(model.workloads)];
    return [
      ...proxies.flatMap(({ what, percent, at }): Fault[] => {
        if (percent < 0 || percent > 100) return [outside(at, what, percent)];
        // Beside a Telemetry that says the share it does no harm.
        if (percent !== 0 || overridden) return [];
        const message = `${what} is 0, which Istio reads as unset: 1 percent of requests are sampled`;
        return [{ at, severity: 'warning', message, hint: ZERO }];
      }),
      ...istiodShares(model).flatMap(({ what, percent, at }) =>
        percent < 0 || percent > 100 ? [outside(at, what, percent)] : [],
      ),
    ];
  },
  docs: {
    cause:
      'Shares are percentages, 0 to 100. Above 100, `defaultConfig.tracing.sampling` and `PILOT_TRACE_SAMPLING` fall back to 1 percent; 0 in `defaultConfig` counts as unset, so that 1 percent is sampled (a warning). Nobody reports either.',
    fix: 'Give a percentage; to sample nothing, use a Telemetry with `disableSpanReporting: true`.',
    example: 'meshConfig: {defaultConfig: {tracing: {sampling: 1000}}}   # 1 percent',
  },
};

const ZERO = 'to sample nothing, use a Telemetry with randomSamplingPercentage: 0 or disableSpanReporting: true';

function outside(at: Fault['at'], what: string, percent: number): Fault {
  const becomes = percent > 100 || what.startsWith('PILOT') || what.startsWith('pilot') ? ': Istio takes 1 instead' : '';
  return {
    at,
    message: `${what} is ${percent}, allowed are 0 to 100 (percent of requests)${becomes}`,
    hint: 'give a percentage',
  };
}
