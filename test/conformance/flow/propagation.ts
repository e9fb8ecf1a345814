import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** Where a request stands in a trace. */
export interface TraceContext {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits. */
  readonly spanId: string;
}

/** How a tracer of Envoy passes a trace on (Envoy 1.36, tracers zipkin, opentelemetry, skywalking, datadog). */
export interface Propagation {
  read(headers: IncomingHttpHeaders): TraceContext | undefined;
  write(context: TraceContext): Record<string, string>;
}

/** A new trace, or a new span of a trace. */
export function child(of?: TraceContext): TraceContext {
  return { traceId: of?.traceId ?? randomBytes(16).toString('hex'), spanId: randomBytes(8).toString('hex') };
}

const b3: Propagation = {
  read: (headers) => contextOf(one(headers['x-b3-traceid']), one(headers['x-b3-spanid'])),
  write: ({ traceId, spanId }) => ({ 'x-b3-traceid': traceId, 'x-b3-spanid': spanId, 'x-b3-sampled': '1' }),
};

const w3c: Propagation = {
  read: (headers) => {
    const [, traceId, spanId] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/.exec(one(headers.traceparent) ?? '') ?? [];
    return contextOf(traceId, spanId);
  },
  write: ({ traceId, spanId }) => ({ traceparent: `00-${traceId}-${spanId}-01`, tracestate: 'rig=1' }),
};

const base64 = (text: string) => Buffer.from(text).toString('base64');

const sw8: Propagation = {
  read: (headers) => {
    const [, traceId, segment] = one(headers.sw8)?.split('-') ?? [];
    const plain = (part: string | undefined) => part && Buffer.from(part, 'base64').toString();
    return contextOf(plain(traceId), plain(segment));
  },
  write: ({ traceId, spanId }) => ({
    sw8: ['1', base64(traceId), base64(spanId), '0', base64('mesh'), base64('pod'), base64('/'), base64('peer')].join('-'),
  }),
};

const datadog: Propagation = {
  read: (headers) => {
    const hex = (id: string | undefined, digits: number) =>
      /^\d+$/.test(id ?? '')
        ? BigInt(id ?? 0)
            .toString(16)
            .padStart(digits, '0')
        : undefined;
    return contextOf(hex(one(headers['x-datadog-trace-id']), 32), hex(one(headers['x-datadog-parent-id']), 16));
  },
  write: ({ traceId, spanId }) => ({
    // Datadog's own ids have 64 bits.
    'x-datadog-trace-id': BigInt(`0x${traceId.slice(16)}`).toString(),
    'x-datadog-parent-id': BigInt(`0x${spanId}`).toString(),
    'x-datadog-sampling-priority': '1',
  }),
};

/** The propagation of each kind of provider (Istio 1.30, extensionProviders). */
export const propagations: Readonly<Record<'zipkin' | 'opentelemetry' | 'skywalking' | 'datadog', Propagation>> = {
  zipkin: b3,
  opentelemetry: w3c,
  skywalking: sw8,
  datadog,
};

function contextOf(traceId: string | undefined, spanId: string | undefined): TraceContext | undefined {
  return traceId && spanId ? { traceId, spanId } : undefined;
}

function one(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
