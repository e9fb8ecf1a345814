import { describe, expect, it } from 'vitest';
import { goodPath } from './proof-pipelines-world.ts';
import { findingsOf, replaced } from './proof-world.ts';

/** A mesh config in a ConfigMap, with one provider in use. */
const mesh = (provider: string) => `
apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data:
  mesh: |
    defaultProviders: {metrics: [prometheus], tracing: [spans]}
    defaultConfig: {tracing: {sampling: 100}}
    extensionProviders:
    - name: spans
      ${provider}
---`;

const otlp = (service: string, port = 4317) => mesh(`opentelemetry: {service: ${service}.svc.cluster.local, port: ${port}}`);

const service = (name: string, namespace: string, app: string, ports: string) => `
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: ${namespace}}
spec: {selector: {app: ${app}}, ports: ${ports}}
---`;

const workload = (app: string, namespace: string, container: string, volumes = '[]', kind = 'Deployment') => `
apiVersion: apps/v1
kind: ${kind}
metadata: {name: ${app}, namespace: ${namespace}}
spec:
  selector: {matchLabels: {app: ${app}}}
  template:
    metadata: {labels: {app: ${app}, sidecar.istio.io/inject: 'false'}}
    spec:
      containers:
      - ${container}
      volumes: ${volumes}
---`;

const configMap = (name: string, namespace: string, key: string, text: string) => `
apiVersion: v1
kind: ConfigMap
metadata: {name: ${name}, namespace: ${namespace}}
data:
  ${key}: |
${text.trim().replace(/^/gm, '    ')}
---`;

const resource = (name: string, spec: string, version = 'v1beta1') => `
apiVersion: opentelemetry.io/${version}
kind: OpenTelemetryCollector
metadata: {name: ${name}, namespace: otel}
spec:
${spec.trim().replace(/^/gm, '  ')}
---`;

const vendor = `exporters:
  otlp_http: {endpoint: 'https://otlp.vendor.example.com', headers: {api-key: '\${env:KEY}'}}`;

/** A collector as its chart renders it: one key \`relay\`, addresses by the pod's own. */
const chart = `
exporters: {debug: {}, otlp: {endpoint: 'tempo.monitoring.svc:4317', tls: {insecure: true}}}
extensions: {health_check: {endpoint: '\${env:MY_POD_IP}:13133'}}
processors: {batch: {}, memory_limiter: {check_interval: 5s, limit_percentage: 80, spike_limit_percentage: 25}}
receivers:
  jaeger: {protocols: {grpc: {endpoint: '\${env:MY_POD_IP}:14250'}, thrift_compact: {endpoint: '\${env:MY_POD_IP}:6831'}, thrift_http: {endpoint: '\${env:MY_POD_IP}:14268'}}}
  otlp: {protocols: {grpc: {endpoint: '\${env:MY_POD_IP}:4317'}, http: {endpoint: '\${env:MY_POD_IP}:4318'}}}
  prometheus: {config: {scrape_configs: [{job_name: self, static_configs: [{targets: ['\${env:MY_POD_IP}:8888']}]}]}}
  zipkin: {endpoint: '\${env:MY_POD_IP}:9411'}
service:
  extensions: [health_check]
  pipelines:
    logs: {exporters: [debug], processors: [memory_limiter, batch], receivers: [otlp]}
    metrics: {exporters: [debug], processors: [memory_limiter, batch], receivers: [otlp, prometheus]}
    traces: {exporters: [debug, otlp], processors: [memory_limiter, batch], receivers: [otlp, jaeger, zipkin]}
  telemetry: {metrics: {readers: [{pull: {exporter: {prometheus: {host: '\${env:MY_POD_IP}', port: 8888}}}}]}}`;
const chartPod = `{name: opentelemetry-collector, image: 'otel/opentelemetry-collector-k8s:0.140.0', args: [--config=/conf/relay.yaml], env: [{name: MY_POD_IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}], ports: [{name: otlp, containerPort: 4317}], volumeMounts: [{name: cm, mountPath: /conf}]}`;
const chartVolume = '[{name: cm, configMap: {name: relay, items: [{key: relay, path: relay.yaml}]}}]';

