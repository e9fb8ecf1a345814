import { basename } from 'node:path';
import { items, text } from '../../../constructs/proof/json-path.ts';
import { readWorlds } from '../../../constructs/proof/read/worlds.ts';
import { analyze, judge, type Message } from '../analyze.ts';
import { apply, remove, restore } from '../apply.ts';
import { type Cluster, kubectl, list } from '../cluster.ts';
import { rollout } from '../rollout.ts';
import { onPath, run } from '../run.ts';
import { label, objectsIn, type Stack } from '../stack.ts';
import { type Outcome, skipped, verdict } from '../tally.ts';
import { compareTraffic } from './traffic.ts';

type Report = (outcome: Outcome) => void;

/** Requests per stack, and per variant of one. */
const most = { stack: 120, variant: 60 };

/**
 * Holds `explain` against istiod for a stack that is applied, and for each of its variants, which is applied on top for that time, analyzed
 * and taken away again. Only on the rig, whose istiod answers without certificates.
 *
 * @param known messages of istioctl's about the cluster without the stack; undefined without istioctl
 */
export async function trafficOf(
  cluster: Cluster,
  stack: Stack,
  known: readonly Message[] | undefined,
  report: Report,
): Promise<void> {
  const why = !cluster.rig ? "only the rig's istiod can be asked" : onPath('ads') ? undefined : 'ads of the rig is not built';
  if (why !== undefined) {
    for (const variant of stack.variants) report(await apply(cluster, variant, `variant ${basename(variant)}, dry run`, true));
    return report(skipped('explain agrees with istiod', why));
  }
  const worlds = new Map(readWorlds([stack.folder]).map((world) => [world.name, world]));
  const base = worlds.get(stack.folder);
  if (!base) return report(verdict('explain agrees with istiod', [`${stack.folder} holds no world`]));
  report(await compareTraffic(cluster, { what: stack.name, named: { path: stack.folder }, world: base, most: most.stack }));
  for (const folder of stack.variants) {
    const name = basename(folder);
    const world = worlds.get(`${stack.folder} with ${name}`);
    if (!world) {
      report(verdict(`variant ${name}`, ['the inventory does not name it as a layer']));
      continue;
    }
    const comparison = {
      what: `${stack.name} with ${name}`,
      named: { path: stack.folder, variant: name },
      world,
      most: most.variant,
    };
    await whileVaried(cluster, stack, folder, { known, report }, async () => report(await compareTraffic(cluster, comparison)));
  }
}

/** Applies a variant on top of its stack, asks, and restores the stack, whatever was said. */
async function whileVaried(
  cluster: Cluster,
  stack: Stack,
  folder: string,
  { known, report }: { readonly known: readonly Message[] | undefined; readonly report: Report },
  compare: () => Promise<void>,
): Promise<void> {
  const name = basename(folder);
  const built = await run('kubectl', ['kustomize', folder]);
  const objects = built.code === 0 ? objectsIn(built.stdout) : [];
  const own = new Set(objects.map(label));
  const inBase = new Set(stack.objects.map(label));
  try {
    report(await apply(cluster, folder, `variant ${name}`));
    const ready = await rollout(cluster, { ...stack, objects });
    if (ready.status === 'failed') report(ready);
    if (known) {
      const said = await analyzed(cluster, known, { objects: [...stack.objects, ...objects] });
      report({ ...said, what: `variant ${name}: ${said.what}` });
    }
    await compare();
  } finally {
    const added = objects.filter((object) => !inBase.has(label(object)));
    const replaced = stack.objects.filter((object) => own.has(label(object)));
    // What was well needs no line of its own.
    for (const outcome of [await remove(cluster, added, []), await restore(cluster, replaced, `variant ${name}, restore`)])
      if (outcome.status === 'failed') report(outcome);
  }
}

/** Conditions of Gateways follow their Services a moment later: messages are asked for again. */
async function analyzed(cluster: Cluster, known: readonly Message[], all: Pick<Stack, 'objects'>): Promise<Outcome> {
  for (let attempt = 1; ; attempt++) {
    await standInForLoadBalancer(cluster);
    const said = judge(await analyze(cluster), known, all);
    if (said.status !== 'failed' || attempt === 5) return said;
    await new Promise((done) => setTimeout(done, 1000));
  }
}

/** Nobody on the rig gives a Service of type LoadBalancer its address, without which a Gateway is not programmed. */
async function standInForLoadBalancer(cluster: Cluster): Promise<void> {
  const services = await list(cluster, ['services', '-A']);
  for (const one of services) {
    if (text(one, 'spec', 'type') !== 'LoadBalancer' || items(one, 'status', 'loadBalancer', 'ingress').length > 0) continue;
    const [namespace = '', name = ''] = [text(one, 'metadata', 'namespace'), text(one, 'metadata', 'name')];
    const patch = JSON.stringify({ status: { loadBalancer: { ingress: [{ ip: '198.51.100.2' }] } } });
    await kubectl(cluster, ['patch', 'service', name, '-n', namespace, '--subresource=status', '--type=merge', '-p', patch]);
  }
}
