import { UserError } from '../constructs/kit/user-error.ts';
import type { World } from '../constructs/proof/types.ts';

/** The base of the one stack there is. */
export function oneStack(worlds: readonly World[]): World {
  const bases = worlds.filter((world) => world.variant === undefined);
  const [base, ...others] = bases;
  if (!base) throw new UserError('nothing to read there');
  if (others.length > 0)
    throw new UserError(`there are several stacks, ${bases.map(({ name }) => name).join(', ')}: name one of them`);
  return base;
}

/** The last part of a folder: `dist/tempo` is the stack tempo. */
export function nameOf({ name }: World): string {
  return name.split(/[\\/]/).findLast((part) => part !== '' && part !== '.') ?? name;
}
