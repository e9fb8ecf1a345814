import { suggest } from '../../../kit/nearest.ts';
import { items, strings, text } from '../../json-path.ts';
import { fullHost } from '../../model/hosts.ts';
import type { Model } from '../../model/model.ts';
import { reachOf } from '../../model/reach/reach.ts';
import { type Fault, type Path, type ProofObject, spotOf } from '../../types.ts';

/** What can name a Gateway, or a Service behind a waypoint (Istio 1.30, `targetRefs`). */
const KINDS = ['AuthorizationPolicy', 'RequestAuthentication', 'WasmPlugin', 'TrafficExtension', 'EnvoyFilter', 'Telemetry'];

const USE = 'istio.io/use-waypoint';

interface Target {
  readonly object: ProofObject;
  readonly path: Path;
  readonly kind: string;
  readonly name: string;
}

/** Policies and settings whose `targetRefs` name what is not there, or a Service that is behind no waypoint: nobody reads them. */
export function lostTargets(model: Model): Fault[] {
  return KINDS.flatMap((kind) => model.kind(kind))
    .filter(({ group }) => group.endsWith('istio.io'))
    .flatMap(targetsOf)
    .flatMap((target) => (target.kind === 'Gateway' ? gatewayFault(target, model) : serviceFault(target, model)) ?? []);
}

function targetsOf(object: ProofObject): Target[] {
  const paths: Path[] = [
    ['spec', 'targetRef'],
    ...items(object.json, 'spec', 'targetRefs').map((_, i) => ['spec', 'targetRefs', i]),
  ];
  return paths.flatMap((path) => {
    const [kind, name, group = ''] = ['kind', 'name', 'group'].map((key) => text(object.json, ...path, key));
    const known =
      (kind === 'Gateway' && group === 'gateway.networking.k8s.io') || (kind === 'Service' && (group === '' || group === 'core'));
    return known && kind && name ? [{ object, path, kind, name }] : [];
  });
}

function gatewayFault({ object, path, name }: Target, model: Model): Fault | undefined {
  const { namespace } = object;
  if (model.gateways.get('gateway-api', namespace, name)) return undefined;
  if (!model.isKnown(namespace) || model.makersIn(namespace).length > 0) return undefined;
  const names = model.gateways.inNamespace('gateway-api', namespace).map((one) => one.name);
  // Of plain files the Gateway may be applied apart.
  if (names.length === 0 && object.origin.construct === null) return undefined;
  return {
    at: spotOf(object, [...path, 'name']),
    message: `namespace ${namespace} has no Gateway ${name} of the Gateway API, so this ${object.kind} does nothing`,
    hint: suggest(name, names, `name a Gateway or waypoint of namespace ${namespace}: only those of its own count`),
  };
}

function serviceFault({ object, path, name }: Target, model: Model): Fault | undefined {
  const { namespace } = object;
  const spot = spotOf(object, [...path, 'name']);
  if (model.services.find(fullHost({ name, namespace }), namespace).is === 'missing') {
    const names = model.services.inNamespace(namespace).map((one) => one.name);
    return {
      at: spot,
      message: `namespace ${namespace} has no Service ${name}, so this ${object.kind} does nothing`,
      hint: suggest(name, names, `name a Service of namespace ${namespace}: only those of its own count`),
    };
  }
  const service = model.services.get(namespace, name);
  const { namespaces } = reachOf(model);
  // Labels that are set by hand are seen where the Namespace is stated, or not at all.
  if (!service || service.created || !namespaces.object(namespace)) return undefined;
  const used = strings(service.object.json, 'metadata', 'labels').get(USE) ?? namespaces.labels(namespace).values.get(USE);
  if (used !== undefined && used !== 'none') return undefined;
  return {
    at: spot,
    message: `${service.id} is behind no waypoint, so nobody asks this ${object.kind}`,
    hint: `label the Service or its namespace ${USE}, or use a selector where its pods have sidecars`,
  };
}
