import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isObject, type JsonObject } from '../../constructs/kit/json.ts';
import { UserError } from '../../constructs/kit/user-error.ts';
import { type LogService, logProblems, wantedLogs } from './access-logs.ts';
import { type Cluster, list } from './cluster.ts';
import { type Pod, podOf } from './rollout.ts';
import { linesOf, onPath, run } from './run.ts';
import type { Stack } from './stack.ts';
import { type Outcome, skipped, verdict } from './tally.ts';
import { proxyFacts, tracingProblems, type WantedTracing, wantedTracing } from './tracing.ts';

/**
 * Asks istiod, as each kind of proxy of the stack, what it would be told of tracing and access logs: one pod per enrolled workload, and the pods that
 * the stack's Gateways select. Only on the rig, whose istiod answers without certificates.
 */
export async function proxies(cluster: Cluster, stack: Stack, enrolled: readonly Pod[]): Promise<Outcome[]> {
  const what = 'tracing of the proxies';
  if (!cluster.rig) return [skipped(what, "only the rig's istiod can be asked")];
  if (!onPath('ads')) return [skipped(what, 'ads of the rig is not built')];
  const operator = isObject(stack.operator?.json.spec) ? stack.operator.json.spec : {};
  const { mesh } = stack;
  if (!mesh) return [skipped(what, 'the stack says no mesh config')];
  const root = typeof operator.namespace === 'string' ? operator.namespace : 'istio-system';

  const sidecars = perWorkload(enrolled.filter(({ proxy }) => proxy));
  const gateways = perWorkload(await gatewayPods(cluster, stack));
  const outcomes: Outcome[] = [];
  const waypoints = perWorkload(await waypointPods(cluster, stack));
  const asked = [['sidecar', sidecars] as const, ['router', gateways] as const];
  for (const [type, pods] of waypoints.length > 0 ? [...asked, ['waypoint', waypoints] as const] : asked) {
    if (pods.length === 0) outcomes.push(skipped(`${what}: ${type}`, 'the stack has none'));
    for (const pod of pods) {
      outcomes.push(await tracingOf(type, pod, () => wantedTracing(mesh, stack, root, pod), wantedLogs(mesh, stack, root, pod)));
    }
  }
  return outcomes;
}

async function tracingOf(
  type: string,
  pod: Pod,
  want: () => WantedTracing | undefined,
  logs: readonly LogService[],
): Promise<Outcome> {
  const what = `tracing of the proxies: ${type} ${pod.namespace}/${pod.workload}`;
  let wanted: WantedTracing | undefined;
  try {
    wanted = want();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return verdict(what, [error.message]);
  }
  const logged = logs.map(({ host, port }) => `, access log -> ${host}:${port}`).join('');
  if (!wanted) return verdict(`${what} -> none${logged}`, await ask(type, pod, wanted, logs));
  const { service, address, sampling, tracer = '' } = wanted;
  const to = service
    ? `${service.host}:${service.port} by ${tracer.replace('envoy.tracers.', '')}`
    : `${address}, by the bootstrap`;
  // istioctl's gateway is not injected: it reads the mesh config that is mounted into it.
  const injected = type === 'sidecar';
  const missing =
    injected && address !== undefined && !pod.bootstrap.includes(`"${address}"`)
      ? [`its bootstrap does not hold ${address}`]
      : [];
  return verdict(`${what} -> ${to}, ${sampling} %${logged}`, [...missing, ...(await ask(type, pod, wanted, logs))]);
}

/** istiod learns of new pods and objects a moment after the API server: a wrong answer is asked again. */
async function ask(
  type: string,
  pod: Pod,
  wanted: WantedTracing | undefined,
  logs: readonly LogService[],
): Promise<readonly string[]> {
  const scratch = mkdtempSync(join(tmpdir(), 'conformance-'));
  const file = join(scratch, 'dump.json');
  try {
    for (let attempt = 1; ; attempt++) {
      const { code, stderr } = await run('ads', ['-type', type, '-pod', `${pod.namespace}/${pod.name}`, '-o', file]);
      const facts = code === 0 ? proxyFacts(JSON.parse(readFileSync(file, 'utf8'))) : undefined;
      const reasons = facts ? [...tracingProblems(facts, wanted), ...logProblems(facts, logs)] : linesOf(stderr);
      if (reasons.length === 0 || attempt === 5) return reasons;
      await new Promise((done) => setTimeout(done, 1000));
    }
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/** The pods that Istio's Gateway objects of the stack select, in whatever namespace. */
async function gatewayPods(cluster: Cluster, stack: Stack): Promise<Pod[]> {
  const selectors = stack.objects.flatMap(({ kind, json }) => {
    const selector = kind === 'Gateway' && isObject(json.spec) ? json.spec.selector : undefined;
    return isObject(selector) ? [selectorText(selector)] : [];
  });
  const found = await Promise.all([...new Set(selectors)].map((selector) => list(cluster, ['pods', '-A', '-l', selector])));
  return found.flat().map(podOf);
}

/** The pods that istiod makes of the stack's waypoints. */
async function waypointPods(cluster: Cluster, stack: Stack): Promise<Pod[]> {
  const found = stack.objects
    .filter(({ kind, json }) => kind === 'Gateway' && isObject(json.spec) && json.spec.gatewayClassName === 'istio-waypoint')
    .map(({ name, namespace = '' }) => ['pods', '-n', namespace, '-l', `gateway.networking.k8s.io/gateway-name=${name}`]);
  return (await Promise.all(found.map((args) => list(cluster, args)))).flat().map(podOf);
}

function selectorText(selector: JsonObject): string {
  return Object.entries(selector)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

function perWorkload(pods: readonly Pod[]): Pod[] {
  return [...new Map(pods.map((pod) => [`${pod.namespace}/${pod.workload}`, pod])).values()];
}
