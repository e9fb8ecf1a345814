import { at, text } from '../../json-path.ts';
import { isPatched } from '../../model/flux/patched.ts';
import { rolloutOf } from '../../model/flux/steps.ts';
import type { Model } from '../../model/model.ts';
import { type ChartRelease, chartReleases } from '../../read/charts.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, type ProofObject, spotOf } from '../../types.ts';
import { sourceOfRelease } from './releases.ts';

export const floatingVersion: Rule = {
  code: 'HLM006',
  title: 'a chart without a version',
  severity: 'warning',
  run: (model) => chartReleases(model.objects).flatMap((release) => faultOf(model, release) ?? []),
  docs: {
    cause:
      'A HelmRelease states no version of its chart, or `*`: Flux installs the newest and upgrades by itself to whatever is published next, with other values and other CRDs. Ranges (`1.30.x`) are a choice and not told, nor is a missing version where the input does not show the Kustomization that applies the release: it may add one.',
    fix: 'State one version, or a range that you have chosen.',
    example:
      'kind: HelmRelease\nspec: {chart: {spec: {chart: istiod, sourceRef: {kind: HelmRepository, name: istio}}}}   # version is missing',
  },
};

const ANY = new Set(['*', 'x', 'latest', '>=0', '>=0.0.0', '>0.0.0']);

function faultOf(model: Model, { object, chart }: ChartRelease): Fault | undefined {
  const { json } = object;
  if (isPatched(model, object)) return undefined;
  const hint = 'state one version, or a range';
  if (text(json, 'spec', 'chart', 'spec', 'sourceRef', 'kind') === 'HelmRepository') {
    const version = text(json, 'spec', 'chart', 'spec', 'version');
    // Whoever takes a base from elsewhere states the version there.
    if (version === undefined && !isApplied(model, object)) return undefined;
    if (version !== undefined && !ANY.has(version.replace(/\s/g, ''))) return undefined;
    const how = version === undefined ? 'states no version' : `states version "${version}"`;
    return {
      at: spotOf(object, ['spec', 'chart', 'spec', 'version']),
      message: `${how} of chart ${chart}: Flux installs whatever is the newest`,
      hint,
      // A habit of its author, told once.
      cause: 'floating charts',
    };
  }
  if (text(json, 'spec', 'chartRef', 'kind') !== 'OCIRepository') return undefined;
  const source = sourceOfRelease(model, object);
  if (!source || !isApplied(model, source) || isPatched(model, source)) return undefined;
  const pinned = ['digest', 'tag', 'semver']
    .map((field) => text(source.json, 'spec', 'ref', field))
    .find((one) => one !== undefined);
  if (pinned !== undefined && !ANY.has(pinned.replace(/\s/g, ''))) return undefined;
  if (
    pinned === undefined &&
    at(source.json, 'spec', 'ref') !== undefined &&
    at(source.json, 'spec', 'ref', 'semverFilter') !== undefined
  )
    return undefined;
  return {
    at: spotOf(source, ['spec', 'ref']),
    message: `states no version of the chart that ${object.id} installs: Flux takes whatever is ${pinned === '*' ? 'the newest' : 'latest'}`,
    hint: 'state ref: {tag: ...}',
    cause: `floating ${source.id} ${source.origin.file ?? ''}`,
  };
}

/** Whether the input shows how an object is applied: as a part of a stack, or under the path of a Flux Kustomization. */
function isApplied(model: Model, object: ProofObject): boolean {
  return object.origin.construct !== null || rolloutOf(model).applying(object).length > 0;
}
