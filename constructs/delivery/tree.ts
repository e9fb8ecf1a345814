import { byCodeUnit } from '../kit/json.ts';
import { UserError } from '../kit/user-error.ts';
import { toYaml } from '../kit/yaml.ts';
import { sortForApply } from './apply-order.ts';
import { layerFile, renderInventory } from './inventory.ts';
import { inventoryFile, type RenderedLayer, type RenderedStack } from './rendered.ts';
import { rolloutOrder } from './rollout.ts';
import { guardSubstitution } from './substitute.ts';

/**
 * Every file of the output: path below the output folder (`/` as separator) to text.
 *
 * Per stack: one file of objects and one kustomization per layer that has objects, the kustomization of the whole (unless the stack
 * needs waiting), the files that are no cluster objects, the scripts, and inventory.json. The same stacks give the same text whatever
 * the order of their objects; no name carries a number, so a new layer or object changes only its own file and the lists that name it.
 *
 * @throws UserError for a name that cannot be a folder, two files of one path, and layers whose order cannot be kept
 */
export function renderTree(stacks: readonly RenderedStack[]): Map<string, string> {
  return joined(stacks, (stack, rollout, layers) => {
    const files: [string, string][] = [];
    for (const layer of layers) {
      files.push([layerFile(layer.name), objectsText(layer)]);
      files.push([`${layer.name}/kustomization.yaml`, kustomization([`${layer.name}.k8s.yaml`])]);
    }
    const steps = rollout.filter((layer) => layer.objects.length > 0).map((layer) => layer.name);
    if (!stack.needsWaiting && steps.length > 0) files.push(['kustomization.yaml', kustomization(steps)]);
    for (const { path, json } of stack.files) {
      checkPath(stack.name, path);
      files.push([path, `---\n${toYaml(json)}`]);
    }
    for (const { path, text } of stack.scripts ?? []) {
      checkPath(stack.name, path);
      files.push([path, text]);
    }
    const paths = [...files.map(([path]) => path), inventoryFile].sort(byCodeUnit);
    files.push([inventoryFile, renderInventory(stack, layers, paths)]);
    return files;
  });
}

/**
 * The cluster objects alone, `<stack>/<layer>/<layer>.k8s.yaml`: for an output folder that others read whole, such as the one of
 * `cdk8s synth --stdout`, where a kustomization or an inventory would be taken for an object.
 *
 * @throws UserError as `renderTree` does
 */
export function clusterObjectsOnly(stacks: readonly RenderedStack[]): Map<string, string> {
  return joined(stacks, (_stack, _rollout, layers) => layers.map((layer) => [layerFile(layer.name), objectsText(layer)]));
}

type RenderFiles = (
  stack: RenderedStack,
  rollout: readonly RenderedLayer[],
  layers: readonly RenderedLayer[],
) => readonly (readonly [path: string, text: string])[];

function joined(stacks: readonly RenderedStack[], render: RenderFiles): Map<string, string> {
  const tree = new Map<string, string>();
  const names = new Set<string>();
  for (const stack of stacks) {
    checkName('a stack', stack.name);
    if (names.has(stack.name)) throw new UserError(`two stacks are named ${stack.name}: give each its own name`);
    names.add(stack.name);
    const rollout = rolloutOrder(stack);
    const files = render(stack, rollout, sortedLayers(stack, rollout));
    checkClashes(
      stack.name,
      files.map(([path]) => path),
    );
    for (const [path, text] of files) tree.set(`${stack.name}/${path}`, text);
  }
  return tree;
}

/** Layers that have objects, in rollout order, then the variants by name, then what delivers them; objects in apply order. */
function sortedLayers(stack: RenderedStack, rollout: readonly RenderedLayer[]): RenderedLayer[] {
  const variants = stack.layers.filter((layer) => layer.variantOf !== undefined).sort((a, b) => byCodeUnit(a.name, b.name));
  const delivery = stack.layers.filter((layer) => layer.delivers);
  const filled = [...rollout, ...variants, ...delivery].filter((layer) => layer.objects.length > 0);
  for (const layer of filled) checkName(`a layer of stack ${stack.name}`, layer.name);
  return filled.map((layer) => ({ ...layer, objects: sortForApply(layer.objects) }));
}

function objectsText(layer: RenderedLayer): string {
  return layer.objects.map(({ json }) => `---\n${toYaml(guardSubstitution(json))}`).join('');
}

function kustomization(resources: readonly string[]): string {
  return `---\n${toYaml({ apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', resources })}`;
}

function checkName(what: string, name: string): void {
  if (/^[a-z0-9][a-z0-9._-]*$/.test(name) && name.length <= 200) return;
  throw new UserError(
    `${what} is named ${JSON.stringify(name)}: the name becomes a folder, so use lower case letters, digits, '-', '.' and '_', starting with a letter or digit`,
  );
}

function checkPath(stack: string, path: string): void {
  const parts = path.split('/');
  if (parts.every((part) => /^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(part))) return;
  throw new UserError(
    `stack ${stack} has a file ${JSON.stringify(path)}: the path must stay inside the stack's folder, e.g. 'istioctl/istio-operator.yaml'`,
  );
}

function checkClashes(stack: string, paths: readonly string[]): void {
  const files = new Set<string>();
  const folders = new Set<string>();
  for (const path of paths) {
    if (files.has(path)) throw clash(stack, path);
    files.add(path);
    for (let end = path.indexOf('/'); end !== -1; end = path.indexOf('/', end + 1)) folders.add(path.slice(0, end));
  }
  for (const folder of folders) if (files.has(folder)) throw clash(stack, folder);
}

function clash(stack: string, path: string): UserError {
  return new UserError(`two things would be written as ${stack}/${path}: give the layer or the file another name`);
}
