import { groupBy } from '../../group-by.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, spotOf } from '../../types.ts';
import { istioReleases, versionOf } from './releases.ts';

export const istioVersions: Rule = {
  code: 'HLM003',
  title: 'charts of different versions of Istio in one mesh',
  severity: 'warning',
  run: (model) => {
    const releases = istioReleases(model);
    const control = releases.filter(({ chart }) => chart === 'istiod');
    const [istiod] = control;
    const version = istiod && versionOf(model, istiod);
    // Two control planes are an upgrade under way, or two clusters.
    if (!istiod || !version || control.length > 1 || hasTwins(releases)) return [];
    return releases.flatMap((release): Fault[] => {
      const own = versionOf(model, release);
      if (!own || (own[0] === version[0] && own[1] === version[1])) return [];
      const message = `chart ${release.chart} is of Istio ${own.join('.')}, and istiod (${istiod.object.id}) of ${version.join('.')}`;
      return [
        {
          at: spotOf(release.object, ['spec', 'chart', 'spec', 'version']),
          message,
          hint: `install ${version.join('.')} of both`,
        },
      ];
    });
  },
  docs: {
    cause:
      'The charts base, istiod, cni, ztunnel and gateway are released together. A base older than istiod lacks CRDs that istiod reads; proxies newer than istiod are not supported at all.',
    fix: 'Give all of them one version; upgrade base first, then istiod, then the rest.',
    example: '# HelmRelease istio-base: chart base, version 1.29.2\n# HelmRelease istiod: chart istiod, version 1.30.3',
  },
};

function hasTwins(
  releases: readonly { readonly chart: string | undefined; readonly namespace: string; readonly release: string }[],
): boolean {
  return [...groupBy(releases, ({ chart, namespace, release }) => `${chart} ${namespace}/${release}`).values()].some(
    (same) => same.length > 1,
  );
}
