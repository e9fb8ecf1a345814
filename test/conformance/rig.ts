import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';
import { isObject, type JsonObject } from '../../constructs/kit/json.ts';
import { UserError } from '../../constructs/kit/user-error.ts';
import { items, text } from '../../constructs/proof/json-path.ts';
import { type Cluster, contextsOf, kubectl } from './cluster.ts';
import { meshConfigIn, renderReleases } from './platform/releases.ts';
import { isExecutable, linesOf, run } from './run.ts';
import { asList, manager, type Stack } from './stack.ts';

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

/** A certificate that the rig's own webhooks use, for anything that asks for one. */
export function certificateOf({ home }: Rig): { readonly crt: string; readonly key: string } {
  const read = (name: string) => readFileSync(join(home, 'etc', name), 'utf8');
  return { crt: read('webhook.crt'), key: read('webhook.key') };
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
 * Gives the rig what `istioctl install`, or Flux with Istio's charts, would have given a cluster: an istiod with
 * the stack's mesh config, the gateways' and istiod's Deployments and Services. Its webhooks call the istiod process.
 *
 * @returns how to take the objects away again
 * @throws UserError when istioctl or helm cannot render the install, or istiod does not start
 */
export async function installIstio(cluster: Cluster, rig: Rig, stack: Stack): Promise<() => Promise<void>> {
  const releases = await renderReleases(stack, rig);
  const byHelm = releases.some(({ release }) => release.chart === 'istiod');
  const objects = [
    ...(byHelm ? [] : await generated(stack, rig)),
    ...releases.flatMap((one) => one.objects.map(({ json }) => json)),
  ];
  // What is installed has the profile's or the chart's settings too.
  const mesh = stack.operator || byHelm ? meshConfigIn(objects) : stack.mesh && stringify(stack.mesh);
  if (mesh === undefined) throw new UserError(`no mesh config for stack ${stack.name}: neither an install of Istio nor a claim`);

  const scratch = mkdtempSync(join(tmpdir(), 'conformance-'));
  try {
    const meshFile = join(scratch, 'mesh.yaml');
    writeFileSync(meshFile, mesh);
    await script(rig, 'istiod-up.sh', ['--mesh', meshFile], 120, byHelm ? flagsOfIstiod(objects) : {});
  } finally {
    rmSync(scratch, { recursive: true });
  }
  const items = objects.filter(({ kind }) => typeof kind === 'string' && installed.has(kind));
  await makeHomes(cluster, stack, items);
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  const applied = await kubectl(cluster, ['apply', '--server-side', '--force-conflicts', '-f', '-'], { input });
  if (applied.code !== 0)
    throw new UserError(`the rig does not take what istioctl or helm would install: ${linesOf(applied.stderr).join(' ')}`);
  return async () => {
    await kubectl(cluster, ['delete', '--ignore-not-found', '--timeout=40s', '-f', '-'], { input });
  };
}

/** Releases may stand in namespaces of the stack, which it makes only later; they go with the stack. */
async function makeHomes(cluster: Cluster, stack: Stack, items: readonly JsonObject[]): Promise<void> {
  const used = new Set(items.map((one) => text(one, 'metadata', 'namespace')));
  const homes = stack.objects.filter(({ kind, name }) => kind === 'Namespace' && used.has(name) && name !== 'istio-system');
  if (homes.length === 0) return;
  await kubectl(cluster, ['apply', '--server-side', `--field-manager=${manager}`, '-f', '-'], { input: asList(homes) });
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

/** What `istioctl install` would make of the stack's operator file, or of none. */
async function generated({ operator }: Stack, rig: Rig): Promise<JsonObject[]> {
  const file = operator ? ['-f', operator.file] : [];
  const { code, stdout, stderr } = await run('istioctl', ['manifest', 'generate', ...file, '--manifests', rig.manifests]);
  if (code !== 0) throw new UserError(`istioctl manifest generate: ${linesOf(stderr).join(' ')}`);
  return parseAllDocuments(stdout)
    .map((document): unknown => document.toJS())
    .filter(isObject);
}

/** istiod's feature flags as the chart sets them; what the rig's script sets itself wins. */
function flagsOfIstiod(objects: readonly JsonObject[]): Record<string, string> {
  const istiod = objects.filter((one) => one.kind === 'Deployment' && text(one, 'metadata', 'labels', 'app') === 'istiod');
  const containers = istiod.flatMap((one) => items(one, 'spec', 'template', 'spec', 'containers'));
  const entries = containers
    .flatMap((one) => items(one, 'env'))
    .map((one) => [text(one, 'name') ?? '', text(one, 'value') ?? ''] as const)
    .filter(([name, value]) => name.startsWith('PILOT_') && value !== '');
  return Object.fromEntries(entries);
}

/** @throws UserError with what the script said last */
export async function script(
  rig: Rig,
  name: string,
  args: readonly string[] = [],
  seconds = 90,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { code, stdout, stderr } = await run('bash', [join(rig.scripts, name), ...args], { seconds, env });
  if (code !== 0)
    throw new UserError(
      `${name} of the rig failed: ${linesOf(stdout + stderr)
        .slice(-3)
        .join(' ')}`,
    );
}
