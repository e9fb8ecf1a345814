/** Access logs on their whole way: proxies -> a collector of spans and logs -> Loki, with the data source that reads them. */
export const goodLogs = `
apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data:
  mesh: |
    defaultProviders: {metrics: [prometheus], tracing: [otel], accessLogging: [als]}
    defaultConfig: {tracing: {sampling: 100}}
    extensionProviders:
    - name: otel
      opentelemetry: {service: otel.telemetry.svc.cluster.local, port: 4317}
    - name: als
      envoyOtelAls: {service: otel.telemetry.svc.cluster.local, port: 4317}
    - name: spare
      envoyOtelAls: {service: spare.telemetry.svc.cluster.local, port: 4317}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: otel, namespace: telemetry}
data:
  config.yaml: |
    receivers:
      otlp: {protocols: {grpc: {endpoint: '0.0.0.0:4317'}, http: {endpoint: '0.0.0.0:4318'}}}
      zipkin: {endpoint: '0.0.0.0:9411'}
    exporters:
      otlp_http/loki: {endpoint: 'http://loki.telemetry:3100/otlp'}
      otlp_grpc/tempo: {endpoint: 'tempo.vendor.example:4317', tls: {insecure: true}}
    service:
      pipelines:
        traces: {receivers: [otlp, zipkin], exporters: [otlp_grpc/tempo]}
        logs: {receivers: [otlp], exporters: [otlp_http/loki]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: otel, namespace: telemetry}
spec:
  selector: {matchLabels: {app: otel}}
  template:
    metadata: {labels: {app: otel, sidecar.istio.io/inject: 'false'}}
    spec:
      containers:
      - name: otel
        image: ghcr.io/open-telemetry/opentelemetry-collector-releases/opentelemetry-collector-contrib:0.159.0
        args: ['--config=/conf/config.yaml']
        volumeMounts: [{name: config, mountPath: /conf}]
      volumes: [{name: config, configMap: {name: otel}}]
---
apiVersion: v1
kind: Service
metadata: {name: otel, namespace: telemetry}
spec:
  selector: {app: otel}
  ports:
  - {name: grpc-otlp, port: 4317}
  - {name: http-otlp, port: 4318}
  - {name: http-zipkin, port: 9411}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: loki, namespace: telemetry}
spec:
  serviceName: loki
  selector: {matchLabels: {app: loki}}
  template:
    metadata: {labels: {app: loki, sidecar.istio.io/inject: 'false'}}
    spec:
      containers:
      - name: loki
        image: docker.io/grafana/loki:3.7.6
        args: ['-target=all']
        ports: [{name: http, containerPort: 3100}, {name: grpc, containerPort: 9095}]
---
apiVersion: v1
kind: Service
metadata: {name: loki, namespace: telemetry}
spec:
  selector: {app: loki}
  ports: [{name: http-metrics, port: 3100, targetPort: http}, {name: grpc, port: 9095}]
---
apiVersion: v1
kind: Service
metadata: {name: spare, namespace: telemetry}
spec:
  selector: {app: otel}
  ports: [{name: tcp-any, port: 4317}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: grafana, namespace: telemetry}
data:
  datasources.yaml: |
    apiVersion: 1
    datasources:
    - {name: Loki, type: loki, uid: loki, url: 'http://loki.telemetry:3100'}
`;
