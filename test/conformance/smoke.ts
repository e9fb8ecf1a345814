import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../../constructs/kit/json.ts';
import { type Cluster, kubectl } from './cluster.ts';
import { linesOf, run } from './run.ts';
import { asList, manager, type Stack, type StackObject, stackObject } from './stack.ts';
import { type Outcome, skipped, verdict } from './tally.ts';

/** Seconds that the script waits each time: all that it waits for is there already. */
const TIMEOUT = '3';

/**
 * Runs the stack's smoke test while the stack is applied. On the rig no container runs: every step up to the first request must pass, and
 * the script must stop there and say so.
 *
 * @returns the outcome, and what was made for the script in the place of what operators make
 */
export async function smoke(cluster: Cluster, stack: Stack): Promise<Outcome> {
  const what = 'smoke test';
  const file = join(stack.folder, 'smoke-test.sh');
  if (!existsSync(file)) return skipped(what, 'the stack has none');
  if (!cluster.rig) return skipped(what, 'only of the rig is it known which steps pass: run it yourself');
  const made = await standInsFor(cluster, stack, readFileSync(file, 'utf8'));
  try {
    // Nothing is asked over the network: gateways may have addresses that are somebody's.
    const env = { CURL: 'false', KUBECTL: `kubectl --context ${cluster.context}`, TIMEOUT };
    const { code, stdout, stderr } = await run('sh', [file], { env, seconds: 120 });
    const { passed, reasons } = judgeSmoke(stdout, stderr, code);
    const beside = made.length > 0 ? `, with stand-ins for what operators make: ${made.map(({ name }) => name).join(', ')}` : '';
    return verdict(`${what}: ${passed} steps pass${beside}; it stops at the request, which nobody answers`, reasons);
  } finally {
    if (made.length > 0)
      await kubectl(cluster, ['delete', '--ignore-not-found', '--wait=false', '-f', '-'], { input: asList(made) });
  }
}

/** What a run of the script says: how many steps passed, and what speaks against it having stopped at the request. */
export function judgeSmoke(stdout: string, stderr: string, code: number): { passed: number; reasons: string[] } {
  const begun = [...stdout.matchAll(/^(\d+)\/(\d+) (.*) \.\.\.$/gm)].map(([, number, , title = '']) => ({ number, title }));
  const [, failed = '', title = ''] = /^failed at step (\d+) of \d+: (.*)$/m.exec(stderr) ?? [];
  const passed = Math.max(0, begun.length - 1);
  const asIs = code === 1 && /^https?:\/\/\S+ answers 200 /.test(title) && begun.at(-1)?.number === failed && passed >= 4;
  return { passed, reasons: asIs ? [] : [`it ended with ${code}`, ...linesOf(stderr), ...linesOf(stdout).slice(-3)] };
}

/** Workloads that the script waits for and an operator would have made; and, told as ready, the releases that Flux would have installed. */
async function standInsFor(cluster: Cluster, stack: Stack, script: string): Promise<StackObject[]> {
  for (const [, namespace = '', name = ''] of script.matchAll(/^release (\S+) (\S+) \S+$/gm)) {
    const ready = { type: 'Ready', status: 'True', reason: 'InstallSucceeded', message: 'a stand-in', lastTransitionTime: epoch };
    const patch = [
      '--subresource=status',
      '--type=merge',
      '-p',
      JSON.stringify({ status: { observedGeneration, conditions: [ready] } }),
    ];
    await kubectl(cluster, ['patch', `helmreleases.helm.toolkit.fluxcd.io/${name}`, '-n', namespace, ...patch]);
  }
  const waited = [...script.matchAll(/^workload (\S+) (\w+)\/(\S+)$/gm)];
  const objects: StackObject[] = [];
  for (const [, namespace = '', kind = '', name = ''] of waited) {
    const declared = stack.objects.some(
      (one) => one.namespace === namespace && one.name === name && one.kind.toLowerCase() === kind,
    );
    if (declared) continue;
    const { code } = await kubectl(cluster, ['get', `${kind}/${name}`, '-n', namespace, '-o', 'name']);
    const made = code === 0 ? undefined : workload(kind, namespace, name);
    if (made) objects.push(stackObject(made));
  }
  if (objects.length > 0) {
    const args = ['apply', '--server-side', `--field-manager=${manager}`, '-f', '-'];
    await kubectl(cluster, args, { input: asList(objects) });
    for (const { kind, name, namespace = '' } of objects)
      await kubectl(cluster, ['rollout', 'status', `${kind}/${name}`, '-n', namespace, '--timeout=20s']);
  }
  return objects;
}

const epoch = '1970-01-01T00:00:00Z';
/** Not behind the object, or kubectl waits on. */
const observedGeneration = 1_000_000;

function workload(kind: string, namespace: string, name: string): JsonObject | undefined {
  const found = ['Deployment', 'StatefulSet', 'DaemonSet'].find((one) => one.toLowerCase() === kind);
  if (found === undefined) return undefined;
  const labels = { 'conformance-stand-in': name };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'stand-in', image: 'stand-in' }] } };
  return {
    ...{ apiVersion: 'apps/v1', kind: found, metadata: { name, namespace } },
    spec: { selector: { matchLabels: labels }, template, ...(found === 'StatefulSet' ? { serviceName: name } : {}) },
  };
}
