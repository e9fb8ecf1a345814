import { isObject, type Json } from '../../constructs/kit/json.ts';
import { UserError } from '../../constructs/kit/user-error.ts';
import type { Rig } from './rig.ts';
import { onPath, type Result, run } from './run.ts';

/** An API server to try the stacks on. */
export interface Cluster {
  /** The kubeconfig's context; every command names it. */
  readonly context: string;
  readonly server: string;
  /** Set when it is the rig's: its istiod may be started anew, and its state is nobody's. */
  readonly rig?: Rig;
}

/** A context of a kubeconfig, with the cluster it leads to. */
export interface Context {
  readonly name: string;
  readonly current: boolean;
  readonly server: string;
  /** A proxy takes the requests elsewhere, whatever the server's URL says. */
  readonly proxied: boolean;
}

/** Whether a server URL leads to this very machine: 127.0.0.1, localhost or [::1], as written; no name is looked up. */
export function isLoopback(server: string): boolean {
  if (!URL.canParse(server)) return false;
  const { protocol, hostname } = new URL(server);
  return ['https:', 'http:'].includes(protocol) && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
}

/** The contexts of `kubectl config view -o json`; those without a cluster are left out. */
export function contextsOf(config: unknown): Context[] {
  if (!isObject(config)) return [];
  const named = (list: Json | undefined) => (Array.isArray(list) ? list.filter(isObject) : []);
  const clusters = new Map(named(config.clusters).map((entry) => [entry.name, entry.cluster]));
  return named(config.contexts).flatMap(({ name, context }) => {
    const cluster = isObject(context) ? clusters.get(context.cluster ?? '') : undefined;
    if (typeof name !== 'string' || !isObject(cluster) || typeof cluster.server !== 'string') return [];
    return [{ name, current: name === config['current-context'], server: cluster.server, proxied: 'proxy-url' in cluster }];
  });
}

/** Which context to use: the one that was asked for, or the current one when it is on loopback. */
export type Choice =
  | { readonly use: Context }
  /** There is one, but it may be somebody's: only `--context` reaches it. */
  | { readonly refused: Context }
  | undefined;

/**
 * Chooses by what the kubeconfig says, so that no cluster is touched by accident.
 *
 * @param asked `--context`
 * @throws UserError when the context asked for is not in the kubeconfig
 */
export function chooseContext(contexts: readonly Context[], asked: string | undefined): Choice {
  if (asked !== undefined) {
    const use = contexts.find(({ name }) => name === asked);
    if (use) return { use };
    const known = contexts.map(({ name }) => name).join(', ') || 'none';
    throw new UserError(`no context '${asked}' with a cluster in the kubeconfig: there are ${known}`);
  }
  const current = contexts.find((context) => context.current);
  if (!current) return undefined;
  return isLoopback(current.server) && !current.proxied ? { use: current } : { refused: current };
}

/** The contexts that kubectl sees; none without kubectl. */
export async function readContexts(): Promise<Context[]> {
  if (!onPath('kubectl')) return [];
  const { code, stdout, stderr } = await run('kubectl', ['config', 'view', '-o', 'json']);
  if (code !== 0) throw new UserError(`kubectl config view: ${stderr.trim()}`);
  return contextsOf(JSON.parse(stdout));
}

/** Whether the API server of a context answers within three seconds. */
export async function isReachable(context: string): Promise<boolean> {
  const { code } = await run('kubectl', ['--context', context, '--request-timeout=3s', 'get', '--raw', '/version'], {
    seconds: 10,
  });
  return code === 0;
}

/** kubectl against that cluster and no other. */
export function kubectl(
  cluster: Cluster,
  args: readonly string[],
  options: { readonly input?: string; readonly seconds?: number } = {},
): Promise<Result> {
  return run('kubectl', ['--context', cluster.context, ...args], options);
}

/** The objects that a `kubectl get -o json` lists. */
export async function list(cluster: Cluster, args: readonly string[], input?: string): Promise<Record<string, Json>[]> {
  const { code, stdout, stderr } = await kubectl(cluster, ['get', ...args, '-o', 'json'], input === undefined ? {} : { input });
  // Nothing found with --ignore-not-found is no text at all.
  if (stdout.trim() === '') {
    if (code !== 0) throw new UserError(`kubectl get ${args.join(' ')}: ${stderr.trim()}`);
    return [];
  }
  const found: unknown = JSON.parse(stdout);
  if (!isObject(found)) return [];
  return found.kind === 'List' && Array.isArray(found.items) ? found.items.filter(isObject) : [{ ...found }];
}
