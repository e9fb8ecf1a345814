import { isObject, type JsonObject } from '../../constructs/kit/json.ts';
import { type Cluster, kubectl, list } from './cluster.ts';
import { rejections } from './rejections.ts';
import { linesOf, run } from './run.ts';
import { asList, label, manager, objectsIn, type Stack, type StackObject, stackObject } from './stack.ts';
import { type Outcome, skipped, verdict } from './tally.ts';

/** Istio's webhook says it of every EnvoyFilter, and a local rate limit has no other form. */
const always = 'Warning: EnvoyFilter exposes internal implementation details';

/** Istio's CRD takes this one; its webhook does not: a wildcard host on sidecars. */
const refusedByIstio = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'VirtualService',
  metadata: { name: 'meshwright-conformance', namespace: 'default' },
  spec: { hosts: ['*'], gateways: ['mesh'], http: [{ route: [{ destination: { host: 'nowhere' } }] }] },
};

/** Whether Istio's own admission judges what is applied: asked with an object that only it refuses, in a dry run. */
export async function admission(cluster: Cluster): Promise<Outcome> {
  const what = "admission: Istio's webhook refuses a wrong VirtualService";
  // The API server learns of a new webhook a moment later.
  for (let attempt = 0; attempt < 10; attempt++) {
    const input = JSON.stringify(refusedByIstio);
    const { code, stderr } = await kubectl(cluster, ['apply', '--server-side', '--dry-run=server', '-f', '-'], { input });
    if (code !== 0 && stderr.includes('denied the request')) return verdict(what, []);
    if (code !== 0) return verdict(what, linesOf(stderr));
    if (!cluster.rig) return skipped(what, 'no validating webhook of Istio judges objects on this cluster');
    await new Promise((done) => setTimeout(done, 500));
  }
  return verdict(what, ['it was taken: the webhook is not on']);
}

/** What of a stack is on the cluster before it is applied. */
export interface Before {
  /** Namespaces and CRDs of others, which the stack's removal leaves. */
  readonly kept: readonly StackObject[];
  /** Objects that a broken run left. */
  readonly leftovers: readonly StackObject[];
  /** Everything else: somebody uses them. */
  readonly taken: readonly StackObject[];
}

/** Looks for the stack's objects on the cluster. */
export async function before(cluster: Cluster, stack: Stack): Promise<Before> {
  const there = await list(cluster, ['--ignore-not-found', '--show-managed-fields', '-f', '-'], asList(stack.objects));
  const kept: StackObject[] = [];
  const leftovers: StackObject[] = [];
  const taken: StackObject[] = [];
  for (const json of there) {
    const object = stackObject(json);
    const owner = ownerOf(json);
    // A namespace of nothing but a name has no manager: on the rig, whose own have one, it is ours.
    const ours = owner === 'run' || (cluster.rig !== undefined && owner === 'nobody');
    if (isShared(object) && !ours) kept.push(object);
    else if (ours || owner === 'both') leftovers.push(object);
    else taken.push(object);
  }
  return { kept, leftovers, taken };
}

/** What others may have made before, and rely on. */
function isShared({ kind }: StackObject): boolean {
  return kind === 'Namespace' || kind === 'CustomResourceDefinition';
}

/** Who made an object and its fields, status aside: conformance runs, others, both; nobody when the server does not tell. */
function ownerOf({ metadata }: JsonObject): 'run' | 'others' | 'both' | 'nobody' {
  const fields = isObject(metadata) && Array.isArray(metadata.managedFields) ? metadata.managedFields.filter(isObject) : [];
  const managers = fields.filter((entry) => entry.subresource === undefined).map((entry) => entry.manager);
  if (managers.length === 0) return 'nobody';
  if (!managers.includes(manager)) return 'others';
  return managers.every((name) => name === manager) ? 'run' : 'both';
}

/**
 * Applies one step of a stack as a user would: `kubectl apply -k`, server-side, unknown fields refused. A warning counts as a failure.
 *
 * @param folder what `-k` gets
 * @param dry only asks what the server would say
 */
export async function apply(cluster: Cluster, folder: string, what: string, dry = false): Promise<Outcome> {
  const built = await run('kubectl', ['kustomize', folder]);
  if (built.code !== 0) return verdict(`${what}: kubectl kustomize ${folder}`, linesOf(built.stderr));
  const objects = objectsIn(built.stdout);
  const flags = ['--server-side', '--validate=strict', `--field-manager=${manager}`];
  // A variant replaces fields of what is there.
  if (dry) flags.push('--dry-run=server', '--force-conflicts');
  const { code, stdout, stderr } = await kubectl(cluster, ['apply', '-k', folder, ...flags], { seconds: 120 });
  const accepted = linesOf(stdout).filter((line) => line.includes(' serverside-applied')).length;
  const said = linesOf(stderr).filter((line) => !line.startsWith(always));
  const warnings = said.filter((line) => line.startsWith('Warning:')).length;
  const rejected = Math.max(objects.length - accepted, 0);
  const named = rejected > 0 ? await rejections(cluster, objects, stdout, flags) : [];
  const reasons = [...named, ...said.filter((line) => !named.some((reason) => reason.includes(line)))];
  if (reasons.length === 0 && (code !== 0 || rejected > 0)) reasons.push(`kubectl apply ended with ${code} and gave no reason`);
  return verdict(`${what}: ${accepted} accepted, ${rejected} rejected, ${warnings} warnings`, reasons);
}

/** Applies objects that were applied before, as they were: what was changed on them since is undone. */
export async function restore(cluster: Cluster, objects: readonly StackObject[], what: string): Promise<Outcome> {
  if (objects.length === 0) return verdict(`${what}: nothing to restore`, []);
  const flags = ['--server-side', '--validate=strict', `--field-manager=${manager}`];
  const { code, stderr } = await kubectl(cluster, ['apply', ...flags, '-f', '-'], { input: asList(objects), seconds: 120 });
  return verdict(`${what}: ${objects.length} objects`, code === 0 ? [] : linesOf(stderr));
}

/** Takes objects away again, last applied first, and waits until they are gone, pods included. */
export async function remove(cluster: Cluster, objects: readonly StackObject[], kept: readonly StackObject[]): Promise<Outcome> {
  const what = 'removal: everything that was applied is gone';
  const keep = new Set(kept.map(label));
  const gone = [...objects].reverse().filter((object) => !keep.has(label(object)));
  if (gone.length === 0) return verdict(what, []);
  const flags = ['--ignore-not-found', '--cascade=foreground', '--timeout=60s'];
  const input = asList(gone);
  const { code, stderr } = await kubectl(cluster, ['delete', ...flags, '-f', '-'], { input, seconds: 150 });
  return verdict(what, code === 0 ? [] : linesOf(stderr));
}
