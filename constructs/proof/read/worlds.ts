import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isObject, type JsonObject } from '../../kit/json.ts';
import { nearest } from '../../kit/nearest.ts';
import { UserError } from '../../kit/user-error.ts';
import { items, text } from '../json-path.ts';
import type { ProofObject, World, WorldLayer } from '../types.ts';
import { acknowledgementsOf } from './acknowledgements.ts';
import { filesIn, RENDER, type ReadFiles, readTexts, said } from './files.ts';
import { claimedMesh } from './objects.ts';
import { readSource, type SourceFile, sourceOf } from './source.ts';
import { vary } from './vary.ts';
import { isFault, parseYaml } from './yaml.ts';

const INVENTORY = 'inventory.json';

/** Options of {@link readWorlds}. */
export interface ReadOptions {
  /** What `-` stands for. @default the process's standard input */
  readonly stdin?: () => string;
  /** What all of it is for. @default what an inventory.json says, else nothing is said */
  readonly purpose?: 'lab' | 'production';
  /** What of the texts is worth reading, when only one thing is asked of them. @default all of it */
  readonly narrow?: (sources: readonly SourceFile[]) => readonly SourceFile[];
}

/**
 * Reads what is to be checked. A folder that holds an inventory.json is a world of its own, wherever it lies in a given folder; all
 * other files of the call are one world together.
 *
 * @param paths files, folders (with all folders in them), `-` for standard input, or the name of a stack, which means `dist/NAME`
 * @returns one world per stack and at most one for the rest, none of them empty
 * @throws UserError when a path does not exist, a file is no YAML, or there is no object at all
 */
export function readWorlds(paths: readonly string[], options: ReadOptions = {}): World[] {
  const stacks = new Map<string, string[]>();
  const loose: SourceFile[] = [];
  const charts: string[] = [];
  const seen = new Set<string>();
  for (const given of paths) {
    if (given === '-') {
      const given = options.stdin ? Buffer.from(options.stdin()) : readFileSync(0);
      loose.push(sourceOf('<stdin>', given));
      continue;
    }
    const path = resolvePath(given);
    if (!statSync(path).isDirectory()) {
      if (!seen.has(path)) loose.push(readSource(path));
      seen.add(path);
      continue;
    }
    const found = filesIn(path);
    charts.push(...found.charts);
    const homes = found.files.filter((file) => basename(file) === INVENTORY).map(dirname);
    for (const file of found.files) {
      if (seen.has(file)) continue;
      seen.add(file);
      const home = homes.find((folder) => file.startsWith(join(folder, '/')));
      if (home === undefined) loose.push(readSource(file));
      else stacks.set(home, [...(stacks.get(home) ?? []), file]);
    }
  }
  const { narrow = (sources) => sources } = options;
  const worlds = [...stacks].flatMap(([folder, files]) => stackWorlds(folder, files, narrow));
  const read = readTexts(narrow(loose));
  worlds.push({
    name: paths.join(' '),
    ...read,
    acknowledged: [],
    notes: [...read.notes, ...said('Helm charts', charts, RENDER)],
  });
  const { purpose } = options;
  const populated = worlds.filter((world) => world.objects.length > 0).map((world) => (purpose ? { ...world, purpose } : world));
  if (populated.length > 0) return populated;
  const notes = [...new Set(worlds.flatMap((world) => world.notes))].map((note) => ` (${note})`).join('');
  throw new UserError(`nothing to check in ${paths.join(', ')}: no Kubernetes object found${notes}`);
}

function resolvePath(given: string): string {
  if (existsSync(given)) return given;
  const stack = join('dist', given);
  if (/^[^/\\]+$/.test(given) && existsSync(stack)) return stack;
  const near = nearest(given, existsSync('dist') ? readdirSync('dist') : []);
  const hint = near === undefined ? 'name a file, a folder, a stack or -' : `did you mean "${near}"?`;
  throw new UserError(`no such path: ${given} (nor a stack dist/${given}): ${hint}`);
}

/** The worlds of a stack: its base, and the base with each variant, whose objects stand in for those of the same name. */
function stackWorlds(folder: string, files: readonly string[], narrow: NonNullable<ReadOptions['narrow']>): World[] {
  const manifests = files.filter((file) => ![INVENTORY, 'kustomization.yaml'].includes(basename(file)));
  const read = readTexts(narrow(manifests.map(readSource)));
  const kustomized = files.filter((file) => basename(file) === 'kustomization.yaml').map(readSource);
  const { kustomizations } = readTexts(narrow(kustomized)).tree;
  const file = join(folder, INVENTORY);
  const parsed = parseYaml(readSource(file).source);
  if (isFault(parsed))
    throw new UserError(`${file}:${parsed.line}: not readable as JSON: ${parsed.message}: run the synth again`);
  const [document] = parsed;
  const inventory = document && isObject(document.value) ? document.value : {};
  const stated = text(inventory, 'purpose');
  const purpose: Pick<World, 'purpose'> = stated === 'production' || stated === 'lab' ? { purpose: stated } : {};
  const acknowledged =
    document && inventory.acknowledged !== undefined ? acknowledgementsOf(document, ['acknowledged'], file) : [];
  const objects = withConstructs(read, folder, inventory);
  const claim = isObject(inventory.mesh)
    ? {
        claim: claimedMesh(inventory.mesh, {
          file,
          construct: text(inventory, 'claimedBy') ?? null,
          line: (path) => document?.line(path),
        }),
      }
    : {};
  const layers = items(inventory, 'layers').flatMap((layer): WorldLayer[] => {
    const [name, variantOf] = [text(layer, 'name'), text(layer, 'variantOf')];
    return name === undefined ? [] : [{ name, ...(variantOf === undefined ? {} : { variantOf }) }];
  });
  const variants = layers.flatMap(({ name, variantOf }) => (variantOf === undefined ? [] : [name]));
  const variantOf = ({ origin }: ProofObject) => variants.find((name) => origin.file?.startsWith(join(folder, name, '/')));
  const base: World = {
    ...read,
    tree: { ...read.tree, kustomizations },
    ...{ name: folder, objects: objects.filter((object) => variantOf(object) === undefined) },
    ...{ ...purpose, ...claim, acknowledged, layers },
  };
  const variedBy = (name: string) => objects.filter((object) => variantOf(object) === name);
  return [base, ...variants.map((name) => vary(base, name, variedBy(name)))];
}

/** Gives each object the construct path that the inventory tells: of two of one name, as variants have, that of its own file. */
function withConstructs(read: ReadFiles, folder: string, inventory: JsonObject): ProofObject[] {
  const constructs = new Map<string, string>();
  for (const entry of [...items(inventory, 'objects'), ...items(inventory, 'inputs')]) {
    const construct = text(entry, 'construct');
    if (construct === undefined) continue;
    const name = key(text(entry, 'kind'), text(entry, 'namespace'), text(entry, 'name'));
    constructs.set(name, construct);
    constructs.set(`${join(folder, text(entry, 'file') ?? '')} ${name}`, construct);
  }
  return read.objects.map((object) => {
    const names = [key(object.kind, object.namespace, object.name), key(object.kind, '', object.name)];
    const found = [...names.map((name) => `${object.origin.file ?? ''} ${name}`), ...names].find((name) => constructs.has(name));
    const construct = found === undefined ? undefined : constructs.get(found);
    return construct === undefined ? object : { ...object, origin: { ...object.origin, construct } };
  });
}

function key(kind: string | undefined, namespace: string | undefined, name: string | undefined): string {
  return `${kind ?? ''}/${namespace ?? ''}/${name ?? ''}`;
}
