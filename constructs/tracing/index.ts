export { Collector } from './collector/collector.ts';
export type { CollectorPipeline, Components } from './collector/config.ts';
export type { CollectorSends } from './collector/exporters.ts';
export { LogCollector, type LogCollectorProps } from './collector/log-collector.ts';
export type { LogTargets } from './collector/logs.ts';
export { NodeLogs, type NodeLogsProps } from './collector/node-logs.ts';
export type { CollectorProps, CollectorResources, ExtraConfig, LoadBalancing } from './collector/options.ts';
export type { KubernetesAttributes, PodMetadata } from './collector/processors.ts';
export type { CollectorReceives } from './collector/receivers.ts';
export type { ServiceGraph, SpanMetrics } from './collector/span-metrics.ts';
export { ExternalBackend, type ExternalBackendProps, type ExternalProtocol } from './external-backend.ts';
export type { DependenciesJob } from './jaeger/dependencies.ts';
export { type ExistingJaeger, Jaeger, type JaegerProps, type JaegerReceives } from './jaeger/jaeger.ts';
export type { JaegerStorage } from './jaeger/storage.ts';
export {
  Instrumentation,
  type InstrumentationProps,
  type InstrumentedLanguage,
} from './operator/instrumentation.ts';
export { OpenTelemetryOperator, type OpenTelemetryOperatorProps } from './operator/operator.ts';
export type { Propagator } from './operator/propagators.ts';
export type { InstrumentationSampler } from './operator/sampler.ts';
export { existingSink, type Receivers } from './sink.ts';
export { SkyWalking, type SkyWalkingProps, type SkyWalkingReceives } from './skywalking/skywalking.ts';
export type { SkyWalkingStorage } from './skywalking/storage.ts';
export type { JavaTrustStore, Login, Servers } from './storage.ts';
export type { TempoMetricsGenerator, TempoProcessor, TempoStorage } from './tempo/config.ts';
export { TempoRelease, type TempoReleaseProps } from './tempo/release.ts';
export { type ExistingTempo, Tempo, type TempoProps, type TempoReceives } from './tempo/tempo.ts';
export { Zipkin, type ZipkinProps, type ZipkinStorage } from './zipkin.ts';
