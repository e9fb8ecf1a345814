import type { Json, JsonObject } from '../kit/json.ts';
import { objectName } from './apply-order.ts';
import { type Ledger, ledgerOf } from './mirror/index.ts';
import { isRelease } from './mirror/releases.ts';
import type { RenderedLayer, RenderedStack } from './rendered.ts';

/**
 * The inventory of a stack: `stack`, `purpose` (only for production), `layers`, `objects`, `mirror` (only with one), `images` and `charts` (who pulls
 * what, with `from`, the public registry that a mirror's copy is of), `edges`, `inputs` (files that are no cluster objects), `mesh` and `claimedBy` (only when claimed), `acknowledged` (only when there are some) and `files`, which lists
 * every file of the stack, the inventory included: the next publish knows by it what it may replace or remove.
 *
 * One line per entry, so that a change in review shows as the lines of what changed.
 */
export function renderInventory(stack: RenderedStack, layers: readonly RenderedLayer[], files: readonly string[]): string {
  const objects: JsonObject[] = [];
  for (const layer of layers) {
    for (const { json, path } of layer.objects) {
      const { apiVersion, kind, namespace, name } = objectName(json);
      const file = layerFile(layer.name);
      objects.push({ apiVersion, kind, ...(namespace && { namespace }), name, layer: layer.name, file, construct: path });
    }
  }
  const inputs = stack.files.map(({ path, json, construct }) => {
    const { apiVersion, kind, namespace, name } = objectName(json);
    return { apiVersion, kind, ...(namespace && { namespace }), name, file: path, ...(construct && { construct }) };
  });
  const { images, charts } = stack.ledger ?? ownLedger(stack, layers);
  const sections: [string, string][] = [
    ['stack', JSON.stringify(stack.name)],
    ...(stack.purpose ? [['purpose', JSON.stringify(stack.purpose)] satisfies [string, string]] : []),
    ['layers', lines(layers.map(({ name, after, variantOf }) => ({ name, after: [...after], ...(variantOf && { variantOf }) })))],
    ['objects', lines(objects)],
    ...(stack.mirror === undefined ? [] : [['mirror', JSON.stringify(stack.mirror)] satisfies [string, string]]),
    ['images', lines(images.map((image) => ({ ...image, usedBy: [...image.usedBy] })))],
    ...(charts.length > 0
      ? [['charts', lines(charts.map((chart) => ({ ...chart, usedBy: [...chart.usedBy] })))] satisfies [string, string]]
      : []),
    ['edges', lines(stack.edges.map(({ from, to, what }) => ({ from, to, what })))],
    ...(inputs.length > 0 ? [['inputs', lines(inputs)] satisfies [string, string]] : []),
    ...(stack.claimedBy === undefined ? [] : [['claimedBy', JSON.stringify(stack.claimedBy)] satisfies [string, string]]),
    ...(stack.mesh ? [['mesh', JSON.stringify(stack.mesh, null, 2).replaceAll('\n', '\n  ')] satisfies [string, string]] : []),
    ...(stack.acknowledged
      ? [['acknowledged', lines(stack.acknowledged.map((a) => ({ ...a })))] satisfies [string, string]]
      : []),
    ['files', lines(files)],
  ];
  return `{\n${sections.map(([key, value]) => `  ${JSON.stringify(key)}: ${value}`).join(',\n')}\n}\n`;
}

/** What the objects pull; where charts bring some of it, all of it, and else what their own containers are given. */
function ownLedger(stack: RenderedStack, layers: readonly RenderedLayer[]): Ledger {
  const objects = layers.flatMap((layer) => layer.objects);
  const reach = objects.some(({ json }) => isRelease(json)) ? 'all' : 'pods';
  return ledgerOf(reach === 'all' ? [...objects, ...stack.files] : objects, reach);
}

/** Path of a layer's objects inside its stack. */
export function layerFile(layer: string): string {
  return `${layer}/${layer}.k8s.yaml`;
}

function lines(entries: readonly Json[]): string {
  return entries.length === 0 ? '[]' : `[\n${entries.map((entry) => `    ${JSON.stringify(entry)}`).join(',\n')}\n  ]`;
}
