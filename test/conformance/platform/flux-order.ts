import { basename, dirname, join } from 'node:path';
import { byCodeUnit, isObject, type JsonObject } from '../../../constructs/kit/json.ts';
import { UserError } from '../../../constructs/kit/user-error.ts';
import { items, text } from '../../../constructs/proof/json-path.ts';

/** One Flux Kustomization: a folder of the stack, and what Flux applies before it. */
export interface FluxStep {
  readonly name: string;
  /** The layer's folder. */
  readonly folder: string;
  /** Names of the Kustomizations that must be ready first. */
  readonly dependsOn: readonly string[];
  readonly json: JsonObject;
}

/** Whether Flux, not kubectl's kustomize, reads this object. */
export function isFluxKustomization({ apiVersion, kind }: JsonObject): boolean {
  return kind === 'Kustomization' && String(apiVersion).startsWith('kustomize.toolkit.fluxcd.io/');
}

/**
 * The Kustomizations among objects, in an order in which Flux may apply them: each after what it depends on. Of several that are ready
 * the last by name goes first, so that nothing is there merely because the alphabet or the inventory had it come earlier.
 *
 * @param folder the stack's folder, whose name the paths end in: `./dist/STACK/LAYER`
 * @throws UserError for a path outside of the stack, a dependency that is not there, and a cycle
 */
export function fluxSteps(objects: readonly JsonObject[], folder: string): FluxStep[] {
  const waiting = new Map(objects.filter(isFluxKustomization).map((json) => [nameOf(json), stepOf(json, folder)]));
  for (const { name, dependsOn } of waiting.values()) {
    const missing = dependsOn.find((one) => !waiting.has(one));
    if (missing !== undefined) throw new UserError(`Kustomization ${name} depends on ${missing}, which is not there`);
  }
  const order: FluxStep[] = [];
  while (waiting.size > 0) {
    const ready = [...waiting.values()].filter(({ dependsOn }) => !dependsOn.some((one) => waiting.has(one)));
    const next = ready.sort((a, b) => byCodeUnit(b.name, a.name))[0];
    if (!next) throw new UserError(`Kustomizations wait for each other: ${[...waiting.keys()].join(', ')}`);
    order.push(next);
    waiting.delete(next.name);
  }
  return order;
}

/** A step and all that Flux has applied before it for certain: what it depends on, and what that depends on. */
export function certainlyBefore(step: FluxStep, all: readonly FluxStep[]): FluxStep[] {
  const found = new Set<FluxStep>([step]);
  for (const one of found) for (const other of all) if (one.dependsOn.includes(other.name)) found.add(other);
  return [...found];
}

function stepOf(json: JsonObject, folder: string): FluxStep {
  const name = nameOf(json);
  const path = text(json, 'spec', 'path') ?? '';
  if (basename(dirname(path)) !== basename(folder))
    throw new UserError(`Kustomization ${name} has path '${path}', which is no layer of ${basename(folder)}`);
  const dependsOn = items(json, 'spec', 'dependsOn').flatMap((one) => text(one, 'name') ?? []);
  return { name, folder: join(folder, basename(path)), dependsOn, json };
}

function nameOf({ metadata }: JsonObject): string {
  return isObject(metadata) ? String(metadata.name) : '';
}
