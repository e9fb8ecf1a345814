import { dirname } from 'node:path/posix';
import { fromObjects, type SynthesizedObject, vary, type World } from './proof/index.ts';
import type { StackData } from './render.ts';

/**
 * What is proven of a stack: its base, and the base with each of its variants.
 *
 * @param purpose what the stack is for, where its program says so
 */
export function worldsOf({ name, layers, files, claim }: StackData, purpose?: 'production'): [World, ...World[]] {
  const base = layers.filter((layer) => layer.variantOf === undefined).flatMap((layer) => objectsOf(name, layer));
  const all: SynthesizedObject[] = [
    ...base,
    ...files.map((file) => ({ json: file.json, path: file.construct, folder: dirname(`${name}/${file.path}`) })),
  ];
  const world = fromObjects(all, { name, ...(purpose ? { purpose } : {}), ...(claim ? { mesh: claim } : {}) });
  const variants = layers.filter((layer) => layer.variantOf !== undefined);
  return [world, ...variants.map((layer) => vary(world, layer.name, fromObjects(objectsOf(name, layer)).objects))];
}

/** The objects of a layer, with the folder that they will lie in. */
function objectsOf(stack: string, layer: StackData['layers'][number]): SynthesizedObject[] {
  return layer.objects.map((object) => ({ ...object, folder: `${stack}/${layer.name}` }));
}
