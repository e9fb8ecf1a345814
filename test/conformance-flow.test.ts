import { describe, expect, it } from 'vitest';
import { modelOf, readWorlds } from '../constructs/proof/index.ts';
import { fitTo } from './conformance/collector-builds.ts';
import { freePorts, loopback, moved } from './conformance/flow/loopback.ts';
import { discovered, offline } from './conformance/flow/prometheus.ts';
import { proxyTracer } from './conformance/flow/provider.ts';

describe('a collector configuration on one build', () => {
  const components = {
    receivers: ['otlp', 'zipkin'],
    processors: ['batch', 'memory_limiter'],
    exporters: ['otlp', 'debug'],
    connectors: ['spanmetrics'],
    extensions: ['health_check'],
  };
  const pipeline = (receivers: string[], processors: string[], exporters: string[]) => ({ receivers, processors, exporters });
  const fitted = (config: Parameters<typeof fitTo>[0]) => fitTo(config, { components });

  it('stays as it is when the build holds all of it', () => {
    const config = {
      receivers: { otlp: { protocols: { grpc: {} } } },
      processors: { batch: {} },
      exporters: { 'otlp/jaeger': { endpoint: 'jaeger:4317' } },
      connectors: {},
      extensions: { health_check: null },
      service: {
        extensions: ['health_check'],
        telemetry: { logs: { level: 'warn' } },
        pipelines: { traces: pipeline(['otlp'], ['batch'], ['otlp/jaeger']) },
      },
    };
    expect(fitted(config)).toEqual({ config, missing: [] });
  });

  it('is spelled as the build does, wherever a component is named, its own name kept', () => {
    const { config, missing } = fitted({
      receivers: { otlp: {} },
      exporters: { 'otlp_grpc/tempo': { endpoint: 'tempo:4317' }, debug: {} },
      connectors: { span_metrics: { namespace: 'x' } },
      service: {
        pipelines: {
          traces: pipeline(['otlp'], [], ['otlp_grpc/tempo', 'span_metrics']),
          metrics: pipeline(['span_metrics'], [], ['debug']),
        },
      },
    });
    expect(missing).toEqual([]);
    expect(config).toMatchObject({
      exporters: { 'otlp/tempo': { endpoint: 'tempo:4317' } },
      connectors: { spanmetrics: { namespace: 'x' } },
      service: {
        pipelines: {
          traces: pipeline(['otlp'], [], ['otlp/tempo', 'spanmetrics']),
          metrics: pipeline(['spanmetrics'], [], ['debug']),
        },
      },
    });
    expect(config.exporters).not.toHaveProperty('otlp_grpc/tempo');
  });

  it('loses what the build does not hold, and says so', () => {
    const { config, missing } = fitted({
      receivers: { otlp: {}, kafka: {} },
      processors: { k8s_attributes: {}, batch: {} },
      exporters: { debug: {}, load_balancing: {} },
      service: {
        extensions: ['health_check', 'pprof'],
        pipelines: {
          traces: pipeline(['otlp', 'kafka'], ['k8s_attributes', 'batch'], ['debug']),
          'traces/2': pipeline(['otlp'], [], ['load_balancing']),
        },
      },
    });
    expect(missing).toEqual(['exporters load_balancing', 'extensions pprof', 'processors k8s_attributes', 'receivers kafka']);
    expect(config.receivers).toEqual({ otlp: {} });
    expect(config.service).toEqual({
      extensions: ['health_check'],
      // A pipeline without an exporter would be refused.
      pipelines: { traces: pipeline(['otlp'], ['batch'], ['debug']) },
    });
  });
});

const world = `
apiVersion: v1
kind: ConfigMap
metadata: {name: otel, namespace: obs}
data:
  config.yaml: |
    receivers: {otlp: {protocols: {grpc: {endpoint: '0.0.0.0:4317'}}}}
    exporters: {otlp_http: {endpoint: 'http://jaeger.traces:4318'}}
    service: {pipelines: {traces: {receivers: [otlp], exporters: [otlp_http]}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: otel, namespace: obs}
spec:
  selector: {matchLabels: {app: otel}}
  template:
    metadata:
      labels: {app: otel, app.kubernetes.io/part-of: mesh}
      annotations: {prometheus.io/scrape: 'true', prometheus.io/port: '8888'}
    spec:
      containers:
      - name: otel
        image: otel/opentelemetry-collector:0.155.0
        args: ['--config=/etc/otel/config.yaml']
        volumeMounts: [{name: config, mountPath: /etc/otel}]
      volumes: [{name: config, configMap: {name: otel}}]
---
apiVersion: v1
kind: Service
metadata: {name: collector, namespace: obs}
spec:
  selector: {app: otel}
  ports: [{name: grpc-otlp, port: 14317, targetPort: 4317}]
---
apiVersion: v1
kind: Service
metadata: {name: other, namespace: obs}
spec:
  selector: {app: other}
  ports: [{name: http, port: 80}]
`;

