/** A mesh with Tempo, and everything people look at, in which everything fits: the tests break one thing at a time. */
export const goodPages = `
apiVersion: v1
kind: ConfigMap
metadata: {name: tempo, namespace: observability}
data:
  tempo.yaml: |
    server: {http_listen_port: 3200}
    distributor: {receivers: {otlp: {protocols: {grpc: {endpoint: '0.0.0.0:4317'}}}}}
    storage: {trace: {backend: local, local: {path: /var/tempo/blocks}, wal: {path: /var/tempo/wal}}}
    metrics_generator:
      storage:
        path: /var/tempo/generator
        remote_write: [{url: 'http://prometheus:9090/api/v1/write', send_exemplars: true}]
    overrides: {defaults: {metrics_generator: {processors: [service-graphs, span-metrics]}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: tempo, namespace: observability}
spec:
  selector: {matchLabels: {app: tempo}}
  template:
    metadata: {labels: {app: tempo, sidecar.istio.io/inject: 'false'}}
    spec:
      containers:
      - name: tempo
        image: docker.io/grafana/tempo:2.10.8
        args: ['-config.file=/conf/tempo.yaml']
        ports: [{containerPort: 3200, name: http}, {containerPort: 9095, name: grpc}, {containerPort: 4317, name: otlp}]
        volumeMounts: [{name: config, mountPath: /conf}]
      volumes: [{name: config, configMap: {name: tempo}}]
---
apiVersion: v1
kind: Service
metadata: {name: tempo, namespace: observability}
spec:
  selector: {app: tempo}
  ports: [{name: http, port: 3200}, {name: grpc-search, port: 9095}, {name: grpc-otlp, port: 4317}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: prometheus, namespace: observability}
data:
  prometheus.yml: |
    scrape_configs:
    - job_name: kubernetes-pods
      kubernetes_sd_configs: [{role: pod}]
      relabel_configs:
      - {source_labels: [__meta_kubernetes_pod_annotation_prometheus_io_scrape], regex: 'true', action: keep}
      - {source_labels: [__meta_kubernetes_pod_annotation_prometheus_io_port, __meta_kubernetes_pod_ip], regex: '(\\d+);(.+)', replacement: '$2:$1', target_label: __address__}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: prometheus, namespace: observability}
spec:
  selector: {matchLabels: {app: prometheus}}
  template:
    metadata: {labels: {app: prometheus}}
    spec:
      containers:
      - name: prometheus
        image: docker.io/prom/prometheus:v3.14.0
        args:
        - --config.file=/etc/config/prometheus.yml
        - --web.enable-remote-write-receiver
        - --enable-feature=exemplar-storage
        volumeMounts: [{name: config, mountPath: /etc/config}]
      volumes: [{name: config, configMap: {name: prometheus}}]
---
apiVersion: v1
kind: Service
metadata: {name: prometheus, namespace: observability}
spec: {selector: {app: prometheus}, ports: [{name: http, port: 9090}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: collector, namespace: observability}
data:
  config.yaml: |
    receivers: {otlp: {protocols: {grpc: {endpoint: '0.0.0.0:4317'}}}}
    connectors: {span_metrics: {}}
    exporters:
      otlp_grpc: {endpoint: 'tempo.observability:4317', tls: {insecure: true}}
      prometheus: {endpoint: '0.0.0.0:8889'}
    service:
      pipelines:
        traces: {receivers: [otlp], exporters: [otlp_grpc, span_metrics]}
        metrics: {receivers: [span_metrics], exporters: [prometheus]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: collector, namespace: observability}
spec:
  selector: {matchLabels: {app: collector}}
  template:
    metadata:
      labels: {app: collector, sidecar.istio.io/inject: 'false'}
      annotations: {prometheus.io/scrape: 'true', prometheus.io/port: '8889'}
    spec:
      containers:
      - name: collector
        image: docker.io/otel/opentelemetry-collector-contrib:0.159.0
        args: ['--config=/conf/config.yaml']
        volumeMounts: [{name: config, mountPath: /conf}]
      volumes: [{name: config, configMap: {name: collector}}]
---
apiVersion: v1
kind: Service
metadata: {name: collector, namespace: observability}
spec: {selector: {app: collector}, ports: [{name: grpc-otlp, port: 4317}, {name: http-metrics, port: 8889}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: grafana, namespace: observability}
data:
  datasources.yaml: |
    apiVersion: 1
    datasources:
    - name: Prometheus
      type: prometheus
      uid: prometheus
      url: http://prometheus:9090
      isDefault: true
      jsonData: {exemplarTraceIdDestinations: [{name: trace_id, datasourceUid: tempo, urlDisplayLabel: '$$@__value.raw}'}]}
    - name: Tempo
      type: tempo
      uid: tempo
      url: http://tempo:3200
      jsonData:
        serviceMap: {datasourceUid: prometheus}
        tracesToMetrics: {datasourceUid: prometheus, queries: [{name: Rate, query: 'sum(rate(traces_spanmetrics_calls_total{$$__tags}[5m]))'}]}
        nodeGraph: {enabled: true}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: grafana-mesh, namespace: observability}
data:
  mesh.json: |
    {
      "title": "Istio Mesh Dashboard",
      "uid": "mesh",
      "templating": {"list": [{"name": "datasource", "type": "datasource", "query": "prometheus"}]},
      "annotations": {"list": [{"datasource": {"type": "grafana", "uid": "-- Grafana --"}}]},
      "panels": [
        {"datasource": {"type": "prometheus", "uid": "$@datasource}"}},
        {"datasource": {"type": "tempo", "uid": "tempo"}}
      ]
    }
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: grafana, namespace: observability}
spec:
  selector: {matchLabels: {app: grafana}}
  template:
    metadata: {labels: {app: grafana}}
    spec:
      containers:
      - name: grafana
        image: docker.io/grafana/grafana:13.2.0
        env: [{name: GF_AUTH_ANONYMOUS_ENABLED, value: 'true'}]
        volumeMounts:
        - {name: config, mountPath: /etc/grafana/provisioning/datasources/datasources.yaml, subPath: datasources.yaml}
        - {name: mesh, mountPath: /var/lib/grafana/dashboards/mesh}
      volumes: [{name: config, configMap: {name: grafana}}, {name: mesh, configMap: {name: grafana-mesh}}]
---
apiVersion: v1
kind: Service
metadata: {name: grafana, namespace: observability}
spec: {selector: {app: grafana}, ports: [{name: http, port: 3000}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: kiali, namespace: observability}
data:
  config.yaml: |
    external_services:
      prometheus: {url: 'http://prometheus:9090'}
      grafana:
        internal_url: http://grafana:3000
        external_url: https://grafana.mesh.test
        dashboards: [{name: Istio Mesh Dashboard, variables: {datasource: var-datasource}}]
      tracing:
        enabled: true
        provider: tempo
        internal_url: http://tempo:3200
        tempo_config: {datasource_uid: tempo, url_format: grafana}
`.replaceAll('@', '{');

