import { named, pod, type RuleCase } from './case.ts';

const istiodPod = { app: 'istiod', ...pod('istiod-5d8c9f7b6-2xkzq', 'istio-system') };
const of = (metric: string, more: Readonly<Record<string, string>> = {}) => named(metric, { ...istiodPod, ...more });
const up = { [of('up')]: '1x60' };
const ztunnel = (name: string) => named('up', pod(name, 'istio-system'));
const tries = (name: string, type?: string) =>
  type === undefined
    ? named('istio_agent_istiod_connection_failures', pod(name, 'bookinfo'))
    : named('istio_agent_istiod_connection_terminations', { type, ...pod(name, 'bookinfo') });

const link = {
  reporter: 'source',
  source_workload: 'cart',
  source_workload_namespace: 'shop',
  destination_service: 'db.shop.svc.cluster.local',
};
const { reporter: _, ...between } = link;
const opened = named('istio_tcp_connections_opened_total', link);
const failed = (response_flags: string, more: Readonly<Record<string, string>> = {}) =>
  named('istio_tcp_connections_failed_total', { ...link, response_flags, ...more });

export const istiodCases: readonly RuleCase[] = [
  {
    alert: 'IstiodDown',
    when: 'the only one is down',
    series: { [of('up')]: '1x10 0x20' },
    at: '20m',
    fires: [
      {
        labels: { namespace: 'istio-system', severity: 'page' },
        summary: 'no istiod answers in istio-system',
        description: 'Prometheus reached no istiod in the namespace istio-system for 5 minutes.',
      },
    ],
  },
  {
    alert: 'IstiodDown',
    when: 'there is none',
    series: { 'up{app="other"}': '1x30' },
    at: '10m',
    fires: [
      {
        labels: { namespace: 'istio-system', severity: 'page' },
        summary: 'no istiod answers in istio-system',
        description: 'Prometheus reached no istiod in the namespace istio-system for 5 minutes.',
      },
    ],
  },
  {
    alert: 'IstiodDown',
    when: 'one of two is up',
    series: { [of('up')]: '0x30', [named('up', { app: 'istiod', ...pod('istiod-5d8c9f7b6-9wmtr', 'istio-system') })]: '1x30' },
    at: '20m',
    fires: [],
  },
  { alert: 'IstiodDown', when: 'it restarts', series: { [of('up')]: '1x10 0x3 1x20' }, at: '13m', fires: [] },
  {
    alert: 'IstiodConfigRejected',
    when: 'a proxy refuses a listener for the first time',
    series: { ...up, [of('pilot_total_xds_rejects', { type: 'lds' })]: '_x20 1x40' },
    at: '25m',
    fires: [
      {
        labels: { namespace: 'istio-system', severity: 'ticket', type: 'lds' },
        summary: 'proxies refuse configuration of istiod',
        description: 'Proxies refused lds configuration of the istiod in istio-system, 1 times in 10 minutes.',
      },
    ],
  },
  {
    alert: 'IstiodConfigRejected',
    when: 'proxies refuse more and more',
    series: { ...up, [of('pilot_total_xds_rejects', { type: 'cds' })]: '5+1x60' },
    at: '25m',
    fires: [
      {
        labels: { namespace: 'istio-system', severity: 'ticket', type: 'cds' },
        summary: 'proxies refuse configuration of istiod',
        description: 'Proxies refused cds configuration of the istiod in istio-system, 10 times in 10 minutes.',
      },
    ],
  },
  {
    alert: 'IstiodConfigRejected',
    when: 'a proxy refused something before Prometheus looked for the first time',
    series: { ...up, [of('pilot_total_xds_rejects', { type: 'lds' })]: '7x60' },
    at: '5m',
    fires: [],
  },
  {
    alert: 'IstiodConfigRejected',
    when: 'a proxy refused something an hour ago',
    series: { [of('up')]: '1x90', [of('pilot_total_xds_rejects', { type: 'lds' })]: '_x20 1x70' },
    at: '80m',
    fires: [],
  },
  {
    alert: 'IstiodPushesFailing',
    when: 'it cannot send endpoints',
    series: {
      ...up,
      [of('pilot_xds_pushes', { type: 'eds_senderr' })]: '0+3x60',
      [of('pilot_xds_pushes', { type: 'eds' })]: '0+30x60',
    },
    at: '30m',
    fires: [
      {
        labels: { namespace: 'istio-system', severity: 'ticket' },
        summary: 'istiod cannot send configuration to proxies',
        description: 'For 10 minutes pushes of the istiod in istio-system fail: 15 in the last 5.',
      },
    ],
  },
  {
    alert: 'IstiodPushesFailing',
    when: 'pushes take too long to be written',
    series: { ...up, [of('pilot_xds_write_timeout')]: '0+3x60' },
    at: '30m',
    fires: [
      {
        labels: { namespace: 'istio-system', severity: 'ticket' },
        summary: 'istiod cannot send configuration to proxies',
        description: 'For 10 minutes pushes of the istiod in istio-system fail: 15 in the last 5.',
      },
    ],
  },
  {
    alert: 'IstiodPushesFailing',
    when: 'it sends everything, but for a pod that went',
    series: {
      ...up,
      [of('pilot_xds_pushes', { type: 'eds_senderr' })]: '0x20 2x40',
      [of('pilot_xds_pushes', { type: 'eds' })]: '0+30x60',
    },
    at: '30m',
    fires: [],
  },
  {
    alert: 'IstiodPushesSlow',
    when: 'one push in ten takes longer than 20 seconds',
    series: convergence({ '1.0': '0+90x60', '20.0': '0+90x60', '30.0': '0+100x60', '+Inf': '0+100x60' }),
    at: '30m',
    fires: [
      {
        labels: { namespace: 'istio-system', severity: 'ticket' },
        summary: 'changes take long to reach proxies',
        description: 'One change in a hundred takes 29s or longer from the istiod in istio-system to the proxies.',
      },
    ],
  },
  {
    alert: 'IstiodPushesSlow',
    when: 'all pushes are quick, and then there are none',
    series: convergence({ '1.0': '0+100x20 2000x40', '20.0': '0+100x20 2000x40', '+Inf': '0+100x20 2000x40' }),
    at: '40m',
    fires: [],
  },
  {
    alert: 'MeshConfigInvalid',
    when: 'the same object is refused again and again',
    series: {
      [of('up')]: '1x90',
      [of('galley_validation_failed', { resource: 'virtualservices', reason: 'invalid_resource' })]: '0+1x90',
    },
    at: '70m',
    fires: [
      {
        labels: { namespace: 'istio-system', reason: 'invalid_resource', resource: 'virtualservices', severity: 'ticket' },
        summary: 'somebody keeps applying virtualservices that istiod refuses',
        description: 'For 30 minutes virtualservices are refused (invalid_resource), 15 in the last 15.',
      },
    ],
  },
  {
    alert: 'MeshConfigInvalid',
    when: 'somebody made one mistake',
    series: {
      [of('up')]: '1x90',
      [of('galley_validation_failed', { resource: 'virtualservices', reason: 'invalid_resource' })]: '_x20 1x70',
    },
    at: '45m',
    fires: [],
  },
  {
    alert: 'IstiodWebhookFailing',
    when: 'its webhook answers with errors',
    series: { ...up, [of('galley_validation_http_error', { status: '500' })]: '0+1x60' },
    at: '40m',
    fires: [
      {
        labels: { namespace: 'istio-system', severity: 'ticket' },
        summary: 'istiod cannot check what is applied',
        description: 'The webhook of the istiod in istio-system answered with errors for 10 minutes.',
      },
    ],
  },
  {
    alert: 'IstiodWebhookFailing',
    when: 'it did so an hour ago',
    series: { ...up, [of('galley_validation_http_error', { status: '500' })]: '4x60' },
    at: '40m',
    fires: [],
  },
  {
    alert: 'MeshRootCertificateExpires',
    when: 'it ends in ten days',
    series: { [of('citadel_server_root_cert_expiry_timestamp')]: '864000x90' },
    at: '80m',
    fires: [
      {
        labels: { namespace: 'istio-system', severity: 'ticket' },
        summary: 'the mesh’s root certificate expires within 30 days',
        description: 'The root certificate of the istiod in istio-system expires in 9d 22h 40m 0s.',
      },
    ],
  },
  {
    alert: 'MeshRootCertificateExpires',
    when: 'it ends in ten years, or nobody knows',
    series: {
      [of('citadel_server_root_cert_expiry_timestamp')]: '315360000x90',
      [named('citadel_server_root_cert_expiry_timestamp', { app: 'istiod', ...pod('istiod-5d8c9f7b6-9wmtr', 'istio-system') })]:
        '-1x90',
    },
    at: '80m',
    fires: [],
  },
  {
    alert: 'MeshCertificatesNotSigned',
    when: 'its CA does not sign',
    series: { ...up, [of('citadel_server_csr_sign_err_count', { error: 'CA_ERROR' })]: '_x20 1+1x40' },
    at: '40m',
    fires: [
      {
        labels: { error: 'CA_ERROR', namespace: 'istio-system', severity: 'page' },
        summary: 'istiod does not sign certificates of workloads',
        description: 'The istiod in istio-system fails to sign certificates (CA_ERROR).',
      },
    ],
  },
  {
    alert: 'MeshCertificatesNotSigned',
    when: 'its CA signs again',
    series: { ...up, [of('citadel_server_csr_sign_err_count', { error: 'CA_ERROR' })]: '9x60' },
    at: '40m',
    fires: [],
  },
  {
    alert: 'MeshInjectionFailing',
    when: 'pods are not injected, for the first time',
    series: { ...up, [of('sidecar_injection_failure_total')]: '_x20 3x40' },
    at: '27m',
    fires: [
      {
        labels: { namespace: 'istio-system', severity: 'page' },
        summary: 'pods get no sidecar',
        description: 'The istiod in istio-system failed to inject a sidecar 3 times in 10 minutes.',
      },
    ],
  },
  {
    alert: 'MeshInjectionFailing',
    when: 'none has failed for long',
    series: { ...up, [of('sidecar_injection_failure_total')]: '3x60' },
    at: '40m',
    fires: [],
  },
  {
    alert: 'MeshProxiesCutOff',
    when: 'two of three find no istiod',
    series: { [tries('reviews-a')]: '0+2x60', [tries('reviews-b', 'error')]: '0+2x60', [tries('reviews-c', 'error')]: '3x60' },
    at: '40m',
    fires: [
      {
        labels: { namespace: 'bookinfo', severity: 'ticket' },
        summary: 'proxies in bookinfo do not get to istiod',
        description: '2 proxies in bookinfo fail to connect to istiod, again and again for 10 minutes.',
      },
    ],
  },
  {
    alert: 'MeshProxiesCutOff',
    when: 'istiod ends connections now and then, and Envoy does',
    series: { [tries('reviews-a', 'error')]: '0x20 1x20 2x20', [tries('reviews-b', 'cancelled')]: '0+2x60' },
    at: '45m',
    fires: [],
  },
  {
    alert: 'ZtunnelDown',
    when: 'that of one node does not answer',
    series: { [ztunnel('ztunnel-4xq9b')]: '0x30', [ztunnel('ztunnel-zz7kd')]: '1x30' },
    at: '20m',
    fires: [
      {
        labels: { namespace: 'istio-system', pod: 'ztunnel-4xq9b', severity: 'page' },
        summary: 'a ztunnel of istio-system does not answer',
        description: 'Prometheus reaches not ztunnel-4xq9b in istio-system, for 5 minutes.',
      },
    ],
  },
  {
    alert: 'ZtunnelDown',
    when: 'there is none',
    series: { 'up{app="other"}': '1x30' },
    at: '20m',
    fires: [
      {
        labels: { namespace: 'istio-system', severity: 'page' },
        summary: 'a ztunnel of istio-system does not answer',
        description: 'Prometheus reaches no ztunnel in istio-system, for 5 minutes.',
      },
    ],
  },
  {
    alert: 'ZtunnelDown',
    when: 'all answer',
    series: { [ztunnel('ztunnel-4xq9b')]: '1x30', [ztunnel('ztunnel-zz7kd')]: '1x30' },
    at: '20m',
    fires: [],
  },
  {
    alert: 'ZtunnelMutualTlsFails',
    when: 'handshakes fail all the time',
    series: { [failed('TLS_FAILURE')]: '0+6x60' },
    at: '30m',
    fires: [
      {
        labels: { ...between, severity: 'page' },
        summary: 'mutual TLS fails between cart.shop and db.shop.svc.cluster.local',
        description: 'Handshakes between cart.shop and db.shop.svc.cluster.local fail, for 10 minutes: 100m a second.',
      },
    ],
  },
  {
    alert: 'ZtunnelMutualTlsFails',
    when: 'one handshake failed, nobody listens, or the other node counts the same',
    series: {
      [failed('TLS_FAILURE')]: '0x20 1x40',
      [failed('CONNECT')]: '0+6x60',
      [failed('IDENTITY_ERROR', { reporter: 'destination' })]: '0+6x60',
    },
    at: '31m',
    fires: [],
  },
  {
    alert: 'ZtunnelConnectionsFail',
    when: 'one connection in ten fails',
    series: { [opened]: '0+60x60', [failed('CONNECT')]: '0+6x60' },
    at: '30m',
    fires: [
      {
        labels: { ...between, severity: 'ticket' },
        summary: 'connections of cart.shop to db.shop.svc.cluster.local fail',
        description: '10% of the connections of cart.shop to db.shop.svc.cluster.local fail, for 10 minutes.',
      },
    ],
  },
  {
    alert: 'ZtunnelConnectionsFail',
    when: 'a policy refuses them, or one in a hundred fails',
    series: { [opened]: '0+600x60', [failed('DENY')]: '0+300x60', [failed('CONNECT')]: '0+6x60' },
    at: '30m',
    fires: [],
  },
  {
    alert: 'ZtunnelConnectionsFail',
    when: 'hardly anybody connects',
    series: { [opened]: '0x10 1x10 2x10 3x30', [failed('CONNECT')]: '0x10 1x10 2x10 3x30' },
    at: '35m',
    fires: [],
  },
];

function convergence(buckets: Readonly<Record<string, string>>) {
  return Object.fromEntries(
    Object.entries(buckets).map(([le, values]) => [of('pilot_proxy_convergence_time_bucket', { le }), values]),
  );
}
