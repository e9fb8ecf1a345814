import { basename } from 'node:path';
import { UserError } from '../../constructs/kit/user-error.ts';
import { analyze, judge, type Message } from './analyze.ts';
import { admission, apply, before, remove } from './apply.ts';
import { binaries } from './binaries.ts';
import type { Cluster } from './cluster.ts';
import { flow } from './flow/flow.ts';
import { kubeInject } from './kube-inject.ts';
import { answersQueries } from './observability/prometheus.ts';
import { standInForNodeAgents } from './platform/ambient.ts';
import { fluxBuilds } from './platform/flux.ts';
import { onlyMirror } from './platform/mirror.ts';
import { fluxOrderSuffices } from './platform/needs.ts';
import { startOperators } from './platform/operators.ts';
import { prepare } from './platform/prerequisites.ts';
import { prometheusOperator } from './platform/prometheus.ts';
import { helmReleases } from './platform/releases.ts';
import { makeStandIns, standIns } from './platform/stand-ins.ts';
import { proxies } from './proxies.ts';
import { certificateOf, installIstio, type Rig } from './rig.ts';
import { enrolledPods, rollout, sidecars } from './rollout.ts';
import { onPath } from './run.ts';
import { smoke } from './smoke.ts';
import { label, objectsOf, type Stack, type StackObject } from './stack.ts';
import { type Outcome, skipped, verdict } from './tally.ts';
import { trafficOf } from './traffic/variants.ts';

type Report = (outcome: Outcome) => void;

/** What can be said of a stack without a cluster. */
export async function tryOffline(stack: Stack, rig: Rig | undefined, report: Report): Promise<void> {
  for (const outcome of await binaries(stack, rig)) report(outcome);
  for (const outcome of await answersQueries(stack)) report(outcome);
  for (const outcome of await flow(stack)) report(outcome);
  for (const outcome of await kubeInject(stack, rig)) report(outcome);
  for (const outcome of onlyMirror(stack)) report(outcome);
  for (const outcome of fluxOrderSuffices(stack)) report(outcome);
  for (const outcome of await fluxBuilds(stack)) report(outcome);
  for (const outcome of await helmReleases(stack, rig)) report(outcome);
}

/** What {@link tryStack} checks. */
export const clusterChecks = [
  'admission',
  'apply',
  'rollout',
  'sidecars',
  'istioctl analyze -A',
  'tracing of the proxies',
  'smoke test',
  'explain agrees with istiod',
  'removal',
];

/** Applies a stack to the cluster, asks everybody who has a say, and removes it again, whatever was said. */
export async function tryStack(cluster: Cluster, stack: Stack, report: Report): Promise<void> {
  const { outcomes, undo } = await prepare(cluster, stack);
  for (const outcome of outcomes) report(outcome);
  try {
    if (outcomes.every(({ status }) => status !== 'failed')) await tryPrepared(cluster, stack, report);
  } finally {
    await undo();
  }
}

async function tryPrepared(cluster: Cluster, stack: Stack, report: Report): Promise<void> {
  const { leftovers, taken } = await before(cluster, stack);
  if (taken.length > 0) {
    const names = taken.slice(0, 5).map(label).join(', ');
    report(
      verdict(`${taken.length} objects of the stack are there already`, [`${names}: nothing was applied; remove them first`]),
    );
    return;
  }
  if (leftovers.length > 0) {
    console.log(`  removing ${leftovers.length} objects that an earlier run left`);
    const outcome = await remove(cluster, leftovers, []);
    if (outcome.status === 'failed') return report(outcome);
  }
  const uninstall = await istioFor(cluster, stack, report);
  if (!uninstall) return;
  try {
    // Only now: the rig makes the namespace of its istiod while it is set up.
    const { kept } = await before(cluster, stack);
    report(await admission(cluster));
    const known = onPath('istioctl') ? await analyze(cluster) : undefined;
    const made = cluster.rig ? standIns(stack, certificateOf(cluster.rig)) : [];
    const operators = await startOperators(cluster, stack);
    for (const outcome of operators.outcomes) report(outcome);
    try {
      await whileApplied(cluster, stack, { known, made, programs: operators.programs }, report);
    } finally {
      report(await remove(cluster, [...stack.objects, ...made], kept));
      await operators.stop();
    }
  } finally {
    await uninstall();
  }
}

/** What stands beside a stack while it is applied. */
interface While {
  readonly known: readonly Message[] | undefined;
  readonly made: readonly StackObject[];
  /** Operators that run. */
  readonly programs: ReadonlySet<string>;
}

async function whileApplied(cluster: Cluster, stack: Stack, { known, made, programs }: While, report: Report): Promise<void> {
  for (const [i, step] of stack.steps.entries()) {
    const name = step === stack.folder ? 'apply' : `apply ${basename(step)}`;
    report(await apply(cluster, step, name));
    if (i < stack.steps.length - 1) await rollout(cluster, { ...stack, objects: objectsOf(stack, step) });
  }
  for (const outcome of await makeStandIns(cluster, made)) report(outcome);
  if (programs.has('prometheus-operator')) for (const outcome of await prometheusOperator(cluster, stack)) report(outcome);
  report(await rollout(cluster, stack));
  for (const outcome of await standInForNodeAgents(cluster, stack)) report(outcome);
  const enrolled = await enrolledPods(cluster, stack);
  report(sidecars(enrolled));
  if (known) report(judge(await analyze(cluster), known, stack));
  else report(skipped('istioctl analyze -A', 'istioctl is not on PATH'));
  // Both only look, and mostly wait.
  const [told, smoked] = await Promise.all([proxies(cluster, stack, enrolled), smoke(cluster, stack)]);
  for (const outcome of [...told, smoked]) report(outcome);
  await trafficOf(cluster, stack, known, report);
}

/** On the rig: Istio as the stack wants it. Elsewhere the user has installed it. Undefined when there is nothing to go on with. */
async function istioFor(cluster: Cluster, stack: Stack, report: Report): Promise<(() => Promise<void>) | undefined> {
  if (!cluster.rig) return async () => {};
  try {
    return await installIstio(cluster, cluster.rig, stack);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    report(verdict('Istio on the rig', [error.message]));
    return undefined;
  }
}