function placed(runs = true) {
  const [read] = readWorlds(['-'], { stdin: () => world });
  if (!read) throw new Error('the world is empty');
  const model = modelOf(read);
  const [program] = model.programs.all;
  if (!program) throw new Error('the world has no program');
  const map = loopback(model, [20_001, 20_002, 20_003], () => runs);
  return { model, program, map, id: program.object.id };
}

describe('loopback', () => {
  it('gives a port of a program one port, and a Service the port of the program behind it', () => {
    const { map, id } = placed();
    expect(map.portOf(id, 8888)).toBe(20_001);
    expect(map.authority('collector.obs.svc.cluster.local', 14_317, 'shop')).toBe('127.0.0.1:20002');
    expect(map.portOf(id, 4317)).toBe(20_002);
    expect(map.authority('collector', 14_317, 'obs')).toBe('127.0.0.1:20002');
    expect(map.portOf('another', 4317)).toBe(20_003);
    expect(() => map.portOf(id, 1)).toThrow('too few free ports');
  });

  it('knows no address of what does not run, or is not there', () => {
    const { map } = placed();
    expect(map.authority('collector.obs', 4317, 'shop')).toBeUndefined();
    expect(map.authority('other.obs', 80, 'shop')).toBeUndefined();
    expect(map.authority('nobody.obs', 14_317, 'shop')).toBeUndefined();
    expect(placed(false).map.authority('collector.obs', 14_317, 'shop')).toBeUndefined();
  });

  it.each([
    ['0.0.0.0:4317', '127.0.0.1:20001'],
    ['[::]:4317', '127.0.0.1:20001'],
    [':4317', '127.0.0.1:20001'],
    ['localhost:4317', '127.0.0.1:20001'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a collector's own syntax
    ['${env:MY_POD_IP}:4317', '127.0.0.1:20001'],
    ['collector:14317', '127.0.0.1:20001'],
    ['http://collector.obs.svc:14317/v1/traces', 'http://127.0.0.1:20001/v1/traces'],
    ['https://otlp.example.com:443/v1', 'https://otlp.example.com:443/v1'],
    ['0.0.0.0', '0.0.0.0'],
    ['15s', '15s'],
    ['at 0.0.0.0:4317', 'at 0.0.0.0:4317'],
  ])('moves %s to %s', (text, expected) => {
    const { map, id } = placed();
    expect(moved({ a: [{ endpoint: text }] }, { id, namespace: 'obs' }, map)).toEqual({ a: [{ endpoint: expected }] });
  });

  it('moves a host and a port that are said apart, and leaves all else alone', () => {
    const { map, id } = placed();
    const config = {
      reader: { host: '0.0.0.0', port: 8888, path: '/metrics' },
      client: { host: 'x', port: 1 },
      none: null,
      on: true,
    };
    expect(moved(config, { id, namespace: 'obs' }, map)).toEqual({
      ...config,
      reader: { host: '127.0.0.1', port: 20_001, path: '/metrics' },
    });
  });

  it('finds as many free ports as asked for, each once', async () => {
    const ports = await freePorts(30);
    expect(new Set(ports).size).toBe(30);
    expect(ports.every((port) => port > 1024)).toBe(true);
  });
});

describe('Prometheus without an API server', () => {
  it('asks files for what it would find there, and keeps its own relabelling', () => {
    const relabel = [{ source_labels: ['__meta_kubernetes_pod_name'], target_label: 'pod' }];
    const config = {
      global: { scrape_interval: '30s' },
      rule_files: ['rules.yaml'],
      scrape_configs: [
        { job_name: 'self', static_configs: [{ targets: ['localhost:9090'] }] },
        { job_name: 'nodes', kubernetes_sd_configs: [{ role: 'node' }] },
        { job_name: 'pods', kubernetes_sd_configs: [{ role: 'pod' }], relabel_configs: relabel, metrics_path: '/m' },
      ],
    };
    expect(offline(config, (role) => `${role}.json`)).toEqual({
      global: { scrape_interval: '1s', scrape_timeout: '1s' },
      scrape_configs: [
        { job_name: 'pods', file_sd_configs: [{ files: ['pod.json'] }], relabel_configs: relabel, metrics_path: '/m' },
      ],
    });
    expect(offline({}, String).scrape_configs).toEqual([]);
  });

  it('is told of pods and endpoints as an API server tells it, their ports moved', () => {
    const { model, program, map } = placed();
    const found = discovered(model, [program], map);
    const pod = {
      __meta_kubernetes_namespace: 'obs',
      __meta_kubernetes_pod_name: 'otel-7d4b9c6f5d-x2k4q',
      __meta_kubernetes_pod_ip: '127.0.0.1',
      __meta_kubernetes_pod_phase: 'Running',
      __meta_kubernetes_pod_annotation_prometheus_io_scrape: 'true',
      __meta_kubernetes_pod_annotation_prometheus_io_port: '20001',
      __meta_kubernetes_pod_label_app: 'otel',
      __meta_kubernetes_pod_label_app_kubernetes_io_part_of: 'mesh',
    };
    expect(found.pod).toHaveLength(1);
    expect(found.pod[0]).toMatchObject({ targets: ['127.0.0.1'], labels: pod });
    expect(found.endpointslice).toHaveLength(1);
    expect(found.endpointslice[0]).toMatchObject({
      targets: ['127.0.0.1:20002'],
      labels: {
        ...pod,
        __meta_kubernetes_service_name: 'collector',
        __meta_kubernetes_endpointslice_port_name: 'grpc-otlp',
      },
    });
    expect(discovered(model, [], map)).toEqual({ pod: [], endpointslice: [] });
  });
});

describe('the tracer of the proxies', () => {
  const mesh = (provider: Record<string, unknown>) =>
    JSON.parse(
      JSON.stringify({
        defaultProviders: { tracing: ['mine', 'second'] },
        extensionProviders: [
          { name: 'second', zipkin: { service: 'x', port: 1 } },
          { name: 'mine', ...provider },
        ],
      }),
    );
  const service = 'c.obs.svc';

  it.each([
    [{ opentelemetry: { service, port: 4317 } }, 'opentelemetry', 'otlp-grpc', 4317, ''],
    [{ opentelemetry: { service, port: 4318, http: { path: '/v1/traces' } } }, 'opentelemetry', 'otlp-http', 4318, '/v1/traces'],
    [{ zipkin: { service, port: 9411 } }, 'zipkin', 'zipkin', 9411, '/api/v2/spans'],
    [{ zipkin: { service: `obs/${service}`, port: 9411, path: '/z' } }, 'zipkin', 'zipkin', 9411, '/z'],
    [{ skywalking: { service, port: 11_800 } }, 'skywalking', undefined, 11_800, ''],
    [{ datadog: { service, port: 8126 } }, 'datadog', undefined, 8126, ''],
  ])('is that of the first default provider: %j', (provider, propagation, protocol, port, path) => {
    expect(proxyTracer(mesh(provider))).toEqual({ host: service, propagation, protocol, port, path });
  });

  it('is the legacy zipkin address when no default provider is there', () => {
    const defaultConfig = { tracing: { zipkin: { address: 'zipkin.istio-system:9411' } } };
    expect(proxyTracer({ defaultConfig })).toEqual({
      host: 'zipkin.istio-system',
      port: 9411,
      propagation: 'zipkin',
      protocol: 'zipkin',
      path: '/api/v2/spans',
    });
  });

  it('is none when nothing sends spans', () => {
    expect(proxyTracer({})).toBeUndefined();
    expect(proxyTracer(mesh({ prometheus: {} }))).toBeUndefined();
    expect(proxyTracer({ defaultProviders: { tracing: ['absent'] } })).toBeUndefined();
    expect(proxyTracer({ defaultConfig: { tracing: { sampling: 100 } } })).toBeUndefined();
  });
});
