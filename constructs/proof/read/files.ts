import { type Dirent, existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isObject, type JsonObject } from '../../kit/json.ts';
import { UserError } from '../../kit/user-error.ts';
import { fields, items, text } from '../json-path.ts';
import type { Path, ProofObject } from '../types.ts';
import { looksLikeObject, proofObject } from './objects.ts';
import type { SourceFile } from './source.ts';
import { type FileTree, fileTree } from './tree.ts';
import { isFault, parseYaml } from './yaml.ts';

/** What a set of files holds. */
export interface ReadFiles {
  readonly objects: readonly ProofObject[];
  readonly generated: readonly string[];
  readonly filled: readonly string[];
  readonly tree: FileTree;
  readonly notes: readonly string[];
}

/** A document with the place it came from. */
interface Found {
  readonly file: string;
  readonly value: JsonObject;
  line(path: Path, inner?: number): number | undefined;
}

/**
 * The YAML and JSON files of a folder and of all folders in it, in order of their names. Hidden folders and node_modules are left out,
 * and so are Helm charts, whose templates are no YAML, links to folders, which may lead in a circle, and what is no file.
 *
 * @throws UserError when a folder cannot be read
 */
export function filesIn(folder: string): { files: readonly string[]; charts: readonly string[] } {
  const files: string[] = [];
  const charts: string[] = [];
  const walk = (at: string) => {
    const entries = entriesOf(at).sort((a, b) => (a.name < b.name ? -1 : 1));
    if (at !== folder && entries.some((entry) => entry.name === 'Chart.yaml')) {
      charts.push(at);
      return;
    }
    for (const entry of entries) {
      const path = join(at, entry.name);
      if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
      if (entry.isDirectory()) walk(path);
      else if (/\.(ya?ml|json)$/.test(entry.name) && mayBeFile(entry, path)) files.push(path);
    }
  };
  walk(folder);
  return { files, charts };
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    throw new UserError(`cannot read folder ${folder}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** A broken link is taken for a file: it will be told when it is read. */
function mayBeFile(entry: Dirent, path: string): boolean {
  return entry.isSymbolicLink() ? !existsSync(path) || statSync(path).isFile() : entry.isFile();
}

/**
 * Reads the objects of YAML or JSON texts: several documents each, `List`s flattened. Kustomizations and their patches, Helm templates
 * and documents without a kind are no objects: passed over, and said in `notes`.
 *
 * @throws UserError for a text that is no YAML, with file and line; a key stated twice is such a fault, for readers disagree on it. A
 *   `.json` file that says nothing of an apiVersion is passed over instead
 */
export function readTexts(sources: Iterable<SourceFile>): ReadFiles {
  const templates: string[] = [];
  const documents: Found[] = [];
  const names: string[] = [];
  const others: string[] = [];
  for (const { name, source } of sources) {
    names.push(name);
    const parsed = parseYaml(source);
    if (!isFault(parsed)) {
      for (const { value, line } of parsed) {
        if (value !== null) documents.push({ file: name, value: isObject(value) ? value : {}, line });
      }
    } else if (parsed.template) templates.push(name);
    // Sample data, or JSON with comments: a repository may hold anything.
    else if (name.endsWith('.json') && !source.includes('apiVersion')) others.push(name);
    else throw new UserError(`${name}:${parsed.line}: not readable as YAML: ${parsed.message}: ${parsed.hint}`);
  }
  const kustomizations = documents.filter(isKustomization);
  const patches = new Set(kustomizations.flatMap(patchFiles));
  const namespaces = new Map(kustomizations.map(({ file, value }) => [dirname(file), text(value, 'namespace')]));
  const objects: ProofObject[] = [];
  for (const document of documents) {
    const { file } = document;
    if (isKustomization(document) || patches.has(file)) continue;
    for (const { value, line } of flatten(document, others)) {
      objects.push(proofObject(value, { file, construct: null, line }, namespaces.get(dirname(file)) ?? 'default'));
    }
  }
  const generated = kustomizations.flatMap(({ value }) =>
    items(value, 'configMapGenerator').flatMap((entry) => text(entry, 'name') ?? []),
  );
  const files = new Set(documents.map(({ file }) => file));
  const filled = kustomizations.flatMap((kustomization) => {
    const namespace = text(kustomization.value, 'namespace');
    return namespace !== undefined && takesFromElsewhere(kustomization, files) ? [namespace] : [];
  });
  const notes = [
    ...said('kustomizations and their patches', [...kustomizations.map((k) => k.file), ...patches], BUILD),
    ...said('Helm templates', templates, RENDER),
    ...said('documents without kind and apiVersion', others),
  ];
  return { objects, generated, filled, tree: fileTree(names, kustomizations, others), notes };
}

const BUILD = 'to check what they build, run `kubectl kustomize DIR | meshwright check -`';
/** How to check what a chart makes. */
export const RENDER = 'to check what they render, run `helm template CHART | meshwright check -`';

/** The sentence that says what was passed over, and what to do instead; none for nothing. */
export function said(what: string, files: readonly string[], instead?: string): string[] {
  const names = [...new Set(files)];
  if (names.length === 0) return [];
  const more = names.length > 3 ? ` and ${names.length - 3} more` : '';
  return [`passed over ${what}: ${names.slice(0, 3).join(', ')}${more}${instead === undefined ? '' : `; ${instead}`}`];
}

function isKustomization({ file, value }: Found): boolean {
  if (text(value, 'apiVersion')?.startsWith('kustomize.config.k8s.io/')) return true;
  return /^kustomization\.ya?ml$/.test(basename(file)) && !text(value, 'apiVersion')?.includes('/');
}

function patchFiles({ file, value }: Found): string[] {
  const named = [...items(value, 'patches'), ...items(value, 'patchesJson6902')].map((patch) => text(patch, 'path'));
  const merges = items(value, 'patchesStrategicMerge').filter((patch) => typeof patch === 'string');
  return [...named, ...merges].flatMap((name) => (name === undefined ? [] : [join(dirname(file), name)]));
}

/** Whether a kustomization takes objects from anywhere but files beside it. */
function takesFromElsewhere({ file, value }: Found, files: ReadonlySet<string>): boolean {
  return ['resources', 'bases', 'components', 'helmCharts'].some((list) =>
    items(value, list).some((entry) => {
      if (typeof entry !== 'string') return true;
      const path = join(dirname(file), entry);
      return dirname(path) !== dirname(file) || !files.has(path);
    }),
  );
}

/** The objects of a document: itself, or what a List holds. What is no object is named among the others. */
function flatten(document: Found, others: string[]): Found[] {
  const { value, file, line } = document;
  if (!looksLikeObject(value)) {
    others.push(file);
    return [];
  }
  if (!value.kind.endsWith('List') || !(Array.isArray(value.items) || value.items === null)) return [document];
  return items(value, 'items').flatMap((item, index) =>
    flatten({ file, value: fields(item), line: (path, inner) => line(['items', index, ...path], inner) }, others),
  );
}
