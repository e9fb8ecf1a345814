import { basename, join } from 'node:path';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { isObject, type Json } from '../../constructs/kit/json.ts';
import { type Finding, fromObjects, type ProofObject, prove, readWorlds, type World } from '../../constructs/proof/index.ts';

/** One way to break a stack. Objects are named as findings name them: `Service/istio-system/zipkin`. */
export type Edit =
  /** Changes one object; undefined takes the object away. */
  | { readonly object: string; readonly change: (json: Json) => Json | undefined }
  /** Adds objects: YAML. Their construct path is `STACK/added`. They lie in no layer unless one is named. */
  | { readonly add: string; readonly layer?: string }
  /** Lays an object into the files of another layer, where its construct stays what it was. */
  | { readonly move: string; readonly layer: string }
  /** Says what the stack is for. */
  | { readonly purpose: 'lab' | 'production' };

/** One breakage and what must be said of it. */
export interface Breakage {
  readonly what: string;
  readonly edits: readonly Edit[];
  /** The code of the one finding. */
  readonly code: string;
  /** Where it must point: the start of the construct path, without the stack's name. */
  readonly at: string;
  /** The variant that lies on top of the base. Without it the base alone is broken. */
  readonly variant?: string;
}

/**
 * One line of a table.
 *
 * @param code the code of the one finding, error or warning
 * @param at the construct that must be named, without the stack: `mesh/istio/telemetry`
 */
export function row(code: string, at: string, what: string, ...edits: readonly Edit[]): Breakage {
  return { what, edits, code, at };
}

/** Lines of a table that break the stack while one of its variants lies on top. */
export function withVariant(variant: string, ...rows: readonly Breakage[]): Breakage[] {
  return rows.map((one) => ({ ...one, variant }));
}

/** Construct path of objects that an edit adds. */
export const ADDED = 'added';

/**
 * Another value at a place of an object. A place reads like `spec.ports[name=grpc-otlp].appProtocol`: a list's item is chosen by its
 * number or by a field, a key with dots stands in quotes, and where the way goes on inside a text, the text is YAML:
 * `data."config.yaml".exporters`. Keys that are not there are made.
 */
export function set(object: string, place: string, to: Json): Edit {
  return { object, change: (json) => changed(json, steps(place), () => to) };
}

/** As {@link set}, without what stands at the place. */
export function drop(object: string, place: string): Edit {
  return { object, change: (json) => changed(json, steps(place), () => undefined) };
}

/** As {@link set}: one more item at the end of a list, which is made when there is none. */
export function push(object: string, place: string, item: Json): Edit {
  const longer = (list: Json | undefined) => [...(Array.isArray(list) ? list : []), item];
  return { object, change: (json) => changed(json, steps(place), longer) };
}

/** As {@link set}: a part of a text that stands there exactly once, and what takes its place. */
export function replace(object: string, place: string, part: string, by: string): Edit {
  const replaced = (text: Json | undefined) => {
    const times = typeof text === 'string' ? text.split(part).length - 1 : 0;
    if (typeof text !== 'string' || times !== 1) throw new Error(`${object} ${place}: "${part}" is there ${times} times`);
    return text.replace(part, () => by);
  };
  return { object, change: (json) => changed(json, steps(place), replaced) };
}

/** One object less. */
export function without(object: string): Edit {
  return { object, change: () => undefined };
}

/** Objects more: YAML. In the files of a layer, where one is named. */
export function add(yaml: string, layer?: string): Edit {
  return layer === undefined ? { add: yaml } : { add: yaml, layer };
}

/** An object in the files of another layer. */
export function move(object: string, layer: string): Edit {
  return { move: object, layer };
}

/** A committed stack, to be broken over and over: read once, edited in memory. */
export class StackUnderTest {
  /** The base, and the base with each variant. */
  private readonly worlds: readonly World[];
  private readonly name: string;
  private readonly dist: string;

  constructor(dist: string) {
    this.dist = dist;
    this.worlds = readWorlds([dist]);
    this.name = basename(dist);
  }

