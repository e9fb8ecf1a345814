import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { Endpoint } from '../constructs/kit/index.ts';
import { existingSink, Jaeger, type JaegerProps } from '../constructs/tracing/index.ts';
import { layer, object } from './support/synth.ts';

const everyOption: Required<JaegerProps> = {
  basePath: '/traces/ui',
  storage: { type: 'memory', maxTraces: 500 },
  version: '2.19.0',
  image: 'harbor.site.example/jaeger',
  resources: { cpu: '1', memory: '1Gi', memoryLimit: '2Gi' },
};

function jaeger(props?: JaegerProps) {
  const chart = layer();
  const made = new Jaeger(chart, 'jaeger', props);
  return {
    chart,
    made,
    config: parse(object(chart, 'ConfigMap', 'jaeger').data['config.yaml']),
    pod: object(chart, 'Deployment', 'jaeger').spec.template,
  };
}

describe('Jaeger', () => {
  it('takes spans on every port its Service shows, beyond localhost, in a pipeline that ends in its storage', () => {
    const { chart, config, pod } = jaeger();
    const { receivers, service, exporters, extensions } = config;
    const listening = [
      receivers.otlp.protocols.grpc.endpoint,
      receivers.otlp.protocols.http.endpoint,
      receivers.zipkin.endpoint,
      receivers.jaeger.protocols.grpc.endpoint,
      receivers.jaeger.protocols.thrift_http.endpoint,
    ];
    const shown = object(chart, 'Service', 'jaeger-collector').spec.ports.map(
      (p: { targetPort: number }) => `0.0.0.0:${p.targetPort}`,
    );
    expect(listening.sort()).toEqual(shown.sort());
    const { traces } = service.pipelines;
    expect(traces.receivers.sort()).toEqual(Object.keys(receivers).sort());
    expect(traces.exporters).toEqual(['jaeger_storage_exporter']);
    expect(Object.keys(extensions.jaeger_storage.backends)).toContain(exporters.jaeger_storage_exporter.trace_storage);
    expect(extensions.jaeger_query).toMatchObject({
      base_path: '/jaeger',
      storage: { traces: exporters.jaeger_storage_exporter.trace_storage },
    });
    expect(service.extensions.sort()).toEqual(Object.keys(extensions).sort());
    expect(pod.spec.containers[0].readinessProbe.httpGet).toEqual({ path: '/status', port: 13133 });
  });

  it('stands outside the mesh, with the Services that others look up', () => {
    const { chart, pod } = jaeger();
    expect(pod.metadata.labels).toMatchObject({ app: 'jaeger', 'sidecar.istio.io/inject': 'false' });
    expect(pod.metadata.annotations).toMatchObject({ 'prometheus.io/scrape': 'true', 'prometheus.io/port': '8888' });
    const ports = (name: string) =>
      object(chart, 'Service', name).spec.ports.map((p: { port: number; appProtocol: string }) => `${p.port} ${p.appProtocol}`);
    expect(ports('tracing')).toEqual(['80 http', '16685 grpc']);
    expect(ports('zipkin')).toEqual(['9411 http']);
    expect(ports('jaeger-collector')).toEqual(['4317 grpc', '4318 http', '9411 http', '14250 grpc', '14268 http']);
  });

  it('hands out its addresses', () => {
    const { made } = jaeger();
    expect(made.receiver('otlp-grpc').authority).toBe('jaeger-collector.istio-system.svc.cluster.local:4317');
    expect(made.receiver('zipkin').url).toBe('http://jaeger-collector.istio-system.svc.cluster.local:9411/api/v2/spans');
    expect(made.toDataSource()).toEqual({
      name: 'Jaeger',
      uid: 'jaeger',
      type: 'jaeger',
      url: 'http://tracing.istio-system.svc.cluster.local:80/jaeger',
    });
    const { internal, ...kiali } = made.toKialiTracing();
    expect(kiali).toEqual({ provider: 'jaeger', useGrpc: true });
    expect(internal.url).toBe('http://tracing.istio-system.svc.cluster.local:16685/jaeger');
    expect(made.page).toMatchObject({ path: '/jaeger', sidecar: 'never' });
    // Types keep it out; a program in JavaScript can still ask.
    expect(() => made.receiver('skywalking' as 'zipkin')).toThrow(
      "jaeger 'layer/jaeger' takes no skywalking, it takes: otlp-grpc, otlp-http, zipkin",
    );
  });

  it('renders every option', () => {
    const { made, config, pod } = jaeger(everyOption);
    expect(config.extensions.jaeger_query.base_path).toBe('/traces/ui');
    expect(config.extensions.jaeger_storage.backends.main.memory.max_traces).toBe(500);
    expect(pod.spec.containers[0]).toMatchObject({
      image: 'harbor.site.example/jaeger:2.19.0',
      resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { memory: '2Gi' } },
    });
    expect(made.toDataSource().url).toMatch(/\/traces\/ui$/);
    expect(jaeger({ basePath: '/' }).config.extensions.jaeger_query.base_path).toBeUndefined();
  });

  it('refuses a base path that Jaeger would not serve', () => {
    for (const basePath of ['jaeger', '/jaeger/', '', '//'])
      expect(() => jaeger({ basePath })).toThrow(`basePath of 'layer/jaeger' is "${basePath}"`);
  });
});

describe('what stands already', () => {
  const external = <P extends string>(protocol: P, port: number, path = '') =>
    Endpoint.external({ protocol, host: 'jaeger.tools.svc.cluster.local', port, path });

  it('is a sink for the protocols it was given', () => {
    const sink = existingSink({ zipkin: external('zipkin', 9411), 'otlp-http': external('otlp-http', 4318) });
    expect(sink.accepts).toEqual(['zipkin', 'otlp-http']);
    expect(sink.receiver('otlp-http').port).toBe(4318);
  });

  it('can be a Jaeger, asked by HTTP when it has no gRPC port', () => {
    const existing = Jaeger.fromExisting({
      query: external('http', 16686, '/jaeger'),
      receivers: { 'otlp-grpc': external('otlp-grpc', 4317) },
    });
    expect(existing.toDataSource().url).toBe('http://jaeger.tools.svc.cluster.local:16686/jaeger');
    expect(existing.toKialiTracing()).toMatchObject({ provider: 'jaeger', useGrpc: false });
    expect(existing.receiver('otlp-grpc').port).toBe(4317);
    const grpc = Jaeger.fromExisting({
      query: external('http', 16686),
      grpcQuery: external('grpc', 16685),
      receivers: { zipkin: external('zipkin', 9411) },
    });
    expect(grpc.toKialiTracing()).toMatchObject({ useGrpc: true, internal: { port: 16685 } });
  });
});
