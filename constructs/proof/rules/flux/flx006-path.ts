import { basename, dirname, join } from 'node:path';
import { nearest } from '../../../kit/nearest.ts';
import { KUSTOMIZE_GROUP, objectsOf } from '../../model/flux/references.ts';
import { pathOf, type Root, siblings, sourceOf } from '../../model/flux/root.ts';
import { type Rollout, rolloutOf } from '../../model/flux/steps.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, type ProofObject, spotOf } from '../../types.ts';
import { namesLike } from './missing.ts';

export const path: Rule = {
  code: 'FLX006',
  title: 'a Flux Kustomization whose folder is not there',
  severity: 'error',
  run: (model) => {
    const rollout = rolloutOf(model);
    const { root } = rollout;
    if (!root) return [];
    return objectsOf(model, { group: KUSTOMIZE_GROUP, kind: 'Kustomization' }).flatMap((object) => {
      const stated = sourceOf(object) === root.source ? pathOf(object) : undefined;
      return stated === undefined ? [] : (faultOf(object, stated, root, rollout) ?? []);
    });
  },
  docs: {
    cause:
      'Other Kustomizations of the same source lead to folders of the input, and this one’s `spec.path` does not: Flux reports `kustomization path not found`. Said only of a path near another, or beside folders that are there; one unlike all of them is a warning.',
    fix: 'Correct the path; it begins at the root of the repository.',
    example:
      'kind: Kustomization\nmetadata: {name: configs, namespace: flux-system}\nspec: {path: ./infrastructure/config}   # the folder is infrastructure/configs',
  },
};

function faultOf(object: ProofObject, stated: string, root: Root, { folders, steps }: Rollout): Fault | undefined {
  const folder = root.folder(stated);
  if (folders.all.has(folder)) return undefined;
  const beside = siblings(folder, folders);
  const near = nearestFolder(folder, beside, folders.all);
  // In the files of one stack nobody can see what else the repository holds.
  const shown = steps.length > 1 && beside.length > 0 && object.origin.construct === null;
  if (near === undefined && !shown) return undefined;
  return {
    at: spotOf(object, ['spec', 'path']),
    message: `"./${stated}" is no folder here`,
    ...(near === undefined ? { severity: 'warning' as const } : {}),
    hint:
      near === undefined
        ? `beside it there is ${beside
            .map((one) => basename(one))
            .sort()
            .slice(0, 5)
            .join(', ')}`
        : `did you mean "./${inRepository(near, stated)}"?`,
  };
}

/** The folder that was most likely meant: a near name in the same place, or the same name in a near place. */
function nearestFolder(folder: string, beside: readonly string[], all: ReadonlySet<string>): string | undefined {
  const name = basename(folder);
  const found = nearest(
    name,
    namesLike(
      name,
      beside.map((one) => basename(one)),
    ),
  );
  if (found !== undefined) return join(dirname(folder), found);
  const parent = dirname(folder);
  const place = nearest(
    basename(parent),
    [...all].filter((one) => dirname(one) === dirname(parent)).map((one) => basename(one)),
  );
  const there = place === undefined ? undefined : join(dirname(parent), place, name);
  return there !== undefined && all.has(there) ? there : undefined;
}

/** A folder that differs in its last two names at most from that of a path, as the path would have to name it. */
function inRepository(folder: string, stated: string): string {
  const steps = stated.split('/');
  const changed = folder.split('/').slice(-Math.min(2, steps.length));
  return [...steps.slice(0, -changed.length), ...changed].join('/');
}
