import { basename } from 'node:path';
import type { JsonObject } from '../../../constructs/kit/json.ts';
import { text } from '../../../constructs/proof/json-path.ts';
import { type Cluster, kubectl, list } from '../cluster.ts';
import { linesOf } from '../run.ts';
import { type Stack, type StackObject, stackObject } from '../stack.ts';
import { type Outcome, skipped, verdict } from '../tally.ts';
import { groupOf } from './needs.ts';

/**
 * Gives the rig what a stack finds on a site: the namespace that `flux install` makes, and definitions of custom resources that are not at
 * hand, each told by name since nothing judges such resources.
 *
 * @returns what was said, and how to take it away again
 */
export async function prepare(
  cluster: Cluster,
  stack: Stack,
): Promise<{ readonly outcomes: readonly Outcome[]; undo(): Promise<void> }> {
  if (!cluster.rig) return { outcomes: [], undo: async () => {} };
  const known = await servedKinds(cluster);
  const unknown = new Map(
    stack.objects.filter((one) => !known.has(`${one.kind}.${groupOf(one)}`)).map((one) => [`${one.kind}.${groupOf(one)}`, one]),
  );
  const definitions = [...unknown.values()].map((one) => stackObject(stubDefinition(one, versionsOf(one, stack))));
  const namespaces = await missingNamespaces(cluster, stack);
  const items = [...namespaces, ...definitions].map(({ json }) => json);
  if (items.length === 0) return { outcomes: [], undo: async () => {} };
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  const undo = async () => {
    await kubectl(cluster, ['delete', '--ignore-not-found', '--timeout=60s', '-f', '-'], { input, seconds: 90 });
  };
  const { code, stderr } = await kubectl(cluster, ['apply', '--server-side', '-f', '-'], { input });
  if (code !== 0) return { outcomes: [verdict('what the stack finds on a site', linesOf(stderr))], undo };
  const names = definitions.map(({ name }) => `crd/${name}`);
  if (names.length > 0) await kubectl(cluster, ['wait', '--for=condition=Established', '--timeout=30s', ...names]);
  return {
    outcomes: [...unknown.keys()].map((one) =>
      skipped(`resources of kind ${one}`, `no CRD of ${one} at hand, anything is taken`),
    ),
    undo,
  };
}

/** `Kind.group` of everything that the server knows. */
async function servedKinds(cluster: Cluster): Promise<ReadonlySet<string>> {
  const { stdout } = await kubectl(cluster, ['api-resources', '--no-headers']);
  return new Set(
    linesOf(stdout).map((line) => {
      const [kind = '', , version = ''] = line.split(/\s+/).reverse();
      return `${kind}.${version.includes('/') ? version.split('/')[0] : ''}`;
    }),
  );
}

function versionsOf(one: StackObject, { objects }: Stack): string[] {
  const same = objects.filter((other) => other.kind === one.kind && groupOf(other) === groupOf(one));
  return [...new Set(same.map(({ json }) => String(json.apiVersion).split('/').at(-1) ?? ''))];
}

/** A definition that takes any field of resources like this one. */
export function stubDefinition(one: StackObject, versions: readonly string[]): JsonObject {
  const { kind, namespace } = one;
  const group = groupOf(one);
  const singular = kind.toLowerCase();
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${singular}s.${group}` },
    spec: {
      group,
      names: { kind, singular, plural: `${singular}s` },
      scope: namespace === undefined ? 'Cluster' : 'Namespaced',
      versions: versions.map((name, i) => ({ name, served: true, storage: i === 0, schema })),
    },
  };
}

/** Of what tells Flux about the stack: not the stack's own, which its layers must make. */
async function missingNamespaces(cluster: Cluster, { delivery, objects }: Stack): Promise<StackObject[]> {
  const layer = delivery && [...delivery.layers].find(([name]) => basename(delivery.folder) === name);
  const wanted = new Set(layer?.[1].flatMap(({ namespace }) => namespace ?? []));
  for (const { kind, name } of objects) if (kind === 'Namespace') wanted.delete(name);
  for (const one of await list(cluster, ['namespaces'])) wanted.delete(text(one, 'metadata', 'name') ?? '');
  return [...wanted].map((name) => stackObject({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }));
}