describe('trace paths that are right', () => {
  it.each<readonly [string, string]>([
    [
      'a collector as its chart renders it',
      otlp('relay.otel') +
        service(
          'relay',
          'otel',
          'relay',
          '[{name: otlp, port: 4317, targetPort: 4317, appProtocol: grpc}, {name: otlp-http, port: 4318}]',
        ) +
        workload('relay', 'otel', chartPod, chartVolume) +
        configMap('relay', 'otel', 'relay', chart),
    ],
    [
      'what shows spans to people, declared and not switched on',
      resource(
        'hand',
        `config:
  receivers: {otlp: {protocols: {grpc: {}}}}
  exporters: {debug: {}, otlp_grpc: {endpoint: 'tempo.elsewhere:4317', tls: {insecure: true}}}
  extensions: {zpages: {}, pprof: {}}
  service: {pipelines: {traces: {receivers: [otlp], exporters: [otlp_grpc]}}}`,
      ),
    ],
    [
      'Jaeger with adaptive sampling behind batch, as in its own examples',
      workload(
        'jaeger',
        'otel',
        "{name: c, image: 'jaegertracing/jaeger:2.13.0', args: ['--config=/c/a.yaml'], volumeMounts: [{name: c, mountPath: /c}]}",
        '[{name: c, configMap: {name: jaeger}}]',
      ) +
        configMap(
          'jaeger',
          'otel',
          'a.yaml',
          `receivers: {otlp: {protocols: {grpc: {endpoint: '0.0.0.0:4317'}}}}
processors: {batch: {}, adaptive_sampling: {}}
exporters: {jaeger_storage_exporter: {trace_storage: main}}
extensions:
  jaeger_storage: {backends: {main: {memory: {max_traces: 1000}}}}
  remote_sampling: {adaptive: {sampling_store: main}}
  jaeger_query: {storage: {traces: main}}
service:
  extensions: [jaeger_storage, remote_sampling, jaeger_query]
  pipelines: {traces: {receivers: [otlp], processors: [batch, adaptive_sampling], exporters: [jaeger_storage_exporter]}}`,
        ),
    ],
    [
      'an old collector, which listens everywhere, with components of its day',
      otlp('old.otel') +
        service('old', 'otel', 'old', '[{name: grpc-opencensus, port: 55678}, {name: grpc-otlp, port: 4317}]') +
        workload(
          'old',
          'otel',
          "{name: c, image: 'otel/opentelemetry-collector-contrib:0.73.0', command: ['/otelcol-contrib', '--config=/conf/c.yaml'], volumeMounts: [{name: v, mountPath: /conf}]}",
          '[{name: v, configMap: {name: old}}]',
        ) +
        configMap(
          'old',
          'otel',
          'c.yaml',
          'receivers: {opencensus: , otlp: {protocols: {grpc: }}}\nexporters: {logging: , zipkin: {endpoint: "http://zipkin.elsewhere:9411/api/v2/spans"}}\nservice: {telemetry: {metrics: {address: "0.0.0.0:8888"}}, pipelines: {traces: {receivers: [opencensus, otlp], exporters: [zipkin, logging]}}}',
        ),
    ],
    [
      'Jaeger with its built-in configuration',
      mesh('zipkin: {service: zipkin.istio-system.svc.cluster.local, port: 9411}') +
        service('zipkin', 'istio-system', 'jaeger', '[{name: http-query, port: 9411}]') +
        service(
          'tracing',
          'istio-system',
          'jaeger',
          '[{name: http-query, port: 80, targetPort: 16686}, {name: grpc-query, port: 16685}]',
        ) +
        workload('jaeger', 'istio-system', "{name: jaeger, image: 'docker.io/jaegertracing/jaeger:2.20.0'}"),
    ],
    [
      'Jaeger 1 with its variables',
      mesh('zipkin: {service: jaeger-collector.istio-system.svc.cluster.local, port: 9411}') +
        service(
          'jaeger-collector',
          'istio-system',
          'jaeger',
          '[{name: jaeger-collector-grpc, port: 14250}, {name: http-zipkin, port: 9411}, {name: grpc-otel, port: 4317}]',
        ) +
        workload(
          'jaeger',
          'istio-system',
          "{name: jaeger, image: 'jaegertracing/all-in-one:1.58', env: [{name: BADGER_EPHEMERAL, value: 'false'}, {name: SPAN_STORAGE_TYPE, value: badger}, {name: COLLECTOR_ZIPKIN_HOST_PORT, value: ':9411'}, {name: QUERY_BASE_PATH, value: /jaeger}]}",
        ),
    ],
    [
      'Jaeger whose configuration leaves the host to its variable',
      otlp('jaeger.tracing') +
        service('jaeger', 'tracing', 'jaeger', '[{name: grpc-otlp, port: 4317}]') +
        workload(
          'jaeger',
          'tracing',
          "{name: jaeger, image: 'jaegertracing/jaeger:2.11.0', args: ['--config=/etc/jaeger/all.yaml'], volumeMounts: [{name: c, mountPath: /etc/jaeger/all.yaml, subPath: all.yaml}]}",
          '[{name: c, configMap: {name: jaeger}}]',
        ) +
        configMap(
          'jaeger',
          'tracing',
          'all.yaml',
          `extensions: {jaeger_storage: {backends: {some_storage: {memory: {max_traces: 1000}}}}, jaeger_query: {storage: {traces: some_storage}}, healthcheckv2: {use_v2: true}, remote_sampling: {file: {path: ""}}}\nreceivers: {otlp: {protocols: {grpc: {endpoint: "\${env:JAEGER_LISTEN_HOST:-localhost}:4317"}}}}\nprocessors: {batch: }\nexporters: {jaeger_storage_exporter: {trace_storage: some_storage}}\nservice: {extensions: [jaeger_storage, jaeger_query, healthcheckv2, remote_sampling], pipelines: {traces: {receivers: [otlp], processors: [batch], exporters: [jaeger_storage_exporter]}}}`,
        ),
    ],
    [
      'Zipkin behind two Services',
      mesh('zipkin: {service: zipkin.istio-system.svc.cluster.local, port: 9411}') +
        service('tracing', 'istio-system', 'zipkin', '[{name: http-query, port: 80, targetPort: 9411}]') +
        service('zipkin', 'istio-system', 'zipkin', '[{name: http-query, port: 9411}]') +
        workload(
          'zipkin',
          'istio-system',
          "{name: zipkin, image: 'openzipkin/zipkin-slim:3.4.0', env: [{name: STORAGE_METHOD, value: mem}]}",
        ),
    ],
    [
      'SkyWalking',
      mesh('skywalking: {service: tracing.istio-system.svc.cluster.local, port: 11800}') +
        service('tracing', 'istio-system', 'oap', '[{name: grpc, port: 11800}, {name: http-query, port: 12800}]') +
        workload(
          'oap',
          'istio-system',
          "{name: oap, image: 'apache/skywalking-oap-server:9.7.0', env: [{name: SW_HEALTH_CHECKER, value: default}]}",
        ),
    ],
    [
      'SkyWalking that takes OTLP and Zipkin',
      otlp('oap.sw', 11800) +
        service('oap', 'sw', 'oap', '[{name: grpc, port: 11800}]') +
        workload(
          'oap',
          'sw',
          "{name: oap, image: 'apache/skywalking-oap-server:10.4.0', env: [{name: SW_RECEIVER_ZIPKIN, value: default}, {name: SW_QUERY_ZIPKIN, value: default}]}",
        ),
    ],
    [
      'Tempo 2 with what only it has',
      otlp('tempo.monitoring') +
        service(
          'tempo',
          'monitoring',
          'tempo',
          '[{name: tempo-prom-metrics, port: 3200}, {name: grpc-tempo-otlp, port: 4317}, {name: tempo-zipkin, port: 9411}]',
        ) +
        workload(
          'tempo',
          'monitoring',
          "{name: tempo, image: 'grafana/tempo:2.10.8', args: ['-config.file=/conf/tempo.yaml', '-mem-ballast-size-mbs=1024'], volumeMounts: [{name: c, mountPath: /conf}]}",
          '[{name: c, configMap: {name: tempo}}]',
          'StatefulSet',
        ) +
        configMap(
          'tempo',
          'monitoring',
          'tempo.yaml',
          'compactor: {compaction: {block_retention: 24h}}\ndistributor: {receivers: {jaeger: {protocols: {grpc: {endpoint: "0.0.0.0:14250"}}}, otlp: {protocols: {grpc: {endpoint: "0.0.0.0:4317"}, http: {endpoint: "0.0.0.0:4318"}}}}}\ningester: {}\nserver: {http_listen_port: 3200}\nstorage: {trace: {backend: local}}',
        ),
    ],
    [
      'a collector of the operator, with defaults for every address',
      otlp('main-collector.otel') +
        resource(
          'main',
          `config:\n  receivers: {otlp: {protocols: {grpc: {}, http: {}}}, zipkin: {}}\n  processors: {memory_limiter: {check_interval: 1s, limit_percentage: 75}, batch: {}}\n  ${vendor.replace('\n', '\n  ')}\n  service:\n    pipelines: {traces: {receivers: [otlp, zipkin], processors: [memory_limiter, batch], exporters: [otlp_http]}}`,
        ),
    ],
    [
      'a collector of the operator, its configuration a text',
      otlp('main-collector.otel') +
        resource(
          'main',
          `config: |\n  receivers:\n    otlp:\n      protocols:\n        grpc:\n  ${vendor.replace('\n', '\n  ')}\n  service:\n    pipelines:\n      traces:\n        receivers: [otlp]\n        exporters: [otlp_http]`,
          'v1alpha1',
        ),
    ],
    [
      'a sidecar and an agent on each node, which listen on localhost for good reason',
      resource(
        'side',
        `mode: sidecar\nconfig:\n  receivers: {otlp: {protocols: {grpc: {endpoint: 'localhost:4317'}}}}\n  ${vendor.replace('\n', '\n  ')}\n  service: {pipelines: {traces: {receivers: [otlp], exporters: [otlp_http]}}}`,
      ) +
        workload(
          'agent',
          'otel',
          "{name: c, image: 'otel/opentelemetry-collector-contrib:0.159.0', args: [--config=/c/a.yaml], volumeMounts: [{name: c, mountPath: /c}]}",
          '[{name: c, configMap: {name: agent}}]',
          'DaemonSet',
        ) +
        configMap(
          'agent',
          'otel',
          'a.yaml',
          `receivers: {otlp: {protocols: {grpc: }}}\n${vendor}\nservice: {pipelines: {traces: {receivers: [otlp], exporters: [otlp_http]}}}`,
        ),
    ],
    [
      'a collector beside the app in its pod',
      service('shop', 'web', 'shop', '[{name: http, port: 80, targetPort: 8080}]') +
        workload(
          'shop',
          'web',
          "{name: shop, image: 'shop:1'}\n      - {name: c, image: 'otel/opentelemetry-collector:0.159.0', args: [--config=/c/a.yaml], volumeMounts: [{name: c, mountPath: /c}]}",
          '[{name: c, configMap: {name: side}}]',
        ) +
        configMap(
          'side',
          'web',
          'a.yaml',
          `receivers: {otlp: {protocols: {http: }}}\n${vendor}\nservice: {pipelines: {traces: {receivers: [otlp], exporters: [otlp_http]}}}`,
        ),
    ],
    [
      'a configuration in parts, and one from a Secret',
      otlp('parts.otel') +
        service('parts', 'otel', 'parts', '[{name: grpc-otlp, port: 4317}]') +
        workload(
          'parts',
          'otel',
          "{name: c, image: 'otel/opentelemetry-collector:0.159.0', args: [--config=/c/a.yaml, --config=/c/b.yaml], volumeMounts: [{name: c, mountPath: /c}]}",
          '[{name: c, configMap: {name: parts}}]',
        ) +
        configMap(
          'parts',
          'otel',
          'a.yaml',
          'exporters: {debug: }\nservice: {pipelines: {traces: {receivers: [otlp], exporters: [debug]}}}',
        ) +
        workload(
          'hidden',
          'otel',
          "{name: c, image: 'otel/opentelemetry-collector:0.159.0', args: [--config=/c/a.yaml], volumeMounts: [{name: c, mountPath: /c}]}",
          '[{name: c, secret: {secretName: hidden}}]',
        ),
    ],
    [
      'components of somebody’s own build',
      otlp('own.otel') +
        service('own', 'otel', 'own', '[{port: 4317, appProtocol: kubernetes.io/h2c}]') +
        workload(
          'own',
          'otel',
          "{name: c, image: 'registry.corp.example/observability/otelcol-corp:4', args: ['--config', '/c/a.yaml'], volumeMounts: [{name: c, mountPath: /c}]}",
          '[{name: c, projected: {sources: [{configMap: {name: own}}]}}]',
        ) +
        configMap(
          'own',
          'otel',
          'a.yaml',
          'receivers: {otlp: {protocols: {grpc: {endpoint: "0.0.0.0:4317"}}}, corp_bus: {}}\nprocessors: {corp_scrub: }\nexporters: {corp_lake: }\nservice: {pipelines: {traces: {receivers: [otlp, corp_bus], processors: [corp_scrub], exporters: [corp_lake]}}}',
        ),
    ],
    [
      'a program that the input does not show, at ports of its own',
      otlp('apm.vendor', 8200) +
        service('apm', 'vendor', 'apm', '[{name: grpc, port: 8200}]') +
        workload('apm', 'vendor', "{name: apm, image: 'vendor/apm:1'}"),
    ],
    ['a namespace that the input says nothing of', otlp('collector.elsewhere')],
    [
      'HTTP/2 by an upgrade',
      otlp('main.otel') +
        service('main', 'otel', 'relay', '[{name: http-otlp, port: 4317}]') +
        workload('relay', 'otel', chartPod, chartVolume) +
        configMap('relay', 'otel', 'relay', chart) +
        '\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: main, namespace: otel}\nspec: {host: main.otel.svc.cluster.local, trafficPolicy: {connectionPool: {http: {h2UpgradePolicy: UPGRADE}}}}\n',
    ],
    [
      'a copy of spans for another system, TLS to the outside, names of older releases',
      resource(
        'main',
        `image: otel/opentelemetry-collector-contrib:0.120.0\nconfig:\n  receivers: {otlp: {protocols: {grpc: {}}}, otlp/2: {protocols: {http: {endpoint: '0.0.0.0:4319'}}}}\n  processors: {k8sattributes: {}, batch: {}, probabilistic_sampler: {sampling_percentage: 0.5}}\n  connectors: {spanmetrics: {}, servicegraph: {}, forward/x: {}, routing: {table: []}}\n  exporters: {otlp: {endpoint: 'collector.vendor.example.com:443'}, loadbalancing: {routing_key: service, resolver: {k8s: {service: next.tier}}}, prometheus: {endpoint: '0.0.0.0:8889'}, kafka: {}}\n  service:\n    pipelines:\n      traces: {receivers: [otlp, otlp/2], processors: [k8sattributes, probabilistic_sampler, batch], exporters: [otlp, spanmetrics, servicegraph, forward/x]}\n      traces/x: {receivers: [forward/x], exporters: [loadbalancing, kafka, routing]}\n      traces/y: {receivers: [routing], exporters: [kafka]}\n      metrics: {receivers: [spanmetrics, servicegraph], exporters: [prometheus]}`,
      ),
    ],
  ])('%s', (_, text) => {
    expect(findingsOf(text)).toEqual([]);
  });

  it.each<readonly [string, string, string]>([
    ['two replicas without tail sampling', 'replicas: 2', 'replicas: 5'],
    ['an address by variable', 'http://jaeger.tracing:4318', `\${env:BACKEND}`],
    ['an address for gRPC with a scheme', "'tempo.tracing:4317', tls: {insecure: true}", "'http://tempo.tracing:4317'"],
    ['the full name', 'tempo.tracing:4317', 'dns:///tempo.tracing.svc.cluster.local:4317'],
    ['the pods of a headless Service by name', 'tempo.tracing:4317', 'tempo-0.tempo.tracing.svc.cluster.local:4317'],
    [
      'a component filled in late',
      "otlp_http: {endpoint: 'http://jaeger.tracing:4318'}",
      `otlp_http: \${file:/etc/backend.yaml}`,
    ],
    ['a name filled in late', 'exporters: [load_balancing, otlp_http,', `exporters: ['\${env:NEXT}', load_balancing,`],
    ['old names of components', 'otlp_http: {endpoint', 'otlphttp: {endpoint'],
    [
      'a Service port unlike the container’s',
      'name: grpc-otlp, port: 4317, targetPort: otlp}',
      'name: grpc-otlp, port: 4317, targetPort: 4317}',
    ],
    [
      'a comment for the collector',
      'processors:\n      memory_limiter',
      '# first the limit\n    processors:\n      memory_limiter',
    ],
  ])('%s', (_, part, by) => {
    const renamed = by.startsWith('otlphttp')
      ? replaced(goodPath, '[load_balancing, otlp_http,', '[load_balancing, otlphttp,')
      : goodPath;
    expect(findingsOf(replaced(renamed, part, by))).toEqual([]);
  });
});

