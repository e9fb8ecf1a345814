import { replaced } from './proof-world.ts';

/** Proxies -> collector -> Tempo <- Grafana, guarded by policies that let all of it through. */
export const goodPath = `
apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data:
  mesh: |-
    rootNamespace: istio-system
    # mesh settings
    defaultProviders: {metrics: [prometheus], tracing: [otel]}
    extensionProviders:
    - name: otel
      opentelemetry: {service: collector.observability.svc.cluster.local, port: 4317}
---
apiVersion: v1
kind: Namespace
metadata: {name: observability, labels: {role: watch}}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: Service
metadata: {name: collector, namespace: observability}
spec:
  selector: {app: collector}
  ports: [{name: grpc-otlp, port: 4317, targetPort: 14317}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: collector, namespace: observability}
spec:
  selector: {matchLabels: {app: collector}}
  template:
    metadata: {labels: {app: collector, sidecar: no-collector}}
    spec:
      containers:
      - name: collector
        image: otel/opentelemetry-collector-contrib:0.159.0
        args: [--config=/etc/otel/config.yaml]
        ports: [{name: otlp, containerPort: 14317}]
        volumeMounts: [{name: config, mountPath: /etc/otel}]
      volumes: [{name: config, configMap: {name: collector}}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: collector, namespace: observability}
data:
  config.yaml: |
    receivers: {otlp: {protocols: {grpc: {endpoint: 0.0.0.0:14317}}}}
    exporters: {otlp: {endpoint: tempo.observability.svc.cluster.local:4317, tls: {insecure: true}}}
    service: {pipelines: {traces: {receivers: [otlp], exporters: [otlp]}}}
---
apiVersion: v1
kind: Service
metadata: {name: tempo, namespace: observability}
spec:
  selector: {app: tempo}
  ports: [{name: grpc-otlp, port: 4317}, {name: http-query, port: 3200}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: tempo, namespace: observability}
spec:
  selector: {matchLabels: {app: tempo}}
  template:
    metadata: {labels: {app: tempo, sidecar: no-tempo}}
    spec:
      containers:
      - name: tempo
        image: grafana/tempo:2.10.8
        args: [-config.file=/etc/tempo/tempo.yaml]
        ports: [{name: otlp, containerPort: 4317}, {name: query, containerPort: 3200}]
        volumeMounts: [{name: config, mountPath: /etc/tempo}]
      volumes: [{name: config, configMap: {name: tempo}}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: tempo, namespace: observability}
data:
  tempo.yaml: |
    server: {http_listen_port: 3200}
    distributor: {receivers: {otlp: {protocols: {grpc: {endpoint: 0.0.0.0:4317}}}}}
    storage: {trace: {backend: local, local: {path: /var/tempo}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: grafana, namespace: observability}
spec:
  selector: {matchLabels: {app: grafana}}
  template:
    metadata: {labels: {app: grafana}}
    spec: {containers: [{name: grafana, image: 'docker.io/grafana/grafana:13.2.0'}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: grafana, namespace: observability}
data:
  datasources.yaml: |
    apiVersion: 1
    datasources: [{name: Tempo, type: tempo, url: 'http://tempo:3200'}]
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{name: http, port: 80}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {serviceAccountName: web, containers: [{name: web, image: 'web:1'}]}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: web, namespace: shop}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: istio-system}
spec: {mtls: {mode: STRICT}}
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: default, namespace: shop}
spec: {egress: [{hosts: [./*, istio-system/*, observability/collector.observability.svc.cluster.local]}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: allow-nothing, namespace: observability}
spec: {}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: spans, namespace: observability}
spec:
  selector: {matchLabels: {app: collector}}
  rules: [{from: [{source: {namespaces: [shop]}}], to: [{operation: {ports: ['14317'], methods: [POST]}}]}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: collector, namespace: observability}
spec:
  podSelector: {matchLabels: {app: collector}}
  policyTypes: [Ingress, Egress]
  ingress: [{from: [{namespaceSelector: {matchLabels: {istio-injection: enabled}}}], ports: [{port: otlp}]}]
  egress: [{to: [{podSelector: {matchLabels: {app: tempo}}}], ports: [{port: 4317}]}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: default-deny, namespace: shop}
spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: spans, namespace: shop}
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress: [{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: observability}}}], ports: [{protocol: TCP, port: 14317}]}]
`;

export type Change = (yaml: string) => string;
export const swap =
  (part: string, by: string): Change =>
  (yaml) =>
    replaced(yaml, part, by);
export const add =
  (more: string): Change =>
  (yaml) =>
    `${yaml}---\n${more}`;
