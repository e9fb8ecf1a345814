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
  /** The steps of the same cluster as a step, without itself: an input may hold several clusters. */
  beside(step: Step): readonly Step[];
}

/** The steps of the rollout: of the Flux Kustomizations whose folder is in the input. */
export const rolloutOf = remember((model: Model): Rollout => {
  const kustomizations = objectsOf(model, { group: KUSTOMIZE_GROUP, kind: 'Kustomization' });
  const folders = foldersOf(model.world);
  const root = kustomizations.length === 0 ? undefined : rootOf(kustomizations, folders);
  if (!root) return { folders, root, steps: [], beside: () => [] };
  const byFile = groupBy(model.objects, ({ origin }) => normalize(origin.file ?? ''));
  const byFolder = groupBy(model.objects, ({ origin }) => origin.folder ?? '');
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
    return [{ object, folder, objects, files, before: before(model, object), waits: waits(object) }];
  });
  const names = groupBy(steps, ({ object }) => object.id);
  const single = [...names.values()].every((same) => same.length === 1);
  const together = (a: Step, b: Step) =>
    isDeepStrictEqual(at(a.object.json, 'spec', 'kubeConfig'), at(b.object.json, 'spec', 'kubeConfig')) &&
    (single ||
      dirname(a.object.origin.file ?? '') === dirname(b.object.origin.file ?? '') ||
      steps.some(({ objects }) => objects.includes(a.object) && objects.includes(b.object)));
  return { folders, root, steps, beside: (step) => steps.filter((other) => other !== step && together(step, other)) };
});

/** All that a Flux Kustomization waits for, directly or not. */
function before(model: Model, object: ProofObject): ReadonlySet<ProofObject> {
  const found = new Set<ProofObject>();
  const add = (one: ProofObject) => {
    for (const reference of dependencies(one)) {
      const [target] = resolve(model, reference);
      if (!target || found.has(target)) continue;
      found.add(target);
      add(target);
    }
  };
  add(object);
  return found;
}

function waits({ json }: ProofObject): boolean {
  const checks = [...items(json, 'spec', 'healthChecks'), ...items(json, 'spec', 'healthCheckExprs')];
  return at(json, 'spec', 'wait') === true || checks.length > 0;
}
