import { nearest } from '../../../kit/nearest.ts';
import { fields, text } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import { type ChartRelease, chartReleases } from '../../read/charts.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, spotOf } from '../../types.ts';
import { KNOWN_VALUES, type KnownLevel } from './known-values.ts';
import { istioReleases, sourceOfRelease } from './releases.ts';

export const unknownValue: Rule = {
  code: 'HLM001',
  title: 'a chart value whose name is nearly right',
  severity: 'warning',
  run: (model) => {
    const istio = new Set(istioReleases(model).map(({ object }) => object));
    return chartReleases(model.objects).flatMap((release) => {
      const levels = KNOWN_VALUES.get(release.chart ?? '') ?? [];
      const another = ISTIO.has(release.chart ?? '') ? !istio.has(release.object) : isAnother(model, release);
      return another ? [] : levels.flatMap((level) => faultsAt(release, level));
    });
  },
  docs: {
    cause:
      'A HelmRelease gives a chart a value that the chart does not know, one or two letters away from one that it does. Helm ignores unknown values, so the default holds and nobody is told; charts with a closed schema (gateway, cert-manager) refuse to be installed, which is an error. Names unlike all known ones are not told: other versions may know them.',
    fix: 'Correct the name.',
    example:
      'kind: HelmRelease   # of chart istiod\nspec: {values: {meshconfig: {accessLogFile: /dev/stdout}}}   # it is meshConfig',
  },
};

const ISTIO = new Set(['base', 'istiod', 'cni', 'ztunnel', 'gateway']);
// Other projects publish charts of these names.
const PUBLISHERS: ReadonlyMap<string, RegExp> = new Map([
  ['tempo', /grafana/i],
  ['loki', /grafana/i],
  ['metallb', /metallb\.github\.io|\/metallb\/metallb/i],
  ['cert-manager', /jetstack|cert-manager/i],
]);

/** Whether the chart of a catalog name is of another publisher, by the addresses of its source and of the image: a mirror keeps one of them. */
function isAnother(model: Model, { chart, object }: ChartRelease): boolean {
  const url = text(sourceOfRelease(model, object)?.json, 'spec', 'url');
  const image = text(object.json, 'spec', 'values', chart ?? '', 'repository') ?? '';
  return url !== undefined && PUBLISHERS.get(chart ?? '')?.test(`${url} ${image}`) === false;
}

function faultsAt({ chart, object }: ChartRelease, { path, keys, closed }: KnownLevel): Fault[] {
  const place = ['spec', 'values', ...path];
  return Object.keys(fields(object.json, ...place)).flatMap((key): Fault[] => {
    const near = keys.has(key) ? undefined : nearest(key, keys);
    if (near === undefined) return [];
    return [
      {
        at: spotOf(object, [...place, key]),
        ...(closed ? { severity: 'error' as const } : {}),
        message: `chart ${chart} knows no value ${key}${closed ? ', and its schema refuses it' : ''}`,
        hint: `did you mean "${near}"?`,
      },
    ];
  });
}
