import { isObject, type JsonObject } from '../../kit/json.ts';
import { text } from '../json-path.ts';
import type { Origin, ProofObject, World } from '../types.ts';
import { isNamespaced } from './scope.ts';

/** An object of a synth and the path of the construct that made it. */
export interface SynthesizedObject {
  readonly json: JsonObject;
  readonly path: string;
  /** Folder in the output that it will lie in: `<stack>/<layer>`. */
  readonly folder?: string;
}

/** Gives an object its identity. Whoever has not stated a namespace gets `unstated`, as with `kubectl apply -n`. */
export function proofObject(json: JsonObject, origin: Origin, unstated = 'default'): ProofObject {
  const apiVersion = text(json, 'apiVersion') ?? '';
  const slash = apiVersion.indexOf('/');
  const group = slash < 0 ? '' : apiVersion.slice(0, slash);
  const kind = text(json, 'kind') ?? '';
  const name = text(json, 'metadata', 'name') ?? '';
  const namespace = isNamespaced(group, kind) ? (text(json, 'metadata', 'namespace') ?? unstated) : '';
  const prefix = text(json, 'metadata', 'generateName');
  const called = name === '' ? (prefix === undefined ? '(unnamed)' : `${short(prefix)}*`) : short(name);
  const id = [short(kind), ...(namespace === '' ? [] : [short(namespace)]), called].join('/');
  return { json, group, version: apiVersion.slice(slash + 1), kind, name, namespace, id, origin };
}

/** No valid name is longer than 253 characters; of others the beginning and the length are told. */
function short(name: string): string {
  return name.length <= 500 ? name : `${name.slice(0, 250)}...(${name.length} characters)`;
}

/**
 * The world of one synth.
 *
 * @param objects the synthesized objects, each with its construct path
 * @param options `name` of the stack, for people; `purpose`, what it is for; `mesh`, the mesh config that an already installed Istio is said to have, and the construct that says so
 */
export function fromObjects(
  objects: readonly SynthesizedObject[],
  options: { name?: string; purpose?: 'lab' | 'production'; mesh?: SynthesizedObject } = {},
): World {
  const read = objects.map(({ json, path, folder }) =>
    proofObject(json, { file: null, construct: path, ...(folder === undefined ? {} : { folder }), line: () => undefined }),
  );
  const { name = 'synth', purpose } = options;
  const world: World = {
    name,
    objects: read,
    ...(purpose ? { purpose } : {}),
    ...{ generated: [], filled: [], acknowledged: [], notes: [] },
  };
  return options.mesh
    ? { ...world, claim: claimedMesh(options.mesh.json, { file: null, construct: options.mesh.path, line: () => undefined }) }
    : world;
}

/** The mesh config that the inventory claims, in the clothes of an object so that findings can point at it. */
export function claimedMesh(mesh: JsonObject, origin: Origin): ProofObject {
  return {
    json: { mesh },
    group: '',
    version: '',
    kind: 'MeshConfig',
    name: 'existing',
    namespace: '',
    id: 'MeshConfig/existing',
    origin,
  };
}

/** Whether a document looks like an object of a cluster or of `istioctl install`: it states a kind, and an apiVersion or metadata. A kubeconfig is none. */
export function looksLikeObject(value: unknown): value is JsonObject & { readonly kind: string } {
  if (!isObject(value) || typeof value.kind !== 'string') return false;
  if (value.kind === 'Config' && value.apiVersion === 'v1') return false;
  return typeof value.apiVersion === 'string' || isObject(value.metadata);
}
