import type { TraceHeaderSetName } from '../../kit/trace-headers.ts';
import { text } from '../json-path.ts';
import type { Hop } from '../model/spans/hops.ts';

const SETS: Readonly<Record<string, TraceHeaderSetName>> = {
  'otlp-grpc': 'opentelemetry',
  'otlp-http': 'opentelemetry',
  zipkin: 'zipkin',
  skywalking: 'skywalking',
  datadog: 'datadog',
};

/** The headers that proxies take a trace from and pass it on by, as their tracer has them. */
export function headerSetOf({ from, protocol }: Hop): TraceHeaderSetName {
  const option = from.is === 'provider' ? text(from.provider.settings, 'traceContextOption') : undefined;
  if (option === 'USE_B3_WITH_W3C_PROPAGATION') return 'zipkin-b3-w3c';
  return SETS[protocol] ?? 'opentelemetry';
}
