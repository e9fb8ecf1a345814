import { basename, dirname, join } from 'node:path';
import { groupBy } from '../../group-by.ts';
import { text } from '../../json-path.ts';
import type { ProofObject } from '../../types.ts';
import type { Folders } from './folders.ts';

/** Where the repository begins that a set of Flux Kustomizations reads: turns their paths into folders of the input. */
export interface Root {
  /** Which source it is: Kustomizations of another source speak of another repository. */
  readonly source: string;
  folder(path: string): string;
}

/** The path of a Flux Kustomization from its source's root, without `./`; undefined when Flux fills it in, or it leads through hidden folders, which nobody reads. */
export function pathOf(kustomization: ProofObject): string | undefined {
  const path = join(text(kustomization.json, 'spec', 'path') ?? '.', '.').replace(/^\/|\/$/g, '');
  return path.includes('${') || path.split('/').some((step) => step.startsWith('.') && step !== '.') ? undefined : path || '.';
}

/** The source of a Flux Kustomization, as a name. */
export function sourceOf({ json, namespace }: ProofObject): string {
  const [kind, name] = [text(json, 'spec', 'sourceRef', 'kind'), text(json, 'spec', 'sourceRef', 'name')];
  return `${kind} ${text(json, 'spec', 'sourceRef', 'namespace') ?? namespace}/${name}`;
}

/**
 * Finds where the input lies in its repository: the one place from which most paths lead to folders. Undefined when the input holds none of them.
 */
export function rootOf(kustomizations: readonly ProofObject[], folders: Folders): Root | undefined {
  const byName = groupBy(folders.all, (folder) => basename(folder));
  const votes = new Map<string, { readonly root: Place; count: number; readonly source: string }>();
  for (const kustomization of kustomizations) {
    const path = pathOf(kustomization);
    // A part of a repository, cut out by somebody (ArtifactGenerator): its paths begin elsewhere.
    if (path === undefined || path === '.' || text(kustomization.json, 'spec', 'sourceRef', 'kind') === 'ExternalArtifact')
      continue;
    const source = sourceOf(kustomization);
    for (const root of places(path, byName.get(basename(path)) ?? [])) {
      const key = `${source} ${root.above} ${root.cut}`;
      const vote = votes.get(key) ?? { root, count: 0, source };
      vote.count++;
      votes.set(key, vote);
    }
  }
  const [best] = [...votes.values()].sort(
    (a, b) => b.count - a.count || a.root.cut - b.root.cut || a.root.above.length - b.root.above.length,
  );
  if (!best) return undefined;
  const { source, root } = best;
  return { source, folder: (path) => join(root.above, path.split('/').slice(root.cut).join('/')) };
}

/** The folders above the repository's root that the input's names begin with, and how many folders below the root they leave out. */
interface Place {
  readonly above: string;
  readonly cut: number;
}

function places(path: string, folders: readonly string[]): Place[] {
  const steps = path.split('/');
  return folders.flatMap((folder): Place[] => {
    const names = folder.split('/');
    let common = 0;
    while (common < steps.length && common < names.length && steps.at(-1 - common) === names.at(-1 - common)) common++;
    const above = names.slice(0, -common).join('/') || (folder.startsWith('/') ? '/' : '.');
    const cut = steps.length - common;
    // A stack's folder may have been copied from elsewhere; one name in common says too little.
    return cut === 0 || common > 1 || common === names.length ? [{ above, cut }] : [];
  });
}

/** The folders in the same folder. */
export function siblings(folder: string, folders: Folders): string[] {
  return [...folders.all].filter((other) => other !== folder && dirname(other) === dirname(folder));
}
