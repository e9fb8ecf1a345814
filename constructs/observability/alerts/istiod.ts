import { quantile, series } from '../promql/queries.ts';
import type { Alert, AlertGroup } from './alert.ts';
import { grown, oneOf, summed } from './select.ts';

/** The control plane, of every mesh that is watched. */
export function istiodGroup(namespaces: readonly string[]): AlertGroup {
  const istiod = { app: '="istiod"', namespace: oneOf(namespaces) };
  return {
    name: 'istiod',
    title: 'Control plane',
    alerts: [...namespaces.map(down), ...configuration(istiod), ...certificates(istiod), ...injection(istiod), cutOff],
  };
}

type Istiod = { readonly app: string; readonly namespace: string };

function down(namespace: string): Alert {
  return {
    name: 'IstiodDown',
    severity: 'page',
    expr: `absent(${series('up', { app: '="istiod"', namespace: `="${namespace}"` })} == 1)`,
    for: '5m',
    labels: { namespace },
    summary: `no istiod answers in ${namespace}`,
    description: `Prometheus reached no istiod in the namespace ${namespace} for 5 minutes.`,
    page: {
      means:
        'Proxies go on with what they have, so traffic flows. But new pods get no configuration and no certificate, changes do nothing, and certificates run out after a day.',
      look: [
        '`kubectl get pods -n NAMESPACE -l app=istiod`, and `kubectl describe` of the one that does not start.',
        '`kubectl logs -n NAMESPACE deploy/istiod --previous`: why did it end?',
      ],
      act: [
        'Give it the memory or the node that it lacks; undo the last change of the mesh’s configuration.',
        'Do not restart workloads before istiod is back: they would not come up.',
      ],
    },
  };
}

function configuration(istiod: Istiod): readonly Alert[] {
  return [
    {
      name: 'IstiodConfigRejected',
      severity: 'ticket',
      expr: `${grown('pilot_total_xds_rejects', istiod, ['namespace', 'type'], '10m')} > 0`,
      for: '0s',
      summary: 'proxies refuse configuration of istiod',
      description:
        'Proxies refused {{ $labels.type }} configuration of the istiod in {{ $labels.namespace }}, {{ $value | printf "%.0f" }} times in 10 minutes.',
      page: {
        means:
          'Envoy takes such a piece of configuration as a whole or not at all: those proxies go on with the old one, and new pods may never get ready. An EnvoyFilter is the cause, mostly.',
        look: [
          '`kubectl logs -n NAMESPACE deploy/istiod | grep "ACK ERROR"`: it names the proxy and what Envoy says.',
          '`istioctl proxy-status -v 1`: proxies that are not SYNCED.',
        ],
        act: [
          'Take back the last EnvoyFilter, WasmPlugin, Gateway or DestinationRule.',
          'No proxy needs a restart: it takes the next good push.',
        ],
      },
    },
    {
      name: 'IstiodPushesFailing',
      severity: 'ticket',
      expr: pushErrors(istiod),
      for: '10m',
      summary: 'istiod cannot send configuration to proxies',
      description:
        'For 10 minutes pushes of the istiod in {{ $labels.namespace }} fail: {{ $value | printf "%.0f" }} in the last 5.',
      page: {
        means: 'Configuration does not reach some proxies: they route to pods that are gone.',
        look: [
          '`kubectl logs -n NAMESPACE deploy/istiod | grep -iE "push|timeout|error"`',
          'Istio Control Plane Dashboard: CPU, memory, number of connected proxies.',
        ],
        act: [
          'Give istiod more CPU or replicas.',
          'Send less to each proxy: a Sidecar object for each namespace, discovery selectors for the mesh.',
        ],
      },
    },
    {
      name: 'IstiodPushesSlow',
      severity: 'ticket',
      expr: `${quantile(0.99, 'pilot_proxy_convergence_time', istiod, ['namespace'], '5m')} > 10`,
      for: '10m',
      summary: 'changes take long to reach proxies',
      description:
        'One change in a hundred takes {{ $value | humanizeDuration }} or longer from the istiod in {{ $labels.namespace }} to the proxies.',
      page: {
        means:
          'Proxies are out of date for more than 10 seconds after a change: requests go to pods that are gone, new pods get none.',
        look: [
          'Istio Control Plane Dashboard: CPU of istiod, pushes and what triggers them.',
          'Does something change all the time: a Service or pod that restarts without end?',
        ],
        act: ['Stop what changes all the time.', 'Give istiod more CPU or replicas; send less to each proxy by Sidecar objects.'],
      },
    },
    {
      name: 'MeshConfigInvalid',
      severity: 'ticket',
      expr: `${grown('galley_validation_failed', istiod, ['namespace', 'resource', 'reason'], '15m')} > 0`,
      for: '30m',
      summary: 'somebody keeps applying {{ $labels.resource }} that istiod refuses',
      description:
        'For 30 minutes {{ $labels.resource }} are refused ({{ $labels.reason }}), {{ $value | printf "%.0f" }} in the last 15.',
      page: {
        means:
          'The cluster does not have what Git says. A single mistake by hand draws no alert: something tries again and again.',
        look: [
          'Flux: `flux get kustomizations -A`, its message holds istiod’s reason.',
          '`npx meshwright check FOLDER` finds the object.',
        ],
        act: ['Correct or revert the object in Git.'],
      },
    },
    {
      name: 'IstiodWebhookFailing',
      severity: 'ticket',
      expr: `${grown('galley_validation_http_error', istiod, ['namespace'], '10m')} > 0`,
      for: '10m',
      summary: 'istiod cannot check what is applied',
      description: 'The webhook of the istiod in {{ $labels.namespace }} answered with errors for 10 minutes.',
      page: {
        means: 'Istio’s objects cannot be applied or changed while its webhook fails.',
        look: [
          '`kubectl logs -n NAMESPACE deploy/istiod | grep -i validation`',
          '`kubectl get validatingwebhookconfiguration -o yaml`: does it hold a `caBundle`?',
        ],
        act: ['Restart istiod: it writes its certificate into the webhook again.'],
      },
    },
  ];
}