describe('what the image, the version or the variables make wrong', () => {
  const told = (text: string) => findingsOf(text).map((one) => `${one.code} ${one.severity} ${one.object}`);
  const jaeger1 = (env: string, tag: string) =>
    mesh('zipkin: {service: jaeger.tracing.svc.cluster.local, port: 9411}') +
    service('jaeger', 'tracing', 'jaeger', '[{name: http-zipkin, port: 9411}, {name: grpc-otlp, port: 4317}]') +
    workload('jaeger', 'tracing', `{name: jaeger, image: 'jaegertracing/all-in-one:${tag}', env: ${env}}`);

  it('Jaeger 1 takes Zipkin only on demand', () => {
    expect(told(jaeger1('[]', '1.60'))).toEqual(['TRC011 error ConfigMap/istio-system/istio']);
    expect(told(jaeger1("[{name: COLLECTOR_ZIPKIN_HOST_PORT, value: ':9411'}]", '1.60'))).toEqual([]);
    expect(
      told(
        jaeger1('[{name: COLLECTOR_ZIPKIN_HOST_PORT, valueFrom: {configMapKeyRef: {name: c, key: k, optional: true}}}]', '1.60'),
      ),
    ).toEqual([]);
  });

  it('SkyWalking takes OTLP only with its Zipkin module', () => {
    const oap = (env: string) =>
      otlp('oap.sw', 11800) +
      service('oap', 'sw', 'oap', '[{name: grpc, port: 11800}]') +
      workload('oap', 'sw', `{name: oap, image: 'apache/skywalking-oap-server:10.4.0', env: ${env}}`);
    expect(told(oap('[]'))).toEqual(['TRC012 error ConfigMap/istio-system/istio']);
  });

  it('a program that the input does not show, at a port that is known for something else', () => {
    expect(told(otlp('jaeger.elsewhere', 16686))).toEqual(['TRC012 warning ConfigMap/istio-system/istio']);
    expect(told(mesh('zipkin: {service: jaeger.elsewhere.svc.cluster.local, port: 4317}'))).toEqual([
      'TRC012 warning ConfigMap/istio-system/istio',
    ]);
  });

  it('a provider that nothing uses, as a warning', () => {
    const text = `${otlp('main.otel')}${service('main', 'otel', 'main', '[{name: otlp, port: 4317}]')}`.replace(
      'tracing: [spans]',
      'tracing: []',
    );
    expect(told(text)).toEqual(['TRC013 warning Service/otel/main']);
  });

  it('a configuration alone: removed components are a warning, absent ones an error', () => {
    const config = (exporters: string) =>
      configMap(
        'alone',
        'otel',
        'c.yaml',
        `receivers: {otlp: {protocols: {grpc: }}}\nexporters: {logging: }\nservice: {pipelines: {traces: {receivers: [otlp], exporters: ${exporters}}}}`,
      );
    expect(told(config('[logging]'))).toEqual(['TRC024 warning ConfigMap/otel/alone']);
    expect(told(config('[logging, otlp]'))).toEqual(['TRC024 warning ConfigMap/otel/alone', 'TRC017 error ConfigMap/otel/alone']);
  });

  it('a resource of the old API without an image: its operator may be as old', () => {
    const spec =
      'config: |\n  receivers: {otlp: {protocols: {grpc: }}}\n  exporters: {logging: }\n  service: {pipelines: {traces: {receivers: [otlp], exporters: [logging]}}}';
    expect(told(resource('old', spec, 'v1alpha1'))).toEqual(['TRC024 warning OpenTelemetryCollector/otel/old']);
    const image = 'image: otel/opentelemetry-collector:0.140.0\n';
    expect(told(resource('old', image + spec, 'v1alpha1'))).toEqual(['TRC024 error OpenTelemetryCollector/otel/old']);
  });

  it('the legacy tracers that Istio dropped', () => {
    const legacy = (tracing: string) =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio, namespace: istio-system}\ndata:\n  mesh: |\n    defaultConfig: {tracing: ${tracing}}\n`;
    expect(told(legacy('{sampling: 10, zipkin: {address: "zipkin.tracing:9411"}}'))).toEqual([]);
    expect(told(legacy('{stackdriver: {}}'))).toEqual(['TRC010 error ConfigMap/istio-system/istio']);
  });

  it.each([
    ['a text', '"receivers"'],
    ['a list', '[1, 2]'],
    ['nothing but nulls', '{receivers: , processors: , exporters: , service: {pipelines: }}'],
    [
      'wrong in every place',
      '{receivers: {otlp: 4}, exporters: {otlp: [x]}, service: {extensions: 5, pipelines: {traces: [otlp], 7: {receivers: {a: b}}}}}',
    ],
    [
      'named after what every object has',
      '{receivers: {constructor: {protocols: {toString: }}, otlp: {protocols: {constructor: {}}}}, exporters: {toString: , __proto__: }, connectors: {hasOwnProperty: , forward: }, service: {pipelines: {constructor: {receivers: [forward, constructor], exporters: [forward, toString]}}}}',
    ],
    ['deep', `{receivers: {otlp: ${'{a: '.repeat(200)}1${'}'.repeat(200)}}, exporters: {}, service: {}}`],
  ])('a configuration that is %s: findings, and no crash', (_, config) => {
    const text =
      otlp('c.otel') +
      service('c', 'otel', 'c', '[{name: grpc-otlp, port: 4317}]') +
      workload(
        'c',
        'otel',
        "{name: c, image: 'otel/opentelemetry-collector:0.159.0', args: [--config=/c/a.yaml], volumeMounts: [{name: c, mountPath: /c}]}",
        '[{name: c, configMap: {name: c}}]',
      ) +
      configMap('c', 'otel', 'a.yaml', config);
    expect(Array.isArray(findingsOf(text))).toBe(true);
    expect(Array.isArray(findingsOf(resource('c', `config: ${config}`)))).toBe(true);
  });
});
