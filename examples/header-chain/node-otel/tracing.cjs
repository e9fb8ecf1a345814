// Spans of the app's own, in the mesh's traces.
//
//   OTEL_EXPORTER_OTLP_ENDPOINT   where they go, http://HOST:4318; without it there are none, and headers are copied as they come
//   OTEL_PROPAGATORS              b3multi for a mesh that sends zipkin, tracecontext,baggage for opentelemetry
const { propagation } = require('@opentelemetry/api');

/** The headers that the spans now write; copying those as well would lead past the spans. */
exports.writtenBySpans = new Set();

if (process.env.OTEL_EXPORTER_OTLP_ENDPOINT) {
  const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');
  const { NodeSDK } = require('@opentelemetry/sdk-node');
  const sdk = new NodeSDK({
    metricReaders: [],
    logRecordProcessors: [],
    instrumentations: [new HttpInstrumentation({ ignoreIncomingRequestHook: ({ url }) => url === '/status' })],
  });
  sdk.start();
  exports.writtenBySpans = new Set(propagation.fields());
  // After the last answer, so that its spans are sent as well.
  process.once('beforeExit', () => sdk.shutdown());
}