/** A proxy that goes away in the middle of a push is no error yet: some do in every rollout. */
function pushErrors(istiod: Istiod): string {
  const errors = [
    series('pilot_xds_pushes', { ...istiod, type: '=~".*_(senderr|builderr)"' }),
    series('pilot_total_xds_internal_errors', istiod),
    series('pilot_xds_write_timeout', istiod),
  ];
  return errors.map((one) => `${summed(`increase(${one}[5m])`, ['namespace'])} > 5`).join(' or ');
}

function certificates(istiod: Istiod): readonly Alert[] {
  const expiry = series('citadel_server_root_cert_expiry_timestamp', istiod);
  return [
    {
      name: 'MeshRootCertificateExpires',
      severity: 'ticket',
      expr: `min by (namespace) (${expiry} > 0) - time() < 30 * 86400`,
      for: '1h',
      summary: 'the mesh’s root certificate expires within 30 days',
      description: 'The root certificate of the istiod in {{ $labels.namespace }} expires in {{ $value | humanizeDuration }}.',
      page: {
        means: 'When it has expired no pod trusts another: mutual TLS, and with it the whole mesh, stops.',
        look: ['`kubectl get secret -n NAMESPACE cacerts istio-ca-secret`: whose CA is it, yours or istiod’s own?'],
        act: [
          'Plug in a new CA while the old one is still trusted: both roots in `root-cert.pem` first, then the new signing certificate, then the old root goes.',
          'Restart istiod, then workloads namespace by namespace. Do not wait for the last week.',
        ],
      },
    },
    {
      name: 'MeshCertificatesNotSigned',
      severity: 'page',
      expr: `${grown('citadel_server_csr_sign_err_count', istiod, ['namespace', 'error'], '10m')} > 0`,
      for: '5m',
      summary: 'istiod does not sign certificates of workloads',
      description: 'The istiod in {{ $labels.namespace }} fails to sign certificates ({{ $labels.error }}).',
      page: {
        means:
          'New pods do not get ready, and running ones lose mutual TLS when their certificate runs out, a day after it was made.',
        look: [
          '`kubectl logs -n NAMESPACE deploy/istiod | grep -i "sign"`',
          'The CA behind it: Secret `cacerts`, or cert-manager’s istio-csr.',
        ],
        act: ['Mend the CA: its certificate, its key, its reachability. Then restart istiod.'],
      },
    },
  ];
}

function injection(istiod: Istiod): readonly Alert[] {
  return [
    {
      name: 'MeshInjectionFailing',
      severity: 'page',
      expr: `${grown('sidecar_injection_failure_total', istiod, ['namespace'], '10m')} > 0`,
      for: '5m',
      summary: 'pods get no sidecar',
      description:
        'The istiod in {{ $labels.namespace }} failed to inject a sidecar {{ $value | printf "%.0f" }} times in 10 minutes.',
      page: {
        means: 'New pods of the mesh are not created: nothing can be rolled out, scaled or moved to another node.',
        look: [
          '`kubectl get events -A | grep -i inject`: the reason, and whose pods.',
          '`kubectl logs -n NAMESPACE deploy/istiod | grep -i inject`',
        ],
        act: ['Undo the last change of pod annotations (`sidecar.istio.io/*`) or of injection templates.'],
      },
    },
  ];
}

/** Istiod ends a connection every half hour by itself; a proxy that finds nobody tries every half minute. */
const cutOff: Alert = {
  name: 'MeshProxiesCutOff',
  severity: 'ticket',
  expr: `count by (namespace) (${summed(
    `increase(${series('istio_agent_istiod_connection_failures', {})}[10m]) or increase(${series('istio_agent_istiod_connection_terminations', { type: '="error"' })}[10m])`,
    ['namespace', 'pod'],
  )} > 5)`,
  for: '10m',
  summary: 'proxies in {{ $labels.namespace }} do not get to istiod',
  description:
    '{{ $value | printf "%.0f" }} proxies in {{ $labels.namespace }} fail to connect to istiod, again and again for 10 minutes.',
  page: {
    means: 'They work by what they knew last: no change reaches them, and their certificates are not renewed.',
    look: [
      '`istioctl proxy-status -v 1`: which proxies are missing or STALE?',
      'The proxy’s log: `kubectl logs POD -c istio-proxy | grep -i xds`. A NetworkPolicy that lets nothing out to port 15012?',
    ],
    act: [
      'Let the namespace reach istiod’s ports 15012 and 15010 again.',
      'Restart the pods whose token or certificate is refused.',
    ],
  },
};
