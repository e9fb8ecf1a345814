import { describe, expect, it } from 'vitest';
import { modelOf } from '../constructs/proof/index.ts';
import { pipelinesRules } from '../constructs/proof/rules/pipelines/index.ts';
import { goodPath } from './proof-pipelines-world.ts';
import { findingsOf, replaced, worldOf } from './proof-world.ts';

/** Changes to the good path, and the one finding they must give. */
interface Breakage {
  readonly what: string;
  readonly changes: readonly (readonly [part: string, by: string])[];
  readonly finding: readonly [code: string, severity: string, object: string];
  readonly hint: string;
}

const breakages: readonly Breakage[] = [
  {
    what: 'access logs for tracing',
    changes: [['tracing: [otel]', 'tracing: [logs]']],
    finding: ['TRC010', 'error', 'ConfigMap/istio-system/istio'],
    hint: 'name one that traces: b3, otel, otel-http',
  },
  {
    what: 'metrics for tracing',
    changes: [['providers: [{name: b3}]', 'providers: [{name: prometheus}]']],
    finding: ['TRC010', 'error', 'Telemetry/old/b3'],
    hint: 'name one that traces: b3, otel, otel-http',
  },
  {
    what: 'a targetPort of nobody',
    changes: [['port: 4317, targetPort: otlp}', 'port: 4317, targetPort: 55680}']],
    finding: ['TRC011', 'error', 'Service/tracing/front'],
    hint: 'set targetPort of port 4317 to 4317, where it listens for OTLP over gRPC',
  },
  {
    what: 'a targetPort by a name that no container has',
    changes: [['targetPort: otlp}', 'targetPort: oltp}']],
    finding: ['TRC011', 'error', 'Service/tracing/front'],
    hint: 'set targetPort of port 4317 to 4317, where it listens for OTLP over gRPC',
  },
  {
    what: 'spans to Jaeger’s page',
    changes: [['front.tracing.svc.cluster.local, port: 9411}', 'jaeger.tracing.svc.cluster.local, port: 16686}']],
    finding: ['TRC011', 'error', 'ConfigMap/istio-system/istio'],
    hint: 'use a provider for what it takes: OTLP over HTTP, OTLP over gRPC',
  },
  {
    what: 'a provider for a protocol without a receiver',
    changes: [['zipkin: {service: front', 'datadog: {service: front']],
    finding: ['TRC012', 'error', 'ConfigMap/istio-system/istio'],
    hint: 'add a receiver for Datadog to it, or use a provider for what it takes: OTLP over HTTP, OTLP over gRPC, Zipkin',
  },
  {
    what: 'Zipkin to the OTLP port',
    changes: [['cluster.local, port: 9411}', 'cluster.local, port: 4318}']],
    finding: ['TRC012', 'error', 'ConfigMap/istio-system/istio'],
    hint: 'use port 9411, which leads to it',
  },
  {
    what: 'gRPC to the HTTP port',
    changes: [
      [
        '      opentelemetry: {service: front.tracing.svc.cluster.local, port: 4317}',
        '      opentelemetry: {service: front.tracing.svc.cluster.local, port: 4318}',
      ],
    ],
    finding: ['TRC012', 'error', 'ConfigMap/istio-system/istio'],
    hint: 'use port 4317, which leads to it',
  },
  {
    what: 'HTTP to the gRPC port',
    changes: [['        port: 4318\n', '        port: 4317\n']],
    finding: ['TRC012', 'error', 'ConfigMap/istio-system/istio'],
    hint: 'use port 4318, which leads to it',
  },
  {
    what: 'no http block at the HTTP port',
    changes: [['        http: {path: /v1/traces, timeout: 5s}\n', '']],
    finding: ['TRC012', 'error', 'ConfigMap/istio-system/istio'],
    hint: 'use port 4317, which leads to it',
  },
  {
    what: 'a targetPort that leads to another receiver',
    changes: [['{name: http-zipkin, port: 9411}', '{name: http-zipkin, port: 9411, targetPort: 4318}']],
    finding: ['TRC012', 'error', 'Service/tracing/front'],
    hint: 'set targetPort of port 9411 to 9411, where it listens for Zipkin',
  },
  {
    what: 'a gRPC port without a protocol',
    changes: [['name: grpc-otlp, port: 4317, targetPort', 'name: otlp, port: 4317, targetPort']],
    finding: ['TRC013', 'error', 'Service/tracing/front'],
    hint: 'add appProtocol: grpc to the port',
  },
  {
    what: 'a gRPC port with the protocol of HTTP/1.1',
    changes: [['name: grpc-otlp, port: 4317, targetPort', 'name: grpc-otlp, appProtocol: http, port: 4317, targetPort']],
    finding: ['TRC013', 'error', 'Service/tracing/front'],
    hint: 'add appProtocol: grpc to the port',
  },
  {
    what: 'an HTTP port named grpc',
    changes: [['{name: http-zipkin,', '{name: grpc-zipkin,']],
    finding: ['TRC013', 'warning', 'Service/tracing/front'],
    hint: 'name the port http-..., or set appProtocol: http',
  },
  {
    what: 'an http block without a path',
    changes: [['http: {path: /v1/traces, timeout: 5s}', 'http: {timeout: 5s}']],
    finding: ['OBJ003', 'error', 'ConfigMap/istio-system/istio'],
    hint: 'add it',
  },
  {
    what: 'a path that no receiver has',
    changes: [['path: /v1/traces', 'path: /v1/trace']],
    finding: ['TRC014', 'error', 'ConfigMap/istio-system/istio'],
    hint: 'set http.path to /v1/traces',
  },
  {
    what: 'a receiver without an endpoint',
    changes: [["grpc: {endpoint: '0.0.0.0:4317'}\n          http", 'grpc:\n          http']],
    finding: ['TRC015', 'error', 'ConfigMap/tracing/front'],
    hint: 'set endpoint to 0.0.0.0:4317',
  },
  {
    what: 'a receiver on localhost',
    changes: [["zipkin: {endpoint: '0.0.0.0:9411'}", "zipkin: {endpoint: 'localhost:9411'}"]],
    finding: ['TRC015', 'error', 'ConfigMap/tracing/front'],
    hint: 'set endpoint to 0.0.0.0:9411',
  },
  {
    what: 'a receiver of an operator’s collector on localhost',
    changes: [['otlp: {protocols: {grpc: {}}}', "otlp: {protocols: {grpc: {endpoint: '127.0.0.1:4317'}}}"]],
    finding: ['TRC015', 'error', 'OpenTelemetryCollector/tracing/sampler'],
    hint: 'set endpoint to 0.0.0.0:4317',
  },
  {
    what: 'Tempo’s default',
    changes: [["grpc: {endpoint: '0.0.0.0:4317'}}}}}", 'grpc: {}}}}}']],
    finding: ['TRC015', 'error', 'ConfigMap/tracing/tempo'],
    hint: 'set endpoint to 0.0.0.0:4317',
  },
  {
    what: 'Jaeger’s default',
    changes: [["http: {endpoint: '0.0.0.0:4318'}", 'http: {}']],
    finding: ['TRC015', 'error', 'ConfigMap/tracing/jaeger'],
    hint: 'set endpoint to 0.0.0.0:4318',
  },
  {
    what: 'a receiver in no pipeline',
    changes: [['receivers: [otlp, zipkin]', 'receivers: [otlp]']],
    finding: ['TRC016', 'error', 'ConfigMap/tracing/front'],
    hint: 'add zipkin to service.pipelines.traces.receivers',
  },
  {
    what: 'a pipeline of logs alone',
    changes: [
      ['traces: {receivers: [otlp], exporters: [jaeger_storage_exporter]}', 'logs: {receivers: [otlp], exporters: [otlp_grpc]}'],
      ['jaeger_storage_exporter: {trace_storage: main}', 'otlp_grpc: {endpoint: "loki.logs:4317"}'],
    ],
    finding: ['TRC016', 'error', 'ConfigMap/tracing/jaeger'],
    hint: 'add a pipeline "traces" with receivers [otlp]',
  },
  {
    what: 'a Zipkin exporter without a path',
    changes: [
      ["otlp_http: {endpoint: 'http://jaeger.tracing:4318'}", "zipkin: {endpoint: 'http://zipkin.elsewhere:9411'}"],
      ['otlp_http, span_metrics', 'zipkin, span_metrics'],
    ],
    finding: ['TRC014', 'error', 'ConfigMap/tracing/front'],
    hint: 'add /api/v2/spans to the endpoint',
  },
  {
    what: 'an absent exporter',
    changes: [['exporters: [otlp_grpc/tempo]', 'exporters: [otlp_grpc]']],
    finding: ['TRC017', 'error', 'OpenTelemetryCollector/tracing/sampler'],
    hint: 'did you mean "otlp_grpc/tempo"?',
  },
  {
    what: 'an absent receiver',
    changes: [['receivers: [otlp, zipkin]', 'receivers: [otlp, zipkn]']],
    finding: ['TRC017', 'error', 'ConfigMap/tracing/front'],
    hint: 'did you mean "zipkin"?',
  },
  {
    what: 'an absent processor',
    changes: [['[memory_limiter, batch]', '[memory_limiter, btach]']],
    finding: ['TRC017', 'error', 'ConfigMap/tracing/front'],
    hint: 'did you mean "batch"?',
  },
  {
    what: 'an absent connector',
    changes: [['receivers: [forward]', 'receivers: [foward]']],
    finding: ['TRC017', 'error', 'OpenTelemetryCollector/tracing/sampler'],
    hint: 'did you mean "forward"?',
  },
  {
    what: 'an absent extension',
    changes: [['extensions: [health_check]', 'extensions: [health_check, pprof]']],
    finding: ['TRC017', 'error', 'ConfigMap/tracing/front'],
    hint: 'declare it under extensions; there is health_check',
  },
  {
    what: 'a declared processor that nobody uses',
    changes: [['[memory_limiter, batch]', '[memory_limiter]']],
    finding: ['TRC018', 'warning', 'ConfigMap/tracing/front'],
    hint: 'name it in a pipeline under service.pipelines, or take it out',
  },
  {
    what: 'an extension that is not started',
    changes: [['      extensions: [health_check]\n', '']],
    finding: ['TRC018', 'warning', 'ConfigMap/tracing/front'],
    hint: 'add it to service.extensions, or take it out',
  },
  {
    what: 'a pipeline without exporters',
    changes: [['traces: {receivers: [otlp], exporters: [jaeger_storage_exporter]}', 'traces: {receivers: [otlp]}']],
    finding: ['TRC019', 'error', 'ConfigMap/tracing/jaeger'],
    hint: 'add exporters, or take the pipeline out',
  },
  {
    what: 'a pipeline without receivers',
    changes: [['metrics: {receivers: [span_metrics], exp', 'metrics: {receivers: [], exp']],
    finding: ['TRC019', 'error', 'ConfigMap/tracing/front'],
    hint: 'add receivers, or take the pipeline out',
  },
  {
    what: 'no service',
    changes: [['    service:\n      extensions: [health_check]', '    servce:\n      extensions: [health_check]']],
    finding: ['TRC019', 'error', 'ConfigMap/tracing/front'],
    hint: 'add service.pipelines',
  },
  {
    what: 'no pipelines',
    changes: [
      [
        '      pipelines:\n        traces:\n          receivers: [otlp, zipkin]',
        '      pipeline:\n        traces:\n          receivers: [otlp, zipkin]',
      ],
    ],
    finding: ['TRC019', 'error', 'ConfigMap/tracing/front'],
    hint: 'add service.pipelines.traces with receivers and exporters',
  },
  {
    what: 'an empty pipeline',
    changes: [['traces: {receivers: [otlp], exporters: [jaeger_storage_exporter]}', 'traces:']],
    finding: ['TRC019', 'error', 'ConfigMap/tracing/jaeger'],
    hint: 'add receivers and exporters, or take the pipeline out',
  },
  {
    what: 'a misspelt signal',
    changes: [['traces: {receivers: [otlp], exp', 'trace: {receivers: [otlp], exp']],
    finding: ['TRC019', 'error', 'ConfigMap/tracing/jaeger'],
    hint: 'did you mean "traces"?',
  },
  {
    what: 'a name where a list belongs',
    changes: [['receivers: [otlp, zipkin]', 'receivers: otlp']],
    finding: ['TRC019', 'error', 'ConfigMap/tracing/front'],
    hint: 'write [otlp] rather than otlp',
  },
  {
    what: 'a processor named twice',
    changes: [['processors: [batch], exporters: [otlp_grpc', 'processors: [batch, batch], exporters: [otlp_grpc']],
    finding: ['TRC019', 'error', 'OpenTelemetryCollector/tracing/sampler'],
    hint: 'take one of them out',
  },
  {
    what: 'a connector that nothing receives from',
    changes: [
      ['metrics: {receivers: [span_metrics], exporters: [prometheus]}', 'metrics: {receivers: [otlp], exporters: [prometheus]}'],
    ],
    finding: ['TRC020', 'error', 'ConfigMap/tracing/front'],
    hint: 'add span_metrics to the receivers of a metrics pipeline',
  },
  {
    what: 'a connector that nothing exports to',
    changes: [['exporters: [load_balancing, otlp_http, span_metrics, debug]', 'exporters: [load_balancing, otlp_http, debug]']],
    finding: ['TRC020', 'error', 'ConfigMap/tracing/front'],
    hint: 'add span_metrics to the exporters of the pipeline it reads',
  },
  {
    what: 'a connector between signals that it does not join',
    changes: [
      [
        'metrics: {receivers: [span_metrics], exporters: [prometheus]}',
        'traces/x: {receivers: [span_metrics], exporters: [debug]}\n        metrics: {receivers: [otlp], exporters: [prometheus]}',
      ],
    ],
    finding: ['TRC020', 'error', 'ConfigMap/tracing/front'],
    hint: 'add span_metrics to the receivers of a metrics pipeline',
  },
  {
    what: 'pipelines in a circle',
    changes: [['exporters: [otlp_grpc/tempo]', 'exporters: [otlp_grpc/tempo, forward]']],
    finding: ['TRC021', 'error', 'OpenTelemetryCollector/tracing/sampler'],
    hint: 'take forward out of the exporters of pipeline traces/out',
  },
  {
    what: 'a receiver without settings',
    changes: [['otlp: {protocols: {grpc: {}}}', 'otlp:']],
    finding: ['TRC022', 'error', 'OpenTelemetryCollector/tracing/sampler'],
    hint: 'add protocols: {grpc: {}, http: {}}',
  },
  {
    what: 'an exporter without settings',
    changes: [["otlp_grpc/tempo: {endpoint: 'tempo.tracing:4317', tls: {insecure: true}}", 'otlp_grpc/tempo:']],
    finding: ['TRC022', 'error', 'OpenTelemetryCollector/tracing/sampler'],
    hint: 'add endpoint: HOST:4317',
  },
  {
    what: 'a memory limiter without a limit',
    changes: [['memory_limiter: {check_interval: 1s, limit_percentage: 80}', 'memory_limiter: {check_interval: 1s}']],
    finding: ['TRC022', 'error', 'ConfigMap/tracing/front'],
    hint: 'add limit_percentage: 80, or limit_mib',
  },
  {
    what: 'a memory limiter without settings',
    changes: [['memory_limiter: {check_interval: 1s, limit_percentage: 80}', 'memory_limiter:']],
    finding: ['TRC022', 'error', 'ConfigMap/tracing/front'],
    hint: 'add check_interval: 1s',
  },
  {
    what: 'an exporter that is a text',
    changes: [["otlp_http: {endpoint: 'http://jaeger.tracing:4318'}", "otlp_http: 'http://jaeger.tracing:4318'"]],
    finding: ['TRC022', 'error', 'ConfigMap/tracing/front'],
    hint: 'write its settings below it, or {} for none',
  },
  {
    what: 'a misspelt type',
    changes: [["      zipkin: {endpoint: '0.0.0.0:9411'}", "      zipkn: {endpoint: '0.0.0.0:9411'}"]],
    finding: ['TRC023', 'error', 'ConfigMap/tracing/front'],
    hint: 'did you mean "zipkin"?',
  },
  {
    what: 'a component that the core image lacks',
    changes: [['opentelemetry-collector-contrib:0.159.0', 'opentelemetry-collector:0.159.0']],
    finding: ['TRC023', 'error', 'Deployment/tracing/front'],
    hint: 'take the image contrib',
  },
  {
    what: 'a component that the operator’s images lack',
    changes: [
      [
        '  image: ghcr.io/open-telemetry/opentelemetry-collector-releases/opentelemetry-collector-k8s:0.159.0\n  config:\n    receivers:\n      otlp: {protocols: {grpc: {}}}',
        '  config:\n    receivers:\n      otlp: {protocols: {grpc: {}}}\n      skywalking: {protocols: {grpc: {}}}',
      ],
    ],
    finding: ['TRC023', 'warning', 'OpenTelemetryCollector/tracing/sampler'],
    hint: 'state spec.image: the contrib image has it',
  },
  {
    what: 'a new name on an old image',
    changes: [['opentelemetry-collector-k8s:0.159.0', 'opentelemetry-collector-k8s:0.140.0']],
    finding: ['TRC023', 'error', 'OpenTelemetryCollector/tracing/sampler'],
    hint: 'call it otlp',
  },
  {
    what: 'a component that Jaeger lacks',
    changes: [
      [
        'exporters:\n      jaeger_storage_exporter:',
        'processors: {k8s_attributes: {}}\n    exporters:\n      jaeger_storage_exporter:',
      ],
    ],
    finding: ['TRC023', 'warning', 'ConfigMap/tracing/jaeger'],
    hint: 'Jaeger has adaptive_sampling, attributes, batch, filter, memory_limiter, tail_sampling',
  },
  {
    what: 'the exporter logging',
    changes: [['      debug:\n', '      debug:\n      logging:\n']],
    finding: ['TRC024', 'error', 'ConfigMap/tracing/front'],
    hint: 'use the debug exporter',
  },
  {
    what: 'the exporter jaeger',
    changes: [
      [
        "otlp_grpc/tempo: {endpoint: 'tempo.tracing:4317', tls: {insecure: true}}",
        "jaeger: {endpoint: 'tempo.tracing:14250'}\n      otlp_grpc/tempo: {endpoint: 'tempo.tracing:4317', tls: {insecure: true}}",
      ],
    ],
    finding: ['TRC024', 'error', 'OpenTelemetryCollector/tracing/sampler'],
    hint: 'use the otlp_grpc exporter: Jaeger takes OTLP at port 4317',
  },
  {
    what: 'the receiver opencensus',
    changes: [["      zipkin: {endpoint: '0.0.0.0:9411'}", "      zipkin: {endpoint: '0.0.0.0:9411'}\n      opencensus:"]],
    finding: ['TRC024', 'error', 'ConfigMap/tracing/front'],
    hint: 'use the otlp receiver',
  },
  {
    what: 'the old address of the own metrics',
    changes: [
      [
        '      pipelines:\n        traces:\n',
        "      telemetry: {metrics: {address: '0.0.0.0:8888'}}\n      pipelines:\n        traces:\n",
      ],
    ],
    finding: ['TRC024', 'error', 'ConfigMap/tracing/front'],
    hint: 'use service.telemetry.metrics.readers: [{pull: {exporter: {prometheus: {host: 0.0.0.0, port: 8888}}}}]',
  },
  {
    what: 'Tempo 2’s ingester',
    changes: [['    backend_worker: {', '    ingester: {max_block_duration: 5m}\n    backend_worker: {']],
    finding: ['TRC025', 'error', 'ConfigMap/tracing/tempo'],
    hint: 'live_store and block_builder do its work',
  },
  {
    what: 'Tempo 2’s compactor',
    changes: [['    backend_worker: {', '    compactor: {']],
    finding: ['TRC025', 'error', 'ConfigMap/tracing/tempo'],
    hint: 'set retention under backend_worker.compaction and backend_scheduler.provider.compaction',
  },
  {
    what: 'opencensus in Tempo',
    changes: [
      [
        "receivers: {otlp: {protocols: {grpc: {endpoint: '0.0.0.0:4317'}}}}}",
        "receivers: {opencensus: , otlp: {protocols: {grpc: {endpoint: '0.0.0.0:4317'}}}}}",
      ],
    ],
    finding: ['TRC025', 'error', 'ConfigMap/tracing/tempo'],
    hint: 'use otlp',
  },
  {
    what: 'a storage of Jaeger 1',
    changes: [['{name: LOG_LEVEL, value: info}', '{name: SPAN_STORAGE_TYPE, value: elasticsearch}']],
    finding: ['TRC025', 'error', 'Deployment/tracing/jaeger'],
    hint: 'set it in the configuration',
  },
  {
    what: 'Jaeger 1’s Zipkin switch',
    changes: [['{name: LOG_LEVEL, value: info}', '{name: COLLECTOR_ZIPKIN_HOST_PORT, value: ":9411"}']],
    finding: ['TRC025', 'warning', 'Deployment/tracing/jaeger'],
    hint: 'set it in the configuration',
  },
  {
    what: 'a flag of Jaeger 1',
    changes: [['args: [--config, /conf/config.yaml]', 'args: [--config, /conf/config.yaml, --query.base-path=/jaeger]']],
    finding: ['TRC025', 'error', 'Deployment/tracing/jaeger'],
    hint: 'write a configuration, and start Jaeger with --config',
  },
  {
    what: 'a storage that is not defined',
    changes: [['trace_storage: main', 'trace_storage: mian']],
    finding: ['TRC026', 'error', 'ConfigMap/tracing/jaeger'],
    hint: 'did you mean "main"?',
  },
  {
    what: 'a page of another storage',
    changes: [['storage: {traces: main}', 'storage: {traces: memstore}']],
    finding: ['TRC026', 'error', 'ConfigMap/tracing/jaeger'],
    hint: 'add it under extensions.jaeger_storage.backends; there is main',
  },
  {
    what: 'a storage that is not started',
    changes: [['extensions: [jaeger_storage, jaeger_query]', 'extensions: [jaeger_query]']],
    finding: ['TRC026', 'error', 'ConfigMap/tracing/jaeger'],
    hint: 'add jaeger_storage to service.extensions',
  },
  {
    what: 'a page that reads another storage',
    changes: [
      [
        'backends: {main: {memory: {max_traces: 1000}}}}\n      jaeger_query: {storage: {traces: main}',
        'backends: {main: {memory: {}}, other: {memory: {}}}}\n      jaeger_query: {storage: {traces: other}',
      ],
    ],
    finding: ['TRC026', 'error', 'ConfigMap/tracing/jaeger'],
    hint: 'set storage.traces to main',
  },
  {
    what: 'a receiver of traces in a pipeline of metrics',
    changes: [['metrics: {receivers: [span_metrics]', 'metrics: {receivers: [span_metrics, zipkin]']],
    finding: ['TRC028', 'error', 'ConfigMap/tracing/front'],
    hint: 'take it out of pipeline metrics',
  },
  {
    what: 'Prometheus in a pipeline of traces',
    changes: [['span_metrics, debug]', 'span_metrics, prometheus, debug]']],
    finding: ['TRC028', 'error', 'ConfigMap/tracing/front'],
    hint: 'take it out of pipeline traces',
  },
  {
    what: 'an exporter to nobody',
    changes: [['tempo.tracing:4317', 'tempoo.tracing:4317']],
    finding: ['TRC027', 'error', 'OpenTelemetryCollector/tracing/sampler'],
    hint: 'did you mean "tempo"?',
  },
  {
    what: 'an exporter to a port of nobody',
    changes: [['tempo.tracing:4317', 'tempo.tracing:4371']],
    finding: ['TRC027', 'error', 'OpenTelemetryCollector/tracing/sampler'],
    hint: 'name one of its ports: 3200 (http), 4317 (grpc-otlp)',
  },
  {
    what: 'an exporter to the query port',
    changes: [['tempo.tracing:4317', 'tempo.tracing:3200']],
    finding: ['TRC011', 'error', 'OpenTelemetryCollector/tracing/sampler'],
    hint: 'use port 4317, which leads to it',
  },
  {
    what: 'an exporter to the port of another protocol',
    changes: [['tempo.tracing:4317', 'jaeger.tracing:4318']],
    finding: ['TRC012', 'error', 'OpenTelemetryCollector/tracing/sampler'],
    hint: 'use port 4317, which leads to it',
  },
  {
    what: 'OTLP over HTTP to the gRPC port',
    changes: [['http://jaeger.tracing:4318', 'http://jaeger.tracing:4317']],
    finding: ['TRC012', 'error', 'ConfigMap/tracing/front'],
    hint: 'use port 4318, which leads to it',
  },
  {
    what: 'an endpoint without a scheme',
    changes: [['http://jaeger.tracing:4318', 'jaeger.tracing:4318']],
    finding: ['TRC027', 'error', 'ConfigMap/tracing/front'],
    hint: 'write "http://jaeger.tracing:4318"',
  },
  {
    what: 'an endpoint with the path that is added to it',
    changes: [['http://jaeger.tracing:4318', 'http://jaeger.tracing:4318/v1/traces']],
    finding: ['TRC014', 'error', 'ConfigMap/tracing/front'],
    hint: 'take /v1/traces off the endpoint, or call the setting traces_endpoint',
  },
  {
    what: 'TLS towards plain text',
    changes: [[', tls: {insecure: true}}\n    service', '}\n    service']],
    finding: ['TRC029', 'error', 'OpenTelemetryCollector/tracing/sampler'],
    hint: 'add tls: {insecure: true} to the exporter',
  },
  {
    what: 'TLS of a load balancer',
    changes: [['protocol: {otlp: {tls: {insecure: true}}}', 'protocol: {otlp: {}}']],
    finding: ['TRC029', 'error', 'ConfigMap/tracing/front'],
    hint: 'add tls: {insecure: true} to the exporter',
  },
  {
    what: 'https towards plain text',
    changes: [['http://jaeger.tracing:4318', 'https://jaeger.tracing:4318']],
    finding: ['TRC029', 'error', 'ConfigMap/tracing/front'],
    hint: 'write http:// instead of https://',
  },
  {
    what: 'plain text towards TLS',
    changes: [
      [
        "grpc: {endpoint: '0.0.0.0:4317'}}}}}",
        "grpc: {endpoint: '0.0.0.0:4317', tls: {cert_file: /tls/c, key_file: /tls/k}}}}}}",
      ],
    ],
    finding: ['TRC029', 'error', 'OpenTelemetryCollector/tracing/sampler'],
    hint: 'take tls.insecure off the exporter, and give it the certificate authority',
  },
  {
    what: 'a collector that sends to itself',
    changes: [['http://jaeger.tracing:4318', 'http://front.tracing:4318']],
    finding: ['TRC030', 'error', 'ConfigMap/tracing/front'],
    hint: 'send the spans to the backend',
  },
  {
    what: 'two collectors in a circle',
    changes: [['tempo.tracing:4317', 'front.tracing:4317']],
    finding: ['TRC030', 'error', 'OpenTelemetryCollector/tracing/sampler'],
    hint: 'send the spans to the backend',
  },
  {
    what: 'a load balancer over one address',
    changes: [['sampler-collector-headless', 'sampler-collector']],
    finding: ['TRC031', 'error', 'ConfigMap/tracing/front'],
    hint: 'name sampler-collector-headless',
  },
  {
    what: 'a load balancer over nobody',
    changes: [['sampler-collector-headless', 'smapler-collector-headless']],
    finding: ['TRC027', 'error', 'ConfigMap/tracing/front'],
    hint: 'did you mean "sampler-collector-headless"?',
  },
  {
    what: 'a load balancer by service',
    changes: [['      load_balancing:\n', '      load_balancing:\n        routing_key: service\n']],
    finding: ['TRC031', 'warning', 'ConfigMap/tracing/front'],
    hint: 'set routing_key to traceID, or leave it out',
  },
  {
    what: 'several tail samplers without a balancer',
    changes: [
      [
        '      load_balancing:\n        protocol: {otlp: {tls: {insecure: true}}}\n        resolver: {dns: {hostname: sampler-collector-headless.tracing}}',
        '      otlp_grpc: {endpoint: "sampler-collector.tracing:4317", tls: {insecure: true}}',
      ],
      ['[load_balancing, ', '[otlp_grpc, '],
    ],
    finding: ['TRC031', 'warning', 'OpenTelemetryCollector/tracing/sampler'],
    hint: 'set replicas to 1, or put collectors with the exporter load_balancing in front',
  },
  {
    what: 'the memory limiter last',
    changes: [['[memory_limiter, batch]', '[batch, memory_limiter]']],
    finding: ['TRC032', 'warning', 'ConfigMap/tracing/front'],
    hint: 'put it first',
  },
  {
    what: 'batch before a sampler',
    changes: [['processors: [tail_sampling]', 'processors: [batch, tail_sampling]']],
    finding: ['TRC032', 'warning', 'OpenTelemetryCollector/tracing/sampler'],
    hint: 'put batch last',
  },
  {
    what: 'a share above 100',
    changes: [['sampling_percentage: 10', 'sampling_percentage: 1000']],
    finding: ['TRC033', 'warning', 'OpenTelemetryCollector/tracing/sampler'],
    hint: 'write a number from 0 to 100',
  },
  {
    what: 'a configuration file that its ConfigMap does not hold',
    changes: [["args: ['--config=/conf/collector.yaml']", "args: ['--config=/conf/colector.yaml']"]],
    finding: ['REF011', 'error', 'Deployment/tracing/front'],
    hint: 'did you mean "collector.yaml"?',
  },
  {
    what: 'a sampler that keeps nothing',
    changes: [
      [
        '      batch: {}\n    connectors',
        '      batch: {}\n      probabilistic_sampler: {sampling_percentage: 0}\n    connectors',
      ],
      ['processors: [tail_sampling]', 'processors: [probabilistic_sampler, tail_sampling]'],
    ],
    finding: ['TRC033', 'warning', 'OpenTelemetryCollector/tracing/sampler'],
    hint: 'write how many percent to keep, or take the sampler out',
  },
  {
    what: 'a share below 0',
    changes: [['sampling_percentage: 10', 'sampling_percentage: -1']],
    finding: ['TRC033', 'error', 'OpenTelemetryCollector/tracing/sampler'],
    hint: 'write a number from 0 to 100',
  },
  {
    what: 'spans to the log alone',
    changes: [
      ["otlp_grpc/tempo: {endpoint: 'tempo.tracing:4317', tls: {insecure: true}}", 'debug:'],
      ['[otlp_grpc/tempo]', '[debug]'],
    ],
    finding: ['TRC034', 'warning', 'OpenTelemetryCollector/tracing/sampler'],
    hint: 'add an exporter to a backend, for example otlp_grpc to Jaeger or Tempo',
  },
  {
    what: 'span metrics to the log',
    changes: [
      [
        'metrics: {receivers: [span_metrics], exporters: [prometheus]}',
        'metrics: {receivers: [span_metrics], exporters: [debug]}',
      ],
      ["      prometheus: {endpoint: '0.0.0.0:8889'}\n", ''],
    ],
    finding: ['TRC035', 'warning', 'ConfigMap/tracing/front'],
    hint: 'add the exporter prometheus or prometheus_remote_write to the pipeline',
  },
];

