import type { JsonObject } from '../../kit/index.ts';
import { ownMetricsReader } from '../own-metrics.ts';

/** Where Jaeger listens. */
export const jaegerPorts = {
  otlpGrpc: 4317,
  otlpHttp: 4318,
  zipkin: 9411,
  grpc: 14250,
  thriftHttp: 14268,
  query: 16686,
  grpcQuery: 16685,
  metrics: 8888,
  health: 13133,
};

/**
 * Jaeger 2.20's configuration: an OpenTelemetry collector's, with Jaeger's own extensions.
 *
 * @param backend what stands below `jaeger_storage.backends.NAME`
 */
export function jaegerConfig(basePath: string, backend: JsonObject): JsonObject {
  // Without a host the receivers listen on localhost only, and every span is lost.
  const at = (port: number) => ({ endpoint: `0.0.0.0:${port}` });
  return {
    service: {
      extensions: ['jaeger_storage', 'jaeger_query', 'healthcheckv2'],
      pipelines: {
        traces: { receivers: ['otlp', 'jaeger', 'zipkin'], processors: ['batch'], exporters: ['jaeger_storage_exporter'] },
      },
      telemetry: {
        metrics: {
          level: 'detailed',
          readers: [ownMetricsReader(jaegerPorts.metrics)],
        },
      },
    },
    extensions: {
      healthcheckv2: { use_v2: true, http: at(jaegerPorts.health) },
      jaeger_storage: { backends: { main: backend } },
      jaeger_query: {
        ...(basePath ? { base_path: basePath } : {}),
        storage: { traces: 'main' },
        http: at(jaegerPorts.query),
        grpc: at(jaegerPorts.grpcQuery),
      },
    },
    receivers: {
      otlp: { protocols: { grpc: at(jaegerPorts.otlpGrpc), http: at(jaegerPorts.otlpHttp) } },
      jaeger: { protocols: { grpc: at(jaegerPorts.grpc), thrift_http: at(jaegerPorts.thriftHttp) } },
      zipkin: at(jaegerPorts.zipkin),
    },
    processors: { batch: {} },
    exporters: { jaeger_storage_exporter: { trace_storage: 'main' } },
  };
}
