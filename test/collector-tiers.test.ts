import { describe, expect, it } from 'vitest';
import type { CollectorProps } from '../constructs/tracing/index.ts';
import { make, tail, tempo } from './support/collector.ts';
import { type Loose, object, objects } from './support/synth.ts';

describe('a chain of collectors', () => {
  const behind = (name: string, props: Partial<CollectorProps>) => make({ name, ...props }).collector;

  it('keeps what the last one keeps', () => {
    expect(make({ exportTo: [behind('sampler', { sampling: tail })] }).collector.tailSampling).toEqual(tail);
    // Its own share of the head says nothing of the tail.
    const { collector } = make({
      sampling: { head: 50 },
      exportTo: [behind('a', { sampling: tail }), behind('b', { sampling: tail })],
    });
    expect(collector.tailSampling).toEqual(tail);
  });

  it('keeps no such thing where a sink beside it gets everything', () => {
    expect(make({ exportTo: [behind('sampler', { sampling: tail }), tempo] }).collector.tailSampling).toBeUndefined();
    expect(make({ exportTo: [tempo] }).collector.tailSampling).toBeUndefined();
  });
});

describe('metrics from spans', () => {
  it('count what tail sampling drops', () => {
    const { config } = make({ sampling: tail, spanMetrics: {}, serviceGraph: {}, debug: 'basic' });
    const { traces, 'traces/kept': kept, 'metrics/spans': metrics } = config.service.pipelines;
    expect(traces.exporters).toEqual(['span_metrics', 'service_graph', 'forward/kept']);
    expect(traces.processors).toEqual(['memory_limiter']);
    expect(kept).toEqual({
      receivers: ['forward/kept'],
      processors: ['tail_sampling', 'batch'],
      exporters: ['otlp_grpc/tempo', 'debug'],
    });
    expect(metrics.receivers).toEqual(['span_metrics', 'service_graph']);
    expect(metrics.exporters).toEqual(['prometheus']);
    expect(Object.keys(config.connectors).sort()).toEqual(['forward/kept', 'service_graph', 'span_metrics']);
  });

  it('are scraped at a port of their own, under names that two collectors do not share', () => {
    const { chart, config, collector } = make({ spanMetrics: {} });
    const [, own] = collector.scrapeJobs;
    expect(own).toMatchObject({ job: 'otel-system/otel-collector-from-spans', service: 'otel-collector' });
    if (own?.by !== 'service') throw new Error('no job');
    const port = object(chart, 'Service', 'otel-collector').spec.ports.find((p: Loose) => p.name === own.port);
    expect(config.exporters.prometheus.endpoint).toBe(`0.0.0.0:${port.targetPort}`);
  });
});

describe('two tiers', () => {
  const made = () =>
    make({
      sampling: tail,
      serviceGraph: {},
      loadBalancing: {},
      replicas: 3,
      k8sAttributes: {},
      receive: ['zipkin'],
      debug: 'basic',
    });

  it('send all spans of a trace to one pod of the second', () => {
    const { chart, config, sampler } = made();
    const { routing_key, resolver } = config.exporters.load_balancing;
    expect(routing_key).toBe('traceID');
    const behind = object(chart, 'Service', 'otel-collector-sampler');
    expect(behind.spec.clusterIP).toBe('None');
    expect(resolver).toEqual({
      dns: { hostname: `${behind.metadata.name}.otel-system.svc.cluster.local`, port: '4317' },
    });
    expect(sampler.receivers).toEqual({ otlp: { protocols: { grpc: { endpoint: '0.0.0.0:4317' } } } });
    expect(behind.spec.ports.map((p: Loose) => p.port)).toContain(4317);
  });

  it('know the sender in front, where it connects, and sample behind', () => {
    const { chart, config, sampler, collector } = made();
    expect(config.service.pipelines).toEqual({
      traces: { receivers: ['zipkin'], processors: ['memory_limiter', 'k8s_attributes'], exporters: ['load_balancing'] },
    });
    expect(sampler.service.pipelines['traces/kept'].processors).toEqual(['tail_sampling', 'batch']);
    expect(sampler.processors.k8s_attributes).toBeUndefined();
    expect(sampler.connectors.service_graph).toBeDefined();
    const replicas = (name: string) => object(chart, 'Deployment', name).spec.replicas;
    expect([replicas('otel-collector'), replicas('otel-collector-sampler')]).toEqual([2, 3]);
    expect(
      objects(chart)
        .filter((o) => o.kind === 'ClusterRoleBinding')
        .flatMap((o) => o.subjects.map((s: Loose) => s.name)),
    ).toEqual(['otel-collector']);
    expect(collector.receiver('zipkin').host).toBe('otel-collector.otel-system.svc.cluster.local');
    expect(collector.scrapeJobs.map((j) => j.job)).toEqual([
      'otel-system/otel-collector',
      'otel-system/otel-collector-sampler',
      'otel-system/otel-collector-sampler-from-spans',
    ]);
    expect(collector.objects.map((o) => o.name)).toEqual(['otel-collector', 'otel-collector-sampler']);
  });

  it('read Endpoints where the release knows no EndpointSlices', () => {
    const { chart } = make({ loadBalancing: { resolver: 'k8s' }, version: '0.139.0' });
    expect(object(chart, 'ClusterRole', 'otel-collector-otel-system').rules).toEqual([
      { apiGroups: [''], resources: ['endpoints'], verbs: ['get', 'list', 'watch'] },
    ]);
  });

  it('read EndpointSlices only when the API server tells them where the others are', () => {
    const { chart } = make({ loadBalancing: { resolver: 'k8s' } });
    expect(object(chart, 'ClusterRole', 'otel-collector-otel-system').rules).toEqual([
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['get', 'list', 'watch'] },
    ]);
    expect(objects(make({ loadBalancing: {} }).chart).filter((o) => /Role/.test(o.kind))).toEqual([]);
  });

  it('share out what is extra: receivers in front, the rest behind', () => {
    const { config, sampler } = make({
      loadBalancing: {},
      extra: {
        receivers: { loki: {} },
        processors: { 'attributes/own': { actions: [] } },
        extensions: { pprof: {} },
      },
    });
    expect(config.service.pipelines.traces.receivers).toEqual(['otlp', 'loki']);
    expect(config.processors['attributes/own']).toBeUndefined();
    expect(sampler.service.pipelines.traces.processors).toEqual(['memory_limiter', 'attributes/own', 'batch']);
    expect([config, sampler].map((c) => c.service.extensions)).toEqual([
      ['health_check', 'pprof'],
      ['health_check', 'pprof'],
    ]);
  });
});
