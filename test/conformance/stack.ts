import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { byCodeUnit, isObject, type Json, type JsonObject } from '../../constructs/kit/json.ts';
import { UserError } from '../../constructs/kit/user-error.ts';
import { modelOf, readWorlds } from '../../constructs/proof/index.ts';
import { type FluxStep, fluxSteps, isFluxKustomization } from './platform/flux-order.ts';

/** Owns what a run applies: tells a broken run's leftovers from somebody's objects. */
export const manager = 'meshwright-conformance';

/** One stack of the output, as the API server and the tools are given it. */
export interface Stack {
  readonly name: string;
  readonly folder: string;
  /** The folders to apply one after the other: the whole, or its layers when they must be waited for in between. */
  readonly steps: readonly string[];
  /** Folders that each replace objects of a layer. */
  readonly variants: readonly string[];
  /** Every object, the variants' not included, in the order of the rollout. */
  readonly objects: readonly StackObject[];
  /** The file for `istioctl install -f`. */
  readonly operator?: { readonly file: string; readonly json: JsonObject };
  /** The mesh config: the operator file's, what an istiod that somebody else installed is said to have, or a release's or an `Istio` object's. */
  readonly mesh?: JsonObject;
  /** The registry that everything comes from. */
  readonly mirror?: string;
  /** How Flux applies it. */
  readonly delivery?: Delivery;
}

/** What Flux does with a stack. */
export interface Delivery {
  /** The layer that tells it to Flux: the one that a user applies. */
  readonly folder: string;
  /** The other layers, in an order that Flux may take. */
  readonly steps: readonly FluxStep[];
  /** The objects of each layer, by its name. */
  readonly layers: ReadonlyMap<string, readonly StackObject[]>;
}

/** An object of a stack. */
export interface StackObject {
  readonly kind: string;
  /** Undefined for what belongs to no namespace. */
  readonly namespace: string | undefined;
  readonly name: string;
  readonly json: JsonObject;
}

/**
 * Reads the stacks of an output folder: its folders with an inventory.json.
 *
 * @param only the one stack that is wanted
 * @throws UserError when there is none, or an inventory or an object cannot be read
 */
export function readStacks(dist: string, only?: string): Stack[] {
  const folders = existsSync(dist) ? readdirSync(dist).filter((name) => existsSync(join(dist, name, 'inventory.json'))) : [];
  if (folders.length === 0) throw new UserError(`no stack in ${dist}: run npm run synth first`);
  const names = folders.sort(byCodeUnit).filter((name) => only === undefined || name === only);
  if (names.length === 0) throw new UserError(`no stack '${only}' in ${dist}: there are ${folders.join(', ')}`);
  return names.map((name) => readStack(join(dist, name), name));
}

function readStack(folder: string, name: string): Stack {
  const inventory = parse(join(folder, 'inventory.json'))[0];
  const entries = (list: Json | undefined) => (Array.isArray(list) ? list.filter(isObject) : []);
  const layers = entries(inventory?.layers);
  const files = new Map(entries(inventory?.objects).map(({ layer, file }) => [layer, file]));
  const step = ({ name: layer }: JsonObject) => join(folder, String(layer));
  const bases = layers.filter((layer) => layer.variantOf === undefined && files.has(layer.name));
  const whole = existsSync(join(folder, 'kustomization.yaml'));
  const operator = join(folder, 'istioctl/istio-operator.yaml');
  const operatorJson = existsSync(operator) ? parse(operator)[0] : undefined;
  const inLayer = ({ name: layer }: JsonObject) => parse(join(folder, String(files.get(layer)))).map(stackObject);
  const byLayer = new Map(bases.map((layer) => [String(layer.name), inLayer(layer)]));
  const objects = [...byLayer.values()].flat();
  const delivery = deliveryOf(folder, byLayer);
  const stated = isObject(operatorJson?.spec) ? operatorJson.spec.meshConfig : inventory?.mesh;
  const mesh = isObject(stated) ? stated : meshOfInstall(folder, objects);
  return {
    name,
    folder,
    steps: delivery ? [delivery.folder, ...delivery.steps.map((one) => one.folder)] : whole ? [folder] : bases.map(step),
    variants: layers.filter((layer) => layer.variantOf !== undefined && files.has(layer.name)).map(step),
    objects,
    ...(operatorJson && { operator: { file: operator, json: operatorJson } }),
    ...(mesh && { mesh }),
    ...(typeof inventory?.mirror === 'string' && { mirror: inventory.mirror }),
    ...(delivery && { delivery }),
  };
}

/** Undefined for a stack without Flux. */
function deliveryOf(folder: string, layers: Delivery['layers']): Delivery | undefined {
  const found = [...layers].find(([, objects]) => objects.some(({ json }) => isFluxKustomization(json)));
  if (!found) return undefined;
  const [name, objects] = found;
  const steps = fluxSteps(
    objects.map(({ json }) => json),
    folder,
  );
  const all = new Set(steps.map((one) => basename(one.folder)));
  const left = [...layers.keys()].filter((layer) => layer !== name && !all.has(layer));
  if (left.length > 0) throw new UserError(`${folder}: no Flux Kustomization delivers ${left.join(', ')}`);
  return { folder: join(folder, name), steps, layers };
}

/** The objects of a step, where Flux tells; else all of the stack. */
export function objectsOf({ delivery, objects }: Stack, step: string): readonly StackObject[] {
  return delivery?.layers.get(basename(step)) ?? objects;
}

/** What the proof takes from a chart's values or the Sail operator's object. */
function meshOfInstall(folder: string, objects: readonly StackObject[]): JsonObject | undefined {
  if (!objects.some(({ kind }) => kind === 'HelmRelease' || kind === 'Istio')) return undefined;
  const [world] = readWorlds([folder]);
  return world && modelOf(world).meshConfigs[0]?.value;
}

/** An object with its name taken out of its metadata. */
export function stackObject(json: JsonObject): StackObject {
  const { kind, metadata } = json;
  const { name, namespace } = isObject(metadata) ? metadata : {};
  return {
    kind: String(kind),
    namespace: typeof namespace === 'string' ? namespace : undefined,
    name: String(name),
    json,
  };
}

/** `Kind/namespace/name`. */
export function label({ kind, namespace, name }: Omit<StackObject, 'json'>): string {
  return [kind, namespace, name].filter((part) => part !== undefined).join('/');
}

/** The objects as one `List`, for kubectl's stdin. */
export function asList(objects: readonly StackObject[]): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects.map(({ json }) => json) });
}

/** The objects of a text of YAML documents. */
export function objectsIn(text: string): StackObject[] {
  return parseText(text, 'kubectl kustomize').map(stackObject);
}

function parse(file: string): JsonObject[] {
  return parseText(readFileSync(file, 'utf8'), file);
}

function parseText(text: string, where: string): JsonObject[] {
  return parseAllDocuments(text).flatMap((document) => {
    const [error] = document.errors;
    if (error) throw new UserError(`${where}: ${error.message.split('\n')[0]}`);
    const json: unknown = document.toJS();
    return isObject(json) ? [json] : [];
  });
}
