import { SpanKind } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';

/** A span, before any protocol. */
export interface Span {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits. */
  readonly id: string;
  readonly parentId: string | undefined;
  readonly kind: 'client' | 'server';
  readonly name: string;
  readonly service: string;
  /** Milliseconds since 1970. */
  readonly start: number;
  readonly end: number;
}

/** How spans leave: what Envoy's tracers speak. */
export type SpanProtocol = 'otlp-grpc' | 'otlp-http' | 'zipkin';

/**
 * Sends spans as a proxy would.
 *
 * @param url `http://127.0.0.1:PORT`, with the path for protocols over HTTP
 * @throws Error when the other side refuses them
 */
export async function send(spans: readonly Span[], protocol: SpanProtocol, url: string): Promise<void> {
  if (protocol === 'otlp-grpc') return sendByGrpc(spans, url);
  const body = protocol === 'zipkin' ? spans.map(zipkinSpan) : otlpRequest(spans);
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status} ${text}`.trim());
}

async function sendByGrpc(spans: readonly Span[], url: string): Promise<void> {
  const exporter = new OTLPTraceExporter({ url, timeoutMillis: 5000 });
  try {
    await new Promise<void>((resolve, reject) =>
      exporter.export(spans.map(readableSpan), ({ code, error }) =>
        code === 0 ? resolve() : reject(error ?? new Error(`${url} took no span`)),
      ),
    );
  } finally {
    await exporter.shutdown();
  }
}

function zipkinSpan({ traceId, id, parentId, kind, name, service, start, end }: Span) {
  return {
    traceId,
    id,
    ...(parentId ? { parentId } : {}),
    kind: kind.toUpperCase(),
    name,
    timestamp: start * 1000,
    duration: Math.max(1, (end - start) * 1000),
    localEndpoint: { serviceName: service },
  };
}

function otlpRequest(spans: readonly Span[]) {
  return {
    resourceSpans: spans.map(({ traceId, id, parentId, kind, name, service, start, end }) => ({
      resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] },
      scopeSpans: [
        {
          spans: [
            {
              traceId,
              spanId: id,
              ...(parentId ? { parentSpanId: parentId } : {}),
              name,
              kind: kind === 'server' ? 2 : 3,
              startTimeUnixNano: `${start}000000`,
              endTimeUnixNano: `${end}000000`,
            },
          ],
        },
      ],
    })),
  };
}

function readableSpan(span: Span): ReadableSpan {
  const context = (spanId: string, isRemote: boolean) => ({ traceId: span.traceId, spanId, traceFlags: 1, isRemote });
  return {
    name: span.name,
    kind: span.kind === 'server' ? SpanKind.SERVER : SpanKind.CLIENT,
    spanContext: () => context(span.id, false),
    ...(span.parentId ? { parentSpanContext: context(span.parentId, true) } : {}),
    startTime: hrTime(span.start),
    endTime: hrTime(span.end),
    duration: hrTime(span.end - span.start),
    status: { code: 0 },
    attributes: {},
    links: [],
    events: [],
    ended: true,
    resource: resourceFromAttributes({ 'service.name': span.service }),
    instrumentationScope: { name: 'envoy' },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

function hrTime(milliseconds: number): [number, number] {
  return [Math.floor(milliseconds / 1000), (milliseconds % 1000) * 1_000_000];
}
