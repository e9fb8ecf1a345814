import type { Watched } from '../../kit/index.ts';
import { rate, requests } from '../promql/queries.ts';
import type { Alert, AlertGroup } from './alert.ts';
import { enough, ratioOf } from './burn.ts';
import type { Objectives } from './options.ts';
import { named, service, slowestOnes } from './services.ts';

/** What goes wrong now, whatever was promised. */
export function requestGroup(meshes: readonly (Watched & { readonly is: 'mesh' })[], objectives: Objectives): AlertGroup {
  const slowest = slowestOnes(objectives);
  const { minRequestsPerHour } = objectives;
  return {
    name: 'mesh-requests',
    title: 'Services',
    alerts: [
      failing(minRequestsPerHour),
      ...(slowest === undefined ? [] : [slow(slowest, minRequestsPerHour)]),
      notConnecting(minRequestsPerHour),
      ...(meshes.some(({ mtls }) => mtls === 'strict') ? [plainText] : []),
    ],
  };
}

function failing(minRequestsPerHour: number): Alert {
  return {
    name: 'MeshServiceFailing',
    severity: 'page',
    expr: `${ratioOf('failed', '5m')} > clamp_min(${service.failedBudget}, 0.05) and ${enough(minRequestsPerHour, 1)}`,
    for: '5m',
    summary: '{{ $labels.destination_service }} fails one request in twenty, or more',
    description: '{{ $value | humanizePercentage }} of the requests to {{ $labels.destination_service }} fail, for 5 minutes.',
    page: {
      means: 'More than 5 % of the requests get a 5xx answer or a failed gRPC status: users see it.',
      look: [
        'Are the pods there and ready? `kubectl get pods -n NAMESPACE`, and what ended last: `kubectl get events -n NAMESPACE`.',
        'Istio Service Dashboard: codes and flags. `UH` no healthy pod, `UF` no connection, `UO` a circuit breaker is open, `NR` no route.',
        '`istioctl proxy-status -v 1`: a proxy that is not SYNCED works by old configuration.',
      ],
      act: [
        'Roll back the last change of the service or of its routes.',
        'With `UH` or `UF` alone: bring the pods back, or send traffic to a version that has some.',
      ],
    },
  };
}

function slow(slowest: string, minRequestsPerHour: number): Alert {
  return {
    name: 'MeshServiceSlow',
    severity: 'ticket',
    expr: `(${slowest}) and ${enough(minRequestsPerHour, 1)}`,
    for: '10m',
    summary: '{{ $labels.destination_service }} is very slow for some',
    description:
      'One request in a hundred to {{ $labels.destination_service }} takes {{ $value | printf "%.0f" }} ms or longer: five times what is promised.',
    page: {
      means: 'The slowest 1 % of the requests take more than five times as long as the service promises.',
      look: [
        'Istio Service Dashboard: is it one version, one caller, one path?',
        'The slowest traces of the last minutes: which span takes the time?',
        'CPU limits: a throttled container is slow in its slowest requests first.',
      ],
      act: ['Mend or scale what the traces point at.', 'For streams and long polls say `faster: "unpromised"` in `slos`.'],
    },
  };
}

function notConnecting(minRequestsPerHour: number): Alert {
  const by = ['source_workload', 'source_workload_namespace', 'destination_service'] as const;
  const failed = requests({ ...named, response_flags: '=~"(.*,)?(UF|UH)(,.*)?"' }, by, '5m');
  const all = requests(named, by, '5m');
  return {
    name: 'MeshConnectionsFailing',
    severity: 'ticket',
    // Requests a second of this caller to this service: of a few, one that fails says nothing.
    expr: `${failed} / (${all} > ${Number((minRequestsPerHour / 3600).toPrecision(3))}) > 0.05`,
    for: '5m',
    summary: '{{ $labels.source_workload }} cannot connect to {{ $labels.destination_service }}',
    description:
      '{{ $value | humanizePercentage }} of the requests of {{ $labels.source_workload }} ({{ $labels.source_workload_namespace }}) to {{ $labels.destination_service }} find no pod that takes the connection.',
    page: {
      means:
        'The caller’s proxy finds no healthy pod (`UH`), or cannot connect to one (`UF`). One caller alone: mutual TLS, mostly. All callers: the pods.',
      look: [
        'Who else calls the service, and does that work? Istio Service Dashboard, by caller.',
        '`istioctl x describe pod POD`: does the destination want mutual TLS (PeerAuthentication STRICT), and does the caller send it (DestinationRule `tls`)?',
        'The caller’s proxy log: `TLS error` or `connection refused` stands behind `UF`.',
      ],
      act: [
        'TLS: take the DestinationRule’s `tls` away, so that Istio chooses by itself, or give the caller a sidecar.',
        'Otherwise: bring the pods back, and see that they listen at the Service’s targetPort.',
      ],
    },
  };
}

const plainText: Alert = {
  name: 'MeshPlainTextAccepted',
  severity: 'ticket',
  expr: plainTextExpr(),
  for: '15m',
  summary: '{{ $labels.destination_workload }} takes plain text, in a mesh that is strict',
  description:
    '{{ $value | printf "%.2f" }} requests or connections a second reach {{ $labels.destination_workload }} ({{ $labels.destination_workload_namespace }}) without mutual TLS.',
  page: {
    means:
      'The mesh says `mtls: strict`, but something opened a hole for this workload, and somebody uses it. Who calls is not proven, and anybody on the way can read along.',
    look: [
      '`kubectl get peerauthentication -A`: one of the namespace or of the workload says PERMISSIVE or DISABLE.',
      'Istio Workload Dashboard, with the destination as reporter: who calls in plain text?',
    ],
    act: [
      'Bring the caller into the mesh, then take the exception away.',
      'When it must stay, silence the alert for this workload.',
    ],
  },
};

function plainTextExpr(): string {
  const by = ['destination_workload', 'destination_workload_namespace'] as const;
  const plain = { reporter: '="destination"', connection_security_policy: '="none"' };
  const http = requests(plain, by, '5m');
  const tcp = rate('istio_tcp_connections_opened_total', plain, by, '5m');
  return `(${http} > 0) or (${tcp} > 0)`;
}
