import { dirname } from 'node:path/posix';
import { remember } from '../../../kit/remember.ts';
import { groupBy } from '../../group-by.ts';
import { items, text } from '../../json-path.ts';
import type { Path, ProofObject } from '../../types.ts';
import type { Model } from '../model.ts';

export const KUSTOMIZE_GROUP = 'kustomize.toolkit.fluxcd.io';
export const HELM_GROUP = 'helm.toolkit.fluxcd.io';
export const SOURCE_GROUP = 'source.toolkit.fluxcd.io';

/** One Flux object that another names. */
export interface FluxReference {
  readonly from: ProofObject;
  /** Place of the reference in `from`, e.g. `spec.dependsOn[0]`. */
  readonly path: Path;
  readonly group: string;
  readonly kind: string;
  readonly name: string;
  /** The namespace that is named, or else that of `from`. */
  readonly namespace: string;
  /** The namespace is that of `from`, which a kustomization elsewhere may still set. */
  readonly open: boolean;
}

/** A reference with the name and namespace that stand at a path; undefined where there is no name, or one that Flux fills in. */
export function referenceAt(from: ProofObject, path: Path, target: { group: string; kind: string }): FluxReference | undefined {
  const name = text(from.json, ...path, 'name');
  const stated = text(from.json, ...path, 'namespace');
  if (name === undefined || `${name}${stated ?? ''}`.includes('${')) return undefined;
  return { from, path, ...target, name, namespace: stated ?? from.namespace, open: stated === undefined && !isPlaced(from) };
}

/** What an object must wait for: `spec.dependsOn` of a Flux Kustomization or HelmRelease names others of its kind. */
export function dependencies(from: ProofObject): FluxReference[] {
  const { group, kind } = from;
  return items(from.json, 'spec', 'dependsOn').flatMap(
    (_, i) => referenceAt(from, ['spec', 'dependsOn', i], { group, kind }) ?? [],
  );
}

/** Whether an object's namespace is known: one that a plain file leaves out may be set by a kustomization elsewhere. */
function isPlaced({ json, namespace, origin }: ProofObject): boolean {
  return origin.construct !== null || namespace !== 'default' || text(json, 'metadata', 'namespace') !== undefined;
}

/** The objects of a kind, of one API group. */
export function objectsOf(model: Model, { group, kind }: { group: string; kind: string }): ProofObject[] {
  return model.kind(kind).filter((object) => object.group === group);
}

/** The objects that a reference may mean: several where an input holds several clusters. The nearest file first. */
export function resolve(model: Model, reference: FluxReference): ProofObject[] {
  const { from, group, kind, name } = reference;
  const found = (namesakes(model).get(`${group}/${kind} ${name}`) ?? []).filter((object) => mayLieIn(object, reference));
  return found.length < 2 ? found : found.sort((a, b) => shared(b, from) - shared(a, from));
}

const FLUX_GROUPS = new Set([KUSTOMIZE_GROUP, HELM_GROUP, SOURCE_GROUP]);

const namesakes = remember((model: Model) =>
  groupBy(
    model.objects.filter(({ group }) => FLUX_GROUPS.has(group)),
    ({ group, kind, name }) => `${group}/${kind} ${name}`,
  ),
);

/** Whether an object may lie in the namespace that a reference means. */
export function mayLieIn(object: ProofObject, { namespace, open }: FluxReference): boolean {
  return open || object.namespace === namespace || !isPlaced(object);
}

/** Whether an object surely lies in the namespace that a reference means. */
export function liesIn(object: ProofObject, { namespace, open }: FluxReference): boolean {
  return !open && object.namespace === namespace && isPlaced(object);
}

/** How many folders two objects' files have in common. */
function shared(a: ProofObject, b: ProofObject): number {
  const [one, other] = [foldersOf(a), foldersOf(b)];
  const end = one.findIndex((folder, i) => folder !== other[i]);
  return end < 0 ? one.length : end;
}

function foldersOf({ origin }: ProofObject): readonly string[] {
  return dirname(origin.file ?? '').split('/');
}
