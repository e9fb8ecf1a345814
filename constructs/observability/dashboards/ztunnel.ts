import { podsOf } from '../promql/pods.ts';
import { rate, series, sum } from '../promql/queries.ts';
import { dashboard, labelVariable } from './layout.ts';
import { uids } from './links.ts';
import type { Dashboard } from './model.ts';
import { graph, number } from './panels.ts';

/** The pods of Istio's DaemonSet: no program of ours, so that its name is Istio's. */
const all = `=~"${podsOf(['ztunnel'])}"`;
const ztunnel = { pod: '=~"$pod"' };
/** Each connection passes two of them: counted where it begins. */
const opened = { ...ztunnel, reporter: '="source"' };

/** The node proxies of an ambient mesh. */
export function ztunnelDashboard(): Dashboard {
  return dashboard({
    uid: uids.ztunnel,
    title: 'Istio Ztunnel Dashboard',
    description: 'The node proxies: whether every pod has one, whether they hear from istiod, and what passes them unprotected.',
    variables: [
      labelVariable('pod', 'Pod', series('workload_manager_active_proxy_count', { pod: all }), 'pod', 'any', podsOf(['ztunnel'])),
    ],
    sections: [
      {
        title: 'Is it well',
        height: 4,
        panels: [
          number({
            title: 'Pods enrolled',
            description: 'Pods whose traffic passes a ztunnel.',
            unit: 'short',
            expr: sum('workload_manager_active_proxy_count', ztunnel),
            nothing: 'no ztunnel',
          }),
          number({
            title: 'Pods waiting',
            description: 'Pods that wait for their proxy. It must fall back to 0; otherwise ask the log of that node’s ztunnel.',
            unit: 'short',
            expr: sum('workload_manager_pending_proxy_count', ztunnel),
            steps: [{ value: 1, color: 'orange' }],
            nothing: 'no ztunnel',
          }),
          number({
            title: 'Connections',
            description: 'TCP connections opened a second.',
            unit: 'cps',
            expr: rate('istio_tcp_connections_opened_total', opened),
          }),
          number({
            title: 'Without mutual TLS',
            description: 'The share of these connections that nobody protects: to or from what is outside the mesh.',
            unit: 'percentunit',
            expr: `1 - ${rate('istio_tcp_connections_opened_total', { ...opened, connection_security_policy: '="mutual_tls"' })} / ${rate('istio_tcp_connections_opened_total', opened)}`,
            steps: [{ value: 0.001, color: 'orange' }],
          }),
          number({
            title: 'istiod lost',
            description: 'How often a second a connection to istiod ended. About twice an hour and node is usual.',
            unit: 'cps',
            expr: rate('istio_xds_connection_terminations_total', ztunnel),
            nothing: 'none',
          }),
        ],
      },
      {
        title: 'Connections by node',
        panels: [
          graph({
            title: 'Opened',
            description: 'Connections opened a second, by the ztunnel of the caller’s node.',
            unit: 'cps',
            lines: [{ expr: rate('istio_tcp_connections_opened_total', opened, ['pod']), legend: '{{pod}}' }],
          }),
          graph({
            title: 'Open now',
            description: 'Connections opened and not closed again since the ztunnel began. A line that only climbs is a leak.',
            unit: 'short',
            lines: [
              {
                expr: `${sum('istio_tcp_connections_opened_total', opened, ['pod'])} - ${sum('istio_tcp_connections_closed_total', opened, ['pod'])}`,
                legend: '{{pod}}',
              },
            ],
          }),
          graph({
            title: 'Bytes',
            description: 'Bytes a second, received from callers and sent back to them.',
            unit: 'Bps',
            lines: [
              { expr: rate('istio_tcp_received_bytes_total', opened, ['pod']), legend: 'received {{pod}}' },
              { expr: rate('istio_tcp_sent_bytes_total', opened, ['pod']), legend: 'sent {{pod}}' },
            ],
          }),
        ],
      },
      {
        title: 'What fails',
        panels: [
          graph({
            title: 'Failed connections',
            description:
              'Connections a second that ended with an error, by caller, service and flag. DENY is a policy’s refusal, CONNECT nobody listens or the connection broke, TLS_FAILURE and IDENTITY_ERROR are about certificates.',
            unit: 'cps',
            lines: [
              {
                expr: `${rate('istio_tcp_connections_failed_total', opened, ['source_workload', 'source_workload_namespace', 'destination_service', 'response_flags'])} > 0`,
                legend: '{{source_workload}}.{{source_workload_namespace}} → {{destination_service}}: {{response_flags}}',
              },
            ],
          }),
        ],
      },
      {
        title: 'Who talks without protection',
        panels: [
          graph({
            title: 'Plain connections',
            description:
              'Connections a second without mutual TLS, by caller and service: the caller or the server is not in the mesh.',
            unit: 'cps',
            lines: [
              {
                expr: `${rate('istio_tcp_connections_opened_total', { ...opened, connection_security_policy: '!="mutual_tls"' }, ['source_workload', 'source_workload_namespace', 'destination_service'])} > 0`,
                legend: '{{source_workload}}.{{source_workload_namespace}} → {{destination_service}}',
              },
            ],
          }),
        ],
      },
      {
        title: 'Its own work',
        panels: [
          graph({
            title: 'From istiod',
            description: 'Messages a second by kind: addresses follow pods, authorizations follow policies.',
            unit: 'cps',
            lines: [{ expr: rate('istio_xds_message_total', ztunnel, ['url']), legend: '{{url}}' }],
          }),
          graph({
            title: 'Names looked up',
            description: 'DNS requests of pods a second, where ztunnel answers them.',
            unit: 'cps',
            lines: [{ expr: rate('istio_dns_requests_total', ztunnel, ['pod']), legend: '{{pod}}' }],
          }),
          graph({
            title: 'CPU',
            description: 'CPUs of each ztunnel.',
            unit: 'short',
            lines: [
              {
                expr: rate('container_cpu_usage_seconds_total', { ...ztunnel, container: '="istio-proxy"' }, ['pod']),
                legend: '{{pod}}',
              },
            ],
          }),
          graph({
            title: 'Memory',
            description: 'Memory of each ztunnel: it grows with the pods and connections of its node.',
            unit: 'bytes',
            lines: [
              {
                expr: sum('container_memory_working_set_bytes', { ...ztunnel, container: '="istio-proxy"' }, ['pod']),
                legend: '{{pod}}',
              },
            ],
          }),
        ],
      },
      {
        title: 'Versions',
        height: 6,
        panels: [
          graph({
            title: 'Ztunnels by version',
            description: 'During an upgrade one line falls while the other climbs, node by node.',
            unit: 'short',
            lines: [{ expr: sum('istio_build', { component: '="ztunnel"' }, ['tag']), legend: '{{tag}}' }],
          }),
        ],
      },
    ],
  });
}