export const mesh = (line: string) => swap('    # mesh settings', `    ${line}`);
export const inject = (app: 'collector' | 'tempo') => swap(`sidecar: no-${app}`, "sidecar.istio.io/inject: 'true'");
export const optOut = (app: 'collector' | 'tempo') => swap(`sidecar: no-${app}`, "sidecar.istio.io/inject: 'false'");
export const both =
  (...changes: readonly Change[]): Change =>
  (yaml) =>
    changes.reduce((all, change) => change(all), yaml);
export const rule = (host: string, mode: string, namespace = 'istio-system', more = '') =>
  add(
    `apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: tls, namespace: ${namespace}}\nspec: {host: '${host}', trafficPolicy: {tls: {mode: ${mode}}${more}}}\n`,
  );
export const entry = (more: string) =>
  add(
    `apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: vendor, namespace: istio-system}\nspec: {hosts: [otlp.vendor.example], ports: [{number: 4317, name: grpc, protocol: GRPC}]${more}}\n`,
  );
export const vendor = swap('service: collector.observability.svc.cluster.local', 'service: otlp.vendor.example');
// The Sidecar of the good world would hide what else is tried.
export const openSidecar = swap('./*, istio-system/*, observability/collector.observability.svc.cluster.local', "'*/*'");
export const ambientShop = swap('labels: {istio-injection: enabled}', 'labels: {istio.io/dataplane-mode: ambient}');
export const noPolicies: Change = (yaml) => without(yaml, /kind: (NetworkPolicy|AuthorizationPolicy|Sidecar)/);

export const ownGateway = add(
  'apiVersion: v1\nkind: Namespace\nmetadata: {name: edge}\n---\napiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: front, namespace: edge}\nspec: {gatewayClassName: istio, listeners: [{name: http, port: 80, protocol: HTTP}]}\n',
);
export const operatorCollector = add(
  "apiVersion: opentelemetry.io/v1beta1\nkind: OpenTelemetryCollector\nmetadata:\n  name: main\n  namespace: observability\n  # labels\nspec:\n  config:\n    receivers: {otlp: {protocols: {grpc: {endpoint: '0.0.0.0:4317'}}}}\n    exporters: {otlp: {endpoint: 'tempo:4317', tls: {insecure: true}}}\n    service: {pipelines: {traces: {receivers: [otlp], exporters: [otlp]}}}\n",
);

export const sidecarHosts = (hosts: string) =>
  swap('./*, istio-system/*, observability/collector.observability.svc.cluster.local', hosts);
export const policy = (kind: 'AuthorizationPolicy' | 'NetworkPolicy', namespace: string, spec: string, annotations = '{}') =>
  add(
    `apiVersion: ${kind === 'NetworkPolicy' ? 'networking.k8s.io' : 'security.istio.io'}/v1\nkind: ${kind}\nmetadata: {name: more, namespace: ${namespace}, annotations: ${annotations}}\nspec: ${spec}\n`,
  );
export const telemetry = (namespace: string, entry: string) =>
  add(
    `apiVersion: telemetry.istio.io/v1\nkind: Telemetry\nmetadata: {name: default, namespace: ${namespace}}\nspec: {tracing: [${entry}]}\n`,
  );
export const hidden = swap(', observability/collector.observability.svc.cluster.local', '');
const collectorLabels = '{name: collector, namespace: observability, annotations: {networking.istio.io/exportTo: ';
export const exported = (to: string) =>
  swap(
    '{name: collector, namespace: observability}\nspec:\n  selector: {app: collector}\n  ports',
    `${collectorLabels}'${to}'}}\nspec:\n  selector: {app: collector}\n  ports`,
  );
export const gateway =
  'apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: waypoint, namespace: shop, labels: {istio.io/waypoint-for: service}}\nspec: {gatewayClassName: istio-waypoint, listeners: [{name: mesh, port: 15008, protocol: HBONE}]}\n';

export const openPermissive = permissive();
export const watching = swap('labels: {role: watch}', 'labels: {istio.io/dataplane-mode: ambient}');

export function permissive(): Change {
  return swap('spec: {mtls: {mode: STRICT}}', 'spec: {mtls: {mode: PERMISSIVE}}');
}
export function noNetwork(): Change {
  return (yaml) => without(yaml, /kind: NetworkPolicy/);
}
export function noAuthorization(): Change {
  return (yaml) => without(yaml, /kind: AuthorizationPolicy/);
}
export function without(yaml: string, kinds: RegExp): string {
  return yaml
    .split('---\n')
    .filter((one) => !kinds.test(one))
    .join('---\n');
}
