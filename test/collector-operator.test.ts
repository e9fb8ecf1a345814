import { describe, expect, it } from 'vitest';
import type { ExternalSink } from '../constructs/kit/index.ts';
import type { CollectorReceives } from '../constructs/tracing/index.ts';
import { external, make, store, tail, tempo } from './support/collector.ts';
import { object, objects } from './support/synth.ts';

describe('a Collector by the operator', () => {
  const seed = () =>
    make({
      runAs: 'operator',
      receive: [
        'otlp-grpc',
        'otlp-http',
        'jaeger-grpc',
        'jaeger-thrift-http',
        'jaeger-thrift-compact',
        'jaeger-thrift-binary',
        'zipkin',
      ],
      exportTo: [tempo],
      debug: 'normal',
    });

  it('is one resource with the same configuration as the workload', () => {
    const { chart, config } = seed();
    expect(objects(chart).map((o) => o.kind)).toEqual(['Namespace', 'OpenTelemetryCollector']);
    const same = make({ receive: [...seed().collector.accepts] as CollectorReceives[], debug: 'normal' }).config;
    expect(config).toEqual(same);
    expect(config.service.pipelines.traces).toEqual({
      receivers: ['otlp', 'jaeger', 'zipkin'],
      processors: ['memory_limiter', 'batch'],
      exporters: ['otlp_grpc/tempo', 'debug'],
    });
  });

  it('is addressed and scraped at the Services that the operator makes', () => {
    const { collector, chart } = seed();
    expect(collector.receiver('zipkin').url).toBe('http://otel-collector.otel-system.svc.cluster.local:9411/api/v2/spans');
    expect(collector.receiver('otlp-grpc').service).toEqual({ name: 'otel-collector', namespace: 'otel-system' });
    expect(collector.scrapeJobs).toEqual([
      {
        by: 'service',
        job: 'otel-system/otel',
        namespace: 'otel-system',
        service: 'otel-collector-monitoring',
        port: 'monitoring',
        // What tells it from the two others of the same collector.
        labels: {
          'app.kubernetes.io/name': 'otel-collector-monitoring',
          'operator.opentelemetry.io/collector-service-type': 'monitoring',
        },
      },
    ]);
    const { spec, metadata } = object(chart, 'OpenTelemetryCollector', 'otel');
    expect(spec.image).toMatch(/opentelemetry-collector:0\.159\.0$/);
    expect(spec.podAnnotations).toEqual({ 'sidecar.istio.io/inject': 'false' });
    expect(metadata.labels['sidecar.istio.io/inject']).toBe('false');
    expect(spec.resources).toEqual({ requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '512Mi' } });
    expect(spec.env).toEqual([{ name: 'GOMEMLIMIT', value: '409MiB' }]);
  });

  it('gets its rights, Secrets and metrics port', () => {
    const vendor: ExternalSink<'otlp-grpc'> = {
      accepts: ['otlp-grpc'],
      receiver: <Q extends string>(q: Q) => external(q, 'vendor.example', 443, '', true),
      exporter: { headers: { key: { secret: 'vendor', key: 'token' } }, tls: { ca: { secret: 'ca', key: 'ca.pem' } } },
    };
    const { chart, collector, config } = make({
      runAs: 'operator',
      name: 'spans',
      k8sAttributes: {},
      exportTo: [vendor],
      spanMetrics: {},
      metricsTo: store,
      serviceGraph: {},
      sidecar: 'always',
    });
    expect(object(chart, 'ClusterRoleBinding', 'spans-collector-otel-system').subjects).toEqual([
      { kind: 'ServiceAccount', name: 'spans-collector', namespace: 'otel-system' },
    ]);
    const { spec } = object(chart, 'OpenTelemetryCollector', 'spans');
    expect(spec.env).toContainEqual({
      name: 'OTLP_GRPC_VENDOR_KEY',
      valueFrom: { secretKeyRef: { name: 'vendor', key: 'token' } },
    });
    expect(spec.env).toContainEqual({ name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } });
    expect(config.exporters['otlp_grpc/vendor'].tls.ca_file).toBe(`${spec.volumeMounts[0].mountPath}/ca.crt`);
    expect(spec.volumes[0].secret.secretName).toBe('ca');
    expect(spec.podAnnotations['sidecar.istio.io/inject']).toBe('true');
    expect(spec.ports).toBeUndefined();
    expect(collector.scrapeJobs).toHaveLength(1);
    const scraped = make({ runAs: 'operator', spanMetrics: {} });
    expect(object(scraped.chart, 'OpenTelemetryCollector', 'otel').spec.ports).toEqual([
      { name: 'prometheus', port: 8889, appProtocol: 'http' },
    ]);
    expect(scraped.collector.scrapeJobs[1]).toMatchObject({
      service: 'otel-collector',
      port: 'prometheus',
      labels: { 'operator.opentelemetry.io/collector-service-type': 'base' },
    });
  });

  it('balances towards the headless Service of the second resource', () => {
    const { chart, config } = make({ runAs: 'operator', loadBalancing: {}, sampling: tail, replicas: 2 });
    expect(object(chart, 'OpenTelemetryCollector', 'otel-sampler').spec.replicas).toBe(2);
    expect(config.exporters.load_balancing.resolver.dns.hostname).toBe(
      'otel-sampler-collector-headless.otel-system.svc.cluster.local',
    );
  });
});