  /** What the proof says of the stack, with a variant on top or alone, after some edits; of the committed stack with none. */
  findings(edits: readonly Edit[], variant?: string): Finding[] {
    return prove(edits.reduce((world, edit) => this.edited(world, edit), this.world(variant)));
  }

  /** The names of its variants. */
  get variants(): string[] {
    return this.worlds.slice(1).flatMap(({ name }) => name.split(' with ').at(-1) ?? []);
  }

  private world(variant: string | undefined): World {
    const [base, ...more] = this.worlds;
    const world = variant === undefined ? base : more.find(({ name }) => name.endsWith(` with ${variant}`));
    if (!world) throw new Error(`${this.name} has no variant ${variant}`);
    return world;
  }

  private edited(world: World, edit: Edit): World {
    if ('purpose' in edit) return { ...world, purpose: edit.purpose };
    if ('add' in edit) {
      const added = parseAllDocuments(edit.add, { version: '1.1' }).flatMap((document): Json[] => document.toJS() ?? []);
      const path = `${this.name}/${ADDED}`;
      const { objects } = fromObjects(added.flatMap((json) => (isObject(json) ? [{ json, path }] : [])));
      return { ...world, objects: [...world.objects, ...objects.map((object) => this.in(edit.layer, object))] };
    }
    const id = 'move' in edit ? edit.move : edit.object;
    const found = world.objects.filter((object) => object.id === id);
    if (found.length !== 1) throw new Error(`${this.name} has ${found.length} objects ${id}`);
    const edited = (object: ProofObject) => ('move' in edit ? [this.in(edit.layer, object)] : editedObject(object, edit));
    return { ...world, objects: world.objects.flatMap((object) => (object === found[0] ? edited(object) : [object])) };
  }

  private in(layer: string | undefined, object: ProofObject): ProofObject {
    if (layer === undefined) return object;
    const file = join(this.dist, layer, `${layer}.k8s.yaml`);
    return { ...object, origin: { ...object.origin, file, line: () => undefined } };
  }
}

function editedObject(object: ProofObject, { change }: Extract<Edit, { object: string }>): ProofObject[] {
  const json = change(object.json);
  if (!isObject(json)) return [];
  // Its name may be what changed.
  const [renamed] = fromObjects([{ json, path: '' }]).objects;
  return renamed ? [{ ...renamed, origin: object.origin }] : [];
}

type Step = string | { readonly index: number } | { readonly key: string; readonly is: string };

function steps(place: string): readonly Step[] {
  return [...place.matchAll(/"([^"]+)"|\[(\d+)\]|\[([^=\]]*)=([^\]]*)\]|([^."[\]]+)/g)].map(
    ([, quoted, index, key, is, word]): Step => {
      if (index !== undefined) return { index: Number(index) };
      return key !== undefined && is !== undefined ? { key, is } : (quoted ?? word ?? '');
    },
  );
}

function changed(
  node: Json | undefined,
  [step, ...rest]: readonly Step[],
  change: (node: Json | undefined) => Json | undefined,
): Json | undefined {
  if (step === undefined) return change(node);
  if (typeof node === 'string') {
    const value = changed(parse(node), [step, ...rest], change);
    return node.startsWith('{') ? JSON.stringify(value) : stringify(value, { lineWidth: 0 });
  }
  if (typeof step === 'string') {
    if (node !== undefined && node !== null && !isObject(node)) throw new Error(`no map to hold ${step}`);
    const value = changed(node?.[step], rest, change);
    if (value === undefined && node?.[step] === undefined) throw new Error(`there is no ${step} to leave out`);
    const { [step]: _, ...others } = node ?? {};
    // In its old place: order matters to readers of processors.
    return value === undefined ? others : { ...node, [step]: value };
  }
  if (!Array.isArray(node)) throw new Error(`no list to look for ${JSON.stringify(step)}`);
  const index = 'index' in step ? step.index : node.findIndex((item) => (isObject(item) ? item[step.key] : item) === step.is);
  if (node[index] === undefined) throw new Error(`the list has no item ${JSON.stringify(step)}`);
  const value = changed(node[index], rest, change);
  return value === undefined ? node.toSpliced(index, 1) : node.with(index, value);
}
