import type { ProofObject, World } from '../types.ts';

/** A stack with one of its variants applied on top: an object of the same kind and name replaces the stack's. */
export function vary(base: World, variant: string, own: readonly ProofObject[]): World {
  const replaced = new Set(own.map(({ group, id }) => `${group}/${id}`));
  return {
    ...base,
    name: `${base.name} with ${variant}`,
    variant,
    objects: [...base.objects.filter(({ group, id }) => !replaced.has(`${group}/${id}`)), ...own],
  };
}
