import { dirname, join, normalize } from 'node:path';
import type { JsonObject } from '../../kit/json.ts';
import { items, text } from '../json-path.ts';

/** The files of an input, as kustomize and Flux see them. */
export interface FileTree {
  /** Every file that was read. */
  readonly files: ReadonlySet<string>;
  /** What the kustomization.yaml of a folder takes in, by folder: files, folders and URLs, as paths from where the input was read. */
  readonly kustomizations: ReadonlyMap<string, readonly string[]>;
  /** Folders whose kustomization changes the objects that it takes in. */
  readonly patching: ReadonlySet<string>;
  /** Files that hold something else than objects: values of a chart, for example. */
  readonly strangers: ReadonlySet<string>;
  /** Some kustomization gives its objects other names. */
  readonly renames: boolean;
}

/** A document and the file that holds it. */
interface Document {
  readonly file: string;
  readonly value: JsonObject;
}

/** The tree of what was read: all files, and among their documents the kustomizations and those that are no objects. */
export function fileTree(files: readonly string[], kustomizations: readonly Document[], strangers: readonly string[]): FileTree {
  return {
    files: new Set(files.map((file) => normalize(file))),
    kustomizations: new Map(kustomizations.map(({ file, value }) => [dirname(normalize(file)), takenIn(file, value)])),
    patching: new Set(kustomizations.flatMap(({ file, value }) => (changes(value) ? [dirname(normalize(file))] : []))),
    strangers: new Set(strangers.map((file) => normalize(file))),
    renames: kustomizations.some(
      ({ value }) => text(value, 'namePrefix') !== undefined || text(value, 'nameSuffix') !== undefined,
    ),
  };
}

function takenIn(file: string, value: JsonObject): readonly string[] {
  return ['resources', 'bases', 'components'].flatMap((list) =>
    items(value, list).flatMap((entry) => (typeof entry === 'string' ? [join(dirname(file), entry)] : [])),
  );
}

function changes(value: JsonObject): boolean {
  const fields = ['patches', 'patchesStrategicMerge', 'patchesJson6902', 'replacements', 'transformers', 'components'];
  return fields.some((field) => items(value, field).length > 0);
}
