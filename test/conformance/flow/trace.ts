import { setTimeout as wait } from 'node:timers/promises';
import { isObject, type JsonObject } from '../../../constructs/kit/json.ts';
import type { Span } from './spans.ts';

/** A span as Jaeger's query API tells it. */
export interface StoredSpan {
  readonly id: string;
  readonly parentId: string | undefined;
  readonly service: string;
  /** Its tag `span.kind`. */
  readonly kind: string | undefined;
}

/**
 * Asks Jaeger for a trace until it has so many spans, or the time is up.
 *
 * @returns what it has then; empty for a trace it never heard of
 */
export async function findTrace(api: string, traceId: string, spans: number, seconds: number): Promise<StoredSpan[]> {
  for (const deadline = Date.now() + seconds * 1000; ; await wait(300)) {
    const found = await trace(api, traceId);
    if (found.length >= spans || Date.now() >= deadline) return found;
  }
}

async function trace(api: string, traceId: string): Promise<StoredSpan[]> {
  const response = await fetch(`${api}/api/traces/${traceId}`);
  const answer: unknown = await response.json().catch(() => undefined);
  const [found] = isObject(answer) && Array.isArray(answer.data) ? answer.data.filter(isObject) : [];
  const processes = isObject(found?.processes) ? found.processes : {};
  return objects(found?.spans).map((span) => {
    const parent = objects(span.references).find(({ refType }) => refType === 'CHILD_OF');
    const kind = objects(span.tags).find(({ key }) => key === 'span.kind');
    const process = processes[String(span.processID)];
    return {
      id: String(span.spanID),
      parentId: parent === undefined ? undefined : String(parent.spanID),
      service: isObject(process) ? String(process.serviceName) : '',
      kind: kind === undefined ? undefined : String(kind.value),
    };
  });
}

/** What is wrong with a stored trace: a span that was sent and is not there, or one whose parent is not. Nothing when it is one tree. */
export function traceProblems(stored: readonly StoredSpan[], sent: readonly Span[]): string[] {
  const ids = new Set(stored.map(({ id }) => id));
  const missing = sent
    .filter(({ id }) => !ids.has(id))
    .map(({ kind, service }) => `the ${kind} span of ${service} is not stored`);
  const orphans = stored
    .filter(({ parentId }) => parentId !== undefined && !ids.has(parentId))
    .map(({ service, parentId }) => `a span of ${service} has the parent ${parentId}, which is not in the trace`);
  const roots = stored.filter(({ parentId }) => parentId === undefined).length;
  return [...missing, ...orphans, ...(roots === 1 ? [] : [`the trace has ${roots} spans without a parent, expected 1`])];
}

function objects(list: unknown): JsonObject[] {
  return Array.isArray(list) ? list.filter(isObject) : [];
}
