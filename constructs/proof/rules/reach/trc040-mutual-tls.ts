import type { Call } from '../../model/calls.ts';
import { containerPort, type Pods } from '../../model/pods.ts';
import { type Reach, reachOf } from '../../model/reach.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';
import { names, target } from './words.ts';

export const mutualTls: Rule = {
  code: 'TRC040',
  title: 'a DestinationRule makes proxies speak mutual TLS to pods that cannot',
  severity: 'error',
  run: (model) => {
    const reach = reachOf(model);
    return reach.calls.flatMap((call) => fault(reach, call));
  },
  docs: {
    cause:
      'A DestinationRule for the host of the trace path (often one for `*.local`, for the whole mesh) sets TLS mode ISTIO_MUTUAL, but the pods behind it have no sidecar, or a PeerAuthentication of mode DISABLE. They do not understand the handshake and every export fails. Without a rule Istio finds out by itself who speaks mutual TLS.',
    fix: 'Leave `tls` out of the rule, or add a DestinationRule with `tls: {mode: DISABLE}` for this host.',
    example:
      'spec:\n  host: "*.local"\n  trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}   # the collector has sidecar.istio.io/inject: "false"',
  },
};

function fault(reach: Reach, call: Call): Fault[] {
  if (call.by === 'bootstrap') return [];
  const deaf = call.to.find((pods) => isDeaf(reach, call, pods));
  if (!deaf) return [];
  // A provider whose senders are elsewhere still has rules for the whole mesh, and for the Service's own namespace.
  const known = call.from.filter((one) => one.plane === 'sidecar').map((one) => one.namespace);
  const namespaces = new Set(known.length > 0 || call.by === 'program' ? known : ['']);
  for (const from of namespaces) {
    const tls = reach.clientTls(from, { host: call.host, namespace: call.service.namespace }, call.port);
    if (tls?.mode !== 'ISTIO_MUTUAL') continue;
    const why = deaf.plane === 'none' ? 'have no sidecar' : 'have mTLS disabled';
    const who = [...namespaces].filter((one) => one !== '');
    return [
      {
        at: tls.at,
        message: `${call.what} sends to ${target(call)}${who.length === 0 ? '' : ` from ${names(who)}`} by mutual TLS, but the pods of ${deaf.name} ${why}`,
        hint: `leave tls out, or add a DestinationRule for ${call.host} with tls mode DISABLE`,
        cause: `client tls ${tls.rule.object.id} ${call.service.id}`,
      },
    ];
  }
  return [];
}

function isDeaf(reach: Reach, { service, port }: Call, pods: Pods): boolean {
  if (pods.plane === 'none') return true;
  const inside = containerPort(service, port, pods);
  return pods.plane === 'sidecar' && inside !== undefined && reach.mtls(pods, inside).mode === 'DISABLE';
}
