import { nearest, suggest } from '../../../kit/nearest.ts';
import { text } from '../../json-path.ts';
import { type FluxReference, liesIn, mayLieIn, objectsOf, resolve } from '../../model/flux/references.ts';
import type { Model } from '../../model/model.ts';
import { type Fault, spotOf } from '../../types.ts';

/**
 * The fault of a reference to a Flux object that is not there. Undefined when it is there, and when the input says nothing of such
 * objects in that namespace. An error where the name is nearly another's, or stands in another namespace; else it may be kept elsewhere.
 */
export function missingReference(model: Model, reference: FluxReference): Fault | undefined {
  const { from, path, kind, name, namespace } = reference;
  if (resolve(model, reference).length > 0 || isBootstrapped(reference) || renames(model)) return undefined;
  const others = objectsOf(model, reference).filter((object) => object !== from);
  const here = others.filter((object) => mayLieIn(object, reference)).map((object) => object.name);
  const elsewhere = others.find((object) => object.name === name);
  const near = nearest(name, namesLike(name, here));
  const shown = (others.some((object) => liesIn(object, reference)) || isAmongOurs(model, reference)) && !isGenerated(model);
  if (near === undefined && elsewhere === undefined && !shown) return undefined;
  const message = `there is no ${kind} ${name} in namespace ${namespace}`;
  const cause = `flux ${kind} ${namespace}/${name}`;
  if (near === undefined && elsewhere) {
    const at = spotOf(from, [...path, 'namespace']);
    return { at, message, hint: `did you mean namespace ${elsewhere.namespace}?`, cause };
  }
  const hint =
    near === undefined
      ? suggest(name, new Set(here), `name a ${kind} of namespace ${namespace}, or add it`)
      : `did you mean "${near}"?`;
  return {
    at: spotOf(from, [...path, 'name']),
    message,
    hint,
    cause,
    ...(near === undefined ? { severity: 'warning' as const } : {}),
  };
}

/** Whether a reference means its own namespace, and the input makes that: who would keep a source in it beforehand? */
function isAmongOurs(model: Model, { from, namespace, open }: FluxReference): boolean {
  return !open && from.namespace === namespace && model.kind('Namespace').some((object) => object.name === namespace);
}

/** What `flux bootstrap` and the Flux operator make beside the repository. */
function isBootstrapped({ name, namespace }: FluxReference): boolean {
  return name === 'flux-system' && namespace === 'flux-system';
}

/** Whether a kustomization or a Flux Kustomization gives objects other names than their files do. */
function renames(model: Model): boolean {
  const fields = ['namePrefix', 'nameSuffix'];
  return (
    model.world.tree?.renames === true ||
    model.kind('Kustomization').some(({ json }) => fields.some((field) => text(json, 'spec', field) !== undefined))
  );
}

/** Whether somebody makes Flux objects that are in no file: the Flux operator, from templates. */
function isGenerated(model: Model): boolean {
  return model.kind('ResourceSet').length > 0;
}

/** Names that may be meant by another: `db-1` is no slip for `db-2`. */
export function namesLike(name: string, known: readonly string[]): string[] {
  const bare = (text: string) => text.replace(/\d+/g, '#');
  return known.filter((other) => bare(other) !== bare(name));
}
