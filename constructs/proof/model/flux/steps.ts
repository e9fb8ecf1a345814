import { dirname, join, normalize } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { remember } from '../../../kit/remember.ts';
import { groupBy } from '../../group-by.ts';
import { at, items } from '../../json-path.ts';
import type { ProofObject } from '../../types.ts';
import type { Model } from '../model.ts';
import { type Folders, foldersOf, isUnder } from './folders.ts';
import { dependencies, KUSTOMIZE_GROUP, objectsOf, resolve } from './references.ts';
import { pathOf, type Root, rootOf, sourceOf } from './root.ts';

/** One step of a rollout by Flux: a Flux Kustomization and what it applies. */
export interface Step {
  readonly object: ProofObject;
  /** The folder of the input that its path means. */
  readonly folder: string;
  /** Its objects, all at once: Flux applies CRDs and namespaces first and waits for them, then checks the rest before it applies any of it. */
  readonly objects: readonly ProofObject[];
  readonly files: ReadonlySet<string>;
  /** The Flux Kustomizations that must be ready first, with those that these wait for. */
  readonly before: ReadonlySet<ProofObject>;
  /** It is ready only when what it applied is: `wait`, or health checks. */
  readonly waits: boolean;
}

/** What an input tells of the rollout by Flux. */
export interface Rollout {
  readonly folders: Folders;
  /** Undefined when the input does not hold the folders. */
  readonly root: Root | undefined;
  readonly steps: readonly Step[];
  /** Whether two steps are of the same cluster: an input may hold several. */
  isBeside(step: Step, other: Step): boolean;
  /** The steps that apply an object. */
  applying(object: ProofObject): readonly Step[];
}

/** The steps of the rollout: of the Flux Kustomizations whose folder is in the input. */
export const rolloutOf = remember((model: Model): Rollout => {
  const kustomizations = objectsOf(model, { group: KUSTOMIZE_GROUP, kind: 'Kustomization' });
  const folders = foldersOf(model.world);
  const root = kustomizations.length === 0 ? undefined : rootOf(kustomizations, folders);
  if (!root) return { folders, root, steps: [], isBeside: () => false, applying: () => [] };
  const byFile = groupBy(model.objects, ({ origin }) => normalize(origin.file ?? ''));
  const byFolder = groupBy(model.objects, ({ origin }) => origin.folder ?? '');
  const direct = remember((object: ProofObject) => dependencies(object).flatMap((one) => resolve(model, one)[0] ?? []));
  const steps = kustomizations.flatMap((object): Step[] => {
    const path = pathOf(object);
    const folder = path === undefined || sourceOf(object) !== root.source ? undefined : root.folder(path);
    if (folder === undefined || !folders.all.has(folder)) return [];
    const components = items(object.json, 'spec', 'components').filter((one) => typeof one === 'string');
    const files = new Set(
      [folder, ...components.map((one) => join(folder, one))].flatMap((one) => [...folders.appliedFrom(one)]),
    );
    const objects = model.world.tree
      ? [...files].flatMap((file) => byFile.get(file) ?? [])
      : [...byFolder].flatMap(([home, own]) => (home === folder || isUnder(home, folder) ? own : []));
    let known: ReadonlySet<ProofObject> | undefined;
    const step = {
      ...{ object, folder, objects, files, waits: waits(object) },
      get before() {
        known ??= before(object, direct);
        return known;
      },
    };
    return [step];
  });
  const holders = groupBy(
    steps.flatMap((step) => [...new Set(step.objects)].map((object) => ({ object, step }))),
    ({ object }) => object,
  );
  const applying = remember((object: ProofObject) => (holders.get(object) ?? []).map(({ step }) => step));
  const names = groupBy(steps, ({ object }) => object.id);
  const single = [...names.values()].every((same) => same.length === 1);
  const isBeside = (a: Step, b: Step) =>
    a !== b &&
    isDeepStrictEqual(at(a.object.json, 'spec', 'kubeConfig'), at(b.object.json, 'spec', 'kubeConfig')) &&
    (single ||
      dirname(a.object.origin.file ?? '') === dirname(b.object.origin.file ?? '') ||
      applying(a.object).some((one) => applying(b.object).includes(one)));
  return { folders, root, steps, isBeside, applying };
});

/** All that a Flux Kustomization waits for, directly or not. */
function before(object: ProofObject, direct: (object: ProofObject) => readonly ProofObject[]): ReadonlySet<ProofObject> {
  const found = new Set(direct(object));
  for (const one of found) for (const other of direct(one)) found.add(other);
  return found;
}

/** `healthCheckExprs` alone say how to judge a kind, not that anybody waits for it (kustomize-controller 1.9, checkHealth). */
function waits({ json }: ProofObject): boolean {
  return at(json, 'spec', 'wait') === true || items(json, 'spec', 'healthChecks').length > 0;
}
