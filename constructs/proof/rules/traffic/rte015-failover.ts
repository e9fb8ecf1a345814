import { at, items, text } from '../../json-path.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, type Path, spotOf } from '../../types.ts';

export const failover: Rule = {
  code: 'RTE015',
  title: 'locality failover without outlier detection',
  severity: 'warning',
  run: (model) =>
    model.destinationRules.all.flatMap(({ object }) => {
      const whole: Path = ['spec', 'trafficPolicy'];
      const subsets = items(object.json, 'spec', 'subsets').map((_, i): Path => ['spec', 'subsets', i, 'trafficPolicy']);
      return [whole, ...subsets].flatMap((policy): Fault[] => {
        const setting = [...policy, 'loadBalancer', 'localityLbSetting'];
        const wish = ['failover', 'failoverPriority'].find((key) => items(object.json, ...setting, key).length > 0);
        if (
          wish === undefined ||
          text(object.json, ...setting, 'enabled') === 'false' ||
          at(object.json, ...setting, 'enabled') === false
        )
          return [];
        // A subset has what it does not state from the whole rule; a port, where it has settings, only its own.
        const ejects = [policy, whole].some((one) => at(object.json, ...one, 'outlierDetection') !== undefined);
        const byPort = items(object.json, ...policy, 'portLevelSettings').some(
          (one) => at(one, 'outlierDetection') !== undefined,
        );
        if (ejects || byPort) return [];
        return [
          {
            at: spotOf(object, [...setting, wish]),
            message: 'has no effect: without outlierDetection no endpoint is ever taken for unhealthy',
            hint: 'add outlierDetection beside loadBalancer, e.g. {consecutive5xxErrors: 5, interval: 30s}',
          },
        ];
      });
    }),
  docs: {
    cause:
      'Traffic leaves its locality only when endpoints there are unhealthy, and it is outlierDetection that finds them so. Without it Istio orders nothing by locality.',
    fix: 'Add `outlierDetection` to the same trafficPolicy.',
    example: 'trafficPolicy:\n  loadBalancer: {localityLbSetting: {failover: [{from: eu, to: us}]}}   # and no outlierDetection',
  },
};
