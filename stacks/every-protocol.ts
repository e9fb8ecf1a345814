/** Whatever an old or a new client of the site may send spans by, as the tutorial's collector takes it; OpenCensus is gone. */
export const everyProtocol = [
  'otlp-grpc',
  'otlp-http',
  'zipkin',
  'jaeger-grpc',
  'jaeger-thrift-http',
  'jaeger-thrift-compact',
  'jaeger-thrift-binary',
] as const;
