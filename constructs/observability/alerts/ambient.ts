import { rate, series } from '../promql/queries.ts';
import type { Alert, AlertGroup } from './alert.ts';
import { podMatchers } from './select.ts';

/** The node proxies of ambient meshes; a node without one is seen only where Prometheus knew it before. */
export function ambientGroup(namespaces: readonly string[]): AlertGroup {
  return {
    name: 'ztunnel',
    title: 'Control plane',
    alerts: [...namespaces.map(down), protectionFails, connectionsFail],
  };
}

function down(namespace: string): Alert {
  const ztunnels = series('up', podMatchers([{ namespace, name: 'ztunnel' }]));
  return {
    name: 'ZtunnelDown',
    severity: 'page',
    expr: `${ztunnels} == 0 or absent(${ztunnels})`,
    for: '5m',
    labels: { namespace },
    summary: `a ztunnel of ${namespace} does not answer`,
    description: `Prometheus reaches {{ with $labels.pod }}not {{ . }}{{ else }}no ztunnel{{ end }} in ${namespace}, for 5 minutes.`,
    page: {
      means: 'Pods of ambient namespaces on that node can neither call nor be called: ztunnel carries all of their traffic.',
      look: [
        '`kubectl get pods -n NAMESPACE -l app=ztunnel -o wide`: which node?',
        '`kubectl logs -n NAMESPACE ztunnel-... --previous`',
      ],
      act: ['Delete the pod: it is made anew. When it does not come up, drain the node.'],
    },
  };
}

const callers = ['source_workload', 'source_workload_namespace', 'destination_service'] as const;
const who = '{{ $labels.source_workload }}.{{ $labels.source_workload_namespace }}';
/** A failure between two nodes is counted on both. */
const atCaller = { reporter: '="source"' };

/**
 * What ztunnel says of a handshake that fails (ztunnel, src/proxy/metrics.rs, ResponseFlags). An older one has no word for it, and counts
 * it as CONNECT.
 */
const unprotected = '=~"TLS_FAILURE|IDENTITY_ERROR|CERT_REVOKED|H2_HANDSHAKE_FAILURE"';

const protectionFails: Alert = {
  name: 'ZtunnelMutualTlsFails',
  severity: 'page',
  expr: `${rate('istio_tcp_connections_failed_total', { ...atCaller, response_flags: unprotected }, callers, '5m')} > 0`,
  for: '10m',
  summary: `mutual TLS fails between ${who} and {{ $labels.destination_service }}`,
  description: `Handshakes between ${who} and {{ $labels.destination_service }} fail, for 10 minutes: {{ $value | humanize }} a second.`,
  page: {
    means:
      'The ztunnels of the two nodes do not agree on a protected connection: a certificate is missing, expired or of another CA. These calls never arrive.',
    look: [
      '`kubectl logs -n NAMESPACE ztunnel-...` of the caller’s node: the lines with `error=`, which name the certificate.',
      '`istioctl ztunnel-config certificates -n NAMESPACE`: is each one valid, of one root?',
      'Was the root certificate changed, or does a node’s clock go wrong?',
    ],
    act: [
      'Restart the ztunnel that has the old certificate: it asks istiod for a new one.',
      'After a change of the root restart istiod first, then every ztunnel.',
    ],
  },
};

const connectionsFail: Alert = {
  name: 'ZtunnelConnectionsFail',
  severity: 'ticket',
  expr: manyFail(),
  for: '10m',
  summary: `connections of ${who} to {{ $labels.destination_service }} fail`,
  description: `{{ $value | humanizePercentage }} of the connections of ${who} to {{ $labels.destination_service }} fail, for 10 minutes.`,
  page: {
    means:
      'More than one connection in twenty ends with an error, not counting those that a policy refuses. Besides connections that are never made, ztunnel counts some that break later.',
    look: [
      '`kubectl logs -n NAMESPACE ztunnel-...` of the caller’s node: the lines with `error=`.',
      'Istio Ztunnel Dashboard, Failed connections: which flag? `CONNECT` nobody listens, or the connection broke; `NETWORK_POLICY` something on the way drops port 15008.',
      'Are the pods of the service there and ready?',
    ],
    act: [
      'Bring the pods back, or let port 15008 through between the nodes.',
      'Where clients only drop connections that they keep open: let them close these, or silence the alert for that service.',
    ],
  },
};

/** Of at least one connection a minute: a share of fewer says nothing. Refused by a policy is as it was meant. */
function manyFail(): string {
  const failed = rate('istio_tcp_connections_failed_total', { ...atCaller, response_flags: '!~"DENY|-"' }, callers, '5m');
  const opened = rate('istio_tcp_connections_opened_total', atCaller, callers, '5m');
  return `${failed} / ${opened} > 0.05 and ${opened} > 1 / 60`;
}
