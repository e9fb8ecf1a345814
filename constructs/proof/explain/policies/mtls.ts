import { remember } from '../../../kit/remember.ts';
import { at, text } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import { type MtlsMode, mtlsModes } from '../../model/reach/peer-authentication.ts';
import { bypasses, containerPort, type Plane, type Pods } from '../../model/reach/pods.ts';
import type { Leg } from '../destinations.ts';
import { backends } from '../registry/pods-behind.ts';
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
  const { service } = leg;
  if (!service) return { mtls: 'unknown', reason: undefined };
  const stated = client === 'none' ? 'DISABLE' : tlsMode(leg);
  // A host outside the mesh gets mTLS only where a rule says so.
  const outside = !service.service && text(service.object.json, 'spec', 'location') !== 'MESH_INTERNAL';
  const auto = modesOf(model).auto && !outside && stated === undefined;
  if (leg.backends.every((one) => one.pods === undefined)) {
    const enrolled = leg.backends.length > 0 && leg.backends.every((one) => one.enrolled);
    if (service.service && stated === undefined && !enrolled) return { mtls: 'unknown', reason: undefined };
    const own = stated ?? (auto && enrolled ? 'ISTIO_MUTUAL' : 'DISABLE');
    return { mtls: own === 'SIMPLE' ? 'tls' : own === 'DISABLE' ? 'plain' : 'mutual', reason: undefined };
  }
  const bare = auto && isPassedOn(leg) && backends(model, service).some(({ pods }) => pods?.plane === 'none');
  const all = leg.backends.flatMap(({ pods }) =>
    pods ? [toPods(model, client, leg, pods, { stated, auto: auto && !bare })] : [],
  );
  const [first] = all;
  if (!first) return { mtls: 'unknown', reason: undefined };
  if (all.every((found) => found.mtls === first.mtls)) return first;
  return { mtls: 'mixed', reason: all.find((found) => found.mtls === 'refused')?.reason };
}

/** Where the client itself has chosen the pod, mTLS is made for all or none. */
function isPassedOn({ service, rule, to }: Leg): boolean {
  return service?.headless === true || text(policyFor(rule, to.subset, to.port), 'loadBalancer', 'simple') === 'PASSTHROUGH';
}

function toPods(
  model: Model,
  client: Plane,
  { service, rule, to }: Leg,
  pods: Pods,
  { stated, auto }: { readonly stated: string | undefined; readonly auto: boolean },
): Connection {
  const who = pods.object.id;
  if (pods.plane === 'unknown') return { mtls: 'unknown', reason: `whether the pods of ${who} have a sidecar does not show` };
  const port = service?.service ? (containerPort(service.service, to.port, pods) ?? to.port) : to.port;
  const { mode } = modesOf(model);
  const meshed = pods.plane !== 'none';
  const off: MtlsMode = { mode: 'DISABLE' };
  const policy = meshed ? mode(pods, port) : off;
  // What holds for the whole namespace is all that clients are told of, beside the pods that have mTLS turned off.
  const wide = meshed ? mode({ ...pods, labels: { values: new Map(), complete: true } }, port) : off;
  if (policy.mode === 'unknown') return { mtls: 'unknown', reason: `PeerAuthentications differ on ${who}` };
  // Auto mTLS is for pods that say so by a label: the injection of a sidecar writes it, that of a gateway does not (Istio 1.31, injection
  // templates).
  const said = pods.labels.values.get('security.istio.io/tlsMode');
  const announced = said === undefined ? !pods.gateway : said === 'istio';
  const able = announced && policy.mode !== 'DISABLE' && wide.mode !== 'DISABLE';
  const sends = stated ?? (auto && able ? 'ISTIO_MUTUAL' : 'DISABLE');
  const past = meshed && bypasses(pods, 'Inbound', port);
  const rules = rule?.objects.map((one) => one.id).join(' and ') ?? 'a DestinationRule';
  const written = stated === undefined ? 'auto mTLS' : rules;
  const named = policy.at?.object.id ?? 'PeerAuthentication';
  if (sends === 'ISTIO_MUTUAL' || sends === 'MUTUAL') {
    if (meshed && !past && policy.mode !== 'DISABLE') return { mtls: 'mutual', reason: undefined };
    if (sends === 'MUTUAL' && (!meshed || past)) return { mtls: 'mutual', reason: undefined };
    const why = past ? `takes port ${port} past its sidecar` : meshed ? `has mTLS turned off by ${named}` : 'has no sidecar';
    return { mtls: 'refused', reason: `refused: ${written} makes the client speak mTLS, and ${who} ${why}` };
  }
  if (policy.mode === 'STRICT' && !past) {
    const plain = sends === 'SIMPLE' ? 'plain TLS' : 'plain text';
    const speaks =
      client === 'none'
        ? 'the client has no sidecar'
        : stated !== undefined
          ? `${rules} makes the client speak ${plain}`
          : `the client speaks ${plain}${wide.at ? `, as ${wide.at.object.id} says for the namespace` : ''}`;
    return { mtls: 'refused', reason: `refused: ${speaks}, and ${named} wants mTLS at ${who}` };
  }
  return { mtls: sends === 'SIMPLE' ? 'tls' : 'plain', reason: undefined };
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
