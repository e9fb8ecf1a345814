import type { Model } from '../../model/model.ts';
import type { Call } from '../../model/reach/calls.ts';
import { containerPort, type Pods } from '../../model/reach/pods.ts';
import { type Reach, reachOf } from '../../model/reach/reach.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';
import { names, target } from './words.ts';

export const mutualTls: Rule = {
  code: 'TRC040',
  title: 'a DestinationRule makes proxies speak TLS to pods that cannot',
  severity: 'error',
  run: (model) => {
    const reach = reachOf(model);
    return reach.calls.flatMap((call) => [...fault(reach, call), ...ownTlsFault(model, reach, call)]);
  },
  docs: {
    cause:
      'A DestinationRule for the host of the trace path (often one for `*.local`, for the whole mesh) sets TLS mode ISTIO_MUTUAL, but the pods behind it have no sidecar, or a PeerAuthentication of mode DISABLE. They do not understand the handshake and every export fails. Just so with mode SIMPLE or MUTUAL, when the receiver at the port has no `tls` block. Without a rule Istio finds out by itself who speaks mutual TLS.',
    fix: 'Leave `tls` out of the rule, or add a DestinationRule with `tls: {mode: DISABLE}` for this host.',
    example:
      'spec:\n  host: "*.local"\n  trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}   # the collector has sidecar.istio.io/inject: "false"',
  },
};

/** TLS of the proxy's own making (SIMPLE, MUTUAL) towards a receiver without it. */
function ownTlsFault(model: Model, reach: Reach, call: Call): Fault[] {
  if (call.by === 'bootstrap' || !call.span) return [];
  const behind = model.programs.behind(call.service, call.port);
  const receiver = behind?.program.receivers.find((one) => one.port === behind.containerPort);
  if (!behind || !receiver || receiver.tls) return [];
  for (const from of callers(call)) {
    const tls = reach.clientTls(from, { host: call.host, namespace: call.service.namespace }, call.port);
    if (tls?.mode !== 'SIMPLE' && tls?.mode !== 'MUTUAL') continue;
    return [
      {
        at: tls.at,
        message: `${call.what} sends to ${target(call)} by TLS (${tls.mode}), but receiver "${receiver.id}" of ${behind.program.object.id} speaks plain text`,
        hint: `leave tls out, or give the receiver a tls block`,
        cause: `client tls ${tls.rule.object.id} ${call.service.id}`,
      },
    ];
  }
  return [];
}

/** The namespaces that call; '' for senders that are elsewhere: rules for the whole mesh, and of the Service's own namespace, hold for them too. */
function callers(call: Call): ReadonlySet<string> {
  const known = call.from.filter((one) => one.plane === 'sidecar').map((one) => one.namespace);
  return new Set(known.length > 0 || call.by === 'program' ? known : ['']);
}

function fault(reach: Reach, call: Call): Fault[] {
  if (call.by === 'bootstrap') return [];
  const deaf = call.to.find((pods) => isDeaf(reach, call, pods));
  if (!deaf) return [];
  const namespaces = callers(call);
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
