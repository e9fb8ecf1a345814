import { describe, expect, it } from 'vitest';
import {
  add,
  ambientShop,
  both,
  type Change,
  entry,
  exported,
  gateway,
  goodPath,
  hidden,
  inject,
  mesh,
  noAuthorization,
  noPolicies,
  openPermissive,
  openSidecar,
  optOut,
  permissive,
  policy,
  rule,
  sidecarHosts,
  swap,
  telemetry,
  vendor,
  watching,
  without,
} from './proof-reach-world.ts';
import { findingsOf } from './proof-world.ts';

const quiet: readonly (readonly [string, Change])[] = [
  ['a collector in the mesh, PERMISSIVE, that the policies let all callers to', both(inject('collector'), permissive())],
  [
    'an ALLOW policy by account',
    both(inject('collector'), permissive(), swap('namespaces: [shop]', 'principals: [cluster.local/ns/shop/sa/web]')),
  ],
  [
    'an ALLOW policy by a pattern of accounts',
    both(inject('collector'), permissive(), swap('namespaces: [shop]', 'principals: [mesh.example/ns/shop/*]')),
  ],
  [
    'an ALLOW policy by the end of the account',
    both(inject('collector'), permissive(), swap('namespaces: [shop]', "principals: ['*/sa/web']")),
  ],
  [
    'an ALLOW policy by service account',
    both(inject('collector'), permissive(), swap('namespaces: [shop]', 'serviceAccounts: [shop/web]')),
  ],
  ['an ALLOW policy by address', both(inject('collector'), permissive(), swap('namespaces: [shop]', 'ipBlocks: [10.0.0.0/8]'))],
  [
    'a DENY policy for others',
    both(
      inject('collector'),
      permissive(),
      policy('AuthorizationPolicy', 'observability', '{action: DENY, rules: [{from: [{source: {notNamespaces: [shop]}}]}]}'),
    ),
  ],
  [
    'a DENY policy for another port',
    both(
      inject('collector'),
      permissive(),
      policy('AuthorizationPolicy', 'observability', "{action: DENY, rules: [{to: [{operation: {ports: ['4317']}}]}]}"),
    ),
  ],
  [
    'a DENY policy without rules',
    both(inject('collector'), permissive(), policy('AuthorizationPolicy', 'observability', '{action: DENY}')),
  ],
  [
    'an AUDIT policy',
    both(inject('collector'), permissive(), policy('AuthorizationPolicy', 'observability', '{action: AUDIT, rules: [{}]}')),
  ],
  [
    'a DENY policy that is only tried',
    both(
      inject('collector'),
      permissive(),
      policy('AuthorizationPolicy', 'observability', '{action: DENY, rules: [{}]}', "{istio.io/dry-run: 'true'}"),
    ),
  ],
  [
    'a policy for a Gateway',
    both(
      inject('collector'),
      permissive(),
      noAuthorization(),
      policy(
        'AuthorizationPolicy',
        'observability',
        '{targetRefs: [{kind: Gateway, group: gateway.networking.k8s.io, name: front}]}',
      ),
    ),
  ],
  ['policies for pods that are not in the mesh', policy('AuthorizationPolicy', 'istio-system', '{}')],
  [
    'a mesh-wide rule with mutual TLS, and an exception for the collector',
    both(rule('*.local', 'ISTIO_MUTUAL'), (yaml) =>
      rule(
        'collector.observability.svc.cluster.local',
        'DISABLE',
        'observability',
      )(yaml).replace("namespace: observability}\nspec: {host: 'collector", "namespace: observability}\nspec: {host: 'collector"),
    ),
  ],
  [
    'a rule for the collector without TLS',
    add(
      'apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: pool, namespace: observability}\nspec: {host: collector, trafficPolicy: {connectionPool: {tcp: {maxConnections: 10}}}}\n',
    ),
  ],
  ['a rule with mutual TLS of a namespace that does not export it', rule('*.local', 'ISTIO_MUTUAL', 'elsewhere')],
  ['a rule with mutual TLS for another host', rule('tempo.observability.svc.cluster.local', 'ISTIO_MUTUAL')],
  [
    'plain text to a port that the proxy of the backend does not guard',
    both(
      inject('tempo'),
      noPolicies,
      swap(
        "sidecar.istio.io/inject: 'true'}",
        "sidecar.istio.io/inject: 'true'}, annotations: {traffic.sidecar.istio.io/excludeInboundPorts: '4317,3200'}",
      ),
    ),
  ],
  [
    'a port made PERMISSIVE',
    both(
      inject('tempo'),
      noPolicies,
      add(
        "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: tempo, namespace: observability}\nspec: {selector: {matchLabels: {app: tempo}}, portLevelMtls: {'4317': {mode: PERMISSIVE}, '3200': {mode: PERMISSIVE}}}\n",
      ),
    ),
  ],
  [
    'a namespace made PERMISSIVE',
    both(
      inject('tempo'),
      noPolicies,
      add(
        'apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: default, namespace: observability}\nspec: {mtls: {mode: PERMISSIVE}}\n',
      ),
    ),
  ],
  ['a Sidecar that takes all in', sidecarHosts("'*/*'")],
  ['a Sidecar that takes the namespace in', sidecarHosts('./*, observability/*')],
  ['a Sidecar that takes the host in, wherever it is', sidecarHosts("'*/collector.observability.svc.cluster.local'")],
  ['a Sidecar by wildcard', sidecarHosts("'observability/*.svc.cluster.local'")],
  [
    'a Sidecar for inbound listeners alone',
    swap(
      'spec: {egress: [{hosts: [./*, istio-system/*, observability/collector.observability.svc.cluster.local]}]}',
      'spec: {ingress: [{port: {number: 80, protocol: HTTP, name: http}, defaultEndpoint: 127.0.0.1:8080}]}',
    ),
  ],
  ['a Sidecar where spans are not reported', both(hidden, telemetry('shop', '{disableSpanReporting: true}'))],
  [
    'a Sidecar for other pods',
    add(
      "apiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: {name: other, namespace: shop}\nspec: {workloadSelector: {labels: {app: other}}, egress: [{hosts: ['~/*']}]}\n",
    ),
  ],
  ['a Service exported to the senders', exported('shop, .')],
  ['a Service exported to all, beside others', exported('.,*')],
  [
    'a provider outside the cluster with its ServiceEntry',
    both(vendor, entry(', resolution: DNS, exportTo: [shop]'), openSidecar),
  ],
  [
    'discoverySelectors of which one takes the namespace in',
    mesh('discoverySelectors: [{matchLabels: {istio-injection: enabled}}, {matchExpressions: [{key: role, operator: Exists}]}]'),
  ],
  [
    'NetworkPolicies by address',
    swap('from: [{namespaceSelector: {matchLabels: {istio-injection: enabled}}}]', 'from: [{ipBlock: {cidr: 10.0.0.0/8}}]'),
  ],
  ['NetworkPolicies from everywhere', swap('from: [{namespaceSelector: {matchLabels: {istio-injection: enabled}}}], ', '')],
  [
    'NetworkPolicies from all namespaces',
    swap('namespaceSelector: {matchLabels: {istio-injection: enabled}}', 'namespaceSelector: {}'),
  ],
  ['NetworkPolicies with a range of ports', swap('ports: [{port: otlp}]', 'ports: [{port: 14300, endPort: 14400}]')],
  [
    'a NetworkPolicy of a label that the injector adds',
    swap(
      'namespaceSelector: {matchLabels: {istio-injection: enabled}}',
      'namespaceSelector: {}, podSelector: {matchExpressions: [{key: security.istio.io/tlsMode, operator: Exists}]}',
    ),
  ],
  [
    'the NetworkPolicy of the Kiali operator',
    policy(
      'NetworkPolicy',
      'istio-system',
      '{podSelector: {matchLabels: {app.kubernetes.io/name: kiali}}, policyTypes: [Ingress], ingress: [{ports: [{port: 20001}, {port: 9090}]}]}',
    ),
  ],
  [
    'a NetworkPolicy for other pods',
    policy('NetworkPolicy', 'observability', '{podSelector: {matchLabels: {app: loki}}, ingress: []}'),
  ],
  [
    'pods of a namespace whose labels are not in the input',
    both(
      (yaml) => without(yaml, /kind: Namespace\nmetadata: \{name: shop/),
      swap('matchLabels: {istio-injection: enabled}', 'matchLabels: {mesh: member}'),
    ),
  ],
  [
    'pods that opt out of the mesh send nothing',
    both(
      swap('metadata: {labels: {app: web}}', "metadata: {labels: {app: web, sidecar.istio.io/inject: 'false'}}"),
      swap('port: 14317}]}]\n', 'port: 1}]}]\n'),
    ),
  ],
  [
    'an ambient namespace with a waypoint',
    both(
      swap('labels: {istio-injection: enabled}', 'labels: {istio.io/dataplane-mode: ambient, istio.io/use-waypoint: waypoint}'),
      noPolicies,
      add(gateway),
    ),
  ],
  ...['waypoint-for: all', 'other: label'].map((label): [string, Change] => [
    `an ambient namespace whose waypoint has ${label}`,
    both(
      swap('labels: {istio-injection: enabled}', 'labels: {istio.io/dataplane-mode: ambient, istio.io/use-waypoint: waypoint}'),
      noPolicies,
      add(gateway),
      swap('waypoint-for: service', label),
    ),
  ]),
  [
    'an ambient Service with a waypoint',
    both(
      ambientShop,
      noPolicies,
      swap(
        'metadata: {name: web, namespace: shop}\nspec: {selector',
        'metadata: {name: web, namespace: shop, labels: {istio.io/use-waypoint: waypoint}}\nspec: {selector',
      ),
      add(gateway),
    ),
  ],
  ['an ambient namespace without tracing', both(ambientShop, noPolicies, telemetry('shop', '{disableSpanReporting: true}'))],
  [
    'a namespace that is excluded on purpose',
    both(swap('labels: {istio-injection: enabled}', 'labels: {istio-injection: disabled}'), noPolicies),
  ],
  [
    'a namespace enrolled by revision',
    both(swap('labels: {istio-injection: enabled}', 'labels: {istio.io/rev: stable}'), noPolicies),
  ],
  [
    'namespaces that are injected by default',
    both(
      optOut('collector'),
      optOut('tempo'),
      swap(', labels: {istio-injection: enabled}}', '}'),
      noPolicies,
      add(
        'apiVersion: sailoperator.io/v1\nkind: Istio\nmetadata: {name: default}\nspec: {version: v1.30.3, namespace: istio-system, values: {sidecarInjectorWebhook: {enableNamespacesByDefault: true}}}\n',
      ),
    ),
  ],
  ['tools alone in an ambient namespace', both(watching, noPolicies, openPermissive)],
];

describe('what lets a trace through is not called wrong', () => {
  it.each(quiet)('%s', (_, change) => {
    expect(findingsOf(change(goodPath))).toEqual([]);
  });
});
