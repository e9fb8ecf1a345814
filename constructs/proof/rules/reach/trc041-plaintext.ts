import type { Call } from '../../model/reach/calls.ts';
import { bypasses, containerPort, type Pods } from '../../model/reach/pods.ts';
import { type Reach, reachOf } from '../../model/reach/reach.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';
import { senders, target } from './words.ts';

export const plaintext: Rule = {
  code: 'TRC041',
  title: 'pods under STRICT mTLS are called without mutual TLS',
  severity: 'error',
  run: (model) => {
    const reach = reachOf(model);
    return reach.calls.flatMap((call) => {
      for (const pods of call.to) {
        const strict = strictAt(reach, call, pods);
        const found = strict ? plaintextFault(reach, call, pods) : undefined;
        if (found) return [found];
      }
      return [];
    });
  },
  docs: {
    cause:
      'A PeerAuthentication asks for mutual TLS (STRICT) on a port of the trace path, and who calls it has none: pods without a sidecar (a collector, Prometheus, Grafana, Kiali), proxies that a DestinationRule with `tls: {mode: DISABLE}` holds back, or the tracer in the proxies’ bootstrap, which knows no mTLS. The connection is reset.',
    fix: 'Take the backend out of the mesh (pod label sidecar.istio.io/inject: "false"), give the caller a sidecar, or make the port PERMISSIVE with `portLevelMtls`.',
    example:
      'kind: PeerAuthentication\nspec: {mtls: {mode: STRICT}}   # Tempo has a sidecar, the collector that exports to it has none',
  },
};

/** Whether the proxy of some pods takes nothing but mutual TLS on the port of a call. */
export function strictAt(reach: Reach, { service, port }: Call, pods: Pods): boolean {
  if (pods.plane !== 'sidecar' && pods.plane !== 'ambient') return false;
  const inside = containerPort(service, port, pods);
  return inside !== undefined && !bypasses(pods, 'Inbound', inside) && reach.mtls(pods, inside).mode === 'STRICT';
}

/** The cause of all that comes of a backend in the mesh: told once. */
export function meshedBackend(pods: Pods): string {
  return `backend in the mesh ${pods.namespace}/${pods.name}`;
}

/** What is wrong with a call to pods that take nothing but mutual TLS. */
export function plaintextFault(reach: Reach, call: Call, pods: Pods): Fault | undefined {
  const { what, from, service, host, port } = call;
  const bare = call.by === 'bootstrap' ? from : from.filter((one) => one.plane === 'none');
  if (bare.length > 0) {
    const why = call.by === 'bootstrap' ? 'from their bootstrap, without mTLS' : 'without a sidecar';
    return {
      at: call.at,
      message: `${what} calls ${target(call)} ${why} (${senders(bare)}), but the pods of ${pods.name} take nothing but mutual TLS (STRICT)`,
      hint: `label the pods of ${pods.name} sidecar.istio.io/inject: "false", or make port ${containerPort(service, port, pods)} PERMISSIVE`,
      cause: meshedBackend(pods),
    };
  }
  if (call.by === 'bootstrap') return undefined;
  const namespaces = new Set(
    from.filter((one) => one.plane === 'sidecar' && !bypasses(one, 'Outbound', port)).map((one) => one.namespace),
  );
  for (const namespace of namespaces.size > 0 || call.by === 'program' ? namespaces : ['']) {
    const tls = reach.clientTls(namespace, { host, namespace: service.namespace }, port);
    if (tls?.mode === 'DISABLE') {
      return {
        at: tls.at,
        message: `${what} sends to ${target(call)} in plain text, but the pods of ${pods.name} take nothing but mutual TLS (STRICT)`,
        hint: 'leave tls out: Istio then speaks mutual TLS where both sides can',
        cause: `client tls ${tls.rule.object.id} ${service.id}`,
      };
    }
    if (tls === undefined && !reach.autoMtls) {
      return {
        at: call.at,
        message: `${what} sends to ${target(call)} in plain text (enableAutoMtls is off), but the pods of ${pods.name} take nothing but mutual TLS (STRICT)`,
        hint: `add a DestinationRule for ${host} with tls mode ISTIO_MUTUAL, or leave enableAutoMtls on`,
        cause: `auto mtls ${service.id}`,
      };
    }
  }
  return undefined;
}
