const NAMES: ReadonlyMap<string, string> = new Map([
  ['otlp-grpc', 'OTLP/gRPC'],
  ['otlp-http', 'OTLP/HTTP'],
  ['zipkin', 'Zipkin'],
  ['skywalking', 'SkyWalking'],
  ['datadog', 'Datadog'],
]);

/** A protocol of spans as people write it. */
export function protocolName(protocol: string): string {
  return NAMES.get(protocol) ?? protocol;
}
