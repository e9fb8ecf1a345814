import { at } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import { type ChartRelease, chartReleases } from '../../read/charts.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, type Path, type Severity, spotOf } from '../../types.ts';
import { versionOf } from './releases.ts';

interface Gone {
  readonly chart: string;
  readonly path: Path & readonly string[];
  /** The first version of the chart that knows it no more. */
  readonly since: readonly [number, number];
  readonly message: string;
  readonly hint: string;
  readonly severity: Severity;
}

// Of the charts' templates and release notes, up to August 2026.
const GONE: readonly Gone[] = [
  {
    ...{ chart: 'tempo', path: ['tempo', 'ingester'], since: [3, 0], severity: 'warning' },
    message: 'Tempo 3 has no ingester, and the chart ignores its settings since 3.0.0',
    hint: 'give them to tempo.liveStore',
  },
  {
    ...{ chart: 'cert-manager', path: ['installCRDs'], since: [1, 15], severity: 'info' },
    message: 'is an old name since 1.15',
    hint: 'use crds: {enabled: true}, which also keeps the CRDs when the release is removed',
  },
  {
    ...{ chart: 'metallb', path: ['configInline'], since: [0, 13], severity: 'error' },
    message: 'MetalLB takes no configuration from the chart since 0.13, and the chart refuses it',
    hint: 'write an IPAddressPool and an L2Advertisement, in a later step',
  },
  {
    ...{ chart: 'istiod', path: ['defaults'], since: [1, 20], severity: 'error' },
    message: 'the chart refuses values under defaults',
    hint: 'take them out of defaults, to the top of the values',
  },
];

export const goneValue: Rule = {
  code: 'HLM002',
  title: 'a chart value that has moved or is gone',
  severity: 'warning',
  run: (model) => chartReleases(model.objects).flatMap((release) => GONE.flatMap((gone) => faultOf(model, release, gone) ?? [])),
  docs: {
    cause:
      'A HelmRelease gives a chart a value that its version does not take any more: it is ignored, or the chart refuses to be installed (an error). Told only where the release states the version.',
    fix: 'Use what came in its place.',
    example: 'kind: HelmRelease   # of chart tempo 3.0.0\nspec: {values: {tempo: {ingester: {max_block_duration: 5m}}}}',
  },
};

function faultOf(model: Model, release: ChartRelease, { chart, path, since, ...fault }: Gone): Fault | undefined {
  const place = ['spec', 'values', ...path];
  if (release.chart !== chart || at(release.object.json, ...place) === undefined) return undefined;
  const version = versionOf(model, release);
  if (!version || version[0] < since[0] || (version[0] === since[0] && version[1] < since[1])) return undefined;
  return { at: spotOf(release.object, place), ...fault };
}
