import { byCodeUnit, isObject, type Json, type JsonObject } from '../kit/json.ts';
import { objectName } from './apply-order.ts';
import type { RenderedLayer, RenderedStack } from './rendered.ts';

/** Name of the inventory inside a stack's folder. */
export const inventoryFile = 'inventory.json';

/**
 * The inventory of a stack: `stack`, `purpose` (only for production), `layers`, `objects`, `images`, `edges`, `inputs` (files that are no cluster
 * objects), `mesh` and `claimedBy` (only when claimed), `acknowledged` (only when there are some) and `files`, which lists
 * every file of the stack, the inventory included: the next publish knows by it what it may replace or remove.
 *
 * One line per entry, so that a change in review shows as the lines of what changed.
 */
export function renderInventory(stack: RenderedStack, layers: readonly RenderedLayer[], files: readonly string[]): string {
  const objects: JsonObject[] = [];
  const usedBy = new Map<string, Set<string>>();
  for (const layer of layers) {
    for (const { json, path } of layer.objects) {
      const { apiVersion, kind, namespace, name } = objectName(json);
      const file = layerFile(layer.name);
      objects.push({ apiVersion, kind, ...(namespace && { namespace }), name, layer: layer.name, file, construct: path });
      if (kind === 'CustomResourceDefinition') continue;
      const user = [kind, namespace, name].filter(Boolean).join('/');
      collectImages(json, (image) => usedBy.set(image, (usedBy.get(image) ?? new Set()).add(user)));
    }
  }
  const inputs = stack.files.map(({ path, json, construct }) => {
    const { apiVersion, kind, namespace, name } = objectName(json);
    return { apiVersion, kind, ...(namespace && { namespace }), name, file: path, ...(construct && { construct }) };
  });
  const images = [...usedBy].sort(([a], [b]) => byCodeUnit(a, b));
  const sections: [string, string][] = [
    ['stack', JSON.stringify(stack.name)],
    ...(stack.purpose ? [['purpose', JSON.stringify(stack.purpose)] satisfies [string, string]] : []),
    ['layers', lines(layers.map(({ name, after, variantOf }) => ({ name, after: [...after], ...(variantOf && { variantOf }) })))],
    ['objects', lines(objects)],
    ['images', lines(images.map(([image, users]) => ({ image, usedBy: [...users].sort(byCodeUnit) })))],
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

/** Path of a layer's objects inside its stack. */
export function layerFile(layer: string): string {
  return `${layer}/${layer}.k8s.yaml`;
}

function lines(entries: readonly Json[]): string {
  return entries.length === 0 ? '[]' : `[\n${entries.map((entry) => `    ${JSON.stringify(entry)}`).join(',\n')}\n  ]`;
}

/**
 * Finds images wherever Kubernetes and the operators of the tracing world write them: `image: NAME` (containers, init containers,
 * OpenTelemetryCollector, Instrumentation), `image: { repository, tag }` (Helm values) and Kiali's `image_name` and `image_version`.
 * `auto` is Istio's placeholder for the image that injection fills in.
 */
function collectImages(value: Json, found: (image: string) => void): void {
  if (value === null || typeof value !== 'object') return;
  if (!isObject(value)) {
    for (const item of value) collectImages(item, found);
    return;
  }
  const { image, image_name, image_version } = value;
  if (typeof image === 'string' && isImage(image)) found(image);
  if (isObject(image) && typeof image.repository === 'string' && image.repository !== '')
    found(tagged(image.repository, image.tag));
  if (typeof image_name === 'string' && image_name !== '') found(tagged(image_name, image_version));
  for (const key in value) {
    const inner = value[key];
    if (typeof inner === 'object' && inner !== null) collectImages(inner, found);
  }
}

function isImage(text: string): boolean {
  return text !== 'auto' && /^[\w.-]+(?::\d+)?[\w./-]*(?::[\w.-]+)?(?:@sha256:[0-9a-f]+)?$/.test(text);
}

function tagged(repository: string, tag: Json | undefined): string {
  return typeof tag === 'string' && tag !== '' ? `${repository}:${tag}` : repository;
}
