import { basename } from 'node:path';
import { readWorlds } from '../../../constructs/proof/read/worlds.ts';
import { analyze, judge, type Message } from '../analyze.ts';
import { apply, remove, restore } from '../apply.ts';
import type { Cluster } from '../cluster.ts';
import { rollout } from '../rollout.ts';
import { onPath, run } from '../run.ts';
import { label, objectsIn, type Stack } from '../stack.ts';
import { type Outcome, skipped, verdict } from '../tally.ts';
import { compareTraffic } from './traffic.ts';

/** Requests per stack, and per variant of one. */
const most = { stack: 120, variant: 60 };

/**
 * Holds `explain` against istiod for a stack that is applied, and for each of its variants, which is applied on top for that time, analyzed
 * and taken away again. Only on the rig, whose istiod answers without certificates.
 *
 * @param known messages of istioctl's about the cluster without the stack; undefined without istioctl
 */
export async function trafficOf(cluster: Cluster, stack: Stack, known: readonly Message[] | undefined): Promise<Outcome[]> {
  const why = !cluster.rig ? "only the rig's istiod can be asked" : onPath('ads') ? undefined : 'ads of the rig is not built';
  if (why !== undefined) {
    const dry = await Promise.all(
      stack.variants.map((variant) => apply(cluster, variant, `variant ${basename(variant)}, dry run`, true)),
    );
    return [...dry, skipped('explain agrees with istiod', why)];
  }
  const worlds = new Map(readWorlds([stack.folder]).map((world) => [world.name, world]));
  const base = worlds.get(stack.folder);
  if (!base) return [verdict('explain agrees with istiod', [`${stack.folder} holds no world`])];
  const outcomes = [await compareTraffic(cluster, { what: stack.name, path: stack.folder, world: base, most: most.stack })];
  for (const folder of stack.variants) {
    const name = basename(folder);
    const world = worlds.get(`${stack.folder} with ${name}`);
    if (!world) {
      outcomes.push(verdict(`variant ${name}`, ['the inventory does not name it as a layer']));
      continue;
    }
    outcomes.push(
      ...(await whileVaried(cluster, stack, folder, known, () =>
        compareTraffic(cluster, { what: `${stack.name} with ${name}`, path: folder, world, most: most.variant }),
      )),
    );
  }
  return outcomes;
}

/** Applies a variant on top of its stack, asks, and restores the stack, whatever was said. */
async function whileVaried(
  cluster: Cluster,
  stack: Stack,
  folder: string,
  known: readonly Message[] | undefined,
  compare: () => Promise<Outcome>,
): Promise<Outcome[]> {
  const name = basename(folder);
  const built = await run('kubectl', ['kustomize', folder]);
  const objects = built.code === 0 ? objectsIn(built.stdout) : [];
  const own = new Set(objects.map(label));
  const inBase = new Set(stack.objects.map(label));
  const outcomes: Outcome[] = [];
  try {
    outcomes.push(await apply(cluster, folder, `variant ${name}`));
    const ready = await rollout(cluster, { ...stack, objects });
    if (ready.status === 'failed') outcomes.push(ready);
    if (known) {
      const said = judge(await analyze(cluster), known, { objects: [...stack.objects, ...objects] });
      outcomes.push({ ...said, what: `variant ${name}: ${said.what}` });
    }
    outcomes.push(await compare());
  } finally {
    const added = objects.filter((object) => !inBase.has(label(object)));
    const replaced = stack.objects.filter((object) => own.has(label(object)));
    // What was well needs no line of its own.
    for (const outcome of [await remove(cluster, added, []), await restore(cluster, replaced, `variant ${name}, restore`)])
      if (outcome.status === 'failed') outcomes.push(outcome);
  }
  return outcomes;
}
