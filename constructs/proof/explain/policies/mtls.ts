import { at, text } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import { mtlsModes } from '../../model/reach/peer-authentication.ts';
import { bypasses, containerPort, type Plane, type Pods } from '../../model/reach/pods.ts';
import { remember } from '../../remember.ts';
import type { Leg } from '../destinations.ts';
import type { Explanation } from '../types.ts';
import { policyFor } from './destination-rule.ts';

type Mtls = NonNullable<Explanation['mtls']>;

/** How a connection to some pods is made, and why. */
export interface Connection {
  readonly mtls: Mtls;
  readonly reason: string | undefined;
}

const modesOf = remember((model: Model) => {
  const root = model.meshConfigs[0]?.rootNamespace ?? 'istio-system';
  const auto = model.meshConfigs.map((one) => at(one.value, 'enableAutoMtls')).find((one) => one !== undefined);
  return { mode: mtlsModes(model.objects, root), auto: auto !== false };
});

/** How a client of a plane reaches one destination: what DestinationRule and auto mTLS make it send, and what PeerAuthentication lets in. */
export function connection(model: Model, client: Plane, leg: Leg): Connection {
  const { service, rule, to } = leg;
  if (!service) return { mtls: 'unknown', reason: undefined };
  const stated = client === 'none' ? 'DISABLE' : tlsMode(leg);
  const written = rule?.objects.map((one) => one.id).join(' and ') ?? 'a DestinationRule';
  // A host outside the mesh gets mTLS only where a rule says so.
  const outside = !service.service && text(service.object.json, 'spec', 'location') !== 'MESH_INTERNAL';
  const auto = modesOf(model).auto && !outside;
  if (leg.backends.every((one) => one.pods === undefined)) {
    if (service.service && stated === undefined) return { mtls: 'unknown', reason: undefined };
    const own =
      stated ?? (auto && leg.backends.length > 0 && leg.backends.every((one) => one.enrolled) ? 'ISTIO_MUTUAL' : 'DISABLE');
    return { mtls: own === 'SIMPLE' ? 'tls' : own === 'DISABLE' ? 'plain' : 'mutual', reason: undefined };
  }
  const all = leg.backends.flatMap(({ pods }) => (pods ? [one(pods)] : []));
  const [first] = all;
  if (!first) return { mtls: 'unknown', reason: undefined };
  const bad = all.find((found) => found.mtls === 'refused');
  if (all.every((found) => found.mtls === first.mtls)) return first;
  return { mtls: 'mixed', reason: bad?.reason };

  function one(pods: Pods): Connection {
    const port = service?.service ? (containerPort(service.service, to.port, pods) ?? to.port) : to.port;
    const { mode } = modesOf(model);
    const passed = bypasses(pods, 'Inbound', port);
    if (pods.plane === 'unknown')
      return { mtls: 'unknown', reason: `whether the pods of ${pods.object.id} have a sidecar does not show` };
    const inMesh = pods.plane !== 'none' && !passed;
    const takes = inMesh ? mode(pods, port) : { mode: 'DISABLE' as const };
    if (takes.mode === 'unknown') return { mtls: 'unknown', reason: `PeerAuthentications differ on ${pods.object.id}` };
    const policy = takes.at?.object.id;
    const sends = stated ?? (auto && inMesh && takes.mode !== 'DISABLE' ? 'ISTIO_MUTUAL' : 'DISABLE');
    const who = `${pods.object.id}`;
    if (sends === 'ISTIO_MUTUAL' || sends === 'MUTUAL') {
      if (inMesh && takes.mode !== 'DISABLE') return { mtls: 'mutual', reason: undefined };
      if (sends === 'MUTUAL' && !inMesh) return { mtls: 'mutual', reason: undefined };
      const why = inMesh ? `${policy ?? 'PeerAuthentication'} turns mTLS off there` : 'has no sidecar';
      return {
        mtls: 'refused',
        reason: `refused: ${written} makes the client speak mTLS, and ${who} ${inMesh ? `cannot: ${why}` : why}`,
      };
    }
    if (takes.mode === 'STRICT') {
      const speaks =
        client === 'none'
          ? 'the client has no sidecar'
          : `${written} makes the client speak ${sends === 'SIMPLE' ? 'plain TLS' : 'plain text'}`;
      return { mtls: 'refused', reason: `refused: ${speaks}, and ${policy ?? 'PeerAuthentication'} wants mTLS at ${who}` };
    }
    return { mtls: sends === 'SIMPLE' ? 'tls' : 'plain', reason: undefined };
  }
}

/** One answer for all destinations of a request. */
export function together(all: readonly Mtls[]): Explanation['mtls'] {
  const [first] = all;
  if (first === undefined) return null;
  return all.every((one) => one === first) ? first : 'mixed';
}

/** The TLS mode that a DestinationRule sets; `tls: {}` means its first value. */
function tlsMode({ rule, to }: Leg): string | undefined {
  const tls = at(policyFor(rule, to.subset, to.port), 'tls');
  return tls === undefined || tls === null ? undefined : (text(tls, 'mode') ?? 'DISABLE');
}
