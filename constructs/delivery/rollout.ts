import { byCodeUnit } from '../kit/json.ts';
import { UserError } from '../kit/user-error.ts';
import type { RenderedLayer, RenderedStack } from './rendered.ts';

/**
 * The layers of a stack in the order to roll them out: in waves, each layer in the first wave after all layers it names in `after`,
 * by name within a wave. Variants are left out, they replace a layer that is there; so is what delivers the layers.
 *
 * @throws UserError for two layers of one name, an `after` or `variantOf` that names no layer (or a variant), and a cycle
 */
export function rolloutOrder(stack: Layers): RenderedLayer[] {
  const byName = layersByName(stack);
  const base = stack.layers.filter(isStep);
  const waiting = new Map(base.map((layer) => [layer.name, new Set(layer.after).size]));
  const followers = new Map<string, RenderedLayer[]>();
  for (const layer of base) {
    for (const name of new Set(layer.after)) {
      const list = followers.get(name);
      if (list) list.push(layer);
      else followers.set(name, [layer]);
    }
  }
  const order: RenderedLayer[] = [];
  let wave = base.filter((layer) => layer.after.length === 0);
  while (wave.length > 0) {
    wave.sort((a, b) => byCodeUnit(a.name, b.name));
    order.push(...wave);
    const next: RenderedLayer[] = [];
    for (const done of wave) {
      for (const layer of followers.get(done.name) ?? []) {
        const left = (waiting.get(layer.name) ?? 0) - 1;
        waiting.set(layer.name, left);
        if (left === 0) next.push(layer);
      }
    }
    wave = next;
  }
  if (order.length < base.length) throw cycleError(stack.name, byName, new Set(order.map((layer) => layer.name)));
  return order;
}

type Layers = Pick<RenderedStack, 'name' | 'layers'>;

function isStep(layer: RenderedLayer): boolean {
  return layer.variantOf === undefined && !layer.delivers;
}

function layersByName(stack: Layers): Map<string, RenderedLayer> {
  const byName = new Map<string, RenderedLayer>();
  for (const layer of stack.layers) {
    if (byName.has(layer.name))
      throw new UserError(`stack ${stack.name} has two layers named ${layer.name}: give each its own name`);
    byName.set(layer.name, layer);
  }
  const bases = () => [...byName.values()].filter(isStep).map((layer) => layer.name);
  for (const layer of stack.layers) {
    const named = [
      ...layer.after.map((name) => ['after', name] as const),
      ...(layer.variantOf === undefined ? [] : [['variantOf', layer.variantOf] as const]),
    ];
    for (const [prop, name] of named) {
      const other = byName.get(name);
      if (other && other.variantOf === undefined) continue;
      const why = other ? `is a variant of ${other.variantOf} and no step of the rollout` : 'is no layer of this stack';
      throw new UserError(
        `${stack.name}/${layer.name}: ${prop} names layer ${JSON.stringify(name)}, which ${why}; layers are ${bases().sort(byCodeUnit).join(', ')}`,
      );
    }
  }
  return byName;
}

function cycleError(stack: string, byName: ReadonlyMap<string, RenderedLayer>, done: ReadonlySet<string>): UserError {
  // Every layer left over waits for another one left over, so walking `after` among them must come round.
  const seen: string[] = [];
  let current = [...byName.values()].find((layer) => isStep(layer) && !done.has(layer.name))?.name ?? '';
  while (!seen.includes(current)) {
    seen.push(current);
    current = byName.get(current)?.after.find((name) => !done.has(name)) ?? current;
  }
  const cycle = [...seen.slice(seen.indexOf(current)), current];
  return new UserError(
    `stack ${stack}: layers wait for each other: ${cycle.join(' after ')}; take one of these out of \`after\``,
  );
}
