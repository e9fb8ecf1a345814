import { type Finding, prove, readWorlds, type World } from '../constructs/proof/index.ts';

/** A mesh in which everything fits: the tests break one thing at a time. */
export const goodMesh = `
apiVersion: install.istio.io/v1alpha1
kind: IstioOperator
metadata: {name: mesh, namespace: istio-system}
spec:
  profile: default
  meshConfig:
    accessLogFile: /dev/stdout
    defaultProviders:
      metrics: [prometheus]
      tracing: [otel]
    extensionProviders:
    - name: otel
      opentelemetry: {service: main-collector.observability.svc.cluster.local, port: 4317}
    - name: zipkin
      zipkin: {service: zipkin.observability.svc.cluster.local, port: 9411}
---
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: mesh-default, namespace: istio-system}
spec:
  tracing: [{providers: [{name: otel}], randomSamplingPercentage: 50}]
  accessLogging: [{providers: [{name: envoy}]}]
---
apiVersion: opentelemetry.io/v1beta1
kind: OpenTelemetryCollector
metadata: {name: main, namespace: observability}
spec:
  config:
    receivers: {otlp: {protocols: {grpc: {endpoint: '0.0.0.0:4317'}, http: {}}}}
    exporters: {zipkin: {endpoint: 'http://zipkin.observability:9411/api/v2/spans'}}
    service: {pipelines: {traces: {receivers: [otlp], exporters: [zipkin]}}}
---
apiVersion: v1
kind: Service
metadata: {name: zipkin, namespace: observability}
spec:
  selector: {app: jaeger}
  ports: [{name: http-zipkin, port: 9411}]
---
apiVersion: v1
kind: Service
metadata: {name: tracing, namespace: observability}
spec:
  selector: {app: jaeger}
  ports: [{name: http-query, port: 80, targetPort: 16686}, {name: grpc-query, port: 16685}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: jaeger, namespace: observability}
spec:
  selector: {matchLabels: {app: jaeger}}
  template:
    metadata: {labels: {app: jaeger}}
    spec:
      containers: [{name: jaeger, image: 'jaeger:2', ports: [{containerPort: 16686, name: http-query}]}]
      volumes: [{name: config, configMap: {name: jaeger}}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: jaeger, namespace: observability}
data:
  config.yaml: |
    service: {extensions: [jaeger_storage, jaeger_query], pipelines: {traces: {receivers: [otlp], exporters: [jaeger_storage_exporter]}}}
    extensions: {jaeger_query: {base_path: /jaeger}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: grafana, namespace: observability}
data:
  datasources.yaml: |
    apiVersion: 1
    datasources:
    - {name: Prometheus, type: prometheus, url: 'http://prometheus:9090'}
    - {name: Jaeger, type: jaeger, url: 'http://tracing.observability/jaeger'}
---
apiVersion: v1
kind: Service
metadata: {name: prometheus, namespace: observability}
spec: {selector: {app: prometheus}, ports: [{name: http, port: 9090}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: prometheus, namespace: observability}
spec:
  selector: {matchLabels: {app: prometheus}}
  template:
    metadata: {labels: {app: prometheus}}
    spec: {containers: [{name: prometheus, image: 'prometheus:3'}]}
---
apiVersion: kiali.io/v1alpha1
kind: Kiali
metadata: {name: kiali, namespace: istio-system}
spec:
  external_services:
    prometheus: {url: 'http://prometheus.observability:9090'}
    tracing: {enabled: true, internal_url: 'http://tracing.observability:16685/jaeger'}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: reviews, namespace: shop}
---
apiVersion: v1
kind: Service
metadata: {name: reviews, namespace: shop}
spec: {selector: {app: reviews}, ports: [{name: http, port: 9080}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: reviews-v1, namespace: shop}
spec:
  selector: {matchLabels: {app: reviews, version: v1}}
  template:
    metadata: {labels: {app: reviews, version: v1}}
    spec: {serviceAccountName: reviews, containers: [{name: reviews, image: 'reviews:1'}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: reviews-v2, namespace: shop}
spec:
  selector: {matchLabels: {app: reviews, version: v2}}
  template:
    metadata: {labels: {app: reviews, version: v2}}
    spec: {serviceAccountName: reviews, containers: [{name: reviews, image: 'reviews:2'}]}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: reviews, namespace: shop}
spec:
  host: reviews
  subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: front, namespace: shop}
spec:
  selector: {istio: ingressgateway}
  servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [shop.mesh.test]}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: shop, namespace: shop}
spec:
  hosts: [shop.mesh.test]
  gateways: [front, mesh]
  http:
  - route:
    - {destination: {host: reviews, subset: v1, port: {number: 9080}}, weight: 90}
    - {destination: {host: reviews.shop.svc.cluster.local, subset: v2}, weight: 10}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: reviews, namespace: shop}
spec:
  parentRefs: [{group: '', kind: Service, name: reviews, port: 9080}]
  rules: [{backendRefs: [{name: reviews, port: 9080}]}]
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: payments, namespace: shop}
spec: {hosts: [api.payments.test], ports: [{number: 443, name: https, protocol: TLS}], resolution: DNS}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: payments, namespace: shop}
spec:
  hosts: [api.payments.test]
  tls: [{match: [{port: 443, sniHosts: [api.payments.test]}], route: [{destination: {host: api.payments.test}}]}]
`;

/** The one world of a YAML text. */
export function worldOf(text: string): World {
  const [world] = readWorlds(['-'], { stdin: () => text });
  if (!world) throw new Error('no world');
  return world;
}

/** What the proof says of a YAML text. */
export function findingsOf(text: string): Finding[] {
  return prove(worldOf(text));
}

/** The text with one part replaced; fails when the part is not there exactly once. */
export function replaced(text: string, part: string, by: string): string {
  if (text.split(part).length !== 2) throw new Error(`"${part}" is there ${text.split(part).length - 1} times`);
  return text.replace(part, () => by);
}

/** One change to the good mesh, and the one finding it must give. */
export interface Mutation {
  readonly what: string;
  readonly part: string;
  readonly by: string;
  readonly code: string;
  readonly object: string;
  readonly hint: string;
  /** Severity. @default 'error' */
  readonly severity?: string;
}
