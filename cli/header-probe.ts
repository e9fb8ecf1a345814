import { randomBytes, randomUUID } from 'node:crypto';
import { forwardedHeaders, singleB3, type TraceHeader } from '../constructs/kit/trace-headers.ts';

/** Headers as they arrived: name in lower case to values, one for each time it stood there. */
export type Arrived = Readonly<Record<string, readonly string[] | undefined>>;

/** Something wrong with one header. */
export interface HeaderFault {
  readonly fault: 'missing' | 'changed' | 'empty' | 'twice';
  readonly header: string;
  readonly detail: string;
}

/** A header that is sent to see what an app makes of it. */
interface Carrier {
  readonly value: string;
  /** Whether the value that arrived still belongs to the request: an app that makes spans of its own changes the span, not the trace. */
  readonly keeps: (arrived: string) => boolean;
  /** Goes away, rightly, when the app makes spans of its own: what it says is of the span before. */
  readonly ofParent?: true;
}

/** One request's trace headers, in every format, all of them of one trace. */
export type Probe = ReadonlyMap<string, Carrier>;

const hex16 = /^[0-9a-f]{16}$/i;
const decimal = /^[1-9]\d*$/;
const base64 = (text: string) => Buffer.from(text).toString('base64');

/**
 * The headers of a new, sampled trace.
 *
 * @param also names of further headers, which must arrive as they are
 */
export function newProbe(headers: readonly TraceHeader[], also: Readonly<Record<string, string>> = {}): Probe {
  const all = carriers();
  const chosen = headers.flatMap(({ name }): [string, Carrier][] => {
    const carrier = all[name];
    return carrier ? [[name, carrier]] : [];
  });
  return new Map([...chosen, ...Object.entries(also).map(([name, value]): [string, Carrier] => [name, exactly(value)])]);
}

/** What to send, by header. */
export function sentBy(probe: Probe): Record<string, string> {
  return Object.fromEntries([...probe].map(([name, { value }]) => [name, value]));
}

function carriers(): Readonly<Record<string, Carrier>> {
  const traceId = randomBytes(16).toString('hex');
  const [spanId, parentId] = [randomBytes(8).toString('hex'), randomBytes(8).toString('hex')];
  const id64 = (hex: string) => (BigInt(`0x${hex}`) | 1n).toString();
  const segment = [base64(traceId), base64(spanId)];
  return {
    'x-request-id': exactly(randomUUID()),
    'x-b3-traceid': exactly(traceId),
    'x-b3-spanid': { value: spanId, keeps: (now) => hex16.test(now) },
    'x-b3-sampled': { value: '1', keeps: (now) => now === '1' || now === 'true' },
    'x-b3-parentspanid': { value: parentId, keeps: (now) => hex16.test(now), ofParent: true },
    // Not 1, "debug", which some tracers answer by dropping x-b3-sampled.
    'x-b3-flags': { value: '0', keeps: (now) => /^[01]$/.test(now), ofParent: true },
    traceparent: {
      value: `00-${traceId}-${spanId}-01`,
      keeps: (now) => new RegExp(`^00-${traceId}-[0-9a-f]{16}-[0-9a-f][13579bdf]$`).test(now),
    },
    tracestate: { value: 'meshwright=probe', keeps: (now) => now.split(/\s*,\s*/).includes('meshwright=probe') },
    sw8: {
      value: ['1', ...segment, '0', base64('meshwright'), base64('probe'), base64('/'), base64('app')].join('-'),
      keeps: (now) => now.startsWith(`1-${segment[0]}-`) && now.split('-').length === 8,
    },
    'x-datadog-trace-id': exactly(id64(traceId.slice(16))),
    'x-datadog-parent-id': { value: id64(spanId), keeps: (now) => decimal.test(now) },
    'x-datadog-sampling-priority': { value: '1', keeps: (now) => /^[12]$/.test(now) },
    'x-ot-span-context': exactly(`${traceId};${spanId};cs`),
  };
}

function exactly(value: string): Carrier {
  return { value, keeps: (now) => now === value };
}

/** What an app that copies a header it never got is apt to send in its place. */
const placeholders = ['undefined', 'null', 'None', 'nil'];

/** What is wrong with the headers that an app sent on, when it was asked with those of the probe. */
export function faultsIn(arrived: Arrived, probe: Probe): HeaderFault[] {
  const traceId = probe.get('x-b3-traceid')?.value;
  const single = arrived[singleB3]?.[0];
  // Envoy reads b3 in the place of the others.
  const isSingle = traceId !== undefined && single !== undefined && new RegExp(`^${traceId}-[0-9a-f]{16}-[1d]`).test(single);
  const faults = [...probe].flatMap(([header, carrier]): HeaderFault[] => {
    const [value, ...more] = arrived[header] ?? [];
    if (value === undefined) {
      const isGone = (isSingle && header.startsWith('x-b3-')) || (carrier.ofParent && hasOwnSpans(arrived, probe));
      return isGone ? [] : [{ fault: 'missing', header, detail: '' }];
    }
    if (value === '') return [{ fault: 'empty', header, detail: '' }];
    if (more.length > 0) return [{ fault: 'twice', header, detail: [value, ...more].join(' and ') }];
    return carrier.keeps(value) ? [] : [{ fault: 'changed', header, detail: `sent ${carrier.value}, arrived ${value}` }];
  });
  return [...faults, ...emptyOnes(arrived, probe)];
}

/** Headers that were not in the request, and went on without a value: a tracer that finds one drops the trace. */
function emptyOnes(arrived: Arrived, probe: Probe): HeaderFault[] {
  return forwardedHeaders('all', 'the probe').flatMap((header): HeaderFault[] => {
    const value = probe.has(header) ? undefined : arrived[header]?.[0];
    if (value === undefined || (value !== '' && !placeholders.includes(value))) return [];
    return [
      { fault: 'empty', header, detail: value === '' ? 'it was not in the request' : `"${value}", it was not in the request` },
    ];
  });
}

/** Whether the app put spans of its own between: the span is another, in the same trace. */
export function hasOwnSpans(arrived: Arrived, probe: Probe): boolean {
  return ['x-b3-spanid', 'traceparent', 'x-datadog-parent-id', 'sw8'].some((header) => {
    const [sent, value] = [probe.get(header), arrived[header]?.[0]];
    return sent !== undefined && value !== undefined && value !== sent.value && sent.keeps(value);
  });
}