const broken = (changes: Breakage['changes']) => changes.reduce((text, [part, by]) => replaced(text, part, by), goodPath);

describe('the way of a span: one fault gives one finding', () => {
  it('is nothing in the good path', () => {
    expect(findingsOf(goodPath)).toEqual([]);
  });

  it.each(breakages)('$what', ({ changes, finding, hint }) => {
    const findings = findingsOf(broken(changes));
    expect(findings.map((one) => [one.code, one.severity, one.object, one.hint])).toEqual([[...finding, hint]]);
    expect(findings[0]?.line).toBeGreaterThan(0);
  });

  it('breaks every rule of the family', () => {
    const told = new Set(breakages.map(({ finding: [code] }) => code));
    expect(pipelinesRules.map((rule) => rule.code).filter((code) => !told.has(code))).toEqual([]);
  });
});

describe('hops', () => {
  const ways = (text: string) =>
    modelOf(worldOf(text))
      .hops.paths()
      .map(({ hops, end }) => [...hops.map((hop) => hop.program?.object.id ?? `${hop.host}:${hop.port}`), end].join(' '));

  it('follows every provider through both tiers to the backends', () => {
    const front = 'Deployment/tracing/front';
    const both = [
      `${front} OpenTelemetryCollector/tracing/sampler StatefulSet/tracing/tempo stored`,
      `${front} Deployment/tracing/jaeger stored`,
    ];
    expect(ways(goodPath)).toEqual([...both, ...both, ...both]);
  });

  it.each<readonly [string, string, string, string]>([
    ['a backend outside', 'tempo.tracing:4317', 'tempo.vendor.example.com:4317', 'tempo.vendor.example.com:4317 outside'],
    ['a circle', 'tempo.tracing:4317', 'front.tracing:4317', 'Deployment/tracing/front loop'],
    ['a port of nobody', 'tempo.tracing:4317', 'tempo.tracing:3200', 'StatefulSet/tracing/tempo broken'],
    ['a Service of nobody', 'tempo.tracing:4317', 'gone.tracing:4317', 'gone.tracing:4317 broken'],
    ['an exporter of something else', 'otlp_grpc/tempo]', 'kafka]', 'OpenTelemetryCollector/tracing/sampler outside'],
  ])('ends in %s', (_, part, by, end) => {
    const kafka =
      by === 'kafka]' ? replaced(goodPath, '      otlp_grpc/tempo: {', '      kafka: {}\n      otlp_grpc/tempo: {') : goodPath;
    expect(ways(replaced(kafka, part, by)).filter((way) => way.endsWith(end))).toHaveLength(3);
  });

  it('says of every hop who sends, where to, and by which protocol', () => {
    const hops = modelOf(worldOf(goodPath)).hops.all.map(
      (hop) => `${hop.what} ${hop.protocol} ${hop.service?.id}:${hop.port} ${hop.receiver?.id}`,
    );
    expect(hops).toEqual([
      'provider "otel" otlp-grpc Service/tracing/front:4317 otlp',
      'provider "otel-http" otlp-http Service/tracing/front:4318 otlp',
      'provider "b3" zipkin Service/tracing/front:9411 zipkin',
      'exporter "load_balancing" otlp-grpc Service/tracing/sampler-collector-headless:4317 otlp',
      'exporter "otlp_http" otlp-http Service/tracing/jaeger:4318 otlp',
      'exporter "otlp_grpc/tempo" otlp-grpc Service/tracing/tempo:4317 otlp',
    ]);
  });
});
