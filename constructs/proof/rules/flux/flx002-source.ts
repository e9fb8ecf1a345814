import { text } from '../../json-path.ts';
import {
  type FluxReference,
  HELM_GROUP,
  KUSTOMIZE_GROUP,
  mayLieIn,
  objectsOf,
  referenceAt,
  resolve,
  SOURCE_GROUP,
} from '../../model/flux/references.ts';
import type { Model } from '../../model/model.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, type Path, type ProofObject, spotOf } from '../../types.ts';
import { missingReference } from './missing.ts';

// What each field may name (Flux 2.9: Kustomization v1, HelmRelease v2).
const GIT_LIKE = ['GitRepository', 'OCIRepository', 'Bucket', 'ExternalArtifact'];
const CHART_SOURCES = ['HelmRepository', 'GitRepository', 'Bucket'];
const CHARTS = ['OCIRepository', 'HelmChart', 'ExternalArtifact'];
const SOURCES = [...new Set([...GIT_LIKE, ...CHART_SOURCES, ...CHARTS])];

export const source: Rule = {
  code: 'FLX002',
  title: 'a Flux source that is not there',
  severity: 'error',
  run: (model) => [
    ...objectsOf(model, { group: KUSTOMIZE_GROUP, kind: 'Kustomization' }).flatMap((object) =>
      faultsAt(model, object, ['spec', 'sourceRef'], GIT_LIKE),
    ),
    ...objectsOf(model, { group: HELM_GROUP, kind: 'HelmRelease' }).flatMap((object) => [
      ...faultsAt(model, object, ['spec', 'chart', 'spec', 'sourceRef'], CHART_SOURCES),
      ...faultsAt(model, object, ['spec', 'chartRef'], CHARTS),
    ]),
  ],
  docs: {
    cause:
      'A Flux Kustomization or HelmRelease takes its files or its chart from a source (`sourceRef`, `chartRef`) of which there is none with that kind, name and namespace. Without a `namespace` the source is looked for beside the object itself: a HelmRepository in flux-system must be named with its namespace. It is a warning where the name is unlike all others there.',
    fix: 'Correct the kind, name or namespace.',
    example:
      'kind: HelmRelease\nmetadata: {name: istiod, namespace: istio-system}\nspec: {chart: {spec: {chart: istiod, sourceRef: {kind: HelmRepository, name: istio}}}}   # the HelmRepository is in flux-system',
  },
};

function faultsAt(model: Model, object: ProofObject, path: Path, kinds: readonly string[]): Fault[] {
  const kind = text(object.json, ...path, 'kind');
  // A kind that the field does not take is a fault of its own: OBJ005.
  const reference =
    kind === undefined || !kinds.includes(kind) ? undefined : referenceAt(object, path, { group: SOURCE_GROUP, kind });
  if (!reference || resolve(model, reference).length > 0) return [];
  return [otherKind(model, reference, kinds) ?? missingReference(model, reference) ?? []].flat();
}

/** A source of that name there is, but of another kind. */
function otherKind(model: Model, reference: FluxReference, kinds: readonly string[]): Fault | undefined {
  const { from, path, kind, name, namespace } = reference;
  if (`${namespace}/${name}` === 'flux-system/flux-system') return undefined;
  const found = SOURCES.filter((other) => other !== kind)
    .flatMap((other) => objectsOf(model, { group: SOURCE_GROUP, kind: other }))
    .find((object) => object.name === name && mayLieIn(object, reference));
  if (!found) return undefined;
  return {
    at: spotOf(from, [...path, 'kind']),
    message: `there is no ${kind} ${name} in namespace ${namespace}`,
    hint: kinds.includes(found.kind)
      ? `did you mean kind ${found.kind}?`
      : `${found.id} is named by ${CHARTS.includes(found.kind) ? 'spec.chartRef, in place of spec.chart' : 'spec.chart.spec.sourceRef'}`,
    cause: `flux ${kind} ${namespace}/${name}`,
  };
}
