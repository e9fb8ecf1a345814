import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { isObject, type Json, type JsonObject } from '../../constructs/kit/json.ts';
import type { Rig } from './rig.ts';
import { linesOf, onPath, run } from './run.ts';
import { label, objectsIn, type Stack, type StackObject } from './stack.ts';
import { type Outcome, skipped, verdict } from './tally.ts';

const what = 'istioctl kube-inject';

/**
 * Injects every workload by hand, as one does where no webhook is (`istioctl kube-inject -f`), with what the stack's own operator file
 * installs. It leaves out the pods that say so; all others must come out with a proxy.
 */
export async function kubeInject(stack: Stack, rig: Rig | undefined): Promise<Outcome[]> {
  const { operator } = stack;
  if (!operator) return [];
  if (!onPath('istioctl')) return [skipped(what, 'istioctl is not on PATH')];
  const folder = await mkdtemp(join(tmpdir(), 'kube-inject-'));
  try {
    const manifests = rig ? ['--manifests', rig.manifests] : [];
    const made = await run('istioctl', ['manifest', 'generate', '-f', operator.file, ...manifests]);
    if (made.code !== 0) return [verdict(what, linesOf(made.stderr))];
    const files = await injectorFiles(made.stdout, folder);
    const input = stack.objects.filter(isWorkload);
    const text = input.map(({ json }) => JSON.stringify(json)).join('\n---\n');
    const { code, stdout, stderr } = await run('istioctl', ['kube-inject', ...files, '-f', '-'], { input: text });
    if (code !== 0) return [verdict(what, linesOf(stderr))];
    const output = objectsIn(stdout).filter(isWorkload);
    const reasons = input.flatMap((one) => problem(one, output));
    const injected = output.filter((one) => proxies(one) === 1).length;
    return [verdict(`${what}: ${injected} of ${input.length} workloads get a proxy`, reasons)];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What istiod's webhook would read, written to files, as options of kube-inject. */
async function injectorFiles(manifest: string, folder: string): Promise<string[]> {
  const maps = new Map<string, JsonObject>();
  for (const document of parseAllDocuments(manifest)) {
    const object: unknown = document.toJS();
    if (isObject(object) && object.kind === 'ConfigMap' && isObject(object.metadata) && isObject(object.data))
      maps.set(String(object.metadata.name), object.data);
  }
  const parts = [
    ['--meshConfigFile', 'istio', 'mesh'],
    ['--injectConfigFile', 'istio-sidecar-injector', 'config'],
    ['--valuesFile', 'istio-sidecar-injector', 'values'],
  ] as const;
  // With a revision named and no cluster to ask for the default one: else it waits for a server.
  const nowhere = join(folder, 'kubeconfig');
  await writeFile(nowhere, 'apiVersion: v1\nkind: Config\n');
  const options = ['--kubeconfig', nowhere, '--revision', 'default'];
  for (const [option, map, key] of parts) {
    const file = join(folder, key);
    await writeFile(file, String(maps.get(map)?.[key] ?? ''));
    options.push(option, file);
  }
  return options;
}

function isWorkload({ kind }: StackObject): boolean {
  return ['Deployment', 'StatefulSet', 'DaemonSet', 'Job'].includes(kind);
}

function problem(one: StackObject, output: readonly StackObject[]): string[] {
  const same = output.find((other) => label(other) === label(one));
  const wanted = at(one.json, 'spec', 'template', 'metadata', 'labels', 'sidecar.istio.io/inject') === 'false' ? 0 : 1;
  const found = same ? proxies(same) : 0;
  return found === wanted ? [] : [`${label(one)} has ${found} containers istio-proxy, not ${wanted}`];
}

/** Native or not. */
function proxies({ json }: StackObject): number {
  const spec = at(json, 'spec', 'template', 'spec');
  const all = ['containers', 'initContainers'].flatMap((list) => at(spec, list) ?? []);
  return all.filter((one) => at(one, 'name') === 'istio-proxy').length;
}

function at(value: Json | undefined, ...keys: readonly string[]): Json | undefined {
  return keys.reduce<Json | undefined>((found, key) => (isObject(found) ? found[key] : undefined), value);
}
