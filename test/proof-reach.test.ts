import { describe, expect, it } from 'vitest';
import {
  add,
  ambientShop,
  both,
  type Change,
  entry,
  gateway,
  goodPath,
  inject,
  mesh,
  noAuthorization,
  noNetwork,
  noPolicies,
  openSidecar,
  operatorCollector,
  ownGateway,
  permissive,
  rule,
  swap,
  vendor,
  without,
} from './proof-reach-world.ts';
import { findingsOf } from './proof-world.ts';

interface Breakage {
  readonly what: string;
  readonly change: Change;
  readonly code: string;
  readonly object: string;
  readonly says: string;
  /** @default 'error' */
  readonly severity?: string;
}

const MESH = 'ConfigMap/istio-system/istio';
const RULE = 'DestinationRule/istio-system/tls';
const breakages: readonly Breakage[] = [
  {
    what: 'a mesh-wide DestinationRule with mutual TLS, and a collector without sidecar',
    change: rule('*.local', 'ISTIO_MUTUAL'),
    ...{ code: 'TRC040', object: RULE, says: 'from shop by mutual TLS, but the pods of collector have no sidecar' },
  },
  {
    what: 'a DestinationRule with mutual TLS on the port alone',
    change: add(
      'apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: tls, namespace: observability}\nspec: {host: collector, trafficPolicy: {portLevelSettings: [{port: {number: 4317}, tls: {mode: ISTIO_MUTUAL}}]}}\n',
    ),
    ...{ code: 'TRC040', object: 'DestinationRule/observability/tls', says: 'spec.trafficPolicy.portLevelSettings[0].tls.mode' },
  },
  {
    what: 'a DestinationRule with TLS towards a receiver without it',
    change: rule('collector.observability.svc.cluster.local', 'SIMPLE'),
    ...{ code: 'TRC040', object: RULE, says: 'by TLS (SIMPLE), but receiver "otlp"' },
  },
  {
    what: 'auto mTLS off with a wildcard rule of the senders’ namespace',
    change: both(mesh('enableAutoMtls: false'), rule('*.svc.cluster.local', 'ISTIO_MUTUAL', 'shop')),
    ...{ code: 'TRC040', object: 'DestinationRule/shop/tls', says: 'by mutual TLS' },
  },
  {
    what: 'mutual TLS to pods whose PeerAuthentication disables it',
    change: both(
      inject('collector'),
      rule('collector.observability.svc.cluster.local', 'ISTIO_MUTUAL'),
      add(
        'apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: no-mtls, namespace: observability}\nspec: {mtls: {mode: DISABLE}}\n',
      ),
    ),
    ...{ code: 'TRC040', object: RULE, says: 'have mTLS disabled' },
  },
  {
    what: 'a backend with a sidecar under STRICT, called by a collector and a Grafana without one',
    change: both(inject('tempo'), noPolicies),
    ...{
      code: 'TRC041',
      object: 'ConfigMap/observability/collector',
      says: 'without a sidecar (collector of namespace observability)',
    },
  },
  {
    what: 'STRICT for one workload alone',
    change: both(
      inject('tempo'),
      noPolicies,
      swap(
        'metadata: {name: default, namespace: istio-system}\nspec: {mtls: {mode: STRICT}}',
        "metadata: {name: tempo, namespace: observability}\nspec: {selector: {matchLabels: {app: tempo}}, mtls: {mode: PERMISSIVE}, portLevelMtls: {'4317': {mode: STRICT}}}",
      ),
    ),
    ...{ code: 'TRC041', object: 'ConfigMap/observability/collector', says: 'take nothing but mutual TLS' },
  },
  {
    what: 'a rule that holds proxies back from mutual TLS towards STRICT pods',
    change: both(inject('collector'), rule('collector.observability.svc.cluster.local', 'DISABLE', 'observability'), noNetwork()),
    ...{ code: 'TRC041', object: 'DestinationRule/observability/tls', says: 'in plain text' },
  },
  {
    what: 'auto mTLS off towards STRICT pods',
    change: both(inject('collector'), mesh('enableAutoMtls: false'), noNetwork()),
    ...{ code: 'TRC041', object: MESH, says: 'enableAutoMtls is off' },
  },
  {
    what: 'the tracer in the bootstrap, which knows no mTLS, towards STRICT pods',
    change: both(
      inject('collector'),
      noPolicies,
      swap('opentelemetry: {', 'zipkin: {'),
      swap('{name: grpc-otlp, port: 4317, targetPort: 14317}', '{name: http-zipkin, port: 9411, targetPort: 14317}'),
      swap('receivers: {otlp: {protocols: {grpc: {endpoint: 0.0.0.0:14317}}}}', 'receivers: {zipkin: {endpoint: 0.0.0.0:14317}}'),
      swap('traces: {receivers: [otlp]', 'traces: {receivers: [zipkin]'),
      swap('collector.observability.svc.cluster.local, port: 4317', 'collector.observability.svc.cluster.local, port: 9411'),
      swap('tracing: [otel]}', '}'),
      mesh('defaultConfig: {tracing: {zipkin: {address: "collector.observability:9411"}}}'),
    ),
    ...{ code: 'TRC041', object: MESH, says: 'from their bootstrap, without mTLS' },
  },
  {
    what: 'a collector in the mesh under STRICT',
    change: inject('collector'),
    ...{ code: 'TRC042', object: 'Deployment/observability/collector', says: 'have a sidecar under STRICT', severity: 'warning' },
  },
  {
    what: 'a Sidecar of the namespace that leaves the collector out',
    change: swap(', observability/collector.observability.svc.cluster.local', ''),
    ...{ code: 'TRC043', object: 'Sidecar/shop/default', says: './*, istio-system/* leaves out observability/collector' },
  },
  {
    what: 'a Sidecar that takes another Service of the namespace in',
    change: swap('observability/collector.observability', 'observability/tempo.observability'),
    ...{ code: 'TRC043', object: 'Sidecar/shop/default', says: 'leaves out' },
  },
  {
    what: 'a Sidecar for the whole mesh',
    change: swap(
      'kind: Sidecar\nmetadata: {name: default, namespace: shop}\nspec: {egress: [{hosts: [./*, istio-system/*, observability/collector.observability.svc.cluster.local]}]}',
      'kind: Sidecar\nmetadata: {name: default, namespace: istio-system}\nspec: {egress: [{hosts: [./*, istio-system/*]}]}',
    ),
    ...{ code: 'TRC043', object: 'Sidecar/istio-system/default', says: 'proxies of namespace shop' },
  },
  {
    what: 'a Sidecar for one workload',
    change: add(
      "apiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: {name: web, namespace: shop}\nspec: {workloadSelector: {labels: {app: web}}, egress: [{hosts: ['~/*']}]}\n",
    ),
    ...{ code: 'TRC043', object: 'Sidecar/shop/web', says: 'cannot send spans' },
  },
  {
    what: 'a Sidecar in a namespace whose pods are kept elsewhere',
    change: add(
      'apiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: {name: default, namespace: team}\nspec: {egress: [{hosts: [./*]}]}\n',
    ),
    ...{ code: 'TRC043', object: 'Sidecar/team/default', says: 'proxies of namespace team' },
  },
  {
    what: 'a Service that is exported to its own namespace only',
    change: swap(
      '{name: collector, namespace: observability}\nspec:\n  selector: {app: collector}\n  ports',
      '{name: collector, namespace: observability, annotations: {networking.istio.io/exportTo: "."}}\nspec:\n  selector: {app: collector}\n  ports',
    ),
    ...{ code: 'TRC044', object: 'Service/observability/collector', says: 'not exported to namespace shop' },
  },
  {
    what: 'Services that are private by default',
    change: mesh("defaultServiceExportTo: ['.']"),
    ...{ code: 'TRC044', object: MESH, says: 'defaultServiceExportTo' },
  },
  {
    what: 'a ServiceEntry that is exported to nobody else',
    change: both(vendor, entry(', resolution: DNS, exportTo: [istio-system]'), openSidecar),
    ...{ code: 'TRC044', object: 'ServiceEntry/istio-system/vendor', says: 'not exported to namespace shop' },
  },
  {
    what: 'a provider outside the cluster without a ServiceEntry, as a warning in files',
    change: both(vendor, openSidecar),
    ...{ code: 'TRC045', object: MESH, says: 'which no ServiceEntry brings into the mesh', severity: 'warning' },
  },
  {
    what: 'a provider outside the cluster with a ServiceEntry of another port',
    change: both(
      vendor,
      entry(', resolution: DNS'),
      swap(
        'port: 4317}\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: observability',
        'port: 443}\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: observability',
      ),
      openSidecar,
    ),
    ...{ code: 'TRC045', object: MESH, says: 'port 443 of otlp.vendor.example, but its ServiceEntry has 4317' },
  },
  {
    what: 'a collector with a sidecar that exports outside under REGISTRY_ONLY',
    change: both(
      inject('collector'),
      swap(
        'name: default, namespace: istio-system}\nspec: {mtls: {mode: STRICT}}',
        'name: default, namespace: istio-system}\nspec: {mtls: {mode: PERMISSIVE}}',
      ),
      mesh('outboundTrafficPolicy: {mode: REGISTRY_ONLY}'),
      swap('tempo.observability.svc.cluster.local:4317, tls: {insecure: true}', 'otlp.vendor.example:4317'),
    ),
    ...{ code: 'TRC046', object: 'ConfigMap/observability/collector', says: 'REGISTRY_ONLY', severity: 'warning' },
  },
  {
    what: 'a collector whose Sidecar hides the backend under REGISTRY_ONLY',
    change: both(
      inject('collector'),
      swap(
        'name: default, namespace: istio-system}\nspec: {mtls: {mode: STRICT}}',
        'name: default, namespace: istio-system}\nspec: {mtls: {mode: PERMISSIVE}}',
      ),
      add(
        'apiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: {name: default, namespace: observability}\nspec: {outboundTrafficPolicy: {mode: REGISTRY_ONLY}, egress: [{hosts: [observability/collector.observability.svc.cluster.local]}]}\n',
      ),
    ),
    ...{ code: 'TRC046', object: 'Sidecar/observability/default', says: 'cannot reach tempo.observability.svc.cluster.local' },
  },
  {
    what: 'discoverySelectors that leave the collector’s namespace out',
    change: mesh('discoverySelectors: [{matchLabels: {istio-injection: enabled}}]'),
    ...{ code: 'TRC047', object: MESH, says: 'namespace observability is selected by none of them' },
  },
  {
    what: 'discoverySelectors by name, with an expression',
    change: mesh(
      'discoverySelectors: [{matchExpressions: [{key: kubernetes.io/metadata.name, operator: In, values: [shop, istio-system]}]}]',
    ),
    ...{ code: 'TRC047', object: MESH, says: 'namespace observability' },
  },
  {
    what: 'an ALLOW policy with the Service’s port instead of the container’s',
    change: both(inject('collector'), permissive(), swap("ports: ['14317']", "ports: ['4317']")),
    ...{
      code: 'TRC048',
      object: 'AuthorizationPolicy/observability/spans',
      says: 'no ALLOW policy allows provider "otel" (web of namespace shop)',
    },
  },
  {
    what: 'an ALLOW policy for another namespace',
    change: both(inject('collector'), permissive(), swap('namespaces: [shop]', 'namespaces: [shopping]')),
    ...{ code: 'TRC048', object: 'AuthorizationPolicy/observability/spans', says: 'container port 14317' },
  },
  {
    what: 'an ALLOW policy for another account',
    change: both(inject('collector'), permissive(), swap('namespaces: [shop]', 'principals: [cluster.local/ns/shop/sa/cart]')),
    ...{ code: 'TRC048', object: 'AuthorizationPolicy/observability/spans', says: 'web of namespace shop' },
  },
  {
    what: 'an ALLOW policy for GET alone',
    change: both(inject('collector'), permissive(), swap('methods: [POST]', 'methods: [GET]')),
    ...{ code: 'TRC048', object: 'AuthorizationPolicy/observability/spans', says: 'no ALLOW policy allows' },
  },
  {
    what: 'a policy of the root namespace that allows nothing',
    change: both(
      inject('collector'),
      permissive(),
      noAuthorization(),
      add(
        'apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: nothing, namespace: istio-system}\nspec: {}\n',
      ),
    ),
    ...{ code: 'TRC048', object: 'AuthorizationPolicy/istio-system/nothing', says: 'no ALLOW policy allows' },
  },
  {
    what: 'a DENY policy for senders of a namespace',
    change: both(
      inject('collector'),
      permissive(),
      add(
        'apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: no-shop, namespace: observability}\nspec: {action: DENY, rules: [{from: [{source: {namespaces: [shop]}}]}]}\n',
      ),
    ),
    ...{ code: 'TRC048', object: 'AuthorizationPolicy/observability/no-shop', says: 'it denies provider "otel"' },
  },
  {
    what: 'an ALLOW policy by identity for a caller without one',
    change: both(
      noNetwork(),
      inject('tempo'),
      permissive(),
      add(
        'apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: tempo, namespace: observability}\nspec: {selector: {matchLabels: {app: tempo}}, rules: [{to: [{operation: {ports: ["3200"]}}]}, {from: [{source: {namespaces: [observability]}}]}]}\n',
      ),
    ),
    ...{ code: 'TRC048', object: 'AuthorizationPolicy/observability/tempo', says: 'exporter otlp of collector' },
  },
  {
    what: 'a NetworkPolicy that admits its own namespace only',
    change: swap('from: [{namespaceSelector: {matchLabels: {istio-injection: enabled}}}]', 'from: [{podSelector: {}}]'),
    ...{ code: 'TRC049', object: 'NetworkPolicy/observability/collector', says: 'it does not admit web of namespace shop' },
  },
  {
    what: 'a NetworkPolicy that admits a label the senders’ namespace has not',
    change: swap('matchLabels: {istio-injection: enabled}}}]', 'matchLabels: {mesh: member}}}]'),
    ...{ code: 'TRC049', object: 'NetworkPolicy/observability/collector', says: 'web of namespace shop' },
  },
  {
    what: 'a NetworkPolicy with the Service’s port instead of the container’s',
    change: swap('ports: [{port: otlp}]', 'ports: [{port: 4317}]'),
    ...{ code: 'TRC049', object: 'NetworkPolicy/observability/collector', says: 'container port 14317' },
  },
  {
    what: 'a NetworkPolicy of the backend that admits others than the collector',
    change: add(
      'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: tempo, namespace: observability}\nspec: {podSelector: {matchLabels: {app: tempo}}, ingress: [{from: [{podSelector: {matchLabels: {app: grafana}}}]}]}\n',
    ),
    ...{ code: 'TRC049', object: 'NetworkPolicy/observability/tempo', says: 'collector of namespace observability' },
  },
  {
    what: 'a NetworkPolicy of the backend that admits the collector but not Grafana',
    change: add(
      'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: tempo, namespace: observability}\nspec: {podSelector: {matchLabels: {app: tempo}}, ingress: [{from: [{podSelector: {matchLabels: {app: collector}}}]}]}\n',
    ),
    ...{ code: 'TRC049', object: 'NetworkPolicy/observability/tempo', says: 'data source "Tempo"' },
  },
  {
    what: 'a namespace that lets nothing out',
    change: swap('kubernetes.io/metadata.name: observability', 'kubernetes.io/metadata.name: monitoring'),
    ...{ code: 'TRC050', object: 'NetworkPolicy/shop/spans', says: 'it does not let web of namespace shop out' },
  },
  {
    what: 'an egress rule with the wrong port',
    change: swap('port: 14317}]}]\n', 'port: 4318}]}]\n'),
    ...{ code: 'TRC050', object: 'NetworkPolicy/shop/spans', says: 'container port 14317' },
  },
  {
    what: 'an egress policy of the collector that forgets the backend',
    change: swap('podSelector: {matchLabels: {app: tempo}}}], ports', 'podSelector: {matchLabels: {app: loki}}}], ports'),
    ...{ code: 'TRC050', object: 'NetworkPolicy/observability/collector', says: 'exporter otlp of collector' },
  },
  {
    what: 'an ambient namespace without a waypoint',
    change: both(ambientShop, noPolicies),
    ...{ code: 'TRC051', object: 'Namespace/shop', says: 'ztunnel makes no spans', severity: 'warning' },
  },
  ...[
    { what: 'takes no traffic', part: 'waypoint-for: service', by: 'waypoint-for: none', says: 'takes no traffic' },
    {
      what: 'takes that of pods alone',
      part: 'waypoint-for: service',
      by: 'waypoint-for: workload',
      says: 'not what is sent to Services',
    },
    { what: 'is of a misspelt class', part: 'Name: istio-waypoint', by: 'Name: istio-waypiont', says: 'nobody makes one of it' },
    {
      what: 'is an east-west gateway',
      part: 'Name: istio-waypoint',
      by: 'Name: istio-east-west',
      says: 'its class is istio-east-west',
    },
  ].map(({ what, part, by, says }) => ({
    what: `a waypoint that ${what}`,
    change: both(
      swap('labels: {istio-injection: enabled}', 'labels: {istio.io/dataplane-mode: ambient, istio.io/use-waypoint: waypoint}'),
      noPolicies,
      add(gateway),
      swap(part, by),
    ),
    ...{ code: 'TRC051', object: 'Gateway/shop/waypoint', says, severity: 'warning' as const },
  })),
  {
    what: 'a headless Service',
    change: swap('  selector: {app: collector}\n  ports', '  clusterIP: None\n  selector: {app: collector}\n  ports'),
    ...{ code: 'TRC052', object: MESH, says: 'a headless Service' },
  },
  {
    what: 'an ExternalName Service',
    change: swap(
      '  selector: {app: collector}\n  ports: [{name: grpc-otlp, port: 4317, targetPort: 14317}]',
      '  type: ExternalName\n  externalName: otlp.vendor.example',
    ),
    ...{ code: 'TRC052', object: MESH, says: 'an ExternalName Service' },
  },
  {
    what: 'a ServiceEntry without a resolution',
    change: both(vendor, entry(''), openSidecar),
    ...{ code: 'TRC052', object: MESH, says: 'resolution NONE' },
  },
  {
    what: 'a gateway that the ALLOW policy forgets',
    change: both(inject('collector'), permissive(), noNetwork(), ownGateway),
    ...{
      code: 'TRC048',
      object: 'AuthorizationPolicy/observability/spans',
      says: 'provider "otel" (front-istio of namespace edge)',
    },
  },
  {
    what: 'a gateway that the NetworkPolicy forgets',
    change: ownGateway,
    ...{
      code: 'TRC049',
      object: 'NetworkPolicy/observability/collector',
      says: 'it does not admit front-istio of namespace edge',
    },
  },
  {
    what: 'the headless Service that the operator makes',
    change: both(
      operatorCollector,
      swap('service: collector.observability', 'service: main-collector-headless.observability'),
      openSidecar,
      noNetwork(),
    ),
    ...{ code: 'TRC052', object: MESH, says: 'main-collector-headless.observability.svc.cluster.local, a headless Service' },
  },
  {
    what: 'a collector of the operator with a sidecar under STRICT',
    change: both(
      operatorCollector,
      swap('# labels', "labels: {sidecar.istio.io/inject: 'true'}"),
      swap('service: collector.observability', 'service: main-collector.observability'),
      noPolicies,
    ),
    ...{
      code: 'TRC042',
      object: 'OpenTelemetryCollector/observability/main',
      says: 'main-collector.observability:4317',
      severity: 'warning',
    },
  },
  {
    what: 'a NetworkPolicy without an egress rule to the pods of the operator’s collector',
    change: both(
      operatorCollector,
      swap('service: collector.observability', 'service: main-collector.observability'),
      openSidecar,
    ),
    ...{ code: 'TRC050', object: 'NetworkPolicy/shop/spans', says: 'container port 4317' },
  },
  {
    what: 'Kiali, which has no sidecar, and a backend under STRICT',
    change: both(
      inject('tempo'),
      noPolicies,
      (yaml) =>
        without(yaml, /metadata: \{name: grafana|kind: ConfigMap\nmetadata: \{name: collector/).replace(
          '{name: config, configMap: {name: collector}}',
          '{name: config, emptyDir: {}}',
        ),
      add(
        'apiVersion: kiali.io/v1alpha1\nkind: Kiali\nmetadata: {name: kiali, namespace: istio-system}\nspec: {external_services: {prometheus: {url: "http://prometheus.metrics:9090"}, tracing: {enabled: true, provider: tempo, use_grpc: false, tempo_config: {url_format: jaeger}, internal_url: "http://tempo.observability:3200"}, grafana: {enabled: false}}}\n',
      ),
    ),
    ...{
      code: 'TRC041',
      object: 'Kiali/istio-system/kiali',
      says: "Kiali's tracing calls tempo.observability:3200 without a sidecar",
    },
  },
  {
    what: 'Prometheus, which has no sidecar, and a fixed target under STRICT',
    change: both(
      inject('tempo'),
      noPolicies,
      (yaml) =>
        without(yaml, /kind: ConfigMap\nmetadata: \{name: (collector|grafana)/).replace(
          '{name: config, configMap: {name: collector}}',
          '{name: config, emptyDir: {}}',
        ),
      add(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: prometheus, namespace: observability}\nspec:\n  selector: {matchLabels: {app: prometheus}}\n  template:\n    metadata: {labels: {app: prometheus}}\n    spec: {containers: [{name: prometheus, image: 'prom/prometheus:v3.14.0'}], volumes: [{name: c, configMap: {name: prometheus}}]}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: prometheus, namespace: observability}\ndata:\n  prometheus.yml: |\n    scrape_configs: [{job_name: tempo, static_configs: [{targets: ['tempo:3200']}]}]\n",
      ),
    ),
    ...{
      code: 'TRC041',
      object: 'ConfigMap/observability/prometheus',
      says: 'scrape job "tempo" calls tempo.observability:3200',
    },
  },
  {
    what: 'a NetworkPolicy that admits the container’s port where ambient pods listen on that of HBONE',
    change: both(
      swap('labels: {role: watch}', 'labels: {istio.io/dataplane-mode: ambient, istio.io/use-waypoint: way}'),
      permissive(),
      noAuthorization(),
    ),
    ...{ code: 'TRC050', object: 'NetworkPolicy/observability/collector', says: 'HBONE port 15008' },
  },
  {
    what: 'apps whose namespace nobody enrolled',
    change: both(swap(', labels: {istio-injection: enabled}}', '}'), noPolicies),
    ...{
      code: 'TRC053',
      object: 'Namespace/shop',
      says: 'namespace shop is not in the mesh: nobody sends spans to provider "otel"',
      severity: 'warning',
    },
  },
  {
    what: 'a namespace that is enrolled with a word that Istio does not know',
    change: both(swap('labels: {istio-injection: enabled}', "labels: {istio-injection: 'true'}"), noPolicies),
    ...{ code: 'TRC054', object: 'Namespace/shop', says: '"true"' },
  },
  {
    what: 'a namespace with a revision beside the label that wins over it',
    change: both(
      swap('labels: {istio-injection: enabled}', 'labels: {istio-injection: enabled, istio.io/rev: canary}'),
      noPolicies,
    ),
    ...{ code: 'TRC054', object: 'Namespace/shop', says: 'istio-injection is enabled', severity: 'warning' },
  },
  {
    what: 'a namespace with the label of pods',
    change: both(swap('labels: {istio-injection: enabled}', "labels: {sidecar.istio.io/inject: 'true'}"), noPolicies),
    ...{ code: 'TRC054', object: 'Namespace/shop', says: 'label of pods', severity: 'warning' },
  },
];

describe('what stands between two hops', () => {
  it('is nothing in the good world', () => {
    expect(findingsOf(goodPath)).toEqual([]);
  });

  it.each(breakages)('$what', ({ change, code, object, says, severity }) => {
    const findings = findingsOf(change(goodPath));
    expect(findings.map((one) => [one.code, one.object, one.severity])).toEqual([[code, object, severity ?? 'error']]);
    expect(`${findings[0]?.message}`).toContain(says);
    expect(findings[0]?.hint).not.toBe('');
  });
});
