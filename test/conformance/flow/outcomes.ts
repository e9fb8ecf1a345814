import { type Outcome, skipped, verdict } from '../tally.ts';
import type { Loopback } from './loopback.ts';
import type { Started } from './programs.ts';
import { propagations } from './propagation.ts';
import type { ProxyTracer } from './provider.ts';
import { send } from './spans.ts';
import { findTrace, traceProblems } from './trace.ts';
import type { Walk } from './walk.ts';

/** How long a span may take to its store, in seconds: collectors hold it back to batch it, or to decide over the whole trace. */
const PATIENCE = 45;

/** Whether the tracer's headers came through every service, in one trace. */
export function arrival(
  { status, body, services, arrived, traceId }: Walk,
  { propagation }: Pick<ProxyTracer, 'propagation'>,
): Outcome {
  const what = `headers of ${propagation} through ${services.join(', ')}`;
  const reasons = services.flatMap((service) => {
    const headers = arrived.get(service);
    if (!headers) return [`${service} was never called`];
    const found = propagations[propagation].read(headers);
    // Datadog's ids are the lower half.
    return found?.traceId.slice(-16) === traceId.slice(-16)
      ? []
      : [`${service} was called in trace ${found?.traceId ?? '(none)'}, expected ${traceId}`];
  });
  return verdict(what, status === 200 ? reasons : [`the chain answered ${status}: ${body}`, ...reasons]);
}

/** Sends the spans as the mesh's proxies would, and looks for the whole trace in every backend. */
export async function stored(walk: Walk, tracer: ProxyTracer, map: Loopback, { backends }: Started): Promise<Outcome[]> {
  const { protocol, host, port, path } = tracer;
  const what = `a trace by ${protocol ?? tracer.propagation} to ${host}:${port}`;
  if (!protocol) return [skipped(what, `no program here takes ${tracer.propagation} spans; their headers were tried`)];
  const authority = map.authority(host, port, 'istio-system');
  if (authority === undefined) return [verdict(what, ['nothing that runs here is behind this address'])];
  await send(walk.spans, protocol, `http://${authority}${path}`);
  if (backends.length === 0) return [verdict(what, ['the stack has no backend that can be asked'])];
  return Promise.all(
    backends.map(async ({ program, api, standIn }) => {
      const found = await findTrace(api, walk.traceId, walk.spans.length, PATIENCE);
      const where = `${standIn ? 'Jaeger, standing in for ' : ''}${program.is} ${program.name}`;
      return verdict(`${what}: one tree of ${walk.spans.length} spans in ${where}`, traceProblems(found, walk.spans));
    }),
  );
}

/** Whether the check itself can fail: with one header held back, the trace must not reach the last service. */
export function turnsRed(
  { services, arrived, traceId }: Walk,
  header: string,
  { propagation }: Pick<ProxyTracer, 'propagation'>,
): Outcome {
  const last = arrived.get(services.at(-1) ?? '');
  const found = last && propagations[propagation].read(last);
  const what = `without ${header} the chain breaks the trace`;
  return verdict(
    what,
    last && found?.traceId.slice(-16) !== traceId.slice(-16) ? [] : ['the last service is still in the trace'],
  );
}
