import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { isObject, type JsonObject } from '../../constructs/kit/json.ts';
import { UserError } from '../../constructs/kit/user-error.ts';
import { type Cluster, contextsOf, kubectl } from './cluster.ts';
import { isExecutable, linesOf, run } from './run.ts';
import type { Stack } from './stack.ts';

/** A folder of scripts that bring up an API server and an istiod on loopback, and where they keep what they built. */
export interface Rig {
  readonly scripts: string;
  readonly home: string;
  /** Istio's charts and profiles, for an istioctl that has none built in. */
  readonly manifests: string;
}

/** The rig that MESHWRIGHT_RIG names, or that lies beside the project; undefined where there is none, or it is not built. */
export function findRig(project: string): Rig | undefined {
  const scripts = process.env.MESHWRIGHT_RIG ?? resolve(project, '../shared/rig');
  const home = process.env.RIG_HOME ?? join(homedir(), '.cache/meshwright-rig');
  const built = ['kube-apiserver', 'etcd'].every((program) => isExecutable(join(home, 'bin', program)));
  if (!existsSync(join(scripts, 'up.sh')) || !built) return undefined;
  return { scripts, home, manifests: join(home, 'src/istio/manifests') };
}

/** Puts the rig's programs on PATH, behind the user's own. */
export function lendPrograms(rig: Rig): void {
  process.env.PATH = [process.env.PATH, join(rig.home, 'bin')].filter(Boolean).join(delimiter);
}

/** Whether a server is the rig's. */
export async function isRigServer(rig: Rig, server: string): Promise<boolean> {
  return (await rigContext(rig))?.server === server;
}

async function rigContext(rig: Rig) {
  const view = await run('kubectl', ['config', 'view', '--kubeconfig', join(rig.home, 'etc/kubeconfig'), '-o', 'json']);
  return view.code === 0 ? contextsOf(JSON.parse(view.stdout)).find(({ current }) => current) : undefined;
}

/** A rig that runs, and how to leave it as it was found. */
export interface RunningRig {
  readonly cluster: Cluster;
  readonly started: boolean;
  stop(): Promise<void>;
}

/**
 * Starts the rig unless it runs already, and points kubectl at it.
 *
 * @throws UserError when a script of the rig fails
 */
export async function startRig(rig: Rig): Promise<RunningRig> {
  const kubeconfig = join(rig.home, 'etc/kubeconfig');
  const ready = await run('kubectl', ['--kubeconfig', kubeconfig, '--request-timeout=3s', 'get', '--raw', '/readyz'], {
    seconds: 10,
  });
  const started = ready.code !== 0;
  const empty = !existsSync(join(rig.home, 'data/etcd'));
  const stop = async () => {
    if (started) await script(rig, 'down.sh', empty ? ['--wipe'] : []);
  };
  try {
    await up(rig);
    await installCrds(rig, kubeconfig);
    const context = await rigContext(rig);
    if (!context) throw new UserError(`the rig left no kubeconfig at ${kubeconfig}`);
    process.env.KUBECONFIG = kubeconfig;
    return { cluster: { context: context.name, server: context.server, rig }, started, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** On a busy machine up.sh may look for a server before it is one: what it started, a second call finds running. */
async function up(rig: Rig): Promise<void> {
  try {
    await script(rig, 'up.sh');
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    await script(rig, 'up.sh');
  }
}

/** Once per cluster: a mark on it says that they are all there, which a broken run has not left. */
async function installCrds(rig: Rig, kubeconfig: string): Promise<void> {
  const mark = 'meshwright-conformance-crds';
  const marked = await run('kubectl', ['--kubeconfig', kubeconfig, 'get', 'namespace', '-l', mark, '-o', 'name']);
  if (marked.stdout.trim() !== '') return;
  await script(rig, 'crds.sh', [], 180);
  await run('kubectl', ['--kubeconfig', kubeconfig, 'label', 'namespace', 'default', `${mark}=installed`]);
}

/**
 * Gives the rig what `istioctl install` would have given a cluster: an istiod with the stack's mesh config, the gateway's and istiod's
 * Deployments and Services. Its webhooks call the istiod process.
 *
 * @returns how to take the objects away again
 * @throws UserError when istioctl cannot render the install, or istiod does not start
 */
export async function installIstio(cluster: Cluster, rig: Rig, stack: Stack): Promise<() => Promise<void>> {
  const file = stack.operator ? ['-f', stack.operator.file] : [];
  const generated = await run('istioctl', ['manifest', 'generate', ...file, '--manifests', rig.manifests]);
  if (generated.code !== 0) throw new UserError(`istioctl manifest generate: ${linesOf(generated.stderr).join(' ')}`);
  const objects = parseAllDocuments(generated.stdout)
    .map((document): unknown => document.toJS())
    .filter(isObject);
  // What is installed has the profile's settings too.
  const mesh = stack.operator ? meshConfigOf(objects) : stack.mesh && JSON.stringify(stack.mesh);
  if (mesh === undefined)
    throw new UserError(`no mesh config for stack ${stack.name}: neither an IstioOperator file nor a claim`);

  const scratch = mkdtempSync(join(tmpdir(), 'conformance-'));
  try {
    const meshFile = join(scratch, 'mesh.yaml');
    writeFileSync(meshFile, mesh);
    await script(rig, 'istiod-up.sh', ['--mesh', meshFile], 120);
  } finally {
    rmSync(scratch, { recursive: true });
  }
  const items = objects.filter(({ kind }) => typeof kind === 'string' && installed.has(kind));
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  const applied = await kubectl(cluster, ['apply', '--server-side', '--force-conflicts', '-f', '-'], { input });
  if (applied.code !== 0)
    throw new UserError(`the rig does not take what istioctl would install: ${linesOf(applied.stderr).join(' ')}`);
  return async () => {
    await kubectl(cluster, ['delete', '--ignore-not-found', '--timeout=40s', '-f', '-'], { input });
  };
}

/** Not its CRDs and webhooks: the rig has its own, that reach its istiod. Nor its ConfigMaps, which istiod-up.sh writes. */
const installed: ReadonlySet<string> = new Set([
  'ServiceAccount',
  'ClusterRole',
  'ClusterRoleBinding',
  'Role',
  'RoleBinding',
  'Service',
  'Deployment',
  'DaemonSet',
  'PodDisruptionBudget',
]);

function meshConfigOf(objects: readonly JsonObject[]): string | undefined {
  for (const { kind, metadata, data } of objects) {
    const name = isObject(metadata) ? metadata.name : undefined;
    if (kind !== 'ConfigMap' || typeof name !== 'string' || !/^istio(-|$)/.test(name)) continue;
    if (isObject(data) && typeof data.mesh === 'string') return data.mesh;
  }
  return undefined;
}

async function script(rig: Rig, name: string, args: readonly string[] = [], seconds = 90): Promise<void> {
  const { code, stdout, stderr } = await run('bash', [join(rig.scripts, name), ...args], { seconds });
  if (code !== 0)
    throw new UserError(
      `${name} of the rig failed: ${linesOf(stdout + stderr)
        .slice(-3)
        .join(' ')}`,
    );
}
