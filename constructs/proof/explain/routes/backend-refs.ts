import type { Json, JsonObject } from '../../../kit/json.ts';
import { at, items, number, text } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import type { ProofObject } from '../../types.ts';
import { kubernetesHost } from '../registry/hosts.ts';
import { registryOf } from '../registry/registry.ts';

/** What is needed to read the backends of a route. */
export interface BackendReader {
  readonly model: Model;
  readonly object: ProofObject;
  /** Whether another namespace must allow it (ReferenceGrant): at gateways, not in the mesh. */
  readonly grants: boolean;
  /** What is wrong is told here. */
  readonly faults: string[];
}

/** The weighted destinations of a rule, and the sum of the weights. `invalid` where istiod cannot read one. */
export function weightedRoute(
  refs: readonly Json[],
  reader: BackendReader,
  headers: (json: Json | undefined) => JsonObject,
): { readonly legs: readonly Json[]; readonly total: number } | 'invalid' {
  const legs: Json[] = [];
  let total = 0;
  for (const ref of refs) {
    const weight = number(ref, 'weight') ?? 1;
    total += weight;
    if (weight === 0) continue;
    const found = destinationOf(ref, reader);
    if (found === 'invalid') return 'invalid';
    const filters = items(ref, 'filters');
    if (filters.some((one) => !/^(Request|Response)HeaderModifier$/.test(text(one, 'type') ?? ''))) return 'invalid';
    const changed = filters.find((one) => text(one, 'type') === 'RequestHeaderModifier');
    legs.push({
      destination: found.destination,
      weight,
      ...(changed === undefined ? {} : { headers: { request: headers(at(changed, 'requestHeaderModifier')) } }),
    });
  }
  return { legs, total };
}

/** Where a backendRef leads; with a fault when nothing is there, or it may not be used. */
export function destinationOf(
  ref: Json,
  { model, object, grants, faults }: BackendReader,
): { readonly destination: JsonObject; readonly fault: string | undefined } | 'invalid' {
  const name = text(ref, 'name') ?? '';
  const group = text(ref, 'group') ?? '';
  const kind = text(ref, 'kind') ?? 'Service';
  const stated = text(ref, 'namespace');
  const namespace = stated ?? object.namespace;
  const port = number(ref, 'port');
  const hostname = group === 'networking.istio.io' && kind === 'Hostname';
  const host = hostname ? name : kubernetesHost(name, namespace);
  const refused = (fault: string) => {
    faults.push(fault);
    return { destination: { host, refused: fault, ...(port === undefined ? {} : { port: { number: port } }) }, fault };
  };
  if (!hostname && !(group === '' && kind === 'Service') && kind !== 'ServiceImport')
    return refused(`${object.id} has a backend of kind ${kind}, which Istio does not know`);
  if (
    grants &&
    stated !== undefined &&
    stated !== object.namespace &&
    !isGranted(model, object, { group, kind, name, namespace })
  )
    return refused(`no ReferenceGrant in ${namespace} lets ${object.id} use Service/${namespace}/${name}`);
  if (port === undefined || (!hostname && name.includes('.')) || (hostname && stated !== undefined)) return 'invalid';
  const known = registryOf(model).named(host).length > 0;
  const fault = known ? undefined : `the backend ${host} of ${object.id} is not there`;
  return { destination: { host, port: { number: port } }, fault };
}

interface Target {
  readonly group: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
}

function isGranted(model: Model, { kind, namespace }: ProofObject, target: Target): boolean {
  return model
    .kind('ReferenceGrant')
    .filter((grant) => grant.namespace === target.namespace)
    .some(
      ({ json }) =>
        items(json, 'spec', 'from').some(
          (from) =>
            text(from, 'group') === 'gateway.networking.k8s.io' &&
            text(from, 'kind') === kind &&
            text(from, 'namespace') === namespace,
        ) &&
        items(json, 'spec', 'to').some(
          (to) =>
            (text(to, 'group') ?? '') === target.group &&
            text(to, 'kind') === target.kind &&
            (text(to, 'name') ?? target.name) === target.name,
        ),
    );
}
