import type { Model } from '../../model/model.ts';

/** Whether a lab may do it here: somebody says so, or it is a stack of this library, which is one unless it says otherwise. */
export function isForLab({ world, objects }: Model): boolean {
  if (world.purpose !== undefined) return world.purpose === 'lab';
  return objects.some(({ origin }) => origin.construct !== null);
}
