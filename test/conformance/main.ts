import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { UserError } from '../../constructs/kit/user-error.ts';
import { acceptedRoutes } from './accepted-routes.ts';
import { type Cluster, chooseContext, isReachable, readContexts } from './cluster.ts';
import { variants } from './flow/variants.ts';
import { istiodMetrics } from './observability/istiod-metrics.ts';
import { ownMetrics } from './observability/own-metrics.ts';
import { ruleTests } from './observability/rule-tests.ts';
import { fourInstalls } from './platform/installs.ts';
import { polyglot } from './polyglot.ts';
import { profiles } from './profiles.ts';
import { findRig, isRigServer, lendPrograms, type Rig, startRig } from './rig.ts';
import { Interrupted, interrupt, onPath } from './run.ts';
import { readStacks } from './stack.ts';
import { type Outcome, render, skipped, summary } from './tally.ts';
import { tryGenerated } from './traffic/generated.ts';
import { clusterChecks, tryOffline, tryStack } from './try-stack.ts';

const project = resolve(import.meta.dirname, '../..');

const options = new Command('conformance')
  .description(
    'Tries every stack of dist/ on an API server: applied as a user would, rolled out, analyzed by istioctl, removed. Runs the variants of ' +
      'the header chain from their package managers (kept in ~/.cache/meshwright/conformance), and the polyglot demo. Uses the current ' +
      'context when its server is on loopback, otherwise the rig, which it starts and stops; another cluster only when --context names it.',
  )
  .option('--context <name>', "the kubeconfig's context to use, wherever its server is")
  .option('--stack <name>', 'this stack only')
  .option('--dist <folder>', 'where the stacks are', join(project, 'dist'))
  .parse()
  .opts<{ context?: string; stack?: string; dist: string }>();

/** The cluster to use, or why there is none; and how to leave it. */
async function findCluster(rig: Rig | undefined): Promise<{ cluster?: Cluster; why: string; leave(): Promise<void> }> {
  const stay = async () => {};
  if (!onPath('kubectl')) return { why: 'kubectl is not on PATH', leave: stay };
  const choice = chooseContext(await readContexts(), options.context);
  if (choice && 'use' in choice) {
    const { name: context, server } = choice.use;
    if (await isReachable(context)) {
      const isRig = rig && options.context === undefined && (await isRigServer(rig, server));
      return { cluster: { context, server, ...(isRig && { rig }) }, why: '', leave: stay };
    }
    if (options.context !== undefined) throw new UserError(`the server of context '${context}', ${server}, does not answer`);
  }
  if (rig) {
    console.log(`using the rig (${rig.scripts}) ...`);
    const { cluster, stop } = await startRig(rig);
    return { cluster, why: '', leave: stop };
  }
  if (choice && 'refused' in choice) {
    const { name, server } = choice.refused;
    throw new UserError(
      `context '${name}' leads to ${server}, which is not this machine: to apply the stacks there, and remove them again, say --context ${name}`,
    );
  }
  return { why: 'no API server on loopback: start one (kind, minikube), or name one with --context', leave: stay };
}

async function main(): Promise<number> {
  const stacks = readStacks(resolve(options.dist), options.stack);
  const rig = findRig(project);
  if (rig) lendPrograms(rig);
  const outcomes: Outcome[] = [];
  const report = (outcome: Outcome) => {
    outcomes.push(outcome);
    console.log(render(outcome));
  };
  console.log('examples/header-chain: every variant of the service');
  for (const outcome of await variants(stacks.find(({ name }) => name === 'jaeger'))) report(outcome);
  console.log('the polyglot demo: its programs in Python and Go');
  for (const outcome of await polyglot()) report(outcome);
  console.log("Istio's profiles: what the library says of them");
  for (const outcome of await profiles(rig)) report(outcome);
  console.log('one mesh, installed four ways');
  for (const outcome of await fourInstalls(rig)) report(outcome);
  console.log('routes that the constructs accept');
  for (const outcome of await acceptedRoutes()) report(outcome);
  console.log('alert rules: their unit tests');
  for (const outcome of await ruleTests()) report(outcome);
  console.log('the catalogue of metrics: what real programs expose');
  for (const outcome of await ownMetrics()) report(outcome);
  const { cluster, why, leave } = await findCluster(rig);
  try {
    console.log(cluster ? `cluster: context ${cluster.context}, ${cluster.server}` : `no cluster: ${why}`);
    for (const stack of stacks) {
      console.log(`stack ${stack.name}: ${stack.objects.length} objects`);
      await tryOffline(stack, rig, report);
      if (cluster) await tryStack(cluster, stack, report);
      else for (const check of clusterChecks) report(skipped(check, why));
    }
    if (options.stack === undefined) {
      console.log('generated routes');
      if (cluster) await tryGenerated(cluster, report);
      else report(skipped('explain agrees with istiod: generated routes', why));
    }
    console.log('the catalogue of metrics: what istiod exposes');
    if (cluster) for (const outcome of await istiodMetrics(cluster)) report(outcome);
    else report(skipped('metrics of a real istiod', why));
  } finally {
    await leave();
  }
  console.log(summary(outcomes));
  return outcomes.some(({ status }) => status === 'failed') ? 1 : 0;
}

process.on('SIGINT', interrupt);
process.on('SIGTERM', interrupt);
try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof UserError) && !(error instanceof Interrupted)) throw error;
  console.error(`conformance: ${error.message}`);
  process.exitCode = error instanceof Interrupted ? 130 : 1;
}
