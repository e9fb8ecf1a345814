/**
 * A trace path with everything in it: proxies -> a collector from a ConfigMap -> a second tier by the operator -> Tempo, with Jaeger and
 * span metrics beside it. The tests of the pipeline rules break one thing at a time.
 */
export const goodPath = `
apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data:
  mesh: |
    defaultProviders: {metrics: [prometheus], tracing: [otel]}
    defaultConfig: {tracing: {sampling: 100}}
    extensionProviders:
    - name: otel
      opentelemetry: {service: front.tracing.svc.cluster.local, port: 4317}
    - name: otel-http
      opentelemetry:
        service: front.tracing.svc.cluster.local
        port: 4318
        http: {path: /v1/traces, timeout: 5s}
    - name: b3
      zipkin: {service: front.tracing.svc.cluster.local, port: 9411}
    - name: logs
      envoyOtelAls: {service: front.tracing.svc.cluster.local, port: 4317}
---
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: http, namespace: web}
spec: {tracing: [{providers: [{name: otel-http}]}]}
---
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: b3, namespace: old}
spec: {tracing: [{providers: [{name: b3}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: front, namespace: tracing}
spec:
  selector: {app: front}
  ports:
  - {name: grpc-otlp, port: 4317, targetPort: otlp}
  - {name: http-otlp, port: 4318}
  - {name: http-zipkin, port: 9411}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: front, namespace: tracing}
spec:
  replicas: 2
  selector: {matchLabels: {app: front}}
  template:
    metadata: {labels: {app: front}}
    spec:
      containers:
      - name: collector
        image: ghcr.io/open-telemetry/opentelemetry-collector-releases/opentelemetry-collector-contrib:0.159.0
        args: ['--config=/conf/collector.yaml']
        env: [{name: MY_POD_IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}]
        ports: [{name: otlp, containerPort: 4317}]
        volumeMounts: [{name: config, mountPath: /conf}]
      volumes: [{name: config, configMap: {name: front}}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: front, namespace: tracing}
data:
  collector.yaml: |
    receivers:
      otlp:
        protocols:
          grpc: {endpoint: '0.0.0.0:4317'}
          http: {endpoint: '\${env:MY_POD_IP}:4318'}
      zipkin: {endpoint: '0.0.0.0:9411'}
    processors:
      memory_limiter: {check_interval: 1s, limit_percentage: 80}
      batch:
    connectors:
      span_metrics:
    exporters:
      debug:
      load_balancing:
        protocol: {otlp: {tls: {insecure: true}}}
        resolver: {dns: {hostname: sampler-collector-headless.tracing}}
      otlp_http: {endpoint: 'http://jaeger.tracing:4318'}
      prometheus: {endpoint: '0.0.0.0:8889'}
    extensions:
      health_check: {endpoint: '0.0.0.0:13133'}
    service:
      extensions: [health_check]
      pipelines:
        traces:
          receivers: [otlp, zipkin]
          processors: [memory_limiter, batch]
          exporters: [load_balancing, otlp_http, span_metrics, debug]
        metrics: {receivers: [span_metrics], exporters: [prometheus]}
---
apiVersion: opentelemetry.io/v1beta1
kind: OpenTelemetryCollector
metadata: {name: sampler, namespace: tracing}
spec:
  mode: statefulset
  replicas: 3
  image: ghcr.io/open-telemetry/opentelemetry-collector-releases/opentelemetry-collector-k8s:0.159.0
  config:
    receivers:
      otlp: {protocols: {grpc: {}}}
    processors:
      tail_sampling:
        policies:
        - {name: errors, type: status_code, status_code: {status_codes: [ERROR]}}
        - {name: some, type: probabilistic, probabilistic: {sampling_percentage: 10}}
      batch: {}
    connectors:
      forward: {}
    exporters:
      otlp_grpc/tempo: {endpoint: 'tempo.tracing:4317', tls: {insecure: true}}
    service:
      pipelines:
        traces/in: {receivers: [otlp], processors: [tail_sampling], exporters: [forward]}
        traces/out: {receivers: [forward], processors: [batch], exporters: [otlp_grpc/tempo]}
---
apiVersion: v1
kind: Service
metadata: {name: tempo, namespace: tracing}
spec:
  selector: {app: tempo}
  ports: [{name: http, port: 3200}, {name: grpc-otlp, port: 4317}]
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: tempo, namespace: tracing}
spec:
  serviceName: tempo
  selector: {matchLabels: {app: tempo}}
  template:
    metadata: {labels: {app: tempo}}
    spec:
      containers:
      - name: tempo
        image: docker.io/grafana/tempo:3.0.3
        args: [-config.file=/conf/tempo.yaml, -target=all]
        volumeMounts: [{name: config, mountPath: /conf}]
      volumes: [{name: config, configMap: {name: tempo, items: [{key: config, path: tempo.yaml}]}}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: tempo, namespace: tracing}
data:
  config: |
    server: {http_listen_port: 3200}
    distributor: {receivers: {otlp: {protocols: {grpc: {endpoint: '0.0.0.0:4317'}}}}}
    backend_worker: {compaction: {block_retention: 24h}}
    storage: {trace: {backend: local, local: {path: /var/tempo/traces}, wal: {path: /var/tempo/wal}}}
---
apiVersion: v1
kind: Service
metadata: {name: jaeger, namespace: tracing}
spec:
  selector: {app: jaeger}
  ports: [{name: http-query, port: 16686}, {name: grpc-otlp, port: 4317}, {name: http-otlp, port: 4318}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: jaeger, namespace: tracing}
spec:
  selector: {matchLabels: {app: jaeger}}
  template:
    metadata: {labels: {app: jaeger}}
    spec:
      containers:
      - name: jaeger
        image: docker.io/jaegertracing/jaeger:2.20.0
        args: [--config, /conf/config.yaml]
        env: [{name: LOG_LEVEL, value: info}]
        volumeMounts: [{name: config, mountPath: /conf}]
      volumes: [{name: config, configMap: {name: jaeger}}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: jaeger, namespace: tracing}
data:
  config.yaml: |
    extensions:
      jaeger_storage: {backends: {main: {memory: {max_traces: 1000}}}}
      jaeger_query: {storage: {traces: main}, http: {endpoint: '0.0.0.0:16686'}}
    receivers:
      otlp: {protocols: {grpc: {endpoint: '0.0.0.0:4317'}, http: {endpoint: '0.0.0.0:4318'}}}
    exporters:
      jaeger_storage_exporter: {trace_storage: main}
    service:
      extensions: [jaeger_storage, jaeger_query]
      pipelines:
        traces: {receivers: [otlp], exporters: [jaeger_storage_exporter]}
`;
