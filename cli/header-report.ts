import { forwardedHeaders } from '../constructs/kit/trace-headers.ts';
import type { Exchange } from './header-echo.ts';
import { type Arrived, faultsIn, type HeaderFault, hasOwnSpans, type Probe } from './header-probe.ts';

/** A call that the app made, and what is wrong with it. */
export interface CheckedCall {
  /** Method and path; or that there was none. */
  readonly what: string;
  readonly faults: readonly HeaderFault[];
  /** Carries no known header, while others do: most likely it has nothing to do with the request. */
  readonly isForeign: boolean;
  readonly hasOwnSpans: boolean;
  /** Whether the request that led to it had trace headers. */
  readonly isTraced: boolean;
  /** What the app did when it should have called. */
  readonly broke?: string;
}

/** Judges what came of one request. */
export function judge({ calls, status }: Exchange, probe: Probe): CheckedCall[] {
  const isTraced = probe.size > 0;
  if (calls.length === 0) {
    const answered = status === undefined ? 'it gave no answer' : `it answered ${status}`;
    const broke = `asked without trace headers, the app did not call its upstream: ${answered}`;
    return [{ what: 'no call', faults: [], isForeign: false, hasOwnSpans: false, isTraced, broke }];
  }
  const someCarry = calls.some(({ headers }) => carriesAny(headers));
  return calls.map(({ what, headers }) => {
    const isForeign = isTraced && someCarry && !carriesAny(headers);
    return {
      what,
      isForeign,
      isTraced,
      faults: isForeign ? [] : faultsIn(headers, probe),
      hasOwnSpans: hasOwnSpans(headers, probe),
    };
  });
}

const known = forwardedHeaders('all', 'the report').filter((name) => name !== 'user-agent');

function carriesAny(headers: Arrived): boolean {
  return known.some((name) => headers[name] !== undefined);
}

/** What is said for people. */
export function explain(
  calls: readonly CheckedCall[],
  { url, of, provider }: { readonly url: string; readonly of: string; readonly provider: string | undefined },
): { readonly text: string; readonly isGood: boolean } {
  const bad = calls.filter(({ faults, broke }) => faults.length > 0 || broke !== undefined);
  const foreign = calls.filter(({ isForeign }) => isForeign);
  const notes = [
    ...(calls.some((call) => call.hasOwnSpans) ? ['the app makes spans of its own, in the same trace'] : []),
    ...new Set(
      foreign.map(({ what }) => `not looked at: ${what} came without any of these headers, while other calls carried them`),
    ),
  ];
  const lines =
    bad.length === 0
      ? [`PASS ${url} forwards the headers of ${of}`]
      : [`FAIL ${url} does not forward the headers of ${of}`, ...bad.flatMap(linesOf), ...hintsFor(bad, provider)];
  return { text: [...lines, ...notes.map((note) => `  ${note}`), ''].join('\n'), isGood: bad.length === 0 };
}

function linesOf({ what, faults, isTraced, broke }: CheckedCall): string[] {
  if (broke !== undefined) return [`  ${broke}`];
  const when = isTraced ? '' : ', asked without trace headers';
  const told = faults.map(({ fault, header, detail }) => `    ${fault.padEnd(8)}${header}${detail === '' ? '' : `: ${detail}`}`);
  return [`  ${what}${when}`, ...told];
}

/** What to do about each kind of fault. */
function hintsFor(calls: readonly CheckedCall[], provider: string | undefined): string[] {
  const kinds = new Set(calls.flatMap(({ faults }) => faults.map(({ fault }) => fault)));
  return [
    ...(kinds.has('missing')
      ? ['copy these from each request to the requests it leads to, or set OTEL_PROPAGATORS to the format of the mesh']
      : []),
    ...(kinds.has('missing') && provider === undefined
      ? ["these are the headers of all tracers: name the mesh's with --provider to ask for its own alone"]
      : []),
    ...(kinds.has('changed')
      ? ["copy the value as it came; a library that makes spans must go on with the request's trace"]
      : []),
    ...(kinds.has('empty')
      ? ['leave a header out when the request did not bring it: an empty one makes tracers drop the trace']
      : []),
    ...(kinds.has('twice') ? ['let either your code or the tracing library set the header, not both'] : []),
  ].map((hint) => `  hint: ${hint}`);
}