/** A Jaeger 2 with a base path, and who reads it. */
export const goodJaeger = `
apiVersion: v1
kind: ConfigMap
metadata: {name: jaeger, namespace: tracing}
data:
  config.yaml: |
    service:
      extensions: [jaeger_storage, jaeger_query]
      pipelines: {traces: {receivers: [otlp], exporters: [jaeger_storage_exporter]}}
    extensions:
      jaeger_storage: {backends: {main: {memory: {max_traces: 10000}}}}
      jaeger_query: {base_path: /jaeger, storage: {traces: main}}
    receivers: {otlp: {protocols: {grpc: {endpoint: '0.0.0.0:4317'}}}}
    exporters: {jaeger_storage_exporter: {trace_storage: main}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: jaeger, namespace: tracing}
spec:
  selector: {matchLabels: {app: jaeger}}
  template:
    metadata: {labels: {app: jaeger, sidecar.istio.io/inject: 'false'}}
    spec:
      containers:
      - name: jaeger
        image: docker.io/jaegertracing/jaeger:2.20.0
        args: [--config, /conf/config.yaml]
        volumeMounts: [{name: config, mountPath: /conf}]
      volumes: [{name: config, configMap: {name: jaeger}}]
---
apiVersion: v1
kind: Service
metadata: {name: tracing, namespace: tracing}
spec:
  selector: {app: jaeger}
  ports: [{name: http-query, port: 80, targetPort: 16686}, {name: grpc-query, port: 16685}, {name: grpc-otlp, port: 4317}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: sources, namespace: tracing, labels: {grafana_datasource: '1'}}
data:
  sources.yaml: |
    apiVersion: 1
    datasources:
    - {name: Jaeger, type: jaeger, uid: jaeger, url: 'http://tracing/jaeger/'}
---
apiVersion: kiali.io/v1alpha1
kind: Kiali
metadata: {name: kiali, namespace: istio-system}
spec:
  external_services:
    tracing: {enabled: true, internal_url: 'http://tracing.tracing:16685/jaeger'}
`;
