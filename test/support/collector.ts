import { parse } from 'yaml';
import { Endpoint, type Layer, type LogSink, type RemoteWriteReceiver } from '../../constructs/kit/index.ts';
import {
  Collector,
  type CollectorProps,
  type CollectorReceives,
  existingSink,
  type LogTargets,
} from '../../constructs/tracing/index.ts';
import { type Loose, layer, objects } from './synth.ts';

export const external = <P extends string>(protocol: P, host: string, port: number, path = '', tls = false) =>
  Endpoint.external({ protocol, host, port, path, tls });

export const tempo = existingSink({ 'otlp-grpc': external('otlp-grpc', 'tempo.tempo.svc.cluster.local', 4317) });
export const loki: LogSink = { logReceiver: external('otlp-http', 'loki.logs.svc.cluster.local', 3100, '/otlp/v1/logs') };
export const every: readonly CollectorReceives[] = [
  'otlp-grpc',
  'otlp-http',
  'zipkin',
  'jaeger-grpc',
  'jaeger-thrift-http',
  'jaeger-thrift-compact',
  'jaeger-thrift-binary',
  'skywalking',
];
export const tail = { tail: [{ keep: 'errors' }, { keep: 'share', percent: 10 }] } as const;
export const store: RemoteWriteReceiver = {
  acceptRemoteWrite: () => external('http', 'prometheus.metrics.svc.cluster.local', 9090, '/api/v1/write'),
};

export interface Made {
  readonly chart: Layer;
  readonly collector: Collector<CollectorReceives, LogTargets>;
  /** Its configuration, and that of the tier behind. */
  readonly config: Loose;
  readonly sampler: Loose;
  readonly pod: Loose;
}

export function make(props: Partial<CollectorProps> = {}): Made {
  const chart = layer('otel-system');
  const collector = new Collector<CollectorReceives, LogTargets>(chart, 'collector', { exportTo: [tempo], ...props });
  const configs = objects(chart).flatMap((o) => {
    if (o.kind === 'ConfigMap') return [[o.metadata.name, parse(o.data['config.yaml'])]];
    return o.kind === 'OpenTelemetryCollector' ? [[o.metadata.name, o.spec.config]] : [];
  });
  const name = props.name ?? (props.runAs === 'operator' ? 'otel' : 'otel-collector');
  const deployment = objects(chart).find((o) => o.kind === 'Deployment' && o.metadata.name === name);
  return {
    chart,
    collector,
    config: Object.fromEntries(configs)[name],
    sampler: Object.fromEntries(configs)[`${name}-sampler`],
    pod: deployment?.spec.template,
  };
}

/** The last part of an image's name: which distribution it is. */
export const distribution = ({ pod }: Made) => pod.spec.containers[0].image.split('/').pop();
